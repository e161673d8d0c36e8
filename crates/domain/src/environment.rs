use std::fmt;
use std::str::FromStr;

/// Where a merchant's requests go. The three never share a ledger file, and none can be taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Environment {
    /// Paydesk's own simulated WeChat Pay, on this computer. No money moves and no packet leaves the loopback.
    Simulated,
    /// WeChat's official sandbox. No money moves.
    Sandbox,
    /// WeChat Pay. Money moves.
    Live,
}

/// The text names no environment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no environment of that name; it is simulated, sandbox or live")]
pub struct EnvironmentError;

impl Environment {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Simulated, Self::Sandbox, Self::Live];

    /// The word for it in files and on the wire: `simulated`, `sandbox` or `live`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Simulated => "simulated",
            Self::Sandbox => "sandbox",
            Self::Live => "live",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Environment {
    type Err = EnvironmentError;

    fn from_str(text: &str) -> Result<Self, EnvironmentError> {
        Self::ALL.into_iter().find(|environment| environment.as_str() == text).ok_or(EnvironmentError)
    }
}
