//! Values of the same shape that say nothing of the original.
//!
//! A value is cut into words (runs of letters and digits); each word becomes another one of the same shape, the same word
//! always the same other one. So what two values have in common they still have, and what stands between words (blanks,
//! escapes, JSON, percent signs) stays as it is: mistakes live there.

use encoding_rs::GBK;

/// Words that everybody may see: the protocol's own. Kept where the field is no free text.
pub(super) const VOCABULARY: &[&str] = &[
    "MD5",
    "HMAC-SHA256",
    "HMAC_SHA256",
    "SHA1",
    "RSA",
    "JSAPI",
    "NATIVE",
    "APP",
    "MWEB",
    "MICROPAY",
    "FACEPAY",
    "SUCCESS",
    "FAIL",
    "OK",
    "CNY",
    "HKD",
    "USD",
    "JPY",
    "EUR",
    "Y",
    "N",
    "CASH",
    "NO_CASH",
    "NOTPAY",
    "REFUND",
    "CLOSED",
    "REVOKED",
    "USERPAYING",
    "PAYERROR",
    "PROCESSING",
    "REFUNDCLOSE",
    "CHANGE",
    "ORIGINAL",
    "BALANCE",
    "OTHER_BALANCE",
    "OTHER_BANKCARD",
    "REFUND_SOURCE_UNSETTLED_FUNDS",
    "REFUND_SOURCE_RECHARGE_FUNDS",
    "API",
    "VENDOR_PLATFORM",
    "1.0",
    "no_credit",
    "WEB",
    "true",
    "false",
    "Sign=WXPay",
    "ALL",
    "GZIP",
];

/// What programs write for nothing. Kept everywhere: it is a mistake itself.
const NOTHINGS: &[&str] = &["0", "null", "undefined", "None", "NULL", "nil", "NaN", "[object Object]"];

/// Names in JSON that the protocol gives.
const JSON_NAMES: &[&str] = &[
    "goods_detail",
    "goods_id",
    "wxpay_goods_id",
    "goods_name",
    "quantity",
    "price",
    "goods_category",
    "body",
    "cost_price",
    "receipt_id",
    "store_info",
    "id",
    "name",
    "area_code",
    "address",
    "h5_info",
    "type",
    "wap_url",
    "wap_name",
    "app_name",
    "bundle_id",
    "package_name",
    "promotion_detail",
    "promotion_id",
    "scope",
    "amount",
    "activity_id",
    "wxpay_contribute",
    "merchant_contribute",
    "other_contribute",
    "goods_remark",
    "discount_amount",
    "Wap",
    "IOS",
    "Android",
    "GLOBAL",
    "SINGLE",
    "COUPON",
    "DISCOUNT",
];

/// How many of the protocol's prefixes of a package there are, misspelt ones included.
const PACKAGES: &[&str] =
    &["prepay_id=", "perpay_id=", "prepayid=", "prepay_Id=", "Prepay_id=", "prepay_id:"];

const HANZI: &[char] = &[
    '春', '夏', '秋', '冬', '山', '水', '风', '云', '花', '鸟', '鱼', '虫', '东', '南', '西', '北', '红',
    '黄', '蓝', '白', '金', '木', '火', '土', '天', '地', '日', '月', '星', '光', '江', '河', '湖', '海',
    '松', '竹', '梅', '兰', '茶', '米',
];
/// Letters that GBK has, beside Chinese.
const IN_GBK: &[char] = &['à', 'á', 'è', 'é', 'ê', 'ì', 'í', 'ò', 'ó', 'ù', 'ú', 'ü'];
/// Letters of ISO-8859-1 that GBK does not have.
const LATIN: &[char] = &['â', 'ã', 'ä', 'å', 'æ', 'ç', 'ë', 'î', 'ï', 'ñ', 'ô', 'ö', 'û'];
/// Letters that neither has.
const HANGUL: &[char] = &['가', '나', '다', '라', '마', '바', '사', '아', '자', '차', '카', '타', '파', '하'];
/// Characters of four bytes.
const WIDE: &[char] = &['😀', '😎', '🎈', '🎁', '🍎', '🍊', '🚲', '⚽', '🐱', '🐼', '🌈', '🌻'];

/// Makes dummies. Those of one salt fit together.
#[derive(Clone, Copy)]
pub(super) struct Dummies {
    pub(super) salt: u64,
    /// Whether an address keeps its scheme: for wx.config, where it may be the mistake.
    pub(super) keep_scheme: bool,
}

/// A small generator, for values that need not be secret but must always be the same.
struct Dice(u64);

impl Dice {
    fn new(salt: u64, word: &str) -> Self {
        let mix = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        Self(word.bytes().fold(0xCBF2_9CE4_8422_2325 ^ salt.wrapping_mul(0x9E37_79B9_7F4A_7C15), mix))
    }

    /// A number below `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let end = u64::try_from(end).unwrap_or(1).max(1);
        usize::try_from((z ^ (z >> 31)) % end).unwrap_or(0)
    }

    /// One of them, but not this one.
    fn other_of(&mut self, pool: &[char], than: char) -> char {
        let at = self.below(pool.len());
        let next = if pool[at] == than { (at + 1) % pool.len() } else { at };
        pool[next]
    }

    fn other_in(&mut self, first: char, count: u8, than: char) -> char {
        let at = u8::try_from(self.below(usize::from(count))).unwrap_or(0);
        let letter = |at: u8| char::from(u8::try_from(u32::from(first)).unwrap_or(b'0') + at % count);
        if letter(at) == than { letter(at + 1) } else { letter(at) }
    }
}

/// How a character stood there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    /// `%E4%BD%A0`, its digits in capitals or not.
    Percent(bool),
    /// `\u4f60`, its digits in capitals or not.
    Unicode(bool),
    /// Part of an escape or of the protocol's own words: kept as it is, and no part of a word.
    Kept,
}

/// Whether people wrote it freely, so that not even the protocol's words in it are kept.
pub(super) fn is_free(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "attach",
        "body",
        "openid",
        "nonce",
        "_no",
        "_id",
        "appid",
        "desc",
        "prepay",
        "mchid",
        "partnerid",
        "ticket",
        "auth_code",
    ]
    .iter()
    .any(|part| name.contains(part))
}

/// Fields in which protocol words, times or amounts stand that name nobody.
pub(super) fn is_public(name: &str) -> bool {
    !is_free(name)
        && ([
            "_fee",
            "_type",
            "_code",
            "_state",
            "time",
            "_count",
            "_msg",
            "signtype",
            "version",
            "detail",
            "scene_info",
        ]
        .iter()
        .any(|part| name.to_ascii_lowercase().contains(part))
            || name == "url"
            || name == "notify_url")
}

/// Whether it is JSON in which the protocol's own names are kept.
pub(super) fn is_protocol_json(name: &str, value: &str) -> bool {
    !is_free(name) && value.trim_start().starts_with(['{', '['])
}

impl Dummies {
    /// A value in the place of this one.
    pub(super) fn value(self, name: &str, value: &str) -> String {
        let bare = value.trim();
        if value.is_empty() || NOTHINGS.contains(&bare) {
            return value.to_owned();
        }
        if !is_free(name) && VOCABULARY.iter().any(|word| word.eq_ignore_ascii_case(bare)) {
            return value.to_owned();
        }
        if name == "bank_type"
            && bare.len() <= 16
            && bare.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
        {
            return value.to_owned();
        }
        if let Some((prefix, id)) =
            PACKAGES.iter().find_map(|prefix| Some((*prefix, value.strip_prefix(*prefix)?)))
        {
            return format!("{prefix}{}", self.value("", id));
        }
        let whole = || self.number(name, value).or_else(|| self.hex(value)).or_else(|| self.address(value));
        if let Some(whole) = (bare == value).then(whole).flatten() {
            return whole;
        }
        let units = units(value, !is_free(name));
        self.written(&self.replaced(&units, is_exponential(bare)))
    }

    /// Times and long numbers, which must stay what they are.
    fn number(self, name: &str, value: &str) -> Option<String> {
        if !value.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut dice = Dice::new(self.salt, value);
        let mut tail = |count: usize| -> String {
            value.chars().skip(value.len() - count).map(|digit| dice.other_in('1', 9, digit)).collect()
        };
        let name = name.to_ascii_lowercase();
        match value.len() {
            10 if name.replace('_', "") == "timestamp" => Some(format!("1{}", tail(9))),
            14 if name.contains("time") => {
                let mut dice = Dice::new(self.salt, value);
                let mut two = |from: usize, count: usize| format!("{:02}", from + dice.below(count));
                Some(format!(
                    "20{}{}{}{}{}{}",
                    two(10, 80),
                    two(1, 12),
                    two(1, 28),
                    two(0, 24),
                    two(0, 60),
                    two(0, 60)
                ))
            }
            // An odd number beyond 2^53: no double has it, whether the original was one or not.
            length @ 16.. if !value.starts_with('0') => {
                let middle: String = tail(length - 1).chars().take(length - 2).collect();
                let mut dice = Dice::new(self.salt ^ 1, value);
                let odd: Vec<char> = "13579".chars().filter(|digit| !value.ends_with(*digit)).collect();
                Some(format!("9{middle}{}", dice.other_of(&odd, ' ')))
            }
            _ => None,
        }
    }

    /// A digest, or what looks like one.
    fn hex(self, value: &str) -> Option<String> {
        let capitals = !value.bytes().any(|byte| byte.is_ascii_lowercase());
        let digit = |byte: u8| {
            byte.is_ascii_hexdigit() && (byte.is_ascii_digit() || capitals == byte.is_ascii_uppercase())
        };
        if !matches!(value.len(), 32 | 40 | 64) || !value.bytes().all(digit) {
            return None;
        }
        let mut dice = Dice::new(self.salt, value);
        let letter = |letter: char| match letter {
            'A'..='F' => dice.other_in('A', 6, letter),
            'a'..='f' => dice.other_in('a', 6, letter),
            _ => dice.other_in('0', 10, letter),
        };
        Some(value.chars().map(letter).collect())
    }

    /// An address of a computer, out of those that documents may use.
    fn address(self, value: &str) -> Option<String> {
        let mut dice = Dice::new(self.salt, value);
        let number = 1 + dice.below(254);
        let new = |number: usize| match value.parse::<std::net::IpAddr>() {
            Ok(std::net::IpAddr::V4(_)) => Some(format!("203.0.113.{number}")),
            Ok(std::net::IpAddr::V6(_)) => Some(format!("2001:db8::{number:x}")),
            Err(_) => None,
        };
        new(number)
            .map(|address| if address == value { new(255 - number).unwrap_or(address) } else { address })
    }

    /// The same units with other words.
    fn replaced(self, units: &[(char, Form)], exponential: bool) -> Vec<(char, Form)> {
        let mut out = Vec::with_capacity(units.len());
        let mut at = 0;
        while at < units.len() {
            at += match self.web_address(&units[at..]) {
                Some((length, new)) => {
                    out.extend(new);
                    length
                }
                None => self.step(&units[at..], exponential, &mut out),
            };
        }
        out
    }

    /// Takes the next word, or one unit that is in none, and puts it behind the others. Gives how many units it was.
    fn step(self, rest: &[(char, Form)], exponential: bool, out: &mut Vec<(char, Form)>) -> usize {
        let word = rest.iter().take_while(|(letter, form)| *form != Form::Kept && is_word(*letter)).count();
        if word == 0 {
            out.extend(rest.first());
            return 1;
        }
        let text: String = rest[..word].iter().map(|(letter, _)| *letter).collect();
        let fraction = out.last().is_some_and(|(before, _)| *before == '.');
        let new = self.word(&text, fraction, exponential);
        out.extend(new.chars().zip(&rest[..word]).map(|(letter, (_, form))| (letter, *form)));
        word
    }

    /// An address on the web that begins here, and how many units of the original it takes.
    fn web_address(self, units: &[(char, Form)]) -> Option<(usize, Vec<(char, Form)>)> {
        let begins = |text: &str| {
            units.len() > text.len()
                && units.iter().zip(text.chars()).all(|(unit, letter)| *unit == (letter, Form::Plain))
        };
        let scheme = ["https://", "http://"].into_iter().find(|scheme| begins(scheme))?;
        let rest = &units[scheme.len()..];
        let ends = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '<' | '>');
        let length = rest.iter().take_while(|(letter, _)| !ends(*letter)).count();
        let behind = |letter: char| matches!(letter, '/' | '?' | '#' | '&' | '\\');
        let host = rest[..length].iter().take_while(|(letter, _)| !behind(*letter)).count();
        if host == 0 {
            return None;
        }
        let port = self.keep_scheme && rest[..host].iter().any(|(letter, _)| *letter == ':');
        let begin = [
            if self.keep_scheme { scheme } else { "https://" },
            "shop.example",
            if port { ":8443" } else { "" },
            if host == length && !self.keep_scheme { "/" } else { "" },
        ];
        let mut out: Vec<(char, Form)> =
            begin.iter().flat_map(|part| part.chars()).map(|letter| (letter, Form::Plain)).collect();
        // For wx.config the names of parameters are kept, because mistakes drop one by its name.
        let mut in_name = false;
        let mut at = host;
        while at < length {
            let letter = rest[at].0;
            if self.keep_scheme && in_name && is_word(letter) {
                out.push(rest[at]);
                at += 1;
                continue;
            }
            in_name = match letter {
                '?' | '&' | ';' => true,
                '=' | '#' | '/' => false,
                _ => in_name,
            };
            at += self.step(&rest[at..length], false, &mut out);
        }
        Some((scheme.len() + length, out))
    }

    /// Another word of the same shape, as many characters long.
    fn word(self, word: &str, fraction: bool, exponential: bool) -> String {
        if word != "0" && NOTHINGS.contains(&word) {
            return word.to_owned();
        }
        let digits = word.bytes().all(|byte| byte.is_ascii_digit());
        let last = word.chars().count() - 1;
        let mut dice = Dice::new(self.salt, word);
        let letter = |(at, letter): (usize, char)| match letter {
            // Zeros that a program may take away.
            '0' if digits && ((at == 0 && last > 0) || (fraction && at == last)) => '0',
            '0'..='9' => dice.other_in('1', 9, letter),
            'e' | 'E' if exponential => letter,
            'a'..='z' => dice.other_in('a', 26, letter),
            'A'..='Z' => dice.other_in('A', 26, letter),
            other => dice.other_of(pool(other), other),
        };
        word.chars().enumerate().map(letter).collect()
    }

    /// Units as they stand in a value.
    fn written(self, units: &[(char, Form)]) -> String {
        let mut out = String::with_capacity(units.len() * 2);
        for (letter, form) in units {
            match form {
                Form::Plain | Form::Kept => out.push(*letter),
                Form::Percent(capitals) => {
                    for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                        out.push_str(&if *capitals {
                            format!("%{byte:02X}")
                        } else {
                            format!("%{byte:02x}")
                        });
                    }
                }
                Form::Unicode(capitals) => {
                    for unit in letter.encode_utf16(&mut [0; 2]) {
                        out.push_str(&if *capitals {
                            format!("\\u{unit:04X}")
                        } else {
                            format!("\\u{unit:04x}")
                        });
                    }
                }
            }
        }
        out
    }
}

/// Letters of the same kind to every encoding.
fn pool(letter: char) -> &'static [char] {
    let in_gbk = !GBK.encode(letter.encode_utf8(&mut [0; 4])).2;
    match letter {
        '\u{10000}'.. | '\u{2600}'..='\u{27BF}' => WIDE,
        '\u{80}'..='\u{FF}' if in_gbk => IN_GBK,
        '\u{80}'..='\u{FF}' => LATIN,
        _ if in_gbk => HANZI,
        _ => HANGUL,
    }
}

/// Whether a character is part of a word. Pictures are too: who sent which one is nobody's business.
pub(super) fn is_word(letter: char) -> bool {
    letter.is_alphanumeric()
        || matches!(letter, '\u{10000}'..|'\u{2600}'..='\u{27BF}'| '\u{E000}'..='\u{F8FF}')
}

/// Whether it is a number with an exponent.
fn is_exponential(value: &str) -> bool {
    value.starts_with(|first: char| first.is_ascii_digit())
        && value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'))
}

/// A value's characters, each with how it stood there. `protocol`: whether the protocol's own names in JSON are kept.
fn units(value: &str, protocol: bool) -> Vec<(char, Form)> {
    let json = value.trim_start().starts_with(['{', '[']);
    let mut units: Vec<(char, Form)> = Vec::with_capacity(value.len());
    let mut rest = value;
    let mut inside = false;
    while let Some(letter) = rest.chars().next() {
        let kept = match letter {
            '%' => {
                if let Some((length, text, capitals)) = percent(rest) {
                    units.extend(text.chars().map(|letter| (letter, Form::Percent(capitals))));
                    rest = &rest[length..];
                    continue;
                }
                1
            }
            '\\' => {
                if let Some((length, letter, capitals)) = unicode(rest) {
                    units.push((letter, Form::Unicode(capitals)));
                    rest = &rest[length..];
                    continue;
                }
                let escaped = rest.as_bytes().get(1).is_some_and(|byte| b"\"\\/bfnrt".contains(byte));
                if escaped { 2 } else { 1 }
            }
            '&' => entity(rest).unwrap_or(1),
            '"' if json => {
                inside = !inside;
                let name = inside.then(|| JSON_NAMES.iter().find(|name| quoted(rest, name))).flatten();
                match name.filter(|_| protocol) {
                    Some(name) => {
                        inside = false;
                        name.len() + 2
                    }
                    None => 1,
                }
            }
            _ if json && !inside => bare(rest, units.last().map(|(before, _)| *before)),
            _ => 0,
        };
        if kept == 0 {
            units.push((letter, Form::Plain));
            rest = &rest[letter.len_utf8()..];
        } else {
            units.extend(rest[..kept].chars().map(|letter| (letter, Form::Kept)));
            rest = &rest[kept..];
        }
    }
    units
}

/// What a value says, without how it is escaped: each character, and nothing for what everybody may see.
pub(super) fn said(name: &str, value: &str) -> Vec<char> {
    let said = |(letter, form): (char, Form)| if form == Form::Kept { '\0' } else { letter };
    units(value, !is_free(name)).into_iter().map(said).collect()
}

/// The length of what JSON itself means by bare letters: its three words, and the exponent of a number.
fn bare(rest: &str, before: Option<char>) -> usize {
    let ends = |behind: &str| !behind.starts_with(is_word);
    let word = ["true", "false", "null"].into_iter().find(|word| rest.strip_prefix(*word).is_some_and(ends));
    if let Some(word) = word.filter(|_| !before.is_some_and(is_word)) {
        return word.len();
    }
    let exponent =
        rest.strip_prefix(['e', 'E']).and_then(|behind| behind.strip_prefix(['+', '-']).or(Some(behind)));
    let is = exponent.is_some_and(|behind| behind.starts_with(|c: char| c.is_ascii_digit()))
        && before.is_some_and(|before| before.is_ascii_digit());
    usize::from(is)
}

/// Whether `rest` begins with this name in quotes.
fn quoted(rest: &str, name: &str) -> bool {
    rest.strip_prefix('"').and_then(|rest| rest.strip_prefix(name)).is_some_and(|rest| rest.starts_with('"'))
}

/// A run of percent escapes that is text: its length, the text, and whether its digits are capitals.
fn percent(rest: &str) -> Option<(usize, String, bool)> {
    let bytes = rest.as_bytes();
    let mut decoded = Vec::new();
    let mut at = 0;
    while bytes.get(at) == Some(&b'%') {
        let Some(digits) =
            rest.get(at + 1..at + 3).filter(|two| two.bytes().all(|byte| byte.is_ascii_hexdigit()))
        else {
            break;
        };
        decoded.push(u8::from_str_radix(digits, 16).ok()?);
        at += 3;
    }
    if at == 0 {
        return None;
    }
    let capitals = !rest[..at].bytes().any(|byte| byte.is_ascii_lowercase());
    Some((at, String::from_utf8(decoded).ok()?, capitals))
}

/// `\uXXXX`, or two of them that are one character.
fn unicode(rest: &str) -> Option<(usize, char, bool)> {
    let unit = |rest: &str| {
        let digits = rest.strip_prefix("\\u")?.get(..4)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        plain.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
    };
    let first = unit(rest)?;
    let second = rest.get(6..).and_then(unit);
    let capitals = !rest.get(2..6)?.bytes().any(|byte| byte.is_ascii_lowercase());
    if let Some(Ok(letter)) = char::decode_utf16([first]).next() {
        return Some((6, letter, capitals));
    }
    let letter = char::decode_utf16([first, second?]).next()?.ok()?;
    Some((12, letter, capitals))
}

/// The length of an entity.
fn entity(rest: &str) -> Option<usize> {
    let named = ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#39;", "&#13;", "&nbsp;"];
    named.iter().find(|entity| rest.starts_with(**entity)).map(|entity| entity.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUMMIES: Dummies = Dummies { salt: 7, keep_scheme: false };

    /// Each character by its kind: what must be the same in a value and its dummy.
    fn shape(value: &str) -> String {
        let kind = |letter: char| match letter {
            '0'..='9' => '9',
            'a'..='z' => 'a',
            'A'..='Z' => 'A',
            letter if is_word(letter) => match pool(letter)[0] {
                first @ ('春' | '가' | '😀' | 'à' | 'â') => first,
                other => other,
            },
            other => other,
        };
        value.chars().map(kind).collect()
    }

    #[test]
    fn a_dummy_has_the_shape_and_nothing_else() {
        for (name, value) in [
            ("appid", "wxd930ea5d5a258f4f"),
            ("mch_id", "1900000109"),
            ("out_trade_no", "20150806125346"),
            ("transaction_id", "1004400740201409030005092168"),
            ("body", "腾讯充值中心-QQ会员充值 😀 & <b> \"é\" ñ"),
            ("attach", " 深圳分店 \n"),
            ("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
            ("nonce_str", "5d2b6c2a8db53831f7eda20af46e531c"),
            ("attach", "SUCCESS"),
        ] {
            let dummy = DUMMIES.value(name, value);
            assert_eq!(shape(&dummy), shape(value), "{value} → {dummy}");
            for (a, b) in value.chars().zip(dummy.chars()) {
                assert!(a != b || !is_word(a), "{value} → {dummy}");
            }
        }
    }

    #[test]
    fn what_matters_stays() {
        for (name, value) in [
            ("total_fee", "0"),
            ("trade_type", "JSAPI"),
            ("trade_type", "jsapi"),
            ("sign_type", "HMAC-SHA256"),
            ("package", "prepay_id=undefined"),
            ("package", "Sign=WXPay"),
            ("attach", "null"),
            ("attach", "  "),
            ("bank_type", "CMB_CREDIT"),
        ] {
            assert_eq!(DUMMIES.value(name, value), value);
        }
        let dummy = DUMMIES.value("package", "prepay_id=wx2017033010242291");
        assert!(dummy.starts_with("prepay_id=") && !dummy.contains("wx2017"), "{dummy}");
        assert_eq!(dummy["prepay_id=".len()..], DUMMIES.value("prepay_id", "wx2017033010242291"));
        assert!(DUMMIES.value("attach", "0015").starts_with('0'));
        assert!(DUMMIES.value("attach", "1.50").ends_with('0'));
        let long: u64 = DUMMIES.value("x", "9007199254740992").parse().unwrap();
        assert!(long > 1 << 53 && long % 2 == 1);
    }

    #[test]
    fn escapes_are_of_the_same_kind() {
        let decoded = DUMMIES.value("attach", "支付");
        let percent = DUMMIES.value("attach", "%e6%94%af%e4%bb%98");
        let bytes: String = decoded.bytes().map(|byte| format!("%{byte:02x}")).collect();
        assert_eq!(percent, bytes);
        let unicode = DUMMIES.value("attach", "\\u652F\\u4ED8");
        assert_eq!(unicode, decoded.chars().map(|c| format!("\\u{:04X}", u32::from(c))).collect::<String>());
        assert_eq!(DUMMIES.value("attach", "&amp;&lt;"), "&amp;&lt;");
        let json = DUMMIES.value("detail", r#"{"goods_detail":[{"goods_id":"a1","price":88,"x":true}]}"#);
        assert!(
            json.starts_with(r#"{"goods_detail":[{"goods_id":""#) && json.ends_with(":true}]}"),
            "{json}"
        );
        assert_eq!(DUMMIES.value("attach", "100%"), format!("{}%", DUMMIES.value("attach", "100")));
    }

    #[test]
    fn addresses_are_of_a_shop_that_cannot_be() {
        for (name, value, beginning) in [
            ("notify_url", "http://wxpay.wxutil.com/pub_v2/pay/notify.v2.php", "https://shop.example/"),
            ("notify_url", "https://a.cn", "https://shop.example/"),
            ("attach", "see https://a.cn/b?c=d now", "???"),
            ("spbill_create_ip", "14.23.150.211", "203.0.113."),
            ("spbill_create_ip", "fe80::1", "2001:db8::"),
        ] {
            let dummy = DUMMIES.value(name, value);
            let begins = dummy.starts_with(beginning)
                || (beginning == "???" && dummy.contains("https://shop.example/"));
            assert!(begins, "{value} → {dummy}");
        }
        // What two addresses have in common they still have.
        let wx = Dummies { salt: 7, keep_scheme: true };
        let (page, whole) = (wx.value("url", "http://a.cn/b"), wx.value("url", "http://a.cn/b?c=d#e"));
        assert!(whole.starts_with(&page) && page.starts_with("http://shop.example/"), "{page} {whole}");
    }
}
