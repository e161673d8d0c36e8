//! What a browser or a proxy saved: a HAR file, or one entry of it.

use super::object::Object;
use super::{escape, http, text};
use crate::reading::{Format, Reading, Undone, Unreadable};

/// Most headers of a message, and most entries, that are looked at.
const MOST: usize = 64;

/// What an entry's request, or else its response, says. `depth`: how many layers may still be undone.
pub(super) fn read(file: &str, depth: u8) -> Option<Result<Reading, Unreadable>> {
    let start = file.len() - file.trim_start().len();
    if !file[start..].starts_with('{') || !(file.contains("\"postData\"") || file.contains("\"content\"")) {
        return None;
    }
    let file = Object::read(file, start).ok()?;
    let entries = match file.object("log") {
        Some(log) => log.list("entries", MOST),
        None => vec![file],
    };
    let mut failed = None;
    for entry in &entries {
        for read in [request(entry, depth), response(entry, depth)].into_iter().flatten() {
            match read {
                Ok(reading) => return Some(Ok(reading)),
                Err(error) if failed.as_ref().is_none_or(|known| *known == Unreadable::Nothing) => {
                    failed = Some(error);
                }
                Err(_) => {}
            }
        }
    }
    failed.map(Err)
}

fn request(entry: &Object, depth: u8) -> Option<Result<Reading, Unreadable>> {
    let request = entry.object("request")?;
    let body = request.object("postData")?;
    Some(message(&request, body.get("text")?, depth))
}

fn response(entry: &Object, depth: u8) -> Option<Result<Reading, Unreadable>> {
    let response = entry.object("response")?;
    let content = response.object("content")?;
    let body = content.get("text")?;
    if content.get("encoding") != Some("base64") {
        return Some(message(&response, body, depth));
    }
    let (body, gbk) = escape::base64(body).and_then(escape::text_of)?;
    Some(message(&response, &body, depth).map(|mut reading| {
        reading.undone.splice(0..0, gbk.then_some(Undone::Gbk));
        reading
    }))
}

fn message(message: &Object, body: &str, depth: u8) -> Result<Reading, Unreadable> {
    let header = |header: &Object| Some(http::is_v3(header.get("name")?, header.get("value")?));
    let v3 = message.list("headers", MOST).iter().any(|each| header(each) == Some(true));
    http::headed(text(body, depth), Format::Har, v3)
}
