import { fireEvent, render, screen, waitFor } from '@testing-library/svelte'
import { beforeEach, expect, it } from 'vitest'
import { useHost } from '../../ipc'
import { MockHost } from '../../ipc/mock'
import { setLang } from '../../lib/i18n.svelte'
import { madeUp } from '../../dev/host'
import { go, here } from '../../lib/route.svelte'
import { formOf, shortApi, toggled } from './shape'
import View from './View.svelte'

let host: MockHost
beforeEach(async () => {
  host = madeUp()
  useHost(host)
  await setLang('zh-CN')
})

it('reads the filter from the address', () => {
  const query = new URLSearchParams('q=A1&outcome=rejected,unknown&api=/pay/orderquery')
  expect(formOf(query)).toEqual({ text: 'A1', outcomes: ['rejected', 'unknown'], apis: ['/pay/orderquery'] })
  expect(formOf(new URLSearchParams())).toEqual({ text: '', outcomes: [], apis: [] })
  expect(toggled(query, 'outcome', 'unknown')).toBe('rejected')
  expect(toggled(query, 'outcome', 'confirmed')).toBe('rejected,unknown,confirmed')
  expect(shortApi('/secapi/pay/refund')).toBe('refund')
})

it('shows the exchanges, opens one, asks it again once', async () => {
  host.answers.repeat_request = async ({ id }) => {
    await new Promise((done) => setTimeout(done, 30))
    return { ...(await host.call('raw', { merchant: 'simulated', source: 'exchange', id })), id: id + 5000 }
  }
  render(View)
  const first = await waitFor(() => {
    const row = screen.getAllByRole('row')[1]
    expect(row?.textContent).toContain('unifiedorder')
    return row!
  })
  await fireEvent.click(first)
  const again = await screen.findByText('再问一次')
  await fireEvent.click(again)
  await fireEvent.click(again)
  await waitFor(() => expect(location.hash).toContain('open=6248'))
  expect(host.calls.filter((call) => call.command === 'repeat_request')).toHaveLength(1)
  // A stranger's script is text, its override a mark.
  expect(screen.getAllByText('RLO').length).toBeGreaterThan(0)
  expect(document.querySelector('.req-pane script')).toBeNull()
})

it('walks and opens by the keyboard at once, and takes the focus back when the pane is closed', async () => {
  go('requests', {}, true)
  render(View)
  await waitFor(() => expect(screen.getAllByRole('row')[1]?.textContent).toContain('unifiedorder'))
  await fireEvent.keyDown(document.body, { key: 'ArrowDown' })
  await waitFor(() => expect(document.activeElement?.getAttribute('aria-rowindex')).toBe('2'))
  await fireEvent.keyDown(document.activeElement!, { key: 'Enter' })
  const close = await screen.findByRole('button', { name: '关闭' })
  close.focus()
  await fireEvent.click(close)
  await waitFor(() => expect(document.activeElement?.getAttribute('aria-rowindex')).toBe('2'))
  expect(here().query.get('open')).toBeNull()
})

it('says what failed and tries again', async () => {
  host.answers.requests_window = () => {
    throw { code: 'ledger_damaged', exit: 'here', err_code: null, number: null, field: null, zh: '账本损坏', en: 'damaged' }
  }
  render(View)
  expect(await screen.findByText('账本损坏')).toBeTruthy()
  host.answers.requests_window = () => ({ total: 0, offset: 0, rows: [] })
  await fireEvent.click(screen.getByText('重试'))
  expect(await screen.findByText('还没有往来')).toBeTruthy()
})
