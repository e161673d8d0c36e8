// What the overview shows, worked out without a page: changes, the chart's scale and places, where a need leads.
import type { DayFigures, HourFigures, Need } from '../../ipc/generated'
import { count, money } from '../../lib/money'

export interface Delta {
  way: 'up' | 'down' | 'same'
  /** `3.1`; `null` where a share says nothing: before it was nothing, or it is many times as much. */
  percent: string | null
}

/** A share above this is read as "much more", not as a number. */
const TOO_MUCH = 9_999

/** The change from `before` to `now`, in tenths of a percent of what it was. */
export function delta(now: number | null, before: number | null): Delta | null {
  if (now === null || before === null) return null
  const way = now > before ? 'up' : now < before ? 'down' : 'same'
  if (before === 0) return { way, percent: null }
  const tenths = Math.round((Math.abs(now - before) * 1000) / Math.abs(before))
  return { way, percent: tenths > TOO_MUCH ? null : `${Math.floor(tenths / 10)}.${tenths % 10}` }
}

export interface Tile {
  id: 'net' | 'paid' | 'average' | 'refunds'
  value: string
  /** A second number, said small. */
  aside: number | null
  delta: Delta | null
  /** The value of a week ago, itself. */
  old: string
  /** More is good news. */
  good: boolean
}

const back = (fen: number) => (fen === 0 ? money(0) : money(-fen))
const maybe = (fen: number | null) => (fen === null ? '—' : money(fen))

export function tiles(now: DayFigures, before: DayFigures): Tile[] {
  return [
    { id: 'net', value: money(now.net_fen), aside: null, delta: delta(now.net_fen, before.net_fen), old: money(before.net_fen), good: true },
    { id: 'paid', value: count(now.paid), aside: null, delta: delta(now.paid, before.paid), old: count(before.paid), good: true },
    { id: 'average', value: maybe(now.average_fen), aside: null, delta: delta(now.average_fen, before.average_fen), old: maybe(before.average_fen), good: true },
    {
      id: 'refunds', value: back(now.refunded_fen), aside: now.refunds || null,
      delta: delta(now.refunded_fen, before.refunded_fen), old: back(before.refunded_fen), good: false,
    },
  ]
}

/** Whether a day has anything to compare with. */
export const isNothing = (day: DayFigures): boolean => day.paid === 0 && day.refunds === 0 && day.net_fen === 0

/** Round steps from nothing up, at most four of them, the last one at or above `max`. All in fen. */
export function ticks(max: number): number[] {
  const wanted = Math.max(max, 400) / 4
  let step = 100
  for (let power = 100; ; power *= 10) {
    const found = [1, 2, 2.5, 5, 10].map((times) => times * power).find((one) => one >= wanted)
    if (found !== undefined) {
      step = found
      break
    }
  }
  const steps = Math.max(1, Math.ceil(max / step))
  return Array.from({ length: steps + 1 }, (_, at) => at * step)
}

/** `¥1,500`; the fen only where there are some. */
export function tickText(fen: number): string {
  return money(fen).replace(/\.00$/, '')
}

/** The hours to draw: from the first with takings to the last, and never fewer than ten. */
export function hoursShown(hours: HourFigures[], now: number | null): { first: number; last: number } {
  const busy = hours.filter((one) => one.takings_fen > 0 || one.week_ago_fen > 0).map((one) => one.hour)
  if (now !== null) busy.push(now)
  let first = busy.length ? Math.min(...busy) : 8
  let last = busy.length ? Math.max(...busy) : 21
  while (last - first < 9) {
    if (last < 22) last += 1
    if (last - first < 9 && first > 7) first -= 1
    if (last >= 22 && first <= 7) break
  }
  return { first, last }
}

export interface Chart {
  width: number
  height: number
  left: number
  base: number
  grid: { y: number; text: string }[]
  bars: { hour: number; x: number; y: number; height: number; now: boolean; fen: number }[]
  points: { x: number; y: number }[]
  labels: { hour: number; x: number }[]
  barWidth: number
  /** The tallest bar, which carries its amount. */
  best: { x: number; y: number; fen: number } | null
}

const TOP = 12
const FOOT = 24
const BAR = 20

/** `now` is the hour that is going on, whose bar is not done yet; `null` for a day that is over. */
export function chart(hours: HourFigures[], now: number | null, width: number, height: number): Chart {
  const { first, last } = hoursShown(hours, now)
  const shown = hours.filter((one) => one.hour >= first && one.hour <= last)
  const scale = ticks(Math.max(0, ...shown.map((one) => Math.max(one.takings_fen, one.week_ago_fen))))
  const max = scale[scale.length - 1]!
  const texts = scale.map(tickText)
  const left = 10 + Math.max(...texts.map((text) => text.length)) * 7
  const base = height - FOOT
  const slot = (width - left) / (last - first + 1)
  const y = (fen: number) => base - (fen / max) * (base - TOP)
  const x = (hour: number) => left + slot * (hour - first + 0.5)
  const round = (n: number) => Math.round(n * 10) / 10
  const bars = shown
    .filter((one) => one.takings_fen > 0 || one.hour === now)
    .map((one) => ({
      hour: one.hour, x: round(x(one.hour)), y: round(y(one.takings_fen)), height: round(base - y(one.takings_fen)),
      now: one.hour === now, fen: one.takings_fen,
    }))
  const best = bars.filter((bar) => !bar.now && bar.fen > 0).sort((a, b) => b.fen - a.fen)[0]
  const every = slot < 24 ? 3 : slot < 56 ? 2 : 1
  return {
    width, height, left, base,
    grid: scale.map((fen, at) => ({ y: round(y(fen)), text: texts[at]! })),
    bars,
    points: shown.some((one) => one.week_ago_fen > 0) ? shown.map((one) => ({ x: round(x(one.hour)), y: round(y(one.week_ago_fen)) })) : [],
    labels: shown.filter((one) => (one.hour - first) % every === 0).map((one) => ({ hour: one.hour, x: round(x(one.hour)) })),
    barWidth: Math.min(BAR, Math.round(slot * 0.6)),
    best: best ? { x: best.x, y: best.y, fen: best.fen } : null,
  }
}

export interface Lead {
  path: string
  query: Record<string, string>
  /** The word on the button: `ui.overview.need.do.…`. */
  act: 'look' | 'replace' | 'key'
  icon: 'wait' | 'bell' | 'differs' | 'certificate' | 'key'
  look: 'amber' | 'red' | 't2'
}

/** Where a need is seen to; `merchant` is whose it is. */
export function lead(need: Need, merchant: string): Lead {
  const payment = need.out_trade_no ?? need.number
  const look = (icon: Lead['icon'], colour: Lead['look']): Lead => ({
    path: 'payments', query: payment ? { open: payment } : {}, act: 'look', icon, look: colour,
  })
  switch (need.kind) {
    case 'unresolved_refund':
    case 'unresolved_order':
      return look('wait', 'amber')
    case 'not_told':
      return look('bell', 'red')
    case 'refund_abnormal':
      return look('differs', 'red')
    case 'certificate_expiring':
      return { path: 'settings', query: { merchant }, act: 'replace', icon: 'certificate', look: 'amber' }
    case 'certificate_expired':
      return { path: 'settings', query: { merchant }, act: 'replace', icon: 'certificate', look: 'red' }
    case 'key_missing':
      return { path: 'settings', query: { merchant }, act: 'key', icon: 'key', look: 'red' }
    default:
      return look('differs', 'red')
  }
}

/** The last four characters of a number, by which people know it. */
export const tail = (number: string): string => [...number].slice(-4).join('')
