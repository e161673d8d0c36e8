//! Durable operations, beside the least that anything durable costs: 4 KB appended and synced.

use crate::measure::{Goal, Row, in_turns};
use console::{OsEntropy, SystemClock};
use domain::{AppId, Clock as _, Environment, Fen, MchId, OperationKind, OutTradeNo, Secret, TradeType};
use ledger::{Intent, Ledger, NewOperation, NewPayment};
use std::fs::File;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// How often one measurement does it.
const TIMES: u32 = 200;
const ROUNDS: usize = 10;

pub(crate) fn rows() -> Result<Vec<Row>, String> {
    let failed = |error: std::io::Error| error.to_string();
    // Beside this program: a place for temporary files may be no disk at all.
    let here = std::env::current_exe().map_err(failed)?;
    let dir = tempfile::tempdir_in(here.parent().ok_or("no folder")?).map_err(failed)?;
    let file = dir.path().join("bench.db");
    let key = Secret::new([7; 32]);
    let opened = Ledger::open(&file, Environment::Simulated, key, SystemClock.now());
    let ledger = opened.map_err(|error| error.to_string())?.ledger;
    let mut number = 0_u64;
    let ours = || {
        let mut took = Duration::ZERO;
        for _ in 0..TIMES {
            number += 1;
            let new = order(number)?;
            let start = Instant::now();
            let intent =
                ledger.intend(&new, "bench", SystemClock.now()).map_err(|error| error.to_string())?;
            took += start.elapsed();
            if !matches!(intent, Intent::New(_)) {
                return Err("the number was used before".into());
            }
        }
        Ok(took / TIMES)
    };
    let mut plain = File::create(dir.path().join("plain")).map_err(failed)?;
    let page = [0x5A; 4096];
    let limit = || {
        let start = Instant::now();
        for _ in 0..TIMES {
            plain.write_all(&page).and_then(|()| plain.sync_data()).map_err(failed)?;
        }
        Ok(start.elapsed() / TIMES)
    };
    let pairs = in_turns(ROUNDS, ours, limit)?;
    Ok(Row::of("write an operation down, durably", "append 4 KB, fdatasync", &pairs, Goal::Speed(800))
        .into_iter()
        .collect())
}

fn order(number: u64) -> Result<NewOperation, String> {
    let failed = |error: domain::IdError| error.to_string();
    let appid = AppId::parse(simulator::APPID).map_err(failed)?;
    let out_trade_no = OutTradeNo::for_new_order(&format!("20260105120000{number:010}")).map_err(failed)?;
    let request_params = format!(
        "<xml><appid>{appid}</appid><mch_id>{}</mch_id><body><![CDATA[拿铁一杯]]></body>\
         <notify_url><![CDATA[https://shop.example.com/notify]]></notify_url>\
         <out_trade_no>{out_trade_no}</out_trade_no><product_id>{out_trade_no}</product_id>\
         <spbill_create_ip>127.0.0.1</spbill_create_ip><total_fee>888</total_fee>\
         <trade_type>NATIVE</trade_type></xml>",
        simulator::MCH_ID
    );
    Ok(NewOperation {
        id: domain::new_operation_id(&OsEntropy),
        merchant: "bench".into(),
        mch_id: MchId::parse(simulator::MCH_ID).map_err(failed)?,
        kind: OperationKind::UnifiedOrder,
        out_trade_no,
        out_refund_no: None,
        amount: Fen::new(888),
        currency: "CNY".into(),
        params_sha256: ledger::params_digest(&request_params),
        request_params,
        payment: Some(NewPayment {
            appid,
            sub_mch_id: None,
            sub_appid: None,
            sub_openid: None,
            trade_type: TradeType::Native,
            body: "拿铁一杯".into(),
            attach: None,
            openid: None,
            expires: None,
        }),
        lease_ms: 60_000,
    })
}
