import { cleanup, fireEvent, render, screen } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { madeUp } from '../../dev/host'
import { useHost } from '../../ipc'
import type { ErrorView, OverviewView } from '../../ipc/generated'
import type { MockHost } from '../../ipc/mock'
import { session } from '../../lib/session.svelte'
import { plusDays, today } from '../../lib/time'
import Chart from './Chart.svelte'
import View from './View.svelte'

let mock: MockHost
const asked = () => mock.calls.filter((call) => call.command === 'overview').map((call) => (call.args as { day: string | null }).day)

beforeEach(async () => {
  mock = madeUp()
  useHost(mock)
  session.day = null
  await session.open()
})
afterEach(() => {
  cleanup()
  session.close()
  vi.useRealTimers()
})

const empty = async (): Promise<OverviewView> => {
  const full = await mock.answers.overview!({ merchant: 'simulated', day: null })
  const nothing = { net_fen: 0, takings_fen: 0, paid: 0, average_fen: null, refunded_fen: 0, refunds: 0 }
  return { ...full, empty: true, today: nothing, week_ago: nothing, hours: [], needs: [], latest: [] }
}

describe('the overview', () => {
  it('shows the figures with what they are compared with', async () => {
    render(View)
    expect(await screen.findByText('¥6,021.30')).toBeTruthy()
    expect(screen.getByText(/¥6,216\.10/)).toBeTruthy()
    expect(screen.getByText('3.1%', { exact: false })).toBeTruthy()
    // What is settled is another sum.
    expect(screen.getByText('今日净收款').title).toContain('手续费')
  })

  it('has the chart as a table too, and a picture with a name', async () => {
    render(View)
    const table = await screen.findByRole('table', { name: '每小时收款' })
    expect(table.querySelectorAll('tbody tr').length).toBeGreaterThan(5)
    expect(screen.getByRole('img', { name: /每小时收款/ })).toBeTruthy()
  })

  it('opens a payment from its row', async () => {
    render(View)
    await screen.findByText('最新交易')
    const link = (await screen.findAllByRole('link')).find((one) => one.textContent?.includes('次日早餐'))!
    expect(link.getAttribute('href')).toBe('#/payments?open=QW251118203741580')
    await fireEvent.click(link.closest('tr')!)
    expect(location.hash).toBe('#/payments?open=QW251118203741580')
  })

  it('leads each need to its place, by a button that says which', async () => {
    render(View)
    const button = await screen.findByRole('link', { name: /更换.*证书 23 天后到期/ })
    expect(button.getAttribute('href')).toBe('#/settings?merchant=simulated')
    expect(screen.getByRole('link', { name: /查看.*退款结果未知 ¥58\.00/ }).getAttribute('href')).toContain('open=')
  })

  it('asks for another day, and not for one to come', async () => {
    render(View)
    await screen.findByText('¥6,021.30')
    const next = screen.getByRole('button', { name: '后一天' }) as HTMLButtonElement
    expect(next.disabled).toBe(true)
    await fireEvent.click(screen.getByRole('button', { name: '前一天' }))
    expect(asked().at(-1)).toBe(plusDays(today(), -1))
    expect(screen.getByText('当日净收款')).toBeTruthy()
    await fireEvent.click(next)
    expect(asked().at(-1)).toBeNull()
    expect(next.disabled).toBe(true)
  })

  it('asks again when something changed, and keeps what it shows meanwhile', async () => {
    render(View)
    await screen.findByText('¥6,021.30')
    const before = asked().length
    let answer: ((view: OverviewView) => void) | undefined
    const full = await mock.answers.overview!({ merchant: 'simulated', day: null })
    mock.answers.overview = () => new Promise((done) => (answer = done))
    session.touch()
    await vi.waitFor(() => expect(asked().length).toBe(before + 1))
    expect(screen.getByText('¥6,021.30')).toBeTruthy()
    answer!({ ...full, today: { ...full.today, net_fen: 602_630 } })
    expect(await screen.findByText('¥6,026.30')).toBeTruthy()
  })

  it('begins an empty ledger with one sentence and two doors', async () => {
    const view = await empty()
    mock.answers.overview = () => view
    render(View)
    expect(await screen.findByText(/账本还是空的/)).toBeTruthy()
    expect(screen.getByRole('link', { name: /添加商户/ }).getAttribute('href')).toBe('#/settings?add=1')
    await fireEvent.click(screen.getByRole('button', { name: /收一笔测试款/ }))
    await vi.waitFor(() => expect(location.hash).toBe('#/collect'))
    expect(session.merchant?.built_in).toBe(true)
  })

  it('goes to the built-in merchant for a test payment, never to a real one', async () => {
    await session.choose('shop')
    const view = await empty()
    mock.answers.overview = () => view
    render(View)
    await fireEvent.click(await screen.findByRole('button', { name: /收一笔测试款/ }))
    await vi.waitFor(() => expect(location.hash).toBe('#/collect'))
    expect(session.name).toBe('simulated')
  })

  it('says what failed and tries again', async () => {
    const error: ErrorView = { code: 'ledger_locked', exit: 'here', err_code: null, number: null, field: null, zh: '账本被占用', en: 'locked' }
    const good = mock.answers.overview!
    mock.answers.overview = () => Promise.reject(error)
    render(View)
    expect(await screen.findByText(/账本被占用/)).toBeTruthy()
    mock.answers.overview = good
    await fireEvent.click(screen.getByRole('button', { name: '重试' }))
    expect(await screen.findByText('¥6,021.30')).toBeTruthy()
  })
})

it('ends the words over the last hour where the chart ends', () => {
  const hours = Array.from({ length: 24 }, (_, hour) => ({ hour, takings_fen: hour === 12 ? 100 : 0, week_ago_fen: 100 }))
  for (const [now, anchor] of [[23, 'end'], [13, 'middle']] as const) {
    const { container, unmount } = render(Chart, { hours, now, day: 'x', before: 'y' })
    expect(container.querySelector('.lab-s')?.getAttribute('text-anchor')).toBe(anchor)
    unmount()
  }
})
