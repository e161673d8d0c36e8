// Which columns stand in the list, and how wide: the mock's widths, less what the row's own edge takes.

export const COLUMNS = ['time', 'state', 'amount', 'refunded', 'body', 'trade_type', 'out_trade_no', 'transaction_id', 'evidence'] as const
export type ColumnId = (typeof COLUMNS)[number]

/** The row's padding on both sides. */
const EDGE = 24
const BODY_LEAST = 96
/** Under this the pane takes the room of the two ids, which it shows in full. */
export const WIDE = 1640
/** What goes first where there is no room. */
const FOLDS: ColumnId[] = ['transaction_id', 'out_trade_no', 'trade_type', 'refunded']

/** The chosen ones that exist; all if none does. */
export function chosenOf(columns: string[] | undefined): ColumnId[] {
  const known = (columns ?? []).filter((one): one is ColumnId => (COLUMNS as readonly string[]).includes(one))
  return known.length > 0 ? [...new Set(known)] : [...COLUMNS]
}

/** With or without one; the last one stays. */
export function toggledColumn(columns: ColumnId[], id: ColumnId): ColumnId[] {
  if (!columns.includes(id)) return COLUMNS.filter((one) => one === id || columns.includes(one))
  return columns.length > 1 ? columns.filter((one) => one !== id) : columns
}

export interface Room {
  width: number
  /** The pane stands beside the list. */
  pane: boolean
  /** The window's width. */
  window: number
  english: boolean
  /** Only one day is listed: then the time needs no date. */
  oneDay: boolean
}

/** Pixels; `body` takes what is left over. Tight: no seconds, no raw codes, marks without their words. */
export function widthOf(id: ColumnId, room: Pick<Room, 'english' | 'oneDay'>, tight: boolean): number {
  switch (id) {
    case 'time':
      return room.oneDay ? 68 : tight ? 84 : 112
    case 'state':
      return tight ? (room.english ? 116 : 96) : room.english ? 160 : 136
    case 'amount':
      return 88
    case 'refunded':
      return 80
    case 'body':
      return BODY_LEAST
    case 'trade_type':
      return 64
    case 'out_trade_no':
      return 132
    case 'transaction_id':
      return 240
    case 'evidence':
      return tight ? 74 : room.english ? 132 : 116
  }
}

export function trackOf(id: ColumnId, room: Pick<Room, 'english' | 'oneDay'>, tight: boolean): string {
  return id === 'body' ? `minmax(${BODY_LEAST}px, 1fr)` : `${widthOf(id, room, tight)}px`
}

/** Those that have room in a list of this width, and whether they must be tight for it. */
export function layoutOf(chosen: ColumnId[], room: Room): { ids: ColumnId[]; tight: boolean } {
  let ids = room.pane && room.window < WIDE ? chosen.filter((id) => id !== 'out_trade_no' && id !== 'transaction_id') : chosen
  // Only ids chosen: then they stay.
  if (ids.length === 0) ids = chosen
  const needed = (tight: boolean) => EDGE + ids.reduce((sum, id) => sum + widthOf(id, room, tight), 0)
  for (const id of FOLDS) {
    if (needed(false) <= room.width || ids.length <= 2) break
    ids = ids.filter((one) => one !== id)
  }
  return { ids, tight: needed(false) > room.width }
}
