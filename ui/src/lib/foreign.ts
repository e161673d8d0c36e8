// Strangers' text is shown as text; what would be invisible or would turn the line around is shown as a mark.

export interface Piece {
  text: string
  /** The name on the mark, for a character that cannot be shown itself. */
  mark: string | null
}

const NAMES: Record<number, string> = {
  0x00: 'NUL', 0x09: 'TAB', 0x0a: 'LF', 0x0d: 'CR', 0x1b: 'ESC', 0x7f: 'DEL', 0x85: 'NEL', 0xa0: 'NBSP', 0xad: 'SHY',
  0x034f: 'CGJ', 0x061c: 'ALM', 0x115f: 'HCF', 0x1160: 'HJF', 0x17b4: 'KIVAQ', 0x17b5: 'KIVAA', 0x180e: 'MVS',
  0x200b: 'ZWSP', 0x200c: 'ZWNJ', 0x200d: 'ZWJ', 0x200e: 'LRM', 0x200f: 'RLM', 0x2028: 'LSEP', 0x2029: 'PSEP',
  0x202a: 'LRE', 0x202b: 'RLE', 0x202c: 'PDF', 0x202d: 'LRO', 0x202e: 'RLO', 0x2060: 'WJ', 0x2066: 'LRI',
  0x2067: 'RLI', 0x2068: 'FSI', 0x2069: 'PDI', 0x3164: 'HF', 0xfeff: 'BOM', 0xffa0: 'HHF', 0xfffc: 'OBJ',
}

// Joiners and selectors inside an emoji belong to it.
const EMOJI_JOIN = /\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?(?:\u200d\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)+/gu
const HIDDEN =
  /[\u0000-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ud800-\udfff\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffd\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/u

/** A run of marks above this many on one character is drawn over its neighbours. */
const STACKED = 3

function name(char: string): string {
  const code = char.codePointAt(0)!
  return NAMES[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}

/** Splits text into what is shown as it is and marks for what is not. Shown text is cut after `max` characters. */
export function pieces(text: string, max = 2000): Piece[] {
  const kept = new Map<number, number>()
  for (const match of text.matchAll(EMOJI_JOIN)) kept.set(match.index, match.index + match[0].length)
  const out: Piece[] = []
  let plain = ''
  let stacked = 0
  let shown = 0
  let within = 0
  const flush = () => {
    if (plain) out.push({ text: plain, mark: null })
    plain = ''
  }
  let at = 0
  for (const char of text) {
    if (shown >= max) {
      flush()
      out.push({ text: text.slice(at), mark: `+${[...text.slice(at)].length}` })
      return out
    }
    shown += 1
    within = Math.max(within, kept.get(at) ?? 0)
    const combining = /^\p{M}$/u.test(char)
    stacked = combining ? stacked + 1 : 0
    // The ideographic space is ordinary in Chinese.
    const hidden = char !== '\u3000' && at >= within && HIDDEN.test(char) && char !== '\u2002' && char !== '\u2003'
    if (hidden || (stacked > STACKED && at >= within)) {
      flush()
      out.push({ text: char, mark: name(char) })
    } else plain += char
    at += char.length
  }
  flush()
  return out
}
