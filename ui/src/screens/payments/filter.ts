// The filter of the payments, in the address and as a form: `state=paid,refunded&from=2026-11-18&min=100`.
import type { PaymentsForm } from '../../ipc/generated'

export const STATES = [
  'paid', 'refunded', 'unpaid', 'user_paying', 'accepted', 'closed', 'revoked', 'pay_error', 'unknown', 'rejected', 'not_sent',
]
export const TRADE_TYPES = ['native', 'jsapi', 'micropay', 'h5', 'app']
export const EVIDENCE = ['told', 'not_told', 'asked', 'not_asked', 'billed', 'not_billed']
/** The names in the address that belong to the filter; the others say what is open. */
export const NAMES = ['q', 'state', 'type', 'from', 'to', 'min', 'max', 'evidence', 'disagreeing', 'unresolved'] as const

function words(text: string | null, known: string[]): string[] {
  const given = new Set((text ?? '').split(','))
  return known.filter((word) => given.has(word))
}

function day(text: string | null): string | null {
  if (!text || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return null
  const ms = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text) ? text : null
}

function fen(text: string | null): number | null {
  return text && /^\d{1,15}$/.test(text) ? Number(text) : null
}

/** What cannot be read in an address is left out: it filters nothing. */
export function formOf(query: URLSearchParams): PaymentsForm {
  return {
    text: query.get('q') ?? '',
    states: words(query.get('state'), STATES),
    trade_types: words(query.get('type'), TRADE_TYPES),
    from: day(query.get('from')),
    to: day(query.get('to')),
    min_fen: fen(query.get('min')),
    max_fen: fen(query.get('max')),
    evidence: words(query.get('evidence'), EVIDENCE),
    disagreeing: query.get('disagreeing') === '1',
    unresolved: query.get('unresolved') === '1',
  }
}

/** The same as the names of the address, always in one order; absent ones are `null`. */
export function namesOf(form: PaymentsForm): Record<(typeof NAMES)[number], string | null> {
  return {
    q: form.text || null,
    state: form.states.join(',') || null,
    type: form.trade_types.join(',') || null,
    from: form.from,
    to: form.to,
    min: form.min_fen === null ? null : String(form.min_fen),
    max: form.max_fen === null ? null : String(form.max_fen),
    evidence: form.evidence.join(',') || null,
    disagreeing: form.disagreeing ? '1' : null,
    unresolved: form.unresolved ? '1' : null,
  }
}

/** As one text, to compare filters by and to keep in a saved view. */
export function textOf(form: PaymentsForm): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(namesOf(form))) if (value !== null) query.set(name, value)
  return query.toString()
}

export const ALL: PaymentsForm = formOf(new URLSearchParams())

/** Chosen or not, in the order of the known ones. */
export function toggled(list: string[], word: string, known: string[]): string[] {
  const next = new Set(list)
  if (!next.delete(word)) next.add(word)
  return known.filter((one) => next.has(one))
}
