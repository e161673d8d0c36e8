// One merchant's work with wechatpay-axios-plugin against the simulated WeChat Pay.

import { execFile } from 'node:child_process';
import https from 'node:https';
import { promisify } from 'node:util';
import plugin from 'wechatpay-axios-plugin';
import { Listener, Simulator } from './simulator.js';

const { Wechatpay, Hash, Transformer, Aes } = plugin;
const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o';
const ANSWER = { SUCCESS: Transformer.toXml({ return_code: 'SUCCESS', return_msg: 'OK' }),
  FAIL: Transformer.toXml({ return_code: 'FAIL', return_msg: 'not now' }) };

let passed = 0;
let failed = 0;
let chapter = '';

function check(name, ok, detail) {
  if (ok) passed += 1; else failed += 1;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${chapter}${name}${ok ? '' : `: ${JSON.stringify(detail)}`}`);
}

const equal = (name, found, expected) => check(name, Object.is(String(found), String(expected)), { found, expected });

/** The fields of a reply, checked by the library: it throws where the signature does not match. */
const reply = async (call) => (await call).data;

/** The fields of a refusal. A success is one more failure. */
async function refusal(call) {
  try {
    return { accepted: (await call).data };
  } catch (error) {
    return error.response?.data ?? { message: error.message, code: error.code };
  }
}

function client(simulator, { key = simulator.key, certified = false } = {}) {
  const { facts, ca, certificate } = simulator;
  return new Wechatpay({
    mchid: facts.mch_id,
    // Only the v3 half of the library needs these.
    serial: 'none', privateKey: Buffer.alloc(0), certs: { nobody: undefined },
    secret: key,
    baseURL: `${facts.url.replace(/\/$/, '')}/`,
    proxy: false,
    timeout: 20_000,
    httpsAgent: new https.Agent({ ca }),
    ...(certified ? { merchant: { ca, cert: certificate, key: certificate } } : {}),
  });
}

class Story {
  constructor(simulator, listener, type) {
    Object.assign(this, { simulator, listener, type });
    this.number = `NODE${type.replace('-', '')}${Date.now()}`;
    this.common = { appid: simulator.facts.appid, mch_id: simulator.facts.mch_id, sign_type: type };
    this.wxpay = client(simulator);
    this.certified = client(simulator, { certified: true });
  }

  order(suffix, extra = {}) {
    return {
      ...this.common, out_trade_no: this.number + suffix, body: '腾讯充值中心-QQ会员充值', attach: '深圳分店 <1> & "2"',
      total_fee: 101, spbill_create_ip: '127.0.0.1', notify_url: `${this.listener.url}/paid`,
      trade_type: 'NATIVE', product_id: '12235413214070356458058', ...extra,
    };
  }

  make(suffix, extra) { return reply(this.wxpay.v2.pay.unifiedorder.post(this.order(suffix, extra))); }

  query(fields) { return reply(this.wxpay.v2.pay.orderquery.post({ ...this.common, ...fields })); }

  /** Whether `data` is signed with this key, as the library reckons it. */
  isSigned(data) { return Hash.equals(Hash.sign(this.type, data, this.simulator.key), data.sign); }

  ours(name, data) {
    equal(`${name}: signed the way the request was`, data.sign?.length, this.type === 'MD5' ? 32 : 64);
    equal(`${name}: appid and mch_id`, [data.appid, data.mch_id], [this.common.appid, this.common.mch_id]);
  }

  async tell() {
    const native = await this.nativeOrder();
    const jsapi = await this.jsapiOrder();
    await this.payParams(jsapi);
    const paid = await this.payment('N', 'NATIVE', 'native');
    await this.stubbornNotice('J');
    await this.queries(paid);
    await this.closing();
    await this.refunds(paid);
    await this.refusals(paid);
    return native;
  }

  async nativeOrder() {
    const first = await this.make('N');
    this.ours('native order', first);
    check('native order: code_url', /^weixin:\/\/wxpay\/bizpayurl/.test(first.code_url), first);
    check('native order: prepay_id', /^wx.{10,62}$/.test(first.prepay_id), first);
    const again = await this.make('N');
    equal('the same order again: the same prepay_id', again.prepay_id, first.prepay_id);
    const changed = await refusal(this.wxpay.v2.pay.unifiedorder.post(this.order('N', { total_fee: 102 })));
    equal('the same number for another amount', changed.err_code, 'INVALID_REQUEST');
    return first;
  }

  async jsapiOrder() {
    const made = await this.make('J', { trade_type: 'JSAPI', openid: OPENID, product_id: undefined });
    this.ours('JSAPI order', made);
    equal('JSAPI order: trade_type', made.trade_type, 'JSAPI');
    const nobody = await refusal(this.wxpay.v2.pay.unifiedorder.post(this.order('X', { trade_type: 'JSAPI' })));
    check('JSAPI order without openid is refused', nobody.return_code === 'FAIL' || nobody.result_code === 'FAIL', nobody);
    return made;
  }

  /** The second signature: what Paydesk prints for the front end is what the library would have signed. */
  async payParams({ prepay_id: prepayId }) {
    const args = ['pay-params', '--type', 'jsapi', '--prepay-id', prepayId, '--json'];
    const { stdout } = await promisify(execFile)(process.env.PAYDESK, args, { env: this.simulator.env });
    const { paySign, ...params } = JSON.parse(stdout).params;
    equal('pay-params: fields', Object.keys(params).sort(), 'appId,nonceStr,package,signType,timeStamp');
    equal('pay-params: package', params.package, `prepay_id=${prepayId}`);
    equal('pay-params: paySign', paySign, Hash.sign(params.signType, params, this.simulator.key));
  }

  async payment(suffix, tradeType, name) {
    const number = this.number + suffix;
    const before = await this.query({ out_trade_no: number });
    equal(`${name}: not paid yet`, before.trade_state, 'NOTPAY');
    const { transaction_id: id } = await this.simulator.control('pay', { out_trade_no: number });
    const notice = await this.listener.next(`the notice of ${number}`);
    const data = Transformer.toObject(notice.xml);
    check(`${name} notice: verified by the library`, this.isSigned(data), data);
    check(`${name} notice: not verified once changed`, !this.isSigned({ ...data, total_fee: '1' }), data);
    this.ours(`${name} notice`, data);
    equal(`${name} notice: path`, `${notice.method} ${notice.path}`, 'POST /paid');
    const { out_trade_no, transaction_id, total_fee, trade_type, attach, result_code, return_code } = data;
    equal(
      `${name} notice: fields`,
      [return_code, result_code, out_trade_no, transaction_id, total_fee, trade_type, attach],
      ['SUCCESS', 'SUCCESS', number, id, 101, tradeType, this.order('').attach],
    );
    check(`${name} notice: time_end`, /^\d{14}$/.test(data.time_end), data);
    check(`${name} notice: cash_fee, bank_type, openid`, data.cash_fee === '101' && data.bank_type && data.openid, data);
    notice.answer(ANSWER.SUCCESS);
    return { number, id };
  }

  /** Refused once: it comes again, the same, and after the second answer no more. */
  async stubbornNotice(suffix) {
    const number = this.number + suffix;
    const { transaction_id: id } = await this.simulator.control('pay', { out_trade_no: number, bank: 'CMB_CREDIT' });
    const first = await this.listener.next('the first notice');
    first.answer(ANSWER.FAIL);
    const coming = this.listener.next('the notice again');
    // The answer travels for a moment, so time moves until the next attempt is due.
    let second;
    for (let tries = 0; !second && tries < 40; tries += 1) {
      await this.simulator.control('advance', { ms: 5_000 });
      second = await Promise.race([coming, pause(100)]);
    }
    second ??= await coming;
    const [one, two] = [first, second].map(({ xml }) => Transformer.toObject(xml));
    check('a notice that was refused comes again, signed', this.isSigned(two), two);
    equal('and tells the same', [two.transaction_id, two.total_fee, two.bank_type], [id, one.total_fee, 'CMB_CREDIT']);
    second.answer(ANSWER.SUCCESS);
  }

  async queries({ number, id }) {
    const byNumber = await this.query({ out_trade_no: number });
    const byId = await this.query({ transaction_id: id });
    this.ours('order query', byNumber);
    equal(
      'order query: what was paid',
      [byNumber.trade_state, byNumber.transaction_id, byNumber.total_fee, byNumber.attach],
      ['SUCCESS', id, 101, this.order('').attach],
    );
    equal('order query: by transaction_id', [byId.trade_state, byId.out_trade_no], ['SUCCESS', number]);
    const unknown = await refusal(this.wxpay.v2.pay.orderquery.post({ ...this.common, out_trade_no: `${number}X` }));
    equal('order query: unknown', unknown.err_code, 'ORDERNOTEXIST');
    const again = await refusal(this.wxpay.v2.pay.unifiedorder.post(this.order('N')));
    equal('ordered again after payment', again.err_code, 'ORDERPAID');
  }

  async closing() {
    const close = (suffix) => this.wxpay.v2.pay.closeorder.post({ ...this.common, out_trade_no: this.number + suffix });
    await this.make('C');
    const closed = await reply(close('C'));
    equal('close', closed.result_code, 'SUCCESS');
    equal('closed: query', (await this.query({ out_trade_no: `${this.number}C` })).trade_state, 'CLOSED');
    equal('closed: ordered again', (await refusal(this.wxpay.v2.pay.unifiedorder.post(this.order('C')))).err_code, 'ORDERCLOSED');
    equal('close of a paid order', (await refusal(close('N'))).err_code, 'ORDERPAID');
  }

  refund(suffix, fee, extra = {}) {
    return {
      ...this.common, transaction_id: extra.transaction_id, out_refund_no: `${this.number}R${suffix}`, total_fee: 101,
      refund_fee: fee, refund_desc: '商品已售完', notify_url: `${this.listener.url}/refunded`, ...extra,
    };
  }

  async refunds({ number, id }) {
    const send = (wxpay, fields) => wxpay.v2.secapi.pay.refund.post(fields, { security: true });
    const bare = await refusal(send(this.wxpay, this.refund(1, 40, { transaction_id: id })));
    check('refund without the certificate is refused', !bare.accepted && bare.result_code !== 'SUCCESS', bare);
    const known = (await this.simulator.control('state')).refunds.filter((refund) => refund.out_trade_no === number);
    equal('and nothing was refunded', known.length, 0);

    const first = await reply(send(this.certified, this.refund(1, 40, { transaction_id: id })));
    this.ours('refund', first);
    equal('refund: fields', [first.out_refund_no, first.refund_fee, first.total_fee, first.out_trade_no, first.transaction_id],
      [`${this.number}R1`, 40, 101, number, id]);
    const again = await reply(send(this.certified, this.refund(1, 40, { transaction_id: id })));
    equal('the same refund again: the same refund_id', again.refund_id, first.refund_id);
    const over = await refusal(send(this.certified, this.refund(2, 62, { transaction_id: id })));
    check('refund of more than is left is refused', over.result_code === 'FAIL' && over.err_code, over);

    await this.simulator.control('refund-result', { out_refund_no: `${this.number}R1`, result: 'SUCCESS' });
    const notice = await this.listener.next('the refund notice');
    const envelope = Transformer.toObject(notice.xml);
    equal('refund notice: path', `${notice.method} ${notice.path}`, 'POST /refunded');
    equal('refund notice: envelope', [envelope.return_code, envelope.appid, envelope.mch_id], ['SUCCESS', this.common.appid, this.common.mch_id]);
    const inner = Transformer.toObject(Aes.AesEcb.decrypt(envelope.req_info, Hash.md5(this.simulator.key)));
    equal(
      'refund notice: decrypted by the library',
      [inner.out_refund_no, inner.refund_id, inner.refund_fee, inner.total_fee, inner.refund_status, inner.transaction_id],
      [`${this.number}R1`, first.refund_id, 40, 101, 'SUCCESS', id],
    );
    notice.answer(ANSWER.SUCCESS);

    const second = await reply(send(this.certified, this.refund(3, 61, { out_trade_no: number })));
    equal('a second refund of the rest', second.refund_fee, 61);
    const query = await reply(this.wxpay.v2.pay.refundquery.post({ ...this.common, out_trade_no: number }));
    this.ours('refund query', query);
    equal('refund query: both', [query.refund_count, query.total_fee], [2, 101]);
    const rows = [0, 1].map((n) => [query[`out_refund_no_${n}`], query[`refund_fee_${n}`], query[`refund_status_${n}`]].join(' '));
    equal('refund query: their states', rows.sort(), [`${this.number}R1 40 SUCCESS`, `${this.number}R3 61 PROCESSING`]);
    equal('order query after a refund', (await this.query({ out_trade_no: number })).trade_state, 'REFUND');
    await this.simulator.control('refund-result', { out_refund_no: `${this.number}R3`, result: 'SUCCESS' });
    (await this.listener.next('the second refund notice')).answer(ANSWER.SUCCESS);
  }

  async refusals({ number }) {
    const other = client(this.simulator, { key: 'another0key0another0key0another0' });
    const wrong = await refusal(other.v2.pay.orderquery.post({ ...this.common, out_trade_no: number }));
    check('wrong key', wrong.return_code === 'FAIL' && /签名/.test(wrong.return_msg) || wrong.err_code === 'SIGNERROR', wrong);
    const unsigned = await this.raw('/pay/orderquery', Transformer.toXml({ ...this.common, nonce_str: 'x', out_trade_no: number }));
    check('no signature', unsigned.return_code === 'FAIL' || unsigned.result_code === 'FAIL', unsigned);
    check('no signature: nothing is told', !unsigned.transaction_id, unsigned);
    const garbage = await this.raw('/pay/orderquery', 'not XML');
    equal('no XML', garbage.return_code, 'FAIL');
  }

  /** Without the library, which cannot send nonsense. */
  raw(path, body) {
    const { facts, ca } = this.simulator;
    return new Promise((resolve, reject) => {
      const request = https.request(facts.url.replace(/\/$/, '') + path, { method: 'POST', ca, agent: false }, (response) => {
        const pieces = [];
        response.on('data', (piece) => pieces.push(piece));
        response.on('end', () => resolve(Transformer.toObject(Buffer.concat(pieces).toString())));
      });
      request.on('error', reject);
      request.end(body);
    });
  }
}

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

const simulator = await Simulator.start();
const listener = await Listener.start();
try {
  for (const type of ['MD5', 'HMAC-SHA256']) {
    chapter = `${type}: `;
    await new Story(simulator, listener, type).tell();
  }
} catch (error) {
  check('the story came to its end', false, `${error.stack} ${JSON.stringify(error.response?.data)}`);
}
chapter = '';
listener.stop();
equal('the simulator stops when told to', await simulator.stop(), 0);
console.log(`${passed} checks passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
