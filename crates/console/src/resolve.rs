//! What is unresolved is asked about, never guessed, and never tried under a new number.

use crate::console::Console;
use crate::desk::{Desk, LEASE_MS, Learned};
use crate::error::{Code, Result};
use crate::learn;
use crate::shape;
use crate::view::OperationView;
use domain::{OperationKind, OperationOutcome, OrderState};
use ledger::{Claim, Conclusion, NewExchange, Operation as Row};
use std::pin::Pin;
use wxpay::api::{
    CloseOrder, Micropay, Operation as _, OrderQuery, Refund, RefundQuery, Reverse, UnifiedOrder,
};
use wxpay::client::CallError;

/// What a query says about an operation.
enum Answer {
    /// It happened, or it certainly did not; with what was learned on the way.
    Settled(OperationOutcome, Learned),
    /// The gateway does not know its number.
    NotThere,
    /// It is known and has not come to an end; with what was learned on the way.
    Open(Learned),
    /// No believable answer.
    Silence,
}

/// Asking may reverse, and reversing may ask.
type BoxedReverse<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

impl Console {
    /// Asks about everything of this merchant whose outcome is not known and which is due, and gives what was
    /// asked about as it stands now. What the gateway says does not exist, and has had time to exist, is sent
    /// again: the identical request, the same number.
    ///
    /// # Errors
    /// Those of opening the ledger and the keychain. A question without an answer is no error here: the
    /// operation stays unresolved and is asked about later.
    pub async fn resolve(&self, merchant: Option<&str>) -> Result<Vec<OperationView>> {
        let desk = self.desk(merchant, true)?;
        desk.resolve_due(usize::MAX, true).await
    }
}

impl Desk<'_> {
    /// Before anything new: asks about a few operations that are due. It is no reason to refuse the new one if
    /// the gateway does not answer.
    pub(crate) async fn catch_up(&self) {
        const FEW: usize = 3;
        let _ = self.resolve_due(FEW, false).await;
    }

    /// Takes in hand and asks about at most `limit` unresolved operations of this merchant. `all`: also those
    /// whose time to be asked about has not come.
    pub(crate) async fn resolve_due(&self, limit: usize, all: bool) -> Result<Vec<OperationView>> {
        let now = self.now();
        let mut rows = self.ledger.unresolved(Some(&self.merchant.name))?;
        rows.retain(|row| all || row.next_try <= now);
        rows.truncate(limit);
        self.resolve_these(rows).await
    }

    /// Takes these in hand, one after the other, and asks about each. What another process has in hand is left.
    pub(crate) async fn resolve_these(&self, rows: Vec<Row>) -> Result<Vec<OperationView>> {
        let mut seen = Vec::new();
        for row in rows {
            match self.ledger.claim(&row.id, &self.console.owner, self.now(), LEASE_MS)? {
                Claim::Granted(row) => seen.push(shape::operation(&self.ask(row).await?)),
                Claim::Held(row) | Claim::Settled(row) => seen.push(shape::operation(&row)),
            }
        }
        Ok(seen)
    }

    /// Asks about one operation that this process has in hand, and writes down what came of it.
    pub(crate) async fn ask(&self, row: Row) -> Result<Row> {
        let (answer, exchange) = match row.kind {
            OperationKind::Refund => self.ask_refund(&row).await?,
            _ => self.ask_order(&row).await?,
        };
        let now = self.now();
        let mut conclusion =
            Conclusion { exchange, next_try: Some(self.next_try(&row, now)), ..Conclusion::default() };
        let learn = |conclusion: &mut Conclusion, learned: Learned| {
            conclusion.payment = learned.payment;
            conclusion.refunds = learned.refunds;
        };
        let send_again = match answer {
            Answer::Settled(outcome, learned) => {
                learn(&mut conclusion, learned);
                conclusion.operation = Some((row.id.clone(), outcome));
                false
            }
            Answer::Open(learned) => {
                learn(&mut conclusion, learned);
                conclusion.operation = Some((row.id.clone(), OperationOutcome::Unknown));
                // Known, open, and it was to be closed or reversed: that is done by asking for it again.
                matches!(row.kind, OperationKind::CloseOrder | OperationKind::Reverse)
            }
            Answer::NotThere if row.kind == OperationKind::Micropay => {
                let outcome = self.unfound_scan(&row, conclusion.exchange.as_ref()).await?;
                conclusion.operation = Some((row.id.clone(), outcome));
                false
            }
            Answer::NotThere => {
                conclusion.operation = Some((row.id.clone(), OperationOutcome::Unknown));
                self.has_been_quiet(&row)
            }
            Answer::Silence => {
                conclusion.operation = Some((row.id.clone(), OperationOutcome::Unknown));
                false
            }
        };
        if !send_again {
            let concluded = self.conclude(&conclusion, now)?;
            return Ok(concluded.operation.unwrap_or(row));
        }
        // The lease is kept: the same operation goes out again.
        if let Some(exchange) = &conclusion.exchange {
            self.ledger.record_exchange(exchange, now)?;
        }
        if let Some(seen) = &conclusion.payment {
            self.ledger.observe_payment(seen, now)?;
        }
        self.send_the_same(&row).await
    }

    /// Whether a request that the gateway does not know has had time to arrive there.
    fn has_been_quiet(&self, row: &Row) -> bool {
        self.now().millis_since(row.created) >= self.patience.quiet_ms
    }

    /// What becomes of a scanned payment that the gateway does not know. The payer's code is not kept, so it
    /// cannot be sent again; and the request may still be under way and take money. So nothing is concluded until
    /// the gateway was asked twice and time went by, and then it is reversed first, as WeChat Pay advises.
    async fn unfound_scan(&self, row: &Row, asked: Option<&NewExchange>) -> Result<OperationOutcome> {
        if !self.surely_unfound(row, asked)? {
            return Ok(OperationOutcome::Unknown);
        }
        if !self.client.profile.certificate {
            // Without a certificate there is no reversing. The payer's code has run out by now, so a request that
            // arrived only now would be refused for it. With one that was not fetched this time, another asks.
            let stored = self.console.vault.certificate_info(&self.merchant.name)?.is_some();
            return Ok(if stored { OperationOutcome::Unknown } else { OperationOutcome::Rejected });
        }
        match self.reverse_boxed(&row.out_trade_no).await {
            Ok(()) => Ok(OperationOutcome::Rejected),
            // There is nothing to reverse.
            Err(error) if error.code == Code::Refused => Ok(OperationOutcome::Rejected),
            Err(_) => Ok(OperationOutcome::Unknown),
        }
    }

    fn reverse_boxed<'a>(&'a self, number: &'a domain::OutTradeNo) -> BoxedReverse<'a> {
        Box::pin(self.reverse_of(number))
    }

    /// Whether "there is no such order" was heard twice, long enough apart and after it was last sent. `asked` is
    /// the question that has just been answered so.
    fn surely_unfound(&self, row: &Row, asked: Option<&NewExchange>) -> Result<bool> {
        let past = self.ledger.exchanges_of(&row.id)?;
        let past: Vec<_> = past.iter().map(|exchange| &exchange.what).collect();
        let sent = past.iter().filter(|exchange| exchange.api.ends_with(Micropay::PATH));
        let sent = sent.map(|exchange| exchange.started.plus_millis(exchange.duration_ms)).max();
        let unfound = past.into_iter().chain(asked).filter(|exchange| {
            exchange.api.ends_with(OrderQuery::PATH)
                && exchange.err_code.as_deref() == Some("ORDERNOTEXIST")
                && sent.is_none_or(|sent| exchange.started >= sent)
        });
        let times: Vec<_> = unfound.map(|exchange| exchange.started).collect();
        let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else { return Ok(false) };
        // Killed before the sending was written down: it was before the first question.
        let sent = sent.unwrap_or(*first);
        let quiet = self.patience.scan_quiet_ms;
        Ok(times.len() > 1 && last.millis_since(sent) >= quiet && last.millis_since(*first) >= quiet / 4)
    }

    async fn ask_order(&self, row: &Row) -> Result<(Answer, Option<ledger::NewExchange>)> {
        let (result, exchange) =
            self.question(&OrderQuery::new(row.out_trade_no.clone()), Some(&row.id)).await?;
        let answer = match result {
            Ok(done) => {
                let state = done.reply.state;
                let learned = Learned {
                    payment: learn::queried(&self.merchant, &done.reply, Some(&row.out_trade_no), done.at),
                    ..Learned::default()
                };
                judge(row.kind, state, learned)
            }
            Err(CallError::Rejected(no)) if no.code.as_deref() == Some("ORDERNOTEXIST") => match row.kind {
                OperationKind::CloseOrder => Answer::Settled(OperationOutcome::Rejected, Learned::default()),
                _ => Answer::NotThere,
            },
            Err(_) => Answer::Silence,
        };
        Ok((answer, exchange))
    }

    async fn ask_refund(&self, row: &Row) -> Result<(Answer, Option<ledger::NewExchange>)> {
        let Some(out_refund_no) = row.out_refund_no.clone() else { return Ok((Answer::Silence, None)) };
        let (result, exchange) =
            self.question(&RefundQuery::one(out_refund_no.clone()), Some(&row.id)).await?;
        let answer = match result {
            Ok(done) => {
                let refunds = learn::refunds_queried(&self.merchant, &done.reply, done.at);
                // WeChat Pay answers a question about one number with that one; another amount under our own
                // number is no answer to what we asked for, and a person must look.
                match refunds.iter().find(|seen| seen.out_refund_no == out_refund_no) {
                    Some(seen) if seen.amount == row.amount && seen.out_trade_no == row.out_trade_no => {
                        Answer::Settled(
                            OperationOutcome::Confirmed,
                            Learned { refunds, ..Learned::default() },
                        )
                    }
                    _ => Answer::Silence,
                }
            }
            Err(CallError::Rejected(no)) if no.code.as_deref() == Some("REFUNDNOTEXIST") => Answer::NotThere,
            Err(_) => Answer::Silence,
        };
        Ok((answer, exchange))
    }

    async fn send_the_same(&self, row: &Row) -> Result<Row> {
        let merchant = &self.merchant;
        let sent = match row.kind {
            OperationKind::UnifiedOrder => self
                .send_again::<UnifiedOrder>(row, |done| learn::ordered(merchant, &row.out_trade_no, done))
                .await
                .map(drop),
            OperationKind::Refund => {
                self.send_again::<Refund>(row, |done| learn::refunded(merchant, done)).await.map(drop)
            }
            OperationKind::CloseOrder => self
                .send_again::<CloseOrder>(row, |done| learn::closed(merchant, &row.out_trade_no, done.at))
                .await
                .map(drop),
            OperationKind::Reverse => self
                .send_again::<Reverse>(row, |done| learn::reversed(merchant, &row.out_trade_no, done))
                .await
                .map(drop),
            OperationKind::Micropay => Ok(()),
        };
        // However it went out is written down; an error here says no more than the row does.
        if let Err(error) = sent
            && matches!(error.code.exit(), crate::error::Exit::Here)
            && error.code != Code::NotSent
        {
            return Err(error);
        }
        self.ledger.operation(&row.id)?.ok_or_else(crate::desk::operation_gone)
    }
}

/// What the state of an order says about an operation on it.
fn judge(kind: OperationKind, state: OrderState, learned: Learned) -> Answer {
    use OperationOutcome::{Confirmed, Rejected};
    use OrderState as S;
    match (kind, state) {
        // Whatever its state: there is such an order.
        (OperationKind::UnifiedOrder, _) => Answer::Settled(Confirmed, learned),
        (OperationKind::Micropay, S::Paid | S::Refunded) => Answer::Settled(Confirmed, learned),
        (OperationKind::Micropay, S::Closed | S::Revoked | S::PayError) => Answer::Settled(Rejected, learned),
        (OperationKind::Micropay, S::Unpaid | S::Accepted | S::UserPaying) => Answer::Open(learned),
        (OperationKind::CloseOrder, S::Closed | S::Revoked) => Answer::Settled(Confirmed, learned),
        (OperationKind::CloseOrder, S::Paid | S::Refunded) => Answer::Settled(Rejected, learned),
        (OperationKind::CloseOrder, _) => Answer::Open(learned),
        (OperationKind::Reverse, S::Revoked | S::Closed) => Answer::Settled(Confirmed, learned),
        // A payment of which something was refunded can no longer be reversed; asking again changes nothing.
        (OperationKind::Reverse, S::Refunded) => Answer::Settled(Rejected, learned),
        (OperationKind::Reverse, _) => Answer::Open(learned),
        (OperationKind::Refund, _) => Answer::Silence,
    }
}
