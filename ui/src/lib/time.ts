// Times come as RFC 3339 in +08:00 and are shown as they stand, whatever the computer's zone.

export interface Moment {
  /** `2026-11-21` */ day: string
  /** `14:05:09` */ clock: string
  /** Milliseconds since the epoch. */ ms: number
}

export function moment(text: string): Moment {
  return { day: text.slice(0, 10), clock: text.slice(11, 19), ms: Date.parse(text) }
}

/** `11-21` */
export const monthDay = (day: string) => day.slice(5)

/** A moment of this computer's clock in UTC+8: `2026-11-21T14:05:09+08:00`. */
export function inChina(ms: number): string {
  return `${new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`
}

export function today(now = Date.now()): string {
  return inChina(now).slice(0, 10)
}

export function plusDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

/** 0 for Sunday. */
export function weekday(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay()
}

/** `4:37`, `1:02:03`; never below zero. */
export function left(ms: number): string {
  const all = Math.max(0, Math.ceil(ms / 1000))
  const two = (n: number) => String(n).padStart(2, '0')
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}
