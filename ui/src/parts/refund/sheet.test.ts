import { cleanup, configure, fireEvent, render, screen, waitFor } from '@testing-library/svelte'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { madeDetail, madeOperation, madeRefund, madeRow } from '../../dev/payments'
import { useHost } from '../../ipc'
import type { Commands } from '../../ipc/host'
import type { ErrorView, PaymentDetail, RefundView } from '../../ipc/generated'
import { MockHost } from '../../ipc/mock'
import { setLang } from '../../lib/i18n.svelte'
import { session } from '../../lib/session.svelte'
import RefundSheet from './RefundSheet.svelte'

// A busy machine is no failure.
vi.setConfig({ testTimeout: 30_000 })
configure({ asyncUtilTimeout: 10_000 })

const ORDER = 'QW25111820374158'
const failure = (code: string, exit: string): ErrorView => ({ code, exit, err_code: null, number: null, field: null, zh: `错 ${code}`, en: code })

let mock: MockHost
let detail: PaymentDetail
let numbers: number
let refunded: (form: Commands['create_refund']['args']['form']) => Promise<RefundView> | RefundView

beforeAll(() => setLang('en'))
beforeEach(() => {
  sessionStorage.clear()
  detail = madeDetail()
  numbers = 0
  refunded = (form) => {
    const refund = madeRefund({ out_refund_no: form.out_refund_no, refund_fen: form.refund_fen, state: 'processing' })
    // The ledger counts what is on its way as gone.
    detail = madeDetail(detail.row, { refundable_fen: detail.payment.refundable_fen - form.refund_fen }, [...detail.refunds, refund])
    return refund
  }
  mock = new MockHost({
    payment_detail: () => detail,
    plan_refund: ({ form }) => ({
      merchant: 'simulated', environment: 'simulated', out_refund_no: form.out_refund_no || `QWR${++numbers}`, out_trade_no: form.out_trade_no,
      refund_fen: form.refund_fen, total_fen: 28_800, refunded_fen: 6800, left_after_fen: 0, again: false,
    }),
    create_refund: ({ form }) => refunded(form),
    query_refund: () => [],
    new_number: () => 'NEW1',
    status: () => { throw failure('internal', 'here') },
  })
  useHost(mock)
  session.preferences = {
    language: 'en', theme: 'light', sound: false, notify: false, refund_limit_fen: 10_000, merchant: null, rail_collapsed: false, columns: [], views: [],
  }
})
afterEach(() => {
  vi.useRealTimers()
  cleanup()
})

const calls = (command: string) => mock.calls.filter((call) => call.command === command)
const sent = () => calls('create_refund').map((call) => (call.args as Commands['create_refund']['args']).form)
const amount = () => screen.getByLabelText<HTMLInputElement>(/^Amount to refund/)
const again = () => screen.getByLabelText<HTMLInputElement>(/^Type the amount to confirm/)
const hold = () => screen.getByRole<HTMLButtonElement>('button', { name: /refund ¥|Type an amount first/ })
const type = (field: HTMLInputElement, value: string) => fireEvent.input(field, { target: { value } })

async function open() {
  const close = vi.fn()
  const shown = render(RefundSheet, { order: ORDER, onclose: close })
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeNull())
  return { ...shown, close }
}
async function form(value = '88.00') {
  const shown = await open()
  await waitFor(() => amount())
  await type(amount(), value)
  return shown
}

describe('the sheet', () => {
  it('fixes the number before anything is typed, and says what is left', async () => {
    await form()
    expect(screen.getByText('QWR1')).toBeTruthy()
    expect(screen.getByText('at most ¥220.00')).toBeTruthy()
    expect(screen.getByRole('img', { name: 'Paid ¥288.00, refunded ¥68.00, this time ¥88.00, left afterwards ¥132.00' })).toBeTruthy()
    await type(amount(), '99')
    expect(calls('plan_refund')).toHaveLength(1)
  })

  it('puts no button under the Enter that follows the last one', async () => {
    const { close } = await form()
    await type(again(), '88.00')
    again().focus()
    await fireEvent.keyDown(again(), { key: 'Enter' })
    await waitFor(() => expect(sent()).toHaveLength(1))
    await waitFor(() => expect(screen.queryByLabelText(/^Type the amount to confirm/)).toBeNull())
    expect(document.activeElement?.className).toContain('sheet-body')
    expect(close).not.toHaveBeenCalled()
  })

  it('sends once for Enter pressed twice and held', async () => {
    await form()
    await type(again(), '88')
    await fireEvent.keyDown(again(), { key: 'Enter', repeat: true })
    expect(sent()).toHaveLength(0)
    const field = again()
    void fireEvent.keyDown(field, { key: 'Enter' })
    void fireEvent.keyDown(field, { key: 'Enter' })
    void fireEvent.keyDown(field, { key: 'Enter', repeat: true })
    await waitFor(() => screen.getByText('on its way, not with the customer yet'))
    expect(sent()).toEqual([{ out_trade_no: ORDER, out_refund_no: 'QWR1', refund_fen: 8800, reason: null }])
    // And stands once in the bar.
    expect(screen.getByRole('img', { name: 'Paid ¥288.00, refunded ¥68.00, this time ¥88.00, left afterwards ¥132.00' })).toBeTruthy()
  })

  it('sends nothing while the amount typed again is another', async () => {
    await form()
    await type(again(), '88.01')
    await fireEvent.keyDown(again(), { key: 'Enter' })
    await type(again(), '')
    await fireEvent.keyDown(again(), { key: 'Enter' })
    expect(sent()).toHaveLength(0)
  })

  it('sends nothing for a click, and once for a hold', async () => {
    await form('20')
    vi.useFakeTimers()
    const button = hold()
    await fireEvent.pointerDown(button, { button: 0 })
    vi.advanceTimersByTime(1400)
    await fireEvent.pointerUp(button)
    vi.advanceTimersByTime(5000)
    await fireEvent.click(button)
    await fireEvent.dblClick(button)
    expect(sent()).toHaveLength(0)
    await fireEvent.pointerDown(button, { button: 0 })
    vi.advanceTimersByTime(1500)
    vi.useRealTimers()
    await fireEvent.pointerDown(button, { button: 0 })
    await waitFor(() => screen.getByText('on its way, not with the customer yet'))
    expect(sent()).toHaveLength(1)
  })

  it.each(['220.01', '0', 'abc', '', '1.005'])('refuses the amount %j before anything is sent', async (value) => {
    await form(value)
    expect(hold().disabled).toBe(true)
    expect(again().disabled).toBe(true)
    expect(amount().getAttribute('aria-invalid')).toBe('true')
  })

  it('takes all that is left', async () => {
    await form('1')
    await fireEvent.click(screen.getByRole('button', { name: 'All that is left' }))
    expect(amount().value).toBe('220.00')
    expect(hold().disabled).toBe(false)
  })

  it('counts the reason in bytes and refuses more than 80', async () => {
    await form()
    const reason = screen.getByLabelText<HTMLInputElement>(/^Reason/)
    await type(reason, '退'.repeat(26))
    expect(screen.getByText('78 / 80 bytes')).toBeTruthy()
    expect(hold().disabled).toBe(false)
    await type(reason, '退'.repeat(27))
    expect(hold().disabled).toBe(true)
  })

  it('says when the system asks too', async () => {
    await form('100')
    expect(screen.getByText(/Up to ¥100.00 the system does not ask/)).toBeTruthy()
    await type(amount(), '100.01')
    expect(screen.getByText(/Over ¥100.00: the system asks too/)).toBeTruthy()
  })
})

describe('an error', () => {
  it('stands in the sheet and leaves the form and its number as they are', async () => {
    refunded = () => { throw failure('declined', 'no') }
    await form()
    await type(again(), '88')
    await fireEvent.keyDown(again(), { key: 'Enter' })
    await waitFor(() => screen.getByText('declined', { selector: 'code' }))
    expect(amount().value).toBe('88.00')
    expect(screen.getByText('QWR1')).toBeTruthy()
  })

  it('of unknown outcome is never a no: the form is gone, and a second opening is the same refund', async () => {
    refunded = (form) => {
      detail = madeDetail(detail.row, {}, [...detail.refunds, madeRefund({ out_refund_no: form.out_refund_no, refund_fen: 8800, state: 'unknown', operation: madeOperation({ out_refund_no: form.out_refund_no }) })])
      throw failure('outcome_unknown', 'unknown')
    }
    const { unmount } = await form()
    await type(again(), '88')
    await fireEvent.keyDown(again(), { key: 'Enter' })
    await waitFor(() => screen.getByText('Outcome unknown: this refund may have gone out'))
    expect(screen.queryByLabelText(/^Amount to refund/)).toBeNull()
    unmount()
    await open()
    await waitFor(() => screen.getByText('Outcome unknown: this refund may have gone out'))
    expect(screen.getByText('QWR1')).toBeTruthy()
    expect(sent()).toHaveLength(1)
    // It becomes known by itself.
    detail = madeDetail(detail.row, {}, [madeRefund({ out_refund_no: 'QWR1', refund_fen: 8800 })])
    session.touch()
    await waitFor(() => screen.getByText('arrived with the customer'))
  })

  it('stays unknown if nobody can be asked afterwards', async () => {
    refunded = () => { throw failure('internal', 'here') }
    await form()
    await type(again(), '88')
    let looks = 0
    mock.answers.payment_detail = () => { if (++looks > 1) throw failure('internal', 'here'); return detail }
    await fireEvent.keyDown(again(), { key: 'Enter' })
    await waitFor(() => screen.getByText('Outcome unknown: this refund may have gone out'))
  })

  it('that refuses spends the number: only a new one begins again', async () => {
    refunded = (form) => {
      detail = madeDetail(detail.row, {}, [madeRefund({ out_refund_no: form.out_refund_no, state: 'rejected', operation: madeOperation({ state: 'rejected', err_code: 'NOTENOUGH', err_code_des: 'no balance' }) })])
      throw failure('refused', 'refused')
    }
    await form()
    await type(again(), '88')
    await fireEvent.keyDown(again(), { key: 'Enter' })
    await waitFor(() => screen.getByText('WeChat Pay refused it; nothing went back'))
    await fireEvent.click(screen.getByRole('button', { name: 'Begin again with a new number' }))
    await waitFor(() => screen.getByText('QWR2'))
    expect(amount().value).toBe('')
  })
})

describe('an open refund of the order', () => {
  const openOne = () => madeDetail(madeRow(), { refundable_fen: 16_200 }, [madeRefund({ out_refund_no: 'OPEN1', refund_fen: 5800, state: 'unknown', operation: madeOperation() })])

  it('is said before another can be thought of', async () => {
    detail = openOne()
    await open()
    await waitFor(() => screen.getByText(/A refund of ¥58.00 of this order has an unknown outcome/))
    expect(screen.queryByLabelText(/^Amount to refund/)).toBeNull()
    expect(calls('plan_refund')).toHaveLength(0)
    await fireEvent.click(screen.getByRole('button', { name: 'I do mean another refund' }))
    await waitFor(() => screen.getByText('RNEW1'))
    expect(screen.getByText(/A refund of ¥58.00 of this order has an unknown outcome/)).toBeTruthy()
  })

  it('that another window began stops the sending', async () => {
    await form()
    await type(again(), '88')
    detail = openOne()
    await fireEvent.keyDown(again(), { key: 'Enter' })
    await waitFor(() => screen.getByText(/A refund of ¥58.00 of this order has an unknown outcome/))
    expect(sent()).toHaveLength(0)
    expect(hold().disabled).toBe(true)
    await fireEvent.click(screen.getByRole('button', { name: 'I do mean another refund' }))
    expect(hold().disabled).toBe(false)
  })
})

describe('a page that is loaded again', () => {
  // The web process may be ended: nothing of the component is told, only the storage of the session is left.
  const kept = (some: object = {}) =>
    sessionStorage.setItem('paydesk.refund.QWR7', JSON.stringify({ merchant: session.name, out_trade_no: ORDER, out_refund_no: 'QWR7', amount: '12.34', reason: 'why', sent: false, ...some }))

  it('finds what was typed and its number', async () => {
    await form('88')
    const { out_refund_no, amount: typed } = JSON.parse(sessionStorage.getItem('paydesk.refund.QWR1')!)
    expect([out_refund_no, typed]).toEqual(['QWR1', '88'])
    cleanup()
    kept()
    await open()
    await waitFor(() => expect(amount().value).toBe('12.34'))
    expect(screen.getByText('QWR7')).toBeTruthy()
    await type(again(), '12.34')
    await fireEvent.keyDown(again(), { key: 'Enter' })
    await waitFor(() => expect(sent()).toHaveLength(1))
    expect(sent()[0]).toMatchObject({ out_refund_no: 'QWR7', refund_fen: 1234, reason: 'why' })
  })

  it('shows what became of a refund that was on its way', async () => {
    kept({ sent: true })
    detail = madeDetail(madeRow(), {}, [madeRefund({ out_refund_no: 'QWR7', state: 'unknown', operation: madeOperation() })])
    await open()
    await waitFor(() => screen.getByText('Outcome unknown: this refund may have gone out'))
    expect(sent()).toHaveLength(0)
  })

  it('sends the same again if it certainly never left, and lets nothing of it be changed', async () => {
    kept({ sent: true })
    detail = madeDetail(madeRow(), {}, [madeRefund({ out_refund_no: 'QWR7', refund_fen: 1234, state: 'not_sent', reason: null, operation: madeOperation({ state: 'not_sent' }) })])
    await open()
    await waitFor(() => expect(amount().disabled).toBe(true))
    expect(amount().value).toBe('12.34')
  })

  // The system's question outlives the web process; its yes sends what the sheet of before asked for.
  const answered = (refund: Partial<RefundView>) => {
    detail = madeDetail(detail.row, { refundable_fen: 4_000 }, [...detail.refunds, madeRefund({ out_refund_no: 'QWR7', refund_fen: 18_000, ...refund })])
    session.touch()
  }
  it.each([
    ['success', null, 'arrived with the customer'],
    ['unknown', madeOperation(), 'Outcome unknown: this refund may have gone out'],
    ['rejected', madeOperation({ state: 'rejected' }), 'WeChat Pay refused it; nothing went back'],
  ])('shows what its number became when that is known later: %s', async (state, operation, words) => {
    kept({ amount: '180', sent: true })
    await open()
    await waitFor(() => expect(amount().value).toBe('180'))
    await type(amount(), '55')
    answered({ state, operation })
    await waitFor(() => screen.getByText(words))
    expect(screen.queryByLabelText(/^Amount to refund/)).toBeNull()
    expect(screen.queryByText(/nothing was sent/)).toBeNull()
    if (state === 'success') {
      expect(screen.getByText('\u2212¥180.00', { selector: '.note b' })).toBeTruthy()
      expect(screen.getByRole('img', { name: 'Paid ¥288.00, refunded ¥68.00, this time ¥180.00, left afterwards ¥40.00' })).toBeTruthy()
    }
    expect(screen.getByText('QWR7')).toBeTruthy()
    expect(sent()).toHaveLength(0)
  })

  it('shows what its number became while the sheet was still opening', async () => {
    kept({ amount: '180', sent: true })
    const plan = mock.answers.plan_refund!
    mock.answers.plan_refund = (of) => {
      answered({ state: 'success' })
      return plan(of)
    }
    await open()
    await waitFor(() => screen.getByText('arrived with the customer'))
  })

  it('sends nothing under a number that was sent meanwhile, and shows what that was', async () => {
    kept({ amount: '180', sent: true })
    await open()
    await waitFor(() => amount())
    await type(amount(), '55')
    await type(again(), '55')
    // Without a word of it: the change event was lost.
    detail = madeDetail(detail.row, { refundable_fen: 4_000 }, [madeRefund({ out_refund_no: 'QWR7', refund_fen: 18_000 })])
    await fireEvent.keyDown(again(), { key: 'Enter' })
    await waitFor(() => screen.getByText('arrived with the customer'))
    expect(screen.getByText('\u2212¥180.00', { selector: '.note b' })).toBeTruthy()
    expect(sent()).toHaveLength(0)
  })

  it('forgets a sheet that was cancelled', async () => {
    const { unmount } = await form('88')
    unmount()
    expect(sessionStorage.length).toBe(0)
  })
})
