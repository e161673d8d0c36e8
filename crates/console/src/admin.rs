//! Merchants: their settings in `merchants.json`, their secrets in the vault.

use crate::args::{KeyKind, NewMerchant};
use crate::console::Console;
use crate::error::{Code, ConsoleError, Result};
use crate::merchants::{self, Merchant};
use crate::shape::days;
use crate::view::{CertificateView, KeyView, MerchantView, moment};
use crate::words::Words;
use domain::{Environment, MchId, Secret, Timestamp};
use vault::{CertificateInfo, KeyInfo, Owner, Validity};

fn vault_kind(kind: KeyKind) -> vault::KeyKind {
    match kind {
        KeyKind::ApiV2 => vault::KeyKind::ApiV2,
        KeyKind::ApiV3 => vault::KeyKind::ApiV3,
        KeyKind::AppSecret => vault::KeyKind::AppSecret,
        KeyKind::Sandbox => vault::KeyKind::Sandbox,
    }
}

fn key_view(info: &KeyInfo, now: Timestamp) -> KeyView {
    KeyView {
        kind: info.kind.as_str().into(),
        fingerprint: info.fingerprint.clone(),
        added_at: Some(moment(info.added_at)),
        retired_at: info.retired_at.map(moment),
        age_days: Some(days(info.added_at, now)),
    }
}

fn certificate_view(info: &CertificateInfo, now: Timestamp) -> CertificateView {
    let validity = match info.validity(now) {
        Validity::Valid { .. } => "valid",
        Validity::ExpiresSoon { .. } => "expires_soon",
        Validity::Expired { .. } => "expired",
        Validity::NotYet { .. } => "not_yet_valid",
    };
    CertificateView {
        subject: info.subject.clone(),
        mch_id: info.mch_id.as_ref().map(ToString::to_string),
        serial: info.serial.clone(),
        issuer: info.issuer.clone(),
        not_before: moment(info.not_before),
        not_after: moment(info.not_after),
        days_left: days(now, info.not_after),
        validity: validity.into(),
    }
}

/// A notify_url that WeChat Pay would take: absolute, http or https, at most 256 bytes, no query, no fragment.
pub(crate) fn check_notify_url(url: &str) -> Result<()> {
    let wrong = |why: &'static str| {
        Err(ConsoleError::new(Code::InvalidField)
            .with("field", "notify_url")
            .saying("detail", Words::new(why)))
    };
    let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else {
        return wrong("detail.url.scheme");
    };
    if url.len() > 256 {
        return wrong("detail.url.too_long");
    }
    if url.contains(['?', '#']) {
        return wrong("detail.rule.no_query");
    }
    if rest.split('/').next().unwrap_or("").is_empty()
        || url.contains(|c: char| c.is_whitespace() || c.is_control())
    {
        return wrong("detail.url.not_an_address");
    }
    Ok(())
}

/// What stands in a gateway's address besides scheme, host and port. Requests would go elsewhere than it seems to
/// say, or a password would lie in a settings file.
struct GatewayUrl {
    /// A user, with or without a password.
    user: bool,
    /// Nothing but scheme, host, a port that is one, and perhaps one `/`.
    root: bool,
}

impl GatewayUrl {
    fn of(url: &str) -> Self {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let after_host = match authority.rsplit_once(']') {
            Some((_, port)) => port,
            None => authority.find(':').map_or("", |at| &authority[at..]),
        };
        let port = after_host.is_empty()
            || after_host.strip_prefix(':').is_some_and(|port| {
                port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
            });
        Self { user: authority.contains('@'), root: port && matches!(path, "" | "/") }
    }
}

impl Console {
    fn merchant_view(&self, merchant: &Merchant) -> Result<MerchantView> {
        let now = self.now();
        let (keys, certificate) = if merchant.is_built_in() {
            let key = KeyView {
                kind: "api_v2".into(),
                fingerprint: "SIMU".into(),
                added_at: None,
                retired_at: None,
                age_days: None,
            };
            (vec![key], None)
        } else {
            let keys = self.vault.keys(&merchant.name)?;
            let certificate = self.vault.certificate_info(&merchant.name)?;
            (
                keys.iter().map(|info| key_view(info, now)).collect(),
                certificate.map(|info| certificate_view(&info, now)),
            )
        };
        Ok(MerchantView {
            name: merchant.name.clone(),
            label: merchant.label.clone(),
            environment: merchant.environment.to_string(),
            built_in: merchant.is_built_in(),
            mch_id: merchant.mch_id.to_string(),
            appid: merchant.appid.to_string(),
            sub_mch_id: merchant.sub_mch_id.as_ref().map(ToString::to_string),
            sub_appid: merchant.sub_appid.as_ref().map(ToString::to_string),
            sign_type: if merchant.hmac_sha256 { "HMAC-SHA256" } else { "MD5" }.into(),
            notify_url: merchant.notify_url.clone(),
            gateway_url: merchant.gateway_url.clone(),
            keys,
            certificate,
        })
    }

    /// Every merchant: the built-in one and the stored ones, in the order they were added.
    ///
    /// # Errors
    /// `file_failed`.
    pub fn merchants(&self) -> Result<Vec<MerchantView>> {
        let mut all = vec![Merchant::built_in()?];
        all.extend(merchants::load(&self.place)?);
        all.iter().map(|merchant| self.merchant_view(merchant)).collect()
    }

    /// The merchant a command is for: the one named, else the only one stored, else the simulated one.
    ///
    /// # Errors
    /// `no_such_merchant`; `merchant_needed` with several stored and none named.
    pub fn merchant(&self, name: Option<&str>) -> Result<MerchantView> {
        self.merchant_view(&self.pick(name)?)
    }

    /// Stores a merchant. Its keys are stored apart from this ([`set_key`](Self::set_key)).
    ///
    /// # Errors
    /// `merchant_exists` for a name, or an environment, mch_id and appid (with its sub-merchant), that is
    /// stored already; `invalid_field`.
    pub fn add_merchant(&self, new: NewMerchant) -> Result<MerchantView> {
        merchants::check_name(&new.name)?;
        merchants::check_looks("name", &new.name, new.environment)?;
        merchants::check_looks("label", &new.label, new.environment)?;
        if let Some(url) = &new.notify_url {
            check_notify_url(url)?;
        }
        let simulated = new.environment == Environment::Simulated;
        let wrong = |field: &'static str, why: &'static str| {
            Err(ConsoleError::new(Code::InvalidField).with("field", field).saying("detail", Words::new(why)))
        };
        match &new.gateway_url {
            Some(_) if !simulated => return wrong("gateway_url", "detail.merchant.only_simulated"),
            None if simulated => {
                return wrong("gateway_url", "detail.merchant.needs_gateway");
            }
            _ => {}
        }
        // Its transport would refuse another address as well; better said now than at the first order.
        if let Some(url) = &new.gateway_url {
            let parts = GatewayUrl::of(url);
            if parts.user {
                return wrong("gateway_url", "detail.merchant.gateway_user");
            }
            if !crate::desk::is_loopback_url(url) {
                return wrong("gateway_url", "detail.merchant.loopback");
            }
            if !parts.root {
                return wrong("gateway_url", "detail.merchant.gateway_root");
            }
        }
        if new.sub_appid.is_some() && new.sub_mch_id.is_none() {
            return wrong("sub_appid", "detail.merchant.needs_sub_mch_id");
        }
        let label = if new.label.is_empty() { new.name.clone() } else { new.label };
        let merchant = Merchant {
            name: new.name,
            label,
            environment: new.environment,
            mch_id: new.mch_id,
            appid: new.appid,
            sub_mch_id: new.sub_mch_id,
            sub_appid: new.sub_appid,
            hmac_sha256: new.hmac_sha256,
            notify_url: new.notify_url,
            gateway_url: new.gateway_url.map(|url| url.trim_end_matches('/').to_owned()),
            gateway_ca: new.gateway_ca,
        };
        merchants::change(&self.place, |all| {
            let same = |other: &&Merchant| {
                other.name == merchant.name
                    || (other.environment, &other.mch_id, &other.appid, &other.sub_mch_id, &other.gateway_url)
                        == (
                            merchant.environment,
                            &merchant.mch_id,
                            &merchant.appid,
                            &merchant.sub_mch_id,
                            &merchant.gateway_url,
                        )
            };
            if let Some(other) = all.iter().find(same) {
                return Err(ConsoleError::new(Code::MerchantExists).with("merchant", &other.name));
            }
            all.push(merchant.clone());
            Ok(())
        })?;
        self.merchant_view(&merchant)
    }

    /// Changes where a stored merchant's notices go; without an address nobody is told by WeChat Pay. Orders that were
    /// made go on being told of where their own request said.
    ///
    /// # Errors
    /// `invalid_field`; `built_in_merchant`.
    pub fn set_notify_url(&self, name: &str, url: Option<&str>) -> Result<MerchantView> {
        self.own(name)?;
        let url = url.map(str::trim).filter(|url| !url.is_empty());
        url.map(check_notify_url).transpose()?;
        let changed = merchants::change(&self.place, |all| {
            // It may have been removed meanwhile.
            let merchant = all.iter_mut().find(|merchant| merchant.name == name).ok_or_else(|| {
                ConsoleError::new(Code::NoSuchMerchant).with("merchant", crate::words::shown(name))
            })?;
            merchant.notify_url = url.map(str::to_owned);
            Ok(merchant.clone())
        })?;
        self.merchant_view(&changed)
    }

    /// Forgets a merchant, its keys and its certificate. Its ledger rows stay: they are the shop's books.
    ///
    /// # Errors
    /// `merchant_in_use` while an operation's outcome is not known: without the keys nobody could ask.
    pub fn remove_merchant(&self, name: &str) -> Result<MerchantView> {
        let merchant = self.own(name)?;
        let view = self.merchant_view(&merchant)?;
        if self.place.ledger(merchant.environment).exists() {
            let open = self.ledger(merchant.environment)?.unresolved(Some(name))?.len();
            if open > 0 {
                return Err(ConsoleError::new(Code::MerchantInUse)
                    .with("merchant", name)
                    .with("count", open));
            }
        }
        self.vault.remove_merchant(name)?;
        merchants::change(&self.place, |all| {
            all.retain(|merchant| merchant.name != name);
            Ok(())
        })?;
        Ok(view)
    }

    /// A stored merchant that may be changed.
    fn own(&self, name: &str) -> Result<Merchant> {
        let merchant = self.pick(Some(name))?;
        if merchant.is_built_in() { Err(ConsoleError::new(Code::BuiltInMerchant)) } else { Ok(merchant) }
    }

    /// Puts a key into the OS keychain, after a probe that the keychain keeps what it is given. An API v2 key
    /// that it replaces becomes a former one: notices from before are signed with it.
    ///
    /// # Errors
    /// `key_malformed`, or what the keychain says (`keychain_*`). Then the key from before still stands.
    pub fn set_key(&self, name: &str, kind: KeyKind, key: Secret<String>) -> Result<KeyView> {
        self.own(name)?;
        self.vault.probe()?;
        let now = self.now();
        let info = self.vault.set_key(name, vault_kind(kind), key, now)?;
        Ok(key_view(&info, now))
    }

    /// Seals a client certificate under a key in the OS keychain: one `apiclient_cert.p12`, or PEM files.
    ///
    /// # Errors
    /// `certificate_unusable` if it cannot be read, or belongs to another merchant; `keychain_*`.
    pub fn import_certificate(
        &self,
        name: &str,
        files: &[Vec<u8>],
        password: Option<Secret<String>>,
    ) -> Result<CertificateView> {
        let merchant = self.own(name)?;
        // WeChat Pay's files open with the merchant number; nobody should have to know that.
        let password = password.unwrap_or_else(|| Secret::new(merchant.mch_id.to_string()));
        let files: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
        let certificate =
            vault::read_certificate(&files, Some(&password)).map_err(vault::VaultError::from)?;
        let now = self.now();
        self.refuse_other_owner(&certificate, &merchant.mch_id)?;
        self.vault.import_certificate(name, &certificate, now)?;
        Ok(certificate_view(certificate.info(), now))
    }

    fn refuse_other_owner(&self, certificate: &vault::Certificate, mch_id: &MchId) -> Result<()> {
        match certificate.info().owner(mch_id) {
            Owner::Other { mch_id: other } => Err(ConsoleError::new(Code::CertificateUnusable).saying(
                "detail",
                Words::new("detail.certificate.other_merchant").with("said", other).with("expected", mch_id),
            )),
            _ => Ok(()),
        }
    }
}
