// What the console's own tests wrote, word for word: the overview understands it.
import { cleanup, render, screen } from '@testing-library/svelte'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import zh from '../../../../locales/zh-CN.json'
import { madeUp } from '../../dev/host'
import { useHost } from '../../ipc'
import type { OverviewView } from '../../ipc/generated'
import type { MockHost } from '../../ipc/mock'
import { money } from '../../lib/money'
import { session } from '../../lib/session.svelte'
import { chart, lead, tiles } from './shape'
import View from './View.svelte'

const wire = <T,>(name: string) => JSON.parse(readFileSync(`../tests/fixtures/wire/${name}.json`, 'utf8')) as T
const words: Record<string, string> = zh
let mock: MockHost

beforeEach(async () => {
  mock = madeUp()
  useHost(mock)
  session.day = null
  await session.open()
})
afterEach(() => {
  cleanup()
  session.close()
})

it('has all the hours of a day and room for the best of them', () => {
  const view = wire<OverviewView>('overview')
  const drawn = chart(view.hours, Number(view.until.slice(11, 13)), 640, 232)
  expect(view.hours).toHaveLength(24)
  const most = Math.max(...view.hours.map((hour) => Math.max(hour.takings_fen, hour.week_ago_fen)))
  expect(most).toBeGreaterThan(0)
  for (const bar of drawn.bars) expect(bar.y >= 12 && bar.y + bar.height <= drawn.base + 0.1).toBe(true)
})

it('has words for every need', () => {
  const { needs } = wire<OverviewView>('overview')
  for (const need of needs) {
    expect(words[`ui.overview.need.${need.kind}`], need.kind).toBeTruthy()
    expect(lead(need, 'simulated').path).toMatch(/^(payments|settings)$/)
  }
})

it('shows a day', async () => {
  const view = wire<OverviewView>('overview')
  mock.answers.overview = () => view
  render(View)
  for (const tile of tiles(view.today, view.week_ago)) expect(await screen.findAllByText(tile.value)).not.toHaveLength(0)
  expect(screen.getAllByText(money(view.week_ago.net_fen), { exact: false }).length).toBeGreaterThan(0)
  const shown = view.latest.slice(0, 5)
  for (const row of shown) expect(screen.getByText(row.out_trade_no)).toBeTruthy()
})

it('shows an empty ledger', async () => {
  const view = wire<OverviewView>('overview_empty')
  expect(view.empty).toBe(true)
  mock.answers.overview = () => view
  render(View)
  expect(await screen.findByText(/账本还是空的/)).toBeTruthy()
})
