"""One merchant's work with wechatpy against the simulated WeChat Pay.

wechatpy signs with either digest, but checks only MD5 by itself, and replies not at all. Where it does not check, its
own functions are called on what came.
"""

import json
import os
import queue
import subprocess
import sys
import time
import traceback
from datetime import datetime, timedelta, timezone

import requests
import xmltodict
from simulator import Listener, Simulator
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.pay import WeChatPay, WeChatPayException
from wechatpy.pay.utils import calculate_signature, calculate_signature_hmac, dict_to_xml

OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
ATTACH = '深圳分店 <1> & "2"'
SUCCESS = dict_to_xml({"return_code": "SUCCESS", "return_msg": "OK"})
FAIL = dict_to_xml({"return_code": "FAIL", "return_msg": "not now"})
UTC8 = timezone(timedelta(hours=8))


class Tally:
    passed = failed = 0
    chapter = ""

    @classmethod
    def check(cls, name, ok, detail=None):
        if ok:
            cls.passed += 1
            print("ok     %s%s" % (cls.chapter, name))
        else:
            cls.failed += 1
            print("FAILED %s%s: %r" % (cls.chapter, name, detail))

    @classmethod
    def equal(cls, name, found, expected):
        cls.check(name, found == expected, {"found": found, "expected": expected})


check, equal = Tally.check, Tally.equal


def refusal(call):
    """The refusal, or what was accepted instead."""
    try:
        return {"accepted": call()}
    except WeChatPayException as error:
        return {
            "return_code": error.return_code, "result_code": error.result_code,
            "return_msg": error.return_msg, "err_code": error.errcode,
        }
    except requests.RequestException as error:
        return {"lost": str(error)}


class Story:
    def __init__(self, simulator, listener, kind):
        self.simulator, self.listener, self.kind = simulator, listener, kind
        self.number = "PYTHON%s%d" % (kind.replace("-", ""), time.time() * 1000)
        self.facts = simulator.facts
        # MD5 is what is meant where nothing is said, and some merchants say nothing.
        self.sign_type = {} if kind == "MD5" else {"sign_type": kind}
        self.pay = self.client(simulator.key)
        self.certified = self.client(simulator.key, certificate=self.facts["cert_file"])

    def client(self, key, certificate=None):
        pay = WeChatPay(
            self.facts["appid"], key, self.facts["mch_id"], mch_cert=certificate, mch_key=certificate, timeout=20
        )
        pay.API_BASE_URL = self.facts["url"].rstrip("/") + "/"
        pay._http.trust_env = False
        pay._http.verify = self.facts["ca_file"]
        return pay

    def digest(self, fields):
        calculate = calculate_signature if self.kind == "MD5" else calculate_signature_hmac
        return calculate({k: v for k, v in fields.items() if k != "sign"}, self.simulator.key)

    def ours(self, name, fields):
        equal(name + ": signature", fields.get("sign"), self.digest(fields))
        equal(name + ": appid and mch_id", (fields["appid"], fields["mch_id"]), (self.facts["appid"], self.facts["mch_id"]))

    def order(self, suffix, trade_type="NATIVE", total_fee=101, **extra):
        # The simulator's clock is moved, so the order's times come from there.
        now = datetime.fromtimestamp(self.started / 1000, UTC8)
        return self.pay.order.create(
            trade_type, "腾讯充值中心-QQ会员充值", total_fee, self.listener.url + "/paid", client_ip="127.0.0.1",
            out_trade_no=self.number + suffix, attach=ATTACH, time_start=now, time_expire=now + timedelta(hours=2),
            product_id="12235413214070356458058" if trade_type == "NATIVE" else None, **extra, **self.sign_type,
        )

    def post(self, path, fields, client=None):
        """What wechatpy's own functions cannot be told to sign with HMAC-SHA256."""
        fields = {"appid": self.facts["appid"], **fields, **self.sign_type}
        return (client or self.pay).post(path, data={k: v for k, v in fields.items() if v is not None})

    def query(self, **fields):
        if self.kind == "MD5":
            return self.pay.order.query(**fields)
        return self.post("pay/orderquery", fields)

    def close(self, suffix):
        if self.kind == "MD5":
            return self.pay.order.close(self.number + suffix)
        return self.post("pay/closeorder", {"out_trade_no": self.number + suffix})

    def refund(self, client, suffix, fee, **order):
        fields = dict(
            total_fee=101, refund_fee=fee, out_refund_no="%sR%s" % (self.number, suffix), refund_desc="商品已售完",
            notify_url=self.listener.url + "/refunded", **order,
        )
        if self.kind == "MD5":
            return client.refund.apply(**fields)
        return self.post("secapi/pay/refund", fields, client)

    def tell(self):
        self.started = self.simulator.control("state")["now_ms"]
        self.orders()
        number, transaction_id = self.payment()
        self.stubborn_notice()
        self.queries(number, transaction_id)
        self.closing()
        self.refunds(number, transaction_id)
        self.refusals(number)

    def orders(self):
        native = self.order("N")
        self.ours("native order", native)
        check("native order: code_url", native["code_url"].startswith("weixin://wxpay/bizpayurl"), native)
        equal("the same order again: the same prepay_id", self.order("N")["prepay_id"], native["prepay_id"])
        changed = refusal(lambda: self.order("N", total_fee=102))
        equal("the same number for another amount", changed.get("err_code"), "INVALID_REQUEST")
        jsapi = self.order("J", "JSAPI", user_id=OPENID)
        self.ours("JSAPI order", jsapi)
        equal("JSAPI order: trade_type", jsapi["trade_type"], "JSAPI")
        check("JSAPI order without openid is refused", "err_code" in refusal(lambda: self.order("X", "JSAPI")))
        self.pay_params(jsapi["prepay_id"])

    def pay_params(self, prepay_id):
        """The second signature: what Paydesk prints for the front end is what the library would have signed."""
        for kind in ("jsapi", "app"):
            command = [os.environ["PAYDESK"], "pay-params", "--type", kind, "--prepay-id", prepay_id, "--json"]
            done = subprocess.run(command, stdout=subprocess.PIPE, env=self.simulator.env, check=True, timeout=30)
            params = json.loads(done.stdout)["params"]
            if kind == "jsapi" and params["signType"] == "MD5":
                theirs = self.pay.jsapi.get_jsapi_params(prepay_id, params["timeStamp"], params["nonceStr"])
                equal("pay-params of JSAPI: as the library makes them", params, theirs)
            elif kind == "jsapi":
                sign = params.pop("paySign")
                equal("pay-params of JSAPI: paySign", sign, calculate_signature_hmac(params, self.simulator.key))
            elif len(params["sign"]) == 32:
                theirs = self.pay.order.get_appapi_params(prepay_id, params["timestamp"], params["noncestr"])
                equal("pay-params of an app: as the library makes them", params, theirs)
            else:
                sign = params.pop("sign")
                equal("pay-params of an app: sign", sign, calculate_signature_hmac(params, self.simulator.key))

    def payment(self):
        number = self.number + "N"
        equal("not paid yet", self.query(out_trade_no=number)["trade_state"], "NOTPAY")
        transaction_id = self.simulator.control("pay", {"out_trade_no": number})["transaction_id"]
        notice = self.listener.next()
        equal("notice: path", notice.path, "/paid")
        if self.kind == "MD5":
            data = self.pay.parse_payment_result(notice.body)
            self.ours("notice, checked by the library", {k: str(v) for k, v in data.items()})
            changed = notice.body.replace("101", "100")
            try:
                check("notice: not verified once changed", False, self.pay.parse_payment_result(changed))
            except InvalidSignatureException:
                check("notice: not verified once changed", notice.body != changed)
        else:
            data = xmltodict.parse(notice.body)["xml"]
            self.ours("notice", data)
        names = ("return_code", "result_code", "out_trade_no", "transaction_id", "trade_type", "attach")
        expected = ("SUCCESS", "SUCCESS", number, transaction_id, "NATIVE", ATTACH)
        equal("notice: fields", tuple(data[name] for name in names), expected)
        equal("notice: amounts", (int(data["total_fee"]), int(data["cash_fee"])), (101, 101))
        datetime.strptime(data["time_end"], "%Y%m%d%H%M%S")
        told = WeChatPay.get_payment_data(notice.body)
        equal("notice: as the library tells it", (told["out_trade_no"], told["transaction_id"]), (number, transaction_id))
        notice.answer(SUCCESS)
        return number, transaction_id

    def stubborn_notice(self):
        """Refused once: it comes again, the same."""
        transaction_id = self.simulator.control("pay", {"out_trade_no": self.number + "J"})["transaction_id"]
        first = self.listener.next()
        first.answer(FAIL)
        second = None
        # The answer travels for a moment, so time moves until the next attempt is due.
        for _ in range(40):
            self.simulator.control("advance", {"ms": 5_000})
            try:
                second = self.listener.next(timeout=0.1)
                break
            except queue.Empty:
                pass
        second = second or self.listener.next()
        data = xmltodict.parse(second.body)["xml"]
        self.ours("a notice that was refused comes again", data)
        equal("and tells the same", data["transaction_id"], transaction_id)
        second.answer(SUCCESS)

    def queries(self, number, transaction_id):
        found = self.query(out_trade_no=number)
        self.ours("order query", found)
        names = ("trade_state", "transaction_id", "total_fee", "attach")
        equal("order query: what was paid", tuple(found[n] for n in names), ("SUCCESS", transaction_id, "101", ATTACH))
        equal("order query: by transaction_id", self.query(transaction_id=transaction_id)["out_trade_no"], number)
        unknown = refusal(lambda: self.query(out_trade_no=number + "X"))
        equal("order query: unknown", unknown.get("err_code"), "ORDERNOTEXIST")
        equal("ordered again after payment", refusal(lambda: self.order("N")).get("err_code"), "ORDERPAID")

    def closing(self):
        self.order("C")
        self.ours("close", self.close("C"))
        equal("closed: query", self.query(out_trade_no=self.number + "C")["trade_state"], "CLOSED")
        equal("closed: ordered again", refusal(lambda: self.order("C")).get("err_code"), "ORDERCLOSED")
        equal("close of a paid order", refusal(lambda: self.close("N")).get("err_code"), "ORDERPAID")

    def refunds(self, number, transaction_id):
        bare = refusal(lambda: self.refund(self.pay, 1, 40, transaction_id=transaction_id))
        accepted = bare.get("accepted")
        # What is no XML the library hands over as it came.
        check("refund without the certificate is refused", not isinstance(accepted, dict), bare)
        known = [r for r in self.simulator.control("state")["refunds"] if r["out_trade_no"] == number]
        equal("and nothing was refunded", known, [])

        first = self.refund(self.certified, 1, 40, transaction_id=transaction_id)
        self.ours("refund", first)
        names = ("out_refund_no", "refund_fee", "total_fee", "out_trade_no", "transaction_id")
        refund_no = self.number + "R1"
        equal("refund: fields", tuple(first[n] for n in names), (refund_no, "40", "101", number, transaction_id))
        again = self.refund(self.certified, 1, 40, transaction_id=transaction_id)
        equal("the same refund again: the same refund_id", again["refund_id"], first["refund_id"])
        over = refusal(lambda: self.refund(self.certified, 2, 62, transaction_id=transaction_id))
        check("refund of more than is left is refused", over.get("result_code") == "FAIL" and over["err_code"], over)

        self.simulator.control("refund-result", {"out_refund_no": refund_no, "result": "SUCCESS"})
        notice = self.listener.next()
        equal("refund notice: path", notice.path, "/refunded")
        inner = self.pay.parse_refund_notify_result(notice.body)
        names = ("out_refund_no", "refund_id", "refund_fee", "total_fee", "refund_status", "transaction_id")
        expected = (refund_no, first["refund_id"], 40, 101, "SUCCESS", transaction_id)
        equal("refund notice: decrypted by the library", tuple(inner[n] for n in names), expected)
        notice.answer(SUCCESS)

        second = self.refund(self.certified, 3, 61, out_trade_no=number)
        equal("a second refund of the rest", second["refund_fee"], "61")
        if self.kind == "MD5":
            found = self.pay.refund.query(out_trade_no=number)
        else:
            found = self.post("pay/refundquery", {"out_trade_no": number})
        self.ours("refund query", found)
        equal("refund query: both", (found["refund_count"], found["total_fee"]), ("2", "101"))
        rows = sorted(tuple(found["%s_%d" % (n, i)] for n in ("out_refund_no", "refund_fee", "refund_status")) for i in (0, 1))
        expected = [(refund_no, "40", "SUCCESS"), (self.number + "R3", "61", "PROCESSING")]
        equal("refund query: their states", rows, expected)
        equal("order query after a refund", self.query(out_trade_no=number)["trade_state"], "REFUND")
        self.simulator.control("refund-result", {"out_refund_no": self.number + "R3", "result": "SUCCESS"})
        self.listener.next().answer(SUCCESS)

    def refusals(self, number):
        other = self.client("another0key0another0key0another0")
        wrong = refusal(lambda: self.post("pay/orderquery", {"out_trade_no": number}, other))
        signature = "签名" in (wrong.get("return_msg") or "") or wrong.get("err_code") == "SIGNERROR"
        check("wrong key", wrong.get("return_code") == "FAIL" and signature, wrong)
        fields = {"appid": self.facts["appid"], "mch_id": self.facts["mch_id"], "nonce_str": "x", "out_trade_no": number}
        for name, body in (("no signature", dict_to_xml(fields)), ("no XML", "nothing"), ("nothing", "")):
            url = self.facts["url"] + "/pay/orderquery"
            reply = self.pay._http.post(url, data=body.encode(), headers={"Content-Type": "text/xml"}, timeout=20)
            data = xmltodict.parse(reply.content)["xml"]
            check(name, data["return_code"] == "FAIL" and "transaction_id" not in data, data)


def main():
    simulator, listener = Simulator(), Listener()
    try:
        for kind in ("MD5", "HMAC-SHA256"):
            Tally.chapter = kind + ": "
            Story(simulator, listener, kind).tell()
    except Exception:
        check("the story came to its end", False, traceback.format_exc())
    Tally.chapter = ""
    listener.stop()
    equal("the simulator stops when told to", simulator.stop(), 0)
    print("%d checks passed, %d failed" % (Tally.passed, Tally.failed))
    return 1 if Tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
