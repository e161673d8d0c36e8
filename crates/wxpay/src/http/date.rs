//! The `Date` header of a reply.

use domain::CivilTime;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// [`CivilTime`] reads a wall clock in UTC+8; the header's is in UTC, so its moment is this much later.
const UTC8_SECS: i64 = 8 * 3600;

/// Seconds since the epoch of `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that RFC 9110 lets servers send.
/// Other forms give `None`: the header only helps to find a wrong clock.
pub(super) fn secs(text: &str) -> Option<i64> {
    let (_weekday, rest) = text.split_once(", ")?;
    let mut parts = rest.split(' ');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let (time, zone) = (parts.next()?, parts.next()?);
    if zone != "GMT" || parts.next().is_some() {
        return None;
    }
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let moment = CivilTime::parse(&format!("{year}-{month:02}-{day} {time}")).ok()?.timestamp();
    Some(moment.secs().saturating_add(UTC8_SECS))
}

#[cfg(test)]
mod tests {
    use super::secs;

    #[test]
    fn dates() {
        for (text, expected) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)), // RFC 9110, 5.6.7
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Thu, 29 Feb 2024 23:59:59 GMT", Some(1_709_251_199)),
            ("Wed, 29 Feb 2023 23:59:59 GMT", None),
            ("Sun, 06 Nov 1994 08:49:37 UTC", None),
            ("Sun, 06 Nov 1994 08:49:37 GMT x", None),
            ("Sunday, 06-Nov-94 08:49:37 GMT", None),
            ("Sun Nov  6 08:49:37 1994", None),
            ("Sun, 6 Nov 1994 08:49:37 GMT", None),
            ("", None),
        ] {
            assert_eq!(secs(text), expected, "{text}");
        }
    }
}
