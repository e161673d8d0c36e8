//! A failing unit test for each language: it signs the payload rightly and compares.

use super::language::Language;
use crate::document::Kind;
use std::fmt::Write as _;
use wxpay::SignType;

/// What the test is about.
pub(super) struct Case<'c> {
    pub(super) kind: Kind,
    pub(super) asked: SignType,
    pub(super) fields: &'c [(String, String)],
    pub(super) presented: &'c str,
    pub(super) key: &'c str,
}

/// How the right signature is made.
#[derive(Clone, Copy)]
enum Way {
    Md5,
    Hmac,
    /// `wx.config`: no key, small letters.
    Sha1,
}

impl Case<'_> {
    fn way(&self) -> Way {
        match (self.kind, self.asked) {
            (Kind::Jssdk, _) => Way::Sha1,
            (_, SignType::Md5) => Way::Md5,
            (_, SignType::HmacSha256) => Way::Hmac,
        }
    }

    /// The fields as lines of a list.
    fn rows(&self, language: Language, before: &str, between: &str, behind: &str) -> String {
        let mut rows = String::new();
        for (name, value) in self.fields {
            let (name, value) = (language.literal(name), language.literal(value));
            let _ = writeln!(rows, "{before}{name}{between}{value}{behind}");
        }
        rows
    }
}

/// The whole file.
pub(super) fn test(language: Language, case: &Case<'_>) -> String {
    let (key, presented) = (language.literal(case.key), language.literal(case.presented));
    let file = match language {
        Language::Node => node(case, &key, &presented),
        Language::Python => python(case, &key, &presented),
        Language::Java => java(case, &key, &presented),
        Language::Go => go(case, &key, &presented),
        Language::Php => php(case, &key, &presented),
        Language::Rust => rust(case, &key, &presented),
    };
    match case.way() {
        Way::Sha1 => file.replacen("a published test key", "wx.config is signed without one", 1),
        Way::Md5 | Way::Hmac => file,
    }
}

fn node(case: &Case<'_>, key: &str, presented: &str) -> String {
    let (import, append, digest) = match case.way() {
        Way::Md5 => (
            "createHash",
            " + '&key=' + key",
            "createHash('md5').update(text, 'utf8').digest('hex').toUpperCase()",
        ),
        Way::Hmac => (
            "createHmac",
            " + '&key=' + key",
            "createHmac('sha256', key).update(text, 'utf8').digest('hex').toUpperCase()",
        ),
        Way::Sha1 => ("createHash", "", "createHash('sha1').update(text, 'utf8').digest('hex')"),
    };
    let rows = case.rows(Language::Node, "  [", ", ", "],");
    format!(
        r"// node --test signature.test.mjs
import test from 'node:test';
import assert from 'node:assert/strict';
import {{ {import} }} from 'node:crypto';

const key = {key}; // a published test key
const fields = [
{rows}];
const presented = {presented};

function sign(fields, key) {{
  const joined = fields
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${{name}}=${{value}}`)
    .join('&');
  const text = joined{append};
  return {digest};
}}

test('the presented signature is the right one', () => {{
  assert.equal(presented, sign(fields, key));
}});
"
    )
}

fn python(case: &Case<'_>, key: &str, presented: &str) -> String {
    let (import, append, digest) = match case.way() {
        Way::Md5 => (
            "import hashlib\n",
            r#" + "&key=" + key"#,
            r#"hashlib.md5(text.encode("utf-8")).hexdigest().upper()"#,
        ),
        Way::Hmac => (
            "import hashlib\nimport hmac\n",
            r#" + "&key=" + key"#,
            r#"hmac.new(key.encode("utf-8"), text.encode("utf-8"), hashlib.sha256).hexdigest().upper()"#,
        ),
        Way::Sha1 => ("import hashlib\n", "", r#"hashlib.sha1(text.encode("utf-8")).hexdigest()"#),
    };
    let rows = case.rows(Language::Python, "    (", ", ", "),");
    format!(
        r#"# python3 test_signature.py
{import}import unittest

KEY = {key}  # a published test key
FIELDS = [
{rows}]
PRESENTED = {presented}


def sign(fields, key):
    text = "&".join(f"{{name}}={{value}}" for name, value in sorted(fields) if value != ""){append}
    return {digest}


class Signature(unittest.TestCase):
    def test_the_presented_signature_is_the_right_one(self):
        self.assertEqual(PRESENTED, sign(FIELDS, KEY))


if __name__ == "__main__":
    unittest.main()
"#
    )
}

fn java(case: &Case<'_>, key: &str, presented: &str) -> String {
    let (import, append, digest, format) = match case.way() {
        Way::Md5 => (
            "import java.security.MessageDigest;\n",
            r#" + "&key=" + key"#,
            r#"MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8))"#,
            "%02X",
        ),
        Way::Hmac => (
            "import javax.crypto.Mac;\nimport javax.crypto.spec.SecretKeySpec;\n",
            r#" + "&key=" + key"#,
            "mac.doFinal(text.getBytes(StandardCharsets.UTF_8))",
            "%02X",
        ),
        Way::Sha1 => (
            "import java.security.MessageDigest;\n",
            "",
            r#"MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8))"#,
            "%02x",
        ),
    };
    let mac = if matches!(case.way(), Way::Hmac) {
        "        Mac mac = Mac.getInstance(\"HmacSHA256\");\n        \
         mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), \"HmacSHA256\"));\n"
    } else {
        ""
    };
    let rows = case.rows(Language::Java, "        {", ", ", "},");
    format!(
        r#"// java SignatureTest.java
import java.nio.charset.StandardCharsets;
{import}import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

public class SignatureTest {{
    static final String KEY = {key}; // a published test key
    static final String[][] FIELDS = {{
{rows}    }};
    static final String PRESENTED = {presented};

    static String sign(String[][] fields, String key) throws Exception {{
        Map<String, String> sorted = new TreeMap<>();
        for (String[] field : fields) {{
            sorted.put(field[0], field[1]);
        }}
        List<String> pairs = new ArrayList<>();
        for (Map.Entry<String, String> field : sorted.entrySet()) {{
            if (!field.getValue().isEmpty()) {{
                pairs.add(field.getKey() + "=" + field.getValue());
            }}
        }}
        String text = String.join("&", pairs){append};
{mac}        byte[] digest = {digest};
        StringBuilder hex = new StringBuilder();
        for (byte one : digest) {{
            hex.append(String.format("{format}", one));
        }}
        return hex.toString();
    }}

    public static void main(String[] args) throws Exception {{
        String right = sign(FIELDS, KEY);
        if (!PRESENTED.equals(right)) {{
            throw new AssertionError("presented " + PRESENTED + ", right " + right);
        }}
    }}
}}
"#
    )
}

fn go(case: &Case<'_>, key: &str, presented: &str) -> String {
    let (imports, append, digest) = match case.way() {
        Way::Md5 => (
            &["crypto/md5", "fmt"][..],
            r#" + "&key=" + key"#,
            "\treturn fmt.Sprintf(\"%X\", md5.Sum([]byte(text)))\n",
        ),
        Way::Hmac => (
            &["crypto/hmac", "crypto/sha256", "fmt"][..],
            r#" + "&key=" + key"#,
            "\tmac := hmac.New(sha256.New, []byte(key))\n\tmac.Write([]byte(text))\n\treturn fmt.Sprintf(\"%X\", mac.Sum(nil))\n",
        ),
        Way::Sha1 => {
            (&["crypto/sha1", "fmt"][..], "", "\treturn fmt.Sprintf(\"%x\", sha1.Sum([]byte(text)))\n")
        }
    };
    let mut import = String::new();
    for name in imports.iter().chain(&["sort", "strings", "testing"]) {
        let _ = writeln!(import, "\t\"{name}\"");
    }
    let rows = case.rows(Language::Go, "\t{", ", ", "},");
    format!(
        r#"// go test signature_test.go
package signature

import (
{import})

const key = {key} // a published test key

var fields = [][2]string{{
{rows}}}

const presented = {presented}

func sign(fields [][2]string, key string) string {{
	sorted := append([][2]string(nil), fields...)
	sort.Slice(sorted, func(a, b int) bool {{ return sorted[a][0] < sorted[b][0] }})
	var pairs []string
	for _, field := range sorted {{
		if field[1] != "" {{
			pairs = append(pairs, field[0]+"="+field[1])
		}}
	}}
	text := strings.Join(pairs, "&"){append}
{digest}}}

func TestThePresentedSignatureIsTheRightOne(t *testing.T) {{
	if right := sign(fields, key); presented != right {{
		t.Fatalf("presented %s, right %s", presented, right)
	}}
}}
"#
    )
}

fn php(case: &Case<'_>, key: &str, presented: &str) -> String {
    let (append, digest) = match case.way() {
        Way::Md5 => (" . '&key=' . $key", "strtoupper(md5($text))"),
        Way::Hmac => (" . '&key=' . $key", "strtoupper(hash_hmac('sha256', $text, $key))"),
        Way::Sha1 => ("", "sha1($text)"),
    };
    let rows = case.rows(Language::Php, "    [", ", ", "],");
    format!(
        r"<?php
// php signature_test.php
$key = {key}; // a published test key
$fields = [
{rows}];
$presented = {presented};

function sign(array $fields, string $key): string
{{
    usort($fields, fn (array $a, array $b): int => strcmp($a[0], $b[0]));
    $pairs = [];
    foreach ($fields as [$name, $value]) {{
        if ($value !== '') {{
            $pairs[] = $name . '=' . $value;
        }}
    }}
    $text = implode('&', $pairs){append};
    return {digest};
}}

$right = sign($fields, $key);
if ($presented !== $right) {{
    fwrite(STDERR, 'assertion failed: presented ' . $presented . ', right ' . $right . PHP_EOL);
    exit(1);
}}
"
    )
}

fn rust(case: &Case<'_>, key: &str, presented: &str) -> String {
    let (crates, uses, append, digest, format) = match case.way() {
        Way::Md5 => (
            r#"md-5 = "0.11""#,
            "use md5::{Digest as _, Md5};",
            r#" + "&key=" + key"#,
            "Md5::digest(text.as_bytes())",
            "{byte:02X}",
        ),
        Way::Hmac => (
            r#"hmac = "0.13", sha2 = "0.11""#,
            "use hmac::{Hmac, KeyInit as _, Mac as _};\nuse sha2::Sha256;",
            r#" + "&key=" + key"#,
            "mac.finalize().into_bytes()",
            "{byte:02X}",
        ),
        Way::Sha1 => (
            r#"sha1 = "0.11""#,
            "use sha1::{Digest as _, Sha1};",
            "",
            "Sha1::digest(text.as_bytes())",
            "{byte:02x}",
        ),
    };
    let mac = if matches!(case.way(), Way::Hmac) {
        "    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect(\"HMAC takes any key\");\n    \
         mac.update(text.as_bytes());\n"
    } else {
        ""
    };
    let key_name = if matches!(case.way(), Way::Sha1) { "_key" } else { "key" };
    let rows = case.rows(Language::Rust, "    (", ", ", "),");
    format!(
        r#"// tests/signature.rs, with [dependencies] in Cargo.toml: {crates}
{uses}

const KEY: &str = {key}; // a published test key
const FIELDS: &[(&str, &str)] = &[
{rows}];
const PRESENTED: &str = {presented};

fn sign(fields: &[(&str, &str)], {key_name}: &str) -> String {{
    let mut sorted: Vec<_> = fields.iter().filter(|(_, value)| !value.is_empty()).collect();
    sorted.sort();
    let pairs: Vec<String> = sorted.iter().map(|(name, value)| format!("{{name}}={{value}}")).collect();
    let text = pairs.join("&"){append};
{mac}    {digest}.iter().map(|byte| format!("{format}")).collect()
}}

#[test]
fn the_presented_signature_is_the_right_one() {{
    assert_eq!(PRESENTED, sign(FIELDS, KEY));
}}
"#
    )
}
