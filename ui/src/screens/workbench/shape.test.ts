import { describe, expect, it } from 'vitest'
import { madeCause, madeVerify } from '../../dev/workbench'
import type { MerchantView, VerifyView } from '../../ipc/generated'
import { decode, readFile } from './file'
import {
  accused, contradicted, explanations, fieldRows, keptLanguage, keepLanguage, lineOf, marksOf, MOST, parting, patch, sent, snippet, syntaxOf, tabOf, tone, toSign, triedKeys,
} from './shape'

it('has its tab in the address, and nothing else', () => {
  expect(tabOf(new URLSearchParams())).toBe('verify')
  expect(tabOf(new URLSearchParams('tab=jssdk'))).toBe('jssdk')
  expect(tabOf(new URLSearchParams('tab=<script>'))).toBe('verify')
})

it('sends one character more than is read, and no more', () => {
  expect(sent('a'.repeat(MOST))).toHaveLength(MOST)
  expect(sent('a'.repeat(3 * MOST))).toHaveLength(MOST + 1)
})

it.each([
  ['<xml><a>1</a></xml>', 'xml'],
  ['\ufeff  <xml/>', 'xml'],
  ['12:00 INFO got <xml><a>1</a></xml>', 'xml'],
  ['POST / HTTP/1.1\n\n<xml>', 'xml'],
  ['{"a":1}', 'json'],
  ['wx.requestPayment({})', 'none'],
  ['', 'none'],
  ['<'.repeat(300_000), 'none'],
])('colours %# as it is written', (text, syntax) => expect(syntaxOf(text)).toBe(syntax))

it.each([
  ['<xml>\n<sign>A</sign>\n</xml>', 'sign', 2],
  ['<xml>\n<sign_type>MD5</sign_type>\n<sign>A</sign>', 'sign', 3],
  ['{\n "a": 1,\n "sign": "A"}', 'sign', 3],
  ['{"x":"{\\n \\"sign\\": 1}"}', 'sign', 1],
  ['\\x3Cxml\\x3E\n\\x3Csign\\x3EA', 'sign', 2],
  ['\\u003cxml\\u003e\n\n\\u003csign\\u003e', 'sign', 3],
  ['&lt;xml&gt;\n&lt;sign&gt;A', 'sign', 2],
  ["wx.requestPayment({\n timeStamp: '1',\n paySign: 'A'\n})", 'paySign', 3],
  ['a=1&sign=A', 'sign', 1],
  ['design=1\nsign=2', 'sign', 2],
  ['<xml></xml>', 'sign', 0],
  ['a', 'a.*(', 0],
])('finds the line of a field %#', (text, name, line) => expect(lineOf(text, name)).toBe(line))

it('marks the line of the signature and those of the fields that a mistake is about', () => {
  const text = '<xml>\n<attach></attach>\n<sign>B12800844A0820ED0D0C7C481E3CFEE1</sign>\n<device_info/>\n</xml>'
  expect(marksOf(text, madeVerify())).toEqual([{ line: 2, look: 'bad' }, { line: 3, look: 'sign' }, { line: 4, look: 'bad' }])
  expect(marksOf(text, madeVerify({ causes: [] }))).toEqual([{ line: 3, look: 'sign' }])
  expect(marksOf(text, null)).toEqual([])
  const mistakes = [{ id: 'x', line: 7, excerpt: '', message: '', cause: null }]
  expect(marksOf(text, madeVerify({ format: 'code', mistakes }))).toEqual([{ line: 7, look: 'bad' }])
})

describe('the verdict', () => {
  it.each<[VerifyView['verdict'], string]>([
    ['valid', 'green'], ['valid_but_refused', 'amber'], ['ambiguous', 'amber'], ['invalid', 'red'], ['malformed', 'red'], ['unsigned', 'grey'], ['undecidable', 'grey'],
  ])('%s is %s', (verdict, colour) => expect(tone(madeVerify({ verdict }))).toBe(colour))

  it('is red where the signature is good and the message is about another amount', () => {
    const view = madeVerify({ verdict: 'valid', checks: [{ id: 'amount', ok: false, message: '' }] })
    expect(contradicted(view)).toBe(true)
    expect(tone(view)).toBe('red')
    expect(contradicted(madeVerify({ verdict: 'valid', checks: [{ id: 'order_known', ok: false, message: '' }] }))).toBe(false)
  })

  it.each([
    ['ABC', 'ABC', null], ['ABC', 'ABD', 2], ['ABC', 'abc', 0], ['ABC', 'AB', 2], ['', 'A', 0], [null, 'A', null],
  ])('parts %s from %s at %s', (expected, presented, at) => expect(parting(expected, presented)).toBe(at))
})

describe('the diagnosis', () => {
  it('has causes that were made together in one explanation, the simplest first', () => {
    const causes = [madeCause({ id: 'b', explanation: 1 }), madeCause({ id: 'a' }), madeCause({ id: 'c', explanation: 1 })]
    expect(explanations(causes).map((group) => group.map((cause) => cause.id))).toEqual([['a'], ['b', 'c']])
    expect(explanations([])).toEqual([])
  })

  it('names the fields of the simplest explanation alone', () => {
    const left = madeCause({ id: 'fields_left_out', params: { fields: 'coupon_fee, coupon_count' } })
    const named = madeCause({ id: 'names_wrong', params: { from: 'timeStamp', to: 'timestamp' } })
    expect([...accused(madeVerify({ causes: [left, named] }))]).toEqual(['coupon_fee', 'coupon_count', 'timeStamp'])
    expect([...accused(madeVerify({ causes: [left, { ...named, explanation: 1 }] }))]).toEqual(['coupon_fee', 'coupon_count'])
    expect([...accused(madeVerify())]).toEqual(['attach', 'device_info'])
  })

  it('shows what is out of the string and what a mistake is about, and folds the rest', () => {
    const { shown, rest, inside, outside } = fieldRows(madeVerify())
    expect(shown.map((row) => [row.name, row.accused])).toEqual([['attach', true], ['device_info', true], ['sign', false]])
    expect([rest.length, inside, outside]).toEqual([14, 14, 3])
    const unsigned = madeVerify({ fields: [{ name: 'req_info', value: 'x', included: false, reason: 'not_signed' }] })
    expect(fieldRows(unsigned)).toMatchObject({ shown: [], inside: 0, outside: 1 })
  })

  it('strikes out what the signer put in besides, in its place, and keeps the key apart', () => {
    const pieces = toSign(madeVerify())
    expect(pieces.filter((piece) => piece.kind === 'added').map((piece) => piece.text)).toEqual(['&attach=', '&device_info='])
    expect(pieces.map((piece) => piece.text).join('')).toContain('appid=wxsimulated0000001&attach=&bank_type=OTHERS&cash_fee=3600&device_info=&fee_type=CNY')
    expect(pieces.at(-1)).toEqual({ text: '***', kind: 'key' })
    // Without a proven mistake it is the string, to the letter.
    const plain = madeVerify({ causes: [] })
    expect(toSign(plain).map((piece) => piece.text).join('')).toBe(plain.string_to_sign)
    expect(toSign(madeVerify({ string_to_sign: null }))).toEqual([])
  })

  it('puts a field before the first and behind the last one', () => {
    const fields = ['a', 'z'].map((name) => ({ name, value: '', included: false, reason: 'empty' }))
    const text = toSign(madeVerify({ string_to_sign: 'm=1&key=***', fields })).map((piece) => piece.text).join('')
    expect(text).toBe('a=&m=1&z=&key=***')
  })

  it('has a piece of a program by its language, and its lines as a patch has them', () => {
    expect(snippet(madeCause().fixes, 'python')).toContain('sorted(')
    expect(snippet(madeCause().fixes, 'go')).toBeNull()
    expect(patch(' a\n+b\n-c\n++d\n').map((line) => line.look)).toEqual(['same', 'add', 'take', 'same'])
  })
})

const merchant = (name: string, built_in: boolean, kinds: [string, string][]): MerchantView => ({
  name, label: `${name}!`, environment: 'live', built_in, mch_id: '1', appid: 'wx', sub_mch_id: null, sub_appid: null, sign_type: 'MD5', notify_url: null, gateway_url: null,
  keys: kinds.map(([kind, fingerprint]) => ({ kind, fingerprint, added_at: null, retired_at: null, age_days: 3 })), certificate: null,
})

describe('the keys', () => {
  const all = [merchant('simulated', true, [['api_v2', 'SIMU']]), merchant('bakery', false, [['api_v2', 'B07F'], ['api_v3', '7C1A']])]
  const hits = (view: VerifyView | null) => triedKeys(all, view).map((key) => `${key.fingerprint} ${key.result}`)

  it('names the one that fits first', () => {
    expect(hits(null)).toEqual(['SIMU null', 'B07F null', '7C1A null'])
    expect(hits(madeVerify({ causes: [], key: { label: 'bakery · api_v2', fingerprint: 'B07F' } }))).toEqual(['SIMU no', 'B07F no', '7C1A no'])
    expect(hits(madeVerify({ key: { label: 'bakery · api_v2', fingerprint: 'B07F' } }))).toEqual(['B07F hit', 'SIMU no', '7C1A no'])
    const other = madeCause({ id: 'other_key', params: { merchant: 'bakery', kind: 'api_v3' } })
    expect(hits(madeVerify({ causes: [other] }))).toEqual(['7C1A hit', 'SIMU no', 'B07F no'])
    expect(hits(madeVerify({ verdict: 'valid', causes: [] }))[0]).toBe('SIMU hit')
    expect(hits(madeVerify({ presented: null, verdict: 'unsigned', causes: [] }))).toEqual(['SIMU null', 'B07F null', '7C1A null'])
    expect(hits(madeVerify({ keys_tried: 0, verdict: 'unsigned', causes: [] }))).toEqual(['SIMU null', 'B07F null', '7C1A null'])
  })
})

describe('a file', () => {
  const bytes = (...all: number[]) => new Uint8Array(all).buffer
  it('is UTF-8 to the byte, its byte order mark too', () => expect(decode(bytes(0xef, 0xbb, 0xbf, 0x61, 0x0d, 0x0a))).toEqual({ text: '\ufeffa\r\n', trouble: null }))
  it('is GBK where it is no UTF-8', () => expect(decode(bytes(0xc3, 0xe6, 0xb0, 0xfc))).toEqual({ text: '面包', trouble: 'ui.workbench.file.gbk' }))
  it('is not read beyond 1 MiB', async () => expect(await readFile(new Blob(['a'.repeat(MOST + 1)]))).toEqual({ text: null, trouble: 'ui.workbench.file.too_large' }))
})

it('remembers the language of the fixes', () => {
  expect(keptLanguage()).toBe('node')
  keepLanguage('php')
  expect(keptLanguage()).toBe('php')
  localStorage.setItem('paydesk.workbench.language', '<b>')
  expect(keptLanguage()).toBe('node')
  localStorage.clear()
})
