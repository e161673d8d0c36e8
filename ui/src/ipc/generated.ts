// Generated from the console's views by `cargo xtask codegen`. Do not edit.

/**
 * Something changed that a screen may show. A screen asks again for what it shows.
 */
export type Change = { 
/**
 * The environment whose ledger changed.
 */
environment: string, 
/**
 * A payment that turned to paid just now, for a sound and a notification; a screen needs nothing of it.
 */
paid: PaymentRow | null, 
/**
 * The ledger's [`StatusView::revision`] now.
 */
revision: number, };

/**
 * A payment in a list: what a row shows, and no more.
 */
export type PaymentRow = { 
/**
 * The merchant's number.
 */
out_trade_no: string, 
/**
 * WeChat Pay's number, once it is paid.
 */
transaction_id: string | null, 
/**
 * A [`domain::OrderState`] word; `rejected`, `not_sent` or `unknown` if the order was not surely made.
 */
state: string, 
/**
 * `jsapi`, `native`, `app`, `h5` or `micropay`; `null` if only a notice told of it.
 */
trade_type: string | null, 
/**
 * The order's amount.
 */
total_fen: number | null, 
/**
 * What has gone back to the payer.
 */
refunded_fen: number, 
/**
 * ISO 4217.
 */
currency: string, 
/**
 * What it is for.
 */
body: string | null, 
/**
 * What the merchant attached.
 */
attach: string | null, 
/**
 * When Paydesk made or first saw it.
 */
created_at: string, 
/**
 * When it was paid, by WeChat Pay's clock.
 */
paid_at: string | null, 
/**
 * A verified notice told of it.
 */
told: Mark, 
/**
 * A query confirmed it.
 */
asked: Mark, 
/**
 * It was found in the bill.
 */
billed: Mark, 
/**
 * What does not fit together: `total`, `currency`, `transaction_id`, `state`, `not_told`.
 */
disagreements: Array<string>, 
/**
 * Something about it is unresolved.
 */
unresolved: boolean, };

/**
 * How one of the three evidences stands.
 */
export type Mark = "yes" | "due" | "differs" | "none";

/**
 * A window onto a long list of payments, newest first.
 */
export type PaymentsWindow = { 
/**
 * How many fit the filter altogether.
 */
total: number, 
/**
 * The place of the first row given, from 0.
 */
offset: number, 
/**
 * The rows.
 */
rows: Array<PaymentRow>, };

/**
 * What the payments that fit a filter come to.
 */
export type PaymentSums = { 
/**
 * All that fit.
 */
count: number, 
/**
 * Those of them that are paid, refunded ones included.
 */
paid: number, 
/**
 * What the paid ones took.
 */
takings_fen: number, 
/**
 * What of it went back.
 */
refunded_fen: number, 
/**
 * The difference.
 */
net_fen: number, 
/**
 * Those with a disagreement.
 */
disagreeing: number, };

/**
 * Everything about one payment.
 */
export type PaymentDetail = { 
/**
 * As it stands.
 */
payment: PaymentView, 
/**
 * As a row of the list shows it.
 */
row: PaymentRow, 
/**
 * What happened, oldest first.
 */
timeline: Array<TimelineEntry>, 
/**
 * Its refunds, oldest first.
 */
refunds: Array<RefundView>, 
/**
 * The raw exchanges and notices, oldest first.
 */
raw: Array<RawItem>, };

/**
 * One thing that happened to a payment.
 */
export type TimelineEntry = { 
/**
 * `ordered`, `user_paying`, `pay_error`, `paid`, `told`, `asked`, `billed`, `closed`, `revoked`, `refund_asked`,
 * `refunded`, `refund_failed`, `unknown`.
 */
kind: string, 
/**
 * When.
 */
at: string, 
/**
 * The source that proves it: `notice`, `query`, `bill`, `reply`, or `null` if only asked for.
 */
source: string | null, 
/**
 * The amount it is about.
 */
amount_fen: number | null, 
/**
 * A number it is about: of a refund.
 */
number: string | null, 
/**
 * A code: the state told, the bank, WeChat Pay's error code.
 */
detail: string | null, 
/**
 * Whether it fits what the others say.
 */
agrees: boolean, };

/**
 * Something raw about a payment, to be unfolded.
 */
export type RawItem = { 
/**
 * `exchange` or `notice`.
 */
source: string, 
/**
 * Its number among its own kind.
 */
id: number, 
/**
 * `unifiedorder`, `orderquery`, `notify`, …
 */
api: string, 
/**
 * When.
 */
at: string, 
/**
 * `confirmed`, `rejected`, `unknown`, `not_sent`; of a notice `verified` or its refusal.
 */
outcome: string, 
/**
 * WeChat Pay's own word in an exchange: a verified answer's `trade_state`, or else its `result_code`; else the
 * error code. An answer that is not believed says nothing.
 */
told: string | null, 
/**
 * How long it took; a notice takes no time.
 */
duration_ms: number | null, };

/**
 * What lies behind a [`RawItem`], one field a line. Nothing in it is secret.
 */
export type RawView = { 
/**
 * `exchange` or `notice`.
 */
source: string, 
/**
 * Its number among its own kind.
 */
id: number, 
/**
 * The path, such as `/pay/unifiedorder`; `notify` for a notice.
 */
api: string, 
/**
 * Scheme and host of an exchange.
 */
host: string | null, 
/**
 * When.
 */
at: string, 
/**
 * HTTP status of an exchange, if a reply came.
 */
status: number | null, 
/**
 * How long an exchange took.
 */
duration_ms: number | null, 
/**
 * As in [`RawItem`].
 */
outcome: string, 
/**
 * WeChat Pay's code.
 */
err_code: string | null, 
/**
 * What was sent; what arrived, for a notice.
 */
request: string, 
/**
 * What came back; what was answered, for a notice.
 */
response: string | null, 
/**
 * The string that was signed of the request, its key masked.
 */
signed: string | null, 
/**
 * The same request as a curl command with the signature and every secret masked.
 */
curl: string | null, 
/**
 * Whether it is a query, which may be asked again without moving anything.
 */
repeatable: boolean, };

/**
 * A window onto the exchanges with the gateway, newest first.
 */
export type RequestsWindow = { 
/**
 * How many fit the filter altogether.
 */
total: number, 
/**
 * The place of the first row given, from 0.
 */
offset: number, 
/**
 * The rows.
 */
rows: Array<ExchangeSummary>, };

/**
 * A window onto the refunds, newest first; those whose outcome is unknown are among them.
 */
export type RefundsWindow = { 
/**
 * How many fit the filter altogether.
 */
total: number, 
/**
 * The place of the first row given, from 0.
 */
offset: number, 
/**
 * The rows.
 */
rows: Array<RefundView>, 
/**
 * What the ones that fit and went back, or are on the way, come to.
 */
refunded_fen: number, };

/**
 * A day at a glance.
 */
export type OverviewView = { 
/**
 * The day, `2026-11-21`, in UTC+8.
 */
day: string, 
/**
 * Up to when: now if it is today, else the day's end.
 */
until: string, 
/**
 * Whether the ledger has never seen a payment of this merchant.
 */
empty: boolean, 
/**
 * The day's figures.
 */
today: DayFigures, 
/**
 * The same weekday a week earlier, up to the same time of day.
 */
week_ago: DayFigures, 
/**
 * Takings by hour of the day, 0 to 23.
 */
hours: Array<HourFigures>, 
/**
 * What a person should look at, the most urgent first.
 */
needs: Array<Need>, 
/**
 * The latest payments.
 */
latest: Array<PaymentRow>, };

/**
 * What a day came to.
 */
export type DayFigures = { 
/**
 * Takings less refunds.
 */
net_fen: number, 
/**
 * What was paid.
 */
takings_fen: number, 
/**
 * How many payments.
 */
paid: number, 
/**
 * Takings by payment, rounded to the fen, halves up; `null` without payments.
 */
average_fen: number | null, 
/**
 * What went back that day.
 */
refunded_fen: number, 
/**
 * How many refunds.
 */
refunds: number, };

/**
 * One hour's takings.
 */
export type HourFigures = { 
/**
 * 0 to 23.
 */
hour: number, 
/**
 * On the day.
 */
takings_fen: number, 
/**
 * A week earlier, the whole hour.
 */
week_ago_fen: number, };

/**
 * Something that needs a person.
 */
export type Need = { 
/**
 * `unresolved_refund`, `unresolved_order`, `disagreement`, `not_told` (paid and no notice for 10 minutes),
 * `refund_abnormal`, `certificate_expiring`, `certificate_expired`, `key_missing`.
 */
kind: string, 
/**
 * The order or refund it is about.
 */
number: string | null, 
/**
 * The order to open.
 */
out_trade_no: string | null, 
/**
 * The amount it is about.
 */
amount_fen: number | null, 
/**
 * When it happened, will be asked about next, or runs out.
 */
at: string | null, 
/**
 * Days left.
 */
days: number | null, };

/**
 * Where the program stands with a merchant; what a status bar shows.
 */
export type StatusView = { 
/**
 * The merchant's name.
 */
merchant: string, 
/**
 * `simulated`, `sandbox` or `live`.
 */
environment: string, 
/**
 * Now.
 */
now: string, 
/**
 * How the last exchange ended: `confirmed`, `rejected`, `unknown`, `not_sent`; `null` if there was none.
 */
last_outcome: string | null, 
/**
 * When it was.
 */
last_at: string | null, 
/**
 * How long it took.
 */
last_ms: number | null, 
/**
 * What is unresolved, soonest first; at most 50.
 */
unresolved: Array<OperationView>, 
/**
 * How many are unresolved altogether.
 */
unresolved_count: number, 
/**
 * Payments of this merchant in the ledger.
 */
payments: number, 
/**
 * When the ledger was last checked, quick or full, in this run.
 */
checked_at: string | null, 
/**
 * Why the ledger cannot be used or only read.
 */
trouble: ErrorView | null, 
/**
 * A number that grows with every change of the ledger, by this or another process.
 */
revision: number, };

/**
 * What went wrong, in both languages.
 */
export type ErrorView = { 
/**
 * A code of [`crate::Code`].
 */
code: string, 
/**
 * `no`, `usage`, `refused`, `unknown` or `here`: what it means for the money.
 */
exit: string, 
/**
 * WeChat Pay's code, if it said one.
 */
err_code: string | null, 
/**
 * The number it is about.
 */
number: string | null, 
/**
 * The form's field it is about.
 */
field: string | null, 
/**
 * What failed, what it means, what to do, in Chinese.
 */
zh: string, 
/**
 * The same in English.
 */
en: string, };

/**
 * What the program starts with.
 */
export type StartView = { 
/**
 * Paydesk's version.
 */
version: string, 
/**
 * The folder of its files.
 */
data_dir: string, 
/**
 * `zh-CN` or `en`, the system's.
 */
system_language: string, 
/**
 * The stored choices.
 */
preferences: Preferences, 
/**
 * All merchants, the built-in one first.
 */
merchants: Array<MerchantView>, 
/**
 * The merchant to show: the one last shown, if it is still there, else the built-in one.
 */
merchant: string, 
/**
 * Why merchants or preferences could not be read; the rest is then the default.
 */
trouble: ErrorView | null, };

/**
 * A person's choices. Kept in `preferences.json`, nothing in it is secret.
 */
export type Preferences = { 
/**
 * `system`, `zh-CN` or `en`.
 */
language: string, 
/**
 * `system`, `light` or `dark`.
 */
theme: string, 
/**
 * A sound when a payment comes in.
 */
sound: boolean, 
/**
 * A notification of the system when a payment comes in.
 */
notify: boolean, 
/**
 * A refund over this wants the system's own confirmation too.
 */
refund_limit_fen: number, 
/**
 * The merchant shown last.
 */
merchant: string | null, 
/**
 * Whether the rail shows icons only.
 */
rail_collapsed: boolean, 
/**
 * Columns of the payments' list, in order.
 */
columns: Array<string>, 
/**
 * Saved views of the payments.
 */
views: Array<SavedView>, };

/**
 * A filter of the payments under a name.
 */
export type SavedView = { 
/**
 * Its name.
 */
name: string, 
/**
 * The filter as the query part of an address.
 */
query: string, 
/**
 * Its columns.
 */
columns: Array<string>, };

/**
 * How far long work is.
 */
export type Progress = { 
/**
 * The name the caller gave the work.
 */
job: string, 
/**
 * Done.
 */
done: number, 
/**
 * Of so many, if it is known.
 */
total: number | null, };

/**
 * A payment and everything that proves it.
 */
export type PaymentView = { 
/**
 * The merchant's name in Paydesk.
 */
merchant: string, 
/**
 * `simulated`, `sandbox` or `live`.
 */
environment: string, 
/**
 * The merchant's number.
 */
out_trade_no: string, 
/**
 * WeChat Pay's number, once it is paid.
 */
transaction_id: string | null, 
/**
 * `jsapi`, `native`, `app`, `h5` or `micropay`; `null` if only a notice told of it.
 */
trade_type: string | null, 
/**
 * A [`domain::OrderState`] word; `rejected` or `not_sent` if the order was never made.
 */
state: string, 
/**
 * The order's amount.
 */
total_fen: number, 
/**
 * ISO 4217.
 */
currency: string, 
/**
 * What has gone back to the payer.
 */
refunded_fen: number, 
/**
 * What can still be sent back, everything on its way counted as gone.
 */
refundable_fen: number, 
/**
 * What it is for.
 */
body: string | null, 
/**
 * What the merchant attached.
 */
attach: string | null, 
/**
 * The payer.
 */
openid: string | null, 
/**
 * The bank or wallet it was paid from.
 */
bank_type: string | null, 
/**
 * What the payer paid in cash.
 */
cash_fee_fen: number | null, 
/**
 * What coupons paid.
 */
coupon_fee_fen: number | null, 
/**
 * What is settled to the merchant.
 */
settlement_total_fen: number | null, 
/**
 * When Paydesk made or first saw it.
 */
created_at: string, 
/**
 * When it can no longer be paid.
 */
expires_at: string | null, 
/**
 * When it was paid, by WeChat Pay's clock.
 */
paid_at: string | null, 
/**
 * Who told us.
 */
evidence: EvidenceView, 
/**
 * Every way in which what we were told does not fit together.
 */
disagreements: Array<DisagreementView>, 
/**
 * Two states were seen that cannot both be true, such as closed and paid.
 */
conflict: boolean, 
/**
 * Paydesk did not make this order; a notice or query told of it.
 */
unasked: boolean, 
/**
 * What is still open about it.
 */
unresolved: Array<OperationView>, };

/**
 * The three evidences, kept apart.
 */
export type EvidenceView = { 
/**
 * WeChat Pay told us.
 */
notice: EvidenceMark | null, 
/**
 * We asked.
 */
query: EvidenceMark | null, 
/**
 * It was billed.
 */
bill: EvidenceMark | null, };

/**
 * What one source says.
 */
export type EvidenceMark = { 
/**
 * When it was last seen.
 */
seen_at: string, 
/**
 * The state it gives.
 */
state: string, 
/**
 * The amount it gives.
 */
total_fen: number | null, 
/**
 * The WeChat Pay number it gives.
 */
transaction_id: string | null, };

/**
 * One way in which what we were told does not fit together.
 */
export type DisagreementView = { 
/**
 * `total`, `currency`, `transaction_id` or `state`.
 */
code: string, 
/**
 * Who says the one, `notice`, `query`, `bill` or `order` (what was asked for).
 */
one: string, 
/**
 * What it says.
 */
one_says: string, 
/**
 * Who says the other; `earlier` if its source has said something else since, and only the kept notices and
 * exchanges still have the words.
 */
other: string, 
/**
 * What it says.
 */
other_says: string, };

/**
 * Something asked of the gateway whose outcome is written down.
 */
export type OperationView = { 
/**
 * Paydesk's own id of it.
 */
id: string, 
/**
 * A [`domain::OperationKind`] word.
 */
kind: string, 
/**
 * A [`domain::OperationState`] word.
 */
state: string, 
/**
 * The order's number.
 */
out_trade_no: string, 
/**
 * The refund's number.
 */
out_refund_no: string | null, 
/**
 * The amount.
 */
amount_fen: number | null, 
/**
 * WeChat Pay's code, if it refused or left it open.
 */
err_code: string | null, 
/**
 * WeChat Pay's own words.
 */
err_code_des: string | null, 
/**
 * When it was written down.
 */
created_at: string, 
/**
 * How often it was sent or asked about.
 */
attempts: number, 
/**
 * When it will be asked about next.
 */
next_try_at: string | null, };

/**
 * A new order, and what the payer's side needs.
 */
export type OrderCreated = { 
/**
 * The order.
 */
payment: PaymentView, 
/**
 * How it is paid.
 */
pay: PayView, };

/**
 * How an order is paid. Which fields are there depends on the trade type.
 */
export type PayView = { 
/**
 * What the front end pays with; good for two hours.
 */
prepay_id: string | null, 
/**
 * Native: the text of the QR code, to be shown unchanged.
 */
code_url: string | null, 
/**
 * Native: the QR code.
 */
qr: QrView | null, 
/**
 * H5: where the payer's browser goes, within five minutes.
 */
mweb_url: string | null, 
/**
 * JSAPI, mini program and App: the signed parameters by name.
 */
params: Record<string, string> | null, 
/**
 * JSAPI and mini program: the same as calls ready to paste, by name of the call.
 */
calls: Array<[string, string]>, };

/**
 * A QR code as modules, without its quiet zone.
 */
export type QrView = { 
/**
 * Modules on a side.
 */
size: number, 
/**
 * Rows from the top, `1` dark and `0` light.
 */
rows: Array<string>, };

/**
 * A refund, or one that was asked for and whose outcome is not known.
 */
export type RefundView = { 
/**
 * The merchant's name in Paydesk.
 */
merchant: string, 
/**
 * `simulated`, `sandbox` or `live`.
 */
environment: string, 
/**
 * The merchant's number of the refund.
 */
out_refund_no: string, 
/**
 * The order it belongs to.
 */
out_trade_no: string, 
/**
 * WeChat Pay's number, once accepted.
 */
refund_id: string | null, 
/**
 * A [`domain::RefundState`] word, or `unknown`, `rejected` or `not_sent` while only the request exists.
 */
state: string, 
/**
 * What goes back.
 */
refund_fen: number, 
/**
 * What of it is taken from the settlement.
 */
settlement_refund_fen: number | null, 
/**
 * The order's amount.
 */
total_fen: number | null, 
/**
 * ISO 4217.
 */
currency: string, 
/**
 * WeChat Pay's word for the way it goes back.
 */
channel: string | null, 
/**
 * Where it goes, in WeChat Pay's words.
 */
recv_account: string | null, 
/**
 * Why, as the payer is told.
 */
reason: string | null, 
/**
 * When the payer got it, by WeChat Pay's clock.
 */
success_at: string | null, 
/**
 * When Paydesk made or first saw it.
 */
created_at: string, 
/**
 * Who told us: `notice`, `query`, `bill`, each at most once.
 */
evidence: Array<string>, 
/**
 * Two states were seen that cannot both be true.
 */
conflict: boolean, 
/**
 * How what was told of it ever disagreed: `amount`, `currency`, `order`, `refund_id`, `state`.
 */
disagreements: Array<string>, 
/**
 * The request and what became of it.
 */
operation: OperationView | null, };

/**
 * What a refund would do. Nothing has been sent.
 */
export type RefundPlan = { 
/**
 * The merchant's name in Paydesk.
 */
merchant: string, 
/**
 * `simulated`, `sandbox` or `live`.
 */
environment: string, 
/**
 * The number it will have, whoever clicks how often.
 */
out_refund_no: string, 
/**
 * The order it belongs to.
 */
out_trade_no: string, 
/**
 * What goes back.
 */
refund_fen: number, 
/**
 * The order's amount.
 */
total_fen: number, 
/**
 * What went back before.
 */
refunded_fen: number, 
/**
 * What can still be sent back afterwards.
 */
left_after_fen: number, 
/**
 * This number was used for it before: nothing more will go back.
 */
again: boolean, };

/**
 * A merchant as stored. Its keys are in the OS keychain and never here.
 */
export type MerchantView = { 
/**
 * The name it is picked by.
 */
name: string, 
/**
 * What the window shows; free text.
 */
label: string, 
/**
 * `simulated`, `sandbox` or `live`.
 */
environment: string, 
/**
 * Whether this is the simulated merchant that is always there.
 */
built_in: boolean, 
/**
 * The merchant number.
 */
mch_id: string, 
/**
 * The account payments belong to.
 */
appid: string, 
/**
 * Service-provider mode: the sub-merchant.
 */
sub_mch_id: string | null, 
/**
 * Service-provider mode: the sub-merchant's appid.
 */
sub_appid: string | null, 
/**
 * `MD5` or `HMAC-SHA256`.
 */
sign_type: string, 
/**
 * Where notices go.
 */
notify_url: string | null, 
/**
 * A simulated merchant on a running `paydesk simulator serve`: its address.
 */
gateway_url: string | null, 
/**
 * Its keys, newest first.
 */
keys: Array<KeyView>, 
/**
 * Its client certificate.
 */
certificate: CertificateView | null, };

/**
 * A key in the OS keychain.
 */
export type KeyView = { 
/**
 * `api_v2`, `api_v3`, `app_secret`, `sandbox` or `former`.
 */
kind: string, 
/**
 * Four characters that tell keys apart and tell nothing about them.
 */
fingerprint: string, 
/**
 * When it was put in; `null` for the built-in merchant's published key.
 */
added_at: string | null, 
/**
 * When it was replaced.
 */
retired_at: string | null, 
/**
 * Whole days since it was put in.
 */
age_days: number | null, };

/**
 * A client certificate, sealed under a key in the OS keychain.
 */
export type CertificateView = { 
/**
 * Whose it is, as written in it.
 */
subject: string, 
/**
 * The merchant number in it.
 */
mch_id: string | null, 
/**
 * Serial number, hex.
 */
serial: string, 
/**
 * Who issued it.
 */
issuer: string, 
/**
 * First moment it is good.
 */
not_before: string, 
/**
 * Last moment it is good.
 */
not_after: string, 
/**
 * Whole days left; negative if it has expired.
 */
days_left: number, 
/**
 * `valid`, `expires_soon` (within 30 days), `expired` or `not_yet_valid`.
 */
validity: string, };

/**
 * What one harmless query says about a merchant's settings.
 */
export type MerchantCheckView = { 
/**
 * The merchant's name.
 */
merchant: string, 
/**
 * `simulated`, `sandbox` or `live`.
 */
environment: string, 
/**
 * Whether everything that could be checked is right.
 */
ok: boolean, 
/**
 * One row for each: `reachable`, `key`, `mch_id`, `appid`, `certificate`, `clock`, `notify_url`.
 */
items: Array<CheckItem>, };

/**
 * One thing that was checked.
 */
export type CheckItem = { 
/**
 * What was checked.
 */
id: string, 
/**
 * Right, wrong, or not known (`null`).
 */
ok: boolean | null, 
/**
 * A key of `locales/` under `merchant.check.`, saying what it means.
 */
reason: string, 
/**
 * WeChat Pay's own words or the certificate's dates, where there are any.
 */
detail: string | null, };

/**
 * Where a ledger is and how it stands.
 */
export type LedgerInfoView = { 
/**
 * The file.
 */
path: string, 
/**
 * `simulated`, `sandbox` or `live`.
 */
environment: string, 
/**
 * Bytes on disk, the write-ahead log included.
 */
bytes: number, 
/**
 * Version of its tables.
 */
schema: number, 
/**
 * Version of SQLite.
 */
sqlite: string, 
/**
 * Rows by table.
 */
tables: Array<TableCount>, 
/**
 * Operations whose outcome is not known.
 */
unresolved: number, 
/**
 * Last entry of the journal.
 */
journal_seq: number, 
/**
 * Where the journal's head is kept: `keychain`, or `file` (only the built-in simulated ledger).
 */
head_kept_in: string, };

/**
 * Rows of a table.
 */
export type TableCount = { 
/**
 * The table.
 */
table: string, 
/**
 * Its rows.
 */
rows: number, };

/**
 * What a check of a ledger found.
 */
export type LedgerCheckView = { 
/**
 * The file.
 */
path: string, 
/**
 * `simulated`, `sandbox` or `live`.
 */
environment: string, 
/**
 * Whether nothing is wrong.
 */
ok: boolean, 
/**
 * `quick` or `full`.
 */
kind: string, 
/**
 * Each thing that was looked at.
 */
checks: Array<CheckView>, 
/**
 * What is wrong.
 */
findings: Array<FindingView>, };

/**
 * One check of a message against what we know.
 */
export type CheckView = { 
/**
 * `order_known`, `amount`, `mch_id`, `appid`, `first_seen` or `currency`.
 */
id: string, 
/**
 * Passed, failed, or nothing to compare with (`null`).
 */
ok: boolean | null, 
/**
 * For people, in the language asked for.
 */
message: string, };

/**
 * Something wrong with a ledger.
 */
export type FindingView = { 
/**
 * Stable, snake_case.
 */
id: string, 
/**
 * The check that it belongs to, one of `checks`.
 */
check: string, 
/**
 * The sentence for people.
 */
message: string, 
/**
 * Where and what, by name.
 */
params: { [key in string]: string }, };

/**
 * A verified backup.
 */
export type BackupView = { 
/**
 * The backup.
 */
path: string, 
/**
 * Its bytes.
 */
bytes: number, 
/**
 * Whether the key that proves it unchanged is in this computer's keychain, and not in the backup.
 */
key_in_keychain: boolean, };

/**
 * A ledger that was taken as it is.
 */
export type AcceptView = { 
/**
 * The ledger.
 */
path: string, 
/**
 * `simulated`, `sandbox` or `live`.
 */
environment: string, 
/**
 * Whether it was begun anew, because there was none.
 */
begun: boolean, 
/**
 * The last entry of the journal that was anchored before, where that could be read.
 */
anchored_before: number | null, 
/**
 * Its last entry now, which is anchored.
 */
journal_seq: number, 
/**
 * Whether its journal's key was lost: it goes on under a new one, and what it held is unproven.
 */
adopted: boolean, };

/**
 * A restored ledger.
 */
export type RestoreView = { 
/**
 * The ledger.
 */
path: string, 
/**
 * Where the one before it lies now.
 */
moved_aside: string | null, 
/**
 * Whether the backup's journal has a key that is lost: it goes on under a new one, and what it held is unproven.
 */
adopted: boolean, };

/**
 * What could be saved out of a damaged ledger.
 */
export type SalvageView = { 
/**
 * The fresh ledger.
 */
path: string, 
/**
 * Where the damaged one lies now.
 */
moved_aside: string | null, 
/**
 * Rows saved by table.
 */
saved: Array<TableCount>, 
/**
 * Rows known to be lost by table.
 */
lost: Array<TableCount>, 
/**
 * Which payments, refunds and operations these are, as far as the journal names them: at most 200.
 */
lost_rows: Array<LostRow>, 
/**
 * Tables of which a part could not be read: of these, rows that the journal does not know may be lost too.
 */
unreadable: Array<string>, 
/**
 * Rows saved that are not as the journal has them, by table: compare them with WeChat Pay.
 */
doubtful: Array<TableCount>, 
/**
 * Whether the journal could be carried over whole.
 */
journal_whole: boolean, };

/**
 * A payment, a refund or an operation that a salvage lost: to be looked for at WeChat Pay.
 */
export type LostRow = { 
/**
 * `payments`, `refunds` or `operations`.
 */
table: string, 
/**
 * Whose it is; `null` of an operation, of which that is not known.
 */
merchant: string | null, 
/**
 * What the operation was to do: `unified_order`, `refund` and the like; `null` of other rows.
 */
kind: string | null, 
/**
 * The order's or the refund's number; of an operation whose number is not known, its id.
 */
number: string, };

/**
 * One exchange with the gateway, in a list.
 */
export type ExchangeSummary = { 
/**
 * Its number in the ledger.
 */
id: number, 
/**
 * When it began.
 */
at: string, 
/**
 * The merchant's name.
 */
merchant: string, 
/**
 * The path, such as `/pay/unifiedorder`.
 */
api: string, 
/**
 * Scheme and host.
 */
host: string, 
/**
 * HTTP status, if a reply came.
 */
status: number | null, 
/**
 * How long it took.
 */
duration_ms: number, 
/**
 * `confirmed`, `rejected`, `unknown` or `not_sent`.
 */
outcome: string, 
/**
 * WeChat Pay's code.
 */
err_code: string | null, 
/**
 * The order's number.
 */
out_trade_no: string | null, };

/**
 * A file that was written.
 */
export type ExportView = { 
/**
 * The file.
 */
path: string, 
/**
 * Rows, the heading not counted.
 */
rows: number, 
/**
 * Its bytes.
 */
bytes: number, };

/**
 * The verdict and its proof.
 */
export type VerifyView = { 
/**
 * The verdict.
 */
verdict: Verdict, 
/**
 * For people, in the language asked for: what the verdict means for the money, and what to do. `null` where all
 * is well.
 */
meaning: string | null, 
/**
 * What it is: `payment_notice`, `refund_notice`, `order_request`, `api_reply`, `jssdk`, `v3_notice`, … or
 * `other`.
 */
recognised: string, 
/**
 * What it was written in: `xml`, `xml_escaped`, `json`, `query`, `js_call`, `http`, `lines`, `curl`, `har` or
 * `code`.
 */
format: string, 
/**
 * What was undone to get to its fields, in this order: `byte_order_mark`, `gbk`, `text_around`, …
 */
undone: Array<string>, 
/**
 * `MD5`, `HMAC-SHA256`, `SHA1` or `null`.
 */
sign_type: string | null, 
/**
 * The signature it carries.
 */
presented: string | null, 
/**
 * The signature that would be right, by the key that should have signed. `null` where there is no such key.
 */
expected: string | null, 
/**
 * The string to sign, the key masked.
 */
string_to_sign: string | null, 
/**
 * Its fields in order of the document.
 */
fields: Array<FieldView>, 
/**
 * The key the verdict rests on.
 */
key: KeyUsed | null, 
/**
 * How many keys were tried, of every kind and every merchant.
 */
keys_tried: number, 
/**
 * The stored merchant whose message it is, by its key or its numbers.
 */
merchant: string | null, 
/**
 * Proven causes of a mismatch, the simplest explanation first. Empty: nothing that is known explains it.
 */
causes: Array<CauseView>, 
/**
 * Mistakes in a program that was pasted, in the order of its lines.
 */
mistakes: Array<MistakeView>, 
/**
 * The first explanation as a failing test without any secret.
 */
reproduction: ReproductionView | null, 
/**
 * Where the developer's own string first differs from the right one; `null` if none was given, or none does.
 */
difference: DifferenceView | null, 
/**
 * Another document that has the same string to sign, if there is one. It says something else of the payment where the
 * verdict is `ambiguous`.
 */
other_reading: Array<FieldView>, 
/**
 * How long was looked for causes; `null` where nothing had to be looked for.
 */
search: SearchView | null, 
/**
 * What else is noteworthy: `id`, `field`, `severity` (`refused` or `warning`), `message`.
 */
findings: Array<Finding>, 
/**
 * Whether it is the message we wait for.
 */
checks: Array<CheckView>, 
/**
 * Whether it was written into the ledger.
 */
recorded: boolean, };

/**
 * What can be said of something pasted.
 */
export type Verdict = "valid" | "valid_but_refused" | "invalid" | "unsigned" | "ambiguous" | "undecidable" | "malformed";

/**
 * A mistake that explains the signature that was presented.
 */
export type CauseView = { 
/**
 * Stable, snake_case; `list_causes` gives all of them.
 */
id: string, 
/**
 * Whether replaying it gave the very digest that was presented.
 */
proven: boolean, 
/**
 * What it is about, by name: `fields`, `from`, `to`, `merchant`, `kind`, … Never a key.
 */
params: { [key in string]: string }, 
/**
 * For people, in the language asked for: what was done.
 */
message: string, 
/**
 * For people: what to do instead, in one sentence.
 */
fix: string, 
/**
 * The fix in one line of each language.
 */
fixes: Array<SnippetView>, 
/**
 * Which explanation it belongs to: those with one number were made together. 0 is the simplest.
 */
explanation: number, };

/**
 * A piece of a program.
 */
export type SnippetView = { 
/**
 * `node`, `python`, `java`, `go`, `php` or `rust`.
 */
language: string, 
/**
 * To be pasted as it is.
 */
code: string, };

/**
 * A mistake that stands in a program that was pasted.
 */
export type MistakeView = { 
/**
 * Stable, snake_case.
 */
id: string, 
/**
 * The line, from 1.
 */
line: number, 
/**
 * What stands there. Nothing that could be a key.
 */
excerpt: string, 
/**
 * For people, in the language asked for.
 */
message: string, 
/**
 * The id of the cause it leads to, if it spoils a signature.
 */
cause: string | null, };

/**
 * The same mistake with dummy ids, text and key, to be shown to anybody.
 */
export type ReproductionView = { 
/**
 * A document with that mistake.
 */
payload: string, 
/**
 * A failing unit test in each language.
 */
tests: Array<SnippetView>, };

/**
 * Where the developer's own string leaves the right one.
 */
export type DifferenceView = { 
/**
 * The first differing byte, from 0.
 */
at_byte: number, 
/**
 * The first differing character, from 0.
 */
at_character: number, 
/**
 * The right string around it, the key masked; empty where it has ended.
 */
expected: string, 
/**
 * The developer's string around it, what could be a key masked; empty where it has ended.
 */
said: string, 
/**
 * How many characters of both stand before the difference: the same in both.
 */
same: number, };

/**
 * How long was looked.
 */
export type SearchView = { 
/**
 * How many digests were taken.
 */
tried: number, 
/**
 * Whether time ran out before everything was tried.
 */
ended: boolean, };

/**
 * Something noteworthy that is no digest.
 */
export type Finding = { 
/**
 * Stable, snake_case.
 */
id: string, 
/**
 * The field it is about.
 */
field: string | null, 
/**
 * `refused` or `warning`.
 */
severity: string, 
/**
 * For people, in the language asked for.
 */
message: string, };

/**
 * A field and whether it is in the string to sign.
 */
export type FieldView = { 
/**
 * The name.
 */
name: string, 
/**
 * The value.
 */
value: string, 
/**
 * Whether it is signed.
 */
included: boolean, 
/**
 * Why not: `empty` or `signature`.
 */
reason: string | null, };

/**
 * The key a verdict rests on, without the key.
 */
export type KeyUsed = { 
/**
 * Whose and which, such as `bakery · api_v2`, or the file's name.
 */
label: string, 
/**
 * Four characters; `null` for a key given once, which leaves no trace.
 */
fingerprint: string | null, };

/**
 * A signed document.
 */
export type SignView = { 
/**
 * `MD5` or `HMAC-SHA256`.
 */
sign_type: string, 
/**
 * The signature.
 */
signature: string, 
/**
 * The string that was signed, every key masked.
 */
string_to_sign: string, 
/**
 * The document with its `sign`, every key masked: then it is no longer the document that was signed.
 */
xml: string, 
/**
 * What it was written in, as in [`VerifyView`]. Of `code` only what stands there literally is signed.
 */
format: string, 
/**
 * Its fields in their order, keys masked, and whether each is signed.
 */
fields: Array<FieldView>, 
/**
 * What is noteworthy: what a program computes and nobody knows, keys among the fields.
 */
findings: Array<Finding>, };

/**
 * A decrypted refund notice.
 */
export type DecryptView = { 
/**
 * The decrypted document as it was.
 */
xml: string, 
/**
 * Its fields in order.
 */
fields: Array<FieldView>, 
/**
 * The key that opened it.
 */
key: KeyUsed, };

/**
 * The second signature, for the front end.
 */
export type PayParamsView = { 
/**
 * `jsapi`, `app`, `h5` or `native`.
 */
kind: string, 
/**
 * The signed parameters by name, or `mweb_url`, or `code_url`: the text of the QR code, to be shown unchanged.
 */
params: Record<string, unknown>, 
/**
 * The string that was signed, the key masked.
 */
string_to_sign: string | null, 
/**
 * Calls ready to paste, by name of the call.
 */
calls: Array<[string, string]>, 
/**
 * Native: the QR code.
 */
qr: QrView | null, };

/**
 * What a page hands to `wx.config`.
 */
export type JssdkView = { 
/**
 * The official account.
 */
appId: string, 
/**
 * Seconds since 1970.
 */
timestamp: number, 
/**
 * Text that is used once.
 */
nonceStr: string, 
/**
 * SHA-1, in small letters.
 */
signature: string, 
/**
 * The address that was signed: without what stands behind `#`.
 */
url: string, 
/**
 * The string that was signed, the ticket masked.
 */
string_to_sign: string, 
/**
 * The call, ready to paste.
 */
call: string, };

/**
 * A cause that can be proven.
 */
export type ListedCause = { 
/**
 * Stable, snake_case.
 */
id: string, 
/**
 * For people, in the language asked for: the mistake.
 */
message: string, 
/**
 * For people: what to do instead.
 */
fix: string, };

/**
 * Which payments. Everything absent or empty means all.
 */
export type PaymentsForm = { 
/**
 * Anywhere in a number, the body, the attachment or the payer, from one character on. Letters of any case.
 * A text that reads as an amount of yuan finds that amount too.
 */
text: string, 
/**
 * [`domain::OrderState`] words, and `unknown`, `rejected`, `not_sent`.
 */
states: Array<string>, 
/**
 * [`domain::TradeType`] words.
 */
trade_types: Array<string>, 
/**
 * First day, `2026-11-21`, by when it was paid, as a day's takings are counted; if it was not, by when it was
 * made.
 */
from: string | null, 
/**
 * Last day, itself included.
 */
to: string | null, 
/**
 * At least this amount.
 */
min_fen: number | null, 
/**
 * At most this amount.
 */
max_fen: number | null, 
/**
 * Only with this evidence: any of `told`, `asked`, `billed`, `not_told`, `not_asked`, `not_billed`.
 */
evidence: Array<string>, 
/**
 * Only those in which something does not fit together.
 */
disagreeing: boolean, 
/**
 * Only those with something unresolved.
 */
unresolved: boolean, };

/**
 * Which refunds.
 */
export type RefundsForm = { 
/**
 * Anywhere in a number or the reason.
 */
text: string, 
/**
 * [`domain::RefundState`] words, and `unknown`, `rejected`, `not_sent`.
 */
states: Array<string>, 
/**
 * First day by when it was made.
 */
from: string | null, 
/**
 * Last day, itself included.
 */
to: string | null, };

/**
 * Which exchanges.
 */
export type RequestsForm = { 
/**
 * Anywhere in the path, an order's number or a code.
 */
text: string, 
/**
 * `confirmed`, `rejected`, `unknown`, `not_sent`.
 */
outcomes: Array<string>, 
/**
 * Paths such as `/pay/unifiedorder`.
 */
apis: Array<string>, };

/**
 * A new order.
 */
export type OrderForm = { 
/**
 * `native`, `jsapi`, `app` or `h5`.
 */
trade_type: string, 
/**
 * Its number, from `new_number`: fixed before anybody can click twice.
 */
out_trade_no: string, 
/**
 * The amount.
 */
total_fen: number, 
/**
 * What it is for.
 */
body: string, 
/**
 * Echoed in notices and queries.
 */
attach: string | null, 
/**
 * Seconds until it can no longer be paid; more than 60.
 */
expires_in_secs: number | null, 
/**
 * JSAPI: the payer.
 */
openid: string | null, 
/**
 * JSAPI in service-provider mode: the payer under the sub-merchant's appid.
 */
sub_openid: string | null, 
/**
 * H5: the site's address.
 */
wap_url: string | null, 
/**
 * H5: the site's name.
 */
wap_name: string | null, };

/**
 * A payment by the payer's code.
 */
export type MicropayForm = { 
/**
 * The code that was scanned. It is money for a minute: it is never shown or kept.
 */
auth_code: string, 
/**
 * Its number, from `new_number`.
 */
out_trade_no: string, 
/**
 * The amount.
 */
total_fen: number, 
/**
 * What it is for.
 */
body: string, 
/**
 * Echoed in queries.
 */
attach: string | null, };

/**
 * A refund.
 */
export type RefundForm = { 
/**
 * The order.
 */
out_trade_no: string, 
/**
 * Its number: of the plan that opened the sheet. Empty to plan the first time.
 */
out_refund_no: string, 
/**
 * How much.
 */
refund_fen: number, 
/**
 * What the payer is told; at most 80 bytes.
 */
reason: string | null, };

/**
 * A merchant to add.
 */
export type MerchantForm = { 
/**
 * The name it will be picked by: 1 to 32 letters, digits, `-` and `_`, in any script.
 */
name: string, 
/**
 * Free text for people; the name if empty.
 */
label: string, 
/**
 * `simulated`, `sandbox` or `live`.
 */
environment: string, 
/**
 * The merchant number.
 */
mch_id: string, 
/**
 * The account payments belong to.
 */
appid: string, 
/**
 * Service-provider mode.
 */
sub_mch_id: string | null, 
/**
 * Service-provider mode.
 */
sub_appid: string | null, 
/**
 * `MD5` or `HMAC-SHA256`.
 */
sign_type: string, 
/**
 * Where notices go.
 */
notify_url: string | null, 
/**
 * Only simulated: the address of a running `paydesk simulator serve`.
 */
gateway_url: string | null, 
/**
 * Only simulated: the PEM of the authority to trust.
 */
gateway_ca: string | null, };

/**
 * What the simulated customer, or the simulated gateway, does.
 */
export type CustomerForm = { "act": "pay", 
/**
 * The order.
 */
out_trade_no: string, 
/**
 * Of it from a coupon; 0 for none.
 */
coupon_fen: number, 
/**
 * What becomes of the notice: `normal`, `late`, `repeated`, `lost`.
 */
notice: string, } | { "act": "mistype", 
/**
 * The order.
 */
out_trade_no: string, } | { "act": "cancel", 
/**
 * The order.
 */
out_trade_no: string, } | { "act": "expire", 
/**
 * The order.
 */
out_trade_no: string, } | { "act": "auth_code", 
/**
 * The kind.
 */
kind: string, } | { "act": "refund_result", 
/**
 * The refund.
 */
out_refund_no: string, 
/**
 * What.
 */
result: string, };

/**
 * Something pasted, to be looked at. It may hold a key, so it is printed nowhere. The key given once is no part of it.
 */
export type PasteForm = { 
/**
 * What was pasted, as it is.
 */
text: string, 
/**
 * Only this merchant's keys; every stored merchant's if absent.
 */
merchant: string | null, 
/**
 * `MD5` or `HMAC-SHA256`: what it must be signed with. Otherwise its merchant's, or what its length says.
 */
sign_type: string | null, 
/**
 * A second document, such as the order behind a front end's call.
 */
beside: string | null, 
/**
 * The string that the developer's own program signed, with or without its key.
 */
string: string | null, };

/**
 * Fields to sign.
 */
export type SignForm = { 
/**
 * The fields, in any format that can be pasted.
 */
text: string, 
/**
 * Whose key signs; the picked one's if absent.
 */
merchant: string | null, 
/**
 * `MD5` or `HMAC-SHA256`; otherwise what the fields say, else the merchant's.
 */
sign_type: string | null, };

/**
 * The second signature, for a front end.
 */
export type PayParamsForm = { 
/**
 * `jsapi`, `app`, `h5` or `native`.
 */
kind: string, 
/**
 * JSAPI and app: from unified order.
 */
prepay_id: string | null, 
/**
 * H5: from unified order.
 */
mweb_url: string | null, 
/**
 * H5: the page to come back to.
 */
redirect_url: string | null, 
/**
 * Native mode 1: what the static code is for.
 */
product_id: string | null, };

/**
 * The values of `wx.config`. The ticket is no part of it.
 */
export type JssdkForm = { 
/**
 * The page's address, as the browser shows it.
 */
url: string, 
/**
 * The official account; the merchant's appid if absent.
 */
appid: string | null, 
/**
 * Text that is used once; a new one if absent.
 */
nonce_str: string | null, 
/**
 * Seconds since 1970; now if absent.
 */
timestamp: number | null, };
