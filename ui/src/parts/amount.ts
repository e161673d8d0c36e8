import { t } from '../lib/i18n.svelte'
import { count, money } from '../lib/money'

/** An amount within a sentence. Of another currency nobody knows how many decimals it has: its smallest unit is said. */
export function amountText(fen: number, currency: string): string {
  return currency === 'CNY' ? money(fen) : t('ui.money.smallest', { amount: count(fen), currency })
}
