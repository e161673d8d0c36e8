use chrono::{DateTime, NaiveDate, NaiveDateTime};
use std::fmt;

/// WeChat Pay's time zone: UTC+8, all year, whatever this computer's zone.
const UTC8_MS: i64 = 8 * 3_600_000;

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `ms` milliseconds after the epoch.
    #[must_use]
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms)
    }

    /// The moment `s` seconds after the epoch.
    #[must_use]
    pub const fn from_secs(s: i64) -> Self {
        Self(s.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down: what a front end's `timeStamp` carries.
    #[must_use]
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment and `ms` milliseconds, which may be negative. Stops at the ends of the range.
    #[must_use]
    pub const fn plus_millis(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this; negative if it is later.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The wall clock in UTC+8 at this moment, without the milliseconds. Moments outside the years 0 to 9999
    /// give the nearest end.
    #[must_use]
    pub fn civil(self) -> CivilTime {
        const FIRST: i64 = -62_167_219_200_000; // 0000-01-01T00:00:00
        const LAST: i64 = 253_402_300_799_000; // 9999-12-31T23:59:59
        let ms = self.0.saturating_add(UTC8_MS).clamp(FIRST, LAST);
        CivilTime(DateTime::from_timestamp_millis(ms - ms.rem_euclid(1000)).unwrap_or_default().naive_utc())
    }
}

/// Where the time comes from. It is an argument everywhere, so that a day can be simulated.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}

impl<C: Clock + ?Sized> Clock for &C {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}

/// Why a text is not a date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not of the form asked for.
    #[error("this is not a time of the form {form}")]
    Form {
        /// The form, such as `yyyyMMddHHmmss`.
        form: &'static str,
    },
    /// The right form, but no such day or hour.
    #[error("there is no such day or time")]
    NoSuchTime,
}

/// A date and time to the second, as a wall clock in UTC+8 shows it. Years 0000 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CivilTime(NaiveDateTime);

/// A calendar day in UTC+8. Years 0000 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(NaiveDate);

/// The digits of `text` as numbers if it has exactly the shape of `form`, where each letter stands for a digit.
fn digits<const N: usize>(text: &str, form: &'static str, groups: [usize; N]) -> Result<[u32; N], TimeError> {
    let wrong = TimeError::Form { form };
    if text.len() != form.len() {
        return Err(wrong);
    }
    let mut all = Vec::with_capacity(14);
    for (byte, shape) in text.bytes().zip(form.bytes()) {
        match (byte.is_ascii_digit(), shape.is_ascii_alphabetic()) {
            (true, true) => all.push(u32::from(byte - b'0')),
            (false, false) if byte == shape => {}
            _ => return Err(wrong),
        }
    }
    let mut rest = all.as_slice();
    Ok(groups.map(|len| {
        let (group, tail) = rest.split_at(len);
        rest = tail;
        group.iter().fold(0, |number, digit| number * 10 + digit)
    }))
}

impl Day {
    /// Reads `yyyy-MM-dd`.
    ///
    /// # Errors
    /// [`TimeError`] for another form or a day that does not exist.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        Self::from_numbers(digits(text, "yyyy-MM-dd", [4, 2, 2])?)
    }

    /// Reads `yyyyMMdd`, as bills are asked for.
    ///
    /// # Errors
    /// [`TimeError`] for another form or a day that does not exist.
    pub fn parse_compact(text: &str) -> Result<Self, TimeError> {
        Self::from_numbers(digits(text, "yyyyMMdd", [4, 2, 2])?)
    }

    fn from_numbers([year, month, day]: [u32; 3]) -> Result<Self, TimeError> {
        let year = i32::try_from(year).map_err(|_| TimeError::NoSuchTime)?;
        NaiveDate::from_ymd_opt(year, month, day).map(Self).ok_or(TimeError::NoSuchTime)
    }

    /// `yyyyMMdd`.
    #[must_use]
    pub fn compact(self) -> String {
        self.0.format("%Y%m%d").to_string()
    }

    /// The first moment of this day in UTC+8.
    #[must_use]
    pub fn start(self) -> Timestamp {
        CivilTime(self.0.and_time(chrono::NaiveTime::MIN)).timestamp()
    }

    /// The day after, or `None` after 9999-12-31.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        use chrono::Datelike as _;
        self.0.succ_opt().filter(|day| day.year() <= 9999).map(Self)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.format("%Y-%m-%d").to_string())
    }
}

impl CivilTime {
    /// Reads `yyyyMMddHHmmss`, as orders and notices carry it.
    ///
    /// # Errors
    /// [`TimeError`] for another form or a time that does not exist.
    pub fn parse_compact(text: &str) -> Result<Self, TimeError> {
        Self::from_numbers(digits(text, "yyyyMMddHHmmss", [4, 2, 2, 2, 2, 2])?)
    }

    /// Reads `yyyy-MM-dd HH:mm:ss`, as refunds and bills carry it.
    ///
    /// # Errors
    /// [`TimeError`] for another form or a time that does not exist.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        Self::from_numbers(digits(text, "yyyy-MM-dd HH:mm:ss", [4, 2, 2, 2, 2, 2])?)
    }

    fn from_numbers([year, month, day, hour, minute, second]: [u32; 6]) -> Result<Self, TimeError> {
        Day::from_numbers([year, month, day])?
            .0
            .and_hms_opt(hour, minute, second)
            .map(Self)
            .ok_or(TimeError::NoSuchTime)
    }

    /// `yyyyMMddHHmmss`.
    #[must_use]
    pub fn compact(self) -> String {
        self.0.format("%Y%m%d%H%M%S").to_string()
    }

    /// The day it falls on.
    #[must_use]
    pub fn day(self) -> Day {
        Day(self.0.date())
    }

    /// The moment.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        Timestamp(self.0.and_utc().timestamp_millis().saturating_sub(UTC8_MS))
    }
}

impl fmt::Display for CivilTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.format("%Y-%m-%d %H:%M:%S").to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn utc_plus_eight() {
        let new_year_in_london = Timestamp::from_secs(1_415_664_000); // 2014-11-11T00:00:00Z
        assert_eq!(new_year_in_london.civil().compact(), "20141111080000");
        assert_eq!(CivilTime::parse_compact("20141111080000").unwrap().timestamp(), new_year_in_london);
        // 23:59:59 and 00:00:00 in UTC+8 are different days though both are afternoon in UTC.
        assert_eq!(Timestamp::from_secs(1_735_660_799).civil().to_string(), "2024-12-31 23:59:59");
        assert_eq!(Timestamp::from_secs(1_735_660_800).civil().day().to_string(), "2025-01-01");
        assert_eq!(Day::parse("2025-01-01").unwrap().start(), Timestamp::from_secs(1_735_660_800));
    }

    #[test]
    fn what_is_no_time() {
        assert_eq!(CivilTime::parse_compact("20230229000000"), Err(TimeError::NoSuchTime));
        assert!(CivilTime::parse_compact("20240229000000").is_ok());
        assert_eq!(CivilTime::parse_compact("20240101250000"), Err(TimeError::NoSuchTime));
        assert!(matches!(CivilTime::parse_compact("2024010112000"), Err(TimeError::Form { .. })));
        assert!(matches!(CivilTime::parse("2024-01-01T12:00:00"), Err(TimeError::Form { .. })));
        assert!(matches!(Day::parse("2024-1-01x"), Err(TimeError::Form { .. })));
        assert!(matches!(CivilTime::parse_compact("２０２４０１"), Err(TimeError::Form { .. })));
    }

    #[test]
    fn far_away_moments_do_not_panic() {
        for ms in [i64::MIN, i64::MAX, 0, -1] {
            let civil = Timestamp::from_millis(ms).civil();
            assert_eq!(CivilTime::parse(&civil.to_string()), Ok(civil));
        }
        assert_eq!(Day::parse("9999-12-31").unwrap().next(), None);
    }

    proptest! {
        #[test]
        fn what_it_prints_it_reads(secs in -62_167_200_000_i64..253_402_200_000) {
            let civil = Timestamp::from_secs(secs).civil();
            prop_assert_eq!(civil.timestamp(), Timestamp::from_secs(secs));
            prop_assert_eq!(CivilTime::parse(&civil.to_string()), Ok(civil));
            prop_assert_eq!(CivilTime::parse_compact(&civil.compact()), Ok(civil));
            prop_assert_eq!(Day::parse(&civil.day().to_string()), Ok(civil.day()));
            prop_assert_eq!(Day::parse_compact(&civil.day().compact()), Ok(civil.day()));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,20}") {
            let _ = (CivilTime::parse(&text), CivilTime::parse_compact(&text), Day::parse(&text));
        }
    }
}
