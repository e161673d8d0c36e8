import { fireEvent, render, screen } from '@testing-library/svelte'
import { beforeEach, expect, it } from 'vitest'
import { madeUp } from '../dev/host'
import { useHost } from '../ipc'
import type { ErrorView, StatusView } from '../ipc/generated'
import type { MockHost } from '../ipc/mock'
import { setLang } from '../lib/i18n.svelte'
import { session } from '../lib/session.svelte'
import ListState from '../primitives/ListState.svelte'
import Merchants from '../screens/settings/Merchants.svelte'
import StatusBar from './StatusBar.svelte'

let host: MockHost
let fine: StatusView
beforeEach(async () => {
  host = madeUp()
  useHost(host)
  await session.open()
  await setLang('en')
  await session.refreshStatus()
  fine = { ...session.status!, unresolved: [], unresolved_count: 0, trouble: null }
})

const error = (code: string): ErrorView => ({ code, exit: 'here', err_code: null, number: null, field: null, zh: code, en: `words of ${code}` })
const troubled = async (code: string, read: boolean) => {
  host.answers.status = () => ({ ...fine, trouble: error(code), checked_at: read ? fine.now : null })
  await session.refreshStatus()
}

it('says of a ledger that cannot be read that what is unresolved is not known', async () => {
  await troubled('ledger_damaged', false)
  render(StatusBar)
  expect(screen.queryByText('Nothing unresolved')).toBeNull()
  expect(screen.getByText('Unresolved: not known')).toBeTruthy()
})

it('says that nothing is unresolved where that is known', async () => {
  await troubled('ledger_read_only', true)
  render(StatusBar)
  expect(screen.getByText('Nothing unresolved')).toBeTruthy()
})

it.each([
  ['keychain_locked', 'Keychain locked', 'Unlock'],
  ['keychain_missing', 'Keychain missing', 'Try again'],
  ['keychain_denied', 'Keychain refused', 'Try again'],
])('calls %s the trouble of the keychain, and asks again only when a person wants it', async (code, words, retry) => {
  await troubled(code, true)
  render(StatusBar)
  const button = screen.getByRole('button', { name: `${words}: ${retry}` })
  expect(screen.queryByText(/Ledger in trouble/)).toBeNull()
  expect(host.calls.some((call) => call.command === 'ask_keychain')).toBe(false)
  host.answers.ask_keychain = () => {
    throw error(code)
  }
  await fireEvent.click(button)
  expect((await screen.findByRole('button', { name: `${words}: ${retry}` }) as HTMLButtonElement).disabled).toBe(false)
  host.answers.ask_keychain = () => fine
  await fireEvent.click(button)
  expect(await screen.findByText(/Ledger fine/)).toBeTruthy()
  expect(host.calls.filter((call) => call.command === 'ask_keychain')).toHaveLength(2)
})

it('says it in the settings too', async () => {
  await troubled('keychain_locked', true)
  host.answers.ask_keychain = () => fine
  render(Merchants)
  expect(screen.getByText(/words of keychain_locked/)).toBeTruthy()
  await fireEvent.click(screen.getByText('Try again'))
  expect(session.trouble).toBeNull()
})

it.each([
  ['ledger_damaged', true],
  ['file_failed', false],
])('shows the way to the ledger beside %s: %s', (code, way) => {
  render(ListState, { error: error(code), title: 'x' })
  expect(screen.queryByRole('link')?.getAttribute('href') ?? null).toBe(way ? '#/settings?section=ledger' : null)
})

it.each([
  [0, '0 payments'],
  [1, '1 payment'],
  [2, '2 payments'],
])('counts %s as %s', async (payments, words) => {
  host.answers.status = () => ({ ...fine, payments })
  await session.refreshStatus()
  render(StatusBar)
  expect(screen.getByText(/Ledger fine/).textContent).toMatch(new RegExp(`${words}$`))
})
