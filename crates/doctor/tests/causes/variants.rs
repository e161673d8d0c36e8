//! Mistakes that are made in more ways than one plant can hold: which fields are signed, how JSON is written anew, whose
//! numbers are mixed up. Written without the doctor, as the other plants are.

use crate::chance::{Case, Chance, Shape};
use crate::plants::{Change, Plant};
use crate::signer::Key;
use crate::ways::{asked, change, escapes, renamed};
use doctor::Cause;
use wxpay::SignType;

const PLAIN: &[Shape] = &[Shape::Order, Shape::Notice];
const NOTICE: &[Shape] = &[Shape::Notice];
const ORDER: &[Shape] = &[Shape::Order];
const PAGE: &[Shape] = &[Shape::Page];
const FRONT: &[Shape] = &[Shape::Page, Shape::App];
const SIGNED: &[Shape] = &[Shape::Order, Shape::Notice, Shape::Page, Shape::App];

/// Each is found alone, as every other plant is.
pub(crate) const VARIANTS: &[Plant] = &[
    Plant { cause: Cause::FieldsLeftOut, shapes: PLAIN, phase: 10, make: a_handful },
    Plant { cause: Cause::FieldsLeftOut, shapes: PLAIN, phase: 10, make: a_run },
    Plant { cause: Cause::FieldsLeftOut, shapes: PLAIN, phase: 10, make: any_three },
    Plant { cause: Cause::FieldsLeftOut, shapes: PLAIN, phase: 10, make: what_is_documented },
    Plant { cause: Cause::FieldsLeftOut, shapes: NOTICE, phase: 10, make: what_the_order_has },
    Plant { cause: Cause::FieldsLeftOut, shapes: NOTICE, phase: 10, make: what_an_old_program_knows },
    Plant { cause: Cause::FieldsLeftOut, shapes: PLAIN, phase: 10, make: |_, _| keep(Vec::new()) },
    Plant { cause: Cause::ValuesJsonEscaped, shapes: PLAIN, phase: 5, make: json_anew },
    Plant { cause: Cause::ValuesJsonEscaped, shapes: ORDER, phase: 5, make: all_json_anew },
    Plant { cause: Cause::ValuesJsonEscaped, shapes: PLAIN, phase: 5, make: one_text_escaped },
    Plant { cause: Cause::ProviderIds, shapes: NOTICE, phase: 2, make: any_numbers_mixed },
    Plant { cause: Cause::ValuesUrlEncoded, shapes: ORDER, phase: 5, make: address_encoded_twice },
    Plant { cause: Cause::NamesWrong, shapes: PLAIN, phase: 20, make: names_of_other_products },
    Plant { cause: Cause::ValuesJsonEscaped, shapes: ORDER, phase: 5, make: an_object_in_a_text },
    Plant { cause: Cause::NumbersCoerced, shapes: PLAIN, phase: 5, make: yuan_for_fen },
    Plant { cause: Cause::NullLiteralsIncluded, shapes: PLAIN, phase: 5, make: nothing_written },
    Plant { cause: Cause::TimestampChanged, shapes: FRONT, phase: 5, make: the_clock_asked_twice },
    Plant { cause: Cause::PackagePrefix, shapes: PAGE, phase: 20, make: the_prepay_id_by_its_name },
    Plant { cause: Cause::KeyJoinedWrongly, shapes: SIGNED, phase: 61, make: a_sign_behind_the_key },
    Plant { cause: Cause::KeyJoinedWrongly, shapes: SIGNED, phase: 61, make: a_line_feed_behind_the_string },
    Plant { cause: Cause::SeparatorsWrong, shapes: SIGNED, phase: 50, make: other_signs_between },
    Plant { cause: Cause::ValuesUrlEncoded, shapes: SIGNED, phase: 56, make: the_whole_string_encoded },
    Plant { cause: Cause::SeparatorsWrong, shapes: ORDER, phase: 56, make: signs_before_or_gone },
];

/// Only these fields are signed.
fn keep(names: Vec<String>) -> Change {
    change(move |signer| signer.pairs.retain(|(name, ..)| names.contains(name)))
}

fn signed(case: &Case) -> Vec<String> {
    case.fields.iter().filter(|(_, value)| !value.is_empty()).map(|(name, _)| name.clone()).collect()
}

/// More fields than messages in this test have, of names that nobody knows.
fn widen(chance: &mut Chance, case: &mut Case, more: usize) {
    for at in 0..more {
        let name = format!("{}_{at}", chance.text("bdfhknprtvxz", 3));
        let value = chance.digits(5);
        case.set(chance, &name, &value);
    }
}

/// Some of those that programs sign first.
fn a_handful(chance: &mut Chance, case: &mut Case) -> Change {
    let more = chance.below(20);
    widen(chance, case, more);
    let first = [
        "out_trade_no",
        "total_fee",
        "mch_id",
        "appid",
        "nonce_str",
        "body",
        "transaction_id",
        "result_code",
    ];
    let mut names: Vec<String> =
        first.into_iter().filter(|name| case.get(name).is_some()).map(str::to_owned).collect();
    chance.shuffle(&mut names);
    names.truncate(1 + chance.below(5));
    keep(names)
}

/// Those that stand one behind the other, in the document or in the string: the first ones, the last ones, or in between.
fn a_run(chance: &mut Chance, case: &mut Case) -> Change {
    let more = 4 + chance.below(20);
    widen(chance, case, more);
    let mut names = signed(case);
    if chance.one_in(2) {
        names.sort();
    }
    let many = names.len();
    let len = 1 + chance.below(many - 1);
    let from = match chance.below(3) {
        0 => 0,
        1 => many - len,
        _ => chance.below(many - len + 1),
    };
    keep(names[from..from + len].to_vec())
}

fn any_three(chance: &mut Chance, case: &mut Case) -> Change {
    let more = chance.below(20);
    widen(chance, case, more);
    let mut names = signed(case);
    chance.shuffle(&mut names);
    names.truncate(1 + chance.below(3));
    keep(names)
}

/// All but what WeChat Pay, or a framework, has added since.
fn what_is_documented(chance: &mut Chance, case: &mut Case) -> Change {
    let names = signed(case);
    let more = 5 + chance.below(12);
    widen(chance, case, more);
    keep(names)
}

fn what_the_order_has(chance: &mut Chance, case: &mut Case) -> Change {
    let more = chance.below(12);
    widen(chance, case, more);
    case.set(chance, "sign_type", "MD5");
    let order = Case::new(chance, Shape::Order).fields;
    let names = signed(case).into_iter().filter(|name| order.iter().any(|(other, _)| other == name));
    let names = names.collect();
    case.beside = order;
    keep(names)
}

/// Coupons, settlements and the rest came later than the program.
fn what_an_old_program_knows(chance: &mut Chance, case: &mut Case) -> Change {
    case.set(chance, "is_subscribe", "N");
    case.set(chance, "openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o");
    case.drop("cash_fee");
    let names = signed(case);
    let mut new: Vec<&str> = vec![
        "cash_fee",
        "cash_fee_type",
        "coupon_fee",
        "coupon_count",
        "coupon_id_0",
        "coupon_fee_0",
        "settlement_total_fee",
        "sub_appid",
        "sub_openid",
        "version",
        "promotion_detail",
    ];
    chance.shuffle(&mut new);
    new.truncate(5 + chance.below(6));
    for name in new {
        let value = format!("7{}", chance.digits(3));
        case.set(chance, name, &value);
    }
    keep(names)
}

/// JSON as one language has written it.
type Written = fn(&str) -> String;

fn wide(text: &str, capitals: bool) -> String {
    let unit = |unit: &u16| if capitals { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") };
    let letter = |letter: char| match letter.is_ascii() {
        true => letter.to_string(),
        false => letter.encode_utf16(&mut [0; 2]).iter().map(unit).collect(),
    };
    text.chars().map(letter).collect()
}

fn spaced(text: &str) -> String {
    text.replace("\":", "\": ").replace(",\"", ", \"").replace("},{", "}, {")
}

/// In the order of the functions below: Python, PHP, PHP with JSON_UNESCAPED_UNICODE, PHP with JSON_UNESCAPED_SLASHES,
/// Python with ensure_ascii=False, Go, Gson, .NET, and lines by JSON.stringify and PHP.
const WRITTEN: [Written; 10] = [
    |text| wide(&spaced(text), false),
    |text| wide(&text.replace('/', "\\/"), false),
    |text| text.replace('/', "\\/"),
    |text| wide(text, false),
    spaced,
    |text| html(text),
    |text| html(text).replace('=', "\\u003d").replace('\'', "\\u0027"),
    |text| {
        let text = text.replace('<', "\\u003C").replace('>', "\\u003E").replace('&', "\\u0026");
        wide(&text.replace('\'', "\\u0027"), true)
    },
    |text| in_lines(text, "  "),
    |text| in_lines(text, "    "),
];

fn html(text: &str) -> String {
    text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// For an object of one level.
fn in_lines(text: &str, indent: &str) -> String {
    let inside = text.trim_start_matches('{').trim_end_matches('}');
    let rows: Vec<String> =
        inside.split(",\"").map(|row| format!("{indent}\"{}", row.trim_start_matches('"'))).collect();
    format!("{{\n{}\n}}", rows.join(",\n").replace("\":", "\": "))
}

fn object(chance: &mut Chance) -> String {
    let words = ["小米/旗舰店", "a<b> & 'c'=d", "红茶 😀", "7/8 折"];
    let (one, other) = (*chance.pick(&words), *chance.pick(&words));
    format!(r#"{{"name":"{one}","id":"{}","area":"{other}"}}"#, chance.digits(4))
}

/// What a program made of the value that it read, or had before it sent it otherwise.
fn json_anew(chance: &mut Chance, case: &mut Case) -> Change {
    let name = *chance.pick(&["detail", "scene_info", "attach"]);
    let plain = object(chance);
    let written = (chance.pick(&WRITTEN))(&plain);
    let (sent, signed) = if chance.one_in(4) { (written, plain) } else { (plain, written) };
    case.set(chance, name, &sent);
    change(move |signer| signer.one(name, |_| signed.clone()))
}

fn all_json_anew(chance: &mut Chance, case: &mut Case) -> Change {
    let written = WRITTEN[chance.below(5)];
    let names = ["detail", "scene_info"];
    for name in names {
        let plain = object(chance);
        case.set(chance, name, &plain);
    }
    change(move |signer| names.iter().for_each(|name| signer.one(name, written)))
}

fn one_text_escaped(chance: &mut Chance, case: &mut Case) -> Change {
    case.set(chance, "attach", "红茶/绿茶");
    case.set(chance, "goods_tag", "茶/水");
    match chance.below(3) {
        0 => change(|signer| signer.one("attach", |value| wide(value, false))),
        1 => change(|signer| signer.one("attach", |value| value.replace('/', "\\/"))),
        _ => change(|signer| signer.one("attach", |value| wide(&value.replace('/', "\\/"), false))),
    }
}

/// Each of the four numbers may have been signed with its counterpart's value.
fn any_numbers_mixed(chance: &mut Chance, case: &mut Case) -> Change {
    case.set(chance, "sub_appid", "wxsubmerchant");
    case.set(chance, "sub_mch_id", "1900000109");
    let pairs =
        [("appid", "sub_appid"), ("sub_appid", "appid"), ("mch_id", "sub_mch_id"), ("sub_mch_id", "mch_id")];
    let which = 1 + chance.below(15);
    let swaps: Vec<(&str, String)> = pairs
        .into_iter()
        .enumerate()
        .filter(|(at, _)| which >> at & 1 == 1)
        .map(|(_, (name, other))| (name, case.get(other).unwrap().to_owned()))
        .collect();
    change(move |signer| swaps.iter().for_each(|(name, value)| signer.one(name, |_| value.clone())))
}

fn address_encoded_twice(chance: &mut Chance, case: &mut Case) -> Change {
    case.set(chance, "notify_url", "https://shop.example.com/notify/wx");
    change(|signer| {
        signer.one("notify_url", |value| escapes(&escapes(value, "-_.~", false), "-_.~", false));
    })
}

fn names_of_other_products(chance: &mut Chance, case: &mut Case) -> Change {
    case.set(chance, "openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o");
    let names = [("appid", "wxappid"), ("appid", "mch_appid"), ("mch_id", "mchid"), ("openid", "open_id")];
    renamed(&[*chance.pick(&names)])
}

fn an_object_in_a_text(chance: &mut Chance, case: &mut Case) -> Change {
    let detail = object(chance);
    case.set(chance, "detail", &detail);
    let word = *chance.pick(&["[object Object]", "Array"]);
    change(move |signer| signer.one("detail", |_| word.to_owned()))
}

/// One has it in yuan and the other one in fen.
fn yuan_for_fen(chance: &mut Chance, case: &mut Case) -> Change {
    let (yuan, fen) = (chance.below(300), chance.below(100));
    let (whole, places) = ((yuan * 100 + fen + 1).to_string(), format!("{yuan}.{:02}", fen + 1));
    let (sent, signed) = match chance.below(3) {
        _ if fen == 99 => ("1200".to_owned(), "12".to_owned()),
        0 => (places, whole),
        1 => (whole.clone(), format!("{whole}.00")),
        _ => (whole, places),
    };
    case.set(chance, "total_fee", &sent);
    change(move |signer| signer.one("total_fee", |_| signed.clone()))
}

fn nothing_written(chance: &mut Chance, case: &mut Case) -> Change {
    case.set(chance, "goods_tag", "");
    let word = *chance.pick(&["<nil>", "nil", "false", "0", "[]"]);
    change(move |signer| signer.one("goods_tag", |_| word.to_owned()))
}

fn the_clock_asked_twice(chance: &mut Chance, _: &mut Case) -> Change {
    let (apart, before) = (1 + chance.below(3) as u64, chance.one_in(2));
    change(move |signer| {
        for name in ["timeStamp", "timestamp"] {
            signer.one(name, |value| {
                let moment: u64 = value.parse().unwrap();
                (if before { moment - apart } else { moment + apart }).to_string()
            });
        }
    })
}

fn the_prepay_id_by_its_name(_: &mut Chance, _: &mut Case) -> Change {
    change(|signer| {
        signer.one("package", |value| value.trim_start_matches("prepay_id=").to_owned());
        signer.rename("package", "prepay_id");
    })
}

fn a_sign_behind_the_key(_: &mut Chance, case: &mut Case) -> Change {
    let key = format!("{}&", case.keys[0]);
    change(move |signer| key.clone_into(&mut signer.key))
}

/// As `echo` writes it. MD5 does not tell it from one behind the key.
fn a_line_feed_behind_the_string(chance: &mut Chance, case: &mut Case) -> Change {
    asked(case, SignType::HmacSha256);
    let key = format!("{}{}", case.keys[0], chance.pick(&["\n", "\r\n"]));
    change(move |signer| key.clone_into(&mut signer.key))
}

fn other_signs_between(chance: &mut Chance, _: &mut Case) -> Change {
    let (between, before_key) = *chance.pick(&[("&amp;", "&key="), (" & ", "&key="), ("&amp;", "&amp;key=")]);
    change(move |signer| {
        signer.between = between;
        signer.join = Key::Behind(before_key);
    })
}

/// What a browser has shown, and strings that are joined in a loop.
fn signs_before_or_gone(chance: &mut Chance, case: &mut Case) -> Change {
    case.set(chance, "notify_url", "https://shop.example.com/notify/wx");
    match chance.below(3) {
        0 => change(|signer| signer.bytes = |text| text.replace("&notify", "¬ify").into_bytes()),
        1 => change(|signer| signer.bytes = |text| format!("&{text}").into_bytes()),
        _ => change(|signer| signer.bytes = |text| format!("?{text}").into_bytes()),
    }
}

fn the_whole_string_encoded(_: &mut Chance, _: &mut Case) -> Change {
    change(|signer| signer.bytes = |text| escapes(text, "-_.!~*'()", false).into_bytes())
}
