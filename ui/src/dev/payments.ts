// Made-up payments in full, for the plain browser and for tests.
import type { OperationView, PaymentDetail, PaymentRow, PaymentView, RefundView } from '../ipc/generated'

export function madeRow(some: Partial<PaymentRow> = {}): PaymentRow {
  return {
    out_trade_no: 'QW25111820374158', transaction_id: '4200002871202511183184756209', state: 'refunded', trade_type: 'native', total_fen: 28_800,
    refunded_fen: 6800, currency: 'CNY', body: '生日蛋糕 8 寸', attach: 'counter=2&cake=8', created_at: '2025-11-18T20:37:41+08:00',
    paid_at: '2025-11-18T20:38:12+08:00', told: 'yes', asked: 'yes', billed: 'yes', disagreements: [], unresolved: false, ...some,
  }
}

export function madeOperation(some: Partial<OperationView> = {}): OperationView {
  return {
    id: 'op1', kind: 'refund', state: 'unknown', out_trade_no: 'QW25111820374158', out_refund_no: 'R1', amount_fen: 5800, err_code: null,
    err_code_des: null, created_at: '2025-11-20T15:42:08+08:00', attempts: 2, next_try_at: '2025-11-20T15:44:08+08:00', ...some,
  }
}

export function madeRefund(some: Partial<RefundView> = {}): RefundView {
  return {
    merchant: 'simulated', environment: 'simulated', out_refund_no: 'QWR251119102436001', out_trade_no: 'QW25111820374158',
    refund_id: '50000028712025111912345678901', state: 'success', refund_fen: 6800, settlement_refund_fen: 6800, total_fen: 28_800,
    currency: 'CNY', channel: 'ORIGINAL', recv_account: '支付用户的零钱', reason: '少做了一层', success_at: '2025-11-19T10:24:51+08:00',
    created_at: '2025-11-19T10:24:36+08:00', evidence: ['notice', 'query'], conflict: false, disagreements: [], operation: null, ...some,
  }
}

export function madeDetail(row: PaymentRow = madeRow(), some: Partial<PaymentView> = {}, refunds?: RefundView[]): PaymentDetail {
  const paid = row.paid_at !== null
  const total = row.total_fen ?? 0
  const mark = (state: string) => ({ seen_at: row.created_at, state, total_fen: total, transaction_id: row.transaction_id })
  const payment: PaymentView = {
    merchant: 'simulated', environment: 'simulated', out_trade_no: row.out_trade_no, transaction_id: row.transaction_id, trade_type: row.trade_type,
    state: row.state, total_fen: total, currency: row.currency, refunded_fen: row.refunded_fen, refundable_fen: paid ? total - row.refunded_fen : 0,
    body: row.body, attach: row.attach, openid: paid ? 'oUpF8uN7c2Lx4QkE0rVtYb3mZs9A' : null, bank_type: paid ? 'OTHERS' : null, cash_fee_fen: paid ? total : null,
    coupon_fee_fen: null, settlement_total_fen: null, created_at: row.created_at, expires_at: null, paid_at: row.paid_at,
    evidence: {
      notice: row.told === 'yes' ? mark('paid') : null, query: row.asked === 'yes' ? mark(row.state) : null, bill: row.billed === 'yes' ? mark('paid') : null,
    },
    disagreements: [], conflict: false, unasked: false, unresolved: [], ...some,
  }
  const entry = (kind: string, at: string, source: string | null, detail: string | null = null, amount: number | null = null, number: string | null = null) =>
    ({ kind, at, source, amount_fen: amount, number, detail, agrees: true })
  const back = refunds ?? (row.refunded_fen > 0 ? [madeRefund({ out_trade_no: row.out_trade_no, refund_fen: row.refunded_fen, total_fen: total })] : [])
  return {
    payment, row, refunds: back,
    timeline: [
      entry('ordered', row.created_at, 'reply'),
      ...(paid ? [entry('paid', row.paid_at!, null, 'OTHERS', total)] : []),
      ...(row.told === 'yes' ? [entry('told', row.paid_at ?? row.created_at, 'notice', 'SUCCESS')] : []),
      entry('asked', row.paid_at ?? row.created_at, 'query', row.state),
      ...(row.billed === 'yes' ? [entry('billed', row.paid_at ?? row.created_at, 'bill')] : []),
      ...back.map((refund) => entry(refund.state === 'success' ? 'refunded' : refund.state === 'unknown' ? 'unknown' : 'refund_asked', refund.created_at, 'query', refund.state, refund.refund_fen, refund.out_refund_no)),
    ],
    raw: [
      { source: 'exchange', id: 1, api: 'unifiedorder', at: row.created_at, outcome: 'confirmed', told: 'SUCCESS', duration_ms: 212 },
      ...(paid ? [{ source: 'notice', id: 1, api: 'notify', at: row.paid_at!, outcome: 'verified', told: null, duration_ms: null }] : []),
      { source: 'exchange', id: 2, api: 'orderquery', at: row.paid_at ?? row.created_at, outcome: 'confirmed', told: paid ? 'SUCCESS' : 'NOTPAY', duration_ms: 42 },
    ],
  }
}
