//! The customer: pays, mistypes, cancels, lets expire, shows a payment code. And what only the world does: an
//! account that is cancelled, a refund that a bank turns down.

use crate::api::unified_order::PREPAY_MS;
use crate::effects::EffectKind;
use crate::order::{Code, CodeKind, Coupon, Order, Payment, RefundStatus, TradeState};
use crate::simulator::{Simulator, key};
use serde::{Deserialize, Serialize};

/// How a customer pays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PayWith {
    /// Coupons that pay a part, together at most the whole.
    pub coupons: Vec<Coupon>,
    /// `bank_type`, such as `CMB_CREDIT`. Without one: WeChat balance, `OTHERS`.
    pub bank: Option<String>,
}

/// Why the customer, or the world, cannot do that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CustomerError {
    /// No merchant has such an order.
    #[error("the simulator has no order {number}; make it first")]
    NoSuchOrder {
        /// The number asked for.
        number: String,
    },
    /// Several merchants have one of this number.
    #[error("several merchants have an order {number}; write mch_id/{number}")]
    Ambiguous {
        /// The number asked for.
        number: String,
    },
    /// Its state does not allow it.
    #[error("order {number} is {}, so this cannot happen to it", state.as_str())]
    State {
        /// The number.
        number: String,
        /// Its state.
        state: TradeState,
    },
    /// Its prepay_id is older than two hours: the merchant must ask for another with the same parameters.
    #[error("the prepay_id of order {number} is older than two hours; order again with the same parameters")]
    PrepayExpired {
        /// The number.
        number: String,
    },
    /// The coupons are not positive, or pay more than the whole.
    #[error("the coupons of order {number} must each pay at least one fen and together at most the whole")]
    Coupons {
        /// The number.
        number: String,
    },
    /// No merchant has such a refund.
    #[error("the simulator has no refund {number}")]
    NoSuchRefund {
        /// The number asked for.
        number: String,
    },
    /// The refund has its result already.
    #[error("refund {number} is {} already and stays so", status.as_str())]
    RefundFinal {
        /// The number.
        number: String,
        /// Its result.
        status: RefundStatus,
    },
}

impl Simulator {
    /// The key of an order by `out_trade_no`, or by `mch_id/out_trade_no` where several merchants have it.
    fn find(&mut self, number: &str) -> Result<(String, &mut Order, i64), CustomerError> {
        let now = self.tick();
        let found =
            find_key(self.world.orders.iter().map(|(key, order)| (key, &order.out_trade_no)), number)?;
        let Some(found) = found else { return Err(CustomerError::NoSuchOrder { number: number.to_owned() }) };
        match self.world.orders.get_mut(&found) {
            Some(order) => Ok((found, order, now)),
            None => Err(CustomerError::NoSuchOrder { number: number.to_owned() }),
        }
    }

    /// The customer pays the order (or enters the password a micropay order waits for). Gives the
    /// `transaction_id`. A notice goes out.
    ///
    /// # Errors
    /// [`CustomerError`]: no such order, it cannot be paid any more, or the coupons do not fit.
    pub fn pay(&mut self, number: &str, with: PayWith) -> Result<String, CustomerError> {
        let (key, order, now) = self.find(number)?;
        let payable = match order.state {
            TradeState::NotPay | TradeState::PayError => !order.is_micropay(),
            TradeState::UserPaying => true,
            _ => false,
        };
        if !payable {
            return Err(CustomerError::State { number: number.to_owned(), state: order.state });
        }
        if !order.is_micropay() && now - order.prepay_made >= PREPAY_MS {
            return Err(CustomerError::PrepayExpired { number: number.to_owned() });
        }
        let sum = with
            .coupons
            .iter()
            .try_fold(0_i64, |sum, coupon| (coupon.fee > 0).then(|| sum.checked_add(coupon.fee)).flatten());
        if sum.is_none_or(|sum| sum > order.total_fee) {
            return Err(CustomerError::Coupons { number: number.to_owned() });
        }
        Ok(self.take_payment(&key, with, now))
    }

    pub(crate) fn take_payment(&mut self, order_key: &str, with: PayWith, now: i64) -> String {
        let transaction_id = self.world.new_id("4299", 28);
        let Some(order) = self.world.orders.get_mut(order_key) else { return transaction_id };
        order.payment = Some(Payment {
            transaction_id: transaction_id.clone(),
            openid: order.payer.clone(),
            bank_type: with.bank.unwrap_or_else(|| "OTHERS".into()),
            coupons: with.coupons,
            at: now,
        });
        order.state = TradeState::Success;
        order.trouble = None;
        let order = order.clone();
        if let Some(merchant) = self.world.merchants.get_mut(&order.mch_id) {
            merchant.take_from("", -order.settlement());
        }
        self.world.transactions.insert(transaction_id.clone(), order_key.to_owned());
        self.world.record(now, &order.mch_id, EffectKind::Paid, &order.out_trade_no, order.total_fee);
        self.world.announce_payment(&order, now);
        transaction_id
    }

    /// The customer enters a wrong password until the attempt fails: PAYERROR. Another attempt may follow, except
    /// in micropay.
    ///
    /// # Errors
    /// [`CustomerError`]: no such order, or it is not open.
    pub fn mistype(&mut self, number: &str) -> Result<(), CustomerError> {
        self.fail(number, "支付密码错误，支付失败", true)
    }

    /// The customer turns back without paying. An ordinary order stays unpaid; a micropay order that waits for the
    /// password becomes PAYERROR.
    ///
    /// # Errors
    /// [`CustomerError`]: no such order, or it is not open.
    pub fn cancel(&mut self, number: &str) -> Result<(), CustomerError> {
        self.fail(number, "用户取消支付", false)
    }

    fn fail(&mut self, number: &str, text: &str, always: bool) -> Result<(), CustomerError> {
        let (_, order, _) = self.find(number)?;
        match order.state {
            TradeState::UserPaying => order.state = TradeState::PayError,
            TradeState::NotPay | TradeState::PayError if !order.is_micropay() => {
                if always {
                    order.state = TradeState::PayError;
                }
            }
            state => return Err(CustomerError::State { number: number.to_owned(), state }),
        }
        order.trouble = Some(text.to_owned());
        Ok(())
    }

    /// The customer never pays: the order's end is now, and it is CLOSED (REVOKED in micropay), without the clock
    /// moving.
    ///
    /// # Errors
    /// [`CustomerError`]: no such order, or it is not open.
    pub fn let_expire(&mut self, number: &str) -> Result<(), CustomerError> {
        let (key, order, now) = self.find(number)?;
        match order.state {
            TradeState::NotPay | TradeState::PayError | TradeState::UserPaying => {}
            state => return Err(CustomerError::State { number: number.to_owned(), state }),
        }
        if order.is_micropay() {
            order.state = TradeState::Revoked;
            let (mch_id, number) = (order.mch_id.clone(), order.out_trade_no.clone());
            self.world.record(now, &mch_id, EffectKind::Revoked, &number, 0);
        } else {
            order.expires = now;
            self.world.expire(&key, now);
        }
        Ok(())
    }

    /// The customer opens the wallet: a payment code of this kind, shown now. Good for a minute and for one order.
    pub fn auth_code(&mut self, kind: CodeKind) -> String {
        let shown = self.tick();
        let code = format!("13{}", self.world.rng.digits(16));
        self.world.codes.insert(code.clone(), Code { kind, shown, used_for: None });
        code
    }

    /// The payer's account is cancelled: refunds of this order are refused with USER_ACCOUNT_ABNORMAL.
    ///
    /// # Errors
    /// [`CustomerError::NoSuchOrder`] or [`CustomerError::Ambiguous`].
    pub fn cancel_account(&mut self, number: &str) -> Result<(), CustomerError> {
        self.find(number).map(|(_, order, _)| order.payer_gone = true)
    }

    /// Gives a refund its result now, by `out_refund_no` (or `mch_id/out_refund_no`). A notice goes out. One that
    /// was CHANGE can still become SUCCESS, as when a person handles it.
    ///
    /// # Errors
    /// [`CustomerError`]: no such refund, or it has its result already.
    pub fn refund_result(&mut self, number: &str, result: RefundStatus) -> Result<(), CustomerError> {
        let now = self.tick();
        let list = self.world.refunds.iter().map(|(key, refund)| (key, &refund.out_refund_no));
        let found = find_key(list, number)?;
        let refund = found.as_ref().and_then(|key| self.world.refunds.get(key));
        let (Some(key), Some(refund)) = (&found, refund) else {
            return Err(CustomerError::NoSuchRefund { number: number.to_owned() });
        };
        let open = match refund.status {
            RefundStatus::Processing => result != RefundStatus::Processing,
            RefundStatus::Change => result == RefundStatus::Success,
            RefundStatus::Success | RefundStatus::RefundClose => false,
        };
        if !open {
            return Err(CustomerError::RefundFinal { number: number.to_owned(), status: refund.status });
        }
        self.world.finish_refund(key, result, now);
        Ok(())
    }

    /// The state of an order, by number.
    ///
    /// # Errors
    /// [`CustomerError::NoSuchOrder`] or [`CustomerError::Ambiguous`].
    pub fn order_state(&mut self, number: &str) -> Result<TradeState, CustomerError> {
        self.find(number).map(|(_, order, _)| order.state)
    }

    /// The status of a refund of this merchant, if there is one.
    pub fn refund_status(&mut self, mch_id: &str, out_refund_no: &str) -> Option<RefundStatus> {
        self.tick();
        self.world.refunds.get(&key(mch_id, out_refund_no)).map(|refund| refund.status)
    }
}

fn find_key<'a>(
    list: impl Iterator<Item = (&'a String, &'a String)>,
    wanted: &str,
) -> Result<Option<String>, CustomerError> {
    if let Some((mch_id, number)) = wanted.split_once('/') {
        return Ok(Some(key(mch_id, number)));
    }
    let mut found =
        list.filter(|(key, number)| *number == wanted && !key.starts_with("sandbox ")).map(|(key, _)| key);
    let first = found.next().cloned();
    if found.next().is_some() {
        return Err(CustomerError::Ambiguous { number: wanted.to_owned() });
    }
    Ok(first)
}
