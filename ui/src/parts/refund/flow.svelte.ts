// A refund from opening its sheet to its outcome. One number, one call at a time; what is not known is never
// taken for a no.
import { host } from '../../ipc'
import type { ErrorView, PaymentDetail, RefundForm, RefundPlan, RefundView } from '../../ipc/generated'
import { asError } from '../../lib/resource.svelte'
import { session } from '../../lib/session.svelte'
import { dropDraft, findDraft, keepDraft } from './draft'
import { amountOf, bytesOf, fateOf, openBeside, plainAmount, REASON_BYTES, shares } from './shape'

export type Stage = 'loading' | 'failed' | 'nothing' | 'beside' | 'form' | 'sending' | 'unknown' | 'refused' | 'done'

/** Calls on their way, by number: a sheet that is closed and opened meanwhile must not begin another. */
const underway = new Map<string, Promise<RefundView>>()

export class RefundFlow {
  stage = $state<Stage>('loading')
  detail = $state.raw<PaymentDetail | null>(null)
  plan = $state.raw<RefundPlan | null>(null)
  refund = $state.raw<RefundView | null>(null)
  error = $state.raw<ErrorView | null>(null)
  amount = $state('')
  reason = $state('')
  /** What was typed before the page was loaded again stands in the fields. */
  restored = $state(false)
  /** The number was used with this content: it cannot be changed any more. */
  fixed = $state(false)
  /** The open refunds beside which a person said that another one is meant. */
  known = $state.raw<string[]>([])
  asking = $state(false)
  readonly merchant: string
  readonly order: string
  #busy = false
  #sent = false
  #over = false
  /** Something changed while nothing could be looked at. */
  #missed = false

  constructor(merchant: string, order: string) {
    this.merchant = merchant
    this.order = order
  }

  readonly number = $derived(this.plan?.out_refund_no ?? null)
  readonly max = $derived(this.detail?.payment.refundable_fen ?? 0)
  readonly currency = $derived(this.detail?.payment.currency ?? 'CNY')
  readonly typed = $derived(amountOf(this.amount, this.fixed ? Number.MAX_SAFE_INTEGER : this.max, this.currency))
  readonly bytes = $derived(bytesOf(this.reason))
  readonly open = $derived(this.detail ? openBeside(this.detail, this.number) : [])
  /** Whether an open refund stands beside this one that nobody has answered for. */
  readonly held = $derived(this.open.some((refund) => !this.known.includes(refund.out_refund_no)))
  readonly shares = $derived.by(() => {
    const total = this.detail?.payment.total_fen ?? 0
    const mine = this.detail ? fateOf(this.detail, this.number) : null
    // Once the ledger has it, what is left is less by it already; it is counted once.
    const counted = mine && (mine.fate === 'unknown' || (mine.fate === 'done' && mine.refund?.state !== 'closed'))
    if (counted && mine.refund) return shares(total, this.max + mine.refund.refund_fen, mine.refund.refund_fen)
    const typing = this.stage === 'form' || this.stage === 'sending' || this.stage === 'unknown'
    return shares(total, this.max, typing ? (this.typed.fen ?? 0) : 0)
  })
  readonly ready = $derived(
    this.stage === 'form' && this.typed.fen !== null && this.bytes <= REASON_BYTES && !this.held,
  )

  async start(): Promise<void> {
    await this.#begin()
    await this.#catchUp()
  }

  async #begin(): Promise<void> {
    this.stage = 'loading'
    this.error = null
    try {
      this.detail = await this.#look()
      const draft = findDraft(this.merchant, this.order)
      if (draft) {
        this.amount = draft.amount
        this.reason = draft.reason
        this.#sent = draft.sent
        this.restored = true
        const onWay = underway.get(draft.out_refund_no)
        if (onWay || fateOf(this.detail, draft.out_refund_no).fate !== 'editable') {
          this.plan = this.#planOf(draft.out_refund_no, this.detail)
          if (onWay) return await this.#follow(onWay)
          return this.#settle()
        }
        if (this.max <= 0) {
          dropDraft(draft.out_refund_no)
          this.stage = 'nothing'
          return
        }
        this.plan = await this.#ask(draft.out_refund_no)
        this.stage = 'form'
        return
      }
      await this.#plan()
    } catch (error) {
      this.error = asError(error)
      this.stage = 'failed'
    }
  }

  /** A first number, or another after one that is spent. */
  async #plan(): Promise<void> {
    if (this.max <= 0) this.stage = 'nothing'
    else if (this.open.length > 0) this.stage = 'beside'
    else {
      try {
        this.plan = await this.#ask('')
        this.stage = 'form'
      } catch (error) {
        const why = asError(error)
        if (why.code !== 'refund_open') throw error
        this.error = why
        this.stage = 'beside'
      }
    }
  }

  /** A person really means a second refund while the first is open: it gets a number of its own. */
  async another(): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    try {
      const number = await host().call('new_number', { merchant: this.merchant })
      this.plan = await this.#ask(`R${number}`)
      this.meanAnother()
      this.error = null
      this.stage = 'form'
    } catch (error) {
      this.error = asError(error)
    } finally {
      this.#busy = false
    }
  }

  meanAnother(): void {
    this.known = this.open.map((refund) => refund.out_refund_no)
  }

  /** The number is spent: begin again with nothing of it. */
  async startOver(): Promise<void> {
    if (this.number) dropDraft(this.number)
    this.plan = null
    this.refund = null
    this.amount = this.reason = ''
    this.fixed = this.restored = this.#sent = false
    this.known = []
    await this.start()
  }

  /** Something changed in the ledger: look again, and let what was open be known. */
  async refresh(): Promise<void> {
    this.#missed = this.#busy || this.stage === 'loading'
    if (this.#missed || this.stage === 'failed') return
    try {
      const detail = await this.#look()
      if (this.#over) return
      if (this.#busy) {
        this.#missed = true
        return
      }
      this.detail = detail
      if (this.stage === 'unknown' || this.stage === 'done') this.#settle()
      // The call of a page that was ended goes on without it: what this number became is no form any more.
      else if (this.stage === 'form' && this.#spent(detail)) this.#find()
      else if (this.stage === 'beside' && this.open.length === 0) await this.#plan()
    } catch {
      // What stands there stays; the next change asks again.
    }
  }

  async #catchUp(): Promise<void> {
    if (this.#missed) await this.refresh()
  }

  /** Whether the ledger has this number otherwise than this form has it. */
  #spent(detail: PaymentDetail): boolean {
    const { fate } = fateOf(detail, this.number)
    return fate !== 'editable' && !(fate === 'again' && this.fixed)
  }

  /** The number was sent by another hand than this form's. Nothing typed here was. */
  #find(): void {
    this.error = null
    this.#settle()
    this.#sent = true
    this.#keep()
  }

  type(some: { amount?: string; reason?: string }): void {
    if (this.fixed || this.stage !== 'form') return
    if (some.amount !== undefined) this.amount = some.amount
    if (some.reason !== undefined) this.reason = some.reason
    this.#keep()
  }

  all(): void {
    this.type({ amount: plainAmount(this.max, this.currency) })
  }

  /** Sends it. However often it is called, one call is on its way. */
  async send(): Promise<void> {
    const fen = this.typed.fen
    const number = this.number
    if (this.#busy || !this.ready || fen === null || !number) return
    this.#busy = true
    this.stage = 'sending'
    this.error = null
    try {
      // Another window may have begun one since this sheet opened.
      const detail = await this.#look()
      this.detail = detail
      if (this.#spent(detail)) {
        this.#find()
        return
      }
      if (this.held) {
        this.stage = 'form'
        return
      }
    } catch (error) {
      this.error = asError(error)
      this.stage = 'form'
      return
    } finally {
      if (this.stage !== 'sending') this.#busy = false
    }
    this.#sent = true
    this.#keep()
    const form: RefundForm = { out_trade_no: this.order, out_refund_no: number, refund_fen: fen, reason: this.reason.trim() || null }
    const call = host().call('create_refund', { merchant: this.merchant, form })
    underway.set(number, call)
    call.catch(() => {}).finally(() => underway.delete(number))
    await this.#follow(call)
  }

  async #follow(call: Promise<RefundView>): Promise<void> {
    this.#busy = true
    this.stage = 'sending'
    let failed: ErrorView | null = null
    try {
      this.refund = await call
    } catch (error) {
      failed = asError(error)
    }
    session.touch()
    let looked = true
    try {
      this.detail = await this.#look()
    } catch {
      looked = false
    }
    this.error = failed
    const fate = looked && this.detail ? fateOf(this.detail, this.number).fate : null
    // The ledger was read after the call ended: what it says of the number is the newest there is.
    if (fate !== null && fate !== 'editable') this.#settle()
    else if (failed === null) this.stage = 'done'
    // Nothing of it in the ledger, and nobody said that it may have gone: it did not.
    else this.stage = fate === null || failed.exit === 'unknown' || failed.code === 'in_progress' ? 'unknown' : 'form'
    if (this.stage === 'form') this.#sent = this.fixed
    this.#busy = false
    await this.#catchUp()
    // Closed meanwhile, and known: nothing is left to come back to.
    if (this.#over && this.number && this.stage === 'done') dropDraft(this.number)
  }

  /** Asks WeChat Pay about this refund now. */
  async query(number: string): Promise<void> {
    if (this.asking) return
    this.asking = true
    try {
      await host().call('query_refund', { merchant: this.merchant, out_refund_no: number })
      this.error = null
    } catch (error) {
      this.error = asError(error)
    } finally {
      this.asking = false
    }
    session.touch()
    await this.refresh()
  }

  /** The sheet closes. What may have been sent is kept, so that opening it again means the same refund. */
  end(): void {
    this.#over = true
    const open = this.stage === 'sending' || this.stage === 'unknown' || this.fixed || (this.stage === 'form' && this.#sent)
    if (this.number && !open && this.stage !== 'loading' && this.stage !== 'failed') dropDraft(this.number)
  }

  /** What became of the number decides what can be done next. */
  #settle(): void {
    if (!this.detail) return
    const { fate, refund } = fateOf(this.detail, this.number)
    this.refund = refund ?? this.refund
    if (refund) {
      this.amount = plainAmount(refund.refund_fen, this.currency)
      this.reason = refund.reason ?? this.reason
    }
    this.fixed = fate === 'again'
    if (fate !== 'editable') this.stage = fate === 'again' ? 'form' : fate
  }

  #planOf(number: string, detail: PaymentDetail): RefundPlan {
    const payment = detail.payment
    return {
      merchant: payment.merchant, environment: payment.environment, out_refund_no: number, out_trade_no: this.order,
      refund_fen: 0, total_fen: payment.total_fen, refunded_fen: payment.refunded_fen, left_after_fen: payment.refundable_fen, again: true,
    }
  }

  #look(): Promise<PaymentDetail> {
    return host().call('payment_detail', { merchant: this.merchant, out_trade_no: this.order })
  }

  #ask(number: string): Promise<RefundPlan> {
    const form: RefundForm = { out_trade_no: this.order, out_refund_no: number, refund_fen: this.max, reason: null }
    return host().call('plan_refund', { merchant: this.merchant, form })
  }

  #keep(): void {
    if (!this.number) return
    keepDraft({
      merchant: this.merchant, out_trade_no: this.order, out_refund_no: this.number, amount: this.amount, reason: this.reason, sent: this.#sent,
    })
  }
}
