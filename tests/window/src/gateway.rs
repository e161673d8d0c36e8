//! A gateway that says no in words of the test's own: everything else it passes on to a simulator that is served.

use domain::Secret;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use wxpay::{ApiKey, Fields, SignType, sign};

/// What the next requests on a path are answered: the path's end, `err_code`, `err_code_des`.
type No = Option<(String, String, String)>;

/// It listens on the loopback until the test ends.
pub struct Gateway {
    url: String,
    no: Arc<Mutex<No>>,
}

/// What a reply is made of.
struct Shop {
    upstream: String,
    appid: String,
    mch_id: String,
    key: ApiKey,
}

impl Gateway {
    /// In front of the simulator that printed this line.
    ///
    /// # Panics
    /// If it cannot listen, or the line is another.
    #[must_use]
    pub fn before(served: &Value) -> Self {
        let text = |name: &str| served[name].as_str().unwrap().to_owned();
        let key = std::fs::read_to_string(text("key_file")).unwrap();
        let shop = Shop {
            upstream: text("url").trim_start_matches("http://").trim_end_matches('/').to_owned(),
            appid: text("appid"),
            mch_id: text("mch_id"),
            key: ApiKey::new(Secret::new(key.trim().to_owned())),
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let no = Arc::new(Mutex::new(None));
        let answers = Arc::clone(&no);
        let shop = Arc::new(shop);
        std::thread::spawn(move || {
            for caller in listener.incoming().flatten() {
                let (shop, answers) = (Arc::clone(&shop), Arc::clone(&answers));
                // Who hangs up early is of no interest here.
                std::thread::spawn(move || answer(caller, &shop, &answers).ok());
            }
        });
        Self { url, no }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on every request whose path ends so is refused, well signed, in these words.
    ///
    /// # Panics
    /// If another thread of it has.
    pub fn refuse(&self, path: &str, err_code: &str, err_code_des: &str) {
        *self.no.lock().unwrap() = Some((path.into(), err_code.into(), err_code_des.into()));
    }

    /// From now on nothing is refused.
    ///
    /// # Panics
    /// If another thread of it has.
    pub fn refuse_nothing(&self) {
        *self.no.lock().unwrap() = None;
    }
}

fn answer(mut caller: TcpStream, shop: &Shop, no: &Mutex<No>) -> std::io::Result<()> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 8_192]);
    let (head, length) = loop {
        let read = caller.read(&mut piece)?;
        if read == 0 {
            return Ok(());
        }
        bytes.extend_from_slice(&piece[..read]);
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head.lines().filter_map(|line| line.split_once(':'));
            let mut length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            let length: usize = length.next().and_then(|(_, text)| text.trim().parse().ok()).unwrap_or(0);
            bytes.drain(..end + 4);
            break (head, length);
        }
    };
    while bytes.len() < length {
        let read = caller.read(&mut piece)?;
        bytes.extend_from_slice(&piece[..read]);
    }
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let no = no.lock().unwrap().clone().filter(|(end, ..)| path.ends_with(end));
    if let Some((_, err_code, err_code_des)) = no {
        let body = refusal(shop, &err_code, &err_code_des);
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        caller.write_all(head.as_bytes())?;
        return caller.write_all(body.as_bytes());
    }
    let mut upstream = TcpStream::connect(&shop.upstream)?;
    let head: String = head
        .lines()
        .filter(|line| !line.to_ascii_lowercase().starts_with("connection:"))
        .map(|line| format!("{line}\r\n"))
        .collect();
    upstream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes())?;
    upstream.write_all(&bytes)?;
    std::io::copy(&mut upstream, &mut caller).map(drop)
}

/// A no as WeChat Pay signs it.
fn refusal(shop: &Shop, err_code: &str, err_code_des: &str) -> String {
    let mut fields = Fields::new();
    for (name, value) in [
        ("return_code", "SUCCESS"),
        ("return_msg", "OK"),
        ("appid", &*shop.appid),
        ("mch_id", &*shop.mch_id),
        ("nonce_str", "5K8264ILTKCH16CQ2502SI8ZNMTM67VS"),
        ("result_code", "FAIL"),
        ("err_code", err_code),
        ("err_code_des", err_code_des),
    ] {
        fields.add(name, value).unwrap();
    }
    let signed = sign::sign(&fields, &shop.key, SignType::Md5).to_string();
    fields.add("sign", signed).unwrap();
    let mut body = String::from("<xml>");
    for (name, value) in fields.iter() {
        let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        body.push_str(&format!("<{name}>{value}</{name}>"));
    }
    body + "</xml>"
}
