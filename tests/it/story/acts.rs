//! What the shop, its customers and time do.

use super::stage::{Asked, Played, Stage, failed};
use console::args::{NewMicropay, NewOrder, NewRefund, OrderRef, RefundRef, Way};
use console::{Code, ConsoleError};
use domain::{AuthCode, Fen, OpenId, OperationKind, OutRefundNo, OutTradeNo};
use simulator::{CodeKind, Coupon, MCH_ID, PayWith, RefundStatus};
use std::sync::{Arc, PoisonError};

fn words<T>(result: &Result<T, ConsoleError>) -> String {
    result.as_ref().err().map_or_else(|| "done".to_owned(), |error| error.code.to_string())
}

impl Stage {
    /// Something happens. Says whether the gateway may have been asked anything.
    pub(super) async fn act(&mut self) -> Result<bool, String> {
        if self.orders.is_empty() {
            self.order().await?;
            return Ok(true);
        }
        match self.dice.from_to(0, 99) {
            0..=11 => self.order().await?,
            12..=14 => self.order_again().await?,
            15..=16 => self.order_changed().await?,
            17..=20 => {
                self.trouble();
                self.trouble();
                return Ok(false);
            }
            21..=33 => return self.pay().map(|()| false),
            34..=36 => return self.fail_to_pay().map(|()| false),
            37..=46 => return self.deliver_some().map(|()| false),
            47..=52 => self.query().await?,
            53..=56 => self.query_refunds().await?,
            57..=60 => self.close().await?,
            61..=65 => self.micropay().await?,
            66..=67 => self.reverse().await?,
            68..=75 => self.refund().await?,
            76..=78 => self.refund_too_much().await?,
            79..=81 => self.refund_again().await?,
            82..=85 => return self.refund_result().map(|()| false),
            86..=87 => {
                let ms = self.dice.from_to(1, 3 * 3_600) * 1000;
                self.say(format!("{} seconds pass", ms / 1000));
                self.clock.pass(i64::try_from(ms).unwrap_or(0));
                return Ok(false);
            }
            88..=89 => {
                self.say("the console ends and starts again".into());
                return self.reopen().map(|()| false);
            }
            90..=92 => {
                self.say("the console resolves".into());
                self.console()?.resolve(None).await.map_err(failed)?;
            }
            93..=96 => {
                self.trouble();
                return Ok(false);
            }
            97 => {
                self.line();
                return Ok(false);
            }
            98 => {
                // Taking in hand is a change of its own: what was not sent is intended again.
                self.take_in_hand()?;
            }
            _ => {
                self.poor = !self.poor;
                let fen = if self.poor { 10_000_000 } else { -10_000_000 };
                self.say(format!("the merchant's balance changes by {} fen", -fen));
                if let Some(merchant) = self.world().merchant_mut(MCH_ID) {
                    merchant.unsettled_fen -= fen;
                }
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn new_order(&mut self, number: &OutTradeNo) -> NewOrder {
        let openid = OpenId::parse("oSimulatedPayer0000000000001").ok();
        let way = match self.dice.from_to(0, 3) {
            0 => Way::Native { product_id: None },
            1 => Way::Jsapi { openid, sub_openid: None },
            2 => Way::App,
            _ => Way::H5 { wap_url: "https://shop.example".into(), wap_name: "面包店".into() },
        };
        let attach = ["桌号 7 🍞", "a=1&b=2", "<b>&amp;</b>"];
        NewOrder {
            way,
            total: self.dice.fen(1, 300_000),
            currency: "CNY".into(),
            body: "面包与牛奶 🥛".into(),
            attach: self
                .dice
                .pick(&attach)
                .filter(|_| number.as_str().ends_with('3'))
                .map(|a| (*a).to_owned()),
            out_trade_no: Some(number.clone()),
            expires_in_secs: self.dice.percent(30).then_some(600),
            detail: None,
            scene_info: None,
            goods_tag: None,
            no_credit: self.dice.percent(10),
            device_info: None,
            spbill_create_ip: None,
            notify_url: None,
        }
    }

    async fn order(&mut self) -> Played {
        let number = OutTradeNo::for_new_order(&self.number('O')).map_err(failed)?;
        let order = self.new_order(&number);
        let calm = self.is_calm()?;
        self.model.asks(number.as_str(), order.total.get(), false);
        self.orders.push(Asked { number: number.clone(), order: Some(order.clone()) });
        let (fen, way) = (order.total, format!("{:?}", order.way));
        let result = self.console()?.create_order(None, order).await;
        let way = way.split([' ', '{']).next().unwrap_or_default().to_lowercase();
        self.say(format!("order {number}, {fen}, {way}: {}", words(&result)));
        self.judge((OperationKind::UnifiedOrder, number.as_str()), &result, calm)?;
        let made = self.model.deals.get(number.as_str()).is_some_and(|deal| deal.made);
        if calm && !(made && result.is_ok()) {
            return Err(format!("in calm, order {number} was not made: {}", words(&result)));
        }
        Ok(())
    }

    async fn order_again(&mut self) -> Played {
        let Some(Asked { number, order: Some(order) }) = self.some_order() else { return Ok(()) };
        let calm = self.is_calm()?;
        let result = self.console()?.create_order(None, order).await;
        self.say(format!("order {number} again: {}", words(&result)));
        self.judge((OperationKind::UnifiedOrder, number.as_str()), &result, calm)
    }

    async fn order_changed(&mut self) -> Played {
        let Some(Asked { number, order: Some(mut order) }) = self.some_order() else { return Ok(()) };
        if self.dice.percent(50) {
            order.total = Fen::new(order.total.get() + 1);
        } else {
            order.body.push('!');
        }
        let result = self.console()?.create_order(None, order).await;
        self.say(format!("order {number} with other content: {}", words(&result)));
        match result {
            Err(error) if error.code == Code::NumberUsed => Ok(()),
            other => Err(format!("number {number} with other content: {}", words(&other))),
        }
    }

    fn pay(&mut self) -> Played {
        let Some(Asked { number, .. }) = self.some_order() else { return Ok(()) };
        let number = number.as_str();
        let total = self.model.deals.get(number).map_or(0, |deal| deal.asked);
        let coupon = Coupon { id: "10001".into(), cash: self.dice.percent(50), fee: total / 3 };
        let coupons = if self.dice.percent(20) && coupon.fee > 0 { vec![coupon] } else { Vec::new() };
        let bank = self.dice.percent(20).then(|| "CMB_CREDIT".to_owned());
        let open = self.world().order_state(number).is_ok_and(|state| !state.was_paid());
        if open {
            self.trouble_of_notice(number);
        }
        let paid = self.world().pay(number, PayWith { coupons, bank }).map_err(failed);
        let result = paid.as_ref().map_or_else(String::as_str, |_| "done");
        self.say(format!("the customer pays {number}: {result}"));
        Ok(())
    }

    fn fail_to_pay(&mut self) -> Played {
        let Some(Asked { number, .. }) = self.some_order() else { return Ok(()) };
        let number = number.as_str();
        let (what, result) = match self.dice.from_to(0, 2) {
            0 => ("mistypes at", self.world().mistype(number)),
            1 => ("turns back from", self.world().cancel(number)),
            _ => ("lets expire", self.world().let_expire(number)),
        };
        let result = result.err().map_or_else(|| "done".to_owned(), |error| error.to_string());
        self.say(format!("the customer {what} {number}: {result}"));
        Ok(())
    }

    async fn query(&mut self) -> Played {
        let Some(Asked { number, .. }) = self.some_order() else { return Ok(()) };
        let calm = self.is_calm()?;
        let result = self.console()?.query_order(None, OrderRef::OutTradeNo(number.clone())).await;
        self.say(format!("query {number}: {}", words(&result)));
        self.world().advance(0);
        self.look()?;
        let deal = self.model.deals.get(number.as_str()).cloned().unwrap_or_default();
        match result {
            Ok(view) if calm && !deal.state().contains(&view.state.as_str()) => {
                Err(format!("a query of {number} says {}, in truth {deal:?}", view.state))
            }
            Ok(_) => Ok(()),
            Err(error) if error.code == Code::AnsweredNo && (!deal.made || !calm) => Ok(()),
            Err(error) if matches!(error.code, Code::NoAnswer | Code::NotSent) && !calm => Ok(()),
            Err(error) => Err(format!("a query of {number}, calm {calm}: {error}")),
        }
    }

    async fn query_refunds(&mut self) -> Played {
        let Some(Asked { number, .. }) = self.some_order() else { return Ok(()) };
        let calm = self.is_calm()?;
        let deal = self.model.deals.get(number.as_str()).cloned().unwrap_or_default();
        let one = deal.backs.iter().find(|(_, back)| back.accepted).map(|(number, _)| number.clone());
        let which = match one {
            Some(back) if self.dice.percent(50) => {
                RefundRef::OutRefundNo(OutRefundNo::parse(&back).map_err(failed)?)
            }
            _ => RefundRef::OutTradeNo(number.clone()),
        };
        let result = self.console()?.query_refund(None, which).await;
        self.say(format!("query the refunds of {number}: {}", words(&result)));
        let none = !deal.backs.values().any(|back| back.accepted);
        match result {
            Ok(_) => Ok(()),
            Err(error) if error.code == Code::AnsweredNo && (none || !calm) => Ok(()),
            Err(error) if matches!(error.code, Code::NoAnswer | Code::NotSent) && !calm => Ok(()),
            Err(error) => Err(format!("a query of the refunds of {number}, calm {calm}: {error}")),
        }
    }

    async fn close(&mut self) -> Played {
        let Some(Asked { number, order: Some(_) }) = self.some_order() else { return Ok(()) };
        let calm = self.is_calm()?;
        let result = self.console()?.close_order(None, &number).await;
        self.say(format!("close {number}: {}", words(&result)));
        self.judge((OperationKind::CloseOrder, number.as_str()), &result, calm)
    }

    async fn micropay(&mut self) -> Played {
        let number = OutTradeNo::for_new_order(&self.number('M')).map_err(failed)?;
        let kinds = [
            CodeKind::Fresh,
            CodeKind::Fresh,
            CodeKind::NeedsPassword,
            CodeKind::NeedsPassword,
            CodeKind::Poor,
            CodeKind::Expired,
        ];
        let kind = self.dice.pick(&kinds).copied().unwrap_or(CodeKind::Fresh);
        let total = self.dice.fen(1, 120_000);
        let code = self.world().auth_code(kind);
        let calm = self.is_calm()?;
        self.model.asks(number.as_str(), total.get(), true);
        self.orders.push(Asked { number: number.clone(), order: None });
        let (act, after) = (self.dice.from_to(0, 3), self.dice.from_to(0, 4));
        let (world, waited, told) = (Arc::clone(&self.world), &mut 0, number.to_string());
        let mut progress = |_: &str| {
            *waited += 1;
            if *waited == after {
                let mut world = world.lock().unwrap_or_else(PoisonError::into_inner);
                // It may be too late for it; then nothing happens.
                let _ = match act {
                    0 | 1 => world.pay(&told, PayWith::default()).map(drop),
                    2 => world.mistype(&told),
                    _ => Ok(()),
                };
            }
        };
        let new = NewMicropay {
            auth_code: AuthCode::parse(&code).map_err(failed)?,
            total,
            body: "咖啡 ☕".into(),
            attach: None,
            out_trade_no: Some(number.clone()),
            spbill_create_ip: None,
        };
        let result = self.console()?.micropay(None, new, &mut progress).await;
        let state = result.as_ref().map(|view| view.state.clone());
        self.say(format!("scan {number}, {total}, {kind:?}: {state:?}"));
        self.look()?;
        let deal = self.model.deals.get(number.as_str()).cloned().unwrap_or_default();
        match state.as_deref() {
            Ok("paid") if deal.paid && !deal.revoked => {
                self.judge((OperationKind::Micropay, number.as_str()), &result, calm)
            }
            Ok(state) => Err(format!("{number} is said to be {state}, in truth {deal:?}")),
            Err(error) if error.code == Code::OutcomeUnknown && !calm => Ok(()),
            Err(_) => self.judge((OperationKind::Micropay, number.as_str()), &result, calm),
        }
    }

    async fn reverse(&mut self) -> Played {
        let Some(Asked { number, order: None }) = self.some_order() else { return Ok(()) };
        let calm = self.is_calm()?;
        let result = self.console()?.reverse(None, &number).await;
        self.say(format!("reverse {number}: {}", words(&result)));
        self.judge((OperationKind::Reverse, number.as_str()), &result, calm)
    }

    /// An order that the ledger knows as paid, with what can be refunded of it by the ledger and in truth.
    fn some_paid(&mut self) -> Result<Option<(OutTradeNo, i64, i64)>, String> {
        let paid: Vec<_> = self
            .last
            .payments
            .values()
            .filter(|row| row.state.was_paid())
            .map(|row| row.out_trade_no.clone())
            .collect();
        let Some(number) = self.dice.pick(&paid).cloned() else { return Ok(None) };
        let view = self.console()?.payment(None, &number).map_err(failed)?;
        let deal = self.model.deals.get(number.as_str()).cloned().unwrap_or_default();
        let (left, truly) = (view.refundable_fen, deal.left());
        if left > truly && !deal.revoked {
            return Err(format!("{number}: {left} fen are said to be refundable, in truth {truly}"));
        }
        Ok(Some((number, left, truly)))
    }

    fn new_refund(&self, order: &OutTradeNo, number: &str, fen: i64) -> Result<NewRefund, String> {
        Ok(NewRefund {
            out_trade_no: order.clone(),
            refund: Fen::new(fen),
            out_refund_no: Some(OutRefundNo::parse(number).map_err(failed)?),
            reason: Some("不想要了 🙈".into()),
            notify_url: None,
        })
    }

    async fn refund(&mut self) -> Played {
        let Some((order, left, truly)) = self.some_paid()? else { return Ok(()) };
        let fen = if self.dice.percent(30) { left } else { self.dice.fen(1, left.max(1)).get() };
        if fen == 0 || left == 0 {
            return Ok(());
        }
        let number = self.number('R');
        let calm = self.is_calm()?;
        self.model.asks_back(order.as_str(), &number, fen);
        let result = self.console()?.create_refund(None, self.new_refund(&order, &number, fen)?).await;
        self.say(format!("refund {number} of {fen} fen of {order}: {}", words(&result)));
        self.look()?;
        // What is left may have changed while old questions were answered first.
        if let Err(error) = &result
            && matches!(error.code, Code::RefundTooMuch | Code::NotPaid)
            && self
                .ledger()?
                .operation_by_number(console::BUILT_IN, OperationKind::Refund, &number)
                .map_err(failed)?
                .is_none()
        {
            return if truly >= fen && calm {
                Err(format!("{number} was kept from being sent: {error}"))
            } else {
                Ok(())
            };
        }
        self.judge((OperationKind::Refund, &number), &result, calm)?;
        if calm && !self.poor && truly >= fen && result.is_err() {
            return Err(format!("in calm, refund {number} of {fen} fen was not made: {}", words(&result)));
        }
        Ok(())
    }

    async fn refund_too_much(&mut self) -> Played {
        let Some(Asked { number: order, .. }) = self.some_order() else { return Ok(()) };
        let deal = self.model.deals.get(order.as_str()).cloned().unwrap_or_default();
        let number = self.number('X');
        let fen = deal.left() + 1 + self.dice.fen(0, 50).get();
        self.model.asks_back(order.as_str(), &number, fen);
        let result = self.console()?.create_refund(None, self.new_refund(&order, &number, fen)?).await;
        self.say(format!("refund {number} of {fen} fen, too much for {order}: {}", words(&result)));
        let intent = self
            .ledger()?
            .operation_by_number(console::BUILT_IN, OperationKind::Refund, &number)
            .map_err(failed)?;
        // A reversal that nobody knows the outcome of is the one case that only the gateway can refuse.
        match result {
            Err(error) if matches!(error.code, Code::RefundTooMuch | Code::NotPaid) && intent.is_none() => {
                Ok(())
            }
            Err(_) if deal.revoked => Ok(()),
            other => Err(format!("a refund of too much came out as {}, intent {intent:?}", words(&other))),
        }
    }

    async fn refund_again(&mut self) -> Played {
        let known: Vec<_> = self
            .last
            .operations
            .values()
            .filter(|row| row.kind == OperationKind::Refund)
            .map(|row| (row.out_trade_no.clone(), row.number().to_owned(), row.amount.get()))
            .collect();
        let Some((order, number, fen)) = self.dice.pick(&known).cloned() else { return Ok(()) };
        let calm = self.is_calm()?;
        let changed = self.dice.percent(40);
        let fen = if changed { if fen > 1 { fen - 1 } else { fen + 1 } } else { fen };
        let result = self.console()?.create_refund(None, self.new_refund(&order, &number, fen)?).await;
        self.say(format!("refund {number} again, {fen} fen, changed {changed}: {}", words(&result)));
        match &result {
            Err(error) if changed && matches!(error.code, Code::NumberUsed | Code::RefundTooMuch) => Ok(()),
            _ if changed => Err(format!("{number} with another amount came out as {}", words(&result))),
            // It was never sent, and meanwhile another refund took the money.
            Err(error) if matches!(error.code, Code::RefundTooMuch | Code::NotPaid) => Ok(()),
            _ => self.judge((OperationKind::Refund, &number), &result, calm),
        }
    }

    fn refund_result(&mut self) -> Played {
        let open: Vec<_> = self
            .model
            .deals
            .values()
            .flat_map(|deal| &deal.backs)
            .filter(|(_, back)| back.accepted)
            .map(|(number, _)| number.clone())
            .collect();
        let Some(number) = self.dice.pick(&open).cloned() else { return Ok(()) };
        let (result, end) = match self.dice.from_to(0, 3) {
            0 => (RefundStatus::Change, super::model::End::Abnormal),
            1 => (RefundStatus::RefundClose, super::model::End::Closed),
            _ => (RefundStatus::Success, super::model::End::Done),
        };
        self.trouble_of_notice(&number);
        // Told before: only if the gateway takes it does the model look at it.
        let was = self.model.sentence.insert(number.clone(), end);
        let done = self.world().refund_result(&number, result);
        if done.is_err() {
            match was {
                Some(was) => self.model.sentence.insert(number.clone(), was),
                None => self.model.sentence.remove(&number),
            };
        }
        let done = done.err().map_or_else(|| "done".to_owned(), |error| error.to_string());
        self.say(format!("refund {number} ends as {}: {done}", result.as_str()));
        Ok(())
    }
}
