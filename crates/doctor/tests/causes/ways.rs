//! What mistakes have in common: how a value, a name, a key or a digest is changed.

use crate::chance::{Case, Chance, Shape};
use crate::plants::Change;
use crate::signer::{Key, Signer};
use wxpay::SignType;
use wxpay::replay::Digest;

pub(crate) fn change(change: impl Fn(&mut Signer) + 'static) -> Change {
    Box::new(change)
}

pub(crate) fn values(each: fn(&str) -> String) -> Change {
    change(move |signer| signer.each(each))
}

pub(crate) fn escapes(text: &str, keep: &str, small: bool) -> String {
    let escape = |byte: &u8| {
        let letter = char::from(*byte);
        match letter.is_ascii_alphanumeric() || letter.is_ascii() && keep.contains(letter) {
            true => letter.to_string(),
            false if small => format!("%{byte:02x}"),
            false => format!("%{byte:02X}"),
        }
    };
    text.as_bytes().iter().map(escape).collect()
}

pub(crate) fn capital(text: &str) -> String {
    text[..1].to_uppercase() + &text[1..]
}

pub(crate) fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    parts.next().unwrap().to_owned() + &parts.map(capital).collect::<String>()
}

pub(crate) fn renamed(pairs: &[(&'static str, &'static str)]) -> Change {
    let pairs = pairs.to_vec();
    change(move |signer| pairs.iter().for_each(|(from, to)| signer.rename(from, to)))
}

/// A field of free text, Chinese with what must be escaped.
pub(crate) fn text(chance: &mut Chance, case: &mut Case, value: &str) -> &'static str {
    let name = match case.shape {
        Shape::Page | Shape::App => "package",
        _ => *chance.pick(&["attach", "detail", "goods_tag"]),
    };
    case.set(chance, name, value);
    name
}

pub(crate) fn key(case: &Case, change_key: impl Fn(&str) -> String) -> Change {
    let key = change_key(&case.keys[0]);
    change(move |signer| {
        key.clone_into(&mut signer.key);
        key.clone_into(&mut signer.hmac_key);
    })
}

pub(crate) fn joined(join: Key) -> Change {
    change(move |signer| signer.join = join)
}

pub(crate) fn digest(digest: Digest) -> Change {
    change(move |signer| signer.digest = digest)
}

pub(crate) fn asked(case: &mut Case, asked: SignType) {
    case.asked = asked;
    if let Some((_, value)) = case.fields.iter_mut().find(|(name, _)| name == "signType") {
        asked.as_str().clone_into(value);
    }
}

pub(crate) fn order_reply(chance: &mut Chance, case: &mut Case) {
    let mut reply = Case::new(chance, Shape::Notice);
    reply.fields.retain(|(name, _)| ["appid", "mch_id", "nonce_str", "result_code"].contains(&name.as_str()));
    reply.set(chance, "prepay_id", "wx201410272009395522657a690389285100");
    reply.keys.clone_from(&case.keys);
    reply.asked = case.asked;
    let sign = Signer::right(&reply).sign();
    reply.set(chance, "sign", &sign);
    case.beside = reply.fields;
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let bits: Vec<char> = bits.chars().collect();
    let six =
        |bits: &[char]| u8::from_str_radix(&format!("{:0<6}", bits.iter().collect::<String>()), 2).unwrap();
    let text: String = bits.chunks(6).map(|bits| char::from(letters[usize::from(six(bits))])).collect();
    let padding = (4 - text.len() % 4) % 4;
    text + &"=".repeat(padding)
}

/// Line breaks as another system has them, or none.
pub(crate) fn line_breaks(chance: &mut Chance, case: &mut Case) -> Change {
    match chance.below(3) {
        0 => {
            text(chance, case, "红\n茶\nx");
            values(|value| value.replace('\n', "\r\n"))
        }
        1 => {
            text(chance, case, "红\r\n茶\r\nx");
            values(|value| value.replace("\r\n", "\n"))
        }
        _ => {
            text(chance, case, "红\n茶\r\nx");
            values(|value| value.replace(['\r', '\n'], ""))
        }
    }
}

/// The whole string in one letter case.
pub(crate) fn letter_case(chance: &mut Chance, _: &mut Case) -> Change {
    match chance.one_in(2) {
        true => change(|signer| signer.bytes = |text| text.to_lowercase().into_bytes()),
        false => change(|signer| signer.bytes = |text| text.to_uppercase().into_bytes()),
    }
}
