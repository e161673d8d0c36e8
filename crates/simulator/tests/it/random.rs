//! Random calls: what must hold whatever happens.

use crate::bench::*;
use proptest::prelude::*;
use simulator::fault::{Fault, FaultRule, NoticeFault, NoticeFaultRule};
use simulator::{
    API_KEY, Answer as Notified, CodeKind, Coupon, MCH_ID, Outcome, PayWith, RefundStatus, Simulator,
    TradeState,
};
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
    Order(u8),
    Scan(u8, CodeKind),
    Pay(u8, u8),
    Mistype(u8),
    Cancel(u8),
    Expire(u8),
    Close(u8),
    Reverse(u8),
    Refund(u8, u8, i64),
    Result(u8, u8, RefundStatus),
    Query(u8),
    RefundQuery(u8, u8),
    Advance(i64),
    Notices(bool),
    Trouble(u8),
    Reload,
}

fn step() -> impl Strategy<Value = Step> {
    let number = || 0_u8..3;
    prop_oneof![
        number().prop_map(Step::Order),
        (number(), prop::sample::select(vec![CodeKind::Fresh, CodeKind::NeedsPassword, CodeKind::Poor]))
            .prop_map(|(n, kind)| Step::Scan(n, kind)),
        (number(), 0_u8..3).prop_map(|(n, coupons)| Step::Pay(n, coupons)),
        number().prop_map(Step::Mistype),
        number().prop_map(Step::Cancel),
        number().prop_map(Step::Expire),
        number().prop_map(Step::Close),
        number().prop_map(Step::Reverse),
        (number(), 0_u8..4, 1_i64..900).prop_map(|(n, r, fee)| Step::Refund(n, r, fee)),
        (
            number(),
            0_u8..4,
            prop::sample::select(vec![
                RefundStatus::Success,
                RefundStatus::Change,
                RefundStatus::RefundClose
            ])
        )
            .prop_map(|(n, r, status)| Step::Result(n, r, status)),
        number().prop_map(Step::Query),
        (number(), 0_u8..4).prop_map(|(n, r)| Step::RefundQuery(n, r)),
        prop::sample::select(vec![0, 1_000, 20_000, 3_600_000, 86_400_000]).prop_map(Step::Advance),
        any::<bool>().prop_map(Step::Notices),
        (0_u8..6).prop_map(Step::Trouble),
        Just(Step::Reload),
    ]
}

/// Does a step; what came back as text, to be compared between two runs.
fn take(gateway: &mut Simulator, step: &Step) -> String {
    let request = |gateway: &mut Simulator, path: &str, usual: &Pairs<'_>, changed: &Pairs<'_>| {
        let body = signed(fields(usual, changed), API_KEY);
        let outcome = gateway.handle(&call(path, &body));
        if let Outcome::Reply { status: 200, body, .. } = &outcome
            && let Ok(fields) = wxpay::xml::read(body)
            && let (Some(total), Some(cash)) = (fields.text("total_fee"), fields.text("cash_fee"))
        {
            let number = |text: &str| text.parse::<i64>().unwrap();
            let coupons = fields.text("coupon_fee").map_or(0, number);
            if fields.text("trade_state").is_some() {
                assert!(number(total) == number(cash) + coupons || number(total) > 888, "{body:?}");
            }
        }
        format!("{outcome:?}")
    };
    let order = |n: &u8| format!("ORDER000{n}");
    let refund = |n: &u8, r: &u8| format!("R{n}{r}");
    match step {
        Step::Order(n) => request(gateway, "/pay/unifiedorder", NATIVE, &[("out_trade_no", &order(n))]),
        Step::Scan(n, kind) => {
            let code = gateway.auth_code(*kind);
            request(gateway, "/pay/micropay", SCAN, &[("out_trade_no", &order(n)), ("auth_code", &code)])
        }
        Step::Pay(n, coupons) => {
            let coupon =
                |index| Coupon { id: format!("{index}"), cash: index % 2 == 0, fee: 37 + i64::from(index) };
            let with = PayWith { coupons: (0..*coupons).map(coupon).collect(), bank: None };
            format!("{:?}", gateway.pay(&order(n), with))
        }
        Step::Mistype(n) => format!("{:?}", gateway.mistype(&order(n))),
        Step::Cancel(n) => format!("{:?}", gateway.cancel(&order(n))),
        Step::Expire(n) => format!("{:?}", gateway.let_expire(&order(n))),
        Step::Close(n) => request(gateway, "/pay/closeorder", &[], &[("out_trade_no", &order(n))]),
        Step::Reverse(n) => request(gateway, "/secapi/pay/reverse", &[], &[("out_trade_no", &order(n))]),
        Step::Refund(n, r, fee) => {
            let (order, refund, fee) = (order(n), refund(n, r), fee.to_string());
            let changed = [("out_trade_no", &*order), ("out_refund_no", &*refund), ("refund_fee", &*fee)];
            request(gateway, "/secapi/pay/refund", REFUND, &changed)
        }
        Step::Result(n, r, status) => format!("{:?}", gateway.refund_result(&refund(n, r), *status)),
        Step::Query(n) => request(gateway, "/pay/orderquery", &[], &[("out_trade_no", &order(n))]),
        Step::RefundQuery(n, r) => {
            request(gateway, "/pay/refundquery", &[], &[("out_refund_no", &refund(n, r))])
        }
        Step::Advance(ms) => {
            gateway.advance(*ms);
            String::new()
        }
        Step::Notices(success) => {
            let due = gateway.due_notices();
            for delivery in &due {
                gateway.answer(delivery.id, if *success { Notified::Success } else { Notified::Fail });
            }
            format!("{due:?}")
        }
        Step::Trouble(which) => {
            let fault = match which {
                0 => Fault::TimeoutBefore,
                1 => Fault::TimeoutAfter,
                2 => Fault::SystemErrorAfter,
                3 => Fault::WrongAmount,
                4 => Fault::Garbage,
                _ => {
                    gateway.arm_notice(NoticeFaultRule::next(NoticeFault::Reordered));
                    return String::new();
                }
            };
            gateway.arm(FaultRule::next(fault));
            String::new()
        }
        Step::Reload => {
            *gateway = Simulator::load(&gateway.save().unwrap()).unwrap();
            String::new()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn money_adds_up_and_states_never_go_back(steps in prop::collection::vec(step(), 1..60)) {
        let mut gateway = gateway();
        let mut states: BTreeMap<String, TradeState> = BTreeMap::new();
        let mut kept = 0;
        for step in &steps {
            take(&mut gateway, step);
            for n in 0..3 {
                let number = format!("ORDER000{n}");
                if let Ok(state) = gateway.order_state(&number) {
                    let before = states.insert(number, state).unwrap_or(state);
                    prop_assert!(state >= before, "{before:?} became {state:?} by {step:?}");
                }
            }
            let totals = gateway.totals(MCH_ID);
            prop_assert!(totals.refunded_fen + totals.revoked_fen <= totals.paid_fen, "{step:?}: {totals:?}");
            prop_assert!(gateway.merchant(MCH_ID).unwrap().unsettled_fen >= 0, "{step:?}");
            prop_assert!(gateway.effects().len() >= kept, "effects are never forgotten");
            kept = gateway.effects().len();
        }
    }

    #[test]
    fn the_same_seed_and_calls_give_the_same_bytes(steps in prop::collection::vec(step(), 1..40)) {
        let (mut one, mut two) = (gateway(), gateway());
        for step in &steps {
            let left = take(&mut one, step);
            // Saving and loading on one side only must change nothing either.
            let right = if matches!(step, Step::Reload) { String::new() } else { take(&mut two, step) };
            prop_assert_eq!(left, right);
        }
        prop_assert_eq!(one.save().unwrap(), two.save().unwrap());
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200), path in "/[a-z/]{0,30}") {
        let mut gateway = gateway();
        for path in [path.as_str(), "/pay/unifiedorder", "/secapi/pay/refund", "/sandboxnew/pay/getsignkey"] {
            gateway.handle(&call(path, &bytes));
        }
        prop_assert_eq!(gateway.effects().len(), 0);
        prop_assert!(Simulator::load(&bytes).is_err());
    }

    #[test]
    fn signed_values_of_any_kind_are_answered(
        values in prop::collection::vec((prop::sample::select(vec![
            "out_trade_no", "total_fee", "refund_fee", "out_refund_no", "transaction_id", "offset", "auth_code",
            "time_expire", "scene_info", "trade_type", "attach", "notify_url", "body",
        ]), "[^\\x00-\\x08\\x0b-\\x1f\u{fffe}\u{ffff}]{0,40}"), 0..6),
    ) {
        let mut gateway = gateway();
        order(&mut gateway, &[]);
        gateway.pay("ORDER0001", PayWith::default()).unwrap();
        let mut changed: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        changed.sort_unstable();
        changed.dedup_by_key(|(name, _)| *name);
        for (path, usual) in [
            ("/pay/unifiedorder", NATIVE), ("/pay/micropay", SCAN), ("/pay/orderquery", &[]), ("/pay/closeorder", &[]),
            ("/secapi/pay/reverse", &[]), ("/secapi/pay/refund", REFUND), ("/pay/refundquery", &[]),
        ] {
            // Whatever it says, it says it in XML whose signature holds.
            send(&mut gateway, path, fields(usual, &changed));
        }
    }
}
