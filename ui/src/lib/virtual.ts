// Which rows of a very long list stand in view. An element is at most some 33 million pixels high in WebKit, so
// beyond that the scroll bar moves in larger steps than the rows.

export const ROW = 32
const TALLEST = 30_000_000

export interface Span {
  /** The first row drawn and how many. */
  first: number
  size: number
  /** Height of the whole, and where the first row stands in it. */
  height: number
  top: number
}

export function span(count: number, scrollTop: number, view: number, row = ROW, more = 4): Span {
  const real = count * row
  const height = Math.min(real, TALLEST)
  const ratio = height > view && real > height ? (real - view) / (height - view) : 1
  const at = Math.min(Math.max(0, scrollTop), Math.max(0, height - view))
  const offset = at * ratio
  const first = Math.max(0, Math.floor(offset / row) - more)
  const size = Math.max(0, Math.min(count - first, Math.ceil(view / row) + 2 * more + 1))
  return { first, size, height, top: at - (offset - first * row) }
}

/** Where to scroll to so that a row is in view; `null` if it is. */
export function reveal(count: number, index: number, scrollTop: number, view: number, row = ROW): number | null {
  const real = count * row
  const height = Math.min(real, TALLEST)
  const ratio = height > view && real > height ? (real - view) / (height - view) : 1
  const offset = scrollTop * ratio
  if (index * row < offset) return (index * row) / ratio
  if ((index + 1) * row > offset + view) return ((index + 1) * row - view) / ratio
  return null
}
