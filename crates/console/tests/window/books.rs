//! The ledger's page: checked, backed up, restored, always under a name of its own.

use crate::shop::Shop;
use console::BUILT_IN;

#[tokio::test]
async fn backups_never_overwrite_each_other_and_one_of_them_comes_back() {
    let shop = Shop::open();
    assert!(shop.console.ledger_backups(BUILT_IN).unwrap().is_empty());
    shop.order("ORDER001", 100).await;
    let first = shop.console.ledger_backup_form(BUILT_IN).unwrap();
    let second = shop.console.ledger_backup_form(BUILT_IN).unwrap();
    assert_ne!(first.path, second.path, "both in one second");
    shop.pass(60_000);
    shop.order("ORDER002", 100).await;
    let third = shop.console.ledger_backup_form(BUILT_IN).unwrap();
    std::fs::write(shop.dir.path().join("backups/simulated-notes.db"), "mine").unwrap();
    std::fs::write(shop.dir.path().join("backups/live-20260105100000.db"), "another's").unwrap();
    let all = shop.console.ledger_backups(BUILT_IN).unwrap();
    let paths: Vec<_> = all.iter().map(|backup| &backup.path).collect();
    assert_eq!(paths.len(), 3, "{paths:?}");
    assert_eq!(*paths[0], third.path, "the newest stands first");
    assert!(all.iter().all(|backup| backup.bytes > 0));

    assert_eq!(shop.console.status(BUILT_IN).unwrap().payments, 2);
    let restored = shop.console.ledger_restore_form(BUILT_IN, &first.path).unwrap();
    assert!(restored.moved_aside.is_some());
    assert_eq!(shop.console.status(BUILT_IN).unwrap().payments, 1, "counted anew in the other ledger");
    let check = shop.console.ledger_check_form(BUILT_IN, true).unwrap();
    assert!(check.ok, "{check:?}");
    assert!(shop.console.status(BUILT_IN).unwrap().checked_at.is_some());
    assert!(shop.console.ledger_info_form(BUILT_IN).unwrap().bytes > 0);
    assert!(shop.console.ledger_salvage_form(BUILT_IN).unwrap().lost.is_empty());
}

#[tokio::test]
async fn a_ledger_that_is_gone_is_begun_anew_when_a_person_says_so() {
    let shop = Shop::open();
    shop.order("ORDER001", 100).await;
    shop.console.anchor().unwrap();
    let file = shop.console.place().ledger(domain::Environment::Simulated);
    for gone in ["db", "db-wal", "db-shm"] {
        let _ = std::fs::remove_file(file.with_extension(gone));
    }
    let again = shop.another();
    let trouble = again.status(BUILT_IN).unwrap().trouble.unwrap();
    assert_eq!(trouble.code, "ledger_gone");
    let done = again.ledger_accept_form(BUILT_IN).unwrap();
    assert!(done.begun && !done.adopted, "{done:?}");
    let status = again.status(BUILT_IN).unwrap();
    assert_eq!((status.trouble, status.payments), (None, 0), "it is told at once that it opens");
    assert!(again.ledger_check_form(BUILT_IN, true).unwrap().ok);
}
