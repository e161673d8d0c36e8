//! What a signer makes of its string: which bytes, which digest, how it is written.

use super::{CHARSET_WRONG, DIGEST_OF_DIGEST, DIGEST_UNKNOWN, Report, STRING_UPPER_CASED};
use crate::cause::Cause;
use crate::code::program::{Program, has_part};
use crate::code::shape::Span;
use crate::code::token::{Kind, Token};

/// Looks at a signer that goes over all parameters and joins the key.
pub(super) fn look(report: &mut Report<'_, '_>, span: Span) {
    upper_cased(report, span);
    twice(report, span);
    unknown(report, span);
    charset(report, span);
}

fn named(token: &Token<'_>, words: &[&str]) -> bool {
    token.kind == Kind::Ident && words.contains(&token.text)
}

/// Calls whose arguments are hashed.
const HASHES: &[&str] = &[
    "md5",
    "MD5",
    "Md5",
    "md5Hex",
    "md5DigestAsHex",
    "MD5Encode",
    "md5Encode",
    "getMD5",
    "update",
    "hash_hmac",
];

const UPPERS: &[&str] = &["toUpperCase", "strtoupper", "ToUpper", "toUpper", "upper", "upcase"];

/// Most words inside a call that are looked at, so that calls within calls take no square of their number.
pub(super) const INSIDE: usize = 200;

/// The arguments of the call of one of these names that stands at `at`.
fn arguments(program: &Program<'_>, at: usize, names: &[&str]) -> Option<Span> {
    program.get(at).filter(|token| named(token, names) && program.is(at + 1, "("))?;
    let close = program.shape.partner(at + 1).filter(|close| *close > at)?;
    Some((at + 2, close.min(at + 2 + INSIDE)))
}

/// `md5(text.toUpperCase())`: it is the digest that is written in upper case.
fn upper_cased(report: &mut Report<'_, '_>, span: Span) {
    let program = report.program;
    let found = (span.0..span.1).find_map(|at| {
        let inside = arguments(program, at, HASHES)?;
        // A digest inside is another matter.
        let hashed = program.has_word(inside, HASHES) || program.has_word(inside, &["digest", "hexdigest"]);
        let upper =
            (inside.0..inside.1).find(|at| program.get(*at).is_some_and(|token| named(token, UPPERS)));
        upper.filter(|_| !hashed)
    });
    if let Some(at) = found {
        report.at(&STRING_UPPER_CASED, at, &[]);
    }
}

/// `md5(md5(text))`, `digest('base64')`, `base64_encode(md5(…))`.
fn twice(report: &mut Report<'_, '_>, span: Span) {
    let program = report.program;
    let md5 = ["md5", "MD5", "md5Hex", "md5DigestAsHex"];
    let found = (span.0..span.1).find(|at| {
        let nested = arguments(program, *at, &md5).is_some_and(|inside| {
            (inside.0..inside.1).any(|at| arguments(program, at, &md5).is_some())
                && !program.has_part(inside, &["uniqid", "rand", "time", "nonce"])
        });
        let base64 = program.get(*at).is_some_and(|token| token.is_word("digest"))
            && program.is(at + 1, "(")
            && program.get(at + 2).is_some_and(|t| t.kind == Kind::Str && t.text == "base64");
        let encoded = arguments(program, *at, &["base64_encode", "b64encode", "btoa", "encodeToString"])
            .is_some_and(|inside| program.has_part(inside, &["md5", "digest", "hmac", "dofinal"]));
        nested || base64 || encoded
    });
    if let Some(at) = found {
        report.at(&DIGEST_OF_DIGEST, at, &[]);
    }
}

/// SHA-1, or SHA-256 without an HMAC.
fn unknown(report: &mut Report<'_, '_>, span: Span) {
    let program = report.program;
    // wx.config is signed with SHA-1, and other products with RSA.
    let other = program.has_part(span, &["hmac", "rsa", "ticket", "x509"])
        || program.says(span, &["ticket", "Hmac", "HMAC", "RSA", "hmac"]);
    let shas = ["sha1", "sha256", "sha1Hex", "sha256Hex", "SHA1", "SHA256", "Sum256"];
    let names = ["sha1", "sha256", "SHA1", "SHA256", "SHA-1", "SHA-256"];
    let made = ["createHash", "hash", "getInstance", "new"];
    let found = (span.0..span.1).find(|at| {
        let called = program.get(*at).is_some_and(|token| named(token, &shas)) && program.is(at + 1, "(");
        let said = program.get(*at).is_some_and(|t| t.kind == Kind::Str && names.contains(&t.text))
            && program.back(*at, 1).is_some_and(|t| t.is("("))
            && program.back(*at, 2).is_some_and(|t| named(t, &made));
        called || said
    });
    let Some(at) = found.filter(|_| !other) else { return };
    let text = program.get(at).map_or("", |token| token.text);
    let cause = if has_part(text, &["1"]) { Cause::DigestSha1 } else { Cause::DigestSha256Plain };
    report.say_with(&DIGEST_UNKNOWN, Some(cause), program.get(at).map_or(0, |t| t.start), &[]);
}

/// What other character sets are called, in small letters.
const OTHERS: &[&str] = &[
    "gbk",
    "gb2312",
    "gb18030",
    "iso-8859-1",
    "iso8859-1",
    "latin1",
    "latin-1",
    "binary",
    "utf-16",
    "utf16le",
];

/// `getBytes("GBK")`, `update(text, 'latin1')`, `iconv('UTF-8', 'GBK', $text)`, `Encoding.Default.GetBytes(text)`.
fn charset(report: &mut Report<'_, '_>, span: Span) {
    let program = report.program;
    let other = |at: usize| {
        program.get(at).is_some_and(|token| {
            token.kind == Kind::Str && OTHERS.contains(&token.text.to_ascii_lowercase().as_str())
        })
    };
    let found = (span.0..span.1).find(|at| {
        let Some(token) = program.get(*at) else { return false };
        // The key's own bytes are the same in all of them.
        let of_key = program.back(*at, 2).is_some_and(|owner| has_part(owner.text, &["key"]));
        let place = match token.text {
            "getBytes" | "encode" | "GetEncoding" | "forName" => 0,
            "update" | "from" | "iconv" | "mb_convert_encoding" => 1,
            "Default" => {
                return program.back(*at, 2).is_some_and(|t| t.is_word("Encoding"))
                    && program.get(at + 2).is_some_and(|t| t.is_word("GetBytes"))
                    && !arguments(program, at + 2, &["GetBytes"])
                        .is_some_and(|inside| program.has_part(inside, &["key"]));
            }
            _ => return false,
        };
        let given = program.arguments(at + 1);
        let text_first = given
            .first()
            .is_some_and(|(start, end)| !program.has_part((*start, (*end).min(start + INSIDE)), &["key"]));
        token.kind == Kind::Ident
            && !of_key
            && (place == 0 || text_first)
            && given.get(place).is_some_and(|(start, end)| end - start == 1 && other(*start))
    });
    if let Some(at) = found {
        report.at(&CHARSET_WRONG, at, &[]);
    }
}
