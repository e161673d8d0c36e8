import { describe, expect, it } from 'vitest'
import type { PaymentView, RawItem } from '../../ipc/generated'
import { has, setLang } from '../../lib/i18n.svelte'
import {
  amountIssue, countdown, fenOf, further, log, missing, orderForm, paramList, press, qrPath, scanned, settled, standing, steps, toldKey, type Fields,
} from './shape'

const fields = (some: Partial<Fields> = {}): Fields => ({
  text: '36', body: '面包', attach: '', secs: 300, openid: '', sub_openid: '', wap_url: '', wap_name: '', ...some,
})
const payment = (some: Partial<PaymentView> = {}): PaymentView => ({
  merchant: 'simulated', environment: 'simulated', out_trade_no: 'A1', transaction_id: null, trade_type: 'native', state: 'unpaid', total_fen: 3600,
  currency: 'CNY', refunded_fen: 0, refundable_fen: 0, body: null, attach: null, openid: null, bank_type: null, cash_fee_fen: null,
  coupon_fee_fen: null, settlement_total_fen: null, created_at: '2026-11-20T15:41:45+08:00', expires_at: '2026-11-20T15:46:45+08:00', paid_at: null,
  evidence: { notice: null, query: null, bill: null }, disagreements: [], conflict: false, unasked: false, unresolved: [], ...some,
})
const operation = (kind: string) => ({
  id: 'o', kind, state: 'unknown', out_trade_no: 'A1', out_refund_no: null, amount_fen: 3600, err_code: null, err_code_des: null,
  created_at: '2026-11-20T15:41:45+08:00', attempts: 1, next_try_at: null,
})

describe('the keypad', () => {
  it.each([
    ['36', 3600, '36.00'],
    ['36.5', 3650, '36.50'],
    ['.5', 50, '0.50'],
    ['0.01', 1, '0.01'],
    ['007', 700, '7.00'],
    ['1.239', null, '1.239'],
    ['1..2', null, '1..2'],
    ['1234567', 123_456_700, '1234567.00'],
    ['12345678', null, '12345678'],
    ['0', null, '0'],
    ['0.00', null, '0.00'],
    ['', null, ''],
  ])('typing %s', (presses, fen, shown) => {
    const text = [...presses].reduce((before, key) => press(before, key), '')
    expect(fenOf(text)).toBe(fen)
    expect(settled(text)).toBe(shown)
  })

  it('takes back what was typed', () => {
    expect(press('36.5', 'back')).toBe('36.')
    expect(press('', 'back')).toBe('')
  })

  it.each([
    ['¥1,000.00', 100_000, null],
    ['３６．５', 3650, null],
    ['.5', 50, null],
    ['12。5', 1250, null],
    ['9999999.99', 999_999_999, null],
    ['10000000', null, 'over'],
    ['12345678901', null, 'over'],
    ['130000000000000000', null, 'shape'],
    ['-5', null, 'shape'],
    ['1e9', null, 'shape'],
    ['12.5.5', null, 'shape'],
    ['12.345', null, 'shape'],
    ['1.234,50', null, 'shape'],
    ['12,50', null, 'shape'],
    ['-¥1,000.00', null, 'shape'],
    ['', null, null],
    ['0', null, null],
  ])('takes %s as people write it, or says that it is none and leaves it', (text, fen, issue) => {
    expect([fenOf(text), amountIssue(text)]).toEqual([fen, issue])
    if (fen === null) expect(settled(text)).toBe(text)
  })
})

describe('a form', () => {
  it('is made of what its trade type has, and of nothing typed under another', () => {
    const all = fields({ openid: 'oUp', wap_url: 'https://a.cn', wap_name: 'a', attach: ' ' })
    expect(orderForm('native', 'A1', all)).toEqual({
      trade_type: 'native', out_trade_no: 'A1', total_fen: 3600, body: '面包', attach: null, expires_in_secs: 300, openid: null, sub_openid: null,
      wap_url: null, wap_name: null,
    })
    expect(orderForm('jsapi', 'A1', all)).toMatchObject({ openid: 'oUp', wap_url: null })
    expect(orderForm('h5', 'A1', all)).toMatchObject({ openid: null, wap_url: 'https://a.cn', wap_name: 'a' })
  })

  it('says what is missing', () => {
    expect(missing('native', fields())).toBeNull()
    expect(missing('native', fields({ text: '0' }))).toBe('total_fen')
    expect(missing('jsapi', fields())).toBe('openid')
    expect(missing('jsapi', fields({ sub_openid: 'o' }))).toBeNull()
    expect(missing('h5', fields({ wap_url: 'x' }))).toBe('wap_name')
  })
})

it('knows a payer’s code as soon as it is whole', () => {
  expect(scanned('13000000000000000')).toBeNull()
  expect(scanned('130000000000000000')).toBe('130000000000000000')
  expect(scanned(' 1300 0000 0000 0000 00\n')).toBe('130000000000000000')
  expect(scanned('280000000000000000')).toBe('bad')
  expect(scanned('160000000000000000')).toBe('bad')
  expect(scanned('1300000000000000001')).toBe('bad')
  expect(scanned('1300000000000000001234')).toBe('bad')
  expect(scanned('13000000000000000O')).toBe('bad')
})

describe('where it stands', () => {
  it.each([
    ['unpaid', null, 'waiting'],
    ['user_paying', 'unknown', 'paying'],
    ['paid', null, 'paid'],
    ['refunded', 'unknown', 'paid'],
    ['closed', null, 'closed'],
    ['revoked', null, 'closed'],
    ['rejected', null, 'failed'],
    ['not_sent', null, 'failed'],
    ['pay_error', null, 'waiting'],
    ['unpaid', 'unknown', 'unknown'],
  ])('%s, in a list %s: %s', (state, row, wanted) => {
    expect(standing(payment({ state }), row)).toBe(wanted)
  })

  it('stays payable after a wrong password, unless a scanned code is spent', () => {
    expect(standing(payment({ state: 'pay_error', trade_type: 'native' }), null)).toBe('waiting')
    expect(standing(payment({ state: 'pay_error', trade_type: 'micropay' }), null)).toBe('failed')
  })

  it('is unknown as long as it is not sure that the order was made', () => {
    expect(standing(null, null)).toBe('unknown')
    expect(standing(payment({ unresolved: [operation('unified_order')] }), null)).toBe('unknown')
    expect(standing(payment({ unresolved: [operation('close_order')] }), null)).toBe('waiting')
  })

  it('never goes back when answers come out of turn', () => {
    const paid = payment({ state: 'paid' })
    expect(further(paid, payment()).state).toBe('paid')
    expect(further(payment({ state: 'closed' }), payment()).state).toBe('closed')
    // Closed here, and paid in the end: money that came in is never hidden.
    expect(further(payment({ state: 'closed' }), paid).state).toBe('paid')
    expect(further(payment(), payment({ state: 'user_paying' })).state).toBe('user_paying')
    expect(further(paid, payment({ out_trade_no: 'A2' })).out_trade_no).toBe('A2')
  })
})

describe('the steps', () => {
  const looks = (...args: Parameters<typeof steps>) => steps(...args).map((step) => step.look)
  it('go from ordered to told', () => {
    expect(looks('native', 'waiting', payment())).toEqual(['done', 'now', 'todo', 'todo'])
    const paid = payment({ state: 'paid', paid_at: '2026-11-20T15:42:10+08:00' })
    expect(looks('native', 'paid', paid)).toEqual(['done', 'done', 'done', 'now'])
    const told = { ...paid, evidence: { ...paid.evidence, notice: { seen_at: '2026-11-20T15:42:11+08:00', state: 'paid', total_fen: 3600, transaction_id: null } } }
    expect(looks('native', 'paid', told)).toEqual(['done', 'done', 'done', 'done'])
    expect(steps('native', 'paid', told).map((step) => step.at)).toEqual(['15:41:45', null, '15:42:10', '15:42:11'])
  })
  it('have no notice for a payment code, and end when it ends', () => {
    expect(looks('micropay', 'paying', payment())).toEqual(['done', 'now', 'todo'])
    expect(looks('native', 'closed', payment({ state: 'closed' }))).toEqual(['done', 'off', 'todo', 'todo'])
    expect(looks('native', 'unknown', null)).toEqual(['now', 'todo', 'todo', 'todo'])
  })
})

describe('the count-down', () => {
  const at = (clock: string) => Date.parse(`2026-11-20T${clock}+08:00`)
  it.each([
    ['15:41:45', '5:00', 100, false],
    ['15:42:08', '4:37', 92.3, false],
    ['15:46:44', '0:01', 0.3, false],
    ['15:46:45', '0:00', 0, true],
    ['16:00:00', '0:00', 0, true],
    ['15:40:00', '5:00', 100, false],
  ])('at %s', (clock, text, share, over) => {
    expect(countdown(payment(), at(clock))).toMatchObject({ text, share, over, at: '15:46:45', seconds: 300 })
  })
  it('is none for an order without an end', () => {
    expect(countdown(payment({ expires_at: null }), at('15:42:08'))).toBeNull()
  })
})

it('draws a code with four light modules around it', () => {
  expect(qrPath({ size: 3, rows: ['101', '010', '111'] })).toEqual({
    side: 11, path: 'M4 4h1v1h-1zM6 4h1v1h-1zM5 5h1v1h-1zM4 6h3v1h-3z',
  })
})

it('folds questions that got the same answer, the newest on top', () => {
  const item = (id: number, api: string, outcome = 'confirmed', told: string | null = 'NOTPAY'): RawItem => ({
    source: 'exchange', id, api, at: `2026-11-20T15:42:${String(id).padStart(2, '0')}+08:00`, outcome, told, duration_ms: 3,
  })
  const raw = [item(1, '/pay/unifiedorder'), ...[2, 3, 4, 5, 6, 7].map((id) => item(id, '/pay/orderquery'))]
  expect(log(raw).map((line) => [line.item.id, line.api, line.times])).toEqual([
    [7, 'orderquery', 1], [6, 'orderquery', 1], [5, 'orderquery', 1], [4, 'orderquery', 3], [1, 'unifiedorder', 1],
  ])
  expect(log([item(1, 'orderquery', 'unknown'), item(2, 'orderquery')])).toHaveLength(2)
  const many = [1, 2, 3, 4, 5, 6].map((id) => item(id, 'orderquery', 'confirmed', id === 1 ? 'USERPAYING' : 'NOTPAY'))
  expect(log(many).at(-1)).toMatchObject({ item: { told: 'USERPAYING' }, times: 1 })
})

it('lists the parameters in the order in which they are read', () => {
  expect(paramList({ paySign: 's', package: 'p', appId: 'a', newer: 'n', timeStamp: 't' }).map(([name]) => name)).toEqual(['appId', 'timeStamp', 'package', 'paySign', 'newer'])
})

it('has words in both languages for whatever WeChat Pay calls an order', async () => {
  const codes = ['NOTPAY', 'SUCCESS', 'USERPAYING', 'CLOSED', 'PAYERROR', 'REVOKED', 'REFUND', 'ACCEPT', 'ORDERNOTEXIST']
  for (const lang of ['zh-CN', 'en'] as const) {
    await setLang(lang)
    for (const code of codes) expect(has(toldKey('orderquery', code)!), `${lang} ${code}`).toBe(true)
    for (const api of ['unifiedorder', 'closeorder', 'reverse', 'refund', 'refundquery']) expect(has(toldKey(api, 'SUCCESS')!), `${lang} ${api}`).toBe(true)
  }
  expect(toldKey('unifiedorder', 'OUT_TRADE_NO_USED')).toBeNull()
  expect(toldKey('orderquery', null)).toBeNull()
})
