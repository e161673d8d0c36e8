use super::{Coupon, CouponKind};
use crate::Fields;
use domain::{CivilTime, Fen, IdError, OrderState, RefundState, TradeType};
use std::str::FromStr;

/// Why a signed, successful reply was not believed. For what moves money the outcome is unknown then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// It answers something else than what was asked.
    #[error("the reply is about something else: {field} was asked as {asked:?} and answered as {said:?}")]
    Contradicts {
        /// The field.
        field: String,
        /// What was asked.
        asked: String,
        /// What the reply says.
        said: String,
    },
    /// A field that is documented as always there.
    #[error("the reply has no {field}")]
    Missing {
        /// The field.
        field: String,
    },
    /// A field whose value is not of its documented form.
    #[error("the reply's {field} is not of its documented form")]
    Malformed {
        /// The field.
        field: String,
    },
}

impl ReplyError {
    /// The field it is about.
    #[must_use]
    pub fn field(&self) -> &str {
        match self {
            Self::Contradicts { field, .. } | Self::Missing { field } | Self::Malformed { field } => field,
        }
    }
}

/// What every reply has and no operation reads.
const ENVELOPE: [&str; 11] = [
    "return_code",
    "return_msg",
    "result_code",
    "err_code",
    "err_code_des",
    "nonce_str",
    "sign",
    "sign_type",
    "appid",
    "mch_id",
    "sub_mch_id",
];

/// What must be the same in the question and in the answer wherever both have it.
const ECHOED: [&str; 9] = [
    "mch_id",
    "appid",
    "sub_mch_id",
    "sub_appid",
    "out_trade_no",
    "transaction_id",
    "out_refund_no",
    "refund_id",
    "trade_type",
];

/// Checks that a reply, successful or not, is to this merchant and about these numbers.
pub(crate) fn envelope(asked: &Fields<'_>, reply: &Fields<'_>) -> Result<(), ReplyError> {
    for field in ECHOED {
        same(field, asked.text(field), reply.text(field))?;
    }
    // An ordinary merchant's replies may carry its own number as sub_mch_id; another's would be a mix-up.
    if asked.text("sub_mch_id").is_none() {
        same("sub_mch_id", asked.text("mch_id"), reply.text("sub_mch_id"))?;
    }
    for field in ["total_fee", "refund_fee"] {
        same(field, asked.text(field), reply.text(field))?;
    }
    if asked.text("total_fee").is_some() {
        let currency = asked.text("fee_type").or(asked.text("refund_fee_type")).unwrap_or("CNY");
        for field in ["fee_type", "refund_fee_type"] {
            same(field, Some(currency), reply.text(field))?;
        }
    }
    Ok(())
}

fn same(field: &str, asked: Option<&str>, said: Option<&str>) -> Result<(), ReplyError> {
    match (asked, said) {
        (Some(asked), Some(said)) if asked != said => Err(ReplyError::Contradicts {
            field: field.to_owned(),
            asked: asked.to_owned(),
            said: said.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// A reply while it is read: every field that is read leaves it, and what is left is kept as it came.
pub(crate) struct Answer {
    left: Fields<'static>,
}

impl Answer {
    /// Takes a reply in hand, once it is clear that it answers `asked`.
    pub(crate) fn to(asked: &Fields<'_>, reply: &Fields<'_>) -> Result<Self, ReplyError> {
        envelope(asked, reply)?;
        Ok(Self::unasked(reply))
    }

    /// A document that answers no question, such as a notice.
    pub(crate) fn unasked(reply: &Fields<'_>) -> Self {
        Self { left: reply.clone().into_owned() }
    }

    /// The fields that nobody read, without the envelope.
    pub(crate) fn rest(mut self) -> Fields<'static> {
        for field in ENVELOPE {
            self.left.remove(field);
        }
        self.left
    }

    pub(crate) fn opt(&mut self, field: &str) -> Option<String> {
        self.left.remove(field).map(std::borrow::Cow::into_owned).filter(|value| !value.is_empty())
    }

    pub(crate) fn text(&mut self, field: &str) -> Result<String, ReplyError> {
        self.opt(field).ok_or_else(|| ReplyError::Missing { field: field.to_owned() })
    }

    pub(crate) fn opt_amount(&mut self, field: &str) -> Result<Option<Fen>, ReplyError> {
        self.opt(field).map(|text| number(field, &text).map(Fen::new)).transpose()
    }

    pub(crate) fn amount(&mut self, field: &str) -> Result<Fen, ReplyError> {
        let text = self.text(field)?;
        number(field, &text).map(Fen::new)
    }

    pub(crate) fn opt_count(&mut self, field: &str) -> Result<Option<u32>, ReplyError> {
        let narrow = |wide| u32::try_from(wide).map_err(|_| malformed(field));
        self.opt(field).map(|text| number(field, &text).and_then(narrow)).transpose()
    }

    pub(crate) fn opt_id<T: FromStr<Err = IdError>>(&mut self, field: &str) -> Result<Option<T>, ReplyError> {
        self.opt(field).map(|text| text.parse().map_err(|_| malformed(field))).transpose()
    }

    pub(crate) fn id<T: FromStr<Err = IdError>>(&mut self, field: &str) -> Result<T, ReplyError> {
        self.text(field)?.parse().map_err(|_| malformed(field))
    }

    /// `Y` or `N`.
    pub(crate) fn opt_flag(&mut self, field: &str) -> Result<Option<bool>, ReplyError> {
        match self.opt(field).as_deref() {
            None => Ok(None),
            Some("Y" | "y") => Ok(Some(true)),
            Some("N" | "n") => Ok(Some(false)),
            Some(_) => Err(malformed(field)),
        }
    }

    /// `yyyyMMddHHmmss`.
    pub(crate) fn compact_time(&mut self, field: &str) -> Result<CivilTime, ReplyError> {
        CivilTime::parse_compact(&self.text(field)?).map_err(|_| malformed(field))
    }

    /// `yyyy-MM-dd HH:mm:ss`.
    pub(crate) fn opt_time(&mut self, field: &str) -> Result<Option<CivilTime>, ReplyError> {
        self.opt(field).map(|text| CivilTime::parse(&text).map_err(|_| malformed(field))).transpose()
    }

    /// The `…_0`, `…_1` families of coupons, as long as one of the three fields is there. `tail` stands before
    /// the coupon's own index.
    pub(crate) fn coupons(
        &mut self,
        [kind, id, fee]: [&str; 3],
        tail: &str,
    ) -> Result<Vec<Coupon>, ReplyError> {
        let mut coupons = Vec::new();
        loop {
            let index = coupons.len();
            let name = |stem: &str| format!("{stem}{tail}_{index}");
            let coupon = Coupon {
                kind: self.opt(&name(kind)).map(CouponKind::from_wire),
                id: self.opt(&name(id)),
                fee: self.opt_amount(&name(fee))?,
            };
            if coupon == Coupon::default() {
                return Ok(coupons);
            }
            coupons.push(coupon);
        }
    }
}

pub(crate) fn malformed(field: &str) -> ReplyError {
    ReplyError::Malformed { field: field.to_owned() }
}

/// Digits only: no sign, no decimals, no spaces. Within `i64`.
fn number(field: &str, text: &str) -> Result<i64, ReplyError> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_err(|_| malformed(field))
    } else {
        Err(malformed(field))
    }
}

/// Reads `trade_state`. `None` for a word that is not documented.
#[must_use]
pub fn order_state_from_wire(word: &str) -> Option<OrderState> {
    Some(match word {
        "SUCCESS" => OrderState::Paid,
        "REFUND" => OrderState::Refunded,
        "NOTPAY" => OrderState::Unpaid,
        "CLOSED" => OrderState::Closed,
        "REVOKED" => OrderState::Revoked,
        "USERPAYING" => OrderState::UserPaying,
        "PAYERROR" => OrderState::PayError,
        "ACCEPT" => OrderState::Accepted,
        _ => return None,
    })
}

/// Reads `refund_status`. `None` for a word that is not documented. `FAIL` is that of very old documents.
#[must_use]
pub fn refund_state_from_wire(word: &str) -> Option<RefundState> {
    Some(match word {
        "SUCCESS" => RefundState::Success,
        "REFUNDCLOSE" | "FAIL" => RefundState::Closed,
        "PROCESSING" => RefundState::Processing,
        "CHANGE" => RefundState::Abnormal,
        _ => return None,
    })
}

/// Reads `trade_type`. `None` for a word that Paydesk does not know, such as `FACEPAY`.
#[must_use]
pub fn trade_type_from_wire(word: &str) -> Option<TradeType> {
    Some(match word {
        "JSAPI" => TradeType::Jsapi,
        "NATIVE" => TradeType::Native,
        "APP" => TradeType::App,
        "MWEB" => TradeType::H5,
        "MICROPAY" => TradeType::Micropay,
        _ => return None,
    })
}
