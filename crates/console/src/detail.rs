//! Everything about one payment, and the raw documents behind it.

use crate::console::Console;
use crate::desk::{outcome_word, query_error};
use crate::error::{Code, ConsoleError, Result};
use crate::forms::fill::order_number;
use crate::learn;
use crate::lists::payment_row_of;
use crate::shape;
use crate::timeline::{self, Told};
use crate::view::{ExchangeView, PaymentDetail, RawItem, RawView, moment};
use crate::words::Words;
use domain::{OperationKind, OperationOutcome, OutRefundNo, OutTradeNo, RefundId, TransactionId};
use ledger::{Conclusion, Exchange, Notice};
use std::collections::BTreeSet;
use wxpay::Fields;
use wxpay::api::{OrderQuery, OrderRef, RefundQuery, refund_query};

/// What stands where something secret, or something that is good only once, stood.
const MASK: &str = "***";

/// The last part of a path, by which WeChat Pay's documents name it.
fn api_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether it only asks.
fn is_query(path: &str) -> bool {
    matches!(api_name(path), "orderquery" | "refundquery")
}

fn unknown(id: i64) -> ConsoleError {
    ConsoleError::new(Code::UnknownExchange).with("id", id)
}

impl Console {
    /// Everything about one payment; nobody is asked.
    ///
    /// # Errors
    /// `unknown_payment`.
    pub fn payment_detail(&self, merchant: &str, out_trade_no: &str) -> Result<PaymentDetail> {
        let number = order_number(out_trade_no)?;
        let payment = self.payment(Some(merchant), &number)?;
        let merchant = self.pick(Some(merchant))?;
        let ledger = self.ledger_to_read(merchant.environment)?;
        let name = &merchant.name;
        let stored = ledger
            .payment(name, &number)?
            .ok_or_else(|| ConsoleError::new(Code::UnknownPayment).with("out_trade_no", &number))?;
        let query = crate::args::RefundQuery {
            out_trade_no: Some(number.clone()),
            limit: Some(usize::MAX),
            ..crate::args::RefundQuery::default()
        };
        let mut refunds = self.refunds(Some(name), &query)?.refunds;
        let operations = ledger.operations_of(name, &number)?;
        // Those that were refused or never left have no row either. Their numbers are spent or fixed all the same, and
        // whoever asks what became of one must find it.
        for request in operations.iter().filter(|operation| operation.kind == OperationKind::Refund) {
            let asked = request.out_refund_no.as_ref().map(OutRefundNo::as_str);
            if asked.is_some_and(|asked| refunds.iter().all(|known| known.out_refund_no != asked)) {
                refunds.push(shape::requested_refund(&merchant, request, stored.total));
            }
        }
        refunds.sort_by(|one, other| one.created_at.cmp(&other.created_at));
        let evidences = ledger.evidences(name, &number)?;
        let mut refund_evidences = Vec::new();
        for refund in ledger.refunds_of(name, &number)? {
            let told = ledger.refund_evidences(name, &refund.out_refund_no)?;
            refund_evidences.push((refund, told));
        }
        let mut exchanges = BTreeSet::new();
        for operation in &operations {
            exchanges.extend(ledger.exchanges_of(&operation.id)?.iter().map(|exchange| exchange.id));
        }
        let told = refund_evidences.iter().flat_map(|(_, told)| told);
        let notices: BTreeSet<i64> = evidences
            .iter()
            .filter_map(|told| told.notice_id)
            .chain(told.clone().filter_map(|told| told.notice_id))
            .collect();
        exchanges.extend(evidences.iter().filter_map(|told| told.exchange_id));
        exchanges.extend(told.filter_map(|told| told.exchange_id));
        let mut raw = Vec::with_capacity(exchanges.len() + notices.len());
        for id in exchanges {
            raw.extend(ledger.exchange(id)?.as_ref().map(exchange_item));
        }
        for id in notices {
            raw.extend(ledger.notice(id)?.as_ref().map(notice_item));
        }
        // What was asked stands before what came unasked in the same second.
        raw.sort_by(|one, other| (&one.at, &one.source, one.id).cmp(&(&other.at, &other.source, other.id)));
        let timeline = timeline::of(&Told {
            row: &stored,
            view: &payment,
            operations: &operations,
            evidences: &evidences,
            refunds: &refund_evidences,
            raw: &raw,
        });
        Ok(PaymentDetail {
            row: payment_row_of(&ledger, &stored, self.now())?,
            payment,
            timeline,
            refunds,
            raw,
        })
    }

    /// What lies behind a [`RawItem`]. Nothing in it is secret.
    ///
    /// # Errors
    /// `unknown_exchange`; `invalid_field` for another source than `exchange` and `notice`.
    pub fn raw(&self, merchant: &str, source: &str, id: i64) -> Result<RawView> {
        let merchant = self.pick(Some(merchant))?;
        let ledger = self.ledger_to_read(merchant.environment)?;
        match source {
            "exchange" => {
                let row = ledger.exchange(id)?.filter(|row| row.what.merchant == merchant.name);
                Ok(exchange_view(&row.ok_or_else(|| unknown(id))?))
            }
            "notice" => {
                let row = ledger.notice(id)?.filter(|row| row.what.merchant == merchant.name);
                Ok(notice_view(&row.ok_or_else(|| unknown(id))?))
            }
            _ => Err(ConsoleError::new(Code::InvalidField)
                .with("field", "source")
                .saying("detail", Words::new("detail.id.shape").with("field", "source"))),
        }
    }

    /// Asks the question of a stored exchange again, writes down what is answered, and gives the new exchange,
    /// whatever came of it.
    ///
    /// # Errors
    /// `unknown_exchange`; `invalid_field` for one that is no query and may not be sent twice; `not_sent`.
    pub async fn repeat_request(&self, merchant: &str, id: i64) -> Result<RawView> {
        let desk = self.desk(Some(merchant), false)?;
        let row = desk.ledger.exchange(id)?.filter(|row| row.what.merchant == desk.merchant.name);
        let row = row.ok_or_else(|| unknown(id))?;
        let about = row.what.operation_id.as_ref();
        let question = Question::of(&row).ok_or_else(|| {
            ConsoleError::new(Code::InvalidField)
                .with("field", "id")
                .saying("detail", Words::new("detail.exchange.no_query"))
        })?;
        let mut what = Conclusion::default();
        let failed = match &question {
            Question::Order(order) => {
                let asked = match order {
                    OrderRef::OutTradeNo(number) => Some(number),
                    OrderRef::TransactionId(_) => None,
                };
                let (answer, exchange) = desk.question(&OrderQuery::new(order.clone()), about).await?;
                what.exchange = exchange;
                match answer {
                    Ok(done) => {
                        what.payment = learn::queried(&desk.merchant, &done.reply, asked, done.at);
                        None
                    }
                    Err(error) => Some(query_error(&error, "order_query", "")),
                }
            }
            Question::Refund(query) => {
                let (answer, exchange) = desk.question(query, about).await?;
                what.exchange = exchange;
                match answer {
                    Ok(done) => {
                        what.refunds = learn::refunds_queried(&desk.merchant, &done.reply, done.at);
                        None
                    }
                    Err(error) => Some(query_error(&error, "refund_query", "")),
                }
            }
        };
        if let (None, Some(error)) = (&what.exchange, failed) {
            return Err(error);
        }
        let concluded = desk.conclude(&what, desk.now())?;
        let stored = concluded.exchange_id.map(|id| desk.ledger.exchange(id)).transpose()?.flatten();
        stored.as_ref().map(exchange_view).ok_or_else(|| unknown(id))
    }
}

/// A question as it was asked.
enum Question {
    Order(OrderRef),
    Refund(RefundQuery),
}

impl Question {
    fn of(row: &Exchange) -> Option<Self> {
        let fields = wxpay::xml::read(&row.what.request).ok()?;
        let order = || {
            let by_id = fields.text("transaction_id").and_then(|id| TransactionId::parse(id).ok());
            let by_number = || fields.text("out_trade_no").and_then(|number| OutTradeNo::parse(number).ok());
            by_id.map(OrderRef::from).or_else(|| by_number().map(OrderRef::from))
        };
        match api_name(&row.what.api) {
            "orderquery" => order().map(Self::Order),
            "refundquery" => {
                let by_id = fields.text("refund_id").and_then(|id| RefundId::parse(id).ok());
                let by_number =
                    fields.text("out_refund_no").and_then(|number| OutRefundNo::parse(number).ok());
                let offset = fields.text("offset").and_then(|offset| offset.parse().ok());
                let refund = match (by_id, by_number) {
                    (Some(id), _) => refund_query::RefundRef::RefundId(id),
                    (None, Some(number)) => refund_query::RefundRef::OutRefundNo(number),
                    (None, None) => refund_query::RefundRef::Order(order()?),
                };
                Some(Self::Refund(RefundQuery { refund, offset }))
            }
            _ => None,
        }
    }
}

fn exchange_item(row: &Exchange) -> RawItem {
    let what = &row.what;
    RawItem {
        source: "exchange".into(),
        id: row.id,
        api: api_name(&what.api).to_owned(),
        at: moment(what.started),
        outcome: what.outcome.clone(),
        told: told(&what.outcome, what.err_code.as_deref(), what.response.as_deref()),
        duration_ms: Some(what.duration_ms),
    }
}

/// WeChat Pay's own word for what came of an exchange.
fn told(outcome: &str, err_code: Option<&str>, response: Option<&[u8]>) -> Option<String> {
    if outcome != outcome_word(OperationOutcome::Confirmed) {
        return err_code.map(ToOwned::to_owned);
    }
    let fields = wxpay::xml::read(response?).ok()?;
    fields.text("trade_state").or_else(|| fields.text("result_code")).map(ToOwned::to_owned)
}

fn notice_item(row: &Notice) -> RawItem {
    RawItem {
        source: "notice".into(),
        id: row.id,
        api: "notify".into(),
        at: moment(row.what.received),
        outcome: notice_outcome(row),
        told: None,
        duration_ms: None,
    }
}

fn notice_outcome(row: &Notice) -> String {
    if row.what.verified { "verified".into() } else { row.what.verdict.clone() }
}

/// A document one field a line; what is none as it is.
fn laid_out(bytes: &[u8]) -> String {
    ExchangeView::laid_out(&String::from_utf8_lossy(bytes))
}

/// The string that was signed, if it was.
fn signed(fields: &Fields<'_>) -> Option<String> {
    fields.text("sign")?;
    Some(wxpay::sign::masked_string(fields))
}

fn exchange_view(row: &Exchange) -> RawView {
    let what = &row.what;
    let fields = wxpay::xml::read(&what.request).ok();
    RawView {
        source: "exchange".into(),
        id: row.id,
        api: what.api.clone(),
        host: Some(what.host.clone()),
        at: moment(what.started),
        status: what.http_status.map(i64::from),
        duration_ms: Some(what.duration_ms),
        outcome: what.outcome.clone(),
        err_code: what.err_code.clone(),
        request: laid_out(&what.request),
        response: what.response.as_deref().map(laid_out),
        signed: fields.as_ref().and_then(signed),
        curl: fields.as_ref().map(|fields| curl(&what.host, &what.api, fields)),
        repeatable: is_query(&what.api) && Question::of(row).is_some(),
    }
}

fn notice_view(row: &Notice) -> RawView {
    use wxpay::notice::{Answer, answer};
    let what = &row.what;
    let fields = wxpay::xml::read(&what.raw).ok();
    RawView {
        source: "notice".into(),
        id: row.id,
        api: "notify".into(),
        host: None,
        at: moment(what.received),
        status: None,
        duration_ms: None,
        outcome: notice_outcome(row),
        err_code: None,
        request: laid_out(&what.raw),
        // Only the answer to a genuine one is always the same; the others' words are not kept.
        response: what.verified.then(|| ExchangeView::laid_out(&answer(Answer::Ok))),
        signed: fields.as_ref().and_then(signed),
        curl: None,
        repeatable: false,
    }
}

/// The request for a terminal. The signature is masked: with it the request could be sent again by whoever sees it.
fn curl(host: &str, path: &str, fields: &Fields<'_>) -> String {
    let mut shown = Fields::new();
    for (name, value) in fields.iter() {
        let value = if name == "sign" { MASK } else { value };
        // It was a document, so every name and value can stand in one.
        let _ = shown.add(name.to_owned(), value.to_owned());
    }
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let certificate = if path.starts_with("/secapi/") {
        " \\\n  --cert apiclient_cert.pem --key apiclient_key.pem"
    } else {
        ""
    };
    let header = "Content-Type: text/xml; charset=utf-8";
    format!(
        "curl {}{certificate} \\\n  -H '{header}' \\\n  --data-binary {}",
        quoted(&format!("{}{path}", with_scheme(host))),
        quoted(&wxpay::xml::write(&shown))
    )
}

fn with_scheme(host: &str) -> String {
    if host.contains("://") { host.to_owned() } else { format!("https://{host}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exchange_says_what_wechat_pay_called_it_and_only_if_that_is_believed() {
        const STATE: &str = "<xml><result_code>SUCCESS</result_code><trade_state>NOTPAY</trade_state></xml>";
        const DONE: &str = "<xml><result_code>SUCCESS</result_code></xml>";
        for (outcome, err_code, response, expected) in [
            ("confirmed", None, Some(STATE), Some("NOTPAY")),
            ("confirmed", None, Some(DONE), Some("SUCCESS")),
            ("confirmed", None, Some("<xml>"), None),
            ("rejected", Some("ORDERNOTEXIST"), Some(DONE), Some("ORDERNOTEXIST")),
            ("unknown", Some("USERPAYING"), Some(DONE), Some("USERPAYING")),
            ("unknown", None, Some(STATE), None),
            ("not_sent", None, None, None),
        ] {
            let told = told(outcome, err_code, response.map(str::as_bytes));
            assert_eq!(told.as_deref(), expected, "{outcome} {response:?}");
        }
    }

    #[test]
    fn a_request_for_a_terminal_has_no_signature_and_cannot_break_out_of_its_quotes() {
        let mut fields = Fields::new();
        for (name, value) in [("body", "it's $(rm) `x`"), ("sign", "ABCDEF0123456789ABCDEF0123456789")] {
            fields.add(name, value).unwrap();
        }
        let line = curl("https://api.mch.weixin.qq.com", "/secapi/pay/refund", &fields);
        assert!(!line.contains("ABCDEF"), "{line}");
        assert!(line.contains("<sign>***</sign>") || line.contains("***"), "{line}");
        assert!(line.contains("--cert ") && line.contains(r"it'\''s $(rm)"), "{line}");
        assert!(line.starts_with("curl 'https://api.mch.weixin.qq.com/secapi/pay/refund'"), "{line}");
        assert!(!curl("h", "/pay/orderquery", &fields).contains("--cert"));
    }
}
