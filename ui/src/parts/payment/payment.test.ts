import { cleanup, configure, fireEvent, render, screen, waitFor } from '@testing-library/svelte'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { madeDetail, madeOperation, madeRefund, madeRow } from '../../dev/payments'
import { useHost } from '../../ipc'
import type { Mark, PaymentRow } from '../../ipc/generated'
import { MockHost } from '../../ipc/mock'
import { setLang } from '../../lib/i18n.svelte'
import Pane from './Pane.svelte'
import { acts, askedMark, partsOf, said } from './sentence'

// A busy machine is no failure.
vi.setConfig({ testTimeout: 30_000 })
configure({ asyncUtilTimeout: 10_000 })

beforeAll(() => setLang('en'))
afterEach(cleanup)

const plain = { state: 'paid', refunded_fen: 0 } as const
const spoken = (row: PaymentRow, detail = madeDetail(row)) => said(row, detail).map((one) => partsOf(one, row.currency).map((part) => part.text).join(''))

describe('how it stands', () => {
  it.each<[Partial<PaymentRow>, string[]]>([
    [plain, ['Paid; ¥288.00 can be refunded']],
    [{ ...plain, disagreements: ['not_told'] }, ['Paid, but your server was never told']],
    [{}, ['Paid, ¥68.00 refunded, ¥220.00 left to refund']],
    [{ refunded_fen: 28_800 }, ['Paid, and all ¥288.00 refunded']],
    [{ disagreements: ['not_told'] }, ['Paid, ¥68.00 refunded, ¥220.00 left to refund', 'Your server was never told of the payment']],
    [{ state: 'unpaid', paid_at: null, refunded_fen: 0 }, ['Waiting for the customer to pay']],
    [{ state: 'closed', paid_at: null, refunded_fen: 0 }, ['Closed; no money came']],
    [{ state: 'unknown', paid_at: null, refunded_fen: 0 }, ['Outcome unknown: WeChat Pay may or may not have it; it is asked about by itself']],
  ])('%j', (some, want) => {
    expect(spoken(madeRow(some))).toEqual(want)
  })

  it('says an unknown refund, and the one on its way apart', () => {
    const row = madeRow(plain)
    const detail = madeDetail(row, {}, [madeRefund({ state: 'unknown', refund_fen: 5800, operation: madeOperation() }), madeRefund({ out_refund_no: 'R2', state: 'processing', refund_fen: 100 })])
    expect(spoken(row, detail).slice(1)).toEqual(['A refund of ¥58.00 has an unknown outcome; the money may have gone', '¥1.00 is on its way back'])
  })

  it.each<[string, string, { refund: boolean; close: boolean; reverse: boolean }]>([
    ['paid', 'native', { refund: true, close: false, reverse: false }],
    ['paid', 'micropay', { refund: true, close: false, reverse: true }],
    ['unpaid', 'native', { refund: false, close: true, reverse: false }],
    ['user_paying', 'micropay', { refund: false, close: false, reverse: true }],
    ['closed', 'native', { refund: false, close: false, reverse: false }],
    ['revoked', 'micropay', { refund: false, close: false, reverse: false }],
    ['unknown', 'jsapi', { refund: false, close: true, reverse: false }],
  ])('%s by %s', (state, trade_type, want) => {
    const row = madeRow({ state, trade_type, refunded_fen: 0 })
    expect(acts(row, madeDetail(row))).toMatchObject(want)
  })
})

it.each<[Mark, string, string, string]>([
  ['due', 'orderquery', 'confirmed', 'open'],
  ['due', 'orderquery', 'unknown', 'open'],
  ['due', 'orderquery', 'not_sent', 'due'],
  ['due', 'unifiedorder', 'confirmed', 'due'],
  ['yes', 'orderquery', 'confirmed', 'yes'],
  ['none', 'orderquery', 'confirmed', 'none'],
])('a query that is %s beside an %s that is %s stands as %s', (asked, api, outcome, want) => {
  const item = { source: 'exchange', id: 1, api, at: '2025-11-18T20:38:13+08:00', outcome, told: 'NOTPAY', duration_ms: 1 }
  expect(askedMark(asked, [item])).toBe(want)
})

describe('the pane', () => {
  let mock: MockHost
  const props = (row: PaymentRow) => ({ number: row.out_trade_no, row, onclose: vi.fn(), onrefund: vi.fn(), onwalk: vi.fn() })
  beforeEach(() => {
    mock = new MockHost({
      payment_detail: ({ out_trade_no }) => madeDetail(madeRow({ ...plain, out_trade_no })),
      raw: ({ source, id }) => ({
        source, id, api: 'notify', host: null, at: '2025-11-18T20:38:13+08:00', status: null, duration_ms: null, outcome: 'verified', err_code: null,
        request: '<xml>\n  <attach>\u202e&lt;script&gt;</attach>\n</xml>', response: null, signed: null, curl: null, repeatable: false,
      }),
      close_order: () => { throw { code: 'refused', exit: 'refused', err_code: 'ORDERPAID', number: null, field: null, zh: '已付', en: 'It is paid' } },
    })
    useHost(mock)
  })

  it('loads a raw exchange when it is unfolded, once, and shows it as text', async () => {
    render(Pane, props(madeRow(plain)))
    const fold = await screen.findByRole('button', { name: /notify/ })
    expect(mock.calls.filter((call) => call.command === 'raw')).toHaveLength(0)
    await fireEvent.click(fold)
    await waitFor(() => screen.getByText('RLO'))
    await fireEvent.click(fold)
    await fireEvent.click(fold)
    expect(mock.calls.filter((call) => call.command === 'raw')).toHaveLength(1)
  })

  it('does not say "not asked" where it was, and tells a try that failed', async () => {
    const row = madeRow({ ...plain, asked: 'due' })
    const made = madeDetail(row)
    const asked = { source: 'exchange', id: 9, api: 'orderquery', at: row.created_at, outcome: 'confirmed', told: 'PAYERROR', duration_ms: 1 }
    const tried = { kind: 'pay_error', at: row.created_at, source: 'query', amount_fen: null, number: null, detail: null, agrees: true }
    mock.answers.payment_detail = () => ({ ...made, raw: [...made.raw, asked], timeline: [...made.timeline, tried] })
    render(Pane, props(row))
    await screen.findByText('A try to pay failed')
    expect(screen.getByText('Asked, not confirmed yet')).toBeTruthy()
    expect(screen.queryByText('Not asked yet')).toBeNull()
  })

  it('never shows one payment under the number of another', async () => {
    let answer = (_: unknown) => {}
    const slow = new Promise((done) => (answer = done))
    const first = madeRow({ ...plain, out_trade_no: 'A1', total_fen: 11_100 })
    mock.answers.payment_detail = async ({ out_trade_no }) => {
      if (out_trade_no === 'A2') await slow
      return madeDetail(madeRow({ ...plain, out_trade_no, total_fen: out_trade_no === 'A1' ? 11_100 : 22_200, attach: `of ${out_trade_no}` }))
    }
    const shown = render(Pane, { ...props(first), number: 'A1' })
    await screen.findByText('of A1')
    await shown.rerender({ number: 'A2', row: null })
    expect(screen.queryByText('of A1')).toBeNull()
    expect(screen.queryByText('¥111.00')).toBeNull()
    answer(null)
    await screen.findByText('of A2')
  })

  it('closes an order only after asking, and says why it could not', async () => {
    const row = madeRow({ state: 'unpaid', paid_at: null, refunded_fen: 0, transaction_id: null })
    mock.answers.payment_detail = () => madeDetail(row)
    render(Pane, props(row))
    await fireEvent.click(await screen.findByRole('button', { name: 'Close' }))
    expect(mock.calls.some((call) => call.command === 'close_order')).toBe(false)
    await fireEvent.click(screen.getAllByRole('button', { name: 'Close' }).at(-1)!)
    await screen.findByText('ORDERPAID')
    expect(mock.calls.filter((call) => call.command === 'close_order')).toHaveLength(1)
  })

  it('reverses on no click', async () => {
    const row = madeRow({ ...plain, trade_type: 'micropay' })
    mock.answers.payment_detail = () => madeDetail(row)
    render(Pane, props(row))
    await fireEvent.click(await screen.findByRole('button', { name: 'Reverse' }))
    await fireEvent.click(await screen.findByRole('button', { name: 'Hold 1.5 s to reverse' }))
    expect(mock.calls.some((call) => call.command === 'reverse')).toBe(false)
  })

  it('opens a refund only where something can go back', async () => {
    const one = props(madeRow({ state: 'closed', paid_at: null, refunded_fen: 0 }))
    mock.answers.payment_detail = () => madeDetail(one.row)
    render(Pane, one)
    expect((await screen.findByRole<HTMLButtonElement>('button', { name: 'Refund' })).disabled).toBe(true)
  })
})
