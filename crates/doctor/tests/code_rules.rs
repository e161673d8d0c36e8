//! Mistakes that programs make when they sign: each beside its right twin, of which nothing of the kind may be said.

use doctor::code::mistakes;

/// A signer in JavaScript, its parts to be changed.
const NODE: &str = "// 微信支付
const crypto = require('crypto')
function sign(params, key) {
  const text = Object.keys(params).filter(k => k !== 'sign' && params[k] !== '' && params[k] != null).sort()
    .map(k => `${k}=${params[k]}`).join('&') + '&key=' + key
  return crypto.createHash('md5').update(text, 'utf8').digest('hex').toUpperCase()
}
";

const PHP: &str = "<?php // 微信支付
function makeSign($values, $mchKey) {
    ksort($values);
    $text = '';
    foreach ($values as $k => $v) {
        if ($k != 'sign' && $v !== '' && $v !== null) { $text .= $k . '=' . $v . '&'; }
    }
    return strtoupper(md5($text . 'key=' . $mchKey));
}
";

const PYTHON: &str = "# 微信支付
import hashlib
def sign(params, mch_key):
    text = '&'.join('%s=%s' % (k, params[k]) for k in sorted(params) if k != 'sign' and params[k] not in (None, ''))
    return hashlib.md5((text + '&key=' + mch_key).encode('utf-8')).hexdigest().upper()
";

const JAVA: &str = "// 微信支付
public static String sign(Map<String, String> params, String mchKey) throws Exception {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, String> e : new TreeMap<>(params).entrySet()) {
        if (\"sign\".equals(e.getKey()) || StringUtils.isEmpty(e.getValue())) continue;
        text.append(e.getKey()).append(\"=\").append(e.getValue()).append(\"&\");
    }
    text.append(\"key=\").append(mchKey);
    return DigestUtils.md5Hex(text.toString().getBytes(\"UTF-8\")).toUpperCase();
}
";

const ORDER: &str = "async function order(ctx) {
  const params = {
    appid: config.appid, mch_id: config.mchId, nonce_str: nonce(), body: order.title, out_trade_no: order.number,
    total_fee: order.fen, spbill_create_ip: ctx.ip, notify_url: config.notifyUrl, trade_type: 'JSAPI', openid: ctx.openid,
  }
  params.sign = sign(params, config.key)
  return post(toXml(params))
}
";

/// The mistake, the program it is put into, what is right there, and what is wrong.
const CHANGES: &[(&str, &str, &str, &str)] = &[
    ("digest_not_upper_case", NODE, ".digest('hex').toUpperCase()", ".digest('hex').toLowerCase()"),
    ("digest_not_upper_case", PHP, "strtoupper(md5", "strtolower(md5"),
    ("digest_not_upper_case", PYTHON, ".hexdigest().upper()", ".hexdigest().lower()"),
    ("digest_not_upper_case", PYTHON, ".hexdigest().upper()", ".hexdigest()"),
    ("digest_not_upper_case", JAVA, ".toUpperCase()", ""),
    ("string_upper_cased", NODE, "update(text, 'utf8')", "update(text.toUpperCase(), 'utf8')"),
    (
        "string_upper_cased",
        PHP,
        "strtoupper(md5($text . 'key=' . $mchKey))",
        "md5(strtoupper($text . 'key=' . $mchKey))",
    ),
    ("digest_of_digest", PHP, "md5($text . 'key=' . $mchKey)", "md5(md5($text . 'key=' . $mchKey))"),
    ("digest_of_digest", NODE, "digest('hex')", "digest('base64')"),
    (
        "digest_of_digest",
        PHP,
        "strtoupper(md5($text . 'key=' . $mchKey))",
        "base64_encode(md5($text . 'key=' . $mchKey))",
    ),
    ("digest_unknown", NODE, "createHash('md5')", "createHash('sha256')"),
    ("digest_unknown", PHP, "md5($text", "sha1($text"),
    ("digest_unknown", PYTHON, "hashlib.md5(", "hashlib.sha256("),
    ("charset_wrong", JAVA, "getBytes(\"UTF-8\")", "getBytes(\"GBK\")"),
    ("charset_wrong", NODE, "update(text, 'utf8')", "update(text, 'latin1')"),
    ("charset_wrong", PYTHON, "encode('utf-8')", "encode('gbk')"),
    (
        "charset_wrong",
        PHP,
        "md5($text . 'key=' . $mchKey)",
        "md5(iconv('UTF-8', 'GBK', $text) . 'key=' . $mchKey)",
    ),
    ("sorted_otherwise", NODE, ".sort()", ".sort((a, b) => a.localeCompare(b))"),
    ("sorted_otherwise", NODE, ".sort()", ".sort((a, b) => a.toLowerCase() < b.toLowerCase() ? -1 : 1)"),
    ("sorted_otherwise", NODE, ".sort()", ".sort().reverse()"),
    ("sorted_otherwise", PHP, "ksort($values)", "krsort($values)"),
    ("sorted_otherwise", PHP, "ksort($values)", "asort($values)"),
    ("sorted_otherwise", PHP, "ksort($values)", "uksort($values, 'strcasecmp')"),
    ("sorted_otherwise", PYTHON, "sorted(params)", "sorted(params, key=str.lower)"),
    ("sorted_otherwise", PYTHON, "sorted(params)", "sorted(params, reverse=True)"),
    ("values_url_encoded", NODE, "${params[k]}`", "${encodeURIComponent(params[k])}`"),
    ("key_not_joined", NODE, " + '&key=' + key", ""),
    ("key_not_joined", NODE, " + '&key=' + key", " + key"),
    ("key_not_joined", PHP, "'key=' . $mchKey", "$mchKey"),
    ("key_of_other_kind", NODE, "'&key=' + key", "'&key=' + config.appSecret"),
    ("key_of_other_kind", PHP, "'key=' . $mchKey", "'key=' . $config['api_v3_key']"),
    (
        "field_added_after_sign",
        ORDER,
        "  params.sign = sign(params, config.key)\n",
        "  params.sign = sign(params, config.key)\n  params.sign_type = 'HMAC-SHA256'\n",
    ),
    (
        "field_added_after_sign",
        ORDER,
        "  params.sign = sign(params, config.key)\n",
        "  const s = sign(params, config.key)\n  params.attach = 'x'\n  params.sign = s\n",
    ),
    ("amount_not_integer_fen", ORDER, "order.fen", "order.price * 100"),
    ("amount_not_integer_fen", ORDER, "order.fen", "order.price.toFixed(2)"),
    ("amount_not_integer_fen", ORDER, "order.fen", "0.01"),
    ("amount_truncated", ORDER, "order.fen", "parseInt(order.price * 100)"),
    ("amount_truncated", ORDER, "order.fen", "Math.floor(order.price * 100)"),
    ("trade_type_unknown", ORDER, "'JSAPI'", "'jsapi'"),
    ("name_wrong_case", ORDER, "appid: config", "appId: config"),
];

fn ids(text: &str) -> Vec<&'static str> {
    mistakes(text).iter().map(|seen| seen.id).collect()
}

#[test]
fn one_change_makes_the_mistake() {
    let mut wrong = Vec::new();
    for text in [NODE, PHP, PYTHON, JAVA, ORDER] {
        let found = ids(text);
        if !found.is_empty() {
            wrong.push(format!("right, and {found:?}: {text}"));
        }
    }
    for (id, text, right, changed) in CHANGES {
        assert!(text.contains(right), "{right} is not in {text}");
        let found = ids(&text.replacen(right, changed, 1));
        if !found.contains(id) {
            wrong.push(format!("{changed}: {id} is not among {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A mistake, a piece with it, and its right twin.
const TWINS: &[(&str, &str, &str)] = &[
    (
        "not_sorted",
        "wxpay: s = 'appId=' + a + '&timeStamp=' + t + '&nonceStr=' + n + '&package=' + p + '&signType=MD5&key=' + k",
        "wxpay: s = 'appId=' + a + '&nonceStr=' + n + '&package=' + p + '&signType=MD5&timeStamp=' + t + '&key=' + k",
    ),
    (
        "not_sorted",
        "$s = \"appId=$a&timeStamp=$t&nonceStr=$n&package=prepay_id=$p&signType=MD5&key=$k\";",
        "$s = \"appId=$a&nonceStr=$n&package=prepay_id=$p&signType=MD5&timeStamp=$t&key=$k\";",
    ),
    (
        "not_sorted",
        "wxpay: const s = `mch_id=${m}&appid=${a}&nonce_str=${n}&key=${k}`",
        "wxpay: const s = `appid=${a}&mch_id=${m}&nonce_str=${n}&key=${k}`",
    ),
    (
        "app_id_left_out",
        "wxpay: s = 'nonceStr=' + n + '&package=' + p + '&signType=MD5&timeStamp=' + t + '&key=' + k",
        "wxpay: s = 'appId=' + a + '&nonceStr=' + n + '&package=' + p + '&signType=MD5&timeStamp=' + t + '&key=' + k",
    ),
    // An address is no string to sign.
    (
        "not_sorted",
        "wechat: s = 'mch_id=' + x + '&appid=' + a + '&body=' + c + '&key=' + k",
        "wechat: u = 'https://api.weixin.qq.com/x?secret=' + x + '&appid=' + a + '&js_code=' + c",
    ),
    // Another object was signed; the branch that adds a field is not the one that signs.
    (
        "field_added_after_sign",
        "$data = ['appid' => $a, 'mch_id' => $m, 'nonce_str' => $n, 'body' => $b];\n$data['sign'] = makeSign($data);\n$data['notify_url'] = $u;",
        "$data = ['appid' => $a, 'mch_id' => $m, 'nonce_str' => $n, 'body' => $b];\n$data['notify_url'] = $u;\n$data['sign'] = makeSign($data);",
    ),
    (
        "field_added_after_sign",
        "p = {'appid': a, 'mch_id': m, 'nonce_str': n, 'trade_type': t}\np['sign'] = sign(p)\np['body'] = b\n",
        "p = {'appid': a, 'mch_id': m, 'nonce_str': n, 'trade_type': t}\nif x:\n    p['sign'] = sign(p)\nelse:\n  p['body'] = b\n",
    ),
    (
        "field_added_after_sign",
        "Map<String, String> p = new TreeMap<>(); p.put(\"appid\", a); p.put(\"mch_id\", m); p.put(\"nonce_str\", n); p.put(\"trade_type\", t);\np.put(\"sign\", sign(p));\np.put(\"body\", b);",
        "Map<String, String> p = new TreeMap<>(); p.put(\"appid\", a); p.put(\"mch_id\", m); p.put(\"nonce_str\", n); p.put(\"trade_type\", t);\np.put(\"sign\", sign(p));\np.put(\"prepay_id\", b); p.put(\"nonce_str\", n);",
    ),
    (
        "field_added_after_sign",
        "const c = { timeStamp: t, nonceStr: n, package: p };\nc.paySign = sign(c);\nc.signType = 'MD5';",
        "const c = { timeStamp: t, nonceStr: n, package: p, signType: 'MD5' };\nc.paySign = sign(c);\nc.orderId = 1; c.timestamp = c.timeStamp;",
    ),
    (
        "nonce_made_twice",
        "const c = { timeStamp: t, nonceStr: makeNonce(), package: p, signType: 'MD5', paySign: sign({ appId: a, timeStamp: t, nonceStr: makeNonce(), package: p, signType: 'MD5' }) }",
        "const n = makeNonce(); const c = { timeStamp: t, nonceStr: n, package: p, signType: 'MD5', paySign: sign({ appId: a, timeStamp: t, nonceStr: n, package: p, signType: 'MD5' }) }",
    ),
    (
        "order_sign_reused",
        "return { timeStamp: t, nonceStr: r.nonce_str, package: 'prepay_id=' + r.prepay_id, signType: 'MD5', paySign: r.sign }",
        "return { timeStamp: t, nonceStr: n, package: 'prepay_id=' + r.prepay_id, signType: 'MD5', paySign: sign(p) }",
    ),
    // A server may call its own second signature so.
    (
        "order_sign_reused",
        "return { timeStamp: t, nonceStr: n, package: 'prepay_id=' + r.prepay_id, signType: 'MD5', paySign: r['sign'] }",
        "wx.requestPayment({ timeStamp: d.t, nonceStr: d.n, package: 'prepay_id=' + d.prepay_id, signType: d.s, paySign: d.sign })",
    ),
    (
        "sign_type_not_sent",
        "const p = { appid: a, mch_id: m, nonce_str: n, body: b, total_fee: 1, trade_type: 'NATIVE' }; p.sign = createHmac('sha256', key).update(s(p) + '&key=' + key).digest('hex').toUpperCase()",
        "const p = { appid: a, mch_id: m, nonce_str: n, body: b, total_fee: 1, trade_type: 'NATIVE', sign_type: 'HMAC-SHA256' }; p.sign = createHmac('sha256', key).update(s(p) + '&key=' + key).digest('hex').toUpperCase()",
    ),
    (
        "sign_type_contradicted",
        "const p = { appid: a, mch_id: m, nonce_str: n, body: b, sign_type: 'MD5' }; p.sign = createHmac('sha256', key).update(s(p) + '&key=' + key).digest('hex')",
        "const p = { appid: a, mch_id: m, nonce_str: n, body: b, sign_type: 'MD5' }; p.sign = createHash('md5').update(s(p) + '&key=' + key).digest('hex')",
    ),
    (
        "sign_type_contradicted",
        "p = dict(appid=a, mch_id=m, nonce_str=n, body=b, sign_type='HMAC-SHA256')\np['sign'] = md5(s(p) + '&key=' + key).upper()",
        "p = dict(appid=a, mch_id=m, nonce_str=n, body=b, sign_type='HMAC-SHA256')\np['sign'] = md5(s(p) + '&key=' + key).upper() if x else hmac_sha256(s(p))",
    ),
    (
        "package_not_sign_wxpay",
        "wxpay: map.put(\"appid\", a); map.put(\"partnerid\", m); map.put(\"prepayid\", p); map.put(\"package\", \"prepay_id=\" + p);",
        "wxpay: map.put(\"appid\", a); map.put(\"partnerid\", m); map.put(\"prepayid\", p); map.put(\"package\", \"Sign=WXPay\");",
    ),
    (
        "amount_not_integer_fen",
        "$d = ['appid' => $a, 'mch_id' => $m, 'nonce_str' => $n, 'total_fee' => sprintf('%.2f', $price)];",
        "$d = ['appid' => $a, 'mch_id' => $m, 'nonce_str' => $n, 'total_fee' => str_replace('.', '', sprintf('%.2f', $price))];",
    ),
    (
        "amount_truncated",
        "d = dict(appid=a, mch_id=m, nonce_str=n, total_fee=int(price * 100))",
        "d = dict(appid=a, mch_id=m, nonce_str=n, total_fee=int(round(price * 100)))",
    ),
    (
        "callback_never_verifies",
        "function notify(req) { const data = fromXml(req.rawBody); const sign = makeSign(data, key); log(sign);\n order.update(data); return '<xml><return_code>SUCCESS</return_code></xml>' } // 微信 FAIL",
        "function notify(req) { const data = fromXml(req.rawBody); const sign = makeSign(data, key); if (sign !== data.sign) return 'FAIL';\n order.update(data); return '<xml><return_code>SUCCESS</return_code></xml>' } // 微信",
    ),
    // Whatever tells right from wrong may be a helper.
    (
        "callback_never_verifies",
        "def notify(request):\n    data = fromxml(request.body)\n    sign = make_sign(data)\n    save(data)\n    return '<xml><return_code>SUCCESS</return_code></xml>' # wxpay",
        "def notify(request):\n    data = fromxml(request.body)\n    sign = make_sign(data)\n    if not same(sign, data): raise Forged\n    return '<xml><return_code>SUCCESS</return_code></xml>' # wxpay",
    ),
    (
        "key_literal_in_code",
        "$s = $s . '&key=192006250b4c09247ec02edce69f6a2d'; // 微信",
        "$s = $s . '&key=' . $config['mch_key']; // 微信",
    ),
    (
        "key_in_client_code",
        "wx.requestPayment({ timeStamp: t, nonceStr: n, package: p, signType: 'MD5', paySign: md5(s + '&key=' + key) })",
        "function sign(s, key) { return crypto.createHash('md5').update(s + '&key=' + key) }\nfunction pay(d) { wx.requestPayment(d) }",
    ),
    (
        "empty_values_included",
        "function sign(p) { return md5(Object.keys(p).sort().map(k => k + '=' + p[k]).join('&') + '&key=' + key).toUpperCase() }",
        "const p = { appId: id, timeStamp: t, nonceStr: n, package: 'prepay_id=' + r, signType: 'MD5' };\nconst s = Object.keys(p).sort().map(k => `${k}=${p[k]}`).join('&') + '&key=' + key;",
    ),
    (
        "empty_values_included",
        "<?php $p=['appid'=>'wx1','body'=>$b,'total_fee'=>1]; ksort($p); $s=http_build_query($p).'&key='.$key;",
        "<?php $p=['appid'=>'wx1','body'=>'x','total_fee'=>1]; ksort($p); $s=http_build_query($p).'&key='.$key; $p['sign']=md5($s);",
    ),
    (
        "charset_unstated",
        "String s = a + \"&key=\" + key; byte[] d = MessageDigest.getInstance(\"MD5\").digest(s.getBytes());",
        "String s = a + \"&key=\" + key; String d = MD5Util.md5(s);",
    ),
    (
        "digest_not_upper_case",
        "String s=\"appid=\"+a+\"&body=\"+b+\"&key=\"+key; String sign=MD5Util.md5(s).toLowerCase();",
        "String s=\"appid=\"+a+\"&body=\"+b+\"&key=\"+key; String k=MD5Util.md5(key).toLowerCase();",
    ),
    (
        "digest_not_upper_case",
        "String s=\"appid=\"+a+\"&body=\"+b+\"&key=\"+key; String sign=MD5Util.md5(s).toLowerCase();",
        "String s=\"appid=\"+a+\"&body=\"+b+\"&key=\"+key; String token=MD5Util.md5(password).toLowerCase();",
    ),
    (
        "digest_not_upper_case",
        "<?php ksort($p); $s=http_build_query($p).'&key='.$key; $p['sign']=md5($s);",
        "<?php ksort($p); $s=http_build_query($p).'&key='.$key; $p['sign']=strtoupper(md5($s));",
    ),
    (
        "digest_not_upper_case",
        "s='&'.join('%s=%s'%(k,p[k]) for k in sorted(p))+'&key='+key\nsign=hashlib.md5(s.encode('utf-8')).hexdigest()",
        "s='&'.join('%s=%s'%(k,p[k]) for k in sorted(p))+'&key='+key\nsign=hashlib.md5(s.encode('utf-8')).hexdigest().upper()",
    ),
    (
        "digest_not_upper_case",
        "<?php ksort($p); $s=http_build_query($p).'&key='.$key; $p['sign']=md5($s);",
        "<?php ksort($p); $s=http_build_query($p).'&key='.$key; $cache=md5($s);",
    ),
    (
        "key_not_joined",
        "String s=\"appid=\"+a+\"&total_fee=\"+t+\"key=\"+key; String sign=MD5.of(s);",
        "String s=\"appid=\"+a+\"&total_fee=\"+t+\"&key=\"+key; String sign=MD5.of(s); // 微信",
    ),
    (
        "key_not_joined",
        "<?php ksort($p); $s=urldecode(http_build_query($p)).'key='.$key; // 微信",
        "<?php ksort($p); $s=urldecode(http_build_query($p)).'&'.'key='.$key; // 微信",
    ),
    ("key_not_joined", "s='&'.join(a)+'key='+key # 微信", "s='&'.join(a)+'&'+'key='+key # 微信"),
    (
        "name_unknown",
        "wx.requestPayment({ timeStamp: t, nonceStr: n, packageValue: d.p, signType: 'MD5', paySign: d.s })",
        "wx.requestPayment({ timeStamp: t, nonceStr: n, package: d.packageValue, signType: 'MD5', paySign: d.s })",
    ),
    (
        "trade_type_unknown",
        "request.setTradeType(\"jsapi\"); request.setMchId(\"x\"); // wxpay",
        "request.setTradeType(\"JSAPI\"); request.setMchId(m); // wxpay",
    ),
    (
        "notify_url_unusable",
        "$input->SetBody($b); $input->SetNotify_url('http://localhost/notify'); // wxpay",
        "$input->SetBody($b); $input->SetNotify_url('https://shop.example.org/notify'); // wxpay",
    ),
];

#[test]
fn each_mistake_has_a_right_twin() {
    let mut wrong = Vec::new();
    for (id, text, twin) in TWINS {
        let found = ids(text);
        if !found.contains(id) {
            wrong.push(format!("{id} is not among {found:?} in {text}"));
        }
        let found = ids(twin);
        if found.contains(id) {
            wrong.push(format!("{id} is blamed on {twin}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A megabyte of what the rules look at would take hours, were one of them quadratic.
#[test]
fn hostile_programs_end_soon() {
    for piece in [
        "md5(",
        "update(",
        "sort(",
        "sorted(params, ",
        "base64_encode(",
        "x.setBody(",
        "[(\"appid\", ",
        "Map.of(\"appid\", ",
        "mapOf(\"appid\" to ",
        "<<<XML\n",
        "<<~A ",
        "...a, ",
        "p.sign = sign(p); p.body = b; ",
        "p.put(\"sign\", s(p)); ",
        "{appid: a, mch_id: b, nonce_str: c, sign: s(p)} ",
        "'appId=' + a + '&key=' + k; ",
        "\"&key=\" + a.b.c.",
        "nonceStr: nonce(), paySign: sign({",
        "sign = sign(a); ",
        "toLowerCase(",
        "\"$a\"",
        "'a' => \"$",
        "setAppid(\"x\").",
        "getBytes(\"GBK\") ",
    ] {
        for start in ["微信 ", "微信 function sign(p) { for (k in p) ksort(p); md5(a + \"&key=\" + b); "]
        {
            let text = format!("{start}{}", piece.repeat(128 * 1024 / piece.len()));
            let _ = mistakes(&text);
            let _ = doctor::code::read(&text);
            let _ = doctor::read::read(text.as_bytes());
        }
    }
}

#[test]
fn nothing_is_missing_in_what_was_not_looked_at() {
    let handler = "function notify(req) { const data = fromXml(req.rawBody);\n order.update(data); return '<xml><return_code>SUCCESS</return_code></xml>' } // 微信\n";
    let wrong = "const p = { appid: a, mch_id: m, nonce_str: n, trade_type: 'JSPAI' } // 微信\n";
    let whole = format!("{wrong}{handler}");
    assert!(ids(&whole).contains(&"callback_never_verifies"), "{:?}", ids(&whole));
    let cut = format!("{whole}{}", "const verified = check(data, key)\n".repeat(2000));
    assert!(doctor::code::is_cut(&cut) && !doctor::code::is_cut(&whole));
    assert!(!ids(&cut).contains(&"callback_never_verifies"), "{:?}", ids(&cut));
    assert!(ids(&cut).contains(&"trade_type_unknown"), "what stands there stays a mistake: {:?}", ids(&cut));
}

/// `prepay_id=` at the end of a text goes on in the program: the step before may well have got one.
#[test]
fn a_text_that_goes_on_is_no_value() {
    let signs = "String s=\"appId=\"+appId+\"&nonceStr=\"+n+\"&package=prepay_id=\"+pid+\"&signType=MD5&timeStamp=\"+ts+\"&key=\"+key;";
    let reading = doctor::code::read(signs).unwrap();
    assert_eq!(reading.fields.text("package"), None, "{reading:?}");
    assert_eq!(reading.fields.text("signType"), Some("MD5"), "{reading:?}");
    assert!(reading.expressions.iter().any(|(name, _)| name == "package"), "{reading:?}");
    // Nothing follows here.
    let whole =
        doctor::code::read("String s = \"appId=a&nonceStr=b&package=prepay_id=x&timeStamp=1\";").unwrap();
    assert_eq!(whole.fields.text("package"), Some("prepay_id=x"), "{whole:?}");
}

#[test]
fn the_wrong_names_of_one_line_are_said_once() {
    let seen = mistakes(
        "String s=\"appid=\"+appid+\"&noncestr=\"+n+\"&package=\"+p+\"&signType=MD5\"+\"&key=\"+key;",
    );
    let names: Vec<_> =
        seen.iter().filter(|one| one.id == "name_wrong_case").map(|one| &one.params).collect();
    let expected = vec![("from", "appid, noncestr".to_owned()), ("to", "appId, nonceStr".to_owned())];
    assert_eq!(names, [&expected]);
}
