// The filter of the refunds in the address and as a form, and the columns of their list.
import type { RefundsForm, RefundView } from '../../ipc/generated'
import { isOpen } from '../../parts/refund/shape'

/** Unknown first: it is what somebody has to look at. */
export const STATES = ['unknown', 'processing', 'success', 'abnormal', 'closed', 'rejected', 'not_sent']
export const NAMES = ['q', 'state', 'from', 'to'] as const

function day(text: string | null): string | null {
  if (!text || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return null
  const ms = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text) ? text : null
}

export function formOf(query: URLSearchParams): RefundsForm {
  const given = new Set((query.get('state') ?? '').split(','))
  return { text: query.get('q') ?? '', states: STATES.filter((state) => given.has(state)), from: day(query.get('from')), to: day(query.get('to')) }
}

export function namesOf(form: RefundsForm): Record<(typeof NAMES)[number], string | null> {
  return { q: form.text || null, state: form.states.join(',') || null, from: form.from, to: form.to }
}

export function textOf(form: RefundsForm): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(namesOf(form))) if (value !== null) query.set(name, value)
  return query.toString()
}

export function toggled(list: string[], word: string): string[] {
  const next = new Set(list)
  if (!next.delete(word)) next.add(word)
  return STATES.filter((one) => next.has(one))
}

/** What the row says: an operation nobody knows the outcome of comes before what was seen earlier. */
export function stateOf(refund: RefundView): string {
  return isOpen(refund) ? 'unknown' : refund.state
}

export function classOf(refund: RefundView): string {
  if (isOpen(refund)) return 'open'
  if (refund.conflict || refund.disagreements.length > 0 || refund.state === 'abnormal') return 'bad'
  return ['closed', 'rejected', 'not_sent'].includes(refund.state) ? 'off' : ''
}

export type ColumnId = 'time' | 'state' | 'amount' | 'total' | 'reason' | 'account' | 'out_refund_no' | 'out_trade_no' | 'known'
const WIDTHS: Record<ColumnId, number> = { time: 112, state: 144, amount: 96, total: 88, reason: 96, account: 112, out_refund_no: 184, out_trade_no: 140, known: 116 }
/** What goes first where there is no room. */
const FOLDS: ColumnId[] = ['account', 'total', 'out_trade_no', 'out_refund_no', 'known']

/** Those that have room; the pane shows the two numbers in full. */
export function shownOf(width: number, pane: boolean): ColumnId[] {
  let shown = (Object.keys(WIDTHS) as ColumnId[]).filter((id) => !pane || (id !== 'out_refund_no' && id !== 'out_trade_no'))
  for (const id of FOLDS) {
    if (24 + shown.reduce((sum, one) => sum + WIDTHS[one], 0) <= width) break
    shown = shown.filter((one) => one !== id)
  }
  return shown
}

export function trackOf(id: ColumnId): string {
  return id === 'reason' ? `minmax(${WIDTHS[id]}px, 1fr)` : `${WIDTHS[id]}px`
}
