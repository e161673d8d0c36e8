// What the workbench shows, made of what the program says. No signature is computed here.
import type { CauseView, FieldView, Finding, KeyUsed, MerchantView, QrView, SnippetView, VerifyView } from '../../ipc/generated'

export const TABS = ['verify', 'sign', 'refund', 'pay', 'jssdk'] as const
export type Tab = (typeof TABS)[number]

export function tabOf(query: URLSearchParams): Tab {
  const asked = query.get('tab')
  return TABS.find((tab) => tab === asked) ?? 'verify'
}

/** Above this nothing is read; one character more is sent, so that the program says so itself. */
export const MOST = 1 << 20

export const sent = (text: string): string => text.slice(0, MOST + 1)

// ---------- the editor

/** How a text is coloured: by its first sign, or by any XML in it, as in a log. A very long one is not. */
export function syntaxOf(text: string): 'xml' | 'json' | 'none' {
  if (text.length > 200_000) return 'none'
  const first = text.match(/[^\s\ufeff]/)?.[0]
  if (first === '<' || /<xml\b/i.test(text)) return 'xml'
  return first === '{' || first === '[' ? 'json' : 'none'
}

export interface LineMark {
  /** From 1. */
  line: number
  look: 'bad' | 'sign'
}

/** Where a field stands in what was pasted, as any of the formats writes it; 0 where it is not found. */
export function lineOf(text: string, name: string): number {
  const plain = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const found = text.match(new RegExp(`(?:<|&lt;|\\\\x3C|\\\\u003c)${plain}(?:>|&gt;|\\\\x3E|\\\\u003e|/)|(?<![\\w])["']?${plain}\\\\?["']?\\s*[:=]`, 'i'))
  return found?.index === undefined ? 0 : lineAt(text, found.index)
}

function lineAt(text: string, index: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < index; at = text.indexOf('\n', at + 1)) line += 1
  return line
}

/** The lines that the verdict is about: the signature's, and those of the fields that a proven mistake names. */
export function marksOf(text: string, view: VerifyView | null): LineMark[] {
  if (!view || text.length > 200_000) return []
  const marks = new Map<number, LineMark['look']>()
  const add = (line: number, look: LineMark['look']) => {
    if (line > 0 && !marks.has(line)) marks.set(line, look)
  }
  for (const mistake of view.mistakes) add(mistake.line, 'bad')
  if (view.format !== 'code') {
    const own = view.fields.map((field) => field.name)
    for (const name of accused(view)) if (own.includes(name)) add(lineOf(text, name), 'bad')
    if (view.presented) add(lineOf(text, own.find((name) => /^(sign|paySign|signature)$/i.test(name)) ?? 'sign'), 'sign')
  }
  return [...marks].map(([line, look]) => ({ line, look })).sort((a, b) => a.line - b.line).slice(0, 200)
}

// ---------- the verdict

export type Tone = 'green' | 'amber' | 'red' | 'grey'

/** The signature is good, and the message is somebody else's. */
export function contradicted(view: VerifyView): boolean {
  return view.verdict === 'valid' && view.checks.some((check) => check.ok === false && ['amount', 'currency', 'mch_id', 'appid'].includes(check.id))
}

export function tone(view: VerifyView): Tone {
  switch (view.verdict) {
    case 'valid': return contradicted(view) ? 'red' : 'green'
    case 'valid_but_refused':
    case 'ambiguous': return 'amber'
    case 'unsigned':
    case 'undecidable': return 'grey'
    default: return 'red'
  }
}

/** Where two digests part, from 0; `null` where they do not. Letter case counts: it is one of the mistakes. */
export function parting(expected: string | null, presented: string | null): number | null {
  if (expected === null || presented === null || expected === presented) return null
  const most = Math.min(expected.length, presented.length)
  for (let at = 0; at < most; at++) if (expected[at] !== presented[at]) return at
  return most
}

// ---------- the diagnosis

/** Causes that were made together, the simplest explanation first. */
export function explanations(causes: CauseView[]): CauseView[][] {
  const groups = new Map<number, CauseView[]>()
  for (const cause of causes) groups.set(cause.explanation, [...(groups.get(cause.explanation) ?? []), cause])
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group)
}

/** What the program says where no explanation was found: it stands in the diagnosis, not among the findings. */
export const unexplained = (view: Pick<VerifyView, 'findings'>): Finding | null => view.findings.find((finding) => ['no_key_fits', 'search_ended', 'given_key_does_not_fit'].includes(finding.id)) ?? null

const names = (cause: CauseView) => [cause.params['fields']?.split(/,\s*/) ?? [], cause.params['field'] ?? [], cause.params['from'] ?? []].flat().filter(Boolean)

/** The fields that the simplest explanation is about. */
export function accused(view: VerifyView): Set<string> {
  const all = new Set<string>()
  for (const cause of explanations(view.causes)[0] ?? []) {
    for (const name of names(cause)) all.add(name)
    if (cause.id === 'empty_values_included' || cause.id === 'null_literals_included') {
      for (const field of view.fields) if (field.value === '') all.add(field.name)
    }
    if (cause.id === 'zero_values_dropped') for (const field of view.fields) if (/^0(\.0+)?$/.test(field.value)) all.add(field.name)
  }
  return all
}

export interface FieldRow extends FieldView {
  accused: boolean
}

/** What is to be seen of the fields: those out of the string and those that a cause is about; the rest is folded. */
export function fieldRows(view: VerifyView): { shown: FieldRow[]; rest: FieldRow[]; inside: number; outside: number } {
  const about = accused(view)
  const rows = view.fields.map((field) => ({ ...field, accused: about.has(field.name) }))
  const told = (row: FieldRow) => !row.included || row.accused
  const inside = rows.filter((row) => row.included).length
  // Where nothing is signed, as in a program, nothing is left out either: all of it is what was read.
  if (inside === 0 || view.string_to_sign === null) return { shown: [], rest: rows, inside: 0, outside: rows.length }
  return { shown: rows.filter(told), rest: rows.filter((row) => !told(row)), inside, outside: rows.length - inside }
}

export interface Piece {
  text: string
  kind: 'text' | 'added' | 'key'
}

/**
 * The string to sign in pieces that a line may break between. What the signer put in besides is struck out in its
 * place; the masked key is a piece of its own.
 */
export function toSign(view: VerifyView): Piece[] {
  if (view.string_to_sign === null) return []
  const masked = view.string_to_sign.match(/^([\s\S]*?)(\*{3,})$/)
  const parts: Piece[] = pairs(masked ? masked[1]! : view.string_to_sign)
  const extra = [...accused(view)].filter((name) => view.fields.some((field) => field.name === name && field.value === '' && !field.included)).sort()
  const wasEmpty = explanations(view.causes)[0]?.some((cause) => cause.id === 'empty_values_included') ?? false
  if (wasEmpty) for (const name of extra) insert(parts, name)
  if (masked) parts.push({ text: masked[2]!, kind: 'key' })
  return parts
}

/** Cut before each `&`; strangers' text may be in it, so this cuts and never reads. */
function pairs(text: string): Piece[] {
  return text.split(/(?=&)/).map((part) => ({ text: part, kind: 'text' as const }))
}

const nameIn = (piece: Piece) => piece.text.replace(/^&/, '').split('=', 1)[0]!

function insert(parts: Piece[], name: string): void {
  const end = parts.findIndex((part) => part.kind === 'text' && nameIn(part) > name && nameIn(part) !== 'key')
  const before = end === -1 ? parts.findIndex((part) => part.text === '&key=') : end
  const at = before === -1 ? parts.length : before
  parts.splice(at, 0, { text: at === 0 ? `${name}=&` : `&${name}=`, kind: 'added' })
}

export const LANGUAGES = ['node', 'python', 'java', 'go', 'php', 'rust'] as const
export type Language = (typeof LANGUAGES)[number]

export function snippet(all: SnippetView[], language: Language): string | null {
  return all.find((one) => one.language === language)?.code ?? null
}

/** `+ new`, `- old` and the lines around them, as a patch has them; other code stands as it is. */
export function patch(code: string): { text: string; look: 'add' | 'take' | 'same' }[] {
  return code.replace(/\n$/, '').split('\n').map((text) => ({ text, look: /^\+(?!\+)/.test(text) ? 'add' : /^-(?!-)/.test(text) ? 'take' : 'same' }))
}

// ---------- keys

export interface TriedKey {
  /** Whose: a merchant's label, or `null` for the built-in one. */
  merchant: string | null
  kind: string
  fingerprint: string
  days: number | null
  result: 'hit' | 'no' | null
}

/** A key's label as the program writes it: `bakery · api_v2`. */
export function keyParts(key: KeyUsed): { merchant: string | null; kind: string } {
  const cut = key.label.lastIndexOf(' · ')
  return cut === -1 ? { merchant: null, kind: key.label } : { merchant: key.label.slice(0, cut), kind: key.label.slice(cut + 3) }
}

/** The key that signed what was presented: the right one, or the one that a proven mistake was replayed with. */
function fitting(view: VerifyView): { merchant: string | null; kind: string; fingerprint: string | null } | null {
  const [first] = explanations(view.causes)
  const other = first?.find((cause) => cause.id === 'other_key')
  if (other) return { merchant: other.params['merchant'] ?? null, kind: other.params['kind'] ?? '', fingerprint: other.params['fingerprint'] ?? null }
  const good = ['valid', 'valid_but_refused', 'ambiguous'].includes(view.verdict) || first?.some((cause) => cause.proven)
  return good && view.key ? { ...keyParts(view.key), fingerprint: view.key.fingerprint } : null
}

/** Every stored key, and whether it is the one. */
export function triedKeys(merchants: MerchantView[], view: VerifyView | null): TriedKey[] {
  // A refund notice has no signature: the keys were tried on what it holds.
  const judged = view !== null && view.keys_tried > 0 && (view.presented !== null || view.recognised === 'refund_notice')
  const hit = view && judged ? fitting(view) : null
  const all = merchants.flatMap((merchant): (TriedKey & { name: string })[] =>
    merchant.keys.map((key) => ({
      merchant: merchant.built_in ? null : merchant.label || merchant.name, name: merchant.name, kind: key.kind, fingerprint: key.fingerprint, days: key.age_days, result: null,
    })),
  )
  const fits = (key: TriedKey & { name: string }) =>
    hit !== null && key.kind === hit.kind && (hit.merchant === null || hit.merchant === key.name || hit.merchant === key.merchant) && (hit.fingerprint === null || hit.fingerprint === key.fingerprint)
  return all.map(({ name, ...key }): TriedKey => ({ ...key, result: judged ? (fits({ name, ...key }) ? 'hit' : 'no') : null })).sort((a, b) => Number(b.result === 'hit') - Number(a.result === 'hit'))
}

// ---------- pay parameters

export const KINDS = ['jsapi', 'app', 'h5', 'native'] as const
export type Kind = (typeof KINDS)[number]

/** Values of a parameter list as text, in their order. */
export const paramList = (params: Record<string, unknown>): [string, string][] =>
  Object.entries(params).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)])

/** The dark fields of a QR code as one path, with the four fields of quiet around it. */
export function qrPath({ size, rows }: QrView): { side: number; path: string } {
  let path = ''
  rows.forEach((row, y) => {
    for (const run of row.matchAll(/1+/g)) path += `M${run.index + 4} ${y + 4}h${run[0].length}v1h-${run[0].length}z`
  })
  return { side: size + 8, path }
}

// ---------- what is kept

/** What was pasted outlives a look at another screen, and nothing else: it is in this page's memory alone. */
export const drafts: Record<'verify' | 'beside' | 'string' | 'sign' | 'refund', string> = { verify: '', beside: '', string: '', sign: '', refund: '' }

const PLACE = 'paydesk.workbench.language'

/** The language of the fixes. Only that is remembered. */
export function keptLanguage(): Language {
  try {
    const kept = localStorage.getItem(PLACE)
    return LANGUAGES.find((language) => language === kept) ?? 'node'
  } catch {
    return 'node'
  }
}

export function keepLanguage(language: Language): void {
  try {
    localStorage.setItem(PLACE, language)
  } catch {
    // It is chosen anew the next time.
  }
}
