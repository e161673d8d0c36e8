//! What is signed for wx.config: the address of the page, and four names.

use super::{Made, Reach, Slot, how, one, values};
use crate::cause::Cause;
use crate::document::Document;
use crate::recipe::Order;

pub(super) fn add<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    names(document, made);
    let Some(url) = document.get("url") else { return };
    let page = url.split('#').next().unwrap_or_default();
    let mut known = vec![page.to_owned()];
    let mut add = |written: String, signed: String, cost: usize| {
        // Nothing that is as long as a document is an address.
        if signed.len() > 8192 || signed.is_empty() || known.contains(&signed) {
            return;
        }
        known.push(signed.clone());
        let params = vec![("written", written), ("url", signed.clone())];
        let mistake = made
            .add(Cause::JssdkUrl, params, Slot::Value, move |recipe| one(recipe, "url", |_| signed.clone()));
        mistake.cost = cost;
        mistake.field = Some("url".into());
        mistake.reach = if cost == 1 { Reach::Whole } else { Reach::Alone };
    };
    let mut first = Vec::new();
    if url != page {
        first.push(("fragment kept".to_owned(), url.to_owned()));
    }
    for other in document.pages.iter().take(MOST_PAGES) {
        first.push(("another page".to_owned(), other.split('#').next().unwrap_or_default().to_owned()));
        first.push(("another page, fragment kept".to_owned(), other.clone()));
    }
    first.extend(WAYS.iter().map(|(written, change)| ((*written).to_owned(), change(page))));
    first.extend(without_parameters(page));
    for (written, signed) in &first {
        add(written.clone(), signed.clone(), 1);
    }
    for (before, signed) in &first {
        for (written, change) in WAYS {
            add(format!("{before}; {written}"), change(signed), 2);
        }
    }
}

/// So many other pages are looked at.
const MOST_PAGES: usize = 20;

fn names<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    for (from, to) in [
        ("noncestr", "nonceStr"),
        ("noncestr", "nonce_str"),
        ("timestamp", "timeStamp"),
        ("jsapi_ticket", "jsapiTicket"),
        ("jsapi_ticket", "ticket"),
        ("jsapi_ticket", "jsapiticket"),
        ("url", "URL"),
    ] {
        let params = vec![("from", from.to_owned()), ("to", to.to_owned())];
        made.add(Cause::JssdkNames, params, Slot::Names, move |recipe| {
            recipe
                .entries
                .iter_mut()
                .filter(|entry| &*entry.name == from)
                .for_each(|entry| entry.name = to.into());
        })
        .field = Some(from.into());
    }
    let camel = [("noncestr", "nonceStr"), ("timestamp", "timeStamp"), ("jsapi_ticket", "jsapiTicket")];
    for (written, many) in [("nonceStr, timeStamp", 2), ("nonceStr, timeStamp, jsapiTicket", 3)] {
        made.add(Cause::JssdkNames, how(written), Slot::Names, move |recipe| {
            for (from, to) in &camel[..many] {
                recipe
                    .entries
                    .iter_mut()
                    .filter(|entry| &*entry.name == *from)
                    .for_each(|entry| entry.name = (*to).into());
            }
        });
    }
    for (written, order) in [
        ("not sorted", Order::Document),
        ("sorted from z to a", Order::Descending),
        ("sorted by value", Order::Value),
        ("sorted without regard to case", Order::Small),
    ] {
        made.add(Cause::JssdkNames, how(written), Slot::Order, move |recipe| recipe.order = order);
    }
    // The values alone, in the order of messages that a server gets: sorted and joined with nothing.
    if document.get("jsapi_ticket").is_some() {
        made.add(Cause::JssdkNames, how("values alone"), Slot::Names, |recipe| {
            recipe.entries.iter_mut().for_each(|entry| entry.name = "".into());
            recipe.order = Order::Value;
            recipe.join = crate::recipe::Join { between: "", equals: "", key: "" };
        });
    }
}

type Way = (&'static str, fn(&str) -> String);

const WAYS: [Way; 21] = [
    ("query dropped", |url| until(url, '?')),
    ("http for https", |url| scheme(url, "https://", "http://")),
    ("https for http", |url| scheme(url, "http://", "https://")),
    ("& as &amp;", |url| url.replace('&', "&amp;")),
    ("&amp; as &", |url| url.replace("&amp;", "&")),
    ("encodeURIComponent", |url| values::percent(url, values::COMPONENT, true)),
    ("encodeURIComponent, lower case", |url| values::percent(url, values::COMPONENT, false)),
    ("encodeURI", |url| values::percent(url, values::ADDRESS, true)),
    ("encodeURI, escapes kept", |url| values::percent(url, "-_.!~*'();/?:@&=+$,%", true)),
    ("decoded", |url| values::decoded(url, false)),
    ("decoded, + as blank", |url| values::decoded(url, true)),
    ("slash behind the path", |url| slash(url, true)),
    ("no slash behind the path", |url| slash(url, false)),
    ("slash at the end", |url| format!("{url}/")),
    ("# at the end", |url| format!("{url}#")),
    ("#/ at the end", |url| format!("{url}#/")),
    ("#wechat_redirect at the end", |url| format!("{url}#wechat_redirect")),
    ("host alone", |url| host(url).0.to_owned()),
    ("host and slash alone", |url| format!("{}/", host(url).0)),
    ("path alone", |url| host(url).1.to_owned()),
    ("port dropped", without_port),
];

fn until(url: &str, sign: char) -> String {
    url.split(sign).next().unwrap_or_default().to_owned()
}

fn scheme(url: &str, from: &str, to: &str) -> String {
    url.strip_prefix(from).map_or_else(|| url.to_owned(), |rest| format!("{to}{rest}"))
}

/// Scheme and host, and what comes behind.
fn host(url: &str) -> (&str, &str) {
    let begin = url.find("://").map_or(0, |at| at + 3);
    let end = url[begin..].find(['/', '?', '#']).map_or(url.len(), |at| begin + at);
    url.split_at(end)
}

fn slash(url: &str, with: bool) -> String {
    let (path, query) = url.split_at(url.find(['?', '#']).unwrap_or(url.len()));
    let path = path.trim_end_matches('/');
    format!("{path}{}{query}", if with { "/" } else { "" })
}

fn without_port(url: &str) -> String {
    let (host, rest) = host(url);
    let bare = host
        .rsplit_once(':')
        .filter(|(_, port)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()));
    bare.map_or_else(|| url.to_owned(), |(host, _)| format!("{host}{rest}"))
}

/// Without a parameter, or without what WeChat itself adds.
fn without_parameters(url: &str) -> Vec<(String, String)> {
    let Some((path, query)) = url.split_once('?') else { return Vec::new() };
    let parts: Vec<&str> = query.split('&').take(50).collect();
    let name = |part: &str| until(part, '=');
    let without = |gone: &dyn Fn(&str) -> bool| {
        let left: Vec<&str> = query.split('&').filter(|part| !gone(&name(part))).collect();
        if left.is_empty() { path.to_owned() } else { format!("{path}?{}", left.join("&")) }
    };
    let own = ["code", "state", "from", "isappinstalled"];
    let mut all = vec![("code and state dropped".to_owned(), without(&|name| own[..2].contains(&name)))];
    all.push(("from and isappinstalled dropped".to_owned(), without(&|name| own[2..].contains(&name))));
    for part in parts {
        all.push((format!("{} dropped", name(part)), without(&|other| other == name(part))));
    }
    all
}
