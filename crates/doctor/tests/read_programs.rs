//! Programs in which parameters stand, read: what is literal is a field, what is computed an expression.

use doctor::read::{read, several};
use doctor::{Format, Reading};

const SIGN: &str = "9A0A8659F005D6984697E2CA0A9CF3B7";

/// WeChat Pay's published example, signed.
const FIELDS: [(&str, &str); 6] = [
    ("appid", "wxd930ea5d5a258f4f"),
    ("body", "test"),
    ("device_info", "1000"),
    ("mch_id", "10000100"),
    ("nonce_str", "ibuaiVcKdpRxkhJA"),
    ("sign", SIGN),
];

fn joined(one: impl Fn(&str, &str) -> String, between: &str) -> String {
    FIELDS.iter().map(|(name, value)| one(name, value)).collect::<Vec<_>>().join(between)
}

fn of(text: &str) -> Reading {
    read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn capital(name: &str) -> String {
    let words = name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect()
}

/// The same parameters as people write them in a dozen languages: all are there, and nothing else.
#[test]
fn parameters_of_any_language_are_read() {
    let php = joined(|n, v| format!("    '{n}' => '{v}',"), "\n");
    let go = joined(|n, v| format!("\t\"{n}\": \"{v}\","), "\n");
    let texts = [
        ("php, array()", format!("<?php\n$data = array(\n{php}\n);\n$xml = toXml($data);")),
        ("php, []", format!("$data = [\n{php}\n];")),
        ("php, one line", format!("$data = array({});", joined(|n, v| format!("'{n}'=>\"{v}\""), ", "))),
        ("php, members", joined(|n, v| format!("$data['{n}'] = '{v}';"), "\n")),
        (
            "php, setters",
            joined(|n, v| format!("$input->Set{}(\"{v}\");", n[..1].to_uppercase() + &n[1..]), "\n"),
        ),
        ("go, map", format!("params := map[string]string{{\n{go}\n}}\nreturn params")),
        (
            "go, one line",
            format!("map[string]string{{{}}}", joined(|n, v| format!("\"{n}\": \"{v}\""), ", ")),
        ),
        ("go, members", joined(|n, v| format!("params[\"{n}\"] = \"{v}\""), "\n")),
        (
            "go, values",
            format!("v := url.Values{{}}\n{}", joined(|n, v| format!("v.Set(\"{n}\", \"{v}\")"), "\n")),
        ),
        (
            "go, values literal",
            format!("v := url.Values{{\n{}\n}}", joined(|n, v| format!("\t\"{n}\": {{\"{v}\"}},"), "\n")),
        ),
        (
            "go, struct",
            format!(
                "req := UnifiedOrder{{\n{}\n}}",
                joined(|n, v| format!("\t{}: \"{v}\",", capital(n)), "\n")
            ),
        ),
        ("python, dict", format!("params = {{\n{}\n}}\n", joined(|n, v| format!("    '{n}': '{v}',"), "\n"))),
        ("python, dict()", format!("params = dict({})", joined(|n, v| format!("{n}='{v}'"), ", "))),
        ("python, members", joined(|n, v| format!("params['{n}'] = u'{v}'"), "\n")),
        ("python, tuples", format!("params = [{}]", joined(|n, v| format!("('{n}', '{v}')"), ", "))),
        ("ruby, hash", format!("params = {{\n{}\n}}", joined(|n, v| format!("  {n}: '{v}',"), "\n"))),
        ("ruby, rockets", format!("params = {{ {} }}", joined(|n, v| format!(":{n} => '{v}'"), ", "))),
        (
            "java, TreeMap",
            format!(
                "TreeMap<String, String> map = new TreeMap<>();\n{}",
                joined(|n, v| format!("map.put(\"{n}\", \"{v}\");"), "\n")
            ),
        ),
        ("java, Map.of", format!("Map.of({})", joined(|n, v| format!("\"{n}\", \"{v}\""), ", "))),
        ("java, setters", joined(|n, v| format!("order.set{}(\"{v}\");", capital(n)), "\n")),
        ("kotlin", format!("val map = mapOf({})", joined(|n, v| format!("\"{n}\" to \"{v}\""), ", "))),
        ("rust", joined(|n, v| format!("params.insert(\"{n}\".to_string(), \"{v}\".to_string());"), "\n")),
        ("rust, from", format!("HashMap::from([{}])", joined(|n, v| format!("(\"{n}\", \"{v}\")"), ", "))),
        ("swift", format!("let params = [{}]", joined(|n, v| format!("\"{n}\": \"{v}\""), ", "))),
        (
            "c#",
            format!(
                "var d = new Dictionary<string, string> {{ {} }};",
                joined(|n, v| format!("{{ \"{n}\", \"{v}\" }}"), ", ")
            ),
        ),
        ("c#, SetValue", joined(|n, v| format!("data.SetValue(\"{n}\", \"{v}\");"), "\n")),
        (
            "java, pieces",
            format!(
                "String xml = \"<xml>\" +\n{} +\n\"</xml>\";",
                joined(|n, v| format!("\"<{n}>{v}</{n}>\""), " +\n")
            ),
        ),
        (
            "java, builder",
            format!(
                "StringBuilder sb = new StringBuilder();\nsb.append(\"<xml>\");\n{}\nsb.append(\"</xml>\");",
                joined(|n, v| format!("sb.append(\"<{n}><![CDATA[{v}]]></{n}>\");"), "\n")
            ),
        ),
        (
            "php, pieces",
            format!("$xml = '<xml>' .\n{} .\n'</xml>';", joined(|n, v| format!("'<{n}>{v}</{n}>'"), " .\n")),
        ),
    ];
    let mut wrong = Vec::new();
    for (name, text) in &texts {
        let reading = of(text);
        let mut fields: Vec<(&str, &str)> = reading.fields.iter().collect();
        fields.sort_unstable();
        if fields != FIELDS || !reading.expressions.is_empty() {
            wrong.push(format!("{name}: {fields:?} {:?} in {text}", reading.expressions));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A program that puts a document together is none: its literal fields are read, the others are expressions.
#[test]
fn a_document_that_a_program_puts_together_is_a_program() {
    let mut wrong = Vec::new();
    for (text, fields, expressions) in [
        (
            r#"String xml = "<xml><appid>" + appid + "</appid><mch_id>10000100</mch_id><sign>" + sign + "</sign></xml>";"#,
            "mch_id=10000100",
            "appid=appid sign=sign",
        ),
        (
            r#"String xml = "<xml><appid><![CDATA[" + config.getAppid() + "]]></appid><mch_id>1</mch_id><sign><![CDATA[" + sign + "]]></sign></xml>";"#,
            "mch_id=1",
            "appid=config.getAppid() sign=sign",
        ),
        (
            r#"sb.append("<xml><appid>").append(appid).append("</appid><mch_id>").append(c.id()).append("</mch_id><body>x</body></xml>");"#,
            "body=x",
            "appid=appid mch_id=c.id()",
        ),
        (
            r#"$xml = "<xml><appid>$appid</appid><mch_id>{$this->mch}</mch_id><body>x</body><sign>$sign</sign></xml>";"#,
            "body=x",
            "appid=$appid mch_id={$this->mch} sign=$sign",
        ),
        (
            r#"$xml = '<xml><appid>' . $appid . '</appid><body>x</body><sign>' . $sign . '</sign></xml>';"#,
            "body=x",
            "appid=$appid sign=$sign",
        ),
        (
            "$xml = <<<XML\n<xml>\n<appid>$appid</appid>\n<body>面包 $n</body>\n<mch_id>1</mch_id>\n</xml>\nXML;\n",
            "mch_id=1",
            "appid=$appid body=面包 $n",
        ),
        (
            "const xml = `<xml><appid>${appid}</appid><mch_id>${c.id}</mch_id><body>x</body><sign>${sign}</sign></xml>`",
            "body=x",
            "appid=${appid} mch_id=${c.id} sign=${sign}",
        ),
        (
            r#"xml = f"<xml><appid>{appid}</appid><body>x</body><sign>{sign}</sign></xml>""#,
            "body=x",
            "appid={appid} sign={sign}",
        ),
        (
            r#"xml = "<xml><appid>%s</appid><body>x</body><sign>%s</sign></xml>" % (appid, sign)"#,
            "body=x",
            "appid=%s sign=%s",
        ),
        (
            "String xml = String.format(\"<xml><appid>%s</appid>\"\n + \"<body>x</body><sign>%s</sign></xml>\", a, s);",
            "body=x",
            "appid=%s sign=%s",
        ),
        (
            "xml := fmt.Sprintf(`<xml>\n<appid>%s</appid>\n<body>x</body>\n</xml>`, appid)",
            "body=x",
            "appid=%s",
        ),
    ] {
        let reading = of(text);
        let seen: Vec<String> =
            reading.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let computed: Vec<String> =
            reading.expressions.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let same = seen.join(" ") == fields && computed.join(" ") == expressions;
        if reading.format != Format::Code || !same {
            wrong.push(format!("{}: {seen:?} {computed:?} in {text}", reading.format.as_str()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What was sent stays what it is, whatever looks like a program around it or in it.
#[test]
fn a_document_that_was_sent_stays_one() {
    let xml = format!("<xml>{}</xml>", joined(|n, v| format!("<{n}>{v}</{n}>"), ""));
    for text in [
        format!("String xml = \"{xml}\";"),
        format!("2026-11-21 INFO -> body=\"{xml}\" new order();"),
        format!("$xml = '{xml}';"),
        format!("const xml = `{xml}`"),
        xml.replace("test", "$price"),
        format!("log(\"{}\")", xml.replace("test", "$price")),
    ] {
        let reading = of(&text);
        assert_eq!((reading.format, reading.fields.text("sign")), (Format::Xml, Some(SIGN)), "{text}");
    }
}

/// What a program sets twice, or takes from elsewhere, nobody can judge.
#[test]
fn what_only_the_program_can_tell_is_an_expression() {
    for (text, name) in [
        ("$p = array('appid' => 'wx1', 'mch_id' => '1', 'body' => \"id-$id\");", "body"),
        ("p.put(\"appid\", \"wx1\"); p.put(\"mch_id\", \"1\"); p.put(\"mch_id\", \"2\");", "mch_id"),
        ("params = dict(appid='wx1', mch_id='1', **base)", "..."),
        ("$p = array_merge($base, ['appid' => 'wx1', 'mch_id' => '1']);", "..."),
        ("wx.requestPayment(res.data)", "..."),
        ("WeixinJSBridge.invoke('getBrandWCPayRequest', params, function (res) {})", "..."),
        (
            "wx.chooseWXPay({ timestamp: d.t, nonceStr: d.n, package: d.p, signType: 'MD5', paySign: d.s })",
            "paySign",
        ),
    ] {
        let reading = of(text);
        assert!(reading.expressions.iter().any(|(other, _)| other == name), "{text}: {reading:?}");
    }
}

#[test]
fn code_of_a_page_is_told_from_that_of_a_server() {
    for (text, expected) in [
        ("wx.requestPayment({ signType: 'MD5', paySign: 'x' })", true),
        ("wx.requestPayment(res.data)", true),
        ("Page({ pay() { const p = { appId: 'wx1', timeStamp: '1' }; } })", true),
        ("const p = { appid: 'wx1', mch_id: '1' }", false),
        ("$p = array('appId' => 'wx1', 'timeStamp' => '1');", false),
        ("call.put(\"appId\", \"wx1\"); call.put(\"timeStamp\", \"1\");", false),
    ] {
        assert_eq!(of(text).at_customers, expected, "{text}");
    }
}

fn har(entries: &[(&str, &str, &str)]) -> String {
    let entry = |(url, sent, got): &(&str, &str, &str)| {
        let (sent, got) = (serde_json::json!(sent), serde_json::json!(got));
        format!(
            r#"{{"request":{{"method":"POST","url":"{url}","headers":[],"postData":{{"mimeType":"text/xml","text":{sent}}}}},
                "response":{{"status":200,"headers":[],"content":{{"mimeType":"text/xml","text":{got}}}}}}}"#
        )
    };
    let entries: Vec<String> = entries.iter().map(entry).collect();
    format!(r#"{{"log":{{"version":"1.2","entries":[{}]}}}}"#, entries.join(","))
}

#[test]
fn every_message_of_a_file_or_a_log_is_taken_out() {
    let xml = format!("<xml>{}</xml>", joined(|n, v| format!("<{n}>{v}</{n}>"), ""));
    let json = format!("{{{}}}", joined(|n, v| format!("\"{n}\":\"{v}\""), ","));
    let picture = ("https://shop.example/logo.png?sign=1", "", "PNG");
    let order = (
        "https://api.mch.weixin.qq.com/pay/unifiedorder",
        &*xml,
        "<xml><return_code>FAIL</return_code></xml>",
    );
    let call = ("https://shop.example/pay", "{\"id\":1}", &*json);
    let messages = several(har(&[picture, order, picture, call]).as_bytes()).all;
    let places: Vec<_> = messages
        .iter()
        .map(|one| (one.number, one.exchange.as_ref().is_some_and(|exchange| exchange.is_reply)))
        .collect();
    assert_eq!(places, [(2, false), (2, true), (4, true)]);
    assert_eq!(messages[0].exchange.as_ref().unwrap().request, format!("POST {}", order.0));
    assert!(messages[2].reading.fields.text("sign") == Some(SIGN) && messages[2].text == json);
    // A file with hundreds of entries before the one that counts, which the reader finds too.
    let mut many = vec![picture; 300];
    many.push(order);
    let file = har(&many);
    assert_eq!(several(file.as_bytes()).all.len(), 2);
    assert_eq!(of(&file).fields.text("sign"), Some(SIGN));

    let log =
        format!("x: start\r\n2026 notify {xml}\r\n{json}\n\nINFO sign ok\n{}", xml.replace('<', "\\x3C"));
    let lines: Vec<usize> = several(log.as_bytes()).all.iter().map(|one| one.number).collect();
    assert_eq!(lines, [2, 3, 6]);
    let spread = xml.replace("><", ">\n<");
    for none in [&*xml, &*spread, "", "sign\nsign\n", "{}", "\"sign\": \"x\",\n\"paySign\": \"y\""] {
        assert!(several(none.as_bytes()).all.len() < 2, "{none}");
    }
    assert!(several(&vec![b'x'; 2 << 20]).all.is_empty());
    assert_eq!(several(format!("{json}\n").repeat(1000).as_bytes()).all.len(), doctor::read::MOST_MESSAGES);
}

/// Were it quadratic, this would not end.
#[test]
fn a_hostile_file_is_taken_apart_in_one_pass() {
    for piece in
        ["sign\n", "{\"sign\":1}\n", "<xml>sign\n", "{\"log\":{\"entries\":[", "\"postData\":{", "sign="]
    {
        for start in ["", "{\"log\":{\"entries\":[{\"request\":{\"postData\":{\"text\":\""] {
            let text = format!("{start}{}", piece.repeat(((1 << 20) - start.len()) / piece.len()));
            let _ = several(text.as_bytes()).all;
        }
    }
    for piece in
        ["\"<xml><a>\" + b + \"</a>", "<<<X\n<xml>", "wx.requestPayment(a", "'<xml>\\n", "requestPayment("]
    {
        let text = piece.repeat((1 << 20) / piece.len());
        let _ = read(text.as_bytes());
    }
}

#[test]
fn messages_beside_each_other_are_all_taken_out() {
    let json = format!("{{{}}}", joined(|n, v| format!("\"{n}\":\"{v}\""), ","));
    let python = format!("{{{}}}", joined(|n, v| format!("'{n}': '{v}'"), ", "));
    let xml = format!("<xml>{}</xml>", joined(|n, v| format!("<{n}>{v}</{n}>"), "\n"));
    for (text, count) in [
        (format!("[{json}, {json}]"), 2),
        (format!("[\n{python},\n{python}\n]"), 2),
        (format!("{json} {json}"), 2),
        (format!("INFO a={json} b={json} c={{\"level\":1}} {{ d"), 2),
        (format!("{json}\n{xml}\n"), 2),
        (format!("{xml}\n{json}"), 2),
        (format!("{xml}{xml}{json}"), 3),
        (format!("[{json},{json}]\n[{json},{json}]\n"), 4),
        (format!("{{\"level\":1}} {json}"), 0),
        (format!("{xml}{xml}"), 0),
        (xml.replace("test", "{ \"sign\": \"1\" }"), 0),
    ] {
        assert_eq!(several(text.as_bytes()).all.len(), count, "{text}");
    }
    let lines: Vec<usize> =
        several(format!("{xml}\n{json}").as_bytes()).all.iter().map(|one| one.number).collect();
    assert_eq!(lines, [1, 7]);
    // Were it quadratic, this would not end.
    for piece in [
        "{",
        "{\"a\":",
        "{\"a\":1,",
        "<xml>",
        "<xml><![CDATA[",
        "{a:[",
        "<?xml ",
        "{\"sign\":\"1\"}",
        "{}<xml>",
    ] {
        let _ = several(piece.repeat((1 << 20) / piece.len()).as_bytes()).all;
    }
}

#[test]
fn a_name_that_a_form_escapes_is_the_same_name() {
    let query = joined(|n, v| format!("{n}={v}"), "&");
    assert_eq!(of(&query.replace("mch_id", "mch%5Fid")).fields.text("mch_id"), Some("10000100"));
    let twice = format!("{query}&mch%5Fid=2");
    assert!(
        matches!(read(twice.as_bytes()), Err(doctor::Unreadable::Twice { name, .. }) if name == "mch_id"),
        "{twice}"
    );
}

#[test]
fn one_value_that_looks_filled_in_makes_no_program() {
    let text = |attach: &str, body: &str| {
        format!(
            "1.2.3.4 - - \"POST /n HTTP/1.1\" 200 \"<xml><appid>wxd930ea5d5a258f4f</appid><attach>{attach}</attach><body>{body}</body><nonce_str>5K8264ILTKCH16CQ</nonce_str></xml>\""
        )
    };
    for attach in ["$a", "%s", "{0}"] {
        let one = read(text(attach, "test").as_bytes()).unwrap();
        assert_ne!(one.format, Format::Code, "{attach}");
        assert_eq!(one.fields.text("attach"), Some(attach));
        let two = read(text(attach, "$body").as_bytes()).unwrap();
        assert_eq!(two.format, Format::Code, "{attach}");
    }
}

#[test]
fn messages_that_were_not_taken_out_are_said_to_be_there() {
    let one = |number: &str| {
        format!(
            r#"{{"appid":"wxd930ea5d5a258f4f","mch_id":"10000100","out_trade_no":"{number}","nonce_str":"ibuaiVcKdpRxkhJA","sign":"{SIGN}"}}"#
        )
    };
    let twice = one("2").replace("\"sign\"", "\"mch_id\":\"1\",\"sign\"");
    for (text, all, others) in [
        (format!("{}\n{}", one("1"), one("2")), 2, false),
        (format!("{} {twice}", one("1")), 1, true),
        (format!("{}\n{twice}", one("1")), 1, true),
        (format!("[{twice},{}]", one("1")), 1, true),
        (format!("{twice}\n{}", one("1")), 1, true),
        (format!("a {twice}\nb {}\nc {}", one("1"), one("2")), 2, true),
        (twice.clone(), 0, false),
        (format!("{twice}\n{twice}"), 0, false),
        (format!("[{}]", vec![one("1"); 64].join(",")), 64, false),
        (format!("[{}]", vec![one("1"); 65].join(",")), 64, true),
        (vec![one("1"); 65].join("\n"), 64, true),
    ] {
        let found = several(text.as_bytes());
        assert_eq!((found.all.len(), found.others), (all, others), "{}", &text[..text.len().min(600)]);
    }
}
