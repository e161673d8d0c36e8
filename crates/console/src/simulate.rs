//! The simulated customer, time and trouble; and a simulator served on the loopback.

use crate::args::{Act, FailHow, Serving, SimulatorTarget};
use crate::console::Console;
use crate::error::{Code, ConsoleError, Result};
use crate::place::failed;
use crate::words::Words;
use domain::RefundState;
use serde_json::{Value, json};
use simulator::fault::{FaultRule, NoticeFaultRule};
use simulator::serve::{ServeOptions, control, serve};
use simulator::{CodeKind, Control, Coupon, Failure, RefundStatus};
use std::sync::Arc;

fn refused(why: impl Into<Words>) -> ConsoleError {
    ConsoleError::new(Code::SimulatorRefused).saying("detail", why)
}

impl Console {
    /// Lets a simulated customer, time or trouble act. In the built-in world the notices that fall due are
    /// taken at once, as a shop's server would, and are listed in the answer.
    ///
    /// # Errors
    /// `simulator_refused` with its reason.
    pub async fn simulate(&self, target: &SimulatorTarget, act: Act) -> Result<Value> {
        let command = command(&act)?;
        let mut answer = match target {
            SimulatorTarget::Running { control_url, token } => {
                control(control_url, token.expose(), &command).await.map_err(|error| refused(&error))?
            }
            SimulatorTarget::BuiltIn => {
                self.in_world(|world| world.control(command))?.map_err(|error| refused(&error))?
            }
        };
        let Some(object) = answer.as_object_mut() else { return Ok(answer) };
        object.insert("simulated".into(), true.into());
        if let SimulatorTarget::BuiltIn = target {
            let taken = self.take_simulated_notices()?;
            let notices = taken.iter().map(|taken| {
                json!({
                    "kind": if taken.is_refund { "refund_notice" } else { "payment_notice" },
                    "number": taken.number,
                    "verdict": taken.verdict,
                    "seen_before": taken.before.map(crate::view::moment),
                    "recorded": taken.believed,
                })
            });
            object.insert("notices".into(), notices.collect());
        }
        Ok(answer)
    }

    /// Serves a simulator on the loopback until `stop` is done. `ready` gets the one line of JSON that tells a
    /// client how to reach it.
    ///
    /// # Errors
    /// `simulator_refused` if the port is taken.
    pub async fn serve_simulator(
        &self,
        serving: Serving,
        ready: &mut (dyn FnMut(&Value) + Send),
        stop: impl Future<Output = ()> + Send,
    ) -> Result<()> {
        let dir = self.place.root().join("simulated").join(format!("serve-{}", std::process::id()));
        std::fs::create_dir_all(&dir).map_err(|error| failed(&dir, &error))?;
        let mut options = ServeOptions::new(Arc::clone(&self.clock), Arc::clone(&self.entropy), dir.clone());
        (options.port, options.seed, options.tls) = (serving.port, serving.seed, serving.tls);
        let server = serve(options).await.map_err(|error| refused(&error))?;
        ready(&serde_json::to_value(server.served()).map_err(|error| refused(&error))?);
        // Told from here, or by `stop` on its control port.
        tokio::select! {
            () = stop => {}
            () = server.stopped() => {}
        }
        server.stop().await;
        // The keys in it are worth nothing; it goes because it is litter.
        let _ = std::fs::remove_dir_all(&dir);
        Ok(())
    }
}

fn coupons(cash: Option<domain::Fen>, no_cash: Option<domain::Fen>) -> Vec<Coupon> {
    let one = |id: &str, cash, fee: Option<domain::Fen>| {
        fee.map(|fee| Coupon { id: id.into(), cash, fee: fee.get() })
    };
    [one("10000", true, cash), one("10001", false, no_cash)].into_iter().flatten().collect()
}

fn code_kind(kind: &str) -> Result<CodeKind> {
    let word = if kind == "password" { "needs_password" } else { kind };
    serde_json::from_value(Value::from(word))
        .map_err(|_| refused(Words::new("detail.simulator.no_such_code").with("kind", kind)))
}

/// A plan of trouble. Some kinds are there for requests and for notices: `"on"` tells which is meant, and where it
/// is not said, what only one of the two has.
fn fault(plan: &str) -> Result<Control> {
    let mut plan: Value = serde_json::from_str(plan).map_err(|error| refused(&error))?;
    let on = plan.as_object_mut().and_then(|object| object.remove("on"));
    let kind = plan["fault"]["kind"].as_str().unwrap_or_default();
    let of_notice = match on.as_ref().map(Value::as_str) {
        Some(Some("notice")) => true,
        Some(Some("request")) => false,
        Some(_) => return Err(refused(Words::new("detail.simulator.fault_on"))),
        None => {
            !plan["fault"]["attempts"].is_null() || matches!(kind, "lost" | "repeated" | "late" | "reordered")
        }
    };
    if plan["times"] == 0 {
        return Err(refused(Words::new("detail.simulator.fault_times")));
    }
    if of_notice {
        // Where it is not said how often, every attempt at the notice.
        if matches!(kind, "lost" | "bad_signature" | "wrong_amount") && plan["fault"]["attempts"].is_null() {
            plan["fault"]["attempts"] = u32::MAX.into();
        }
        return Ok(Control::NoticeFault(
            serde_json::from_value::<NoticeFaultRule>(plan).map_err(|error| refused(&error))?,
        ));
    }
    Ok(Control::Fault(serde_json::from_value::<FaultRule>(plan).map_err(|error| refused(&error))?))
}

/// An act as the simulator's own command.
fn command(act: &Act) -> Result<Control> {
    Ok(match act {
        Act::Pay { out_trade_no, cash_coupon, no_cash_coupon } => Control::Pay {
            out_trade_no: out_trade_no.to_string(),
            coupons: coupons(*cash_coupon, *no_cash_coupon),
            bank: None,
        },
        Act::Fail { out_trade_no, how } => Control::Fail {
            out_trade_no: out_trade_no.to_string(),
            how: match how {
                FailHow::Mistype => Failure::Mistype,
                FailHow::Cancel => Failure::Cancel,
                FailHow::Expire => Failure::Expire,
            },
        },
        Act::RefundResult { out_refund_no, result } => Control::RefundResult {
            out_refund_no: out_refund_no.to_string(),
            result: match result {
                RefundState::Success => RefundStatus::Success,
                RefundState::Abnormal => RefundStatus::Change,
                RefundState::Closed => RefundStatus::RefundClose,
                RefundState::Processing => return Err(refused(Words::new("detail.simulator.no_result"))),
            },
        },
        Act::Advance { ms } => Control::Advance { ms: *ms },
        Act::Fault { plan } => fault(plan)?,
        Act::AuthCode { kind } => Control::AuthCode { kind: code_kind(kind)? },
    })
}
