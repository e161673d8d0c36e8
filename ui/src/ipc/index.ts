import type { Host } from './host'

let current: Host | null = null

export function useHost(host: Host): void {
  current = host
}

/** The way to the program. */
export function host(): Host {
  if (!current) throw new Error('no host yet')
  return current
}
