//! Programs, calls without values and files of many messages, as the workbench judges them.

use console::args::Looking;
use console::view::{Verdict, VerifyView};
use console::{Console, Lang, Options};
use domain::Secret;
use vault::{Keychain, KeychainError};

#[path = "programs/beside.rs"]
mod beside;

/// WeChat Pay's documents publish it, and the signature of these fields under it.
const KEY: &str = "192006250b4c09247ec02edce69f6a2d";
const SIGN: &str = "9A0A8659F005D6984697E2CA0A9CF3B7";
const FIELDS: [(&str, &str); 5] = [
    ("appid", "wxd930ea5d5a258f4f"),
    ("mch_id", "10000100"),
    ("device_info", "1000"),
    ("body", "test"),
    ("nonce_str", "ibuaiVcKdpRxkhJA"),
];

struct Empty;

impl Keychain for Empty {
    fn get(&self, _: &str) -> Result<Option<Secret<Vec<u8>>>, KeychainError> {
        Ok(None)
    }
    fn set(&self, _: &str, _: &Secret<Vec<u8>>) -> Result<(), KeychainError> {
        Ok(())
    }
    fn delete(&self, _: &str) -> Result<(), KeychainError> {
        Ok(())
    }
}

/// The verdict in both languages, which differ in words alone.
fn verify(text: &str) -> VerifyView {
    verify_bytes(text.as_bytes())
}

fn verify_bytes(bytes: &[u8]) -> VerifyView {
    let text = String::from_utf8_lossy(bytes);
    let dir = tempfile::tempdir().unwrap();
    let console = Console::open(Options {
        data_dir: Some(dir.path().to_owned()),
        keychain: Some(Box::new(Empty)),
        ..Options::default()
    })
    .unwrap();
    let looking = Looking { key_once: Some(Secret::new(KEY.to_owned())), ..Looking::default() };
    let english = console.verify(bytes, &looking, Lang::En).unwrap();
    let chinese = console.verify(bytes, &looking, Lang::ZhCn).unwrap();
    assert_eq!((english.verdict, ids(&english)), (chinese.verdict, ids(&chinese)), "{text}");
    for view in [&english, &chinese] {
        let said = serde_json::to_string(view).unwrap();
        for begin in ["cause.", "finding.", "meaning.", "check.", "mistake.", "place.", "verdict."] {
            assert!(!said.contains(&format!("\"{begin}")), "words are missing: {said}");
        }
        assert!(!said.contains(KEY), "{said}");
    }
    english
}

fn ids(view: &VerifyView) -> Vec<String> {
    view.findings.iter().map(|finding| finding.id.clone()).collect()
}

fn said<'v>(view: &'v VerifyView, id: &str) -> &'v str {
    view.findings.iter().find(|finding| finding.id == id).map_or("", |finding| &finding.message)
}

fn joined(one: impl Fn(&str, &str) -> String) -> String {
    FIELDS.iter().chain([&("sign", SIGN)]).map(|(name, value)| one(name, value)).collect()
}

#[test]
fn parameters_of_a_program_with_a_signature_are_verified() {
    for text in [
        format!("<?php\n$data = array(\n{});\n", joined(|n, v| format!("  '{n}' => '{v}',\n"))),
        format!("p := map[string]string{{\n{}}}\n", joined(|n, v| format!("\"{n}\": \"{v}\",\n"))),
        joined(|n, v| format!("map.put(\"{n}\", \"{v}\");\n")),
        joined(|n, v| format!("params[\"{n}\"] = \"{v}\"\n")),
        format!("params = dict({})", joined(|n, v| format!("{n}='{v}', "))),
        format!("params = {{ {} }}", joined(|n, v| format!(":{n} => '{v}', "))),
        format!("String xml = \"<xml>\" +\n{}\"</xml>\";", joined(|n, v| format!("\"<{n}>{v}</{n}>\" +\n"))),
    ] {
        let view = verify(&text);
        assert_eq!(view.verdict, Verdict::Valid, "{text}: {view:#?}");
        let view = verify(&text.replace("test", "toast"));
        assert_eq!(view.verdict, Verdict::Invalid, "{text}: {view:#?}");
        // Of what is computed nothing is said.
        let view = verify(
            &text
                .replace("'1000'", "$device")
                .replace("\"1000\"", "device")
                .replace(">1000<", ">\" + d + \"<"),
        );
        assert_eq!(view.verdict, Verdict::Undecidable, "{text}: {view:#?}");
        assert!(view.causes.is_empty() && said(&view, "no_key_fits").is_empty(), "{view:#?}");
    }
}

#[test]
fn a_call_whose_values_come_from_the_server_is_not_unsigned() {
    for (text, names) in [
        (
            "wx.requestPayment({ timeStamp: res.data.timeStamp, nonceStr: res.data.nonceStr, package: res.data.package, \
             signType: 'MD5', paySign: res.data.paySign, success() {} })",
            "timeStamp, nonceStr, package, paySign",
        ),
        (
            "WeixinJSBridge.invoke('getBrandWCPayRequest', { appId: d.appId, timeStamp: d.timeStamp, nonceStr: d.nonceStr, \
             package: d.package, signType: d.signType, paySign: d.paySign }, cb)",
            "appId, timeStamp",
        ),
        (
            "wx.chooseWXPay({ timestamp: d.t, nonceStr: d.n, package: d.p, signType: d.s, paySign: d.sign })",
            "paySign",
        ),
        (
            "wx.config({ appId: d.appId, timestamp: d.t, nonceStr: d.n, signature: d.s, jsApiList: [] })",
            "signature",
        ),
        // What cannot be known is not called wrong.
        (
            "wx.requestPayment({ timeStamp: t, nonceStr: 'n', package: 'prepay_id=wx2', signType: 'MD5', paySign: \
             '22D9B4E54AB1950F51E0649E8810ACD6' })",
            "timeStamp",
        ),
        ("wx.requestPayment(res.data)", "res.data"),
        ("uni.requestPayment({ ...res.data, success: this.done })", "res.data"),
    ] {
        let view = verify(text);
        assert_eq!(view.verdict, Verdict::Undecidable, "{text}: {view:#?}");
        assert!(said(&view, "values_not_in_text").contains(names), "{text}: {view:#?}");
        assert!(!ids(&view).iter().any(|id| id == "unsigned") && view.causes.is_empty(), "{text}: {view:#?}");
    }
    // The code's own mistakes are named all the same.
    let view = verify(
        "wx.requestPayment({ timeStamp: Date.now(), nonceStr: r.nonce, package: 'perpay_id=' + r.id, signType: 'MD5', \
         paySign: r.paySign })",
    );
    let mistakes: Vec<&str> = view.mistakes.iter().map(|one| one.id.as_str()).collect();
    for id in ["timestamp_in_milliseconds", "package_misspelt", "sign_type_fixed_on_client"] {
        assert!(mistakes.contains(&id), "{mistakes:?}");
    }
    // Without any paySign it is as unsigned as ever.
    let view = verify(
        "wx.requestPayment({ timeStamp: '1490840662', nonceStr: 'n', package: 'prepay_id=wx2', signType: 'MD5' })",
    );
    assert_eq!(view.verdict, Verdict::Unsigned);
}

#[test]
fn a_program_that_joins_xml_has_its_mistakes_named() {
    for text in [
        "String xml = \"<xml><appid>\" + appid + \"</appid><mch_id>1</mch_id><body>\" + body + \"</body><sign>\" + sign + \"</sign></xml>\";",
        "$xml = \"<xml><appid>$appid</appid><mch_id>1</mch_id><body>$body</body><sign>$sign</sign></xml>\";",
        "<?php\n$xml = '<xml><appid>' . $appid . '</appid><mch_id>1</mch_id><body>' . $body . '</body></xml>';",
        "sb.append(\"<xml><appid>\").append(appid).append(\"</appid><mch_id>1</mch_id><body>\").append(body).append(\"</body></xml>\");",
    ] {
        let view = verify(text);
        assert_eq!((view.verdict, &*view.format), (Verdict::Undecidable, "code"), "{text}: {view:#?}");
        let mistakes: Vec<&str> = view.mistakes.iter().map(|one| one.id.as_str()).collect();
        assert!(mistakes.contains(&"values_concatenated_into_xml_unescaped"), "{text}: {mistakes:?}");
    }
    // One that goes over a map has no parameters to read, and is no broken document.
    let view = verify(
        "<?php\nfunction toXml($a) {\n  $xml = \"<xml>\";\n  foreach ($a as $k => $v) { $xml .= \"<$k>$v</$k>\"; }\n  \
         return $xml . \"</xml>\";\n}",
    );
    assert_eq!(ids(&view), ["nothing_in_it"], "{view:#?}");
}

fn har(bodies: &[&str]) -> String {
    let entry = |body: &&str| {
        format!(
            r#"{{"request":{{"method":"POST","url":"https://api.mch.weixin.qq.com/pay/unifiedorder?x=1","postData":{{"text":{}}}}},"response":{{"content":{{}}}}}}"#,
            serde_json::to_string(body).unwrap()
        )
    };
    let entries: Vec<String> = bodies.iter().map(entry).collect();
    format!(r#"{{"log":{{"entries":[{}]}}}}"#, entries.join(","))
}

#[test]
fn every_message_of_a_file_or_a_log_is_judged() {
    let right = format!("<xml>{}</xml>", joined(|n, v| format!("<{n}>{v}</{n}>")));
    let wrong = right.replace("test", "toast");
    let alone = verify(&har(&[&right]));
    assert_eq!(
        (alone.verdict, ids(&alone).contains(&"several_messages".to_owned())),
        (Verdict::Valid, false)
    );
    let view = verify(&har(&[&right, &right, &right]));
    assert_eq!(view.verdict, Verdict::Valid);
    assert!(said(&view, "several_messages").contains("3 messages"), "{view:#?}");
    // The one that is wrong is shown, wherever it stands.
    let view = verify(&har(&[&right, &wrong, &wrong.replace("toast", "roast")]));
    assert_eq!(view.verdict, Verdict::Invalid);
    assert!(view.fields.iter().any(|field| field.value == "toast"), "{view:#?}");
    let message = said(&view, "several_messages");
    assert!(
        message.contains("entry 2") && message.contains("unifiedorder") && !message.contains("x=1"),
        "{message}"
    );
    assert!(said(&view, "other_message").contains("entry 3"), "{view:#?}");
    // A log, its documents escaped or not.
    let log = format!("INFO a\n2026 notify {right}\n2026 notify {}\n", wrong.replace('<', "\\x3C"));
    let view = verify(&log);
    assert_eq!(view.verdict, Verdict::Invalid, "{view:#?}");
    assert!(said(&view, "several_messages").contains("line 3"), "{view:#?}");
}

#[test]
fn a_check_of_an_unknown_merchants_notice_has_no_empty_place() {
    let notice = "<xml><appid>wx1</appid><mch_id>1900000199</mch_id><nonce_str>n</nonce_str><openid>o</openid>\
        <out_trade_no>PD1</out_trade_no><result_code>SUCCESS</result_code><return_code>SUCCESS</return_code>\
        <time_end>20261121140509</time_end><total_fee>1</total_fee><trade_type>JSAPI</trade_type>\
        <transaction_id>4200000000202611210000000017</transaction_id><sign>9A0A8659F005D6984697E2CA0A9CF3B7</sign></xml>";
    let view = verify(notice);
    let amount = view.checks.iter().find(|check| check.id == "amount").unwrap();
    assert!(!amount.message.contains("  ") && !amount.message.contains("says"), "{}", amount.message);
}

#[test]
fn a_program_that_is_not_read_to_its_end_says_so() {
    let program = "const p = { appid: a, mch_id: m, nonce_str: n, trade_type: 'JSPAI' } // 微信支付\n";
    assert!(!ids(&verify(program)).contains(&"program_cut".to_owned()));
    let long = format!("{program}{}", "const a = b(c)\n".repeat(6000));
    let view = verify(&long);
    assert!(ids(&view).contains(&"program_cut".to_owned()), "{view:?}");
    assert!(view.findings.iter().any(|finding| finding.message.contains("48 KiB")), "{view:?}");
    assert!(view.mistakes.iter().any(|mistake| mistake.id == "trade_type_unknown"), "{view:?}");
}

/// Of a right message and a forged one beside it, nothing is called valid.
#[test]
fn a_forgery_beside_a_right_message_is_shown() {
    let json = format!("{{{}}}", joined(|n, v| format!("\"{n}\":\"{v}\",")).trim_end_matches(','));
    let python = json.replace('"', "'");
    let xml = format!("<xml>{}</xml>", joined(|n, v| format!("<{n}>{v}</{n}>\n")));
    let forged = |text: &str| text.replace("test", "toast");
    for text in [
        format!("[{json}, {}]", forged(&json)),
        format!("[{python}, {}]", forged(&python)),
        format!("{json} {}", forged(&json)),
        format!("INFO a={json} b={}", forged(&json)),
        format!("[{json}, {}]\n[{json}]", forged(&json)),
        format!("{json}\n{}", forged(&xml)),
        format!("{}\n{xml}", forged(&json)),
        format!("{xml}\n{}", forged(&json)),
        format!("{}\n{json}", forged(&xml)),
    ] {
        let view = verify(&text);
        assert_eq!(view.verdict, Verdict::Invalid, "{text}: {view:#?}");
        assert!(view.fields.iter().any(|field| field.value == "toast"), "{text}: {view:#?}");
        assert!(ids(&view).contains(&"several_messages".to_owned()), "{text}: {view:#?}");
        assert_eq!(verify(&text.replace("toast", "test")).verdict, Verdict::Valid, "{text}");
    }
}

/// A program whose literal parameters are signed rightly, and that goes on to change them or may not set them.
#[test]
fn a_program_that_changes_its_parameters_is_not_valid() {
    let php = format!("$d = [\n{}];\n", joined(|n, v| format!("'{n}' => '{v}',\n")));
    let python = format!("p = {{{}}}\n", joined(|n, v| format!("'{n}': '{v}', ")));
    let quoted = format!("p = {{{}}}\n", joined(|n, v| format!("\"{n}\": \"{v}\", ")));
    let go = format!("p := map[string]string{{\n{}}}\n", joined(|n, v| format!("\"{n}\": \"{v}\",\n")));
    let sharp = format!(
        "var p = new Dictionary<string,string>{{\n{}}};\n",
        joined(|n, v| format!("{{\"{n}\",\"{v}\"}},\n"))
    );
    let script = format!("const p = {{\n{}}};\n", joined(|n, v| format!("{n}: '{v}',\n")));
    let java = format!(
        "Map<String,String> p = new TreeMap<>();\n{}",
        joined(|n, v| format!("p.put(\"{n}\", \"{v}\");\n"))
    );
    for (program, changes) in [
        (
            &php,
            &[
                "$d = array_merge($d, ['body'=>'1', 'x'=>'2']);",
                "unset($d['body']);",
                "foreach($d as $k=>&$v) $v='1';",
                "$d = ['body'=>'1'] + $d;",
                "$d['body'] = '1';",
                "array_walk($d, $f);",
                "$e = &$d;",
            ][..],
        ),
        (
            &python,
            &[
                "p['body']='1'",
                "p.pop('body')",
                "p.update(body='1')",
                "q = p",
                "del p['body']",
                "change(p)",
                "p |= {'body': '1'}",
                "send({**p, 'body': '1'})",
            ][..],
        ),
        (&quoted, &["p[\"body\"] = \"1\"", "p.pop(\"body\")", "p.update({\"body\": \"1\"})"][..]),
        (&go, &["p[\"body\"]=\"999\"", "p.Set(\"body\",\"999\")", "delete(p, \"body\")"][..]),
        (&sharp, &["p[\"body\"]=\"999\";", "p.Remove(\"body\");"][..]),
        (
            &script,
            &[
                "delete p.body;",
                "Object.assign(p,{body:'1'})",
                "const q={...p,body:'999'}; send(q)",
                "p.body = '1'",
                "p['body'] = '1'",
                "Reflect.set(p, 'body', '1')",
            ][..],
        ),
        (
            &java,
            &[
                "p.remove(\"body\");",
                "p.replace(\"body\",\"1\");",
                "p.compute(\"body\",(k,v)->\"1\");",
                "p.putIfAbsent(\"attach\",\"1\");",
                "if(x) p.put(\"attach\",\"1\");",
                "if (x) p.put(\"body\",\"test\");",
                "change(p);",
                "p.putAll(q);",
            ][..],
        ),
    ] {
        assert_eq!(verify(program).verdict, Verdict::Valid, "{program}");
        assert_eq!(verify(&program.replace("test", "toast")).verdict, Verdict::Invalid, "{program}");
        for change in changes {
            let text = format!("{program}{change}\n");
            let view = verify(&text);
            assert_eq!(view.verdict, Verdict::Undecidable, "{text}: {view:#?}");
            assert!(view.causes.is_empty(), "{text}: {view:#?}");
            let view = verify(&text.replace("'test'", "'toast'").replace("\"test\"", "\"toast\""));
            assert_eq!(view.verdict, Verdict::Undecidable, "{text}: {view:#?}");
        }
    }
    // Read and no more.
    for text in [format!("{php}print_r($d);"), format!("{go}fmt.Println(p)"), format!("{java}return p;")] {
        assert_eq!(verify(&text).verdict, Verdict::Valid, "{text}");
    }
    for text in [
        php.replace("];", "] + $more;"),
        script.replace("};", "...more };"),
        java.replace("new TreeMap<>()", "defaults()"),
        java.replace("new TreeMap<>()", "new TreeMap<>(base)"),
    ] {
        assert_eq!(verify(&text).verdict, Verdict::Undecidable, "{text}");
    }
    // A computed name that is written out is the name.
    assert_eq!(verify(&script.replace("body:", "['body']:")).verdict, Verdict::Valid);
}

/// A form writes a blank as a plus, also where nothing else had to be escaped.
#[test]
fn a_plus_of_a_form_is_what_the_signature_says() {
    let query = |body: &str, sign: &str| {
        format!("appid=wxd930ea5d5a258f4f&body={body}&mch_id=10000100&nonce_str=ibuaiVcKdpRxkhJA&sign={sign}")
    };
    // Digests of `a b`, `a+b` and `支+b`, made with another program.
    let (blank, plus, written) = (
        "25782ED8A7DB19EE4C13E0C1C9410AA5",
        "F8E6EF43A816366DBC9D919D760898A5",
        "62791F4D9D00D00EA24449A0B673A56A",
    );
    for (body, sign, expected, said) in [
        ("a+b", blank, Verdict::Valid, Some("plus_read_as_blank")),
        ("a+b", plus, Verdict::Valid, None),
        ("a%2Bb", plus, Verdict::Valid, None),
        ("a%20b", blank, Verdict::Valid, None),
        ("%E6%94%AF+b", written, Verdict::Valid, Some("plus_read_as_plus")),
        ("a+b", written, Verdict::Invalid, None),
        ("a+c", blank, Verdict::Invalid, None),
        ("a%20b", plus, Verdict::Invalid, None),
    ] {
        let view = verify(&query(body, sign));
        assert_eq!(view.verdict, expected, "{body} {sign}: {view:#?}");
        let found = ids(&view).into_iter().find(|id| id.starts_with("plus_"));
        assert_eq!(found.as_deref(), said, "{body} {sign}: {view:#?}");
    }
}

#[test]
fn what_is_right_says_nothing_of_messages_that_were_not_looked_at() {
    let fields = |more: &str| {
        let pairs = joined(|name, value| format!("\"{name}\":\"{value}\","));
        format!(
            "{{{}{more}}}",
            pairs.trim_end_matches(',').to_owned() + if more.is_empty() { "" } else { "," }
        )
    };
    let good = fields("");
    let twice = fields("\"body\":\"forged\"");
    assert_eq!(verify(&good).verdict, Verdict::Valid);
    let both = verify(&format!("{good}\n{good}"));
    assert_eq!(both.verdict, Verdict::Valid, "{both:#?}");
    let forged = good.replace("test", "toast");
    for text in [
        format!("{good} {twice}"),
        format!("{good}\n{twice}"),
        format!("[{twice},{good}]"),
        format!("{}\n{forged}", vec![good.clone(); 64].join("\n")),
        format!("[{},{forged}]", vec![good.clone(); 64].join(",")),
    ] {
        let view = verify(&text);
        assert_ne!(view.verdict, Verdict::Valid, "{view:#?}");
        assert!(
            !said(&view, "messages_not_looked_at").is_empty() || view.verdict == Verdict::Malformed,
            "{view:#?}"
        );
    }
}

/// Whoever reads "valid" reads it of all that was pasted.
#[test]
fn what_no_signature_covers_is_never_valid() {
    let query = joined(|name, value| format!("{name}={value}&"));
    let query = query.trim_end_matches('&').to_owned();
    let xml = format!("<xml>{}</xml>", joined(|name, value| format!("<{name}>{value}</{name}>")));
    let json = joined(|name, value| format!("\"{name}\":\"{value}\","));
    let json = format!("{{{}}}", json.trim_end_matches(','));
    for good in
        [&query, &xml, &json, &har(&[&xml]), &har(&[&xml, "{\"page\":1}"]), &format!("note: {xml} took 3 ms")]
    {
        assert_eq!(verify(good).verdict, Verdict::Valid, "{good}");
    }
    for bad in [
        format!("{query}&mch_id[]=1"),
        format!("{query}&mch_id%5B%5D=1"),
        format!("{query}&%20mch_id=1"),
        format!("{query}&=1"),
        format!("{query}&金额=1"),
        format!(
            "POST /notify HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n\n{query}&mch_id[]=1"
        ),
        format!("[{json},{{\"mch_id\":\"1\"}}]"),
        format!("[{json},{{\"data\":{{\"mch_id\":\"1\",\"sign\":\"0\"}}}}]"),
        format!("{json}\n{{\"data\":{{\"mch_id\":\"1\""),
        har(&[&xml, "<xml><mch_id>1</mch_id></xml>"]),
        har(&[&xml, "{\"data\":{\"paySign\":\"0\"}}"]),
        format!("log body=\"{}\" cost", xml.replace("</xml>", "<a:total_fee>1</a:total_fee></xml>")),
        format!("log body=\"{}\" cost", xml.replace("</xml>", "<金额>1</金额></xml>")),
        format!("{{\"body\":\"{xml}<mch_id>1</mch_id>\"}}"),
    ] {
        let view = verify(&bad);
        assert_ne!(view.verdict, Verdict::Valid, "{bad}: {view:#?}");
    }
}

/// The signature is made over `timeStamp` whatever the call is given.
#[test]
fn a_call_that_does_not_take_timestamp_is_not_valid_with_it() {
    let string = "appId=wxd930ea5d5a258f4f&nonceStr=5K8264ILTKCH16CQ2502SI8ZNMTM67VS\
        &package=prepay_id=wx2017033010242291fcfe0db70013231072&signType=MD5&timeStamp=1490840662";
    let sign = wxpay::replay::Digest::Md5.of(format!("{string}&key={KEY}").as_bytes(), b"").hex(true);
    let call = |call: &str, name: &str| {
        format!(
            "{call}({{appId: 'wxd930ea5d5a258f4f', nonceStr: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS', package: \
             'prepay_id=wx2017033010242291fcfe0db70013231072', signType: 'MD5', {name}: '1490840662', paySign: '{sign}'}})"
        )
    };
    for (text, verdict) in [
        (call("wx.requestPayment", "timeStamp"), Verdict::Valid),
        (call("wx.chooseWXPay", "timestamp"), Verdict::Valid),
        (call("wx.requestPayment", "timestamp"), Verdict::ValidButRefused),
    ] {
        let view = verify(&text);
        assert_eq!(view.verdict, verdict, "{view:#?}");
    }
}

/// A server's answer has what the page is called with in an object of its own.
#[test]
fn what_a_server_wraps_is_judged() {
    let json = joined(|name, value| format!("\"{name}\":\"{value}\","));
    let json = format!("{{{}}}", json.trim_end_matches(','));
    let forged = json.replace("test", "toast");
    for (text, verdict) in [
        (format!("{{\"code\":0,\"data\":{json}}}"), Verdict::Valid),
        (format!("{{\"code\":0,\"data\":{{\"pay\":{json}}}}}"), Verdict::Valid),
        (format!("{{\"code\":0,\"data\":{forged}}}"), Verdict::Invalid),
        (format!("{{\"mch_id\":\"1\",\"data\":{json}}}"), Verdict::Undecidable),
    ] {
        let view = verify(&text);
        assert_eq!(view.verdict, verdict, "{text}: {view:#?}");
    }
    let both = verify(&format!("{{\"a\":{json},\"b\":{forged}}}"));
    assert_ne!(both.verdict, Verdict::Valid, "{both:#?}");
}

/// The second document is the order that somebody waits to be paid.
#[test]
fn a_notice_of_another_order_is_not_accepted() {
    let xml = format!("<xml>{}</xml>", joined(|name, value| format!("<{name}>{value}</{name}>")));
    assert_eq!(verify(&xml).verdict, Verdict::Valid);
    let notice = |fee: &str| {
        let fields = [
            ("mch_id", "10000100"),
            ("out_trade_no", "1409811653"),
            ("result_code", "SUCCESS"),
            ("return_code", "SUCCESS"),
            ("time_end", "20140903131540"),
            ("total_fee", fee),
            ("transaction_id", "1004400740201409030005092168"),
        ];
        let string: String = fields.iter().map(|(name, value)| format!("{name}={value}&")).collect();
        let sign = wxpay::replay::Digest::Md5.of(format!("{string}key={KEY}").as_bytes(), b"").hex(true);
        let fields: String = fields.iter().map(|(name, value)| format!("<{name}>{value}</{name}>")).collect();
        format!("<xml>{fields}<sign>{sign}</sign></xml>")
    };
    for (fee, verdict) in [("100", Verdict::Valid), ("9999", Verdict::ValidButRefused)] {
        let dir = tempfile::tempdir().unwrap();
        let options = Options { data_dir: Some(dir.path().to_owned()), ..Options::default() };
        let looking = Looking {
            key_once: Some(Secret::new(KEY.to_owned())),
            beside: Some(b"{\"out_trade_no\":\"1409811653\",\"total_fee\":100}".to_vec()),
            ..Looking::default()
        };
        let console = Console::open(options).unwrap();
        let view = console.verify(notice(fee).as_bytes(), &looking, Lang::En).unwrap();
        assert_eq!(view.verdict, verdict, "{view:#?}");
        assert_eq!(said(&view, "beside_differs").is_empty(), fee == "100");
    }
}

/// Every customer has a call's values, and whoever saw a refund notice its `req_info`: neither proves what is put beside.
#[test]
fn a_forged_notice_is_not_valid_for_the_proof_of_another_message_in_it() {
    let notice = "<appid>wxd930ea5d5a258f4f</appid><mch_id>10000100</mch_id><total_fee>1</total_fee>\
        <result_code>SUCCESS</result_code><return_code>SUCCESS</return_code>\
        <transaction_id>1004400740201409030005092168</transaction_id><time_end>20140903131540</time_end>";
    let string = "appId=wxd930ea5d5a258f4f&nonceStr=5K8264ILTKCH16CQ2502SI8ZNMTM67VS\
        &package=prepay_id=wx2017033010242291fcfe0db70013231072&signType=MD5&timeStamp=1490840662";
    let sign = wxpay::replay::Digest::Md5.of(format!("{string}&key={KEY}").as_bytes(), b"").hex(true);
    let call: String = string
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| format!("<{name}>{value}</{name}>"))
        .collect();
    let view = verify(&format!("<xml>{call}<paySign>{sign}</paySign>{notice}</xml>"));
    assert_eq!((view.verdict, said(&view, "not_covered").is_empty()), (Verdict::Undecidable, false));

    let mut refund = wxpay::Fields::new();
    for (name, value) in [
        ("out_refund_no", "R1"),
        ("out_trade_no", "1409811653"),
        ("refund_account", "REFUND_SOURCE_RECHARGE_FUNDS"),
        ("refund_fee", "3960"),
        ("refund_id", "50000408942018111907145868882"),
        ("refund_recv_accout", "支付用户零钱"),
        ("refund_request_source", "API"),
        ("refund_status", "SUCCESS"),
        ("settlement_refund_fee", "3960"),
        ("settlement_total_fee", "3960"),
        ("success_time", "2018-11-19 16:24:13"),
        ("total_fee", "3960"),
        ("transaction_id", "4200000215201811190261405420"),
    ] {
        refund.add(name, value).unwrap();
    }
    let key = wxpay::ApiKey::new(Secret::new(KEY.to_owned()));
    let sealed = wxpay::refund_notice::seal(&refund, &key);
    let outside = "<return_code>SUCCESS</return_code><appid>wxd930ea5d5a258f4f</appid><mch_id>10000100</mch_id>\
        <nonce_str>n</nonce_str>";
    let opened = |more: &str| verify(&format!("<xml>{outside}<req_info>{sealed}</req_info>{more}</xml>"));
    let good = opened("");
    assert_eq!(good.verdict, Verdict::Valid, "{good:#?}");
    // Opening proves less than a signature does, which is said.
    assert!(good.meaning.is_some());
    let reasons: Vec<_> = good.fields.iter().map(|field| field.reason.as_deref().unwrap()).collect();
    assert_eq!(reasons.iter().filter(|reason| **reason == "sealed").count(), refund.iter().count());
    assert_eq!(reasons[0], "not_signed");

    // The key opens what the notice takes back itself, and what two notices were joined to.
    let failed = format!("<xml>{outside}<req_info>{sealed}</req_info></xml>").replace("SUCCESS", "FAIL");
    let view = verify(&failed);
    assert_eq!((view.verdict, view.key.is_some()), (Verdict::ValidButRefused, true), "{view:#?}");
    assert!(!said(&view, "not_success").is_empty());
    for (name, value) in
        [("refund_fee", "9999"), ("settlement_refund_fee", "3961"), ("settlement_total_fee", "3961")]
    {
        let mut joined = wxpay::Fields::new();
        refund.iter().for_each(|(known, old)| {
            joined.add(known, if known == name { value } else { old }).unwrap();
        });
        let sealed = wxpay::refund_notice::seal(&joined, &key);
        let view = verify(&format!("<xml>{outside}<req_info>{sealed}</req_info></xml>"));
        assert_eq!(view.verdict, Verdict::ValidButRefused, "{name}: {view:#?}");
        assert!(!said(&view, "more_than_paid").is_empty());
    }
    for more in ["<refund_fee>1</refund_fee>", "<sign>0</sign>", "<transaction_id>1</transaction_id>"] {
        let view = opened(more);
        assert_eq!(view.verdict, Verdict::Undecidable, "{more}: {view:#?}");
    }
}

fn md5(string: &str) -> String {
    wxpay::replay::Digest::Md5.of(format!("{string}&key={KEY}").as_bytes(), b"").hex(true)
}

/// What an SDK calls the fields is no mistake, and what is signed under those names is one.
#[test]
fn a_call_in_the_names_of_an_sdk_is_judged_by_the_names_that_are_signed() {
    let android = |sign: &str| {
        format!(
            "PayReq req = new PayReq();\nreq.appId = \"wxd930ea5d5a258f4f\";\nreq.partnerId = \"10000100\";\n\
             req.prepayId = \"wx2017033010242291fcfe0db70013231072\";\nreq.packageValue = \"Sign=WXPay\";\n\
             req.nonceStr = \"5K8264ILTKCH16CQ2502SI8ZNMTM67VS\";\nreq.timeStamp = \"1490840662\";\n\
             req.sign = \"{sign}\";\napi.sendReq(req);"
        )
    };
    let right = "appid=wxd930ea5d5a258f4f&noncestr=5K8264ILTKCH16CQ2502SI8ZNMTM67VS&package=Sign=WXPay\
        &partnerid=10000100&prepayid=wx2017033010242291fcfe0db70013231072&timestamp=1490840662";
    let view = verify(&android(&md5(right)));
    assert_eq!(
        (view.verdict, ids(&view).contains(&"name_wrong_case".into())),
        (Verdict::Valid, false),
        "{view:#?}"
    );
    assert!(view.undone.contains(&"sdk_names".to_owned()));
    let ios = android(&md5(right)).replace("PayReq req = new PayReq();\n", "").replace("appId", "openID");
    let ios = ios.replace("packageValue", "package").replace("= \"", "= @\"").replace("api.", "//");
    let view = verify(&ios);
    assert_eq!((view.verdict, ids(&view)), (Verdict::Valid, Vec::new()), "{ios}: {view:#?}");

    let order: serde_json::Map<String, serde_json::Value> = right
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .chain([("sign", &*md5(right))])
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let order = serde_json::Value::Object(order).to_string();
    for handed in [&order, &serde_json::Value::from(order.clone()).to_string()] {
        let view = verify(&format!("uni.requestPayment({{ provider: 'wxpay', orderInfo: {handed} }})"));
        assert_eq!(view.verdict, Verdict::Valid, "{view:#?}");
        assert!(view.fields.iter().any(|field| field.name == "prepayid" && field.included));
    }

    let wrong = "appId=wxd930ea5d5a258f4f&nonceStr=5K8264ILTKCH16CQ2502SI8ZNMTM67VS&package=Sign=WXPay\
        &partnerId=10000100&prepayId=wx2017033010242291fcfe0db70013231072&timeStamp=1490840662";
    let view = verify(&android(&md5(wrong)));
    assert_eq!(view.verdict, Verdict::Invalid, "{view:#?}");
    assert_eq!(view.causes[0].id, "jsapi_names_for_app");

    let page = "appId=wxd930ea5d5a258f4f&nonceStr=5K8264ILTKCH16CQ2502SI8ZNMTM67VS\
        &package=prepay_id=wx2017033010242291fcfe0db70013231072&signType=MD5&timeStamp=1490840662";
    let answer = serde_json::json!({
        "appId": "wxd930ea5d5a258f4f",
        "timeStamp": "1490840662",
        "nonceStr": "5K8264ILTKCH16CQ2502SI8ZNMTM67VS",
        "packageValue": "prepay_id=wx2017033010242291fcfe0db70013231072",
        "signType": "MD5",
        "paySign": md5(page),
    });
    let view = verify(&answer.to_string());
    assert_eq!(view.verdict, Verdict::Valid, "{view:#?}");
    // The page's call itself has no such field.
    let view = verify(&format!("wx.requestPayment({answer})"));
    assert_ne!(view.verdict, Verdict::Valid, "{view:#?}");
}

/// WeChat Pay signs a field of that name as any other.
#[test]
fn a_key_among_the_fields_is_not_left_out_for_a_valid_rest() {
    let fields: String = FIELDS.iter().map(|(name, value)| format!("<{name}>{value}</{name}>")).collect();
    let view = verify(&format!("<xml>{fields}<sign>{SIGN}</sign></xml>"));
    assert_eq!(view.verdict, Verdict::Valid, "{view:#?}");
    let view = verify(&format!("<xml>{fields}<key>{KEY}</key><sign>{SIGN}</sign></xml>"));
    assert_eq!(
        (view.verdict, said(&view, "not_covered").is_empty()),
        (Verdict::Undecidable, false),
        "{view:#?}"
    );
}

#[test]
fn line_breaks_that_xml_changes_are_proven() {
    let before = "appid=wxd930ea5d5a258f4f&attach=a";
    let behind = "b&body=test&mch_id=10000100&nonce_str=ibuaiVcKdpRxkhJA";
    let sign = md5(&format!("{before}\r\n{behind}"));
    let document = |line_break: &str| {
        format!(
            "<xml><appid>wxd930ea5d5a258f4f</appid><attach>a{line_break}b</attach><body>test</body>\
             <mch_id>10000100</mch_id><nonce_str>ibuaiVcKdpRxkhJA</nonce_str><sign>{sign}</sign></xml>"
        )
    };
    for line_break in ["\r\n", "\n"] {
        let view = verify(&document(line_break));
        assert_eq!(view.verdict, Verdict::Invalid, "{view:#?}");
        assert_eq!(view.causes[0].id, "line_breaks_changed");
    }
    assert_eq!(verify(&document("&#13;\n")).verdict, Verdict::Valid);
    // What was signed as XML has it is right, whatever the document's own line breaks.
    let sign = md5(&format!("{before}\n{behind}"));
    for line_break in ["\r\n", "\r", "\n"] {
        let document = document(line_break);
        let (fields, _) = document.split_once("<sign>").unwrap();
        assert_eq!(verify(&format!("{fields}<sign>{sign}</sign></xml>")).verdict, Verdict::Valid);
    }
}

#[test]
fn what_is_signed_and_is_not_one_plain_message_is_noted() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        data_dir: Some(dir.path().to_owned()),
        keychain: Some(Box::new(Empty)),
        ..Options::default()
    };
    let console = Console::open(options).unwrap();
    let noted = |text: &str, hmac_sha256| -> Vec<String> {
        let key_once = Some(Secret::new(KEY.to_owned()));
        let signing = console::args::Signing { key_once, hmac_sha256, ..Default::default() };
        let view = console.sign(text.as_bytes(), &signing, Lang::En).unwrap();
        view.findings.iter().map(|finding| finding.id.clone()).collect()
    };
    let order = |attach: &str, fee: &str| {
        serde_json::json!({
            "appid": "wxd930ea5d5a258f4f", "attach": attach, "mch_id": "10000100", "nonce_str": "n",
            "body": "b", "notify_url": "https://example.com/n", "openid": "oUpF8uMEb4qRXf22hE3X68TekukE", "out_trade_no": "1415659990", "spbill_create_ip": "1.2.3.4",
            "total_fee": fee, "trade_type": "JSAPI",
        })
        .to_string()
    };
    assert_eq!(noted(&order("x", "1"), None), [""; 0]);
    assert_eq!(noted(&order("x&b=y", "1"), None), ["ambiguous_value"]);
    assert_eq!(noted(&order("x&body=y", "1").replace("\"body\":\"b\",", ""), None), ["ambiguous"]);
    assert_eq!(
        noted(&format!("[{},{}]", order("x", "1"), order("x", "900")), None),
        ["signed_one_of_several"]
    );
    let asked = order("x", "1").replace("\"nonce_str\"", "\"sign_type\":\"MD5\",\"nonce_str\"");
    assert_eq!(noted(&asked, Some(true)), ["signed_other_digest"]);
    assert_eq!(noted(&asked, Some(false)), [""; 0]);
    assert_eq!(noted(&asked, None), [""; 0]);
}
