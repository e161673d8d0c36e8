import { cleanup, render } from '@testing-library/svelte'
import { afterEach, expect, it } from 'vitest'
import { halves } from '../lib/number'
import LongId from './LongId.svelte'
import OrderNumber from './OrderNumber.svelte'

afterEach(cleanup)

it.each([
  ['PD20260105A06', null],
  ['QW2511182037415806', null],
  ['QW25111820374158067', ['QW2511182', '0374158067']],
  ['20261121BRANCH01TILL0200000004711', ['20261121BRANCH01TILL020', '0000004711']],
])('keeps the end of %s', (number, expected) => expect(halves(number)).toEqual(expected))

it('has the whole number, to copy and to read out', () => {
  const number = '20261121BRANCH01TILL020000004711'
  const { container } = render(OrderNumber, { number })
  expect(container.textContent).toBe(number)
  expect(container.querySelector('code')?.title).toBe(number)
})

it("breaks a number of WeChat Pay's between its parts only, and copies it whole", () => {
  const { container } = render(LongId, { id: '4200002805202611213184756214' })
  expect([...container.querySelectorAll('.id > span')].map((part) => part.textContent)).toEqual(['4200002805', '20261121', '3184756214'])
  expect([container.textContent, container.querySelectorAll('wbr').length]).toEqual(['4200002805202611213184756214', 3])
})
