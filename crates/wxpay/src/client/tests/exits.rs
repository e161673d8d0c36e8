use super::*;
use crate::xml::RefusalKind;
use domain::OperationOutcome as O;
use proptest::prelude::*;

/// What a call ended as: outcome and the word for why.
fn end<T>(result: &Result<Done<T>, CallError>) -> (O, String) {
    match result {
        Ok(_) => (O::Confirmed, "done".into()),
        Err(error) => {
            let why = match error {
                CallError::NotSent(NotSentWhy::Build(error)) => error.code().into(),
                CallError::NotSent(NotSentWhy::Transport(_)) => "transport".into(),
                CallError::Rejected(no) => {
                    format!("{} {}", no.code.as_deref().unwrap_or("-"), no.class.as_str())
                }
                CallError::Unknown(UnknownWhy::Contradicts(error)) => format!("reply {}", error.field()),
                CallError::Unknown(UnknownWhy::BadReply(refusal)) => format!("xml {}", refusal.kind),
                CallError::Unknown(UnknownWhy::Code { code, .. }) => format!("said {code}"),
                CallError::Unknown(why) => why.code().into(),
            };
            (error.outcome(), why)
        }
    }
}

fn refunding(answer: super::Answer) -> (O, String) {
    let script = Script::of(vec![answer]);
    let result = now(client(&script, live()).call(&refund(), &mut silent()));
    assert_eq!(script.sent().len(), 1, "a refund is sent once");
    end(&result)
}

fn status(status: u16, body: &'static str) -> super::Answer {
    Box::new(move |_| Ok(Response { status, date_secs: None, body: body.into() }))
}

#[test]
fn every_way_out_of_a_refund() {
    let good_xml = signed(&good(REFUNDED), SignType::HmacSha256);
    let cut = good_xml[..good_xml.len() / 2].to_owned();
    let tampered = good_xml.replace("<total_fee>88", "<total_fee>89");
    let mut other_key = good(REFUNDED);
    let other = ApiKey::new(Secret::new("ANOTHERv2key000ANOTHERv2key00032".to_owned()));
    other_key.add("sign", sign::sign(&other_key, &other, SignType::HmacSha256).to_string()).unwrap();
    let fail = |code: &str| reply(&[("result_code", "FAIL"), ("err_code", code), ("err_code_des", "…")]);
    let turned_away = |text: &str| {
        body(format!("<xml><return_code>FAIL</return_code><return_msg><![CDATA[{text}]]></return_msg></xml>"))
    };
    let rows: Vec<(&str, super::Answer, O, &str)> = vec![
        ("done", reply(REFUNDED), O::Confirmed, "done"),
        (
            "read timeout",
            fails(TransportError::MaybeSent(MaybeSent::ReadTimeout)),
            O::Unknown,
            "read_timeout",
        ),
        ("lost", fails(TransportError::MaybeSent(MaybeSent::Lost)), O::Unknown, "no_reply"),
        ("too large", fails(TransportError::MaybeSent(MaybeSent::TooLarge)), O::Unknown, "no_reply"),
        (
            "tls",
            fails(TransportError::NotSent(NotSent::Tls { host: "h".into(), detail: "d".into() })),
            O::NotSent,
            "transport",
        ),
        (
            "bad certificate",
            fails(TransportError::NotSent(NotSent::BadCertificate { detail: "d".into() })),
            O::NotSent,
            "transport",
        ),
        ("500", status(500, "oops"), O::Unknown, "http_status"),
        ("400 html", status(400, "<html></html>"), O::Unknown, "http_status"),
        ("302", status(302, ""), O::Unknown, "http_status"),
        ("html", body("<html><body>404</body></html>"), O::Unknown, "xml root"),
        ("empty", body(""), O::Unknown, "xml empty"),
        ("json", body("{\"code\":1}"), O::Unknown, "xml stray_text"),
        ("cut off", body(cut), O::Unknown, "xml truncated"),
        ("doctype", body("<!DOCTYPE x><xml></xml>"), O::Unknown, "xml doctype"),
        ("no fields", body("<xml></xml>"), O::Unknown, "bad_signature"),
        ("tampered", body(tampered), O::Unknown, "bad_signature"),
        ("other key", body(xml::write(&other_key)), O::Unknown, "bad_signature"),
        ("unsigned", body(xml::write(&good(REFUNDED))), O::Unknown, "bad_signature"),
        ("md5 downgrade", body(signed(&good(REFUNDED), SignType::Md5)), O::Unknown, "bad_signature"),
        ("other merchant", reply(&with(REFUNDED, &[("mch_id", "1")])), O::Unknown, "reply mch_id"),
        ("other appid", reply(&with(REFUNDED, &[("appid", "wx1")])), O::Unknown, "reply appid"),
        (
            "sub-merchant of another",
            reply(&with(REFUNDED, &[("sub_mch_id", "5")])),
            O::Unknown,
            "reply sub_mch_id",
        ),
        ("own number as sub", reply(&with(REFUNDED, &[("sub_mch_id", "1900000109")])), O::Confirmed, "done"),
        ("other order", reply(&with(REFUNDED, &[("out_trade_no", "1")])), O::Unknown, "reply out_trade_no"),
        (
            "other refund",
            reply(&with(REFUNDED, &[("out_refund_no", "R2")])),
            O::Unknown,
            "reply out_refund_no",
        ),
        ("other amount", reply(&with(REFUNDED, &[("refund_fee", "9")])), O::Unknown, "reply refund_fee"),
        ("other total", reply(&with(REFUNDED, &[("total_fee", "880")])), O::Unknown, "reply total_fee"),
        ("other currency", reply(&with(REFUNDED, &[("fee_type", "USD")])), O::Unknown, "reply fee_type"),
        ("same currency", reply(&with(REFUNDED, &[("fee_type", "CNY")])), O::Confirmed, "done"),
        ("no refund_id", reply(&with(REFUNDED, &[("refund_id", "")])), O::Unknown, "reply refund_id"),
        ("no amount", reply(&with(REFUNDED, &[("refund_fee", "")])), O::Unknown, "reply refund_fee"),
        ("amount is no number", reply(&with(REFUNDED, &[("cash_fee", "8.8")])), O::Unknown, "reply cash_fee"),
        ("no result_code", reply(&with(REFUNDED, &[("result_code", "")])), O::Unknown, "reply result_code"),
        (
            "odd result_code",
            reply(&with(REFUNDED, &[("result_code", "OK")])),
            O::Unknown,
            "reply result_code",
        ),
        (
            "odd return_code",
            reply(&with(REFUNDED, &[("return_code", "OK")])),
            O::Unknown,
            "reply return_code",
        ),
        ("no mch_id", reply(&with(REFUNDED, &[("mch_id", "")])), O::Unknown, "reply mch_id"),
        ("no appid", reply(&with(REFUNDED, &[("appid", "")])), O::Unknown, "reply appid"),
        ("SYSTEMERROR", fail("SYSTEMERROR"), O::Unknown, "said SYSTEMERROR"),
        ("BIZERR_NEED_RETRY", fail("BIZERR_NEED_RETRY"), O::Unknown, "said BIZERR_NEED_RETRY"),
        ("undocumented", fail("NEW_IN_2030"), O::Unknown, "said NEW_IN_2030"),
        ("FAIL without a code", reply(&[("result_code", "FAIL")]), O::Unknown, "reply err_code"),
        ("NOTENOUGH", fail("NOTENOUGH"), O::Rejected, "NOTENOUGH failed"),
        ("rate limit", fail("FREQUENCY_LIMITED"), O::NotSent, "FREQUENCY_LIMITED not_accepted"),
        (
            "a no about another refund",
            reply(&[("result_code", "FAIL"), ("err_code", "NOTENOUGH"), ("out_refund_no", "R2")]),
            O::Unknown,
            "reply out_refund_no",
        ),
        (
            "an unsigned business no",
            body(xml::write(&good(&[("result_code", "FAIL"), ("err_code", "NOTENOUGH")]))),
            O::Unknown,
            "bad_signature",
        ),
        ("bad sign said so", turned_away("签名错误"), O::Rejected, "- failed"),
        ("system said so", turned_away("系统繁忙，请稍后再试"), O::Unknown, "said FAIL"),
        ("SYSTEMERROR said so", turned_away("SYSTEMERROR"), O::Unknown, "said FAIL"),
        ("too often", turned_away("请求频率过高"), O::NotSent, "- not_accepted"),
        (
            "FAIL with a wrong sign",
            body("<xml><return_code>FAIL</return_code><sign>00000000000000000000000000000000</sign></xml>"),
            O::Unknown,
            "bad_signature",
        ),
    ];
    for (name, answer, outcome, why) in rows {
        assert_eq!(refunding(answer), (outcome, why.to_owned()), "{name}");
    }
}

#[test]
fn a_no_tells_whether_it_is_signed() {
    let away = "<xml><return_code>FAIL</return_code><return_msg>no</return_msg></xml>";
    for (answer, signed) in
        [(body(away), false), (reply(&[("result_code", "FAIL"), ("err_code", "NOTENOUGH")]), true)]
    {
        let script = Script::of(vec![answer]);
        match now(client(&script, live()).call(&refund(), &mut silent())) {
            Err(CallError::Rejected(no)) => assert_eq!(no.signed, signed),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_refused_repetition_proves_nothing_about_the_first_sending() {
    let away = "<xml><return_code>FAIL</return_code><return_msg>签名错误</return_msg></xml>";
    for (answer, again) in [
        (body(away), O::Unknown),
        (reply(&[("result_code", "FAIL"), ("err_code", "CERT_ERROR")]), O::Unknown),
        (reply(&[("result_code", "FAIL"), ("err_code", "FREQUENCY_LIMITED")]), O::NotSent),
        (body(""), O::Unknown),
    ] {
        let script = Script::of(vec![answer]);
        let client = client(&script, live());
        let canonical = client.prepare(&refund()).unwrap().canonical();
        let error = now(client.resend::<Refund>(&canonical, &mut silent())).unwrap_err();
        assert_eq!(error.outcome_of_repetition(), again, "{error}");
    }
}

/// Each documented code of each operation ends as its class says, on the wire.
#[test]
fn every_documented_code() {
    fn check<Op: Operation>(operation: &Op) {
        for known in Op::ERRORS.iter().chain(api::error_code::GENERIC) {
            let class = classify(Op::KIND, Op::ERRORS, known.code);
            let answer = reply(&[("result_code", "FAIL"), ("err_code", known.code)]);
            let script = Script::of(vec![answer]);
            let (outcome, why) = end(&now(client(&script, live()).call(operation, &mut silent())));
            let (wanted, text) = match class {
                ErrorClass::Unknown => (O::Unknown, format!("said {}", known.code)),
                ErrorClass::Failed => (O::Rejected, format!("{} failed", known.code)),
                ErrorClass::Settled => (O::Unknown, format!("{} settled", known.code)),
                ErrorClass::NotAccepted => (O::NotSent, format!("{} not_accepted", known.code)),
            };
            assert_eq!((outcome, why), (wanted, text), "{} {}", Op::NAME, known.code);
        }
    }
    check(&order());
    check(&micropay());
    check(&OrderQuery::new(no()));
    check(&CloseOrder { out_trade_no: no() });
    check(&Reverse { order: no().into() });
    check(&refund());
    check(&RefundQuery::of_order(no(), 0));
}

#[test]
fn an_undocumented_code_leaves_only_what_moves_money_open() {
    let fail = || reply(&[("result_code", "FAIL"), ("err_code", "NEW_IN_2030")]);
    let query = Script::of(vec![fail()]);
    let result = now(client(&query, live()).call(&OrderQuery::new(no()), &mut silent()));
    assert_eq!(end(&result), (O::Rejected, "NEW_IN_2030 failed".into()));
    let close = Script::of(vec![fail()]);
    let result = now(client(&close, live()).call(&CloseOrder { out_trade_no: no() }, &mut silent()));
    assert_eq!(end(&result), (O::Unknown, "said NEW_IN_2030".into()));
}

#[test]
fn the_sandbox_and_its_signature() {
    let paid: &[(&str, &str)] = &[
        ("trade_state", "SUCCESS"),
        ("out_trade_no", "20150806125346"),
        ("transaction_id", "1009660380201506130728806387"),
        ("trade_type", "MICROPAY"),
        ("total_fee", "3"),
        ("time_end", "20141030133525"),
        ("bank_type", "CMC"),
    ];
    // Signed without cash_fee, sent with 0: only the sandbox may do that.
    let mut fields = good(paid);
    fields.add("sign", sign::sign(&fields, &key(), SignType::HmacSha256).to_string()).unwrap();
    let mut zero = fields.clone();
    zero.add("cash_fee", "0").unwrap();
    let mut one = fields.clone();
    one.add("cash_fee", "1").unwrap();
    for (gateway, document, why) in [
        (Gateway::Sandbox, &zero, "done"),
        (Gateway::Sandbox, &one, "bad_signature"),
        (live(), &zero, "bad_signature"),
    ] {
        let script = Script::of(vec![body(xml::write(document))]);
        let result = now(client(&script, gateway.clone()).call(&OrderQuery::new(no()), &mut silent()));
        assert_eq!(end(&result).1, why, "{gateway:?}");
    }
    let script = Script::of(vec![]);
    let result = now(client(&script, Gateway::Sandbox).call(&refund(), &mut silent()));
    assert_eq!(end(&result), (O::NotSent, "not_in_sandbox".into()));
    let result = now(client(&script, live()).call(&GetSignKey, &mut silent()));
    assert_eq!(end(&result), (O::NotSent, "only_in_sandbox".into()));
}

#[test]
fn the_sandbox_key() {
    let answer = "<xml><return_code>SUCCESS</return_code><return_msg>ok</return_msg>\
                  <mch_id>1900000109</mch_id><sandbox_signkey>797657811956</sandbox_signkey></xml>";
    let script = Script::of(vec![body(answer)]);
    let mut seen = Vec::new();
    let done =
        now(client(&script, Gateway::Sandbox).call(&GetSignKey, &mut |e: &Exchange| seen.push(e.clone())))
            .unwrap();
    assert_eq!(done.reply.sandbox_signkey.expose(), "797657811956");
    assert!(!format!("{done:?} {seen:?}").contains("797657811956"));
    let request = &script.sent()[0];
    assert_eq!(request.path, "/xdc/apiv2getsignkey/sign/getsignkey");
    let sent = xml::read(request.body.expose()).unwrap();
    assert_eq!(sent.sorted().map(|(name, _)| name).collect::<Vec<_>>(), ["mch_id", "nonce_str", "sign"]);
    assert!(sign::verify(&sent, &key(), Expect::Exactly(SignType::Md5)).is_ok());
    for (answer, why) in [
        ("<xml><retcode>1</retcode><retmsg>no</retmsg></xml>", "- failed"),
        ("<xml><return_code>FAIL</return_code><return_msg>商户号非法</return_msg></xml>", "- failed"),
        ("<xml><return_code>SUCCESS</return_code></xml>", "reply sandbox_signkey"),
        (
            "<xml><return_code>SUCCESS</return_code><mch_id>1</mch_id><sandbox_signkey>1</sandbox_signkey></xml>",
            "reply mch_id",
        ),
    ] {
        let script = Script::of(vec![body(answer)]);
        let result = now(client(&script, Gateway::Sandbox).call(&GetSignKey, &mut silent()));
        assert_eq!(end(&result).1, why);
    }
}

#[test]
fn a_bad_reply_says_where() {
    let script = Script::of(vec![body("<xml><a>1</a><a>2</a></xml>")]);
    match now(client(&script, live()).call(&refund(), &mut silent())) {
        Err(CallError::Unknown(UnknownWhy::BadReply(refusal))) => {
            assert_eq!((refusal.kind, refusal.at), (RefusalKind::DuplicateField, 13));
        }
        other => panic!("{other:?}"),
    }
}

proptest! {
    /// Whatever comes back, a refund is never confirmed by it and never panics.
    #[test]
    fn any_bytes_are_unknown(bytes: Vec<u8>) {
        prop_assert_eq!(refunding(body(bytes)).0, O::Unknown);
    }

    /// A good reply with one byte changed is never taken for another good reply.
    #[test]
    fn one_byte_off_is_unknown(at in 0_usize..500, byte: u8) {
        let mut bytes = signed(&good(REFUNDED), SignType::HmacSha256).into_bytes();
        let at = at % bytes.len();
        let before = bytes[at];
        bytes[at] = byte;
        let (outcome, _) = refunding(body(bytes));
        // The digest may be in either case; return_code FAIL and the like need more than a byte.
        let same = byte == before || byte.eq_ignore_ascii_case(&before);
        prop_assert!(outcome == O::Unknown || (same && outcome == O::Confirmed) );
    }
}
