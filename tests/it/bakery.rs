//! A bakery's trade, made up: weeks of it up to a moment, as a ledger would have it.
//!
//! The same seed, number and moment give the same trade.

use crate::dice::Dice;
use domain::evidence::Source;
use domain::{
    AppId, Fen, MchId, OpenId, OperationId, OperationKind, OperationState, OrderState, OutRefundNo,
    OutTradeNo, RefundId, RefundState, Timestamp, TradeType, TransactionId,
};
use ledger::{
    NewExchange, NewNotice, NewOperation, NoticeKind, Past, Payment, PaymentObservation, Refund,
    RefundObservation,
};

const MINUTE: i64 = 60_000;
const SLOT: i64 = 15 * MINUTE;
const DAY: i64 = 96 * SLOT;
const UTC8: i64 = 32 * SLOT;

/// How busy each hour of the day is: breakfast, a quiet noon, school's end.
const HOURS: [u64; 24] =
    [0, 0, 0, 0, 0, 0, 4, 46, 78, 52, 30, 34, 40, 28, 26, 40, 66, 82, 58, 34, 18, 6, 0, 0];
/// How busy each day of the week is, from Monday.
const WEEKDAYS: [u64; 7] = [84, 88, 92, 95, 108, 136, 128];

/// What is sold, with its price in fen.
const GOODS: [(&str, i64); 36] = [
    ("全麦吐司", 1_600),
    ("牛角包", 900),
    ("原味贝果", 1_000),
    ("肉松小贝", 1_200),
    ("葡式蛋挞", 600),
    ("蛋挞 6 只装", 3_300),
    ("海盐卷", 500),
    ("菠萝包", 700),
    ("红豆面包", 800),
    ("奶酪包", 1_400),
    ("法棍", 1_300),
    ("核桃欧包", 2_200),
    ("蒜香面包", 1_100),
    ("鲜奶吐司", 1_800),
    ("抹茶卷", 2_600),
    ("毛巾卷", 2_800),
    ("曲奇礼盒", 12_800),
    ("生日蛋糕 6 寸", 22_800),
    ("生日蛋糕 8 寸", 32_800),
    ("提拉米苏", 3_200),
    ("芝士蛋糕切件", 2_900),
    ("草莓蛋糕切件", 3_100),
    ("半熟芝士 5 枚", 4_900),
    ("泡芙", 800),
    ("甜甜圈", 900),
    ("三明治", 1_500),
    ("火腿可颂", 1_600),
    ("次日早餐 2 人份", 6_800),
    ("热美式", 1_500),
    ("拿铁", 2_200),
    ("燕麦拿铁", 2_600),
    ("鲜牛奶", 800),
    ("豆浆", 500),
    ("储值卡 300 元", 30_000),
    ("Bagel & Coffee", 2_400),
    ("月饼礼盒", 18_800),
];
const TILLS: [&str; 6] =
    ["静安店 收银 1", "静安店 收银 2", "徐汇店 收银 1", "徐汇店 收银 2", "浦东店 收银 1", "小程序"];
const BANKS: [&str; 7] =
    ["OTHERS", "ICBC_DEBIT", "CMB_DEBIT", "CCB_DEBIT", "CMB_CREDIT", "ABC_DEBIT", "BOC_DEBIT"];
const REASONS: [&str; 6] = ["买错了", "包装破损", "顾客取消预订", "少找一件", "口味不符", "重复付款"];

/// Orders newer than this many are written with the operation that made them; of older ones only what was not
/// confirmed. A million of those texts would be half the file, and no list shows them.
const WITH_OPERATION: usize = 20_000;
/// The newest so many have raw exchanges and notices too.
const WITH_RAW: usize = 400;

/// Whose trade it is.
#[derive(Clone, Debug)]
pub struct Seller {
    /// The merchant's name in Paydesk.
    pub merchant: String,
    /// Its number.
    pub mch_id: MchId,
    /// Its account.
    pub appid: AppId,
}

/// The trade, oldest first.
#[derive(Debug)]
pub struct Bakery {
    seller: Seller,
    dice: Dice,
    now: i64,
    customers: u64,
    /// What is left: start, length and number of payments, the latest first.
    slots: Vec<(i64, i64, u64)>,
    /// Moments within the current slot, the latest first.
    moments: Vec<i64>,
    left: usize,
}

impl Bakery {
    /// So many payments up to `now`.
    #[must_use]
    pub fn new(seller: Seller, payments: u64, seed: u64, now: Timestamp) -> Self {
        let mut dice = Dice::new(seed);
        let now = now.millis();
        // Two weeks of a small bakery, or a season of a chain.
        let days = i64::try_from((payments / 12_000).clamp(14, 84)).unwrap_or(14);
        let midnight = (now + UTC8).div_euclid(DAY) * DAY - UTC8;
        let mut slots = Vec::new();
        let mut start = midnight - (days - 1) * DAY;
        while start < now {
            let day = (start + UTC8).div_euclid(DAY);
            let hour = (start + UTC8).rem_euclid(DAY) / (4 * SLOT);
            let length = SLOT.min(now - start);
            let at = |number: i64| usize::try_from(number).unwrap_or(0);
            // 1970 began on a Thursday.
            let busy = HOURS[at(hour)] * WEEKDAYS[at((day + 3).rem_euclid(7))] * dice.from_to(85, 115);
            slots.push((start, length, busy * u64::try_from(length / 1_000).unwrap_or(0)));
            start += SLOT;
        }
        let whole: u128 = slots.iter().map(|slot| u128::from(slot.2)).sum::<u128>().max(1);
        let (mut before, mut given) = (0_u128, 0_u64);
        for slot in &mut slots {
            before += u128::from(slot.2);
            let until = u64::try_from(u128::from(payments) * before / whole).unwrap_or(u64::MAX);
            slot.2 = until - given;
            given = until;
        }
        slots.reverse();
        Self {
            seller,
            dice,
            now,
            customers: payments / 12 + 20,
            slots,
            moments: Vec::new(),
            left: usize::try_from(payments).unwrap_or(0),
        }
    }

    fn digits(&mut self, count: u32) -> String {
        let below = 10_u64.pow(count);
        format!("{:0width$}", self.dice.roll() % below, width = count as usize)
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        *self.dice.pick(of).unwrap_or_else(|| unreachable!("it is picked of some"))
    }

    /// How many of ten thousand.
    fn often(&mut self, of_ten_thousand: u64) -> bool {
        self.dice.roll() % 10_000 < of_ten_thousand
    }

    fn moment(&mut self) -> Option<i64> {
        while self.moments.is_empty() {
            let (start, length, count) = self.slots.pop()?;
            // Nobody pays in the second in which the list is made.
            let last = u64::try_from((length - 2_000).max(0)).unwrap_or(0);
            let dice = &mut self.dice;
            self.moments =
                (0..count).map(|_| start + i64::try_from(dice.from_to(0, last)).unwrap_or(0)).collect();
            self.moments.sort_unstable_by_key(|moment| std::cmp::Reverse(*moment));
        }
        self.moments.pop()
    }

    fn customer(&mut self) -> OpenId {
        // Half of the trade is with those who come every day.
        let among = if self.dice.percent(50) { self.customers / 20 + 1 } else { self.customers };
        let mut who = Dice::new(self.dice.roll() % among);
        const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";
        let tail: String = (0..22).map(|_| char::from(*who.pick(LETTERS).unwrap_or(&b'0'))).collect();
        parsed(OpenId::parse(&format!("oUpF8u{tail}")))
    }

    fn operation_id(&mut self) -> OperationId {
        parsed(OperationId::parse(&format!("{:016x}{:08x}", self.dice.roll(), self.dice.roll() >> 32)))
    }

    fn operation(&mut self, row: &Payment, kind: OperationKind, params: String, amount: Fen) -> NewOperation {
        NewOperation {
            id: self.operation_id(),
            merchant: row.merchant.clone(),
            mch_id: row.mch_id.clone(),
            kind,
            out_trade_no: row.out_trade_no.clone(),
            out_refund_no: None,
            amount,
            currency: "CNY".into(),
            params_sha256: ledger::params_digest(&params),
            request_params: params,
            payment: None,
            lease_ms: 0,
        }
    }

    fn order(&mut self, created: i64) -> Payment {
        let kind = match self.dice.roll() % 100 {
            0..54 => TradeType::Micropay,
            54..74 => TradeType::Native,
            74..97 => TradeType::Jsapi,
            97..99 => TradeType::H5,
            _ => TradeType::App,
        };
        let (goods, price) = self.one(&GOODS);
        let pieces = if price < 4_000 { self.one(&[1, 1, 1, 2, 2, 3, 4]) } else { 1 };
        let beside = if self.dice.percent(35) { self.one(&GOODS[..33]).1.min(4_000) } else { 0 };
        let body = match (pieces, beside) {
            (1, 0) => goods.to_owned(),
            (_, 0) => format!("{goods} ×{pieces}"),
            _ => format!("{goods} 等 {} 件", pieces + 1),
        };
        let moment = Timestamp::from_millis(created);
        let number = format!("{}{}", moment.civil().compact(), self.digits(10));
        let till = match kind {
            TradeType::Micropay | TradeType::Native => Some(self.one(&TILLS[..5])),
            TradeType::Jsapi => Some(TILLS[5]),
            TradeType::App | TradeType::H5 => None,
        };
        Payment {
            id: 0,
            merchant: self.seller.merchant.clone(),
            out_trade_no: parsed(OutTradeNo::parse(&number)),
            mch_id: self.seller.mch_id.clone(),
            appid: Some(self.seller.appid.clone()),
            sub_mch_id: None,
            sub_appid: None,
            sub_openid: None,
            trade_type: Some(kind),
            state: OrderState::Unpaid,
            conflict: false,
            disagreements: Vec::new(),
            unasked: false,
            total: Some(Fen::new(price * pieces + beside)),
            currency: Some("CNY".into()),
            body: Some(body),
            attach: till.map(str::to_owned),
            openid: (kind == TradeType::Jsapi).then(|| self.customer()),
            transaction_id: None,
            prepay_id: None,
            code_url: None,
            mweb_url: None,
            prepaid: None,
            bank_type: None,
            cash_fee: None,
            coupon_fee: None,
            settlement_total: None,
            time_end: None,
            created: moment,
            expires: (kind != TradeType::Micropay).then(|| moment.plus_millis(120 * MINUTE)),
            updated: moment,
            refunded: Fen::ZERO,
            operation_id: None,
            asked: None,
        }
    }

    fn said(&self, row: &Payment, source: Source, state: OrderState, at: i64) -> PaymentObservation {
        let mut seen = PaymentObservation::new(
            &row.merchant,
            row.mch_id.clone(),
            row.out_trade_no.clone(),
            source,
            state,
            Timestamp::from_millis(at.min(self.now)),
        );
        seen.total = row.total;
        seen.currency = row.currency.clone();
        seen.transaction_id = row.transaction_id.clone();
        seen
    }

    /// Pays it, if it is paid.
    fn pay(&mut self, past: &mut Past, paid: i64) {
        let row = &mut past.payment;
        let total = row.total.unwrap_or(Fen::ZERO).get();
        let day = Timestamp::from_millis(paid).civil();
        let number = format!("420000{}{}{}", self.digits(4), &day.compact()[..8], self.digits(10));
        row.transaction_id = Some(parsed(TransactionId::parse(&number)));
        row.time_end = Some(day);
        row.bank_type = Some(self.one(&BANKS).to_owned());
        row.openid = Some(row.openid.take().unwrap_or_else(|| self.customer()));
        let coupon = if self.often(600) { (total / 10).clamp(1, 1_000) } else { 0 };
        row.coupon_fee = (coupon > 0).then(|| Fen::new(coupon));
        row.cash_fee = Some(Fen::new(total - coupon));
        row.settlement_total = (coupon > 0).then(|| Fen::new(total - coupon));
        let row = row.clone();
        let scanned = row.trade_type == Some(TradeType::Micropay);
        // A notice that never came, and one that says something else.
        if !scanned && !self.often(8) && paid + 3_000 < self.now {
            let mut told = self.said(&row, Source::Notice, OrderState::Paid, paid + 1_400);
            if self.left > 50 && self.dice.roll().is_multiple_of(60_000) {
                told.total = Some(Fen::new(total + 100));
            }
            past.said.push(told);
        }
        if scanned || self.dice.percent(30) {
            let after = if scanned { 900 } else { 6_000 };
            past.said.push(self.said(&row, Source::Query, OrderState::Paid, paid + after));
        }
        // The bills of the last week, without today's, fetched in the morning after.
        let morning = (paid + UTC8).div_euclid(DAY) * DAY - UTC8 + DAY + 9 * 4 * SLOT + 20 * MINUTE;
        if morning < self.now && paid > self.now - 8 * DAY && !self.often(3) {
            let mut billed = self.said(&row, Source::Bill, OrderState::Paid, morning);
            if self.dice.roll().is_multiple_of(40_000) {
                billed.total = Some(Fen::new(total - 1));
            }
            past.said.push(billed);
        }
    }

    /// Sends some or all of it back, if it is sent back.
    fn refund(&mut self, past: &mut Past, paid: i64) {
        let total = past.payment.total.unwrap_or(Fen::ZERO).get();
        let asked = paid + i64::try_from(self.dice.from_to(2, 2_000)).unwrap_or(2) * MINUTE;
        if asked > self.now || total < 2 {
            return;
        }
        let row = past.payment.clone();
        let amount = if self.dice.percent(60) { total } else { (total / 2).max(1) };
        let at = Timestamp::from_millis(asked);
        let number = parsed(OutRefundNo::parse(&format!("R{}{}", at.civil().compact(), self.digits(10))));
        let reason = self.one(&REASONS);
        let params = format!(
            "<xml><out_refund_no>{number}</out_refund_no><out_trade_no>{}</out_trade_no>\
             <refund_desc>{reason}</refund_desc><refund_fee>{amount}</refund_fee><total_fee>{total}</total_fee></xml>",
            row.out_trade_no
        );
        let new = self.operation(&row, OperationKind::Refund, params, Fen::new(amount));
        let new = NewOperation { out_refund_no: Some(number.clone()), ..new };
        let operation_id = new.id.clone();
        past.payment.updated = at;
        // A few of the latest are still open, or nobody knows whether they went out.
        let recent = asked > self.now - DAY / 4;
        if recent && self.dice.percent(4) {
            past.operations.push((new, OperationState::Unknown, Some("SYSTEMERROR".into())));
            return;
        }
        past.operations.push((new, OperationState::Confirmed, None));
        let state = match self.dice.roll() % 200 {
            0 => RefundState::Abnormal,
            1 => RefundState::Closed,
            2..42 if recent => RefundState::Processing,
            _ => RefundState::Success,
        };
        let id = format!("503000{}{}{}", self.digits(4), &at.civil().compact()[..8], self.digits(10));
        let mut seen = RefundObservation::new(
            (&row.merchant, row.mch_id.clone()),
            (number.clone(), row.out_trade_no.clone()),
            Source::Query,
            (state, Fen::new(amount)),
            at.plus_millis(30_000),
        );
        seen.refund_id = Some(parsed(RefundId::parse(&id)));
        seen.currency = Some("CNY".into());
        let refund = Refund {
            id: 0,
            merchant: row.merchant,
            out_refund_no: number,
            out_trade_no: row.out_trade_no,
            mch_id: row.mch_id,
            refund_id: seen.refund_id.clone(),
            state,
            conflict: false,
            disagreements: Vec::new(),
            unasked: false,
            amount: Fen::new(amount),
            settlement_amount: Some(Fen::new(amount)),
            currency: Some("CNY".into()),
            channel: Some("ORIGINAL".into()),
            recv_account: Some("支付用户零钱".into()),
            success_time: (state == RefundState::Success).then(|| at.plus_millis(20_000).civil()),
            created: at,
            updated: at.plus_millis(30_000),
            operation_id: Some(operation_id),
        };
        past.refunds.push((refund, seen));
    }

    fn asking(&mut self, past: &mut Past, state: OperationState, code: Option<&str>) {
        let row = past.payment.clone();
        let scanned = row.trade_type == Some(TradeType::Micropay);
        let kind = if scanned { OperationKind::Micropay } else { OperationKind::UnifiedOrder };
        let total = row.total.unwrap_or(Fen::ZERO);
        let body = row.body.as_deref().unwrap_or_default().replace('&', "&amp;");
        let params = format!(
            "<xml><body>{body}</body><out_trade_no>{}</out_trade_no><total_fee>{}</total_fee></xml>",
            row.out_trade_no,
            total.get()
        );
        let new = self.operation(&row, kind, params, total);
        past.payment.operation_id = Some(new.id.clone());
        past.operations.push((new, state, code.map(str::to_owned)));
    }

    /// The raw bytes of the latest orders.
    fn raw(&mut self, past: &mut Past) {
        let row = &past.payment;
        let Some((operation, state, code)) = past.operations.first() else { return };
        let scanned = row.trade_type == Some(TradeType::Micropay);
        let outcome = match state {
            OperationState::Rejected => "rejected",
            OperationState::NotSent => "not_sent",
            OperationState::Intended | OperationState::Unknown => "unknown",
            OperationState::Confirmed => "confirmed",
        };
        past.exchanges.push(NewExchange {
            merchant: row.merchant.clone(),
            operation_id: Some(operation.id.clone()),
            api: if scanned { "/pay/micropay" } else { "/pay/unifiedorder" }.into(),
            host: "http://127.0.0.1:0".into(),
            request: operation.request_params.clone().into_bytes(),
            response: (*state == OperationState::Confirmed).then(|| {
                b"<xml><return_code>SUCCESS</return_code><result_code>SUCCESS</result_code></xml>".to_vec()
            }),
            started: row.created,
            duration_ms: i64::try_from(self.dice.from_to(60, 900)).unwrap_or(60),
            http_status: (*state == OperationState::Confirmed).then_some(200),
            outcome: outcome.into(),
            err_code: code.clone(),
        });
        let told = past.said.iter().find(|said| said.source == Source::Notice);
        if let (Some(told), Some(id)) = (told, &row.transaction_id) {
            let raw = format!(
                "<xml><out_trade_no>{}</out_trade_no><result_code>SUCCESS</result_code>\
                 <total_fee>{}</total_fee><transaction_id>{id}</transaction_id></xml>",
                row.out_trade_no,
                told.total.unwrap_or(Fen::ZERO).get()
            );
            past.notices.push(NewNotice {
                merchant: row.merchant.clone(),
                raw: raw.into_bytes(),
                received: told.seen_at,
                kind: NoticeKind::Payment,
                verified: true,
                verdict: "valid".into(),
                mch_id: Some(row.mch_id.clone()),
                out_trade_no: Some(row.out_trade_no.clone()),
                out_refund_no: None,
                number: Some(id.to_string()),
                state: Some("paid".into()),
            });
        }
    }
}

/// What is made here has the shape it must have.
fn parsed<T>(made: Result<T, domain::IdError>) -> T {
    made.unwrap_or_else(|error| unreachable!("{error}"))
}

impl Iterator for Bakery {
    type Item = Past;

    fn next(&mut self) -> Option<Past> {
        let created = self.moment()?;
        let left = self.left;
        self.left = left.saturating_sub(1);
        let mut past = Past::of(self.order(created));
        let scanned = past.payment.trade_type == Some(TradeType::Micropay);
        let wait = if scanned { self.dice.from_to(1_500, 9_000) } else { self.dice.from_to(6_000, 80_000) };
        let paid = created + i64::try_from(wait).unwrap_or(0);
        let query = |past: &mut Past, bakery: &Self, state| {
            let said = bakery.said(&past.payment, Source::Query, state, paid + 5 * MINUTE);
            past.said.push(said);
        };
        let (mut asked, mut code) = (OperationState::Confirmed, None);
        match self.dice.roll() % 10_000 {
            // Still open; nobody has paid yet.
            _ if paid > self.now => {}
            0..40 => (asked, code) = (OperationState::Rejected, Some("PARAM_ERROR")),
            40..42 if left < WITH_OPERATION => (asked, code) = (OperationState::Unknown, Some("SYSTEMERROR")),
            42..44 => asked = OperationState::NotSent,
            50..200 if scanned => query(&mut past, self, OrderState::PayError),
            200..230 if scanned => query(&mut past, self, OrderState::Revoked),
            50..450 if !scanned => query(&mut past, self, OrderState::Closed),
            _ => {
                self.pay(&mut past, paid);
                if self.often(120) {
                    self.refund(&mut past, paid);
                }
            }
        }
        if left <= WITH_OPERATION || asked != OperationState::Confirmed {
            let refund = past.operations.pop();
            self.asking(&mut past, asked, code);
            if left <= WITH_RAW {
                self.raw(&mut past);
            }
            past.operations.extend(refund);
        }
        Some(past)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trade(payments: u64, seed: u64) -> Vec<Past> {
        let seller = Seller {
            merchant: "shop".into(),
            mch_id: MchId::parse("1900000109").unwrap(),
            appid: AppId::parse("wx2421b1c4370ec43b").unwrap(),
        };
        // 2025-11-20T18:40:00+08:00, a Thursday.
        Bakery::new(seller, payments, seed, Timestamp::from_secs(1_763_635_200)).collect()
    }

    #[test]
    fn trade_goes_on_in_opening_hours_up_to_now() {
        let trade = trade(3_000, 1);
        assert_eq!(trade.len(), 3_000);
        let created: Vec<_> = trade.iter().map(|past| past.payment.created).collect();
        assert!(created.is_sorted());
        let last = created.last().unwrap().civil().to_string();
        assert!(last.starts_with("2025-11-20 18:"), "{last}");
        assert!(created[0].civil().to_string().starts_with("2025-11-07 "), "two weeks");
        let hour = |at: &Timestamp| at.civil().compact()[8..10].parse::<u64>().unwrap();
        assert!(created.iter().all(|at| (6..22).contains(&hour(at))));
        let at = |wanted| created.iter().filter(|at| hour(at) == wanted).count();
        assert!(at(8) > 2 * at(10) && at(17) > 2 * at(13), "peaks in the morning and in the afternoon");
        let refunded = trade.iter().filter(|past| !past.refunds.is_empty()).count();
        let paid = trade.iter().filter(|past| past.payment.transaction_id.is_some()).count();
        assert!((10..100).contains(&refunded) && paid > 2_700, "{refunded} {paid}");
        assert!(
            trade.iter().all(|past| past
                .payment
                .transaction_id
                .as_ref()
                .is_none_or(|id| id.as_str().len() == 28))
        );
    }

    #[test]
    fn the_same_seed_gives_the_same_trade() {
        let numbers = |seed| trade(200, seed).into_iter().map(|past| past.payment).collect::<Vec<_>>();
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
    }
}
