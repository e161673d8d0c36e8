//! Tutorials as they stand, programs that are right, and programs with one mistake put in.

use doctor::code::{ALL, MOST, Seen, mistakes, read};
use proptest::prelude::*;
use std::collections::BTreeSet;

macro_rules! tutorial {
    ($name:literal) => {
        include_str!(concat!("../../../tests/fixtures/tutorials/", $name, ".txt"))
    };
}

const MINI_PROGRAM: &str = tutorial!("mini-program");
const PUBLIC_ACCOUNT: &str = tutorial!("public-account");
const THINKJS: &str = tutorial!("thinkjs");
const EGG: &str = tutorial!("egg");
const JAVA: &str = tutorial!("java");

const RIGHT: &[(&str, &str)] = &[
    ("node", tutorial!("right-node")),
    ("client", tutorial!("right-client")),
    ("java", tutorial!("right-java")),
    ("php", tutorial!("right-php")),
    ("go", tutorial!("right-go")),
    ("csharp", tutorial!("right-csharp")),
    ("python", tutorial!("right-python")),
    ("prose", tutorial!("right-prose")),
];

/// The mistakes as `line id value`, where the value is what the first parameter says.
fn found(text: &str) -> Vec<String> {
    let one = |seen: &Seen| {
        let value = seen.params.first().map_or("", |(_, value)| value);
        format!("{} {} {value}", seen.line, seen.id).trim_end().to_owned()
    };
    mistakes(text).iter().map(one).collect()
}

fn right(name: &str) -> &'static str {
    RIGHT.iter().find(|(other, _)| *other == name).unwrap().1
}

fn check(text: &str, expected: &[&str]) {
    let found: BTreeSet<String> = found(text).into_iter().collect();
    let expected: BTreeSet<String> = expected.iter().map(|line| (*line).to_owned()).collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    let surplus: Vec<_> = found.difference(&expected).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "missing {missing:#?}, surplus {surplus:#?}");
}

#[test]
fn a_mini_program_tutorial() {
    check(
        MINI_PROGRAM,
        &[
            "6 app_secret_in_client",
            "8 placeholder_left_in appid",
            "9 app_secret_in_client secret",
            "9 placeholder_left_in secret",
            "10 placeholder_left_in js_code",
            "20 name_wrong_case appid",
            "20 placeholder_left_in appid",
            "22 placeholder_left_in nonceStr",
            "24 name_unknown packageValue",
            "24 placeholder_left_in package",
            "26 placeholder_left_in paySign",
            "28 sign_type_fixed_on_client",
            "30 placeholder_left_in timeStamp",
            "43 response_data_skipped obj",
            "46 sign_type_fixed_on_client",
        ],
    );
}

#[test]
fn a_public_account_tutorial() {
    check(
        PUBLIC_ACCOUNT,
        &[
            "4 endpoint_misspelt uniformorder",
            "5 trade_type_unknown jsapi",
            "6 name_unknown open_id",
            "7 name_wrong_case Appid",
            "8 name_wrong_case Mch_id",
            "9 name_wrong_case Notify_url",
            "11 name_wrong_case Sign",
            "12 name_wrong_case Body",
            "20 line_breaks_lost 20, 24, 42",
            "20 name_wrong_case Package, Paysign",
            "20 placeholder_left_in package",
            "24 placeholder_left_in package",
            "24 sign_type_differs HMAC-SHA256",
            "30 callback_never_verifies",
            "36 notice_retries_miscounted 10",
        ],
    );
}

#[test]
fn a_thinkjs_tutorial() {
    check(
        THINKJS,
        &[
            "7 empty_check_by_length",
            "7 line_breaks_lost 7, 11, 15, 19, 23, 27",
            "11 xml_root_missing",
            "15 client_ip_fixed 123.12.12.123",
            "15 openid_from_shared_cache",
            "15 out_trade_no_fixed 20180926125346",
            "15 xml_root_missing",
            "19 browser_option_on_server",
            "19 charset_unstated content-type",
            "23 error_code_dropped",
            "23 name_unknown nonce_str",
            "23 name_wrong_case appid",
            "23 null_dereferenced jsonData",
            "23 package_from_undefined perpay_id",
            "23 package_misspelt perpay_id",
            "23 timestamp_in_milliseconds timeStamp",
            "23 timestamp_not_a_string timeStamp",
            "29 callback_never_verifies",
        ],
    );
}

#[test]
fn an_egg_tutorial() {
    check(
        EGG,
        &[
            "5 line_breaks_lost 5, 7, 11, 15, 18, 31, 32, 33, 35, 36, 37, 38, 42",
            "11 client_ip_fixed 203.0.113.98",
            "11 openid_from_undeclared user",
            "11 out_trade_no_long_digits Date.now() + '' + randomCode(100000, 999999)",
            "11 package_from_undefined result.prepay_id",
            "11 placeholder_left_in notify_url",
            "11 total_fee_from_client request.body",
            "15 number_miscalled appId",
            "15 package_from_undefined result.prepay_id",
            "15 timestamp_in_milliseconds timeStamp",
            "15 timestamp_not_a_string timeStamp",
            "18 empty_values_included undefined",
            "18 hmac_key_literal",
            "18 key_in_two_places config",
            "18 sign_included",
            "18 values_url_decoded",
            "26 notice_claimed_for_failures",
            "33 sign_type_ignored",
            "37 regex_lost_backslashes",
            "37 time_end_in_local_zone",
            "38 updates_order_on_signature_alone result_code, total_fee",
            "42 split_drops_rest",
        ],
    );
}

#[test]
fn a_java_tutorial() {
    check(
        JAVA,
        &[
            "1 placeholder_left_in appid",
            "1 placeholder_left_in secret",
            "8 placeholder_left_in appid",
            "9 charset_unstated attach",
            "9 values_concatenated_into_xml_unescaped attach, body, notify_url",
            "11 placeholder_left_in mch_id",
            "12 placeholder_left_in nonce_str",
            "13 notify_url_is_demo http://wxpay.wxutil.com/pub_v2/pay/notify.v2.php",
            "14 placeholder_left_in openid",
            "15 placeholder_left_in out_trade_no",
            "16 placeholder_left_in spbill_create_ip",
            "19 placeholder_left_in sign",
            "23 appid_of_other_kind appid",
            "24 appid_of_other_kind mch_id",
            "28 sort_order_unstated",
            "30 online_tool_trusted",
            "38 placeholder_left_in appId",
            "38 placeholder_left_in key",
            "47 placeholder_left_in package",
            "51 callback_never_verifies",
            "54 success_logged_first",
            "72 callback_never_refuses",
            "79 empty_values_unmentioned",
            "79 sign_type_ignored",
            "86 placeholder_left_in appid",
            "86 placeholder_left_in mch_id",
            "87 placeholder_left_in key",
            "90 placeholder_left_in appid",
            "91 placeholder_left_in mch_id",
        ],
    );
}

/// Lines of a tutorial pasted alone, and what they must name; what needs another snippet to be seen is not there.
#[test]
fn a_snippet_alone_names_its_mistakes() {
    let mut missed = Vec::new();
    for (text, from, to, expected) in [
        (MINI_PROGRAM, 5, 17, "app_secret_in_client"),
        (MINI_PROGRAM, 20, 30, "name_wrong_case name_unknown sign_type_fixed_on_client"),
        (MINI_PROGRAM, 34, 57, "response_data_skipped sign_type_fixed_on_client"),
        (PUBLIC_ACCOUNT, 3, 14, "endpoint_misspelt trade_type_unknown name_unknown name_wrong_case"),
        (PUBLIC_ACCOUNT, 20, 20, "name_wrong_case placeholder_left_in line_breaks_lost"),
        (PUBLIC_ACCOUNT, 24, 24, "placeholder_left_in line_breaks_lost"),
        (PUBLIC_ACCOUNT, 28, 41, "callback_never_verifies notice_retries_miscounted"),
        (THINKJS, 7, 7, "empty_check_by_length"),
        (THINKJS, 11, 15, "xml_root_missing"),
        (THINKJS, 15, 15, "out_trade_no_fixed client_ip_fixed openid_from_shared_cache"),
        (THINKJS, 19, 19, "charset_unstated browser_option_on_server"),
        (
            THINKJS,
            23,
            23,
            "package_misspelt package_from_undefined name_wrong_case name_unknown timestamp_in_milliseconds \
             timestamp_not_a_string null_dereferenced error_code_dropped",
        ),
        (THINKJS, 28, 29, "callback_never_verifies"),
        (
            EGG,
            11,
            11,
            "total_fee_from_client openid_from_undeclared package_from_undefined out_trade_no_long_digits client_ip_fixed",
        ),
        (EGG, 15, 16, "timestamp_in_milliseconds timestamp_not_a_string number_miscalled"),
        (EGG, 18, 18, "hmac_key_literal values_url_decoded empty_values_included sign_included"),
        (EGG, 26, 26, "notice_claimed_for_failures"),
        (EGG, 29, 40, "updates_order_on_signature_alone regex_lost_backslashes time_end_in_local_zone"),
        (
            JAVA,
            7,
            20,
            "notify_url_is_demo values_concatenated_into_xml_unescaped charset_unstated placeholder_left_in",
        ),
        (JAVA, 38, 38, "placeholder_left_in"),
        (JAVA, 50, 77, "callback_never_verifies success_logged_first callback_never_refuses"),
        (JAVA, 86, 95, "placeholder_left_in"),
    ] {
        let lines: Vec<&str> = text.lines().skip(from - 1).take(to + 1 - from).collect();
        let snippet = lines.join("\n");
        let found: BTreeSet<&str> = mistakes(&snippet).iter().map(|seen| seen.id).collect();
        for id in expected.split_whitespace() {
            if !found.contains(id) {
                missed.push(format!("{id} is not among {found:?} in {snippet}"));
            }
        }
    }
    assert_eq!(missed, Vec::<String>::new());
}

/// The attach helper of the Egg tutorial says nothing of WeChat: alone it is none of our business.
#[test]
fn what_is_not_about_wechat_pay_has_no_mistakes() {
    let helper = EGG.lines().nth(41).unwrap().replace("wx", "");
    assert_eq!(found(&helper), Vec::<String>::new());
    assert_eq!(
        found("const p = { timeStamp: Date.now(), nonceSt: 1, package: 'x', signType: 'MD5' }"),
        Vec::<String>::new()
    );
}

#[test]
fn right_programs_have_no_mistakes() {
    for (name, text) in RIGHT {
        assert_eq!(found(text), Vec::<String>::new(), "{name}");
    }
}

/// One change to a right program, and the mistake it makes.
#[test]
fn one_mistake_put_in_is_found() {
    let mut missed = Vec::new();
    for (name, right_words, wrong_words, expected) in [
        (
            "node",
            "params[name] !== null && params[name] !== ''",
            "params[name] !== null",
            "empty_values_included",
        ),
        (
            "node",
            "`${name}=${params[name]}`",
            "`${name}=${decodeURIComponent(params[name])}`",
            "values_url_decoded",
        ),
        (
            "node",
            "`${name}=${params[name]}`",
            "`${name}=${encodeURIComponent(params[name])}`",
            "values_url_encoded",
        ),
        ("node", "createHmac('sha256', key)", "createHmac('sha256', 'secret')", "hmac_key_literal"),
        ("node", ".sort()", ".sort((a, b) => a.localeCompare(b))", "sorted_otherwise"),
        ("node", "    .sort()\n", "", "not_sorted"),
        ("node", ".toUpperCase()", "", "digest_not_upper_case"),
        ("node", "appId: config", "appid: config", "name_wrong_case"),
        ("node", "nonceStr: crypto", "nonce_str: crypto", "name_unknown"),
        ("node", "String(Math.floor(Date.now() / 1000))", "String(Date.now())", "timestamp_in_milliseconds"),
        (
            "node",
            "String(Math.floor(Date.now() / 1000))",
            "Math.floor(Date.now() / 1000)",
            "timestamp_not_a_string",
        ),
        ("node", "'prepay_id=' + result", "'perpay_id=' + result", "package_misspelt"),
        ("node", "'prepay_id=' + result.prepay_id", "result.prepay_id", "package_without_prepay_id"),
        ("node", "result.prepay_id", "result.perpay_id", "package_from_undefined"),
        ("node", "signType: 'HMAC-SHA256',\n  }", "signType: 'MD5',\n  }", "sign_type_differs"),
        ("node", "sign_type: 'HMAC-SHA256'", "sign_type: 'HMAC_SHA256'", "sign_type_unknown"),
        ("node", "trade_type: 'JSAPI'", "trade_type: 'jsapi'", "trade_type_unknown"),
        ("node", "rootName: 'xml', ", "", "xml_root_missing"),
        ("node", "text/xml; charset=utf-8", "text/xml", "charset_unstated"),
        ("node", "Math.round(order.price * 100)", "order.price * 100", "amount_not_integer_fen"),
        ("node", "Math.round(order.price * 100)", "ctx.request.body.total_fee", "total_fee_from_client"),
        ("node", "order.number, // 订单号", "'20180926125346',", "out_trade_no_fixed"),
        ("node", "ctx.ip", "'127.0.0.1'", "client_ip_fixed"),
        ("node", "ctx.session.openid", "await redis.get('openid')", "openid_from_shared_cache"),
        ("node", "config.notifyUrl", "'https://www.weixin.qq.com/wxpay/pay.php'", "notify_url_is_demo"),
        ("node", "config.notifyUrl", "'http://localhost:3000/notify'", "notify_url_unusable"),
        ("node", "// 商户号", "// 小程序id", "number_miscalled"),
        ("node", "!result || result", "!result && result", "null_dereferenced"),
        ("node", "data.result_code === 'SUCCESS' && ", "", "updates_order_on_signature_alone"),
        ("node", "order.total_fee === Number(data.total_fee) && ", "", "updates_order_on_signature_alone"),
        ("node", "pay/unifiedorder", "pay/unifideorder", "endpoint_misspelt"),
        ("node", "mch_id: config", "mchId: config", "name_unknown"),
        ("client", "signType: p.signType", "signType: 'MD5'", "sign_type_fixed_on_client"),
        ("client", "const p = res.data", "const p = res.order", "response_data_skipped"),
        (
            "client",
            "https://shop.example.org/api/pay",
            "https://api.weixin.qq.com/sns/jscode2session",
            "app_secret_in_client",
        ),
        (
            "client",
            "const p = res.data",
            "const s = md5(text + '&key=' + key); const p = res.data",
            "key_in_client_code",
        ),
        ("client", "\"package\": data", "\"Package\": data", "name_wrong_case"),
        ("java", " || StringUtils.isEmpty(entry.getValue())", "", "empty_values_included"),
        ("java", "new TreeMap<>(params)", "params", "not_sorted"),
        ("java", "getBytes(StandardCharsets.UTF_8)", "getBytes()", "charset_unstated"),
        (
            "java",
            "new SecretKeySpec(key.getBytes(\"UTF-8\")",
            "new SecretKeySpec(\"abc\".getBytes(\"UTF-8\")",
            "hmac_key_literal",
        ),
        (
            "java",
            "System.currentTimeMillis() / 1000",
            "System.currentTimeMillis()",
            "timestamp_in_milliseconds",
        ),
        ("java", "call.put(\"nonceStr\"", "call.put(\"noncestr\"", "name_wrong_case"),
        ("java", "params.put(\"out_trade_no\"", "params.put(\"out_tarde_no\"", "name_unknown"),
        ("php", " && $v !== '' && !is_array($v)", "", "empty_values_included"),
        ("php", "(string) time()", "time()", "timestamp_not_a_string"),
        ("php", "ksort($values);", "natsort($values);", "sorted_otherwise"),
        ("php", "intval(round($order['price'] * 100))", "$order['price'] * 100", "amount_not_integer_fen"),
        ("php", "'prepay_id=' . $prepayId", "$prepayId", "package_without_prepay_id"),
        ("go", "|| value == \"\" ", "", "empty_values_included"),
        (
            "go",
            "hmac.New(sha256.New, []byte(key))",
            "hmac.New(sha256.New, []byte(\"k\"))",
            "hmac_key_literal",
        ),
        ("go", "time.Now().Unix(), 10", "time.Now().UnixMilli(), 10", "timestamp_in_milliseconds"),
        ("csharp", "GetBytes(key)", "GetBytes(\"k\")", "hmac_key_literal"),
        ("csharp", "{ \"nonceStr\"", "{ \"noncestr\"", "name_wrong_case"),
        ("csharp", "ToUnixTimeSeconds", "ToUnixTimeMilliseconds", "timestamp_in_milliseconds"),
        ("python", " and params[k] not in (None, '')", "", "empty_values_included"),
        ("python", "str(int(time.time()))", "int(time.time())", "timestamp_not_a_string"),
        ("python", "sorted(params)", "params", "not_sorted"),
        ("python", "dict(appid=config", "dict(Appid=config", "name_wrong_case"),
        ("prose", "trade_type: JSAPI", "trade_type: jsapi", "trade_type_unknown"),
        ("prose", "共 15 次通知", "共9次通知", "notice_retries_miscounted"),
        ("prose", "nonce_str: 随机", "Nonce_str: 随机", "name_wrong_case"),
        (
            "prose",
            "\"1409811653\",\"total_fee\":\"1\"",
            "\"1409811653\",\"total_fee\":\"1\",\"notify_url\":\"http://10.0.0.1/a\"",
            "notify_url_unusable",
        ),
    ] {
        let text = right(name);
        assert!(text.contains(right_words), "{name} has no {right_words}");
        let wrong = text.replacen(right_words, wrong_words, 1);
        let found: Vec<&str> = mistakes(&wrong).iter().map(|seen| seen.id).collect();
        if !found.contains(&expected) {
            missed.push(format!("{name}: {wrong_words}: {expected} is not among {found:?}"));
        }
    }
    assert_eq!(missed, Vec::<String>::new());
}

#[test]
fn callbacks_are_told_apart() {
    let php = right("php");
    let start = php.find("if ($this->makeSign($data").unwrap();
    let end = start + php[start..].find("$order = Order").unwrap();
    let unverified = format!("{}{}", &php[..start], &php[end..])
        .replace("public function makeSign", "public function make");
    let ids: Vec<&str> = mistakes(&unverified).iter().map(|seen| seen.id).collect();
    assert!(ids.contains(&"callback_never_verifies"), "{ids:?}");
    assert!(ids.contains(&"callback_never_refuses"), "{ids:?}");
}

#[test]
fn keys_are_never_shown() {
    let key = "192006250b4c09247ec02edce69f6a2d";
    for text in [
        format!("wxpay: const key = '{key}'; sign(a + '&key={key}')"),
        format!("wechat = {{ appid: 'wx1', mch_id: '1', key: '{key}', secret: '{key}' }}"),
        format!("appId=APPID&nonceStr=x&package=prepay_id=xxx&key={key}"),
        format!("微信 createHmac('sha256', '{key}').update(s + '&key=' + k)"),
    ] {
        let found = mistakes(&text);
        assert!(!found.is_empty(), "{text}");
        for seen in found {
            let all = format!("{} {:?}", seen.excerpt, seen.params);
            assert!(!all.contains(&key[4..12]), "{all}");
        }
        if let Some(reading) = read(&text) {
            assert!(!reading.fields.iter().any(|(name, _)| name == "key"));
        }
    }
    assert!(mistakes(&format!("wxpay: key = '{key}'")).iter().any(|seen| seen.id == "key_literal_in_code"));
}

#[test]
fn parameters_are_read() {
    let order: Vec<&str> = THINKJS.lines().collect();
    let reading = read(order[14]).unwrap();
    let fields: Vec<(String, String)> =
        reading.fields.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let expected = [
        ("body", "短信平台-短信套餐购买"),
        ("out_trade_no", "20180926125346"),
        ("total_fee", "88"),
        ("spbill_create_ip", "123.12.12.123"),
        ("trade_type", "JSAPI"),
    ];
    assert_eq!(fields, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(reading.unquoted, ["total_fee"]);
    let expressions: Vec<&str> = reading.expressions.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(expressions, ["appid", "mch_id", "nonce_str", "notify_url", "openid", "sign"]);
    assert_eq!(reading.expressions[0].1, "config.appid");

    let java: Vec<&str> = JAVA.lines().collect();
    let reading = read(&java[6..20].join("\n")).unwrap();
    assert_eq!(reading.fields.text("notify_url"), Some("http://wxpay.wxutil.com/pub_v2/pay/notify.v2.php"));
    assert_eq!(reading.fields.iter().count(), 12);

    let reading = read(java[37]).unwrap();
    assert!(reading.key_pasted);
    assert_eq!(reading.fields.text("package"), Some("prepay_id=prepay_id"));
    assert!(read("let a = 1;").is_none());
}

#[test]
fn hostile_texts_end_soon_and_small() {
    let most = 64 * 1024;
    for piece in [
        "(",
        "{",
        "[{(",
        "'",
        "\"",
        "`",
        "`${",
        "/*",
        "//",
        "// a const b = ",
        "\\'",
        "<a><![CDATA[",
        "\"<a>\" + ",
        "wx.request({",
        "a = { appid: b.c, ",
        "xml2js(a, { compact: true }) ",
        "require(\"x\") ",
        "const { a } = require('b'); ",
        "\"&key=\" + a; ",
        "put(\"appid\", ",
        "sign(a) ",
        "<return_code>",
        "uniaborder ",
        "a.b.c&&a.b ",
        "function f() { ",
        "def a():\n",
        "\n",
        "中文",
        "\u{1F600}",
        "=>",
        "a?b:c,",
        "\"<return_code>SUCCESS\" notify ",
        "mode: 'cors' ",
        "createHmac(",
        "x.split(\"=\") ",
        "timeStamp: a, package: b, signType: c, ",
        "appid: 1\n",
        "new Date(",
        "'''",
        "\"\"\"",
    ] {
        let text = format!("微信 {}", piece.repeat(most / piece.len()));
        let found = mistakes(&text);
        assert!(found.len() <= MOST, "{piece}");
        let _ = read(&text);
    }
}

fn sound(text: &str) {
    let found = mistakes(text);
    assert!(found.len() <= MOST);
    let lines = u32::try_from(text.split('\n').count()).unwrap();
    for seen in &found {
        assert!(ALL.contains(&seen.id), "{}", seen.id);
        assert!(seen.excerpt.chars().count() <= 120, "{}", seen.excerpt);
        assert!((1..=lines).contains(&seen.line), "{} of {lines}", seen.line);
    }
    let _ = read(text);
}

/// Pieces that programs are made of, and some that break them.
fn pieces() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "wx.requestPayment(",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "'",
        "\"",
        "`",
        "${",
        "//",
        "/*",
        "*/",
        "\n",
        ",",
        ";",
        ":",
        "=>",
        "=",
        "&&",
        "+",
        ".",
        "appid",
        "timeStamp",
        "nonce_str",
        "package",
        "'prepay_id='",
        "signType",
        "\"&key=\"",
        "key=",
        "const",
        "function",
        "def f():",
        "return",
        "<xml>",
        "<appid>",
        "</appid>",
        "<![CDATA[",
        "]]>",
        "描述",
        "商户号",
        "：",
        "Date.now()",
        "new Date(",
        "createHmac",
        "\\'",
        "# ",
        "1000",
        "\u{1F600}",
        "é",
        "params.put(",
        "return_code",
        "SUCCESS",
        "update(",
        "sign",
        "if",
        "for",
        "!==",
        "''",
        "undefined",
        "time_end",
        ".split(\"=\")",
        "次通知",
        "15s/15s/30s/3m/10m",
        "<<<XML\n",
        "XML",
        "\"<appid>$appid</appid>\"",
        "request.setBody(",
        "[(\"appid\",",
        "Map.of(\"appid\",",
        "...base",
        "p.sign = sign(p)",
        "md5(",
        "toLowerCase()",
        "u'",
        "\"&timeStamp=\"",
    ]);
    prop::collection::vec(words, 0..120).prop_map(|words| words.join(" ").replace(" \n ", "\n"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn anything_is_read_without_a_panic(text in "\\PC{0,300}") {
        sound(&format!("微信{text}"));
    }

    #[test]
    fn pieces_of_programs_are_read_without_a_panic(text in pieces()) {
        sound(&format!("wxpay {text}"));
        sound(&format!("wxpay {}", text.replace(' ', "")));
    }

    #[test]
    fn mutations_are_read_without_a_panic(
        which in 0..5usize,
        from in 0..1000usize,
        length in 0..200usize,
        into in 0..1000usize,
        twice in any::<bool>(),
    ) {
        let text: Vec<char> = [MINI_PROGRAM, PUBLIC_ACCOUNT, THINKJS, EGG, JAVA][which].chars().collect();
        let place = |share: usize| share * text.len() / 1000;
        let (start, end) = (place(from), (place(from) + length).min(text.len()));
        let mut changed = text.clone();
        let cut: Vec<char> = if twice { text[start..end].to_vec() } else { changed.drain(start..end).collect() };
        let at = place(into).min(changed.len());
        changed.splice(at..at, cut);
        sound(&changed.into_iter().collect::<String>());
    }
}
