//! Everything is held against a plain reading of the whole table.

use super::*;
use crate::seed::Past;
use crate::window::{Mark, Standing};
use crate::{NewNotice, NewOperation, NewPayment, NoticeKind, PaymentObservation, RefundObservation};
use domain::evidence::Source;
use domain::{
    AppId, Environment, MchId, OpenId, OperationId, OperationKind, OperationOutcome, OperationState,
    OrderState, OutRefundNo, OutTradeNo, RefundState, Secret, TransactionId,
};
use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use std::path::Path;

const NOW: i64 = 1_763_700_000_000;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(NOW + ms)
}

fn open(file: &Path) -> Ledger {
    Ledger::open(file, Environment::Simulated, Secret::new([7; 32]), at(0)).unwrap().ledger
}

struct Dice(TestRng);

impl Dice {
    fn new(seed: u8) -> Self {
        Self(TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]))
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.0.next_u64() % end as u64).unwrap()
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// Few letters, so that much of it is found again.
    fn text(&mut self, most: usize) -> String {
        const LETTERS: &[char] = &[
            'a', 'A', 'b', 'Z', '0', '1', '2', '%', '_', '\\', '\'', ' ', '面', '包', '🍞', 'é', 'É', 'я',
            'Я', 'Ａ', 'ａ', '\u{301}', '.',
        ];
        (0..=self.below(most)).map(|_| self.pick(LETTERS)).collect()
    }
}

fn number(text: &str) -> OutTradeNo {
    OutTradeNo::parse(text).unwrap()
}

fn mch_id() -> MchId {
    MchId::parse("1900000109").unwrap()
}

fn seen(merchant: &str, no: &str, source: Source, state: OrderState, ms: i64) -> PaymentObservation {
    PaymentObservation::new(merchant, mch_id(), number(no), source, state, at(ms))
}

fn order(merchant: &str, no: &str, fen: i64, body: &str) -> NewOperation {
    let params = format!("{merchant}{no}{fen}");
    let id: String = params.chars().filter(char::is_ascii_alphanumeric).collect();
    NewOperation {
        id: OperationId::parse(&format!("{id:x<24}")).unwrap(),
        merchant: merchant.into(),
        mch_id: mch_id(),
        kind: OperationKind::UnifiedOrder,
        out_trade_no: number(no),
        out_refund_no: None,
        amount: Fen::new(fen),
        currency: "CNY".into(),
        params_sha256: crate::params_digest(&params),
        request_params: params,
        payment: Some(NewPayment {
            appid: AppId::parse("wx2421b1c4370ec43b").unwrap(),
            sub_mch_id: None,
            sub_appid: None,
            sub_openid: None,
            trade_type: TradeType::Native,
            body: body.into(),
            attach: None,
            openid: None,
            expires: None,
        }),
        lease_ms: 60_000,
    }
}

/// A payment of any kind, with any evidences.
fn past(dice: &mut Dice, merchant: &str, turn: usize) -> Past {
    let no = format!("{}{turn}", dice.pick(&["A", "b_", "2026", "X|", "20260102"]));
    let created = at(-i64::try_from(dice.below(40)).unwrap() * 60_000);
    let mut row = Payment::unasked(merchant, &mch_id(), &number(&no), created);
    row.unasked = false;
    row.total = Some(Fen::new(dice.pick(&[0, 1, 100, 1200, 1230, i64::from(u32::MAX), 1 << 40])));
    row.trade_type = Some(dice.pick(&TradeType::ALL)).filter(|_| dice.below(8) > 0);
    row.body = Some(dice.text(6)).filter(|_| dice.below(8) > 0);
    row.attach = Some(dice.text(3)).filter(|_| dice.below(2) > 0);
    let paid = created.plus_millis(dice.pick(&[-5_000, 0, 999, 61_000, 60_000_000, 900_000_000]));
    row.time_end = Some(paid.civil()).filter(|_| dice.below(3) > 0);
    row.openid = (dice.below(3) > 0).then(|| OpenId::parse(&format!("oUpF8u{}", dice.below(9))).unwrap());
    let mut past = Past::of(row);
    let transaction =
        |dice: &mut Dice| TransactionId::parse(&format!("42000{:023}", dice.below(1_000_000))).unwrap();
    let same = transaction(dice);
    for source in Source::ALL {
        if dice.below(2) == 0 {
            let state = dice.pick(&OrderState::ALL);
            let mut told = seen(merchant, &no, source, state, 0);
            told.total = past.payment.total.filter(|_| dice.below(9) > 0).or(Some(Fen::new(3)));
            told.transaction_id = Some(if dice.below(9) == 0 { transaction(dice) } else { same.clone() });
            past.said.push(told);
        }
    }
    past.payment.transaction_id = past.said.iter().filter_map(|told| told.transaction_id.clone()).min();
    if dice.below(2) == 0 {
        let mut new = order(merchant, &no, 1, "");
        new.amount = past.payment.total.unwrap();
        past.payment.operation_id = Some(new.id.clone());
        let state = dice.pick(&[
            OperationState::Intended,
            OperationState::NotSent,
            OperationState::Unknown,
            OperationState::Rejected,
            OperationState::Confirmed,
        ]);
        past.operations.push((new, state, None));
    }
    for part in 0..dice.below(3) {
        let refund_no = OutRefundNo::parse(&format!("R{turn}x{part}")).unwrap();
        let state = dice.pick(&RefundState::ALL);
        let told = RefundObservation::new(
            (merchant, mch_id()),
            (refund_no, number(&no)),
            Source::Query,
            (state, Fen::new(1)),
            at(0),
        );
        let mut row = Refund::first(&told, at(0));
        row.state = state;
        past.refunds.push((row, told));
    }
    past
}

use crate::Refund;

/// What a row shows and is found by, read plainly.
struct Plain {
    listed: Listed,
    standing: Standing,
    texts: Vec<String>,
    capitals: Vec<String>,
}

fn plain(ledger: &Ledger, merchant: &str, now: Timestamp) -> Vec<Plain> {
    let filter = crate::PaymentFilter { merchant: Some(merchant.into()), ..Default::default() };
    let rows = ledger.payments(&filter).unwrap();
    let all = rows.into_iter().map(|payment| {
        let no = &payment.out_trade_no;
        let evidences = ledger.evidences(merchant, no).unwrap();
        let operations = ledger.operations_of(merchant, no).unwrap();
        let mut texts = vec![no.to_string()];
        texts.extend(payment.transaction_id.as_ref().map(ToString::to_string));
        texts.extend(payment.body.clone());
        texts.extend(payment.attach.clone());
        texts.extend(payment.openid.as_ref().map(ToString::to_string));
        for refund in ledger.refunds_of(merchant, no).unwrap() {
            texts.push(refund.out_refund_no.to_string());
            texts.extend(refund.refund_id.map(|id| id.to_string()));
        }
        texts.extend(operations.iter().filter_map(|op| op.out_refund_no.as_ref().map(ToString::to_string)));
        let unresolved = operations.iter().any(|op| op.state.is_unresolved());
        let standing = Standing::of(&payment, &evidences, ledger.late_as_of(merchant, now).unwrap());
        let capitals = texts.iter().map(|text| text.to_uppercase()).collect();
        Plain { listed: Listed { payment, evidences, unresolved }, standing, texts, capitals }
    });
    all.collect()
}

/// When it was paid; when it was made, if it was not.
fn counts_at(payment: &Payment) -> Timestamp {
    let paid = payment.time_end.filter(|_| payment.state.was_paid());
    paid.map_or(payment.created, |paid| paid.timestamp())
}

fn fits(row: &Plain, wanted: &Wanted) -> bool {
    let payment = &row.listed.payment;
    // Nothing here changes its length in capitals.
    let needle = wanted.text.to_uppercase();
    let amount = |text: &str| text.trim_start_matches('¥').parse::<Fen>().ok();
    let text = needle.is_empty()
        || row.capitals.iter().any(|text| text.contains(&needle))
        || amount(wanted.text.trim()).is_some_and(|amount| payment.total == Some(amount));
    let marks = [row.standing.told, row.standing.asked, row.standing.billed];
    let proven = (0..3).all(|at| {
        let of = wanted.evidence.iter().map(|one| one.place()).filter(|one| one.0 == at);
        let asked: Vec<bool> = of.map(|one| one.1).collect();
        let told = row.listed.evidences.iter().find(|told| told.source as usize == at);
        let there = told.is_some_and(|told| crate::window::counts(told.state, payment.state));
        let missing = !there && marks[at] != Mark::None;
        asked.is_empty() || asked.iter().any(|yes| if *yes { there } else { missing })
    });
    text && proven
        && (wanted.stands.is_empty() || wanted.stands.contains(&row.standing.stands))
        && (wanted.trade_types.is_empty()
            || payment.trade_type.is_some_and(|kind| wanted.trade_types.contains(&kind)))
        && wanted.from.is_none_or(|from| counts_at(payment) >= from)
        && wanted.to.is_none_or(|to| counts_at(payment) < to)
        && wanted.min.is_none_or(|min| payment.total.is_some_and(|total| total >= min))
        && wanted.max.is_none_or(|max| payment.total.is_some_and(|total| total <= max))
        && (!wanted.disagreeing || !row.standing.disagreements.is_empty())
        && (!wanted.unresolved || row.listed.unresolved)
}

fn wanted(dice: &mut Dice, merchant: &str, rows: &[Plain]) -> Wanted {
    let mut wanted = Wanted::all(merchant);
    wanted.text = match dice.below(6) {
        0 => String::new(),
        1 => dice.text(1),
        2 => dice.text(3),
        3 => dice
            .pick(&["12", "12.3", "¥12", "0.01", "42000", "R", "%", "_", "\\", "ÿ", "\u{10ffff}", "nothing"])
            .into(),
        // A piece of something that is there.
        _ if rows.is_empty() => "a".into(),
        _ => {
            let texts = &rows[dice.below(rows.len())].texts;
            let letters: Vec<char> = dice.pick(texts).chars().collect();
            let start = dice.below(letters.len());
            let end = start + 1 + dice.below(letters.len() - start);
            let piece: String = letters[start..end].iter().collect();
            if dice.below(2) == 0 { piece.to_uppercase() } else { piece.to_lowercase() }
        }
    };
    let some = |dice: &mut Dice| dice.below(6) == 0;
    if some(dice) {
        wanted.stands = (0..=dice.below(3)).map(|_| dice.pick(&Stands::ALL)).collect();
    }
    if some(dice) {
        wanted.trade_types = vec![dice.pick(&TradeType::ALL)];
    }
    if some(dice) {
        wanted.from = Some(at(-i64::try_from(dice.below(40)).unwrap() * 60_000));
    }
    if some(dice) {
        wanted.to = Some(at(-i64::try_from(dice.below(40)).unwrap() * 60_000));
    }
    if some(dice) {
        wanted.min = Some(Fen::new(dice.pick(&[0, 2, 1200, 1 << 33])));
    }
    if some(dice) {
        wanted.max = Some(Fen::new(dice.pick(&[0, 1200, i64::from(u32::MAX), 1 << 50])));
    }
    if some(dice) {
        wanted.evidence = (0..=dice.below(2)).map(|_| dice.pick(&Proven::ALL)).collect();
    }
    wanted.disagreeing = some(dice);
    wanted.unresolved = some(dice);
    wanted
}

/// Compares a window and the sums with the plain reading.
fn compare(ledger: &Ledger, rows: &[Plain], wanted: &Wanted, window: (usize, usize), now: Timestamp) {
    let fitting: Vec<&Plain> = rows.iter().filter(|row| fits(row, wanted)).collect();
    let found = ledger.list_payments(wanted, window, now).unwrap();
    let expected: Vec<&Listed> =
        fitting.iter().skip(window.0).take(window.1).map(|row| &row.listed).collect();
    assert_eq!(found.total, fitting.len(), "{wanted:?}");
    assert_eq!(found.rows.iter().collect::<Vec<_>>(), expected, "{wanted:?}");
    let paid: Vec<_> = fitting.iter().filter(|row| row.listed.payment.state.was_paid()).collect();
    let sum =
        |of: fn(&Payment) -> Fen| Fen::checked_sum(paid.iter().map(|row| of(&row.listed.payment))).unwrap();
    let expected = Sums {
        count: i64::try_from(fitting.len()).unwrap(),
        paid: i64::try_from(paid.len()).unwrap(),
        takings: sum(|payment| payment.total.unwrap_or(Fen::ZERO)),
        refunded: sum(|payment| payment.refunded),
        disagreeing: i64::try_from(
            fitting.iter().filter(|row| !row.standing.disagreements.is_empty()).count(),
        )
        .unwrap(),
    };
    assert_eq!(ledger.sum_payments(wanted, now).unwrap(), expected, "{wanted:?}");
}

#[test]
fn any_search_finds_what_a_plain_reading_finds() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l.paydesk"));
    let dice = &mut Dice::new(1);
    let mine: Vec<Past> = (0..400).map(|turn| past(dice, "shop", turn)).collect();
    let other: Vec<Past> = (0..100).map(|turn| past(dice, "shop2", turn)).collect();
    assert_eq!(ledger.import_past(mine.into_iter().chain(other), at(0), |_| {}).unwrap(), 500);
    let findings = ledger.check_full(Some(ledger.head().unwrap())).unwrap().findings;
    let made_up = |finding: &crate::Finding| {
        matches!(finding.code(), "over_refunded" | "confirmed_without_row" | "refund_sum")
    };
    assert!(findings.iter().all(made_up), "{findings:?}");
    // To one of them notices come.
    told(&ledger, "shop");
    for merchant in ["shop", "shop2", "nobody"] {
        let rows = plain(&ledger, merchant, at(0));
        for _ in 0..1_500 {
            let wanted = wanted(dice, merchant, &rows);
            let window = (dice.pick(&[0, 0, 1, 7, 300, 4_000]), dice.pick(&[0, 1, 3, 3, 9]));
            compare(&ledger, &rows, &wanted, window, at(0));
        }
    }
    assert!(ledger.is_prepared("shop"));
    assert!(ledger.prepare("nobody", &|| true).unwrap().unwrap().1 < 100, "nothing takes no room");
}

#[test]
fn it_stays_current_whoever_writes() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("l.paydesk");
    let (ledger, elsewhere) = (open(&file), open(&file));
    let dice = &mut Dice::new(2);
    // More than a block, so that blocks are split and joined.
    let many = (0..2_300).map(|turn| {
        let no = number(&format!("N{turn}"));
        let mut row = Payment::unasked("shop", &mch_id(), &no, at(i64::from(turn) / 2 * 1_000));
        (row.total, row.unasked) = (Some(Fen::new(100)), false);
        Past::of(row)
    });
    ledger.import_past(many, at(0), |_| {}).unwrap();
    assert_eq!(
        ledger
            .list_payments(&Wanted { text: "n".into(), ..Wanted::all("shop") }, (0, 1), at(0))
            .unwrap()
            .total,
        2_300
    );
    for turn in 0..160_i64 {
        let by = if turn % 3 == 0 { &elsewhere } else { &ledger };
        let no = format!("N{}", dice.below(2_400));
        let now = at(dice.pick(&[-1_000, 600_500, 2_000_000]) + turn);
        match turn % 8 {
            0 => drop(
                by.intend(&order("shop", &format!("NEW{turn}"), 100 + turn, "新面包"), "a", now).unwrap(),
            ),
            1 => {
                let op =
                    by.operation_by_number("shop", OperationKind::UnifiedOrder, &format!("NEW{}", turn - 1));
                let outcome = dice.pick(&[OperationOutcome::Rejected, OperationOutcome::NotSent]);
                by.settle(&op.unwrap().unwrap().id, outcome, None, now).unwrap();
            }
            2 => {
                let told = RefundObservation::new(
                    ("shop", mch_id()),
                    (OutRefundNo::parse(&format!("BACK{turn}")).unwrap(), number(&no)),
                    Source::Query,
                    (RefundState::Success, Fen::new(1)),
                    now,
                );
                by.observe_refund(&told, now).unwrap();
            }
            3 => drop(by.intend(&order("other", &format!("O{turn}"), 5, "x"), "a", now).unwrap()),
            _ => {
                // Of one that is there, or that nobody asked for.
                let source = dice.pick(&Source::ALL);
                let mut told = seen("shop", &no, source, dice.pick(&OrderState::ALL), 0);
                told.total = Some(Fen::new(dice.pick(&[100, 100, 100, 99])));
                told.body = Some("Told".into());
                told.transaction_id = TransactionId::parse(&format!("42000{turn:023}")).ok();
                by.observe_payment(&told, now).unwrap();
            }
        }
        if turn % 8 == 7 {
            let rows = plain(&ledger, "shop", now);
            for wanted in [
                Wanted { text: "n".into(), ..Wanted::all("shop") },
                Wanted { text: "told".into(), ..Wanted::all("shop") },
                Wanted { text: "back".into(), ..Wanted::all("shop") },
                Wanted { disagreeing: true, ..Wanted::all("shop") },
                Wanted { unresolved: true, ..Wanted::all("shop") },
                Wanted {
                    stands: vec![Stands::Rejected, Stands::Unknown, Stands::NotSent],
                    ..Wanted::all("shop")
                },
            ] {
                compare(&ledger, &rows, &wanted, (dice.below(20), 5), now);
            }
            compare(&ledger, &rows, &wanted(dice, "shop", &rows), (0, 500), now);
        }
    }
}

/// Lists and sums ask at once, as the window does for each letter typed, while somebody writes.
#[test]
fn lists_and_sums_of_many_threads_agree_while_somebody_writes() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = &open(&dir.path().join("l.paydesk"));
    let many = (0..3_000).map(|turn| {
        let no = number(&format!("2026112109{turn:04}"));
        let mut row = Payment::unasked("shop", &mch_id(), &no, at(i64::from(turn)));
        (row.total, row.unasked) = (Some(Fen::new(100)), false);
        Past::of(row)
    });
    ledger.import_past(many, at(0), |_| {}).unwrap();
    let wanted = |text: &str| Wanted { text: text.into(), ..Wanted::all("shop") };
    std::thread::scope(|scope| {
        for text in ["2026", "2026112109", "1", "29"] {
            scope.spawn(move || {
                for _ in 0..25 {
                    let before = ledger.list_payments(&wanted(text), (0, 9), at(0)).unwrap().total;
                    let sums = ledger.sum_payments(&wanted(text), at(0)).unwrap();
                    assert!(sums.count >= i64::try_from(before).unwrap(), "nothing is ever taken away");
                }
            });
        }
        scope.spawn(move || {
            for turn in 3_000..3_040 {
                let no = format!("2026112109{turn:04}");
                drop(ledger.intend(&order("shop", &no, 100, "面包"), "a", at(turn)).unwrap());
            }
        });
    });
    let rows = plain(ledger, "shop", at(0));
    for text in ["2026", "1", "29", "面", "30", "9303"] {
        compare(ledger, &rows, &wanted(text), (3, 50), at(0));
    }
}

#[test]
fn before_it_is_in_memory_the_answer_is_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("l.paydesk");
    let ledger = open(&file);
    let many = (0..6_000).map(|turn| {
        let row = Payment::unasked("shop", &mch_id(), &number(&format!("N{turn}")), at(i64::from(turn) / 3));
        Past::of(Payment { trade_type: Some(TradeType::Native), ..row })
    });
    ledger.import_past(many, at(0), |_| {}).unwrap();
    let all = Wanted::all("shop");
    let windows = [(0, 200), (0, 0), (5_990, 200), (6_000, 10), (3_000, 7)];
    let before: Vec<_> =
        windows.map(|window| ledger.list_payments(&all, window, at(0)).unwrap()).into_iter().collect();
    assert!(!ledger.is_prepared("shop"));
    let turns = std::cell::Cell::new(0);
    let ended = ledger.prepare("shop", &|| {
        turns.set(turns.get() + 1);
        false
    });
    assert_eq!((ended.unwrap(), turns.get(), ledger.is_prepared("shop")), (None, 1, false));
    let (rows, bytes) = ledger.prepare("shop", &|| true).unwrap().unwrap();
    assert_eq!((rows, ledger.is_prepared("shop")), (6_000, true));
    assert!(bytes / rows < 48, "{}", bytes / rows);
    for (window, before) in windows.into_iter().zip(before) {
        assert_eq!(ledger.list_payments(&all, window, at(0)).unwrap(), before, "{window:?}");
    }
    assert_eq!(before_and_after(&ledger), (0, 6_000));
}

/// A notice of a payment of this merchant comes here.
fn told(ledger: &Ledger, merchant: &str) {
    let notice = NewNotice {
        merchant: merchant.into(),
        raw: b"<xml/>".to_vec(),
        received: at(0),
        kind: NoticeKind::Payment,
        verified: true,
        verdict: "valid".into(),
        mch_id: Some(mch_id()),
        out_trade_no: None,
        out_refund_no: None,
        number: Some("1".into()),
        state: Some("paid".into()),
    };
    ledger.record_notice(&notice, at(0)).unwrap();
}

/// How many are short of a notice ten minutes after, and a millisecond later, once notices come here. Nothing is
/// written in between.
fn before_and_after(ledger: &Ledger) -> (usize, usize) {
    for turn in 0..2 {
        let told = seen("late", &format!("L{turn}"), Source::Query, OrderState::Paid, 0);
        let told = PaymentObservation { trade_type: Some(TradeType::Jsapi), ..told };
        ledger.observe_payment(&told, at(0)).unwrap();
    }
    let late = |ms| {
        let wanted = Wanted { disagreeing: true, ..Wanted::all("late") };
        ledger.list_payments(&wanted, (0, 9), at(ms)).unwrap().total
    };
    assert_eq!((late(600_000), late(600_001)), (0, 0), "no notice ever came here");
    told(ledger, "late");
    assert_eq!((late(600_000), late(600_001), late(0)), (0, 2, 0));
    (late(600_000), ledger.list_payments(&Wanted::all("shop"), (0, 1), at(0)).unwrap().total)
}

#[test]
fn no_past_is_made_up_for_real_money() {
    let dir = tempfile::tempdir().unwrap();
    for environment in [Environment::Sandbox, Environment::Live] {
        let file = dir.path().join(environment.to_string());
        let ledger = Ledger::open(&file, environment, Secret::new([7; 32]), at(0)).unwrap().ledger;
        let row = Payment::unasked("shop", &mch_id(), &number("1"), at(0));
        let error = ledger.import_past([Past::of(row)], at(0), |_| {}).unwrap_err();
        assert!(matches!(error, LedgerError::WrongEnvironment { .. }), "{error}");
        assert_eq!(ledger.head().unwrap().seq, 1);
    }
}
