use crate::args::{AddMerchant, ImportCert, MerchantCommand, RemoveMerchant, SetKey};
use crate::desk::{Desk, Outcome};
use crate::print::merchant as print;
use crate::{input, secret};
use console::args::NewMerchant;
use console::words::Words;
use console::{Code, ConsoleError};
use domain::{Environment, Secret};

pub(crate) fn run(desk: &Desk, command: MerchantCommand) -> Outcome {
    match command {
        MerchantCommand::Add(new) => add(desk, *new),
        MerchantCommand::List => {
            let merchants = desk.console()?.merchants()?;
            desk.answer(&merchants, |page| print::list(page, &merchants))?;
            Ok(0)
        }
        MerchantCommand::Show(named) => {
            let merchant = desk.console()?.merchant(desk.named(named.name.as_ref()))?;
            desk.answer(&merchant, |page| print::one(page, &merchant))?;
            Ok(0)
        }
        MerchantCommand::Check(named) => {
            let name = desk.named(named.name.as_ref());
            let view = desk.wait(desk.console()?.check_merchant(name))?;
            desk.answer(&view, |page| print::check(page, &view))?;
            Ok(u8::from(!view.ok))
        }
        MerchantCommand::Set(set) => {
            // Without an address only where that was said: an empty text is a slip of a script.
            let url = set.notify_url.as_deref();
            if url.is_some_and(|url| url.trim().is_empty()) {
                let wrong = ConsoleError::new(Code::InvalidField).with("field", "notify_url");
                return Err(wrong.saying("detail", Words::new("detail.rule.not_empty")).into());
            }
            let view = desk.console()?.set_notify_url(&set.name, url)?;
            desk.answer(&view, |page| print::one(page, &view))?;
            Ok(0)
        }
        MerchantCommand::SetKey(set) => set_key(desk, &set),
        MerchantCommand::FetchSandboxKey(fetch) => {
            let merchant = desk.console()?.merchant(Some(&fetch.name))?;
            let view = desk.wait(desk.console()?.fetch_sandbox_key(&fetch.name))?;
            desk.answer(&view, |page| {
                page.environment(&merchant.environment, Some(&merchant.name));
                print::key(page, &view);
            })?;
            Ok(0)
        }
        MerchantCommand::ImportCert(import) => import_certificate(desk, &import),
        MerchantCommand::Remove(remove) => remove_merchant(desk, &remove),
    }
}

fn add(desk: &Desk, new: AddMerchant) -> Outcome {
    if new.environment == Environment::Live {
        confirm_live(desk, &new)?;
    }
    let gateway_ca = new.gateway_ca.as_deref().map(input::read_text).transpose()?;
    let view = desk.console()?.add_merchant(NewMerchant {
        name: new.name,
        label: new.label,
        environment: new.environment,
        mch_id: new.mch_id,
        appid: new.appid,
        sub_mch_id: new.sub_mch_id,
        sub_appid: new.sub_appid,
        hmac_sha256: new.sign_type,
        notify_url: new.notify_url,
        gateway_url: new.gateway_url,
        gateway_ca,
    })?;
    desk.answer(&view, |page| print::one(page, &view))?;
    desk.note(&desk.say("merchant.next", &[("name", &view.name)]));
    Ok(0)
}

/// Real money: the merchant number is given twice, so that a test is never pointed at it by a slip.
fn confirm_live(desk: &Desk, new: &AddMerchant) -> Result<(), crate::failure::Failure> {
    let again = match &new.confirm_live {
        Some(again) => again.clone(),
        None if desk.can_ask() => desk.ask(&format!("{} ", desk.say("ask.live", &[])))?,
        None => return Err(desk.usage("usage.confirm_live_needed", &[])),
    };
    if again == new.mch_id.as_str() { Ok(()) } else { Err(ConsoleError::new(Code::Declined).into()) }
}

fn set_key(desk: &Desk, set: &SetKey) -> Outcome {
    // Said before anybody types a secret for nothing.
    let merchant = desk.console()?.merchant(Some(&set.name))?;
    if merchant.built_in {
        return Err(ConsoleError::new(Code::BuiltInMerchant).into());
    }
    let prompt = desk.say("ask.key", &[("merchant", &merchant.name)]);
    let key = secret::get(desk, set.key_file.as_deref(), &prompt)?;
    let view = desk.console()?.set_key(&set.name, set.kind.into(), key)?;
    desk.answer(&view, |page| {
        page.environment(&merchant.environment, Some(&merchant.name));
        print::key(page, &view);
    })?;
    Ok(0)
}

fn import_certificate(desk: &Desk, import: &ImportCert) -> Outcome {
    if import.files.iter().chain(&import.password_file).filter(|path| input::is_standard(path)).count() > 1 {
        return Err(desk.usage("usage.two_on_standard_input", &[]));
    }
    let merchant = desk.console()?.merchant(Some(&import.name))?;
    let files: Vec<Vec<u8>> = import.files.iter().map(|path| input::read(path)).collect::<Result<_, _>>()?;
    let files = Secret::new(files);
    let password = import.password_file.as_deref().map(|path| secret::from_file(desk, path)).transpose()?;
    let view = desk.console()?.import_certificate(&import.name, files.expose(), password)?;
    desk.answer(&view, |page| {
        page.environment(&merchant.environment, Some(&merchant.name));
        print::certificate(page, &view);
    })?;
    Ok(0)
}

fn remove_merchant(desk: &Desk, remove: &RemoveMerchant) -> Outcome {
    desk.confirm(remove.yes, &desk.say("ask.remove", &[("merchant", &remove.name)]))?;
    let view = desk.console()?.remove_merchant(&remove.name)?;
    desk.answer(&view, |page| {
        let text = page.say("merchant.removed", &[("merchant", &view.name)]);
        page.line(&text);
    })?;
    Ok(0)
}
