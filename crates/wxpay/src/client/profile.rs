use crate::{ApiKey, SignType};
use domain::{AppId, Environment, MchId};
use std::time::Duration;

/// Who asks, with which key, and where.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The merchant, or the service provider.
    pub mch_id: MchId,
    /// The account that payments belong to.
    pub appid: AppId,
    /// The sub-merchant's account, for service providers.
    pub sub_appid: Option<AppId>,
    /// The sub-merchant, for service providers.
    pub sub_mch_id: Option<MchId>,
    /// Signs and verifies: the merchant's key, or the sandbox's in the sandbox.
    pub key: ApiKey,
    /// How. A reply signed another way is not believed.
    pub sign_type: SignType,
    /// Where requests go.
    pub gateway: Gateway,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// Whether the transport holds this merchant's client certificate.
    pub certificate: bool,
}

/// Where requests go. A live key can only go to WeChat Pay's own hosts: there is no way to name another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gateway {
    /// WeChat Pay.
    Live {
        /// Asked first.
        primary: LiveHost,
        /// Asked where the first cannot be reached.
        backup: Option<LiveHost>,
    },
    /// WeChat Pay's official sandbox.
    Sandbox,
    /// A simulated WeChat Pay on this computer; the transport refuses all but the loopback.
    Simulated {
        /// Scheme, host and port without a slash at the end, such as `http://127.0.0.1:4000`.
        base_url: String,
    },
}

/// One of WeChat Pay's own hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveHost {
    /// The nearest access point in mainland China.
    Mainland,
    /// The other access point, for disasters.
    MainlandBackup,
    /// Hong Kong, for merchants outside mainland China.
    HongKong,
    /// The United States.
    UnitedStates,
}

impl LiveHost {
    /// Scheme and host.
    #[must_use]
    pub const fn base_url(self) -> &'static str {
        match self {
            Self::Mainland => "https://api.mch.weixin.qq.com",
            Self::MainlandBackup => "https://api2.mch.weixin.qq.com",
            Self::HongKong => "https://apihk.mch.weixin.qq.com",
            Self::UnitedStates => "https://apius.mch.weixin.qq.com",
        }
    }
}

impl Gateway {
    /// WeChat Pay with its two hosts in mainland China.
    pub const LIVE: Self = Self::Live { primary: LiveHost::Mainland, backup: Some(LiveHost::MainlandBackup) };

    /// What this is to the rest of the product.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        match self {
            Self::Live { .. } => Environment::Live,
            Self::Sandbox => Environment::Sandbox,
            Self::Simulated { .. } => Environment::Simulated,
        }
    }

    /// The host to ask, and the one to ask where that cannot be reached.
    pub(super) fn hosts(&self) -> (&str, Option<&str>) {
        match self {
            Self::Live { primary, backup } => {
                let other = backup.filter(|backup| backup != primary);
                (primary.base_url(), other.map(LiveHost::base_url))
            }
            Self::Sandbox => (LiveHost::Mainland.base_url(), None),
            Self::Simulated { base_url } => (base_url.trim_end_matches('/'), None),
        }
    }
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the reply.
    pub read: Duration,
    /// For the reply to a scanned payment, during which WeChat Pay calls the bank.
    pub micropay_read: Duration,
}

impl Default for Timeouts {
    /// 6 and 8 seconds, as in WeChat Pay's own SDK; 10 for scanned payments.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(6),
            read: Duration::from_secs(8),
            micropay_read: Duration::from_secs(10),
        }
    }
}
