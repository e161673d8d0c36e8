import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { pieces } from './foreign'
import { count, money, parseYuan } from './money'
import { inChina, left, moment, plusDays, today, weekday } from './time'
import { reveal, span } from './virtual'

describe('money', () => {
  const rows = JSON.parse(readFileSync('../tests/fixtures/money/yuan.json', 'utf8')) as [number, string][]
  it.each(rows)('%i is %s, as in Rust', (fen, shown) => {
    expect(money(fen).replace('\u2212', '-')).toBe(shown)
    expect(money(fen).includes('-')).toBe(false)
  })
  it('counts', () => expect([count(0), count(28800), count(-1234567)]).toEqual(['0', '28,800', '\u22121,234,567']))
  it.each([
    ['1', 100], ['1.', 100], ['0.5', 50], ['88.00', 8800], ['1,234.50', 123450], ['¥ 12.34', 1234], ['１２.３', 1230],
    ['', null], ['-1', null], ['1.234', null], ['1e3', null], ['0x10', null], ['.', null], ['12元', null], ['99999999999999', null],
    ['1,234,567', 123_456_700], ['1，000', 100_000], ['12,50', null], ['1.234,50', null], ['1,23', null], [',100', null], ['1234,567', null],
  ] as [string, number | null][])('reads %s', (text, fen) => expect(parseYuan(text)).toBe(fen))
})

describe('time', () => {
  it('is UTC+8 whatever the zone', () => {
    expect(inChina(Date.UTC(2026, 10, 20, 16, 0, 1))).toBe('2026-11-21T00:00:01+08:00')
    expect(today(Date.UTC(2026, 10, 20, 15, 59, 59))).toBe('2026-11-20')
    expect(moment('2026-11-21T14:05:09+08:00')).toEqual({ day: '2026-11-21', clock: '14:05:09', ms: Date.UTC(2026, 10, 21, 6, 5, 9) })
    expect([plusDays('2026-03-01', -1), plusDays('2026-12-31', 1), weekday('2026-11-21')]).toEqual(['2026-02-28', '2027-01-01', 6])
  })
  it('counts down', () => expect([left(277_000), left(0), left(-5), left(3_723_000), left(1)]).toEqual(['4:37', '0:00', '0:00', '1:02:03', '0:01']))
})

describe('foreign text', () => {
  const shown = (text: string) => pieces(text).map((piece) => (piece.mark ? `[${piece.mark}]` : piece.text)).join('')
  it.each([
    ['面包 bread', '面包 bread'],
    ['海盐可颂\u200b、拿铁', '海盐可颂[ZWSP]、拿铁'],
    ['a\u202efdp.exe', 'a[RLO]fdp.exe'],
    ['\u0000\u001b[31m', '[NUL][ESC][31m'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['👨‍👩‍👧 ❤️ 👍🏽', '👨‍👩‍👧 ❤️ 👍🏽'],
    ['a\u200db', 'a[ZWJ]b'],
    ['\u{e0041}', '[U+E0041]'],
    ['\ud800x', '[U+D800]x'],
    ['e\u0301', 'e\u0301'],
    ['　全角', '　全角'],
    ['مرحبا', 'مرحبا'],
  ])('%j', (text, want) => expect(shown(text)).toBe(want))
  it('keeps a pile of marks off the neighbours', () => {
    expect(shown(`a${'\u0301'.repeat(6)}`)).toBe('a\u0301\u0301\u0301[U+0301][U+0301][U+0301]')
  })
  it('is whole in its pieces, and cut for the eye', () => {
    const text = `x\u200b${'长'.repeat(10_000)}`
    const parts = pieces(text, 100)
    expect(parts.map((piece) => piece.text).join('')).toBe(text)
    expect(parts.at(-1)?.mark).toBe('+9902')
  })
})

describe('a list of any length', () => {
  it('draws what is in view', () => {
    expect(span(0, 0, 500)).toEqual({ first: 0, size: 0, height: 0, top: 0 })
    expect(span(3, 0, 500)).toMatchObject({ first: 0, size: 3, height: 96, top: 0 })
    const mid = span(100_000, 32_000, 480)
    expect(mid.first).toBe(996)
    expect(mid.top).toBe(996 * 32)
  })
  it.each([10_000, 937_500, 1_000_000, 5_000_000])('reaches the first and the last of %i rows', (rows) => {
    const view = 480
    const { height } = span(rows, 0, view)
    expect(height).toBeLessThanOrEqual(30_000_000)
    const end = span(rows, height - view, view)
    expect(end.first + end.size).toBe(rows)
    // The last row ends where the view ends.
    expect(end.top + end.size * 32).toBeCloseTo(height, 3)
    for (const index of [0, 1, Math.floor(rows / 3), rows - 1]) {
      const scroll = reveal(rows, index, height / 2, view) ?? height / 2
      const seen = span(rows, scroll, view, 32, 0)
      expect(index).toBeGreaterThanOrEqual(seen.first)
      expect(index).toBeLessThan(seen.first + seen.size)
    }
  })
})
