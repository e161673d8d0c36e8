import { cleanup, fireEvent, render, screen } from '@testing-library/svelte'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failure, withTill } from '../../dev/collect'
import { madeUp } from '../../dev/host'
import { useHost } from '../../ipc'
import type { CustomerForm, MicropayForm, OrderForm, PaymentView } from '../../ipc/generated'
import type { MockHost } from '../../ipc/mock'
import { pressed } from '../../lib/keys.svelte'
import { session } from '../../lib/session.svelte'
import { allToasts, dismiss } from '../../lib/toast.svelte'
import View from './View.svelte'

let mock: MockHost
const made = (command: string) => mock.calls.filter((call) => call.command === command)
const args = <T,>(command: string, at = 0) => made(command)[at]!.args as T
const orders = () => made('create_order').map((call) => (call.args as { form: OrderForm }).form)
const amount = () => screen.getByRole('textbox', { name: /金额/ }) as HTMLInputElement
const tick = (ms: number) => vi.advanceTimersByTimeAsync(ms)
/** Time that passes at once: nothing that is due meanwhile happens before the next tick. */
const jump = (ms: number) => vi.setSystemTime(Date.now() + ms)
vi.setConfig({ testTimeout: 20_000 })
const customer = (form: CustomerForm) => mock.answers.simulate!({ merchant: 'simulated', form })

beforeEach(async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true })
  sessionStorage.clear()
  for (const one of [...allToasts()]) dismiss(one.id)
  mock = withTill(madeUp())
  useHost(mock)
  session.tick = 0
  await session.open()
  window.addEventListener('keydown', pressed)
})
afterEach(() => {
  cleanup()
  session.close()
  window.removeEventListener('keydown', pressed)
  vi.useRealTimers()
})

async function open() {
  const shown = render(View)
  await vi.waitFor(() => expect(made('new_number').length).toBeGreaterThan(0))
  await tick(0)
  return shown
}
async function ready(text = '36', button = '下单，出二维码') {
  await open()
  await fireEvent.input(amount(), { target: { value: text } })
  return screen.getByRole('button', { name: button }) as HTMLButtonElement
}
async function ordered() {
  const create = await ready()
  await fireEvent.click(create)
  await screen.findByRole('img', { name: '收款二维码' })
}
const number = () => orders()[0]!.out_trade_no

describe('an order at the till', () => {
  it('has its number before anything can be clicked, and is made once by two clicks', async () => {
    let give: ((number: string) => void) | undefined
    mock.answers.new_number = () => new Promise((done) => (give = done))
    render(View)
    await tick(0)
    const create = screen.getByRole('button', { name: '下单，出二维码' }) as HTMLButtonElement
    expect(create.disabled).toBe(true)
    expect(amount().readOnly).toBe(true)
    give!('QW1')
    await tick(0)
    await fireEvent.input(amount(), { target: { value: '36' } })
    const form = create.closest('form')!
    await Promise.all([fireEvent.click(create), fireEvent.click(create), fireEvent.submit(form)])
    await fireEvent.submit(form)
    await screen.findByRole('img', { name: '收款二维码' })
    expect(orders()).toHaveLength(1)
    expect(orders()[0]).toMatchObject({ out_trade_no: 'QW1', total_fen: 3600, trade_type: 'native', body: '店内消费', expires_in_secs: 300 })
  })

  it('takes its amount from the keypad and from keys typed anywhere', async () => {
    await open()
    const key = (name: string) => screen.getByRole('button', { name })
    for (const name of ['1', '2', '.', '5']) await fireEvent.click(key(name))
    expect(amount().value).toBe('12.5')
    await fireEvent.click(key('退格'))
    await fireEvent.keyDown(document.body, { key: '7' })
    await fireEvent.keyDown(document.body, { key: 'x' })
    expect(amount().value).toBe('12.7')
    expect(screen.getByText('1,270 分')).toBeTruthy()
  })

  it.each(['-5', '1e9', '12.5.5', '12345678901', '12.345', '1.234,50', '-¥1,000.00'])('is not made of %s, which stays as it was typed and is said to be none', async (text) => {
    const create = await ready(text)
    expect(amount().value).toBe(text)
    await fireEvent.blur(amount())
    expect(amount().value).toBe(text)
    expect(amount().getAttribute('aria-invalid')).toBe('true')
    expect(screen.getByText(/这不是金额|一单最多 ¥9,999,999.99/)).toBeTruthy()
    expect(create.disabled).toBe(true)
    await fireEvent.submit(create.closest('form')!)
    expect(orders()).toHaveLength(0)
  })

  it('is made of an amount pasted as people write it', async () => {
    const create = await ready('¥1,000.00')
    await fireEvent.blur(amount())
    expect(amount().value).toBe('1000.00')
    await fireEvent.click(create)
    await screen.findByRole('img', { name: '收款二维码' })
    expect(orders()[0]!.total_fen).toBe(100_000)
  })

  it('is locked from then on: the amount on the code and the one beside it cannot differ', async () => {
    await ordered()
    expect(amount().readOnly).toBe(true)
    expect(amount().value).toBe('36.00')
    const seven = screen.getByRole('button', { name: '7' }) as HTMLButtonElement
    expect(seven.disabled).toBe(true)
    await fireEvent.keyDown(document.body, { key: '7' })
    expect(amount().value).toBe('36.00')
    expect(screen.getByText('已下单，金额已定')).toBeTruthy()
    expect((screen.getByRole('tab', { name: 'App' }) as HTMLButtonElement).disabled).toBe(true)
  })

  it('shows the code with its quiet zone, and says that it is simulated', async () => {
    await ordered()
    const code = screen.getByRole('img', { name: '收款二维码' })
    expect(code.getAttribute('viewBox')).toBe('0 0 37 37')
    expect(code.querySelector('path')!.getAttribute('d')).toMatch(/^M4 4h7v1/)
    expect(screen.getByText('模拟码，微信扫了不会付款')).toBeTruthy()
  })

  it('turns to paid by itself', async () => {
    await ordered()
    await customer({ act: 'pay', out_trade_no: number(), coupon_fen: 0, notice: 'normal' })
    expect(screen.queryByText('已收款')).toBeNull()
    await tick(3100)
    expect(screen.getByText('已收款')).toBeTruthy()
    expect(screen.queryByRole('img', { name: '收款二维码' })).toBeNull()
    const asked = made('query_order').length
    await tick(10_000)
    expect(made('query_order').length).toBe(asked)
  })

  it('notices at once what another part of the program was told', async () => {
    await ordered()
    await customer({ act: 'pay', out_trade_no: number(), coupon_fen: 0, notice: 'normal' })
    mock.tell('change', { environment: 'simulated', paid: null, revision: 2 })
    await tick(50)
    expect(screen.getByText('已收款')).toBeTruthy()
    expect(made('query_order')).toHaveLength(0)
  })

  it('is not asked about faster by its own answers', async () => {
    await ordered()
    const answer = mock.answers.query_order!
    mock.answers.query_order = async (of) => {
      const payment = await answer(of)
      mock.tell('change', { environment: 'simulated', paid: null, revision: 2 })
      return payment
    }
    await tick(12_000)
    expect(made('query_order').length).toBeLessThanOrEqual(5)
    expect(made('create_order')).toHaveLength(1)
  })

  it('counts down, and is asked about and closed once when its time is over', async () => {
    await ordered()
    expect(screen.getByRole('progressbar').getAttribute('aria-valuemax')).toBe('300')
    jump(120_000)
    await tick(1000)
    expect(Number(screen.getByRole('progressbar').getAttribute('aria-valuenow'))).toBeLessThanOrEqual(181)
    expect(made('close_order')).toHaveLength(0)
    jump(180_000)
    await tick(2000)
    expect(made('close_order')).toHaveLength(1)
    expect(screen.getByText('订单已关闭，没有收款')).toBeTruthy()
    await tick(10_000)
    expect(made('close_order')).toHaveLength(1)
  })

  it('is not closed when it was paid in the last second', async () => {
    await ordered()
    const end = Date.parse((await mock.answers.payment_detail!({ merchant: 'simulated', out_trade_no: number() })).payment.expires_at!)
    const answer = mock.answers.query_order!
    mock.answers.query_order = async (of) => {
      if (Date.now() >= end) await customer({ act: 'pay', out_trade_no: number(), coupon_fen: 0, notice: 'lost' })
      return answer(of)
    }
    jump(297_000)
    await tick(6000)
    expect(made('close_order')).toHaveLength(0)
    expect(screen.getByText('已收款')).toBeTruthy()
    expect(screen.getByText('还没收到')).toBeTruthy()
  })

  it('is not closed while nobody can say whether it was paid', async () => {
    await ordered()
    mock.answers.query_order = () => Promise.reject(failure('no_answer', 'unknown'))
    jump(300_000)
    await tick(4000)
    jump(20_000)
    await tick(4000)
    expect(made('close_order')).toHaveLength(0)
    expect(screen.getByText('已到期，正在关单')).toBeTruthy()
    expect(screen.queryByRole('img', { name: '收款二维码' })).toBeNull()
  })

  it('is closed to change the amount, and begins again under another number', async () => {
    await ordered()
    const first = number()
    await tick(1500)
    await fireEvent.click(screen.getByRole('button', { name: '关闭本单，改金额' }))
    await vi.waitFor(() => expect(amount().readOnly).toBe(false))
    expect(args<{ out_trade_no: string }>('close_order').out_trade_no).toBe(first)
    expect(amount().value).toBe('36.00')
    await fireEvent.click(screen.getByRole('button', { name: '下单，出二维码' }))
    await vi.waitFor(() => expect(orders()).toHaveLength(2))
    expect(orders()[1]!.out_trade_no).not.toBe(first)
  })

  it('is not closed by the second click of the one that made it', async () => {
    await ordered()
    await fireEvent.click(screen.getByRole('button', { name: '关闭本单，改金额' }))
    await tick(200)
    expect(made('close_order')).toHaveLength(0)
    expect(amount().readOnly).toBe(true)
  })

  it('stays when closing it finds it paid', async () => {
    await ordered()
    await customer({ act: 'pay', out_trade_no: number(), coupon_fen: 0, notice: 'normal' })
    mock.answers.close_order = () => Promise.reject(failure('refused', 'refused', { err_code: 'ORDERPAID' }))
    await tick(1500)
    await fireEvent.click(screen.getByRole('button', { name: '关闭本单，改金额' }))
    await tick(50)
    expect(screen.getByText('已收款')).toBeTruthy()
    expect(made('new_number')).toHaveLength(1)
  })

  it('begins anew by the key N', async () => {
    await ordered()
    await fireEvent.keyDown(document.body, { key: 'n' })
    await vi.waitFor(() => expect(made('new_number')).toHaveLength(2))
    await tick(0)
    expect(amount().value).toBe('')
    expect(amount().readOnly).toBe(false)
  })
})

describe('trouble', () => {
  it('says what was refused and begins again under another number', async () => {
    const create = await ready()
    mock.answers.create_order = () => Promise.reject(failure('refused', 'refused', { err_code: 'NOAUTH', zh: '微信支付拒绝了：没有下成。' }))
    await fireEvent.click(create)
    expect(await screen.findByText(/没有下成/)).toBeTruthy()
    await vi.waitFor(() => expect(amount().readOnly).toBe(false))
    expect(amount().value).toBe('36.00')
    expect(made('new_number')).toHaveLength(2)
  })

  it('can be read to its end with the keys, above a button that stays', async () => {
    const create = await ready()
    const long = '账本损坏了，什么也没存，什么也没发。'.repeat(40)
    mock.answers.payment_detail = () => Promise.reject(failure('ledger_damaged', 'here', { zh: long }))
    await fireEvent.click(create)
    const region = await screen.findByRole('region', { name: '出了什么错' })
    expect(region.textContent).toContain(long)
    expect(region.tabIndex).toBe(0)
    const button = screen.getByRole('button', { name: '下单，出二维码' })
    expect(region.contains(button)).toBe(false)
    expect(button.parentElement?.classList.contains('c-go')).toBe(true)
    expect(region.parentElement).toBe(button.parentElement)
    // What scrolls is the words alone.
    expect(readFileSync('src/screens/collect/collect.css', 'utf8')).toMatch(/\.c-error \{ max-height: [^;]+; overflow-y: auto;/)
  })

  it.each(['ledger_damaged', 'keychain_missing', 'key_missing'])('leaves the form usable when the ledger cannot be asked either: %s', async (code) => {
    const create = await ready()
    const broken = () => Promise.reject(failure(code, 'here', { zh: '什么也没存，什么也没发。' }))
    mock.answers.payment_detail = broken
    mock.answers.create_order = broken
    await fireEvent.click(create)
    expect(await screen.findByText(/什么也没存/)).toBeTruthy()
    await vi.waitFor(() => expect(amount().readOnly).toBe(false))
    expect(amount().value).toBe('36.00')
    expect(screen.queryByText('结果未知，正在查清')).toBeNull()
    expect((screen.getByRole('button', { name: '下单，出二维码' }) as HTMLButtonElement).disabled).toBe(false)
    await fireEvent.keyDown(document.body, { key: 'n' })
    await tick(50)
    expect(allToasts().filter((one) => one.text.includes('还开着'))).toEqual([])
    expect(orders()).toHaveLength(0)
  })

  it('never calls a request gone out that the ledger could not be asked about: a payment code', async () => {
    await open()
    await fireEvent.click(screen.getByRole('tab', { name: '付款码' }))
    await fireEvent.input(amount(), { target: { value: '18.5' } })
    await fireEvent.click(screen.getByRole('button', { name: '开始扫码' }))
    mock.answers.payment_detail = () => Promise.reject(failure('ledger_damaged', 'here', { zh: '什么也没存，什么也没发。' }))
    await fireEvent.input(await screen.findByLabelText('付款码', { selector: 'input' }), { target: { value: '134567890123456789' } })
    await tick(300)
    expect(await screen.findByText(/什么也没存/)).toBeTruthy()
    expect(await screen.findByLabelText('付款码', { selector: 'input' })).toBeTruthy()
    expect(made('micropay')).toHaveLength(0)
  })

  it('begins anew after what was never let go of, though nobody can be asked afterwards', async () => {
    const create = await ready()
    mock.answers.create_order = () => {
      mock.answers.payment_detail = () => Promise.reject(failure('ledger_busy', 'here'))
      return Promise.reject(failure('key_missing', 'usage', { zh: '没有密钥，什么也没发。' }))
    }
    await fireEvent.click(create)
    expect(await screen.findByText(/没有密钥/)).toBeTruthy()
    await vi.waitFor(() => expect(amount().readOnly).toBe(false))
    expect(made('new_number')).toHaveLength(2)
  })

  it('is usable again as soon as the ledger can say that nothing was written down', async () => {
    const create = await ready()
    const detail = mock.answers.payment_detail!
    mock.answers.create_order = () => {
      mock.answers.payment_detail = () => Promise.reject(failure('ledger_busy', 'here'))
      return Promise.reject(failure('ledger_damaged', 'here', { zh: '账本损坏。' }))
    }
    await fireEvent.click(create)
    await tick(50)
    expect(amount().readOnly).toBe(true)
    mock.answers.payment_detail = detail
    await tick(3100)
    expect(amount().readOnly).toBe(false)
    expect(screen.getByText(/账本损坏/)).toBeTruthy()
    expect(orders()).toHaveLength(1)
  })

  it('stays unknown where it may have gone out and nobody can be asked', async () => {
    const create = await ready()
    mock.answers.create_order = () => {
      mock.answers.payment_detail = () => Promise.reject(failure('ledger_busy', 'here'))
      return Promise.reject(failure('outcome_unknown', 'unknown'))
    }
    await fireEvent.click(create)
    await tick(50)
    expect(screen.getByText('结果未知，正在查清')).toBeTruthy()
    expect(amount().readOnly).toBe(true)
    expect(made('new_number')).toHaveLength(1)
  })

  it('keeps an order whose outcome is unknown under its number until it is known', async () => {
    const create = await ready()
    const good = mock.answers.create_order!
    const operation = {
      id: 'o', kind: 'unified_order', state: 'unknown', out_trade_no: 'x', out_refund_no: null, amount_fen: 3600, err_code: null, err_code_des: null,
      created_at: '2026-11-20T15:41:45+08:00', attempts: 1, next_try_at: null,
    }
    let known = false
    const detail = mock.answers.payment_detail!
    const query = mock.answers.query_order!
    const dim = (payment: PaymentView): PaymentView => (known ? payment : { ...payment, unresolved: [operation] })
    mock.answers.payment_detail = async (of) => {
      const all = await detail(of)
      return { ...all, payment: dim(all.payment), row: { ...all.row, state: known ? all.row.state : 'unknown' } }
    }
    mock.answers.query_order = async (of) => dim(await query(of))
    mock.answers.create_order = async (of) => {
      await good(of)
      throw failure('outcome_unknown', 'unknown', { zh: '不知道下成没有，会一直查。' })
    }
    await fireEvent.click(create)
    await tick(50)
    expect(screen.getByText('结果未知，正在查清')).toBeTruthy()
    expect(screen.getByText(/不知道下成没有/)).toBeTruthy()
    expect(screen.getByText(/不要换单号重收/)).toBeTruthy()
    expect(amount().readOnly).toBe(true)
    await tick(7000)
    expect(orders()).toHaveLength(1)
    expect(made('new_number')).toHaveLength(1)
    // What became of it is asked about, and not many times a minute.
    expect(made('resolve').length).toBeGreaterThan(0)
    await tick(40_000)
    expect(made('resolve').length).toBeLessThan(7)
    known = true
    mock.answers.create_order = good
    await tick(3100)
    await screen.findByRole('img', { name: '收款二维码' })
    expect(orders()).toHaveLength(2)
    expect(orders()[1]).toEqual(orders()[0])
    expect(screen.queryByText(/不知道下成没有/)).toBeNull()
  })

  it('does not make an order again and again when its code cannot be had', async () => {
    const create = await ready()
    const good = mock.answers.create_order!
    mock.answers.create_order = async (of) => {
      await good(of)
      throw failure('keychain_locked', 'here')
    }
    await fireEvent.click(create)
    await tick(12_000)
    expect(orders().length).toBeLessThanOrEqual(2)
    expect(new Set(orders().map((form) => form.out_trade_no)).size).toBe(1)
    mock.answers.create_order = good
    await fireEvent.click(screen.getByRole('button', { name: '再取一次二维码' }))
    expect(await screen.findByRole('img', { name: '收款二维码' })).toBeTruthy()
  })

  it('says when a question has no answer, and asks on', async () => {
    await ordered()
    const good = mock.answers.query_order!
    mock.answers.query_order = () => Promise.reject(failure('no_answer', 'unknown'))
    await tick(3100)
    expect(screen.getByText(/刚才没查到/)).toBeTruthy()
    mock.answers.query_order = good
    await tick(3100)
    expect(screen.queryByText(/刚才没查到/)).toBeNull()
  })
})

describe('after a reload', () => {
  it('the same order stands there with the same number and its code', async () => {
    await ordered()
    const first = number()
    cleanup()
    render(View)
    await screen.findByRole('img', { name: '收款二维码' })
    expect(made('new_number')).toHaveLength(1)
    expect(orders()).toHaveLength(2)
    expect(orders()[1]).toEqual({ ...orders()[0], out_trade_no: first })
    expect(amount().value).toBe('36.00')
    expect(amount().readOnly).toBe(true)
  })

  it('an order that was paid meanwhile is not made again', async () => {
    await ordered()
    await customer({ act: 'pay', out_trade_no: number(), coupon_fen: 0, notice: 'normal' })
    cleanup()
    render(View)
    expect(await screen.findByText('已收款')).toBeTruthy()
    expect(orders()).toHaveLength(1)
    // It was seen: who comes back another time begins a new one.
    cleanup()
    render(View)
    await vi.waitFor(() => expect(made('new_number')).toHaveLength(2))
    expect(amount().value).toBe('')
  })

  it('what was never sent may be changed, under the same number', async () => {
    const create = await ready()
    mock.answers.create_order = () => new Promise(() => {})
    await fireEvent.click(create)
    cleanup()
    render(View)
    await vi.waitFor(() => expect(amount().readOnly).toBe(false))
    expect(amount().value).toBe('36.00')
    expect(made('new_number')).toHaveLength(1)
  })

  it('a code that was not scanned yet is awaited again; another trade type forgets it', async () => {
    await open()
    await fireEvent.click(screen.getByRole('tab', { name: '付款码' }))
    await fireEvent.input(amount(), { target: { value: '5' } })
    await fireEvent.click(screen.getByRole('button', { name: '开始扫码' }))
    cleanup()
    render(View)
    expect(await screen.findByLabelText('付款码', { selector: 'input' })).toBeTruthy()
    expect(amount().value).toBe('5.00')
    await fireEvent.click(screen.getByRole('tab', { name: 'App' }))
    expect(sessionStorage.length).toBe(0)
    expect(amount().readOnly).toBe(false)
  })

  it('keeps the number and the form, and nothing else', async () => {
    await ordered()
    expect(Object.keys(sessionStorage)).toEqual(['paydesk.collect.simulated'])
    const kept = JSON.parse(sessionStorage.getItem('paydesk.collect.simulated')!) as object
    expect(Object.keys(kept)).toEqual(['out_trade_no', 'way', 'fields'])
  })
})

describe('a payment code', () => {
  const CODE = '134567890123456789'
  const scanning = async () => {
    await open()
    await fireEvent.click(screen.getByRole('tab', { name: '付款码' }))
    await fireEvent.input(amount(), { target: { value: '18.5' } })
    await fireEvent.click(screen.getByRole('button', { name: '开始扫码' }))
    return (await screen.findByLabelText('付款码', { selector: 'input' })) as HTMLInputElement
  }
  const scans = () => made('micropay').map((call) => (call.args as { form: MicropayForm }).form)

  it('goes out as soon as it is whole, once, and is gone from the page', async () => {
    const field = await scanning()
    expect(field.type).toBe('password')
    const all: string[] = []
    for (let at = 1; at <= CODE.length; at++) {
      await fireEvent.input(field, { target: { value: CODE.slice(0, at) } })
      all.push(document.body.innerHTML)
    }
    await fireEvent.keyDown(field, { key: 'Enter' })
    expect(field.value).toBe('')
    await fireEvent.keyDown(field, { key: 'Enter' })
    await tick(50)
    expect(scans()).toHaveLength(1)
    expect(scans()[0]).toMatchObject({ auth_code: CODE, total_fen: 1850 })
    expect(screen.getByText('已收款')).toBeTruthy()
    all.push(document.body.innerHTML)
    expect(all.join('')).not.toContain(CODE)
    expect(JSON.stringify(Object.entries(sessionStorage))).not.toContain(CODE)
  })

  it('is refused here when it is none, and nothing is sent', async () => {
    const field = await scanning()
    await fireEvent.input(field, { target: { value: '281234567890123456' } })
    await tick(300)
    expect(field.value).toBe('')
    expect(screen.getByText(/不是微信付款码/)).toBeTruthy()
    await fireEvent.input(field, { target: { value: '1345' } })
    await fireEvent.keyDown(field, { key: 'Enter' })
    expect(field.value).toBe('')
    expect(scans()).toHaveLength(0)
  })

  it('goes out by itself where the scanner sends no Enter', async () => {
    const field = await scanning()
    await fireEvent.input(field, { target: { value: CODE } })
    expect(scans()).toHaveLength(0)
    await tick(300)
    expect(field.value).toBe('')
    expect(scans().map((form) => form.auth_code)).toEqual([CODE])
  })

  it.each([[10, true], [60, true], [60, false]])('of 22 digits is none, a digit every %d ms, Enter after it: %s', async (ms, enter) => {
    const field = await scanning()
    for (const digit of '1345678901234567890123') {
      await fireEvent.input(field, { target: { value: field.value + digit } })
      await tick(ms)
    }
    if (enter) await fireEvent.keyDown(field, { key: 'Enter' })
    await tick(300)
    expect(field.value).toBe('')
    expect(screen.getByText(/不是微信付款码/)).toBeTruthy()
    expect(scans()).toHaveLength(0)
  })

  it('never becomes the amount: that is fixed before the scanner’s turn', async () => {
    await scanning()
    expect(amount().readOnly).toBe(true)
    await fireEvent.keyDown(document.body, { key: '1' })
    expect(amount().value).toBe('18.50')
    expect(document.activeElement).toBe(screen.getByLabelText('付款码', { selector: 'input' }))
  })

  it('that is refused asks for another under another number', async () => {
    await scanning()
    await fireEvent.click(screen.getByRole('button', { name: /余额不足/ }))
    expect(await screen.findByText(/没有扣款。请换一个码/)).toBeTruthy()
    const first = scans()[0]!.out_trade_no
    await fireEvent.click(await screen.findByRole('button', { name: /^出示付款码/ }))
    expect(await screen.findByText('已收款')).toBeTruthy()
    expect(scans()[1]!.out_trade_no).not.toBe(first)
    expect(scans()[1]!.total_fen).toBe(1850)
  })

  it('waits for the password, and turns to paid by itself', async () => {
    await scanning()
    await fireEvent.click(screen.getByRole('button', { name: /要输密码/ }))
    expect(await screen.findByText('顾客正在付款')).toBeTruthy()
    expect(screen.getByRole('button', { name: /按住撤销/ })).toBeTruthy()
    await fireEvent.click(await screen.findByRole('button', { name: /付款 ¥18\.50/ }))
    await tick(3100)
    expect(screen.getByText('已收款')).toBeTruthy()
    expect(scans()).toHaveLength(1)
  })

  it('is reversed by holding, not by a click', async () => {
    await scanning()
    await fireEvent.click(screen.getByRole('button', { name: /要输密码/ }))
    const hold = await screen.findByRole('button', { name: /按住撤销/ })
    await fireEvent.click(hold)
    expect(made('reverse')).toHaveLength(0)
    await fireEvent.keyDown(hold, { key: 'Enter' })
    await tick(1600)
    expect(made('reverse')).toHaveLength(1)
    expect(await screen.findByText('订单已关闭，没有收款')).toBeTruthy()
  })
})

describe('the other trade types', () => {
  it('give the calls ready to paste and explain each parameter', async () => {
    await open()
    await fireEvent.click(screen.getByRole('tab', { name: /JSAPI/ }))
    await fireEvent.input(amount(), { target: { value: '1' } })
    await fireEvent.input(screen.getByLabelText(/openid/), { target: { value: 'oABC' } })
    await fireEvent.click(screen.getByRole('button', { name: '下单' }))
    expect(await screen.findByText(/^wx\.requestPayment/)).toBeTruthy()
    expect(orders()[0]).toMatchObject({ trade_type: 'jsapi', openid: 'oABC' })
    for (const name of ['appId', 'timeStamp', 'nonceStr', 'package', 'signType', 'paySign']) {
      expect(screen.getByRole('button', { name: `复制${name}` })).toBeTruthy()
    }
    await fireEvent.click(screen.getByRole('radio', { name: '公众号网页' }))
    expect(screen.getByText(/^WeixinJSBridge/)).toBeTruthy()
  })

  it.each([['App', /^prepayid$/], ['H5', /^mweb_url$/]])('%s', async (tab, shown) => {
    await open()
    await fireEvent.click(screen.getByRole('tab', { name: tab }))
    await fireEvent.input(amount(), { target: { value: '1' } })
    await fireEvent.click(screen.getByRole('button', { name: '下单' }))
    expect(await screen.findByText(shown)).toBeTruthy()
  })

  it('do not begin without what they need', async () => {
    await session.choose('shop')
    await open()
    await fireEvent.click(screen.getByRole('tab', { name: /JSAPI/ }))
    await fireEvent.input(amount(), { target: { value: '1' } })
    expect((screen.getByRole('button', { name: '下单' }) as HTMLButtonElement).disabled).toBe(true)
    expect(screen.getByText('还要填 openid')).toBeTruthy()
  })
})

describe('the customer’s strip', () => {
  it('is there for the built-in merchant alone', async () => {
    await open()
    expect(screen.getByRole('heading', { name: '扮作顾客' })).toBeTruthy()
    cleanup()
    await session.choose('shop')
    await open()
    expect(screen.queryByRole('heading', { name: '扮作顾客' })).toBeNull()
  })

  it('pays with what was chosen, by its key too, and only once there is an order', async () => {
    await open()
    await fireEvent.keyDown(document.body, { key: 'p' })
    expect(made('simulate')).toHaveLength(0)
    cleanup()
    await ordered()
    await fireEvent.click(screen.getByRole('radio', { name: '重复' }))
    await fireEvent.click(screen.getByRole('radio', { name: '¥5.00 免充值' }))
    await fireEvent.keyDown(document.body, { key: 'p' })
    expect(await screen.findByText('已收款')).toBeTruthy()
    expect(args<{ form: CustomerForm }>('simulate').form).toEqual({ act: 'pay', out_trade_no: number(), coupon_fen: 500, notice: 'repeated' })
  })

  it('lists the exchanges of this order', async () => {
    await ordered()
    await tick(3100)
    expect(screen.getByText('unifiedorder')).toBeTruthy()
    expect(screen.getByText('orderquery')).toBeTruthy()
  })
})
