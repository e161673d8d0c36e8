import { cleanup, configure, fireEvent, render, screen, waitFor } from '@testing-library/svelte'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { madeDetail, madeOperation, madeRefund, madeRow } from '../../dev/payments'
import { useHost } from '../../ipc'
import type { Commands } from '../../ipc/host'
import type { RefundView } from '../../ipc/generated'
import { MockHost } from '../../ipc/mock'
import { setLang } from '../../lib/i18n.svelte'
import { go, here } from '../../lib/route.svelte'
import { session } from '../../lib/session.svelte'
import { classOf, formOf, shownOf, stateOf, textOf } from './filter'
import View from './View.svelte'

// A busy machine is no failure.
vi.setConfig({ testTimeout: 30_000 })
configure({ asyncUtilTimeout: 10_000 })

describe('the filter in the address', () => {
  it('is the same form there and back', () => {
    const form = { text: 'R1 & x', states: ['unknown', 'success'], from: '2026-11-01', to: null }
    expect(formOf(new URLSearchParams(textOf(form)))).toEqual(form)
    expect(formOf(new URLSearchParams('state=paid&from=2026-13-01&open=A'))).toEqual({ text: '', states: [], from: null, to: null })
  })
})

it.each<[Partial<RefundView>, string, string]>([
  [{}, 'success', ''],
  [{ state: 'unknown', operation: madeOperation() }, 'unknown', 'open'],
  [{ state: 'processing', operation: madeOperation({ state: 'unknown' }) }, 'unknown', 'open'],
  [{ state: 'abnormal' }, 'abnormal', 'bad'],
  [{ disagreements: ['amount'] }, 'success', 'bad'],
  [{ state: 'rejected', operation: madeOperation({ state: 'rejected' }) }, 'rejected', 'off'],
])('a row of %j is %s', (some, state, look) => {
  const row = madeRefund(some)
  expect([stateOf(row), classOf(row)]).toEqual([state, look])
})

it('folds the numbers while the pane shows them, and the least needed first', () => {
  expect(shownOf(1200, false)).toHaveLength(9)
  expect(shownOf(720, true)).toEqual(['time', 'state', 'amount', 'total', 'reason', 'known'])
  expect(shownOf(500, true)).toEqual(['time', 'state', 'amount', 'reason'])
})

describe('the screen', () => {
  let mock: MockHost
  const unknown = madeRefund({ out_refund_no: 'R9', out_trade_no: 'A9', state: 'unknown', refund_fen: 5800, reason: 'why', operation: madeOperation({ out_refund_no: 'R9' }) })
  beforeAll(() => setLang('en'))
  beforeEach(() => {
    go('refunds', {}, true)
    mock = new MockHost({
      refunds_window: ({ form, offset }) => ({ total: form.text ? 0 : 2, offset, rows: form.text ? [] : [unknown, madeRefund()], refunded_fen: 12_600 }),
      payment_detail: ({ out_trade_no }) => madeDetail(madeRow({ out_trade_no }), {}, [{ ...unknown, out_trade_no }]),
      query_refund: () => [],
      resolve: () => [],
      status: () => { throw new Error('none') },
    })
    useHost(mock)
    session.status = { unresolved: [madeOperation({ out_refund_no: 'R9' })], unresolved_count: 1 } as never
  })
  afterEach(() => {
    session.status = null
    cleanup()
  })

  it('says an unknown outcome above the list, in the row and in the pane, and asks', async () => {
    render(View)
    await screen.findByText('why')
    expect(screen.getByText(/Refunds with unknown outcome: 1/)).toBeTruthy()
    expect(document.querySelector('.grid-row.open')?.textContent).toContain('asks at 15:44:08')
    await fireEvent.click(screen.getByText('why'))
    expect([here().query.get('open'), here().query.get('number')]).toEqual(['A9', 'R9'])
    await fireEvent.click((await screen.findAllByRole('button', { name: 'Ask now' })).at(-1)!)
    expect((mock.calls.find((call) => call.command === 'query_refund')!.args as Commands['query_refund']['args']).out_refund_no).toBe('R9')
    await fireEvent.click(screen.getByRole('button', { name: 'Ask about all now' }))
    expect(mock.calls.some((call) => call.command === 'resolve')).toBe(true)
  })

  it('walks by the keyboard at once, and takes the focus back when the pane is closed', async () => {
    render(View)
    await screen.findByText('why')
    await fireEvent.keyDown(document.body, { key: 'j' })
    await waitFor(() => expect(document.activeElement?.textContent).toContain('why'))
    await fireEvent.keyDown(document.activeElement!, { key: 'Enter' })
    expect(here().query.get('number')).toBe('R9')
    const close = await screen.findByRole('button', { name: 'Close (Esc)' })
    close.focus()
    await fireEvent.click(close)
    await waitFor(() => expect(document.activeElement?.textContent).toContain('why'))
    expect([here().query.get('open'), here().query.get('number')]).toEqual([null, null])
  })

  it('searches as it is typed', async () => {
    render(View)
    await screen.findByText('why')
    await fireEvent.input(screen.getByRole('searchbox'), { target: { value: 'z' } })
    await screen.findByText('No refund fits these filters')
    expect(here().query.get('q')).toBe('z')
  })
})
