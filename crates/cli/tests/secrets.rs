//! No key goes out: wherever it stands in what is pasted into `verify` or `sign`, whoever it belongs to, in every form
//! of the answer and in both languages.

use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// WeChat Pay's documents publish it. Reproductions are made with it, so that it may be shown there.
const KEY: &str = "192006250b4c09247ec02edce69f6a2d";
/// Made up: a key at hand.
const HAND: &str = "atHandATHANDatHandATHANDatHandA1";
/// Made up, and at nobody's hand.
const OTHER: &str = "otherOTHERotherOTHERotherOTHER02";
/// Made up: a key that is like no other.
const SHORT: &str = "zq7wkx93v";
/// WeChat's documents publish it.
const TICKET: &str = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg";

const STRING: &str =
    "appid=wxd930ea5d5a258f4f&body=test&device_info=1000&mch_id=10000100&nonce_str=ibuaiVcKdpRxkhJA";
const SIGN: &str = "9A0A8659F005D6984697E2CA0A9CF3B7";

fn paydesk(folder: &Path, words: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_paydesk"))
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .arg("--data-dir")
        .arg(folder.join("paydesk"))
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn answer(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("key", KEY);
    write("hand", HAND);
    write("ticket", TICKET);
    write("order", &format!("<xml><appid>wxd930ea5d5a258f4f</appid><attach>key={OTHER}</attach></xml>"));
    dir
}

/// Half of a key is too much as well.
fn holds(output: &Output, secret: &str) -> bool {
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    [&secret[..secret.len() / 2], &secret[secret.len() / 2..]].iter().any(|half| said.contains(half))
}

/// What is pasted, and the secret that stands in it.
fn pasted() -> Vec<(String, &'static str)> {
    let xml = |fields: &str| {
        format!(
            "<xml><appid>wxd930ea5d5a258f4f</appid><mch_id>10000100</mch_id><nonce_str>ibuaiVcKdpRxkhJA</nonce_str>\
             {fields}<sign>{SIGN}</sign></xml>"
        )
    };
    let mut all = Vec::new();
    for secret in [HAND, OTHER] {
        all.extend(
            [
                // Behind the string: without its name, without its sign, glued, on a line of its own.
                format!("{STRING}&{secret}"),
                format!("{STRING}&key{secret}"),
                format!("{STRING}{secret}"),
                format!("{STRING}\n{secret}\n"),
                format!("{STRING}&key={secret}"),
                format!("{STRING}&key={secret}&sign={SIGN}"),
                format!("stringSignTemp=\"{STRING}&key={secret}\""),
                // Inside values.
                xml(&format!("<attach>{secret}</attach><key>{secret}</key>")),
                xml(&format!("<attach>a=1&amp;key={secret}</attach>")),
                xml(&format!("<attach>a&amp;{secret}</attach>")),
                xml(&format!("<notify_url>https://shop.example/n?mch_key={secret}</notify_url>")),
                xml(&format!("<detail><![CDATA[{{\"a\":[{{\"apiKey\":\"{secret}\"}}]}}]]></detail>")),
                xml(&format!("<detail>{{\\\"key\\\":\\\"{secret}\\\"}}</detail>")),
                // Under names that tell, and under one that does not.
                xml(&format!("<api_secret_v2>{secret}</api_secret_v2>")),
                xml(&format!("<passphrase>{secret}</passphrase><KEY1>{secret}</KEY1>")),
                xml(&format!("<mchkey2>{secret}</mchkey2><sk>{secret}</sk><miyao>{secret}</miyao>")),
                format!("{{\"appid\":\"wx1\",\"mch_id\":\"1\",\"authorization\":\"{secret}\",\"keyStr\":\"{secret}\",\"sign\":\"{SIGN}\"}}"),
                format!("{STRING}&salt={secret}&sign={SIGN}"),
                format!("c := Config{{AppID:\"wx1\",MchID:\"1900000109\",Secret2:\"{secret}\"}}\nm := map[string]string{{\"appid\":\"wx1\",\"total_fee\":\"1.00\"}}"),
                xml(&format!("<sandbox_signkey>{secret}</sandbox_signkey>")),
                // In JSON at any depth.
                format!("{{\"appid\":\"wx1\",\"mch_id\":\"1\",\"config\":{{\"wx\":{{\"mchKey\":\"{secret}\"}}}},\"sign\":\"{SIGN}\"}}"),
                format!("{{\"appid\":\"wx1\",\"mch_id\":\"1\",\"detail\":\"{{\\\"key\\\":\\\"{secret}\\\"}}\",\"sign\":\"{SIGN}\"}}"),
                format!("{{\"appid\":\"wx1\",\"attach\":\"{secret}\",\"partner_key\":\"{secret}\",\"sign\":\"{SIGN}\"}}"),
                // In lines, programs and what is refused.
                format!("appid: wx1\nmch_id: 10000100\nattach: {secret}\nwxpay.api-key: {secret}\nsign: {SIGN}"),
                format!("商户密钥：{secret}\nappid=wx1&mch_id=1&attach=密钥：{secret}&sign={SIGN}"),
                format!("const key = '{secret}'\nwx.requestPayment({{ timeStamp: Date.now(), nonceStr: 'x', package: '{secret}', paySign: md5(s + '&key={secret}') }})"),
                format!("{{\"{secret}\":\"1\",\"{secret}\":\"2\",\"appid\":\"wx1\"}}"),
                format!("k{secret}appid=wxd930ea5d5a258f4f&mch_id=10000100&nonce_str=1"),
            ]
            .map(|text| (text, secret)),
        );
    }
    all.push((xml(&format!("<attach>key={SHORT}</attach><body>{SHORT}</body>")), SHORT));
    all.push((
        format!("jsapi_ticket={TICKET}&noncestr=a&timestamp=1414587457&url=https://shop.example/?t={TICKET}"),
        TICKET,
    ));
    all.push((
        format!("{{\"jsapi_ticket\":\"{TICKET}\",\"nonceStr\":\"a\",\"timestamp\":1414587457,\"url\":\"https://shop.example/#{TICKET}\",\"signature\":\"0f9de62fce790f9a083d5c99e95740ceb90c27ed\"}}"),
        TICKET,
    ));
    all
}

#[test]
fn verify_prints_no_key_in_any_form() {
    let dir = folder();
    for (pasted, secret) in pasted() {
        std::fs::write(dir.path().join("string"), format!("{STRING}&attach={secret}\n{secret}")).unwrap();
        for more in [
            &[][..],
            &["--json"],
            &["--lang", "zh-CN"],
            &["--reproduction", "python"],
            &["--string", "string"],
            &["--string", "string", "--json"],
            &["--with", "order", "--json"],
        ] {
            let words = [&["verify", "--key-file", "hand"], more].concat();
            let output = paydesk(dir.path(), &words, pasted.as_bytes());
            assert!(!holds(&output, secret), "{words:?} of\n{pasted}\n{}", text(&output.stdout));
            // Of what the second document has, too.
            assert!(!holds(&output, OTHER), "{words:?} of\n{pasted}\n{}", text(&output.stdout));
        }
        let line = pasted.replace('\n', " ");
        let output = paydesk(dir.path(), &["verify", "--key-file", "hand", "--lines"], line.as_bytes());
        assert!(!holds(&output, secret), "--lines of\n{line}\n{}", text(&output.stdout));
        // With other keys at hand than this one.
        let output = paydesk(dir.path(), &["verify"], pasted.as_bytes());
        assert!(!holds(&output, secret), "{pasted}\n{}", text(&output.stdout));
    }
}

/// What is masked is judged as it is.
#[test]
fn a_masked_message_is_judged_by_what_it_says() {
    let dir = folder();
    let fields = format!(
        "{{\"attach\":\"key={OTHER}\",\"detail\":\"{{\\\"key\\\":\\\"{SHORT}\\\"}}\",\"mch_id\":\"1\"}}"
    );
    let signature = text(&paydesk(dir.path(), &["sign", "--key-file", "key"], fields.as_bytes()).stdout);
    let signed = fields.replace("\"mch_id\"", &format!("\"sign\":\"{}\",\"mch_id\"", signature.trim()));
    let view = answer(&paydesk(dir.path(), &["verify", "--key-file", "key", "--json"], signed.as_bytes()));
    assert_eq!(view["verdict"], "valid", "{view:#}");
    assert_eq!(
        view["string_to_sign"], "attach=key=***&detail={\"key\":\"***\"}&mch_id=1&key=***",
        "{view:#}"
    );
    // What is no key stays: digests, numbers, nonces, prepay ids, addresses.
    let harmless = "<xml><appid>wxd930ea5d5a258f4f</appid><attach>a&amp;b=c d</attach><mch_id>10000100</mch_id>\
        <nonce_str>5d2b6c2a8db53831f7eda20af46e531c</nonce_str><notify_url>https://shop.example/n?id=7</notify_url>\
        <openid>oUpF8uMuAJO_M2pxb1Q9zNjWeS6o</openid><prepay_id>wx201410272009395522657a690389285100</prepay_id>\
        <transaction_id>4200000000202611210000000017</transaction_id></xml>";
    let shown =
        text(&paydesk(dir.path(), &["verify", "--key-file", "key", "--json"], harmless.as_bytes()).stdout);
    for value in
        ["a&b=c d", "5d2b6c2a8db53831f7eda20af46e531c", "n?id=7", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "285100"]
    {
        assert!(shown.contains(value), "{value} in {shown}");
    }
    assert_eq!(shown.matches("***").count(), 1, "{shown}");
}

#[test]
fn sign_prints_no_key_and_signs_what_stands_there() {
    let dir = folder();
    for (pasted, secret) in pasted() {
        for more in
            [&[][..], &["--output", "string"], &["--output", "xml"], &["--json"], &["--lang", "zh-CN"]]
        {
            let words = [&["sign", "--key-file", "hand"], more].concat();
            let output = paydesk(dir.path(), &words, pasted.as_bytes());
            assert!(!holds(&output, secret), "{words:?} of\n{pasted}\n{}", text(&output.stdout));
        }
    }
    let fields = format!("{{\"attach\":\"{KEY}\",\"access_token\":\"{TICKET}\"}}");
    let output = paydesk(dir.path(), &["sign", "--key-file", "key", "--json"], fields.as_bytes());
    let view = answer(&output);
    // `access_token=sM4…7qg&attach=192…a2d&key=192…a2d` is what is signed.
    let string = format!("access_token={TICKET}&attach={KEY}&key={KEY}");
    std::fs::write(dir.path().join("own"), &string).unwrap();
    assert_eq!(view["string_to_sign"], "access_token=***&attach=***&key=***");
    let ids = |view: &Value| -> Vec<String> {
        let found = view["findings"].as_array().unwrap();
        found.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    assert!(ids(&view).contains(&"signed_a_secret".to_owned()), "{view:#}");
    let signed = fields.replace("{\"attach\"", &format!("{{\"sign\":{},\"attach\"", view["signature"]));
    let verified = answer(&paydesk(
        dir.path(),
        &["verify", "--key-file", "key", "--string", "own", "--json"],
        signed.as_bytes(),
    ));
    assert_eq!(verified["verdict"], "valid", "{verified:#}");
    assert!(ids(&verified).contains(&"string_is_right".to_owned()), "{verified:#}");
}

#[test]
fn sign_says_that_it_read_a_program_and_what_it_could_not_know() {
    let dir = folder();
    let program = "const params = {\n  appid: 'wxd930ea5d5a258f4f',\n  mch_id: '10000100',\n  \
                   nonce_str: makeNonce(),\n  body: 'test',\n  total_fee: order.fee,\n}\nparams.sign = sign(params)\n";
    for (lang, words) in [("en", "known only when the program runs"), ("zh-CN", "运行时才知道")] {
        let output = paydesk(dir.path(), &["sign", "--key-file", "key", "--lang", lang], program.as_bytes());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(said.contains(words), "{said}");
        for name in ["appid", "mch_id", "body", "nonce_str", "total_fee"] {
            assert!(said.contains(name), "{name} in {said}");
        }
        assert!(said.contains("nonce_str, total_fee") && !said.contains(", sign"), "{said}");
    }
    let view = answer(&paydesk(dir.path(), &["sign", "--key-file", "key", "--json"], program.as_bytes()));
    assert_eq!(
        view["string_to_sign"], "appid=wxd930ea5d5a258f4f&body=test&mch_id=10000100&key=***",
        "{view:#}"
    );
    let reason = |name: &str| {
        let fields = view["fields"].as_array().unwrap();
        fields.iter().find(|field| field["name"] == name).map(|field| field["reason"].clone())
    };
    assert_eq!(reason("total_fee"), Some("expression".into()), "{view:#}");
    assert_eq!(reason("body"), Some(Value::Null), "{view:#}");
}

/// A call is signed over its five names, without the signature that it has.
#[test]
fn a_call_is_signed_as_a_call() {
    let dir = folder();
    let call = "{\"appId\":\"wxd930ea5d5a258f4f\",\"timeStamp\":\"1414561699\",\
                \"nonceStr\":\"5K8264ILTKCH16CQ2502SI8ZNMTM67VS\",\
                \"package\":\"prepay_id=wx201410272009395522657a690389285100\",\"signType\":\"MD5\",\
                \"paySign\":\"0\",\"success\":\"x\"}";
    let view = answer(&paydesk(dir.path(), &["sign", "--key-file", "key", "--json"], call.as_bytes()));
    assert_eq!(view["signature"], "FD19D752A746E5F238A6E53BD99EEBD0", "{view:#}");
    let without = call.replace("\"appId\":\"wxd930ea5d5a258f4f\",", "");
    let view = answer(&paydesk(dir.path(), &["sign", "--key-file", "key", "--json"], without.as_bytes()));
    assert_eq!(view["findings"][0]["id"], "signed_without_app_id", "{view:#}");
}

#[test]
fn a_string_in_gbk_is_read_and_its_bytes_are_tried() {
    let dir = folder();
    // `body=面包` and `body=贝果` in GBK.
    let (bread, bagel) =
        (b"body=\xC3\xE6\xB0\xFC&mch_id=1".to_vec(), b"body=\xB1\xB4\xB9\xFB&mch_id=1".to_vec());
    let request = |sign: &str| format!("<xml><body>面包</body><mch_id>1</mch_id><sign>{sign}</sign></xml>");
    let looked = |string: &[u8], sign: &str| {
        std::fs::write(dir.path().join("string"), string).unwrap();
        let words = ["verify", "--key-file", "key", "--string", "string", "--json"];
        answer(&paydesk(dir.path(), &words, request(sign).as_bytes()))
    };
    let ids = |view: &Value| -> Vec<String> {
        let found =
            view["findings"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
        found.filter(|id| id.starts_with("string_")).collect()
    };
    // md5sum of the bytes with `&key=192…a2d` behind.
    let in_gbk = "9785136D40D93C7840BD84525563E096";
    let view = looked(&bread, in_gbk);
    assert_eq!(ids(&view), ["string_signed_in_gbk", "string_is_right"], "{view:#}");
    let whole = [&bread[..], b"&key=", KEY.as_bytes(), b"\r\n"].concat();
    assert_eq!(ids(&looked(&whole, in_gbk)), ["string_signed_in_gbk", "string_is_right"]);
    assert_eq!(ids(&looked(&bread, SIGN)), ["string_in_gbk", "string_is_right"]);
    let view = looked(&bagel, SIGN);
    assert_eq!(ids(&view), ["string_in_gbk", "string_differs"]);
    assert_eq!(
        (view["difference"]["at_character"].as_u64(), view["difference"]["said"].as_str()),
        (Some(5), Some("body=贝果&mch_id=1"))
    );
    // Neither UTF-8 nor GBK.
    std::fs::write(dir.path().join("string"), b"body=\xFF\xFF").unwrap();
    let output =
        paydesk(dir.path(), &["verify", "--key-file", "key", "--string", "string"], b"<xml><a>1</a></xml>");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(text(&output.stderr).contains("[unreadable_input]"), "{output:?}");
}

/// Whoever gives a string is told what came of it, also where it is right.
#[test]
fn a_right_string_is_said_to_be_right() {
    let dir = folder();
    std::fs::write(dir.path().join("string"), STRING).unwrap();
    let request = |sign: &str| {
        let fields: String = STRING
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| format!("<{name}>{value}</{name}>"))
            .collect();
        format!("<xml>{fields}<sign>{sign}</sign></xml>")
    };
    for (lang, right, wrong) in [
        ("en", "✓ the string given is the right one", "the mistake is not in the string"),
        ("zh-CN", "✓ 给的签名字符串与正确的一致", "错不在字符串"),
    ] {
        let shown = |sign: &str| {
            let words = ["verify", "--key-file", "key", "--string", "string", "--lang", lang];
            text(&paydesk(dir.path(), &words, request(sign).as_bytes()).stdout)
        };
        let valid = shown(SIGN);
        assert!(valid.contains(right) && !valid.contains(wrong) && !valid.contains("! "), "{valid}");
        let invalid = shown(&SIGN.replace('9', "8"));
        assert!(invalid.contains(right) && invalid.contains(wrong), "{invalid}");
    }
    // A string beside what has none is not passed over in silence.
    let words = ["verify", "--key-file", "key", "--string", "string", "--json"];
    let view = answer(&paydesk(dir.path(), &words, b"const a = { appid: x, mch_id: y, nonce_str: z }"));
    let ids: Vec<_> = view["findings"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert!(ids.contains(&"string_not_compared".into()), "{view:#}");
}
