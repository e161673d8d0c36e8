//! A ledger that is damaged, gone, replaced, or whose key is lost: nothing is sent out of it, and what can be
//! saved is saved.

use super::*;

fn spoil(file: &Path, at: usize, bytes: &[u8]) {
    let mut all = std::fs::read(file).unwrap();
    all[at..at + bytes.len()].copy_from_slice(bytes);
    std::fs::write(file, all).unwrap();
}

#[tokio::test]
async fn with_a_ledger_that_cannot_be_trusted_nothing_is_sent() {
    type Spoil = fn(&Path);
    let cases: [(&str, Spoil, &[Code]); 6] = [
        ("overwritten", |file| spoil(file, 4096, &[0xff; 8192]), &[Code::LedgerDamaged]),
        (
            "cut off",
            |file| {
                let all = std::fs::read(file).unwrap();
                std::fs::write(file, &all[..all.len() / 2]).unwrap();
            },
            &[Code::LedgerDamaged],
        ),
        (
            "no ledger at all",
            |file| std::fs::write(file, "Dear diary, ".repeat(500)).unwrap(),
            &[Code::LedgerWrongFile, Code::LedgerDamaged],
        ),
        // The version stands at byte 60 of an SQLite file.
        ("newer", |file| spoil(file, 60, &9_999_u32.to_be_bytes()), &[Code::LedgerNewer]),
        ("another program's", |file| spoil(file, 68, b"abcd"), &[Code::LedgerWrongFile]),
        (
            "a live shop's",
            |file| {
                std::fs::remove_file(file).unwrap();
                let key = Secret::new(SIMULATED_CHAIN_KEY);
                drop(Ledger::open(file, Environment::Live, key, Timestamp::from_millis(MORNING_MS)).unwrap());
            },
            &[Code::LedgerWrongFile],
        ),
    ];
    for (name, damage, codes) in cases {
        let shop = Shop::paid("ledger-0001").await;
        let Shop { console, world, dir, .. } = shop;
        let file = console.place().ledger(Environment::Simulated);
        drop(console);
        for beside in ["db-wal", "db-shm"] {
            let beside = file.with_extension(beside);
            assert!(!beside.exists() || std::fs::metadata(&beside).unwrap().len() == 0, "{beside:?}");
        }
        damage(&file);
        let before = std::fs::read(&file).unwrap();
        let effects = world.lock().unwrap().effects().len();
        let shop = Shop::with(dir, Arc::new(HandClock(AtomicI64::new(MORNING_MS))), world);
        let results = [
            code(shop.console.create_order(None, order("ledger-0002")).await),
            code(shop.console.create_refund(None, refund("ledger-0001", "ledger-r1", 1)).await),
            code(shop.console.close_order(None, &number("ledger-0001")).await),
            code(shop.console.resolve(None).await),
            code(shop.console.query_order(None, OrderRef::OutTradeNo(number("ledger-0001"))).await),
            code(shop.console.payments(None, &PaymentQuery::default())),
        ];
        for result in results {
            assert!(result.is_some_and(|code| codes.contains(&code)), "{name}: {result:?}");
        }
        if codes == [Code::LedgerDamaged] {
            let accepted = code(shop.console.ledger_accept(None));
            assert_eq!(accepted, Some(Code::LedgerNotAcceptable), "{name}: accepting mends nothing");
        }
        assert_eq!(shop.world().effects().len(), effects, "{name}: something was sent");
        assert_eq!(std::fs::read(&file).unwrap(), before, "{name}: the file was changed");
    }
}

/// From outside: a disk that was full only after the request had left was told as "nothing was sent".
#[tokio::test]
async fn what_left_and_could_not_be_written_down_is_unknown_and_not_unsent() {
    let shop = Shop::paid("kept-0001").await;
    let file = rusqlite::Connection::open(shop.file()).unwrap();
    file.execute_batch(
        "CREATE TRIGGER no_room BEFORE UPDATE OF state ON operations WHEN NEW.state <> 'intended'
         BEGIN SELECT RAISE(ABORT, 'no room'); END",
    )
    .unwrap();
    let refund_no = "kept-r1";
    let error = shop.console.create_refund(None, refund("kept-0001", refund_no, 800)).await.unwrap_err();
    assert_eq!(error.code, Code::OutcomeUnknown, "{error:?}");
    assert_eq!(shop.count(EffectKind::RefundAccepted, refund_no), 1, "it did happen");
    let order = code(shop.console.create_order(None, order("kept-0002")).await);
    assert_eq!(order, Some(Code::OutcomeUnknown));
    file.execute_batch("DROP TRIGGER no_room").unwrap();
    // Whoever held it may still be at work for a while.
    shop.clock.as_ref().unwrap().0.fetch_add(600_000, Ordering::Relaxed);
    shop.console.resolve(None).await.unwrap();
    assert_eq!(shop.state(OperationKind::Refund, refund_no), Some(OperationState::Confirmed));
    assert_eq!(shop.count(EffectKind::RefundAccepted, refund_no), 1, "and once");
}

/// From outside: with the pages of the payments gone a salvage lost them all, and the list said "no payments".
#[tokio::test]
async fn a_salvage_makes_lost_payments_again() {
    let shop = Shop::paid("salvage-0001").await;
    shop.console.create_refund(None, refund("salvage-0001", "salvage-r1", 800)).await.unwrap();
    shop.console.create_order(None, order("salvage-0002")).await.unwrap();
    let Shop { console, world, dir, .. } = shop;
    let file = console.place().ledger(Environment::Simulated);
    drop(console);
    let conn = rusqlite::Connection::open(&file).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM refunds; DELETE FROM payments;").unwrap();
    drop(conn);
    let shop = Shop::with(dir, Arc::new(HandClock(AtomicI64::new(MORNING_MS))), world);
    let view = shop.console.ledger_salvage(None).unwrap();
    assert!(view.lost.is_empty(), "{view:?}");
    assert!(view.doubtful.iter().any(|table| (&*table.table, table.rows) == ("payments", 2)), "{view:?}");
    let payment = |no: &str| shop.console.payment(None, &number(no)).unwrap();
    let paid = payment("salvage-0001");
    assert_eq!((&*paid.state, paid.total_fen, paid.refundable_fen), ("paid", 8_800, 8_000));
    assert_eq!(
        (paid.body.as_deref(), paid.trade_type.as_deref()),
        (Some("面包"), payment("salvage-0002").trade_type.as_deref())
    );
    assert!(paid.trade_type.is_some() && !paid.conflict);
    shop.console.query_order(None, OrderRef::OutTradeNo(number("salvage-0001"))).await.unwrap();
    assert!(payment("salvage-0001").paid_at.is_some(), "asked about, it is whole again");
    assert!(shop.console.ledger_check(None, true, Lang::En).unwrap().ok);
}

/// A live shop whose keychain can be taken away.
fn live_shop(dir: &Path, keychain: Drawer) -> Console {
    Console::open(Options {
        data_dir: Some(dir.to_owned()),
        clock: Arc::new(HandClock(AtomicI64::new(MORNING_MS))),
        keychain: Some(Box::new(keychain)),
        ..Options::default()
    })
    .unwrap()
}

/// Keeps a live merchant, the bakery.
fn add_live(console: &Console) {
    let merchant = console::args::NewMerchant {
        name: "bakery".into(),
        label: String::new(),
        environment: Environment::Live,
        mch_id: domain::MchId::parse("1900000109").unwrap(),
        appid: domain::AppId::parse("wx2421b1c4370ec43b").unwrap(),
        sub_mch_id: None,
        sub_appid: None,
        hmac_sha256: true,
        notify_url: None,
        gateway_url: None,
        gateway_ca: None,
    };
    console.add_merchant(merchant).unwrap();
}

/// From outside: after a keychain was reset a live ledger and every backup of it could not be opened by any way.
#[test]
fn a_ledger_whose_key_is_lost_is_read_unproven_and_can_be_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    let console = live_shop(dir.path(), Drawer::default());
    add_live(&console);
    let file = console.place().ledger(Environment::Live);
    // What it holds: one row of the journal more than an empty one.
    console.ledger_accept(Some("bakery")).unwrap();
    let backup = dir.path().join("backup.db");
    assert!(console.ledger_backup(Some("bakery"), &backup, false).unwrap().key_in_keychain);
    drop(console);
    let before = std::fs::read(&file).unwrap();

    let console = live_shop(dir.path(), Drawer::default());
    console.payments(Some("bakery"), &PaymentQuery::default()).unwrap();
    let warnings: Vec<_> = console.warnings().iter().map(|warning| warning.code).collect();
    assert_eq!(warnings, [Code::LedgerKeyLost], "the lists work and say that they are unproven");
    for full in [false, true] {
        let check = console.ledger_check(Some("bakery"), full, Lang::En).unwrap();
        let found: Vec<_> = check.findings.iter().map(|found| &*found.id).collect();
        assert_eq!((check.ok, &found[..]), (false, &["key_lost"][..]));
    }
    assert_eq!(std::fs::read(&file).unwrap(), before, "nothing is done without consent");
    let accepted = console.ledger_accept(Some("bakery")).unwrap();
    assert!(accepted.adopted);
    assert!(console.ledger_check(Some("bakery"), true, Lang::En).unwrap().ok);
    assert!(!console.ledger_accept(Some("bakery")).unwrap().adopted, "it is told once");
    drop(console);

    // The same of a backup, on another computer.
    let other = tempfile::tempdir().unwrap();
    let console = live_shop(other.path(), Drawer::default());
    add_live(&console);
    assert!(console.ledger_restore(Some("bakery"), &backup).unwrap().adopted);
    assert!(console.ledger_check(Some("bakery"), true, Lang::En).unwrap().ok);
    // A simulated one never becomes a live one.
    let shop = Shop::open();
    shop.console.payments(None, &PaymentQuery::default()).unwrap();
    let simulated = dir.path().join("simulated.db");
    shop.console.ledger_backup(None, &simulated, false).unwrap();
    assert_eq!(code(console.ledger_restore(Some("bakery"), &simulated)), Some(Code::LedgerWrongFile));
}

#[tokio::test]
async fn a_ledger_that_is_not_the_anchored_one_sends_nothing_and_says_so() {
    type Harm = fn(&Path, Vec<u8>);
    let cases: [(&str, Code, Harm); 3] = [
        ("gone", Code::LedgerGone, |file, _| std::fs::remove_file(file).unwrap()),
        ("an old copy", Code::LedgerRolledBack, |file, old| std::fs::write(file, old).unwrap()),
        ("another one", Code::LedgerReplaced, |file, _| {
            std::fs::remove_file(file).unwrap();
            let now = Timestamp::from_millis(MORNING_MS);
            let key = Secret::new(SIMULATED_CHAIN_KEY);
            let other = Ledger::open(file, Environment::Simulated, key, now).unwrap().ledger;
            for _ in 0..100 {
                other.accept(None, now).unwrap();
            }
        }),
    ];
    for (name, expected, harm) in cases {
        let Shop { console, world, dir, .. } = Shop::paid("anchor-0001").await;
        console.anchor().unwrap();
        let file = console.place().ledger(Environment::Simulated);
        drop(console);
        let old = std::fs::read(&file).unwrap();
        let again = |world: &Arc<Mutex<Simulator>>, dir| {
            Shop::with(dir, Arc::new(HandClock(AtomicI64::new(MORNING_MS))), Arc::clone(world))
        };
        let Shop { console, dir, .. } = again(&world, dir);
        console.create_order(None, order("anchor-0002")).await.unwrap();
        assert_eq!(console.warnings(), [], "{name}");
        console.anchor().unwrap();
        drop(console);
        harm(&file, old);
        let effects = world.lock().unwrap().effects().len();
        let shop = again(&world, dir);
        let listed = shop.console.payments(None, &PaymentQuery::default());
        let warnings: Vec<_> = shop.console.warnings().iter().map(|warning| warning.code).collect();
        if expected == Code::LedgerGone {
            assert_eq!((code(listed), &warnings[..]), (Some(expected), &[][..]), "{name}");
        } else {
            assert_eq!((code(listed), &warnings[..]), (None, &[expected][..]), "{name}");
        }
        for result in [
            code(shop.console.create_order(None, order("anchor-0003")).await),
            code(shop.console.create_refund(None, refund("anchor-0001", "anchor-r1", 1)).await),
            code(shop.console.close_order(None, &number("anchor-0001")).await),
            code(shop.console.resolve(None).await),
            code(shop.console.query_order(None, OrderRef::OutTradeNo(number("anchor-0001"))).await),
            code(shop.console.receive_notice(None, b"<xml/>")),
        ] {
            assert_eq!(result, Some(expected), "{name}");
        }
        assert_eq!(shop.world().effects().len(), effects, "{name}: something was sent");
        assert_eq!(shop.console.warnings(), [], "{name}: said twice");
        // Not mended in silence when the work is done either.
        let _ = shop.console.anchor();
        drop(shop.console.ledger_accept(None).unwrap());
        shop.console.create_order(None, order("anchor-0003")).await.unwrap();
        assert_eq!(shop.console.warnings(), [], "{name}");
    }
}

/// One keychain for several consoles.
struct Shared(Arc<Drawer>);

impl Keychain for Shared {
    fn get(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, KeychainError> {
        self.0.get(account)
    }
    fn set(&self, account: &str, secret: &Secret<Vec<u8>>) -> Result<(), KeychainError> {
        self.0.set(account, secret)
    }
    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.0.delete(account)
    }
}

#[test]
fn a_live_ledger_that_is_gone_is_known_by_the_keychain() {
    let (dir, drawer) = (tempfile::tempdir().unwrap(), Arc::new(Drawer::default()));
    let open = || {
        Console::open(Options {
            data_dir: Some(dir.path().to_owned()),
            clock: Arc::new(HandClock(AtomicI64::new(MORNING_MS))),
            keychain: Some(Box::new(Shared(Arc::clone(&drawer)))),
            ..Options::default()
        })
        .unwrap()
    };
    let console = open();
    add_live(&console);
    let key = Secret::new("SYNTHETICkeySYNTHETICkeySYNTH001".to_owned());
    console.set_key("bakery", console::args::KeyKind::ApiV2, key).unwrap();
    let list = |console: &Console| code(console.payments(Some("bakery"), &PaymentQuery::default()));
    // A first run is silent, and a crash right after it is noticed all the same: nothing was anchored at an end.
    assert_eq!((list(&console), console.warnings()), (None, vec![]));
    console.receive_notice(Some("bakery"), b"<xml><a>1</a></xml>").unwrap();
    let file = console.place().ledger(Environment::Live);
    drop(console);
    let console = open();
    assert_eq!((list(&console), console.warnings()), (None, vec![]));
    drop(console);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(list(&open()), Some(Code::LedgerGone));
    assert!(!file.exists());
    // With the head gone too it is a first run again; with something else in its place it is not.
    let heads: Vec<_> =
        drawer.0.lock().unwrap().keys().filter(|name| name.contains("head")).cloned().collect();
    assert_eq!(heads.len(), 1);
    for head in &heads {
        drawer.set(head, &Secret::new(b"junk".to_vec())).unwrap();
    }
    assert_eq!(list(&open()), Some(Code::LedgerGone));
    open().ledger_accept(Some("bakery")).unwrap();
    assert_eq!(list(&open()), None);
}

#[test]
fn many_that_begin_at_once_find_nothing_wrong() {
    for _ in 0..4 {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let console = Console::open(Options {
                        data_dir: Some(dir.path().to_owned()),
                        keychain: Some(Box::new(Drawer::default())),
                        ..Options::default()
                    })
                    .unwrap();
                    console.payments(None, &PaymentQuery::default()).unwrap();
                    for _ in 0..3 {
                        console.receive_notice(None, b"<xml><a>1</a></xml>").unwrap();
                        console.anchor().unwrap();
                    }
                    assert_eq!(console.warnings(), []);
                });
            }
        });
    }
}

#[test]
fn a_ledger_of_one_environment_is_never_another_s() {
    let dir = tempfile::tempdir().unwrap();
    let now = Timestamp::from_millis(MORNING_MS);
    for made in Environment::ALL {
        let file = dir.path().join(format!("{made}.db"));
        let key = || Secret::new(SIMULATED_CHAIN_KEY);
        drop(Ledger::open(&file, made, key(), now).unwrap());
        for asked in Environment::ALL {
            let opened = Ledger::open(&file, asked, key(), now).map(drop);
            match opened {
                Ok(()) => assert_eq!(made, asked),
                Err(error) => assert!(
                    made != asked && matches!(error, LedgerError::WrongEnvironment { .. }),
                    "{made} as {asked}: {error}"
                ),
            }
        }
    }
}
