//! Whether it is the message we wait for: compared with what the ledger knows.

use super::Judge;
use super::keys::Candidate;
use super::say::check;
use crate::error::Result;
use crate::merchants::Merchant;
use crate::view::CheckView;
use domain::{OutRefundNo, OutTradeNo};
use wxpay::Fields;
use wxpay::notice::{CheckId, Expected, check_fields};
use wxpay::refund_notice::RefundNotice;

pub(super) const PAYMENT_CHECKS: [&str; 6] =
    ["order_known", "amount", "mch_id", "appid", "currency", "first_seen"];

impl Judge<'_> {
    /// Whether the candidate's ledger has this order.
    pub(super) fn knows(&self, candidate: &Candidate, out_trade_no: Option<&str>) -> Result<bool> {
        let number = out_trade_no.and_then(|number| OutTradeNo::parse(number).ok());
        let (Some(merchant), Some(number)) = (&candidate.merchant, number) else { return Ok(false) };
        match self.ledger(merchant.environment)? {
            Some(ledger) => Ok(ledger.payment(&merchant.name, &number)?.is_some()),
            None => Ok(false),
        }
    }

    /// Compares a payment notice with the ledger. A ledger that was never made knows no order.
    pub(super) fn payment_checks(&self, merchant: &Merchant, fields: &Fields<'_>) -> Result<Vec<CheckView>> {
        let lang = self.lang;
        let number = fields.text("out_trade_no").and_then(|number| OutTradeNo::parse(number).ok());
        let (mut payment, mut seen_before) = (None, None);
        if let Some(number) = &number
            && let Some(ledger) = self.ledger(merchant.environment)?
        {
            payment = ledger.payment(&merchant.name, number)?.filter(|payment| !payment.unasked);
            let evidences = ledger.evidences(&merchant.name, number)?;
            seen_before = evidences
                .iter()
                .find(|evidence| evidence.source == domain::evidence::Source::Notice)
                .map(|e| e.first_seen);
        }
        let mut checks = vec![check("order_known", Some(payment.is_some()), "", "", lang)];
        let expected = payment.as_ref().map(|payment| Expected {
            mch_id: merchant.mch_id.clone(),
            appid: payment.appid.clone().unwrap_or_else(|| merchant.appid.clone()),
            out_trade_no: payment.out_trade_no.clone(),
            total: payment.total.unwrap_or(domain::Fen::ZERO),
            currency: payment.currency.clone().unwrap_or_else(|| "CNY".into()),
        });
        match &expected {
            Some(expected) => {
                for found in check_fields(fields, expected) {
                    if found.id != CheckId::OutTradeNo {
                        let (id, ok) = (found.id.as_str(), Some(found.ok));
                        checks.push(check(id, ok, &found.expected, &found.said, lang));
                    }
                }
            }
            None => {
                let said = |name: &str| fields.text(name).unwrap_or("");
                checks.push(check("amount", None, "", said("total_fee"), lang));
                for (name, own) in [("mch_id", merchant.mch_id.as_str()), ("appid", merchant.appid.as_str())]
                {
                    checks.push(check(name, Some(said(name) == own), own, said(name), lang));
                }
                checks.push(check("currency", None, "", said("fee_type"), lang));
            }
        }
        let first = seen_before.map(crate::view::moment).unwrap_or_default();
        checks.push(check("first_seen", Some(seen_before.is_none()), "", &first, lang));
        checks.sort_by_key(|check| PAYMENT_CHECKS.iter().position(|id| *id == check.id));
        Ok(checks)
    }

    pub(super) fn refund_checks(&self, merchant: &Merchant, notice: &RefundNotice) -> Result<Vec<CheckView>> {
        let lang = self.lang;
        let (mut request, mut before) = (None, None);
        if let Some(ledger) = self.ledger(merchant.environment)? {
            let number: &OutRefundNo = &notice.out_refund_no;
            let kind = domain::OperationKind::Refund;
            request = ledger.operation_by_number(&merchant.name, kind, number.as_str())?;
            let evidences = ledger.refund_evidences(&merchant.name, number)?;
            before = evidences
                .iter()
                .find(|evidence| evidence.source == domain::evidence::Source::Notice)
                .map(|e| e.first_seen);
        }
        let asked = request.as_ref().map(|request| request.amount);
        let said = notice.refund_fee;
        let amount = asked.map(|asked| asked == said);
        let first = before.map(crate::view::moment).unwrap_or_default();
        let fen = |fen: domain::Fen| fen.get().to_string();
        let own = |id: &str, own: &str, said: &str| check(id, Some(own == said), own, said, lang);
        Ok(vec![
            check("order_known", Some(request.is_some()), "", "", lang),
            check("amount", amount, &asked.map(fen).unwrap_or_default(), &fen(said), lang),
            own("mch_id", merchant.mch_id.as_str(), notice.mch_id.as_str()),
            own("appid", merchant.appid.as_str(), notice.appid.as_str()),
            check("first_seen", Some(before.is_none()), "", &first, lang),
        ])
    }
}
