//! The window's commands where the console's own method takes other arguments: forms and plain texts, and the
//! merchant by name. One method a command, named like it, with `_form` at its end where the name was taken.
//! Commands that are not here have a method of exactly that name: `merchants`, `remove_merchant`,
//! `fetch_sandbox_key`, `start`, `status`, `save_preferences`, `overview`, `payment_detail`, `raw`,
//! `repeat_request`, and those of the lists.
//!
//! What only reads or writes the ledger and the keychain is not async and may wait for a disk or a person: a
//! window calls it off its own thread.

use crate::args::{Act, NewMerchant, NewMicropay, NewOrder, NewRefund, OrderRef, RefundRef, SimulatorTarget};
use crate::console::Console;
use crate::error::{Code, ConsoleError, Result};
use crate::forms::fill::{key_kind, order_number, refund_number};
use crate::forms::{CustomerForm, MerchantForm, MicropayForm, OrderForm, RefundForm};
use crate::merchants::BUILT_IN;
use crate::place::failed;
use crate::view::{
    AcceptView, BackupView, KeyView, LedgerCheckView, LedgerInfoView, MerchantCheckView, MerchantView,
    OperationView, OrderCreated, PaymentView, RefundPlan, RefundView, RestoreView, SalvageView,
};
use crate::words::Words;
use base64::Engine as _;
use domain::{Environment, Secret};
use simulator::TradeState;
use std::path::{Path, PathBuf};

/// Largest certificate file that is taken, in base64.
const MAX_CERTIFICATE: usize = 1 << 20;

impl Console {
    /// A number for an order that is about to be made: fixed before anybody can click twice.
    ///
    /// # Errors
    /// `no_such_merchant`.
    pub fn new_number(&self, merchant: &str) -> Result<String> {
        self.pick(Some(merchant))?;
        Ok(domain::new_out_trade_no(&*self.entropy, self.now()).to_string())
    }

    /// [`create_order`](Self::create_order) out of a form.
    ///
    /// # Errors
    /// Those, and `invalid_field`, `invalid_amount` with the form's field.
    pub async fn create_order_form(&self, merchant: &str, form: OrderForm) -> Result<OrderCreated> {
        self.create_order(Some(merchant), NewOrder::try_from(form)?).await
    }

    /// [`query_order`](Self::query_order) by the merchant's number.
    ///
    /// # Errors
    /// Those.
    pub async fn query_order_form(&self, merchant: &str, out_trade_no: &str) -> Result<PaymentView> {
        self.query_order(Some(merchant), OrderRef::OutTradeNo(order_number(out_trade_no)?)).await
    }

    /// [`close_order`](Self::close_order).
    ///
    /// # Errors
    /// Those.
    pub async fn close_order_form(&self, merchant: &str, out_trade_no: &str) -> Result<PaymentView> {
        self.close_order(Some(merchant), &order_number(out_trade_no)?).await
    }

    /// [`micropay`](Self::micropay) out of a form. It may take half a minute; the payment's row tells meanwhile.
    ///
    /// # Errors
    /// Those, and `invalid_field`, `invalid_amount` with the form's field.
    pub async fn micropay_form(&self, merchant: &str, form: MicropayForm) -> Result<PaymentView> {
        self.micropay(Some(merchant), NewMicropay::try_from(form)?, &mut |_| {}).await
    }

    /// [`reverse`](Self::reverse).
    ///
    /// # Errors
    /// Those.
    pub async fn reverse_form(&self, merchant: &str, out_trade_no: &str) -> Result<PaymentView> {
        self.reverse(Some(merchant), &order_number(out_trade_no)?).await
    }

    /// [`plan_refund`](Self::plan_refund) out of a form.
    ///
    /// # Errors
    /// Those, and `invalid_field`, `invalid_amount` with the form's field.
    pub fn plan_refund_form(&self, merchant: &str, form: RefundForm) -> Result<RefundPlan> {
        self.plan_refund(Some(merchant), &NewRefund::try_from(form)?)
    }

    /// [`create_refund`](Self::create_refund) out of a form. Its number must be there, from the plan: a second
    /// click without one would be a second refund.
    ///
    /// # Errors
    /// Those, and `invalid_field`, `invalid_amount` with the form's field.
    pub async fn create_refund_form(&self, merchant: &str, form: RefundForm) -> Result<RefundView> {
        refund_number(&form.out_refund_no)?;
        self.create_refund(Some(merchant), NewRefund::try_from(form)?).await
    }

    /// [`query_refund`](Self::query_refund) of one refund.
    ///
    /// # Errors
    /// Those.
    pub async fn query_refund_form(&self, merchant: &str, out_refund_no: &str) -> Result<Vec<RefundView>> {
        self.query_refund(Some(merchant), RefundRef::OutRefundNo(refund_number(out_refund_no)?)).await
    }

    /// [`resolve`](Self::resolve).
    ///
    /// # Errors
    /// Those.
    pub async fn resolve_form(&self, merchant: &str) -> Result<Vec<OperationView>> {
        self.resolve(Some(merchant)).await
    }

    /// Lets the simulated customer act, for the built-in merchant alone. Gives the payment code that was shown.
    ///
    /// # Errors
    /// `not_simulated` for another merchant; `invalid_field`; `simulator_refused`.
    pub async fn simulate_form(&self, merchant: &str, form: CustomerForm) -> Result<Option<String>> {
        if merchant != BUILT_IN {
            return Err(ConsoleError::new(Code::NotSimulated).with("merchant", merchant));
        }
        let mut acts = form.acts()?;
        // Trouble planned for a payment that cannot happen would strike a later one.
        if let CustomerForm::Pay { out_trade_no, .. } = &form
            && !self.in_world(|world| world.order_state(out_trade_no))?.is_ok_and(is_payable)
        {
            acts.retain(|act| matches!(act, Act::Pay { .. }));
        }
        let mut code = None;
        for act in acts {
            let answer = self.simulate(&SimulatorTarget::BuiltIn, act).await?;
            code = answer.get("auth_code").and_then(|code| code.as_str()).map(ToOwned::to_owned);
        }
        Ok(code)
    }

    /// [`add_merchant`](Self::add_merchant) out of a form.
    ///
    /// # Errors
    /// Those, and `invalid_field` with the form's field.
    pub fn add_merchant_form(&self, form: MerchantForm) -> Result<MerchantView> {
        self.add_merchant(NewMerchant::try_from(form)?)
    }

    /// [`set_key`](Self::set_key). Spaces and line ends around a pasted key are no part of it.
    ///
    /// # Errors
    /// Those, and `invalid_field` for a kind that cannot be set.
    pub fn set_key_form(&self, name: &str, kind: &str, key: Secret<String>) -> Result<KeyView> {
        let trimmed = key.expose().trim();
        let key = if trimmed.len() == key.expose().len() { key } else { Secret::new(trimmed.to_owned()) };
        self.set_key(name, key_kind(kind)?, key)
    }

    /// [`import_certificate`](Self::import_certificate) of one file in base64. Without a password it is the
    /// merchant number, as WeChat Pay's own files have it.
    ///
    /// # Errors
    /// Those; `unreadable_input` if it is no base64, `input_too_large`.
    pub fn import_certificate_form(
        &self,
        name: &str,
        bytes: &str,
        password: Secret<String>,
    ) -> Result<MerchantView> {
        if bytes.len() > MAX_CERTIFICATE {
            return Err(ConsoleError::new(Code::InputTooLarge));
        }
        let file = base64::engine::general_purpose::STANDARD.decode(bytes.trim()).map_err(|_| {
            ConsoleError::new(Code::CertificateUnusable)
                .saying("detail", Words::new("detail.file.not_base64"))
        })?;
        let password = Some(password).filter(|password| !password.expose().is_empty());
        self.import_certificate(name, &[file], password)?;
        self.merchant(Some(name))
    }

    /// [`check_merchant`](Self::check_merchant).
    ///
    /// # Errors
    /// Those.
    pub async fn check_merchant_form(&self, name: &str) -> Result<MerchantCheckView> {
        self.check_merchant(Some(name)).await
    }

    /// [`ledger_info`](Self::ledger_info).
    ///
    /// # Errors
    /// Those.
    pub fn ledger_info_form(&self, merchant: &str) -> Result<LedgerInfoView> {
        self.ledger_info(Some(merchant))
    }

    /// [`ledger_check`](Self::ledger_check), with its sentences in the language that was chosen.
    ///
    /// # Errors
    /// Those.
    pub fn ledger_check_form(&self, merchant: &str, full: bool) -> Result<LedgerCheckView> {
        let environment = self.pick(Some(merchant))?.environment;
        let view = self.ledger_check(Some(merchant), full, self.language())?;
        self.run.checked(environment, self.now());
        Ok(view)
    }

    fn backups(&self) -> PathBuf {
        self.place().root().join("backups")
    }

    /// [`ledger_backup`](Self::ledger_backup) into the folder of backups, under a name that says whose and when.
    ///
    /// # Errors
    /// Those.
    pub fn ledger_backup_form(&self, merchant: &str) -> Result<BackupView> {
        let environment = self.pick(Some(merchant))?.environment;
        let folder = self.backups();
        std::fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
        let stem = format!("{environment}-{}", self.now().civil().compact());
        // Two within a second are two.
        let path = free_name(&folder, &stem, BACKUP);
        self.ledger_backup(Some(merchant), &path, false)
    }

    /// The backups that were made of this merchant's ledger, newest first. Each was checked when it was made.
    ///
    /// # Errors
    /// `file_failed`.
    pub fn ledger_backups(&self, merchant: &str) -> Result<Vec<BackupView>> {
        let environment = self.pick(Some(merchant))?.environment;
        let folder = self.backups();
        let files = match std::fs::read_dir(&folder) {
            Ok(files) => files,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(&folder, &error)),
        };
        let mut found: Vec<(String, BackupView)> = files
            .flatten()
            .filter_map(|file| {
                let name = file.file_name().into_string().ok()?;
                let ours = is_backup_of(environment, &name) && file.metadata().ok()?.is_file();
                let bytes = i64::try_from(file.metadata().ok()?.len()).unwrap_or(i64::MAX);
                let path = file.path().display().to_string();
                let key_in_keychain = environment != domain::Environment::Simulated;
                ours.then_some((name, BackupView { path, bytes, key_in_keychain }))
            })
            .collect();
        found.sort_by(|one, other| other.0.cmp(&one.0));
        Ok(found.into_iter().map(|(_, backup)| backup).collect())
    }

    /// [`ledger_restore`](Self::ledger_restore).
    ///
    /// # Errors
    /// Those.
    pub fn ledger_restore_form(&self, merchant: &str, path: &str) -> Result<RestoreView> {
        let done = self.ledger_restore(Some(merchant), Path::new(path));
        self.run.forget_trouble();
        done
    }

    /// [`ledger_salvage`](Self::ledger_salvage).
    ///
    /// # Errors
    /// Those.
    pub fn ledger_salvage_form(&self, merchant: &str) -> Result<SalvageView> {
        let done = self.ledger_salvage(Some(merchant));
        self.run.forget_trouble();
        done
    }

    /// [`ledger_accept`](Self::ledger_accept), which a person was asked about first.
    ///
    /// # Errors
    /// Those.
    pub fn ledger_accept_form(&self, merchant: &str) -> Result<AcceptView> {
        let done = self.ledger_accept(Some(merchant));
        self.run.forget_trouble();
        done
    }

    /// Whether the operating system is to ask before this refund: it is over the limit that was chosen.
    #[must_use]
    pub fn refund_wants_confirmation(&self, form: &RefundForm) -> bool {
        form.refund_fen > self.preferences().0.refund_limit_fen
    }
}

const BACKUP: &str = "db";

/// Whether the simulated customer can still pay.
const fn is_payable(state: TradeState) -> bool {
    matches!(state, TradeState::NotPay | TradeState::PayError | TradeState::UserPaying)
}

/// Whether a file's name is that of a backup of this environment: `live-20260105100000.db`, or with `-2`.
fn is_backup_of(environment: Environment, name: &str) -> bool {
    let middle = name
        .strip_prefix(environment.as_str())
        .and_then(|rest| rest.strip_prefix('-'))
        .and_then(|rest| rest.strip_suffix(".db"));
    middle.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b == b'-'))
}

/// The first name that nothing has: `stem.ending`, `stem-2.ending`, and so on.
pub(crate) fn free_name(folder: &Path, stem: &str, ending: &str) -> PathBuf {
    let mut path = folder.join(format!("{stem}.{ending}"));
    let mut count = 2_u32;
    while path.symlink_metadata().is_ok() {
        path = folder.join(format!("{stem}-{count}.{ending}"));
        count = count.saturating_add(1);
    }
    path
}
