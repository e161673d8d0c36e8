// Keys: one list, so that `?` can show it and nobody takes a key twice.
import { untrack } from 'svelte'
import type { Key } from './i18n.svelte'

export interface Shortcut {
  /** As `KeyboardEvent.key`, with `Mod+` for Ctrl or Cmd. */
  key: string
  label: Key
  run: (event: KeyboardEvent) => void
  /** Also while typing in a field. */
  always?: boolean
}

let shortcuts = $state.raw<Shortcut[]>([])

export const allShortcuts = (): Shortcut[] => shortcuts

/** Adds keys for as long as the component that calls it is shown. */
export function keys(...more: Shortcut[]): void {
  $effect(() => {
    untrack(() => (shortcuts = [...shortcuts, ...more]))
    return () => {
      shortcuts = shortcuts.filter((shortcut) => !more.includes(shortcut))
    }
  })
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

export function pressed(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.isComposing) return
  const name = `${event.ctrlKey || event.metaKey ? 'Mod+' : ''}${event.key.length === 1 ? event.key.toLowerCase() : event.key}`
  // The last one added stands on top: a sheet's Esc before the pane's.
  const hit = shortcuts.findLast(
    (shortcut) => shortcut.key.toLowerCase() === name.toLowerCase() && (shortcut.always || !typing(event.target)),
  )
  if (!hit || (event.repeat && !/^Arrow|^[jk]$/.test(event.key))) return
  // A dialog holds the keys of the page behind it back.
  if (!hit.always && document.querySelector('[role="dialog"][data-state="open"], [role="alertdialog"]')) return
  event.preventDefault()
  hit.run(event)
}

export function keyText(key: string): string {
  const mac = /Mac/.test(navigator.platform)
  return key.replace('Mod+', mac ? '⌘' : 'Ctrl ').replace('Escape', 'Esc').replace('ArrowDown', '↓').replace('ArrowUp', '↑')
}
