//! A reproduction has the same mistake and nothing else of the original. The mistakes are those of `causes.rs`.

#![allow(clippy::print_stdout, reason = "a random test prints its seed")]

#[path = "causes/chance.rs"]
mod chance;
#[allow(dead_code)]
#[path = "causes/plants.rs"]
mod plants;
#[allow(dead_code)]
#[path = "causes/signer.rs"]
mod signer;
#[path = "causes/variants.rs"]
mod variants;
#[path = "causes/ways.rs"]
mod ways;

use chance::{Case, Chance, Shape};
use doctor::reproduce::{Language, Reproduction, reproduce};
use doctor::{Cause, Document, Explanation, Key, KeyKind, Kind, Proven, SECOND_KEY, examine_to};
use domain::Secret;
use plants::{PLANTS, Plant};
use proptest::prelude::*;
use signer::Signer;
use variants::VARIANTS;
use wxpay::{SignType, xml};

fn given(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn seed() -> u64 {
    let seed = given("DOCTOR_SEED", 20_141_030);
    println!("DOCTOR_SEED={seed}");
    seed
}

fn keys(case: &Case) -> Vec<Key> {
    let kinds = [KeyKind::ApiV2, KeyKind::ApiV3, KeyKind::Former];
    let key = |(at, key): (usize, &String)| Key::new("shop", kinds[at], at == 0, Secret::new(key.clone()));
    case.keys.iter().enumerate().map(key).collect()
}

fn document<'c>(case: &'c Case, presented: &'c str) -> Document<'c> {
    let kind = match case.shape {
        Shape::Order | Shape::Notice => Kind::Plain,
        Shape::Page => Kind::Jsapi,
        Shape::App => Kind::App,
        Shape::Config => Kind::Jssdk,
    };
    let beside = (!case.beside.is_empty()).then_some(case.beside.as_slice());
    Document { kind, fields: &case.fields, presented, asked: case.asked, beside, pages: &case.pages }
}

fn causes(proven: &[Proven]) -> Vec<Cause> {
    proven.iter().map(|proven| proven.cause).collect()
}

/// A document with this mistake, and the signature that it then has.
fn planted(chance: &mut Chance, plant: &Plant) -> (Case, String) {
    loop {
        let shape = *chance.pick(plant.shapes);
        let mut case = Case::new(chance, shape);
        let change = (plant.make)(chance, &mut case);
        let mut signer = Signer::right(&case);
        let right = signer.sign();
        change(&mut signer);
        let wrong = signer.sign();
        if wrong != right {
            return (case, wrong);
        }
    }
}

/// The explanation by this one cause.
fn explained(case: &Case, wrong: &str, cause: Cause) -> Option<Explanation> {
    let seen = examine_to(&document(case, wrong), &keys(case), 2, &mut |_| true);
    seen.explanations.into_iter().find(|one| causes(&one.proven) == [cause])
}

/// Every six characters of what names somebody or was written by somebody.
fn told(case: &Case) -> Vec<(String, String)> {
    let telling = [
        "appid",
        "appId",
        "mch_id",
        "_no",
        "_id",
        "openid",
        "nonce",
        "attach",
        "body",
        "partnerid",
        "prepay",
        "package",
    ];
    let mut pieces: Vec<(String, String)> = Vec::new();
    for (name, value) in case.fields.iter().chain(&case.beside) {
        if !telling.iter().any(|part| name.contains(part)) {
            continue;
        }
        let value = value.strip_prefix("prepay_id=").unwrap_or(value);
        let letters: Vec<char> = plain(value).chars().collect();
        for piece in letters.windows(6) {
            // Escapes and punctuation alone, and what stands for nothing, name nobody.
            if piece.iter().filter(|letter| letter.is_alphanumeric()).count() >= 3 {
                pieces.push((name.clone(), piece.iter().collect()));
            }
        }
    }
    let kept = ["https://shop.example/", "undefined", "[object Object]", "Sign=WXPay", "prepay_id="];
    pieces.retain(|(_, piece)| !kept.iter().any(|kept| kept.contains(piece.as_str())));
    pieces
}

/// A text without its escapes, which are the same for many texts.
fn plain(text: &str) -> String {
    let mut text = text.to_owned();
    for entity in ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#39;"] {
        text = text.replace(entity, "&");
    }
    while let Some(at) = text.find("\\u") {
        let digits = text.get(at + 2..at + 6).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let letter = digits.and_then(char::from_u32).map_or("?".to_owned(), |letter| letter.to_string());
        let end = if digits.is_some() { at + 6 } else { at + 2 };
        text.replace_range(at..end, &letter);
    }
    let (mut bytes, mut at) = (Vec::new(), 0);
    while let Some(first) = text.as_bytes().get(at) {
        let escape = (*first == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        let byte = escape.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn leaks_nothing(case: &Case, reproduction: &Reproduction) {
    let values = reproduction
        .fields
        .iter()
        .chain(reproduction.beside.iter().flatten())
        .map(|(_, value)| value.as_str());
    let shown: Vec<&str> = values.chain([reproduction.presented.as_str(), &reproduction.expected]).collect();
    for (name, piece) in told(case) {
        for text in &shown {
            assert!(!plain(text).contains(&piece), "{piece} of {name} in {text}: {case:?}");
        }
    }
    let texts =
        reproduction.tests.iter().map(|(_, text)| text.as_str()).chain([reproduction.payload.as_str()]);
    for text in texts {
        for key in &case.keys {
            assert!(!text.contains(key.trim()), "a key in {text}");
        }
    }
}

/// Looks at the reproduction with the keys that it names itself.
fn proves_again(reproduction: &Reproduction, wanted: &[Cause]) -> bool {
    let document = Document {
        kind: reproduction.kind,
        fields: &reproduction.fields,
        presented: &reproduction.presented,
        asked: reproduction.asked,
        beside: reproduction.beside.as_deref(),
        pages: &reproduction.pages,
    };
    let key = |rightful, text: &str| Key::new("", KeyKind::Given, rightful, Secret::new(text.to_owned()));
    let other = doctor::reproduce::OTHER_DUMMY_KEY;
    let mut keys = vec![key(true, &reproduction.key)];
    keys.extend(wanted.contains(&Cause::OtherKey).then(|| key(false, other)));
    keys.extend(wanted.contains(&Cause::HmacKeyDiffers).then(|| key(false, SECOND_KEY)));
    let seen = examine_to(&document, &keys, 3, &mut |_| true);
    assert_eq!(seen.expected.as_deref(), Some(reproduction.expected.as_str()));
    seen.explanations.iter().any(|one| causes(&one.proven) == wanted)
}

/// So many documents for each cause.
const ROUNDS: u64 = 12;

#[test]
fn every_mistake_is_made_again_and_nothing_else_shows() {
    let mut chance = Chance(seed());
    let (mut all, mut lost) = (0, Vec::new());
    for plant in PLANTS.iter().chain(VARIANTS) {
        for _ in 0..ROUNDS * given("DOCTOR_ROUNDS", 1) {
            let (case, wrong) = planted(&mut chance, plant);
            let Some(explanation) = explained(&case, &wrong, plant.cause) else { continue };
            all += 1;
            match reproduce(&document(&case, &wrong), &explanation, &keys(&case), &mut |_| true) {
                Some(reproduction) => {
                    assert!(
                        proves_again(&reproduction, &[plant.cause]),
                        "{:?}: {reproduction:?}",
                        plant.cause
                    );
                    leaks_nothing(&case, &reproduction);
                    same_shape(&case, &reproduction);
                }
                None => lost.push((plant.cause, explanation.proven, case)),
            }
        }
    }
    println!("{} of {all} not made again", lost.len());
    assert!(all > PLANTS.len() * usize::try_from(ROUNDS).unwrap() * 9 / 10, "{all}");
    assert!(lost.is_empty(), "{lost:#?}");
}

/// The names are the same in their order, empty stays empty, and a document of XML reads back to the same fields.
fn same_shape(case: &Case, reproduction: &Reproduction) {
    let names = |fields: &[(String, String)]| fields.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&case.fields), names(&reproduction.fields));
    for ((name, before), (_, after)) in case.fields.iter().zip(&reproduction.fields) {
        assert_eq!(before.is_empty(), after.is_empty(), "{name}");
        assert_eq!(before.is_ascii(), after.is_ascii(), "{name}: {before} → {after}");
        assert_eq!(before == "0", after == "0", "{name}");
    }
    if reproduction.kind == Kind::Plain {
        let read = xml::read(reproduction.payload.as_bytes()).unwrap();
        for (name, value) in &reproduction.fields {
            assert_eq!(read.get(name), Some(value.as_str()), "{}", reproduction.payload);
        }
        assert_eq!(read.get("sign"), Some(reproduction.presented.as_str()));
    } else {
        let read: serde_json::Value = serde_json::from_str(&reproduction.payload).unwrap();
        for (name, value) in &reproduction.fields {
            assert_eq!(read[name], serde_json::json!(value));
        }
    }
    assert_eq!(reproduction.tests.iter().map(|(language, _)| *language).collect::<Vec<_>>(), Language::ALL);
    for (language, text) in &reproduction.tests {
        for literal in [&reproduction.presented, &reproduction.key] {
            assert!(text.contains(&language.literal(literal)), "{language:?}");
        }
    }
}

/// Two mistakes in one document are made again together.
#[test]
fn pairs_of_mistakes_are_made_again() {
    let mut chance = Chance(seed());
    let (mut all, mut lost) = (0_u64, Vec::new());
    let rounds = 8 * given("DOCTOR_ROUNDS", 1);
    while all < rounds {
        let (mut one, mut other) = (chance.pick(PLANTS), chance.pick(PLANTS));
        if one.phase > other.phase {
            (one, other) = (other, one);
        }
        let shape = one.shapes.iter().find(|shape| other.shapes.contains(shape) && **shape != Shape::Notice);
        let (Some(shape), true) = (shape, one.phase != other.phase) else { continue };
        let mut case = Case::new(&mut chance, *shape);
        let second = (other.make)(&mut chance, &mut case);
        let first = (one.make)(&mut chance, &mut case);
        let mut signer = Signer::right(&case);
        first(&mut signer);
        second(&mut signer);
        let wrong = signer.sign();
        let document = document(&case, &wrong);
        let seen = examine_to(&document, &keys(&case), 2, &mut |_| true);
        let Some(explanation) = seen.explanations.into_iter().find(|one| one.proven.len() == 2) else {
            continue;
        };
        all += 1;
        match reproduce(&document, &explanation, &keys(&case), &mut |_| true) {
            Some(reproduction) => {
                assert!(proves_again(&reproduction, &causes(&explanation.proven)), "{reproduction:?}");
                leaks_nothing(&case, &reproduction);
            }
            None => lost.push((explanation.proven, case)),
        }
    }
    println!("{} of {all} pairs not made again", lost.len());
    assert!(lost.len() as u64 * 20 <= all, "{lost:#?}");
}

#[test]
fn what_is_right_is_not_reproduced() {
    let mut chance = Chance(seed());
    let case = Case::new(&mut chance, Shape::Order);
    let right = Signer::right(&case).sign();
    let nothing = Explanation { key: Some(0), proven: Vec::new() };
    assert_eq!(reproduce(&document(&case, &right), &nothing, &keys(&case), &mut |_| true), None);
    // Nor is what cannot be made with the document.
    let absent = Proven { cause: Cause::FieldsLeftOut, params: vec![("fields", "no_such_field".into())] };
    let absent = Explanation { key: Some(0), proven: vec![absent] };
    assert_eq!(reproduce(&document(&case, &right), &absent, &keys(&case), &mut |_| true), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever stands in the fields: no panic, and nothing of it is to be seen in what is given.
    #[test]
    fn any_text_can_be_made_a_dummy(
        values in proptest::collection::vec(
            "\\PC{0,40}|[%\\\\&u0-9a-fA-F;\"{\\[:,]{0,30}|https?://\\PC{0,20}|0{0,8}[0-9]{0,24}|[0-9.eE+-]{1,12}", 6),
        page in any::<bool>(),
    ) {
        let names = ["zeta", "attach", "body", "nonce_str", "out_trade_no", "alpha"];
        let fields: Vec<_> = names.iter().map(|name| (*name).to_owned()).zip(values).collect();
        let shape = if page { Shape::Page } else { Shape::Order };
        let (beside, pages) = (Vec::new(), Vec::new());
        let case = Case { shape, fields, beside, pages, keys: vec!["k".repeat(32)], asked: SignType::Md5 };
        let proven = vec![Proven { cause: Cause::NotSorted, params: Vec::new() }];
        let explanation = Explanation { key: Some(0), proven };
        if let Some(reproduction) = reproduce(&document(&case, ""), &explanation, &keys(&case), &mut |_| true) {
            leaks_nothing(&case, &reproduction);
        }
    }
}
