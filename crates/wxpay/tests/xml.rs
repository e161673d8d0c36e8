//! Strict XML on hostile and odd documents: each refused under its name and at its byte, or taken as it is.

use proptest::prelude::*;
use wxpay::xml::{self, MAX_BYTES, RefusalKind as R, read, read_root, write, write_root};
use wxpay::{Fields, FieldsError};

/// What a row must give: the fields, or a refusal and its offset.
enum Want {
    Taken(&'static [(&'static str, &'static str)]),
    Refused(R, usize),
}
use Want::{Refused, Taken};

fn check(what: &str, bytes: &[u8], want: &Want) {
    match (read(bytes), want) {
        (Ok(fields), Taken(expected)) => {
            assert_eq!(fields.iter().collect::<Vec<_>>(), expected.to_vec(), "{what}");
        }
        (Err(refusal), Refused(kind, at)) => {
            assert_eq!(
                (refusal.kind, refusal.at),
                (*kind, *at),
                "{what}: {:?}",
                String::from_utf8_lossy(bytes)
            );
        }
        (Ok(fields), Refused(kind, _)) => panic!("{what}: {fields:?} was taken, {kind} was due"),
        (Err(refusal), Taken(_)) => panic!("{what}: {refusal}"),
    }
}

const ONE: Want = Taken(&[("a", "1")]);

#[rustfmt::skip]
fn rows() -> Vec<(&'static str, &'static str, Want)> {
    vec![
        // What is taken.
        ("one field", "<xml><a>1</a></xml>", ONE),
        ("no field", "<xml></xml>", Taken(&[])),
        ("empty root", "<xml/>", Taken(&[])),
        ("empty root, blank", "<xml />", Taken(&[])),
        ("byte order mark", "\u{FEFF}<xml><a>1</a></xml>", ONE),
        ("blanks before and after", " \t\r\n<xml><a>1</a></xml>\r\n\t ", ONE),
        ("blanks between", "<xml>\n  <a>1</a>\r\n\t</xml>", ONE),
        ("blanks in tags", "<xml \n><a\t>1</a ></xml\r\n>", ONE),
        ("blanks kept in values", "<xml><a> 1\n</a></xml>", Taken(&[("a", " 1\n")])),
        ("carriage return kept", "<xml><a>1\r\n2\r3</a></xml>", Taken(&[("a", "1\r\n2\r3")])),
        ("order kept", "<xml><b>2</b><a>1</a></xml>", Taken(&[("b", "2"), ("a", "1")])),
        ("empty elements", "<xml><a/><b></b><c /><d><![CDATA[]]></d></xml>", Taken(&[("a", ""), ("b", ""), ("c", ""), ("d", "")])),
        ("CDATA", "<xml><a><![CDATA[<&>\"']]></a></xml>", Taken(&[("a", "<&>\"'")])),
        ("CDATA with brackets", "<xml><a><![CDATA[]] ]>]]]]></a></xml>", Taken(&[("a", "]] ]>]]")])),
        ("split CDATA", "<xml><a><![CDATA[x]]]]><![CDATA[>y]]></a></xml>", Taken(&[("a", "x]]>y")])),
        ("text, CDATA and references", "<xml><a>1&lt;<![CDATA[2&lt;]]>3&#x34;</a></xml>", Taken(&[("a", "1<2&lt;34")])),
        ("CDATA start inside CDATA", "<xml><a><![CDATA[<![CDATA[]]></a></xml>", Taken(&[("a", "<![CDATA[")])),
        ("DOCTYPE inside CDATA is text", "<xml><a><![CDATA[<!DOCTYPE x>]]></a></xml>", Taken(&[("a", "<!DOCTYPE x>")])),
        ("the five", "<xml><a>&amp;&lt;&gt;&quot;&apos;</a></xml>", Taken(&[("a", "&<>\"'")])),
        ("references are read once", "<xml><a>&amp;lt;&amp;#60;</a></xml>", Taken(&[("a", "&lt;&#60;")])),
        ("decimal reference", "<xml><a>&#20320;</a></xml>", Taken(&[("a", "你")])),
        ("hex reference", "<xml><a>&#x4F60;&#x4f60;</a></xml>", Taken(&[("a", "你你")])),
        ("reference with zeros", "<xml><a>&#0000000065;</a></xml>", Taken(&[("a", "A")])),
        ("emoji by reference", "<xml><a>&#x1F600;</a></xml>", Taken(&[("a", "😀")])),
        ("last character", "<xml><a>&#x10FFFF;</a></xml>", Taken(&[("a", "\u{10FFFF}")])),
        ("tab, line feed, return by reference", "<xml><a>&#9;&#10;&#13;</a></xml>", Taken(&[("a", "\t\n\r")])),
        ("Chinese and emoji", "<xml><a>微信支付😀，</a></xml>", Taken(&[("a", "微信支付😀，")])),
        ("zero width and combining", "<xml><a>\u{200B}e\u{301}\u{202E}</a></xml>", Taken(&[("a", "\u{200B}e\u{301}\u{202E}")])),
        ("U+FFFD and U+FFFC are characters", "<xml><a>\u{FFFD}\u{FFFC}</a></xml>", Taken(&[("a", "\u{FFFD}\u{FFFC}")])),
        ("delete and C1", "<xml><a>\u{7F}\u{80}\u{9F}</a></xml>", Taken(&[("a", "\u{7F}\u{80}\u{9F}")])),
        ("brackets in text", "<xml><a>[]] >]></a></xml>", Taken(&[("a", "[]] >]>")])),
        ("greater-than in text", "<xml><a>1>0</a></xml>", Taken(&[("a", "1>0")])),
        ("quotes in text", "<xml><a>\"'</a></xml>", Taken(&[("a", "\"'")])),
        ("declaration", "<?xml version=\"1.0\"?><xml><a>1</a></xml>", ONE),
        ("declaration with encoding", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xml><a>1</a></xml>", ONE),
        ("declaration in single quotes", "<?xml version='1.0' encoding='utf-8' standalone='yes' ?><xml><a>1</a></xml>", ONE),
        ("declaration with blanks", "<?xml  version = \"1.0\"\n?><xml><a>1</a></xml>", ONE),
        ("declaration after a mark", "\u{FEFF}<?xml version=\"1.0\"?><xml><a>1</a></xml>", ONE),
        ("names of all characters", "<xml><_a-B.9>1</_a-B.9></xml>", Taken(&[("_a-B.9", "1")])),
        ("names by case", "<xml><a>1</a><A>2</A></xml>", Taken(&[("a", "1"), ("A", "2")])),
        ("a field named xml", "<xml><xml>1</xml></xml>", Taken(&[("xml", "1")])),
        ("a name that begins another", "<xml><ab>1</ab><a>2</a></xml>", Taken(&[("ab", "1"), ("a", "2")])),

        // Nothing.
        ("nothing", "", Refused(R::Empty, 0)),
        ("blanks", " \r\n\t", Refused(R::Empty, 0)),
        ("only a mark", "\u{FEFF}", Refused(R::Empty, 3)),
        ("only a declaration", "<?xml version=\"1.0\"?>", Refused(R::Empty, 0)),

        // DOCTYPE in every dress.
        ("DOCTYPE", "<!DOCTYPE xml><xml><a>1</a></xml>", Refused(R::Doctype, 0)),
        ("internal entity", "<!DOCTYPE xml [<!ENTITY e \"x\">]><xml><a>&e;</a></xml>", Refused(R::Doctype, 0)),
        ("external entity", "<!DOCTYPE xml [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><xml><a>&e;</a></xml>", Refused(R::Doctype, 0)),
        ("external entity by http", "<!DOCTYPE xml [<!ENTITY e SYSTEM \"http://127.0.0.1/\">]><xml><a>&e;</a></xml>", Refused(R::Doctype, 0)),
        ("public entity", "<!DOCTYPE xml [<!ENTITY e PUBLIC \"a\" \"file:///etc/passwd\">]><xml/>", Refused(R::Doctype, 0)),
        ("parameter entity", "<!DOCTYPE xml [<!ENTITY % p SYSTEM \"file:///x\"> %p;]><xml/>", Refused(R::Doctype, 0)),
        ("external subset", "<!DOCTYPE xml SYSTEM \"http://127.0.0.1/x.dtd\"><xml/>", Refused(R::Doctype, 0)),
        ("billion laughs", "<!DOCTYPE lolz [<!ENTITY l \"lol\"><!ENTITY l2 \"&l;&l;&l;&l;&l;&l;&l;&l;&l;&l;\"><!ENTITY l3 \"&l2;&l2;&l2;&l2;&l2;&l2;&l2;&l2;\">]><xml><a>&l3;</a></xml>", Refused(R::Doctype, 0)),
        ("quadratic", "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaaaaaaaa\">]><xml><a>&a;&a;&a;</a></xml>", Refused(R::Doctype, 0)),
        ("attribute list", "<!DOCTYPE xml [<!ATTLIST xml a CDATA \"1\">]><xml/>", Refused(R::Doctype, 0)),
        ("DOCTYPE after the declaration", "<?xml version=\"1.0\"?><!DOCTYPE xml><xml/>", Refused(R::Doctype, 21)),
        ("DOCTYPE after blanks", "\n <!DOCTYPE xml><xml/>", Refused(R::Doctype, 2)),
        ("DOCTYPE after a mark", "\u{FEFF}<!DOCTYPE xml><xml/>", Refused(R::Doctype, 3)),
        ("DOCTYPE in small letters", "<!doctype html><html></html>", Refused(R::Doctype, 0)),
        ("DOCTYPE inside the root", "<xml><!DOCTYPE xml><a>1</a></xml>", Refused(R::Doctype, 5)),
        ("DOCTYPE inside a field", "<xml><a><!DOCTYPE xml></a></xml>", Refused(R::Doctype, 8)),
        ("DOCTYPE after the root", "<xml/><!DOCTYPE xml>", Refused(R::Doctype, 6)),
        ("DOCTYPE without end", "<!DOCTYPE xml [", Refused(R::Doctype, 0)),

        // Entities and references.
        ("unknown entity", "<xml><a>&nbsp;</a></xml>", Refused(R::Entity, 8)),
        ("entity by another case", "<xml><a>&AMP;</a></xml>", Refused(R::Entity, 8)),
        ("file entity", "<xml><a>1&xxe;</a></xml>", Refused(R::Entity, 9)),
        ("bare and", "<xml><a>a & b</a></xml>", Refused(R::Reference, 10)),
        ("and at the end", "<xml><a>a&</a></xml>", Refused(R::Reference, 9)),
        ("no semicolon", "<xml><a>&amp b</a></xml>", Refused(R::Reference, 8)),
        ("query in text", "<xml><a>x=1&y=2</a></xml>", Refused(R::Reference, 11)),
        ("empty reference", "<xml><a>&;</a></xml>", Refused(R::Reference, 8)),
        ("empty number", "<xml><a>&#;</a></xml>", Refused(R::Reference, 8)),
        ("empty hex", "<xml><a>&#x;</a></xml>", Refused(R::Reference, 8)),
        ("hex with a large X", "<xml><a>&#X41;</a></xml>", Refused(R::Reference, 8)),
        ("a letter in a number", "<xml><a>&#1a;</a></xml>", Refused(R::Reference, 8)),
        ("a sign in a number", "<xml><a>&#+65;</a></xml>", Refused(R::Reference, 8)),
        ("NUL by reference", "<xml><a>&#0;</a></xml>", Refused(R::Reference, 8)),
        ("control by reference", "<xml><a>&#x1F;</a></xml>", Refused(R::Reference, 8)),
        ("U+FFFE by reference", "<xml><a>&#xFFFE;</a></xml>", Refused(R::Reference, 8)),
        ("surrogate by reference", "<xml><a>&#xD83D;&#xDE00;</a></xml>", Refused(R::Reference, 8)),
        ("beyond Unicode", "<xml><a>&#x110000;</a></xml>", Refused(R::Reference, 8)),
        ("beyond 32 bits", "<xml><a>&#4294967361;</a></xml>", Refused(R::Reference, 8)),
        ("without end", "<xml><a>&#00000000000000000000000000000000000000000000000000065;</a></xml>", Refused(R::Reference, 8)),
        ("full-width semicolon", "<xml><a>&amp；</a></xml>", Refused(R::Reference, 8)),
        ("reference between fields", "<xml>&amp;<a>1</a></xml>", Refused(R::StrayText, 5)),
        ("reference before the root", "&lt;xml&gt;", Refused(R::StrayText, 0)),

        // Comments, processing instructions, declarations.
        ("comment before", "<!-- x --><xml/>", Refused(R::Comment, 0)),
        ("comment between", "<xml><!-- x --><a>1</a></xml>", Refused(R::Comment, 5)),
        ("comment inside a value", "<xml><a>1<!-- -->2</a></xml>", Refused(R::Comment, 9)),
        ("comment after", "<xml/><!-- x -->", Refused(R::Comment, 6)),
        ("comment without end", "<xml><!-- <a>1</a></xml>", Refused(R::Comment, 5)),
        ("instruction before", "<?php echo 1 ?><xml/>", Refused(R::ProcessingInstruction, 0)),
        ("instruction between", "<xml><?x y?><a>1</a></xml>", Refused(R::ProcessingInstruction, 5)),
        ("instruction inside a value", "<xml><a>1<?x?></a></xml>", Refused(R::ProcessingInstruction, 9)),
        ("instruction after", "<xml/><?x?>", Refused(R::ProcessingInstruction, 6)),
        ("style sheet", "<?xml-stylesheet href=\"x\"?><xml/>", Refused(R::ProcessingInstruction, 0)),
        ("declaration after a blank", " <?xml version=\"1.0\"?><xml/>", Refused(R::ProcessingInstruction, 1)),
        ("second declaration", "<?xml version=\"1.0\"?><?xml version=\"1.0\"?><xml/>", Refused(R::ProcessingInstruction, 21)),
        ("declaration inside", "<xml><?xml version=\"1.0\"?></xml>", Refused(R::ProcessingInstruction, 5)),
        ("GBK declared", "<?xml version=\"1.0\" encoding=\"GBK\"?><xml/>", Refused(R::Encoding, 0)),
        ("UTF-16 declared", "<?xml version=\"1.0\" encoding=\"UTF-16\"?><xml/>", Refused(R::Encoding, 0)),
        ("Latin declared", "<?xml version='1.0' encoding='ISO-8859-1'?><xml/>", Refused(R::Encoding, 0)),
        ("no version", "<?xml encoding=\"UTF-8\"?><xml/>", Refused(R::Syntax, 0)),
        ("version 1.1", "<?xml version=\"1.1\"?><xml/>", Refused(R::Syntax, 0)),
        ("no quotes", "<?xml version=1.0?><xml/>", Refused(R::Syntax, 0)),
        ("encoding first", "<?xml encoding=\"UTF-8\" version=\"1.0\"?><xml/>", Refused(R::Syntax, 0)),
        ("encoding twice", "<?xml version=\"1.0\" encoding=\"UTF-8\" encoding=\"GBK\"?><xml/>", Refused(R::Syntax, 0)),
        ("standalone perhaps", "<?xml version=\"1.0\" standalone=\"maybe\"?><xml/>", Refused(R::Syntax, 0)),
        ("no blank between", "<?xml version=\"1.0\"encoding=\"UTF-8\"?><xml/>", Refused(R::Syntax, 0)),

        // Attributes, name spaces, names.
        ("attribute of a field", "<xml><a b=\"c\">1</a></xml>", Refused(R::Attribute, 5)),
        ("attribute of the root", "<xml a='b'><a>1</a></xml>", Refused(R::Attribute, 0)),
        ("attribute of an empty field", "<xml><a b=\"c\"/></xml>", Refused(R::Attribute, 5)),
        ("xmlns", "<xml xmlns=\"urn:x\"><a>1</a></xml>", Refused(R::Attribute, 0)),
        ("xsi:nil", "<xml><a xsi:nil=\"true\"/></xml>", Refused(R::Attribute, 5)),
        ("attribute without value", "<xml><a b>1</a></xml>", Refused(R::Attribute, 5)),
        ("attribute with an end of tag in it", "<xml><a b=\">\">1</a></xml>", Refused(R::Attribute, 5)),
        ("slash and blank", "<xml><a/ ></xml>", Refused(R::FieldName, 5)),
        ("prefix", "<xml><n:a>1</n:a></xml>", Refused(R::FieldName, 5)),
        ("Chinese name", "<xml><支付>1</支付></xml>", Refused(R::FieldName, 5)),
        ("name begins with a digit", "<xml><1a>1</1a></xml>", Refused(R::FieldName, 5)),
        ("name begins with a minus", "<xml><-a>1</-a></xml>", Refused(R::FieldName, 5)),
        ("blank before a name", "<xml>< a>1</a></xml>", Refused(R::FieldName, 5)),
        ("no name", "<xml><>1</></xml>", Refused(R::FieldName, 5)),
        ("a dollar, as documentation prints it", "<xml><coupon_id_$n>1</coupon_id_$n></xml>", Refused(R::FieldName, 5)),

        // Structure.
        ("nesting", "<xml><a><b>1</b></a></xml>", Refused(R::Nesting, 8)),
        ("nesting after text", "<xml><a>1<b/></a></xml>", Refused(R::Nesting, 9)),
        ("nesting of the same name", "<xml><a><a>1</a></a></xml>", Refused(R::Nesting, 8)),
        ("second root", "<xml><a>1</a></xml><xml><a>2</a></xml>", Refused(R::SecondRoot, 19)),
        ("second empty root", "<xml/><xml/>", Refused(R::SecondRoot, 6)),
        ("text after the root", "<xml></xml>x", Refused(R::SecondRoot, 11)),
        ("text after blanks after the root", "<xml/>\n x", Refused(R::SecondRoot, 8)),
        ("reference after the root", "<xml/>&amp;", Refused(R::SecondRoot, 6)),
        ("CDATA after the root", "<xml/><![CDATA[]]>", Refused(R::SecondRoot, 6)),
        ("end after the root", "<xml></xml></xml>", Refused(R::SecondRoot, 11)),
        ("text before the root", "x<xml/>", Refused(R::StrayText, 0)),
        ("mark in the middle", "<xml>\u{FEFF}</xml>", Refused(R::StrayText, 5)),
        ("two marks", "\u{FEFF}\u{FEFF}<xml/>", Refused(R::StrayText, 3)),
        ("text between fields", "<xml><a>1</a>x<b>2</b></xml>", Refused(R::StrayText, 13)),
        ("text before the first field", "<xml>1<a>1</a></xml>", Refused(R::StrayText, 5)),
        ("only text", "<xml>1</xml>", Refused(R::StrayText, 5)),
        ("CDATA between fields", "<xml><![CDATA[ ]]><a>1</a></xml>", Refused(R::StrayText, 5)),
        ("hard blank between fields", "<xml>\u{A0}<a>1</a></xml>", Refused(R::StrayText, 5)),
        ("form", "a=1&b=2", Refused(R::StrayText, 0)),
        ("JSON", "{\"a\":1}", Refused(R::StrayText, 0)),
        ("only an end", "</xml>", Refused(R::MismatchedEnd, 0)),
        ("end of another", "<xml><a>1</b></xml>", Refused(R::MismatchedEnd, 9)),
        ("end by another case", "<xml><a>1</A></xml>", Refused(R::MismatchedEnd, 9)),
        ("end missing", "<xml><a>1</xml>", Refused(R::MismatchedEnd, 9)),
        ("end of a longer name", "<xml><a>1</ab></xml>", Refused(R::MismatchedEnd, 9)),
        ("end of a shorter name", "<xml><ab>1</a></xml>", Refused(R::MismatchedEnd, 10)),
        ("end with an attribute", "<xml><a>1</a b=\"c\"></xml>", Refused(R::MismatchedEnd, 9)),
        ("end twice", "<xml><a>1</a></a></xml>", Refused(R::MismatchedEnd, 13)),
        ("end without name", "<xml><a>1</></xml>", Refused(R::MismatchedEnd, 9)),
        ("blank in an end", "<xml><a>1</ a></xml>", Refused(R::MismatchedEnd, 9)),
        ("crossed", "<xml><a>1</xml></a>", Refused(R::MismatchedEnd, 9)),
        ("the old page's unclosed tag", "<xml><device_info>1000<device_info></xml>", Refused(R::Nesting, 22)),
        ("HTML", "<html><head><title>502</title></head></html>", Refused(R::Root, 0)),
        ("HTML with attributes", "<html lang=\"zh\"><body></body></html>", Refused(R::Root, 0)),
        ("SOAP", "<soap:Envelope><a/></soap:Envelope>", Refused(R::Root, 0)),
        ("root by another case", "<XML><a>1</a></XML>", Refused(R::Root, 0)),
        ("decrypted refund", "<root><a>1</a></root>", Refused(R::Root, 0)),
        ("root of a longer name", "<xmls><a>1</a></xmls>", Refused(R::Root, 0)),
        ("twice", "<xml><a>1</a><b>2</b><a>1</a></xml>", Refused(R::DuplicateField, 21)),
        ("twice, side by side", "<xml><a>1</a><a>2</a></xml>", Refused(R::DuplicateField, 13)),
        ("twice, once empty", "<xml><a>1</a><a/></xml>", Refused(R::DuplicateField, 13)),
        ("thrice: the second counts", "<xml><b/><b/><b/></xml>", Refused(R::DuplicateField, 9)),
        ("two twins: the first counts", "<xml><b/><a/><b/><a/></xml>", Refused(R::DuplicateField, 13)),
        ("sign twice", "<xml><sign>1</sign><sign>2</sign></xml>", Refused(R::DuplicateField, 19)),
        ("end of CDATA in text", "<xml><a>1]]>2</a></xml>", Refused(R::Syntax, 9)),
        ("end of CDATA twice", "<xml><a><![CDATA[1]]>]]></a></xml>", Refused(R::Syntax, 21)),
        ("CDATA by another case", "<xml><a><![cdata[1]]></a></xml>", Refused(R::Syntax, 8)),
        ("conditional section", "<xml><![IGNORE[x]]></xml>", Refused(R::Syntax, 5)),
        ("element declaration", "<!ELEMENT a (b)><xml/>", Refused(R::Syntax, 0)),
        ("entity declaration", "<!ENTITY a \"b\"><xml/>", Refused(R::Syntax, 0)),

        // Characters.
        ("NUL in a value", "<xml><a>1\u{0}</a></xml>", Refused(R::ControlCharacter, 9)),
        ("NUL in a name", "<xml><a\u{0}>1</a></xml>", Refused(R::ControlCharacter, 7)),
        ("NUL after the root", "<xml/>\u{0}", Refused(R::ControlCharacter, 6)),
        ("NUL in CDATA", "<xml><a><![CDATA[\u{0}]]></a></xml>", Refused(R::ControlCharacter, 17)),
        ("bell", "<xml><a>\u{7}</a></xml>", Refused(R::ControlCharacter, 8)),
        ("escape", "<xml><a>\u{1B}[31m</a></xml>", Refused(R::ControlCharacter, 8)),
        ("vertical tab between fields", "<xml>\u{B}</xml>", Refused(R::ControlCharacter, 5)),
        ("U+FFFE", "<xml><a>\u{FFFE}</a></xml>", Refused(R::ControlCharacter, 8)),
        ("U+FFFF", "<xml><a>\u{FFFF}</a></xml>", Refused(R::ControlCharacter, 8)),
        ("the first of two counts", "<xml><a>\u{FFFF}\u{1}</a></xml>", Refused(R::ControlCharacter, 8)),
        ("after a mark", "\u{FEFF}<xml>\u{1}</xml>", Refused(R::ControlCharacter, 8)),
    ]
}

#[test]
fn every_row() {
    let rows = rows();
    assert!(rows.len() >= 180, "{} rows", rows.len());
    for (what, document, want) in &rows {
        check(what, document.as_bytes(), want);
    }
}

#[test]
fn every_kind_of_refusal_has_a_row() {
    let mut missing: Vec<R> = R::ALL.to_vec();
    for (_, _, want) in rows() {
        if let Refused(kind, _) = want {
            missing.retain(|other| *other != kind);
        }
    }
    // Those that take bytes or sizes, which stand below, and truncation.
    assert_eq!(missing, [R::TooLarge, R::NotUtf8, R::TooManyFields, R::Truncated]);
    for kind in R::ALL {
        let name = kind.name();
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte == b'8'), "{name}");
        assert_eq!(R::ALL.iter().filter(|other| other.name() == name).count(), 1);
    }
}

fn utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes_of).collect()
}

#[test]
fn bytes_that_are_not_utf8() {
    let inside = |value: &[u8]| [b"<xml><a>", value, b"</a></xml>"].concat();
    let document = "<xml><a>1</a></xml>";
    let rows: Vec<(&str, Vec<u8>, Want)> = vec![
        ("GBK", inside(b"\xD6\xA7\xB8\xB6"), Refused(R::NotUtf8, 10)),
        ("Big5", inside(b"\xA4\xE4\xA5I"), Refused(R::NotUtf8, 8)),
        ("Latin 1", inside(b"caf\xE9"), Refused(R::NotUtf8, 11)),
        ("UTF-16, little", utf16(document, u16::to_le_bytes), Refused(R::ControlCharacter, 1)),
        ("UTF-16, big", utf16(document, u16::to_be_bytes), Refused(R::ControlCharacter, 0)),
        (
            "UTF-16 with a mark, little",
            utf16(&format!("\u{FEFF}{document}"), u16::to_le_bytes),
            Refused(R::NotUtf8, 0),
        ),
        (
            "UTF-16 with a mark, big",
            utf16(&format!("\u{FEFF}{document}"), u16::to_be_bytes),
            Refused(R::NotUtf8, 0),
        ),
        (
            "UTF-32",
            document.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
            Refused(R::ControlCharacter, 1),
        ),
        ("lone surrogate", inside(b"\xED\xA0\xBD"), Refused(R::NotUtf8, 8)),
        ("CESU-8", inside(b"\xED\xA0\xBD\xED\xB8\x80"), Refused(R::NotUtf8, 8)),
        ("overlong slash", inside(b"\xC0\xAF"), Refused(R::NotUtf8, 8)),
        ("overlong NUL", inside(b"\xC0\x80"), Refused(R::NotUtf8, 8)),
        ("beyond Unicode", inside(b"\xF4\x90\x80\x80"), Refused(R::NotUtf8, 8)),
        ("cut character", inside(b"\xE5\xBE"), Refused(R::NotUtf8, 8)),
        ("cut at the end", b"<xml/>\xE5\xBE".to_vec(), Refused(R::NotUtf8, 6)),
        ("stray byte after a mark", b"\xEF\xBB\xBF<xml>\x80</xml>".to_vec(), Refused(R::NotUtf8, 8)),
        ("gzip", b"\x1F\x8B\x08\x00".to_vec(), Refused(R::NotUtf8, 1)),
    ];
    for (what, bytes, want) in &rows {
        check(what, bytes, want);
    }
}

fn many(count: usize) -> String {
    let fields: String = (0..count).map(|index| format!("<f{index}>1</f{index}>")).collect();
    format!("<xml>{fields}</xml>")
}

#[test]
fn sizes() {
    assert_eq!(read(many(256).as_bytes()).map(|fields| fields.len()), Ok(256));
    let refusal = read(many(257).as_bytes()).unwrap_err();
    let at = many(257).find("<f256>").unwrap();
    assert_eq!((refusal.kind, refusal.at), (R::TooManyFields, at));
    let name = "n".repeat(128);
    assert!(read(format!("<xml><{name}>1</{name}></xml>").as_bytes()).is_ok());
    for name in ["n".repeat(129), "n".repeat(100_000)] {
        let refusal = read(format!("<xml><{name}>1</{name}></xml>").as_bytes()).unwrap_err();
        assert_eq!((refusal.kind, refusal.at), (R::FieldName, 5));
    }
    let filled = |size: usize| format!("<xml><a>{}</a></xml>", "x".repeat(size - 19 + 1));
    assert_eq!(filled(MAX_BYTES).len(), MAX_BYTES);
    assert_eq!(read(filled(MAX_BYTES).as_bytes()).unwrap().get("a").unwrap().len(), MAX_BYTES - 18);
    let refusal = read(filled(MAX_BYTES + 1).as_bytes()).unwrap_err();
    assert_eq!((refusal.kind, refusal.at), (R::TooLarge, MAX_BYTES));
    // Refused before a byte of it is looked at: it is not even text.
    let huge = vec![0xFF; 100 * 1024 * 1024];
    assert_eq!(read(&huge).unwrap_err().kind, R::TooLarge);
    // Deep, wide or long, nothing takes more than one pass.
    for (piece, kind) in [
        ("<a>", R::Nesting),
        ("<a><![CDATA[", R::Truncated),
        ("]]>", R::StrayText),
        ("&amp;", R::StrayText),
        ("<xml>", R::Nesting),
        ("<!--", R::Comment),
    ] {
        let text = format!("<xml>{}", piece.repeat(1_000_000 / piece.len()));
        assert_eq!(read(text.as_bytes()).unwrap_err().kind, kind, "{piece}");
    }
}

const NOTICE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xml>\n  <appid><![CDATA[wx2421b1c4370ec43b]]></appid>\
<attach><![CDATA[支付测试]]></attach><body>a &amp; b&#33;</body><bank_type><![CDATA[CFT]]></bank_type>\r\n\t<device_info/>\
<out_trade_no><![CDATA[1409811653]]></out_trade_no><sign><![CDATA[B552ED6B279343CB493C5DD0D78AB241]]></sign>\
<total_fee >1</total_fee ><x></x><transaction_id><![CDATA[10044]]]]><![CDATA[>]]></transaction_id></xml>";

#[test]
fn a_notice_cut_at_any_byte_is_cut_off() {
    assert!(read(NOTICE.as_bytes()).is_ok());
    let declaration = NOTICE.find("\n<xml>").unwrap();
    for len in 0..NOTICE.len() {
        let refusal = read(&NOTICE.as_bytes()[..len]).expect_err("a cut document was taken");
        let kind = if len == 0 || len == declaration || len == declaration + 1 {
            R::Empty
        } else if NOTICE.is_char_boundary(len) {
            R::Truncated
        } else {
            R::NotUtf8
        };
        assert_eq!(refusal.kind, kind, "{len}: …{:?}", &NOTICE.as_bytes()[len.saturating_sub(12)..len]);
        if kind == R::Truncated {
            assert_eq!(refusal.at, len);
        }
    }
}

#[test]
fn other_roots() {
    let document = b"<root>\n<a><![CDATA[1]]></a></root>";
    assert_eq!(read_root(document, "root").unwrap().get("a"), Some("1"));
    assert_eq!(read(document).unwrap_err().kind, R::Root);
    assert_eq!(read_root(b"<xml/>", "root").unwrap_err().kind, R::Root);
    let mut fields = Fields::new();
    fields.add("a", "1").unwrap();
    assert_eq!(write_root(&fields, "root"), "<root><a>1</a></root>");
}

#[test]
fn what_is_written() {
    let mut fields = Fields::new();
    for (name, value) in [
        ("a", "12"),
        ("b", "支付"),
        ("c", ""),
        ("d", "a]]>b"),
        ("e", "x\r\ny&<>]]>"),
        ("f", "<xml/>"),
        ("g", "wx_-.9"),
    ] {
        fields.add(name, value).unwrap();
    }
    let document = write(&fields);
    assert_eq!(
        document,
        "<xml><a>12</a><b><![CDATA[支付]]></b><c></c><d><![CDATA[a]]]]><![CDATA[>b]]></d>\
         <e>x&#13;\ny&amp;&lt;&gt;]]&gt;</e><f><![CDATA[<xml/>]]></f><g>wx_-.9</g></xml>"
    );
    assert_eq!(read(document.as_bytes()), Ok(fields));
}

/// Any text that XML can carry, with the pieces that matter often.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "]]>",
            "]",
            "<![CDATA[",
            "&",
            "&amp;",
            "<",
            ">",
            "\r",
            "\n",
            "\r\n",
            "\t",
            " ",
            "支",
            "😀",
            "&#13;",
            "\u{FFFD}",
            "\u{7F}",
            "</xml>",
            "\"",
            "'",
        ])
        .prop_map(str::to_owned),
        any::<char>()
            .prop_filter("XML cannot carry it", |c| {
                matches!(*c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
            })
            .prop_map(|c| c.to_string()),
        "[a-zA-Z0-9_.-]{1,8}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// The document as quick-xml, used plainly, understands it: names and values, or nothing if it complains.
fn by_quick_xml(document: &str) -> Option<Vec<(String, String)>> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(document);
    reader.config_mut().check_end_names = true;
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut depth = 0;
    loop {
        let mut push = |text: &str| {
            if depth == 2
                && let Some(field) = fields.last_mut()
            {
                field.1.push_str(text);
            }
        };
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                depth += 1;
                if depth == 2 {
                    fields.push((tag.name().as_ref().to_owned(), String::new()));
                }
            }
            Event::Empty(tag) if depth == 1 => fields.push((tag.name().as_ref().to_owned(), String::new())),
            Event::End(_) => depth -= 1,
            Event::Text(text) => push(&text.into_inner()),
            Event::CData(data) => push(&data.into_inner()),
            Event::GeneralRef(reference) => match &*reference {
                "amp" => push("&"),
                "lt" => push("<"),
                "gt" => push(">"),
                "quot" => push("\""),
                "apos" => push("'"),
                _ => push(&reference.resolve_char_ref().ok()??.to_string()),
            },
            Event::Eof => return Some(fields),
            _ => {}
        }
    }
}

fn ours(document: &str) -> Option<Vec<(String, String)>> {
    let fields = read(document.as_bytes()).ok()?;
    Some(fields.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

#[test]
fn another_reader_agrees_on_every_row() {
    let mut agreed = 0;
    for (what, document, want) in rows() {
        if matches!(want, Taken(_)) {
            let document = document.trim_start_matches('\u{FEFF}');
            assert_eq!(by_quick_xml(document), ours(document), "{what}");
            agreed += 1;
        }
    }
    assert!(agreed >= 40);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(values in prop::collection::vec(text(), 0..20)) {
        let mut fields = Fields::new();
        for (index, value) in values.iter().enumerate() {
            fields.add(format!("f{index}"), value.clone()).unwrap();
        }
        let document = write(&fields);
        let read = read(document.as_bytes());
        prop_assert_eq!(read.as_ref(), Ok(&fields));
        // A blank in an end tag means nothing, but keeps the reader off its short way.
        let mut long_way = document.clone();
        for index in 0..values.len() {
            long_way = long_way.replace(&format!("</f{index}>"), &format!("</f{index} >"));
        }
        let by_the_long_way = xml::read(long_way.as_bytes());
        prop_assert_eq!(by_the_long_way.as_ref(), Ok(&fields));
        prop_assert_eq!(by_quick_xml(&document), ours(&document));
    }

    /// Pieces of markup in any order: never a panic, and what is taken means the same to another reader and
    /// survives being written again.
    #[test]
    fn what_is_taken_means_the_same_to_another_reader(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "<xml>", "</xml>", "<a>", "</a>", "<b/>", "<a", ">", "/>", "<c >", "</c >", "<![CDATA[", "]]>", "]", "&amp;",
            "&#13;", "&#x41;", "&lt", ";", "1", "支", " ", "\n", "\r", "<!--", "-->", "<?xml version=\"1.0\"?>", "<?x?>",
            "<!DOCTYPE x>", "=", "\"", "'", "&", "</", "<", "\u{FEFF}", "😀",
        ]), 0..14),
        whole in any::<bool>(),
    ) {
        let inner = pieces.concat();
        let document = if whole { format!("<xml><a>{inner}</a></xml>") } else { inner };
        if let Ok(fields) = read(document.as_bytes()) {
            let plain = document.trim_start_matches('\u{FEFF}');
            prop_assert_eq!(by_quick_xml(plain), ours(plain));
            let again = write(&fields);
            prop_assert_eq!(read(again.as_bytes()), Ok(fields));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0..600_usize) {
        let _ = read(&bytes);
        let mut mixed = NOTICE.as_bytes().to_vec();
        let at = at.min(mixed.len());
        mixed.splice(at..(at + bytes.len()).min(mixed.len()), bytes);
        if let Err(refusal) = read(&mixed) {
            prop_assert!(refusal.at <= mixed.len());
        }
    }

    #[test]
    fn a_value_is_added_only_if_it_can_be_written(value in any::<String>()) {
        let mut fields = Fields::new();
        match fields.add("a", value.clone()) {
            Ok(()) => {
                let document = write(&fields);
                let read = read(document.as_bytes()).unwrap();
                prop_assert_eq!(read.get("a"), Some(value.as_str()));
            }
            Err(FieldsError::Character { at, .. }) => prop_assert!(value.is_char_boundary(at)),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}
