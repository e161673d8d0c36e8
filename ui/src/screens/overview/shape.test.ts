import { describe, expect, it } from 'vitest'
import type { DayFigures, HourFigures } from '../../ipc/generated'
import { chart, delta, hoursShown, lead, ticks, tickText, tiles } from './shape'

const day = (some: Partial<DayFigures>): DayFigures => ({
  net_fen: 0, takings_fen: 0, paid: 0, average_fen: null, refunded_fen: 0, refunds: 0, ...some,
})
const hours = (today: Record<number, number>, before: Record<number, number> = {}): HourFigures[] =>
  Array.from({ length: 24 }, (_, hour) => ({ hour, takings_fen: today[hour] ?? 0, week_ago_fen: before[hour] ?? 0 }))

describe('the change against a week ago', () => {
  it.each([
    [602_130, 621_610, 'down', '3.1'],
    [156, 157, 'down', '0.6'],
    [3886, 3984, 'down', '2.5'],
    [4100, 3950, 'up', '3.8'],
    [200, 100, 'up', '100.0'],
    [100, 100, 'same', '0.0'],
    [-100, 200, 'down', '150.0'],
    [100, -200, 'up', '150.0'],
    [500, 0, 'up', null],
    [0, 0, 'same', null],
    [1_000_000, 1, 'up', null],
  ])('from %d to %d', (now, before, way, percent) => {
    expect(delta(now, before)).toEqual({ way, percent })
  })

  it('is none where one side has no value', () => {
    expect(delta(null, 3984)).toBeNull()
    expect(delta(3984, null)).toBeNull()
  })
})

it('shows refunds as money that left, and no minus before nothing', () => {
  const shown = tiles(
    day({ net_fen: 602_130, paid: 156, average_fen: 3886, refunded_fen: 4100, refunds: 2 }),
    day({ net_fen: 621_610, paid: 157, average_fen: 3984 }),
  )
  expect(shown.map((tile) => tile.value)).toEqual(['¥6,021.30', '156', '¥38.86', '−¥41.00'])
  expect(shown.map((tile) => tile.old)).toEqual(['¥6,216.10', '157', '¥39.84', '¥0.00'])
  expect(shown[3]!.aside).toBe(2)
  expect(tiles(day({}), day({}))[2]!.value).toBe('—')
})

describe('the scale', () => {
  it.each([
    [135_060, [0, 50_000, 100_000, 150_000]],
    [0, [0, 100]],
    [1, [0, 100]],
    [400, [0, 100, 200, 300, 400]],
    [401, [0, 200, 400, 600]],
    [100_000_000, [0, 25_000_000, 50_000_000, 75_000_000, 100_000_000]],
  ])('of %d fen has round steps', (max, wanted) => {
    expect(ticks(max)).toEqual(wanted)
  })

  it('is never below what it holds, and never crowded', () => {
    for (let max = 1; max < 1e12; max = Math.ceil(max * 1.37)) {
      const steps = ticks(max)
      expect(steps[steps.length - 1]).toBeGreaterThanOrEqual(max)
      expect(steps.length).toBeLessThanOrEqual(5)
      expect(steps.every((step) => Number.isInteger(step))).toBe(true)
    }
  })

  it('writes the fen only where there are some', () => {
    expect([0, 50_000, 250, 150_000].map(tickText)).toEqual(['¥0', '¥500', '¥2.50', '¥1,500'])
  })
})

describe('the chart', () => {
  it('draws from the first hour with takings to the last, of either day', () => {
    expect(hoursShown(hours({ 7: 100, 14: 100 }, { 21: 100 }), 15)).toEqual({ first: 7, last: 21 })
    expect(hoursShown(hours({ 0: 1, 23: 1 }), null)).toEqual({ first: 0, last: 23 })
    expect(hoursShown(hours({}), null)).toEqual({ first: 8, last: 21 })
  })

  it.each(Array.from({ length: 24 }, (_, hour) => hour))('has room around a lone hour: %d', (hour) => {
    const { first, last } = hoursShown(hours({ [hour]: 1 }), null)
    expect(first <= hour && hour <= last && last - first >= 9 && first >= 0 && last <= 23).toBe(true)
  })

  it('puts the bars on the base line, to scale, and names the tallest', () => {
    const drawn = chart(hours({ 9: 50_000, 10: 100_000, 11: 20_000 }, { 9: 100_000, 18: 25_000 }), 11, 640, 232)
    expect(drawn.grid.map((line) => line.text)).toEqual(['¥0', '¥250', '¥500', '¥750', '¥1,000'])
    const [nine, ten, now] = drawn.bars
    expect(nine!.height * 2).toBeCloseTo(ten!.height, 0)
    expect(ten!.y + ten!.height).toBeCloseTo(drawn.base, 0)
    expect(now!.now).toBe(true)
    expect(drawn.best).toEqual({ x: ten!.x, y: ten!.y, fen: 100_000 })
    // Last week's line has a point for every hour, a silent one on the base.
    expect(drawn.points).toHaveLength(10)
    expect(drawn.points[0]!.y).toBe(drawn.grid[4]!.y)
    expect(drawn.points[1]!.y).toBe(drawn.base)
  })

  it('draws no line for a week without takings', () => {
    expect(chart(hours({ 9: 1 }), null, 640, 232).points).toEqual([])
  })

  it('stays inside its box, however narrow', () => {
    const drawn = chart(hours(Object.fromEntries(Array.from({ length: 24 }, (_, hour) => [hour, hour * 1000]))), null, 420, 160)
    for (const bar of drawn.bars) expect(bar.x - drawn.barWidth / 2 >= drawn.left && bar.x + drawn.barWidth / 2 <= 420).toBe(true)
  })
})

it('leads each need to where it is seen to', () => {
  const need = { number: 'R1', out_trade_no: 'A1', amount_fen: null, at: null, days: null }
  expect(lead({ ...need, kind: 'unresolved_refund' }, 'shop')).toMatchObject({ path: 'payments', query: { open: 'A1' }, act: 'look' })
  expect(lead({ ...need, kind: 'certificate_expiring' }, 'shop')).toMatchObject({ path: 'settings', query: { merchant: 'shop' }, act: 'replace' })
  expect(lead({ ...need, kind: 'key_missing' }, 'shop')).toMatchObject({ path: 'settings', act: 'key' })
  expect(lead({ ...need, kind: 'something_newer', out_trade_no: null }, 'shop')).toMatchObject({ path: 'payments', query: { open: 'R1' } })
})
