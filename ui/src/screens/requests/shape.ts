// From the address to what is asked for.
import type { RequestsForm } from '../../ipc/generated'

export const OUTCOMES = ['confirmed', 'rejected', 'unknown', 'not_sent'] as const
export const APIS = [
  '/pay/unifiedorder', '/pay/orderquery', '/pay/closeorder', '/pay/micropay', '/secapi/pay/refund', '/pay/refundquery', '/secapi/pay/reverse',
] as const

export function formOf(query: URLSearchParams): RequestsForm {
  const list = (name: string) => (query.get(name) ?? '').split(',').filter(Boolean)
  return { text: query.get('q') ?? '', outcomes: list('outcome'), apis: list('api') }
}

/** `/secapi/pay/refund` as `refund`. */
export const shortApi = (api: string) => api.slice(api.lastIndexOf('/') + 1)

/** Adds or takes away one of a list in the address. */
export function toggled(query: URLSearchParams, name: string, value: string): string {
  const list = (query.get(name) ?? '').split(',').filter(Boolean)
  return (list.includes(value) ? list.filter((one) => one !== value) : [...list, value]).join(',')
}
