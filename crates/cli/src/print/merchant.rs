//! Merchants, their keys and certificates.

use super::page::{BAD, CARE, DIM, Facts, GOOD, PLAIN, Page, time_utc8, words};
use super::payment::time_cell;
use super::table::{Cell, Side, Step, Table};
use console::view::{CertificateView, KeyView, MerchantCheckView, MerchantView};

/// All of them.
pub(crate) fn list(page: &mut Page, merchants: &[MerchantView]) {
    let mut table = Table::new(&[
        ("label.name", Side::Left),
        ("label.environment", Side::Left),
        ("label.mch_id", Side::Left),
        ("label.appid", Side::Left),
        ("label.sign_type", Side::Left),
        ("label.keys", Side::Left),
        ("label.certificate", Side::Left),
    ])
    .giving_way(&[
        ("label.keys", Step::Cut(6)),
        ("label.sign_type", Step::Drop),
        ("label.certificate", Step::Cut(8)),
        ("label.appid", Step::Drop),
        ("label.certificate", Step::Drop),
        ("label.keys", Step::Drop),
        ("label.mch_id", Step::Drop),
    ]);
    for merchant in merchants {
        let keys: Vec<_> = merchant.keys.iter().map(|key| key.kind.as_str()).collect();
        let certificate = match &merchant.certificate {
            Some(certificate) => words(page.lang, "validity.", &certificate.validity),
            None if merchant.built_in => words(page.lang, "validity.", "built_in"),
            None => "—".to_owned(),
        };
        table.row(vec![
            merchant.name.as_str().into(),
            words(page.lang, "env.", &merchant.environment).into(),
            merchant.mch_id.as_str().into(),
            merchant.appid.as_str().into(),
            merchant.sign_type.as_str().into(),
            if keys.is_empty() { Cell::new(CARE, "—") } else { keys.join(", ").into() },
            certificate.into(),
        ]);
    }
    table.put(page);
}

/// One of them.
pub(crate) fn one(page: &mut Page, merchant: &MerchantView) {
    page.environment(&merchant.environment, Some(&merchant.name));
    page.end();
    let mut facts = Facts::default();
    if merchant.label != merchant.name {
        facts.add("label.label", &merchant.label);
    }
    facts.add("label.mch_id", &merchant.mch_id);
    facts.add("label.appid", &merchant.appid);
    facts.maybe("label.sub_mch_id", merchant.sub_mch_id.as_ref());
    facts.maybe("label.sub_appid", merchant.sub_appid.as_ref());
    facts.add("label.sign_type", &merchant.sign_type);
    facts.maybe("label.notify_url", merchant.notify_url.as_ref());
    facts.maybe("label.gateway_url", merchant.gateway_url.as_ref());
    page.facts(&facts);
    if !merchant.keys.is_empty() {
        page.end();
        keys(page, &merchant.keys);
    }
    if let Some(view) = &merchant.certificate {
        page.end();
        certificate(page, view);
    }
}

fn keys(page: &mut Page, keys: &[KeyView]) {
    let mut table = Table::new(&[
        ("label.key", Side::Left),
        ("label.fingerprint", Side::Left),
        ("label.added_at", Side::Left),
        ("label.age_days", Side::Right),
        ("label.retired_at", Side::Left),
    ])
    .giving_way(&[
        ("label.added_at", Step::Brief),
        ("label.retired_at", Step::Brief),
        ("label.age_days", Step::Drop),
        ("label.added_at", Step::Drop),
    ]);
    for key in keys {
        table.row(vec![
            words(page.lang, "key.", &key.kind).into(),
            key.fingerprint.as_str().into(),
            key.added_at.as_deref().map_or_else(|| "".into(), time_cell),
            key.age_days.map(|days| days.to_string()).unwrap_or_default().into(),
            key.retired_at.as_deref().map_or_else(|| "".into(), time_cell),
        ]);
    }
    table.put(page);
}

/// A key that was put in.
pub(crate) fn key(page: &mut Page, view: &KeyView) {
    keys(page, std::slice::from_ref(view));
}

/// A certificate.
pub(crate) fn certificate(page: &mut Page, certificate: &CertificateView) {
    let style = match &*certificate.validity {
        "valid" => GOOD,
        "expires_soon" => CARE,
        _ => BAD,
    };
    let days = page.say("certificate.days_left", &[("days", &certificate.days_left)]);
    let validity = format!("{} · {days}", words(page.lang, "validity.", &certificate.validity));
    let mut facts = Facts::default();
    facts.put("label.certificate", style, validity, Some(&certificate.validity));
    facts.add("label.subject", &certificate.subject);
    facts.maybe("label.mch_id", certificate.mch_id.as_ref());
    facts.add("label.serial", &certificate.serial);
    facts.add("label.issuer", &certificate.issuer);
    facts.add("label.not_before", time_utc8(&certificate.not_before));
    facts.add("label.not_after", time_utc8(&certificate.not_after));
    page.facts(&facts);
}

/// What one harmless query says.
pub(crate) fn check(page: &mut Page, view: &MerchantCheckView) {
    page.environment(&view.environment, Some(&view.merchant));
    page.end();
    for item in &view.items {
        let (style, mark) = mark(item.ok);
        page.pad(2);
        page.put(style, mark);
        let name = words(page.lang, "merchant.item.", &item.id);
        let reason = words(page.lang, "merchant.check.", &item.reason);
        page.put(PLAIN, &format!(" {name}  {reason}"));
        if let Some(detail) = &item.detail {
            page.put(DIM, &format!("  {detail}"));
        }
        page.end();
    }
    page.end();
    let (style, key) = if view.ok { (GOOD, "merchant.all_right") } else { (BAD, "merchant.not_right") };
    let text = page.say(key, &[]);
    page.styled(style, &text);
}

/// Yes, no, or not known.
pub(crate) const fn mark(ok: Option<bool>) -> (anstyle::Style, &'static str) {
    match ok {
        Some(true) => (GOOD, "✓"),
        Some(false) => (BAD, "✗"),
        None => (DIM, "?"),
    }
}
