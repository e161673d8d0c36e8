//! One merchant at work: its ledger, its client, and the one way in which anything reaches the gateway.

use crate::console::{Console, Patience, SimulatedGateway};
use crate::error::{Code, ConsoleError, Result};
use crate::merchants::Merchant;
use crate::owner::{Owner, bury, is_gone};
use crate::running::PlainRunning;
use crate::words::Words;
use crate::world::KeptWorld;
use domain::{
    Environment, OperationId, OperationKind, OperationOutcome, OperationState, OrderState, Secret, Timestamp,
};
use ledger::{
    Claim, Concluded, Conclusion, Intent, Ledger, NewExchange, NewOperation, Operation as Row, WireError,
};
use std::sync::{Arc, PoisonError};
use wxpay::api::{BuildError, ErrorClass, Operation};
use wxpay::client::{CallError, Client, Done, Exchange, Gateway, NotSentWhy, Prepared, Profile, Timeouts};
use wxpay::http::{HttpOptions, HttpTransport, Proxy, Roots, Scope};
use wxpay::transport::{NotSent, Transport};
use wxpay::{ApiKey, SignType};

/// Longer than all timeouts of one operation together: after that another process may take it up.
pub(crate) const LEASE_MS: i64 = 60_000;

/// The address the built-in simulated gateway answers under. Nothing listens there; it is never dialled.
const KEPT_GATEWAY: &str = "http://127.0.0.1:0";

pub(crate) struct Desk<'c> {
    pub(crate) console: &'c Console,
    pub(crate) merchant: Merchant,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) client: Client,
    pub(crate) patience: Patience,
}

/// Whether an address is http or https on this computer itself.
pub(crate) fn is_loopback_url(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")) else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(""),
        None => host.split(':').next().unwrap_or(""),
    };
    !host.contains('@')
        && (name == "localhost"
            || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback()))
}

/// What of an operation's reply goes into the ledger.
#[derive(Default)]
pub(crate) struct Learned {
    pub(crate) payment: Option<ledger::PaymentObservation>,
    pub(crate) refunds: Vec<ledger::RefundObservation>,
    /// The reply says yes and asks to be asked again (`recall`): it is not over.
    pub(crate) call_again: bool,
}

/// What became of a request that can move money.
pub(crate) enum Performed<R> {
    /// It was sent and a checked reply says yes.
    Done(R),
    /// The same request had been confirmed before; nothing was sent.
    Before,
}

impl Console {
    /// Opens the desk of the merchant a command is for. `certificate`: whether it may need the client
    /// certificate, which is kept in the keychain and not fetched for nothing.
    pub(crate) fn desk(&self, name: Option<&str>, certificate: bool) -> Result<Desk<'_>> {
        let merchant = self.pick(name)?;
        let ledger = self.ledger(merchant.environment)?;
        self.show_alive()?;
        self.release_the_dead(&ledger)?;
        let client = self.client(&merchant, certificate)?;
        let default = match merchant.environment {
            Environment::Simulated => Patience::SIMULATED,
            Environment::Sandbox | Environment::Live => Patience::REAL,
        };
        Ok(Desk { console: self, merchant, ledger, client, patience: self.patience.unwrap_or(default) })
    }

    fn show_alive(&self) -> Result<()> {
        let mut alive = self.alive.lock().unwrap_or_else(PoisonError::into_inner);
        if alive.is_none() {
            *alive = Some(Owner::take(&self.place, &self.owner)?);
        }
        Ok(())
    }

    /// Ends the leases of processes that died with something in hand.
    pub(crate) fn release_the_dead(&self, ledger: &Ledger) -> Result<()> {
        let now = self.now();
        let mut owners: Vec<_> = ledger
            .unresolved(None)?
            .into_iter()
            .filter(|row| row.is_leased(now))
            .filter_map(|row| row.lease_owner)
            .filter(|owner| *owner != self.owner)
            .collect();
        owners.sort_unstable();
        owners.dedup();
        for owner in owners {
            if is_gone(&self.place, &owner) {
                ledger.release_owner(&owner, now)?;
                bury(&self.place, &owner);
            }
        }
        Ok(())
    }

    /// The key that signs a merchant's requests.
    pub(crate) fn api_key(&self, merchant: &Merchant) -> Result<ApiKey> {
        if merchant.is_built_in() {
            return Ok(ApiKey::new(Secret::new(simulator::API_KEY.to_owned())));
        }
        let kind = match merchant.environment {
            Environment::Sandbox => vault::KeyKind::Sandbox,
            Environment::Simulated | Environment::Live => vault::KeyKind::ApiV2,
        };
        let key = self
            .vault
            .key(&merchant.name, kind)
            .map_err(|error| ConsoleError::from(error).with("merchant", &merchant.name));
        // The status says so until it is given.
        self.run.key_asked(&merchant.name, key.as_ref().is_err_and(crate::books::keychain_is_shut));
        Ok(ApiKey::new(key?))
    }

    pub(crate) fn client(&self, merchant: &Merchant, certificate: bool) -> Result<Client> {
        self.client_with(merchant, self.api_key(merchant)?, certificate)
    }

    pub(crate) fn client_with(&self, merchant: &Merchant, key: ApiKey, certificate: bool) -> Result<Client> {
        let (gateway, transport, has_certificate) = self.transport(merchant, certificate)?;
        Ok(Client {
            transport,
            profile: Profile {
                mch_id: merchant.mch_id.clone(),
                appid: merchant.appid.clone(),
                sub_appid: merchant.sub_appid.clone(),
                sub_mch_id: merchant.sub_mch_id.clone(),
                key,
                sign_type: if merchant.hmac_sha256 { SignType::HmacSha256 } else { SignType::Md5 },
                gateway,
                timeouts: Timeouts::default(),
                certificate: has_certificate,
            },
            entropy: Arc::clone(&self.entropy),
            clock: Arc::clone(&self.clock),
        })
    }

    fn transport(
        &self,
        merchant: &Merchant,
        certificate: bool,
    ) -> Result<(Gateway, Arc<dyn Transport>, bool)> {
        let simulated = |base_url: &str| Gateway::Simulated { base_url: base_url.to_owned() };
        if merchant.is_built_in() {
            return match &self.gateway {
                SimulatedGateway::Kept => {
                    let world = KeptWorld::new(self.place.world(), Arc::clone(&self.clock), &*self.entropy);
                    Ok((simulated(KEPT_GATEWAY), Arc::new(world), true))
                }
                SimulatedGateway::InProcess(world) => {
                    let transport =
                        simulator::InProcess::new(Arc::clone(world), Some(crate::world::certificate()));
                    Ok((simulated(KEPT_GATEWAY), Arc::new(transport), true))
                }
                SimulatedGateway::Running(url) => {
                    // Made once: reading this computer's authorities takes longer than the whole request.
                    let transport = match self.running.get() {
                        Some(transport) => Arc::clone(transport),
                        None => {
                            let made = PlainRunning(http(None, Roots::Platform, Scope::Loopback)?);
                            Arc::clone(self.running.get_or_init(|| Arc::new(made)))
                        }
                    };
                    Ok((simulated(url), transport, true))
                }
            };
        }
        // Fetched from the keychain only where it may be needed.
        let stored = match self.vault.certificate_info(&merchant.name)? {
            Some(_) if certificate => Some(self.vault.certificate(&merchant.name)?),
            _ => None,
        };
        let identity = stored.as_ref().map(|certificate| certificate.pem().clone());
        let has = identity.is_some();
        match merchant.environment {
            Environment::Live => {
                Ok((Gateway::LIVE, Arc::new(http(identity, Roots::Platform, Scope::WeChat)?), has))
            }
            Environment::Sandbox => {
                Ok((Gateway::Sandbox, Arc::new(http(identity, Roots::Platform, Scope::WeChat)?), has))
            }
            Environment::Simulated => {
                let url =
                    merchant.gateway_url.as_deref().filter(|url| is_loopback_url(url)).ok_or_else(|| {
                        ConsoleError::new(Code::InvalidField)
                            .with("field", "gateway_url")
                            .saying("detail", Words::new("detail.merchant.loopback"))
                    })?;
                let roots = merchant.gateway_ca.clone().map_or(Roots::Platform, Roots::Only);
                Ok((simulated(url), Arc::new(http(identity, roots, Scope::Loopback)?), has))
            }
        }
    }
}

fn http(identity: Option<Secret<String>>, roots: Roots, scope: Scope) -> Result<HttpTransport> {
    let user_agent = concat!("Paydesk/", env!("CARGO_PKG_VERSION")).to_owned();
    let options = HttpOptions { identity, roots, proxy: Proxy::None, scope, user_agent };
    HttpTransport::new(options)
        .map_err(|error| ConsoleError::new(Code::CertificateUnusable).saying("detail", &error))
}

/// What goes into the ledger of an exchange. The client has removed every secret from it.
pub(crate) fn stored(exchange: &Exchange, merchant: &str, operation: Option<&OperationId>) -> NewExchange {
    NewExchange {
        merchant: merchant.to_owned(),
        operation_id: operation.cloned(),
        api: exchange.path.to_owned(),
        host: exchange.host.clone(),
        request: exchange.request.clone().into_bytes(),
        response: exchange.response.clone().map(String::into_bytes),
        started: exchange.started,
        duration_ms: exchange.duration_ms,
        http_status: exchange.status,
        outcome: outcome_word(exchange.outcome).to_owned(),
        err_code: exchange.err_code.clone(),
    }
}

pub(crate) fn outcome_word(outcome: OperationOutcome) -> &'static str {
    match outcome {
        OperationOutcome::NotSent => "not_sent",
        OperationOutcome::Unknown => "unknown",
        OperationOutcome::Rejected => "rejected",
        OperationOutcome::Confirmed => "confirmed",
    }
}

pub(crate) fn wire_error(error: &CallError) -> Option<WireError> {
    let (code, description) = match error {
        CallError::Rejected(no) => (no.code.clone().unwrap_or_else(|| "FAIL".into()), no.description.clone()),
        CallError::Unknown(wxpay::client::UnknownWhy::Code { code, description }) => {
            (code.clone(), description.clone())
        }
        _ => return None,
    };
    Some(WireError { code, description: Some(description).filter(|text| !text.is_empty()) })
}

impl From<BuildError> for ConsoleError {
    fn from(error: BuildError) -> Self {
        match &error {
            BuildError::Ambiguous { field } => Self::new(Code::AmbiguousOrder).with("field", field),
            BuildError::NotInSandbox { api } | BuildError::OnlyInSandbox { api } => {
                Self::new(Code::NotInSandbox).with("operation", api)
            }
            // Where the request is wrong as a whole there is no field to name.
            _ => Self::new(Code::InvalidField)
                .with("field", error.field().unwrap_or_default())
                .saying("detail", &error),
        }
    }
}

/// A query's way out in the console's words: nothing is at stake in it.
pub(crate) fn query_error(error: &CallError, operation: &str, number: &str) -> ConsoleError {
    match error {
        CallError::NotSent(NotSentWhy::Build(error)) => error.clone().into(),
        CallError::NotSent(NotSentWhy::Transport(NotSent::NoCertificate)) => {
            ConsoleError::new(Code::CertificateMissing)
        }
        CallError::NotSent(NotSentWhy::Transport(why)) => ConsoleError::new(Code::NotSent).saying("why", why),
        CallError::Rejected(no) => {
            let mut error = refused(operation, number, no.code.as_deref(), &no.description);
            error.code = Code::AnsweredNo;
            error
        }
        CallError::Unknown(why) => ConsoleError::new(Code::NoAnswer).saying("why", why),
    }
}

pub(crate) fn refused(operation: &str, number: &str, code: Option<&str>, description: &str) -> ConsoleError {
    ConsoleError::new(Code::Refused)
        .with("operation", operation)
        .with("number", number)
        .with("err_code", code.unwrap_or("FAIL"))
        .with("err_code_des", description)
}

/// A scanned payment that took no money though nobody refused it.
pub(crate) fn not_collected(number: &str, state: OrderState) -> ConsoleError {
    let why = match state {
        OrderState::Revoked => "detail.not_collected.reversed",
        OrderState::PayError => "detail.not_collected.failed",
        OrderState::Closed => "detail.not_collected.closed",
        _ => "detail.not_collected.never_arrived",
    };
    ConsoleError::new(Code::NotCollected).with("number", number).saying("why", Words::new(why))
}

/// Whether the reply that this operation ended with was WeChat Pay's own no. The last code of an operation that a
/// question settled is that of a reply which left it open.
fn was_refused(row: &Row) -> bool {
    let open = |code: &str| {
        use wxpay::api::Micropay;
        Micropay::ERRORS.iter().any(|known| known.code == code && known.class == ErrorClass::Unknown)
    };
    row.kind != OperationKind::Micropay || row.err_code.as_deref().is_some_and(|code| !open(code))
}

fn unknown(row: &Row) -> ConsoleError {
    ConsoleError::new(Code::OutcomeUnknown).with("operation", row.kind).with("number", row.number())
}

/// An operation that was there a moment ago.
pub(crate) fn operation_gone() -> ConsoleError {
    ConsoleError::new(Code::LedgerFailed).saying("detail", Words::new("detail.ledger.operation_gone"))
}

impl Desk<'_> {
    pub(crate) fn now(&self) -> Timestamp {
        self.console.now()
    }

    /// A new operation of this merchant, for the caller to fill.
    pub(crate) fn operation<O: Operation>(
        &self,
        prepared: &Prepared<O>,
        kind: OperationKind,
        out_trade_no: domain::OutTradeNo,
        amount: domain::Fen,
        currency: &str,
    ) -> NewOperation {
        let params = prepared.canonical();
        NewOperation {
            id: domain::new_operation_id(&*self.console.entropy),
            merchant: self.merchant.name.clone(),
            mch_id: self.merchant.mch_id.clone(),
            kind,
            out_trade_no,
            out_refund_no: None,
            amount,
            currency: currency.to_owned(),
            params_sha256: ledger::params_digest(&sameness(&params)),
            request_params: params,
            payment: None,
            lease_ms: LEASE_MS,
        }
    }

    /// Writes the intent down, sends it, and writes down what came of it: decision 1, in one place.
    pub(crate) async fn perform<O: Operation>(
        &self,
        prepared: &Prepared<O>,
        new: NewOperation,
        learn: impl Fn(&Done<O::Reply>) -> Learned + Send,
    ) -> Result<Performed<O::Reply>> {
        if O::CERTIFICATE && !self.client.profile.certificate {
            return Err(ConsoleError::new(Code::CertificateMissing).with("merchant", &self.merchant.name));
        }
        #[cfg(feature = "write-after-send")]
        if self.ledger.operation_by_number(&new.merchant, new.kind, number_of(&new))?.is_none() {
            return self.send_then_write(prepared, &new, learn).await;
        }
        match self.intend(&new)? {
            Intent::New(row) => self.send_and_ask(row, prepared, learn).await,
            Intent::Existing(row) => match row.state {
                OperationState::Confirmed => Ok(Performed::Before),
                // A close or a reverse that was refused may be asked for again; what makes or moves money not.
                OperationState::Rejected
                    if !matches!(row.kind, OperationKind::CloseOrder | OperationKind::Reverse) =>
                {
                    self.settled(row)
                }
                _ => {
                    match self.ledger.claim(&row.id, &self.console.owner, self.now(), LEASE_MS)? {
                        // It certainly never left: this click sends it.
                        Claim::Granted(row) if row.state == OperationState::Intended => {
                            self.send_and_ask(row, prepared, learn).await
                        }
                        // It may have left: only asking tells. Never sent again just because of another click.
                        Claim::Granted(row) => self.settled(self.ask(row).await?),
                        Claim::Held(row) => {
                            Err(ConsoleError::new(Code::InProgress).with("number", row.number()))
                        }
                        Claim::Settled(row) => self.settled(row),
                    }
                }
            },
        }
    }

    /// The wrong way round, for the crash test's control alone: a kill between the two loses what was done.
    #[cfg(feature = "write-after-send")]
    async fn send_then_write<O: Operation>(
        &self,
        prepared: &Prepared<O>,
        new: &NewOperation,
        learn: impl Fn(&Done<O::Reply>) -> Learned + Send,
    ) -> Result<Performed<O::Reply>> {
        let mut exchanges = Vec::new();
        let result = self.client.send(prepared, &mut |exchange| exchanges.push(exchange.clone())).await;
        let intent = self.ledger.intend(new, &self.console.owner, self.now())?;
        self.write_down(intent.operation(), &exchanges, result, learn, true).map(Performed::Done)
    }

    /// Writes the intent down. A refusal names the numbers it is about.
    fn intend(&self, new: &NewOperation) -> Result<Intent> {
        self.ledger.intend(new, &self.console.owner, self.now()).map_err(|error| {
            let mut error = ConsoleError::from(error);
            let number =
                new.out_refund_no.as_ref().map_or(new.out_trade_no.as_str(), domain::OutRefundNo::as_str);
            for (name, value) in [("number", number), ("out_trade_no", new.out_trade_no.as_str())] {
                if let Some(empty) = error.params.get_mut(name).filter(|text| text.is_empty()) {
                    value.clone_into(empty);
                }
            }
            error
        })
    }

    /// Sends; and where that leaves it open, asks once at once, as WeChat Pay's documents advise.
    async fn send_and_ask<O: Operation>(
        &self,
        row: Row,
        prepared: &Prepared<O>,
        learn: impl Fn(&Done<O::Reply>) -> Learned + Send,
    ) -> Result<Performed<O::Reply>> {
        match self.send(&row, prepared, learn).await {
            Ok(reply) => Ok(Performed::Done(reply)),
            Err(error) if error.code == Code::OutcomeUnknown => {
                match self.ledger.claim(&row.id, &self.console.owner, self.now(), LEASE_MS)? {
                    Claim::Granted(row) => match self.settled(self.ask(row).await?) {
                        // Still open: the first reason says more than the silence after it.
                        Err(later) if later.code == Code::OutcomeUnknown => Err(error),
                        other => other,
                    },
                    Claim::Settled(row) => self.settled(row),
                    Claim::Held(_) => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    pub(crate) fn settled<R>(&self, row: Row) -> Result<Performed<R>> {
        match row.state {
            OperationState::Confirmed => Ok(Performed::Before),
            OperationState::Rejected if !was_refused(&row) => {
                Err(not_collected(row.number(), self.row(&row.out_trade_no)?.state))
            }
            OperationState::Rejected => Err(refused(
                row.kind.as_str(),
                row.number(),
                row.err_code.as_deref(),
                row.err_code_des.as_deref().unwrap_or(""),
            )),
            OperationState::NotSent => Err(ConsoleError::new(Code::NotSent).with("why", "")),
            OperationState::Intended | OperationState::Unknown => {
                Err(unknown(&row).with("why", row.err_code.as_deref().unwrap_or("")))
            }
        }
    }

    /// Sends what is written down and held by this process.
    pub(crate) async fn send<O: Operation>(
        &self,
        row: &Row,
        prepared: &Prepared<O>,
        learn: impl Fn(&Done<O::Reply>) -> Learned + Send,
    ) -> Result<O::Reply> {
        let mut exchanges = Vec::new();
        let result = self.client.send(prepared, &mut |exchange| exchanges.push(exchange.clone())).await;
        self.write_down(row, &exchanges, result, learn, true)
    }

    /// Sends the identical request again, out of what was written down.
    pub(crate) async fn send_again<O: Operation>(
        &self,
        row: &Row,
        learn: impl Fn(&Done<O::Reply>) -> Learned + Send,
    ) -> Result<O::Reply> {
        let mut exchanges = Vec::new();
        let observe = &mut |exchange: &Exchange| exchanges.push(exchange.clone());
        let result = self.client.resend::<O>(&row.request_params, observe).await;
        self.write_down(row, &exchanges, result, learn, false)
    }

    fn write_down<R>(
        &self,
        row: &Row,
        exchanges: &[Exchange],
        result: std::result::Result<Done<R>, CallError>,
        learn: impl Fn(&Done<R>) -> Learned,
        first: bool,
    ) -> Result<R> {
        let now = self.now();
        let (last, earlier) = match exchanges.split_last() {
            Some((last, earlier)) => (Some(last), earlier),
            None => (None, exchanges),
        };
        // Once it has left, no trouble with the ledger may be told in words that say nothing was sent.
        let left = !matches!(&result, Err(error) if error.outcome() == OperationOutcome::NotSent);
        let not_kept = |error: ConsoleError| {
            let why = Words::new("detail.unknown.not_kept").with("code", error.code.as_str());
            if left { unknown(row).saying("why", why) } else { error }
        };
        for exchange in earlier {
            self.ledger
                .record_exchange(&stored(exchange, &self.merchant.name, Some(&row.id)), now)
                .map_err(|error| not_kept(error.into()))?;
        }
        let learned = result.as_ref().map(&learn).unwrap_or_default();
        let outcome = match result.as_ref().err() {
            None if learned.call_again => OperationOutcome::Unknown,
            None => OperationOutcome::Confirmed,
            // "Already paid" to the very first sending of a number is somebody else's payment, not this one.
            Some(CallError::Rejected(no))
                if first && makes_a_payment(row.kind) && no.class == ErrorClass::Settled =>
            {
                OperationOutcome::Rejected
            }
            Some(error) if first => error.outcome(),
            // A signed no to the repetition of what the gateway says it does not have settles it. An unsigned one
            // (another key by now, an expired certificate) says nothing about the first sending.
            Some(error @ CallError::Rejected(no)) if no.signed => error.outcome(),
            Some(error) => error.outcome_of_repetition(),
        };
        let learned_call_again = learned.call_again;
        let conclusion = Conclusion {
            exchange: last.map(|exchange| stored(exchange, &self.merchant.name, Some(&row.id))),
            payment: learned.payment,
            refunds: learned.refunds,
            operation: Some((row.id.clone(), outcome)),
            error: result.as_ref().err().and_then(wire_error),
            next_try: Some(self.next_try(row, now)),
        };
        let concluded = self.conclude(&conclusion, now).map_err(not_kept)?;
        match result {
            Ok(_) if learned_call_again => {
                Err(unknown(row).saying("why", Words::new("detail.unknown.call_again")))
            }
            Ok(done) => Ok(done.reply),
            Err(error) => Err(match (&error, concluded.operation.as_ref().unwrap_or(row).state) {
                (CallError::Rejected(no), OperationState::Rejected | OperationState::NotSent) => {
                    refused(row.kind.as_str(), row.number(), no.code.as_deref(), &no.description)
                }
                (CallError::NotSent(_), OperationState::NotSent) => {
                    query_error(&error, row.kind.as_str(), row.number())
                }
                (_, _) => unknown(row).saying("why", &error),
            }),
        }
    }

    /// Writes all of it, or, if that fails, at least the raw exchange: a reply about money is never lost.
    pub(crate) fn conclude(&self, what: &Conclusion, now: Timestamp) -> Result<Concluded> {
        self.ledger.conclude(what, now).map_err(|error| {
            if let Some(exchange) = &what.exchange {
                let _ = self.ledger.record_exchange(exchange, now);
            }
            error.into()
        })
    }

    /// Asks a question that moves nothing, and keeps the raw exchange. Gives the exchange's id too.
    pub(crate) async fn question<O: Operation>(
        &self,
        operation: &O,
        about: Option<&OperationId>,
    ) -> Result<(std::result::Result<Done<O::Reply>, CallError>, Option<NewExchange>)> {
        let mut exchanges = Vec::new();
        let result = self.client.call(operation, &mut |exchange| exchanges.push(exchange.clone())).await;
        let now = self.now();
        let mut rows: Vec<_> =
            exchanges.iter().map(|exchange| stored(exchange, &self.merchant.name, about)).collect();
        let last = rows.pop();
        for row in &rows {
            self.ledger.record_exchange(row, now)?;
        }
        Ok((result, last))
    }

    /// When to ask about an operation next: each wait twice as long as the one before.
    pub(crate) fn next_try(&self, row: &Row, now: Timestamp) -> Timestamp {
        let doubled = 1_i64.checked_shl(row.attempts.min(20)).unwrap_or(i64::MAX);
        let wait = self.patience.first_wait_ms.saturating_mul(doubled).min(self.patience.longest_wait_ms);
        now.plus_millis(wait)
    }
}

#[cfg(feature = "write-after-send")]
fn number_of(new: &NewOperation) -> &str {
    new.out_refund_no.as_ref().map_or(new.out_trade_no.as_str(), domain::OutRefundNo::as_str)
}

const fn makes_a_payment(kind: OperationKind) -> bool {
    matches!(kind, OperationKind::UnifiedOrder | OperationKind::Micropay)
}

/// What makes two requests the same one: all parameters but those that say when the click was.
fn sameness(params: &str) -> String {
    let Ok(mut fields) = wxpay::xml::read(params.as_bytes()) else { return params.to_owned() };
    for name in ["time_start", "time_expire", "auth_code"] {
        fields.remove(name);
    }
    wxpay::xml::write(&fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_this_computer() {
        for url in ["http://127.0.0.1:8080", "https://localhost", "http://[::1]:1/x", "http://127.8.8.8"] {
            assert!(is_loopback_url(url), "{url}");
        }
        for url in [
            "http://api.mch.weixin.qq.com",
            "http://127.0.0.1@example.com",
            "http://127.0.0.1.example.com",
            "ftp://127.0.0.1",
            "http://0.0.0.0",
            "http://[::ffff:8.8.8.8]",
            "http://",
        ] {
            assert!(!is_loopback_url(url), "{url}");
        }
    }

    #[test]
    fn two_clicks_a_second_apart_are_the_same_request() {
        let one = "<xml><body>a</body><time_expire>20260101000000</time_expire></xml>";
        let two = "<xml><body>a</body><time_expire>20260101000001</time_expire></xml>";
        let other = "<xml><body>b</body><time_expire>20260101000000</time_expire></xml>";
        assert_eq!(sameness(one), sameness(two));
        assert_ne!(sameness(one), sameness(other));
    }
}
