import { fireEvent, render, screen, waitFor } from '@testing-library/svelte'
import { beforeEach, expect, it } from 'vitest'
import { madeUp } from '../../dev/host'
import { useHost } from '../../ipc'
import type { CheckItem, ErrorView, LedgerCheckView, MerchantView } from '../../ipc/generated'
import type { MockHost } from '../../ipc/mock'
import { setLang } from '../../lib/i18n.svelte'
import { go, here } from '../../lib/route.svelte'
import { session } from '../../lib/session.svelte'
import { blank, isAcceptable, nameFrom, onlyHead, sorted, tidied, verdict } from './shape'
import View from './View.svelte'

let host: MockHost
beforeEach(async () => {
  host = madeUp()
  useHost(host)
  await setLang('zh-CN')
  await session.open()
})

it.each([
  ['青瓦烘焙 · 总店', [], '青瓦烘焙-总店'],
  ['a  b/../c', [], 'a-b-c'],
  ['simulated', [], 'simulated-2'],
  ['店', ['店', '店-2'], '店-3'],
  ['!!!', [], 'shop-1900000109'],
  ['长'.repeat(60), [], '长'.repeat(28)],
] as [string, string[], string][])('names %j', (label, taken, name) => expect(nameFrom(label, '1900000109', taken)).toBe(name))

it('drops what does not apply', () => {
  const form = { ...blank(), label: ' 店 ', mch_id: ' 1900000109 ', appid: 'wx1 ', notify_url: ' ', gateway_url: 'http://127.0.0.1:1' }
  expect(tidied(form, [])).toMatchObject({ label: '店', mch_id: '1900000109', appid: 'wx1', notify_url: null, gateway_url: null, name: '店' })
  expect(tidied({ ...form, environment: 'simulated' }, []).gateway_url).toBe('http://127.0.0.1:1')
})

const item = (id: string, ok: boolean | null): CheckItem => ({ id, ok, reason: 'x', detail: null })
it('says whether it takes money and whether it gives it back', () => {
  expect(verdict([item('key', true), item('certificate', true)]).verdict).toBe('good')
  expect(verdict([item('key', true), item('certificate', false)]).verdict).toBe('no_refund')
  expect(verdict([item('key', false), item('certificate', false)]).verdict).toBe('bad')
  expect(verdict([item('key', null), item('certificate', false)]).verdict).toBe('bad')
  expect(verdict([item('key', null)]).verdict).toBe('unsure')
  expect(sorted([item('a', true), item('b', null), item('c', false)]).map((one) => one.id)).toEqual(['c', 'b', 'a'])
})

const added = (): MerchantView => ({ ...session.merchants[1]!, name: '新店', label: '新店', keys: [], certificate: null, mch_id: '1900000208' })

it('adds a merchant with its key, once, and the key stays nowhere in the page', async () => {
  const KEY = '192006250b4c09247ec02edce69f6a2d'
  host.answers.add_merchant = async () => {
    await new Promise((done) => setTimeout(done, 20))
    const before = host.answers.merchants!({}) as MerchantView[]
    host.answers.merchants = () => [...before, added()]
    return added()
  }
  host.answers.set_key = () => ({ kind: 'api_v2', fingerprint: '7C1A', added_at: null, retired_at: null, age_days: 0 })
  go('settings', { add: '1' })
  render(View)
  await fireEvent.input(screen.getByLabelText(/^名称/), { target: { value: '新店' } })
  await fireEvent.input(screen.getByLabelText(/mch_id/), { target: { value: '1900000208' } })
  await fireEvent.input(screen.getByLabelText(/appid/), { target: { value: 'wxd930ea5d5a258f4f' } })
  await fireEvent.input(screen.getByLabelText('API 密钥'), { target: { value: KEY } })
  const form = document.querySelector('form')!
  const stored = () => host.calls.filter((call) => call.command === 'add_merchant')
  // Real money: it is asked about, and a "no" stores nothing.
  await fireEvent.submit(form)
  expect((await screen.findByRole('alertdialog')).textContent).toContain('没有填 notify_url')
  await fireEvent.click(screen.getByRole('button', { name: '取消' }))
  await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull())
  await fireEvent.submit(form)
  await fireEvent.submit(form)
  const again = await screen.findByLabelText(/再输入一遍商户号/)
  await waitFor(() => expect(document.activeElement).toBe(again))
  const yes = screen.getByRole('button', { name: '添加正式商户' }) as HTMLButtonElement
  await fireEvent.input(again, { target: { value: '1900000209' } })
  await fireEvent.keyDown(again, { key: 'Enter' })
  expect([yes.disabled, stored()]).toEqual([true, []])
  await fireEvent.input(again, { target: { value: '1900000208' } })
  await fireEvent.keyDown(again, { key: 'Enter' })
  await fireEvent.click(yes)
  await waitFor(() => expect(here().query.get('merchant')).toBe('新店'))
  const made = host.calls.filter((call) => call.command === 'add_merchant')
  expect(made).toHaveLength(1)
  expect(made[0]!.args).toMatchObject({ form: { label: '新店', mch_id: '1900000208', environment: 'live', notify_url: null } })
  expect(host.calls.filter((call) => call.command === 'set_key').map((call) => call.args)).toEqual([{ name: '新店', kind: 'api_v2', key: KEY }])
  await waitFor(() => expect(screen.getByText('检查设置')).toBeTruthy())
  expect([...document.querySelectorAll('input')].some((input) => input.value.includes(KEY))).toBe(false)
})

it('takes a key in with Enter, goes on to the next field, and stores nothing by it', async () => {
  go('settings', { add: '1' })
  render(View)
  await fireEvent.click(screen.getByRole('radio', { name: /模拟/ }))
  const key = screen.getByLabelText('API 密钥')
  key.focus()
  await fireEvent.input(key, { target: { value: 'too-short' } })
  // Not handed on to the form, which would be submitted by it.
  expect(await fireEvent.keyDown(key, { key: 'Enter' })).toBe(false)
  expect((await screen.findByText(/要 32 个字符，这里有 9 个/)).getAttribute('role')).toBe('alert')
  expect([document.activeElement, key.getAttribute('aria-invalid')]).toEqual([key, 'true'])
  await fireEvent.submit(document.querySelector('form')!)
  expect(host.calls.some((call) => call.command === 'add_merchant')).toBe(false)
  await fireEvent.input(key, { target: { value: ' 192006250b4c09247ec02edce69f6a2d ' } })
  expect(screen.queryByText(/要 32 个字符/)).toBeNull()
  await fireEvent.keyDown(key, { key: 'Enter' })
  expect(document.activeElement).toBe(screen.getByLabelText('APIv3 密钥'))
  const password = screen.getByLabelText('密码，不填就是商户号')
  password.focus()
  expect(await fireEvent.keyDown(password, { key: 'Enter' })).toBe(false)
  expect((document.activeElement as HTMLElement).id).toBe('set-notify')
  expect(host.calls.some((call) => call.command === 'add_merchant')).toBe(false)
})

it('says beside the form why a merchant cannot be added', async () => {
  host.answers.add_merchant = () => {
    throw { code: 'invalid_field', exit: 'usage', err_code: null, number: null, field: 'appid', zh: 'appid 不对', en: 'appid' }
  }
  go('settings', { add: '1' })
  render(View)
  await fireEvent.click(screen.getByRole('radio', { name: /模拟/ }))
  await fireEvent.submit(document.querySelector('form')!)
  expect(await screen.findByText('appid 不对')).toBeTruthy()
  expect(screen.getByLabelText(/appid/).getAttribute('aria-invalid')).toBe('true')
})

it('checks a merchant and says what is wrong first', async () => {
  go('settings', { merchant: 'shop' })
  render(View)
  await fireEvent.click(screen.getByText('检查设置'))
  expect(await screen.findByText('能收款，还不能退款')).toBeTruthy()
  const items = [...document.querySelectorAll('.checks b')].map((element) => element.textContent)
  expect(items[0]).toContain('API 证书')
})

it('restores a backup only after a second word', async () => {
  host.answers.ledger_restore = () => ({ path: 'x', moved_aside: 'y', adopted: false })
  go('settings', { section: 'ledger' })
  render(View)
  const restore = await screen.findByText('恢复')
  await fireEvent.click(restore)
  expect(host.calls.some((call) => call.command === 'ledger_restore')).toBe(false)
  await fireEvent.click(screen.getAllByText('恢复')[0]!)
  await waitFor(() => expect(host.calls.filter((call) => call.command === 'ledger_restore')).toHaveLength(1))
})

const checked = (...ids: string[]): LedgerCheckView => ({
  path: '', environment: 'live', ok: ids.length === 0, kind: 'full', checks: [], findings: ids.map((id) => ({ id, check: 'journal', message: id, params: {} })),
})
it.each([
  ['nothing wrong', [], null, false],
  ['gone', ['ledger_gone'], null, true],
  ['an old copy', [undefined, 'ledger_rolled_back'], checked('head_ahead'), true],
  ['its key lost', ['ledger_key_lost'], null, true],
  ['a head that only a check misses', [], checked('head_missing'), true],
  ['whole', [], checked(), false],
  ['sums that are wrong', [], checked('sum'), false],
  ['damaged', ['ledger_damaged'], null, false],
  ['refused already', ['ledger_not_acceptable', 'ledger_rolled_back'], null, false],
  ['no disk', ['ledger_read_only'], null, false],
] as [string, (string | undefined)[], LedgerCheckView | null, boolean][])('takes a ledger as it is: %s', (_, troubles, check, expected) => {
  expect(isAcceptable(troubles, check)).toBe(expected)
})

it('offers no salvage where only the head is wrong', () => {
  expect([checked('head_missing'), checked('head_missing', 'sum'), checked()].map(onlyHead)).toEqual([true, false, false])
})

it('takes a ledger as it is only after a question that says what it means', async () => {
  const trouble: ErrorView = { code: 'ledger_gone', exit: 'here', err_code: null, number: null, field: null, zh: '账本不见了', en: 'gone' }
  host.answers.ledger_info = () => { throw trouble }
  host.answers.ledger_accept = () => ({ path: '/l.db', environment: 'simulated', begun: true, anchored_before: 7, journal_seq: 1, adopted: false })
  go('settings', { section: 'ledger' })
  render(View)
  const button = await screen.findByRole('button', { name: '接受现在的账本' })
  const asked = () => host.calls.filter((call) => call.command === 'ledger_accept')
  await fireEvent.click(button)
  const question = await screen.findByRole('alertdialog')
  expect(question.textContent).toContain('先前锚定之后丢失的记录不会回来')
  expect(question.textContent).toContain('从一本空账开始')
  await waitFor(() => expect(document.activeElement?.textContent).toBe('取消'))
  await fireEvent.click(screen.getByRole('button', { name: '取消' }))
  await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull())
  expect(asked()).toHaveLength(0)
  await fireEvent.click(button)
  await fireEvent.click(await screen.findByRole('button', { name: '接受并重新锚定' }))
  await waitFor(() => expect(asked().map((call) => call.args)).toEqual([{ merchant: 'simulated' }]))
  await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull())
})

it('keeps the limit in fen', async () => {
  go('settings', { section: 'limit' })
  render(View)
  const field = screen.getByLabelText(/超过这个金额/)
  await fireEvent.input(field, { target: { value: '12.345' } })
  expect((screen.getByText('保存') as HTMLButtonElement).disabled).toBe(true)
  await fireEvent.input(field, { target: { value: '88.5' } })
  await fireEvent.submit(document.querySelector('form')!)
  await waitFor(() => expect(session.preferences?.refund_limit_fen).toBe(8850))
})

it('changes where the notices of a stored merchant go', async () => {
  const before = host.answers.merchants!({}) as MerchantView[]
  const stored = before[1]!
  host.answers.set_notify_url = ({ name, url }) => {
    const moved = { ...stored, name, notify_url: url }
    host.answers.merchants = () => [before[0]!, moved]
    return moved
  }
  go('settings', { merchant: stored.name })
  render(View)
  const field = (await screen.findByLabelText(/notify_url/)) as HTMLInputElement
  expect([field.readOnly, field.value, screen.queryByRole('button', { name: '保存地址' })]).toEqual([false, stored.notify_url ?? '', null])
  await fireEvent.input(field, { target: { value: ' https://new.example/notify ' } })
  await fireEvent.click(await screen.findByRole('button', { name: '保存地址' }))
  const asked = () => host.calls.filter((call) => call.command === 'set_notify_url').map((call) => call.args)
  await waitFor(() => expect(field.value).toBe('https://new.example/notify'))
  expect(asked()).toEqual([{ name: stored.name, url: 'https://new.example/notify' }])
  expect(screen.queryByRole('button', { name: '保存地址' })).toBeNull()
  await fireEvent.input(field, { target: { value: '' } })
  await fireEvent.keyDown(field, { key: 'Enter' })
  await waitFor(() => expect(asked()).toHaveLength(2))
  expect(asked()[1]).toEqual({ name: stored.name, url: null })
})

it('shows a merchant that another program added', async () => {
  const before = host.answers.merchants!({}) as MerchantView[]
  host.answers.merchants = () => [...before, added()]
  host.tell('merchants', null)
  await waitFor(() => expect(session.merchants.map((merchant) => merchant.name)).toContain('新店'))
})

it('says by number what a salvage lost', async () => {
  const damaged: ErrorView = { code: 'ledger_damaged', exit: 'here', err_code: null, number: null, field: null, zh: '账本坏了', en: 'damaged' }
  host.answers.ledger_info = () => { throw damaged }
  const lost = (table: string, number: string, kind: string | null) => ({ table, merchant: kind ? null : 'simulated', kind, number })
  host.answers.ledger_salvage = () => ({
    path: '/l.db', moved_aside: '/l.damaged', saved: [{ table: 'payments', rows: 7 }], lost: [{ table: 'payments', rows: 1 }, { table: 'operations', rows: 2 }],
    lost_rows: [lost('payments', 'ORDER002', null), lost('operations', 'R1', 'refund')], unreadable: ['notices'], doubtful: [], journal_whole: false,
  })
  host.answers.status = () => ({ ...session.status!, trouble: damaged, checked_at: null })
  await session.refreshStatus()
  go('settings', { section: 'ledger' })
  render(View)
  await fireEvent.click(await screen.findByRole('button', { name: '抢救' }))
  await fireEvent.click((await screen.findAllByRole('button', { name: '抢救' })).at(-1)!)
  const heading = await screen.findByText('抢救时丢失的内容：请到微信支付核对')
  const panel = heading.closest('.panel')!
  for (const part of ['ORDER002', 'R1', '2', '可能还有丢失']) expect(panel.textContent).toContain(part)
})
