use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A mistake that explains the signature that was presented.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CauseView {
    /// Stable, snake_case; `list_causes` gives all of them.
    pub id: String,
    /// Whether replaying it gave the very digest that was presented.
    pub proven: bool,
    /// What it is about, by name: `fields`, `from`, `to`, `merchant`, `kind`, … Never a key.
    pub params: BTreeMap<String, String>,
    /// For people, in the language asked for: what was done.
    pub message: String,
    /// For people: what to do instead, in one sentence.
    pub fix: String,
    /// The fix in one line of each language.
    pub fixes: Vec<SnippetView>,
    /// Which explanation it belongs to: those with one number were made together. 0 is the simplest.
    pub explanation: u32,
}

/// A piece of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SnippetView {
    /// `node`, `python`, `java`, `go`, `php` or `rust`.
    pub language: String,
    /// To be pasted as it is.
    pub code: String,
}

/// A mistake that stands in a program that was pasted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct MistakeView {
    /// Stable, snake_case.
    pub id: String,
    /// The line, from 1.
    pub line: u32,
    /// What stands there. Nothing that could be a key.
    pub excerpt: String,
    /// For people, in the language asked for.
    pub message: String,
    /// The id of the cause it leads to, if it spoils a signature.
    pub cause: Option<String>,
}

/// The same mistake with dummy ids, text and key, to be shown to anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ReproductionView {
    /// A document with that mistake.
    pub payload: String,
    /// A failing unit test in each language.
    pub tests: Vec<SnippetView>,
}

/// Where the developer's own string leaves the right one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DifferenceView {
    /// The first differing byte, from 0.
    pub at_byte: u64,
    /// The first differing character, from 0.
    pub at_character: u64,
    /// The right string around it, the key masked; empty where it has ended.
    pub expected: String,
    /// The developer's string around it, what could be a key masked; empty where it has ended.
    pub said: String,
    /// How many characters of both stand before the difference: the same in both.
    pub same: u32,
}

/// How long was looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SearchView {
    /// How many digests were taken.
    pub tried: u64,
    /// Whether time ran out before everything was tried.
    pub ended: bool,
}

/// A cause that can be proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ListedCause {
    /// Stable, snake_case.
    pub id: String,
    /// For people, in the language asked for: the mistake.
    pub message: String,
    /// For people: what to do instead.
    pub fix: String,
}

/// What a page hands to `wx.config`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct JssdkView {
    /// The official account.
    #[serde(rename = "appId")]
    pub app_id: String,
    /// Seconds since 1970.
    pub timestamp: i64,
    /// Text that is used once.
    #[serde(rename = "nonceStr")]
    pub nonce_str: String,
    /// SHA-1, in small letters.
    pub signature: String,
    /// The address that was signed: without what stands behind `#`.
    pub url: String,
    /// The string that was signed, the ticket masked.
    pub string_to_sign: String,
    /// The call, ready to paste.
    pub call: String,
}
