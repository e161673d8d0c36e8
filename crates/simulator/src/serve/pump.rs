//! Sends notices to the merchant when they are due, and says how they were answered.

use super::connection::{Gateway, stopping};
use super::post::{self, Target};
use crate::in_process::lock;
use crate::notices::{ANSWER_WITHIN_MS, Answer, Delivery};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// The gateway's clock may be moved by hand, so it is looked at this often even if nothing seems due.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

pub(super) async fn run(gateway: Arc<Gateway>) {
    let mut stop = gateway.stop.subscribe();
    let mut deliveries = JoinSet::new();
    loop {
        while deliveries.try_join_next().is_some() {}
        let (due, wait) = {
            let mut simulator = lock(&gateway.simulator);
            let due = simulator.due_notices();
            let now = simulator.now().millis();
            let wait = simulator
                .next_notice_ms()
                .map_or(LOOK_AGAIN.as_millis().try_into().unwrap_or(250), |next| next - now);
            (
                due,
                Duration::from_millis(u64::try_from(wait).unwrap_or(0))
                    .clamp(Duration::from_millis(1), LOOK_AGAIN),
            )
        };
        for delivery in due {
            let gateway = gateway.clone();
            deliveries.spawn(async move {
                let answer = deliver(&delivery).await;
                lock(&gateway.simulator).answer(delivery.id, answer);
            });
        }
        tokio::select! {
            () = stopping(&mut stop) => return,
            () = gateway.changed.notified() => {}
            () = sleep(wait) => {}
        }
    }
}

async fn deliver(delivery: &Delivery) -> Answer {
    let Some(target) = Target::parse(&delivery.url) else { return Answer::Undeliverable };
    let within = Duration::from_millis(u64::try_from(ANSWER_WITHIN_MS).unwrap_or(5_000));
    match post::post(&target, "POST", &[("Content-Type", "text/xml")], &delivery.body, within).await {
        None => Answer::Nothing,
        Some((200, body)) => match wxpay::xml::read(&body) {
            Ok(fields) if fields.text("return_code") == Some("SUCCESS") => Answer::Success,
            _ => Answer::Fail,
        },
        Some(_) => Answer::Fail,
    }
}
