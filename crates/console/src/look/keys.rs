//! The keys at hand, gathered once: whose they are, and which of them should have signed.

use crate::args::Looking;
use crate::console::Console;
use crate::error::{Code, ConsoleError, Result};
use crate::merchants::{self, Merchant};
use crate::notices::sign_type;
use crate::view::KeyUsed;
use crate::words::Words;
use doctor::KeyKind;
use domain::{Environment, Secret};
use std::sync::Arc;
use wxpay::notice::inspect::Recognised;
use wxpay::sign::Expect;
use wxpay::{ApiKey, Fields, SignType};

/// A key that is tried, and whose it is.
pub(crate) struct Candidate {
    /// `None` for a key given once.
    pub(crate) merchant: Option<Arc<Merchant>>,
    pub(crate) kind: KeyKind,
    pub(crate) used: KeyUsed,
    pub(crate) key: ApiKey,
    pub(crate) expect: Expect,
}

impl Candidate {
    /// Whether messages can be signed or sealed with it. Other secrets are only suspects.
    pub(crate) const fn signs(&self) -> bool {
        !matches!(self.kind, KeyKind::ApiV3 | KeyKind::AppSecret)
    }

    /// Whether it is what its merchant signs with today.
    pub(crate) fn is_current(&self) -> bool {
        let sandbox = self.merchant.as_ref().is_some_and(|one| one.environment == Environment::Sandbox);
        match self.kind {
            KeyKind::Given => true,
            KeyKind::ApiV2 => !sandbox,
            KeyKind::Sandbox => sandbox,
            KeyKind::Former | KeyKind::ApiV3 | KeyKind::AppSecret => false,
        }
    }

    /// Whether a message of this kind may be signed with it. WeChat Pay's own messages last longer than a key: one
    /// that came before the key was changed is genuine, and the sandbox has its own. A request signed so is refused.
    pub(crate) fn may_sign(&self, recognised: Recognised) -> bool {
        let received = matches!(
            recognised,
            Recognised::PaymentNotice
                | Recognised::ApiReply
                | Recognised::NativeCallback
                | Recognised::RefundNotice
                | Recognised::RefundContent
        );
        self.signs() && (received || self.is_current())
    }

    /// Whether it is a simulated merchant's. Everybody has such keys, so that they prove nothing of anybody else's
    /// message.
    pub(crate) fn is_simulated(&self) -> bool {
        self.merchant.as_ref().is_some_and(|merchant| merchant.environment == Environment::Simulated)
    }

    /// Whether it is a simulated merchant's, and the message names another merchant or account.
    pub(crate) fn is_simulated_beside(&self, fields: &Fields<'_>) -> bool {
        let Some(merchant) = self.merchant.as_ref().filter(|_| self.is_simulated()) else { return false };
        let said = |names: [&str; 2]| names.into_iter().find_map(|name| fields.text(name));
        match said(["mch_id", "partnerid"]) {
            Some(number) => merchant.mch_id.as_str() != number,
            None => said(["appId", "appid"]).is_some_and(|account| !has_account(merchant, account)),
        }
    }

    fn is_built_in(&self) -> bool {
        self.merchant.as_ref().is_some_and(|merchant| merchant.is_built_in())
    }
}

/// Every key at hand.
pub(crate) struct Keyring {
    pub(crate) all: Vec<Candidate>,
    /// Why some keys could not be had.
    pub(crate) trouble: Option<ConsoleError>,
    /// Every merchant at hand, the built-in one first.
    pub(crate) merchants: Vec<Arc<Merchant>>,
}

/// Whom a document names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named<'f> {
    /// Merchants at hand of this number.
    Number(&'f str),
    /// Merchants at hand of this account.
    Account(&'f str),
    /// Somebody who is not at hand.
    Stranger,
    /// Nobody.
    Nobody,
}

impl Named<'_> {
    pub(crate) fn is(&self, merchant: &Merchant) -> bool {
        match self {
            Self::Number(number) => merchant.mch_id.as_str() == *number,
            Self::Account(account) => has_account(merchant, account),
            Self::Stranger | Self::Nobody => false,
        }
    }
}

fn has_account(merchant: &Merchant, account: &str) -> bool {
    let sub = merchant.sub_appid.as_ref().map(domain::AppId::as_str);
    merchant.appid.as_str() == account || sub == Some(account)
}

impl Keyring {
    /// Whom the document names, by a merchant's number, else by an account.
    pub(crate) fn named<'f>(&self, fields: &'f Fields<'_>) -> Named<'f> {
        let at_hand = |fits: &dyn Fn(&Merchant) -> bool| self.merchants.iter().any(|one| fits(one));
        for name in ["mch_id", "partnerid"] {
            if let Some(number) = fields.text(name)
                && at_hand(&|merchant| merchant.mch_id.as_str() == number)
            {
                return Named::Number(number);
            }
        }
        // A number that nobody at hand has is somebody else's: its account cannot make it ours.
        if fields.text("mch_id").is_some() || fields.text("partnerid").is_some() {
            return Named::Stranger;
        }
        for name in ["appId", "appid"] {
            if let Some(account) = fields.text(name)
                && at_hand(&|merchant| has_account(merchant, account))
            {
                return Named::Account(account);
            }
        }
        Named::Nobody
    }

    /// The only stored merchant, or the one that was named by hand.
    pub(crate) fn only_merchant(&self) -> Option<&Merchant> {
        let mut stored = self.merchants.iter().filter(|one| !one.is_built_in() || self.merchants.len() == 1);
        stored.next().filter(|_| stored.next().is_none()).map(|merchant| &**merchant)
    }

    /// Whether the candidate may be meant: of somebody whom the document names, or any where it names nobody at hand.
    pub(crate) fn belongs(candidate: &Candidate, named: Named<'_>) -> bool {
        match (&candidate.merchant, named) {
            (_, Named::Stranger | Named::Nobody) | (None, _) => true,
            (Some(merchant), named) => named.is(merchant),
        }
    }

    /// The keys with which such a document may be signed, best guess first.
    pub(crate) fn rightful<'k, 'n>(
        &'k self,
        named: Named<'n>,
        recognised: Recognised,
    ) -> impl Iterator<Item = &'k Candidate> + use<'k, 'n> {
        self.all.iter().filter(move |one| Self::belongs(one, named) && one.may_sign(recognised))
    }

    /// Those that open a refund notice of this merchant, then the others.
    pub(crate) fn openers<'k>(&'k self, mch_id: Option<&str>) -> Vec<&'k Candidate> {
        let mut all: Vec<_> = self.all.iter().filter(|one| one.signs()).collect();
        let own = |one: &&Candidate| one.merchant.as_ref().map(|merchant| merchant.mch_id.as_str()) == mch_id;
        all.sort_by_key(|one| !own(one));
        all
    }

    /// The one key that should have signed, where only one can be meant: of whom the document names; else the only
    /// merchant's, the built-in one standing back behind stored ones.
    pub(crate) fn expected(&self, named: Named<'_>) -> Option<&Candidate> {
        // A stranger's key is not at hand, unless it was given.
        let stranger = named == Named::Stranger;
        let current = |one: &&Candidate| {
            one.is_current() && Self::belongs(one, named) && (!stranger || one.merchant.is_none())
        };
        let mut all: Vec<_> = self.all.iter().filter(current).collect();
        if named == Named::Nobody && all.iter().any(|one| !one.is_built_in()) {
            all.retain(|one| !one.is_built_in());
        }
        let (first, rest) = all.split_first()?;
        let same = rest.iter().all(|other| other.key.expose() == first.key.expose());
        same.then_some(*first)
    }
}

/// A key that cannot be one says nothing about a message: better refused than a false "not valid". Its length is
/// free, because published examples are signed with all kinds.
pub(crate) fn check_once(key: &Secret<String>) -> Result<()> {
    let text = key.expose();
    if text.is_empty() {
        return Err(ConsoleError::new(Code::KeyMalformed)
            .with("kind", "key")
            .saying("detail", Words::new("detail.key.empty")));
    }
    match text.bytes().position(|byte| !byte.is_ascii_graphic()) {
        Some(at) => Err(ConsoleError::new(Code::KeyMalformed)
            .with("kind", "key")
            .saying("detail", Words::new("detail.key.not_plain").with("at", at))),
        None => Ok(()),
    }
}

fn exactly(hmac: bool) -> Expect {
    Expect::Exactly(if hmac { SignType::HmacSha256 } else { SignType::Md5 })
}

fn once(key: &Secret<String>, hmac: Option<bool>) -> Candidate {
    // Given once, forgotten at once: it gets no fingerprint, which would be a trace.
    Candidate {
        merchant: None,
        kind: KeyKind::Given,
        used: KeyUsed { label: "given".into(), fingerprint: None },
        key: ApiKey::new(key.clone()),
        expect: hmac.map_or(Expect::ByLength, exactly),
    }
}

const fn kind(kind: vault::KeyKind) -> KeyKind {
    match kind {
        vault::KeyKind::ApiV2 => KeyKind::ApiV2,
        vault::KeyKind::ApiV3 => KeyKind::ApiV3,
        vault::KeyKind::AppSecret => KeyKind::AppSecret,
        vault::KeyKind::Sandbox => KeyKind::Sandbox,
        vault::KeyKind::Former => KeyKind::Former,
    }
}

impl Console {
    /// The keys to try: the one given once; else those of the merchant named; else every merchant's. What could not
    /// be had is in `trouble`.
    pub(crate) fn keyring(&self, looking: &Looking) -> Result<Keyring> {
        let stored = || -> Result<Vec<Arc<Merchant>>> {
            let built_in = Arc::new(Merchant::built_in()?);
            Ok(std::iter::once(built_in)
                .chain(merchants::load(&self.place)?.into_iter().map(Arc::new))
                .collect())
        };
        if let Some(key) = &looking.key_once {
            check_once(key)?;
            // Whoever signed cannot be blamed for the quotes that stand around it here.
            let bare = doctor::findings::unquoted(key.expose()).map(|bare| Secret::new(bare.to_owned()));
            let all = vec![once(bare.as_ref().unwrap_or(key), looking.hmac_sha256)];
            return Ok(Keyring { all, trouble: None, merchants: stored()? });
        }
        let merchants = match &looking.merchant {
            Some(name) => vec![Arc::new(self.pick(Some(name))?)],
            None => stored()?,
        };
        let mut ring = Keyring { all: Vec::new(), trouble: None, merchants };
        for merchant in &ring.merchants {
            let expect = match looking.hmac_sha256 {
                Some(hmac) => exactly(hmac),
                None => Expect::Exactly(sign_type(merchant)),
            };
            if merchant.is_built_in() {
                ring.all.push(Candidate {
                    used: KeyUsed { label: "simulated · api_v2".into(), fingerprint: Some("SIMU".into()) },
                    key: self.api_key(merchant)?,
                    kind: KeyKind::ApiV2,
                    merchant: Some(Arc::clone(merchant)),
                    expect,
                });
                continue;
            }
            match self.vault.all_keys(&merchant.name) {
                Ok(keys) => ring.all.extend(keys.into_iter().map(|(info, key)| Candidate {
                    used: KeyUsed {
                        label: format!("{} · {}", merchant.name, info.kind.as_str()),
                        fingerprint: Some(info.fingerprint),
                    },
                    key: ApiKey::new(key),
                    kind: kind(info.kind),
                    merchant: Some(Arc::clone(merchant)),
                    expect,
                })),
                Err(error) => ring.trouble = Some(error.into()),
            }
        }
        Ok(ring)
    }
}
