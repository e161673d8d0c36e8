import { cleanup, configure, fireEvent, render, screen, waitFor } from '@testing-library/svelte'
import axe from 'axe-core'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { madeDetail, madeRow } from '../../dev/payments'
import { useHost } from '../../ipc'
import type { Commands } from '../../ipc/host'
import { MockHost } from '../../ipc/mock'
import { setLang } from '../../lib/i18n.svelte'
import { change, go, here } from '../../lib/route.svelte'
import { session } from '../../lib/session.svelte'
import View from './View.svelte'

// A busy machine is no failure.
vi.setConfig({ testTimeout: 30_000 })
configure({ asyncUtilTimeout: 10_000 })

const number = (at: number) => `A${String(at).padStart(4, '0')}`
const row = (at: number) => madeRow({ out_trade_no: number(at), state: 'paid', refunded_fen: 0, body: `goods ${at}` })
let mock: MockHost

beforeAll(() => setLang('en'))
beforeEach(() => {
  go('payments', {}, true)
  mock = new MockHost({
    payments_window: ({ form, offset, limit }) => {
      const total = form.text ? 1 : 300
      return { total, offset, rows: Array.from({ length: Math.min(limit, Math.max(0, total - offset)) }, (_, at) => row(form.text ? 42 : offset + at)) }
    },
    payment_sums: ({ form }) => ({ count: form.text ? 1 : 300, paid: 1, takings_fen: 12_345, refunded_fen: 45, net_fen: 12_300, disagreeing: 7 }),
    payment_detail: ({ out_trade_no }) => madeDetail(madeRow({ out_trade_no, state: 'paid', refunded_fen: 0, attach: `of ${out_trade_no}` })),
    save_preferences: ({ preferences }) => preferences,
    cancel: () => null,
    status: () => { throw new Error('none') },
  })
  useHost(mock)
  session.preferences = {
    language: 'en', theme: 'light', sound: false, notify: false, refund_limit_fen: 10_000, merchant: null, rail_collapsed: false,
    columns: ['time', 'state', 'amount', 'body', 'evidence'], views: [],
  }
})
afterEach(cleanup)

const windows = () => mock.calls.filter((call) => call.command === 'payments_window').map((call) => call.args as Commands['payments_window']['args'])
const rows = () => [...document.querySelectorAll<HTMLElement>('.grid-row')]
const open = () => here().query.get('open')
async function shown() {
  render(View)
  await screen.findByText('goods 0')
}

describe('by keyboard', () => {
  it('walks, opens, walks on with the pane following, and closes', async () => {
    await shown()
    rows()[0]!.focus()
    await fireEvent.keyDown(document.activeElement!, { key: 'ArrowDown' })
    await waitFor(() => expect(document.activeElement?.textContent).toContain('goods 1'))
    expect(open()).toBeNull()
    await fireEvent.keyDown(document.activeElement!, { key: 'Enter' })
    expect(open()).toBe(number(1))
    await screen.findByText(`of ${number(1)}`)
    await fireEvent.keyDown(document.activeElement!, { key: 'j' })
    await screen.findByText(`of ${number(2)}`)
    // From anywhere on the page, too.
    await fireEvent.keyDown(document.body, { key: 'k' })
    await screen.findByText(`of ${number(1)}`)
    expect(screen.getByText('2 / 300')).toBeTruthy()
    await fireEvent.keyDown(document.body, { key: 'Escape' })
    expect(open()).toBeNull()
  })

  it('walks past the rows that are drawn without losing the focus', async () => {
    await shown()
    rows()[0]!.focus()
    for (let at = 0; at < 40; at++) {
      await fireEvent.keyDown(document.activeElement!, { key: 'ArrowDown' })
      await new Promise((done) => setTimeout(done))
    }
    await waitFor(() => expect(document.activeElement?.textContent).toContain('goods 40'))
  })

  it('walks at once after arriving, with the focus nowhere', async () => {
    await shown()
    expect(document.activeElement).toBe(document.body)
    await fireEvent.keyDown(document.body, { key: 'j' })
    await waitFor(() => expect(document.activeElement?.textContent).toContain('goods 0'))
    await fireEvent.keyDown(document.activeElement!, { key: 'ArrowDown' })
    await waitFor(() => expect(document.activeElement?.textContent).toContain('goods 1'))
    ;(document.activeElement as HTMLElement).blur()
    await fireEvent.keyDown(document.body, { key: 'Enter' })
    expect(open()).toBe(number(1))
  })

  it('leaves Enter to the button that has the focus, and walks from there', async () => {
    await shown()
    const button = screen.getByRole('button', { name: 'Export 300' })
    button.focus()
    expect(await fireEvent.keyDown(button, { key: 'Enter' })).toBe(true)
    expect(open()).toBeNull()
    await fireEvent.keyDown(button, { key: 'k' })
    await waitFor(() => expect(document.activeElement?.textContent).toContain('goods 0'))
  })

  it.each(['dialog', 'alertdialog'])('leaves the keys of a %s alone', async (role) => {
    await shown()
    const over = document.createElement('div')
    over.setAttribute('role', role)
    over.setAttribute('data-state', 'open')
    document.body.append(over)
    await fireEvent.keyDown(document.body, { key: 'Enter' })
    expect(await fireEvent.keyDown(document.body, { key: 'j' })).toBe(true)
    over.remove()
    expect([open(), document.activeElement]).toEqual([null, document.body])
  })

  it('gives the focus back to the row when the pane is closed', async () => {
    await shown()
    rows()[2]!.focus()
    await fireEvent.keyDown(document.activeElement!, { key: 'Enter' })
    await screen.findByText(`of ${number(2)}`)
    const close = screen.getByRole('button', { name: 'Close (Esc)' })
    close.focus()
    // While the pane follows, the focus stays in it.
    await fireEvent.keyDown(close, { key: 'j' })
    await screen.findByText(`of ${number(3)}`)
    expect(document.activeElement).toBe(close)
    await fireEvent.click(close)
    expect(open()).toBeNull()
    await waitFor(() => expect(document.activeElement?.textContent).toContain('goods 3'))
  })

  it('leaves keys typed in a field alone', async () => {
    await shown()
    const field = document.createElement('input')
    document.body.append(field)
    await fireEvent.keyDown(field, { key: 'j' })
    expect(document.querySelector('[data-active]')?.textContent).toContain('goods 0')
    field.remove()
  })
})

describe('the filter', () => {
  it('is asked for as it is typed, without a wait, and what is open asks for nothing', async () => {
    await shown()
    change({ q: 'g' }, true)
    await screen.findByText('goods 42')
    expect(windows().map((args) => args.form.text)).toEqual(['', 'g'])
    change({ open: number(42) })
    await screen.findByText(`of ${number(42)}`)
    expect(windows()).toHaveLength(2)
    expect(screen.getByText('¥123.45')).toBeTruthy()
    expect(screen.getByText('Net').title).toContain("before WeChat Pay's coupons and fees")
  })

  it('asks for the sums of the filter that stands, once its rows are there', async () => {
    await shown()
    const good = mock.answers.payments_window!
    const waiting: (() => void)[] = []
    mock.answers.payments_window = (args) => new Promise((done) => waiting.push(() => done(good(args))))
    const sums = () => mock.calls.filter((call) => call.command === 'payment_sums').map((call) => (call.args as Commands['payment_sums']['args']).form.text)
    await waitFor(() => expect(sums()).toEqual(['']))
    change({ q: 'g' }, true)
    await waitFor(() => expect(waiting).toHaveLength(1))
    change({ q: 'go' }, true)
    await waitFor(() => expect(waiting).toHaveLength(2))
    expect(sums()).toEqual([''])
    for (const answer of waiting) answer()
    await waitFor(() => expect(sums()).toEqual(['', 'go']))
  })

  it('keeps a view under a name and gives it back', async () => {
    change({ state: 'paid', min: '100' })
    await shown()
    await fireEvent.click(screen.getByRole('button', { name: 'Save this view' }))
    await fireEvent.input(await screen.findByLabelText('Name of the view'), { target: { value: 'Mine' } })
    await fireEvent.click(screen.getByRole('button', { name: 'Save' }))
    await waitFor(() => expect(session.preferences?.views).toEqual([{ name: 'Mine', query: 'state=paid&min=100', columns: ['time', 'state', 'amount', 'body', 'evidence'] }]))
    await fireEvent.click(screen.getByRole('button', { name: 'Clear' }))
    expect(here().query.get('state')).toBeNull()
    await fireEvent.click(screen.getByRole('button', { name: 'Mine' }))
    expect(here().query.toString()).toBe('state=paid&min=100')
  })

  it('takes back one part of it', async () => {
    change({ state: 'paid', type: 'native' })
    await shown()
    await fireEvent.click(screen.getByRole('button', { name: /State.*open to change/ }).parentElement!.querySelector('.chip-x')!)
    expect(here().query.toString()).toBe('type=native')
  })
})

describe('the export', () => {
  it('takes what is filtered in the columns chosen, is followed, and is stopped', async () => {
    let fail = (_: unknown) => {}
    mock.answers.export_payments = () => new Promise((_, no) => (fail = no))
    await shown()
    await fireEvent.click(screen.getByRole('button', { name: 'Export 300' }))
    const args = mock.calls.find((call) => call.command === 'export_payments')!.args as Commands['export_payments']['args']
    expect(args.columns).toEqual(['time', 'state', 'amount', 'body', 'evidence'])
    mock.tell('progress', { job: 'another', done: 299, total: 300 })
    mock.tell('progress', { job: args.job, done: 150, total: 300 })
    await screen.findByText('50%')
    await fireEvent.click(screen.getByRole('button', { name: 'Stop the export' }))
    expect(mock.calls.find((call) => call.command === 'cancel')!.args).toEqual({ job: args.job })
    fail({ code: 'cancelled', exit: 'no', err_code: null, number: null, field: null, zh: '', en: '' })
    await screen.findByRole('button', { name: 'Export 300' })
  })
})

describe('the states of the list', () => {
  it('of an empty ledger shows the way to the first payment', async () => {
    mock.answers.payments_window = () => ({ total: 0, offset: 0, rows: [] })
    render(View)
    await screen.findByText('No payments yet')
    await fireEvent.click(screen.getByRole('button', { name: 'Take a payment' }))
    expect(here().path).toBe('collect')
  })

  it('that cannot be read says why and tries again', async () => {
    const good = mock.answers.payments_window
    mock.answers.payments_window = () => { throw { code: 'ledger_locked', exit: 'here', err_code: null, number: null, field: null, zh: '锁', en: 'Another program holds it' } }
    render(View)
    await screen.findByText('Another program holds it')
    mock.answers.payments_window = good!
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
    await screen.findByText('goods 0')
  })
})

it('gives a screen reader nothing without a name', async () => {
  await shown()
  const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } } })
  expect(found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`)).toEqual([])
})
