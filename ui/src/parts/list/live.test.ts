import { describe, expect, it, vi } from 'vitest'
import { Calm, LiveList, same } from './live'

interface Row { id: string; n: number; list: string[] }
const later = () => new Promise((done) => setTimeout(done))

describe('a list that follows the ledger', () => {
  it('keeps the object of a row that did not change', async () => {
    let n = 1
    const list = new LiveList<string, Row>(async () => ({ total: 2, offset: 0, rows: [{ id: 'a', n: 1, list: ['x'] }, { id: 'b', n, list: [] }] }), (row) => row.id)
    list.show('')
    await later()
    const [a, b] = [list.rows.at(0), list.rows.at(1)]
    n = 2
    list.refresh(() => ({ first: 0, size: 2 }))
    await later()
    expect(list.rows.at(0)).toBe(a)
    expect(list.rows.at(1)).not.toBe(b)
    expect(list.rows.at(1)?.n).toBe(2)
  })

  it('drops the answer to a filter that is over', async () => {
    const answers: ((page: { total: number; offset: number; rows: Row[] }) => void)[] = []
    const list = new LiveList<string, Row>(() => new Promise((done) => answers.push(done)), (row) => row.id)
    list.show('a')
    list.show('ab')
    answers[1]!({ total: 1, offset: 0, rows: [{ id: 'ab', n: 0, list: [] }] })
    answers[0]!({ total: 9, offset: 0, rows: [{ id: 'a', n: 0, list: [] }] })
    await later()
    expect([list.rows.total, list.rows.at(0)?.id]).toEqual([1, 'ab'])
  })

  it('is not starved by a ledger that changes faster than it answers', async () => {
    let asked = 0
    const answers: (() => void)[] = []
    const list = new LiveList<string, Row>(async () => {
      asked += 1
      const n = asked
      await new Promise<void>((done) => answers.push(done))
      return { total: n, offset: 0, rows: [] }
    }, (row) => row.id)
    list.show('')
    for (let at = 0; at < 50; at++) list.refresh(() => ({ first: 0, size: 1 }))
    expect(asked).toBe(1)
    answers.shift()!()
    await later()
    expect(list.rows.total).toBe(1)
    answers.shift()!()
    await later()
    expect([asked, list.rows.total]).toEqual([2, 2])
  })

  it('compares rows by what they hold', () => {
    const row = { id: 'a', n: 1, list: ['x'] }
    expect(same(row, { ...row, list: ['x'] })).toBe(true)
    expect(same(row, { ...row, list: ['y'] })).toBe(false)
    expect(same(row, { id: 'a', n: 1 })).toBe(false)
  })
})

it('runs one call at a time, and the last that came meanwhile', async () => {
  const calm = new Calm()
  const work = [vi.fn(later), vi.fn(later), vi.fn(later)]
  for (const one of work) calm.run(one)
  await later()
  await later()
  expect(work.map((one) => one.mock.calls.length)).toEqual([1, 0, 1])
})
