// What the till works out without a page: the keypad, the count-down, the steps, the code's drawing, the log.
import type { OrderForm, PaymentView, QrView, RawItem } from '../../ipc/generated'
import { parseYuan } from '../../lib/money'
import { isOff, isPaid } from '../../lib/state'
import { left, moment } from '../../lib/time'

export type Way = 'native' | 'jsapi' | 'h5' | 'app' | 'micropay'
export const WAYS: Way[] = ['native', 'jsapi', 'h5', 'app', 'micropay']
/** Seconds until an order expires; WeChat Pay wants more than 60. */
export const LIFETIMES = [120, 300, 7200]

/** What a person fills in. The amount is text as long as it is being typed. */
export interface Fields {
  text: string
  body: string
  attach: string
  secs: number
  openid: string
  sub_openid: string
  wap_url: string
  wap_name: string
}

// ---------- amount ----------
/** The most a till takes: seven digits before the point. */
export const MOST_FEN = 999_999_999

/** As it was typed or pasted, in fen; `.5` and `。` are the habits of hands and input methods. */
function read(text: string): number | null {
  return parseYuan(text.normalize('NFKC').replace(/。/g, '.').replace(/^([\s¥]*)\./, '$10.'))
}

/** What is wrong with the amount. It is said and left as it is: nobody finds another one in its place. */
export function amountIssue(text: string): 'shape' | 'over' | null {
  if (text.trim() === '') return null
  const fen = read(text)
  if (fen === null) return 'shape'
  return fen > MOST_FEN ? 'over' : null
}

/** A key of the keypad: a digit, `.` or `back`. */
export function press(before: string, key: string): string {
  if (key === 'back') return before.slice(0, -1)
  if (key === '.') return before === '' ? '0.' : `${before}.`
  return before === '0' ? key : before + key
}

/** `null` if it is no amount that can be taken. */
export function fenOf(text: string): number | null {
  const fen = read(text)
  return fen === null || fen <= 0 || fen > MOST_FEN ? null : fen
}

/** Two decimals, once the amount stands. */
export function settled(text: string): string {
  const fen = fenOf(text)
  if (fen === null) return text
  const digits = String(fen).padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}

// ---------- forms ----------
const given = (text: string) => text.trim() || null

export function orderForm(way: Exclude<Way, 'micropay'>, number: string, fields: Fields): OrderForm {
  const of = (mine: boolean, text: string) => (mine ? given(text) : null)
  return {
    trade_type: way, out_trade_no: number, total_fen: fenOf(fields.text) ?? 0, body: fields.body, attach: given(fields.attach),
    expires_in_secs: fields.secs,
    openid: of(way === 'jsapi', fields.openid), sub_openid: of(way === 'jsapi', fields.sub_openid),
    wap_url: of(way === 'h5', fields.wap_url), wap_name: of(way === 'h5', fields.wap_name),
  }
}

/** What is still missing, by the name of its field. */
export function missing(way: Way, fields: Fields): string | null {
  if (fenOf(fields.text) === null) return 'total_fen'
  if (way === 'jsapi' && !fields.openid.trim() && !fields.sub_openid.trim()) return 'openid'
  if (way === 'h5' && !fields.wap_url.trim()) return 'wap_url'
  if (way === 'h5' && !fields.wap_name.trim()) return 'wap_name'
  return null
}

// ---------- a payer's code ----------
/** A payer's code: 18 digits and not one more; `bad` for what cannot become one, `null` while it may. */
export function scanned(text: string): string | 'bad' | null {
  const digits = text.normalize('NFKC').replace(/[\s-]/g, '')
  if (/^\d{0,17}$/.test(digits)) return null
  return /^1[0-5]\d{16}$/.test(digits) ? digits : 'bad'
}

// ---------- where the order stands ----------
export type Standing = 'unknown' | 'waiting' | 'paying' | 'paid' | 'closed' | 'failed'

/** `row` is the state a list gives, which also knows of outcomes that nobody knows yet. */
export function standing(payment: PaymentView | null, row: string | null): Standing {
  if (!payment) return 'unknown'
  if (isPaid(payment.state)) return 'paid'
  const open = payment.unresolved.some((operation) => operation.kind === 'unified_order' || operation.kind === 'micropay')
  if (payment.state === 'closed' || payment.state === 'revoked') return 'closed'
  // Where the payer types the password nobody knows the outcome either, but it is known why.
  if (payment.state === 'user_paying' || payment.state === 'accepted') return 'paying'
  if (row === 'unknown' || payment.state === 'unknown' || open) return 'unknown'
  // A wrong password leaves an order payable until it expires or is closed; only a scanned code is spent.
  if (payment.state === 'pay_error' && payment.trade_type !== 'micropay') return 'waiting'
  return isOff(payment.state) ? 'failed' : 'waiting'
}

/** Of two answers the one that is further on: they may arrive out of turn. */
export function further(before: PaymentView | null, next: PaymentView): PaymentView {
  if (!before || before.out_trade_no !== next.out_trade_no) return next
  if (isPaid(before.state) && !isPaid(next.state)) return before
  if (isOff(before.state) && !isOff(next.state) && !isPaid(next.state)) return before
  return next
}

export interface Step {
  id: 'ordered' | 'waiting' | 'paid' | 'told'
  look: 'done' | 'now' | 'todo' | 'off'
  /** `15:41:45`, if it has happened. */
  at: string | null
}

/** ordered → waiting → paid → told; of a payment code nobody is told. */
export function steps(way: Way, now: Standing, payment: PaymentView | null): Step[] {
  const clock = (at: string | null | undefined) => (at ? moment(at).clock : null)
  const told = payment?.evidence.notice ?? null
  const over = now === 'closed' || now === 'failed'
  const paid = now === 'paid'
  const all: Step[] = [
    { id: 'ordered', look: now === 'unknown' ? 'now' : now === 'failed' ? 'off' : 'done', at: clock(payment?.created_at) },
    { id: 'waiting', look: paid ? 'done' : over ? 'off' : now === 'unknown' ? 'todo' : 'now', at: null },
    { id: 'paid', look: paid ? 'done' : 'todo', at: clock(payment?.paid_at) },
    { id: 'told', look: told ? 'done' : paid ? 'now' : 'todo', at: clock(told?.seen_at) },
  ]
  return way === 'micropay' ? all.slice(0, 3) : all
}

// ---------- time ----------
export interface Countdown {
  over: boolean
  text: string
  /** What is left, of 100, to one decimal. */
  share: number
  secondsLeft: number
  seconds: number
  /** `15:46:45` */
  at: string
}

export function countdown(payment: Pick<PaymentView, 'created_at' | 'expires_at'>, now: number): Countdown | null {
  if (!payment.expires_at) return null
  const end = moment(payment.expires_at)
  const whole = Math.max(1, end.ms - moment(payment.created_at).ms)
  const rest = Math.min(whole, Math.max(0, end.ms - now))
  return {
    over: end.ms <= now, text: left(rest), share: Math.round((rest * 1000) / whole) / 10, secondsLeft: Math.ceil(rest / 1000),
    seconds: Math.round(whole / 1000), at: end.clock,
  }
}

// ---------- the code ----------
/** Light modules that a reader wants around a code. */
export const QUIET = 4

/** The dark modules as one path, a run of them a rectangle; `side` counts the quiet zone in. */
export function qrPath(qr: QrView): { side: number; path: string } {
  let path = ''
  qr.rows.forEach((row, y) => {
    for (const run of row.matchAll(/1+/g)) {
      const size = run[0].length
      path += `M${run.index + QUIET} ${y + QUIET}h${size}v1h-${size}z`
    }
  })
  return { side: qr.size + 2 * QUIET, path }
}

// ---------- exchanges ----------
export interface LogLine {
  item: RawItem
  api: string
  /** More than one of the same in a row. */
  times: number
}

/** Newest first. Of questions that got the same answer again and again the latest `single` stand alone. */
export function log(raw: RawItem[], single = 3): LogLine[] {
  const lines: LogLine[] = []
  let run = 0
  for (const item of [...raw].sort((a, b) => Date.parse(b.at) - Date.parse(a.at) || b.id - a.id)) {
    const api = item.api.split('/').at(-1) ?? item.api
    const last = lines.at(-1)
    const same = last !== undefined && last.item.source === item.source && last.api === api && last.item.outcome === item.outcome && last.item.told === item.told
    run = same ? run + 1 : 1
    if (same && run > single + 1) last.times += 1
    else lines.push({ item, api, times: 1 })
  }
  return lines
}

/** The parameters in the order in which they are read, unknown ones at the end. */
const ORDER = ['appId', 'appid', 'partnerid', 'prepayid', 'timeStamp', 'timestamp', 'nonceStr', 'noncestr', 'package', 'signType', 'paySign', 'sign']

export function paramList(params: Record<string, string>): [string, string][] {
  const place = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length)
  return Object.entries(params).sort(([a], [b]) => place(a) - place(b))
}

/** What an exchange tells the person at the till: the words' key, or `null` where only its outcome is known. */
export function toldKey(api: string, told: string | null): string | null {
  if (!told) return null
  if (api === 'orderquery' || api === 'micropay') return `ui.collect.told.${told.toLowerCase()}`
  return told === 'SUCCESS' ? `ui.collect.done.${api}` : null
}
