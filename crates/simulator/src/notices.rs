//! Notices to the merchant's `notify_url`: made when something happened, sent on the documented schedule until
//! answered.

use crate::fault::NoticeFault;
use crate::merchant::Merchant;
use crate::message::Message;
use crate::order::{Order, Refund, compact, dashed};
use crate::simulator::{Simulator, World, key};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use wxpay::SignType;

/// Seconds between one attempt and the next: 15 intervals, so at most 16 attempts in 24 hours and 4 minutes.
pub const SCHEDULE_SECS: [i64; 15] =
    [15, 15, 30, 180, 600, 1_200, 1_800, 1_800, 1_800, 3_600, 10_800, 10_800, 10_800, 21_600, 21_600];

/// How long the gateway waits for an answer, in milliseconds.
pub const ANSWER_WITHIN_MS: i64 = 5_000;

/// How a merchant answered a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `return_code` SUCCESS within five seconds: no more attempts.
    Success,
    /// `return_code` FAIL, another status, no XML: tried again.
    Fail,
    /// Nothing in five seconds, or no connection: tried again.
    Nothing,
    /// The address is none the simulator goes to: no more attempts.
    Undeliverable,
}

/// One attempt to deliver a notice, to be POSTed to `url` and answered with [`Simulator::answer`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The notice's id: the same for each attempt.
    pub id: u64,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// Where to.
    pub url: String,
    /// The body, `text/xml`.
    pub body: Vec<u8>,
    /// The `out_trade_no`, or the `out_refund_no` of a refund's notice.
    pub number: String,
}

/// How a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// Waits for its next attempt.
    Waiting,
    /// Handed out and not answered yet.
    Out,
    /// Answered SUCCESS.
    Delivered,
    /// All attempts were in vain.
    GivenUp,
    /// Its address is none the simulator goes to.
    Undeliverable,
}

/// A notice and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRecord {
    /// Its id.
    pub id: u64,
    /// Whose.
    pub mch_id: String,
    /// Where to.
    pub url: String,
    /// The `out_trade_no`, or the `out_refund_no` of a refund's notice.
    pub number: String,
    /// Whether it is about a refund.
    pub is_refund: bool,
    /// Attempts so far.
    pub attempts: u32,
    /// When it was made, in milliseconds since the epoch.
    pub made_ms: i64,
    /// When the next attempt is due, in milliseconds since the epoch. Or, while it is out, when it counts as lost.
    pub next_ms: i64,
    /// How it stands.
    pub state: NoticeState,
    fault: Option<NoticeFault>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Outbox {
    list: BTreeMap<u64, NoticeRecord>,
    due: BTreeSet<(i64, u64)>,
    count: u64,
}

impl World {
    pub(crate) fn announce_payment(&mut self, order: &Order, at: i64) {
        // Micropay has no notice: the reply or a query tells.
        if let Some(url) = order.param("notify_url").filter(|_| !order.is_micropay()) {
            let url = url.to_owned();
            self.announce(&order.mch_id, url, &order.out_trade_no, false, at);
        }
    }

    pub(crate) fn announce_refund(&mut self, refund: &Refund, at: i64) {
        let platform =
            self.merchants.get(&refund.mch_id).and_then(|merchant| merchant.refund_notify_url.clone());
        if let Some(url) = refund.notify_url.clone().or(platform) {
            self.announce(&refund.mch_id, url, &refund.out_refund_no, true, at);
        }
    }

    fn announce(&mut self, mch_id: &str, url: String, number: &str, is_refund: bool, at: i64) {
        let mut fault = None;
        for rule in &mut self.notice_faults {
            if rule.times > 0 && rule.number.as_deref().is_none_or(|wanted| wanted == number) {
                rule.times -= 1;
                fault = Some(rule.fault.clone());
                break;
            }
        }
        self.notice_faults.retain(|rule| rule.times > 0);
        let id = self.outbox.count;
        self.outbox.count += 1;
        let late = if let Some(NoticeFault::Late { ms }) = fault { ms.max(0) } else { 0 };
        let next_ms = at.saturating_add(late);
        let record = NoticeRecord {
            id,
            mch_id: mch_id.to_owned(),
            url,
            number: number.to_owned(),
            is_refund,
            attempts: 0,
            made_ms: at,
            next_ms,
            state: NoticeState::Waiting,
            fault,
        };
        self.outbox.due.insert((next_ms, id));
        self.outbox.list.insert(id, record);
    }

    /// The bytes of one attempt. `None` if what it is about is gone.
    fn compose(&mut self, record: &NoticeRecord) -> Option<Vec<u8>> {
        let (mut bad_signature, mut wrong_amount) = (false, false);
        match record.fault {
            Some(NoticeFault::BadSignature { attempts }) => bad_signature = record.attempts <= attempts,
            Some(NoticeFault::WrongAmount { attempts }) => wrong_amount = record.attempts <= attempts,
            _ => {}
        }
        let more = i64::from(wrong_amount);
        let nonce = self.rng.nonce();
        let merchant = self.merchants.get(&record.mch_id)?;
        if record.is_refund {
            let refund = self.refunds.get(&key(&record.mch_id, &record.number))?;
            let order = self.orders.get(&key(&record.mch_id, &refund.out_trade_no))?;
            Some(refund_notice(merchant, order, refund, nonce, more, bad_signature))
        } else {
            let order = self.orders.get(&key(&record.mch_id, &record.number))?;
            Some(payment_notice(merchant, order, nonce, more, bad_signature))
        }
    }
}

/// What a payment is, as notices and queries both say it.
pub(crate) fn payment_fields(order: &Order, more: i64) -> Message {
    let Some(payment) = &order.payment else { return Message::new() };
    let sub = order.sub_appid.is_some();
    let mut message = Message::new()
        .text("openid", &*payment.openid)
        .text("is_subscribe", "N")
        .maybe("sub_openid", sub.then_some(&*payment.openid))
        .maybe("sub_is_subscribe", sub.then_some("N"))
        .text("trade_type", &*order.trade_type)
        .text("bank_type", &*payment.bank_type)
        .number("total_fee", order.total_fee + more)
        .text("fee_type", order.fee_type());
    if order.settlement() != order.total_fee {
        message = message.number("settlement_total_fee", order.settlement());
    }
    message = message.number("cash_fee", order.cash() + more).text("cash_fee_type", order.fee_type());
    if !payment.coupons.is_empty() {
        let count = i64::try_from(payment.coupons.len()).unwrap_or(i64::MAX);
        message = message.number("coupon_fee", order.coupon_fee()).number("coupon_count", count);
        for (index, coupon) in payment.coupons.iter().enumerate() {
            message = message
                .text(format!("coupon_type_{index}"), coupon.kind())
                .text(format!("coupon_id_{index}"), &*coupon.id)
                .number(format!("coupon_fee_{index}"), coupon.fee);
        }
    }
    message
        .text("transaction_id", &*payment.transaction_id)
        .text("out_trade_no", &*order.out_trade_no)
        .maybe("attach", order.param("attach"))
        .text("time_end", compact(payment.at))
}

fn payment_notice(merchant: &Merchant, order: &Order, nonce: String, more: i64, bad: bool) -> Vec<u8> {
    let kind = if order.hmac { SignType::HmacSha256 } else { SignType::Md5 };
    let message = Message::new()
        .text("appid", &*order.appid)
        .text("mch_id", &*order.mch_id)
        .maybe("sub_appid", order.sub_appid.as_deref())
        .maybe("sub_mch_id", order.sub_mch_id.as_deref())
        .maybe("device_info", order.param("device_info"))
        .text("nonce_str", nonce)
        .text("return_code", "SUCCESS")
        .text("result_code", "SUCCESS")
        .maybe("sign_type", order.hmac.then_some("HMAC-SHA256"))
        .append(payment_fields(order, more));
    let mut sign = message.signature(&merchant.key(), kind, None);
    if bad {
        sign = spoil(&sign);
    }
    message.text("sign", sign).into_xml("xml").into_bytes()
}

/// A digest that is certainly another one.
pub(crate) fn spoil(digest: &str) -> String {
    let first = if digest.starts_with('0') { '1' } else { '0' };
    let rest = digest.get(1..).unwrap_or("");
    format!("{first}{rest}")
}

fn refund_notice(
    merchant: &Merchant,
    order: &Order,
    refund: &Refund,
    nonce: String,
    more: i64,
    bad: bool,
) -> Vec<u8> {
    let time = refund.finished.filter(|_| refund.status == crate::order::RefundStatus::Success).map(dashed);
    // In alphabetical order, as seen.
    let inside = Message::new()
        .number("cash_refund_fee", refund.fee + more - refund.coupon_fee())
        .text("out_refund_no", &*refund.out_refund_no)
        .text("out_trade_no", &*refund.out_trade_no)
        .text("refund_account", &*refund.account)
        .number("refund_fee", refund.fee + more)
        .text("refund_id", &*refund.refund_id)
        .text("refund_recv_accout", receiver(order))
        .text("refund_request_source", "API")
        .text("refund_status", refund.status.as_str())
        .number("settlement_refund_fee", refund.settlement() + more)
        .number("settlement_total_fee", order.settlement())
        .maybe("success_time", time.as_deref())
        .number("total_fee", order.total_fee)
        .text("transaction_id", order.payment.as_ref().map_or("", |payment| &payment.transaction_id))
        .into_all_text("root");
    let key =
        if bad { wxpay::ApiKey::new(domain::Secret::new("another key".to_owned())) } else { merchant.key() };
    Message::new()
        .text("return_code", "SUCCESS")
        .text("appid", &*order.appid)
        .text("mch_id", &*order.mch_id)
        .maybe("sub_appid", order.sub_appid.as_deref())
        .maybe("sub_mch_id", order.sub_mch_id.as_deref())
        .text("nonce_str", nonce)
        .text("req_info", wxpay::refund_notice::encrypt(inside.as_bytes(), &key.refund_notice_key()))
        .into_xml("xml")
        .into_bytes()
}

/// Where the money goes back to, in WeChat's words.
pub(crate) fn receiver(order: &Order) -> &'static str {
    match order.payment.as_ref().map(|payment| payment.bank_type.as_str()) {
        Some("LQT") => "支付用户零钱通",
        Some("CFT" | "OTHERS") | None => "支付用户零钱",
        Some(_) => "招商银行信用卡0403",
    }
}

impl Simulator {
    /// Every attempt that is due by now, in the order it is to be made. Each is to be answered; one that is not
    /// counts as unanswered five seconds later.
    pub fn due_notices(&mut self) -> Vec<Delivery> {
        let now = self.tick();
        let mut out: Vec<Delivery> = Vec::new();
        let mut held: Vec<Delivery> = Vec::new();
        while let Some((due, id)) = self.world.outbox.due.first().copied().filter(|(due, _)| *due <= now) {
            self.world.outbox.due.remove(&(due, id));
            let Some(mut record) = self.world.outbox.list.get(&id).cloned() else { continue };
            if record.state == NoticeState::Out {
                // Its five seconds are over.
                self.world.outbox.list.insert(id, record);
                self.world.retry(id, due - ANSWER_WITHIN_MS);
                continue;
            }
            if let Some(NoticeFault::Reordered) = record.fault
                && record.attempts == 0
                && out.is_empty()
                && now - record.made_ms < 15_000
            {
                // Wait for a later one to overtake it; if none is due yet, look again in a second.
                let others = self.world.outbox.due.iter().any(|(due, _)| *due <= now);
                if !others {
                    let again = now.saturating_add(1_000);
                    self.world.outbox.due.insert((again, id));
                    record.next_ms = again;
                    self.world.outbox.list.insert(id, record);
                    continue;
                }
            }
            let last = matches!(record.fault, Some(NoticeFault::Reordered)) && record.attempts == 0;
            record.attempts += 1;
            record.state = NoticeState::Out;
            record.next_ms = now.saturating_add(ANSWER_WITHIN_MS);
            self.world.outbox.list.insert(id, record.clone());
            self.world.outbox.due.insert((record.next_ms, id));
            if let Some(NoticeFault::Lost { attempts }) = record.fault
                && record.attempts <= attempts
            {
                self.world.answered(id, Answer::Nothing, now);
                continue;
            }
            let Some(body) = self.world.compose(&record) else { continue };
            let delivery =
                Delivery { id, attempt: record.attempts, url: record.url, body, number: record.number };
            let again =
                if let Some(NoticeFault::Repeated { times }) = record.fault { times.min(100) } else { 0 };
            let list = if last { &mut held } else { &mut out };
            (0..=again).for_each(|_| list.push(delivery.clone()));
        }
        out.extend(held);
        out
    }

    /// When the next attempt is due, if any, in milliseconds since the epoch.
    #[must_use]
    pub fn next_notice_ms(&self) -> Option<i64> {
        self.world.outbox.due.first().map(|(due, _)| *due)
    }

    /// Says how the merchant answered an attempt. Once answered SUCCESS a notice stays so, whatever comes later.
    pub fn answer(&mut self, id: u64, answer: Answer) {
        let now = self.tick();
        self.world.answered(id, answer, now);
    }

    /// Every notice ever made, oldest first.
    pub fn notices(&self) -> impl Iterator<Item = &NoticeRecord> {
        self.world.outbox.list.values()
    }
}

impl World {
    fn answered(&mut self, id: u64, answer: Answer, now: i64) {
        let Some(record) = self.outbox.list.get_mut(&id) else { return };
        let state = match answer {
            Answer::Success => NoticeState::Delivered,
            Answer::Undeliverable => NoticeState::Undeliverable,
            Answer::Fail | Answer::Nothing => {
                if record.state == NoticeState::Out {
                    let next = record.next_ms;
                    self.outbox.due.remove(&(next, id));
                    self.retry(id, next - ANSWER_WITHIN_MS);
                }
                return;
            }
        };
        if record.state != NoticeState::Delivered {
            record.state = state;
            let next = record.next_ms;
            record.next_ms = now;
            self.outbox.due.remove(&(next, id));
        }
    }

    /// Puts the notice back for its next attempt, counted from when the last one was made, or gives it up.
    fn retry(&mut self, id: u64, sent: i64) {
        let Some(record) = self.outbox.list.get_mut(&id) else { return };
        let made = usize::try_from(record.attempts).unwrap_or(usize::MAX);
        match SCHEDULE_SECS.get(made.saturating_sub(1)) {
            Some(secs) => {
                record.state = NoticeState::Waiting;
                record.next_ms = sent.saturating_add(secs * 1000);
                self.outbox.due.insert((record.next_ms, id));
            }
            None => record.state = NoticeState::GivenUp,
        }
    }
}
