import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { madeUp } from '../../dev/host'
import { madeVerify, withWorkbench } from '../../dev/workbench'
import { useHost } from '../../ipc'
import type { MockHost } from '../../ipc/mock'
import { setLang } from '../../lib/i18n.svelte'
import { pressed } from '../../lib/keys.svelte'
import { go } from '../../lib/route.svelte'
import { session } from '../../lib/session.svelte'
import { drafts } from './shape'
import View from './View.svelte'

// A busy machine is no failure.
vi.setConfig({ testTimeout: 30_000 })
// What jsdom has not, and an editor measures.
Range.prototype.getClientRects ??= () => [] as unknown as DOMRectList
Range.prototype.getBoundingClientRect ??= () => new DOMRect()

let host: MockHost
const forms = (command: string) => host.calls.filter((call) => call.command === command).map((call) => call.args as { form: { text: string }; key: string | null })

beforeEach(async () => {
  host = withWorkbench(madeUp())
  useHost(host)
  await setLang('zh-CN')
  await session.open()
  addEventListener('keydown', pressed)
})
afterEach(() => {
  cleanup()
  removeEventListener('keydown', pressed)
  session.close()
  for (const name of Object.keys(drafts) as (keyof typeof drafts)[]) drafts[name] = ''
  localStorage.clear()
})

/** Pasted anywhere in the window, it comes into the editor. */
function paste(text: string) {
  const event = new Event('paste', { bubbles: true, cancelable: true })
  Object.assign(event, { clipboardData: { getData: () => text } })
  document.body.dispatchEvent(event)
}

it('answers what is pasted at once, and marks what it is about', async () => {
  go('workbench', {}, true)
  render(View)
  paste('<xml>\n<attach></attach>\n<sign>B12800844A0820ED0D0C7C481E3CFEE1</sign>\n</xml>')
  expect(await screen.findByRole('heading', { name: /不对：值为空的字段也参加了签名/ })).toBeTruthy()
  expect(forms('verify_pasted')).toHaveLength(1)
  expect(forms('verify_pasted')[0]).toMatchObject({ form: { text: expect.stringContaining('<attach></attach>'), merchant: null, beside: null, string: null }, key: null })
  expect(screen.getByText('已证实')).toBeTruthy()
  expect(document.querySelector('#wb-corrected')?.textContent).toBe('07701EC0B941D27E73EEFC69A4B1CD6A')
  expect([...document.querySelectorAll('.tosign del')].map((one) => one.textContent)).toEqual(['&attach=', '&device_info='])
  expect(document.querySelector('.wb-out [role=status]')?.textContent).toContain('不对：')
  await waitFor(() => expect(document.querySelectorAll('.wb-line-bad, .wb-line-sign')).toHaveLength(2))
  // The language of the fix is remembered, and nothing else.
  await fireEvent.click(screen.getAllByRole('radio', { name: 'Python' })[0]!)
  expect(Object.entries(localStorage)).toEqual([['paydesk.workbench.language', 'python']])
  expect(location.hash).toBe('#/workbench')
})

it('keeps a carriage return and hidden characters, and shows them', async () => {
  go('workbench', {}, true)
  render(View)
  const text = '<a>\u202e1\r\n\u200b</a>\u0000'
  paste(text)
  await waitFor(() => expect(forms('verify_pasted')[0]?.form.text).toBe(text))
  expect([...document.querySelectorAll('.cm-content .ctl')].map((one) => one.textContent)).toEqual(['RLO', 'CR', 'ZWSP', 'NUL'])
})

it('takes a key once: out of its field before it is used, and gone when it is left', async () => {
  go('workbench', {}, true)
  render(View)
  paste('<xml/>')
  await screen.findByRole('heading', { name: /不对/ })
  await fireEvent.click(screen.getByRole('radio', { name: '只用一次' }))
  expect(await screen.findByText('输入密钥再看结论')).toBeTruthy()
  const field = () => document.querySelector<HTMLInputElement>('input[type=password]')!
  const before = forms('verify_pasted').length
  // Without a key nothing is asked.
  await fireEvent.submit(field().form!)
  expect(forms('verify_pasted')).toHaveLength(before)
  let during = 'not asked'
  host.answers.verify_pasted = () => {
    during = field().value
    return madeVerify({ verdict: 'valid', causes: [] })
  }
  await fireEvent.input(field(), { target: { value: ' KEY ' } })
  await fireEvent.submit(field().form!)
  expect(await screen.findByRole('heading', { name: /签名有效/ })).toBeTruthy()
  // As it was typed: a blank in it is one of the mistakes.
  expect([forms('verify_pasted').at(-1)?.key, during, field().value]).toEqual([' KEY ', '', ''])
  // Another language does not ask again without the key, and another text is not judged without it.
  session.preferences = { ...session.preferences! }
  paste('<xml>2</xml>')
  expect(await screen.findByText('输入密钥再看结论')).toBeTruthy()
  expect(forms('verify_pasted')).toHaveLength(before + 1)
  await fireEvent.input(field(), { target: { value: 'KEY' } })
  const left = field()
  await fireEvent.click(screen.getByRole('radio', { name: /全部已存的/ }))
  expect(left.value).toBe('')
})

it('asks again by Ctrl+Enter, wherever the focus is', async () => {
  go('workbench', {}, true)
  render(View)
  paste('<xml/>')
  await screen.findByRole('heading', { name: /不对/ })
  await fireEvent.keyDown(document.body, { key: 'Enter', ctrlKey: true })
  await waitFor(() => expect(forms('verify_pasted')).toHaveLength(2))
})

it('asks again in the other language, once it was chosen', async () => {
  go('workbench', {}, true)
  render(View)
  paste('<xml/>')
  await screen.findByRole('heading', { name: /不对/ })
  await session.save({ language: 'en' })
  await waitFor(() => expect(forms('verify_pasted').length).toBeGreaterThan(1))
  expect(await screen.findByRole('heading', { name: /Not valid: / })).toBeTruthy()
  await session.save({ language: 'zh-CN' })
})

it('says what failed', async () => {
  host.answers.verify_pasted = () => {
    throw { code: 'keychain_locked', exit: 'here', err_code: null, number: null, field: null, zh: '钥匙串锁着', en: 'locked' }
  }
  go('workbench', {}, true)
  render(View)
  paste('<xml/>')
  expect(await screen.findByText('钥匙串锁着')).toBeTruthy()
})

it('has its tab in the address, walks along them by arrows, and keeps what was pasted', async () => {
  go('workbench', {}, true)
  render(View)
  paste('<xml/>')
  await screen.findByRole('heading', { name: /不对/ })
  const first = screen.getByRole('tab', { name: '验签' })
  first.focus()
  await fireEvent.keyDown(first, { key: 'ArrowRight' })
  await waitFor(() => expect(location.hash).toBe('#/workbench?tab=sign'))
  expect(document.activeElement?.textContent).toBe('签名')
  await fireEvent.click(screen.getByRole('tab', { name: '验签' }))
  expect(await screen.findByRole('heading', { name: /不对/ })).toBeTruthy()
})

it('signs a page’s address with a ticket that is forgotten at once', async () => {
  go('workbench', { tab: 'jssdk' }, true)
  render(View)
  await fireEvent.input(screen.getByLabelText('页面网址'), { target: { value: 'https://a.example/#x' } })
  const ticket = screen.getByLabelText<HTMLInputElement>('jsapi_ticket')
  await fireEvent.input(ticket, { target: { value: 'TICKET' } })
  await fireEvent.input(screen.getByLabelText(/^timestamp/), { target: { value: '12s' } })
  await fireEvent.submit(ticket.form!)
  expect(await screen.findByText('时间戳是 1970 年以来的秒数')).toBeTruthy()
  await fireEvent.input(screen.getByLabelText(/^timestamp/), { target: { value: '1760000000' } })
  await fireEvent.submit(ticket.form!)
  expect(await screen.findByText(/^wx\.config\(/)).toBeTruthy()
  expect(host.calls.find((call) => call.command === 'jssdk_sign')?.args).toEqual({
    merchant: 'simulated', form: { url: 'https://a.example/#x', appid: null, nonce_str: null, timestamp: 1760000000 }, ticket: 'TICKET',
  })
  expect(ticket.value).toBe('')
})

it('makes pay parameters of what is asked for, and no more', async () => {
  go('workbench', { tab: 'pay' }, true)
  render(View)
  await fireEvent.input(screen.getByLabelText('prepay_id'), { target: { value: ' wx2014 ' } })
  await fireEvent.submit(screen.getByLabelText('prepay_id').closest('form')!)
  expect(await screen.findByText('prepay_id=wx2014')).toBeTruthy()
  expect(host.calls.find((call) => call.command === 'pay_params_of')?.args).toEqual({
    merchant: 'simulated', form: { kind: 'jsapi', prepay_id: 'wx2014', mweb_url: null, redirect_url: null, product_id: null },
  })
})
