//! The values of `wx.config`: a page's address, signed with the account's ticket.

use crate::args::JssdkSigning;
use crate::console::Console;
use crate::error::{Code, ConsoleError, Result};
use crate::view::JssdkView;
use crate::words::Words;
use domain::{AppId, Secret};
use wxpay::replay::Digest;

/// No address is longer.
const LONGEST_URL: usize = 8 * 1024;

impl Console {
    /// Signs a page's address for `wx.config`.
    ///
    /// # Errors
    /// `invalid_field` with `jsapi_ticket`, `url`, `appid`, `nonce_str`, `timestamp`; `no_such_merchant`,
    /// `merchant_needed`.
    pub fn jssdk_sign(&self, signing: &JssdkSigning, ticket: &Secret<String>) -> Result<JssdkView> {
        check(ticket)?;
        let url = page(&signing.url)?;
        let appid = match &signing.appid {
            Some(appid) => AppId::parse(appid).map_err(|error| wrong("appid", &error))?,
            None => self.pick(signing.merchant.as_deref())?.appid,
        };
        let nonce = match &signing.nonce_str {
            Some(nonce)
                if nonce.is_empty()
                    || nonce.len() > 128
                    || !nonce.bytes().all(|b| b.is_ascii_alphanumeric()) =>
            {
                return Err(wrong("nonce_str", Words::new("detail.jssdk.nonce")));
            }
            Some(nonce) => nonce.clone(),
            None => domain::new_nonce(&*self.entropy).to_string(),
        };
        let timestamp = match signing.timestamp {
            // Milliseconds are the commonest mistake: WeChat Pay's clock has ten digits until 2286.
            Some(seconds) if !(1..=9_999_999_999).contains(&seconds) => {
                return Err(wrong("timestamp", Words::new("detail.jssdk.timestamp")));
            }
            Some(seconds) => seconds,
            None => self.now().millis().div_euclid(1_000),
        };
        let string =
            |ticket: &str| format!("jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}");
        let secret = Secret::new(string(ticket.expose()));
        let signature = Digest::Sha1.of(secret.expose().as_bytes(), b"").hex(false);
        let call = format!(
            "wx.config({{\n  debug: false,\n  appId: '{appid}',\n  timestamp: {timestamp},\n  nonceStr: '{nonce}',\n  \
             signature: '{signature}',\n  jsApiList: ['chooseWXPay']\n}})"
        );
        Ok(JssdkView {
            app_id: appid.to_string(),
            timestamp,
            signature,
            string_to_sign: string("***"),
            url: url.to_owned(),
            nonce_str: nonce,
            call,
        })
    }
}

/// A ticket that cannot be one: whoever signs with it blames the address for what the page then says.
fn check(ticket: &Secret<String>) -> Result<()> {
    let text = ticket.expose();
    let why = match () {
        () if text.is_empty() => "detail.jssdk.ticket.empty",
        () if text.trim_start().starts_with(['{', '[', '<']) => "detail.jssdk.ticket.answer",
        () if !text.bytes().all(|byte| byte.is_ascii_graphic()) => "detail.jssdk.ticket.not_plain",
        () => return Ok(()),
    };
    Err(wrong("jsapi_ticket", Words::new(why)))
}

fn wrong(field: &'static str, why: impl Into<Words>) -> ConsoleError {
    ConsoleError::new(Code::InvalidField).with("field", field).saying("detail", why)
}

/// The address as it is signed: up to its fragment, which no browser sends and WeChat does not sign.
fn page(url: &str) -> Result<&str> {
    let page = url.trim().split('#').next().unwrap_or_default();
    let address = page.strip_prefix("https://").or_else(|| page.strip_prefix("http://"));
    let fits = address.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?']))
        && page.len() <= LONGEST_URL
        && !page.chars().any(|c| c.is_whitespace() || c.is_control());
    if fits { Ok(page) } else { Err(wrong("url", Words::new("detail.jssdk.url"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_ticket_is_refused_by_what_it_is() {
        for (text, why) in [
            ("sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl", None),
            ("", Some("detail.jssdk.ticket.empty")),
            ("{\"errcode\":0,\"ticket\":\"bxLd\"}", Some("detail.jssdk.ticket.answer")),
            ("bxLd\nbxLd", Some("detail.jssdk.ticket.not_plain")),
        ] {
            let refused = check(&Secret::new(text.to_owned())).err();
            assert_eq!(refused.as_ref().and_then(|error| error.params.get("field")).is_some(), why.is_some());
            for lang in [crate::Lang::ZhCn, crate::Lang::En] {
                let said = refused.as_ref().map(|error| lang.error(error));
                let fits = |said: &String| said.contains("jsapi_ticket") && !said.contains("detail.");
                assert!(said.as_ref().is_none_or(fits), "{said:?}");
            }
        }
    }

    #[test]
    fn the_fragment_is_not_signed() {
        for (url, signed) in [
            ("http://mp.weixin.qq.com?params=value", Some("http://mp.weixin.qq.com?params=value")),
            ("https://shop.example/#/pay?x=1", Some("https://shop.example/")),
            (" https://shop.example/a?b=c#d#e ", Some("https://shop.example/a?b=c")),
            ("https://shop.example/面包", Some("https://shop.example/面包")),
            ("shop.example", None),
            ("https://", None),
            ("https:///x", None),
            ("javascript:alert(1)", None),
            ("https://shop.example/a b", None),
            ("", None),
        ] {
            assert_eq!(page(url).ok(), signed, "{url}");
        }
    }
}
