// What the refund sheet works out of what was typed: pure, so that every guard can be tested as a table.
import type { PaymentDetail, RefundView } from '../../ipc/generated'
import { parseYuan } from '../../lib/money'

/** WeChat Pay's limit on `refund_desc`, in bytes of UTF-8. */
export const REASON_BYTES = 80

export type AmountIssue = 'empty' | 'shape' | 'zero' | 'over'

/** Of another currency than yuan nobody knows the decimals: its smallest unit is typed. */
function parse(text: string, currency: string): number | null {
  if (currency === 'CNY') return parseYuan(text)
  const plain = text.normalize('NFKC').replace(/[,\s]/g, '')
  return /^\d{1,15}$/.test(plain) ? Number(plain) : null
}

/** What a person typed as the amount: whole fen, or what is wrong with it. */
export function amountOf(text: string, max: number, currency = 'CNY'): { fen: number | null; issue: AmountIssue | null } {
  if (text.trim() === '') return { fen: null, issue: 'empty' }
  const fen = parse(text, currency)
  if (fen === null) return { fen: null, issue: 'shape' }
  if (fen === 0) return { fen: null, issue: 'zero' }
  return fen > max ? { fen: null, issue: 'over' } : { fen, issue: null }
}

const encoder = new TextEncoder()

export function bytesOf(text: string): number {
  return encoder.encode(text).length
}

/** The amount typed a second time counts only if it is the same money. */
export function confirms(text: string, fen: number | null, currency = 'CNY'): boolean {
  return fen !== null && parse(text, currency) === fen
}

/** `12.30`, as a field takes it: no sign, no separators. */
export function plainAmount(fen: number, currency = 'CNY'): string {
  if (currency !== 'CNY') return String(fen)
  const digits = String(fen).padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}

export function isOpen(refund: RefundView): boolean {
  return refund.state === 'unknown' || refund.operation?.state === 'intended' || refund.operation?.state === 'unknown'
}

/** Refunds of the order nobody knows the outcome of, the one with this number left out. */
export function openBeside(detail: PaymentDetail, mine: string | null): RefundView[] {
  return detail.refunds.filter((refund) => refund.out_refund_no !== mine && isOpen(refund))
}

export type Fate = 'editable' | 'again' | 'unknown' | 'refused' | 'done'

/** What became of a number: nothing yet, certainly not sent, open, refused, or a refund that exists. */
export function fateOf(detail: PaymentDetail, number: string | null): { fate: Fate; refund: RefundView | null } {
  const refund = detail.refunds.find((one) => one.out_refund_no === number) ?? null
  if (!refund) return { fate: 'editable', refund: null }
  if (isOpen(refund)) return { fate: 'unknown', refund }
  if (refund.state === 'not_sent') return { fate: 'again', refund }
  return { fate: refund.state === 'rejected' ? 'refused' : 'done', refund }
}

export interface Shares {
  done: number
  now: number
  left: number
}

/** The bar: gone already (or on its way), this refund, what stays. */
export function shares(total: number, refundable: number, now: number): Shares {
  return { done: Math.max(0, total - refundable), now, left: Math.max(0, refundable - now) }
}
