// What a merchant's form needs beyond its fields.
import type { CheckItem, LedgerCheckView, MerchantForm, MerchantView } from '../../ipc/generated'

export const SECTIONS = ['merchants', 'ledger', 'look', 'sound', 'limit', 'keys', 'about'] as const
export type Section = (typeof SECTIONS)[number]

export function sectionOf(query: URLSearchParams): Section {
  const named = query.get('section')
  return SECTIONS.find((section) => section === named) ?? 'merchants'
}

export const blank = (): MerchantForm => ({
  name: '', label: '', environment: 'live', mch_id: '', appid: '', sub_mch_id: null, sub_appid: null, sign_type: 'MD5',
  notify_url: null, gateway_url: null, gateway_ca: null,
})

/** A merchant's name is its identity: letters and digits of its label, and no other merchant's. */
export function nameFrom(label: string, mchId: string, taken: string[]): string {
  const plain = [...label.normalize('NFKC')].map((char) => (/[\p{L}\p{N}_-]/u.test(char) ? char : '-')).join('')
  const base = [...(plain.replace(/-+/g, '-').replace(/^-|-$/g, '') || `shop-${mchId}`)].slice(0, 28).join('')
  const used = (name: string) => name === 'simulated' || taken.includes(name)
  if (!used(base)) return base
  for (let n = 2; ; n++) if (!used(`${base}-${n}`)) return `${base}-${n}`
}

/** An empty field is an absent one; blanks around an id were pasted with it. */
export function tidied(form: MerchantForm, taken: string[]): MerchantForm {
  const some = (text: string | null) => (text && text.trim() ? text.trim() : null)
  const simulated = form.environment === 'simulated'
  const mch_id = form.mch_id.trim()
  return {
    ...form,
    name: nameFrom(form.label, mch_id, taken),
    label: form.label.trim(),
    mch_id,
    appid: form.appid.trim(),
    sub_mch_id: some(form.sub_mch_id),
    sub_appid: some(form.sub_appid),
    notify_url: some(form.notify_url),
    gateway_url: simulated ? some(form.gateway_url) : null,
    gateway_ca: simulated ? some(form.gateway_ca) : null,
  }
}

export type Verdict = 'good' | 'no_refund' | 'bad' | 'unsure'

/** Can it take money, can it give money back? */
export function verdict(items: CheckItem[]): { verdict: Verdict; right: number; wrong: number; open: number } {
  const right = items.filter((item) => item.ok === true).length
  const wrong = items.filter((item) => item.ok === false)
  const certificateOnly = wrong.length > 0 && wrong.every((item) => item.id === 'certificate')
  const proven = items.some((item) => item.id === 'key' && item.ok === true)
  const open = items.length - right - wrong.length
  return {
    verdict: certificateOnly && proven ? 'no_refund' : wrong.length > 0 ? 'bad' : proven ? 'good' : 'unsure',
    right, wrong: wrong.length, open,
  }
}

/** The wrong ones first. */
export function sorted(items: CheckItem[]): CheckItem[] {
  const rank = (item: CheckItem) => (item.ok === false ? 0 : item.ok === null ? 1 : 2)
  return [...items].sort((a, b) => rank(a) - rank(b))
}

/** The kinds of key a merchant of this environment needs, in order. */
export function kindsFor(environment: string): string[] {
  return environment === 'sandbox' ? ['api_v2', 'sandbox', 'api_v3', 'app_secret'] : ['api_v2', 'api_v3', 'app_secret']
}

/** Keys of these kinds have exactly so many characters; an AppSecret's length nobody fixes. */
export const KEY_LENGTH = 32

/** How long a typed key is if that is not how long it must be; blanks around it were pasted with it. */
export function wrongLength(kind: string, key: string | undefined): number | null {
  const length = [...(key ?? '').trim()].length
  return length === 0 || length === KEY_LENGTH || kind === 'app_secret' ? null : length
}

export function keyOf(merchant: MerchantView | null, kind: string) {
  return merchant?.keys.find((key) => key.kind === kind) ?? null
}

export async function base64(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

/** A ledger's troubles that are settled by taking it as it is. One that is damaged is not among them. */
const ACCEPTABLE = ['ledger_gone', 'ledger_replaced', 'ledger_rolled_back', 'ledger_head_damaged', 'ledger_head_missing', 'ledger_key_lost']
/** The same, as a check finds them. */
const HEAD = ['head_ahead', 'head_differs', 'head_damaged', 'head_missing', 'key_lost']

/** Whether a check found nothing wrong but what is kept outside of the ledger. */
export const onlyHead = (check: LedgerCheckView): boolean =>
  check.findings.length > 0 && check.findings.every((finding) => HEAD.includes(finding.id))

/** Whether taking the ledger as it is settles something. The program has the last word: it takes no broken journal. */
export function isAcceptable(troubles: (string | undefined)[], check: LedgerCheckView | null): boolean {
  if (troubles.includes('ledger_damaged') || troubles.includes('ledger_not_acceptable')) return false
  return troubles.some((code) => ACCEPTABLE.includes(code ?? '')) || (check?.findings ?? []).some((finding) => HEAD.includes(finding.id))
}
