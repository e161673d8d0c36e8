use super::*;

const MAIN: &str = "https://api.mch.weixin.qq.com";
const OTHER: &str = "https://api2.mch.weixin.qq.com";

fn hosts(script: &Script) -> Vec<String> {
    script.sent().iter().map(|request| request.host.clone()).collect()
}

fn not_sent(why: &str) -> TransportError {
    let host = String::from("h");
    TransportError::NotSent(match why {
        "name" => NotSent::Name { host },
        "connect" => NotSent::Connect { host },
        "connect timeout" => NotSent::ConnectTimeout { host },
        "tls" => NotSent::Tls { host, detail: "d".into() },
        _ => NotSent::Forbidden { host },
    })
}

#[test]
fn what_goes_to_the_other_host() {
    let maybe = |why: MaybeSent| move || TransportError::MaybeSent(why.clone());
    type Error = Box<dyn Fn() -> TransportError>;
    let rows: Vec<(&str, Error, bool, bool)> = vec![
        // what happened at the first host; is a refund, is a query sent to the other
        ("name", Box::new(|| not_sent("name")), true, true),
        ("connect", Box::new(|| not_sent("connect")), true, true),
        ("connect timeout", Box::new(|| not_sent("connect timeout")), true, true),
        ("tls", Box::new(|| not_sent("tls")), false, false),
        ("forbidden", Box::new(|| not_sent("forbidden")), false, false),
        ("read timeout", Box::new(maybe(MaybeSent::ReadTimeout)), false, true),
        ("lost", Box::new(maybe(MaybeSent::Lost)), false, true),
        ("too large", Box::new(maybe(MaybeSent::TooLarge)), false, false),
    ];
    let state: &[(&str, &str)] = &[("trade_state", "NOTPAY"), ("out_trade_no", "20150806125346")];
    for (name, error, refund_goes, query_goes) in rows {
        let script = Script::of(vec![fails(error()), reply(REFUNDED)]);
        let result = now(client(&script, live()).call(&refund(), &mut silent()));
        assert_eq!(result.is_ok(), refund_goes, "refund, {name}");
        assert_eq!(
            hosts(&script),
            if refund_goes { vec![MAIN, OTHER] } else { vec![MAIN] },
            "refund, {name}"
        );

        let script = Script::of(vec![fails(error()), reply(state)]);
        let result = now(client(&script, live()).call(&OrderQuery::new(no()), &mut silent()));
        assert_eq!(result.is_ok(), query_goes, "query, {name}");
        assert_eq!(hosts(&script), if query_goes { vec![MAIN, OTHER] } else { vec![MAIN] }, "query, {name}");
    }
}

#[test]
fn the_other_host_is_asked_once_and_its_word_counts() {
    for (second, outcome) in [
        (fails(not_sent("connect")), OperationOutcome::NotSent),
        (fails(TransportError::MaybeSent(MaybeSent::ReadTimeout)), OperationOutcome::Unknown),
        (reply(&[("result_code", "FAIL"), ("err_code", "NOTENOUGH")]), OperationOutcome::Rejected),
    ] {
        let script = Script::of(vec![fails(not_sent("name")), second]);
        let mut seen = Vec::new();
        let error = now(client(&script, live()).call(&refund(), &mut |e: &Exchange| seen.push(e.clone())))
            .unwrap_err();
        assert_eq!(error.outcome(), outcome);
        let attempts: Vec<_> = seen.iter().map(|e| (e.attempt, e.host.as_str(), e.outcome)).collect();
        assert_eq!(attempts, [(1, MAIN, OperationOutcome::NotSent), (2, OTHER, outcome)]);
    }
}

#[test]
fn both_hosts_get_the_identical_parameters() {
    let script = Script::of(vec![fails(not_sent("name")), reply(REFUNDED)]);
    now(client(&script, live()).call(&refund(), &mut silent())).unwrap();
    let params = |request: &Request| {
        let mut fields = xml::read(request.body.expose()).unwrap().into_owned();
        fields.remove("nonce_str");
        fields.remove("sign");
        xml::write(&fields)
    };
    let sent = script.sent();
    assert_eq!(params(&sent[0]), params(&sent[1]));
}

#[test]
fn a_simulated_merchant_has_one_host() {
    let gateway = Gateway::Simulated { base_url: "http://127.0.0.1:4000/".into() };
    let script = Script::of(vec![fails(not_sent("connect"))]);
    let error = now(client(&script, gateway).call(&OrderQuery::new(no()), &mut silent())).unwrap_err();
    assert_eq!(error.outcome(), OperationOutcome::NotSent);
    assert_eq!(hosts(&script), ["http://127.0.0.1:4000"]);
}

#[test]
fn no_certificate_no_request() {
    let script = Script::of(vec![]);
    let mut client = client(&script, live());
    client.profile.certificate = false;
    for error in [
        now(client.call(&refund(), &mut silent())).unwrap_err(),
        now(client.call(&Reverse { order: no().into() }, &mut silent())).unwrap_err(),
    ] {
        assert_eq!(error, CallError::NotSent(NotSentWhy::Transport(NotSent::NoCertificate)));
    }
    assert!(script.sent().is_empty());
}
