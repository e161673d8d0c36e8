use super::Profile;
use crate::ambiguity::{Ambiguity, MessageKind, second_readings, told_again};
use crate::api::{BuildError, Operation, Rule};
use crate::{Fields, xml};
use domain::OperationKind;
use std::marker::PhantomData;

/// A request that is right in itself and not yet signed: who asks and the business fields, without `nonce_str`,
/// `sign_type` and `sign`. Sending it again later sends the identical parameters.
#[derive(Clone, Debug)]
pub struct Prepared<O> {
    pub(super) fields: Fields<'static>,
    operation: PhantomData<fn() -> O>,
}

impl<O: Operation> Prepared<O> {
    /// Builds the request of `operation` for `profile`.
    pub(super) fn new(operation: &O, profile: &Profile) -> Result<Self, BuildError> {
        let mut fields = operation.fields()?;
        if fields.text("sub_openid").is_some() && profile.sub_appid.is_none() {
            return Err(BuildError::Missing { field: "sub_appid", because: Rule::SubPayer });
        }
        for (name, value) in who_asks::<O>(profile) {
            if let Some(value) = value {
                fields.add(name, value.to_owned())?;
            }
        }
        Self::checked(fields)
    }

    /// Reads what [`canonical`](Self::canonical) wrote, to send it again for `profile`.
    pub(super) fn read(canonical: &str, profile: &Profile) -> Result<Self, BuildError> {
        if !O::REPEATABLE {
            return Err(BuildError::NotRepeatable { api: O::NAME });
        }
        let fields = xml::read(canonical.as_bytes()).map_err(BuildError::Stored)?.into_owned();
        for (field, value) in who_asks::<O>(profile) {
            if fields.text(field) != value {
                return Err(BuildError::OtherMerchant { field });
            }
        }
        Self::checked(fields)
    }

    fn checked(fields: Fields<'static>) -> Result<Self, BuildError> {
        match ambiguous::<O>(&fields) {
            Some(field) => Err(BuildError::Ambiguous { field }),
            None => Ok(Self { fields, operation: PhantomData }),
        }
    }

    /// The parameters as text, the same for the same parameters: a flat document in the order of the names.
    /// To be written down before sending and given to [`Client::resend`](super::Client::resend) later.
    ///
    /// A payer's code is masked, since it can never be sent again. Personal data of an order's payer
    /// (`user_creid`, `user_truename`) is in it, since it belongs to the identical request.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut sorted = Fields::new();
        for (name, value) in self.fields.sorted() {
            let value =
                if name == "auth_code" { super::exchange::masked_code(value) } else { value.to_owned() };
            // Every name and value has been taken into a document before, so none is refused here.
            let _ = sorted.add(name.to_owned(), value);
        }
        xml::write(&sorted)
    }

    /// One parameter.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&str> {
        self.fields.text(field)
    }
}

fn who_asks<O: Operation>(profile: &Profile) -> [(&'static str, Option<&str>); 4] {
    let appid = O::WITH_APPID.then_some(profile.appid.as_str());
    let sub = |value| if O::WITH_APPID { value } else { None };
    [
        ("appid", appid),
        ("mch_id", Some(profile.mch_id.as_str())),
        ("sub_appid", sub(profile.sub_appid.as_ref().map(domain::AppId::as_str))),
        ("sub_mch_id", sub(profile.sub_mch_id.as_ref().map(domain::MchId::as_str))),
    ]
}

/// The field whose text makes another, dangerous reading of the signed string possible.
fn ambiguous<O: Operation>(fields: &Fields<'_>) -> Option<String> {
    let kind = match O::KIND {
        Some(OperationKind::UnifiedOrder) => MessageKind::UnifiedOrderRequest,
        Some(OperationKind::Micropay) => MessageKind::MicropayRequest,
        Some(OperationKind::Refund) => MessageKind::RefundRequest,
        _ => MessageKind::Other,
    };
    // What signing adds counts too. Its values hold no mark, so any will do here.
    let mut whole = fields.clone();
    for (name, value) in [("nonce_str", "0"), ("sign_type", "MD5")] {
        let _ = whole.add(name, value);
    }
    let makes = matches!(kind, MessageKind::UnifiedOrderRequest | MessageKind::MicropayRequest);
    if let Some(field) = makes.then(|| told_again(fields)).flatten() {
        return Some(field.to_owned());
    }
    match second_readings(&whole, kind) {
        Ambiguity::Dangerous { field, .. } => Some(field),
        Ambiguity::None | Ambiguity::Harmless { .. } => None,
    }
}
