//! Notices: verified, written down as they came, and believed only then.

use crate::console::Console;
use crate::error::{Code, ConsoleError, Result};
use crate::learn;
use crate::merchants::Merchant;
use crate::words::Words;
use domain::{Environment, Timestamp};
use ledger::{NewNotice, NoticeKind, Recorded};
use wxpay::notice::{self, PaymentNotice};
use wxpay::refund_notice::RefundNotice;
use wxpay::sign::Expect;
use wxpay::{ApiKey, SignType};

/// What a notice was taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Whether it was verified and written down as evidence.
    pub believed: bool,
    /// `valid`, or why not: the error's stable word.
    pub verdict: &'static str,
    /// The order or refund it is about.
    pub number: Option<String>,
    /// Whether it is about a refund.
    pub is_refund: bool,
    /// When the same was here before.
    pub before: Option<Timestamp>,
    /// What to answer WeChat Pay.
    pub answer: String,
}

pub(crate) fn sign_type(merchant: &Merchant) -> SignType {
    if merchant.hmac_sha256 { SignType::HmacSha256 } else { SignType::Md5 }
}

impl Console {
    /// Takes the body of a notice that came in for a merchant: verifies it, keeps its bytes, and, if it is
    /// genuine, writes it down as evidence. One that is not is no error: the answer says so.
    ///
    /// # Errors
    /// Those of the ledger and of the keychain; then it must be answered FAIL, so that it comes again.
    pub fn receive_notice(&self, merchant: Option<&str>, bytes: &[u8]) -> Result<Taken> {
        let merchant = self.pick(merchant)?;
        let key = self.api_key(&merchant)?;
        self.take_notice(&merchant, &key, bytes)
    }

    /// Takes a notice for a merchant: verifies it, keeps its bytes, and, if it is genuine, writes it down as
    /// evidence. A second one of the same is kept as such and counts once.
    pub(crate) fn take_notice(&self, merchant: &Merchant, key: &ApiKey, bytes: &[u8]) -> Result<Taken> {
        let ledger = self.ledger(merchant.environment)?;
        let now = self.now();
        let mut row = NewNotice {
            merchant: merchant.name.clone(),
            raw: bytes.to_vec(),
            received: now,
            kind: NoticeKind::Unreadable,
            verified: false,
            verdict: String::new(),
            mch_id: None,
            out_trade_no: None,
            out_refund_no: None,
            number: None,
            state: None,
        };
        let is_refund = wxpay::xml::read(bytes).is_ok_and(|fields| fields.text("req_info").is_some());
        if is_refund {
            row.kind = NoticeKind::Refund;
            return match RefundNotice::open(bytes, key) {
                Ok(notice) if notice.mch_id == merchant.mch_id => {
                    row.verified = true;
                    row.verdict = "valid".into();
                    row.mch_id = Some(notice.mch_id.clone());
                    row.out_trade_no = Some(notice.out_trade_no.clone());
                    row.out_refund_no = Some(notice.out_refund_no.clone());
                    row.number = Some(notice.refund_id.to_string());
                    let mut seen = learn::refund_noticed(merchant, &notice, now);
                    // One that differs must not stand for the true one, which may come later.
                    row.state = (!ledger.is_contradicted_refund(&seen)?).then(|| notice.state.to_string());
                    let recorded = ledger.record_notice(&row, now)?;
                    seen.notice_id = Some(recorded.id());
                    ledger.observe_refund(&seen, now)?;
                    Ok(taken("valid", Some(notice.out_refund_no.to_string()), true, recorded))
                }
                Ok(notice) => {
                    row.verdict = "other_merchant".into();
                    row.mch_id = Some(notice.mch_id.clone());
                    ledger.record_notice(&row, now)?;
                    Ok(refused("other_merchant", true))
                }
                Err(error) => {
                    row.verdict = error.code().into();
                    ledger.record_notice(&row, now)?;
                    Ok(refused(error.code(), true))
                }
            };
        }
        let expect = Expect::Exactly(sign_type(merchant));
        let opened = match merchant.environment {
            Environment::Sandbox => PaymentNotice::open_sandbox(bytes, key, expect),
            Environment::Simulated | Environment::Live => PaymentNotice::open(bytes, key, expect),
        };
        match opened {
            Ok(notice) if notice.mch_id == merchant.mch_id && notice.appid == merchant.appid => {
                row.kind = NoticeKind::Payment;
                row.verified = true;
                row.verdict = "valid".into();
                row.mch_id = Some(notice.mch_id.clone());
                row.out_trade_no = Some(notice.out_trade_no.clone());
                row.number = Some(notice.transaction_id.to_string());
                let mut seen = learn::noticed(merchant, &notice, now);
                row.state = (!ledger.is_contradicted(&seen)?).then(|| "paid".into());
                let recorded = ledger.record_notice(&row, now)?;
                seen.notice_id = Some(recorded.id());
                ledger.observe_payment(&seen, now)?;
                Ok(taken("valid", Some(notice.out_trade_no.to_string()), false, recorded))
            }
            Ok(notice) => {
                row.kind = NoticeKind::Payment;
                row.verdict = "other_merchant".into();
                row.mch_id = Some(notice.mch_id.clone());
                ledger.record_notice(&row, now)?;
                Ok(refused("other_merchant", false))
            }
            Err(error) => {
                row.kind = match &error {
                    notice::NoticeError::Refused(_) => NoticeKind::Unreadable,
                    _ => NoticeKind::Payment,
                };
                row.verdict = error.code().into();
                ledger.record_notice(&row, now)?;
                Ok(Taken { answer: error.answer(), ..refused(error.code(), false) })
            }
        }
    }

    /// Takes every notice that the built-in simulated gateway has due for this merchant. It stands for the
    /// shop's own server: what is genuine is answered SUCCESS, all else FAIL.
    ///
    /// # Errors
    /// Those of the ledger and of the kept world.
    pub(crate) fn take_simulated_notices(&self) -> Result<Vec<Taken>> {
        let merchant = Merchant::built_in()?;
        let key = self.api_key(&merchant)?;
        let due = self.in_world(|world| world.due_notices())?;
        let mut all = Vec::with_capacity(due.len());
        for delivery in due {
            let taken = self.take_notice(&merchant, &key, &delivery.body)?;
            let answer = if taken.believed { simulator::Answer::Success } else { simulator::Answer::Fail };
            self.in_world(|world| world.answer(delivery.id, answer))?;
            all.push(taken);
        }
        Ok(all)
    }

    /// Takes a notice that somebody pasted, for the merchant whose number is in it.
    ///
    /// # Errors
    /// `no_such_merchant` if no stored merchant has that number; `check_failed` if it is not genuine.
    pub(crate) fn record_pasted(&self, merchant: &Merchant, key: &ApiKey, bytes: &[u8]) -> Result<()> {
        let taken = self.take_notice(merchant, key, bytes)?;
        if taken.believed {
            Ok(())
        } else {
            Err(ConsoleError::new(Code::CheckFailed)
                .with("verdict", taken.verdict)
                .saying("detail", Words::new(format!("not_taken.{}", taken.verdict))))
        }
    }
}

fn taken(verdict: &'static str, number: Option<String>, is_refund: bool, recorded: Recorded) -> Taken {
    let before = match recorded {
        Recorded::FirstSeen { .. } => None,
        Recorded::SeenBefore { first, .. } => Some(first),
    };
    Taken { believed: true, verdict, number, is_refund, before, answer: notice::answer(notice::Answer::Ok) }
}

fn refused(verdict: &'static str, is_refund: bool) -> Taken {
    let answer = notice::answer(notice::Answer::Fail("签名失败"));
    Taken { believed: false, verdict, number: None, is_refund, before: None, answer }
}
