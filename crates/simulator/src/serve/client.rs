use super::post::{self, Target};
use crate::control::Control;
use serde_json::Value;
use std::time::Duration;

/// Why a command to a running simulator had no effect, or none that is known of.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The address is none of this computer's own.
    #[error("{url} is no address of a simulator on this computer, which begins with http://127.0.0.1:")]
    Url {
        /// The address given.
        url: String,
    },
    /// No whole answer within ten seconds: it does not run there, or it is stuck.
    #[error("no simulator answers at {url}; is it still running?")]
    NoAnswer {
        /// The address.
        url: String,
    },
    /// It answered and did not do it.
    #[error("the simulator refused ({code}): {message}")]
    Refused {
        /// A stable name, such as `no_such_order` or `token`.
        code: String,
        /// Its own words.
        message: String,
    },
    /// What answers there is no simulator.
    #[error("what answers at {url} is no simulator")]
    NotSimulator {
        /// The address.
        url: String,
    },
}

const WITHIN: Duration = Duration::from_secs(10);

/// Sends a command to a running simulator's control port and gives its answer.
///
/// # Errors
/// [`ClientError`].
pub async fn control(control_url: &str, token: &str, command: &Control) -> Result<Value, ClientError> {
    let url = || control_url.to_owned();
    let mut fields = serde_json::to_value(command).map_err(|_| ClientError::NotSimulator { url: url() })?;
    let name = fields.as_object_mut().and_then(|fields| fields.remove("do"));
    let name = name.as_ref().and_then(Value::as_str).unwrap_or_default();
    let address = format!("{}/{name}", control_url.trim_end_matches('/'));
    let target = Target::parse(&address).ok_or_else(|| ClientError::Url { url: url() })?;
    if token.bytes().any(|byte| !byte.is_ascii_graphic()) {
        let message = "a token has no blanks or line ends".to_owned();
        return Err(ClientError::Refused { code: "token".into(), message });
    }
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    let method = if matches!(command, Control::State) { "GET" } else { "POST" };
    let answer = post::post(&target, method, &headers, fields.to_string().as_bytes(), WITHIN).await;
    let Some((status, body)) = answer else { return Err(ClientError::NoAnswer { url: url() }) };
    let value: Value = serde_json::from_slice(&body).map_err(|_| ClientError::NotSimulator { url: url() })?;
    if status == 200 {
        return Ok(value);
    }
    let part = |name: &str| value.get("error").and_then(|error| error.get(name)).and_then(Value::as_str);
    match (part("code"), part("message")) {
        (Some(code), Some(message)) => {
            Err(ClientError::Refused { code: code.into(), message: message.into() })
        }
        _ => Err(ClientError::NotSimulator { url: url() }),
    }
}
