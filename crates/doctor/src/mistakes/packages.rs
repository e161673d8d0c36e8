//! What a front-end call has as its package.

use super::{Made, Reach, Slot, how};
use crate::cause::Cause;
use crate::document::Document;

pub(super) fn add<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    let Some(value) = document.get("package") else { return };
    let bare = value.strip_prefix("prepay_id=").unwrap_or(value);
    let prepay = document.get("prepayid").or_else(|| document.beside("prepay_id")).unwrap_or(bare);
    let forms = [
        ("without prepay_id=", bare.to_owned()),
        ("the prepay_id alone", prepay.to_owned()),
        ("prepay_id= twice", format!("prepay_id=prepay_id={prepay}")),
        ("perpay_id=", format!("perpay_id={prepay}")),
        ("prepayid=", format!("prepayid={prepay}")),
        ("prepayId=", format!("prepayId={prepay}")),
        ("prepay_id:", format!("prepay_id:{prepay}")),
        ("prepay_id=", format!("prepay_id={prepay}")),
        ("prepay_id=undefined", "prepay_id=undefined".to_owned()),
        ("prepay_id=null", "prepay_id=null".to_owned()),
        ("prepay_id=None", "prepay_id=None".to_owned()),
        ("prepay_id=[object Object]", "prepay_id=[object Object]".to_owned()),
        ("prepay_id= and nothing", "prepay_id=".to_owned()),
        ("Sign=WXPay", "Sign=WXPay".to_owned()),
    ];
    let own = prepay.to_owned();
    let mistake = made.add(Cause::PackagePrefix, how("a field prepay_id"), Slot::Value, move |recipe| {
        for entry in recipe.entries.iter_mut().filter(|entry| &*entry.name == "package") {
            entry.name = "prepay_id".into();
            entry.value = own.clone().into();
        }
    });
    mistake.field = Some("package".into());
    mistake.reach = Reach::Part;
    let mut known: Vec<&str> = vec![value];
    for (written, new) in &forms {
        if !known.contains(&new.as_str()) {
            known.push(new);
            let new = new.clone();
            made.one(
                (Cause::PackagePrefix, how(written)),
                (Slot::Value, Reach::Part),
                "package",
                move |_| new.clone(),
            );
        }
    }
}
