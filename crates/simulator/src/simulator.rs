use crate::config::{Config, Rate};
use crate::effects::{Effect, EffectKind, Totals};
use crate::fault::{FaultRule, NoticeFaultRule};
use crate::merchant::Merchant;
use crate::notices::Outbox;
use crate::order::{Code, Order, Refund, RefundStatus, TradeState};
use crate::rng::Rng;
use domain::{Clock, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Something the gateway does by itself when its time has come.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Timer {
    /// An unpaid order's life ends.
    Expire(String),
    /// An unpaid micropay order is given up.
    GiveUp(String),
    /// A refund has been processed.
    Finish(String),
}

/// Everything the gateway knows; what a snapshot holds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) rng: Rng,
    /// The own clock, or what was last seen of the followed one: time never goes back.
    pub(crate) now: i64,
    /// Added to the followed clock.
    pub(crate) offset: i64,
    pub(crate) config: Config,
    pub(crate) merchants: BTreeMap<String, Merchant>,
    /// By [`key`] of merchant and number.
    pub(crate) orders: BTreeMap<String, Order>,
    /// `transaction_id` to the order's key.
    pub(crate) transactions: BTreeMap<String, String>,
    /// By [`key`] of merchant and number.
    pub(crate) refunds: BTreeMap<String, Refund>,
    /// `refund_id` to the refund's key.
    pub(crate) refund_ids: BTreeMap<String, String>,
    pub(crate) codes: BTreeMap<String, Code>,
    /// Keys of numbers that were reversed before there was an order: a scan of one that arrives late is refused.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) reversed: BTreeSet<String>,
    pub(crate) outbox: Outbox,
    timers: BTreeSet<(i64, u64, Timer)>,
    timer_count: u64,
    pub(crate) effects: Vec<Effect>,
    pub(crate) faults: Vec<FaultRule>,
    pub(crate) notice_faults: Vec<NoticeFaultRule>,
    /// By merchant, a space, and path.
    pub(crate) rates: BTreeMap<String, Rate>,
    /// Hosts nobody answers on.
    pub(crate) down: BTreeSet<String>,
}

/// A merchant's number and one of its own numbers as one key. Merchant numbers are digits, so `|` divides.
pub(crate) fn key(mch_id: &str, number: &str) -> String {
    format!("{mch_id}|{number}")
}

/// A simulated WeChat Pay: a state machine over bytes.
///
/// Deterministic: the same seed and the same calls give the same bytes. It sleeps never and does nothing by
/// itself; whatever has come due by its clock happens at the beginning of the next call.
#[derive(Debug)]
pub struct Simulator {
    pub(crate) world: World,
    clock: Option<Followed>,
}

struct Followed(Arc<dyn Clock>);

impl std::fmt::Debug for Followed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

impl Simulator {
    /// A gateway with the built-in merchant and a clock of its own that stands at `start` until
    /// [`advance`](Self::advance) moves it.
    #[must_use]
    pub fn new(seed: u64, start: Timestamp) -> Self {
        let merchant = Merchant::built_in();
        let world = World {
            rng: Rng::new(seed),
            now: start.millis(),
            offset: 0,
            config: Config::default(),
            merchants: BTreeMap::from([(merchant.mch_id.clone(), merchant)]),
            orders: BTreeMap::new(),
            transactions: BTreeMap::new(),
            refunds: BTreeMap::new(),
            refund_ids: BTreeMap::new(),
            codes: BTreeMap::new(),
            reversed: BTreeSet::new(),
            outbox: Outbox::default(),
            timers: BTreeSet::new(),
            timer_count: 0,
            effects: Vec::new(),
            faults: Vec::new(),
            notice_faults: Vec::new(),
            rates: BTreeMap::new(),
            down: BTreeSet::new(),
        };
        Self { world, clock: None }
    }

    /// A gateway whose clock follows another one; [`advance`](Self::advance) adds to it.
    #[must_use]
    pub fn following(seed: u64, clock: Arc<dyn Clock>) -> Self {
        let mut simulator = Self::new(seed, clock.now());
        simulator.clock = Some(Followed(clock));
        simulator
    }

    pub(crate) fn from_world(world: World) -> Self {
        Self { world, clock: None }
    }

    /// Follows this clock from now on, plus what has been advanced. Time does not go back: if the clock is
    /// behind, the gateway's time stands until it has caught up.
    pub fn follow(&mut self, clock: Arc<dyn Clock>) {
        self.clock = Some(Followed(clock));
    }

    /// The gateway's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let seen = self
            .clock
            .as_ref()
            .map_or(i64::MIN, |Followed(clock)| clock.now().millis().saturating_add(self.world.offset));
        Timestamp::from_millis(seen.max(self.world.now))
    }

    /// Lets `ms` milliseconds pass, and all that falls due in them happen. Negative ones are ignored.
    pub fn advance(&mut self, ms: i64) {
        let ms = ms.max(0);
        let now = self.tick();
        if self.clock.is_some() {
            self.world.offset = self.world.offset.saturating_add(ms);
        }
        self.world.now = now.saturating_add(ms);
        self.tick();
    }

    /// Makes a merchant known, or replaces it. Its certificate may be replaced this way too.
    pub fn add_merchant(&mut self, merchant: Merchant) {
        self.world.merchants.insert(merchant.mch_id.clone(), merchant);
    }

    /// A merchant as the gateway knows it.
    #[must_use]
    pub fn merchant(&self, mch_id: &str) -> Option<&Merchant> {
        self.world.merchants.get(mch_id)
    }

    /// The same, to be changed: its balance, what it has been granted, its key.
    pub fn merchant_mut(&mut self, mch_id: &str) -> Option<&mut Merchant> {
        self.world.merchants.get_mut(mch_id)
    }

    /// How strict and how slow it is.
    pub const fn config_mut(&mut self) -> &mut Config {
        &mut self.world.config
    }

    /// Arms a fault. Rules are looked at in the order they were armed; the first that fits strikes.
    pub fn arm(&mut self, rule: FaultRule) {
        self.world.faults.push(rule);
    }

    /// Arms a fault of notices. It is looked at when a notice is made, not when it is sent.
    pub fn arm_notice(&mut self, rule: NoticeFaultRule) {
        self.world.notice_faults.push(rule);
    }

    /// Forgets every fault that has not struck.
    pub fn disarm(&mut self) {
        self.world.faults.clear();
        self.world.notice_faults.clear();
    }

    /// Whether anybody answers on this host (scheme and host, as a client names it). Needed in process only.
    pub fn set_host_up(&mut self, host: &str, up: bool) {
        if up {
            self.world.down.remove(host);
        } else {
            self.world.down.insert(host.to_owned());
        }
    }

    /// Everything that happened, oldest first.
    #[must_use]
    pub fn effects(&self) -> &[Effect] {
        &self.world.effects
    }

    /// Sums of one merchant's effects.
    #[must_use]
    pub fn totals(&self, mch_id: &str) -> Totals {
        let mut totals = Totals::default();
        for effect in self.world.effects.iter().filter(|effect| effect.mch_id == mch_id) {
            match effect.kind {
                EffectKind::OrderMade => totals.orders += 1,
                EffectKind::Paid => {
                    totals.payments += 1;
                    totals.paid_fen += effect.amount_fen;
                }
                EffectKind::RefundAccepted => totals.refunds += 1,
                EffectKind::Revoked => totals.revoked_fen += effect.amount_fen,
                EffectKind::Closed
                | EffectKind::Expired
                | EffectKind::RefundDone
                | EffectKind::RefundFailed => {}
            }
        }
        let of_merchant =
            self.world.refunds.values().filter(|refund| refund.mch_id == mch_id && refund.counts());
        totals.refunded_fen = of_merchant.map(|refund| refund.fee).sum();
        totals
    }

    /// Lets everything happen that has come due, in the order it came due, and gives the time.
    pub(crate) fn tick(&mut self) -> i64 {
        let now = self.now().millis();
        self.world.now = now;
        while let Some((due, ..)) = self.world.timers.first() {
            if *due > now {
                break;
            }
            if let Some((due, _, timer)) = self.world.timers.pop_first() {
                self.world.fire(due, timer);
            }
        }
        now
    }
}

impl World {
    pub(crate) fn set_timer(&mut self, due: i64, timer: Timer) {
        self.timer_count += 1;
        self.timers.insert((due, self.timer_count, timer));
    }

    pub(crate) fn record(&mut self, at: i64, mch_id: &str, kind: EffectKind, number: &str, fen: i64) {
        let (mch_id, number) = (mch_id.to_owned(), number.to_owned());
        self.effects.push(Effect { at_ms: at, mch_id, kind, number, amount_fen: fen });
    }

    fn fire(&mut self, due: i64, timer: Timer) {
        match timer {
            Timer::Expire(order) => self.expire(&order, due),
            Timer::GiveUp(order) => {
                let Some(order) = self.orders.get_mut(&order) else { return };
                if matches!(order.state, TradeState::NotPay | TradeState::UserPaying | TradeState::PayError) {
                    order.state = TradeState::Revoked;
                    if !order.sandbox {
                        let (mch_id, number) = (order.mch_id.clone(), order.out_trade_no.clone());
                        self.record(due, &mch_id, EffectKind::Revoked, &number, 0);
                    }
                }
            }
            Timer::Finish(refund) => {
                // Whoever gave it a result before has the say: CHANGE waits for a person, not for time.
                if self.refunds.get(&refund).is_some_and(|refund| refund.status == RefundStatus::Processing) {
                    self.finish_refund(&refund, RefundStatus::Success, due);
                }
            }
        }
    }

    /// Ends an unpaid order's life if its time has come by `now`.
    pub(crate) fn expire(&mut self, order: &str, now: i64) {
        let Some(order) = self.orders.get_mut(order) else { return };
        if matches!(order.state, TradeState::NotPay | TradeState::PayError) && order.expires <= now {
            order.state = TradeState::Closed;
            let (mch_id, number) = (order.mch_id.clone(), order.out_trade_no.clone());
            self.record(now, &mch_id, EffectKind::Expired, &number, 0);
        }
    }

    /// Gives a refund its result and makes its notice. Does nothing if it has the result already.
    pub(crate) fn finish_refund(&mut self, refund_key: &str, result: RefundStatus, at: i64) {
        let Some(refund) = self.refunds.get_mut(refund_key) else { return };
        let open = match refund.status {
            RefundStatus::Processing => true,
            // Handled by a person in the merchant platform.
            RefundStatus::Change => result == RefundStatus::Success,
            RefundStatus::Success | RefundStatus::RefundClose => false,
        };
        if !open || result == RefundStatus::Processing {
            return;
        }
        let was_back = refund.status == RefundStatus::Change;
        refund.status = result;
        refund.finished = Some(at);
        let refund = refund.clone();
        let kind =
            if result == RefundStatus::Success { EffectKind::RefundDone } else { EffectKind::RefundFailed };
        self.record(at, &refund.mch_id, kind, &refund.out_refund_no, refund.fee);
        let back = match result {
            RefundStatus::Success if was_back => -refund.settlement(),
            RefundStatus::Success | RefundStatus::Processing => 0,
            RefundStatus::Change | RefundStatus::RefundClose => refund.settlement(),
        };
        if let Some(merchant) = self.merchants.get_mut(&refund.mch_id) {
            merchant.take_from(&refund.account, -back);
        }
        self.announce_refund(&refund, at);
    }

    /// A number of the gateway's own: `prefix`, the day and random digits, `len` in all.
    pub(crate) fn new_id(&mut self, prefix: &str, len: usize) -> String {
        let day = crate::order::compact(self.now).get(..8).unwrap_or("19700101").to_owned();
        let digits = self.rng.digits(len.saturating_sub(prefix.len() + 8));
        let (before, after) = digits.split_at(digits.len().min(6));
        format!("{prefix}{before}{day}{after}")
    }
}
