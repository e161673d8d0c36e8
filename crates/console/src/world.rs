//! The built-in simulated WeChat Pay, kept in a file so that every command and the window see the same one.

use crate::console::{Console, SimulatedGateway};
use crate::error::{Code, ConsoleError, Result};
use crate::merchants::Merchant;
use crate::place::{Lock, failed, read_bounded};
use crate::words::Words;
use domain::{Clock, Entropy, Timestamp};
use simulator::{CertId, InProcess, Simulator, SnapshotError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use wxpay::transport::{MaybeSent, NotSent, Reply, Request, Transport, TransportError};

/// Largest kept world. A simulated shop of some hundred thousand orders.
const MAX_WORLD: u64 = 512 << 20;

/// The certificate the built-in merchant shows.
pub(crate) fn certificate() -> CertId {
    CertId(simulator::MCH_ID.to_owned())
}

/// A simulator in a file. Each use takes a lock, reads, acts, and writes: what it answered has happened, even
/// if this process dies right after.
pub(crate) struct KeptWorld {
    path: PathBuf,
    clock: Arc<dyn Clock>,
    seed: u64,
}

impl KeptWorld {
    pub(crate) fn new(path: PathBuf, clock: Arc<dyn Clock>, entropy: &dyn Entropy) -> Self {
        let mut seed = [0; 8];
        entropy.fill(&mut seed);
        Self { path, clock, seed: u64::from_le_bytes(seed) }
    }

    /// Lets `act` happen in the world and keeps what came of it.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Simulator) -> T) -> Result<T> {
        self.with_shared(|shared| act(&mut shared.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    fn with_shared<T>(&self, act: impl FnOnce(&simulator::Shared) -> T) -> Result<T> {
        let _lock = Lock::take(&self.path)?;
        let mut world = match read_bounded(&self.path, MAX_WORLD)? {
            Some(bytes) => Simulator::load(&bytes).map_err(|error| broken(&self.path, &error))?,
            None => Simulator::new(self.seed, self.clock.now()),
        };
        world.follow(Arc::clone(&self.clock));
        let shared = Arc::new(Mutex::new(world));
        let value = act(&shared);
        let bytes = shared.lock().unwrap_or_else(PoisonError::into_inner).save();
        let bytes = bytes.map_err(|error| broken(&self.path, &error))?;
        replace(&self.path, &bytes)?;
        Ok(value)
    }

    fn exchange(&self, request: &Request) -> std::result::Result<wxpay::transport::Response, TransportError> {
        let answered = self.with_shared(|shared| {
            let transport = InProcess::new(Arc::clone(shared), Some(certificate()));
            // It answers without waiting for anything, so the future is ready at once.
            let mut reply = transport.send(request);
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            match reply.as_mut().poll(&mut context) {
                std::task::Poll::Ready(answer) => answer,
                std::task::Poll::Pending => Err(TransportError::MaybeSent(MaybeSent::ReadTimeout)),
            }
        });
        // A world that cannot be read or kept has answered nobody.
        answered.unwrap_or_else(|_| {
            Err(TransportError::NotSent(NotSent::Connect { host: "simulated/world.json".to_owned() }))
        })
    }
}

impl Transport for KeptWorld {
    fn send<'a>(&'a self, request: &'a Request) -> Reply<'a> {
        Box::pin(std::future::ready(self.exchange(request)))
    }
}

fn broken(path: &Path, error: &SnapshotError) -> ConsoleError {
    ConsoleError::new(Code::FileFailed).with("path", path.display()).saying("detail", error)
}

/// Replaces the file in one step. Not synced: a power loss may take a simulated hour back, and costs nobody
/// money.
fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let part = path.with_extension("part");
    let write = || {
        let mut options = std::fs::File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        std::io::Write::write_all(&mut options.open(&part)?, bytes)
    };
    write().and_then(|()| std::fs::rename(&part, path)).map_err(|error| failed(path, &error))
}

impl Console {
    /// The time by which a merchant's gateway judges: for the built-in one that of its simulated world, which may
    /// have been advanced.
    pub(crate) fn gateway_now(&self, merchant: &Merchant) -> Timestamp {
        let here = self.now();
        // Served elsewhere, or a world that cannot be read: then the request itself fails and says so.
        if merchant.is_built_in() { self.in_world(|world| world.now()).unwrap_or(here) } else { here }
    }

    /// Ends the kept simulated world and its time; the next use begins a new one by this computer's clock. The
    /// simulated ledger keeps what it knows of orders that nobody there knows any more. Answers whether there was
    /// a world.
    ///
    /// # Errors
    /// `simulator_refused` if the built-in gateway is elsewhere; `file_failed`.
    pub fn reset_simulator(&self) -> Result<bool> {
        let SimulatedGateway::Kept = &self.gateway else {
            return Err(ConsoleError::new(Code::SimulatorRefused)
                .saying("detail", Words::new("detail.simulator.elsewhere")));
        };
        let path = self.place.world();
        let _lock = Lock::take(&path)?;
        match std::fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failed(&path, &error)),
        }
    }

    /// Lets `act` happen in the built-in merchant's simulated world.
    pub(crate) fn in_world<T>(&self, act: impl FnOnce(&mut Simulator) -> T) -> Result<T> {
        match &self.gateway {
            SimulatedGateway::Kept => {
                KeptWorld::new(self.place.world(), Arc::clone(&self.clock), &*self.entropy).with(act)
            }
            SimulatedGateway::InProcess(world) => {
                Ok(act(&mut world.lock().unwrap_or_else(PoisonError::into_inner)))
            }
            SimulatedGateway::Running(_) => Err(ConsoleError::new(Code::SimulatorRefused)
                .saying("detail", Words::new("detail.simulator.elsewhere"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{OsEntropy, SystemClock};

    #[test]
    fn what_happened_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let world = || KeptWorld::new(dir.path().join("world.json"), Arc::new(SystemClock), &OsEntropy);
        let code = world().with(|world| world.auth_code(simulator::CodeKind::Fresh)).unwrap();
        assert_eq!(code.len(), 18);
        let kept = world().with(|world| String::from_utf8(world.save().unwrap()).unwrap()).unwrap();
        assert!(kept.contains(&code));
    }

    #[test]
    fn a_broken_world_is_said_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("world.json");
        for text in ["", "{}", "null", "{\"paydesk_simulator\":99}"] {
            std::fs::write(&path, text).unwrap();
            let world = KeptWorld::new(path.clone(), Arc::new(SystemClock), &OsEntropy);
            assert_eq!(world.with(|_| ()).unwrap_err().code, Code::FileFailed);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }
}
