//! One harmless query that says what is right and what is wrong with a merchant's settings.

use crate::args::KeyKind;
use crate::console::Console;
use crate::error::{Code, ConsoleError, Result};
use crate::view::{CheckItem, KeyView, MerchantCheckView, moment};
use domain::{Environment, Secret};
use wxpay::ApiKey;
use wxpay::api::{GetSignKey, OrderQuery};
use wxpay::client::{CallError, Exchange, NotSentWhy, UnknownWhy};

fn item(id: &str, ok: Option<bool>, reason: &str, detail: Option<String>) -> CheckItem {
    CheckItem { id: id.into(), ok, reason: reason.into(), detail }
}

/// Unified order wants to know where the notice goes.
fn notify_item(notify_url: Option<&str>) -> CheckItem {
    match notify_url {
        Some(url) => item("notify_url", Some(true), "notify_url_set", Some(url.to_owned())),
        None => item("notify_url", Some(false), "notify_url_none", None),
    }
}

impl Console {
    /// Asks about an order that cannot exist. "No such order", signed, proves mch_id, appid and key; what else
    /// comes back says what is wrong. Nothing is made or moved, and the ledger's payments are not touched.
    ///
    /// # Errors
    /// `key_missing`, `keychain_*`: then there is nothing to ask with.
    pub async fn check_merchant(&self, merchant: Option<&str>) -> Result<MerchantCheckView> {
        let desk = self.desk(merchant, false)?;
        let number = domain::new_out_trade_no(&*self.entropy, desk.now());
        let mut exchanges = Vec::new();
        let observe = &mut |exchange: &Exchange| exchanges.push(exchange.clone());
        let result = desk.client.call(&OrderQuery::new(number), observe).await;
        for exchange in &exchanges {
            let stored = crate::desk::stored(exchange, &desk.merchant.name, None);
            desk.ledger.record_exchange(&stored, desk.now())?;
        }
        let mut items = judge(result.map(drop));
        items.extend(exchanges.last().and_then(clock_item));
        items.push(notify_item(desk.merchant.notify_url.as_deref()));
        items.push(self.certificate_item(&desk.merchant)?);
        Ok(MerchantCheckView {
            merchant: desk.merchant.name.clone(),
            environment: desk.merchant.environment.to_string(),
            ok: items.iter().all(|item| item.ok != Some(false))
                && items.iter().any(|item| item.ok == Some(true)),
            items,
        })
    }

    /// Fetches the key of WeChat's sandbox with the merchant's own key, and stores it. WeChat changes it from
    /// time to time; fetch it again when the sandbox says that the signature is wrong.
    ///
    /// # Errors
    /// `not_in_sandbox` for another environment; `key_missing`, `refused`, `no_answer`, `keychain_*`.
    pub async fn fetch_sandbox_key(&self, merchant: &str) -> Result<KeyView> {
        let stored = self.pick(Some(merchant))?;
        if stored.environment != Environment::Sandbox {
            return Err(ConsoleError::new(Code::NotInSandbox).with("operation", "get_sign_key"));
        }
        let own = self.vault.key(&stored.name, vault::KeyKind::ApiV2);
        let own = own.map_err(|error| ConsoleError::from(error).with("merchant", &stored.name))?;
        let client = self.client_with(&stored, ApiKey::new(own), false)?;
        let mut exchanges = Vec::new();
        let result = client.call(&GetSignKey, &mut |exchange| exchanges.push(exchange.clone())).await;
        let ledger = self.ledger(stored.environment)?;
        for exchange in &exchanges {
            ledger.record_exchange(&crate::desk::stored(exchange, &stored.name, None), self.now())?;
        }
        let done = result.map_err(|error| crate::desk::query_error(&error, "get_sign_key", ""))?;
        let key = Secret::new(done.reply.sandbox_signkey.expose().to_owned());
        self.set_key(merchant, KeyKind::Sandbox, key)
    }

    /// The certificate as far as it can be judged without using it.
    fn certificate_item(&self, merchant: &crate::merchants::Merchant) -> Result<CheckItem> {
        if merchant.is_built_in() {
            return Ok(item("certificate", Some(true), "certificate_built_in", None));
        }
        let Some(info) = self.vault.certificate_info(&merchant.name)? else {
            let reason = "certificate_none";
            let needed = if merchant.environment == Environment::Sandbox { None } else { Some(false) };
            return Ok(item("certificate", needed, reason, None));
        };
        if let vault::Owner::Other { mch_id } = info.owner(&merchant.mch_id) {
            return Ok(item(
                "certificate",
                Some(false),
                "certificate_other_merchant",
                Some(mch_id.to_string()),
            ));
        }
        let until = Some(moment(info.not_after));
        Ok(match info.validity(self.now()) {
            vault::Validity::Valid { .. } => item("certificate", Some(true), "certificate_valid", until),
            vault::Validity::ExpiresSoon { .. } => {
                item("certificate", Some(true), "certificate_expires_soon", until)
            }
            vault::Validity::Expired { .. } => item("certificate", Some(false), "certificate_expired", until),
            vault::Validity::NotYet { from } => {
                item("certificate", Some(false), "certificate_not_yet_valid", Some(moment(from)))
            }
        })
    }
}

/// This computer's clock against the gateway's, where that told its own. A clock that is far off breaks TLS,
/// order expiry and the front end's `timeStamp`.
fn clock_item(exchange: &Exchange) -> Option<CheckItem> {
    let ahead_secs = exchange.clock_skew_ms?.checked_div(1000)?;
    let detail = Some(format!("{} s", ahead_secs.checked_neg()?));
    Some(match exchange.clock_is_off() {
        true => item("clock", Some(false), "clock_off", detail),
        false => item("clock", Some(true), "clock_right", None),
    })
}

/// What each kind of answer proves.
fn judge(result: std::result::Result<(), CallError>) -> Vec<CheckItem> {
    let all = |ok: Option<bool>, reason: &str| {
        ["key", "mch_id", "appid"].map(|id| item(id, ok, reason, None)).to_vec()
    };
    let reachable = |ok, reason: &str, detail: Option<String>| item("reachable", Some(ok), reason, detail);
    let mut items = vec![reachable(true, "reachable", None)];
    match result {
        Ok(()) => items.extend(all(Some(true), "proven")),
        Err(CallError::Rejected(no)) => {
            let said = Some(no.description.clone()).filter(|text| !text.is_empty());
            match no.code.as_deref() {
                Some("ORDERNOTEXIST") => items.extend(all(Some(true), "proven")),
                Some("SIGNERROR") => items.push(item("key", Some(false), "sign_error", said)),
                Some("APPID_NOT_EXIST") => items.push(item("appid", Some(false), "appid_not_exist", said)),
                Some("MCHID_NOT_EXIST") => items.push(item("mch_id", Some(false), "mchid_not_exist", said)),
                Some("APPID_MCHID_NOT_MATCH") => {
                    items.push(item("appid", Some(false), "appid_mchid_not_match", said));
                }
                None if no.description.contains("签名") => {
                    items.push(item("key", Some(false), "sign_error", said));
                }
                None if no.description.contains("appid") => {
                    items.push(item("appid", Some(false), "appid_not_exist", said));
                }
                None if no.description.contains("商户号") || no.description.contains("mch_id") => {
                    items.push(item("mch_id", Some(false), "mchid_not_exist", said));
                }
                _ => items.push(item("key", None, "refused_otherwise", said)),
            }
        }
        Err(CallError::Unknown(UnknownWhy::BadSignature(_))) => {
            // WeChat Pay took our signature for right, or it would have said so; its own does not fit our key.
            items.push(item("key", Some(false), "reply_not_signed_with_it", None));
        }
        Err(CallError::Unknown(why)) => {
            return vec![reachable(false, "no_answer", Some(why.to_string()))];
        }
        Err(CallError::NotSent(NotSentWhy::Build(error))) => {
            items.push(item("key", None, "refused_otherwise", Some(error.to_string())));
        }
        Err(CallError::NotSent(NotSentWhy::Transport(why))) => {
            return vec![reachable(false, "not_reachable", Some(why.to_string()))];
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_notice_address_no_order_can_be_made() {
        let with = notify_item(Some("https://shop.example/notify"));
        assert_eq!((with.ok, &*with.reason), (Some(true), "notify_url_set"));
        let without = notify_item(None);
        assert_eq!((without.ok, &*without.reason), (Some(false), "notify_url_none"));
    }
}
