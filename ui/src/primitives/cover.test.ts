import { cleanup, render } from '@testing-library/svelte'
import { createRawSnippet } from 'svelte'
import { afterEach, expect, it } from 'vitest'
import Ask from './Ask.svelte'
import Sheet from './Sheet.svelte'

afterEach(cleanup)
const children = createRawSnippet(() => ({ render: () => '<p>x</p>' }))
const covered = () => document.documentElement.hasAttribute('data-covered')

it('holds the lists behind it still, as long as anything lies over them', async () => {
  const sheet = render(Sheet, { open: false, title: 't', onclose: () => {}, children })
  const ask = render(Ask, { open: false, title: 't', yes: 'y', onyes: () => {}, onno: () => {}, children })
  expect(covered()).toBe(false)
  await sheet.rerender({ open: true })
  await ask.rerender({ open: true })
  expect(covered()).toBe(true)
  await sheet.rerender({ open: false })
  expect(covered()).toBe(true)
  ask.unmount()
  expect(covered()).toBe(false)
})
