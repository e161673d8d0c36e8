use crate::clock::{OsEntropy, SystemClock};
use crate::error::Result;
use crate::merchants::{self, Merchant};
use crate::place::Place;
use domain::{Clock, Entropy, Timestamp};
use simulator::Simulator;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use vault::{Keychain, OsKeychain, Vault};

/// How the OS keychain groups Paydesk's items.
const SERVICE: &str = "paydesk";

/// Where the built-in simulated merchant's WeChat Pay is.
#[derive(Clone, Default)]
pub enum SimulatedGateway {
    /// Kept in a file beside the simulated ledger, shared by every process on it.
    #[default]
    Kept,
    /// A running `paydesk simulator serve` at this loopback address.
    Running(String),
    /// In this process alone; for the demo and for tests.
    InProcess(Arc<Mutex<Simulator>>),
}

/// What a console is opened with. The default is the product; tests and the demo put their own in.
pub struct Options {
    /// Where its files are; the platform's own place if absent.
    pub data_dir: Option<PathBuf>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random numbers.
    pub entropy: Arc<dyn Entropy>,
    /// The keychain; the operating system's if absent. Opened when first needed.
    pub keychain: Option<Box<dyn Keychain>>,
    /// The built-in simulated merchant's gateway.
    pub gateway: SimulatedGateway,
    /// How often and how long "it does not exist" must be heard before it is believed.
    pub patience: Option<Patience>,
    /// Where the window's exports go; the person's own downloads if absent.
    pub downloads: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            data_dir: None,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
            keychain: None,
            gateway: SimulatedGateway::Kept,
            patience: None,
            downloads: None,
        }
    }
}

/// When "there is no such order" is believed of something that was sent and not answered. WeChat Pay's own
/// systems agree with each other only after a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Not before this many milliseconds after it was last sent.
    pub quiet_ms: i64,
    /// For a payment by the payer's code, which is never sent again: not before this many milliseconds after it
    /// was sent, and not unless it was heard twice, a quarter of this apart. Never 0: the request may still be
    /// under way and take money when it arrives. A payer's code is good for a minute.
    pub scan_quiet_ms: i64,
    /// The first wait between two questions, in milliseconds; each next one is twice as long.
    pub first_wait_ms: i64,
    /// The longest wait between two questions, in milliseconds.
    pub longest_wait_ms: i64,
}

impl Patience {
    /// For real gateways.
    pub const REAL: Self =
        Self { quiet_ms: 60_000, scan_quiet_ms: 60_000, first_wait_ms: 5_000, longest_wait_ms: 600_000 };
    /// For a simulated gateway, whose first answer is the truth, unless something between it and here holds a
    /// request back.
    pub const SIMULATED: Self =
        Self { quiet_ms: 0, scan_quiet_ms: 10_000, first_wait_ms: 0, longest_wait_ms: 0 };
}

/// The product, headless. Cheap to open: the keychain, a ledger or the network is touched only by what needs it.
pub struct Console {
    pub(crate) place: Place,
    pub(crate) vault: Vault,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) gateway: SimulatedGateway,
    pub(crate) patience: Option<Patience>,
    pub(crate) downloads: Option<PathBuf>,
    /// The ledgers that are open.
    pub(crate) books: Mutex<Vec<crate::books::Book>>,
    /// Names this process in the leases it takes on operations.
    pub(crate) owner: String,
    /// Proves that this process lives, from the first lease on.
    pub(crate) alive: Mutex<Option<crate::owner::Owner>>,
    /// The way to a running simulator, once it was needed.
    pub(crate) running: OnceLock<Arc<crate::running::PlainRunning>>,
    /// What is remembered while it is open.
    pub(crate) run: crate::run::Run,
}

impl Console {
    /// Opens it.
    ///
    /// # Errors
    /// `file_failed` if its folder cannot be made.
    pub fn open(options: Options) -> Result<Self> {
        let place = Place::open(options.data_dir.as_deref())?;
        let keychain = options.keychain.unwrap_or_else(|| Box::new(OsKeychain::open(SERVICE)));
        let vault = Vault::new(keychain, place.root(), Arc::clone(&options.entropy));
        let owner = domain::new_operation_id(&*options.entropy).to_string();
        Ok(Self {
            place,
            vault,
            clock: options.clock,
            entropy: options.entropy,
            gateway: options.gateway,
            patience: options.patience,
            downloads: options.downloads,
            books: Mutex::new(Vec::new()),
            owner,
            alive: Mutex::new(None),
            running: OnceLock::new(),
            run: crate::run::Run::default(),
        })
    }

    /// Its files.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn pick(&self, name: Option<&str>) -> Result<Merchant> {
        merchants::pick(&self.place, name)
    }
}

/// What this process still has in hand when it ends, after a Ctrl-C for one, is free for the next at once.
impl Drop for Console {
    fn drop(&mut self) {
        let alive = self.alive.get_mut().unwrap_or_else(PoisonError::into_inner);
        if alive.is_none() {
            return;
        }
        let now = self.clock.now();
        for book in self.books.get_mut().unwrap_or_else(PoisonError::into_inner) {
            let mine = |row: &ledger::Operation| {
                row.lease_owner.as_deref() == Some(self.owner.as_str()) && row.is_leased(now)
            };
            // Looked at first: most often nothing is in hand, and then nothing need be written.
            if book.ledger.unresolved(None).is_ok_and(|rows| rows.iter().any(mine)) {
                let _ = book.ledger.release_owner(&self.owner, now);
            }
        }
    }
}
