//! Every reason of every room below, said in both languages.

use super::*;
use crate::error::{Code, ConsoleError};
use crate::words::Lang;
use domain::{Alphabet, Environment, Fen, OperationOutcome, OperationState, OrderState, Timestamp};
use std::path::PathBuf;
use vault::{KeyKind, NoCertificate};
use wxpay::SignType;
use wxpay::api::Rule;
use wxpay::client::Rejection;
use wxpay::xml::RefusalKind;

/// Two or more English words in a row, outside of what is quoted from strangers. Names of fields, files,
/// commands and codes are no prose.
fn prose(text: &str) -> Option<String> {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, quoted)) = rest.split_once("原话“") {
        kept += before;
        rest = quoted.split_once('”').map_or("", |(_, after)| after);
    }
    kept += rest;
    let mut run: Vec<&str> = Vec::new();
    let mut command = false;
    // What is not ASCII ends a run, as a line's end does.
    for piece in kept.split(|c: char| !c.is_ascii()) {
        for word in piece.split(' ') {
            let bare = word.trim_matches(['.', ',', ';', ':', '(', ')', '"', '?', '!']);
            let plain = bare.len() > 1 && bare.bytes().all(|byte| byte.is_ascii_lowercase());
            command = if word == "paydesk" { true } else { command && (plain || bare.contains('-')) };
            if plain && !command {
                run.push(word);
                if run.len() > 1 {
                    return Some(run.join(" "));
                }
            } else {
                run.clear();
            }
        }
        run.clear();
        command = false;
    }
    None
}

fn has_chinese(text: &str) -> bool {
    text.chars()
        .any(|c| matches!(c, '\u{3000}'..='\u{303F}' | '\u{4E00}'..='\u{9FFF}' | '\u{FF00}'..='\u{FFEF}'))
}

/// The names in braces of a template.
fn places(template: &str) -> Vec<&str> {
    template.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
}

/// Says it in both languages and looks at both.
fn check(words: &Words) {
    for lang in [Lang::ZhCn, Lang::En] {
        let template = lang.words().get(&*words.key).unwrap_or_else(|| panic!("{words:?} has no words"));
        for place in places(template) {
            assert!(words.parts.iter().any(|(name, _)| *name == place), "{place} is empty in {words:?}");
        }
    }
    for (_, part) in &words.parts {
        if let crate::words::Part::Words(inner) = part {
            check(inner);
        }
    }
    let (chinese, english) = (Lang::ZhCn.tell(words), Lang::En.tell(words));
    assert_eq!(prose(&chinese), None, "{chinese}");
    assert!(has_chinese(&chinese), "{chinese}");
    assert!(!has_chinese(&english), "{english}");
    assert!(!english.is_empty(), "{words:?}");
}

/// The same for a whole error.
fn check_error(error: &ConsoleError) {
    let (chinese, english) = (Lang::ZhCn.error(error), Lang::En.error(error));
    assert_eq!(prose(&chinese), None, "{error}: {chinese}");
    assert!(has_chinese(&chinese), "{error}: {chinese}");
    assert!(!has_chinese(&english), "{error}: {english}");
    // Programs get codes, never a sentence.
    for (name, value) in &error.params {
        assert!(matches!(*name, "quoted" | "err_code_des") || prose(value).is_none(), "{name}: {value}");
    }
}

const FOREIGN: &str = "something failed somewhere";

fn foreign() -> String {
    FOREIGN.to_owned()
}

fn refusals() -> impl Iterator<Item = Refusal> {
    RefusalKind::ALL.iter().map(|kind| Refusal { kind: *kind, at: 7 })
}

fn ids() -> Vec<IdError> {
    let mut all = vec![
        IdError::Length { kind: "out_trade_no", min: 6, max: 32, len: 3 },
        IdError::Length { kind: "auth_code", min: 18, max: 18, len: 3 },
        IdError::Prefix { kind: "auth_code" },
        IdError::Shape { kind: "order state", expected: "is none that this version knows" },
    ];
    all.extend(Alphabet::ALL.map(|allowed| IdError::Character { kind: "mch_id", at: 2, allowed }));
    all
}

fn fields() -> [FieldsError; 4] {
    let name = || "attach".to_owned();
    [
        FieldsError::Duplicate { name: name() },
        FieldsError::TooMany,
        FieldsError::Name { name: name() },
        FieldsError::Character { name: name(), at: 3 },
    ]
}

fn builds() -> Vec<BuildError> {
    let mut all = vec![
        BuildError::TooLong { field: "body", max: 128, bytes: 300, chars: 100 },
        BuildError::NotInSandbox { api: "refund" },
        BuildError::OnlyInSandbox { api: "get_sign_key" },
        BuildError::Ambiguous { field: "attach".into() },
        BuildError::OtherMerchant { field: "mch_id" },
        BuildError::NotRepeatable { api: "micropay" },
    ];
    for rule in Rule::ALL {
        all.push(BuildError::Format { field: "body", expected: *rule });
        all.push(BuildError::Missing { field: "body", because: *rule });
    }
    all.extend(fields().map(BuildError::Field));
    all.extend(refusals().map(BuildError::Stored));
    all
}

fn not_sents() -> Vec<NotSent> {
    let host = || "api.mch.weixin.qq.com".to_owned();
    vec![
        NotSent::Name { host: host() },
        NotSent::Connect { host: host() },
        NotSent::ConnectTimeout { host: host() },
        NotSent::Tls { host: host(), detail: foreign() },
        NotSent::NoCertificate,
        NotSent::BadCertificate { detail: foreign() },
        NotSent::Forbidden { host: host() },
    ]
}

fn unknowns() -> Vec<UnknownWhy> {
    let field = || "total_fee".to_owned();
    let signature = || wxpay::Signature::parse(&"A".repeat(32)).unwrap();
    let mut all = vec![
        UnknownWhy::NoReply(MaybeSent::ReadTimeout),
        UnknownWhy::NoReply(MaybeSent::Lost),
        UnknownWhy::NoReply(MaybeSent::TooLarge),
        UnknownWhy::NoReply(MaybeSent::Protocol { detail: foreign() }),
        UnknownWhy::Status { status: 502 },
        UnknownWhy::BadSignature(VerifyError::Unsigned),
        UnknownWhy::BadSignature(VerifyError::NotADigest),
        UnknownWhy::BadSignature(VerifyError::OtherKind {
            expected: SignType::HmacSha256,
            presented: SignType::Md5,
        }),
        UnknownWhy::BadSignature(VerifyError::Mismatch { presented: signature(), expected: signature() }),
        UnknownWhy::Contradicts(ReplyError::Contradicts {
            field: field(),
            asked: "1".into(),
            said: "2".into(),
        }),
        UnknownWhy::Contradicts(ReplyError::Missing { field: field() }),
        UnknownWhy::Contradicts(ReplyError::Malformed { field: field() }),
        UnknownWhy::Code { code: "SYSTEMERROR".into(), description: "system busy".into() },
    ];
    all.extend(refusals().map(UnknownWhy::BadReply));
    all
}

fn key_shapes() -> [KeyShapeError; 6] {
    [
        KeyShapeError::Empty,
        KeyShapeError::ByteOrderMark,
        KeyShapeError::Whitespace { at: 3 },
        KeyShapeError::Character { at: 3 },
        KeyShapeError::Length { min: 32, max: 32, len: 3 },
        KeyShapeError::Length { min: 16, max: 64, len: 3 },
    ]
}

fn certificates() -> Vec<CertificateError> {
    let mut all = vec![
        CertificateError::WrongPassword,
        CertificateError::PasswordNeeded,
        CertificateError::NoPrivateKey,
        CertificateError::EncryptedKey,
        CertificateError::UnsupportedKey,
        CertificateError::KeyDoesNotMatchCertificate,
        CertificateError::Version1,
        CertificateError::TooLarge { len: 9 },
    ];
    all.extend(NoCertificate::ALL.map(|detail| CertificateError::NotACertificate { detail }));
    all
}

fn keychains() -> Vec<KeychainError> {
    let item = || "bakery api_v2".to_owned();
    vec![
        KeychainError::NoService { detail: foreign() },
        KeychainError::NoCollection,
        KeychainError::Locked,
        KeychainError::Denied { detail: foreign() },
        KeychainError::PromptNeeded { waited_ms: 9 },
        KeychainError::ItemGone { item: item() },
        KeychainError::TooLong { max: 9 },
        KeychainError::Ambiguous { item: item(), count: 2 },
        KeychainError::Damaged { item: item() },
        KeychainError::Platform { system: "secret-service", number: Some(5), detail: foreign() },
    ]
}

fn vaults() -> Vec<VaultError> {
    let path = || PathBuf::from("/x/vault.json");
    let mut all = vec![
        VaultError::ProbeMismatch,
        VaultError::Name,
        VaultError::NotSettable,
        VaultError::NoCertificate,
        VaultError::SealedDamaged,
        VaultError::SealedByAnotherKey,
        VaultError::SealingKeyGone,
        VaultError::Newer { path: path() },
        VaultError::MetadataDamaged { path: path() },
        VaultError::Storage {
            path: path(),
            action: "read",
            source: io::Error::from(io::ErrorKind::PermissionDenied),
        },
    ];
    all.extend(KeyKind::ALL.into_iter().map(|kind| VaultError::NoKey { kind }));
    all.extend(key_shapes().map(VaultError::KeyShape));
    all.extend(certificates().into_iter().map(VaultError::Certificate));
    all.extend(keychains().into_iter().map(VaultError::Keychain));
    all
}

fn damages() -> [Damage; 6] {
    [
        Damage::Empty,
        Damage::Truncated { expected: 9, found: 3 },
        Damage::Structure(foreign()),
        Damage::Unreadable(foreign()),
        Damage::Row { column: 3, why: foreign() },
        Damage::Missing("the environment"),
    ]
}

fn ledgers() -> Vec<LedgerError> {
    use LedgerError as L;
    let file = || PathBuf::from("/x/live.db");
    let settled = OperationState::Confirmed.settle(OperationOutcome::Rejected).unwrap_err();
    let mut all = vec![
        L::Busy,
        L::InUse { file: file() },
        L::NewerThanProgram { found: 9, known: 3 },
        L::NotALedger { file: file() },
        L::WrongChainKey,
        L::ReadOnly { file: file() },
        L::DiskFull,
        L::SqliteTooOld { found: "3.40.0" },
        L::BackupFailed { file: file(), why: foreign() },
        L::FileExists { file: file() },
        L::NumberTaken,
        L::AmountNotPositive,
        L::RefundExceeds { left: Fen::new(100) },
        L::TooManyRefunds,
        L::TooOldToRefund { paid: Timestamp::from_secs(1_700_000_000).civil() },
        L::UnknownOrder,
        L::UnknownOperation,
        L::Contradiction(settled),
        L::ChainBroken { seq: 3 },
        L::HeadAhead { anchored: 9, last: 3 },
        L::HeadDiffers { seq: 3 },
        L::Io { file: file(), why: foreign() },
        L::Rule { rule: foreign() },
        L::Engine { code: 1, why: foreign() },
    ];
    all.extend(damages().map(|what| L::Damaged { what }));
    all.extend(OrderState::ALL.into_iter().map(|state| L::NotPaid { state }));
    all.extend(OperationState::ALL.into_iter().map(|state| L::LeaseLost { state }));
    all.extend(
        Environment::ALL.into_iter().map(|file| L::WrongEnvironment { file, asked: Environment::Live }),
    );
    all
}

fn customers() -> Vec<CustomerError> {
    let number = || "order-0001".to_owned();
    vec![
        CustomerError::NoSuchOrder { number: number() },
        CustomerError::Ambiguous { number: number() },
        CustomerError::State { number: number(), state: simulator::TradeState::Closed },
        CustomerError::PrepayExpired { number: number() },
        CustomerError::Coupons { number: number() },
        CustomerError::NoSuchRefund { number: number() },
        CustomerError::RefundFinal { number: number(), status: simulator::RefundStatus::Success },
    ]
}

fn clients() -> Vec<ClientError> {
    let url = || "http://127.0.0.1:9".to_owned();
    let mut all = vec![
        ClientError::Url { url: url() },
        ClientError::NoAnswer { url: url() },
        ClientError::NotSimulator { url: url() },
    ];
    let mut codes: Vec<String> =
        customers().into_iter().map(|error| ControlError::from(error).code().to_owned()).collect();
    codes.extend(["no_such_merchant".into(), "token".into(), "body".into()]);
    all.extend(codes.into_iter().map(|code| ClientError::Refused { code, message: foreign() }));
    all
}

fn systems() -> Vec<io::Error> {
    use io::ErrorKind as K;
    let mut all: Vec<io::Error> = [
        K::NotFound,
        K::PermissionDenied,
        K::AlreadyExists,
        K::IsADirectory,
        K::NotADirectory,
        K::DirectoryNotEmpty,
        K::ReadOnlyFilesystem,
        K::StorageFull,
        K::AddrInUse,
        K::AddrNotAvailable,
        K::BrokenPipe,
        K::InvalidFilename,
        K::UnexpectedEof,
        K::TimedOut,
        K::ResourceBusy,
        K::InvalidData,
    ]
    .map(io::Error::from)
    .into();
    all.extend((1..=40).map(io::Error::from_raw_os_error));
    all.push(io::Error::other(FOREIGN));
    all
}

#[test]
fn every_reason_is_said_in_both_languages() {
    let field = || "total_fee".to_owned();
    let mut all: Vec<Words> = Vec::new();
    all.extend(
        [FenError::Empty, FenError::Character { at: 1 }, FenError::Decimals, FenError::TooLarge]
            .iter()
            .map(Words::from),
    );
    all.extend(ids().iter().map(Words::from));
    all.extend([TimeError::Form { form: "yyyy-MM-dd" }, TimeError::NoSuchTime].iter().map(Words::from));
    all.extend(refusals().map(|refusal| Words::from(&refusal)));
    all.extend(fields().iter().map(Words::from));
    all.extend(builds().iter().map(Words::from));
    all.extend(not_sents().iter().map(Words::from));
    all.extend(unknowns().iter().map(Words::from));
    all.extend(vaults().iter().map(Words::from));
    all.extend(ledgers().iter().map(Words::from));
    all.extend(customers().iter().map(Words::from));
    all.push((&ControlError::NoSuchMerchant { mch_id: "1900000109".into() }).into());
    all.extend(clients().iter().map(Words::from));
    all.extend(systems().iter().map(Words::from));
    all.extend(
        [
            PayParamsError::NoSubAppid,
            PayParamsError::Clock { secs: 5 },
            PayParamsError::Url { field: "redirect_url" },
            PayParamsError::HasRedirect,
            PayParamsError::ProductId,
        ]
        .iter()
        .map(Words::from),
    );
    all.extend(
        [
            HttpError::Roots,
            HttpError::Proxy,
            HttpError::ProxyOnLoopback,
            HttpError::Setup { detail: foreign() },
        ]
        .iter()
        .map(Words::from),
    );
    all.extend(
        [
            RefundNoticeError::NotSuccess { return_msg: foreign() },
            RefundNoticeError::NoReqInfo,
            RefundNoticeError::NotBase64,
            RefundNoticeError::NotBlocks { len: 5 },
            RefundNoticeError::Padding,
            RefundNoticeError::Field(FieldError::Missing { field: field() }),
            RefundNoticeError::Field(FieldError::Amount { field: field() }),
            RefundNoticeError::Field(FieldError::Shape { field: field(), expected: "must be a word" }),
            RefundNoticeError::Field(FieldError::Time { field: field(), source: TimeError::NoSuchTime }),
            RefundNoticeError::Field(FieldError::Id {
                field: field(),
                source: IdError::Prefix { kind: "auth_code" },
            }),
        ]
        .iter()
        .map(Words::from),
    );
    for refusal in refusals() {
        all.push((&RefundNoticeError::Envelope(refusal.clone())).into());
        all.push((&RefundNoticeError::Xml(refusal)).into());
    }
    all.extend(
        [
            ServeError::NotLoopback { address: [8, 8, 8, 8].into() },
            ServeError::Bind { port: 80, source: io::Error::from(io::ErrorKind::PermissionDenied) },
            ServeError::File { path: "/x".into(), source: io::Error::from(io::ErrorKind::NotFound) },
            ServeError::Tls(foreign()),
        ]
        .iter()
        .map(Words::from),
    );
    all.push((&SnapshotError::OtherVersion { found: 9 }).into());
    for text in ["", "{", "nonsense", "{\"a\":", "[1]", "{\"a\": x}"] {
        all.push(
            (&serde_json::from_str::<std::collections::BTreeMap<String, String>>(text).unwrap_err()).into(),
        );
    }
    all.push((&SnapshotError::Unreadable(serde_json::from_str::<u8>("x").unwrap_err())).into());
    assert!(all.len() > 300, "{}", all.len());
    all.iter().for_each(check);
}

#[test]
fn every_error_made_of_them_is_whole_in_both_languages() {
    let mut all: Vec<ConsoleError> = Vec::new();
    all.extend(builds().into_iter().map(ConsoleError::from));
    all.extend(vaults().into_iter().map(ConsoleError::from));
    all.extend(ledgers().into_iter().map(ConsoleError::from));
    all.extend(not_sents().into_iter().map(|why| {
        let error = CallError::NotSent(NotSentWhy::Transport(why));
        crate::desk::query_error(&error, "order_query", "order-0001")
    }));
    all.extend(
        unknowns()
            .into_iter()
            .map(|why| crate::desk::query_error(&CallError::Unknown(why), "order_query", "order-0001")),
    );
    let no = Rejection {
        code: Some("ORDERNOTEXIST".into()),
        description: "订单不存在".into(),
        class: wxpay::api::ErrorClass::Failed,
        signed: true,
    };
    let unknown = ConsoleError::new(Code::OutcomeUnknown).saying("why", &CallError::Rejected(no));
    assert!(Lang::ZhCn.error(&unknown).contains("ORDERNOTEXIST"));
    all.iter().for_each(check_error);
    for error in all {
        let key = format!("error.{}", error.code);
        assert!(!Lang::En.error(&error).contains(" :"), "{key}: {}", Lang::En.error(&error));
    }
}

#[test]
fn one_length_is_said_exactly() {
    let key = KeyShapeError::Length { min: 32, max: 32, len: 31 };
    assert!(Lang::En.tell(&(&key).into()).contains("exactly 32"), "{:?}", Lang::En.tell(&(&key).into()));
    assert!(Lang::ZhCn.tell(&(&key).into()).contains("正好 32"));
    let id = IdError::Length { kind: "auth_code", min: 18, max: 18, len: 2 };
    assert!(Lang::En.tell(&(&id).into()).contains("exactly 18"));
    for text in [key.to_string(), id.to_string()] {
        assert!(text.contains("exactly") && !text.contains(" to "), "{text}");
    }
}

#[test]
fn a_number_is_that_of_an_order_or_refund_and_nothing_else() {
    let number = KeychainError::Platform { system: "macos", number: Some(5), detail: foreign() };
    for error in [
        ConsoleError::from(number),
        ConsoleError::from(LedgerError::Engine { code: 1, why: foreign() }),
        crate::place::failed(std::path::Path::new("x"), &io::Error::from_raw_os_error(40)),
    ] {
        assert!(!error.params.contains_key("number") && !error.params.contains_key("err_code"), "{error}");
    }
}

#[test]
fn codes_are_said_as_words() {
    for (code, name, value, chinese, english) in [
        (Code::KeyMissing, "kind", "api_v2", "没有 API 密钥 (v2)", "has no API key (v2)"),
        (Code::NotPaid, "state", "closed", "（已关闭）", "(closed)"),
        (Code::Refused, "operation", "refund", "退款", "refund"),
        (Code::NotSent, "why", "", "（原因没有留下）", "(the reason was not kept)"),
        (Code::OutcomeUnknown, "why", "SYSTEMERROR", "（SYSTEMERROR）", "(SYSTEMERROR)"),
    ] {
        let error = ConsoleError::new(code).with(name, value);
        assert!(Lang::ZhCn.error(&error).contains(chinese), "{}", Lang::ZhCn.error(&error));
        assert!(Lang::En.error(&error).contains(english), "{}", Lang::En.error(&error));
        assert_eq!(error.params[name], value, "programs get the code");
    }
}

#[test]
fn every_sentence_is_in_its_own_language() {
    // A command may be named without the program.
    let prose_of = |text: &str| prose(&text.replace("simulator serve", "paydesk simulator serve"));
    let chinese = Lang::ZhCn.words().iter().filter(|(_, text)| prose_of(text).is_some());
    // A language is called by its own name.
    let english =
        Lang::En.words().iter().filter(|(key, text)| has_chinese(text) && !key.starts_with("ui.lang."));
    let wrong: Vec<_> = chinese.chain(english).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn prose_is_told_from_names() {
    for (text, english) in [
        ("字段 total_fee 至少要 0.01 元", false),
        ("先运行 paydesk merchant set-key 存入", false),
        ("系统说，原话“it is broken”", false),
        ("请给 apiclient_cert.p12，或 api key", true),
        ("订单 the merchant has none", true),
        ("SYSTEMERROR 和 HTTP 502", false),
    ] {
        assert_eq!(prose(text).is_some(), english, "{text}");
    }
}

#[test]
fn a_character_that_cannot_be_is_counted_as_people_count() {
    let error = domain::MchId::parse("190o000109").unwrap_err();
    assert!(Lang::ZhCn.tell(&Words::from(&error)).starts_with("mch_id 的第 4 个字符不能用"));
    assert!(Lang::En.tell(&Words::from(&error)).starts_with("character 4 of mch_id cannot be used"));
    assert!(
        Lang::En.tell(&Words::from(&domain::MchId::parse("商户").unwrap_err())).starts_with("character 1 ")
    );
}
