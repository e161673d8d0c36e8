// Words come from `locales/`, by typed keys.
import type zh from '../../../locales/zh-CN.json'

export type Lang = 'zh-CN' | 'en'
type Shown = 'ui' | 'state' | 'trade_type' | 'operation' | 'environment' | 'key_kind' | 'merchant.check'
export type Key = Extract<keyof typeof zh, `${Shown}.${string}` | 'ask.accept'>
export type Params = Record<string, string | number>

let lang = $state<Lang>('zh-CN')
let words = $state.raw<Record<string, string>>({})

const load = (lang: Lang) => (lang === 'en' ? import('virtual:words/en') : import('virtual:words/zh-CN'))

/** Fetches the words that will most likely be wanted, while something else is waited for. */
export function expectLang(): void {
  // What does not come is missed when it is wanted.
  load(navigator.language.startsWith('zh') ? 'zh-CN' : 'en').catch(() => {})
}

export async function setLang(next: Lang): Promise<void> {
  words = (await load(next)).default
  lang = next
  document.documentElement.lang = next
}

export const currentLang = (): Lang => lang

function fill(text: string, params: Params): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? String(params[name]) : whole))
}

/** The words of a key, its `{name}`s filled in. */
export function t(key: Key, params: Params = {}): string {
  return fill(words[key] ?? key, params)
}

export const has = (key: string): boolean => key in words

/** The words of a key that is made of a code, or the code itself where it has none: a newer word of WeChat Pay's. */
export function word(prefix: string, code: string | null | undefined): string {
  if (!code) return ''
  return words[`${prefix}.${code}`] ?? code
}

/** What of both languages is to be shown. */
export function either(both: { zh: string; en: string }): string {
  return lang === 'en' ? both.en : both.zh
}
