// A host for the unit tests: answers come from a table, what was called is kept.
import type { Command, Commands, Events, Host } from './host'

type Answers = { [C in Command]?: (args: Commands[C]['args']) => Commands[C]['gives'] | Promise<Commands[C]['gives']> }

export class MockHost implements Host {
  calls: { command: Command; args: unknown }[] = []
  #hearers = new Map<keyof Events, Set<(payload: never) => void>>()

  constructor(public answers: Answers = {}) {}

  async call<C extends Command>(command: C, args: Commands[C]['args']): Promise<Commands[C]['gives']> {
    this.calls.push({ command, args })
    const answer = this.answers[command] as ((args: Commands[C]['args']) => Commands[C]['gives']) | undefined
    if (!answer) throw new Error(`the mock has no answer to ${command}`)
    return answer(args)
  }

  on<E extends keyof Events>(event: E, hear: (payload: Events[E]) => void): () => void {
    const hearers = this.#hearers.get(event) ?? new Set()
    this.#hearers.set(event, hearers.add(hear as (payload: never) => void))
    return () => hearers.delete(hear as (payload: never) => void)
  }

  tell<E extends keyof Events>(event: E, payload: Events[E]): void {
    for (const hear of this.#hearers.get(event) ?? []) hear(payload as never)
  }
}
