// Questions that follow what is typed: asked a while after the last change, one at a time, and only the answer to the
// last one counts.
import type { ErrorView } from '../../ipc/generated'
import { asError } from '../../lib/resource.svelte'

export class Asker<A> {
  /** The answer to what stands there, or to what stood there before while the next one is on its way. */
  data = $state.raw<A | null>(null)
  error = $state.raw<ErrorView | null>(null)
  /** Something was asked, or is about to be. */
  busy = $state(false)
  #turn = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #running = false
  #next: (() => Promise<A>) | null = null

  /** Asks after so many milliseconds, unless something else is asked before. */
  ask(work: () => Promise<A>, ms = 0): void {
    const turn = ++this.#turn
    this.busy = true
    this.#next = null
    clearTimeout(this.#timer)
    if (ms > 0) this.#timer = setTimeout(() => void this.#run(work, turn), ms)
    else void this.#run(work, turn)
  }

  /** What was there is no more, and whatever is still on its way is dropped. */
  clear(): void {
    this.#turn += 1
    clearTimeout(this.#timer)
    this.#next = null
    this.busy = false
    this.data = null
    this.error = null
  }

  async #run(work: () => Promise<A>, turn: number): Promise<void> {
    // A search may take a second: another one beside it would only slow both down.
    if (this.#running) {
      this.#next = work
      return
    }
    this.#running = true
    try {
      const data = await work()
      if (turn === this.#turn) {
        this.data = data
        this.error = null
      }
    } catch (error) {
      if (turn === this.#turn) {
        this.error = asError(error)
        this.data = null
      }
    } finally {
      this.#running = false
      const next = this.#next
      this.#next = null
      if (next) void this.#run(next, this.#turn)
      else if (turn === this.#turn) this.busy = false
    }
  }
}
