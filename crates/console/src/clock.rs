//! Where the product's time and randomness come from. Nowhere else in it is a clock or the system's randomness
//! read; everything below takes them as arguments.

use domain::{Clock, Entropy, Timestamp};
use std::time::{Duration, Instant, SystemTime};

/// The computer's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the one place where the wall clock is read")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// How long something takes. For budgets alone: no moment is ever made from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Whether so many milliseconds have passed.
    pub(crate) fn has_passed(&self, ms: u64) -> bool {
        self.0.elapsed() >= Duration::from_millis(ms)
    }
}

/// The operating system's random numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, out: &mut [u8]) {
        // Without randomness no number may be made and no key sealed: there is nothing sensible to go on with.
        getrandom::fill(out)
            .unwrap_or_else(|error| panic!("the operating system gives no random numbers: {error}"));
    }
}

/// Switches core dumps off: a dump would hold the keys that were in memory. Call it first thing in a program.
/// Where the system refuses, nothing happens; it is a second line of defence.
pub fn no_core_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
}
