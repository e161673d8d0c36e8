//! Exactly what the list shows, as a file.

use crate::shop::{Shop, order};
use console::forms::{OrderForm, PaymentsForm};
use console::view::Progress;
use console::{BUILT_IN, Code};

fn columns(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn files(shop: &Shop<crate::shop::HandClock>) -> Vec<String> {
    let Ok(files) = std::fs::read_dir(shop.dir.path().join("downloads")) else { return Vec::new() };
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn the_file_has_what_is_filtered_in_the_columns_shown_and_takes_nobodys_name() {
    let shop = Shop::open();
    for number in ["ORDER001", "ORDER002", "ORDER003"] {
        shop.order(number, 3_650).await;
    }
    let evil = OrderForm { body: "=HYPERLINK(\"x\"),\"y\"".into(), ..order("ORDER004", 100) };
    shop.console.create_order_form(BUILT_IN, evil).await.unwrap();
    shop.pay("ORDER002", "normal").await;
    shop.pay("ORDER004", "lost").await;
    shop.console.query_order_form(BUILT_IN, "ORDER004").await.unwrap();
    shop.refund("ORDER002", "R1", 50).await;
    shop.refund_comes_to("R1", "success").await;
    let form = PaymentsForm { states: vec!["paid".into(), "refunded".into()], ..PaymentsForm::default() };
    let shown = columns(&["amount", "refunded", "state", "out_trade_no", "body", "evidence"]);
    let mut told = Vec::new();
    let mut tell = |progress: Progress| told.push(progress);
    let first = shop.console.export_payments_form(BUILT_IN, &form, &shown, "e1", &mut tell).unwrap();
    let text = std::fs::read_to_string(&first.path).unwrap();
    assert_eq!(
        text,
        "\u{FEFF}total_yuan,refunded_yuan,state,out_trade_no,body,evidence,disagreements\r\n\
         1.00,0.00,paid,ORDER004,\"'=HYPERLINK(\"\"x\"\"),\"\"y\"\"\",query,\r\n\
         36.50,0.50,refunded,ORDER002,桂花酒酿贝果 ×2,notice,\r\n"
    );
    assert_eq!((first.rows, first.bytes), (2, i64::try_from(text.len()).unwrap()));
    let last = told.last().unwrap();
    assert_eq!((last.job.as_str(), last.done, last.total), ("e1", 2, Some(2)));
    assert_eq!(told[0].done, 0, "it says at once how much there is to do");
    let second = shop.console.export_payments_form(BUILT_IN, &form, &shown, "e2", &mut |_| {}).unwrap();
    assert_ne!(first.path, second.path);
    assert_eq!(std::fs::read_to_string(&first.path).unwrap(), text);
    assert_eq!(files(&shop).len(), 2);
}

#[tokio::test]
async fn one_that_is_ended_or_refused_leaves_nothing() {
    let shop = Shop::open();
    shop.order("ORDER001", 3_600).await;
    let all = PaymentsForm::default();
    let shown = columns(&["time"]);
    // Ended as soon as it tells how far it is.
    let mut cancel = |_| shop.console.cancel("mine");
    let ended = shop.console.export_payments_form(BUILT_IN, &all, &shown, "mine", &mut cancel).unwrap_err();
    assert_eq!(ended.code, Code::Cancelled);
    shop.console.cancel("nobody's");
    let wrong = PaymentsForm { states: vec!["rich".into()], ..PaymentsForm::default() };
    for (form, shown, field) in [
        (&all, columns(&["openid"]), "columns"),
        (&all, Vec::new(), "columns"),
        (&wrong, shown.clone(), "states"),
    ] {
        let error = shop.console.export_payments_form(BUILT_IN, form, &shown, "e", &mut |_| {}).unwrap_err();
        assert_eq!((error.code, &*error.params["field"]), (Code::InvalidField, field));
    }
    assert_eq!(files(&shop), Vec::<String>::new());
    // The name of ended work is free again.
    assert_eq!(
        shop.console.export_payments_form(BUILT_IN, &all, &shown, "mine", &mut |_| {}).unwrap().rows,
        1
    );
}
