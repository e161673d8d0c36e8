use super::Rule;
use crate::{Fields, FieldsError};
use domain::{CivilTime, Fen, OutTradeNo};

/// Why a request was not even built. Nothing has been sent, nothing has happened to any money.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// Longer than WeChat Pay takes. The limits are documented without a unit; bytes of UTF-8 is the reading
    /// that is never refused.
    #[error("{field} is too long: {bytes} bytes ({chars} characters), at most {max} bytes are allowed")]
    TooLong {
        /// The field.
        field: &'static str,
        /// The documented limit, counted in bytes of UTF-8.
        max: usize,
        /// Bytes of UTF-8 in the value.
        bytes: usize,
        /// Characters in the value.
        chars: usize,
    },
    /// Not of the form the field must have.
    #[error("{field} {expected}")]
    Format {
        /// The field.
        field: &'static str,
        /// What it must be.
        expected: Rule,
    },
    /// A field that this request cannot do without.
    #[error("{field} is missing: {because}")]
    Missing {
        /// The field.
        field: &'static str,
        /// When it is needed.
        because: Rule,
    },
    /// A character that XML cannot carry, or a field that does not fit into a document.
    #[error(transparent)]
    Field(#[from] FieldsError),
    /// The official sandbox only knows micropay and order_query.
    #[error("WeChat Pay's sandbox does not offer {api}; use the simulated environment")]
    NotInSandbox {
        /// The operation.
        api: &'static str,
    },
    /// The sandbox's key is asked for in the sandbox only.
    #[error("{api} exists only in WeChat Pay's sandbox")]
    OnlyInSandbox {
        /// The operation.
        api: &'static str,
    },
    /// The text in this field makes the signed string readable as another order (`&total_fee=1` in `attach`):
    /// the signature would fit both.
    #[error("{field} has text that could be read as another field of the signed string; change the text")]
    Ambiguous {
        /// The field with the text.
        field: String,
    },
    /// Parameters that were written down for another merchant or account than this client speaks for.
    #[error("these parameters belong to another merchant: {field} differs")]
    OtherMerchant {
        /// `mch_id`, `sub_mch_id`, `appid` or `sub_appid`.
        field: &'static str,
    },
    /// Written-down parameters that are not a document of this operation.
    #[error("the stored parameters cannot be read: {0}")]
    Stored(crate::xml::Refusal),
    /// A payer's code is good once and for a minute: the same request cannot be sent again. Query instead.
    #[error("{api} cannot be sent again: the payer's code is good only once; query the order instead")]
    NotRepeatable {
        /// The operation.
        api: &'static str,
    },
}

impl BuildError {
    /// A stable word for it, snake_case.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "too_long",
            Self::Format { .. } => "format",
            Self::Missing { .. } => "missing",
            Self::Field(_) => "field",
            Self::NotInSandbox { .. } => "not_in_sandbox",
            Self::OnlyInSandbox { .. } => "only_in_sandbox",
            Self::Ambiguous { .. } => "ambiguous",
            Self::OtherMerchant { .. } => "other_merchant",
            Self::Stored(_) => "stored",
            Self::NotRepeatable { .. } => "not_repeatable",
        }
    }

    /// The field it is about, where it is about one.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::TooLong { field, .. }
            | Self::Format { field, .. }
            | Self::Missing { field, .. }
            | Self::OtherMerchant { field } => Some(field),
            Self::Ambiguous { field } => Some(field),
            Self::Field(
                FieldsError::Duplicate { name }
                | FieldsError::Name { name }
                | FieldsError::Character { name, .. },
            ) => Some(name),
            _ => None,
        }
    }
}

/// The business fields of a request while they are written.
pub(crate) struct Draft {
    fields: Fields<'static>,
}

impl Draft {
    pub(crate) fn new() -> Self {
        Self { fields: Fields::new() }
    }

    pub(crate) fn done(self) -> Fields<'static> {
        self.fields
    }

    /// A field that must be there and have at most `max` bytes.
    pub(crate) fn text(&mut self, field: &'static str, value: &str, max: usize) -> Result<(), BuildError> {
        // What has nothing to see in it is nothing to whoever reads it on a bill.
        if value.trim().is_empty() {
            return Err(BuildError::Missing { field, because: Rule::NotEmpty });
        }
        check_length(field, value, max)?;
        Ok(self.fields.add(field, value.to_owned())?)
    }

    /// A field that may be absent. To the protocol, empty is absent.
    pub(crate) fn opt(
        &mut self,
        field: &'static str,
        value: Option<&str>,
        max: usize,
    ) -> Result<(), BuildError> {
        match value {
            None | Some("") => Ok(()),
            Some(value) => self.text(field, value, max),
        }
    }

    /// The number of an order that is to be made, which has a narrower grammar than one that exists.
    pub(crate) fn new_order(&mut self, number: &OutTradeNo) -> Result<(), BuildError> {
        if OutTradeNo::for_new_order(number.as_str()).is_err() {
            return Err(BuildError::Format { field: "out_trade_no", expected: Rule::NewOrderNumber });
        }
        self.text("out_trade_no", number.as_str(), 32)
    }

    /// An amount of at least one fen.
    pub(crate) fn amount(&mut self, field: &'static str, value: Fen) -> Result<(), BuildError> {
        if value.is_positive() {
            self.text(field, &value.get().to_string(), 20)
        } else {
            Err(BuildError::Format { field, expected: Rule::OneFen })
        }
    }

    /// A currency of three capital letters.
    pub(crate) fn currency(&mut self, field: &'static str, value: Option<&str>) -> Result<(), BuildError> {
        match value {
            Some(code) if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) => {
                Err(BuildError::Format { field, expected: Rule::Currency })
            }
            other => self.opt(field, other, 16),
        }
    }

    /// `Y` or `N`, where the caller says which.
    pub(crate) fn flag(&mut self, field: &'static str, value: Option<bool>) -> Result<(), BuildError> {
        self.opt(field, value.map(|yes| if yes { "Y" } else { "N" }), 1)
    }

    /// An address for notices: absolute, at most 256 bytes, and without a query string.
    pub(crate) fn notify_url(&mut self, field: &'static str, url: &str) -> Result<(), BuildError> {
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if !url.is_empty() && host.is_none_or(|rest| rest.is_empty() || rest.starts_with(['/', ':'])) {
            return Err(BuildError::Format { field, expected: Rule::Address });
        }
        if url.contains(['?', '#']) {
            return Err(BuildError::Format { field, expected: Rule::NoQuery });
        }
        if url.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(BuildError::Format { field, expected: Rule::NoSpaces });
        }
        self.text(field, url, 256)
    }

    /// The payer's or the terminal's IP address.
    pub(crate) fn ip(&mut self, field: &'static str, value: &str) -> Result<(), BuildError> {
        if !value.is_empty() && value.parse::<std::net::IpAddr>().is_err() {
            return Err(BuildError::Format { field, expected: Rule::Ip });
        }
        self.text(field, value, 64)
    }

    /// When an order was made and when it ends: more than a minute later.
    pub(crate) fn life(
        &mut self,
        start: Option<CivilTime>,
        expire: Option<CivilTime>,
    ) -> Result<(), BuildError> {
        if let (Some(start), Some(expire)) = (start, expire)
            && expire.timestamp().millis_since(start.timestamp()) <= 60_000
        {
            return Err(BuildError::Format { field: "time_expire", expected: Rule::MinuteLater });
        }
        self.opt("time_start", start.map(CivilTime::compact).as_deref(), 14)?;
        self.opt("time_expire", expire.map(CivilTime::compact).as_deref(), 14)
    }
}

/// Refuses a value over the documented limit, counted in bytes of UTF-8.
pub(crate) fn check_length(field: &'static str, value: &str, max: usize) -> Result<(), BuildError> {
    if value.len() <= max {
        Ok(())
    } else {
        Err(BuildError::TooLong { field, max, bytes: value.len(), chars: value.chars().count() })
    }
}
