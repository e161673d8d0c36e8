use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How strict and how slow this gateway is. The default is documented behaviour without the rate limits,
/// because those depend on a clock that the caller may have stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// How long a refund to WeChat balance is processed, in milliseconds. Documented: up to 20 minutes.
    pub balance_refund_ms: i64,
    /// How long a refund to a bank card is processed, in milliseconds. Documented: about three working days.
    pub card_refund_ms: i64,
    /// Least age of an order to be closed, in milliseconds. Documented: five minutes, but not enforced.
    pub close_min_age_ms: i64,
    /// Least time between two refunds of one order, in milliseconds. Documented: one minute, but not enforced.
    pub refund_gap_ms: i64,
    /// Requests per second and merchant by path; FREQUENCY_LIMITED (refunds) or INVALID_REQUEST above.
    pub limits: BTreeMap<String, u32>,
    /// Refused refund requests per second before INVALID_REQ_TOO_MUCH for a minute.
    pub refused_refunds_limit: Option<u32>,
    /// Answer a wrong signature as the error tables say (`err_code` SIGNERROR, signed) instead of as the gateway
    /// does (`return_code` FAIL, unsigned).
    pub sign_error_as_err_code: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            balance_refund_ms: 3_000,
            card_refund_ms: 3 * 24 * 3_600_000,
            close_min_age_ms: 0,
            refund_gap_ms: 0,
            limits: BTreeMap::new(),
            refused_refunds_limit: None,
            sign_error_as_err_code: false,
        }
    }
}

impl Config {
    /// With the documented rate limits, for a clock that moves.
    #[must_use]
    pub fn with_documented_limits(mut self) -> Self {
        let limits = [
            ("/pay/orderquery", 1800),
            ("/pay/unifiedorder", 600),
            ("/secapi/pay/refund", 150),
            ("/pay/refundquery", 300),
            ("/pay/micropay", 30),
            ("/secapi/pay/reverse", 150),
        ];
        self.limits = limits.into_iter().map(|(path, limit)| (path.to_owned(), limit)).collect();
        self.refused_refunds_limit = Some(6);
        self
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Rate {
    second: i64,
    count: u32,
    refused_second: i64,
    refused: u32,
    blocked_until: i64,
}

impl Rate {
    /// Counts one request of this second; `false` if it is one too many.
    pub(crate) fn admit(&mut self, now: i64, limit: u32) -> bool {
        let second = now.div_euclid(1000);
        if self.second != second {
            (self.second, self.count) = (second, 0);
        }
        self.count = self.count.saturating_add(1);
        self.count <= limit
    }

    pub(crate) fn is_blocked(&self, now: i64) -> bool {
        now < self.blocked_until
    }

    pub(crate) fn refuse(&mut self, now: i64, limit: u32) {
        let second = now.div_euclid(1000);
        if self.refused_second != second {
            (self.refused_second, self.refused) = (second, 0);
        }
        self.refused = self.refused.saturating_add(1);
        if self.refused > limit {
            self.blocked_until = now.saturating_add(60_000);
        }
    }
}
