//! Trouble on demand: each fault is armed for a path, a number or the next requests, and happens exactly then.

use serde::{Deserialize, Serialize};

/// What goes wrong with a request or its reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Fault {
    /// Nothing happens and nothing comes back.
    TimeoutBefore,
    /// It happens, and nothing comes back.
    TimeoutAfter,
    /// Nothing happens, and the connection is lost.
    ResetBefore,
    /// It happens, and the connection is lost in the middle of the reply.
    ResetMidBody,
    /// Nothing happens; `err_code` SYSTEMERROR.
    SystemErrorBefore,
    /// It happens; `err_code` SYSTEMERROR.
    SystemErrorAfter,
    /// `err_code` BANKERROR; it happens or not.
    BankError {
        /// Whether it happens.
        effect: bool,
    },
    /// It happens; another `err_code`, such as BIZERR_NEED_RETRY, is answered. Nothing happens before it.
    ErrCode {
        /// The code.
        code: String,
    },
    /// It happens; the reply's signature is wrong.
    BadSignature,
    /// It happens; the reply is not signed.
    MissingSignature,
    /// It happens; the reply is bytes that are nothing.
    Garbage,
    /// It happens; the reply is a web page with status 200.
    Html,
    /// It happens; the reply ends in the middle, the connection properly.
    Truncated,
    /// It happens; the reply, well signed, is about another number (or merchant, where a reply has no number).
    WrongOrder,
    /// It happens; the reply, well signed, is about another amount.
    WrongAmount,
    /// It happens; the reply comes a byte at a time.
    SlowBytes {
        /// Milliseconds between two bytes.
        ms: u64,
    },
    /// It happens; the reply comes later.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// An HTTP status with a web page; it happens or not.
    Status {
        /// The status, such as 502.
        status: u16,
        /// Whether it happens.
        effect: bool,
    },
}

/// A fault and when it strikes. A request strikes a rule if it fits all of path, number and method of counting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultRule {
    /// Only on this path, such as `/pay/unifiedorder`.
    #[serde(default)]
    pub path: Option<String>,
    /// Only for requests whose `out_trade_no`, `out_refund_no`, `transaction_id` or `refund_id` is this.
    #[serde(default)]
    pub number: Option<String>,
    /// Lets so many fitting requests pass first.
    #[serde(default)]
    pub skip: u32,
    /// Strikes so many times.
    #[serde(default = "once")]
    pub times: u32,
    /// What goes wrong.
    pub fault: Fault,
}

const fn once() -> u32 {
    1
}

impl FaultRule {
    /// Strikes the next request, whatever it is.
    #[must_use]
    pub const fn next(fault: Fault) -> Self {
        Self { path: None, number: None, skip: 0, times: 1, fault }
    }

    /// Strikes the next request on `path`.
    #[must_use]
    pub fn on(path: &str, fault: Fault) -> Self {
        Self { path: Some(path.into()), ..Self::next(fault) }
    }

    /// The same, for requests with this number only.
    #[must_use]
    pub fn for_number(mut self, number: &str) -> Self {
        self.number = Some(number.into());
        self
    }

    /// The same, `times` times.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// The same, after `skip` fitting requests have passed.
    #[must_use]
    pub const fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }
}

/// The first rule that strikes, counted down. Rules that let this one pass are counted too.
pub(crate) fn strike(rules: &mut Vec<FaultRule>, path: &str, numbers: &[&str]) -> Option<Fault> {
    let mut struck = None;
    for rule in rules.iter_mut() {
        let fits = rule.path.as_deref().is_none_or(|wanted| wanted == path)
            && rule.number.as_deref().is_none_or(|wanted| numbers.contains(&wanted));
        if !fits {
            continue;
        }
        if rule.skip > 0 {
            rule.skip -= 1;
        } else if rule.times > 0 {
            rule.times -= 1;
            struck = Some(rule.fault.clone());
            break;
        }
    }
    rules.retain(|rule| rule.times > 0);
    struck
}

/// What goes wrong with a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum NoticeFault {
    /// The first so many attempts never arrive.
    Lost {
        /// Attempts.
        attempts: u32,
    },
    /// Every attempt arrives so many times more.
    Repeated {
        /// Further times.
        times: u32,
    },
    /// The first attempt is made later.
    Late {
        /// Milliseconds.
        ms: i64,
    },
    /// Waits until another notice has been handed out, at most 15 seconds.
    Reordered,
    /// The first so many attempts carry a wrong signature (or, for a refund, a secret part that does not open).
    BadSignature {
        /// Attempts.
        attempts: u32,
    },
    /// The first so many attempts, well signed, say one fen more than was paid or refunded.
    WrongAmount {
        /// Attempts.
        attempts: u32,
    },
}

/// A fault of notices and whose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeFaultRule {
    /// Only for the notice of this `out_trade_no` or `out_refund_no`.
    #[serde(default)]
    pub number: Option<String>,
    /// For so many notices.
    #[serde(default = "once")]
    pub times: u32,
    /// What goes wrong.
    pub fault: NoticeFault,
}

impl NoticeFaultRule {
    /// Strikes the next notice.
    #[must_use]
    pub const fn next(fault: NoticeFault) -> Self {
        Self { number: None, times: 1, fault }
    }

    /// Strikes the notice of this number.
    #[must_use]
    pub fn of(number: &str, fault: NoticeFault) -> Self {
        Self { number: Some(number.into()), times: 1, fault }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_strikes_where_and_when_it_was_asked_to() {
        let rule = FaultRule::on("/a", Fault::Html).for_number("1").after(1).times(2);
        let mut rules = vec![rule];
        let mut hits = String::new();
        for (path, number) in [("/a", "1"), ("/b", "1"), ("/a", "2"), ("/a", "1"), ("/a", "1"), ("/a", "1")] {
            hits.push(if strike(&mut rules, path, &[number]).is_some() { 'x' } else { '.' });
        }
        assert_eq!((hits.as_str(), rules.len()), ("...xx.", 0));
    }
}
