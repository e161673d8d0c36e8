// What every screen shares: the merchants, the choices, the status, and the ticking of changes.
import { host } from '../ipc'
import type { ErrorView, MerchantView, Preferences, StartView, StatusView } from '../ipc/generated'
import { isError } from '../ipc/host'
import { setLang, type Lang } from './i18n.svelte'

/** The keychain as a whole: what it holds is not lost. */
const SHUT = ['keychain_missing', 'keychain_locked', 'keychain_denied', 'keychain_prompt', 'keychain_failed']

class Session {
  start = $state.raw<StartView | null>(null)
  preferences = $state.raw<Preferences | null>(null)
  merchants = $state.raw<MerchantView[]>([])
  /** The merchant shown, by name. */
  name = $state('simulated')
  status = $state.raw<StatusView | null>(null)
  /** Why the status could not be had. */
  trouble = $state.raw<ErrorView | null>(null)
  /** Grows whenever something that a screen shows may have changed. */
  tick = $state(0)
  /** The day figures are shown for; `null` is today. */
  day = $state<string | null>(null)
  dark = $state(false)
  /** Too narrow for a rail with words beside a screen with panes. */
  narrow = $state(false)

  get railCollapsed(): boolean {
    return this.narrow || (this.preferences?.rail_collapsed ?? false)
  }

  get merchant(): MerchantView | null {
    return this.merchants.find((merchant) => merchant.name === this.name) ?? null
  }

  get environment(): string {
    return this.merchant?.environment ?? 'simulated'
  }

  /** Why the keychain gives nothing, if that is the trouble. */
  get keychain(): ErrorView | null {
    return this.trouble && SHUT.includes(this.trouble.code) ? this.trouble : null
  }

  /** Whether it is known what is unresolved: not of a ledger that cannot be read, nor before it was. */
  get knows(): boolean {
    return this.status !== null && (this.status.trouble === null || this.status.checked_at !== null)
  }

  #stops: (() => void)[] = []

  async open(): Promise<void> {
    const start = await host().call('start', {})
    this.start = start
    this.preferences = start.preferences
    this.merchants = start.merchants
    this.name = start.merchant
    this.trouble = start.trouble
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    scheme.addEventListener('change', () => this.#paint())
    const width = matchMedia('(max-width: 1199px)')
    width.addEventListener('change', () => (this.narrow = width.matches))
    this.narrow = width.matches
    this.#paint()
    await setLang(this.#lang())
    this.#stops.push(
      host().on('change', (change) => {
        if (change.environment !== this.environment) return
        this.touch()
      }),
      // Whatever keeps them from being read is said where they are asked for by a person.
      host().on('merchants', () => void this.refreshMerchants().catch(() => {})),
    )
    void this.refreshStatus()
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }

  #lang(): Lang {
    const chosen = this.preferences?.language ?? 'system'
    return (chosen === 'system' ? this.start?.system_language : chosen) === 'en' ? 'en' : 'zh-CN'
  }

  #paint(): void {
    const theme = this.preferences?.theme ?? 'system'
    const root = document.documentElement
    if (theme === 'system') root.removeAttribute('data-theme')
    else root.dataset.theme = theme
    this.dark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  }

  touch(): void {
    this.tick += 1
    void this.refreshStatus()
  }

  async refreshStatus(): Promise<void> {
    const asked = this.name
    try {
      const status = await host().call('status', { merchant: asked })
      if (asked !== this.name) return
      this.status = status
      this.trouble = status.trouble
    } catch (error) {
      if (isError(error)) this.trouble = error
    }
  }

  /** Asks the keychain again, and so perhaps the person for its password. */
  async askKeychain(): Promise<void> {
    const asked = this.name
    try {
      const status = await host().call('ask_keychain', { merchant: asked })
      if (asked !== this.name) return
      this.status = status
      this.trouble = status.trouble
      this.tick += 1
    } catch (error) {
      if (isError(error) && asked === this.name) this.trouble = error
    }
  }

  async refreshMerchants(): Promise<void> {
    this.merchants = await host().call('merchants', {})
    if (!this.merchant) this.name = 'simulated'
  }

  async choose(name: string): Promise<void> {
    this.name = name
    this.status = null
    this.touch()
    await this.save({ merchant: name })
  }

  /** Changes some choices at once and keeps them. */
  async save(some: Partial<Preferences>): Promise<void> {
    if (!this.preferences) return
    this.preferences = { ...this.preferences, ...some }
    this.#paint()
    await setLang(this.#lang())
    this.preferences = await host().call('save_preferences', { preferences: this.preferences })
  }
}

export const session = new Session()
