// One order at the till, from the amount to the notice. Its number is fixed before there is anything to click, so
// that two clicks, a reload or a lost answer can never become two orders.
import { untrack } from 'svelte'
import { host } from '../../ipc'
import type { CustomerForm, ErrorView, PayView, PaymentView, RawItem } from '../../ipc/generated'
import { asError } from '../../lib/resource.svelte'
import { session } from '../../lib/session.svelte'
import { isPaid } from '../../lib/state'
import { keep, kept } from './keep'
import { countdown, fenOf, further, missing, orderForm, settled, standing, type Fields, type Way } from './shape'

/** `edit`: everything may change. `scan`: a payer's code is awaited. `made`: the order went out; nothing changes. */
export type Phase = 'opening' | 'edit' | 'scan' | 'made'
export const ASK_MS = 3000
const CLOSE_AGAIN_MS = 15_000

// What stands in the fields of the simulated shop, so that every trade type can be tried at once.
const EXAMPLE = { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o', wap_url: 'https://shop.example.com', wap_name: 'example' }
const NOTHING: Fields = { text: '', body: '', attach: '', secs: 300, openid: '', sub_openid: '', wap_url: '', wap_name: '' }

/** How long after an order was made nobody can have meant to close it. */
const SETTLE_MS = 1000

export class Till {
  phase = $state<Phase>('opening')
  way = $state<Way>('native')
  fields = $state<Fields>({ ...NOTHING })
  number = $state<string | null>(null)
  payment = $state.raw<PaymentView | null>(null)
  row = $state<string | null>(null)
  raw = $state.raw<RawItem[]>([])
  pay = $state.raw<PayView | null>(null)
  error = $state.raw<ErrorView | null>(null)
  /** Why the last question had no answer; it is asked again by itself. */
  askError = $state.raw<ErrorView | null>(null)
  /** The order or the payer's code is on its way. */
  sending = $state(false)
  /** It was made this very moment. */
  settling = $state(false)
  busy = $state<'' | 'closing' | 'reversing' | 'customer'>('')
  now = $state(Date.now())

  readonly fen = $derived(fenOf(this.fields.text))
  readonly missing = $derived(missing(this.way, this.fields))
  readonly standing = $derived(standing(this.payment, this.row))
  readonly open = $derived(this.phase === 'made' && ['waiting', 'paying', 'unknown'].includes(this.standing))
  readonly locked = $derived(this.phase !== 'edit')
  readonly count = $derived(this.payment ? countdown(this.payment, this.now) : null)

  #turn = 0
  #asking: Promise<void> | null = null
  /** When an order that is over is closed, if it must be tried again. */
  #closeAfter = 0
  #expiring = false
  #resolveAfter = 0
  #resolves = 0
  /** Once something was sent under this number. */
  #sent = false
  /** Once what it is paid with was fetched again without being asked to. */
  #renewed = false

  constructor(
    readonly merchant: string,
    private readonly builtIn: boolean,
    private readonly arrived: () => void,
  ) {}

  // ---------- beginning ----------

  async begin(): Promise<void> {
    const before = kept(this.merchant)
    if (!before) return this.fresh()
    this.number = before.out_trade_no
    this.way = before.way
    this.fields = before.fields
    this.phase = 'made'
    await this.#find()
  }

  /** What was in progress before a reload: as the ledger has it. */
  async #find(): Promise<void> {
    const turn = this.#turn
    try {
      await this.#read()
    } catch (error) {
      if (turn !== this.#turn) return
      const why = asError(error)
      // Nothing was written down, so nothing was sent: the number is still free.
      if (why.code === 'unknown_payment') this.phase = this.way === 'micropay' ? 'scan' : 'edit'
      else this.error = why
      return
    }
    this.#sent = true
  }

  /** A new payment: empty, or with everything as it was under a number of its own. */
  async fresh(keepFields = false, keepError = false): Promise<void> {
    const turn = ++this.#turn
    keep(this.merchant, null)
    this.phase = 'opening'
    this.number = null
    this.payment = null
    this.row = null
    this.raw = []
    this.pay = null
    if (!keepError) this.error = null
    this.askError = null
    this.sending = false
    this.busy = ''
    this.#closeAfter = 0
    this.#expiring = false
    this.#resolveAfter = 0
    this.#resolves = 0
    this.#sent = false
    this.#renewed = false
    if (!keepFields) this.fields = { ...NOTHING, secs: this.fields.secs, ...(this.builtIn ? EXAMPLE : {}) }
    try {
      const number = await host().call('new_number', { merchant: this.merchant })
      if (turn !== this.#turn) return
      this.number = number
      this.phase = 'edit'
    } catch (error) {
      if (turn === this.#turn) this.error = asError(error)
    }
  }

  choose(way: Way): void {
    if (this.open || this.phase === 'opening') return
    if (this.phase === 'made') void this.fresh(true)
    this.edit()
    this.error = null
    this.way = way
  }

  /** Fixes what was filled in. `body` is what it is for where nothing was said. */
  #fix(body: string): void {
    this.fields = { ...this.fields, text: settled(this.fields.text), body: this.fields.body.trim() || body }
    if (this.number) keep(this.merchant, { out_trade_no: this.number, way: this.way, fields: $state.snapshot(this.fields) })
  }

  // ---------- an order ----------

  async create(body: string): Promise<void> {
    if (this.phase !== 'edit' || !this.number || this.missing) return
    this.error = null
    this.#fix(body)
    if (this.way === 'micropay') {
      this.phase = 'scan'
      return
    }
    this.phase = 'made'
    await this.#order(true)
  }

  /**
   * Whether the ledger can be asked about this number at all, before anything is sent under it. Where it cannot,
   * nothing goes out, and that is certain; afterwards nobody could tell.
   */
  async #readable(): Promise<boolean> {
    const [turn, number] = [this.#turn, this.number ?? '']
    try {
      await host().call('payment_detail', { merchant: this.merchant, out_trade_no: number })
    } catch (error) {
      const why = asError(error)
      if (turn !== this.#turn) return false
      if (why.code !== 'unknown_payment') {
        this.error = why
        await this.#anew()
        return false
      }
    }
    return turn === this.#turn
  }

  async #order(first = false): Promise<void> {
    const [turn, number, way] = [this.#turn, this.number, this.way]
    if (!number || way === 'micropay' || this.sending) return
    this.sending = true
    if (first && !(await this.#readable())) return
    this.#sent = true
    try {
      const made = await host().call('create_order', { merchant: this.merchant, form: orderForm(way, number, this.fields) })
      if (turn !== this.#turn) return
      this.pay = made.pay
      this.settling = true
      setTimeout(() => (this.settling = false), SETTLE_MS)
      this.error = null
      this.#take(made.payment, null)
      void this.refresh()
    } catch (error) {
      if (turn === this.#turn) await this.#failed(asError(error))
    } finally {
      if (turn === this.#turn) this.sending = false
    }
  }

  /** Whether it is made is what the ledger says, not what the failure sounds like. */
  async #failed(why: ErrorView): Promise<void> {
    const turn = this.#turn
    this.error = why
    try {
      await this.#read()
    } catch (error) {
      if (turn !== this.#turn) return
      // Refused, or never let go of: that stands, whatever the ledger says. Of all else only the ledger knows.
      const never = why.exit === 'usage' || why.exit === 'refused' || why.code === 'not_sent'
      if (never || (asError(error).code === 'unknown_payment' && why.exit !== 'unknown')) await this.#anew()
      return
    }
    if (turn !== this.#turn) return
    if (this.standing === 'paid') this.error = null
    // Refused or never sent: it did not happen, and the number is spent.
    if (why.exit !== 'unknown' && this.standing === 'failed') await this.#anew()
  }

  /** The same again under a new number, with the error left standing. */
  async #anew(): Promise<void> {
    const scanning = this.way === 'micropay'
    await this.fresh(true, true)
    if (scanning && this.phase === 'edit') {
      this.#fix(this.fields.body)
      this.phase = 'scan'
    }
  }

  // ---------- a payer's code ----------

  /** Sends the code on. It is kept nowhere. */
  async scan(code: string): Promise<void> {
    if (this.phase !== 'scan' || !this.number || this.fen === null) return
    const turn = this.#turn
    this.phase = 'made'
    this.sending = true
    this.error = null
    if (!(await this.#readable())) return
    this.#sent = true
    const { body, attach } = this.fields
    try {
      const form = { auth_code: code, out_trade_no: this.number, total_fen: this.fen, body, attach: attach.trim() || null }
      const payment = await host().call('micropay', { merchant: this.merchant, form })
      if (turn !== this.#turn) return
      this.#take(payment, null)
      void this.refresh()
    } catch (error) {
      if (turn === this.#turn) await this.#failed(asError(error))
    } finally {
      if (turn === this.#turn) this.sending = false
    }
  }

  /** Back to the amount; nothing was sent yet. */
  edit(): void {
    if (this.phase !== 'scan') return
    keep(this.merchant, null)
    this.phase = 'edit'
  }

  async reverse(): Promise<void> {
    await this.#act('reversing', async (number) => {
      this.#take(await host().call('reverse', { merchant: this.merchant, out_trade_no: number }), null)
    })
  }

  // ---------- what becomes of it ----------

  #take(payment: PaymentView, row: string | null): void {
    const before = this.payment
    const next = further(before, payment)
    this.payment = next
    if (next === payment) this.row = row
    if (isPaid(next.state)) {
      this.error = null
      this.askError = null
      // Found paid after a reload is no news.
      if (before && !isPaid(before.state)) this.arrived()
      else if (!before && this.sending) this.arrived()
    }
    // It is over and was seen to be: whoever comes back begins a new one.
    if (this.phase === 'made' && !this.open) keep(this.merchant, null)
    // It was not known whether it is made, and it is: the same number again gives what it is paid with.
    if (this.standing === 'waiting' && !this.pay && !this.#renewed) this.renew()
  }

  /** Fetches what the order is paid with, once more. */
  renew(): void {
    if (this.sending || this.way === 'micropay' || this.standing !== 'waiting') return
    this.#renewed = true
    this.error = null
    void this.#order()
  }

  async #read(): Promise<void> {
    const [turn, number] = [this.#turn, this.number]
    if (!number) return
    const detail = await host().call('payment_detail', { merchant: this.merchant, out_trade_no: number })
    if (turn !== this.#turn) return
    this.raw = detail.raw
    this.#take(detail.payment, detail.row.state)
  }

  /** What the ledger has of it now. Nobody is asked. */
  async refresh(): Promise<void> {
    if (this.phase !== 'made' || !this.#sent) return
    const turn = this.#turn
    try {
      await this.#read()
      this.#settle()
    } catch (error) {
      // It is read again at the next change. Nobody could tell before, and now it is certain: it was never written down.
      const told = turn === this.#turn && !this.sending && !this.payment && asError(error).code === 'unknown_payment'
      if (told && this.error?.exit === 'here') await this.#anew()
    }
  }

  /** An outcome that was open and turned out not to have happened. */
  #settle(): void {
    if (this.standing === 'failed' && !this.sending && this.error?.exit === 'unknown') this.error = null
  }

  /** Asks WeChat Pay, if there is something to wait for and no question is on its way. */
  ask(): Promise<void> {
    if (!this.#asking) {
      const asking = this.#question().finally(() => {
        if (this.#asking === asking) this.#asking = null
      })
      this.#asking = asking
    }
    return this.#asking
  }

  /** A question put from now on: what is on its way already may not know of the last moment. */
  async askNow(): Promise<void> {
    await this.#asking
    await this.ask()
  }

  async #question(): Promise<void> {
    if (!this.open || !this.number || !this.#sent) return
    // A payment code asks by itself while it is on its way.
    if (this.sending) return this.refresh()
    const turn = this.#turn
    try {
      // A query tells of the order; what became of the request itself is settled by resolving it, less and less often.
      if (this.standing === 'unknown') {
        if (Date.now() >= this.#resolveAfter) {
          this.#resolveAfter = Date.now() + ASK_MS * 2 ** Math.min(this.#resolves++, 4)
          await host().call('resolve', { merchant: this.merchant })
          if (turn !== this.#turn) return
          this.askError = null
        }
        return await this.refresh()
      }
      const payment = await host().call('query_order', { merchant: this.merchant, out_trade_no: this.number })
      if (turn !== this.#turn) return
      this.askError = null
      this.#take(payment, null)
    } catch (error) {
      if (turn !== this.#turn) return
      this.askError = asError(error)
    }
    await this.refresh()
  }

  /** Every second: the count-down, and what is due when it is over. */
  second(ms: number): void {
    this.now = ms
    if (this.#expiring || !this.count?.over || ms < this.#closeAfter || this.phase !== 'made' || this.standing !== 'waiting') return
    this.#expiring = true
    const turn = this.#turn
    void this.#expire().finally(() => {
      if (turn !== this.#turn) return
      this.#expiring = false
      this.#closeAfter = ms + CLOSE_AGAIN_MS
    })
  }

  /** Nobody can pay it any more; the payer may have, at the last moment. So: ask, then close. */
  async #expire(): Promise<void> {
    const turn = this.#turn
    await this.askNow()
    // Without an answer it stays as it is, and is tried again; WeChat Pay takes no more money for it.
    if (turn !== this.#turn || this.standing !== 'waiting' || this.askError) return
    await this.#close()
  }

  async #close(): Promise<boolean> {
    await this.#act('closing', async (number) => {
      this.#take(await host().call('close_order', { merchant: this.merchant, out_trade_no: number }), null)
    })
    return this.standing === 'closed'
  }

  /** Closes it and starts over with what was filled in. Paid meanwhile: then it stays, and says so. */
  async closeAndEdit(): Promise<void> {
    const turn = this.#turn
    // This button has come up where the order was asked for: the second click of a double click is meant for that.
    if (this.busy || this.settling) return
    if ((await this.#close()) && turn === this.#turn) await this.fresh(true)
  }

  async customer(form: CustomerForm): Promise<void> {
    await this.#act('customer', async () => {
      const given = await host().call('simulate', { merchant: this.merchant, form })
      // What the customer held up goes where a scanner's keystrokes go, and is not kept either.
      if (form.act === 'auth_code' && given) void this.scan(given)
    })
    if (form.act !== 'auth_code') void this.askNow()
  }

  async #act(busy: Till['busy'], work: (number: string) => Promise<void>): Promise<void> {
    const [turn, number] = [this.#turn, this.number]
    if (this.busy || !number) return
    this.busy = busy
    this.error = null
    try {
      await work(number)
    } catch (error) {
      if (turn === this.#turn) {
        this.error = asError(error)
        await this.refresh()
      }
    } finally {
      if (turn === this.#turn) this.busy = ''
    }
    if (turn === this.#turn) await this.refresh()
    session.touch()
  }
}

/** A till for as long as the component that calls it is shown. */
export function till(arrived: () => void): Till {
  const one = new Till(session.name, session.merchant?.built_in ?? false, arrived)
  // The program's clock, which the expiry was made by; this computer's may be another in a test.
  let skew = 0
  $effect(() => {
    const now = session.status?.now
    if (now) skew = Date.parse(now) - Date.now()
  })
  $effect(() => {
    untrack(() => void one.begin())
    const second = setInterval(() => one.second(Date.now() + skew), 1000)
    const ask = setInterval(() => void one.ask(), ASK_MS)
    return () => {
      clearInterval(second)
      clearInterval(ask)
    }
  })
  $effect(() => {
    void session.tick
    untrack(() => void one.refresh())
  })
  return one
}
