import { describe, expect, it } from 'vitest'
import { parseDay, preset } from '../../parts/filters/day'
import { chosenOf, COLUMNS, layoutOf, toggledColumn, widthOf } from './columns'
import { ALL, formOf, namesOf, textOf, toggled } from './filter'
import { named, removed, renamed, saved } from './views'

describe('the filter in the address', () => {
  it('is the same form there and back', () => {
    const form = {
      text: '蛋糕 8&x=1', states: ['paid', 'unknown'], trade_types: ['native', 'micropay'], from: '2026-11-01', to: '2026-11-21', min_fen: 100, max_fen: 99_900,
      evidence: ['not_told'], disagreeing: true, unresolved: true,
    }
    expect(formOf(new URLSearchParams(textOf(form)))).toEqual(form)
    expect(textOf(ALL)).toBe('')
    expect(Object.values(namesOf(ALL)).every((value) => value === null)).toBe(true)
  })

  it.each([
    ['state=paid,nonsense,paid', { states: ['paid'] }],
    ['state=unknown,paid', { states: ['paid', 'unknown'] }],
    ['from=2026-02-30&to=21.11.2026', { from: null, to: null }],
    ['min=-1&max=1.5', { min_fen: null, max_fen: null }],
    ['min=0&max=1e3', { min_fen: 0, max_fen: null }],
    ['unresolved=1&open=A1&refund=A1', { unresolved: true }],
    ['disagreeing=yes', { disagreeing: false }],
  ])('%s', (query, some) => {
    expect(formOf(new URLSearchParams(query))).toEqual({ ...ALL, ...some })
  })

  it('keeps chosen words in one order', () => {
    expect(toggled(['b'], 'a', ['a', 'b', 'c'])).toEqual(['a', 'b'])
    expect(toggled(['a', 'b'], 'a', ['a', 'b', 'c'])).toEqual(['b'])
  })
})

describe('days', () => {
  it.each([
    ['2026-11-21', '2026-11-21'], ['2026/1/5', '2026-01-05'], ['20261121', '2026-11-21'], ['11-5', '2026-11-05'], ['２０２６－１１－２１', '2026-11-21'],
    ['2026年11月21日', '2026-11-21'], ['2026-02-29', null], ['2024-02-29', '2024-02-29'], ['13-01', null], ['x', null], ['', null],
  ])('%s is %s', (text, day) => {
    expect(parseDay(text, '2026-11-21')).toBe(day)
  })
  it.each([
    ['today', '2026-01-05', '2026-01-05', '2026-01-05'], ['yesterday', '2026-01-01', '2025-12-31', '2025-12-31'], ['week', '2026-01-05', '2025-12-30', '2026-01-05'],
    ['month', '2026-01-05', '2026-01-01', '2026-01-05'], ['last_month', '2026-03-05', '2026-02-01', '2026-02-28'],
  ] as const)('%s on %s', (which, today, from, to) => {
    expect(preset(which, today)).toEqual({ from, to })
  })
})

describe('columns', () => {
  const all = [...COLUMNS]
  const room = { width: 1072, pane: false, window: 1280, english: false, oneDay: true }
  it.each([
    ['all of them on a day at 1280', all, room, all],
    ['the ids fold while the pane is open', all, { ...room, width: 720, pane: true }, ['time', 'state', 'amount', 'refunded', 'body', 'trade_type', 'evidence']],
    ['they stay in a wide window', all, { ...room, width: 1432, pane: true, window: 1640 }, all],
    ['the type goes next', all, { ...room, width: 610, pane: true, window: 1024 }, ['time', 'state', 'amount', 'refunded', 'body', 'evidence']],
    ['then what was refunded', all, { ...room, width: 540, pane: true, window: 1024 }, ['time', 'state', 'amount', 'body', 'evidence']],
    ['the longest id goes first', all, { ...room, width: 816 }, all.filter((id) => id !== 'transaction_id')],
    ['ids alone stay', ['out_trade_no', 'transaction_id'] as const, { ...room, width: 400, pane: true }, ['out_trade_no', 'transaction_id']],
  ])('%s', (_, chosen, where, shown) => {
    expect(layoutOf([...chosen], where)).toEqual({ ids: shown, tight: false })
  })

  it('get tight where there is still too little room, and then fit', () => {
    for (const english of [false, true]) {
      const where = { width: 488, pane: true, window: 1024, english, oneDay: false }
      const layout = layoutOf(all, where)
      expect(layout).toEqual({ ids: ['time', 'state', 'amount', 'body', 'evidence'], tight: true })
      expect(24 + layout.ids.reduce((sum, id) => sum + widthOf(id, where, true), 0)).toBeLessThanOrEqual(488)
    }
  })

  it('are known ones, and never none', () => {
    expect(chosenOf(['amount', 'nonsense', 'time', 'amount'])).toEqual(['amount', 'time'])
    expect(chosenOf([])).toEqual(all)
    expect(toggledColumn(['amount'], 'amount')).toEqual(['amount'])
    expect(toggledColumn(['time', 'body'], 'amount')).toEqual(['time', 'amount', 'body'])
    expect(toggledColumn(['time', 'body'], 'body')).toEqual(['time'])
  })
})

describe('saved views', () => {
  const a = { name: 'A', query: 'state=paid', columns: ['time'] }
  it('are saved, renamed and removed by name', () => {
    expect(saved([a], { ...a, name: ' B ' })).toEqual([a, { ...a, name: 'B' }])
    expect(saved([a], { ...a, query: '' })).toEqual([{ ...a, query: '' }])
    expect(renamed([a], 'A', 'C', ['body'])).toEqual([{ ...a, name: 'C', columns: ['body'] }])
    expect(removed([a], 'A')).toEqual([])
    expect(named([a], ' A ')).toBe(a)
  })
})
