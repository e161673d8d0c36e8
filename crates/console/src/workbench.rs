//! The window's workbench: what is pasted there, as forms. A key or a ticket given once is no part of a form, comes
//! in by itself, and is forgotten when the answer is made.

use crate::args::{JssdkSigning, Looking, OwnString, PayParamsFor, Signing};
use crate::console::Console;
use crate::error::Result;
use crate::forms::fill::{given, needed, sign_type};
use crate::forms::{JssdkForm, PasteForm, PayParamsForm, SignForm};
use crate::view::{DecryptView, JssdkView, ListedCause, PayParamsView, SignView, VerifyView};
use crate::words::Lang;
use domain::Secret;

impl Console {
    /// [`verify`](Self::verify) out of a form, in the language that was chosen, with a reproduction.
    ///
    /// # Errors
    /// Those, `invalid_field` for the digest, and `key_malformed` for a key given once that can be none.
    pub fn verify_pasted(&self, form: PasteForm, key: Option<Secret<String>>) -> Result<VerifyView> {
        let looking = Looking {
            beside: given(form.beside).map(String::into_bytes),
            string: given(form.string).map(OwnString::from),
            reproduce: true,
            ..looking(form.merchant, form.sign_type.as_deref(), key)?
        };
        let text = Secret::new(form.text);
        self.verify(text.expose().as_bytes(), &looking, self.language())
    }

    /// [`sign`](Self::sign) out of a form.
    ///
    /// # Errors
    /// Those, `invalid_field` for the digest, and `key_malformed` for a key given once that can be none.
    pub fn sign_pasted(&self, form: SignForm, key: Option<Secret<String>>) -> Result<SignView> {
        let signing = Signing {
            merchant: given(form.merchant),
            key_once: kept(key),
            hmac_sha256: sign_type(form.sign_type.as_deref())?,
        };
        let text = Secret::new(form.text);
        self.sign(text.expose().as_bytes(), &signing, self.language())
    }

    /// [`decrypt`](Self::decrypt) out of a form.
    ///
    /// # Errors
    /// Those, and `key_malformed` for a key given once that can be none.
    pub fn decrypt_pasted(&self, form: PasteForm, key: Option<Secret<String>>) -> Result<DecryptView> {
        let looking = looking(form.merchant, None, key)?;
        let text = Secret::new(form.text);
        self.decrypt(text.expose().as_bytes(), &looking)
    }

    /// [`pay_params`](Self::pay_params) out of a form.
    ///
    /// # Errors
    /// Those, and `invalid_field`.
    pub fn pay_params_of(&self, merchant: &str, form: PayParamsForm) -> Result<PayParamsView> {
        self.pay_params(Some(merchant), &PayParamsFor::try_from(form)?)
    }

    /// [`jssdk_sign`](Self::jssdk_sign) out of a form.
    ///
    /// # Errors
    /// Those.
    pub fn jssdk_sign_form(
        &self,
        merchant: &str,
        form: JssdkForm,
        ticket: Secret<String>,
    ) -> Result<JssdkView> {
        let signing = JssdkSigning {
            merchant: Some(merchant.to_owned()),
            appid: given(form.appid),
            url: needed("url", Some(form.url))?,
            nonce_str: given(form.nonce_str),
            timestamp: form.timestamp,
        };
        self.jssdk_sign(&signing, &ticket)
    }

    /// Every cause that can be proven, in the language that was chosen.
    #[must_use]
    pub fn list_causes(&self) -> Vec<ListedCause> {
        causes(self.language())
    }
}

/// Every cause that can be proven, the likelier ones first.
#[must_use]
pub fn causes(lang: Lang) -> Vec<ListedCause> {
    crate::look::causes(lang)
}

/// A key that was given. A field that was left empty is no key.
fn kept(key: Option<Secret<String>>) -> Option<Secret<String>> {
    key.filter(|key| !key.expose().is_empty())
}

fn looking(merchant: Option<String>, kind: Option<&str>, key: Option<Secret<String>>) -> Result<Looking> {
    Ok(Looking {
        merchant: given(merchant),
        key_once: kept(key),
        hmac_sha256: sign_type(kind)?,
        ..Looking::default()
    })
}
