import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Asker } from './ask.svelte'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** A question that is answered by hand. */
function question() {
  let answer!: (text: string) => void
  let refuse!: (error: unknown) => void
  const asked = vi.fn(() => new Promise<string>((yes, no) => ((answer = yes), (refuse = no))))
  return { asked, answer: (text: string) => answer(text), refuse: (error: unknown) => refuse(error) }
}
const settle = () => vi.advanceTimersByTimeAsync(0)

it('waits until typing has stopped', async () => {
  const asker = new Asker<string>()
  const [first, second] = [question(), question()]
  asker.ask(first.asked, 250)
  await vi.advanceTimersByTimeAsync(200)
  asker.ask(second.asked, 250)
  await vi.advanceTimersByTimeAsync(249)
  expect(second.asked).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  second.answer('B')
  await settle()
  expect([first.asked.mock.calls.length, asker.data, asker.busy]).toEqual([0, 'B', false])
})

it('drops an answer that came too late, and asks the last question only', async () => {
  const asker = new Asker<string>()
  const [first, second, third] = [question(), question(), question()]
  asker.ask(first.asked)
  asker.ask(second.asked)
  asker.ask(third.asked)
  expect([first, second, third].map((one) => one.asked.mock.calls.length)).toEqual([1, 0, 0])
  first.answer('A')
  await settle()
  expect([asker.data, asker.busy]).toEqual([null, true])
  expect([second, third].map((one) => one.asked.mock.calls.length)).toEqual([0, 1])
  third.answer('C')
  await settle()
  expect([asker.data, asker.busy]).toEqual(['C', false])
})

it('holds nothing after it was cleared', async () => {
  const asker = new Asker<string>()
  const [first, later] = [question(), question()]
  asker.ask(first.asked)
  asker.ask(later.asked, 250)
  asker.clear()
  first.answer('A')
  await vi.advanceTimersByTimeAsync(1000)
  expect([asker.data, asker.error, asker.busy, later.asked.mock.calls.length]).toEqual([null, null, false, 0])
})

it('says what failed, and an old failure is no answer either', async () => {
  const asker = new Asker<string>()
  const [first, second] = [question(), question()]
  asker.ask(first.asked)
  first.refuse(new Error('no'))
  await settle()
  expect([asker.error?.code, asker.data]).toEqual(['internal', null])
  asker.ask(second.asked)
  second.answer('B')
  await settle()
  expect([asker.error, asker.data]).toEqual([null, 'B'])
})
