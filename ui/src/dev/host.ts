// A host of made-up data, for looking at screens in a plain browser.
import type { DayFigures, ErrorView, MerchantView, PaymentRow, PaymentsForm, Preferences } from '../ipc/generated'
import { MockHost } from '../ipc/mock'
import { inChina } from '../lib/time'
import { madeDetail, madeOperation, madeRefund } from './payments'

const GOODS = ['次日早餐 2 人份', '曲奇礼盒', '生日蛋糕 6 寸', '拿铁', '海盐可颂\u200b、拿铁', '桂花酒酿贝果 ×2', '肉桂卷', '\u202e倒着写的\u202c', '<img src=x onerror=alert(1)>']

function row(at: number): PaymentRow {
  const total = ((at * 7919) % 30000) + 50
  const kind = at % 11
  const state = kind === 3 ? 'closed' : kind === 7 ? 'pay_error' : kind === 9 ? 'unpaid' : kind === 5 ? 'refunded' : 'paid'
  const when = inChina(Date.now() - at * 397_000)
  const paid = state === 'paid' || state === 'refunded'
  return {
    out_trade_no: at % 7 === 3 ? `20261121BRANCH01TILL02${String(4711000000 + at)}` : `QW${String(251118203741580 + at)}`,
    transaction_id: paid ? `42000028${String(at).padStart(2, '0').slice(-2)}20261121${String(3184756209 + at)}` : null,
    state, trade_type: ['native', 'jsapi', 'micropay', 'app', 'h5'][at % 5]!, total_fen: total,
    refunded_fen: state === 'refunded' ? Math.floor(total / 3) : 0, currency: 'CNY', body: GOODS[at % GOODS.length]!,
    attach: at % 4 ? null : `counter=${at % 9}&cake=8`, created_at: when, paid_at: paid ? when : null,
    told: at % 5 === 2 ? 'none' : paid ? (at % 17 === 4 ? 'differs' : 'yes') : 'none', asked: 'yes', billed: paid ? 'due' : 'none',
    disagreements: at % 17 === 4 && paid ? ['not_told'] : [], unresolved: at % 41 === 6,
  }
}

const ALL = Array.from({ length: 1248 }, (_, at) => row(at))

function fits(form: PaymentsForm, one: PaymentRow): boolean {
  const text = form.text.trim().toLowerCase()
  if (form.states.length && !form.states.includes(one.state)) return false
  if (form.trade_types.length && !form.trade_types.includes(one.trade_type ?? '')) return false
  if (form.disagreeing && one.disagreements.length === 0) return false
  if (form.unresolved && !one.unresolved) return false
  return !text || [one.out_trade_no, one.transaction_id, one.body, one.attach].some((value) => value?.toLowerCase().includes(text))
}

const merchant: MerchantView = {
  name: 'simulated', label: 'simulated', environment: 'simulated', built_in: true, mch_id: '1900000109',
  appid: 'wx8888888888888888', sub_mch_id: null, sub_appid: null, sign_type: 'HMAC-SHA256', notify_url: 'http://127.0.0.1/notify',
  gateway_url: null, keys: [], certificate: null,
}
const live: MerchantView = { ...merchant, name: 'shop', label: '青瓦烘焙 · 总店', environment: 'live', built_in: false, sign_type: 'MD5' }

let preferences: Preferences = {
  language: 'zh-CN', theme: 'system', sound: false, notify: true, refund_limit_fen: 50_000, merchant: null, rail_collapsed: false,
  columns: ['time', 'state', 'amount', 'refunded', 'body', 'trade_type', 'out_trade_no', 'transaction_id', 'evidence'], views: [],
}

const figures = (net: number, paid: number): DayFigures => ({
  net_fen: net, takings_fen: net + 4100, paid, average_fen: Math.round((net + 4100) / paid), refunded_fen: 4100, refunds: 2,
})

const BACKS = ALL.flatMap((one, at) => one.state === 'refunded' || at % 41 === 6 ? [madeRefund({
  out_refund_no: `R${one.out_trade_no.slice(2)}`, out_trade_no: one.out_trade_no, refund_fen: one.refunded_fen || 1200, total_fen: one.total_fen, created_at: one.created_at,
  success_at: one.created_at, reason: at % 3 ? '少做了一层' : null, ...(at % 41 === 6 ? { state: 'unknown', refund_id: null, success_at: null, recv_account: null, evidence: [], operation: madeOperation({ out_trade_no: one.out_trade_no, next_try_at: inChina(Date.now() + 40_000) }) } : {}),
})] : [])
const stopped = new Set<string>()
/** `?trouble=ledger_gone` in the address shows a ledger in trouble. */
const troubled = (): ErrorView | null => {
  const code = new URLSearchParams(location.search).get('trouble')
  return code ? { code, exit: 'here', err_code: null, number: null, field: null, zh: `账本有问题：${code}`, en: `A ledger in trouble: ${code}` } : null
}

export function madeUp(): MockHost {
  const host: MockHost = new MockHost({
    start: () => ({
      version: '0.1.0', data_dir: '~/.local/share/paydesk', system_language: 'zh-CN', preferences,
      merchants: [merchant, live], merchant: new URLSearchParams(location.search).get('merchant') ?? 'simulated', trouble: null,
    }),
    status: ({ merchant: name }) => ({
      merchant: name, environment: name === 'shop' ? 'live' : 'simulated', now: inChina(Date.now()), last_outcome: 'confirmed',
      last_at: inChina(Date.now() - 4000), last_ms: 42, unresolved: [], unresolved_count: 1, payments: ALL.length,
      checked_at: null, trouble: troubled(), revision: 1,
    }),
    save_preferences: (args) => (preferences = args.preferences),
    merchants: () => [merchant, live],
    payments_window: ({ form, offset, limit }) => {
      const hits = ALL.filter((one) => fits(form, one))
      return { total: hits.length, offset, rows: hits.slice(offset, offset + limit) }
    },
    payment_sums: ({ form }) => {
      const hits = ALL.filter((one) => fits(form, one))
      const paid = hits.filter((one) => one.state === 'paid' || one.state === 'refunded')
      const takings = paid.reduce((sum, one) => sum + (one.total_fen ?? 0), 0)
      const back = paid.reduce((sum, one) => sum + one.refunded_fen, 0)
      return {
        count: hits.length, paid: paid.length, takings_fen: takings, refunded_fen: back, net_fen: takings - back,
        disagreeing: hits.filter((one) => one.disagreements.length > 0).length,
      }
    },
    overview: ({ day }) => ({
      day: day ?? inChina(Date.now()).slice(0, 10), until: inChina(Date.now()), empty: false, today: figures(602_130, 156),
      week_ago: figures(621_610, 157),
      hours: Array.from({ length: 24 }, (_, hour) => ({
        hour, takings_fen: hour < 7 || hour > 15 ? 0 : 40_000 + ((hour * 7919) % 90_000), week_ago_fen: hour < 7 || hour > 21 ? 0 : 30_000 + ((hour * 6007) % 90_000),
      })),
      needs: [
        { kind: 'unresolved_refund', number: 'QWR251120154208037', out_trade_no: ALL[6]!.out_trade_no, amount_fen: 5800, at: inChina(Date.now() + 40_000), days: null },
        { kind: 'not_told', number: ALL[4]!.out_trade_no, out_trade_no: ALL[4]!.out_trade_no, amount_fen: 3800, at: ALL[4]!.created_at, days: null },
        { kind: 'certificate_expiring', number: null, out_trade_no: null, amount_fen: null, at: inChina(Date.now() + 23 * 86_400_000), days: 23 },
      ],
      latest: ALL.slice(0, 8),
    }),
    requests_window: ({ form, offset, limit }) => {
      const all = ALL.map((one, at) => ({
        id: ALL.length - at, at: one.created_at, merchant: 'simulated', api: at % 3 ? '/pay/orderquery' : '/pay/unifiedorder',
        host: 'http://127.0.0.1:0', status: 200, duration_ms: 3 + (at % 90), outcome: at % 13 === 5 ? 'rejected' : 'confirmed',
        err_code: at % 13 === 5 ? 'ORDERNOTEXIST' : null, out_trade_no: one.out_trade_no,
      })).filter((one) => (!form.outcomes.length || form.outcomes.includes(one.outcome)) && (!form.text || one.out_trade_no.includes(form.text)))
      return { total: all.length, offset, rows: all.slice(offset, offset + limit) }
    },
    raw: ({ source, id }) => ({
      source, id, api: '/pay/orderquery', host: 'http://127.0.0.1:0', at: ALL[ALL.length - id]?.created_at ?? ALL[0]!.created_at, status: 200,
      duration_ms: 12, outcome: 'confirmed', err_code: null,
      request: '<xml>\n  <appid>wx8888888888888888</appid>\n  <mch_id>1900000109</mch_id>\n  <out_trade_no>QW251118203741580</out_trade_no>\n  <sign>9A0A…</sign>\n</xml>',
      response: '<xml>\n  <return_code>SUCCESS</return_code>\n  <body>\u202e<script>alert(1)</script></body>\n</xml>',
      signed: 'appid=wx8888888888888888&mch_id=1900000109&…&key=••••', curl: "curl -X POST 'https://…' -d '<xml>…'", repeatable: true,
    }),
    ledger_info: () => ({
      path: '~/.local/share/paydesk/ledger/simulated.db', environment: 'simulated', bytes: 1_234_567, schema: 3, sqlite: '3.54.1',
      tables: [{ table: 'payments', rows: 1248 }, { table: 'refunds', rows: 31 }, { table: 'notices', rows: 1100 }], unresolved: 1, journal_seq: 5120, head_kept_in: 'file',
    }),
    ledger_accept: () => ({ path: '~/.local/share/paydesk/ledger/simulated.db', environment: 'simulated', begun: false, anchored_before: 7, journal_seq: 5120, adopted: false }),
    ledger_backups: () => [{ path: '~/.local/share/paydesk/backups/simulated-20261120.db', bytes: 1_200_000, key_in_keychain: false }],
    ledger_check: ({ full }) => ({
      path: '', environment: 'simulated', ok: true, kind: full ? 'full' : 'quick', findings: [],
      checks: ['structure', 'references', 'journal', 'sums'].map((id) => ({ id, ok: true, message: '' })),
    }),
    check_merchant: ({ name }) => ({
      merchant: name, environment: 'live', ok: false, items: [
        { id: 'reachable', ok: true, reason: 'reachable', detail: null }, { id: 'key', ok: true, reason: 'proven', detail: null },
        { id: 'clock', ok: null, reason: 'clock_off', detail: '+41 s' }, { id: 'certificate', ok: false, reason: 'certificate_other_merchant', detail: '1900000109' },
      ],
    }),
    payment_detail: ({ out_trade_no }) => {
      const one = ALL.find((row) => row.out_trade_no === out_trade_no)
      if (!one) throw { code: 'unknown_payment', exit: 'no', err_code: null, number: out_trade_no, field: null, zh: `账本里没有 ${out_trade_no}。`, en: `The ledger has no ${out_trade_no}.` }
      const backs = BACKS.filter((back) => back.out_trade_no === out_trade_no)
      const gone = backs.reduce((sum, back) => sum + back.refund_fen, 0)
      return madeDetail(one, { refundable_fen: one.paid_at ? (one.total_fen ?? 0) - gone : 0 }, backs)
    },
    refunds_window: ({ form, offset, limit }) => {
      const text = form.text.toLowerCase()
      const hits = BACKS.filter((back) => (!form.states.length || form.states.includes(back.state)) && (!text || [back.out_refund_no, back.out_trade_no, back.reason].some((one) => one?.toLowerCase().includes(text))))
      return { total: hits.length, offset, rows: hits.slice(offset, offset + limit), refunded_fen: hits.reduce((sum, back) => sum + back.refund_fen, 0) }
    },
    query_order: ({ out_trade_no }) => madeDetail(ALL.find((row) => row.out_trade_no === out_trade_no)!).payment,
    query_refund: () => [],
    plan_refund: ({ form }) => ({
      merchant: 'simulated', environment: 'simulated', out_refund_no: form.out_refund_no || `R${Date.now()}`, out_trade_no: form.out_trade_no, refund_fen: form.refund_fen,
      total_fen: 0, refunded_fen: 0, left_after_fen: 0, again: false,
    }),
    create_refund: async ({ form }) => {
      await new Promise((done) => setTimeout(done, 800))
      const back = madeRefund({ ...form, refund_id: null, state: 'processing', success_at: null, created_at: inChina(Date.now()) })
      BACKS.unshift(back)
      return back
    },
    export_payments: async ({ job }) => {
      for (let done = 0; done < 10 && !stopped.has(job); done++) {
        host.tell('progress', { job, done: done * 125, total: 1248 })
        await new Promise((next) => setTimeout(next, 300))
      }
      if (stopped.has(job)) throw { code: 'cancelled', exit: 'no', err_code: null, number: null, field: null, zh: '停了', en: 'Stopped' }
      return { path: '~/Downloads/payments.csv', rows: 1248, bytes: 300_000 }
    },
    cancel: ({ job }) => { stopped.add(job); return null },
    new_number: () => `QW${Date.now()}`,
    resolve: () => [],
  })
  return host
}
