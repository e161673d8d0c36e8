// A long list that follows the ledger: another filter shows at once, a change of the ledger refreshes without haste,
// and a row that did not change stays the same object, so that nothing of it is drawn again.
import { Rows } from '../../lib/rows.svelte'

interface Page<R> {
  total: number
  offset: number
  rows: R[]
}

/** Rows kept for comparing: more than stand in memory at a time. */
const KEPT = 3000

export function same(a: object, b: object): boolean {
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  for (const key of keys) {
    const [one, other] = [(a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]]
    if (one === other) continue
    if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
    if (JSON.stringify(one) !== JSON.stringify(other)) return false
  }
  return true
}

/** One call at a time; what comes meanwhile is one more call afterwards, so that a busy ledger starves nothing. */
export class Calm {
  #busy = false
  #next: (() => Promise<unknown>) | null = null

  run(work: () => Promise<unknown>): void {
    if (this.#busy) {
      this.#next = work
      return
    }
    this.#busy = true
    void work().catch(() => {}).finally(() => {
      this.#busy = false
      const next = this.#next
      this.#next = null
      if (next) this.run(next)
    })
  }
}

export interface Range {
  first: number
  size: number
}

export class LiveList<F, R extends object> {
  readonly rows: Rows<R>
  #kept = new Map<string, R>()
  #form: F | null = null
  #calm = new Calm()
  #waiting = 0
  #settled: (() => void)[] = []

  constructor(
    private readonly fetch: (form: F, offset: number, limit: number) => Promise<Page<R>>,
    private readonly key: (row: R) => string,
  ) {
    this.rows = new Rows<R>(() => new Promise(() => {}))
  }

  /** Another filter. Answers to the one before are dropped. */
  show(form: F): void {
    this.#form = form
    this.#renew(form, { first: 0, size: 1 })
  }

  /** Done once all that was asked for has been answered, also with an error. */
  settled(): Promise<void> {
    return this.#waiting === 0 ? Promise.resolve() : new Promise((done) => this.#settled.push(done))
  }

  /** The ledger changed: the rows in view are asked for again. */
  refresh(range: () => Range): void {
    this.#calm.run(async () => {
      const form = this.#form
      if (form === null) return
      if (this.#waiting === 0) this.#renew(form, range())
      await this.settled()
    })
  }

  #renew(form: F, range: Range): void {
    this.rows.renew((offset, limit) => this.#page(form, offset, limit), range.first, range.size)
  }

  async #page(form: F, offset: number, limit: number): Promise<Page<R>> {
    this.#waiting += 1
    try {
      const page = await this.fetch(form, offset, limit)
      return { ...page, rows: page.rows.map((row) => this.#keep(row)) }
    } finally {
      this.#waiting -= 1
      if (this.#waiting === 0) for (const done of this.#settled.splice(0)) done()
    }
  }

  #keep(row: R): R {
    const key = this.key(row)
    const before = this.#kept.get(key)
    if (before && same(before, row)) return before
    this.#kept.set(key, row)
    if (this.#kept.size > KEPT) {
      let many = KEPT / 2
      for (const old of this.#kept.keys()) {
        if (many-- <= 0) break
        this.#kept.delete(old)
      }
    }
    return row
  }
}

const OVER = '[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"], .menu, .pop'

/** Keys for the list behind a page: not while somebody types, and not those of a menu or a dialog. */
export function isForList(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false
  const target = event.target
  if (target instanceof Element && target.closest(`input, textarea, select, [contenteditable="true"], ${OVER}`)) return false
  return document.querySelector('[role="dialog"][data-state="open"], [role="alertdialog"], .menu') === null
}

interface Walked {
  step: (by: 1 | -1) => void
  openActive: () => void
}

/** What the keys do to a list from wherever the focus is on its screen; true if the key was one of the list's. */
export function walkedBy(event: KeyboardEvent, grid: Walked | undefined): boolean {
  if (!grid || !isForList(event)) return false
  if (event.key === 'j' || event.key === 'ArrowDown') grid.step(1)
  else if (event.key === 'k' || event.key === 'ArrowUp') grid.step(-1)
  // A button or a link that has the focus keeps its Enter; a key held down opens nothing by itself.
  else if (event.key === 'Enter' && !event.repeat && isNobodys(event.target)) grid.openActive()
  else return false
  event.preventDefault()
  return true
}

const isNobodys = (target: EventTarget | null) => target === document.body || (target instanceof Element && target.matches('main'))
