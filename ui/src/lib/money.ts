// Money is whole fen, up to 2^53; never a float with a point in it.

const MINUS = '\u2212'

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `123450` as `1,234.50`, negative ones with U+2212 in front. */
export function yuan(fen: number): string {
  const digits = String(Math.abs(fen)).padStart(3, '0')
  return `${fen < 0 ? MINUS : ''}${grouped(digits.slice(0, -2))}.${digits.slice(-2)}`
}

/** `¥1,234.50`, `−¥68.00`. Only of yuan is it known how many decimals they have: another currency is shown by `Money`. */
export function money(fen: number): string {
  return `${fen < 0 ? MINUS : ''}¥${yuan(Math.abs(fen))}`
}

/** `28,800`. */
export function count(n: number): string {
  return `${n < 0 ? MINUS : ''}${grouped(String(Math.abs(n)))}`
}

/**
 * What a person typed as yuan, in fen; `null` if it is no amount. Two decimals at most; full-width digits are digits.
 * A comma stands before three digits: where it is the decimal sign, `12,50` would become twelve hundred and fifty.
 */
export function parseYuan(text: string): number | null {
  const plain = text.normalize('NFKC').replace(/[\s¥￥]/g, '')
  const match = /^(\d{1,13}|\d{1,3}(?:,\d{3}){1,4})(?:\.(\d{0,2}))?$/.exec(plain)
  if (!match) return null
  const fen = Number(match[1]!.replaceAll(',', '')) * 100 + Number((match[2] ?? '').padEnd(2, '0'))
  return Number.isSafeInteger(fen) ? fen : null
}
