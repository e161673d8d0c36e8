// What a screen reader gets of the pane and of the sheet: nothing without a name, no role in a wrong place.
import { cleanup, configure, fireEvent, render, screen } from '@testing-library/svelte'
import axe from 'axe-core'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { madeDetail, madeOperation, madeRefund, madeRow } from '../dev/payments'
import { useHost } from '../ipc'
import { MockHost } from '../ipc/mock'
import { setLang } from '../lib/i18n.svelte'
import { go } from '../lib/route.svelte'
import { session } from '../lib/session.svelte'
import { Pane } from './payment'
import { RefundSheet } from './refund'

// A busy machine is no failure.
vi.setConfig({ testTimeout: 30_000 })
configure({ asyncUtilTimeout: 10_000 })

const row = madeRow({ state: 'paid', disagreements: ['not_told'] })
const detail = madeDetail(row, {}, [madeRefund({ state: 'unknown', operation: madeOperation() })])

beforeAll(() => setLang('en'))
beforeEach(() => {
  go('payments', {}, true)
  session.preferences = {
    language: 'en', theme: 'light', sound: false, notify: false, refund_limit_fen: 10_000, merchant: null, rail_collapsed: false, columns: [], views: [],
  }
  useHost(new MockHost({
    payment_detail: () => detail,
    plan_refund: ({ form }) => ({
      merchant: 'simulated', environment: 'simulated', out_refund_no: form.out_refund_no || 'R5', out_trade_no: form.out_trade_no, refund_fen: 1, total_fen: 2,
      refunded_fen: 0, left_after_fen: 1, again: false,
    }),
    new_number: () => 'N1',
    status: () => { throw new Error('none') },
  }))
})
afterEach(cleanup)

async function problems(): Promise<string[]> {
  // Colours are not drawn here; landmarks belong to the frame.
  const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } } })
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`)
}

it('the pane', async () => {
  render(Pane, { number: row.out_trade_no, row, place: { at: 0, total: 2 }, onwalk: () => {}, onclose: () => {}, onrefund: () => {}, onexport: () => {} })
  await screen.findByText('What happened')
  expect(await problems()).toEqual([])
})

it('the sheet', async () => {
  render(RefundSheet, { order: row.out_trade_no, onclose: () => {} })
  await fireEvent.click(await screen.findByRole('button', { name: 'I do mean another refund' }))
  await screen.findByLabelText(/^Amount to refund/)
  expect(await problems()).toEqual([])
})
