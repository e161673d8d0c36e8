use serde::{Deserialize, Serialize};

/// A merchant as stored. Its keys are in the OS keychain and never here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct MerchantView {
    /// The name it is picked by.
    pub name: String,
    /// What the window shows; free text.
    pub label: String,
    /// `simulated`, `sandbox` or `live`.
    pub environment: String,
    /// Whether this is the simulated merchant that is always there.
    pub built_in: bool,
    /// The merchant number.
    pub mch_id: String,
    /// The account payments belong to.
    pub appid: String,
    /// Service-provider mode: the sub-merchant.
    pub sub_mch_id: Option<String>,
    /// Service-provider mode: the sub-merchant's appid.
    pub sub_appid: Option<String>,
    /// `MD5` or `HMAC-SHA256`.
    pub sign_type: String,
    /// Where notices go.
    pub notify_url: Option<String>,
    /// A simulated merchant on a running `paydesk simulator serve`: its address.
    pub gateway_url: Option<String>,
    /// Its keys, newest first.
    pub keys: Vec<KeyView>,
    /// Its client certificate.
    pub certificate: Option<CertificateView>,
}

/// A key in the OS keychain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct KeyView {
    /// `api_v2`, `api_v3`, `app_secret`, `sandbox` or `former`.
    pub kind: String,
    /// Four characters that tell keys apart and tell nothing about them.
    pub fingerprint: String,
    /// When it was put in; `null` for the built-in merchant's published key.
    pub added_at: Option<String>,
    /// When it was replaced.
    pub retired_at: Option<String>,
    /// Whole days since it was put in.
    pub age_days: Option<i64>,
}

/// A client certificate, sealed under a key in the OS keychain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CertificateView {
    /// Whose it is, as written in it.
    pub subject: String,
    /// The merchant number in it.
    pub mch_id: Option<String>,
    /// Serial number, hex.
    pub serial: String,
    /// Who issued it.
    pub issuer: String,
    /// First moment it is good.
    pub not_before: String,
    /// Last moment it is good.
    pub not_after: String,
    /// Whole days left; negative if it has expired.
    pub days_left: i64,
    /// `valid`, `expires_soon` (within 30 days), `expired` or `not_yet_valid`.
    pub validity: String,
}

/// What one harmless query says about a merchant's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct MerchantCheckView {
    /// The merchant's name.
    pub merchant: String,
    /// `simulated`, `sandbox` or `live`.
    pub environment: String,
    /// Whether everything that could be checked is right.
    pub ok: bool,
    /// One row for each: `reachable`, `key`, `mch_id`, `appid`, `certificate`, `clock`, `notify_url`.
    pub items: Vec<CheckItem>,
}

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CheckItem {
    /// What was checked.
    pub id: String,
    /// Right, wrong, or not known (`null`).
    pub ok: Option<bool>,
    /// A key of `locales/` under `merchant.check.`, saying what it means.
    pub reason: String,
    /// WeChat Pay's own words or the certificate's dates, where there are any.
    pub detail: Option<String>,
}
