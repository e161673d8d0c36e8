//! What becomes of texts of digits that a program takes for numbers.

/// What it is called, and what it makes of a text.
type Coercion = (&'static str, fn(&str) -> Option<String>);

/// So many of them, the first ones, are likely beside other mistakes.
pub(super) const LIKELY_COERCIONS: usize = 4;

/// Ways to write the number that a text is; `None` where it is none.
pub(super) const COERCIONS: [Coercion; 7] = [
    ("leading zeros lost", without_zeros),
    ("with .0", |value| is_number(value).then(|| format!("{value}.0"))),
    ("trailing zeros lost", without_trailing_zeros),
    ("as JavaScript writes a number", javascript),
    ("as Java writes a double", java),
    ("as Python writes a float", python),
    ("as PHP writes a float", php),
];

pub(super) fn is_number(value: &str) -> bool {
    !value.is_empty() && value.len() <= 300 && value.bytes().all(|byte| byte.is_ascii_digit())
}

fn without_zeros(value: &str) -> Option<String> {
    let short = value.trim_start_matches('0');
    is_number(value).then(|| if short.is_empty() { "0".to_owned() } else { short.to_owned() })
}

fn without_trailing_zeros(value: &str) -> Option<String> {
    let (whole, part) = value.split_once('.')?;
    let part_is_number = part.is_empty() || is_number(part);
    let short = part.trim_end_matches('0');
    (is_number(whole) && part_is_number)
        .then(|| if short.is_empty() { whole.to_owned() } else { format!("{whole}.{short}") })
}

/// The double nearest to the number: its digits and its exponent of ten. No money is reckoned with it: it is
/// what others did.
#[expect(
    clippy::disallowed_types,
    reason = "the mistake of others is made again: they took texts for doubles"
)]
fn double(value: &str, digits: Option<usize>) -> Option<(String, usize)> {
    if !is_number(value) {
        return None;
    }
    let double = value.parse::<f64>().ok()?;
    let text = match digits {
        None => format!("{double:e}"),
        Some(digits) => format!("{double:.precision$e}", precision = digits.checked_sub(1)?),
    };
    let (digits, exponent) = text.split_once('e')?;
    let digits = digits.replace('.', "");
    let short = digits.trim_end_matches('0');
    Some((if short.is_empty() { "0".to_owned() } else { short.to_owned() }, exponent.parse().ok()?))
}

fn plain((digits, exponent): (String, usize)) -> String {
    format!("{digits:0<width$}", width = exponent + 1)
}

/// With a point behind the first digit.
fn pointed(digits: &str, at_least_one: bool) -> String {
    let (first, rest) = digits.split_at(1);
    match rest {
        "" if at_least_one => format!("{first}.0"),
        "" => first.to_owned(),
        rest => format!("{first}.{rest}"),
    }
}

/// With an exponent from 1e21 on.
fn javascript(value: &str) -> Option<String> {
    let (digits, exponent) = double(value, None)?;
    if exponent < 21 {
        return Some(plain((digits, exponent)));
    }
    Some(format!("{}e+{exponent}", pointed(&digits, false)))
}

/// `Double.toString`: with an exponent from 1e7 on.
fn java(value: &str) -> Option<String> {
    let (digits, exponent) = double(value, None)?;
    if exponent < 7 {
        return Some(format!("{}.0", plain((digits, exponent))));
    }
    Some(format!("{}E{exponent}", pointed(&digits, true)))
}

/// With an exponent from 1e16 on.
fn python(value: &str) -> Option<String> {
    let (digits, exponent) = double(value, None)?;
    if exponent < 16 {
        return Some(format!("{}.0", plain((digits, exponent))));
    }
    Some(format!("{}e+{exponent}", pointed(&digits, false)))
}

/// 14 digits, where the number is too large for an integer; as an integer without leading zeros else.
fn php(value: &str) -> Option<String> {
    if !is_number(value) || value.parse::<i64>().is_ok() {
        return without_zeros(value);
    }
    let (digits, exponent) = double(value, Some(14))?;
    Some(format!("{}E+{exponent}", pointed(&digits, true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_each_language_does() {
        let long = "4200001149202106109876543210";
        for (number, js, jv, py, ph) in [
            ("0", "0", "0.0", "0.0", "0"),
            ("0015", "15", "15.0", "15.0", "15"),
            ("100", "100", "100.0", "100.0", "100"),
            ("20141030133525", "20141030133525", "2.0141030133525E13", "20141030133525.0", "20141030133525"),
            (
                "9007199254740993",
                "9007199254740992",
                "9.007199254740992E15",
                "9007199254740992.0",
                "9007199254740993",
            ),
            ("10000000000000000", "10000000000000000", "1.0E16", "1e+16", "10000000000000000"),
            (
                long,
                "4.200001149202106e+27",
                "4.200001149202106E27",
                "4.200001149202106e+27",
                "4.2000011492021E+27",
            ),
        ] {
            let written = [javascript, java, python, php].map(|write| write(number));
            assert_eq!(written, [js, jv, py, ph].map(|text| Some(text.to_owned())), "{number}");
        }
        assert_eq!([javascript, java, python, php].map(|write| write("12a")), [const { None }; 4]);
        assert_eq!(without_trailing_zeros("1.50").as_deref(), Some("1.5"));
        assert_eq!(without_trailing_zeros("1.00").as_deref(), Some("1"));
        assert_eq!(without_trailing_zeros("1.2.0"), None);
    }
}
