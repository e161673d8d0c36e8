//! The reasons of the rooms below as words: each variant has its own key under `detail.` in `locales/`.

use crate::words::Words;
use domain::{FenError, IdError, SettleError, TimeError};
use ledger::{Damage, LedgerError};
use simulator::serve::{ClientError, ServeError};
use simulator::{ControlError, CustomerError, SnapshotError};
use std::fmt::Display;
use std::io;
use vault::{CertificateError, KeyShapeError, KeychainError, VaultError};
use wxpay::FieldsError;
use wxpay::api::{BuildError, ReplyError};
use wxpay::client::{CallError, NotSentWhy, UnknownWhy};
use wxpay::http::HttpError;
use wxpay::notice::FieldError;
use wxpay::pay_params::PayParamsError;
use wxpay::refund_notice::RefundNoticeError;
use wxpay::sign::VerifyError;
use wxpay::transport::{MaybeSent, NotSent};
use wxpay::xml::Refusal;

fn say(key: &'static str) -> Words {
    Words::new(key)
}

/// `exactly 32`, or `16 to 64`: one of two keys.
fn length(exactly: &'static str, between: &'static str, min: usize, max: usize) -> Words {
    if min == max { say(exactly).with("max", max) } else { say(between).with("min", min).with("max", max) }
}

impl From<&FenError> for Words {
    fn from(error: &FenError) -> Self {
        match error {
            FenError::Empty => say("detail.fen.empty"),
            FenError::Character { at } => say("detail.fen.character").with("at", at),
            FenError::Decimals => say("detail.fen.decimals"),
            FenError::TooLarge => say("detail.fen.too_large"),
        }
    }
}

impl From<&IdError> for Words {
    fn from(error: &IdError) -> Self {
        match error {
            IdError::Length { kind, min, max, len } => {
                length("detail.id.exact_length", "detail.id.length", *min, *max)
                    .with("field", kind)
                    .with("len", len)
            }
            IdError::Character { kind, at, allowed } => say("detail.id.character")
                .with("field", kind)
                .with("at", at)
                // What is allowed is ASCII, so up to the first that is not a byte is a character.
                .with("place", at.saturating_add(1))
                .saying("allowed", Self::new(format!("detail.alphabet.{}", allowed.as_str()))),
            IdError::Prefix { kind } => say("detail.id.prefix").with("field", kind),
            IdError::Shape { kind, .. } => say("detail.id.shape").with("field", kind.replace(' ', "_")),
        }
    }
}

impl From<&TimeError> for Words {
    fn from(error: &TimeError) -> Self {
        match error {
            TimeError::Form { form } => say("detail.time.form").with("form", form),
            TimeError::NoSuchTime => say("detail.time.none"),
        }
    }
}

impl From<&SettleError> for Words {
    fn from(error: &SettleError) -> Self {
        say("detail.ledger.settled")
            .saying("from", Self::new(format!("state.operation.{}", error.from)))
            .saying("outcome", Self::new(format!("outcome.{}", crate::desk::outcome_word(error.outcome))))
    }
}

impl From<&Refusal> for Words {
    fn from(refusal: &Refusal) -> Self {
        Self::new(format!("finding.{}", refusal.kind)).with("at", refusal.at)
    }
}

impl From<&FieldsError> for Words {
    fn from(error: &FieldsError) -> Self {
        match error {
            FieldsError::Duplicate { name } => say("detail.fields.duplicate").with("name", name),
            FieldsError::TooMany => say("detail.fields.too_many"),
            FieldsError::Name { name } => say("detail.fields.name").with("name", name),
            FieldsError::Character { name, at } => {
                say("detail.fields.character").with("name", name).with("at", at)
            }
        }
    }
}

impl From<&BuildError> for Words {
    fn from(error: &BuildError) -> Self {
        match error {
            BuildError::TooLong { max, bytes, chars, .. } => {
                say("detail.build.too_long").with("bytes", bytes).with("chars", chars).with("max", max)
            }
            BuildError::Format { expected: rule, .. } | BuildError::Missing { because: rule, .. } => {
                Self::new(format!("detail.rule.{}", rule.name()))
            }
            BuildError::Field(error) => error.into(),
            BuildError::NotInSandbox { api } => say("detail.build.not_in_sandbox").with("api", api),
            BuildError::OnlyInSandbox { api } => say("detail.build.only_in_sandbox").with("api", api),
            BuildError::Ambiguous { field } => say("detail.build.ambiguous").with("field", field),
            BuildError::OtherMerchant { field } => say("detail.build.other_merchant").with("field", field),
            BuildError::Stored(refusal) => say("detail.build.stored").saying("why", refusal),
            BuildError::NotRepeatable { api } => say("detail.build.not_repeatable").with("api", api),
        }
    }
}

impl From<&PayParamsError> for Words {
    fn from(error: &PayParamsError) -> Self {
        match error {
            PayParamsError::NoSubAppid => say("detail.pay_params.no_sub_appid"),
            PayParamsError::Clock { secs } => say("detail.pay_params.clock").with("secs", secs),
            PayParamsError::Url { .. } => say("detail.pay_params.url"),
            PayParamsError::HasRedirect => say("detail.pay_params.has_redirect"),
            PayParamsError::ProductId => say("detail.pay_params.product_id"),
        }
    }
}

impl From<&NotSent> for Words {
    fn from(error: &NotSent) -> Self {
        match error {
            NotSent::Name { host } => say("detail.not_sent.name").with("host", host),
            NotSent::Connect { host } => say("detail.not_sent.connect").with("host", host),
            NotSent::ConnectTimeout { host } => say("detail.not_sent.connect_timeout").with("host", host),
            NotSent::Tls { host, detail } => {
                say("detail.not_sent.tls").with("host", host).with("quoted", detail)
            }
            NotSent::NoCertificate => say("detail.not_sent.no_certificate"),
            NotSent::BadCertificate { detail } => {
                say("detail.not_sent.bad_certificate").with("quoted", detail)
            }
            NotSent::Forbidden { host } => say("detail.not_sent.forbidden").with("host", host),
        }
    }
}

impl From<&MaybeSent> for Words {
    fn from(error: &MaybeSent) -> Self {
        match error {
            MaybeSent::ReadTimeout => say("detail.maybe_sent.read_timeout"),
            MaybeSent::Lost => say("detail.maybe_sent.lost"),
            MaybeSent::TooLarge => say("detail.maybe_sent.too_large"),
            MaybeSent::Protocol { detail } => say("detail.maybe_sent.protocol").with("quoted", detail),
        }
    }
}

impl From<&VerifyError> for Words {
    fn from(error: &VerifyError) -> Self {
        match error {
            VerifyError::Unsigned => say("detail.signature.unsigned"),
            VerifyError::NotADigest => say("detail.signature.not_a_digest"),
            VerifyError::OtherKind { expected, presented } => {
                say("detail.signature.other_kind").with("expected", expected).with("presented", presented)
            }
            VerifyError::Mismatch { .. } => say("detail.signature.mismatch"),
        }
    }
}

impl From<&ReplyError> for Words {
    fn from(error: &ReplyError) -> Self {
        match error {
            ReplyError::Contradicts { field, asked, said } => {
                say("detail.reply.contradicts").with("field", field).with("asked", asked).with("said", said)
            }
            ReplyError::Missing { field } => say("detail.reply.missing").with("field", field),
            ReplyError::Malformed { field } => say("detail.reply.malformed").with("field", field),
        }
    }
}

impl From<&UnknownWhy> for Words {
    fn from(why: &UnknownWhy) -> Self {
        match why {
            UnknownWhy::NoReply(error) => error.into(),
            UnknownWhy::Status { status } => say("detail.unknown.status").with("status", status),
            UnknownWhy::BadReply(refusal) => say("detail.unknown.bad_reply").saying("why", refusal),
            UnknownWhy::BadSignature(error) => say("detail.unknown.bad_signature").saying("why", error),
            UnknownWhy::Contradicts(error) => error.into(),
            UnknownWhy::Code { code, description } => {
                say("detail.unknown.code").with("err_code", code).with("err_code_des", description)
            }
        }
    }
}

impl From<&CallError> for Words {
    fn from(error: &CallError) -> Self {
        match error {
            CallError::NotSent(NotSentWhy::Build(error)) => error.into(),
            CallError::NotSent(NotSentWhy::Transport(error)) => error.into(),
            CallError::Rejected(no) => say("detail.unknown.code")
                .with("err_code", no.code.as_deref().unwrap_or("FAIL"))
                .with("err_code_des", &no.description),
            CallError::Unknown(why) => why.into(),
        }
    }
}

impl From<&HttpError> for Words {
    fn from(error: &HttpError) -> Self {
        match error {
            HttpError::Roots => say("detail.http.roots"),
            HttpError::Proxy => say("detail.http.proxy"),
            HttpError::ProxyOnLoopback => say("detail.http.proxy_on_loopback"),
            HttpError::Setup { detail } => say("detail.http.setup").with("quoted", detail),
        }
    }
}

impl From<&FieldError> for Words {
    fn from(error: &FieldError) -> Self {
        match error {
            FieldError::Missing { field } => say("detail.field.missing").with("field", field),
            FieldError::Id { source, .. } => source.into(),
            FieldError::Time { field, source } => {
                say("detail.field.time").with("field", field).saying("why", source)
            }
            FieldError::Amount { field } => say("detail.field.amount").with("field", field),
            FieldError::Shape { field, .. } => say("detail.field.shape").with("field", field),
        }
    }
}

impl From<&RefundNoticeError> for Words {
    fn from(error: &RefundNoticeError) -> Self {
        match error {
            RefundNoticeError::Envelope(refusal) => {
                say("detail.refund_notice.envelope").saying("why", refusal)
            }
            RefundNoticeError::NotSuccess { return_msg } => {
                say("detail.refund_notice.not_success").with("quoted", return_msg)
            }
            RefundNoticeError::NoReqInfo => say("detail.refund_notice.no_req_info"),
            RefundNoticeError::NotBase64 => say("detail.refund_notice.not_base64"),
            RefundNoticeError::NotBlocks { len } => say("detail.refund_notice.not_blocks").with("len", len),
            RefundNoticeError::Padding => say("detail.refund_notice.padding"),
            RefundNoticeError::Xml(refusal) => say("detail.refund_notice.xml").saying("why", refusal),
            RefundNoticeError::Field(error) => error.into(),
        }
    }
}

impl From<&KeyShapeError> for Words {
    fn from(error: &KeyShapeError) -> Self {
        match error {
            KeyShapeError::Empty => say("detail.key.empty"),
            KeyShapeError::ByteOrderMark => say("detail.key.byte_order_mark"),
            KeyShapeError::Whitespace { at } => say("detail.key.whitespace").with("at", at),
            KeyShapeError::Character { at } => say("detail.key.character").with("at", at),
            KeyShapeError::Length { min, max, len } => {
                length("detail.key.exact_length", "detail.key.length", *min, *max).with("len", len)
            }
        }
    }
}

impl From<&CertificateError> for Words {
    fn from(error: &CertificateError) -> Self {
        match error {
            CertificateError::WrongPassword => say("detail.certificate.wrong_password"),
            CertificateError::PasswordNeeded => say("detail.certificate.password_needed"),
            CertificateError::NotACertificate { detail } => {
                Self::new(format!("detail.no_certificate.{}", detail.as_str()))
            }
            CertificateError::NoPrivateKey => say("detail.certificate.no_private_key"),
            CertificateError::EncryptedKey => say("detail.certificate.encrypted_key"),
            CertificateError::UnsupportedKey => say("detail.certificate.unsupported_key"),
            CertificateError::KeyDoesNotMatchCertificate => say("detail.certificate.key_mismatch"),
            CertificateError::Version1 => say("detail.certificate.version_1"),
            CertificateError::TooLarge { len } => say("detail.certificate.too_large").with("len", len),
        }
    }
}

impl From<&KeychainError> for Words {
    fn from(error: &KeychainError) -> Self {
        match error {
            KeychainError::NoService { detail } => say("detail.keychain.no_service").with("quoted", detail),
            KeychainError::NoCollection => say("detail.keychain.no_collection"),
            KeychainError::Locked => say("detail.keychain.locked"),
            KeychainError::Denied { detail } => say("detail.keychain.denied").with("quoted", detail),
            KeychainError::PromptNeeded { waited_ms } => {
                say("detail.keychain.prompt").with("waited_ms", waited_ms)
            }
            KeychainError::ItemGone { item } => say("detail.keychain.item_gone").with("item", item),
            KeychainError::TooLong { max } => say("detail.keychain.too_long").with("max", max),
            KeychainError::Ambiguous { item, count } => {
                say("detail.keychain.ambiguous").with("item", item).with("count", count)
            }
            KeychainError::Damaged { item } => say("detail.keychain.damaged").with("item", item),
            KeychainError::Platform { system, number, detail } => say("detail.keychain.platform")
                .with("system", system)
                .with("errno", number.map_or_else(|| "-".to_owned(), |number| number.to_string()))
                .with("quoted", detail),
        }
    }
}

impl From<&VaultError> for Words {
    fn from(error: &VaultError) -> Self {
        match error {
            VaultError::Keychain(error) => error.into(),
            VaultError::KeyShape(error) => error.into(),
            VaultError::Certificate(error) => error.into(),
            VaultError::ProbeMismatch => say("detail.vault.probe_mismatch"),
            VaultError::Name => say("detail.vault.name"),
            VaultError::NotSettable => say("detail.vault.not_settable"),
            VaultError::NoKey { .. } => say("detail.vault.no_key"),
            VaultError::NoCertificate => say("detail.vault.no_certificate"),
            VaultError::SealedDamaged => say("detail.vault.sealed_damaged"),
            VaultError::SealedByAnotherKey => say("detail.vault.sealed_by_another_key"),
            VaultError::SealingKeyGone => say("detail.vault.sealing_key_gone"),
            VaultError::Newer { .. } => say("detail.vault.newer"),
            VaultError::MetadataDamaged { .. } => say("detail.vault.metadata_damaged"),
            VaultError::Storage { source, .. } => source.into(),
        }
    }
}

impl From<&Damage> for Words {
    fn from(damage: &Damage) -> Self {
        match damage {
            Damage::Empty => say("detail.damage.empty"),
            Damage::Truncated { expected, found } => {
                say("detail.damage.truncated").with("expected", expected).with("found", found)
            }
            Damage::Structure(line) => say("detail.damage.structure").with("quoted", line),
            Damage::Unreadable(line) => say("detail.damage.unreadable").with("quoted", line),
            Damage::Row { column, why } => {
                say("detail.damage.row").with("column", column).with("quoted", why)
            }
            Damage::Missing(what) => say("detail.damage.missing").with("what", what.replace(' ', "_")),
        }
    }
}

impl From<&LedgerError> for Words {
    fn from(error: &LedgerError) -> Self {
        use LedgerError as L;
        match error {
            L::Busy => say("detail.ledger.busy"),
            L::InUse { .. } => say("detail.ledger.in_use"),
            L::Damaged { what } => what.into(),
            L::NewerThanProgram { found, known } => {
                say("detail.ledger.newer").with("found", found).with("known", known)
            }
            L::WrongEnvironment { file, asked } => say("detail.ledger.wrong_environment")
                .saying("file", Self::new(format!("env.{file}")))
                .saying("asked", Self::new(format!("env.{asked}"))),
            L::NotALedger { .. } => say("detail.ledger.not_a_ledger"),
            L::WrongChainKey => say("detail.ledger.wrong_chain_key"),
            L::ReadOnly { .. } => say("detail.ledger.read_only"),
            L::DiskFull => say("detail.io.storage_full"),
            L::SqliteTooOld { found } => say("detail.ledger.sqlite_too_old").with("found", found),
            L::BackupFailed { why, .. } => say("detail.ledger.backup_failed").with("quoted", why),
            L::FileExists { .. } => say("detail.io.already_exists"),
            L::ParamsDiffer { .. } => say("detail.ledger.params_differ"),
            L::NumberTaken => say("detail.ledger.number_taken"),
            L::AmountNotPositive => say("detail.amount.not_positive"),
            L::RefundExceeds { left } => say("detail.ledger.refund_exceeds").with("left", left),
            L::TooManyRefunds => say("detail.ledger.too_many_refunds"),
            L::TooOldToRefund { paid } => say("detail.ledger.too_old").with("paid", paid),
            L::NotPaid { state } => {
                say("detail.ledger.not_paid").saying("state", Self::new(format!("state.order.{state}")))
            }
            L::UnknownOrder => say("detail.ledger.unknown_order"),
            L::UnknownOperation => say("detail.ledger.unknown_operation"),
            L::Contradiction(error) => error.into(),
            L::LeaseLost { state } => {
                say("detail.ledger.lease_lost").saying("state", Self::new(format!("state.operation.{state}")))
            }
            L::ChainBroken { seq } => say("detail.ledger.chain_broken").with("seq", seq),
            L::HeadAhead { anchored, last } => {
                say("detail.ledger.head_ahead").with("anchored", anchored).with("last", last)
            }
            L::HeadDiffers { seq } => say("detail.ledger.head_differs").with("seq", seq),
            L::Io { file, why } => say("detail.ledger.io").with("path", file.display()).with("quoted", why),
            L::Rule { rule } => say("detail.ledger.rule").with("quoted", rule),
            L::Engine { code, why } => say("detail.ledger.engine").with("errno", code).with("quoted", why),
        }
    }
}

impl From<&CustomerError> for Words {
    fn from(error: &CustomerError) -> Self {
        match error {
            CustomerError::NoSuchOrder { number } => {
                say("detail.simulator.no_such_order").with("number", number)
            }
            CustomerError::Ambiguous { number } => say("detail.simulator.ambiguous").with("number", number),
            CustomerError::State { number, state } => {
                say("detail.simulator.state").with("number", number).with("trade_state", state.as_str())
            }
            CustomerError::PrepayExpired { number } => {
                say("detail.simulator.prepay_expired").with("number", number)
            }
            CustomerError::Coupons { number } => say("detail.simulator.coupons").with("number", number),
            CustomerError::NoSuchRefund { number } => {
                say("detail.simulator.no_such_refund").with("number", number)
            }
            CustomerError::RefundFinal { number, status } => say("detail.simulator.refund_final")
                .with("number", number)
                .with("refund_status", status.as_str()),
        }
    }
}

impl From<&ControlError> for Words {
    fn from(error: &ControlError) -> Self {
        match error {
            ControlError::Customer(error) => error.into(),
            ControlError::NoSuchMerchant { mch_id } => {
                say("detail.simulator.no_such_merchant").with("mch_id", mch_id)
            }
        }
    }
}

impl From<&ClientError> for Words {
    fn from(error: &ClientError) -> Self {
        match error {
            ClientError::Url { url } => say("detail.simulator.url").with("url", url),
            ClientError::NoAnswer { url } => say("detail.simulator.no_answer").with("url", url),
            ClientError::Refused { code, message } => {
                // What it is about was named by the person a moment ago; its own words are English.
                let key = match code.as_str() {
                    "no_such_order" => "detail.running.no_such_order",
                    "ambiguous" => "detail.running.ambiguous",
                    "state" => "detail.running.state",
                    "prepay_expired" => "detail.running.prepay_expired",
                    "coupons" => "detail.running.coupons",
                    "no_such_refund" => "detail.running.no_such_refund",
                    "refund_final" => "detail.running.refund_final",
                    "no_such_merchant" => "detail.running.no_such_merchant",
                    "token" => "detail.running.token",
                    _ => return say("detail.running.other").with("refusal", code).with("quoted", message),
                };
                say(key).with("refusal", code)
            }
            ClientError::NotSimulator { url } => say("detail.simulator.not_simulator").with("url", url),
        }
    }
}

impl From<&ServeError> for Words {
    fn from(error: &ServeError) -> Self {
        match error {
            ServeError::NotLoopback { address } => say("detail.serve.not_loopback").with("address", address),
            ServeError::Bind { port, source } => {
                say("detail.serve.bind").with("port", port).saying("why", source)
            }
            ServeError::File { path, source } => {
                say("detail.serve.file").with("path", path.display()).saying("why", source)
            }
            ServeError::Certificates(error) => say("detail.serve.certificates").with("quoted", error),
            ServeError::Tls(error) => say("detail.serve.tls").with("quoted", error),
        }
    }
}

impl From<&SnapshotError> for Words {
    fn from(error: &SnapshotError) -> Self {
        match error {
            SnapshotError::Unreadable(_) => say("detail.snapshot.unreadable"),
            SnapshotError::OtherVersion { found } => {
                say("detail.snapshot.other_version").with("found", found)
            }
        }
    }
}

impl From<&serde_json::Error> for Words {
    fn from(error: &serde_json::Error) -> Self {
        use serde_json::error::Category;
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            Category::Data => say("detail.json.data").with("line", line).with("column", column),
            Category::Eof => say("detail.json.cut_off"),
            Category::Io | Category::Syntax => {
                say("detail.json.syntax").with("line", line).with("column", column)
            }
        }
    }
}

/// What the system said, in words where it is one of the usual things, else with its number or its own words.
impl From<&io::Error> for Words {
    fn from(error: &io::Error) -> Self {
        use io::ErrorKind as K;
        match error.kind() {
            K::NotFound => say("detail.io.not_found"),
            K::PermissionDenied => say("detail.io.permission_denied"),
            K::AlreadyExists => say("detail.io.already_exists"),
            K::IsADirectory => say("detail.io.is_a_directory"),
            K::NotADirectory => say("detail.io.not_a_directory"),
            K::DirectoryNotEmpty => say("detail.io.directory_not_empty"),
            K::ReadOnlyFilesystem => say("detail.io.read_only"),
            K::StorageFull | K::QuotaExceeded => say("detail.io.storage_full"),
            K::AddrInUse => say("detail.io.addr_in_use"),
            K::AddrNotAvailable => say("detail.io.addr_not_available"),
            K::BrokenPipe => say("detail.io.broken_pipe"),
            K::InvalidFilename => say("detail.io.invalid_filename"),
            K::UnexpectedEof => say("detail.io.unexpected_eof"),
            K::TimedOut => say("detail.io.timed_out"),
            K::ResourceBusy => say("detail.io.resource_busy"),
            _ => match error.raw_os_error() {
                Some(number) => say("detail.io.number").with("errno", number),
                None => quoted(error),
            },
        }
    }
}

/// Words of a system or a library that nobody here can translate, marked as such.
fn quoted(words: impl Display) -> Words {
    say("detail.quoted").with("quoted", words)
}

#[cfg(test)]
mod tests;
