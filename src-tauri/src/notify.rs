//! The system's notification when a payment comes in.

use crate::desk::Desk;
use crate::money::yuan;
use console::Lang;
use console::view::PaymentRow;
use tauri::AppHandle;
use tauri_plugin_notification::NotificationExt as _;

/// More than this at once are told as one: a day's notices may come together after the network was gone.
const MOST: usize = 3;

/// Tells of payments, if the person wants it. Without a notification service nothing happens: the window shows them.
pub(crate) fn paid(app: &AppHandle, desk: &Desk, rows: &[PaymentRow]) {
    if rows.is_empty() || !desk.preferences().notify {
        return;
    }
    let lang = desk.lang();
    let told = if rows.len() > MOST {
        vec![together(lang, rows)]
    } else {
        rows.iter().map(|row| words(lang, row)).collect()
    };
    for (title, body) in told {
        let _ = app.notification().builder().title(title).body(body).show();
    }
}

fn together(lang: Lang, rows: &[PaymentRow]) -> (String, String) {
    let sum = rows.iter().filter_map(|row| row.total_fen).fold(0_i64, i64::saturating_add);
    let title = lang.say("shell.paid", &[("amount", &yuan(sum))]);
    (title, lang.say("shell.paid.many", &[("count", &rows.len())]))
}

/// What a stranger wrote (the body, the attachment) is left out: services read markup in it, and a notification
/// may stand on a locked screen.
fn words(lang: Lang, row: &PaymentRow) -> (String, String) {
    let amount = row.total_fen.map(yuan).unwrap_or_default();
    let number = &row.out_trade_no;
    let tail: String = {
        let count = number.chars().count();
        number.chars().skip(count.saturating_sub(6)).collect()
    };
    (lang.say("shell.paid", &[("amount", &amount)]), lang.say("shell.paid.text", &[("tail", &tail)]))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use console::view::Mark;

    pub(crate) fn row() -> PaymentRow {
        PaymentRow {
            out_trade_no: "20261121000000123456".into(),
            transaction_id: None,
            state: "success".into(),
            trade_type: Some("native".into()),
            total_fen: Some(8_800),
            refunded_fen: 0,
            currency: "CNY".into(),
            body: Some("<img src=x>".into()),
            attach: Some("<b>bold</b>".into()),
            created_at: String::new(),
            paid_at: None,
            told: Mark::Yes,
            asked: Mark::Due,
            billed: Mark::Due,
            disagreements: Vec::new(),
            unresolved: false,
        }
    }

    #[test]
    fn many_at_once_are_one() {
        let rows = vec![row(); 4];
        for lang in [Lang::ZhCn, Lang::En] {
            let (title, text) = together(lang, &rows);
            assert!(title.contains("¥352.00") && text.contains('4'), "{title} {text}");
        }
    }

    #[test]
    fn it_says_the_amount_and_nothing_that_a_stranger_wrote() {
        let row = row();
        for lang in [Lang::ZhCn, Lang::En] {
            let (title, text) = words(lang, &row);
            assert!(title.contains("¥88.00"), "{title}");
            assert!(text.contains("123456") && !text.contains("0123456"), "{text}");
            assert!(!format!("{title}{text}").contains('<'), "{title} {text}");
        }
    }
}
