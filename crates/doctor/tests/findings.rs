//! What WeChat refuses besides the signature: every documented example is clean, and every slip has its name.

use doctor::findings::{ALL, Finding, Severity, findings, message_of, of_key, of_merchant, of_order};
use doctor::{Format, Reading, Special};
use proptest::prelude::*;
use wxpay::notice::inspect::Recognised;
use wxpay::{Fields, SignType, xml};

fn reading_of(fields: Fields<'static>, format: Format) -> Reading {
    Reading {
        format,
        undone: Vec::new(),
        fields,
        key_pasted: false,
        unquoted: Vec::new(),
        expressions: Vec::new(),
        special: None,
        at_customers: false,
    }
}

/// `a=1|b=2`.
fn pairs(text: &str) -> Fields<'static> {
    let mut fields = Fields::new();
    for pair in text.split('|').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap();
        fields.add(name.to_owned(), value.to_owned()).unwrap();
    }
    fields
}

fn of(reading: &Reading) -> Vec<Finding> {
    let found = findings(reading, Recognised::of(&reading.fields), None);
    for finding in &found {
        assert!(ALL.contains(&finding.id), "{} is not listed", finding.id);
    }
    found
}

fn ids(text: &str) -> Vec<String> {
    told(&of(&reading_of(pairs(text), Format::Xml)))
}

/// `id field →meant !` where WeChat refuses it.
fn told(found: &[Finding]) -> Vec<String> {
    let one = |finding: &Finding| {
        let mut text = format!("{} {}", finding.id, finding.field.as_deref().unwrap_or("-"));
        if let Some((_, meant)) = finding.params.iter().find(|(name, _)| *name == "meant") {
            text.push_str(&format!(" →{meant}"));
        }
        if finding.severity == Severity::Refused {
            text.push_str(" !");
        }
        text
    };
    found.iter().map(one).collect()
}

const ORDER: &str = "appid=wx2421b1c4370ec43b|attach=支付测试|body=JSAPI支付测试|mch_id=10000100|\
    nonce_str=1add1a30ac87aa2db72f57a2375d8fec|notify_url=https://www.example.com/wxpay/notify|\
    openid=oUpF8uMuAJO_M2pxb1Q9zNjWeS6o|out_trade_no=1415659990|spbill_create_ip=14.23.150.211|total_fee=1|\
    trade_type=JSAPI|sign=0CB01533B8C1EF103065174F50BCA001";

const MICROPAY: &str = "appid=wx2421b1c4370ec43b|attach=订单额外描述|auth_code=120269300684844649|body=付款码支付测试|\
    device_info=1000|goods_tag=|mch_id=10000100|nonce_str=8aaee146b1dee7cec9100add9b96cbe2|out_trade_no=1415757673|\
    spbill_create_ip=14.17.22.52|time_expire=|total_fee=1|sign=C29DB7DB1FD4136B84AE35604756362C";

const NOTICE: &str = "appid=wx2421b1c4370ec43b|attach=支付测试|bank_type=CFT|fee_type=CNY|is_subscribe=Y|mch_id=10000100|\
    nonce_str=5d2b6c2a8db53831f7eda20af46e531c|openid=oUpF8uMEb4qRXf22hE3X68TekukE|out_trade_no=1409811653|\
    result_code=SUCCESS|return_code=SUCCESS|sign=B552ED6B279343CB493C5DD0D78AB241|sub_mch_id=10000100|\
    time_end=20140903131540|total_fee=1|trade_type=JSAPI|transaction_id=1004400740201409030005092168";

const JSAPI: &str = "appId=wxd678efh567hg6787|nonceStr=5K8264ILTKCH16CQ2502SI8ZNMTM67VS|\
    package=prepay_id=wx2017033010242291fcfe0db70013231072|signType=MD5|timeStamp=1490840662|\
    paySign=22D9B4E54AB1950F51E0649E8810ACD6";

const APP: &str = "appid=wx8888888888888888|noncestr=5K8264ILTKCH16CQ2502SI8ZNMTM67VS|package=Sign=WXPay|\
    partnerid=1900000109|prepayid=WX1217752501201407033233368018|timestamp=1412000000|\
    sign=C99ED30D56AC8A8BF47D73AB1059EA6F";

const REFUND: &str = "appid=wx2421b1c4370ec43b|mch_id=10000100|nonce_str=6cefdb308e1e2e8aabd48cf79e546a02|\
    out_refund_no=1415701182|out_trade_no=1415757673|refund_fee=1|total_fee=1|transaction_id=|\
    sign=FE56DD4AA85C0EECA82C35595A69E153";

const ENVELOPE: &str = "return_code=SUCCESS|return_msg=OK|appid=wx2421b1c4370ec43b|mch_id=10000100|\
    nonce_str=NfsMFbUFpdbEhPXP|sign=B7274EB9F8925EB93100DD2085FA56C0|result_code=SUCCESS";

/// The examples of the documentation, or their tables' own values, one of every message.
fn examples() -> Vec<(&'static str, String)> {
    let query = "appid=wx2421b1c4370ec43b|mch_id=10000100|nonce_str=ec2316275641faa3aacf3cc599e8730f|";
    let reply = |rest: &str| format!("{ENVELOPE}|{rest}");
    vec![
        ("unified_order", ORDER.to_owned()),
        (
            "unified_order",
            ORDER.replace("trade_type=JSAPI", "trade_type=MWEB|scene_info={\"h5_info\":{\"type\":\"Wap\"}}"),
        ),
        ("unified_order_reply", reply("prepay_id=wx201411101639507cbf6ffd8b0779950874|trade_type=JSAPI")),
        ("micropay", MICROPAY.to_owned()),
        (
            "micropay_reply",
            reply(
                "openid=oUpF8uN95-Ptaags6E_roPHg7AG0|is_subscribe=Y|trade_type=MICROPAY|bank_type=CCB_DEBIT|total_fee=1|\
                 coupon_fee=0|fee_type=CNY|transaction_id=1008450740201411110005820873|out_trade_no=1415757673|\
                 attach=订单额外描述|time_end=20141111170043|cash_fee=1",
            ),
        ),
        ("order_query", format!("{query}transaction_id=1008450740201411110005820873|sign=FDD167FAA73459FD921B144BAF4F4CA2")),
        (
            "order_query_reply",
            reply(
                "device_info=1000|openid=oUpF8uN95-Ptaags6E_roPHg7AG0|is_subscribe=Y|trade_type=MICROPAY|\
                 bank_type=CCB_DEBIT|total_fee=1|fee_type=CNY|transaction_id=1008450740201411110005820873|\
                 out_trade_no=1415757673|attach=订单额外描述|time_end=20141111170043|trade_state=SUCCESS|cash_fee=1|\
                 trade_state_desc=支付成功",
            ),
        ),
        ("order_query", format!("{query}out_trade_no=1415983244|sign=59FF1DF214B2D279A0EA7077C54DD95D")),
        ("close_order_reply", reply("result_msg=OK")),
        ("reverse_reply", reply("recall=N")),
        ("refund", REFUND.to_owned()),
        (
            "refund_reply",
            reply(
                "transaction_id=1008450740201411110005820873|out_trade_no=1415757673|out_refund_no=1415701182|\
                 refund_id=2008450740201411110000174436|refund_channel=|refund_fee=1|total_fee=1|cash_fee=1|\
                 coupon_refund_fee=0",
            ),
        ),
        ("refund_query", format!("{query}out_refund_no=1415701182|sign=66FFB727015F450D167EF38CCC549521")),
        (
            "refund_query_reply",
            reply(
                "out_refund_no_0=1415701182|out_trade_no=1415757673|refund_count=1|refund_fee_0=1|\
                 refund_id_0=2008450740201411110000174436|refund_status_0=PROCESSING|refund_channel_0=ORIGINAL|\
                 refund_recv_accout_0=招商银行信用卡0403|coupon_refund_count_0=1|coupon_refund_fee_0=1|\
                 coupon_refund_fee_0_0=1|coupon_refund_id_0_0=10000|coupon_type_0_0=CASH|\
                 transaction_id=1008450740201411110005820873|total_fee=1|cash_fee=1",
            ),
        ),
        ("payment_notice", NOTICE.to_owned()),
        (
            "payment_notice",
            format!(
                "{NOTICE}|coupon_count=2|coupon_fee=3|coupon_fee_0=1|coupon_fee_1=2|coupon_id_0=10000|coupon_id_1=10001|\
                 coupon_type_0=CASH|coupon_type_1=NO_CASH|settlement_total_fee=98|future_field=x|device_info="
            ),
        ),
        (
            "refund_notice",
            "return_code=SUCCESS|appid=wx2421b1c4370ec43b|mch_id=10000100|nonce_str=TeqClE3i0mvn3DrK|req_info=Z7BDlPL1"
                .to_owned(),
        ),
        (
            "refund_content",
            "out_refund_no=SYNTHREFUND0001|out_trade_no=SYNTHORDER0001|refund_account=REFUND_SOURCE_RECHARGE_FUNDS|\
             refund_fee=3960|refund_id=50000000000000000000000000001|refund_recv_accout=支付用户零钱|\
             refund_request_source=API|refund_status=SUCCESS|settlement_refund_fee=3960|settlement_total_fee=3960|\
             success_time=2018-11-19 16:24:13|total_fee=3960|transaction_id=4200000000000000000000000001"
                .to_owned(),
        ),
        (
            "native_callback",
            "appid=wx8888888888888888|openid=o8GeHuLAsgefS_80exEr1cTqekUs|mch_id=1900000109|is_subscribe=Y|\
             nonce_str=5K8264ILTKCH16CQ2502SI8ZNMTM67VS|product_id=88888|sign=C380BEC2BFD727A4B6845133519F3AD6"
                .to_owned(),
        ),
        (
            "download_bill",
            "appid=wx2421b1c4370ec43b|bill_date=20141110|bill_type=ALL|mch_id=10000100|\
             nonce_str=21df7dc9cd8616b56919f20d9f679233|sign=332F17B766FC787203EBE9D6E40457A1"
                .to_owned(),
        ),
        ("jsapi_call", JSAPI.to_owned()),
        // wx.chooseWXPay, wx.requestPayment: the appId is signed but not passed.
        ("jsapi_call", JSAPI.replace("appId=wxd678efh567hg6787|", "").replace("timeStamp", "timestamp")),
        ("app_call", APP.to_owned()),
        ("api_reply", "return_code=SUCCESS|return_msg=OK".to_owned()),
    ]
}

#[test]
fn a_documented_example_has_no_finding() {
    for (name, text) in examples() {
        let reading = reading_of(pairs(&text), Format::Xml);
        let message = message_of(&reading, Recognised::of(&reading.fields));
        assert_eq!(message.map(|message| message.name), Some(name), "{text}");
        assert_eq!(told(&of(&reading)), Vec::<String>::new(), "{name}");
    }
    let mut config = reading_of(
        pairs(
            "appId=wxf8b4f85f3a794e77|timestamp=1414587457|nonceStr=Wm3WZYTPz0wzccnW|jsApiList=chooseWXPay|debug=true|\
             signature=0f9de62fce790f9a083d5c99e95740ceb90c27ed",
        ),
        Format::JsCall,
    );
    config.special = Some(Special::Jssdk);
    assert_eq!(told(&of(&config)), Vec::<String>::new());
}

/// The official example of unified order as it is printed: its address is one where only WeChat's demo listens.
#[test]
fn the_official_order_calls_the_demo() {
    let official = include_str!("data/unifiedorder.xml");
    let reading = reading_of(xml::read(official.as_bytes()).unwrap().into_owned(), Format::Xml);
    assert_eq!(told(&of(&reading)), ["notify_url_unusable notify_url"]);
}

/// A slip in a good order, notice, call: what is found.
#[test]
fn every_slip_has_its_name() {
    let order = |from: &str, to: &str| {
        let text = ORDER.replace(from, to);
        assert_ne!(text, ORDER, "{from}");
        ids(&text)
    };
    for (from, to, expected) in [
        // names
        ("mch_id=", "Mch_id=", "name_wrong_case Mch_id →mch_id !"),
        ("appid=", "Appid=", "name_wrong_case Appid →appid !"),
        ("openid=", "open_id=", "name_unknown open_id →openid !"),
        ("sign=", "sgin=", "name_unknown sgin →sign !"),
        ("nonce_str=", "nonce__str=", "name_unknown nonce__str →nonce_str !"),
        ("nonce_str=", "nonceStr=", "name_unknown nonceStr →nonce_str !"),
        ("mch_id=", "mchid=", "name_unknown mchid →mch_id !"),
        ("body=", "subject=", "name_unknown subject →body !"),
        ("attach=", "shop_colour=", "name_unknown shop_colour !"),
        ("attach=", "refund_fee=", "field_not_accepted refund_fee !, amount_impossible refund_fee !"),
        ("attach=", "deposit=", "field_not_accepted deposit !"),
        // what is missing
        ("|total_fee=1", "", "field_missing total_fee !"),
        ("|spbill_create_ip=14.23.150.211", "", "field_missing spbill_create_ip !"),
        ("openid=oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "openid=", "field_missing openid !"),
        ("trade_type=JSAPI", "trade_type=MWEB", "field_missing scene_info !"),
        ("|sign=0CB01533B8C1EF103065174F50BCA001", "", "unsigned sign !"),
        // amounts
        ("total_fee=1|", "total_fee=0.01|", "amount_not_integer_fen total_fee !"),
        ("total_fee=1|", "total_fee=980.0000000000001|", "amount_not_integer_fen total_fee !"),
        ("total_fee=1|", "total_fee=1e3|", "amount_not_integer_fen total_fee !"),
        ("total_fee=1|", "total_fee=0|", "amount_out_of_range total_fee !"),
        ("total_fee=1|", "total_fee=-1|", "amount_out_of_range total_fee !"),
        ("total_fee=1|", "total_fee=99999999999999999999|", "amount_out_of_range total_fee !"),
        ("total_fee=1|", "total_fee=12345678901|", "amount_out_of_range total_fee"),
        ("total_fee=1|", "total_fee=one|", "amount_impossible total_fee !"),
        // numbers of orders
        ("out_trade_no=1415659990", "out_trade_no=12345", "out_trade_no_invalid out_trade_no !"),
        ("out_trade_no=1415659990", "out_trade_no=订单1415659990", "placeholder_left_in out_trade_no !"),
        ("out_trade_no=1415659990", "out_trade_no=1415659990#1", "out_trade_no_invalid out_trade_no !"),
        // words
        ("trade_type=JSAPI", "trade_type=jsapi", "trade_type_unknown trade_type →JSAPI !"),
        ("trade_type=JSAPI", "trade_type=H5", "trade_type_unknown trade_type →MWEB !"),
        ("trade_type=JSAPI", "trade_type=MICROPAY", "trade_type_unknown trade_type !"),
        ("sign=", "sign_type=HMAC_SHA256|sign=", "sign_type_unknown sign_type →HMAC-SHA256 !"),
        ("sign=", "sign_type=md5|sign=", "sign_type_unknown sign_type →MD5 !"),
        ("sign=", "sign_type=RSA|sign=", "v2_in_v3 sign_type !"),
        // addresses
        ("https://www.example.com/", "http://localhost:8080/", "notify_url_unusable notify_url !"),
        ("https://www.example.com/", "http://192.168.1.2/", "notify_url_unusable notify_url !"),
        ("https://www.example.com/", "https://[::1]/", "notify_url_unusable notify_url !"),
        ("https://www.example.com/", "www.example.com/", "notify_url_unusable notify_url !"),
        ("https://www.example.com/", "https%3A%2F%2Fwww.example.com/", "notify_url_unusable notify_url !"),
        ("wxpay/notify", "wxpay/notify?shop=1", "notify_url_unusable notify_url !"),
        ("wxpay/notify", "wxpay/notify ", "notify_url_unusable notify_url !"),
        // values
        ("body=JSAPI支付测试", "body=奶茶🧋", "four_byte_characters body"),
        ("appid=wx2421b1c4370ec43b", "appid=APPID", "placeholder_left_in appid !"),
        ("appid=wx2421b1c4370ec43b", "appid=gh_1234567890ab", "appid_of_other_kind appid !"),
        ("appid=wx2421b1c4370ec43b", "appid=10000100", "appid_of_other_kind appid !"),
        (
            "nonce_str=1add1a30ac87aa2db72f57a2375d8fec",
            "nonce_str=nonce_str",
            "placeholder_left_in nonce_str !",
        ),
        (
            "nonce_str=1add1a30ac87aa2db72f57a2375d8fec",
            "nonce_str=1add1a30ac87aa2db72f57a2375d8fec0",
            "value_too_long nonce_str !",
        ),
    ] {
        assert_eq!(order(from, to).join(", "), expected, "{from} → {to}");
    }
}

/// The limits are without a unit: over them in characters is refused, in bytes alone it is a warning.
#[test]
fn lengths_are_counted_both_ways() {
    let order = |body: String| ids(&ORDER.replace("JSAPI支付测试", &body));
    assert_eq!(order("b".repeat(128)), Vec::<String>::new());
    assert_eq!(order("茶".repeat(42)), Vec::<String>::new());
    assert_eq!(order("茶".repeat(43)), ["value_too_long body"]);
    assert_eq!(order("茶".repeat(128)), ["value_too_long body"]);
    assert_eq!(order("茶".repeat(129)), ["value_too_long body !"]);
    assert_eq!(order("b".repeat(129)), ["value_too_long body !"]);
}

#[test]
fn slips_of_a_front_end() {
    let call = |from: &str, to: &str| {
        let text = JSAPI.replace(from, to);
        assert_ne!(text, JSAPI, "{from}");
        ids(&text).join(", ")
    };
    let prepay = "prepay_id=wx2017033010242291fcfe0db70013231072";
    for (from, to, expected) in [
        ("timeStamp=1490840662", "timeStamp=1490840662000", "timestamp_in_milliseconds timeStamp !"),
        ("timeStamp=1490840662", "timeStamp=2017-03-30", "timestamp_not_seconds timeStamp !"),
        ("|timeStamp=1490840662", "", "field_missing timeStamp !"),
        (prepay, "wx2017033010242291fcfe0db70013231072", "package_without_prepay_id package !"),
        ("prepay_id", "perpay_id", "package_misspelt package →prepay_id= !"),
        (prepay, "prepay_id=undefined", "prepay_id_missing package !"),
        (prepay, "prepay_id=[object Object]", "prepay_id_missing package !"),
        (prepay, "prepay_id=", "prepay_id_missing package !"),
        (prepay, "prepay_id=***", "placeholder_left_in package !"),
        ("signType=MD5|", "", "sign_type_missing signType"),
        ("signType=MD5", "signType=HMAC_SHA256", "sign_type_unknown signType →HMAC-SHA256 !"),
        ("signType=MD5", "signType=RSA", "v2_in_v3 signType !"),
        ("appId=", "appid=", "name_wrong_case appid →appId !"),
        ("nonceStr=", "nonce_str=", "name_unknown nonce_str →nonceStr !"),
        ("paySign=", "Paysign=", "name_wrong_case Paysign →paySign !"),
        ("package=", "packageValue=", "name_unknown packageValue →package !"),
        ("paySign=", "mchKey=0|paySign=", "key_in_client_code mchKey !"),
    ] {
        assert_eq!(call(from, to), expected, "{from} → {to}");
    }
    let app = |from: &str, to: &str| ids(&APP.replace(from, to)).join(", ");
    assert_eq!(app("Sign=WXPay", "prepay_id=WX12"), "package_not_sign_wxpay package !");
    assert_eq!(app("1412000000", "1412000000000"), "timestamp_in_milliseconds timestamp !");
    assert_eq!(app("|sign=", "|sign_type=MD5|sign="), "field_not_accepted sign_type");
    assert_eq!(app("partnerid=1900000109|", ""), "field_missing partnerid !");
    assert_eq!(app("WX1217752501201407033233368018", "undefined"), "prepay_id_missing prepayid !");
}

#[test]
fn what_stood_there_without_quotes() {
    let mut reading = reading_of(pairs(JSAPI), Format::JsCall);
    reading.unquoted = vec!["timeStamp".into()];
    assert_eq!(told(&of(&reading)), ["timestamp_not_a_string timeStamp !"]);
    reading.unquoted = vec!["timestamp".into()];
    assert_eq!(told(&of(&reading)), Vec::<String>::new());
    reading.key_pasted = true;
    assert_eq!(told(&of(&reading)), ["key_in_source key"]);
    reading.at_customers = true;
    assert_eq!(told(&of(&reading)), ["key_in_client_code key !"]);
    reading.at_customers = false;
    // On a server a key is at home.
    reading.format = Format::Code;
    reading.fields = pairs(ORDER);
    assert_eq!(told(&of(&reading)), Vec::<String>::new());
}

#[test]
fn an_expression_is_a_value_too() {
    let mut reading = reading_of(pairs("package=prepay_id=wx2017033010242291|signType=MD5"), Format::JsCall);
    reading.expressions = ["timeStamp", "nonce_str", "paySign", "success"]
        .map(|name| (name.to_owned(), "res.data".to_owned()))
        .to_vec();
    assert_eq!(told(&of(&reading)), ["name_unknown nonce_str →nonceStr !"]);
}

/// WeChat Pay adds fields; only what looks like a slip is worth a word, and nothing of it refuses a notice.
#[test]
fn a_notice_may_have_more() {
    for (more, expected) in [
        ("future_field=x", ""),
        ("coupon_batch_id_0=1", ""),
        ("Attach=x", "name_wrong_case Attach →attach"),
        ("cuopon_fee_0=1", "name_unknown cuopon_fee_0 →coupon_fee_0"),
        ("nonceStr=1", ""),
        ("refund_desc=x", ""),
    ] {
        let found = ids(&format!("{NOTICE}|{more}")).join(", ");
        assert_eq!(found, expected, "{more}");
    }
    assert_eq!(ids(&NOTICE.replace("mch_id=10000100|nonce", "nonce")), ["field_missing mch_id"]);
    assert_eq!(ids(&NOTICE.replace("total_fee=1", "total_fee=1.0")), ["amount_not_integer_fen total_fee !"]);
    assert_eq!(ids(&NOTICE.replace("|sign=B552ED6B279343CB493C5DD0D78AB241", "")), ["unsigned sign !"]);
    let ambiguous = NOTICE.replace("attach=支付测试", "attach=a=1&b=2");
    assert_eq!(ids(&ambiguous), ["ambiguous_value attach"]);
    let dangerous = NOTICE.replace(
        "attach=支付测试",
        "attach=x&bank_type=CFT&cash_fee=1&fee_type=CNY&is_subscribe=Y&mch_id=10000100&nonce_str=x&openid=o&\
         out_trade_no=1409811654&result_code=SUCCESS&return_code=SUCCESS&time_end=20140903131540&total_fee=99&\
         trade_type=JSAPI&transaction_id=1004400740201409030005092169&zz=",
    );
    assert!(ids(&dangerous).iter().any(|id| id.starts_with("ambiguous attach")), "{:?}", ids(&dangerous));
}

#[test]
fn replies_that_have_no_signature() {
    assert_eq!(ids("return_code=FAIL|return_msg=签名错误"), ["reply_has_no_sign_on_failure return_code"]);
    assert_eq!(
        ids("return_code=FAIL|return_msg=No Bill Exist|error_code=20002"),
        ["reply_has_no_sign_on_failure return_code"]
    );
    let unsigned = ENVELOPE.replace("|sign=B7274EB9F8925EB93100DD2085FA56C0", "");
    assert_eq!(ids(&unsigned), ["unsigned sign !"]);
    assert_eq!(
        ids("return_code=SUCCESS|mch_id=10000100|sandbox_signkey=013467007045764"),
        Vec::<String>::new()
    );
}

#[test]
fn documents_that_belong_elsewhere() {
    for (text, expected) in [
        (
            "req_info=Z7BD|return_code=SUCCESS|appid=wx2421b1c4370ec43b|mch_id=10000100|nonce_str=x1|sign=AB",
            "wrong_envelope sign",
        ),
        ("ToUserName=gh_1|MsgType=text", "wrong_envelope ToUserName"),
        ("errcode=40029|errmsg=invalid code", "wrong_envelope errcode"),
        ("event_ciphertext=AB|event_nonce=1", "wrong_envelope event_ciphertext"),
        ("Wechatpay-Signature=WECHATPAY/SIGNTEST/abc", "v3_sign_probe Wechatpay-Signature"),
        ("mchid=1|description=x|out_trade_no=1234567|amount=1", "v3_in_v2 mchid"),
        ("mchid=1|description=x|out_trade_no=1234567|amount=1|sign=x", "v2_in_v3 sign !"),
    ] {
        assert_eq!(ids(text).join(", "), expected, "{text}");
    }
    let rsa = JSAPI.replace("22D9B4E54AB1950F51E0649E8810ACD6", &"tJHI".repeat(86));
    assert_eq!(ids(&rsa), ["v3_in_v2 paySign !"]);
    assert_eq!(ids(&rsa.replace("signType=MD5", "signType=RSA")), ["v3_in_v2 signType"]);
}

#[test]
fn what_shows_beside_something_else() {
    let call = reading_of(pairs(JSAPI), Format::JsCall);
    let order = |text: &str| told(&of_order(&call, Recognised::PayParamsJsapi, &pairs(text)));
    assert_eq!(order("appid=wxd678efh567hg6787|sign_type=MD5"), Vec::<String>::new());
    assert_eq!(
        order("appid=wxd678efh567hg6787|sign_type=HMAC-SHA256"),
        ["sign_type_differs_from_order signType →HMAC-SHA256 !"]
    );
    assert_eq!(
        order(&format!("appid=wxd678efh567hg6787|sign={}", "A".repeat(64))),
        ["sign_type_differs_from_order signType →HMAC-SHA256 !"]
    );
    assert_eq!(order("appid=wx2421b1c4370ec43b"), ["appid_of_other_kind appId !"]);
    assert_eq!(order("appid=wx2421b1c4370ec43b|sub_appid=wxd678efh567hg6787"), Vec::<String>::new());
    let order = reading_of(pairs(ORDER), Format::Xml);
    assert_eq!(told(&of_merchant(&order, "10000100", &["wx2421b1c4370ec43b"])), Vec::<String>::new());
    assert_eq!(
        told(&of_merchant(&order, "1900000109", &["wx8888888888888888"])),
        ["mch_id_mismatch mch_id →1900000109 !", "appid_of_other_kind appid"]
    );
    assert_eq!(of_key("192006250b4c09247ec02edce69f6a2d"), None);
    assert_eq!(of_key("192006250b4c09247ec02edce69f6a2d\n").map(|found| found.id), Some("key_not_32_bytes"));
    let digest = |asked| told(&findings(&order, Recognised::OrderRequest, Some(asked)));
    assert_eq!(digest(SignType::Md5), Vec::<String>::new());
    assert_eq!(digest(SignType::HmacSha256), ["downgrade sign !"]);
}

#[test]
fn every_refusal_of_xml_is_listed() {
    for kind in xml::RefusalKind::ALL {
        assert!(ALL.contains(&kind.name()), "{kind}");
    }
    let mut sorted = ALL.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), ALL.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is pasted is judged without a panic, and everything found has a listed id.
    #[test]
    fn anything_is_judged(
        names in proptest::collection::vec("[A-Za-z_]{1,20}|appid|mch_id|total_fee|timeStamp|package|paySign|sign|notify_url|trade_type|return_code", 0..12),
        values in proptest::collection::vec("\\PC{0,40}|[0-9.eE+-]{1,12}|https?://\\PC{0,20}|prepay_id=.{0,9}", 12),
        recognised in 0_usize..9,
    ) {
        let mut fields = Fields::new();
        for (name, value) in names.into_iter().zip(values) {
            let _ = fields.add(name, value);
        }
        let kinds = [
            Recognised::PaymentNotice, Recognised::RefundNotice, Recognised::RefundContent, Recognised::NativeCallback,
            Recognised::OrderRequest, Recognised::ApiReply, Recognised::PayParamsJsapi, Recognised::PayParamsApp,
            Recognised::Other,
        ];
        for finding in findings(&reading_of(fields, Format::Json), kinds[recognised], None) {
            prop_assert!(ALL.contains(&finding.id));
        }
    }
}

/// Where a key stands decides who has it.
#[test]
fn a_key_is_at_customers_only_in_what_runs_there() {
    const KEY: &str = "192006250b4c09247ec02edce69f6a2d";
    let call =
        "timeStamp: '1490840662', nonceStr: 'n', package: 'prepay_id=wx2017', signType: 'MD5', paySign: s";
    for (text, expected) in [
        (format!("wx.requestPayment({{ {call}, key: '{KEY}' }})"), "key_in_client_code"),
        (
            format!("WeixinJSBridge.invoke('getBrandWCPayRequest', {{ {call}, key: '{KEY}' }})"),
            "key_in_client_code",
        ),
        (
            format!("wx.login(); const p = {{ appid: 'wx1', mch_id: '1', key: '{KEY}' }}"),
            "key_in_client_code",
        ),
        (format!("const p = {{ appid: 'wx1', mch_id: '1', body: 'x', key: '{KEY}' }}"), "key_in_source"),
        (format!("p = {{'appId': 'wx1', 'timeStamp': '1490840662', 'mchSecret': '{KEY}'}}"), "key_in_source"),
        // What a server signs is handed to nobody.
        (
            format!("appId=wx1&nonceStr=n&package=prepay_id=wx2&signType=MD5&timeStamp=1490840662&key={KEY}"),
            "",
        ),
        (
            format!(
                "$p = array('appId' => 'wx1', 'timeStamp' => '1', 'package' => 'prepay_id=wx2', 'key' => '{KEY}');"
            ),
            "",
        ),
        (
            format!(
                "call.put(\"appId\", \"wx1\"); call.put(\"package\", \"prepay_id=wx2\"); call.put(\"key\", \"{KEY}\");"
            ),
            "",
        ),
        ("const p = { appid: 'wx1', mch_id: '1', body: 'x', key: config.key }".to_owned(), ""),
    ] {
        let reading = doctor::read::read(text.as_bytes()).unwrap();
        let found = of(&reading);
        let about: Vec<&str> = found.iter().map(|one| one.id).filter(|id| id.starts_with("key_in")).collect();
        assert_eq!(about.join(" "), expected, "{text}");
    }
}
