//! Any document in any format, escaped in any way, has the same fields; and no bytes bring the recogniser down.

use doctor::read::read;
use doctor::{Format, Undone, Unreadable};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use wxpay::{Fields, xml};

type Document = Vec<(String, String)>;

/// Fields as documents have them: names of the protocol, one of which tells of it, and values of all kinds.
fn document() -> impl Strategy<Value = Document> {
    let value = prop_oneof![
        4 => "[A-Za-z0-9]{1,32}",
        2 => "[支付测试商户订单号，。 a-z]{0,12}[支付测a-z]",
        2 => r#"[ -~]{0,20}[a-z]"#,
        1 => r#"[{}\[\]"':,\\/<>&%+=#;]{1,12}[a-z]"#,
        1 => Just(String::new()),
        1 => Just(r#"{"goods_detail":[{"goods_id":"1","price":100}]}"#.to_owned()),
        1 => Just("https://shop.example/notify?a=1".to_owned()),
        1 => "\u{1F600}[a-z]",
    ];
    let name = "[a-z][a-z0-9_]{0,14}[a-z0-9]";
    (prop::collection::btree_map(name, value, 0..12), "[A-Za-z0-9]{16,32}").prop_map(|(mut fields, nonce)| {
        fields.retain(|name, _| {
            !["key", "secret", "appsecret", "apikey", "mchkey", "paykey"].contains(&&*name.replace('_', ""))
        });
        fields.insert("appid".to_owned(), "wxd930ea5d5a258f4f".to_owned());
        fields.insert("nonce_str".to_owned(), nonce);
        fields.into_iter().collect()
    })
}

fn fields(document: &Document) -> Fields<'static> {
    let mut fields = Fields::new();
    for (name, value) in document {
        fields.add(name.clone(), value.clone()).unwrap();
    }
    fields
}

fn document_xml(document: &Document) -> String {
    xml::write(&fields(document))
}

fn spread(document: &Document) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xml>\n".to_owned();
    for (name, value) in document {
        let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        text += &format!("  <{name}>{value}</{name}>\r\n");
    }
    text + "</xml>\n"
}

fn object(document: &Document) -> Value {
    Value::Object(document.iter().map(|(name, value)| (name.clone(), json!(value))).collect::<Map<_, _>>())
}

fn form(document: &Document) -> String {
    let encoded = |value: &str| -> String {
        value
            .bytes()
            .map(|byte| match byte {
                b' ' => "+".to_owned(),
                b'*' | b'-' | b'.' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                    char::from(byte).to_string()
                }
                byte => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs: Vec<_> = document.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    pairs.join("&")
}

fn script(value: &str, quote: char) -> String {
    let escaped: String = value
        .chars()
        .map(|letter| match letter {
            '\\' => "\\\\".to_owned(),
            letter if letter == quote => format!("\\{letter}"),
            letter => letter.to_string(),
        })
        .collect();
    format!("{quote}{escaped}{quote}")
}

fn call(document: &Document) -> String {
    let mut text = "wx.requestPayment({ // pay\n".to_owned();
    for (at, (name, value)) in document.iter().enumerate() {
        let quote = if at % 2 == 0 { '\'' } else { '"' };
        text += &match value.char_indices().nth(3) {
            Some((half, _)) => format!(
                "  {name}: {} + {}, /* , }} */\n",
                script(&value[..half], quote),
                script(&value[half..], '\'')
            ),
            None => format!("  \"{name}\" : {},\n", script(value, quote)),
        };
    }
    text + "  success: function (res) { if (res) { done('}') } },\n})"
}

fn nginx(text: &str, also: &str) -> String {
    let one = |byte: u8| match byte {
        b' '..=b'~' if byte != b'"' && byte != b'\\' && !also.contains(char::from(byte)) => {
            char::from(byte).to_string()
        }
        byte => format!("\\x{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn web(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
            byte => format!("%{byte:02x}"),
        })
        .collect()
}

fn shell(text: &str) -> String {
    text.replace('\'', r"'\''")
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes
        .chunks(3)
        .flat_map(|three| {
            let number = three.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte))
                << (8 * (3 - three.len()));
            (0..4).map(move |at| {
                if at <= three.len() { char::from(LETTERS[number >> (18 - 6 * at) & 63]) } else { '=' }
            })
        })
        .collect()
}

/// Every way in which the document may have been pasted, with the format that it is then in.
fn ways(document: &Document) -> Vec<(&'static str, Format, String)> {
    let one = document_xml(document);
    let many = spread(document);
    let json = object(document).to_string();
    let spread_json = serde_json::to_string_pretty(&object(document)).unwrap();
    let form = form(document);
    let entry = |text: &str| {
        json!({ "request": { "method": "POST", "postData": { "mimeType": "text/xml", "text": text } } })
            .to_string()
    };
    let reply = json!({ "log": { "entries": [{ "request": { "method": "GET" }, "response": {
        "content": { "text": base64(many.as_bytes()), "encoding": "base64" } } }] } });
    let mut ways = vec![
        ("xml", Format::Xml, one.clone()),
        ("xml, spread", Format::Xml, many.clone()),
        ("xml, marked", Format::Xml, format!("\u{FEFF}{many}")),
        ("xml in a log", Format::Xml, format!("2026-11-21 14:05:09 [INFO] notify: {one} in 3 ms\n")),
        ("json", Format::Json, json.clone()),
        ("json, spread", Format::Json, spread_json.clone()),
        ("json in a log", Format::Json, format!("2026-11-21 14:05:09 [INFO] notify: {json} in 3 ms\n")),
        ("call", Format::JsCall, call(document)),
        ("request", Format::Http, format!("POST /n HTTP/1.1\r\nHost: shop.example\r\n\r\n{many}")),
        ("reply", Format::Http, format!("HTTP/1.1 200 OK\nContent-Type: application/json\n\n{spread_json}")),
        ("curl", Format::Curl, format!("curl https://shop.example/n -H 'a: b' -d '{}'", shell(&one))),
        (
            "curl, json",
            Format::Curl,
            format!(
                "curl https://shop.example/n \\\n --data-raw {}",
                quoted(&json).replace('$', "\\$").replace('`', "\\`")
            ),
        ),
        ("har", Format::Har, entry(&many)),
        ("har, base64", Format::Har, reply.to_string()),
        ("json in har", Format::Har, entry(&json)),
        ("hex", Format::XmlEscaped, nginx(&many, "<>")),
        ("json escapes", Format::XmlEscaped, quoted(&many)),
        ("json escapes, all", Format::XmlEscaped, quoted(&many).replace('<', "\\u003c").replace('/', "\\/")),
        ("json escapes, twice", Format::XmlEscaped, quoted(&quoted(&many))),
        ("in a field of a log", Format::XmlEscaped, json!({ "level": "info", "raw": many }).to_string()),
        ("web page", Format::XmlEscaped, web(&many)),
        ("percent", Format::XmlEscaped, percent(&many)),
        ("hex, json", Format::Json, nginx(&json, "")),
        ("web page, json", Format::Json, web(&json)),
        ("percent, json", Format::Json, percent(&json)),
    ];
    // Where nothing is escaped, a plus sign may be one: only the signature tells, and here is none.
    if form.contains('%') || !form.contains('+') {
        ways.push(("percent, form", Format::Query, percent(&form)));
    }
    if many.contains(['\n', '\u{80}']) {
        ways.push((
            "access log",
            Format::XmlEscaped,
            format!("1.2.3.4 - - \"POST /n HTTP/1.1\" 200 \"{}\"", nginx(&many, "")),
        ));
    }
    if form.contains('%') {
        ways.push(("form", Format::Query, form.clone()));
        ways.push(("form, http", Format::Http, format!("POST /n HTTP/1.1\r\nA: b\r\n\r\n{form}")));
    }
    ways
}

/// The values that a line or a query string can carry without a doubt.
fn simple(document: &Document) -> bool {
    document.iter().all(|(_, value)| {
        !value.contains(['&', '%', '+', '"', '\'', '=', '\\', '{', '[', '(', ';', '<', ','])
            && value.trim() == value
            // `name=>value` is how PHP prints it.
            && !value.starts_with('>')
    })
}

fn simple_ways(document: &Document) -> Vec<(&'static str, Format, String)> {
    let pairs = |between: &str| {
        document.iter().map(|(name, value)| format!("{name}{between}{value}")).collect::<Vec<_>>()
    };
    vec![
        ("query", Format::Query, pairs("=").join("&")),
        ("query with a key", Format::Query, pairs("=").join("&") + "&key=192006250b4c09247ec02edce69f6a2d"),
        ("query in a log", Format::Query, format!("2026-11-21 14:05:09 sign: {}", pairs("=").join("&"))),
        ("lines", Format::Lines, pairs("=").join("\n")),
        ("lines with colons", Format::Lines, pairs(": ").join("\r\n")),
        ("print_r", Format::Lines, format!("Array\n(\n    [{}\n)\n", pairs("] => ").join("\n    ["))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_way_of_pasting_a_document_has_its_fields(document in document()) {
        let expected = fields(&document);
        let simple = if simple(&document) { simple_ways(&document) } else { Vec::new() };
        for (way, format, text) in ways(&document).into_iter().chain(simple) {
            let reading = read(text.as_bytes());
            prop_assert!(reading.is_ok(), "{way}: {:?}\n{text}", reading.err());
            let reading = reading.unwrap();
            let got: Vec<_> = reading.fields.iter().collect();
            let wanted: Vec<_> = expected.iter().collect();
            prop_assert_eq!(got, wanted, "{}:\n{}", way, text);
            prop_assert_eq!(reading.format, format, "{}:\n{}", way, text);
        }
    }

    /// A verdict on the first would be read as one on both.
    #[test]
    fn two_documents_are_none(document in document(), before in "|2026-11-21 notify: ") {
        let text = format!("{before}{}\n<xml><total_fee>1</total_fee></xml>", document_xml(&document));
        let refused = matches!(read(text.as_bytes()), Err(Unreadable::Refused(refusal)) if refusal.kind == xml::RefusalKind::SecondRoot);
        prop_assert!(refused, "{}", text);
    }

    #[test]
    fn gbk_is_undone(document in document()) {
        let text = spread(&document).replace("UTF-8", "utf-8");
        let (bytes, _, lost) = encoding_rs::GBK.encode(&text);
        prop_assume!(!lost);
        // Bytes that are UTF-8 by chance are taken for it.
        prop_assume!(text.is_ascii() || std::str::from_utf8(&bytes).is_err());
        let reading = read(&bytes).unwrap();
        let got: Vec<_> = reading.fields.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        prop_assert_eq!(got, document);
        prop_assert_eq!(reading.undone.contains(&Undone::Gbk), !text.is_ascii());
    }

    #[test]
    fn no_bytes_bring_it_down(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        holds(&bytes);
    }

    #[test]
    fn no_soup_of_its_own_marks_brings_it_down(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)
    ) {
        holds(pieces.concat().as_bytes());
    }

    #[test]
    fn a_name_that_comes_twice_is_never_read(value in "[a-z]{1,8}", other in "[a-z]{1,8}") {
        for (text, format) in [
            (format!(r#"{{"appid":"{value}","sign":"x","appid":"{other}"}}"#), Format::Json),
            (format!("appid={value}&sign=x&appid={other}"), Format::Query),
            (format!("appid={value}\nsign=x\nappid={other}"), Format::Lines),
            (format!("wx.requestPayment({{appid: '{value}', appid: {other}}})"), Format::JsCall),
        ] {
            for text in [text.clone(), format!("POST / HTTP/1.1\n\n{text}"), format!("curl -d $'{}' x", text.replace('\'', "\\'"))] {
                let twice = Unreadable::Twice { name: "appid".to_owned(), format };
                prop_assert_eq!(read(text.as_bytes()).err(), Some(twice), "{}", text);
            }
        }
    }
}

const PIECES: &[&str] = &[
    "<xml>",
    "</xml>",
    "<appid>",
    "</appid>",
    "<![CDATA[",
    "]]>",
    "<?xml version=\"1.0\"?>",
    "<!DOCTYPE x>",
    "&lt;",
    "&amp;",
    "&#x",
    "\\x3C",
    "\\u003c",
    "\\",
    "\\n",
    "\\\"",
    "%3C",
    "%",
    "+",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "'",
    "`",
    "${",
    ":",
    ",",
    "=",
    "=>",
    "&",
    "\n",
    "\r\n",
    " ",
    "appid",
    "sign",
    "key",
    "wx.requestPayment(",
    "WeixinJSBridge.invoke('getBrandWCPayRequest',",
    "wx.config({",
    "//",
    "/*",
    "*/",
    "function",
    "...",
    "curl ",
    "-d ",
    "$'",
    "^\"",
    "POST / HTTP/1.1\n",
    "Content-Type: a\n",
    "Wechatpay-Nonce: a\n",
    "支付",
    "😀",
    "\"postData\"",
    "\"request\":",
    "\"text\":",
    "\"log\":{\"entries\":[",
    "null",
    "1.50",
    "\u{FEFF}",
    "\u{3000}",
    "const a = ",
    "Array\n(\n",
    "url=",
    "jsapi_ticket=",
    "b'",
    "#",
    "?",
    "https://a/?",
    "：",
];

/// What holds of any bytes: they are read or refused, and what is read is a document.
fn holds(bytes: &[u8]) {
    match read(bytes) {
        Ok(reading) => {
            let document = xml::write(&reading.fields);
            let again = xml::read(document.as_bytes()).unwrap();
            assert!(again == reading.fields);
            assert!(reading.fields.get("key").is_none());
        }
        Err(Unreadable::Refused(refusal)) => assert!(refusal.at <= bytes.len()),
        Err(_) => {}
    }
}

#[test]
fn cut_and_changed_fixtures_are_read_or_refused() {
    let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/pasted");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 70);
    for file in files {
        let bytes = std::fs::read(file).unwrap();
        for at in (0..bytes.len()).step_by(1 + bytes.len() / 40) {
            holds(&bytes[..at]);
            holds(&bytes[at..]);
            for change in [0x11, 0x80, b'"', b'\\', b'<', b'{'] {
                let mut changed = bytes.clone();
                changed[at] ^= change;
                holds(&changed);
            }
            let mut inserted = bytes.clone();
            inserted.splice(at..at, PIECES[at % PIECES.len()].bytes());
            holds(&inserted);
        }
    }
}
