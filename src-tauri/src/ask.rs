//! The operating system's own question before a refund over the limit: no page can answer it.

use crate::desk::Desk;
use crate::money::yuan;
use console::Lang;
use console::forms::RefundForm;
#[cfg(any(not(target_os = "linux"), test))]
use rfd::MessageDialogResult;
use std::sync::mpsc::Sender;
use std::sync::{Mutex, PoisonError};
use tauri::{AppHandle, Manager as _, WebviewWindow};

/// One question at a time: two on top of each other are answered by mistake.
static ASKING: Mutex<()> = Mutex::new(());

/// Waits for a person's yes. Anything else is a no: closed, no window to ask in, the program ending.
///
/// Not to be called on the main thread, which draws the question.
pub(crate) fn refund(app: &AppHandle, desk: &Desk, merchant: &str, form: &RefundForm) -> bool {
    let _one = ASKING.lock().unwrap_or_else(PoisonError::into_inner);
    let lang = desk.lang();
    let (title, text) = words(lang, merchant, form);
    let yes = lang.say("shell.ask.refund.yes", &[("amount", &yuan(form.refund_fen))]);
    let no = lang.say("shell.ask.no", &[]);
    let (said, answer) = std::sync::mpsc::channel();
    let window = app.get_webview_window(crate::window::LABEL);
    let shown = app.run_on_main_thread(move || show(window, &title, &text, yes, no, said));
    shown.is_ok() && answer.recv().is_ok_and(|answer| answer)
}

/// `rfd` gives the first button the focus, which is the yes: a second Enter in the sheet, or one held down, would
/// answer the question. Here the no has it, and the question stands before the window that asks.
#[cfg(target_os = "linux")]
fn show(window: Option<WebviewWindow>, title: &str, text: &str, yes: String, no: String, said: Sender<bool>) {
    use gtk::ResponseType;
    use gtk::prelude::{DialogExt as _, GtkWindowExt as _, WidgetExt as _};
    let dialog = gtk::MessageDialog::builder()
        .modal(true)
        .message_type(gtk::MessageType::Warning)
        .title(title)
        .text(title)
        .secondary_text(text)
        .build();
    if let Some(window) = window.and_then(|window| window.gtk_window().ok()) {
        dialog.set_transient_for(Some(&window));
    }
    dialog.add_button(&yes, ResponseType::Accept);
    let no = dialog.add_button(&no, ResponseType::Cancel);
    dialog.set_default_response(ResponseType::Cancel);
    dialog.connect_response(move |dialog, response| {
        dialog.hide();
        dialog.close();
        // It closes when nothing else is to be done, and not at all while another question stands: the next one is
        // asked after that. Closing answers once more, when nobody listens.
        let said = said.clone();
        gtk::glib::idle_add_local_once(move || {
            let _ = said.send(response == ResponseType::Accept);
        });
    });
    dialog.show_all();
    no.grab_focus();
    dialog.present();
}

#[cfg(not(target_os = "linux"))]
fn show(window: Option<WebviewWindow>, title: &str, text: &str, yes: String, no: String, said: Sender<bool>) {
    let mut dialog = rfd::AsyncMessageDialog::new()
        .set_level(rfd::MessageLevel::Warning)
        .set_title(title)
        .set_description(text)
        .set_buttons(rfd::MessageButtons::OkCancelCustom(yes.clone(), no));
    if let Some(window) = &window {
        dialog = dialog.set_parent(window);
    }
    let waiting = dialog.show();
    tauri::async_runtime::spawn(async move {
        let _ = said.send(is_yes(&waiting.await, &yes));
    });
}

/// Each system tells a button of one's own in another way.
#[cfg(any(not(target_os = "linux"), test))]
fn is_yes(answer: &MessageDialogResult, yes: &str) -> bool {
    match answer {
        MessageDialogResult::Ok | MessageDialogResult::Yes => true,
        MessageDialogResult::Custom(text) => text == yes,
        _ => false,
    }
}

fn words(lang: Lang, merchant: &str, form: &RefundForm) -> (String, String) {
    let amount = yuan(form.refund_fen);
    let title = lang.say("shell.ask.refund", &[("amount", &amount)]);
    let text = lang.say(
        "shell.ask.refund.text",
        &[("merchant", &merchant), ("order", &form.out_trade_no), ("refund", &form.out_refund_no)],
    );
    // A NUL would end the text early, or the program.
    (title, text.replace('\0', "\u{fffd}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_a_yes() {
        for (answer, expected) in [
            (MessageDialogResult::Ok, true),
            (MessageDialogResult::Custom("退".into()), true),
            (MessageDialogResult::Custom("不退".into()), false),
            (MessageDialogResult::Cancel, false),
            (MessageDialogResult::No, false),
        ] {
            assert_eq!(is_yes(&answer, "退"), expected, "{answer:?}");
        }
    }

    #[test]
    fn the_question_names_amount_order_and_number() {
        let form = RefundForm {
            out_trade_no: "T\0 1".into(),
            out_refund_no: "R1".into(),
            refund_fen: 123_400,
            ..RefundForm::default()
        };
        for lang in [Lang::ZhCn, Lang::En] {
            let (title, text) = words(lang, "面包店", &form);
            assert!(title.contains("¥1,234.00"), "{title}");
            for part in ["面包店", "T\u{fffd} 1", "R1"] {
                assert!(text.contains(part), "{text:?} without {part}");
            }
        }
    }
}
