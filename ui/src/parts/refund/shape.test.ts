import { beforeEach, describe, expect, it } from 'vitest'
import { madeDetail, madeOperation, madeRefund, madeRow } from '../../dev/payments'
import { dropDraft, findDraft, keepDraft, type Draft } from './draft'
import { amountOf, bytesOf, confirms, fateOf, openBeside, plainAmount, shares } from './shape'

describe('the amount', () => {
  it.each([
    ['', 22_000, { fen: null, issue: 'empty' }],
    ['  ', 22_000, { fen: null, issue: 'empty' }],
    ['88', 22_000, { fen: 8800, issue: null }],
    ['８８．５', 22_000, { fen: 8850, issue: null }],
    ['¥1,000.00', 100_000, { fen: 100_000, issue: null }],
    ['220.00', 22_000, { fen: 22_000, issue: null }],
    ['220.01', 22_000, { fen: null, issue: 'over' }],
    ['0.00', 22_000, { fen: null, issue: 'zero' }],
    ['-1', 22_000, { fen: null, issue: 'shape' }],
    ['1.005', 22_000, { fen: null, issue: 'shape' }],
    ['1e3', 22_000, { fen: null, issue: 'shape' }],
    ['abc', 22_000, { fen: null, issue: 'shape' }],
  ])('%j of at most %d', (text, max, want) => {
    expect(amountOf(text, max)).toEqual(want)
  })

  it('of another currency is in its smallest unit', () => {
    expect(amountOf('88', 100, 'USD')).toEqual({ fen: 88, issue: null })
    expect(amountOf('0.88', 100, 'USD').issue).toBe('shape')
    expect([confirms('88', 88, 'USD'), plainAmount(88, 'USD')]).toEqual([true, '88'])
  })

  it('is confirmed by the same money however written, and by nothing else', () => {
    expect(confirms('88', 8800)).toBe(true)
    expect(confirms('88.00', 8800)).toBe(true)
    expect(confirms('88.01', 8800)).toBe(false)
    expect(confirms('', 8800)).toBe(false)
    expect(confirms('', null)).toBe(false)
  })

  it('is put into the field without signs', () => {
    expect([plainAmount(5), plainAmount(8800), plainAmount(123_456_789)]).toEqual(['0.05', '88.00', '1234567.89'])
  })

  it('counts the reason in bytes', () => {
    expect([bytesOf('abc'), bytesOf('蛋糕换成了 6 寸'), bytesOf('🎂')]).toEqual([3, 21, 4])
  })

  it('is shown beside what went and what stays', () => {
    expect(shares(28_800, 22_000, 8800)).toEqual({ done: 6800, now: 8800, left: 13_200 })
    expect(shares(28_800, 22_000, 99_999)).toEqual({ done: 6800, now: 99_999, left: 0 })
  })
})

describe('what became of a number', () => {
  const of = (state: string, operation: string | null = null) =>
    madeDetail(madeRow(), {}, [madeRefund({ out_refund_no: 'R1', state, operation: operation ? madeOperation({ state: operation }) : null })])
  it.each([
    ['unknown', 'unknown', 'unknown'],
    ['unknown', 'intended', 'unknown'],
    ['not_sent', 'not_sent', 'again'],
    ['rejected', 'rejected', 'refused'],
    ['processing', 'confirmed', 'done'],
    ['success', null, 'done'],
    ['abnormal', null, 'done'],
  ])('%s with the operation %s is %s', (state, operation, fate) => {
    expect(fateOf(of(state, operation), 'R1').fate).toBe(fate)
  })

  it('is nothing for a number the ledger does not have', () => {
    expect(fateOf(of('success'), 'R2').fate).toBe('editable')
  })

  it('names the open refunds beside it', () => {
    const detail = of('unknown', 'unknown')
    expect(openBeside(detail, 'R2').map((refund) => refund.out_refund_no)).toEqual(['R1'])
    expect(openBeside(detail, 'R1')).toEqual([])
    expect(openBeside(of('processing', 'confirmed'), null)).toEqual([])
  })
})

describe('the draft', () => {
  const draft: Draft = { merchant: 'shop', out_trade_no: 'A1', out_refund_no: 'R1', amount: '8', reason: 'x', sent: false }
  beforeEach(() => sessionStorage.clear())

  it('is found by merchant and order, one that may have been sent first', () => {
    keepDraft(draft)
    keepDraft({ ...draft, out_refund_no: 'R2', sent: true })
    expect(findDraft('shop', 'A1')?.out_refund_no).toBe('R2')
    expect(findDraft('shop', 'A2')).toBeNull()
    expect(findDraft('other', 'A1')).toBeNull()
    dropDraft('R2')
    expect(findDraft('shop', 'A1')).toEqual(draft)
  })

  it('is not taken from rubbish', () => {
    sessionStorage.setItem('paydesk.refund.R1', '{"out_refund_no":"R9"}')
    sessionStorage.setItem('paydesk.refund.R2', 'nonsense')
    sessionStorage.setItem('paydesk.refund.R3', 'null')
    expect(findDraft('', '')).toBeNull()
  })
})
