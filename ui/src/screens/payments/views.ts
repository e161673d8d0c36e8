// Saved views: a filter and its columns under a name. The list is never changed in place.
import type { SavedView } from '../../ipc/generated'

const plain = (name: string) => name.trim().slice(0, 40)

export function named(views: SavedView[], name: string): SavedView | null {
  return views.find((view) => view.name === plain(name)) ?? null
}

export function saved(views: SavedView[], view: SavedView): SavedView[] {
  const next = { ...view, name: plain(view.name) }
  return [...views.filter((one) => one.name !== next.name), next]
}

/** The one with a new name, and with the columns as they are now. */
export function renamed(views: SavedView[], from: string, to: string, columns: string[]): SavedView[] {
  return views.map((view) => (view.name === from ? { ...view, name: plain(to), columns } : view))
}

export function removed(views: SavedView[], name: string): SavedView[] {
  return views.filter((view) => view.name !== name)
}
