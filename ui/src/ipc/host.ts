// The one way from the window to the program. `tauri.ts` is the real one, `mock.ts` the one of the unit tests.
import type {
  AcceptView, BackupView, Change, CustomerForm, DecryptView, ErrorView, ExportView, JssdkForm, JssdkView,
  KeyView, LedgerCheckView, LedgerInfoView, ListedCause, MerchantCheckView, MerchantForm, MerchantView,
  MicropayForm, OperationView, OrderCreated, OrderForm, OverviewView, PasteForm, PayParamsForm,
  PayParamsView, PaymentDetail, PaymentSums, PaymentView, PaymentsForm, PaymentsWindow, Preferences,
  Progress, RawView, RefundForm, RefundPlan, RefundView, RefundsForm, RefundsWindow, RequestsForm,
  RequestsWindow, RestoreView, SalvageView, SignForm, SignView, StartView, StatusView, VerifyView,
} from './generated'

/** Every command, by its name in Rust. `merchant` is a merchant's name. */
export interface Commands {
  start: { args: {}; gives: StartView }
  status: { args: { merchant: string }; gives: StatusView }
  /** The system may ask for the keychain's password: only when a person wants that. */
  ask_keychain: { args: { merchant: string }; gives: StatusView }
  save_preferences: { args: { preferences: Preferences }; gives: Preferences }

  overview: { args: { merchant: string; day: string | null }; gives: OverviewView }
  payments_window: { args: { merchant: string; form: PaymentsForm; offset: number; limit: number }; gives: PaymentsWindow }
  payment_sums: { args: { merchant: string; form: PaymentsForm }; gives: PaymentSums }
  payment_detail: { args: { merchant: string; out_trade_no: string }; gives: PaymentDetail }
  raw: { args: { merchant: string; source: string; id: number }; gives: RawView }
  refunds_window: { args: { merchant: string; form: RefundsForm; offset: number; limit: number }; gives: RefundsWindow }
  requests_window: { args: { merchant: string; form: RequestsForm; offset: number; limit: number }; gives: RequestsWindow }
  /** Asks the same question again; only for a `RawView` that is `repeatable`. Gives the new exchange. */
  repeat_request: { args: { merchant: string; id: number }; gives: RawView }

  /** A number for an order that is about to be made. */
  new_number: { args: { merchant: string }; gives: string }
  create_order: { args: { merchant: string; form: OrderForm }; gives: OrderCreated }
  query_order: { args: { merchant: string; out_trade_no: string }; gives: PaymentView }
  close_order: { args: { merchant: string; out_trade_no: string }; gives: PaymentView }
  micropay: { args: { merchant: string; form: MicropayForm }; gives: PaymentView }
  reverse: { args: { merchant: string; out_trade_no: string }; gives: PaymentView }

  plan_refund: { args: { merchant: string; form: RefundForm }; gives: RefundPlan }
  /** Over the merchant's limit the operating system asks first; a no is the error `declined`. */
  create_refund: { args: { merchant: string; form: RefundForm }; gives: RefundView }
  query_refund: { args: { merchant: string; out_refund_no: string }; gives: RefundView[] }
  resolve: { args: { merchant: string }; gives: OperationView[] }

  /** Only for the built-in simulated merchant. Gives a payment code for `auth_code`, else null. */
  simulate: { args: { merchant: string; form: CustomerForm }; gives: string | null }

  /** Writes a CSV into the person's downloads; tells `progress` under the name `job`. */
  export_payments: { args: { merchant: string; form: PaymentsForm; columns: string[]; job: string }; gives: ExportView }
  /** Ends long work at its next step; what it had begun is taken away. */
  cancel: { args: { job: string }; gives: null }

  /**
   * The verdict on something pasted, and why. The answer is in the language that was chosen. `key` is given once and
   * forgotten at once; null: the keys of all stored merchants.
   */
  verify_pasted: { args: { form: PasteForm; key: string | null }; gives: VerifyView }
  sign_pasted: { args: { form: SignForm; key: string | null }; gives: SignView }
  /** A refund notice, or only its `req_info`. Of the form only `text` and `merchant` count. */
  decrypt_pasted: { args: { form: PasteForm; key: string | null }; gives: DecryptView }
  pay_params_of: { args: { merchant: string; form: PayParamsForm }; gives: PayParamsView }
  /** The ticket goes in and never comes back. */
  jssdk_sign: { args: { merchant: string; form: JssdkForm; ticket: string }; gives: JssdkView }
  list_causes: { args: {}; gives: ListedCause[] }

  merchants: { args: {}; gives: MerchantView[] }
  add_merchant: { args: { form: MerchantForm }; gives: MerchantView }
  /** Where a stored merchant's notices go from now on; null: WeChat Pay tells nobody. */
  set_notify_url: { args: { name: string; url: string | null }; gives: MerchantView }
  remove_merchant: { args: { name: string }; gives: MerchantView }
  /** `kind`: `api_v2`, `api_v3`, `app_secret` or `sandbox`. The key goes in and never comes back. */
  set_key: { args: { name: string; kind: string; key: string }; gives: KeyView }
  /** A key that WeChat Pay still signs old notices with; it only verifies. */
  fetch_sandbox_key: { args: { name: string }; gives: KeyView }
  /** The bytes of `apiclient_cert.p12` or of a PEM, in base64. The password is the merchant number if empty. */
  import_certificate: { args: { name: string; bytes: string; password: string }; gives: MerchantView }
  check_merchant: { args: { name: string }; gives: MerchantCheckView }

  ledger_info: { args: { merchant: string }; gives: LedgerInfoView }
  ledger_check: { args: { merchant: string; full: boolean }; gives: LedgerCheckView }
  ledger_backup: { args: { merchant: string }; gives: BackupView }
  /** Verified backups of this ledger, newest first. */
  ledger_backups: { args: { merchant: string }; gives: BackupView[] }
  ledger_restore: { args: { merchant: string; path: string }; gives: RestoreView }
  ledger_salvage: { args: { merchant: string }; gives: SalvageView }
  /** Takes the ledger as it is, or begins an empty one where it is gone. A person was asked first. */
  ledger_accept: { args: { merchant: string }; gives: AcceptView }
}

export type Command = keyof Commands

/** What the program says by itself. */
export interface Events {
  /** A ledger changed: ask again for what is shown. */
  change: Change
  /** The merchants, their keys or their certificates changed, by whatever program: ask for them again. */
  merchants: null
  progress: Progress
  /** The menu or the tray asks for a place, such as `collect`. */
  go: string
}

export interface Host {
  /** Rejects with an `ErrorView`. */
  call<C extends Command>(command: C, args: Commands[C]['args']): Promise<Commands[C]['gives']>
  /** Gives a function that stops listening. */
  on<E extends keyof Events>(event: E, hear: (payload: Events[E]) => void): () => void
}

export function isError(value: unknown): value is ErrorView {
  return typeof value === 'object' && value !== null && 'code' in value && 'zh' in value && 'en' in value
}
