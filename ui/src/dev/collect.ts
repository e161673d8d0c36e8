// A made-up gateway for the till: orders that are waited for, paid, closed; the simulated customer.
import type { ErrorView, OrderForm, PaymentDetail, PaymentView, PayView, QrView, RawItem } from '../ipc/generated'
import type { MockHost } from '../ipc/mock'
import { inChina } from '../lib/time'

interface Made {
  payment: PaymentView
  pay: PayView | null
  raw: RawItem[]
}

export const failure = (code: string, exit: string, some: Partial<ErrorView> = {}): ErrorView => ({
  code, exit, err_code: null, number: null, field: null, zh: `失败：${code}`, en: `failed: ${code}`, ...some,
})

const WIRE: Record<string, string> = { unpaid: 'NOTPAY', paid: 'SUCCESS', user_paying: 'USERPAYING', closed: 'CLOSED', pay_error: 'PAYERROR', revoked: 'REVOKED' }

/** Looks like a code and is none. */
function qr(seed: string): QrView {
  const size = 29
  const corner = (x: number, y: number) => {
    const edge = (n: number) => n === 0 || n === 6
    return edge(x) || edge(y) || (x > 1 && x < 5 && y > 1 && y < 5)
  }
  let noise = [...seed].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) >>> 0, 7)
  const rows = Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (_, x) => {
      noise = (noise * 1664525 + 1013904223) >>> 0
      for (const [left, top] of [[0, 0], [size - 7, 0], [0, size - 7]] as const) {
        const [dx, dy] = [x - left, y - top]
        if (dx >= -1 && dx <= 7 && dy >= -1 && dy <= 7) return dx >= 0 && dx <= 6 && dy >= 0 && dy <= 6 && corner(dx, dy) ? '1' : '0'
      }
      return noise >>> 31 ? '1' : '0'
    }).join(''),
  )
  return { size, rows }
}

const PREPAY = 'wx201410272009395522657a690389285100'

function payView(form: OrderForm): PayView {
  const none = { prepay_id: PREPAY, code_url: null, qr: null, mweb_url: null, params: null, calls: [] as [string, string][] }
  if (form.trade_type === 'native') return { ...none, code_url: 'weixin://wxpay/bizpayurl?pr=SIM7kQ2fZ', qr: qr(form.out_trade_no) }
  if (form.trade_type === 'h5') return { ...none, mweb_url: `https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=${PREPAY}&package=1037687096` }
  const signed = { nonceStr: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS', signType: 'HMAC-SHA256', paySign: '6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6' }
  if (form.trade_type === 'app') {
    return { ...none, params: { appid: 'wx8888888888888888', partnerid: '1900000109', prepayid: PREPAY, package: 'Sign=WXPay', noncestr: signed.nonceStr, timestamp: '1795228800', sign: signed.paySign } }
  }
  const params = { appId: 'wx8888888888888888', timeStamp: '1795228800', package: `prepay_id=${PREPAY}`, ...signed }
  const json = JSON.stringify(params, null, 2)
  return { ...none, params, calls: [['requestPayment', `wx.requestPayment(${json});`], ['getBrandWCPayRequest', `WeixinJSBridge.invoke('getBrandWCPayRequest', ${json});`], ['chooseWXPay', `wx.chooseWXPay(${json});`]] }
}

/** Adds the till's commands to a host, keeping what it answered about other payments. */
export function withTill(host: MockHost): MockHost {
  const orders = new Map<string, Made>()
  const codes = new Map<string, string>()
  let exchanges = 0
  let numbers = 0
  const detail = host.answers.payment_detail

  const note = (made: Made, api: string, outcome = 'confirmed', source = 'exchange') => {
    const told = source === 'notice' ? null : api.endsWith('orderquery') ? (WIRE[made.payment.state] ?? null) : outcome === 'unknown' ? 'USERPAYING' : outcome === 'confirmed' ? 'SUCCESS' : null
    exchanges += 1
    made.raw = [...made.raw, { source, id: exchanges, api, at: inChina(Date.now()), outcome, told, duration_ms: source === 'notice' ? null : 3 + (exchanges % 5) }]
  }
  const find = (number: string): Made => {
    const made = orders.get(number)
    if (!made) throw failure('unknown_payment', 'usage', { number })
    return made
  }
  const put = (made: Made, some: Partial<PaymentView>) => {
    made.payment = { ...made.payment, ...some }
  }
  const begin = (form: { out_trade_no: string; total_fen: number; body: string; attach: string | null }, trade_type: string, secs: number | null): Made => {
    const now = Date.now()
    const made: Made = {
      pay: null, raw: [],
      payment: {
        merchant: 'simulated', environment: 'simulated', out_trade_no: form.out_trade_no, transaction_id: null, trade_type, state: 'unpaid',
        total_fen: form.total_fen, currency: 'CNY', refunded_fen: 0, refundable_fen: 0, body: form.body, attach: form.attach, openid: null,
        bank_type: null, cash_fee_fen: null, coupon_fee_fen: null, settlement_total_fen: null, created_at: inChina(now),
        expires_at: secs === null ? null : inChina(now + secs * 1000), paid_at: null, evidence: { notice: null, query: null, bill: null },
        disagreements: [], conflict: false, unasked: false, unresolved: [],
      },
    }
    orders.set(form.out_trade_no, made)
    return made
  }
  const paid = (made: Made, told: boolean) => {
    const at = inChina(Date.now())
    const transaction_id = `42000029${String(made.payment.total_fen).padStart(2, '0').slice(0, 2)}${at.slice(0, 10).replaceAll('-', '')}7222695482`
    const mark = { seen_at: at, state: 'paid', total_fen: made.payment.total_fen, transaction_id }
    put(made, { state: 'paid', paid_at: at, transaction_id, refundable_fen: made.payment.total_fen, evidence: { ...made.payment.evidence, notice: told ? mark : null } })
    if (told) note(made, 'notify', 'verified', 'notice')
  }

  Object.assign(host.answers, {
    new_number: () => `QW${inChina(Date.now()).slice(2, 19).replace(/\D/g, '')}${String((numbers += 1)).padStart(3, '0')}`,
    create_order: ({ form }) => {
      const before = orders.get(form.out_trade_no)
      const made = before ?? begin(form, form.trade_type, form.expires_in_secs)
      if (!before) note(made, '/pay/unifiedorder')
      made.pay = payView(form)
      return { payment: made.payment, pay: made.pay }
    },
    query_order: ({ out_trade_no }) => {
      const made = find(out_trade_no)
      note(made, '/pay/orderquery')
      put(made, { evidence: { ...made.payment.evidence, query: { seen_at: inChina(Date.now()), state: made.payment.state, total_fen: null, transaction_id: null } } })
      return made.payment
    },
    close_order: ({ out_trade_no }) => {
      const made = find(out_trade_no)
      note(made, '/pay/closeorder')
      put(made, { state: 'closed' })
      return made.payment
    },
    reverse: ({ out_trade_no }) => {
      const made = find(out_trade_no)
      note(made, '/secapi/pay/reverse')
      put(made, { state: 'revoked' })
      return made.payment
    },
    micropay: ({ form }) => {
      const kind = codes.get(form.auth_code) ?? 'fresh'
      const made = begin(form, 'micropay', null)
      note(made, '/pay/micropay', kind === 'fresh' ? 'confirmed' : kind === 'password' ? 'unknown' : 'rejected')
      if (kind === 'expired' || kind === 'poor') {
        put(made, { state: 'pay_error' })
        throw failure('refused', 'refused', { err_code: kind === 'poor' ? 'NOTENOUGH' : 'AUTHCODEEXPIRE', number: form.out_trade_no, zh: '微信支付拒绝了：没有扣款。请换一个码，再扫一次。', en: 'WeChat Pay refused: nothing was charged. Scan another code.' })
      }
      if (kind === 'password') {
        put(made, { state: 'user_paying' })
        throw failure('outcome_unknown', 'unknown', { err_code: 'USERPAYING', number: form.out_trade_no, zh: '还不知道顾客付了没有，会一直查到清楚为止。', en: 'Not known yet whether the payer paid; asked about until it is.' })
      }
      paid(made, false)
      return made.payment
    },
    simulate: ({ form }) => {
      if (form.act === 'auth_code') {
        const code = `13${String(Date.now()).padStart(16, '0').slice(-16)}`
        codes.set(code, form.kind)
        return code
      }
      if (form.act === 'refund_result') return null
      const made = find(form.out_trade_no)
      if (form.act === 'pay') paid(made, form.notice !== 'lost' && form.notice !== 'late' && made.payment.trade_type !== 'micropay')
      if (form.act === 'expire') put(made, { state: 'closed' })
      if (form.act === 'cancel' && made.payment.trade_type === 'micropay') put(made, { state: 'pay_error' })
      return null
    },
    payment_detail: async (args): Promise<PaymentDetail> => {
      const made = orders.get(args.out_trade_no)
      if (!made) {
        if (detail) return detail(args)
        throw failure('unknown_payment', 'usage', { number: args.out_trade_no })
      }
      const { payment } = made
      const mark = (there: boolean) => (there ? 'yes' : 'none')
      return {
        payment, refunds: [], timeline: [], raw: made.raw,
        row: {
          out_trade_no: payment.out_trade_no, transaction_id: payment.transaction_id, state: payment.unresolved.length > 0 ? 'unknown' : payment.state,
          trade_type: payment.trade_type, total_fen: payment.total_fen, refunded_fen: 0, currency: 'CNY', body: payment.body, attach: payment.attach,
          created_at: payment.created_at, paid_at: payment.paid_at, told: mark(payment.evidence.notice !== null), asked: mark(payment.evidence.query !== null),
          billed: 'none', disagreements: [], unresolved: payment.unresolved.length > 0,
        },
      }
    },
  } satisfies MockHost['answers'])
  return host
}
