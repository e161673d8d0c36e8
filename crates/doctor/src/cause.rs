//! The mistakes that can be proven, each with its stable id.

macro_rules! causes {
    ($($(#[$doc:meta])* $cause:ident = $id:literal,)*) => {
        /// A mistake that was replayed and gave the wrong digest that was presented.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Cause {
            $($(#[$doc])* $cause,)*
        }

        impl Cause {
            /// Every one, the likelier ones first.
            pub const ALL: &[Self] = &[$(Self::$cause,)*];

            /// The stable id.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$cause => $id,)* }
            }
        }
    };
}

causes! {
    /// Another key at hand signs it.
    OtherKey = "other_key",
    /// Blanks, a newline, a byte order mark or quotes around the key.
    KeyWhitespace = "key_whitespace",
    /// The key in lower or upper case.
    KeyLetterCase = "key_letter_case",
    /// No key, or a word instead of it.
    KeyEmpty = "key_empty",
    /// The key stands in the string another way than `&key=` at its end.
    KeyJoinedWrongly = "key_joined_wrongly",
    /// HMAC-SHA256 with another key than the one in the string.
    HmacKeyDiffers = "hmac_key_differs",
    /// MD5 where HMAC-SHA256 was asked for.
    DigestMd5ForHmac = "digest_md5_for_hmac",
    /// HMAC-SHA256 where MD5 was asked for.
    DigestHmacForMd5 = "digest_hmac_for_md5",
    /// SHA-1.
    DigestSha1 = "digest_sha1",
    /// SHA-256 without a key.
    DigestSha256Plain = "digest_sha256_plain",
    /// The right digits in lower or mixed case.
    DigestLetterCase = "digest_letter_case",
    /// Hashed twice, or written another way than in hex.
    DigestOfDigest = "digest_of_digest",
    /// Empty fields signed as `k=`.
    EmptyValuesIncluded = "empty_values_included",
    /// Fields of the value 0 left out.
    ZeroValuesDropped = "zero_values_dropped",
    /// Empty or absent fields signed as `null` and the like.
    NullLiteralsIncluded = "null_literals_included",
    /// The signature signed too.
    SignIncluded = "sign_included",
    /// The document has a sign_type that was not signed.
    SignTypeLeftOut = "sign_type_left_out",
    /// A sign_type was signed that the document does not have.
    SignTypeAdded = "sign_type_added",
    /// Fields of the document that were not signed.
    FieldsLeftOut = "fields_left_out",
    /// Fields that were signed and are not in the document.
    FieldsAdded = "fields_added",
    /// A front-end call signed without its appId.
    AppIdLeftOut = "app_id_left_out",
    /// Fields signed under another spelling.
    NamesWrong = "names_wrong",
    /// The app's names where a page's belong.
    AppNamesForJsapi = "app_names_for_jsapi",
    /// A page's names where the app's belong.
    JsapiNamesForApp = "jsapi_names_for_app",
    /// The order's own signature used as the front end's.
    OrderSignReused = "order_sign_reused",
    /// The provider's numbers where the sub-merchant's belong, or the other way round.
    ProviderIds = "provider_ids",
    /// Sorted without regard to case.
    SortedCaseInsensitively = "sorted_case_insensitively",
    /// Sorted with numbers in names taken as numbers.
    SortedNaturally = "sorted_naturally",
    /// Sorted from z to a.
    SortedDescending = "sorted_descending",
    /// In the order of the document.
    NotSorted = "not_sorted",
    /// Sorted by the values.
    SortedByValue = "sorted_by_value",
    /// Percent-encoded before signing.
    ValuesUrlEncoded = "values_url_encoded",
    /// Percent-decoded before signing.
    ValuesUrlDecoded = "values_url_decoded",
    /// Blanks as `+`.
    SpacesAsPlus = "spaces_as_plus",
    /// Left escaped as XML has it.
    ValuesXmlEscaped = "values_xml_escaped",
    /// The CDATA's brackets signed too.
    CdataSigned = "cdata_signed",
    /// Left escaped as JSON has it, or a JSON value written anew.
    ValuesJsonEscaped = "values_json_escaped",
    /// Blanks at the ends taken off before signing.
    ValuesTrimmed = "values_trimmed",
    /// Blanks at the ends signed that the document has lost.
    ValuesUntrimmed = "values_untrimmed",
    /// Line breaks that a reader of XML makes others: CR LF where it has LF.
    LineBreaksChanged = "line_breaks_changed",
    /// Texts of digits taken for numbers.
    NumbersCoerced = "numbers_coerced",
    /// GBK instead of UTF-8.
    BytesGbk = "bytes_gbk",
    /// Latin-1 instead of UTF-8.
    BytesLatin1 = "bytes_latin1",
    /// `?` for each character that is not ASCII.
    BytesQuestionMarks = "bytes_question_marks",
    /// UTF-16 instead of UTF-8.
    BytesUtf16 = "bytes_utf16",
    /// The whole string in lower or upper case, where only the digest is.
    StringLetterCase = "string_letter_case",
    /// Other signs than `=` and `&` between names and values.
    SeparatorsWrong = "separators_wrong",
    /// Values signed with quotes around them.
    QuotesSigned = "quotes_signed",
    /// `prepay_id=` missing, doubled or misspelt in what was signed.
    PackagePrefix = "package_prefix",
    /// Another time was signed than sent.
    TimestampChanged = "timestamp_changed",
    /// Another nonce was signed than sent.
    NonceChanged = "nonce_changed",
    /// wx.config: another address was signed.
    JssdkUrl = "jssdk_url",
    /// wx.config: other names, or in another order.
    JssdkNames = "jssdk_names",
}

/// A cause with what it is about, such as the names of the fields that were left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// Which one.
    pub cause: Cause,
    /// Name and value of what is to be said besides, in a fixed order. Never a key.
    pub params: Vec<(&'static str, String)>,
}
