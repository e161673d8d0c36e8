//! Refund notices: an envelope without a signature around `req_info`, which is AES-256-ECB under the MD5 of
//! the merchant's key. That it can be opened is what proves where it comes from.
//!
//! ECB neither hides repeated blocks nor guards them against being moved, so each field inside is checked
//! against the refund it names before anything is believed.

use crate::notice::typed::{FieldError, Typed};
use crate::xml::{self, Refusal};
use crate::{ApiKey, Fields};
use aes::Aes256;
use aes::cipher::{BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{AppId, CivilTime, Fen, MchId, OutRefundNo, OutTradeNo, RefundId, RefundState, TransactionId};
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _, ConstantTimeGreater as _};
use zeroize::Zeroizing;

/// Why a refund notice was not taken. Nothing in it may be believed then; query the refund instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefundNoticeError {
    /// The envelope is not one flat document.
    #[error("the notice is refused: {0}")]
    Envelope(#[source] Refusal),
    /// `return_code` is not `SUCCESS`: there is no refund in it.
    #[error("the notice says {return_msg:?} instead of a refund; query the refund")]
    NotSuccess {
        /// What it says, perhaps nothing.
        return_msg: String,
    },
    /// There is no `req_info`: this is another kind of message.
    #[error("the notice has no req_info, so it is no refund notice")]
    NoReqInfo,
    /// `req_info` is not base64: it was cut, or changed on its way through a form or a log.
    #[error("req_info is not base64; it was cut or changed on its way")]
    NotBase64,
    /// What `req_info` holds is not a whole number of 16-byte blocks, or nothing: it was cut.
    #[error("req_info holds {len} bytes, which is no whole number of 16-byte blocks; it was cut")]
    NotBlocks {
        /// How many bytes.
        len: usize,
    },
    /// The padding is wrong: it was sealed with another key, often because this is the APIv3 key.
    #[error(
        "req_info does not open with this key; it was sealed with another one, and often the APIv3 key was \
         entered in place of the APIv2 key"
    )]
    Padding,
    /// What came out is not the document of a refund. Once in 256 times that is another key, as above.
    #[error("what req_info holds is refused: {0}; if it is not UTF-8, it was sealed with another key")]
    Xml(#[source] Refusal),
    /// It opened, but a field is missing or not what it should be.
    #[error(transparent)]
    Field(#[from] FieldError),
}

impl RefundNoticeError {
    /// A stable word for it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Envelope(_) => "envelope_refused",
            Self::NotSuccess { .. } => "not_success",
            Self::NoReqInfo => "no_req_info",
            Self::NotBase64 => "not_base64",
            Self::NotBlocks { .. } => "not_blocks",
            Self::Padding => "wrong_key",
            Self::Xml(_) => "content_refused",
            Self::Field(_) => "field",
        }
    }
}

/// A refund that came to an end, as WeChat Pay tells it.
#[derive(Clone, Debug)]
pub struct RefundNotice {
    /// The account of the payment.
    pub appid: AppId,
    /// The merchant.
    pub mch_id: MchId,
    /// The sub-merchant's account, in provider mode.
    pub sub_appid: Option<AppId>,
    /// The sub-merchant, in provider mode.
    pub sub_mch_id: Option<MchId>,
    /// WeChat Pay's number of the payment.
    pub transaction_id: TransactionId,
    /// Our number of the order.
    pub out_trade_no: OutTradeNo,
    /// WeChat Pay's number of the refund.
    pub refund_id: RefundId,
    /// Our number of the refund.
    pub out_refund_no: OutRefundNo,
    /// The order's amount.
    pub total_fee: Fen,
    /// The order's amount without coupons that are not cash.
    pub settlement_total_fee: Option<Fen>,
    /// What was asked to be refunded.
    pub refund_fee: Fen,
    /// What is refunded without coupons that are not cash.
    pub settlement_refund_fee: Option<Fen>,
    /// What the payer gets back in money.
    pub cash_refund_fee: Option<Fen>,
    /// Where the refund stands.
    pub state: RefundState,
    /// When the payer got the money, in UTC+8.
    pub success_time: Option<CivilTime>,
    /// Where the money went, for people, such as a bank and the last digits of a card. The field's name has
    /// a typing error that is part of the protocol: `refund_recv_accout`.
    pub refund_recv_accout: Option<String>,
    /// Which of the merchant's accounts paid.
    pub refund_account: Option<String>,
    /// `API` or `VENDOR_PLATFORM`.
    pub refund_request_source: Option<String>,
    /// Every field that was inside, known or not.
    pub fields: Fields<'static>,
}

impl RefundNotice {
    /// Opens a notice with the merchant's APIv2 key (the provider's, in provider mode).
    ///
    /// # Errors
    /// [`RefundNoticeError`]; then nothing in the notice may be believed.
    pub fn open(bytes: &[u8], key: &ApiKey) -> Result<Self, RefundNoticeError> {
        let envelope = xml::read(bytes).map_err(RefundNoticeError::Envelope)?;
        if let Some(code) = envelope.text("return_code")
            && code != "SUCCESS"
        {
            let return_msg = envelope.get("return_msg").unwrap_or_default().to_owned();
            return Err(RefundNoticeError::NotSuccess { return_msg });
        }
        let req_info = envelope.text("req_info").ok_or(RefundNoticeError::NoReqInfo)?;
        let inside = open_fields(req_info, key)?;
        let outer = Typed::new(&envelope);
        let inner = Typed::new(&inside);
        let state = match inner.need("refund_status")? {
            "SUCCESS" => RefundState::Success,
            "CHANGE" => RefundState::Abnormal,
            "REFUNDCLOSE" => RefundState::Closed,
            "PROCESSING" => RefundState::Processing,
            _ => return Err(FieldError::shape("refund_status", "is SUCCESS, CHANGE or REFUNDCLOSE").into()),
        };
        Ok(Self {
            appid: outer.id("appid", AppId::parse)?,
            mch_id: outer.id("mch_id", MchId::parse)?,
            sub_appid: outer.id_if("sub_appid", AppId::parse)?,
            sub_mch_id: outer.id_if("sub_mch_id", MchId::parse)?,
            transaction_id: inner.id("transaction_id", TransactionId::parse)?,
            out_trade_no: inner.id("out_trade_no", OutTradeNo::parse)?,
            refund_id: inner.id("refund_id", RefundId::parse)?,
            out_refund_no: inner.id("out_refund_no", OutRefundNo::parse)?,
            total_fee: inner.fen("total_fee")?,
            settlement_total_fee: inner.fen_if("settlement_total_fee")?,
            refund_fee: inner.fen("refund_fee")?,
            settlement_refund_fee: inner.fen_if("settlement_refund_fee")?,
            cash_refund_fee: inner.fen_if("cash_refund_fee")?,
            state,
            success_time: inner.time_if("success_time", CivilTime::parse)?,
            refund_recv_accout: inner.string_if("refund_recv_accout"),
            refund_account: inner.string_if("refund_account"),
            refund_request_source: inner.string_if("refund_request_source"),
            fields: inside,
        })
    }
}

/// The fields inside a `req_info`.
///
/// # Errors
/// [`RefundNoticeError`] by which step failed.
pub fn open_fields(req_info: &str, key: &ApiKey) -> Result<Fields<'static>, RefundNoticeError> {
    let plain = decrypt(req_info, &key.refund_notice_key())?;
    // WeChat's root is `root`; other implementations of the protocol are known to send `xml`.
    match xml::read_root(&plain, "root") {
        Ok(fields) => Ok(fields.into_owned()),
        Err(refusal) => match xml::read(&plain) {
            Ok(fields) => Ok(fields.into_owned()),
            Err(_) => Err(RefundNoticeError::Xml(refusal)),
        },
    }
}

/// The bytes inside a `req_info`, not looked at. `key` is [`ApiKey::refund_notice_key`].
///
/// White space inside the base64, as a log or an editor leaves it, is passed over.
///
/// # Errors
/// [`RefundNoticeError`]: `NotBase64`, `NotBlocks` or `Padding`.
pub fn decrypt(req_info: &str, key: &[u8; 32]) -> Result<Vec<u8>, RefundNoticeError> {
    let packed: Vec<u8> = req_info.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let mut bytes = STANDARD.decode(packed).map_err(|_| RefundNoticeError::NotBase64)?;
    if bytes.is_empty() || bytes.len() % BLOCK != 0 {
        return Err(RefundNoticeError::NotBlocks { len: bytes.len() });
    }
    let cipher = Aes256::new(key.into());
    for block in bytes.chunks_exact_mut(BLOCK) {
        if let Ok(block) = block.try_into() {
            cipher.decrypt_block(block);
        }
    }
    let padding = padding(&bytes).ok_or(RefundNoticeError::Padding)?;
    bytes.truncate(bytes.len() - padding);
    Ok(bytes)
}

const BLOCK: usize = 16;

/// How many bytes of PKCS#7 padding there are. All 16 bytes are looked at whatever they hold, so that the time
/// it takes does not tell how much of the padding was right.
fn padding(bytes: &[u8]) -> Option<usize> {
    let last = bytes.last_chunk::<BLOCK>()?;
    let count = last[BLOCK - 1];
    let mut wrong = count.ct_eq(&0) | count.ct_gt(&16);
    for (from_end, byte) in (0_u8..).zip(last.iter().rev()) {
        let inside = count.ct_gt(&from_end);
        wrong |= inside & !byte.ct_eq(&count);
    }
    let count = u8::conditional_select(&count, &0, wrong);
    (count != 0).then_some(usize::from(count))
}

/// Seals fields as WeChat Pay does: `<root>…</root>`, padded, encrypted, base64. The simulator sends these.
#[must_use]
pub fn seal(fields: &Fields<'_>, key: &ApiKey) -> String {
    encrypt(xml::write_root(fields, "root").as_bytes(), &key.refund_notice_key())
}

/// Seals bytes. `key` is [`ApiKey::refund_notice_key`].
#[must_use]
pub fn encrypt(plain: &[u8], key: &[u8; 32]) -> String {
    let count = BLOCK - plain.len() % BLOCK;
    let mut bytes = Zeroizing::new(Vec::with_capacity(plain.len() + count));
    bytes.extend_from_slice(plain);
    bytes.extend(std::iter::repeat_n(u8::try_from(count).unwrap_or_default(), count));
    let cipher = Aes256::new(key.into());
    for block in bytes.chunks_exact_mut(BLOCK) {
        if let Ok(block) = block.try_into() {
            cipher.encrypt_block(block);
        }
    }
    STANDARD.encode(&*bytes)
}
