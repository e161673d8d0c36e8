// What the console's own tests wrote, word for word: the till understands it.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import zh from '../../../../locales/zh-CN.json'
import type { OrderCreated, PaymentDetail, PaymentView } from '../../ipc/generated'
import { countdown, log, paramList, qrPath, standing, steps } from './shape'

const wire = <T,>(name: string) => JSON.parse(readFileSync(`../tests/fixtures/wire/${name}.json`, 'utf8')) as T
const words: Record<string, string> = zh

it('draws the code of a native order, module by module', () => {
  const { pay, payment } = wire<OrderCreated>('order_created_native')
  const { side, path } = qrPath(pay.qr!)
  expect(side).toBe(pay.qr!.size + 8)
  const drawn = Array.from({ length: pay.qr!.size }, () => Array<string>(pay.qr!.size).fill('0'))
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let at = 0; at < Number(width); at++) drawn[Number(y) - 4]![Number(x) - 4 + at] = '1'
  }
  expect(drawn.map((row) => row.join(''))).toEqual(pay.qr!.rows)
  expect(standing(payment, null)).toBe('waiting')
  expect(countdown(payment, Date.parse(payment.created_at))).toMatchObject({ text: '30:00', share: 100, over: false })
})

it.each(['order_created_jsapi', 'order_created_app'])('explains every parameter of %s', (name) => {
  const params = paramList(wire<OrderCreated>(name).pay.params!)
  expect(params.length).toBeGreaterThan(5)
  for (const [field] of params) expect(words[`ui.collect.param.${field}`], field).toBeTruthy()
})

it('names every call', () => {
  for (const [call] of wire<OrderCreated>('order_created_jsapi').pay.calls) expect(words[`ui.collect.call.${call}`], call).toBeTruthy()
})

it('has the address of an H5 order', () => {
  expect(wire<OrderCreated>('order_created_h5').pay.mweb_url).toMatch(/^https:/)
})

it('sees that nobody knows whether an order was made', () => {
  const detail = wire<PaymentDetail>('payment_detail_unresolved')
  expect(standing(detail.payment, detail.row.state)).toBe('unknown')
  // Before a list was asked, too.
  expect(standing(detail.payment, null)).toBe('unknown')
  expect(steps('native', 'unknown', detail.payment)[0]!.look).toBe('now')
  for (const line of log(detail.raw)) expect(words[`ui.collect.outcome.${line.item.outcome}`]).toBeTruthy()
})

it('sees a paid code as paid, with nothing more to come', () => {
  const payment = wire<PaymentView>('micropay')
  expect(standing(payment, null)).toBe('paid')
  expect(steps('micropay', 'paid', payment).map((step) => step.look)).toEqual(['done', 'done', 'done'])
  expect(countdown(payment, Date.parse(payment.created_at))).toBeNull()
})
