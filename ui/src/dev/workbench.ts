// Made-up answers of the workbench: what is shown of a notice with two empty fields signed, and of other verdicts.
import type { CauseView, VerifyView } from '../ipc/generated'
import type { MockHost } from '../ipc/mock'

const FIELDS: [string, string][] = [
  ['appid', 'wxsimulated0000001'], ['attach', ''], ['bank_type', 'OTHERS'], ['cash_fee', '3600'], ['device_info', ''], ['fee_type', 'CNY'], ['mch_id', '9900000001'],
  ['nonce_str', '5d2b6c2a8db53831f7eda20af46e531c'], ['openid', 'oUpF8uMEb4qRXf22hE3X68TekukE'], ['out_trade_no', 'QW25112011260418'], ['result_code', 'SUCCESS'],
  ['return_code', 'SUCCESS'], ['sign', 'B12800844A0820ED0D0C7C481E3CFEE1'], ['time_end', '20251120112617'], ['total_fee', '3600'], ['trade_type', 'NATIVE'],
  ['transaction_id', '4200002893202511201946027735'],
]

const reason = (name: string, value: string) => (name === 'sign' ? 'signature' : value === '' ? 'empty' : null)

export function madeCause(some: Partial<CauseView> = {}): CauseView {
  return {
    id: 'empty_values_included', proven: true, params: {}, message: '值为空的字段也参加了签名（k=）', fix: '拼接前去掉值为空的字段', explanation: 0,
    fixes: [
      { language: 'node', code: "const names = Object.keys(p).filter(k => k !== 'sign' && p[k] !== '').sort()" },
      { language: 'python', code: "names = sorted(k for k, v in p.items() if k != 'sign' and v != '')" },
    ],
    ...some,
  }
}

export function madeVerify(some: Partial<VerifyView> = {}): VerifyView {
  return {
    verdict: 'invalid', meaning: '不要据此发货或记账。', recognised: 'payment_notice', format: 'xml', undone: ['headers'], sign_type: 'MD5',
    presented: 'B12800844A0820ED0D0C7C481E3CFEE1', expected: '07701EC0B941D27E73EEFC69A4B1CD6A',
    string_to_sign: `${FIELDS.filter(([name, value]) => name !== 'sign' && value !== '').map(([name, value]) => `${name}=${value}`).join('&')}&key=***`,
    fields: FIELDS.map(([name, value]) => ({ name, value, included: reason(name, value) === null, reason: reason(name, value) })),
    key: { label: 'simulated · api_v2', fingerprint: 'SIMU' }, keys_tried: 4, merchant: 'simulated', causes: [madeCause()], mistakes: [],
    reproduction: {
      payload: '<xml>\n  <appid>wx0000000000000000</appid>\n  <attach></attach>\n  <sign>…</sign>\n</xml>',
      tests: [{ language: 'node', code: "test('sign', () => {\n  assert.equal(sign(p), '…')\n})" }],
    },
    difference: null, other_reading: [], search: { tried: 412, ended: false }, findings: [],
    checks: [{ id: 'order_known', ok: false, message: '账本里没有这一单：先不要发货' }, { id: 'amount', ok: null, message: '没有可比的金额' }], recorded: false, ...some,
  }
}

export function withWorkbench(host: MockHost): MockHost {
  Object.assign(host.answers, {
    verify_pasted: ({ form }) => {
      const many = form.text.includes('code(')
      if (form.text.includes('B691546282BC')) return madeVerify({ verdict: 'valid', meaning: null, causes: [], presented: 'A', expected: 'A', reproduction: null, search: null })
      if (many) return madeVerify({ verdict: 'unsigned', causes: [], format: 'code', fields: [], mistakes: [{ id: 'hmac_key_literal', line: 2, excerpt: 'createHmac("sha256", "")', message: '第 2 行', cause: 'hmac_key_differs' }] })
      return madeVerify({ difference: form.string ? { at_byte: 12, at_character: 12, expected: 'wxsimulated0000001&bank', said: 'wxsimulated0000001&atta', same: 19 } : null })
    },
    sign_pasted: () => ({ sign_type: 'HMAC-SHA256', signature: 'AB'.repeat(32), string_to_sign: 'a=1&key=***', xml: '<xml>\n  <a>1</a>\n</xml>', format: 'xml', fields: [], findings: [] }),
    decrypt_pasted: () => ({ xml: '<root>\n<out_refund_no>R1</out_refund_no>\n</root>', fields: [{ name: 'out_refund_no', value: 'R1', included: false, reason: 'not_signed' }], key: { label: 'simulated · api_v2', fingerprint: 'SIMU' } }),
    pay_params_of: ({ form }) => ({
      kind: form.kind, params: { appId: 'wxsimulated0000001', timeStamp: '1760000000', nonceStr: 'abc', package: `prepay_id=${form.prepay_id ?? ''}`, signType: 'MD5', paySign: 'AB'.repeat(16) },
      string_to_sign: 'appId=wxsimulated0000001&…&key=***', calls: [['requestPayment', 'wx.requestPayment({\n  timeStamp: \'1760000000\',\n})']], qr: null,
    }),
    jssdk_sign: ({ form }) => ({
      appId: 'wxsimulated0000001', timestamp: 1760000000, nonceStr: 'abc', signature: 'ab'.repeat(20), url: form.url.split('#')[0]!, string_to_sign: 'jsapi_ticket=***&noncestr=abc&timestamp=1760000000&url=…', call: 'wx.config({\n})',
    }),
  } satisfies MockHost['answers'])
  return host
}
