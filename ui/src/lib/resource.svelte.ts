// Something that is loaded: every list has four states, and none of them flickers.
import { untrack } from 'svelte'
import type { ErrorView } from '../ipc/generated'
import { isError } from '../ipc/host'

export function asError(error: unknown): ErrorView {
  if (isError(error)) return error
  const text = error instanceof Error ? error.message : String(error)
  return { code: 'internal', exit: 'here', err_code: null, number: null, field: null, zh: text, en: text }
}

export class Resource<T> {
  data = $state.raw<T | null>(null)
  error = $state.raw<ErrorView | null>(null)
  loading = $state(true)
  #turn = 0

  /** `loading` only until there is something to show: a refresh keeps what stands there. */
  get state(): 'loading' | 'error' | 'data' {
    if (this.error) return 'error'
    return this.data === null ? 'loading' : 'data'
  }

  async load(work: () => Promise<T>): Promise<void> {
    const turn = ++this.#turn
    this.loading = true
    try {
      const data = await work()
      if (turn !== this.#turn) return
      this.data = data
      this.error = null
    } catch (error) {
      if (turn !== this.#turn) return
      this.error = asError(error)
    } finally {
      if (turn === this.#turn) this.loading = false
    }
  }

  clear(): void {
    this.#turn += 1
    this.data = null
    this.error = null
  }
}

/** Loads now, and again whenever something `work` reads at its start changes. To be called while a component is made. */
export function resource<T>(work: () => Promise<T>): Resource<T> {
  const loaded = new Resource<T>()
  $effect(() => {
    const begun = work()
    untrack(() => void loaded.load(() => begun))
  })
  return loaded
}
