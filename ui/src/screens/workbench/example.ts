// A notice that fails, for whoever looks around first. The simulated merchant's key, which is published, signed it with
// two empty fields in the string.
const NOTICE = `POST /wxpay/notify HTTP/1.1
Content-Type: text/xml; charset=utf-8

<xml>
<appid><![CDATA[wxsimulated0000001]]></appid>
<attach><![CDATA[]]></attach>
<bank_type><![CDATA[OTHERS]]></bank_type>
<cash_fee>3600</cash_fee>
<device_info><![CDATA[]]></device_info>
<fee_type><![CDATA[CNY]]></fee_type>
<is_subscribe><![CDATA[N]]></is_subscribe>
<mch_id><![CDATA[9900000001]]></mch_id>
<nonce_str><![CDATA[5d2b6c2a8db53831f7eda20af46e531c]]></nonce_str>
<openid><![CDATA[oUpF8uMEb4qRXf22hE3X68TekukE]]></openid>
<out_trade_no><![CDATA[QW25112011260418]]></out_trade_no>
<result_code><![CDATA[SUCCESS]]></result_code>
<return_code><![CDATA[SUCCESS]]></return_code>
<sign><![CDATA[1EED45D027EB937619C7ABA6938F13999AC3B1DE01F403B55B6B1BC8191D50F6]]></sign>
<time_end><![CDATA[20251120112617]]></time_end>
<total_fee>3600</total_fee>
<trade_type><![CDATA[NATIVE]]></trade_type>
<transaction_id><![CDATA[4200002893202511201946027735]]></transaction_id>
</xml>`

export const example = (): string => NOTICE
