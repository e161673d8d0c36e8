//! The vectors of `tests/fixtures/sign/` on the product's own code.

use domain::Secret;
use md5::{Digest as _, Md5};
use serde_json::Value;
use sha2::Sha256;
use std::path::PathBuf;
use wxpay::notice::inspect::{Verdict, inspect};
use wxpay::refund_notice::{RefundNoticeError, decrypt, encrypt, open_fields, seal};
use wxpay::sign::{self, Expect, VerifyError};
use wxpay::{ApiKey, Fields, SignType, Signature, xml};

fn load(name: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/sign").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn vectors(name: &str) -> Vec<Value> {
    load(name)["vectors"].as_array().expect("a file has vectors").clone()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} is missing in {value}"))
}

fn key(text: &str) -> ApiKey {
    ApiKey::new(Secret::new(text.to_owned()))
}

fn fields(vector: &Value) -> Fields<'static> {
    let mut fields = Fields::new();
    for pair in vector["params"].as_array().expect("params") {
        let part = |index: usize| pair[index].as_str().expect("text").to_owned();
        fields.add(part(0), part(1)).expect("a vector's names differ");
    }
    fields
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[test]
fn what_is_published_is_what_we_compute() {
    let mut seen = 0;
    for file in ["official-4_3.json", "server-side.json", "front-end.json", "encoding.json"] {
        for vector in vectors(file) {
            let name = text(&vector, "name");
            let (fields, key) = (fields(&vector), key(text(&vector, "key")));
            assert_eq!(
                sign::masked_string(&fields),
                format!("{}&key=***", text(&vector, "string")),
                "{file} {name}"
            );
            let digests = vector["digests"].as_object().expect("digests");
            assert!(!digests.is_empty(), "{file} {name}");
            for (kind, digest) in digests {
                let kind = SignType::from_wire(kind).expect("a sign type");
                let digest = digest.as_str().expect("hex");
                assert_eq!(sign::sign(&fields, &key, kind).to_string(), digest, "{file} {name}");
                seen += 1;
                // Both ways round: with this sign the document verifies, in either case of hex.
                for presented in [digest.to_owned(), digest.to_lowercase()] {
                    let mut signed = fields.clone();
                    signed.add("sign", presented).unwrap();
                    let document = xml::write(&signed);
                    let read = xml::read(document.as_bytes()).unwrap();
                    assert_eq!(sign::verify(&read, &key, Expect::Exactly(kind)), Ok(kind), "{file} {name}");
                }
            }
            if let Some(document) = vector["document"].as_str() {
                let read = xml::read(document.as_bytes()).expect("a published document is read");
                assert_eq!(sign::verify(&read, &key, Expect::ByLength), Ok(SignType::Md5), "{file} {name}");
            }
        }
    }
    assert_eq!(seen, 24, "a vector was lost");
}

#[test]
fn a_mistake_gives_what_its_row_says_and_is_never_accepted() {
    let mut seen = 0;
    for file in ["official-4_3.json", "front-end.json", "encoding.json"] {
        for vector in vectors(file) {
            let key_text = text(&vector, "key");
            for mistake in vector["mistakes"].as_array().into_iter().flatten() {
                let (name, result) = (text(mistake, "mistake"), text(mistake, "result"));
                if let Some(signed) = mistake["signed"].as_str() {
                    let digest = match name {
                        "sha256_instead_of_hmac" => hex(&Sha256::digest(signed)),
                        "hmac_without_key_suffix" => {
                            use hmac::{KeyInit as _, Mac as _};
                            let mut mac = hmac::Hmac::<Sha256>::new_from_slice(key_text.as_bytes()).unwrap();
                            mac.update(signed.as_bytes());
                            hex(&mac.finalize().into_bytes())
                        }
                        _ => hex(&Md5::digest(signed)),
                    };
                    assert_eq!(digest, result, "{file} {name}");
                }
                let mut signed = fields(&vector);
                signed.add("sign", result.to_owned()).unwrap();
                let verdict = sign::verify(&signed, &key(key_text), Expect::ByLength);
                assert!(matches!(verdict, Err(VerifyError::Mismatch { .. })), "{file} {name}: {verdict:?}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 16, "a mistake was lost");
}

#[test]
fn digests_of_bare_texts() {
    for vector in vectors("digest-of-text.json") {
        assert_eq!(hex(&Md5::digest(text(&vector, "text"))).to_lowercase(), text(&vector, "MD5"));
    }
    // With no fields at all our string has no leading `&`, unlike a naive join: that is not a vector of ours.
    assert_eq!(sign::masked_string(&Fields::new()), "key=***");
}

#[test]
fn samples_whose_key_is_unpublished_are_read_and_never_valid() {
    let file = load("not-reproducible.json");
    let keys: Vec<_> =
        file["keys_tried"].as_array().unwrap().iter().map(|k| key(k.as_str().unwrap())).collect();
    let mut documents = 0;
    for vector in vectors("not-reproducible.json") {
        let name = text(&vector, "name");
        let length_fits = [32, 64].contains(&text(&vector, "sign").len());
        assert_eq!(Signature::parse(text(&vector, "sign")).is_some(), length_fits, "{name}");
        let Some(document) = vector["document"].as_str() else { continue };
        let fields = xml::read(document.as_bytes()).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert_eq!(fields.get("sign"), vector["sign"].as_str(), "{name}");
        for key in &keys {
            let seen = inspect(document.as_bytes(), Some(key), Expect::ByLength);
            assert_eq!(seen.verdict, Verdict::Invalid, "{name}");
        }
        documents += 1;
    }
    assert_eq!(documents, 3);
}

#[test]
fn refund_notices_open_and_close() {
    for vector in vectors("refund-req-info.json") {
        let name = text(&vector, "name");
        let aes_key: [u8; 32] = text(&vector, "aes_key").as_bytes().try_into().unwrap();
        if let Some(api_key) = vector["api_key"].as_str() {
            assert_eq!(*key(api_key).refund_notice_key(), aes_key, "{name}");
        }
        let (sealed, plain) = (text(&vector, "req_info"), text(&vector, "plain"));
        assert_eq!(decrypt(sealed, &aes_key), Ok(plain.as_bytes().to_vec()), "{name}");
        assert_eq!(encrypt(plain.as_bytes(), &aes_key), sealed, "{name}");
    }
    let r5 = &vectors("refund-req-info.json")[2];
    let api_key = key(text(r5, "api_key"));
    let fields = open_fields(text(r5, "req_info"), &api_key).unwrap();
    assert_eq!(fields.get("refund_recv_accout"), Some("支付用户零钱"));
    assert_eq!(fields.len(), 13);
    assert_eq!(open_fields(&seal(&fields, &api_key), &api_key), Ok(fields));
    let other = open_fields(text(r5, "req_info"), &key("SYNTHETICv3keySYNTHETICv3key0032"));
    assert_eq!(other, Err(RefundNoticeError::Padding));
}
