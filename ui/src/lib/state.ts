// What a state looks like, and what WeChat Pay calls it.

export type Looks = 'ok' | 'part' | 'off' | 'bad' | 'wait'

const ORDER: Record<string, Looks> = {
  paid: 'ok', refunded: 'part', unpaid: 'wait', accepted: 'wait', user_paying: 'wait', closed: 'off', revoked: 'off',
  pay_error: 'bad', unknown: 'wait', rejected: 'bad', not_sent: 'off',
}
const REFUND: Record<string, Looks> = {
  success: 'ok', processing: 'wait', closed: 'off', abnormal: 'bad', unknown: 'wait', rejected: 'bad', not_sent: 'off',
}
const WIRE: Record<'order' | 'refund', Record<string, string>> = {
  order: {
    paid: 'SUCCESS', refunded: 'REFUND', unpaid: 'NOTPAY', accepted: 'ACCEPT', user_paying: 'USERPAYING',
    closed: 'CLOSED', revoked: 'REVOKED', pay_error: 'PAYERROR',
  },
  refund: { success: 'SUCCESS', processing: 'PROCESSING', closed: 'REFUNDCLOSE', abnormal: 'CHANGE' },
}

/** Money that is not there: it is struck through and stands in no sum. */
export function isOff(state: string): boolean {
  return ['closed', 'revoked', 'pay_error', 'rejected', 'not_sent'].includes(state)
}

export function isPaid(state: string): boolean {
  return state === 'paid' || state === 'refunded'
}

export function look(
  of: 'order' | 'refund', state: string, refunded = 0, total: number | null = null,
): { word: string; look: Looks } {
  if (of === 'refund') return { word: state, look: REFUND[state] ?? 'wait' }
  if (isPaid(state) && refunded > 0) {
    return { word: total !== null && refunded >= total ? 'refunded_all' : 'refunded_part', look: 'part' }
  }
  return { word: state, look: ORDER[state] ?? 'wait' }
}

export function wire(of: 'order' | 'refund', state: string): string {
  return WIRE[of][state] ?? ''
}
