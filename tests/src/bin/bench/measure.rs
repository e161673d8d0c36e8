//! Measuring two things in turns, and saying what came of it. Whole numbers throughout: nanoseconds and
//! thousandths.

use std::fmt;
use std::time::Duration;

/// What two things took, pair by pair, in nanoseconds for one time each.
pub(crate) struct Pairs(Vec<(u64, u64)>);

impl Pairs {
    /// Measured otherwise.
    pub(crate) const fn of(pairs: Vec<(u64, u64)>) -> Self {
        Self(pairs)
    }
}

/// Measures `ours` and `limit` in turns, A B B A, `rounds` times: two pairs a round. Each gives what one time
/// took.
pub(crate) fn in_turns(
    rounds: usize,
    mut ours: impl FnMut() -> Result<Duration, String>,
    mut limit: impl FnMut() -> Result<Duration, String>,
) -> Result<Pairs, String> {
    let nanos = |took: Duration| u64::try_from(took.as_nanos()).unwrap_or(u64::MAX).max(1);
    // Once for nothing: what is cold is not what is measured.
    ours()?;
    limit()?;
    let mut pairs = Vec::with_capacity(rounds * 2);
    for _ in 0..rounds {
        let (a, b) = (nanos(ours()?), nanos(limit()?));
        pairs.push((a, b));
        let (b, a) = (nanos(limit()?), nanos(ours()?));
        pairs.push((a, b));
    }
    Ok(Pairs(pairs))
}

/// Forgets the most that this process has held so far, and says what it holds now, in kilobytes.
pub(crate) fn peak() -> Result<u64, String> {
    std::fs::write("/proc/self/clear_refs", "5")
        .map_err(|error| format!("/proc/self/clear_refs: {error}"))?;
    held("VmRSS:")
}

/// What the kernel says under this name, in kilobytes.
pub(crate) fn held(name: &str) -> Result<u64, String> {
    let status = std::fs::read_to_string("/proc/self/status").map_err(|error| error.to_string())?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse().ok());
    number.ok_or_else(|| format!("the kernel does not say {name}"))
}

fn median<T: Copy + Ord>(mut of: Vec<T>) -> Option<T> {
    of.sort_unstable();
    of.get(of.len() / 2).copied()
}

/// What counts as good enough.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    /// At least so many thousandths of the limit's speed.
    Speed(u64),
    /// At most so many nanoseconds more than the limit.
    Above(u64),
    /// Shown beside the limit's speed, for whoever wants to know.
    Shown,
}

/// One figure.
pub(crate) struct Row {
    name: &'static str,
    limit_name: &'static str,
    ours: u64,
    limit: u64,
    /// Lower quartile, median, upper quartile: thousandths, or nanoseconds above.
    spread: [i64; 3],
    goal: Goal,
}

impl Row {
    /// A figure out of pairs.
    pub(crate) fn of(
        name: &'static str,
        limit_name: &'static str,
        pairs: &Pairs,
        goal: Goal,
    ) -> Option<Self> {
        let each = |(ours, limit): &(u64, u64)| {
            let whole = |number: u128| i64::try_from(number).unwrap_or(i64::MAX);
            match goal {
                Goal::Speed(_) | Goal::Shown => whole(u128::from(*limit) * 1000 / u128::from(*ours)),
                Goal::Above(_) => whole(u128::from(*ours)) - whole(u128::from(*limit)),
            }
        };
        let mut all: Vec<_> = pairs.0.iter().map(each).collect();
        all.sort_unstable();
        let at = |part: usize| all.get(all.len() * part / 4).copied();
        Some(Self {
            name,
            limit_name,
            ours: median(pairs.0.iter().map(|pair| pair.0).collect())?,
            limit: median(pairs.0.iter().map(|pair| pair.1).collect())?,
            spread: [at(1)?, at(2)?, at(3)?],
            goal,
        })
    }

    /// Whether the median is good enough.
    pub(crate) fn is_met(&self) -> bool {
        let [_, median, _] = self.spread;
        match self.goal {
            Goal::Speed(least) => median >= i64::try_from(least).unwrap_or(i64::MAX),
            Goal::Above(most) => median <= i64::try_from(most).unwrap_or(i64::MAX),
            Goal::Shown => true,
        }
    }

    /// The line above all rows.
    pub(crate) fn head() -> String {
        line(["", "took", "limit", "took", "result", "middle half", "goal", ""])
    }
}

fn line(cells: [&str; 8]) -> String {
    let [name, ours, limit_name, limit, result, spread, goal, met] = cells;
    format!(
        "{name:<40} {ours:>11}   {limit_name:<24} {limit:>11}   {result:>9} {spread:>21} {goal:>11}  {met}"
    )
}

fn time(nanos: u64) -> String {
    match nanos {
        0..10_000 => format!("{nanos} ns"),
        10_000..10_000_000 => format!("{}.{} µs", nanos / 1000, nanos % 1000 / 100),
        _ => format!("{}.{} ms", nanos / 1_000_000, nanos % 1_000_000 / 100_000),
    }
}

fn thousandths(number: i64) -> String {
    format!("{}.{:03}x", number / 1000, (number % 1000).abs())
}

fn millis(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "+" };
    let nanos = nanos.unsigned_abs();
    format!("{sign}{}.{} ms", nanos / 1_000_000, nanos % 1_000_000 / 100_000)
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = match self.goal {
            Goal::Speed(_) | Goal::Shown => thousandths,
            Goal::Above(_) => millis,
        };
        let [low, median, high] = self.spread.map(show);
        let goal = match self.goal {
            Goal::Speed(least) => format!("≥ {}", thousandths(i64::try_from(least).unwrap_or(i64::MAX))),
            Goal::Above(most) => format!("≤ {}", millis(i64::try_from(most).unwrap_or(i64::MAX))),
            Goal::Shown => String::new(),
        };
        let met = match self.goal {
            Goal::Shown => "",
            _ if self.is_met() => "met",
            _ => "MISSED",
        };
        let spread = format!("{low} … {high}");
        f.write_str(&line([
            self.name,
            &time(self.ours),
            self.limit_name,
            &time(self.limit),
            &median,
            &spread,
            &goal,
            met,
        ]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(pairs: &[(u64, u64)], goal: Goal) -> Row {
        Row::of("ours", "limit", &Pairs(pairs.to_vec()), goal).unwrap()
    }

    #[test]
    fn the_median_of_the_pairs_decides() {
        let pairs = [(200, 100), (100, 100), (1000, 100)];
        assert!(row(&pairs, Goal::Speed(500)).is_met());
        assert!(!row(&pairs, Goal::Speed(501)).is_met());
        assert!(row(&pairs, Goal::Above(100)).is_met());
        assert!(!row(&pairs, Goal::Above(99)).is_met());
        assert!(row(&pairs, Goal::Speed(500)).to_string().contains("0.500x"));
    }

    #[test]
    fn turns_are_abba() {
        let order = std::cell::RefCell::new(String::new());
        let note = |letter| {
            order.borrow_mut().push(letter);
            Ok(Duration::from_nanos(1))
        };
        let pairs = in_turns(2, || note('a'), || note('b')).unwrap();
        assert_eq!((order.borrow().as_str(), pairs.0.len()), ("ababbaabba", 4));
    }
}
