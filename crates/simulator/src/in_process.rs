use crate::gate::{Call, Certificate, Outcome};
use crate::merchant::CertId;
use crate::simulator::Simulator;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use wxpay::transport::{MaybeSent, NotSent, Reply, Request, Response, Transport, TransportError};

/// A simulator that several share.
pub type Shared = Arc<Mutex<Simulator>>;

/// Locks it. A thread that panicked inside leaves it as it was; tests want to see what that is.
pub(crate) fn lock(shared: &Shared) -> MutexGuard<'_, Simulator> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The simulator as a transport, without a socket: the client cannot tell it from WeChat Pay.
///
/// It never waits. A reply that would come after the request's `read_timeout` is a read timeout at once, and the
/// gateway's clock does not move.
#[derive(Clone, Debug)]
pub struct InProcess {
    simulator: Shared,
    certificate: Option<CertId>,
}

impl InProcess {
    /// A client of this gateway. `certificate` is what it would show where one is demanded; `None` has none, and
    /// such requests are not sent, as over HTTPS.
    #[must_use]
    pub const fn new(simulator: Shared, certificate: Option<CertId>) -> Self {
        Self { simulator, certificate }
    }

    /// The gateway, to act as the customer or to look at its effects.
    #[must_use]
    pub const fn simulator(&self) -> &Shared {
        &self.simulator
    }

    fn exchange(&self, request: &Request) -> Result<Response, TransportError> {
        let mut simulator = lock(&self.simulator);
        if simulator.world.down.contains(&request.host) {
            let host = request.host.clone();
            return Err(TransportError::NotSent(NotSent::Connect { host }));
        }
        let certificate = match (&self.certificate, request.certificate) {
            (None, true) => return Err(TransportError::NotSent(NotSent::NoCertificate)),
            (Some(own), true) => Certificate::Shown(own.clone()),
            (_, false) => Certificate::Absent,
        };
        let body = request.body.expose();
        let call = Call { method: "POST", path: request.path, body, certificate, negative_test: None };
        let outcome = simulator.handle(&call);
        let date_secs = Some(simulator.now().secs());
        let timeout = Err(TransportError::MaybeSent(MaybeSent::ReadTimeout));
        match outcome {
            Outcome::Reply { status, body, delay, per_byte } => {
                let bytes = u32::try_from(body.len()).unwrap_or(u32::MAX);
                let took = delay.saturating_add(per_byte.checked_mul(bytes).unwrap_or(Duration::MAX));
                if took >= request.read_timeout && !took.is_zero() {
                    return timeout;
                }
                Ok(Response { status, date_secs, body })
            }
            Outcome::Silence => timeout,
            Outcome::Reset | Outcome::ResetAfter(_) => Err(TransportError::MaybeSent(MaybeSent::Lost)),
        }
    }
}

impl Transport for InProcess {
    fn send<'a>(&'a self, request: &'a Request) -> Reply<'a> {
        Box::pin(std::future::ready(self.exchange(request)))
    }
}
