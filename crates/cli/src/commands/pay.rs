use crate::args::{MicropayArgs, ParamsType, PayParams, Reverse};
use crate::desk::{Desk, Outcome};
use crate::failure::Failure;
use crate::input;
use crate::print::page::{Page, words};
use crate::print::payment as print;
use console::args::{Act, NewMicropay, PayParamsFor, SimulatorTarget};
use console::{Code, ConsoleError};
use domain::AuthCode;
use std::io::Write as _;
use std::path::Path;

/// Only the second signature.
pub(crate) fn params(desk: &Desk, params: PayParams) -> Outcome {
    let missing = || desk.usage("usage.number_needed", &[]);
    let what = match params.kind {
        ParamsType::Jsapi => PayParamsFor::Jsapi { prepay_id: params.prepay_id.ok_or_else(missing)? },
        ParamsType::App => PayParamsFor::App { prepay_id: params.prepay_id.ok_or_else(missing)? },
        ParamsType::H5 => PayParamsFor::H5 {
            mweb_url: params.mweb_url.ok_or_else(missing)?,
            redirect_url: params.redirect_url,
        },
        ParamsType::Native => PayParamsFor::Native { product_id: params.product_id.ok_or_else(missing)? },
    };
    let merchant = desk.console()?.merchant(desk.merchant())?;
    let view = desk.console()?.pay_params(desk.merchant(), &what)?;
    desk.answer(&view, |page| print::params(page, &view, &merchant.environment, &merchant.name))?;
    super::order::draw(desk, view.qr.as_ref())?;
    Ok(0)
}

/// Takes money by the payer's code.
pub(crate) fn micropay(desk: &Desk, micropay: MicropayArgs) -> Outcome {
    let auth_code = auth_code(desk, &micropay)?;
    let new = NewMicropay {
        auth_code,
        total: micropay.amount.get(),
        body: micropay.body,
        attach: micropay.attach,
        out_trade_no: micropay.out_trade_no,
        spbill_create_ip: micropay.client_ip,
    };
    let mut progress = |state: &str| {
        let said = words(desk.lang, "state.order.", state);
        desk.note(&desk.say("note.waiting", &[("state", &said)]));
    };
    let view = desk.wait(desk.console()?.micropay(desk.merchant(), new, &mut progress))?;
    desk.answer(&view, |page| print::one(page, &view))?;
    Ok(0)
}

/// The code that was scanned, or one that the simulated customer shows. It is worth money for a minute, so it is
/// in no message.
fn auth_code(desk: &Desk, micropay: &MicropayArgs) -> Result<AuthCode, Failure> {
    let text = match (&micropay.auth_code, micropay.simulated_code) {
        (Some(code), _) if code == "-" => input::read_text(Path::new("-"))?.trim().to_owned(),
        (Some(code), _) => code.clone(),
        (None, kind) => {
            let merchant = desk.console()?.merchant(desk.merchant())?;
            if merchant.environment == "simulated" && !merchant.built_in {
                return Err(desk.usage("usage.code_of_served", &[("merchant", &merchant.name)]));
            }
            if !merchant.built_in {
                return Err(ConsoleError::new(Code::NotSimulated).with("merchant", &merchant.name).into());
            }
            let kind = kind.map_or("fresh", |kind| kind.as_str()).to_owned();
            let shown =
                desk.wait(desk.console()?.simulate(&SimulatorTarget::BuiltIn, Act::AuthCode { kind }))?;
            shown["auth_code"].as_str().unwrap_or_default().to_owned()
        }
    };
    AuthCode::parse(&text).map_err(|error| {
        ConsoleError::new(Code::InvalidField).with("field", "auth_code").saying("detail", &error).into()
    })
}

/// Closes what is unpaid, gives back what is paid.
pub(crate) fn reverse(desk: &Desk, reverse: &Reverse) -> Outcome {
    let number = reverse.number.get().ok_or_else(|| desk.usage("usage.number_needed", &[]))?;
    let merchant = desk.console()?.merchant(desk.merchant())?;
    let mut page = Page::new(desk.lang);
    page.environment(&merchant.environment, Some(&merchant.name));
    if !reverse.yes && desk.can_ask() {
        let _ = anstream::stderr().write_all(page.finish().as_bytes());
    }
    desk.confirm(reverse.yes, &desk.say("ask.reverse", &[("number", number)]))?;
    let view = desk.wait(desk.console()?.reverse(desk.merchant(), number))?;
    desk.answer(&view, |page| print::one(page, &view))?;
    Ok(0)
}
