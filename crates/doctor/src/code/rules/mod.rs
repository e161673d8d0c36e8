//! The mistakes, each a rule of its own with a stable id.

mod amounts;
mod callback;
mod client;
mod config;
mod digest;
mod documents;
mod joined;
mod logic;
mod made;
mod prose;
mod signer;
mod spelling;
mod values;

use super::excerpt;
use super::program::Program;
use super::{MOST, Seen, Severity};
use crate::cause::Cause;
use std::collections::BTreeMap;

/// What is said of a mistake wherever it stands.
pub(super) struct Rule {
    id: &'static str,
    severity: Severity,
    cause: Option<Cause>,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $severity:ident, $cause:expr;)*) => {
        $($(#[$doc])* pub(super) const $name: Rule = Rule { id: $id, severity: Severity::$severity, cause: $cause };)*

        /// The ids of all mistakes that can be seen in a program.
        pub const ALL: &[&str] = &[$($id,)*];
    };
}

rules! {
    /// A parameter in another letter case than WeChat Pay's.
    NAME_WRONG_CASE = "name_wrong_case", Refused, Some(Cause::NamesWrong);
    /// A parameter under a name that WeChat Pay does not know there.
    NAME_UNKNOWN = "name_unknown", Refused, Some(Cause::NamesWrong);
    /// The address of the API, or its name, misspelt.
    ENDPOINT_MISSPELT = "endpoint_misspelt", Warning, None;
    /// A trade_type that there is not.
    TRADE_TYPE_UNKNOWN = "trade_type_unknown", Refused, None;
    /// A sign_type that there is not, such as HMAC_SHA256.
    SIGN_TYPE_UNKNOWN = "sign_type_unknown", Refused, None;
    /// One digest for the order and another for the call, or two for the same call.
    SIGN_TYPE_DIFFERS = "sign_type_differs", Refused, Some(Cause::DigestMd5ForHmac);
    /// The client says a fixed signType whatever the server signed with.
    SIGN_TYPE_FIXED_ON_CLIENT = "sign_type_fixed_on_client", Warning, Some(Cause::DigestMd5ForHmac);
    /// A notice is verified with one digest, whatever its sign_type says.
    SIGN_TYPE_IGNORED = "sign_type_ignored", Warning, Some(Cause::DigestMd5ForHmac);
    /// `prepay_id=` with another spelling.
    PACKAGE_MISSPELT = "package_misspelt", Refused, Some(Cause::PackagePrefix);
    /// A package that is the bare number.
    PACKAGE_WITHOUT_PREPAY_ID = "package_without_prepay_id", Refused, Some(Cause::PackagePrefix);
    /// A package made from what is not there.
    PACKAGE_FROM_UNDEFINED = "package_from_undefined", Refused, Some(Cause::PackagePrefix);
    /// A time of thirteen digits.
    TIMESTAMP_IN_MILLISECONDS = "timestamp_in_milliseconds", Refused, None;
    /// A time that is a number.
    TIMESTAMP_NOT_A_STRING = "timestamp_not_a_string", Refused, None;
    /// A literal as the key of an HMAC.
    HMAC_KEY_LITERAL = "hmac_key_literal", Refused, Some(Cause::HmacKeyDiffers);
    /// Values are percent-decoded before they are signed.
    VALUES_URL_DECODED = "values_url_decoded", Refused, Some(Cause::ValuesUrlDecoded);
    /// Values are percent-encoded before they are signed.
    VALUES_URL_ENCODED = "values_url_encoded", Refused, Some(Cause::ValuesUrlEncoded);
    /// Empty values are signed.
    EMPTY_VALUES_INCLUDED = "empty_values_included", Refused, Some(Cause::EmptyValuesIncluded);
    /// Emptiness is told by a length that numbers do not have.
    EMPTY_CHECK_BY_LENGTH = "empty_check_by_length", Warning, None;
    /// The signer does not leave the signature out.
    SIGN_INCLUDED = "sign_included", Warning, Some(Cause::SignIncluded);
    /// Names are not sorted.
    NOT_SORTED = "not_sorted", Refused, Some(Cause::NotSorted);
    /// Names are sorted by language or without regard to case.
    SORTED_OTHERWISE = "sorted_otherwise", Refused, Some(Cause::SortedCaseInsensitively);
    /// An order is spoken of that is not the one by bytes.
    SORT_ORDER_UNSTATED = "sort_order_unstated", Warning, Some(Cause::NotSorted);
    /// The digest stays in lower case.
    DIGEST_NOT_UPPER_CASE = "digest_not_upper_case", Refused, Some(Cause::DigestLetterCase);
    /// The text is put into upper case before it is hashed.
    STRING_UPPER_CASED = "string_upper_cased", Refused, None;
    /// Hashed twice, or written in base64.
    DIGEST_OF_DIGEST = "digest_of_digest", Refused, Some(Cause::DigestOfDigest);
    /// SHA-1 or plain SHA-256.
    DIGEST_UNKNOWN = "digest_unknown", Refused, Some(Cause::DigestSha256Plain);
    /// Bytes in another character set than UTF-8.
    CHARSET_WRONG = "charset_wrong", Refused, Some(Cause::BytesGbk);
    /// A signer without `&key=`.
    KEY_NOT_JOINED = "key_not_joined", Refused, Some(Cause::KeyJoinedWrongly);
    /// Another secret where the API key belongs.
    KEY_OF_OTHER_KIND = "key_of_other_kind", Refused, Some(Cause::OtherKey);
    /// A field is added when the signature is made already.
    FIELD_ADDED_AFTER_SIGN = "field_added_after_sign", Refused, Some(Cause::FieldsLeftOut);
    /// A call's string without its appId.
    APP_ID_LEFT_OUT = "app_id_left_out", Refused, Some(Cause::AppIdLeftOut);
    /// One nonce is signed and another one sent.
    NONCE_MADE_TWICE = "nonce_made_twice", Refused, Some(Cause::NonceChanged);
    /// The signature of WeChat Pay's reply as the call's.
    ORDER_SIGN_REUSED = "order_sign_reused", Refused, Some(Cause::OrderSignReused);
    /// Signed with HMAC-SHA256, and no sign_type says so.
    SIGN_TYPE_NOT_SENT = "sign_type_not_sent", Refused, Some(Cause::DigestHmacForMd5);
    /// The sign_type says one digest, and another one is made.
    SIGN_TYPE_CONTRADICTED = "sign_type_contradicted", Refused, Some(Cause::DigestMd5ForHmac);
    /// An app's package is another text than `Sign=WXPay`.
    PACKAGE_NOT_SIGN_WXPAY = "package_not_sign_wxpay", Refused, None;
    /// Bytes in whatever character set the machine has.
    CHARSET_UNSTATED = "charset_unstated", Warning, Some(Cause::BytesGbk);
    /// A word in the place of a value.
    PLACEHOLDER_LEFT_IN = "placeholder_left_in", Warning, None;
    /// The notices go to an address of the documentation.
    NOTIFY_URL_IS_DEMO = "notify_url_is_demo", Refused, None;
    /// A notify_url that cannot be reached, or has a query.
    NOTIFY_URL_UNUSABLE = "notify_url_unusable", Refused, None;
    /// Values are put into XML as they are.
    VALUES_CONCATENATED_INTO_XML_UNESCAPED = "values_concatenated_into_xml_unescaped", Warning, Some(Cause::ValuesXmlEscaped);
    /// A document that is not called `xml`.
    XML_ROOT_MISSING = "xml_root_missing", Refused, None;
    /// A notice is answered SUCCESS and its signature never looked at.
    CALLBACK_NEVER_VERIFIES = "callback_never_verifies", Refused, None;
    /// A notice is never refused.
    CALLBACK_NEVER_REFUSES = "callback_never_refuses", Warning, None;
    /// Success is logged before anything was checked.
    SUCCESS_LOGGED_FIRST = "success_logged_first", Warning, None;
    /// An order is paid because a signature is right: nobody compared its amount or looked at its result.
    UPDATES_ORDER_ON_SIGNATURE_ALONE = "updates_order_on_signature_alone", Refused, None;
    /// The amount is what the browser says.
    TOTAL_FEE_FROM_CLIENT = "total_fee_from_client", Refused, None;
    /// An amount with decimals.
    AMOUNT_NOT_INTEGER_FEN = "amount_not_integer_fen", Refused, None;
    /// An amount is cut to whole fen where it is a little too small.
    AMOUNT_TRUNCATED = "amount_truncated", Warning, Some(Cause::NumbersCoerced);
    /// Every order has the same number.
    OUT_TRADE_NO_FIXED = "out_trade_no_fixed", Refused, None;
    /// A number of more than fifteen digits, which a spreadsheet rounds.
    OUT_TRADE_NO_LONG_DIGITS = "out_trade_no_long_digits", Warning, None;
    /// Every order has the same address of a customer.
    CLIENT_IP_FIXED = "client_ip_fixed", Warning, None;
    /// One openid for all customers.
    OPENID_FROM_SHARED_CACHE = "openid_from_shared_cache", Refused, None;
    /// The openid of something that is nowhere declared.
    OPENID_FROM_UNDECLARED = "openid_from_undeclared", Warning, None;
    /// The app secret in what customers download.
    APP_SECRET_IN_CLIENT = "app_secret_in_client", Refused, None;
    /// The key in what customers download.
    KEY_IN_CLIENT_CODE = "key_in_client_code", Refused, None;
    /// A key written into a program.
    KEY_LITERAL_IN_CODE = "key_literal_in_code", Warning, None;
    /// One configuration under two names.
    KEY_IN_TWO_PLACES = "key_in_two_places", Warning, Some(Cause::OtherKey);
    /// What a request answered is taken for its data.
    RESPONSE_DATA_SKIPPED = "response_data_skipped", Refused, None;
    /// What was found to be nothing is used.
    NULL_DEREFERENCED = "null_dereferenced", Refused, None;
    /// The reason of a refusal is thrown away.
    ERROR_CODE_DROPPED = "error_code_dropped", Warning, None;
    /// A browser's option where no browser is.
    BROWSER_OPTION_ON_SERVER = "browser_option_on_server", Warning, None;
    /// A regular expression without its backslashes.
    REGEX_LOST_BACKSLASHES = "regex_lost_backslashes", Refused, None;
    /// WeChat Pay's time read in the machine's own zone.
    TIME_END_IN_LOCAL_ZONE = "time_end_in_local_zone", Warning, None;
    /// What comes after a second `=` is lost.
    SPLIT_DROPS_REST = "split_drops_rest", Warning, None;
    /// A comment calls one number by another's name.
    NUMBER_MISCALLED = "number_miscalled", Warning, Some(Cause::OtherKey);
    /// An appid or merchant number is to be looked up in another account's console.
    APPID_OF_OTHER_KIND = "appid_of_other_kind", Warning, None;
    /// How often a notice comes is counted wrongly.
    NOTICE_RETRIES_MISCOUNTED = "notice_retries_miscounted", Warning, None;
    /// Notices of payments that failed are promised.
    NOTICE_CLAIMED_FOR_FAILURES = "notice_claimed_for_failures", Warning, None;
    /// Verifying is described without a word on empty values, which are not signed.
    EMPTY_VALUES_UNMENTIONED = "empty_values_unmentioned", Warning, Some(Cause::EmptyValuesIncluded);
    /// A page on the web is trusted to tell whether a key is right.
    ONLINE_TOOL_TRUSTED = "online_tool_trusted", Warning, None;
    /// Line breaks were lost: what follows `//` is a comment to a compiler.
    LINE_BREAKS_LOST = "line_breaks_lost", Warning, None;
}

/// What is said because something stands nowhere: of a part of a text it cannot be said.
pub(super) const OF_WHAT_IS_MISSING: &[&str] = &[
    APP_ID_LEFT_OUT.id,
    CALLBACK_NEVER_REFUSES.id,
    CALLBACK_NEVER_VERIFIES.id,
    CHARSET_UNSTATED.id,
    DIGEST_NOT_UPPER_CASE.id,
    EMPTY_VALUES_INCLUDED.id,
    EMPTY_VALUES_UNMENTIONED.id,
    KEY_NOT_JOINED.id,
    NOT_SORTED.id,
    OPENID_FROM_UNDECLARED.id,
    PACKAGE_FROM_UNDEFINED.id,
    SIGN_INCLUDED.id,
    SIGN_TYPE_IGNORED.id,
    SIGN_TYPE_NOT_SENT.id,
    SORT_ORDER_UNSTATED.id,
    SUCCESS_LOGGED_FIRST.id,
    UPDATES_ORDER_ON_SIGNATURE_ALONE.id,
    XML_ROOT_MISSING.id,
];

/// Most places where one kind of mistake is looked for with effort, or named.
const MOST_OF_ONE: usize = 400;

/// Most wrong names that are named in one sentence.
const MOST_JOINED: usize = 8;

/// What was seen so far.
pub(super) struct Report<'p, 't> {
    pub(super) program: &'p Program<'t>,
    seen: Vec<Seen>,
    looked: BTreeMap<&'static str, usize>,
}

impl Report<'_, '_> {
    /// Names a mistake at byte `at`.
    pub(super) fn say(&mut self, rule: &Rule, at: usize, params: &[(&'static str, &str)]) {
        self.say_with(rule, rule.cause, at, params);
    }

    pub(super) fn say_with(
        &mut self,
        rule: &Rule,
        cause: Option<Cause>,
        at: usize,
        params: &[(&'static str, &str)],
    ) {
        if !self.room(rule) {
            return;
        }
        let line = self.program.scan.line_of(at);
        let params: Vec<_> = params.iter().map(|(name, value)| (*name, excerpt::value(value))).collect();
        let known =
            self.seen.iter().any(|seen| seen.id == rule.id && seen.line == line && seen.params == params);
        if known {
            return;
        }
        let excerpt = excerpt::around(self.program.src, at);
        self.seen.push(Seen { id: rule.id, line, excerpt, params, cause, severity: rule.severity });
    }

    /// Whether another mistake of this kind is still wanted; each place looked at takes from it, seen or not.
    pub(super) fn room(&mut self, rule: &Rule) -> bool {
        let looked = self.looked.entry(rule.id).or_insert(0);
        *looked += 1;
        *looked <= MOST_OF_ONE
    }

    /// Makes one of the wrong names of one line.
    fn join_names(&mut self) {
        let mut joined: Vec<Seen> = Vec::with_capacity(self.seen.len());
        let mut names: BTreeMap<(&'static str, u32), (usize, usize)> = BTreeMap::new();
        for seen in std::mem::take(&mut self.seen) {
            let is_name = [NAME_WRONG_CASE.id, NAME_UNKNOWN.id].contains(&seen.id);
            let (at, count) = names.entry((seen.id, seen.line)).or_insert((joined.len(), 0));
            *count += 1;
            match joined.get_mut(*at).filter(|_| is_name && *count <= MOST_JOINED) {
                Some(first) => {
                    for ((_, all), (_, one)) in first.params.iter_mut().zip(&seen.params) {
                        all.push_str(", ");
                        all.push_str(one);
                    }
                }
                None => joined.push(seen),
            }
        }
        self.seen = joined;
    }

    /// Names a mistake at a token.
    pub(super) fn at(&mut self, rule: &Rule, index: usize, params: &[(&'static str, &str)]) {
        let at = self.program.get(index).map_or(0, |token| token.start);
        self.say(rule, at, params);
    }
}

pub(super) fn all(program: &Program<'_>) -> Vec<Seen> {
    let mut report = Report { program, seen: Vec::new(), looked: BTreeMap::new() };
    spelling::look(&mut report);
    report.join_names();
    values::look(&mut report);
    amounts::look(&mut report);
    config::look(&mut report);
    signer::look(&mut report);
    joined::look(&mut report);
    made::look(&mut report);
    documents::look(&mut report);
    client::look(&mut report);
    callback::look(&mut report);
    logic::look(&mut report);
    prose::look(&mut report);
    let mut seen = report.seen;
    seen.sort_by_key(|seen| seen.line);
    seen.truncate(MOST);
    seen
}
