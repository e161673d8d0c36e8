use crate::words::Words;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $name:literal / $exit:ident,)*) => {
        /// What went wrong, closed and stable. Words for people live in `locales/` under `error.<code>`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $code,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$code,)*];

            /// The stable name, snake_case.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$code => $name,)* }
            }

            /// What it means for whoever called.
            #[must_use]
            pub const fn exit(self) -> Exit {
                match self { $(Self::$code => Exit::$exit,)* }
            }
        }
    };
}

/// What an error means for whoever called; the command line's exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 1: asked and answered, the answer is no.
    No,
    /// 2: wrong usage or unreadable input. Nothing was sent.
    Usage,
    /// 3: WeChat Pay refused. It did not happen.
    Refused,
    /// 4: it may have happened. It will be resolved by query.
    Unknown,
    /// 5: something on this computer failed. Nothing was sent, or the message says otherwise.
    Here,
}

impl Exit {
    /// The exit status.
    #[must_use]
    pub const fn status(self) -> u8 {
        match self {
            Self::No => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Unknown => 4,
            Self::Here => 5,
        }
    }
}

codes! {
    /// An amount that is no amount. `given`, `detail`.
    InvalidAmount = "invalid_amount" / Usage,
    /// A field that WeChat Pay would not take. `field`, `detail`.
    InvalidField = "invalid_field" / Usage,
    /// The order could be read as another one (an `&name=` inside a text). `field`.
    AmbiguousOrder = "ambiguous_order" / Usage,
    /// Input that cannot be read. `detail`.
    UnreadableInput = "unreadable_input" / Usage,
    /// Input over 1 MiB.
    InputTooLarge = "input_too_large" / Usage,
    /// XML that is not one flat document. `refusal` (its name), `at` (byte), `detail`.
    MalformedXml = "malformed_xml" / Usage,
    /// A refund notice that does not open with any key at hand. `detail`.
    CannotDecrypt = "cannot_decrypt" / No,
    /// The output file exists. `path`.
    FileExists = "file_exists" / Usage,
    /// No merchant of that name. `merchant`.
    NoSuchMerchant = "no_such_merchant" / Usage,
    /// Several merchants are stored and none was named. `merchants`.
    MerchantNeeded = "merchant_needed" / Usage,
    /// A merchant of that name, or of that mch_id, appid and environment, is stored already. `merchant`.
    MerchantExists = "merchant_exists" / Usage,
    /// The built-in simulated merchant cannot be changed.
    BuiltInMerchant = "built_in_merchant" / Usage,
    /// A merchant that still has something unresolved or a ledger row cannot be removed. `count`.
    MerchantInUse = "merchant_in_use" / Usage,
    /// A key that has not the shape of its kind. `kind`, `detail`.
    KeyMalformed = "key_malformed" / Usage,
    /// This merchant has no key of that kind. `merchant`, `kind`.
    KeyMissing = "key_missing" / Usage,
    /// This needs a client certificate and the merchant has none. `merchant`.
    CertificateMissing = "certificate_missing" / Usage,
    /// A certificate that cannot be used. `detail`.
    CertificateUnusable = "certificate_unusable" / Usage,
    /// No such payment in the ledger. `out_trade_no`.
    UnknownPayment = "unknown_payment" / Usage,
    /// No such refund in the ledger. `out_refund_no`.
    UnknownRefund = "unknown_refund" / Usage,
    /// No such recorded exchange. `id`.
    UnknownExchange = "unknown_exchange" / Usage,
    /// The number was used with other parameters. `number`.
    NumberUsed = "number_used" / Usage,
    /// More than is left to refund. `left_fen`, `asked_fen`.
    RefundTooMuch = "refund_too_much" / Usage,
    /// The payment has 50 refunds already.
    TooManyRefunds = "too_many_refunds" / Usage,
    /// Paid more than a year ago.
    TooOldToRefund = "too_old_to_refund" / Usage,
    /// Not paid, so there is nothing to refund. `state`.
    NotPaid = "not_paid" / Usage,
    /// WeChat's sandbox does not offer this. `operation`.
    NotInSandbox = "not_in_sandbox" / Usage,
    /// Only the simulator can do this; the merchant is not simulated. `merchant`.
    NotSimulated = "not_simulated" / Usage,
    /// The simulated customer, or the running simulator, refused. `detail`.
    SimulatorRefused = "simulator_refused" / Usage,
    /// The person said no. Nothing was sent.
    Declined = "declined" / Usage,
    /// The person ended long work. What it had begun was taken away.
    Cancelled = "cancelled" / Usage,
    /// A scanned payment that nobody refused and that took no money: the payer did not pay and it was reversed, it
    /// failed at the payer's, or it never got there. `number`, `why`.
    NotCollected = "not_collected" / No,
    /// WeChat Pay refused. `operation`, `err_code`, `err_code_des`, `number`.
    Refused = "refused" / Refused,
    /// A question was answered with a no, such as that there is no such order. `operation`, `err_code`,
    /// `err_code_des`, `number`. Nothing was to happen and nothing did; the ledger keeps what it knew.
    AnsweredNo = "answered_no" / Refused,
    /// It may have happened. `operation`, `number`, `why`.
    OutcomeUnknown = "outcome_unknown" / Unknown,
    /// An earlier refund of this order may have gone out, so no other is sent without a number of its own.
    /// `number`, `amount`, `out_trade_no` of the earlier one.
    RefundOpen = "refund_open" / Unknown,
    /// Another process is doing this very thing now. `number`.
    InProgress = "in_progress" / Unknown,
    /// A query got no believable answer: the state is as it was. `why`.
    NoAnswer = "no_answer" / Here,
    /// Nothing left this computer. `why`.
    NotSent = "not_sent" / Here,
    /// There is no OS keychain to talk to. `detail`.
    KeychainMissing = "keychain_missing" / Here,
    /// The OS keychain is locked.
    KeychainLocked = "keychain_locked" / Here,
    /// The OS keychain said no.
    KeychainDenied = "keychain_denied" / Here,
    /// The OS keychain waits for a person.
    KeychainPrompt = "keychain_prompt" / Here,
    /// An item that was in the OS keychain is gone. `item`.
    KeychainItemGone = "keychain_item_gone" / Here,
    /// The secret is longer than this system's keychain takes. `max`.
    KeychainTooLong = "keychain_too_long" / Here,
    /// The keychain, or a sealed certificate, answered with something that is not ours. `detail`.
    KeychainDamaged = "keychain_damaged" / Here,
    /// The keychain failed otherwise. `detail`.
    KeychainFailed = "keychain_failed" / Here,
    /// Another process kept the ledger to itself for too long.
    LedgerBusy = "ledger_busy" / Here,
    /// The ledger is damaged. `path`, `detail`.
    LedgerDamaged = "ledger_damaged" / Here,
    /// A damaged ledger was to be taken as it is, which mends nothing. `path`, `detail`.
    LedgerNotAcceptable = "ledger_not_acceptable" / Here,
    /// The ledger was written by a newer Paydesk. `found`, `known`.
    LedgerNewer = "ledger_newer" / Here,
    /// The file is not this environment's ledger. `path`, `detail`.
    LedgerWrongFile = "ledger_wrong_file" / Here,
    /// The key of the ledger's journal is not in the keychain any more: what the ledger holds is there, and that
    /// nobody changed it can no longer be proved. `path`. Nothing is sent; lists still work.
    LedgerKeyLost = "ledger_key_lost" / Here,
    /// The ledger cannot be written. `path`.
    LedgerReadOnly = "ledger_read_only" / Here,
    /// The ledger's file is not there, though a head of its journal is anchored. `path`, `entries` that it had.
    LedgerGone = "ledger_gone" / Here,
    /// The ledger's journal ends before the row that was anchored: its end was cut off, or an old copy was put in
    /// its place. `path`, `anchored`, `last`. Nothing is sent; lists still work.
    LedgerRolledBack = "ledger_rolled_back" / Here,
    /// The ledger's journal is another than the one that was anchored. `path`, `seq`. Nothing is sent; lists still
    /// work.
    LedgerReplaced = "ledger_replaced" / Here,
    /// The anchored head of a journal cannot be read. `place`. Only a warning: a cut end would not be noticed.
    LedgerHeadDamaged = "ledger_head_damaged" / Here,
    /// No head of a journal is anchored, though it has entries. `place`, `entries`. Only a warning, as above.
    LedgerHeadMissing = "ledger_head_missing" / Here,
    /// The disk is full.
    DiskFull = "disk_full" / Here,
    /// The ledger failed otherwise. `detail`.
    LedgerFailed = "ledger_failed" / Here,
    /// A file of Paydesk's own cannot be read or written. `path`, `detail`.
    FileFailed = "file_failed" / Here,
    /// The answer is no (a check failed). `detail`.
    CheckFailed = "check_failed" / No,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// An error as the window, the command line and tests see it: a closed code and its parameters. It holds no
/// secret, and no word of it is meant for people; those are in `locales/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConsoleError {
    /// What went wrong.
    pub code: Code,
    /// What fills the sentence. WeChat's own `err_code_des` travels here as a labelled detail. A reason from a
    /// room below is the key of its words, with what fills them beside it.
    pub params: BTreeMap<&'static str, String>,
    /// The reasons from rooms below, to be said in the language of the person.
    #[serde(skip)]
    pub(crate) said: BTreeMap<&'static str, Words>,
}

impl ConsoleError {
    /// An error without parameters.
    #[must_use]
    pub const fn new(code: Code) -> Self {
        Self { code, params: BTreeMap::new(), said: BTreeMap::new() }
    }

    /// Adds a parameter.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.params.insert(name, value.to_string());
        self
    }

    /// Adds a parameter that is said in the language of the person. Programs get its key.
    #[must_use]
    pub fn saying(mut self, name: &'static str, words: impl Into<Words>) -> Self {
        let words = words.into();
        self.params.insert(name, words.key.to_string());
        words.add_to(&mut self.params);
        self.said.insert(name, words);
        self
    }
}

impl fmt::Display for ConsoleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())?;
        for (name, value) in &self.params {
            write!(f, " {name}={value:?}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConsoleError {}

/// What a console method gives.
pub type Result<T> = std::result::Result<T, ConsoleError>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_snake_case() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
    }
}
