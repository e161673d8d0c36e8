//! Values with a grammar of their own.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use console::Lang;
use console::words::Words;
use domain::{Day, Environment, Fen, OrderState, RefundState, TradeType};
use std::fmt;
use std::num::IntErrorKind;

/// An amount, in one of two units and never guessed.
#[derive(Clone, Copy, Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Amount {
    /// The amount in yuan, with at most two decimals
    #[arg(long, value_name = "YUAN")]
    amount: Option<Fen>,
    /// The amount in whole fen
    #[arg(long, value_name = "FEN", value_parser = fen)]
    fen: Option<Fen>,
}

impl Amount {
    /// The one that was given; the group above sees to it that it is one.
    pub(crate) fn get(self) -> Fen {
        self.amount.or(self.fen).unwrap_or(Fen::ZERO)
    }
}

/// Why a value is refused, in no language yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) Words);

impl Refused {
    fn new(key: &'static str) -> Self {
        Self(Words::new(key))
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Lang::En.tell(&self.0))
    }
}

impl std::error::Error for Refused {}

/// Whole fen.
pub(crate) fn fen(text: &str) -> Result<Fen, Refused> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refused::new("detail.fen.digits"));
    }
    text.parse().map(Fen::new).map_err(|_| Refused::new("detail.fen.too_large"))
}

/// `90s`, `30m`, `2h`, `1d`, or plain seconds, as seconds.
pub(crate) fn seconds(text: &str) -> Result<i64, Refused> {
    let wrong = || Refused::new("detail.duration");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let (number, factor) = match unit {
        's' => (&text[..text.len() - 1], 1),
        'm' => (&text[..text.len() - 1], 60),
        'h' => (&text[..text.len() - 1], 3_600),
        'd' => (&text[..text.len() - 1], 86_400),
        _ => (text, 1),
    };
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let seconds = number.parse::<i64>().ok().and_then(|number| number.checked_mul(factor));
    seconds.ok_or_else(|| Refused::new("detail.duration_too_long"))
}

/// The same, at most so many days.
pub(crate) fn seconds_up_to(text: &str, days: i64) -> Result<i64, Refused> {
    let most = Words::new("detail.duration_most").with("days", days);
    seconds(text).and_then(|time| if time <= days * 86_400 { Ok(time) } else { Err(Refused(most)) })
}

/// How long an order can be open: no shop means more than a year.
pub(crate) fn life(text: &str) -> Result<i64, Refused> {
    seconds_up_to(text, 365)
}

/// How far the simulated world goes in one step: a year and a bit, so that what a year ends can be seen to end.
pub(crate) fn step(text: &str) -> Result<i64, Refused> {
    seconds_up_to(text, 400)
}

/// A day in UTC+8.
pub(crate) fn day(text: &str) -> Result<Day, Refused> {
    Day::parse(text).map_err(|error| Refused(Words::from(&error)))
}

/// What a value's parser said, as words; `None` where it said something that nobody here knows.
pub(crate) fn why(source: &(dyn std::error::Error + 'static)) -> Option<Words> {
    if let Some(Refused(words)) = source.downcast_ref() {
        return Some(words.clone());
    }
    if let Some(error) = source.downcast_ref::<domain::FenError>() {
        return Some(error.into());
    }
    if let Some(error) = source.downcast_ref::<domain::IdError>() {
        return Some(error.into());
    }
    if let Some(error) = source.downcast_ref::<std::num::ParseIntError>() {
        return Some(Words::new(match error.kind() {
            IntErrorKind::PosOverflow => "detail.integer.too_large",
            IntErrorKind::NegOverflow => "detail.integer.too_small",
            _ => "detail.integer.digits",
        }));
    }
    // clap has no type for a number out of range, only `70000 is not in 0..=65535`.
    let text = source.to_string();
    let (_, range) = text.split_once(" is not in ")?;
    Some(Words::new("detail.integer.range").with("range", range))
}

pub(crate) fn lang() -> impl TypedValueParser<Value = Lang> {
    PossibleValuesParser::new(["zh-CN", "en"]).map(|text| Lang::parse(&text).unwrap_or(Lang::En))
}

pub(crate) fn environment() -> impl TypedValueParser<Value = Environment> {
    PossibleValuesParser::new(Environment::ALL.map(Environment::as_str))
        .try_map(|text| text.parse::<Environment>())
}

pub(crate) fn order_state() -> impl TypedValueParser<Value = OrderState> {
    PossibleValuesParser::new(OrderState::ALL.map(OrderState::as_str))
        .try_map(|text| text.parse::<OrderState>())
}

pub(crate) fn refund_state() -> impl TypedValueParser<Value = RefundState> {
    PossibleValuesParser::new(RefundState::ALL.map(RefundState::as_str))
        .try_map(|text| text.parse::<RefundState>())
}

pub(crate) fn trade_type() -> impl TypedValueParser<Value = TradeType> {
    PossibleValuesParser::new(TradeType::ALL.map(TradeType::as_str)).try_map(|text| text.parse::<TradeType>())
}

/// How a document is signed: true for HMAC-SHA256.
pub(crate) fn hmac() -> impl TypedValueParser<Value = bool> {
    PossibleValuesParser::new(["MD5", "HMAC-SHA256"]).map(|text| text == "HMAC-SHA256")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, expected) in [("90", 90), ("90s", 90), ("30m", 1_800), ("2h", 7_200), ("1d", 86_400)] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for text in ["", "m", "-1", "1.5h", "１", "99999999999999999999", "9223372036854775807d", "5秒", "+5"]
        {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn no_order_lives_longer_than_a_year_and_no_step_is_longer_than_400_days() {
        assert_eq!((life("365d"), step("400d")), (Ok(31_536_000), Ok(34_560_000)));
        assert!(life("366d").is_err() && life("31536001").is_err() && life("9999999d").is_err());
        assert!(step("401d").is_err() && step("99999999999h").is_err());
    }

    #[test]
    fn fen_are_digits_only() {
        assert_eq!(fen("1234"), Ok(Fen::new(1234)));
        for text in ["", "-1", "12.34", "1,234", "+1", "１"] {
            assert_eq!(fen(text), Err(Refused::new("detail.fen.digits")), "{text}");
        }
        assert_eq!(fen("9223372036854775808"), Err(Refused::new("detail.fen.too_large")));
    }
}
