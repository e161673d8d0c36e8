// The rows of a long list, fetched by pages as they come into view and kept while they are near it.
import type { ErrorView } from '../ipc/generated'
import { asError } from './resource.svelte'

// A screen and a half of rows: more would be read, sent and parsed while somebody waits for what is in view.
const PAGE = 60
const KEPT = 16

interface Page<R> {
  total: number
  offset: number
  rows: R[]
}

export class Rows<R> {
  total = $state<number | null>(null)
  error = $state.raw<ErrorView | null>(null)
  #pages = $state.raw(new Map<number, R[]>())
  #asked = new Map<number, number>()
  #turn = 0
  #fetch: (offset: number, limit: number) => Promise<Page<R>>

  constructor(fetch: (offset: number, limit: number) => Promise<Page<R>>) {
    this.#fetch = fetch
  }

  get state(): 'loading' | 'error' | 'empty' | 'data' {
    if (this.error && this.total === null) return 'error'
    if (this.total === null) return 'loading'
    return this.total === 0 ? 'empty' : 'data'
  }

  at(index: number): R | null {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE] ?? null
  }

  /** Rows `first` to `first + size` come into view. */
  want(first: number, size: number): void {
    for (let page = Math.floor(first / PAGE); page <= Math.floor(Math.max(first, first + size - 1) / PAGE); page++) {
      if (!this.#pages.has(page)) void this.#load(page)
    }
  }

  /** Another list: what is shown stays until the new one is there. */
  renew(fetch: (offset: number, limit: number) => Promise<Page<R>>, first = 0, size = 1): void {
    this.#fetch = fetch
    this.#turn += 1
    this.#asked.clear()
    const turn = this.#turn
    const pages = new Set([Math.floor(first / PAGE), Math.floor((first + size) / PAGE)])
    const before = this.#pages
    void Promise.all([...pages].map((page) => this.#get(page))).then(
      (got) => {
        if (turn !== this.#turn) return
        this.total = got[0]?.total ?? 0
        this.error = null
        // Pages fetched meanwhile belong to this turn already; those of the list before go.
        const fresh = new Map<number, R[]>()
        for (const [page, rows] of this.#pages) if (before.get(page) !== rows) fresh.set(page, rows)
        for (const page of got) fresh.set(page.offset / PAGE, page.rows)
        this.#pages = fresh
      },
      (error) => {
        if (turn !== this.#turn) return
        this.error = asError(error)
        this.total = null
      },
    )
  }

  #get(page: number): Promise<Page<R>> {
    return this.#fetch(page * PAGE, PAGE)
  }

  async #load(page: number): Promise<void> {
    const turn = this.#turn
    if (this.#asked.get(page) === turn) return
    this.#asked.set(page, turn)
    try {
      const got = await this.#get(page)
      if (turn !== this.#turn) return
      this.total = got.total
      const pages = new Map(this.#pages).set(page, got.rows)
      // The ones farthest away go first.
      const far = [...pages.keys()].sort((a, b) => Math.abs(b - page) - Math.abs(a - page))
      for (const old of far.slice(0, Math.max(0, pages.size - KEPT))) {
        pages.delete(old)
        this.#asked.delete(old)
      }
      this.#pages = pages
    } catch (error) {
      if (turn !== this.#turn) return
      this.#asked.delete(page)
      this.error = asError(error)
    }
  }
}
