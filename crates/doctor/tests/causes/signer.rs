//! A signer of its own, as short as it can be, that knows nothing of the doctor: right, and wrong in any way
//! asked for.

use crate::chance::{Case, Shape};
use wxpay::SignType;
use wxpay::replay::Digest;

/// How the key is brought in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Behind(&'static str),
    Nowhere,
    Sorted,
    First,
}

/// All that makes a signature.
#[derive(Clone)]
pub(crate) struct Signer {
    /// Names and values in the order of the document, and whether a field enters though it is empty.
    pub(crate) pairs: Vec<(String, String, bool)>,
    pub(crate) sort: fn(&mut Vec<(String, String, bool)>),
    pub(crate) between: &'static str,
    pub(crate) equals: &'static str,
    pub(crate) key: String,
    pub(crate) hmac_key: String,
    pub(crate) join: Key,
    pub(crate) bytes: fn(&str) -> Vec<u8>,
    pub(crate) digest: Digest,
    pub(crate) write: fn(&[u8], Digest, &str) -> String,
    /// Not signed at all, but taken from elsewhere.
    pub(crate) instead: Option<String>,
    /// The right signature.
    pub(crate) own: String,
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

impl Signer {
    pub(crate) fn right(case: &Case) -> Self {
        let config = case.shape == Shape::Config;
        let value = |name: &str, value: &str| match name {
            "url" if config => value.split('#').next().unwrap().to_owned(),
            _ => value.to_owned(),
        };
        let mut right = Self {
            pairs: case.fields.iter().map(|(name, text)| (name.clone(), value(name, text), false)).collect(),
            sort: |pairs| pairs.sort(),
            between: "&",
            equals: "=",
            key: case.keys[0].clone(),
            hmac_key: case.keys[0].clone(),
            join: if config { Key::Nowhere } else { Key::Behind("&key=") },
            bytes: |text| text.as_bytes().to_vec(),
            digest: match (config, case.asked) {
                (true, _) => Digest::Sha1,
                (_, SignType::Md5) => Digest::Md5,
                (_, SignType::HmacSha256) => Digest::HmacSha256,
            },
            write: if config { |bytes, _, _| hex(bytes).to_lowercase() } else { |bytes, _, _| hex(bytes) },
            instead: None,
            own: String::new(),
        };
        right.own = right.sign();
        right
    }

    pub(crate) fn sign(&self) -> String {
        if let Some(instead) = &self.instead {
            return instead.clone();
        }
        let mut pairs: Vec<_> =
            self.pairs.iter().filter(|(_, value, kept)| *kept || !value.is_empty()).cloned().collect();
        if self.join == Key::Sorted {
            pairs.push(("key".to_owned(), self.key.clone(), false));
        }
        (self.sort)(&mut pairs);
        let pairs: Vec<String> =
            pairs.iter().map(|(name, value, _)| format!("{name}{}{value}", self.equals)).collect();
        let text = pairs.join(self.between);
        let text = match self.join {
            Key::Behind(before) => format!("{text}{before}{}", self.key),
            Key::Nowhere | Key::Sorted => text,
            Key::First => format!("key={}&{text}", self.key),
        };
        let sum = self.digest.of(&(self.bytes)(&text), self.hmac_key.as_bytes());
        (self.write)(sum.bytes(), self.digest, &self.hmac_key)
    }

    /// Changes every value.
    pub(crate) fn each(&mut self, change: impl Fn(&str) -> String) {
        for (_, value, _) in self.pairs.iter_mut().filter(|(_, value, _)| !value.is_empty()) {
            *value = change(value);
        }
    }

    /// Changes one value.
    pub(crate) fn one(&mut self, field: &str, change: impl Fn(&str) -> String) {
        for (_, value, _) in self.pairs.iter_mut().filter(|(name, ..)| name == field) {
            *value = change(value);
        }
    }

    pub(crate) fn rename(&mut self, from: &str, to: &str) {
        for (name, ..) in self.pairs.iter_mut().filter(|(name, ..)| name == from) {
            to.clone_into(name);
        }
    }

    pub(crate) fn drop(&mut self, field: &str) {
        self.pairs.retain(|(name, ..)| name != field);
    }

    pub(crate) fn put(&mut self, name: &str, value: &str) {
        self.pairs.push((name.to_owned(), value.to_owned(), true));
    }
}
