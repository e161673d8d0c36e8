//! What stands beside a right message, around it and in its call, and in which writings one is read.

use super::{ids, md5, said, verify};
use console::view::Verdict;

const OPENID: &str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";

/// A notice of a payment, and its signature.
fn notice() -> (Vec<(&'static str, &'static str)>, String) {
    let fields = vec![
        ("appid", "wxd930ea5d5a258f4f"),
        ("attach", "支付测试"),
        ("bank_type", "CFT"),
        ("mch_id", "10000100"),
        ("nonce_str", "ibuaiVcKdpRxkhJA"),
        ("openid", OPENID),
        ("out_trade_no", "1409811653"),
        ("result_code", "SUCCESS"),
        ("return_code", "SUCCESS"),
        ("time_end", "20140903131540"),
        ("total_fee", "100"),
        ("trade_type", "JSAPI"),
        ("transaction_id", "1004400740201409030005092168"),
    ];
    let string: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let sign = md5(&string.join("&"));
    (fields, sign)
}

fn xml() -> String {
    let (fields, sign) = notice();
    let all = fields.iter().copied().chain([("sign", &*sign)]);
    let inside: String = all.map(|(name, value)| format!("<{name}><![CDATA[{value}]]></{name}>")).collect();
    format!("<xml>{inside}</xml>")
}

fn json() -> serde_json::Value {
    let (fields, sign) = notice();
    fields.iter().copied().chain([("sign", &*sign)]).map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A page's call with more of the same level, signed as it should be.
fn call(more: &str) -> String {
    let string = "appId=wxd930ea5d5a258f4f&nonceStr=5K8264ILTKCH16CQ2502SI8ZNMTM67VS\
        &package=prepay_id=wx2017033010242291fcfe0db70013231072&signType=MD5&timeStamp=1490840662";
    format!(
        "{{appId: 'wxd930ea5d5a258f4f', nonceStr: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS', package: \
         'prepay_id=wx2017033010242291fcfe0db70013231072', signType: 'MD5', timeStamp: '1490840662', paySign: '{}'{more}}}",
        md5(string)
    )
}

/// The same call as JSON.
fn call_json() -> String {
    let names = ["appId", "nonceStr", "package", "signType", "timeStamp", "paySign"];
    let quoted = |text: String, name: &&str| text.replacen(*name, &format!("\"{name}\""), 1);
    names.iter().fold(call("").replace('\'', "\""), quoted)
}

/// One field is as good as another to whoever changes what a reader sees: the payer's, the call's package.
#[test]
fn another_value_of_any_field_beside_a_message_takes_its_verdict_back() {
    let (xml, json, call) = (xml(), json(), call(""));
    for good in [
        xml.clone(),
        format!("2024-05-01 12:00:00 openid={OPENID} totalFee=100 notified: {xml}"),
        format!("wx.requestPayment({call})"),
        format!("const params = {call};\nwx.requestPayment(params);"),
        serde_json::json!({ "openid": OPENID, "time": "12:00", "data": json }).to_string(),
        format!("amount=1.00 order_no=1409811653 notified: {xml}"),
        format!("log.info('{xml}');"),
        format!("xml = '{}'", xml.replace("<attach>", "' +\n '<attach>")),
    ] {
        let view = verify(&good);
        assert_eq!(view.verdict, Verdict::Valid, "{good}: {view:#?}");
    }
    for bad in [
        format!("openid=oEVIL {xml}"),
        format!("totalFee=9999 {xml}"),
        format!("TOTAL_FEE: 9999 {xml}"),
        format!("{xml} openid=oEVIL"),
        format!("{json}\nreturn_code=FAIL"),
        format!("Object.assign({json}, {{openid: 'oEVIL'}})"),
        serde_json::json!({ "body": xml, "openid": "oEVIL" }).to_string(),
        serde_json::json!({ "appid": "wxEVIL", "data": json }).to_string(),
        format!("wx.requestPayment(Object.assign({call}, {{package: 'prepay_id=wxEVIL'}}))"),
        format!("wx.requestPayment($.extend({call}, {{appId: 'wxEVIL'}}))"),
        format!("wx.requestPayment(x ? {call} : {{package: 'prepay_id=wxEVIL'}})"),
        format!("{{**{call}, 'package': 'prepay_id=wxEVIL'}}"),
        format!("{call}\np.package = 'prepay_id=wxEVIL'"),
        // A call's signature covers five fields and nothing else of its object.
        "{\"more\":{\"package\":\"prepay_id=wxEVIL\"},".to_owned() + &call_json()[1..],
        "{\"more\":{\"paySign\":\"0\"},".to_owned() + &call_json()[1..],
        // What the message has not is taken for a part of it all the same.
        serde_json::json!({ "refund_fee": "99999", "data": json }).to_string(),
        serde_json::json!({ "trade_state": "SUCCESS", "data": json }).to_string(),
        serde_json::json!({ "amount": 99999, "data": json }).to_string(),
        format!("order_no=EVIL notified: {xml}"),
        // What a program does with it.
        format!("wx.requestPayment(Object.assign({call}, other))"),
        format!("d = {json} | evil"),
        format!("d = evil || {json}"),
        format!("d = evil ? {json} : real"),
        format!("d = merge(evil, {json})"),
        format!("xml = '{xml}'.replace('[100]', '[999]')"),
        format!("xml = '{xml}' + extra"),
        format!("xml = prefix + '{xml}'"),
        format!("tamper('{xml}')"),
        format!("echo '{xml}' | sed s/1/9/"),
        format!("xml = '{}'", xml.replace("<attach>", "' + extra + '<attach>")),
        format!(
            "sb.append(\"{}\");",
            xml.replace("<attach>", "\");\nsb.append(extra);\nsb.append(\"<attach>")
        ),
    ] {
        let view = verify(&bad);
        assert_ne!(view.verdict, Verdict::Valid, "{bad}: {view:#?}");
    }
}

/// What stands there is right, and it is not what is sent.
#[test]
fn what_a_program_does_with_a_message_is_said() {
    for (text, code) in [
        (format!("xml = '{}'.replace('[100]', '[999]')", xml()), ".replace("),
        (format!("xml = '{}'", xml().replace("<attach>", "' + extra + '<attach>")), "extra"),
        (format!("d = {} | evil", json()), "evil"),
    ] {
        let view = verify(&text);
        assert_eq!(view.verdict, Verdict::Undecidable, "{text}: {view:#?}");
        assert!(said(&view, "changed_by_program").contains(code), "{text}: {view:#?}");
    }
}

/// Whoever signs all of an object has signed more than WeChat reckons with.
#[test]
fn what_a_call_carries_besides_is_proven_to_be_signed() {
    let sign = md5("appId=wxd930ea5d5a258f4f&nonceStr=5K82&package=prepay_id=wx2017&prepay_id=wx2017\
                    &signType=MD5&timeStamp=1490840662&total_fee=1");
    let view = verify(&format!(
        "wx.requestPayment({{appId: 'wxd930ea5d5a258f4f', nonceStr: '5K82', package: 'prepay_id=wx2017', prepay_id: \
         'wx2017', total_fee: '1', signType: 'MD5', timeStamp: '1490840662', paySign: '{sign}'}})"
    ));
    let proven: Vec<&str> = view.causes.iter().map(|cause| cause.id.as_str()).collect();
    assert_eq!((view.verdict, proven), (Verdict::Invalid, vec!["fields_added"]), "{view:#?}");
    assert!(view.causes[0].message.contains("prepay_id, total_fee"), "{view:#?}");
    assert!(ids(&view).contains(&"field_not_accepted".to_owned()), "{view:#?}");

    let view = verify(&format!("wx.chooseWXPay({})", call("")));
    assert_eq!(view.verdict, Verdict::ValidButRefused, "{view:#?}");
    assert!(said(&view, "time_stamp_in_choose_wxpay").contains("timestamp"));
    let view = verify(&format!("wx.requestPayment({})", call(", total_fee: 1")));
    assert_eq!(
        (view.verdict, ids(&view)),
        (Verdict::Valid, vec!["field_not_accepted".to_owned()]),
        "{view:#?}"
    );
}

/// A right message is right however it was logged.
#[test]
fn a_right_message_is_read_in_every_writing() {
    let (fields, sign) = notice();
    let all: Vec<(&str, &str)> = fields.iter().copied().chain([("sign", &*sign)]).collect();
    let escaped: String = xml().chars().fold(String::new(), |text, letter| match letter {
        letter if letter.is_ascii() => text + &letter.to_string(),
        letter => text + &format!("\\u{:04x}", u32::from(letter)),
    });
    let lists: serde_json::Map<String, serde_json::Value> =
        all.iter().map(|(name, value)| ((*name).to_owned(), vec![*value].into())).collect();
    let dump = |one: &dyn Fn(&str, &str) -> String| -> String {
        all.iter().map(|(name, value)| one(name, value)).collect()
    };
    let wide = |text: &str| -> Vec<u8> {
        [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    for text in [
        format!("{{\"log\":\"notify {escaped}\\n\",\"stream\":\"stdout\"}}"),
        format!("INFO {{\"log\":\"notify {escaped}\",\"stream\":\"stdout\"}}"),
        serde_json::json!({ "xml": lists }).to_string(),
        format!(
            "array(14) {{\n{}}}",
            dump(&|name, value| format!("  [\"{name}\"]=>\n  string({}) \"{value}\"\n", value.len()))
        ),
        format!(
            "a:14:{{{}}}",
            dump(&|name, value| format!("s:{}:\"{name}\";s:{}:\"{value}\";", name.len(), value.len()))
        ),
        format!("2024 App[1:2] {{\n{}}}", dump(&|name, value| format!("    \"{name}\" = \"{value}\";\n"))),
        dump(&|name, value| format!("{name}\t{value}\r\n")),
    ] {
        let view = verify(&text);
        assert_eq!(view.verdict, Verdict::Valid, "{text}: {view:#?}");
    }
    for attach in ["%E4%BD%A0", "100%25", "a\\b", "\\u4f60", "mch_id", r#"{"total_fee":5}"#, "a, b"] {
        let (mut fields, _) = notice();
        fields[1].1 = attach;
        let string: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let sign = md5(&string.join("&"));
        let text = xml().replace("支付测试", attach).replace(&notice().1, &sign);
        for text in [format!("notified: {text}"), text] {
            let view = verify(&text);
            assert_eq!(view.verdict, Verdict::Valid, "{text}: {view:#?}");
        }
    }
    let lines = xml().replace("><", ">\n<").replace(">\n<![", "><![").replace("]]>\n</", "]]></");
    let framed = |frame: &str| lines.lines().map(|line| format!("{frame}{line}\n")).collect::<String>();
    let record =
        |line: &str| serde_json::json!({ "log": format!("{line}\n"), "stream": "stdout" }).to_string();
    let records: Vec<String> = lines.lines().map(record).collect();
    let map = all.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ");
    let camel = map.replace("_id", "Id").replace("_type", "Type").replace("nonce_str", "nonceStr");
    let camel = camel.replace("out_trade_no", "outTradeNo").replace("total_fee", "totalFee");
    let camel = camel.replace("_code", "Code").replace("time_end", "timeEnd");
    for text in [
        framed("> "),
        framed("2024-01-01T00:00:00.123Z stdout F "),
        records.join("\n"),
        format!("2024-01-01 12:00 INFO c.x.Pay : 微信回调参数：{{{map}}}"),
        format!("NotifyResult({camel})"),
        format!("map[{}]", map.replace(", ", " ").replace('=', ":")),
        dump(&|name, value| format!("| {name} | {value} |\n")),
        serde_json::json!({ "device_info": {}, "xml": "" })
            .to_string()
            .replace("\"xml\":\"\"", json().to_string().trim_matches(['{', '}'])),
    ] {
        let view = verify(&text);
        assert_eq!(view.verdict, Verdict::Valid, "{text}: {view:#?}");
    }
    // A formatter's blanks are said, and blamed on nobody.
    let view = verify(&lines.replace("><![", ">\n  <![").replace("]]></", "]]>\n</"));
    assert_eq!(
        (view.verdict, ids(&view)),
        (Verdict::Valid, vec!["formatted_values".to_owned()]),
        "{view:#?}"
    );
    let view = super::verify_bytes(&wide(&xml()));
    assert_eq!(view.verdict, Verdict::Valid, "{view:#?}");
    // It is looked at as it reads, also beside the message.
    let view = super::verify_bytes(&wide(&format!("openid=oEVIL {}", xml())));
    assert_eq!(view.verdict, Verdict::Undecidable, "{view:#?}");
}

/// What has the looks of a key is one, wherever it was pasted.
#[test]
fn a_key_in_the_place_of_a_signature_is_not_said() {
    let view = verify(&xml().replace(&notice().1, "Ab3dEf6hIj9lMn2pQr5tUv8xYz1bCd4f"));
    assert!(!serde_json::to_string(&view).unwrap().contains("Ab3dEf6h"), "{view:#?}");
}
