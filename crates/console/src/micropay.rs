//! Payments by the payer's code: taken, waited for, reversed.

use crate::args::NewMicropay;
use crate::console::{Console, SimulatedGateway};
use crate::desk::{Desk, Performed};
use crate::error::{Code, Result};
use crate::learn;
use crate::view::PaymentView;
use domain::{Fen, OperationKind, OperationOutcome, OperationState, OrderState, OutTradeNo, TradeType};
use ledger::{Claim, Conclusion, NewPayment};
use std::time::Duration;
use wxpay::api::micropay::{Extra, Micropay};
use wxpay::api::{OrderRef, Reverse};

/// Between two questions while the payer enters the password.
const ASK_EVERY: Duration = Duration::from_secs(5);
/// After so many the payment is reversed: WeChat Pay itself gives up at 45 seconds.
const ASKS: u32 = 6;

impl Console {
    /// Takes money by the payer's code. While the payer enters a password it asks every five seconds and tells
    /// `progress` the state; after thirty it reverses the payment, so that nobody walks off half-paid.
    ///
    /// # Errors
    /// `refused`, `not_collected`: not paid, scan again under a new number. `outcome_unknown`: it may be paid; it
    /// is asked about until it is known.
    pub async fn micropay(
        &self,
        merchant: Option<&str>,
        new: NewMicropay,
        progress: &mut (dyn FnMut(&str) + Send),
    ) -> Result<PaymentView> {
        let desk = self.desk(merchant, true)?;
        desk.catch_up().await;
        let out_trade_no =
            new.out_trade_no.clone().unwrap_or_else(|| domain::new_out_trade_no(&*self.entropy, desk.now()));
        let order = Micropay {
            out_trade_no: out_trade_no.clone(),
            body: new.body.clone(),
            total_fee: new.total,
            auth_code: new.auth_code.clone(),
            spbill_create_ip: new.spbill_create_ip.clone().unwrap_or_else(|| "127.0.0.1".into()),
            extra: Extra { attach: new.attach.clone(), ..Extra::default() },
        };
        let prepared = desk.client.prepare(&order)?;
        let kind = OperationKind::Micropay;
        let mut intent = desk.operation(&prepared, kind, out_trade_no.clone(), new.total, "CNY");
        intent.payment = Some(NewPayment {
            appid: desk.merchant.appid.clone(),
            sub_mch_id: desk.merchant.sub_mch_id.clone(),
            sub_appid: desk.merchant.sub_appid.clone(),
            sub_openid: None,
            trade_type: TradeType::Micropay,
            body: new.body.clone(),
            attach: new.attach.clone(),
            openid: None,
            expires: None,
        });
        let first = desk.perform(&prepared, intent, |done| learn::scanned(&desk.merchant, done)).await;
        let mut left_open = match first {
            Ok(Performed::Done(_) | Performed::Before) => {
                return desk.payment_view(&desk.row(&out_trade_no)?);
            }
            Err(error) if error.code == Code::OutcomeUnknown => error,
            Err(error) => return Err(error),
        };
        for _ in 0..ASKS {
            progress(desk.row(&out_trade_no)?.state.as_str());
            self.wait(ASK_EVERY).await?;
            let name = &desk.merchant.name;
            let row = desk.ledger.operation_by_number(name, kind, out_trade_no.as_str())?;
            let row = row.ok_or_else(crate::desk::operation_gone)?;
            let row = match desk.ledger.claim(&row.id, &self.owner, desk.now(), crate::desk::LEASE_MS)? {
                Claim::Granted(row) => desk.ask(row).await?,
                Claim::Held(row) | Claim::Settled(row) => row,
            };
            match row.state {
                OperationState::Confirmed => return desk.payment_view(&desk.row(&out_trade_no)?),
                OperationState::Rejected => {
                    desk.settled::<()>(row)?;
                }
                _ => {}
            }
        }
        progress("reversing");
        if let Err(error) = self.reverse(merchant, &out_trade_no).await {
            left_open.params.insert("reverse", error.to_string());
            return Err(left_open);
        }
        // Reversed is not paid, however late the payer was: what was paid went back.
        let row = desk.ledger.operation_by_number(&desk.merchant.name, kind, out_trade_no.as_str())?;
        let row = row.ok_or_else(crate::desk::operation_gone)?;
        match row.state {
            OperationState::Intended | OperationState::Unknown => Err(left_open),
            _ => Err(crate::desk::not_collected(out_trade_no.as_str(), OrderState::Revoked)),
        }
    }

    /// Undoes a scanned payment: an unpaid one is closed, a paid one goes back to the payer.
    ///
    /// # Errors
    /// `certificate_missing`, `refused`, `outcome_unknown`.
    pub async fn reverse(&self, merchant: Option<&str>, out_trade_no: &OutTradeNo) -> Result<PaymentView> {
        let desk = self.desk(merchant, true)?;
        // What the gateway has already told of cannot still be under way to it.
        let known = desk.ledger.payment(&desk.merchant.name, out_trade_no)?;
        let arrived = known.is_some_and(|row| row.state != OrderState::Unpaid);
        desk.reverse_of(out_trade_no).await?;
        desk.scan_reversed(out_trade_no, arrived).await?;
        desk.payment_view(&desk.row(out_trade_no)?)
    }

    /// Waits. A simulator in this process has its own time, which passes instead.
    async fn wait(&self, time: Duration) -> Result<()> {
        if let SimulatedGateway::InProcess(_) = self.gateway {
            let ms = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
            return self.in_world(|world| world.advance(ms));
        }
        tokio::time::sleep(time).await;
        Ok(())
    }
}

impl Desk<'_> {
    /// Reverses this number's payment.
    pub(crate) async fn reverse_of(&self, number: &OutTradeNo) -> Result<()> {
        let prepared = self.client.prepare(&Reverse { order: OrderRef::from(number.clone()) })?;
        let intent = self.operation(&prepared, OperationKind::Reverse, number.clone(), Fen::ZERO, "CNY");
        let learn =
            |done: &wxpay::Done<wxpay::api::reverse::Reply>| learn::reversed(&self.merchant, number, done);
        self.perform(&prepared, intent, learn).await.map(drop)
    }

    /// Settles the scan whose payment was reversed, if it is still open: nothing more can come of it. `arrived`:
    /// the gateway had it before. Otherwise only asking tells, for a request may still be under way.
    async fn scan_reversed(&self, number: &OutTradeNo, arrived: bool) -> Result<()> {
        let kind = OperationKind::Micropay;
        let Some(row) = self.ledger.operation_by_number(&self.merchant.name, kind, number.as_str())? else {
            return Ok(());
        };
        if !row.state.is_unresolved() {
            return Ok(());
        }
        let claim = self.ledger.claim(&row.id, &self.console.owner, self.now(), crate::desk::LEASE_MS)?;
        // Whoever has it in hand asks, and hears that it was reversed.
        let Claim::Granted(row) = claim else { return Ok(()) };
        if arrived {
            let operation = Some((row.id.clone(), OperationOutcome::Rejected));
            self.conclude(&Conclusion { operation, ..Conclusion::default() }, self.now())?;
        } else {
            self.ask(row).await?;
        }
        Ok(())
    }
}
