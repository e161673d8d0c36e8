use domain::Secret;
use serde::{Deserialize, Serialize};
use std::fmt;
use wxpay::{ApiKey, SignType};

/// Names a client certificate: here simply by the merchant number it was given out to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CertId(pub String);

/// A sub-merchant (特约商户) of a service provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubMerchant {
    /// Its merchant number.
    pub sub_mch_id: String,
    /// Its own appids, which `sub_appid` may name.
    pub appids: Vec<String>,
}

/// A merchant as the gateway knows it. None of this is ever a real one's: what the simulator holds is published.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merchant {
    /// The merchant number (商户号).
    pub mch_id: String,
    /// Every appid bound to it.
    pub appids: Vec<String>,
    /// The API v2 key.
    pub api_key: String,
    /// The AppSecret of its appid.
    pub app_secret: String,
    /// Its current client certificate.
    pub certificate: CertId,
    /// Not empty for a service provider (服务商): then every request must name one of these.
    pub sub_merchants: Vec<SubMerchant>,
    /// Where refund notices go if a refund names no URL of its own.
    pub refund_notify_url: Option<String>,
    /// Trade types it has not been granted, such as `MWEB`: answered with NOAUTH.
    pub not_granted: Vec<String>,
    /// Fen of payments not settled yet: what refunds are paid from. Grows with payments, may be withdrawn.
    pub unsettled_fen: i64,
    /// Fen it has charged up for refunds (REFUND_SOURCE_RECHARGE_FUNDS).
    pub recharge_fen: i64,
}

/// Without the keys: they are synthetic, but a habit is a habit.
impl fmt::Debug for Merchant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merchant")
            .field("mch_id", &self.mch_id)
            .field("appids", &self.appids)
            .finish_non_exhaustive()
    }
}

/// The built-in merchant's number. No real merchant's begins with 99.
pub const MCH_ID: &str = "9900000001";
/// The built-in merchant's appid.
pub const APPID: &str = "wxsimulated0000001";
/// The built-in merchant's API v2 key: published here, so worth nothing.
pub const API_KEY: &str = "SIMULATEDkeySIMULATEDkeySIMUL001";
/// The built-in merchant's AppSecret: published here, so worth nothing.
pub const APP_SECRET: &str = "51a0000000000000000000000051a001";

impl Merchant {
    /// The built-in simulated merchant. Everything about it is published.
    #[must_use]
    pub fn built_in() -> Self {
        Self::new(MCH_ID, APPID, API_KEY)
    }

    /// An ordinary merchant with one appid, a certificate of its own, and nothing in its balance.
    #[must_use]
    pub fn new(mch_id: &str, appid: &str, api_key: &str) -> Self {
        Self {
            mch_id: mch_id.into(),
            appids: vec![appid.into()],
            api_key: api_key.into(),
            app_secret: APP_SECRET.into(),
            certificate: CertId(mch_id.into()),
            sub_merchants: Vec::new(),
            refund_notify_url: None,
            not_granted: Vec::new(),
            unsettled_fen: 0,
            recharge_fen: 0,
        }
    }

    pub(crate) fn key(&self) -> ApiKey {
        ApiKey::new(Secret::new(self.api_key.clone()))
    }

    /// The key of the official sandbox: derived from the real one, as WeChat's own differs from it.
    pub(crate) fn sandbox_key(&self) -> String {
        let mut fields = wxpay::Fields::new();
        // One constant field: it cannot be refused.
        let _ = fields.add("sandbox", self.mch_id.clone());
        wxpay::sign::sign(&fields, &self.key(), SignType::Md5).to_string().to_lowercase()
    }
}

pub(crate) const RECHARGE: &str = "REFUND_SOURCE_RECHARGE_FUNDS";

impl Merchant {
    /// What can be refunded from this `refund_account`, in fen.
    pub(crate) fn available(&self, account: &str) -> i64 {
        if account == RECHARGE { self.recharge_fen } else { self.unsettled_fen }
    }

    pub(crate) fn take_from(&mut self, account: &str, fen: i64) {
        let balance = if account == RECHARGE { &mut self.recharge_fen } else { &mut self.unsettled_fen };
        *balance = balance.saturating_sub(fen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_merchant_is_well_formed_and_no_real_one() {
        let merchant = Merchant::built_in();
        assert!(merchant.key().is_well_formed());
        assert!(merchant.mch_id.starts_with("99") && domain::MchId::parse(&merchant.mch_id).is_ok());
        assert!(domain::AppId::parse(APPID).is_ok());
        assert_eq!(merchant.sandbox_key().len(), 32);
        assert!(!format!("{merchant:?}").contains(API_KEY));
    }
}
