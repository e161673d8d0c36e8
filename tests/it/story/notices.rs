//! Notices on their way: lost, late, twice, in any order, forged.

use super::stage::{Played, Stage, failed};
use domain::OutRefundNo;
use simulator::fault::{NoticeFault, NoticeFaultRule};
use simulator::{Answer, Delivery, Simulator};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// What is on its way, and what the shop could know of it.
#[derive(Default)]
pub(super) struct Post {
    /// Trouble that is planned for the next notice of a number.
    planned: BTreeMap<String, NoticeFault>,
    /// Trouble of a notice that is made.
    of_notice: BTreeMap<u64, NoticeFault>,
    /// How many notices there are.
    known: u64,
    /// Handed out and not yet arrived.
    pool: Vec<Delivery>,
    /// What was genuine and may be played again.
    genuine: Vec<Delivery>,
    /// Orders and refunds of which a signed notice gave another amount.
    disputed: BTreeSet<(bool, String)>,
}

impl Post {
    /// Learns which notices were made, and with what trouble.
    pub(super) fn collect(&mut self, world: &Mutex<Simulator>) {
        let world = world.lock().unwrap_or_else(PoisonError::into_inner);
        for record in world.notices().filter(|record| record.id >= self.known) {
            if let Some(fault) = self.planned.remove(&record.number) {
                self.of_notice.insert(record.id, fault);
            }
        }
        self.known = u64::try_from(world.notices().count()).unwrap_or(u64::MAX);
    }

    fn is_forged(&self, delivery: &Delivery) -> bool {
        matches!(self.of_notice.get(&delivery.id), Some(NoticeFault::BadSignature { attempts }) if delivery.attempt <= *attempts)
    }

    fn is_wrong(&self, delivery: &Delivery) -> bool {
        matches!(self.of_notice.get(&delivery.id), Some(NoticeFault::WrongAmount { attempts }) if delivery.attempt <= *attempts)
    }
}

impl Stage {
    /// Plans trouble for the notice that a number is about to have.
    pub(super) fn trouble_of_notice(&mut self, number: &str) {
        if !self.dice.percent(45) || self.post.planned.contains_key(number) {
            return;
        }
        let fault = match self.dice.from_to(0, 6) {
            0 => NoticeFault::Lost { attempts: 2 },
            1 => NoticeFault::Repeated { times: 2 },
            2 => NoticeFault::Late { ms: 600_000 },
            3 => NoticeFault::Reordered,
            4 | 5 => NoticeFault::BadSignature { attempts: 2 },
            _ => NoticeFault::WrongAmount { attempts: 1 },
        };
        self.say(format!("the notice of {number} will be {fault:?}"));
        self.troubles += 1;
        self.world().arm_notice(NoticeFaultRule::of(number, fault.clone()));
        self.post.planned.insert(number.to_owned(), fault);
    }

    /// What the gateway has due goes on its way; some of what is on its way arrives, in any order.
    pub(super) fn deliver_some(&mut self) -> Played {
        self.fetch_due();
        let mut arriving = std::mem::take(&mut self.post.pool);
        let mut rest = Vec::new();
        while !arriving.is_empty() {
            let last = u64::try_from(arriving.len() - 1).unwrap_or(0);
            let index = usize::try_from(self.dice.from_to(0, last)).unwrap_or(0);
            let delivery = arriving.swap_remove(index);
            match self.dice.from_to(0, 9) {
                0 => self.say(format!("the notice of {} gets lost", delivery.number)),
                1 | 2 => rest.push(delivery),
                3 => {
                    self.deliver(&delivery)?;
                    self.deliver(&delivery)?;
                }
                4 => self.deliver_forgery(&delivery)?,
                _ => self.deliver(&delivery)?,
            }
        }
        self.post.pool = rest;
        if self.dice.percent(30)
            && let Some(old) = self.dice.pick(&self.post.genuine).cloned()
        {
            self.say(format!("somebody plays an old notice of {} again", old.number));
            self.deliver(&old)?;
        }
        Ok(())
    }

    pub(super) fn deliver_all(&mut self) -> Played {
        self.fetch_due();
        for delivery in std::mem::take(&mut self.post.pool) {
            self.deliver(&delivery)?;
        }
        self.settle(false)
    }

    fn fetch_due(&mut self) {
        let world = std::sync::Arc::clone(&self.world);
        let due = world.lock().unwrap_or_else(PoisonError::into_inner).due_notices();
        self.post.collect(&world);
        self.post.pool.extend(due);
    }

    fn deliver(&mut self, delivery: &Delivery) -> Played {
        let (forged, wrong) = (self.post.is_forged(delivery), self.post.is_wrong(delivery));
        let number = &delivery.number;
        let before = self.snapshot()?.quiet();
        let taken = self.console()?.receive_notice(None, &delivery.body).map_err(failed)?;
        self.say(format!("a notice of {number} (attempt {}) is {}", delivery.attempt, taken.verdict));
        if taken.believed == forged {
            return Err(format!("a notice of {number}, forged: {forged}, was taken for {}", taken.verdict));
        }
        if forged && self.snapshot()?.quiet() != before {
            return Err(format!("a forged notice of {number} changed the ledger"));
        }
        if taken.believed {
            if wrong {
                self.post.disputed.insert((taken.is_refund, number.clone()));
            } else if !self.post.genuine.contains(delivery) {
                self.post.genuine.push(delivery.clone());
            }
            let now = self.snapshot()?;
            let known = match taken.is_refund {
                // What differs moves nothing; that it is shown is looked at below.
                _ if wrong => now.differs_only_in_doubt(&before, taken.is_refund, number),
                false => now.payments.get(number).is_some_and(|row| row.state >= domain::OrderState::Paid),
                true => now.refunds.contains_key(number),
            };
            if !known {
                return Err(format!("a good notice of {number} left no trace"));
            }
        }
        let answer = if taken.believed { Answer::Success } else { Answer::Fail };
        self.world().answer(delivery.id, answer);
        self.all_shown()
    }

    /// Somebody changes a notice on its way. The genuine one comes again later.
    fn deliver_forgery(&mut self, delivery: &Delivery) -> Played {
        let text = String::from_utf8_lossy(&delivery.body).into_owned();
        let forged = match self.dice.from_to(0, 2) {
            0 => text.replace("<total_fee>", "<total_fee>9"),
            1 => text.replace("<nonce_str>", "<nonce_str><![CDATA[x]]>"),
            _ => text.replace("<sign>", "<sign><![CDATA[0]]>").replace("<req_info>", "<req_info>AAAA"),
        };
        if forged == text || text.contains("req_info") && !forged.contains("<req_info>AAAA") {
            // Of a refund's notice only the secret part is protected.
            return self.deliver(delivery);
        }
        let before = self.snapshot()?.quiet();
        let taken = self.console()?.receive_notice(None, forged.as_bytes()).map_err(failed)?;
        self.say(format!("a changed notice of {} is {}", delivery.number, taken.verdict));
        if taken.believed || self.snapshot()?.quiet() != before {
            return Err(format!("a changed notice of {} was believed: {forged}", delivery.number));
        }
        self.world().answer(delivery.id, Answer::Fail);
        Ok(())
    }

    /// A signed notice that gave another amount is never silently forgotten: whoever looks sees it.
    pub(super) fn all_shown(&self) -> Played {
        let console = self.console()?;
        for (is_refund, number) in &self.post.disputed {
            let shown = if *is_refund {
                let order = self.model.order_of.get(number).ok_or("a refund of no order")?;
                let query = console::args::RefundQuery {
                    out_trade_no: Some(domain::OutTradeNo::parse(order).map_err(failed)?),
                    ..Default::default()
                };
                let number = OutRefundNo::parse(number).map_err(failed)?;
                let list = console.refunds(None, &query).map_err(failed)?.refunds;
                let view = list.iter().find(|view| view.out_refund_no == number.as_str());
                view.is_some_and(|view| view.disagreements.iter().any(|code| code == "amount"))
            } else {
                let number = domain::OutTradeNo::parse(number).map_err(failed)?;
                let view = console.payment(None, &number).map_err(failed)?;
                view.disagreements.iter().any(|found| found.code == "total")
            };
            if !shown {
                return Err(format!("the notice of {number} gave another amount, and nobody can see it"));
            }
        }
        Ok(())
    }
}
