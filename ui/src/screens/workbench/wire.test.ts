// What the console's own tests wrote, word for word: the workbench understands it.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import zh from '../../../../locales/zh-CN.json'
import { madeUp } from '../../dev/host'
import { useHost } from '../../ipc'
import type { DecryptView, JssdkView, PayParamsView, SignView, VerifyView } from '../../ipc/generated'
import type { MockHost } from '../../ipc/mock'
import { setLang } from '../../lib/i18n.svelte'
import { go } from '../../lib/route.svelte'
import { session } from '../../lib/session.svelte'
import { told } from './said'
import { drafts, explanations, fieldRows, LANGUAGES, marksOf, paramList, parting, snippet, tone, toSign } from './shape'
import View from './View.svelte'

vi.setConfig({ testTimeout: 30_000 })
Range.prototype.getClientRects ??= () => [] as unknown as DOMRectList
Range.prototype.getBoundingClientRect ??= () => new DOMRect()

const wire = <T,>(name: string) => JSON.parse(readFileSync(`../tests/fixtures/wire/${name}.json`, 'utf8')) as T
const words: Record<string, string> = zh
const NAMES = ['verify_valid', 'verify_proven', 'verify_unexplained', 'verify_string', 'verify_program', 'verify_malformed'] as const

let host: MockHost
beforeEach(async () => {
  host = madeUp()
  useHost(host)
  await setLang('zh-CN')
  await session.open()
})
afterEach(() => {
  cleanup()
  session.close()
  for (const name of Object.keys(drafts) as (keyof typeof drafts)[]) drafts[name] = ''
})

it.each(NAMES)('has a word for whatever %s says of itself', (name) => {
  const view = wire<VerifyView>(name)
  for (const key of [`ui.workbench.format.${view.format}`, `recognised.${view.recognised}`, ...view.undone.map((step) => `ui.workbench.undone.${step}`)]) expect(words[key], key).toBeTruthy()
  for (const { included, reason } of view.fields) if (!included) expect(words[`left_out.${reason}`], String(reason)).toBeTruthy()
  expect(told(view).title).not.toMatch(/ui\.|\{/)
  // What is shown of the string is the string.
  expect(toSign(view).filter((piece) => piece.kind !== 'added').map((piece) => piece.text).join('')).toBe(view.string_to_sign ?? '')
})

describe('a proven mistake', () => {
  const view = wire<VerifyView>('verify_proven')
  it('is red, explained once, with a fix and a test in every language', () => {
    expect([tone(view), explanations(view.causes).map((group) => group.map((cause) => cause.id))]).toEqual(['red', [['not_sorted']]])
    for (const language of LANGUAGES) {
      expect(snippet(view.causes[0]!.fixes, language), language).toBeTruthy()
      expect(snippet(view.reproduction!.tests, language), language).toBeTruthy()
    }
    expect(parting(view.expected, view.presented)).toBe(0)
    expect(told(view).title).toBe('不对：没有排序，按报文里的顺序拼接')
    expect(told(view).proof).toContain('32 位全同')
  })
  it('is made again without anything of the original', () => {
    const shared = JSON.stringify(view.reproduction)
    for (const { name, value } of view.fields) if (value.length > 8 && name !== 'sign') expect(shared).not.toContain(value)
    expect(shared).not.toContain(view.presented)
  })
})

it('marks the lines of a program that are wrong, and shows its values as they are written', () => {
  const view = wire<VerifyView>('verify_program')
  const lines = view.mistakes.map((mistake) => mistake.line)
  expect(marksOf('\n'.repeat(40), view).map((mark) => mark.line)).toEqual([...new Set(lines)].sort((a, b) => a - b))
  expect(fieldRows(view)).toMatchObject({ shown: [], inside: 0, outside: view.fields.length })
  expect(told(view).title).toContain(String(view.mistakes.length))
})

describe('on the screen', () => {
  async function shown(name: string) {
    const view = wire<VerifyView>(name)
    host.answers.verify_pasted = () => view
    go('workbench', {}, true)
    drafts.verify = '<xml>1</xml>'
    render(View)
    await screen.findByRole('heading', { name: new RegExp(told(view).title.slice(0, 12).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) })
    return view
  }
  it.each(NAMES)('%s', async (name) => {
    const view = await shown(name)
    const text = document.querySelector('.wb-out')!.textContent!
    for (const { message } of [...view.causes, ...view.mistakes, ...view.findings, ...view.checks]) expect(text).toContain(message)
    // Programs have braces of their own.
    document.querySelectorAll('pre').forEach((one) => one.remove())
    expect(document.querySelector('.wb-out')!.textContent).not.toMatch(/ui\.workbench|undefined|\{\w+\}/)
  })
  it('the developer’s own string, where it leaves the right one', async () => {
    await shown('verify_string')
    const marked = [...document.querySelectorAll('.wb-wrap .hx-d')].map((one) => one.textContent)
    expect(marked).toEqual(['t', 'T'])
  })
  it('a test in another language', async () => {
    const view = await shown('verify_proven')
    await fireEvent.click(screen.getAllByRole('radio', { name: 'Go' })[0]!)
    expect(document.querySelector('.snip pre')!.textContent!.trim()).toBe(snippet(view.causes[0]!.fixes, 'go')!.trim())
  })
})

it('has what the other tabs are answered', () => {
  expect(wire<SignView>('sign').xml).toContain(wire<SignView>('sign').signature)
  expect(wire<DecryptView>('decrypt').fields.map((field) => field.name)).toContain('out_refund_no')
  for (const [name] of paramList(wire<PayParamsView>('pay_params_app').params)) expect(words[`ui.collect.param.${name}`], name).toBeTruthy()
  const jssdk = wire<JssdkView>('jssdk')
  expect(jssdk.call).toContain(jssdk.signature)
  expect(jssdk.string_to_sign).toMatch(/^jsapi_ticket=\*+&/)
})
