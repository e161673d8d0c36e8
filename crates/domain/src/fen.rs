use std::fmt;
use std::str::FromStr;

/// An amount of money in fen, the hundredth part of a yuan. Signed: refunds and differences are negative.
///
/// Any `i64` is a valid amount (about ±92 quadrillion yuan). Arithmetic is checked and never wraps or rounds;
/// there is no way from or to a floating-point number. It prints as yuan with exactly two decimals
/// (`1234.50`, `-0.01`) and parses what it prints.
///
/// ```
/// use domain::Fen;
/// let price: Fen = "12.3".parse().unwrap();
/// assert_eq!(price, Fen::new(1230));
/// assert_eq!(price.to_string(), "12.30");
/// assert_eq!(price.checked_sub(Fen::new(1300)).unwrap().to_string(), "-0.70");
/// ```
///
/// A bare number is not an amount, and amounts do not add without saying what happens on overflow:
/// ```compile_fail
/// let wrong: domain::Fen = 12;
/// ```
/// ```compile_fail
/// let wrong = domain::Fen::new(1) + domain::Fen::new(2);
/// ```
/// ```compile_fail
/// let wrong = domain::Fen::from(12.34_f64);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fen(i64);

/// Why a text is not an amount in yuan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FenError {
    /// The text is empty or only a sign.
    #[error("the amount is empty")]
    Empty,
    /// A character that is neither a digit nor the one decimal point, at this byte.
    #[error(
        "the amount has an unexpected character at byte {at}; write yuan such as 12.34, without separators"
    )]
    Character {
        /// Byte offset into the text.
        at: usize,
    },
    /// More than two decimals: a fen cannot be divided.
    #[error("the amount has more than two decimals; one fen cannot be divided")]
    Decimals,
    /// Outside ±9,223,372,036,854,775,807 fen.
    #[error("the amount is too large")]
    TooLarge,
}

impl Fen {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// An amount of `fen` fen.
    #[must_use]
    pub const fn new(fen: i64) -> Self {
        Self(fen)
    }

    /// The number of fen.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The sum, or `None` beyond the range of `i64`.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The difference, or `None` beyond the range of `i64`.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Some(Self(difference)),
            None => None,
        }
    }

    /// The amount with its sign turned, or `None` for `i64::MIN`.
    #[must_use]
    pub const fn checked_neg(self) -> Option<Self> {
        match self.0.checked_neg() {
            Some(negated) => Some(Self(negated)),
            None => None,
        }
    }

    /// The sum of many amounts, or `None` as soon as it leaves the range of `i64`.
    pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    /// Whether this is more than nothing.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }
}

impl Fen {
    /// As a person reads an amount of yuan: `¥1,234.50`, `-¥2.00`.
    #[must_use]
    pub fn yuan(self) -> String {
        let text = self.to_string();
        let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "00"));
        let mut grouped = String::with_capacity(whole.len() + whole.len() / 3);
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        format!("{sign}¥{grouped}.{decimals}")
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        f.pad_integral(self.0 >= 0, "", &format!("{}.{:02}", magnitude / 100, magnitude % 100))
    }
}

impl FromStr for Fen {
    type Err = FenError;

    /// Reads yuan: an optional `-`, digits, and at most two decimals after a point.
    fn from_str(text: &str) -> Result<Self, FenError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let sign_len = text.len() - digits.len();
        if digits.is_empty() {
            return Err(FenError::Empty);
        }
        let (whole, decimals) = match digits.split_once('.') {
            Some((whole, decimals)) => (whole, Some(decimals)),
            None => (digits, None),
        };
        if whole.is_empty() {
            return Err(FenError::Character { at: sign_len });
        }
        if decimals == Some("") {
            return Err(FenError::Character { at: text.len() - 1 });
        }
        let bad = |c: char| !c.is_ascii_digit();
        if let Some(at) = whole.find(bad) {
            return Err(FenError::Character { at: sign_len + at });
        }
        let decimals = decimals.unwrap_or("");
        if let Some(at) = decimals.find(bad) {
            return Err(FenError::Character { at: sign_len + whole.len() + 1 + at });
        }
        if decimals.len() > 2 {
            return Err(FenError::Decimals);
        }
        // Summed as a negative number, whose range is one wider, so that i64::MIN parses too.
        let padded = decimals.bytes().chain(std::iter::repeat_n(b'0', 2 - decimals.len()));
        let mut fen: i64 = 0;
        for digit in whole.bytes().chain(padded) {
            fen = fen
                .checked_mul(10)
                .and_then(|fen| fen.checked_sub(i64::from(digit - b'0')))
                .ok_or(FenError::TooLarge)?;
        }
        if negative { Ok(Self(fen)) } else { fen.checked_neg().map(Self).ok_or(FenError::TooLarge) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_yuan() {
        for (text, fen) in [
            ("0", Ok(0)),
            ("0.01", Ok(1)),
            ("12.3", Ok(1230)),
            ("12.34", Ok(1234)),
            ("-12.00", Ok(-1200)),
            ("007", Ok(700)),
            ("92233720368547758.07", Ok(i64::MAX)),
            ("-92233720368547758.08", Ok(i64::MIN)),
            ("92233720368547758.08", Err(FenError::TooLarge)),
            ("", Err(FenError::Empty)),
            ("-", Err(FenError::Empty)),
            (".5", Err(FenError::Character { at: 0 })),
            ("-.5", Err(FenError::Character { at: 1 })),
            ("5.", Err(FenError::Character { at: 1 })),
            ("1,000", Err(FenError::Character { at: 1 })),
            ("1.2.3", Err(FenError::Character { at: 3 })),
            ("1e3", Err(FenError::Character { at: 1 })),
            ("+1", Err(FenError::Character { at: 0 })),
            (" 1", Err(FenError::Character { at: 0 })),
            ("１", Err(FenError::Character { at: 0 })),
            ("1.005", Err(FenError::Decimals)),
        ] {
            assert_eq!(text.parse::<Fen>().map(Fen::get), fen, "{text:?}");
        }
    }

    #[test]
    fn pads_like_a_number() {
        assert_eq!(format!("{:>8}", Fen::new(-105)), "   -1.05");
    }

    proptest! {
        #[test]
        fn what_it_prints_it_reads(fen: i64) {
            let amount = Fen::new(fen);
            prop_assert_eq!(amount.to_string().parse(), Ok(amount));
        }

        #[test]
        fn arithmetic_is_that_of_wide_integers(a: i64, b: i64) {
            let wide = i128::from(a) + i128::from(b);
            let sum = Fen::new(a).checked_add(Fen::new(b)).map(|fen| i128::from(fen.get()));
            prop_assert_eq!(sum, i64::try_from(wide).ok().map(i128::from));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            let _ = text.parse::<Fen>();
        }
    }
}
