//! The generated tests are run where their language is on the machine: each fails by its assertion and by nothing else,
//! and passes once the right signature stands in it. `cargo xtask test` installs every language, and says so in the
//! environment: there a missing one fails.
#![allow(clippy::print_stderr, reason = "a language that is not here is skipped, and says so")]

use doctor::reproduce::{DUMMY_KEY, Language, Reproduction, fix, reproduce};
use doctor::{Cause, Document, Explanation, Key, KeyKind, Kind, Proven};
use domain::Secret;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use wxpay::SignType;

/// What breaks carelessly written texts of any of the languages, with blanks, escapes and characters that nobody sees.
const NASTY: &str = " '\"`$name ${name} {$x} #{x} %s {0} {} \\n \\u0041 \\ /* // # 支付é\u{200B}\u{202E}\u{FEFF}😀\n\t<b>&amp;]]> ";

fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn made(
    kind: Kind,
    asked: SignType,
    pairs: &[(&str, &str)],
    cause: Cause,
    params: &[(&'static str, &str)],
) -> Reproduction {
    let fields = fields(pairs);
    let params = params.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let explanation = Explanation { key: Some(0), proven: vec![Proven { cause, params }] };
    let keys =
        [Key::new("shop", KeyKind::ApiV2, true, Secret::new("qazwsxedcrfvtgbyhnujmikolp111111".into()))];
    let document = Document::new(kind, &fields, "", asked);
    reproduce(&document, &explanation, &keys, &mut |_| true)
        .unwrap_or_else(|| panic!("{cause:?} is not made again"))
}

/// One of each digest, and of each kind of document.
fn reproductions() -> Vec<Reproduction> {
    let order = [
        ("nonce_str", "1add1a30ac87aa2db72f57a2375d8fec"),
        ("appid", "wx2421b1c4370ec43b"),
        ("body", "JSAPI支付测试"),
        ("attach", NASTY),
        ("mch_id", "10000100"),
        ("total_fee", "0"),
        ("device_info", ""),
        ("detail", r#"{"goods_detail":[{"goods_id":"a1","quantity":1,"price":88}]}"#),
    ];
    let page = [
        ("appId", "wxd678efh567hg6787"),
        ("timeStamp", "1490840662"),
        ("nonceStr", "5K8264ILTKCH16CQ2502SI8ZNMTM67VS"),
        ("package", "prepay_id=wx2017033010242291fcfe0db70013231072"),
        ("signType", "HMAC-SHA256"),
    ];
    let config = [
        ("jsapi_ticket", "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl"),
        ("noncestr", "Wm3WZYTPz0wzccnW"),
        ("timestamp", "1414587457"),
        ("url", "http://mp.weixin.qq.com?params=value"),
    ];
    vec![
        made(Kind::Plain, SignType::Md5, &order, Cause::NotSorted, &[]),
        made(Kind::Jsapi, SignType::HmacSha256, &page, Cause::AppIdLeftOut, &[]),
        made(
            Kind::Jssdk,
            SignType::Md5,
            &config,
            Cause::JssdkUrl,
            &[("written", "query dropped"), ("url", "")],
        ),
    ]
}

/// A folder for one run, made anew.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("reproduce-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// What `cargo xtask test` sets once every language is here.
const EVERY_LANGUAGE: &str = "PAYDESK_EVERY_LANGUAGE";

/// Says that a language is skipped; fails where it must not be.
fn skipped(why: &str) {
    let demanded = std::env::var_os(EVERY_LANGUAGE).is_some_and(|value| value == "1");
    assert!(!demanded, "{why}, and {EVERY_LANGUAGE}=1 says that every language is here");
    eprintln!("skipped: {why}; `cargo xtask setup` installs every language");
}

/// Whether the program is here; if not, says that its language is skipped.
fn here(program: &str, version: &str) -> bool {
    let here = Command::new(program).arg(version).output().is_ok_and(|output| output.status.success());
    if !here {
        skipped(&format!("there is no {program} on this machine"));
    }
    here
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn file_of(reproduction: &Reproduction, language: Language) -> &str {
    &reproduction.tests.iter().find(|(other, _)| *other == language).unwrap().1
}

/// The test with the right signature in the place of the presented one.
fn mended(reproduction: &Reproduction, language: Language) -> String {
    let (wrong, right) =
        (language.literal(&reproduction.presented), language.literal(&reproduction.expected));
    let file = file_of(reproduction, language);
    assert_eq!(file.matches(&wrong).count(), 1, "{language:?}");
    file.replace(&wrong, &right)
}

/// Runs each file, as it is and mended.
fn run(language: Language, command: impl Fn(&Path) -> Command) {
    for (at, reproduction) in reproductions().iter().enumerate() {
        let folder = folder(&format!("{}-{at}", language.as_str()));
        let path = folder.join(language.file_name());
        std::fs::write(&path, file_of(reproduction, language)).unwrap();
        let output = command(&path).current_dir(&folder).output().unwrap();
        let said = text(&output);
        assert!(
            !output.status.success(),
            "{language:?} passes:\n{said}\n{}",
            file_of(reproduction, language)
        );
        for signature in [&reproduction.presented, &reproduction.expected] {
            assert!(said.contains(signature.as_str()), "{language:?} does not say {signature}:\n{said}");
        }
        std::fs::write(&path, mended(reproduction, language)).unwrap();
        let output = command(&path).current_dir(&folder).output().unwrap();
        assert!(output.status.success(), "{language:?} fails although mended:\n{}", text(&output));
    }
}

#[test]
fn dummies_stand_in_every_language() {
    for reproduction in reproductions() {
        for (language, file) in &reproduction.tests {
            assert!(!file.contains("wx2421b1c4370ec43b") && !file.contains("qazwsx"), "{language:?}");
            assert!(reproduction.kind == Kind::Jssdk || file.contains(DUMMY_KEY), "{language:?}");
        }
    }
}

#[test]
fn node() {
    if here("node", "--version") {
        run(Language::Node, |path| {
            let mut command = Command::new("node");
            command.arg("--test").arg(path);
            command
        });
    }
}

#[test]
fn python() {
    if here("python3", "--version") {
        run(Language::Python, |path| {
            let mut command = Command::new("python3");
            command.arg(path);
            command
        });
    }
}

#[test]
fn java() {
    if here("java", "-version") {
        run(Language::Java, |path| {
            let mut command = Command::new("java");
            // Whatever the machine takes a source file's charset for.
            command.arg("-Dfile.encoding=ISO-8859-1").arg(path);
            command
        });
    }
}

#[test]
fn php() {
    if here("php", "--version") {
        run(Language::Php, |path| {
            let mut command = Command::new("php");
            command.arg(path);
            command
        });
    }
}

#[test]
fn go() {
    if here("go", "version") {
        let cache = folder("go-cache");
        run(Language::Go, |path| {
            let mut command = Command::new("go");
            command
                .args(["test"])
                .arg(path)
                .env("GOCACHE", &cache)
                .env("GOFLAGS", "")
                .env("GO111MODULE", "off");
            command
        });
    }
}

/// Every line that mends a cause is read by its language, where it has a reader that does not ask what names mean.
#[test]
fn lines_that_mend_are_code() {
    let readers = [
        (
            Language::Node,
            "node",
            "--version",
            "new (require('vm').Script)('async () => { ' + require('fs').readFileSync(0, 'utf8') + '\\n}')",
            "-e",
        ),
        (
            Language::Python,
            "python3",
            "--version",
            "import ast, sys; ast.parse(sys.stdin.buffer.read())",
            "-c",
        ),
    ];
    for (language, program, version, reader, option) in readers {
        if !here(program, version) {
            continue;
        }
        let all: std::collections::BTreeSet<&str> =
            Cause::ALL.iter().map(|cause| fix(*cause, language)).collect();
        // Each in a block of its own, so that two may give the same name.
        let block = |line: &&str| match language {
            Language::Python => format!("def one():\n    {line}\n"),
            _ => format!("{{ {line}\n}}\n"),
        };
        let path = folder(&format!("lines-{program}")).join("lines");
        std::fs::write(&path, all.iter().map(block).collect::<String>()).unwrap();
        let input = std::fs::File::open(&path).unwrap();
        let output = Command::new(program).arg(option).arg(reader).stdin(input).output().unwrap();
        assert!(output.status.success(), "{language:?}: {}", text(&output));
    }
}

const MANIFEST: &str = r#"[package]
name = "reproduction"
version = "0.0.0"
edition = "2021"

[dependencies]
md-5 = "0.11"
hmac = "0.13"
sha1 = "0.11"
sha2 = "0.11"

[workspace]
"#;

/// Rust needs crates for digests. They are those of this workspace, so that cargo has them already and asks nobody.
#[test]
fn rust() {
    let package = folder("rust");
    std::fs::create_dir_all(package.join("tests")).unwrap();
    std::fs::create_dir_all(package.join("src")).unwrap();
    std::fs::write(package.join("Cargo.toml"), MANIFEST).unwrap();
    std::fs::write(package.join("src/lib.rs"), "").unwrap();
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO"));
        let own = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reproduce-rust-target");
        command.current_dir(&package).args(arguments).arg("--offline").env("CARGO_TARGET_DIR", own);
        command.output().unwrap()
    };
    let resolved = cargo(&["generate-lockfile"]);
    if !resolved.status.success() {
        skipped(&format!("cargo has not the digests at hand: {}", text(&resolved)));
        return;
    }
    let all = reproductions();
    for (at, reproduction) in all.iter().enumerate() {
        let write = |name: &str, file: &str| {
            std::fs::write(package.join(format!("tests/{name}_{at}.rs")), file).unwrap()
        };
        write("wrong", file_of(reproduction, Language::Rust));
        write("right", &mended(reproduction, Language::Rust));
    }
    let output = cargo(&["test", "--no-fail-fast", "--test", "wrong_*"]);
    let said = text(&output);
    assert!(!output.status.success(), "{said}");
    assert_eq!(
        said.matches("test the_presented_signature_is_the_right_one ... FAILED").count(),
        all.len(),
        "{said}"
    );
    for reproduction in &all {
        for signature in [&reproduction.presented, &reproduction.expected] {
            assert!(said.contains(signature.as_str()), "{signature} is not in\n{said}");
        }
    }
    let output = cargo(&["test", "--no-fail-fast", "--test", "right_*"]);
    assert!(output.status.success(), "{}", text(&output));
}
