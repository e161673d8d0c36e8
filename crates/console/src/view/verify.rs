use super::{CauseView, DifferenceView, MistakeView, ReproductionView, SearchView};
use serde::{Deserialize, Serialize};

/// What can be said of something pasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The signature matches a key at hand.
    Valid,
    /// It matches, but WeChat Pay would refuse the message.
    ValidButRefused,
    /// It does not match the key it should.
    Invalid,
    /// There is no signature, and there should be one.
    Unsigned,
    /// It matches, and so would another message with the same string to sign.
    Ambiguous,
    /// Something needed is missing, such as a key.
    Undecidable,
    /// It cannot be read.
    Malformed,
}

/// The verdict and its proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct VerifyView {
    /// The verdict.
    pub verdict: Verdict,
    /// For people, in the language asked for: what the verdict means for the money, and what to do. `null` where all
    /// is well.
    pub meaning: Option<String>,
    /// What it is: `payment_notice`, `refund_notice`, `order_request`, `api_reply`, `jssdk`, `v3_notice`, … or
    /// `other`.
    pub recognised: String,
    /// What it was written in: `xml`, `xml_escaped`, `json`, `query`, `js_call`, `http`, `lines`, `curl`, `har` or
    /// `code`.
    pub format: String,
    /// What was undone to get to its fields, in this order: `byte_order_mark`, `gbk`, `text_around`, …
    pub undone: Vec<String>,
    /// `MD5`, `HMAC-SHA256`, `SHA1` or `null`.
    pub sign_type: Option<String>,
    /// The signature it carries.
    pub presented: Option<String>,
    /// The signature that would be right, by the key that should have signed. `null` where there is no such key.
    pub expected: Option<String>,
    /// The string to sign, the key masked.
    pub string_to_sign: Option<String>,
    /// Its fields in order of the document.
    pub fields: Vec<FieldView>,
    /// The key the verdict rests on.
    pub key: Option<KeyUsed>,
    /// How many keys were tried, of every kind and every merchant.
    pub keys_tried: u32,
    /// The stored merchant whose message it is, by its key or its numbers.
    pub merchant: Option<String>,
    /// Proven causes of a mismatch, the simplest explanation first. Empty: nothing that is known explains it.
    pub causes: Vec<CauseView>,
    /// Mistakes in a program that was pasted, in the order of its lines.
    pub mistakes: Vec<MistakeView>,
    /// The first explanation as a failing test without any secret.
    pub reproduction: Option<ReproductionView>,
    /// Where the developer's own string first differs from the right one; `null` if none was given, or none does.
    pub difference: Option<DifferenceView>,
    /// Another document that has the same string to sign, if there is one. It says something else of the payment where the
    /// verdict is `ambiguous`.
    pub other_reading: Vec<FieldView>,
    /// How long was looked for causes; `null` where nothing had to be looked for.
    pub search: Option<SearchView>,
    /// What else is noteworthy: `id`, `field`, `severity` (`refused` or `warning`), `message`.
    pub findings: Vec<Finding>,
    /// Whether it is the message we wait for.
    pub checks: Vec<CheckView>,
    /// Whether it was written into the ledger.
    pub recorded: bool,
}

impl VerifyView {
    /// Whether the signature is good and the message all the same is not the one we wait for: another amount,
    /// currency, merchant or appid. Whoever acts on it acts on somebody else's message.
    #[must_use]
    pub fn contradicted(&self) -> bool {
        self.verdict == Verdict::Valid && self.checks.iter().any(is_contradiction)
    }

    /// Calls `change` with every text that may hold something of what was pasted. A reproduction holds nothing of it.
    pub(crate) fn for_each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        let mut fields = |fields: &mut Vec<FieldView>| {
            for field in fields {
                change(&mut field.name);
                change(&mut field.value);
            }
        };
        fields(&mut self.fields);
        fields(&mut self.other_reading);
        for text in [&mut self.presented, &mut self.expected, &mut self.string_to_sign].into_iter().flatten()
        {
            change(text);
        }
        for cause in &mut self.causes {
            change(&mut cause.message);
            cause.params.values_mut().for_each(&mut *change);
        }
        for mistake in &mut self.mistakes {
            change(&mut mistake.excerpt);
            change(&mut mistake.message);
        }
        if let Some(difference) = &mut self.difference {
            change(&mut difference.expected);
            change(&mut difference.said);
        }
        for finding in &mut self.findings {
            finding.field.iter_mut().for_each(&mut *change);
            change(&mut finding.message);
        }
        self.checks.iter_mut().for_each(|check| change(&mut check.message));
    }
}

/// Whether a check says that the message is somebody else's.
pub(crate) fn is_contradiction(check: &CheckView) -> bool {
    matches!(check.id.as_str(), "amount" | "currency" | "mch_id" | "appid") && check.ok == Some(false)
}

/// Something noteworthy that is no digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Finding {
    /// Stable, snake_case.
    pub id: String,
    /// The field it is about.
    pub field: Option<String>,
    /// `refused` or `warning`.
    pub severity: String,
    /// For people, in the language asked for.
    pub message: String,
}

/// A field and whether it is in the string to sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FieldView {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
    /// Whether it is signed.
    pub included: bool,
    /// Why not: `empty` or `signature`.
    pub reason: Option<String>,
}

/// The key a verdict rests on, without the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct KeyUsed {
    /// Whose and which, such as `bakery · api_v2`, or the file's name.
    pub label: String,
    /// Four characters; `null` for a key given once, which leaves no trace.
    pub fingerprint: Option<String>,
}

/// One check of a message against what we know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CheckView {
    /// `order_known`, `amount`, `mch_id`, `appid`, `first_seen` or `currency`.
    pub id: String,
    /// Passed, failed, or nothing to compare with (`null`).
    pub ok: Option<bool>,
    /// For people, in the language asked for.
    pub message: String,
}

/// A signed document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SignView {
    /// `MD5` or `HMAC-SHA256`.
    pub sign_type: String,
    /// The signature.
    pub signature: String,
    /// The string that was signed, every key masked.
    pub string_to_sign: String,
    /// The document with its `sign`, every key masked: then it is no longer the document that was signed.
    pub xml: String,
    /// What it was written in, as in [`VerifyView`]. Of `code` only what stands there literally is signed.
    pub format: String,
    /// Its fields in their order, keys masked, and whether each is signed.
    pub fields: Vec<FieldView>,
    /// What is noteworthy: what a program computes and nobody knows, keys among the fields.
    pub findings: Vec<Finding>,
}

/// A decrypted refund notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DecryptView {
    /// The decrypted document as it was.
    pub xml: String,
    /// Its fields in order.
    pub fields: Vec<FieldView>,
    /// The key that opened it.
    pub key: KeyUsed,
}

/// The second signature, for the front end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PayParamsView {
    /// `jsapi`, `app`, `h5` or `native`.
    pub kind: String,
    /// The signed parameters by name, or `mweb_url`, or `code_url`: the text of the QR code, to be shown unchanged.
    #[cfg_attr(test, ts(type = "Record<string, unknown>"))]
    pub params: serde_json::Map<String, serde_json::Value>,
    /// The string that was signed, the key masked.
    pub string_to_sign: Option<String>,
    /// Calls ready to paste, by name of the call.
    pub calls: Vec<(String, String)>,
    /// Native: the QR code.
    pub qr: Option<super::QrView>,
}
