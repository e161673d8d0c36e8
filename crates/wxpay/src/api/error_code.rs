//! What WeChat Pay's error codes mean for the money.

use super::Operation;
use domain::OperationKind;

/// What an error code says about whether it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// It did not happen. Sending the same again changes nothing until what is wrong is put right.
    Failed,
    /// It may have happened. Only a query tells.
    Unknown,
    /// The order is already in a final state (paid, closed, reversed), perhaps by an earlier sending of the
    /// same request. A query tells which.
    Settled,
    /// It was turned away unread because there was too much. The same number, later.
    NotAccepted,
}

impl ErrorClass {
    /// A stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Settled => "settled",
            Self::NotAccepted => "not_accepted",
        }
    }
}

/// A documented error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorCode {
    /// As WeChat Pay spells it.
    pub code: &'static str,
    /// Whether it happened.
    pub class: ErrorClass,
    /// What is wrong.
    pub meaning: &'static str,
    /// What the caller does about it.
    pub advice: &'static str,
}

impl ErrorCode {
    pub(crate) const fn new(
        code: &'static str,
        class: ErrorClass,
        meaning: &'static str,
        advice: &'static str,
    ) -> Self {
        Self { code, class, meaning, advice }
    }
}

macro_rules! generic {
    ($($name:ident $class:ident $meaning:literal, $advice:literal;)*) => {
        $(pub(crate) const $name: ErrorCode =
            ErrorCode::new(stringify!($name), ErrorClass::$class, $meaning, $advice);)*
        /// The codes that any operation may answer.
        pub const GENERIC: &[ErrorCode] = &[$($name,)*];
    };
}

generic! {
    SYSTEMERROR Unknown "WeChat Pay timed out or failed inside", "query, or send exactly the same again";
    INVALID_REQUEST Failed "the request conflicts with an earlier one, with a permission or with a limit", "read the description; send identical parameters under the same number";
    PARAM_ERROR Failed "a parameter is not of its form", "correct the field that the description names";
    LACK_PARAMS Failed "a mandatory parameter is missing", "add it";
    NOAUTH Failed "the merchant has no permission for this, or this computer's address is not on the allow-list", "apply for the product, or correct the allow-list";
    SIGNERROR Failed "the signature does not match", "check the API key";
    XML_FORMAT_ERROR Failed "the document is not well-formed", "report this as a bug";
    REQUIRE_POST_METHOD Failed "it was not posted", "look for a proxy on the way";
    POST_DATA_EMPTY Failed "the body arrived empty", "shorten detail; look for a proxy on the way";
    NOT_UTF8 Failed "the body is not UTF-8", "look for a proxy on the way";
    APPID_NOT_EXIST Failed "there is no such appid", "check the appid";
    MCHID_NOT_EXIST Failed "there is no such merchant", "check the merchant number";
    APPID_MCHID_NOT_MATCH Failed "the appid is not bound to this merchant", "bind it on the merchant platform";
    OUT_TRADE_NO_USED Failed "the number belongs to another order", "look for a double submission; take a new number";
    ORDERPAID Settled "the order is already paid", "query it and treat it as paid";
    ORDERCLOSED Settled "the order is closed", "take a new number";
    ORDERNOTEXIST Failed "there is no such order", "check the number";
    NOTENOUGH Failed "the balance is not enough", "another card, or top up";
    INVALID_TRANSACTIONID Failed "the transaction_id is wrong", "check it";
    FREQUENCY_LIMITED NotAccepted "too many requests", "slow down; the same number later";
    INVALID_REQ_TOO_MUCH NotAccepted "too many bad requests; blocked for about a minute", "put it right, wait a minute; the same number";
    CERT_ERROR Failed "the client certificate was not accepted", "import the newest certificate of this merchant";
    CA_ERROR Failed "the client certificate was not accepted", "import the newest certificate of this merchant";
    CA_VERIFY_FAILED Failed "the client certificate was not accepted", "import the newest certificate of this merchant";
    ERR_VERIFY_SSL_SERIAL Failed "the client certificate was not accepted", "import the newest certificate of this merchant";
    ERR_VERIFY_SSL_SN Failed "the client certificate was not accepted", "import the newest certificate of this merchant";
    REQ_PARAM_XML_ERR Failed "the document is not well-formed", "report this as a bug";
    MCH_ID_EMPTY Failed "mch_id is empty", "check the merchant number";
    NETWORKERROR Unknown "WeChat Pay had trouble with its network", "query, or send exactly the same again";
}

/// What `code` says of an operation: from its own table, then the generic one. A code that is in neither leaves
/// open whether it happened, so for what makes an order or moves money it is [`ErrorClass::Unknown`].
#[must_use]
pub fn classify(kind: Option<OperationKind>, own: &[ErrorCode], code: &str) -> ErrorClass {
    match own.iter().chain(GENERIC).find(|known| known.code == code) {
        Some(known) => known.class,
        None if kind.is_some() => ErrorClass::Unknown,
        None => ErrorClass::Failed,
    }
}

/// The documented code of operation `api` (its [`Operation::NAME`]), from its own table or the generic one.
#[must_use]
pub fn find(api: &str, code: &str) -> Option<&'static ErrorCode> {
    let own = err_codes().find(|(name, known)| *name == api && known.code == code);
    own.map(|(_, known)| known).or_else(|| GENERIC.iter().find(|known| known.code == code))
}

/// Every documented code with the operation that answers it; `any` for the generic ones.
pub fn err_codes() -> impl Iterator<Item = (&'static str, &'static ErrorCode)> {
    fn table<O: Operation>() -> (&'static str, &'static [ErrorCode]) {
        (O::NAME, O::ERRORS)
    }
    [
        table::<super::UnifiedOrder>(),
        table::<super::Micropay>(),
        table::<super::OrderQuery>(),
        table::<super::CloseOrder>(),
        table::<super::Reverse>(),
        table::<super::Refund>(),
        table::<super::RefundQuery>(),
        table::<super::GetSignKey>(),
        ("any", GENERIC),
    ]
    .into_iter()
    .flat_map(|(api, codes)| codes.iter().map(move |code| (api, code)))
}
