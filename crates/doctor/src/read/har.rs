//! What a browser or a proxy saved: a HAR file, or one entry of it.

use super::object::Object;
use super::{DEPTH, Messages, escape, gather, http, several, text};
use crate::reading::{Exchange, Format, Message, Reading, Undone, Unreadable};

/// Most headers of a message that are looked at.
const MOST: usize = 64;

/// Most entries that are looked at: a browser saves every picture of a page.
const MOST_ENTRIES: usize = 1024;

/// What WeChat Pay's API is called under.
const HOST: &str = "mch.weixin.qq.com/";

/// Longest address that is said.
const ADDRESS: usize = 120;

/// The entries of a HAR file, or the one that stands alone; `None` if it is none.
fn entries(file: &str) -> Option<Vec<Object>> {
    let start = file.len() - file.trim_start().len();
    if !file[start..].starts_with('{') || !(file.contains("\"postData\"") || file.contains("\"content\"")) {
        return None;
    }
    let file = Object::read(file, start).ok()?;
    Some(match file.object("log") {
        Some(log) => log.list("entries", MOST_ENTRIES),
        None => vec![file],
    })
}

/// What the first entry's request, or else its response, says that is about WeChat Pay; else the first that says
/// anything. `depth`: how many layers may still be undone.
pub(super) fn read(file: &str, depth: u8) -> Option<Result<Reading, Unreadable>> {
    let (mut other, mut failed) = (None, None);
    for entry in &entries(file)? {
        for half in [request(entry), response(entry)].into_iter().flatten() {
            match half.read(depth) {
                Ok(reading) if gather::tells(&reading) => return Some(Ok(reading)),
                Ok(reading) => other = other.or(Some(Ok(reading))),
                Err(error) if failed.as_ref().is_none_or(|known| *known == Unreadable::Nothing) => {
                    failed = Some(error);
                }
                Err(_) => {}
            }
        }
    }
    other.or(failed.map(Err))
}

/// Every request and response that is a message of the API; `None` if this is no HAR file.
pub(super) fn messages(file: &str) -> Option<Messages> {
    let entries = entries(file)?;
    let mut messages = Messages::default();
    for (number, entry) in (1..).zip(&entries) {
        let (method, address) = asked(entry).unwrap_or_default();
        let of_api = address.contains(HOST);
        for (is_reply, half) in [(false, request(entry)), (true, response(entry))] {
            let Some(half) = half else { continue };
            let Ok(reading) = half.read(DEPTH - 1) else { continue };
            let own = of_api && gather::tells(&reading);
            if own || several::is_message(&reading) {
                let request = format!("{method} {address}").trim().to_owned();
                let exchange = Some(Exchange { request, is_reply });
                messages.push(Message { number, exchange, text: half.body, reading });
            }
        }
    }
    Some(messages)
}

/// The method and the address of an entry, without its query, which may hold anything.
fn asked(entry: &Object) -> Option<(String, String)> {
    let request = entry.object("request")?;
    let address = request.get("url")?.split(['?', '#']).next()?;
    Some((request.get("method")?.to_owned(), address.chars().take(ADDRESS).collect()))
}

/// A request or a response with a body.
struct Half {
    message: Object,
    body: String,
    gbk: bool,
}

fn request(entry: &Object) -> Option<Half> {
    let message = entry.object("request")?;
    let body = message.object("postData")?.get("text")?.to_owned();
    Some(Half { message, body, gbk: false })
}

fn response(entry: &Object) -> Option<Half> {
    let message = entry.object("response")?;
    let content = message.object("content")?;
    let body = content.get("text")?;
    if content.get("encoding") != Some("base64") {
        return Some(Half { body: body.to_owned(), message, gbk: false });
    }
    let (body, gbk) = escape::base64(body).and_then(escape::text_of)?;
    Some(Half { message, body, gbk })
}

impl Half {
    fn read(&self, depth: u8) -> Result<Reading, Unreadable> {
        let header = |header: &Object| Some(http::is_v3(header.get("name")?, header.get("value")?));
        let v3 = self.message.list("headers", MOST).iter().any(|each| header(each) == Some(true));
        let mut reading = http::headed(text(&self.body, depth), Format::Har, v3)?;
        reading.undone.splice(0..0, self.gbk.then_some(Undone::Gbk));
        Ok(reading)
    }
}
