use std::fmt;
use std::str::FromStr;

/// Why a text is not a number of the kind asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Shorter than `min` or longer than `max` characters.
    #[error("{kind} must have {} characters, this has {len}", count(*min, *max))]
    Length {
        /// The field's own name.
        kind: &'static str,
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
        /// Characters in the text.
        len: usize,
    },
    /// A character outside the allowed set.
    #[error("{kind} has a character that is not allowed at byte {at}; allowed are {allowed}")]
    Character {
        /// The field's own name.
        kind: &'static str,
        /// Byte offset of the first such character.
        at: usize,
        /// The allowed set.
        allowed: Alphabet,
    },
    /// A payer's code whose first two digits are not 10 to 15.
    #[error("{kind} must begin with 10, 11, 12, 13, 14 or 15")]
    Prefix {
        /// The field's own name.
        kind: &'static str,
    },
    /// A word that is none of those it may be: a file was changed, or a newer version wrote it.
    #[error("{kind} {expected}")]
    Shape {
        /// The field's own name.
        kind: &'static str,
        /// What it may be, as the rest of a sentence for developers.
        expected: &'static str,
    },
}

/// `exactly 18`, or `1 to 32`.
fn count(min: usize, max: usize) -> String {
    if min == max { format!("exactly {min}") } else { format!("{min} to {max}") }
}

/// Which characters a number may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// `0-9`.
    Digits,
    /// `0-9 A-Z a-z`.
    DigitsAndLetters,
    /// `0-9 A-Z a-z _ -`.
    Word,
    /// `0-9 A-Z a-z _ - | *`: the number of a new order.
    NewNumber,
    /// `0-9 A-Z a-z _ - | * @`: a number that WeChat Pay may already hold.
    Number,
}

impl Alphabet {
    /// Every set.
    pub const ALL: [Self; 5] =
        [Self::Digits, Self::DigitsAndLetters, Self::Word, Self::NewNumber, Self::Number];

    /// A stable word for it, snake_case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Digits => "digits",
            Self::DigitsAndLetters => "digits_and_letters",
            Self::Word => "word",
            Self::NewNumber => "new_number",
            Self::Number => "number",
        }
    }
}

impl fmt::Display for Alphabet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Digits => "digits",
            Self::DigitsAndLetters => "digits and letters",
            Self::Word => "digits, letters and _ -",
            Self::NewNumber => "digits, letters and _ - | *",
            Self::Number => "digits, letters and _ - | * @",
        })
    }
}

fn check(
    kind: &'static str,
    text: &str,
    (min, max): (usize, usize),
    allowed: Alphabet,
    accepts: impl Fn(u8) -> bool,
) -> Result<(), IdError> {
    if let Some(at) = text.bytes().position(|byte| !accepts(byte)) {
        return Err(IdError::Character { kind, at, allowed });
    }
    if (min..=max).contains(&text.len()) {
        Ok(())
    } else {
        Err(IdError::Length { kind, min, max, len: text.len() })
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $range:expr, $allowed:expr, $accepts:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Takes `text` if it has the grammar above.
            ///
            /// # Errors
            /// [`IdError`] with the field's name and the first thing that is wrong.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                check($kind, text, $range, $allowed, $accepts)?;
                Ok(Self(text.into()))
            }

            /// The text, as it goes over the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), &*self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }
    };
}

fn is_number_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'|' | b'*' | b'@')
}

fn is_word_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

id!(
    /// The merchant's own number of an order (商户订单号): 1 to 32 of `0-9 A-Z a-z _ - | * @`, unique per merchant.
    ///
    /// [`parse`](Self::parse) takes what WeChat Pay may already hold; a number for a new order has the
    /// narrower grammar of [`for_new_order`](Self::for_new_order).
    ///
    /// ```compile_fail
    /// // A text is not a number until it has been checked.
    /// let number: domain::OutTradeNo = "20150806125346".into();
    /// ```
    /// ```compile_fail
    /// // Numbers of different kinds do not mix.
    /// fn refund(_: &domain::OutRefundNo) {}
    /// refund(&domain::OutTradeNo::parse("20150806125346").unwrap());
    /// ```
    OutTradeNo, "out_trade_no", (1, 32), Alphabet::Number, is_number_char
);
id!(
    /// The merchant's own number of a refund (商户退款单号): 1 to 64 of `0-9 A-Z a-z _ - | * @`. One number
    /// refunds once, however often it is sent.
    OutRefundNo, "out_refund_no", (1, 64), Alphabet::Number, is_number_char
);
id!(
    /// WeChat Pay's number of a payment (微信订单号): 1 to 32 letters and digits; 28 digits today.
    TransactionId, "transaction_id", (1, 32), Alphabet::DigitsAndLetters, |byte: u8| byte.is_ascii_alphanumeric()
);
id!(
    /// WeChat Pay's number of a refund (微信退款单号): 1 to 32 letters and digits; 28 or 29 digits today.
    RefundId, "refund_id", (1, 32), Alphabet::DigitsAndLetters, |byte: u8| byte.is_ascii_alphanumeric()
);
id!(
    /// A merchant's number (商户号): 1 to 32 digits; 8 to 10 today.
    MchId, "mch_id", (1, 32), Alphabet::Digits, |byte: u8| byte.is_ascii_digit()
);
id!(
    /// The account a payment belongs to (公众账号ID): an official account, mini program, app or WeCom corpid,
    /// 1 to 32 letters, digits, `_` and `-`.
    AppId, "appid", (1, 32), Alphabet::Word, is_word_char
);
id!(
    /// A payer under one appid (用户标识): 1 to 128 letters, digits, `_` and `-`.
    OpenId, "openid", (1, 128), Alphabet::Word, is_word_char
);
id!(
    /// What unified order answers for the front end to pay with: 1 to 64 letters, digits, `_` and `-`, good
    /// for two hours.
    PrepayId, "prepay_id", (1, 64), Alphabet::Word, is_word_char
);
id!(
    /// Paydesk's own id of one thing it asked the gateway to do: 16 to 64 letters and digits.
    OperationId, "operation_id", (16, 64), Alphabet::DigitsAndLetters, |byte: u8| byte.is_ascii_alphanumeric()
);

impl OutTradeNo {
    /// Takes `text` if an order may be created under it: 6 to 32 of `0-9 A-Z a-z _ - | *`.
    ///
    /// # Errors
    /// [`IdError`] with the first thing that is wrong.
    pub fn for_new_order(text: &str) -> Result<Self, IdError> {
        check("out_trade_no", text, (6, 32), Alphabet::NewNumber, |byte| {
            is_number_char(byte) && byte != b'@'
        })?;
        Ok(Self(text.into()))
    }
}

/// The code a payer shows to be scanned (付款码): 18 digits, of which the first two are 10 to 15. It is worth
/// money for a minute, so it prints masked.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthCode(Box<str>);

impl AuthCode {
    /// Takes `text` if it has that grammar.
    ///
    /// # Errors
    /// [`IdError`] with the first thing that is wrong.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        check("auth_code", text, (18, 18), Alphabet::Digits, |byte| byte.is_ascii_digit())?;
        if text.starts_with('1') && matches!(text.as_bytes()[1], b'0'..=b'5') {
            Ok(Self(text.into()))
        } else {
            Err(IdError::Prefix { kind: "auth_code" })
        }
    }

    /// All 18 digits, as they go over the wire.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AuthCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthCode({}…)", &self.0[..2])
    }
}

impl FromStr for AuthCode {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn grammars() {
        let long = "1".repeat(33);
        assert!(OutTradeNo::parse("20150806125346").is_ok());
        assert!(OutTradeNo::parse("a_-|*@").is_ok());
        assert_eq!(
            OutTradeNo::parse(&long),
            Err(IdError::Length { kind: "out_trade_no", min: 1, max: 32, len: 33 })
        );
        assert!(matches!(OutTradeNo::parse("订单1"), Err(IdError::Character { at: 0, .. })));
        assert!(matches!(OutTradeNo::parse("a&b=c"), Err(IdError::Character { at: 1, .. })));
        assert!(matches!(OutTradeNo::for_new_order("12345"), Err(IdError::Length { min: 6, .. })));
        assert!(matches!(OutTradeNo::for_new_order("12345@"), Err(IdError::Character { at: 5, .. })));
        assert!(OutRefundNo::parse(&"1".repeat(64)).is_ok());
        assert!(MchId::parse("1900000109").is_ok());
        assert!(MchId::parse("").is_err());
        assert!(AuthCode::parse("120061098828009406").is_ok());
        assert!(AuthCode::parse("160061098828009406").is_err());
        assert!(AuthCode::parse("12006109882800940").is_err());
    }

    #[test]
    fn a_payment_code_prints_masked() {
        let code = AuthCode::parse("120061098828009406").unwrap();
        assert_eq!(format!("{code:?}"), "AuthCode(12…)");
    }

    proptest! {
        #[test]
        fn what_it_prints_it_reads(text in "[0-9A-Za-z_|*@-]{1,32}") {
            let number = OutTradeNo::parse(&text).unwrap();
            prop_assert_eq!(OutTradeNo::parse(&number.to_string()), Ok(number));
        }

        #[test]
        fn anything_is_taken_or_refused(text in ".*") {
            let _ = (OutTradeNo::parse(&text), MchId::parse(&text), AuthCode::parse(&text), OpenId::parse(&text));
        }
    }
}
