//! Asks WeChat Pay and believes nothing unchecked.

mod exchange;
mod outcome;
mod prepared;
mod profile;
#[cfg(test)]
mod tests;

pub use exchange::Exchange;
pub use outcome::{CallError, Done, NotSentWhy, Rejection, UnknownWhy};
pub use prepared::Prepared;
pub use profile::{Gateway, LiveHost, Profile, Timeouts};

use crate::api::{self, BuildError, ErrorClass, Operation, ReplyError, classify, sign_type_of};
use crate::sign::{self, Expect, VerifyError};
use crate::transport::{MaybeSent, NotSent, Request, Response, Transport, TransportError};
use crate::{Fields, xml};
use domain::{Clock, Entropy, OperationOutcome, Secret, Timestamp};
use std::sync::Arc;

/// Told of every attempt, for the log. It gets nothing secret.
pub type Observer<'a> = &'a mut (dyn FnMut(&Exchange) + Send);

/// Asks WeChat Pay for one merchant.
#[derive(Clone)]
pub struct Client {
    /// What carries the bytes.
    pub transport: Arc<dyn Transport>,
    /// Who asks.
    pub profile: Profile,
    /// For `nonce_str`.
    pub entropy: Arc<dyn Entropy>,
    /// For the log.
    pub clock: Arc<dyn Clock>,
}

impl Client {
    /// Builds, signs, sends and checks.
    ///
    /// Whatever moves money should go through [`prepare`](Self::prepare) instead, be written down, and then be
    /// [sent](Self::send).
    ///
    /// # Errors
    /// [`CallError`]: not sent, rejected or unknown.
    pub async fn call<O: Operation>(
        &self,
        operation: &O,
        observer: Observer<'_>,
    ) -> Result<Done<O::Reply>, CallError> {
        let prepared = self.prepare(operation)?;
        self.send(&prepared, observer).await
    }

    /// Builds the request without sending it, so that it can be written down first.
    ///
    /// # Errors
    /// [`BuildError`] naming the field that is not right.
    pub fn prepare<O: Operation>(&self, operation: &O) -> Result<Prepared<O>, BuildError> {
        self.path::<O>()?;
        Prepared::new(operation, &self.profile)
    }

    /// Sends the identical parameters again that [`Prepared::canonical`] wrote down. A refusal now proves nothing
    /// about the earlier sending: see [`CallError::outcome_of_repetition`].
    ///
    /// # Errors
    /// [`CallError::NotSent`] with [`BuildError::NotRepeatable`] for a payer's code, with
    /// [`BuildError::OtherMerchant`] for parameters of somebody else; else as [`call`](Self::call).
    pub async fn resend<O: Operation>(
        &self,
        canonical: &str,
        observer: Observer<'_>,
    ) -> Result<Done<O::Reply>, CallError> {
        let prepared = Prepared::<O>::read(canonical, &self.profile)?;
        self.send(&prepared, observer).await
    }

    /// Signs, sends and checks.
    ///
    /// Where the host was certainly not reached, the other one is asked once. Where the request may have
    /// arrived, only a query is repeated: whatever moves money is asked about first.
    ///
    /// # Errors
    /// [`CallError`]: not sent, rejected or unknown.
    pub async fn send<O: Operation>(
        &self,
        prepared: &Prepared<O>,
        observer: Observer<'_>,
    ) -> Result<Done<O::Reply>, CallError> {
        let (primary, backup) = self.profile.gateway.hosts();
        let first = self.attempt(prepared, primary, 1, &mut *observer).await;
        let again = match &first {
            Err(CallError::NotSent(NotSentWhy::Transport(why))) => {
                matches!(why, NotSent::Name { .. } | NotSent::Connect { .. } | NotSent::ConnectTimeout { .. })
            }
            Err(CallError::Unknown(UnknownWhy::NoReply(MaybeSent::ReadTimeout | MaybeSent::Lost))) => {
                O::KIND.is_none()
            }
            _ => false,
        };
        match backup.filter(|_| again) {
            Some(host) => self.attempt(prepared, host, 2, observer).await,
            None => first,
        }
    }

    async fn attempt<O: Operation>(
        &self,
        prepared: &Prepared<O>,
        host: &str,
        attempt: u8,
        observer: Observer<'_>,
    ) -> Result<Done<O::Reply>, CallError> {
        let path = self.path::<O>()?;
        if O::CERTIFICATE && !self.profile.certificate {
            return Err(CallError::NotSent(NotSentWhy::Transport(NotSent::NoCertificate)));
        }
        let fields = self.sign::<O>(&prepared.fields)?;
        let timeouts = self.profile.timeouts;
        let request = Request {
            host: host.to_owned(),
            path,
            body: Secret::new(xml::write(&fields).into_bytes()),
            certificate: O::CERTIFICATE,
            connect_timeout: timeouts.connect,
            read_timeout: if O::SLOW { timeouts.micropay_read } else { timeouts.read },
        };
        let started = self.clock.now();
        let answer = self.transport.send(&request).await;
        let ended = self.clock.now();
        let response = answer.as_ref().ok().cloned();
        let result = self.judge::<O>(&fields, answer, ended);
        observer(&Exchange {
            api: O::NAME,
            host: host.to_owned(),
            path,
            attempt,
            request: exchange::shown(&fields),
            response: response.as_ref().map(|response| exchange::shown_reply::<O>(response, &fields)),
            started,
            duration_ms: ended.millis_since(started).max(0),
            status: response.as_ref().map(|response| response.status),
            outcome: result.as_ref().err().map_or(OperationOutcome::Confirmed, CallError::outcome),
            err_code: Exchange::err_code_of(&result),
            error: result.as_ref().err().cloned(),
            clock_skew_ms: response
                .and_then(|response| response.date_secs)
                .map(|secs| Timestamp::from_secs(secs).millis_since(ended)),
        });
        result
    }

    /// The path in this environment.
    fn path<O: Operation>(&self) -> Result<&'static str, BuildError> {
        match (&self.profile.gateway, O::SANDBOX_PATH) {
            (Gateway::Sandbox, Some(path)) => Ok(path),
            (Gateway::Sandbox, None) => Err(BuildError::NotInSandbox { api: O::NAME }),
            (_, Some(path)) if path == O::PATH => Err(BuildError::OnlyInSandbox { api: O::NAME }),
            _ => Ok(O::PATH),
        }
    }

    fn sign<O: Operation>(&self, prepared: &Fields<'static>) -> Result<Fields<'static>, BuildError> {
        let kind = sign_type_of::<O>(self.profile.sign_type);
        let mut fields = prepared.clone();
        fields.add("nonce_str", domain::new_nonce(&*self.entropy))?;
        if O::WITH_APPID {
            fields.add("sign_type", kind.as_str())?;
        }
        let signature = sign::sign(&fields, &self.profile.key, kind);
        fields.add("sign", signature.to_string())?;
        Ok(fields)
    }

    /// What an answer means for the money. Everything that is not certain is unknown.
    fn judge<O: Operation>(
        &self,
        asked: &Fields<'_>,
        answer: Result<Response, TransportError>,
        at: Timestamp,
    ) -> Result<Done<O::Reply>, CallError> {
        let response = answer?; // NotSent: it did not arrive. MaybeSent: unknown.
        if response.status != 200 {
            return Err(CallError::Unknown(UnknownWhy::Status { status: response.status }));
        }
        let reply = xml::read(&response.body).map_err(|why| CallError::Unknown(UnknownWhy::BadReply(why)))?;
        let signed =
            self.verify::<O>(&reply).map_err(|why| CallError::Unknown(UnknownWhy::BadSignature(why)))?;
        match reply.text("return_code").or(reply.text("retcode")) {
            Some("SUCCESS") => {}
            Some("FAIL" | "1") => return Err(turned_away(&reply, signed)),
            code => return Err(missing_or_malformed("return_code", code)),
        }
        api::envelope(asked, &reply)?;
        if O::SIGNED_REPLY {
            match reply.text("result_code") {
                Some("SUCCESS") => {}
                Some("FAIL") => return Err(refused::<O>(&reply)),
                code => return Err(missing_or_malformed("result_code", code)),
            }
            let named =
                if self.profile.gateway == Gateway::Sandbox { &["mch_id"][..] } else { &["mch_id", "appid"] };
            if let Some(field) = named.iter().find(|field| reply.text(field).is_none()) {
                return Err(missing_or_malformed(field, None));
            }
        }
        let said = O::read(asked, &reply)?;
        let raw = if O::SIGNED_REPLY { reply.into_owned() } else { Fields::new() };
        Ok(Done { reply: said, raw, at })
    }

    /// Whether the reply is signed. Unsigned is only what never is: an operation whose replies are not, and what
    /// was turned away before any business.
    fn verify<O: Operation>(&self, reply: &Fields<'_>) -> Result<bool, VerifyError> {
        let turned_away = reply.text("return_code") == Some("FAIL") && reply.text("sign").is_none();
        if !O::SIGNED_REPLY || turned_away {
            return Ok(false);
        }
        let expect = Expect::Exactly(self.profile.sign_type);
        let first = sign::verify(reply, &self.profile.key, expect);
        match first {
            Err(VerifyError::Mismatch { .. })
                if self.profile.gateway == Gateway::Sandbox && reply.text("cash_fee") == Some("0") =>
            {
                // The official sandbox signs a cash_fee of 0 as if it were empty.
                let mut without = reply.clone();
                without.remove("cash_fee");
                sign::verify(&without, &self.profile.key, expect).or(first)
            }
            other => other,
        }
        .map(|_| true)
    }
}

fn missing_or_malformed(field: &str, value: Option<&str>) -> CallError {
    let field = field.to_owned();
    CallError::from(match value {
        None => ReplyError::Missing { field },
        Some(_) => ReplyError::Malformed { field },
    })
}

/// `return_code` = `FAIL`: turned away before any business, unless its words say that the system failed.
fn turned_away(reply: &Fields<'_>, signed: bool) -> CallError {
    let description = reply.text("return_msg").or(reply.text("retmsg")).unwrap_or_default().to_owned();
    let says = |words: &[&str]| words.iter().any(|word| description.to_ascii_lowercase().contains(word));
    if says(&["systemerror", "system error", "系统错误", "系统繁忙", "系统异常", "超时", "timeout"])
    {
        return CallError::Unknown(UnknownWhy::Code { code: "FAIL".to_owned(), description });
    }
    let too_many = says(&["频率", "频繁", "frequency", "too many"]);
    let class = if too_many { ErrorClass::NotAccepted } else { ErrorClass::Failed };
    CallError::Rejected(Rejection { code: None, description, class, signed })
}

/// `result_code` = `FAIL`, signed: what the code says.
fn refused<O: Operation>(reply: &Fields<'_>) -> CallError {
    let description = reply.text("err_code_des").unwrap_or_default().to_owned();
    let Some(code) = reply.text("err_code").map(str::to_owned) else {
        return missing_or_malformed("err_code", None);
    };
    match classify(O::KIND, O::ERRORS, &code) {
        ErrorClass::Unknown => CallError::Unknown(UnknownWhy::Code { code, description }),
        class => CallError::Rejected(Rejection { code: Some(code), description, class, signed: true }),
    }
}
