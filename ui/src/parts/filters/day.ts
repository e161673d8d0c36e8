// Days as people type them, and the ranges they mean.
import { plusDays } from '../../lib/time'

/** `2026-11-21`, `2026/11/21`, `20261121`, `11-21` of this year; `null` if there is no such day. */
export function parseDay(text: string, today: string): string | null {
  const plain = text.normalize('NFKC').trim()
  const whole = /^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?$/.exec(plain)
  const short = /^(\d{1,2})[-/.月](\d{1,2})日?$/.exec(plain)
  const [year, month, day] = whole ? whole.slice(1) : short ? [today.slice(0, 4), short[1], short[2]] : []
  if (!year || !month || !day) return null
  const found = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const ms = Date.parse(`${found}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(found) ? found : null
}

export type Preset = 'today' | 'yesterday' | 'week' | 'month' | 'last_month'
export const PRESETS: Preset[] = ['today', 'yesterday', 'week', 'month', 'last_month']

export function preset(which: Preset, today: string): { from: string; to: string } {
  const first = `${today.slice(0, 8)}01`
  if (which === 'today') return { from: today, to: today }
  if (which === 'yesterday') return { from: plusDays(today, -1), to: plusDays(today, -1) }
  if (which === 'week') return { from: plusDays(today, -6), to: today }
  if (which === 'month') return { from: first, to: today }
  const last = plusDays(first, -1)
  return { from: `${last.slice(0, 8)}01`, to: last }
}
