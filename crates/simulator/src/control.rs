//! Commands to a simulator that runs elsewhere: what the customer does, what time does, what goes wrong.

use crate::customer::{CustomerError, PayWith};
use crate::fault::{FaultRule, NoticeFaultRule};
use crate::order::{CodeKind, Coupon, RefundStatus};
use crate::simulator::Simulator;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How a customer does not pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// Enters a wrong password until the attempt fails.
    Mistype,
    /// Turns back.
    Cancel,
    /// Lets the order's time run out, without the clock moving.
    Expire,
    /// Has paid, and then cancels the account: refunds cannot reach it.
    CancelAccount,
}

/// A command. As JSON its name is `do`: over HTTP the name is the path, `POST /pay`, and the rest the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Control {
    /// The customer pays. Answers `transaction_id`.
    Pay {
        /// `out_trade_no`, or `mch_id/out_trade_no`.
        out_trade_no: String,
        /// Coupons that pay a part, together at most the whole.
        #[serde(default)]
        coupons: Vec<Coupon>,
        /// `bank_type`, such as `CMB_CREDIT`. Without one: WeChat balance.
        #[serde(default)]
        bank: Option<String>,
    },
    /// The customer does not pay.
    Fail {
        /// `out_trade_no`, or `mch_id/out_trade_no`.
        out_trade_no: String,
        /// How.
        how: Failure,
    },
    /// A refund gets its result now.
    RefundResult {
        /// `out_refund_no`, or `mch_id/out_refund_no`.
        out_refund_no: String,
        /// SUCCESS, CHANGE or REFUNDCLOSE.
        result: RefundStatus,
    },
    /// Time passes. Answers `now_ms`.
    Advance {
        /// Milliseconds.
        ms: i64,
    },
    /// Arms a fault.
    Fault(FaultRule),
    /// Arms a fault of notices.
    NoticeFault(NoticeFaultRule),
    /// Forgets every fault that has not struck.
    Disarm,
    /// The customer shows a payment code. Answers `auth_code`.
    AuthCode {
        /// Which.
        kind: CodeKind,
    },
    /// Takes money out of a merchant's unsettled balance, so that refunds meet NOTENOUGH.
    Withdraw {
        /// Whose.
        mch_id: String,
        /// In fen; negative puts it back.
        fen: i64,
    },
    /// Everything the gateway knows.
    State,
}

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The order or refund does not allow it.
    #[error(transparent)]
    Customer(#[from] CustomerError),
    /// There is no such merchant.
    #[error("the simulator has no merchant {mch_id}")]
    NoSuchMerchant {
        /// The number asked for.
        mch_id: String,
    },
}

impl ControlError {
    /// A stable name, snake_case.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Customer(CustomerError::NoSuchOrder { .. }) => "no_such_order",
            Self::Customer(CustomerError::Ambiguous { .. }) => "ambiguous",
            Self::Customer(CustomerError::State { .. }) => "state",
            Self::Customer(CustomerError::PrepayExpired { .. }) => "prepay_expired",
            Self::Customer(CustomerError::Coupons { .. }) => "coupons",
            Self::Customer(CustomerError::NoSuchRefund { .. }) => "no_such_refund",
            Self::Customer(CustomerError::RefundFinal { .. }) => "refund_final",
            Self::NoSuchMerchant { .. } => "no_such_merchant",
        }
    }
}

impl Simulator {
    /// Does what a command says. Answers an object, empty where there is nothing to say.
    ///
    /// # Errors
    /// [`ControlError`]; then nothing was changed.
    pub fn control(&mut self, command: Control) -> Result<Value, ControlError> {
        Ok(match command {
            Control::Pay { out_trade_no, coupons, bank } => {
                json!({ "transaction_id": self.pay(&out_trade_no, PayWith { coupons, bank })? })
            }
            Control::Fail { out_trade_no, how } => {
                match how {
                    Failure::Mistype => self.mistype(&out_trade_no)?,
                    Failure::Cancel => self.cancel(&out_trade_no)?,
                    Failure::Expire => self.let_expire(&out_trade_no)?,
                    Failure::CancelAccount => self.cancel_account(&out_trade_no)?,
                }
                json!({ "trade_state": self.order_state(&out_trade_no)?.as_str() })
            }
            Control::RefundResult { out_refund_no, result } => {
                self.refund_result(&out_refund_no, result)?;
                json!({ "refund_status": result.as_str() })
            }
            Control::Advance { ms } => {
                self.advance(ms);
                json!({ "now_ms": self.now().millis() })
            }
            Control::Fault(rule) => {
                self.arm(rule);
                json!({})
            }
            Control::NoticeFault(rule) => {
                self.arm_notice(rule);
                json!({})
            }
            Control::Disarm => {
                self.disarm();
                json!({})
            }
            Control::AuthCode { kind } => json!({ "auth_code": self.auth_code(kind) }),
            Control::Withdraw { mch_id, fen } => match self.merchant_mut(&mch_id) {
                Some(merchant) => {
                    merchant.unsettled_fen = merchant.unsettled_fen.saturating_sub(fen);
                    json!({ "unsettled_fen": merchant.unsettled_fen })
                }
                None => return Err(ControlError::NoSuchMerchant { mch_id }),
            },
            Control::State => self.state(),
        })
    }

    /// Everything the gateway knows, without keys: for people and for tests in other languages.
    pub fn state(&mut self) -> Value {
        self.tick();
        let world = &self.world;
        let orders = world.orders.values().map(|order| {
            json!({
                "mch_id": order.mch_id,
                "out_trade_no": order.out_trade_no,
                "trade_type": order.trade_type,
                "trade_state": order.state.as_str(),
                "total_fee": order.total_fee,
                "made_ms": order.made,
                "transaction_id": order.payment.as_ref().map(|payment| &payment.transaction_id),
                "refunds": order.refunds,
                "sandbox": order.sandbox,
            })
        });
        let refunds = world.refunds.values().map(|refund| {
            json!({
                "mch_id": refund.mch_id,
                "out_trade_no": refund.out_trade_no,
                "out_refund_no": refund.out_refund_no,
                "refund_id": refund.refund_id,
                "refund_fee": refund.fee,
                "refund_status": refund.status.as_str(),
            })
        });
        let totals: serde_json::Map<String, Value> =
            world.merchants.keys().map(|mch_id| (mch_id.clone(), json!(self.totals(mch_id)))).collect();
        json!({
            "now_ms": self.now().millis(),
            "orders": orders.collect::<Vec<_>>(),
            "refunds": refunds.collect::<Vec<_>>(),
            "notices": self.notices().collect::<Vec<_>>(),
            "effects": self.effects(),
            "totals": totals,
            "faults": world.faults,
            "notice_faults": world.notice_faults,
        })
    }
}
