//! A simulated shop whose time and chance are in the test's hand.

use console::forms::{CustomerForm, OrderForm, RefundForm};
use console::view::{OrderCreated, RefundView};
use console::{BUILT_IN, Console, Options, Patience, SimulatedGateway};
use domain::{Clock, Entropy, Secret, Timestamp};
use simulator::Simulator;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use vault::{Keychain, KeychainError};

/// 2026-01-05 10:00:00 in UTC+8, a Monday.
pub(crate) const MORNING_MS: i64 = 1_767_578_400_000;

/// Time that moves only when it is moved.
pub(crate) struct HandClock(pub(crate) AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// The time of tokio, which a test can pause.
pub(crate) struct TokioClock(tokio::time::Instant);

impl TokioClock {
    pub(crate) fn new() -> Self {
        Self(tokio::time::Instant::now())
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        let elapsed = i64::try_from(self.0.elapsed().as_millis()).unwrap();
        Timestamp::from_millis(MORNING_MS + elapsed)
    }
}

/// Numbers that follow from a seed.
pub(crate) struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}

/// A keychain in memory.
#[derive(Default)]
pub(crate) struct Drawer(Mutex<HashMap<String, Vec<u8>>>);

impl Keychain for Drawer {
    fn get(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, KeychainError> {
        Ok(self.0.lock().unwrap().get(account).cloned().map(Secret::new))
    }
    fn set(&self, account: &str, secret: &Secret<Vec<u8>>) -> Result<(), KeychainError> {
        self.0.lock().unwrap().insert(account.into(), secret.expose().clone());
        Ok(())
    }
    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.0.lock().unwrap().remove(account);
        Ok(())
    }
}

pub(crate) struct Shop<C> {
    pub(crate) console: Console,
    pub(crate) world: Arc<Mutex<Simulator>>,
    pub(crate) clock: Arc<C>,
    pub(crate) dir: tempfile::TempDir,
}

impl Shop<HandClock> {
    pub(crate) fn open() -> Self {
        Self::with(HandClock(AtomicI64::new(MORNING_MS)), None)
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl<C: Clock + 'static> Shop<C> {
    pub(crate) fn with(clock: C, patience: Option<Patience>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(clock);
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
        let world = Arc::new(Mutex::new(Simulator::following(1, Arc::clone(&shared))));
        let console = Console::open(Options {
            data_dir: Some(dir.path().to_owned()),
            clock: shared,
            entropy: Arc::new(Counting(AtomicU64::new(7))),
            gateway: SimulatedGateway::InProcess(Arc::clone(&world)),
            keychain: Some(Box::new(Drawer::default())),
            patience,
            downloads: Some(dir.path().join("downloads")),
        })
        .unwrap();
        Self { console, world, clock, dir }
    }

    /// Another program on the same files and the same gateway.
    pub(crate) fn another(&self) -> Console {
        Console::open(Options {
            data_dir: Some(self.dir.path().to_owned()),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            entropy: Arc::new(Counting(AtomicU64::new(8))),
            gateway: SimulatedGateway::InProcess(Arc::clone(&self.world)),
            keychain: Some(Box::new(Drawer::default())),
            patience: None,
            downloads: None,
        })
        .unwrap()
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, Simulator> {
        self.world.lock().unwrap()
    }

    pub(crate) async fn order(&self, number: &str, fen: i64) -> OrderCreated {
        self.console.create_order_form(BUILT_IN, order(number, fen)).await.unwrap()
    }

    /// The customer pays, and what becomes of the notice.
    pub(crate) async fn pay(&self, number: &str, notice: &str) {
        let form = CustomerForm::Pay { out_trade_no: number.into(), coupon_fen: 0, notice: notice.into() };
        assert_eq!(self.console.simulate_form(BUILT_IN, form).await.unwrap(), None);
    }

    pub(crate) async fn refund(&self, number: &str, refund: &str, fen: i64) -> RefundView {
        let form = RefundForm {
            out_trade_no: number.into(),
            out_refund_no: refund.into(),
            refund_fen: fen,
            reason: Some("卖完了".into()),
        };
        self.console.create_refund_form(BUILT_IN, form).await.unwrap()
    }

    pub(crate) async fn refund_comes_to(&self, refund: &str, result: &str) {
        let form = CustomerForm::RefundResult { out_refund_no: refund.into(), result: result.into() };
        self.console.simulate_form(BUILT_IN, form).await.unwrap();
    }
}

pub(crate) fn order(number: &str, fen: i64) -> OrderForm {
    OrderForm {
        trade_type: "native".into(),
        out_trade_no: number.into(),
        total_fen: fen,
        body: "桂花酒酿贝果 ×2".into(),
        attach: Some("桌号 7".into()),
        expires_in_secs: Some(1_800),
        ..OrderForm::default()
    }
}
