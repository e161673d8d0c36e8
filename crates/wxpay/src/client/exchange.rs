use super::{CallError, Done};
use crate::api::Operation;
use crate::transport::Response;
use crate::{Fields, xml};
use domain::{OperationOutcome, Timestamp};

/// One attempt, as it may be kept and shown: nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The operation, such as `unified_order`.
    pub api: &'static str,
    /// The host that was asked.
    pub host: String,
    /// The path that was posted to.
    pub path: &'static str,
    /// 1, or 2 for the one attempt at the other host.
    pub attempt: u8,
    /// The request as sent, but for a payer's code and personal data, which are masked.
    pub request: String,
    /// The reply as it came, masked likewise; what is no document is shown as text, at most 4 KiB of it.
    pub response: Option<String>,
    /// When the request was handed to the transport.
    pub started: Timestamp,
    /// How long it took.
    pub duration_ms: i64,
    /// HTTP status, where a reply came.
    pub status: Option<u16>,
    /// What it means.
    pub outcome: OperationOutcome,
    /// The gateway's `err_code`, where it sent one.
    pub err_code: Option<String>,
    /// Why there is no good answer, where there is none.
    pub error: Option<CallError>,
    /// How far the gateway's clock is ahead of this computer's, in ms, where it told. Whole seconds.
    pub clock_skew_ms: Option<i64>,
}

impl Exchange {
    /// Whether this computer's clock is more than five minutes wrong, or the gateway's is.
    #[must_use]
    pub const fn clock_is_off(&self) -> bool {
        match self.clock_skew_ms {
            Some(ms) => ms.unsigned_abs() > 5 * 60_000,
            None => false,
        }
    }

    pub(super) fn err_code_of<R>(result: &Result<Done<R>, CallError>) -> Option<String> {
        result.as_ref().err().and_then(CallError::err_code).map(str::to_owned)
    }
}

/// Longest reply that is shown although it is no document.
const SHOWN_BYTES: usize = 4096;

/// Fields that are masked wherever a document is shown.
const MASKED: [&str; 4] = ["auth_code", "sandbox_signkey", "user_creid", "user_truename"];

/// The first two digits of a payer's code.
pub(super) fn masked_code(code: &str) -> String {
    let head = code.char_indices().nth(2).map_or(code.len(), |(at, _)| at);
    format!("{}***", &code[..head])
}

/// A document as it may be shown.
pub(super) fn shown(fields: &Fields<'_>) -> String {
    let mut masked = Fields::new();
    for (name, value) in fields.iter() {
        let value = match name {
            "auth_code" => masked_code(value),
            _ if MASKED.contains(&name) => "***".to_owned(),
            _ => value.to_owned(),
        };
        // Every name and value has been taken into a document before, so none is refused here.
        let _ = masked.add(name.to_owned(), value);
    }
    xml::write(&masked)
}

/// A reply as it may be shown. `request` is what it answers: its secrets are masked should they come back.
pub(super) fn shown_reply<O: Operation>(response: &Response, request: &Fields<'_>) -> String {
    let mut text = match xml::read(&response.body) {
        Ok(fields) if MASKED.iter().any(|name| fields.get(name).is_some()) => shown(&fields),
        Ok(_) => String::from_utf8_lossy(&response.body).into_owned(),
        // What is no document cannot be masked field by field. One that should hold a key is not shown at all.
        Err(_) if !O::SIGNED_REPLY => return format!("({} bytes)", response.body.len()),
        Err(_) => {
            let end = response.body.len().min(SHOWN_BYTES);
            String::from_utf8_lossy(&response.body[..end]).into_owned()
        }
    };
    for name in MASKED {
        if let Some(secret) = request.text(name).filter(|secret| text.contains(secret)) {
            text = text.replace(secret, "***");
        }
    }
    text
}
