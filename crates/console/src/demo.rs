//! The whole job once, on the simulator, in a fresh ledger: what the product is for, with its proof.

use crate::args::{Cells, DemoOptions, NewOrder, NewRefund, OrderRef, PaymentQuery, RefundRef, Way};
use crate::clock::OsEntropy;
use crate::console::{Console, Options, SimulatedGateway};
use crate::error::{Code, ConsoleError, Result};
use crate::merchants::BUILT_IN;
use crate::place::{failed, write_whole};
use crate::view::{DemoFile, DemoStep, DemoView, moment};
use crate::words::Lang;
use domain::{Clock, Entropy, Fen, OutRefundNo, OutTradeNo, Timestamp};
use serde_json::{Map, Value, json};
use simulator::{PayWith, Simulator};
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// When the demo's day begins: 2026-01-05 10:00:00 in UTC+8, whatever today is, so that a seed gives the same
/// bytes on any day.
const MORNING_SECS: i64 = 1_767_578_400;

/// What lies in a folder that the demo made, and which it may therefore empty.
const MARK: &str = "paydesk-demo";

/// Time that passes by itself only a little: one millisecond each time it is looked at.
struct DemoClock(AtomicI64);

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Numbers that follow from a seed (SplitMix64). Good enough for names of orders; keys come from elsewhere.
struct Seeded(AtomicU64);

impl Entropy for Seeded {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}

struct Story<'s> {
    steps: Vec<DemoStep>,
    tell: &'s mut (dyn FnMut(&DemoStep) + Send),
}

impl Story<'_> {
    fn step(&mut self, step: &str, ok: bool, evidence: Value) {
        let evidence = match evidence {
            Value::Object(map) => map,
            other => Map::from_iter([("value".to_owned(), other)]),
        };
        let step = DemoStep { step: step.into(), ok, evidence };
        (self.tell)(&step);
        self.steps.push(step);
    }
}

/// Runs the demo in `<data dir>/demo`, a folder of its own that it makes anew, and tells each step as it is
/// done. No packet leaves this process.
///
/// # Errors
/// `file_failed` if the folder is not the demo's own; any error of a step that could not even be tried.
pub async fn demo(
    data_dir: Option<&Path>,
    options: DemoOptions,
    tell: &mut (dyn FnMut(&DemoStep) + Send),
) -> Result<DemoView> {
    let seed = options.seed.unwrap_or_else(|| {
        let mut seed = [0; 4];
        OsEntropy.fill(&mut seed);
        u64::from(u32::from_le_bytes(seed))
    });
    let place = crate::place::Place::open(data_dir)?;
    let folder = place.root().join("demo");
    empty(&folder)?;
    let clock = Arc::new(DemoClock(AtomicI64::new(MORNING_SECS * 1000)));
    let shared: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
    let world = Arc::new(Mutex::new(Simulator::following(seed, Arc::clone(&shared))));
    let console = Console::open(Options {
        data_dir: Some(folder.clone()),
        clock: shared,
        entropy: Arc::new(Seeded(AtomicU64::new(seed))),
        gateway: SimulatedGateway::InProcess(Arc::clone(&world)),
        ..Options::default()
    })?;
    let mut story = Story { steps: Vec::new(), tell };
    tell_story(&console, &world, &clock, &mut story).await?;
    let csv = folder.join("payments.csv");
    let written =
        console.export_payments(Some(BUILT_IN), &PaymentQuery::default(), &csv, Cells::Safe, true)?;
    story.step(
        "payments_exported",
        written.rows == 1,
        json!({ "rows": written.rows, "encoding": "UTF-8 (BOM)", "file": "payments.csv" }),
    );
    console.anchor()?;
    let shown = |path: &Path| path.display().to_string();
    Ok(DemoView {
        simulated: true,
        seed,
        steps: story.steps,
        files: vec![
            DemoFile {
                kind: "ledger".into(),
                path: shown(&console.place.ledger(domain::Environment::Simulated)),
            },
            DemoFile { kind: "payments_csv".into(), path: shown(&csv) },
        ],
    })
}

/// Makes the folder anew. One that the demo did not make is left alone.
fn empty(folder: &Path) -> Result<()> {
    let mark = folder.join(MARK);
    if folder.exists() {
        let ours =
            mark.is_file() || folder.read_dir().map_err(|error| failed(folder, &error))?.next().is_none();
        if !ours {
            return Err(ConsoleError::new(Code::FileExists).with("path", folder.display()));
        }
        std::fs::remove_dir_all(folder).map_err(|error| failed(folder, &error))?;
    }
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    write_whole(&mark, b"This folder is made anew by `paydesk demo`.\n", true)
}

async fn tell_story(
    console: &Console,
    world: &Arc<Mutex<Simulator>>,
    clock: &DemoClock,
    story: &mut Story<'_>,
) -> Result<()> {
    let at = |ms| clock.0.fetch_add(ms, Ordering::Relaxed);
    let in_world = || world.lock().unwrap_or_else(PoisonError::into_inner);
    let us = Some(BUILT_IN);

    let check = console.check_merchant(us).await?;
    let merchant = console.merchant(us)?;
    story.step(
        "merchant_ready",
        check.ok,
        json!({
            "environment": merchant.environment,
            "mch_id": merchant.mch_id,
            "appid": merchant.appid,
            "sign_type": merchant.sign_type,
            "proof": "a query for an order that cannot exist was answered with a signature that fits the key",
        }),
    );

    at(1_000);
    let made = console
        .create_order(
            us,
            NewOrder {
                way: Way::Native { product_id: Some("sourdough-800g".into()) },
                total: Fen::new(8_800),
                currency: "CNY".into(),
                body: "面包店-酸面包与咖啡".into(),
                attach: Some("桌号 7".into()),
                out_trade_no: None,
                expires_in_secs: Some(1_800),
                detail: None,
                scene_info: None,
                goods_tag: None,
                no_credit: false,
                device_info: None,
                spbill_create_ip: None,
                notify_url: None,
            },
        )
        .await?;
    let number = OutTradeNo::parse(&made.payment.out_trade_no)
        .map_err(|error| ConsoleError::new(Code::LedgerFailed).saying("detail", &error))?;
    story.step(
        "order_created",
        made.payment.state == "unpaid" && made.pay.code_url.is_some(),
        json!({
            "out_trade_no": made.payment.out_trade_no,
            "total_fen": made.payment.total_fen,
            "code_url": made.pay.code_url,
            "state": made.payment.state,
            "proof": "the intent was on the disk before the request left; the reply's signature, merchant and number were checked",
        }),
    );

    at(20_000);
    let paid = in_world().pay(number.as_str(), PayWith::default());
    let transaction_id =
        paid.map_err(|error| ConsoleError::new(Code::SimulatorRefused).saying("detail", &error))?;
    story.step(
        "customer_paid",
        !transaction_id.is_empty(),
        json!({ "by": "the simulated customer", "transaction_id": transaction_id, "total_fen": 8_800 }),
    );

    at(1_000);
    let taken = console.take_simulated_notices()?;
    let after = console.payment(us, &number)?;
    let notice = after.evidence.notice.as_ref();
    story.step(
        "notice_verified",
        taken.len() == 1
            && taken[0].believed
            && notice.is_some_and(|mark| mark.total_fen == Some(8_800))
            && after.disagreements.is_empty(),
        json!({
            "verdict": taken.first().map(|taken| taken.verdict),
            "answered": taken.first().map(|taken| taken.answer.contains("SUCCESS")),
            "state": after.state,
            "total_fen": notice.and_then(|mark| mark.total_fen),
            "transaction_id": after.transaction_id,
            "proof": "HMAC-SHA256 over every field fits the merchant's key; merchant, number, amount and currency are the order's",
        }),
    );

    at(2_000);
    let queried = console.query_order(us, OrderRef::OutTradeNo(number.clone())).await?;
    let query = queried.evidence.query.as_ref();
    story.step(
        "order_queried",
        queried.state == "paid"
            && query.is_some_and(|mark| mark.transaction_id == queried.transaction_id)
            && queried.disagreements.is_empty(),
        json!({
            "state": queried.state,
            "paid_at": queried.paid_at,
            "bank_type": queried.bank_type,
            "proof": "the answer to our own question says the same as the notice; the two are kept apart",
        }),
    );

    at(60_000);
    let refund = console
        .create_refund(
            us,
            NewRefund {
                out_trade_no: number.clone(),
                refund: Fen::new(1_800),
                out_refund_no: None,
                reason: Some("咖啡已售完".into()),
                notify_url: None,
            },
        )
        .await?;
    story.step(
        "refund_accepted",
        refund.state == "processing" && refund.refund_fen == 1_800 && refund.refund_id.is_some(),
        json!({
            "out_refund_no": refund.out_refund_no,
            "refund_id": refund.refund_id,
            "refund_fen": refund.refund_fen,
            "left_fen": console.payment(us, &number)?.refundable_fen,
            "state": refund.state,
            "proof": "accepted is not arrived: the money is on its way",
        }),
    );

    at(10_000);
    let taken = console.take_simulated_notices()?;
    let arrived = console.refunds(us, &crate::args::RefundQuery::default())?;
    let row = arrived.refunds.first();
    story.step(
        "refund_notice_decrypted",
        taken.len() == 1 && taken[0].is_refund && taken[0].believed && row.is_some_and(|row| row.state == "success"),
        json!({
            "verdict": taken.first().map(|taken| taken.verdict),
            "state": row.map(|row| row.state.clone()),
            "success_at": row.and_then(|row| row.success_at.clone()),
            "recv_account": row.and_then(|row| row.recv_account.clone()),
            "proof": "it opened with AES-256 under the MD5 of the merchant's key, which only WeChat Pay also has",
        }),
    );

    at(2_000);
    let out_refund_no = OutRefundNo::parse(&refund.out_refund_no)
        .map_err(|error| ConsoleError::new(Code::LedgerFailed).saying("detail", &error))?;
    let asked = console.query_refund(us, RefundRef::OutRefundNo(out_refund_no)).await?;
    story.step(
        "refund_queried",
        asked.len() == 1 && asked[0].state == "success" && asked[0].evidence == ["notice", "query"],
        json!({
            "state": asked.first().map(|row| row.state.clone()),
            "evidence": asked.first().map(|row| row.evidence.clone()),
            "refund_fen": asked.first().map(|row| row.refund_fen),
        }),
    );

    let last = console.payment(us, &number)?;
    let book = console.ledger_check(us, true, Lang::En)?;
    let totals = in_world().totals(simulator::MCH_ID);
    story.step(
        "ledger_proves",
        book.ok
            && last.unresolved.is_empty()
            && last.disagreements.is_empty()
            && (last.total_fen, last.refunded_fen) == (totals.paid_fen, totals.refunded_fen),
        json!({
            "total_fen": last.total_fen,
            "refunded_fen": last.refunded_fen,
            "gateway_paid_fen": totals.paid_fen,
            "gateway_refunded_fen": totals.refunded_fen,
            "evidence": ["notice", "query"],
            "journal_rows": console.ledger_info(us)?.journal_seq,
            "at": moment(console.now()),
            "proof": "structure, references, sums and the journal's chain were checked; both sides have the same totals",
        }),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn run(dir: &Path, seed: u64) -> String {
        let view = demo(Some(dir), DemoOptions { seed: Some(seed) }, &mut |_| {}).await.unwrap();
        for step in &view.steps {
            assert!(step.ok, "{step:#?}");
        }
        serde_json::to_string_pretty(&view).unwrap()
    }

    #[tokio::test]
    async fn every_step_holds_and_a_seed_gives_the_same_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let first = run(dir.path(), 7).await;
        let csv = std::fs::read(dir.path().join("demo/payments.csv")).unwrap();
        assert_eq!(first, run(dir.path(), 7).await);
        assert_eq!(csv, std::fs::read(dir.path().join("demo/payments.csv")).unwrap());
        assert_ne!(first, run(dir.path(), 8).await);
    }

    #[tokio::test]
    async fn a_folder_of_somebody_else_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let mine = dir.path().join("demo/thesis.txt");
        std::fs::create_dir_all(mine.parent().unwrap()).unwrap();
        std::fs::write(&mine, "years of work").unwrap();
        let error = demo(Some(dir.path()), DemoOptions::default(), &mut |_| {}).await.unwrap_err();
        assert_eq!(error.code, Code::FileExists);
        assert!(mine.exists());
    }
}
