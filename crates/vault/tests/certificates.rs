//! Certificates as WeChat Pay gives them out, as other people keep them, and as nobody should have them. The
//! files and the script that made them are in `fixtures/`.

use domain::{MchId, Secret, Timestamp};
use std::path::Path;
use vault::{Certificate, CertificateError, Owner, Validity, read_certificate};

const PASSWORD: &str = "1900000109";

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn read(names: &[&str], password: Option<&str>) -> Result<Certificate, CertificateError> {
    let files: Vec<Vec<u8>> = names.iter().map(|name| fixture(name)).collect();
    let files: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    read_certificate(&files, password.map(|text| Secret::new(text.to_owned())).as_ref())
}

/// A word for the outcome: `ok` or the error's code.
fn outcome(result: &Result<Certificate, CertificateError>) -> &'static str {
    result.as_ref().err().map_or("ok", CertificateError::code)
}

#[test]
fn every_file_has_the_right_diagnosis() {
    for (names, password, expected) in [
        (&["legacy_rc2.p12"][..], Some(PASSWORD), "ok"),
        (&["legacy_rc2_chain.p12"], Some(PASSWORD), "ok"),
        (&["legacy_3des.p12"], Some(PASSWORD), "ok"),
        (&["legacy_plain_cert.p12"], Some(PASSWORD), "ok"),
        (&["modern_aes.p12"], Some(PASSWORD), "ok"),
        (&["modern_sha512_mac.p12"], Some(PASSWORD), "ok"),
        (&["no_mac.p12"], Some(PASSWORD), "ok"),
        (&["no_mac_legacy.p12"], Some(PASSWORD), "ok"),
        (&["plain_no_mac.p12"], None, "ok"),
        (&["empty_password.p12"], None, "ok"),
        (&["curve.p12"], Some(PASSWORD), "ok"),
        (&["expired.p12"], Some(PASSWORD), "ok"),
        (&["other_merchant.p12"], Some("1900006511"), "ok"),
        (&["nobody.p12"], Some(PASSWORD), "ok"),
        (&["apiclient_cert.pem", "apiclient_key.pem"], None, "ok"),
        (&["apiclient_key.pem", "apiclient_cert.pem"], None, "ok"),
        (&["apiclient_cert.pem", "rsa_key.pem"], None, "ok"),
        (&["curve_cert.pem", "curve_key.pem"], None, "ok"),
        (&["chain.pem", "apiclient_cert.pem", "apiclient_key.pem"], None, "ok"),
        (&["bag_attributes.pem"], None, "ok"),
        // wrong password, in each way that a wrong password shows
        (&["legacy_rc2.p12"], Some("1900000108"), "certificate_wrong_password"),
        (&["legacy_rc2.p12"], Some(""), "certificate_wrong_password"),
        (&["modern_aes.p12"], Some("1900000108"), "certificate_wrong_password"),
        (&["no_mac.p12"], Some("1900000108"), "certificate_wrong_password"),
        (&["no_mac_legacy.p12"], Some("1900000108"), "certificate_wrong_password"),
        (&["other_password.p12"], Some(PASSWORD), "certificate_wrong_password"),
        (&["empty_password.p12"], Some(PASSWORD), "certificate_wrong_password"),
        (&["legacy_rc2.p12"], None, "certificate_password_needed"),
        (&["modern_aes.p12"], None, "certificate_password_needed"),
        (&["no_mac.p12"], None, "certificate_password_needed"),
        (&["no_mac_legacy.p12"], None, "certificate_password_needed"),
        // incomplete or mixed up
        (&["no_key.p12"], Some(PASSWORD), "certificate_no_private_key"),
        (&["apiclient_cert.pem"], None, "certificate_no_private_key"),
        (&["no_certificate.p12"], Some(PASSWORD), "certificate_not_a_certificate"),
        (&["apiclient_key.pem"], None, "certificate_not_a_certificate"),
        (&["apiclient_cert.pem", "other_key.pem"], None, "certificate_key_mismatch"),
        (&["apiclient_cert.pem", "curve_key.pem"], None, "certificate_key_mismatch"),
        (&["chain.pem", "apiclient_key.pem"], None, "certificate_key_mismatch"),
        (&["apiclient_cert.pem", "encrypted_key.pem"], None, "certificate_encrypted_key"),
        (&["apiclient_cert.pem", "ed25519_key.pem"], None, "certificate_unsupported_key"),
        (&["version_1.p12"], Some(PASSWORD), "certificate_version_1"),
        // something else altogether
        (&["make.sh"], None, "certificate_not_a_certificate"),
        (&["README.md"], Some(PASSWORD), "certificate_not_a_certificate"),
        (&[], None, "certificate_not_a_certificate"),
    ] {
        assert_eq!(outcome(&read(names, password)), expected, "{names:?} with {password:?}");
    }
}

#[test]
fn every_form_of_one_certificate_reads_alike() {
    let facts = String::from_utf8(fixture("facts.txt")).unwrap();
    let fact = |name: &str| facts.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
    for (names, password) in [
        (&["legacy_rc2.p12"][..], Some(PASSWORD)),
        (&["legacy_rc2_chain.p12"], Some(PASSWORD)),
        (&["modern_aes.p12"], Some(PASSWORD)),
        (&["no_mac.p12"], Some(PASSWORD)),
        (&["apiclient_cert.pem", "apiclient_key.pem"], None),
        (&["bag_attributes.pem"], None),
    ] {
        let certificate = read(names, password).unwrap();
        let info = certificate.info();
        assert_eq!(info.serial, fact("serial="), "{names:?}");
        assert_eq!(
            info.fingerprint,
            fact("sha256 Fingerprint=").replace(':', "").to_lowercase(),
            "{names:?}"
        );
        assert_eq!(info.mch_id, MchId::parse("1900000109").ok());
        assert_eq!(
            info.subject, "C=CN, L=Shenzhen, O=TEST微信商户系统, OU=测试 商户, CN=1900000109",
            "{names:?}"
        );
        assert_eq!(info.issuer, "C=CN, O=TEST Tenpay.com, CN=TEST Root CA");
        assert_eq!(info.not_before, Timestamp::from_secs(1_704_067_200)); // 2024-01-01T00:00:00Z
        assert_eq!(info.not_after, Timestamp::from_secs(4_070_908_800)); // 2099-01-01T00:00:00Z
    }
}

#[test]
fn the_pem_has_the_key_first_then_the_chain_in_order() {
    let labels = |certificate: &Certificate| -> Vec<String> {
        let lines = certificate.pem().expose().lines();
        lines
            .filter_map(|line| line.strip_prefix("-----BEGIN "))
            .map(|l| l.trim_end_matches('-').to_owned())
            .collect()
    };
    let alone = read(&["legacy_rc2.p12"], Some(PASSWORD)).unwrap();
    assert_eq!(labels(&alone), ["PRIVATE KEY", "CERTIFICATE"]);
    // The chain stands first in one of these, and the leaf still comes first out of both.
    for names in [&["legacy_rc2_chain.p12"][..], &["chain.pem", "apiclient_cert.pem", "apiclient_key.pem"]] {
        let chained = read(names, Some(PASSWORD)).unwrap();
        assert_eq!(labels(&chained), ["PRIVATE KEY", "CERTIFICATE", "CERTIFICATE"], "{names:?}");
        assert!(chained.pem().expose().starts_with(alone.pem().expose().as_str()), "{names:?}");
    }
    let old = read(&["apiclient_cert.pem", "rsa_key.pem"], None).unwrap();
    assert_eq!(labels(&old), ["RSA PRIVATE KEY", "CERTIFICATE"]);
    // What it writes it reads.
    let again = read_certificate(&[alone.pem().expose().as_bytes()], None).unwrap();
    assert_eq!(again.info(), alone.info());
    assert_eq!(again.pem().expose(), alone.pem().expose());
}

#[test]
fn line_ends_and_text_around_do_not_matter() {
    let pem =
        String::from_utf8([fixture("apiclient_cert.pem"), fixture("apiclient_key.pem")].concat()).unwrap();
    let wanted = read(&["apiclient_cert.pem", "apiclient_key.pem"], None).unwrap();
    let one_line: String = pem.lines().fold(String::new(), |text, line| {
        if line.starts_with("-----") { format!("{text}\n{line}\n") } else { text + line }
    });
    for text in
        [pem.replace('\n', "\r\n"), format!("\u{feff}{pem}"), format!("商户证书\n{pem}\nend"), one_line]
    {
        assert_eq!(read_certificate(&[text.as_bytes()], None).unwrap().info(), wanted.info(), "{text:.40}");
    }
}

#[test]
fn how_long_it_is_good() {
    let certificate = read(&["expired.p12"], Some(PASSWORD)).unwrap();
    let info = certificate.info(); // 2015-01-01 to 2020-01-01
    let (from, until) = (Timestamp::from_secs(1_420_070_400), Timestamp::from_secs(1_577_836_800));
    assert_eq!((info.not_before, info.not_after), (from, until));
    const DAY: i64 = 86_400_000;
    for (now, expected) in [
        (from.plus_millis(-1), Validity::NotYet { from }),
        (from, Validity::Valid { days_left: 1826 }),
        (until.plus_millis(1000 - 30 * DAY), Validity::Valid { days_left: 30 }),
        (until.plus_millis(1001 - 30 * DAY), Validity::ExpiresSoon { days_left: 29 }),
        (until, Validity::ExpiresSoon { days_left: 0 }),
        (until.plus_millis(999), Validity::ExpiresSoon { days_left: 0 }),
        (until.plus_millis(1000), Validity::Expired { since: until }),
        (Timestamp::from_millis(i64::MAX), Validity::Expired { since: until }),
        (Timestamp::from_millis(i64::MIN), Validity::NotYet { from }),
    ] {
        assert_eq!(info.validity(now), expected, "at {now:?}");
    }
}

#[test]
fn whose_it_is() {
    let me = MchId::parse("1900000109").unwrap();
    let owner = |name: &str, password: &str| read(&[name], Some(password)).unwrap().info().owner(&me);
    assert_eq!(owner("legacy_rc2.p12", PASSWORD), Owner::Same);
    let other = MchId::parse("1900006511").unwrap();
    assert_eq!(owner("other_merchant.p12", "1900006511"), Owner::Other { mch_id: other });
    assert_eq!(owner("nobody.p12", PASSWORD), Owner::Unknown);
}

#[test]
fn nothing_secret_is_in_what_it_prints() {
    let certificate = read(&["legacy_rc2.p12"], Some(PASSWORD)).unwrap();
    let shown = format!("{certificate:?}");
    assert!(shown.contains("[secret]"));
    for line in certificate.pem().expose().lines().filter(|line| !line.starts_with("-----")) {
        assert!(!shown.contains(line));
    }
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let large = vec![0x30; (1 << 20) + 1];
    assert_eq!(
        read_certificate(&[&large], None).unwrap_err(),
        CertificateError::TooLarge { len: large.len() }
    );
}

/// Truncations of real files, and a bit flipped in every byte of their heads and tails and every 23rd between:
/// an answer, and never another certificate under a MAC that holds.
#[test]
fn damaged_files_are_answered() {
    let password = Secret::new(PASSWORD.to_owned());
    for (name, has_mac) in [
        ("legacy_rc2.p12", true),
        ("modern_aes.p12", true),
        ("no_mac_legacy.p12", false),
        ("curve.p12", true),
    ] {
        let whole = fixture(name);
        let wanted = read_certificate(&[&whole], Some(&password)).unwrap();
        for len in 0..whole.len() {
            let result = read_certificate(&[&whole[..len]], Some(&password));
            assert!(result.is_err(), "{name} cut at {len}");
        }
        let interesting = |at: &usize| *at < 64 || *at + 96 > whole.len() || at.is_multiple_of(23);
        for at in (0..whole.len()).filter(interesting) {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << (at % 8);
            if let Ok(read) = read_certificate(&[&damaged], Some(&password)) {
                assert!(!has_mac || read.info() == wanted.info(), "{name} with byte {at} changed");
            }
        }
    }
}

#[test]
fn damaged_pem_is_answered() {
    let whole = fixture("bag_attributes.pem");
    for at in 0..whole.len() {
        let _ = read_certificate(&[&whole[..at]], None);
        for bit in 0..8 {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << bit;
            let _ = read_certificate(&[&damaged], None);
        }
    }
}
