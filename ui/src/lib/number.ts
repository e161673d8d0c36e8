/** Longer than what every place for a number has room for. */
const LONG = 18
/** The digits that people compare. */
const END = 10

/** A long number in two, so that its beginning can give way; `null` where there is room for all of it. */
export function halves(number: string): [string, string] | null {
  return number.length > LONG ? [number.slice(0, -END), number.slice(-END)] : null
}
