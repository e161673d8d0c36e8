//! The one line that mends a cause, in each language.
//!
//! The lines share a few names: `params` are the fields by name, `joined` is the string of the sorted fields, `text` is
//! what is digested, `key` is the API key.

use super::language::Language;
use crate::cause::Cause;

/// A line for each language.
struct Lines {
    node: &'static str,
    python: &'static str,
    java: &'static str,
    go: &'static str,
    php: &'static str,
    rust: &'static str,
}

const OWN_KEY: Lines = Lines {
    node: "const key = apiV2Keys[params.mch_id]; // the APIv2 key of this very merchant",
    python: "key = api_v2_keys[params[\"mch_id\"]]  # the APIv2 key of this very merchant",
    java: "String key = apiV2Keys.get(params.get(\"mch_id\")); // the APIv2 key of this very merchant",
    go: "key := apiV2Keys[params[\"mch_id\"]] // the APIv2 key of this very merchant",
    php: "$key = $apiV2Keys[$params['mch_id']]; // the APIv2 key of this very merchant",
    rust: "let key = &api_v2_keys[&params[\"mch_id\"]]; // the APIv2 key of this very merchant",
};

const TRIMMED_KEY: Lines = Lines {
    node: r#"const key = process.env.WXPAY_API_KEY.replace(/^[\s"']+|[\s"']+$/g, '');"#,
    python: r#"key = os.environ["WXPAY_API_KEY"].strip("\ufeff \t\r\n\"'")"#,
    java: r#"String key = System.getenv("WXPAY_API_KEY").replaceAll("^[\\s\\uFEFF\"']+|[\\s\\uFEFF\"']+$", "");"#,
    go: r#"key := strings.Trim(os.Getenv("WXPAY_API_KEY"), "\ufeff \t\r\n\"'")"#,
    php: r#"$key = preg_replace('/^[\s\x{FEFF}"\']+|[\s\x{FEFF}"\']+$/u', '', getenv('WXPAY_API_KEY'));"#,
    rust: r#"let key = key.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '"' | '\''));"#,
};

const KEY_AS_IT_IS: Lines = Lines {
    node: "const text = joined + '&key=' + key; // neither toUpperCase() nor toLowerCase() on the key",
    python: "text = joined + \"&key=\" + key  # neither upper() nor lower() on the key",
    java: "String text = joined + \"&key=\" + key; // neither toUpperCase() nor toLowerCase() on the key",
    go: "text := joined + \"&key=\" + key // neither ToUpper nor ToLower on the key",
    php: "$text = $joined . '&key=' . $key; // neither strtoupper() nor strtolower() on the key",
    rust: "let text = format!(\"{joined}&key={key}\"); // neither to_uppercase() nor to_lowercase() on the key",
};

const KEY_OR_NOTHING: Lines = Lines {
    node: "if (Buffer.byteLength(key ?? '') !== 32) throw new Error('the API key is missing');",
    python: "if len((key or \"\").encode()) != 32: raise ValueError(\"the API key is missing\")",
    java: "if (key == null || key.length() != 32) throw new IllegalStateException(\"the API key is missing\");",
    go: "if len(key) != 32 { return errors.New(\"the API key is missing\") }",
    php: "if (strlen((string) $key) !== 32) throw new RuntimeException('the API key is missing');",
    rust: "if key.len() != 32 { return Err(\"the API key is missing\".into()); }",
};

const KEY_AT_THE_END: Lines = Lines {
    node: "const text = joined + '&key=' + key; // behind the sorted fields, itself not sorted in",
    python: "text = joined + \"&key=\" + key  # behind the sorted fields, itself not sorted in",
    java: "String text = joined + \"&key=\" + key; // behind the sorted fields, itself not sorted in",
    go: "text := joined + \"&key=\" + key // behind the sorted fields, itself not sorted in",
    php: "$text = $joined . '&key=' . $key; // behind the sorted fields, itself not sorted in",
    rust: "let text = format!(\"{joined}&key={key}\"); // behind the sorted fields, itself not sorted in",
};

const HMAC: Lines = Lines {
    node: "const sign = crypto.createHmac('sha256', key).update(joined + '&key=' + key, 'utf8').digest('hex').toUpperCase();",
    python: "sign = hmac.new(key.encode(), (joined + \"&key=\" + key).encode(), hashlib.sha256).hexdigest().upper()",
    java: "mac.init(new SecretKeySpec(key.getBytes(UTF_8), \"HmacSHA256\")); byte[] digest = mac.doFinal((joined + \"&key=\" + key).getBytes(UTF_8));",
    go: "mac := hmac.New(sha256.New, []byte(key)); mac.Write([]byte(joined + \"&key=\" + key)); sign := fmt.Sprintf(\"%X\", mac.Sum(nil))",
    php: "$sign = strtoupper(hash_hmac('sha256', $joined . '&key=' . $key, $key));",
    rust: "let sum = Hmac::<Sha256>::new_from_slice(key.as_bytes())?.chain_update(format!(\"{joined}&key={key}\")).finalize();",
};

const MD5: Lines = Lines {
    node: "const sign = crypto.createHash('md5').update(joined + '&key=' + key, 'utf8').digest('hex').toUpperCase();",
    python: "sign = hashlib.md5((joined + \"&key=\" + key).encode(\"utf-8\")).hexdigest().upper()",
    java: "byte[] digest = MessageDigest.getInstance(\"MD5\").digest((joined + \"&key=\" + key).getBytes(UTF_8));",
    go: "sign := fmt.Sprintf(\"%X\", md5.Sum([]byte(joined+\"&key=\"+key)))",
    php: "$sign = strtoupper(md5($joined . '&key=' . $key));",
    rust: "let sum = Md5::digest(format!(\"{joined}&key={key}\"));",
};

const MD5_OR_HMAC: Lines = Lines {
    node: "const hash = signType === 'HMAC-SHA256' ? crypto.createHmac('sha256', key) : crypto.createHash('md5');",
    python: "hash = hmac.new(key.encode(), digestmod=\"sha256\") if sign_type == \"HMAC-SHA256\" else hashlib.md5()",
    java: "byte[] digest = \"HMAC-SHA256\".equals(signType) ? hmacSha256(key, text) : MessageDigest.getInstance(\"MD5\").digest(text.getBytes(UTF_8));",
    go: "hash := md5.New(); if signType == \"HMAC-SHA256\" { hash = hmac.New(sha256.New, []byte(key)) }",
    php: "$sign = strtoupper($signType === 'HMAC-SHA256' ? hash_hmac('sha256', $text, $key) : md5($text));",
    rust: "let sign = if sign_type == \"HMAC-SHA256\" { hmac_sha256(key, &text) } else { md5(&text) };",
};

const CAPITALS: Lines = Lines {
    node: "const sign = hash.digest('hex').toUpperCase();",
    python: "sign = digest.hexdigest().upper()",
    java: "String sign = hex.toUpperCase(Locale.ROOT);",
    go: "sign := strings.ToUpper(hex.EncodeToString(sum))",
    php: "$sign = strtoupper($digest);",
    rust: "let sign: String = sum.iter().map(|byte| format!(\"{byte:02X}\")).collect();",
};

const ONCE: Lines = Lines {
    node: "const sign = hash.update(text, 'utf8').digest('hex').toUpperCase(); // once, and in hex",
    python: "sign = digest(text.encode(\"utf-8\")).hexdigest().upper()  # once, and in hex",
    java: "String sign = HexFormat.of().withUpperCase().formatHex(digest(text.getBytes(UTF_8))); // once, and in hex",
    go: "sign := strings.ToUpper(hex.EncodeToString(digest([]byte(text)))) // once, and in hex",
    php: "$sign = strtoupper($signType === 'HMAC-SHA256' ? hash_hmac('sha256', $text, $key) : md5($text)); // once, and in hex",
    rust: "let sign: String = digest(text.as_bytes()).iter().map(|byte| format!(\"{byte:02X}\")).collect(); // once, and in hex",
};

const WITHOUT_EMPTY: Lines = Lines {
    node: "const signed = Object.entries(params).filter(([, value]) => value !== '');",
    python: "signed = {name: value for name, value in params.items() if value != \"\"}",
    java: "params.values().removeIf(value -> value == null || value.isEmpty());",
    go: "for name, value := range params { if value == \"\" { delete(params, name) } }",
    php: "$signed = array_filter($params, fn ($value) => $value !== '' && $value !== null);",
    rust: "params.retain(|_, value| !value.is_empty());",
};

const WITH_ZEROS: Lines = Lines {
    node: "const signed = Object.entries(params).filter(([, value]) => String(value ?? '') !== ''); // 0 stays",
    python: "signed = {name: str(value) for name, value in params.items() if value not in (None, \"\")}  # 0 stays",
    java: "params.values().removeIf(value -> value == null || value.toString().isEmpty()); // 0 stays",
    go: "for name, value := range params { if value == \"\" { delete(params, name) } } // \"0\" stays: send texts, not numbers with omitempty",
    php: "$signed = array_filter($params, fn ($value) => (string) $value !== ''); // empty('0') is true: 0 stays",
    rust: "params.retain(|_, value| !value.is_empty()); // \"0\" stays",
};

const WITHOUT_NULL: Lines = Lines {
    node: "const signed = Object.entries(params).filter(([, value]) => value !== undefined && value !== null && value !== '');",
    python: "signed = {name: value for name, value in params.items() if value not in (None, \"\")}",
    java: "params.values().removeIf(value -> value == null || value.isEmpty()); // before String.valueOf makes \"null\" of it",
    go: "if value != nil && *value != \"\" { params[name] = *value }",
    php: "$signed = array_filter($params, fn ($value) => $value !== null && $value !== '');",
    rust: "if let Some(value) = value.filter(|value| !value.is_empty()) { params.insert(name, value); }",
};

const WITHOUT_SIGN: Lines = Lines {
    node: "const { sign, paySign, ...signed } = params;",
    python: "signed = {name: value for name, value in params.items() if name not in (\"sign\", \"paySign\")}",
    java: "params.keySet().removeAll(Set.of(\"sign\", \"paySign\"));",
    go: "delete(params, \"sign\"); delete(params, \"paySign\")",
    php: "unset($params['sign'], $params['paySign']);",
    rust: "params.retain(|name, _| name != \"sign\" && name != \"paySign\");",
};

const ALL_BUT_SIGN: Lines = Lines {
    node: "const signed = Object.entries(params).filter(([name, value]) => name !== 'sign' && value !== ''); // every field, known or not",
    python: "signed = {name: value for name, value in params.items() if name != \"sign\" and value != \"\"}  # every field, known or not",
    java: "Map<String, String> signed = new TreeMap<>(params); signed.remove(\"sign\"); // every field of the message, not those of a class",
    go: "for name, value := range params { if name != \"sign\" && value != \"\" { signed[name] = value } } // every field, not those of a struct",
    php: "$signed = array_filter($params, fn ($value, $name) => $name !== 'sign' && $value !== '', ARRAY_FILTER_USE_BOTH); // every field",
    rust: "let signed = params.iter().filter(|(name, value)| *name != \"sign\" && !value.is_empty()); // every field, known or not",
};

const SIGN_TYPE_SENT: Lines = Lines {
    node: "params.sign_type = signType; // before signing, and sent too",
    python: "params[\"sign_type\"] = sign_type  # before signing, and sent too",
    java: "params.put(\"sign_type\", signType); // before signing, and sent too",
    go: "params[\"sign_type\"] = signType // before signing, and sent too",
    php: "$params['sign_type'] = $signType; // before signing, and sent too",
    rust: "params.insert(\"sign_type\".into(), sign_type.into()); // before signing, and sent too",
};

const SAME_SENT: Lines = Lines {
    node: "const sent = { ...params, sign: sign(params, key) }; // what is signed is what is sent",
    python: "sent = {**params, \"sign\": sign(params, key)}  # what is signed is what is sent",
    java: "params.put(\"sign\", sign(params, key)); // the map that is signed is the map that is sent",
    go: "params[\"sign\"] = sign(params, key) // the map that is signed is the map that is sent",
    php: "$params['sign'] = sign($params, $key); // what is signed is what is sent",
    rust: "params.insert(\"sign\".into(), sign(&params, key)); // the map that is signed is the map that is sent",
};

const JSAPI_SET: Lines = Lines {
    node: "const paySign = sign({ appId, timeStamp, nonceStr, package: `prepay_id=${prepayId}`, signType }, key);",
    python: "pay_sign = sign({\"appId\": app_id, \"timeStamp\": time, \"nonceStr\": nonce, \"package\": f\"prepay_id={prepay_id}\", \"signType\": sign_type}, key)",
    java: "String paySign = sign(Map.of(\"appId\", appId, \"timeStamp\", time, \"nonceStr\", nonce, \"package\", \"prepay_id=\" + prepayId, \"signType\", signType), key);",
    go: "paySign := sign(map[string]string{\"appId\": appID, \"timeStamp\": time, \"nonceStr\": nonce, \"package\": \"prepay_id=\" + prepayID, \"signType\": signType}, key)",
    php: "$paySign = sign(['appId' => $appId, 'timeStamp' => $time, 'nonceStr' => $nonce, 'package' => 'prepay_id=' . $prepayId, 'signType' => $signType], $key);",
    rust: "let pay_sign = sign(&[(\"appId\", app_id), (\"timeStamp\", time), (\"nonceStr\", nonce), (\"package\", &format!(\"prepay_id={prepay_id}\")), (\"signType\", sign_type)], key);",
};

const APP_SET: Lines = Lines {
    node: "const sign = signOf({ appid, partnerid, prepayid, package: 'Sign=WXPay', noncestr, timestamp }, key);",
    python: "sign = sign_of({\"appid\": appid, \"partnerid\": mch_id, \"prepayid\": prepay_id, \"package\": \"Sign=WXPay\", \"noncestr\": nonce, \"timestamp\": time}, key)",
    java: "String sign = sign(Map.of(\"appid\", appid, \"partnerid\", mchId, \"prepayid\", prepayId, \"package\", \"Sign=WXPay\", \"noncestr\", nonce, \"timestamp\", time), key);",
    go: "sign := signOf(map[string]string{\"appid\": appID, \"partnerid\": mchID, \"prepayid\": prepayID, \"package\": \"Sign=WXPay\", \"noncestr\": nonce, \"timestamp\": time}, key)",
    php: "$sign = sign(['appid' => $appid, 'partnerid' => $mchId, 'prepayid' => $prepayId, 'package' => 'Sign=WXPay', 'noncestr' => $nonce, 'timestamp' => $time], $key);",
    rust: "let sign = sign(&[(\"appid\", appid), (\"partnerid\", mch_id), (\"prepayid\", prepay_id), (\"package\", \"Sign=WXPay\"), (\"noncestr\", nonce), (\"timestamp\", time)], key);",
};

const PROVIDER: Lines = Lines {
    node: "const appId = order.sub_openid ? order.sub_appid : order.appid; // of whoever's app calls; the key stays the provider's",
    python: "app_id = order[\"sub_appid\"] if order.get(\"sub_openid\") else order[\"appid\"]  # of whoever's app calls",
    java: "String appId = order.containsKey(\"sub_openid\") ? order.get(\"sub_appid\") : order.get(\"appid\"); // of whoever's app calls",
    go: "appID := order[\"appid\"]; if order[\"sub_openid\"] != \"\" { appID = order[\"sub_appid\"] } // of whoever's app calls",
    php: "$appId = empty($order['sub_openid']) ? $order['appid'] : $order['sub_appid']; // of whoever's app calls",
    rust: "let app_id = if order.contains_key(\"sub_openid\") { &order[\"sub_appid\"] } else { &order[\"appid\"] }; // of whoever's app calls",
};

const SORTED: Lines = Lines {
    node: "const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)); // by bytes, not localeCompare",
    python: "sorted_fields = sorted(params.items())  # by bytes, capitals first",
    java: "SortedMap<String, String> sorted = new TreeMap<>(params); // by bytes, neither CASE_INSENSITIVE_ORDER nor Collator",
    go: "sort.Strings(names) // by bytes",
    php: "ksort($params, SORT_STRING); // by bytes, neither SORT_NATURAL nor SORT_FLAG_CASE",
    rust: "let sorted: BTreeMap<&str, &str> = params.into_iter().collect(); // by bytes",
};

const RAW: Lines = Lines {
    node: "const joined = sorted.map(([name, value]) => `${name}=${value}`).join('&'); // raw values, not URLSearchParams",
    python: "joined = \"&\".join(f\"{name}={value}\" for name, value in sorted(signed.items()))  # raw values, not urlencode",
    java: "String joined = sorted.entrySet().stream().map(e -> e.getKey() + \"=\" + e.getValue()).collect(Collectors.joining(\"&\")); // raw values",
    go: "pairs = append(pairs, name+\"=\"+params[name]) // raw values joined by &, not url.Values.Encode",
    php: "$joined = implode('&', array_map(fn ($name, $value) => \"$name=$value\", array_keys($signed), $signed)); // not http_build_query",
    rust: "let joined = sorted.iter().map(|(name, value)| format!(\"{name}={value}\")).collect::<Vec<_>>().join(\"&\"); // raw values",
};

const NOT_DECODED: Lines = Lines {
    node: "const joined = sorted.map(([name, value]) => `${name}=${value}`).join('&'); // no decodeURIComponent",
    python: "joined = \"&\".join(f\"{name}={value}\" for name, value in sorted(signed.items()))  # no unquote",
    java: "String joined = sorted.entrySet().stream().map(e -> e.getKey() + \"=\" + e.getValue()).collect(Collectors.joining(\"&\")); // no URLDecoder",
    go: "pairs = append(pairs, name+\"=\"+params[name]) // no url.QueryUnescape",
    php: "$joined = implode('&', array_map(fn ($name, $value) => \"$name=$value\", array_keys($signed), $signed)); // no urldecode",
    rust: "let joined = sorted.iter().map(|(name, value)| format!(\"{name}={value}\")).collect::<Vec<_>>().join(\"&\"); // not decoded",
};

const UNESCAPED: Lines = Lines {
    node: "const value = raw.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '\"').replace(/&apos;/g, \"'\").replace(/&amp;/g, '&');",
    python: "value = xml.sax.saxutils.unescape(raw, {\"&quot;\": '\"', \"&apos;\": \"'\"})  # before signing",
    java: "String value = element.getTextContent(); // the text, not the markup",
    go: "value := field.Text // xml:\",chardata\" is the text; xml:\",innerxml\" is the markup",
    php: "$value = (string) $xml->{$name}; // the text; asXML() is the markup",
    rust: "let value = quick_xml::escape::unescape(raw)?; // before signing",
};

const WITHOUT_CDATA: Lines = Lines {
    node: "const value = raw.replace(/^<!\\[CDATA\\[([\\s\\S]*)\\]\\]>$/, '$1'); // sign what is inside",
    python: "value = xml.etree.ElementTree.fromstring(body).findtext(name)  # what is inside the CDATA",
    java: "String value = element.getTextContent(); // what is inside the CDATA; wrap it only when writing XML",
    go: "value := field.Text // xml:\",chardata\": what is inside the CDATA; wrap it only when writing XML",
    php: "$xml = simplexml_load_string($body, 'SimpleXMLElement', LIBXML_NOCDATA); // what is inside the CDATA",
    rust: "let value = raw.strip_prefix(\"<![CDATA[\").and_then(|text| text.strip_suffix(\"]]>\")).unwrap_or(raw);",
};

const JSON_ONCE: Lines = Lines {
    node: "params.detail = JSON.stringify(detail); // once: this very text is signed and sent",
    python: "params[\"detail\"] = json.dumps(detail, ensure_ascii=False)  # once: this very text is signed and sent",
    java: "params.put(\"detail\", mapper.writeValueAsString(detail)); // once: this very text is signed and sent",
    go: "text, err := json.Marshal(detail); params[\"detail\"] = string(text) // once: this very text is signed and sent",
    php: "$params['detail'] = json_encode($detail, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES); // once: signed and sent",
    rust: "params.insert(\"detail\".into(), serde_json::to_string(&detail)?); // once: this very text is signed and sent",
};

const NOT_TRIMMED: Lines = Lines {
    node: "const joined = sorted.map(([name, value]) => `${name}=${value}`).join('&'); // no trim()",
    python: "joined = \"&\".join(f\"{name}={value}\" for name, value in sorted(signed.items()))  # no strip()",
    java: "String joined = sorted.entrySet().stream().map(e -> e.getKey() + \"=\" + e.getValue()).collect(Collectors.joining(\"&\")); // no trim()",
    go: "pairs = append(pairs, name+\"=\"+params[name]) // no strings.TrimSpace",
    php: "$joined = implode('&', array_map(fn ($name, $value) => \"$name=$value\", array_keys($signed), $signed)); // no trim()",
    rust: "let joined = sorted.iter().map(|(name, value)| format!(\"{name}={value}\")).collect::<Vec<_>>().join(\"&\"); // no trim()",
};

const TRIMMED_FIRST: Lines = Lines {
    node: "params = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, value.trim()])); // then sign, then send",
    python: "params = {name: value.strip() for name, value in params.items()}  # then sign, then send",
    java: "params.replaceAll((name, value) -> value.trim()); // then sign, then send",
    go: "for name, value := range params { params[name] = strings.TrimSpace(value) } // then sign, then send",
    php: "$params = array_map('trim', $params); // then sign, then send",
    rust: "params.values_mut().for_each(|value| *value = value.trim().to_owned()); // then sign, then send",
};

const LINE_FEEDS: Lines = Lines {
    node: "params = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, value.replace(/\\r\\n?/g, '\\n')])); // then sign, then send",
    python: "params = {name: value.replace(\"\\r\\n\", \"\\n\").replace(\"\\r\", \"\\n\") for name, value in params.items()}  # then sign, then send",
    java: "params.replaceAll((name, value) -> value.replaceAll(\"\\\\r\\\\n?\", \"\\n\")); // then sign, then send",
    go: "for name, value := range params { params[name] = strings.ReplaceAll(value, \"\\r\\n\", \"\\n\") } // then sign, then send",
    php: "$params = array_map(fn ($value) => preg_replace('/\\r\\n?/', \"\\n\", $value), $params); // then sign, then send",
    rust: "params.values_mut().for_each(|value| *value = value.replace(\"\\r\\n\", \"\\n\")); // then sign, then send",
};

const TEXTS: Lines = Lines {
    node: "const params = new XMLParser({ parseTagValue: false }).parse(body).xml; // texts, never numbers",
    python: "params = {field.tag: field.text or \"\" for field in ElementTree.fromstring(body)}  # texts, never numbers",
    java: "Map<String, String> params = new TreeMap<>(); // texts, never Integer, Long or Double",
    go: "params := map[string]string{} // texts, never map[string]interface{}, whose numbers are float64",
    php: "$params = array_map('strval', (array) simplexml_load_string($body, 'SimpleXMLElement', LIBXML_NOCDATA)); // texts",
    rust: "let params: BTreeMap<String, String> = read(body)?; // texts, never numbers",
};

const UTF8: Lines = Lines {
    node: "hash.update(Buffer.from(text, 'utf8'));",
    python: "digest = hashlib.md5(text.encode(\"utf-8\"))",
    java: "byte[] bytes = text.getBytes(StandardCharsets.UTF_8); // not getBytes() alone",
    go: "sum := md5.Sum([]byte(text)) // Go's strings are UTF-8: decode what comes as GBK when it comes",
    php: "$sign = strtoupper(md5(mb_convert_encoding($text, 'UTF-8', mb_detect_encoding($text, ['UTF-8', 'GBK'], true))));",
    rust: "let sum = Md5::digest(text.as_bytes()); // UTF-8",
};

const AMPERSANDS: Lines = Lines {
    node: "const text = sorted.map(([name, value]) => `${name}=${value}`).join('&') + '&key=' + key;",
    python: "text = \"&\".join(f\"{name}={value}\" for name, value in sorted(signed.items())) + \"&key=\" + key",
    java: "String text = String.join(\"&\", pairs) + \"&key=\" + key; // each pair is name + \"=\" + value",
    go: "text := strings.Join(pairs, \"&\") + \"&key=\" + key // each pair is name + \"=\" + value",
    php: "$text = implode('&', $pairs) . '&key=' . $key; // each pair is $name . '=' . $value",
    rust: "let text = pairs.join(\"&\") + \"&key=\" + key; // each pair is name=value",
};

const NO_QUOTES: Lines = Lines {
    node: "const pair = `${name}=${value}`; // not JSON.stringify(value)",
    python: "pair = f\"{name}={value}\"  # neither {value!r} nor json.dumps(value)",
    java: "String pair = name + \"=\" + node.asText(); // not node.toString(), which keeps the quotes",
    go: "pair := name + \"=\" + value // neither %q nor json.Marshal",
    php: "$pair = $name . '=' . $value; // neither json_encode nor var_export",
    rust: "let pair = format!(\"{name}={value}\"); // not {value:?}",
};

const PACKAGE: Lines = Lines {
    node: "const package_ = `prepay_id=${reply.prepay_id}`; // signed and sent like this (an app's is 'Sign=WXPay')",
    python: "package = f\"prepay_id={reply['prepay_id']}\"  # signed and sent like this (an app's is \"Sign=WXPay\")",
    java: "String pkg = \"prepay_id=\" + reply.get(\"prepay_id\"); // signed and sent like this (an app's is \"Sign=WXPay\")",
    go: "pkg := \"prepay_id=\" + reply[\"prepay_id\"] // signed and sent like this (an app's is \"Sign=WXPay\")",
    php: "$package = 'prepay_id=' . $reply['prepay_id']; // signed and sent like this (an app's is 'Sign=WXPay')",
    rust: "let package = format!(\"prepay_id={}\", reply[\"prepay_id\"]); // signed and sent like this (an app's is Sign=WXPay)",
};

const ONE_TIME: Lines = Lines {
    node: "const timeStamp = String(Math.floor(Date.now() / 1000)); // once: this very text is signed and sent",
    python: "time_stamp = str(int(time.time()))  # once: this very text is signed and sent",
    java: "String timeStamp = String.valueOf(System.currentTimeMillis() / 1000); // once: this very text is signed and sent",
    go: "timeStamp := strconv.FormatInt(time.Now().Unix(), 10) // once: this very text is signed and sent",
    php: "$timeStamp = (string) time(); // once: this very text is signed and sent",
    rust: "let time_stamp = UNIX_EPOCH.elapsed()?.as_secs().to_string(); // once: signed and sent",
};

const ONE_NONCE: Lines = Lines {
    node: "const nonceStr = crypto.randomBytes(16).toString('hex'); // once: this very text is signed and sent",
    python: "nonce_str = secrets.token_hex(16)  # once: this very text is signed and sent",
    java: "String nonceStr = UUID.randomUUID().toString().replace(\"-\", \"\"); // once: this very text is signed and sent",
    go: "nonce := make([]byte, 16); rand.Read(nonce); nonceStr := hex.EncodeToString(nonce) // once: signed and sent",
    php: "$nonceStr = bin2hex(random_bytes(16)); // once: this very text is signed and sent",
    rust: "let nonce_str = new_nonce(); // once: this very text is signed and sent",
};

const PAGE_URL: Lines = Lines {
    node: "const url = req.query.url.split('#')[0]; // the page sends location.href; never rebuilt from the request",
    python: "url = request.args[\"url\"].split(\"#\")[0]  # the page sends location.href; never rebuilt from the request",
    java: "String url = request.getParameter(\"url\").split(\"#\")[0]; // the page sends location.href; never getRequestURL()",
    go: "url, _, _ := strings.Cut(r.URL.Query().Get(\"url\"), \"#\") // the page sends location.href",
    php: "$url = explode('#', $_GET['url'])[0]; // the page sends location.href; never rebuilt from $_SERVER",
    rust: "let url = url.split('#').next().unwrap_or(url); // the page sends location.href",
};

const JSSDK_STRING: Lines = Lines {
    node: "const text = `jsapi_ticket=${ticket}&noncestr=${nonceStr}&timestamp=${timestamp}&url=${url}`;",
    python: "text = f\"jsapi_ticket={ticket}&noncestr={nonce_str}&timestamp={timestamp}&url={url}\"",
    java: "String text = \"jsapi_ticket=\" + ticket + \"&noncestr=\" + nonceStr + \"&timestamp=\" + timestamp + \"&url=\" + url;",
    go: "text := \"jsapi_ticket=\" + ticket + \"&noncestr=\" + nonceStr + \"&timestamp=\" + timestamp + \"&url=\" + url",
    php: "$text = \"jsapi_ticket={$ticket}&noncestr={$nonceStr}&timestamp={$timestamp}&url={$url}\";",
    rust: "let text = format!(\"jsapi_ticket={ticket}&noncestr={nonce_str}&timestamp={timestamp}&url={url}\");",
};

/// The line that mends the cause, to be adapted to the program's own names.
#[must_use]
pub fn fix(cause: Cause, language: Language) -> &'static str {
    let lines = lines(cause);
    match language {
        Language::Node => lines.node,
        Language::Python => lines.python,
        Language::Java => lines.java,
        Language::Go => lines.go,
        Language::Php => lines.php,
        Language::Rust => lines.rust,
    }
}

// No wildcard: a new cause does not compile before it has its line.
const fn lines(cause: Cause) -> &'static Lines {
    match cause {
        Cause::OtherKey => &OWN_KEY,
        Cause::KeyWhitespace => &TRIMMED_KEY,
        Cause::KeyLetterCase => &KEY_AS_IT_IS,
        Cause::KeyEmpty => &KEY_OR_NOTHING,
        Cause::KeyJoinedWrongly => &KEY_AT_THE_END,
        Cause::HmacKeyDiffers | Cause::DigestMd5ForHmac => &HMAC,
        Cause::DigestSha256Plain | Cause::DigestSha1 => &MD5_OR_HMAC,
        Cause::DigestHmacForMd5 => &MD5,
        Cause::DigestLetterCase | Cause::StringLetterCase => &CAPITALS,
        Cause::DigestOfDigest => &ONCE,
        Cause::EmptyValuesIncluded => &WITHOUT_EMPTY,
        Cause::ZeroValuesDropped => &WITH_ZEROS,
        Cause::NullLiteralsIncluded => &WITHOUT_NULL,
        Cause::SignIncluded => &WITHOUT_SIGN,
        Cause::SignTypeLeftOut | Cause::FieldsLeftOut => &ALL_BUT_SIGN,
        Cause::SignTypeAdded => &SIGN_TYPE_SENT,
        Cause::FieldsAdded | Cause::NamesWrong => &SAME_SENT,
        Cause::AppIdLeftOut | Cause::AppNamesForJsapi | Cause::OrderSignReused => &JSAPI_SET,
        Cause::JsapiNamesForApp => &APP_SET,
        Cause::ProviderIds => &PROVIDER,
        Cause::SortedCaseInsensitively
        | Cause::SortedNaturally
        | Cause::SortedDescending
        | Cause::NotSorted
        | Cause::SortedByValue => &SORTED,
        Cause::ValuesUrlEncoded | Cause::SpacesAsPlus => &RAW,
        Cause::ValuesUrlDecoded => &NOT_DECODED,
        Cause::ValuesXmlEscaped => &UNESCAPED,
        Cause::CdataSigned => &WITHOUT_CDATA,
        Cause::ValuesJsonEscaped => &JSON_ONCE,
        Cause::ValuesTrimmed => &NOT_TRIMMED,
        Cause::ValuesUntrimmed => &TRIMMED_FIRST,
        Cause::LineBreaksChanged => &LINE_FEEDS,
        Cause::NumbersCoerced => &TEXTS,
        Cause::BytesGbk | Cause::BytesLatin1 | Cause::BytesQuestionMarks | Cause::BytesUtf16 => &UTF8,
        Cause::SeparatorsWrong => &AMPERSANDS,
        Cause::QuotesSigned => &NO_QUOTES,
        Cause::PackagePrefix => &PACKAGE,
        Cause::TimestampChanged => &ONE_TIME,
        Cause::NonceChanged => &ONE_NONCE,
        Cause::JssdkUrl => &PAGE_URL,
        Cause::JssdkNames => &JSSDK_STRING,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_one_line_in_every_language() {
        for cause in Cause::ALL {
            for language in Language::ALL {
                let line = fix(*cause, *language);
                assert!(
                    !line.is_empty() && !line.contains('\n') && line == line.trim(),
                    "{cause:?} {language:?}"
                );
            }
        }
    }
}
