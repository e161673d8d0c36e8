//! Payments and everything that proves them.

use super::money::amount;
use super::page::{BAD, BOLD, CARE, DIM, Facts, GOOD, PLAIN, Page, time, time_brief, time_utc8, words};
use super::table::{Cell, Side, Step, Table};
use anstyle::Style;
use console::Lang;
use console::view::{
    EvidenceMark, OperationView, OrderCreated, PayParamsView, PayView, PaymentList, PaymentView,
};

fn style_of(state: &str) -> Style {
    match state {
        "paid" | "refunded" | "success" | "confirmed" => GOOD,
        "pay_error" | "abnormal" | "rejected" => BAD,
        "unpaid" | "accepted" | "user_paying" | "processing" | "unknown" | "intended" => CARE,
        _ => DIM,
    }
}

/// A state in words, its raw word beside it.
pub(crate) fn state(page: &mut Page, family: &str, raw: &str) {
    let said = words(page.lang, family, raw);
    page.put(style_of(raw), &said);
    // In English some words are the raw ones; nobody needs to read them twice.
    if said != raw {
        page.put(DIM, &format!("  {raw}"));
    }
}

/// The same as a cell.
pub(crate) fn state_cell(lang: Lang, family: &str, raw: &str) -> Cell {
    let said = words(lang, family, raw);
    let whole = if said == raw { said.clone() } else { format!("{said} {raw}") };
    Cell::new(style_of(raw), &whole).or_brief(&said)
}

/// A moment in a table.
pub(crate) fn time_cell(view: &str) -> Cell {
    Cell::from(time(view)).or_brief(&time_brief(view))
}

fn headline(page: &mut Page, money: &str, family: &str, raw: &str) {
    page.pad(2);
    page.put(BOLD, money);
    page.pad(2);
    state(page, family, raw);
    page.end();
}

/// One payment.
pub(crate) fn one(page: &mut Page, payment: &PaymentView) {
    page.environment(&payment.environment, Some(&payment.merchant));
    page.end();
    let money = |fen| amount(page.lang, fen, &payment.currency);
    let (total, refunded, refundable) =
        (money(payment.total_fen), money(payment.refunded_fen), money(payment.refundable_fen));
    let (cash, coupon, settled) = (
        payment.cash_fee_fen.map(money),
        payment.coupon_fee_fen.map(money),
        payment.settlement_total_fen.map(money),
    );
    headline(page, &total, "state.order.", &payment.state);
    let mut facts = Facts::default();
    facts.add("label.out_trade_no", &payment.out_trade_no);
    facts.maybe("label.transaction_id", payment.transaction_id.as_ref());
    if let Some(kind) = &payment.trade_type {
        facts.put("label.trade_type", PLAIN, words(page.lang, "trade_type.", kind), Some(kind));
    }
    facts.maybe("label.body", payment.body.as_ref());
    facts.maybe("label.attach", payment.attach.as_ref());
    facts.maybe("label.openid", payment.openid.as_ref());
    facts.maybe("label.bank_type", payment.bank_type.as_ref());
    facts.maybe("label.cash_fee", cash);
    facts.maybe("label.coupon_fee", coupon);
    facts.maybe("label.settlement_total", settled);
    if payment.refunded_fen != 0 {
        facts.add("label.refunded", refunded);
    }
    if payment.refundable_fen != 0 {
        facts.add("label.refundable", refundable);
    }
    facts.add("label.created_at", time_utc8(&payment.created_at));
    facts.maybe("label.expires_at", payment.expires_at.as_deref().map(time_utc8));
    facts.maybe("label.paid_at", payment.paid_at.as_deref().map(time_utc8));
    page.facts(&facts);
    page.end();
    evidence(page, payment);
    troubles(page, payment);
}

fn evidence(page: &mut Page, payment: &PaymentView) {
    let marks: [(&str, &Option<EvidenceMark>); 3] = [
        ("evidence.notice", &payment.evidence.notice),
        ("evidence.query", &payment.evidence.query),
        ("evidence.bill", &payment.evidence.bill),
    ];
    for (key, mark) in marks {
        let name = page.say(key, &[]);
        page.pad(2);
        match mark {
            Some(mark) => {
                let source = key.trim_start_matches("evidence.");
                let fits =
                    payment.disagreements.iter().all(|found| found.one != source && found.other != source);
                let (style, sign) = if fits { (GOOD, "✓ ") } else { (BAD, "✗ ") };
                page.put(style, sign);
                page.put(PLAIN, &name);
                let said = words(page.lang, "state.order.", &mark.state);
                let money =
                    mark.total_fen.map(|fen| format!(" · {}", amount(page.lang, fen, &payment.currency)));
                let rest = format!("  {said}{} · {}", money.unwrap_or_default(), time_utc8(&mark.seen_at));
                page.put(DIM, &rest);
            }
            None => page.put(DIM, &format!("· {name}  {}", page.say("evidence.none", &[]))),
        }
        page.end();
    }
}

fn troubles(page: &mut Page, payment: &PaymentView) {
    for found in &payment.disagreements {
        let what = words(page.lang, "disagreement.", &found.code);
        let (one, other) =
            (words(page.lang, "source.", &found.one), words(page.lang, "source.", &found.other));
        let text = page.say(
            "trouble.disagreement",
            &[
                ("what", &what),
                ("one", &one),
                ("one_says", &found.one_says),
                ("other", &other),
                ("other_says", &found.other_says),
            ],
        );
        page.pad(2);
        page.styled(BAD, &format!("! {text}"));
    }
    for (is, key) in [(payment.conflict, "trouble.conflict"), (payment.unasked, "trouble.unasked")] {
        if is {
            let text = page.say(key, &[]);
            page.pad(2);
            page.styled(BAD, &format!("! {text}"));
        }
    }
    for operation in &payment.unresolved {
        let text = open(page.lang, operation);
        page.pad(2);
        page.styled(CARE, &format!("… {text}"));
    }
}

/// One sentence about something that is still open.
fn open(lang: Lang, operation: &OperationView) -> String {
    let number = operation.out_refund_no.as_ref().unwrap_or(&operation.out_trade_no);
    let kind = words(lang, "operation.", &operation.kind);
    let state = words(lang, "state.operation.", &operation.state);
    let next = operation.next_try_at.as_deref().map(time_utc8).unwrap_or_default();
    lang.say("trouble.unresolved", &[("kind", &kind), ("number", number), ("state", &state), ("next", &next)])
}

/// Which of the three evidences there are, in a word each.
fn marks(lang: Lang, payment: &PaymentView) -> String {
    let all = [
        ("evidence.short.notice", payment.evidence.notice.is_some()),
        ("evidence.short.query", payment.evidence.query.is_some()),
        ("evidence.short.bill", payment.evidence.bill.is_some()),
    ];
    let there: Vec<_> = all.iter().filter(|(_, there)| *there).map(|(key, _)| lang.say(key, &[])).collect();
    if there.is_empty() { "—".to_owned() } else { there.join("+") }
}

/// A page of payments.
pub(crate) fn list(page: &mut Page, list: &PaymentList, environment: &str, merchant: &str) {
    page.environment(environment, Some(merchant));
    page.end();
    if list.payments.is_empty() {
        page.line(&page.say("list.no_payments", &[]));
        return;
    }
    let mut table = Table::new(&[
        ("label.time", Side::Left),
        ("label.state", Side::Left),
        ("label.amount", Side::Right),
        ("label.refunded", Side::Right),
        ("label.body", Side::Left),
        ("label.trade_type", Side::Left),
        ("label.out_trade_no", Side::Left),
        ("label.evidence", Side::Left),
    ])
    .giving_way(&[
        ("label.body", Step::Cut(10)),
        ("label.trade_type", Step::Drop),
        ("label.time", Step::Brief),
        ("label.state", Step::Brief),
        ("label.evidence", Step::Drop),
        ("label.out_trade_no", Step::Under),
        ("label.body", Step::Drop),
        ("label.refunded", Step::Drop),
        ("label.state", Step::Cut(8)),
    ]);
    for payment in &list.payments {
        let wrong = payment.conflict || !payment.disagreements.is_empty();
        let refunded = match payment.refunded_fen {
            0 => String::new(),
            fen => amount(page.lang, fen.saturating_neg(), &payment.currency),
        };
        let evidence = marks(page.lang, payment) + if wrong { " !" } else { "" };
        // Where there is no room for the evidence, the state warns.
        let said = words(page.lang, "state.order.", &payment.state);
        let mut state = state_cell(page.lang, "state.order.", &payment.state);
        if wrong {
            state = state.or_brief(&format!("! {said}"));
        }
        table.row(vec![
            time_cell(&payment.created_at),
            state,
            Cell::new(BOLD, &amount(page.lang, payment.total_fen, &payment.currency)),
            refunded.into(),
            Cell::short(payment.body.as_deref().unwrap_or(""), 24),
            payment.trade_type.as_deref().unwrap_or("").into(),
            payment.out_trade_no.as_str().into(),
            Cell::new(if wrong { BAD } else { PLAIN }, &evidence),
        ]);
    }
    table.put(page);
    foot(page, list.payments.len(), list.more);
}

/// How many there are, whether there are more, and whose time it is.
pub(crate) fn foot(page: &mut Page, count: usize, more: bool) {
    page.end();
    let key = if more { "list.more" } else { "list.all" };
    let text = page.say(key, &[("count", &count)]);
    page.styled(DIM, &text);
}

/// What the payer's side needs. The QR code only where it can be seen.
pub(crate) fn created(page: &mut Page, created: &OrderCreated) {
    one(page, &created.payment);
    page.end();
    pay(page, &created.pay);
}

fn pay(page: &mut Page, pay: &PayView) {
    let mut facts = Facts::default();
    facts.maybe("label.prepay_id", pay.prepay_id.as_ref());
    facts.maybe("label.code_url", pay.code_url.as_ref());
    facts.maybe("label.mweb_url", pay.mweb_url.as_ref());
    page.facts(&facts);
    if let Some(params) = &pay.params {
        page.end();
        parameters(page, params);
    }
    calls(page, &pay.calls);
}

fn parameters(page: &mut Page, params: &serde_json::Map<String, serde_json::Value>) {
    let title = page.say("label.params", &[]);
    page.styled(BOLD, &title);
    page.document(&serde_json::to_string_pretty(params).unwrap_or_default());
}

fn calls(page: &mut Page, calls: &[(String, String)]) {
    for (name, call) in calls {
        page.end();
        page.styled(DIM, name);
        page.document(call);
    }
}

/// The second signature.
pub(crate) fn params(page: &mut Page, view: &PayParamsView, environment: &str, merchant: &str) {
    page.environment(environment, Some(merchant));
    page.end();
    parameters(page, &view.params);
    calls(page, &view.calls);
    if let Some(text) = &view.string_to_sign {
        page.end();
        let title = page.say("label.string_to_sign", &[]);
        page.styled(DIM, &title);
        page.document(text);
    }
}

/// What was open and what became of it.
pub(crate) fn operations(page: &mut Page, operations: &[OperationView], environment: &str, merchant: &str) {
    page.environment(environment, Some(merchant));
    page.end();
    if operations.is_empty() {
        let text = page.say("list.nothing_unresolved", &[]);
        page.styled(GOOD, &text);
        return;
    }
    let mut table = Table::new(&[
        ("label.operation", Side::Left),
        ("label.state", Side::Left),
        ("label.amount", Side::Right),
        ("label.number", Side::Left),
        ("label.answer", Side::Left),
        ("label.next_try", Side::Left),
    ])
    .giving_way(&[
        ("label.answer", Step::Cut(12)),
        ("label.next_try", Step::Brief),
        ("label.state", Step::Brief),
        ("label.answer", Step::Drop),
        ("label.number", Step::Under),
        ("label.next_try", Step::Drop),
    ]);
    for operation in operations {
        let answer = [operation.err_code.as_deref(), operation.err_code_des.as_deref()];
        let answer = answer.into_iter().flatten().collect::<Vec<_>>().join(" ");
        table.row(vec![
            words(page.lang, "operation.", &operation.kind).into(),
            state_cell(page.lang, "state.operation.", &operation.state),
            operation.amount_fen.map(super::money::yuan).unwrap_or_default().into(),
            operation.out_refund_no.as_ref().unwrap_or(&operation.out_trade_no).as_str().into(),
            Cell::short(&answer, 40),
            operation.next_try_at.as_deref().map_or_else(|| "".into(), time_cell),
        ]);
    }
    table.put(page);
    foot(page, operations.len(), false);
}

#[cfg(test)]
mod tests {
    use super::*;
    use console::view::{DisagreementView, EvidenceView};

    fn mark(state: &str) -> Option<EvidenceMark> {
        Some(EvidenceMark {
            seen_at: "2026-11-21T14:05:10+08:00".into(),
            state: state.into(),
            total_fen: Some(123_450),
            transaction_id: None,
        })
    }

    fn payment() -> PaymentView {
        PaymentView {
            merchant: "面包店".into(),
            environment: "simulated".into(),
            out_trade_no: "order-0001".into(),
            transaction_id: Some("4200000000000000000000000001".into()),
            trade_type: Some("native".into()),
            state: "refunded".into(),
            total_fen: 123_450,
            currency: "CNY".into(),
            refunded_fen: 234,
            refundable_fen: 123_216,
            body: Some("面包 \u{202e}bread".into()),
            attach: None,
            openid: None,
            bank_type: Some("OTHERS".into()),
            cash_fee_fen: None,
            coupon_fee_fen: None,
            settlement_total_fen: None,
            created_at: "2026-11-21T14:05:09+08:00".into(),
            expires_at: None,
            paid_at: Some("2026-11-21T14:05:10+08:00".into()),
            evidence: EvidenceView { notice: mark("paid"), query: None, bill: None },
            disagreements: Vec::new(),
            conflict: false,
            unasked: false,
            unresolved: Vec::new(),
        }
    }

    fn shown(lang: Lang, fill: impl FnOnce(&mut Page)) -> String {
        let mut page = Page::new(lang);
        fill(&mut page);
        anstream::adapter::strip_str(&page.finish()).to_string()
    }

    #[test]
    fn one_payment_in_both_languages() {
        assert_eq!(
            shown(Lang::ZhCn, |page| one(page, &payment())),
            "\
◆ 模拟 SIMULATED · 不是真钱，数据不出本机 · 面包店

  ¥1,234.50  已付款，有退款  refunded
  商户订单号    order-0001
  微信支付单号  4200000000000000000000000001
  支付方式      扫码（顾客扫店家）  native
  商品          面包 ‹U+202E›bread
  付款方式      OTHERS
  已退          ¥2.34
  还可退        ¥1,232.16
  创建时间      2026-11-21 14:05:09 UTC+8
  付款时间      2026-11-21 14:05:10 UTC+8

  ✓ 收到通知  已付款 · ¥1,234.50 · 2026-11-21 14:05:10 UTC+8
  · 查询确认  还没有
  · 账单对上  还没有
"
        );
        let live = PaymentView { environment: "live".into(), ..payment() };
        assert_eq!(
            shown(Lang::En, |page| one(page, &live)),
            "\
● LIVE · real money · 面包店

  ¥1,234.50  paid, with a refund  refunded
  order            order-0001
  transaction      4200000000000000000000000001
  way              QR code (Native)  native
  for              面包 ‹U+202E›bread
  paid from        OTHERS
  refunded         ¥2.34
  can be refunded  ¥1,232.16
  made             2026-11-21 14:05:09 UTC+8
  paid             2026-11-21 14:05:10 UTC+8

  ✓ WeChat Pay told us  paid · ¥1,234.50 · 2026-11-21 14:05:10 UTC+8
  · We asked  not yet
  · It was billed  not yet
"
        );
    }

    #[test]
    fn a_list_in_both_languages() {
        let mut odd = payment();
        (odd.out_trade_no, odd.state, odd.total_fen, odd.refunded_fen) = ("b".into(), "unpaid".into(), 1, 0);
        odd.body = Some("一个非常非常长的商品名称要被截断才放得下".into());
        odd.evidence = EvidenceView::default();
        odd.disagreements = vec![DisagreementView {
            code: "total".into(),
            one: "order".into(),
            one_says: "0.01".into(),
            other: "notice".into(),
            other_says: "0.02".into(),
        }];
        let page_of = PaymentList { payments: vec![payment(), odd.clone()], more: true };
        assert_eq!(
            shown(Lang::ZhCn, |page| list(page, &page_of, "sandbox", "面包店")),
            "\
■ 沙箱 SANDBOX · 微信支付沙箱，不是真钱 · 面包店

  时间                 状态                          金额    已退  商品                     支付方式  商户订单号  证据
  2026-11-21 14:05:09  已付款，有退款 refunded  ¥1,234.50  -¥2.34  面包 ‹U+202E›bread       native    order-0001  通知
  2026-11-21 14:05:09  等待付款 unpaid              ¥0.01          一个非常非常长的商品名…  native    b           — !

前 2 条，后面还有，用 --limit 多看一些 · 时间均为 UTC+8
"
        );
        let told = shown(Lang::En, |page| one(page, &odd));
        assert!(
            told.ends_with("! the amount does not agree: the order says 0.01, the notice says 0.02\n"),
            "{told}"
        );
        let none = PaymentList { payments: Vec::new(), more: false };
        assert!(shown(Lang::En, |page| list(page, &none, "live", "x")).contains("paydesk order create"));
    }

    #[test]
    fn what_is_open_is_said() {
        let mut open = payment();
        open.conflict = true;
        open.unasked = true;
        open.unresolved = vec![OperationView {
            id: "x".into(),
            kind: "refund".into(),
            state: "unknown".into(),
            out_trade_no: "order-0001".into(),
            out_refund_no: Some("R1".into()),
            amount_fen: Some(100),
            err_code: Some("SYSTEMERROR".into()),
            err_code_des: Some("\u{1b}[31m系统超时".into()),
            created_at: "2026-11-21T14:05:09+08:00".into(),
            attempts: 1,
            next_try_at: Some("2026-11-21T14:06:09+08:00".into()),
        }];
        let told = shown(Lang::ZhCn, |page| one(page, &open));
        assert!(told.contains("不可能同时成立") && told.contains("不是从 Paydesk 下的"), "{told}");
        assert!(told.contains("退款 R1：结果未明，下次查询 2026-11-21 14:06:09 UTC+8"), "{told}");
        let table = shown(Lang::ZhCn, |page| operations(page, &open.unresolved, "live", "x"));
        assert!(table.contains("SYSTEMERROR ‹U+001B›[31m系统超时") && table.contains("¥1.00"), "{table}");
    }
}
