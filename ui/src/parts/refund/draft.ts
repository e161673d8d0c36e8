// What was typed into a refund sheet, kept until the refund is settled: the web process may be ended at any time, and
// a sheet that opens again must use the same out_refund_no. Nothing in it is secret.

export interface Draft {
  merchant: string
  out_trade_no: string
  out_refund_no: string
  amount: string
  reason: string
  /** It may have been sent. */
  sent: boolean
}

const PREFIX = 'paydesk.refund.'

function read(key: string): Draft | null {
  try {
    const draft = JSON.parse(sessionStorage.getItem(key) ?? 'null') as Partial<Draft> | null
    if (!draft || typeof draft.out_refund_no !== 'string' || `${PREFIX}${draft.out_refund_no}` !== key) return null
    const text = (value: unknown) => (typeof value === 'string' ? value : '')
    return {
      merchant: text(draft.merchant), out_trade_no: text(draft.out_trade_no), out_refund_no: draft.out_refund_no,
      amount: text(draft.amount), reason: text(draft.reason), sent: draft.sent === true,
    }
  } catch {
    return null
  }
}

export function keepDraft(draft: Draft): void {
  try {
    sessionStorage.setItem(PREFIX + draft.out_refund_no, JSON.stringify(draft))
  } catch {
    // No room or no right to it: then the sheet is only as good as its process.
  }
}

export function dropDraft(out_refund_no: string): void {
  try {
    sessionStorage.removeItem(PREFIX + out_refund_no)
  } catch {
    // As above.
  }
}

/** The draft of an order, the one that may have been sent before any other. */
export function findDraft(merchant: string, out_trade_no: string): Draft | null {
  const drafts: Draft[] = []
  try {
    for (let at = 0; at < sessionStorage.length; at++) {
      const key = sessionStorage.key(at)
      const draft = key?.startsWith(PREFIX) ? read(key) : null
      if (draft && draft.merchant === merchant && draft.out_trade_no === out_trade_no) drafts.push(draft)
    }
  } catch {
    return null
  }
  return drafts.find((draft) => draft.sent) ?? drafts[0] ?? null
}
