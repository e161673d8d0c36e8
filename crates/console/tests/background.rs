//! What is left open is asked about in the background: when it is due, less and less often, and never by a new
//! number. The time is tokio's own, paused, so minutes pass at once.

use console::args::{KeyKind, NewMerchant, NewOrder, Way};
use console::{Code, Console, News, Options, Patience, SimulatedGateway};
use domain::{AppId, Clock, Environment, Fen, MchId, OutTradeNo, Secret, Timestamp};
use simulator::fault::{Fault, FaultRule};
use simulator::{EffectKind, Simulator};
use std::collections::HashMap;
use std::io::Read as _;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::time::Instant;
use vault::{Keychain, KeychainError};

const ORDER: &str = "/pay/unifiedorder";
const QUERY: &str = "/pay/orderquery";

/// The time of tokio, which a test can pause.
struct TokioClock(Instant);

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        let elapsed = i64::try_from(self.0.elapsed().as_millis()).unwrap();
        Timestamp::from_millis(1_767_578_400_000 + elapsed)
    }
}

/// A keychain in memory that can be locked.
#[derive(Default)]
struct Drawer {
    items: Mutex<HashMap<String, Vec<u8>>>,
    locked: AtomicBool,
}

impl Drawer {
    fn open(&self) -> Result<std::sync::MutexGuard<'_, HashMap<String, Vec<u8>>>, KeychainError> {
        if self.locked.load(Ordering::SeqCst) {
            return Err(KeychainError::Locked);
        }
        Ok(self.items.lock().unwrap())
    }
}

impl Keychain for Drawer {
    fn get(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, KeychainError> {
        Ok(self.open()?.get(account).cloned().map(Secret::new))
    }
    fn set(&self, account: &str, secret: &Secret<Vec<u8>>) -> Result<(), KeychainError> {
        self.open()?.insert(account.into(), secret.expose().clone());
        Ok(())
    }
    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.open()?.remove(account);
        Ok(())
    }
}

struct Shop {
    console: Console,
    world: Arc<Mutex<Simulator>>,
    drawer: Arc<Drawer>,
    dir: tempfile::TempDir,
}

impl Shop {
    fn open(patience: Option<Patience>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(TokioClock(Instant::now()));
        let world = Arc::new(Mutex::new(Simulator::following(1, Arc::clone(&clock))));
        let drawer = Arc::new(Drawer::default());
        let console = Console::open(Options {
            data_dir: Some(dir.path().to_owned()),
            clock,
            gateway: SimulatedGateway::InProcess(Arc::clone(&world)),
            keychain: Some(Box::new(Arc::clone(&drawer))),
            patience,
            ..Options::default()
        })
        .unwrap();
        Self { console, world, drawer, dir }
    }

    fn fault(&self, path: &str, fault: Fault, times: u32) {
        self.world.lock().unwrap().arm(FaultRule::on(path, fault).times(times));
    }

    fn orders(&self) -> usize {
        self.world.lock().unwrap().effects().iter().filter(|e| e.kind == EffectKind::OrderMade).count()
    }
}

fn order(no: &str) -> NewOrder {
    NewOrder {
        way: Way::Native { product_id: None },
        total: Fen::new(100),
        currency: "CNY".into(),
        body: "面包".into(),
        attach: None,
        out_trade_no: Some(OutTradeNo::parse(no).unwrap()),
        expires_in_secs: None,
        detail: None,
        scene_info: None,
        goods_tag: None,
        no_credit: false,
        device_info: None,
        spbill_create_ip: None,
        notify_url: None,
    }
}

/// Runs until nothing is open, at most for an hour of its time, and gives what it told, with the seconds since
/// the start.
async fn until_settled(console: &Console) -> Vec<(u64, News)> {
    let start = Instant::now();
    let mut told = Vec::new();
    let work = console.keep_resolving(None, |news| {
        let done = matches!(news, News::Open(0));
        told.push((start.elapsed().as_secs(), news));
        if done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    tokio::time::timeout(std::time::Duration::from_secs(3600), work).await.expect("never settled");
    told
}

#[tokio::test(start_paused = true)]
async fn what_was_lost_is_asked_about_less_and_less_often_until_it_is_known() {
    let shop = Shop::open(Some(Patience::REAL));
    shop.fault(ORDER, Fault::TimeoutAfter, 1);
    shop.fault(QUERY, Fault::Garbage, 4);
    let lost = shop.console.create_order(None, order("LOST0001")).await.unwrap_err();
    assert_eq!(lost.code, Code::OutcomeUnknown);
    let told = until_settled(&shop.console).await;
    let asked: Vec<_> = told
        .iter()
        .filter_map(|(at, news)| match news {
            News::Asked { merchant, operations } => Some((*at, &**merchant, operations)),
            _ => None,
        })
        .collect();
    let (at, merchant, operations) = asked.last().unwrap();
    assert_eq!(
        (*merchant, &*operations[0].state, &*operations[0].out_trade_no),
        ("simulated", "confirmed", "LOST0001")
    );
    let times: Vec<_> = asked.iter().map(|(at, ..)| *at).collect();
    assert!(times.len() >= 3, "{times:?}");
    let gaps: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.windows(2).all(|pair| pair[1] >= pair[0] * 2 - 1), "the waits do not double: {times:?}");
    assert!(*at <= 300, "{times:?}");
    assert_eq!(shop.orders(), 1, "the order was made again");
}

#[tokio::test(start_paused = true)]
async fn what_never_arrived_is_sent_again_under_its_own_number() {
    let shop = Shop::open(Some(Patience::REAL));
    shop.fault(ORDER, Fault::TimeoutBefore, 1);
    assert_eq!(
        shop.console.create_order(None, order("LOST0002")).await.unwrap_err().code,
        Code::OutcomeUnknown
    );
    assert_eq!(shop.orders(), 0);
    until_settled(&shop.console).await;
    let world = shop.world.lock().unwrap();
    let made: Vec<_> = world.effects().iter().filter(|e| e.kind == EffectKind::OrderMade).collect();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].number, "LOST0002");
}

#[tokio::test(start_paused = true)]
async fn one_merchants_locked_keychain_holds_up_no_other_and_is_tried_again() {
    let shop = Shop::open(None);
    // A gateway that takes the request and hangs up: nobody can know.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = stream.unwrap().read(&mut [0; 1024]);
        }
    });
    shop.console
        .add_merchant(NewMerchant {
            name: "shop".into(),
            label: String::new(),
            environment: Environment::Simulated,
            mch_id: MchId::parse("1900000109").unwrap(),
            appid: AppId::parse("wxd930ea5d5a258f4f").unwrap(),
            sub_mch_id: None,
            sub_appid: None,
            hmac_sha256: false,
            notify_url: Some("http://127.0.0.1/notify".into()),
            gateway_url: Some(url),
            gateway_ca: None,
        })
        .unwrap();
    let key = Secret::new("192006250b4c09247ec02edce69f6a2d".to_owned());
    shop.console.set_key("shop", KeyKind::ApiV2, key).unwrap();
    // In real time, because real bytes go out.
    tokio::time::resume();
    let lost = shop.console.create_order(Some("shop"), order("LOST0003")).await.unwrap_err();
    assert_eq!(lost.code, Code::OutcomeUnknown, "{lost}");
    tokio::time::pause();
    shop.fault(ORDER, Fault::TimeoutAfter, 1);
    shop.fault(QUERY, Fault::Garbage, 1);
    let lost = shop.console.create_order(Some("simulated"), order("LOST0004")).await.unwrap_err();
    assert_eq!(lost.code, Code::OutcomeUnknown);

    shop.drawer.locked.store(true, Ordering::SeqCst);
    let start = Instant::now();
    let (mut troubles, mut settled, mut asked) = (Vec::new(), false, false);
    let work = shop.console.keep_resolving(None, |news| {
        match news {
            News::Trouble { merchant, error } => {
                assert_eq!((&*merchant, error.code), ("shop", Code::KeychainLocked));
                troubles.push(start.elapsed().as_millis());
                if troubles.len() == 6 {
                    shop.drawer.locked.store(false, Ordering::SeqCst);
                }
            }
            News::Asked { merchant, operations } if merchant == "simulated" => {
                settled |= operations.iter().all(|operation| operation.state == "confirmed");
            }
            News::Asked { .. } => asked = true,
            News::Open(left) => assert!(left >= 1),
        }
        if asked { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    tokio::time::timeout(std::time::Duration::from_secs(3600), work).await.expect("never asked");
    assert!(settled, "the other merchant had to wait");
    assert_eq!(troubles.len(), 6);
    let gaps: Vec<_> = troubles.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.windows(2).all(|pair| pair[1] * 10 >= pair[0] * 18), "{gaps:?}");
}

#[tokio::test(start_paused = true)]
async fn with_nothing_to_do_nothing_is_made() {
    let shop = Shop::open(None);
    let told = until_settled(&shop.console).await;
    assert!(matches!(told[..], [(_, News::Open(0))]), "{told:?}");
    let made: Vec<_> = std::fs::read_dir(shop.dir.path().join("ledger")).unwrap().collect();
    assert!(made.is_empty(), "{made:?}");
}
