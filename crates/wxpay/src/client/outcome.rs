use crate::Fields;
use crate::api::{BuildError, ErrorClass, ReplyError};
use crate::sign::VerifyError;
use crate::transport::{MaybeSent, NotSent, TransportError};
use crate::xml::Refusal;
use domain::{OperationOutcome, Timestamp};

/// WeChat Pay did it, or answered the query, and the reply has been checked.
#[derive(Clone, Debug)]
pub struct Done<R> {
    /// What it says.
    pub reply: R,
    /// All of it, as an evidence; empty where the reply holds a secret (the sandbox's key).
    pub raw: Fields<'static>,
    /// When it came.
    pub at: Timestamp,
}

/// Why there is no checked answer. There are only these three ways out, and they say what is known of the money.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It certainly did not arrive: nothing happened. The same number may be sent again.
    #[error("nothing was sent: {0}")]
    NotSent(NotSentWhy),
    /// WeChat Pay said no: this sending did nothing.
    #[error("WeChat Pay refused it: {0}")]
    Rejected(Rejection),
    /// It may or may not have happened. Only a query tells; never try again under a new number.
    #[error("the outcome is unknown: {0}")]
    Unknown(UnknownWhy),
}

/// Why nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSentWhy {
    /// The request is not right.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// It could not leave, or could not arrive.
    #[error(transparent)]
    Transport(#[from] NotSent),
}

/// WeChat Pay's no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} {description}", code.as_deref().unwrap_or("return_code FAIL"))]
pub struct Rejection {
    /// `err_code`. None where the request was turned away before any business (`return_code` = `FAIL`).
    pub code: Option<String>,
    /// `err_code_des` or `return_msg`, WeChat Pay's own words, mostly Chinese.
    pub description: String,
    /// Whether the same may be tried again; never [`ErrorClass::Unknown`].
    pub class: ErrorClass,
    /// Whether the no carries a good signature. What is turned away before any business never does, so only
    /// TLS vouches for it.
    pub signed: bool,
}

/// Why the outcome is unknown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownWhy {
    /// No whole reply came.
    #[error("{0}")]
    NoReply(MaybeSent),
    /// An HTTP status other than 200: something on the way, or the gateway in trouble.
    #[error("the answer has HTTP status {status}")]
    Status {
        /// The status.
        status: u16,
    },
    /// The reply is not a strict flat document: HTML, cut off, or hostile.
    #[error("the reply cannot be read: {0}")]
    BadReply(Refusal),
    /// The reply's signature is missing or wrong. Nothing in it may be believed.
    #[error("the reply is not to be believed: {0}")]
    BadSignature(VerifyError),
    /// The reply is signed, but answers something else or lacks what it must have.
    #[error("{0}")]
    Contradicts(ReplyError),
    /// WeChat Pay says itself that it does not know, or uses a code that is not documented.
    #[error("{code} {description}")]
    Code {
        /// `err_code`, or `FAIL` where only `return_msg` tells.
        code: String,
        /// WeChat Pay's own words.
        description: String,
    },
}

impl UnknownWhy {
    /// A stable word for it, snake_case.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoReply(MaybeSent::ReadTimeout) => "read_timeout",
            Self::NoReply(_) => "no_reply",
            Self::Status { .. } => "http_status",
            Self::BadReply(_) => "bad_reply",
            Self::BadSignature(_) => "bad_signature",
            Self::Contradicts(_) => "contradicts",
            Self::Code { .. } => "said_unknown",
        }
    }
}

impl CallError {
    /// What it means for an operation in the ledger that was sent for the first time; see
    /// [`outcome_of_repetition`](Self::outcome_of_repetition) for a later time.
    ///
    /// Two refusals do not settle it. "Already paid" or "already closed" may be the work of an earlier sending
    /// of the same request, so it is [`Unknown`](OperationOutcome::Unknown) until a query tells. "Too many
    /// requests" was turned away unread, so it is [`NotSent`](OperationOutcome::NotSent): the same number, later.
    #[must_use]
    pub const fn outcome(&self) -> OperationOutcome {
        match self {
            Self::NotSent(_) => OperationOutcome::NotSent,
            Self::Unknown(_) => OperationOutcome::Unknown,
            Self::Rejected(rejection) => match rejection.class {
                ErrorClass::Failed => OperationOutcome::Rejected,
                ErrorClass::NotAccepted => OperationOutcome::NotSent,
                ErrorClass::Settled | ErrorClass::Unknown => OperationOutcome::Unknown,
            },
        }
    }

    /// What it means for an operation of which an earlier sending may already have happened.
    ///
    /// A refusal of the repetition proves nothing about the earlier one: the key or the certificate may have
    /// changed in between. So it stays [`Unknown`](OperationOutcome::Unknown) until a query tells.
    #[must_use]
    pub const fn outcome_of_repetition(&self) -> OperationOutcome {
        match self.outcome() {
            OperationOutcome::Rejected => OperationOutcome::Unknown,
            other => other,
        }
    }

    /// The gateway's `err_code`, where it sent one.
    #[must_use]
    pub fn err_code(&self) -> Option<&str> {
        match self {
            Self::Rejected(rejection) => rejection.code.as_deref(),
            Self::Unknown(UnknownWhy::Code { code, .. }) => Some(code),
            _ => None,
        }
    }
}

impl From<BuildError> for CallError {
    fn from(error: BuildError) -> Self {
        Self::NotSent(NotSentWhy::Build(error))
    }
}

impl From<TransportError> for CallError {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::NotSent(why) => Self::NotSent(NotSentWhy::Transport(why)),
            TransportError::MaybeSent(why) => Self::Unknown(UnknownWhy::NoReply(why)),
        }
    }
}

impl From<ReplyError> for CallError {
    fn from(error: ReplyError) -> Self {
        Self::Unknown(UnknownWhy::Contradicts(error))
    }
}
