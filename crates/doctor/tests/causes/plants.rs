//! How each mistake is made, written without the doctor: it shapes the document so that the mistake matters,
//! and then has the signer make it.

use crate::chance::{Case, Chance, Shape};
use crate::signer::{Key, Signer, hex};
use crate::ways::{
    asked, base64, camel, change, digest, escapes, joined, key, letter_case, line_breaks, order_reply,
    renamed, text, values,
};
use doctor::Cause;
use wxpay::SignType;
use wxpay::replay::Digest;

/// What becomes of the signer.
pub(crate) type Change = Box<dyn Fn(&mut Signer)>;

/// A way to make a mistake.
pub(crate) struct Plant {
    pub(crate) cause: Cause,
    pub(crate) shapes: &'static [Shape],
    /// When a program makes it: it gathers fields, names them, writes their values, joins them, takes the
    /// digest.
    pub(crate) phase: u8,
    pub(crate) make: fn(&mut Chance, &mut Case) -> Change,
}

const PLAIN: &[Shape] = &[Shape::Order, Shape::Notice];
const ALL: &[Shape] = &[Shape::Order, Shape::Notice, Shape::Page, Shape::App];
const PAGE: &[Shape] = &[Shape::Page];
const FRONT: &[Shape] = &[Shape::Page, Shape::App];
const CONFIG: &[Shape] = &[Shape::Config];

/// Every cause.
pub(crate) const PLANTS: &[Plant] = &[
    Plant {
        cause: Cause::OtherKey,
        shapes: ALL,
        phase: 60,
        make: |chance, case| {
            let key = case.keys[1 + chance.below(2)].clone();
            change(move |signer| {
                key.clone_into(&mut signer.key);
                key.clone_into(&mut signer.hmac_key);
            })
        },
    },
    Plant {
        cause: Cause::KeyWhitespace,
        shapes: ALL,
        phase: 60,
        make: |chance, case| {
            let (before, behind) = *chance.pick(&[
                ("", "\n"),
                ("", "\r\n"),
                ("", " "),
                (" ", ""),
                ("", "\t"),
                ("\u{FEFF}", ""),
                ("\"", "\""),
                ("'", "'"),
                (" ", " "),
            ]);
            if chance.one_in(4) {
                // The key at hand has what the one that signed had not.
                let right = case.keys[0].clone();
                case.keys[0] = format!("{before}{right}{behind}");
                return key(case, move |_| right.clone());
            }
            key(case, |key| format!("{before}{key}{behind}"))
        },
    },
    Plant {
        cause: Cause::KeyLetterCase,
        shapes: ALL,
        phase: 60,
        make: |chance, case| {
            if chance.one_in(2) { key(case, str::to_lowercase) } else { key(case, str::to_uppercase) }
        },
    },
    Plant {
        cause: Cause::KeyEmpty,
        shapes: ALL,
        phase: 60,
        make: |chance, case| match chance.below(4) {
            0 => {
                let nothing = key(case, |_| String::new());
                change(move |signer| {
                    nothing(signer);
                    signer.join = Key::Nowhere;
                })
            }
            _ => {
                let word = *chance.pick(&["", "KEY", "key", "null", "undefined"]);
                key(case, |_| word.to_owned())
            }
        },
    },
    Plant {
        cause: Cause::KeyJoinedWrongly,
        shapes: ALL,
        phase: 61,
        make: |chance, _| {
            joined(*chance.pick(&[
                Key::Behind("key="),
                Key::Behind(""),
                Key::Behind("&"),
                Key::Behind("&KEY="),
                Key::Sorted,
                Key::First,
            ]))
        },
    },
    Plant {
        cause: Cause::HmacKeyDiffers,
        shapes: ALL,
        phase: 62,
        make: |chance, case| {
            asked(case, SignType::HmacSha256);
            let other = match chance.below(4) {
                0 => return joined(Key::Nowhere),
                1 => case.keys[1].clone(),
                _ => (*chance.pick(&["", "laoxie", "secret", "key", "123456"])).to_owned(),
            };
            change(move |signer| other.clone_into(&mut signer.hmac_key))
        },
    },
    Plant {
        cause: Cause::DigestMd5ForHmac,
        shapes: ALL,
        phase: 70,
        make: |_, case| {
            asked(case, SignType::HmacSha256);
            digest(Digest::Md5)
        },
    },
    Plant {
        cause: Cause::DigestHmacForMd5,
        shapes: ALL,
        phase: 70,
        make: |_, case| {
            asked(case, SignType::Md5);
            digest(Digest::HmacSha256)
        },
    },
    Plant { cause: Cause::DigestSha1, shapes: ALL, phase: 70, make: |_, _| digest(Digest::Sha1) },
    Plant { cause: Cause::DigestSha256Plain, shapes: ALL, phase: 70, make: |_, _| digest(Digest::Sha256) },
    Plant {
        cause: Cause::DigestLetterCase,
        shapes: ALL,
        phase: 71,
        make: |chance, _| {
            let small = chance.one_in(2);
            change(move |signer| {
                signer.write = if small {
                    |bytes, _, _| hex(bytes).to_lowercase()
                } else {
                    |bytes, _, _| {
                        hex(bytes)
                            .char_indices()
                            .map(|(at, digit)| if at % 2 == 0 { digit.to_ascii_lowercase() } else { digit })
                            .collect()
                    }
                };
            })
        },
    },
    Plant {
        cause: Cause::DigestOfDigest,
        shapes: ALL,
        phase: 71,
        make: |chance, _| {
            let write: fn(&[u8], Digest, &str) -> String = match chance.below(5) {
                0 => |bytes, digest, key| hex(digest.of(hex(bytes).as_bytes(), key.as_bytes()).bytes()),
                1 => |bytes, digest, key| {
                    hex(digest.of(hex(bytes).to_lowercase().as_bytes(), key.as_bytes()).bytes())
                },
                2 => |bytes, digest, key| hex(digest.of(bytes, key.as_bytes()).bytes()),
                3 => |bytes, _, _| hex(hex(bytes).as_bytes()),
                _ => |bytes, _, _| base64(bytes),
            };
            change(move |signer| signer.write = write)
        },
    },
    Plant {
        cause: Cause::EmptyValuesIncluded,
        shapes: PLAIN,
        phase: 15,
        make: |chance, case| {
            for name in ["attach", "device_info", "sub_mch_id"].into_iter().take(1 + chance.below(3)) {
                case.set(chance, name, "");
            }
            change(|signer| signer.pairs.iter_mut().for_each(|(_, _, kept)| *kept = true))
        },
    },
    Plant {
        cause: Cause::ZeroValuesDropped,
        shapes: PLAIN,
        phase: 11,
        make: |chance, case| {
            let name = *chance.pick(&["cash_fee", "coupon_count", "coupon_fee"]);
            case.set(chance, name, "0");
            change(|signer| signer.pairs.retain(|(_, value, _)| value != "0"))
        },
    },
    Plant {
        cause: Cause::NullLiteralsIncluded,
        shapes: PLAIN,
        phase: 15,
        make: |chance, case| {
            let null = *chance.pick(&["null", "undefined", "None", "NULL"]);
            let name = *chance.pick(&["attach", "device_info", "goods_tag"]);
            if chance.one_in(2) {
                case.drop(name);
                return change(move |signer| signer.put(name, null));
            }
            case.set(chance, name, "");
            change(move |signer| {
                signer
                    .pairs
                    .iter_mut()
                    .filter(|pair| pair.1.is_empty())
                    .for_each(|pair| null.clone_into(&mut pair.1))
            })
        },
    },
    Plant {
        cause: Cause::SignIncluded,
        shapes: ALL,
        phase: 14,
        make: |chance, case| {
            let name = if case.shape == Shape::Page && chance.one_in(2) { "paySign" } else { "sign" };
            match chance.below(4) {
                0 => change(move |signer| signer.put(name, "")),
                1 if case.shape == Shape::Page || case.shape == Shape::App => {
                    order_reply(chance, case);
                    let sign = case.beside.iter().find(|(name, _)| name == "sign").unwrap().1.clone();
                    change(move |signer| signer.put(name, &sign))
                }
                // The document's own, whatever else is still put into it.
                _ => change(move |signer| signer.put(name, &signer.own.clone())),
            }
        },
    },
    Plant {
        cause: Cause::SignTypeLeftOut,
        shapes: &[Shape::Order, Shape::Page],
        phase: 13,
        make: |chance, case| {
            let name = if case.shape == Shape::Page { "signType" } else { "sign_type" };
            let word = case.asked.as_str();
            case.set(chance, name, word);
            change(move |signer| signer.drop(name))
        },
    },
    Plant {
        cause: Cause::SignTypeAdded,
        shapes: ALL,
        phase: 13,
        make: |_, case| {
            let name = if case.shape == Shape::Page { "signType" } else { "sign_type" };
            case.drop(name);
            let word = case.asked.as_str();
            change(move |signer| signer.put(name, word))
        },
    },
    Plant {
        cause: Cause::FieldsLeftOut,
        shapes: PLAIN,
        phase: 10,
        make: |chance, case| {
            if chance.one_in(3) {
                for name in ["coupon_id_0", "coupon_fee_0", "coupon_type_0"] {
                    let value = chance.digits(6);
                    case.set(chance, name, &value);
                }
                return change(|signer| signer.pairs.retain(|(name, ..)| !name.starts_with("coupon_")));
            }
            let mut names: Vec<String> = case
                .fields
                .iter()
                .filter(|(name, value)| name != "sign_type" && !value.is_empty())
                .map(|(name, _)| name.clone())
                .collect();
            chance.shuffle(&mut names);
            names.truncate((1 + chance.below(4)).min(names.len() - 3));
            change(move |signer| names.iter().for_each(|name| signer.drop(name)))
        },
    },
    Plant {
        cause: Cause::FieldsAdded,
        shapes: PLAIN,
        phase: 12,
        make: |chance, case| {
            let mut more = vec![
                ("merchant_id".to_owned(), "7".to_owned()),
                ("s".to_owned(), "/pay/notify".to_owned()),
                ("lang".to_owned(), "zh".to_owned()),
            ];
            more.truncate(1 + chance.below(3));
            case.beside = [case.fields.as_slice(), &more].concat();
            more.truncate(if chance.one_in(2) { more.len() } else { 1 });
            change(move |signer| more.iter().for_each(|(name, value)| signer.put(name, value)))
        },
    },
    Plant {
        cause: Cause::AppIdLeftOut,
        shapes: FRONT,
        phase: 10,
        make: |_, case| {
            let name = if case.shape == Shape::Page { "appId" } else { "appid" };
            change(move |signer| signer.drop(name))
        },
    },
    Plant {
        cause: Cause::NamesWrong,
        shapes: ALL,
        phase: 20,
        make: |chance, case| match (case.shape, chance.below(4)) {
            (Shape::Page, 0) => renamed(&[("appId", "appid"), ("nonceStr", "nonce_str")]),
            (Shape::Page, 1) => renamed(&[("timeStamp", "timestamp")]),
            (Shape::Page, _) => renamed(&[("nonceStr", "nonce_str")]),
            (Shape::App, _) => renamed(&[("prepayid", "prepay_id")]),
            (_, 0) => renamed(&[("nonce_str", "nonceStr")]),
            (_, 1) => renamed(&[("nonce_str", "nonce__str")]),
            (_, 2) => {
                change(|signer| signer.pairs.iter_mut().for_each(|(name, ..)| *name = name.to_uppercase()))
            }
            _ => change(|signer| signer.pairs.iter_mut().for_each(|(name, ..)| *name = camel(name))),
        },
    },
    Plant {
        cause: Cause::AppNamesForJsapi,
        shapes: PAGE,
        phase: 20,
        make: |chance, _| {
            let bare = chance.one_in(2);
            let names = renamed(&[("appId", "appid"), ("timeStamp", "timestamp"), ("nonceStr", "noncestr")]);
            change(move |signer| {
                names(signer);
                if bare {
                    signer.drop("signType");
                }
            })
        },
    },
    Plant {
        cause: Cause::JsapiNamesForApp,
        shapes: &[Shape::App],
        phase: 20,
        make: |chance, case| {
            let names = renamed(&[("appid", "appId"), ("timestamp", "timeStamp"), ("noncestr", "nonceStr")]);
            if chance.one_in(2) {
                return change(move |signer| {
                    names(signer);
                    signer.rename("partnerid", "partnerId");
                    signer.rename("prepayid", "prepayId");
                });
            }
            let package = format!("prepay_id={}", case.get("prepayid").unwrap());
            let kind = case.asked.as_str();
            change(move |signer| {
                names(signer);
                signer.drop("partnerid");
                signer.drop("prepayid");
                signer.one("package", |_| package.clone());
                signer.put("signType", kind);
            })
        },
    },
    Plant {
        cause: Cause::OrderSignReused,
        shapes: FRONT,
        phase: 1,
        make: |chance, case| {
            order_reply(chance, case);
            let mut other = case.beside.clone();
            if chance.one_in(2) {
                let sign = other.iter().find(|(name, _)| name == "sign").unwrap().1.clone();
                return change(move |signer| signer.instead = Some(sign.clone()));
            }
            other.retain(|(name, _)| name != "sign");
            // Some digest of the other document: it may be signed with the other key.
            change(move |signer| {
                signer.pairs =
                    other.iter().map(|(name, value)| (name.clone(), value.clone(), false)).collect();
            })
        },
    },
    Plant {
        cause: Cause::ProviderIds,
        shapes: &[Shape::Notice, Shape::Page],
        phase: 2,
        make: |chance, case| {
            if case.shape == Shape::Page {
                case.beside = vec![
                    ("appid".to_owned(), "wxprovider".to_owned()),
                    ("mch_id".to_owned(), "1900000109".to_owned()),
                ];
                return change(|signer| signer.one("appId", |_| "wxprovider".to_owned()));
            }
            case.set(chance, "sub_appid", "wxsubmerchant");
            case.set(chance, "sub_mch_id", "1900000109");
            let [appid, mch_id] = ["appid", "mch_id"].map(|name| case.get(name).unwrap().to_owned());
            match chance.below(3) {
                0 => change(|signer| signer.one("mch_id", |_| "1900000109".to_owned())),
                1 => change(|signer| {
                    signer.one("mch_id", |_| "1900000109".to_owned());
                    signer.one("appid", |_| "wxsubmerchant".to_owned());
                }),
                _ => change(move |signer| {
                    signer.one("sub_mch_id", |_| mch_id.clone());
                    signer.one("sub_appid", |_| appid.clone());
                }),
            }
        },
    },
    Plant {
        cause: Cause::SortedCaseInsensitively,
        shapes: PLAIN,
        phase: 50,
        make: |chance, case| {
            case.set(chance, "remark", "礼包");
            case.set(chance, "re_openid", "oAbc");
            case.set(chance, "Zone", "1");
            let capitals = chance.one_in(2);
            change(move |signer| {
                signer.sort = if capitals {
                    |pairs| pairs.sort_by_key(|pair| pair.0.to_uppercase())
                } else {
                    |pairs| pairs.sort_by_key(|pair| pair.0.to_lowercase())
                }
            })
        },
    },
    Plant {
        cause: Cause::SortedNaturally,
        shapes: PLAIN,
        phase: 50,
        make: |chance, case| {
            case.set(chance, "coupon_id_9", "9009");
            case.set(chance, "coupon_id_10", "1010");
            case.set(chance, "remark", "礼包");
            case.set(chance, "re_openid", "oAbc");
            if chance.one_in(2) {
                // As dictionaries do.
                return change(|signer| {
                    signer.sort = |pairs| pairs.sort_by_key(|pair| pair.0.replace('_', ""))
                });
            }
            change(|signer| {
                signer.sort = |pairs| {
                    pairs.sort();
                    let at = |pairs: &[(String, String, bool)], name: &str| {
                        pairs.iter().position(|pair| pair.0 == name)
                    };
                    if let (Some(ten), Some(nine)) = (at(pairs, "coupon_id_10"), at(pairs, "coupon_id_9")) {
                        pairs.swap(ten, nine);
                    }
                }
            })
        },
    },
    Plant {
        cause: Cause::SortedDescending,
        shapes: ALL,
        phase: 50,
        make: |_, _| {
            change(|signer| {
                signer.sort = |pairs| {
                    pairs.sort();
                    pairs.reverse();
                }
            })
        },
    },
    Plant {
        cause: Cause::NotSorted,
        shapes: ALL,
        phase: 50,
        make: |_, _| change(|signer| signer.sort = |_| ()),
    },
    Plant {
        cause: Cause::SortedByValue,
        shapes: ALL,
        phase: 50,
        make: |_, _| change(|signer| signer.sort = |pairs| pairs.sort_by(|a, b| a.1.cmp(&b.1))),
    },
    Plant {
        cause: Cause::ValuesUrlEncoded,
        shapes: ALL,
        phase: 30,
        make: |chance, case| {
            text(chance, case, "小米 & tea/50%");
            match chance.below(4) {
                0 => values(|value| escapes(value, "-_.!~*'()", false)),
                1 => values(|value| escapes(value, "-_.!~*'()", true)),
                2 => values(|value| escapes(value, "-_.~", false)),
                _ => values(|value| escapes(value, "-_.!~*'();/?:@&=+$,#", false)),
            }
        },
    },
    Plant {
        cause: Cause::ValuesUrlDecoded,
        shapes: PLAIN,
        phase: 30,
        make: |chance, case| {
            case.set(chance, "attach", "a%2Fb%20%E5%B0%8F");
            change(|signer| {
                signer.one("attach", |value| {
                    value.replace("%2F", "/").replace("%20", " ").replace("%E5%B0%8F", "小")
                })
            })
        },
    },
    Plant {
        cause: Cause::SpacesAsPlus,
        shapes: PLAIN,
        phase: 30,
        make: |chance, case| {
            text(chance, case, "black tea 红茶");
            if chance.one_in(2) {
                values(|value| value.replace(' ', "+"))
            } else {
                values(|value| escapes(value, "-_. ", false).replace(' ', "+"))
            }
        },
    },
    Plant {
        cause: Cause::ValuesXmlEscaped,
        shapes: PLAIN,
        phase: 30,
        make: |chance, case| {
            text(chance, case, "a<b & \"c\" > 'd'");
            let quotes = chance.one_in(2);
            change(move |signer| {
                signer.each(|value| {
                    let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                    if quotes { value.replace('"', "&quot;") } else { value }
                })
            })
        },
    },
    Plant {
        cause: Cause::CdataSigned,
        shapes: PLAIN,
        phase: 30,
        make: |chance, _| {
            let all = chance.one_in(2);
            change(move |signer| {
                signer.each(|value| {
                    let number = value.chars().all(|letter| letter.is_ascii_digit());
                    if number && !all { value.to_owned() } else { format!("<![CDATA[{value}]]>") }
                })
            })
        },
    },
    Plant {
        cause: Cause::ValuesJsonEscaped,
        shapes: PLAIN,
        phase: 30,
        make: |chance, case| {
            if chance.one_in(3) {
                case.set(chance, "detail", r#"{"goods": [{"id": "1", "name": "小米"}], "cost": 5}"#);
                return change(|signer| {
                    signer.one("detail", |value| value.replace(": ", ":").replace(", ", ","))
                });
            }
            text(chance, case, "a/b \"小米\"");
            match chance.below(3) {
                0 => values(|value| value.replace('"', "\\\"")),
                1 => values(|value| value.replace('"', "\\\"").replace('/', "\\/")),
                _ => values(|value| {
                    value
                        .replace('"', "\\\"")
                        .chars()
                        .map(|letter| {
                            if letter.is_ascii() {
                                letter.to_string()
                            } else {
                                format!("\\u{:04x}", u32::from(letter))
                            }
                        })
                        .collect()
                }),
            }
        },
    },
    Plant {
        cause: Cause::ValuesTrimmed,
        shapes: PLAIN,
        phase: 30,
        make: |chance, case| {
            text(chance, case, " 红茶 x\n");
            values(|value| value.trim().to_owned())
        },
    },
    Plant {
        cause: Cause::ValuesUntrimmed,
        shapes: PLAIN,
        phase: 5,
        make: |chance, case| {
            let name = *chance.pick(&["attach", "out_trade_no", "appid"]);
            if name == "attach" {
                case.set(chance, name, "红茶");
            }
            let (before, behind) =
                *chance.pick(&[("", " "), (" ", ""), ("", "\n"), ("", "\r\n"), (" ", " ")]);
            change(move |signer| signer.one(name, |value| format!("{before}{value}{behind}")))
        },
    },
    Plant { cause: Cause::LineBreaksChanged, shapes: PLAIN, phase: 30, make: line_breaks },
    Plant {
        cause: Cause::NumbersCoerced,
        shapes: &[Shape::Notice],
        phase: 5,
        make: |chance, case| match chance.below(3) {
            0 => {
                case.set(chance, "attach", "0015");
                change(|signer| signer.one("attach", |value| value.trim_start_matches('0').to_owned()))
            }
            1 => change(|signer| signer.one("total_fee", |value| format!("{value}.0"))),
            _ => {
                case.set(chance, "transaction_id", "4200001149202106109876543210");
                change(|signer| signer.one("transaction_id", |_| "4.200001149202106e+27".to_owned()))
            }
        },
    },
    Plant {
        cause: Cause::BytesGbk,
        shapes: PLAIN,
        phase: 55,
        make: |chance, case| {
            text(chance, case, "红茶 tea");
            change(|signer| signer.bytes = |text| encoding_rs::GBK.encode(text).0.into_owned())
        },
    },
    Plant {
        cause: Cause::BytesLatin1,
        shapes: PLAIN,
        phase: 55,
        make: |chance, case| {
            text(chance, case, "café 红茶");
            if chance.one_in(2) {
                return change(|signer| {
                    signer.bytes = |text| text.bytes().map(char::from).collect::<String>().into_bytes()
                });
            }
            change(|signer| {
                signer.bytes = |text| {
                    text.chars()
                        .map(|letter| if (letter as u32) < 256 { letter as u8 } else { b'?' })
                        .collect()
                }
            })
        },
    },
    Plant {
        cause: Cause::BytesQuestionMarks,
        shapes: PLAIN,
        phase: 55,
        make: |chance, case| {
            text(chance, case, "café 红茶");
            change(|signer| {
                signer.bytes = |text| {
                    text.chars().map(|letter| if letter.is_ascii() { letter as u8 } else { b'?' }).collect()
                }
            })
        },
    },
    Plant { cause: Cause::StringLetterCase, shapes: ALL, phase: 56, make: letter_case },
    Plant {
        cause: Cause::BytesUtf16,
        shapes: ALL,
        phase: 55,
        make: |chance, _| match chance.below(3) {
            0 => change(|signer| {
                signer.bytes = |text| text.encode_utf16().flat_map(u16::to_le_bytes).collect()
            }),
            1 => change(|signer| {
                signer.bytes = |text| text.encode_utf16().flat_map(u16::to_be_bytes).collect()
            }),
            _ => change(|signer| {
                signer.bytes =
                    |text| format!("\u{FEFF}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect()
            }),
        },
    },
    Plant {
        cause: Cause::SeparatorsWrong,
        shapes: ALL,
        phase: 52,
        make: |chance, _| {
            let (between, equals, key) = *chance.pick(&[
                ("", "=", "&key="),
                ("", "=", "key="),
                (",", "=", "&key="),
                (";", "=", ";key="),
                ("\n", "=", "\nkey="),
                ("&", ":", "&key="),
                ("&", ":", "&key:"),
                ("&", "=", "&&key="),
                ("", "", "key"),
            ]);
            change(move |signer| {
                (signer.between, signer.equals, signer.join) = (between, equals, Key::Behind(key))
            })
        },
    },
    Plant {
        cause: Cause::QuotesSigned,
        shapes: ALL,
        phase: 31,
        make: |chance, _| {
            if chance.one_in(2) {
                values(|value| format!("\"{value}\""))
            } else {
                values(|value| format!("'{value}'"))
            }
        },
    },
    Plant {
        cause: Cause::PackagePrefix,
        shapes: PAGE,
        phase: 5,
        make: |chance, _| {
            let prefix = *chance.pick(&["", "prepay_id=prepay_id=", "perpay_id=", "prepayid=", "?"]);
            change(move |signer| {
                signer.one("package", |value| match prefix {
                    "?" => "prepay_id=undefined".to_owned(),
                    prefix => value.replace("prepay_id=", prefix),
                })
            })
        },
    },
    Plant {
        cause: Cause::TimestampChanged,
        shapes: FRONT,
        phase: 1,
        make: |chance, case| {
            let name = if case.shape == Shape::Page { "timeStamp" } else { "timestamp" };
            let time = format!("1{}", chance.digits(9));
            case.beside.push((name.to_owned(), time.clone()));
            change(move |signer| signer.one(name, |_| time.clone()))
        },
    },
    Plant {
        cause: Cause::NonceChanged,
        shapes: FRONT,
        phase: 1,
        make: |chance, case| {
            let name = if case.shape == Shape::Page { "nonceStr" } else { "noncestr" };
            let nonce = chance.text("abcdef0123456789", 24);
            case.beside.push((name.to_owned(), nonce.clone()));
            change(move |signer| signer.one(name, |_| nonce.clone()))
        },
    },
    Plant {
        cause: Cause::JssdkUrl,
        shapes: CONFIG,
        phase: 5,
        make: |chance, case| {
            let url = case.get("url").unwrap().to_owned();
            let page = url.split('#').next().unwrap().to_owned();
            let path = page.split('?').next().unwrap().to_owned();
            let signed = match chance.below(8) {
                0 => url,
                1 => path,
                2 => page.replace("https://", "http://"),
                3 => page.replace('&', "&amp;"),
                4 => escapes(&page, "-_.!~*'()", false),
                5 => escapes(&page, "-_.!~*'();/?:@&=+$,#", false),
                6 => page.replacen(&path, &format!("{}/", path.trim_end_matches('/')), 1),
                _ => {
                    case.pages = vec![
                        "https://shop.example.com/other".to_owned(),
                        "https://shop.example.com/landing?from=menu#a".to_owned(),
                    ];
                    "https://shop.example.com/landing?from=menu".to_owned()
                }
            };
            change(move |signer| signer.one("url", |_| signed.clone()))
        },
    },
    Plant {
        cause: Cause::JssdkNames,
        shapes: CONFIG,
        phase: 20,
        make: |chance, _| match chance.below(4) {
            0 => renamed(&[("noncestr", "nonceStr")]),
            1 => renamed(&[("noncestr", "nonceStr"), ("timestamp", "timeStamp")]),
            2 => change(|signer| signer.sort = |_| ()),
            _ => change(|signer| {
                signer.sort = |pairs| {
                    pairs.sort();
                    pairs.reverse();
                }
            }),
        },
    },
];
