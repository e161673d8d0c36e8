//! What is examined: the fields that should have been signed, and the signature that was presented.

use wxpay::SignType;

/// What kind of document it is: this decides which fields are signed, and which mistakes are likely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A request, a reply or a notice: all fields but the signature.
    Plain,
    /// A page's or mini program's call: appId, nonceStr, package, signType, timeStamp.
    Jsapi,
    /// An app's call: appid, noncestr, package, partnerid, prepayid, timestamp.
    App,
    /// The values of wx.config: jsapi_ticket, noncestr, timestamp, url; SHA-1 in lower-case hex and no key.
    /// The ticket is a secret like a key.
    Jssdk,
}

/// A document to examine.
#[derive(Clone, Copy, Debug)]
pub struct Document<'d> {
    /// Its kind.
    pub kind: Kind,
    /// What is rightly signed, in the order of the document: names and values, without the signature. Empty
    /// values too.
    pub fields: &'d [(String, String)],
    /// The signature as it came.
    pub presented: &'d str,
    /// Which digest was asked for; no matter for [`Kind::Jssdk`].
    pub asked: SignType,
    /// Another document given beside this one, such as the order behind a front-end call, its signature
    /// included.
    pub beside: Option<&'d [(String, String)]>,
    /// Addresses that may have been signed instead of the page's, such as the one that the visit began with;
    /// for [`Kind::Jssdk`] alone.
    pub pages: &'d [String],
}

impl<'d> Document<'d> {
    /// A document alone, with nothing beside it.
    #[must_use]
    pub const fn new(
        kind: Kind,
        fields: &'d [(String, String)],
        presented: &'d str,
        asked: SignType,
    ) -> Self {
        Self { kind, fields, presented, asked, beside: None, pages: &[] }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'d str> {
        self.fields.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn beside(&self, name: &str) -> Option<&'d str> {
        self.beside?.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Whether the other document is an order or the reply to one, and not another call of a front end.
    pub(crate) fn order_beside(&self) -> bool {
        let has = |name: &&str| self.beside(name).is_some();
        ["mch_id", "nonce_str", "prepay_id"].iter().any(&has)
            && !["paySign", "timeStamp", "timestamp", "package"].iter().any(has)
    }
}
