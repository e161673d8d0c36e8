// How a payment stands, in words. Pure, so that every case is a row of a test.
import type { Mark, PaymentDetail, PaymentRow, RawItem } from '../../ipc/generated'
import { t, type Key } from '../../lib/i18n.svelte'
import { isPaid } from '../../lib/state'
import { amountText } from '../amount'
import { isOpen } from '../refund/shape'

export interface Said {
  key: Key
  /** Amounts in fen by the name they have in the words. */
  amounts: Record<string, number>
}

const UNPAID: Record<string, Key> = {
  unpaid: 'ui.said.unpaid', accepted: 'ui.said.accepted', user_paying: 'ui.said.user_paying', closed: 'ui.said.closed', revoked: 'ui.said.revoked',
  pay_error: 'ui.said.pay_error', unknown: 'ui.said.unknown', rejected: 'ui.said.rejected', not_sent: 'ui.said.not_sent',
}

/** The sentences about a payment, the most important first. */
export function said(row: PaymentRow, detail: PaymentDetail | null): Said[] {
  const out: Said[] = []
  if (!isPaid(row.state)) out.push({ key: UNPAID[row.state] ?? 'ui.said.other', amounts: {} })
  else if (row.refunded_fen === 0 && row.disagreements.includes('not_told')) out.push({ key: 'ui.said.paid.not_told', amounts: {} })
  else {
    const total = row.total_fen ?? 0
    const left = detail?.payment.refundable_fen ?? total - row.refunded_fen
    if (row.refunded_fen === 0) out.push({ key: 'ui.said.paid', amounts: { left } })
    else if (row.refunded_fen >= total) out.push({ key: 'ui.said.paid.refunded_all', amounts: { refunded: row.refunded_fen } })
    else out.push({ key: 'ui.said.paid.refunded_part', amounts: { refunded: row.refunded_fen, left } })
    if (row.disagreements.includes('not_told')) out.push({ key: 'ui.said.not_told', amounts: {} })
  }
  const open = detail?.refunds.filter(isOpen) ?? []
  const going = detail?.refunds.filter((refund) => refund.state === 'processing' && !isOpen(refund)) ?? []
  const sum = (refunds: typeof open) => refunds.reduce((all, refund) => all + refund.refund_fen, 0)
  if (open.length > 0) out.push({ key: 'ui.said.refund_unknown', amounts: { amount: sum(open) } })
  if (going.length > 0) out.push({ key: 'ui.said.refund_going', amounts: { amount: sum(going) } })
  if (detail?.refunds.some((refund) => refund.state === 'abnormal')) out.push({ key: 'ui.said.refund_abnormal', amounts: {} })
  if (detail?.payment.conflict) out.push({ key: 'ui.said.conflict', amounts: {} })
  if (detail?.payment.unasked) out.push({ key: 'ui.said.unasked', amounts: {} })
  return out
}

export interface Part {
  text: string
  /** An amount, which stands out of its sentence. */
  amount: boolean
}

/** A sentence as parts, its amounts apart. */
export function partsOf(one: Said, currency: string): Part[] {
  const params = Object.fromEntries(Object.entries(one.amounts).map(([name, fen]) => [name, `\u0001${amountText(fen, currency)}\u0001`]))
  return t(one.key, params).split('\u0001').map((text, at) => ({ text, amount: at % 2 === 1 })).filter((part) => part.text !== '')
}

/** What can be done with it now. */
export function acts(row: PaymentRow, detail: PaymentDetail | null): { refund: boolean; close: boolean; reverse: boolean; ask: boolean } {
  const waiting = ['unpaid', 'accepted', 'user_paying', 'pay_error', 'unknown'].includes(row.state)
  const scanned = row.trade_type === 'micropay'
  return {
    refund: isPaid(row.state) && (detail?.payment.refundable_fen ?? 0) > 0,
    // A scanned payment cannot be closed, only undone; the others the other way round.
    close: waiting && !scanned,
    reverse: scanned && (waiting || row.state === 'paid'),
    ask: row.state !== 'not_sent',
  }
}

/** How a query stands as an evidence. One that was answered, but not with how it stands now, is not one that was never asked. */
export function askedMark(asked: Mark, raw: RawItem[]): Mark | 'open' {
  return asked === 'due' && raw.some((item) => item.api === 'orderquery' && item.outcome !== 'not_sent') ? 'open' : asked
}
