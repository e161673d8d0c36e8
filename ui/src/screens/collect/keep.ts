// The order in progress outlives a reload of the page: its number and what was filled in, and nothing of a payer's code.
import { LIFETIMES, WAYS, type Fields, type Way } from './shape'

export interface Kept {
  out_trade_no: string
  way: Way
  fields: Fields
}

const place = (merchant: string) => `paydesk.collect.${merchant}`

export function keep(merchant: string, kept: Kept | null): void {
  try {
    if (kept) sessionStorage.setItem(place(merchant), JSON.stringify(kept))
    else sessionStorage.removeItem(place(merchant))
  } catch {
    // Without room for it the order is still in the ledger.
  }
}

export function kept(merchant: string): Kept | null {
  try {
    const read: unknown = JSON.parse(sessionStorage.getItem(place(merchant)) ?? 'null')
    if (typeof read !== 'object' || read === null) return null
    const { out_trade_no, way, fields } = read as Partial<Kept>
    if (typeof out_trade_no !== 'string' || !out_trade_no || !way || !WAYS.includes(way) || typeof fields !== 'object') return null
    const text = (name: keyof Fields) => (typeof fields[name] === 'string' ? fields[name] : '')
    return {
      out_trade_no, way,
      fields: {
        text: text('text'), body: text('body'), attach: text('attach'), secs: LIFETIMES.includes(fields.secs) ? fields.secs : 300,
        openid: text('openid'), sub_openid: text('sub_openid'), wap_url: text('wap_url'), wap_name: text('wap_name'),
      },
    }
  } catch {
    return null
  }
}
