//! Alerts that were answered as stored are there, whatever happens to the process and the disk.

use std::{path::Path, process::Command, sync::atomic::Ordering};

use tokio::time::{Duration, timeout};
use watchwall::{
    desk::feed::{Keeping, Replay},
    domain::alert::Seq,
    service::ledger::{self, Kept, Opened},
    store::Store,
};

use crate::{
    alerts::opened,
    crash::{self, CHILD_STORE, Plan},
};

/// Not a test by itself: the process that the next test kills.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs as a child of the test below"]
async fn child_that_stores_alerts_until_it_is_killed() {
    let Some(path) = std::env::var_os(CHILD_STORE) else { return };
    crash::child(Path::new(&path)).await;
}

#[tokio::test]
async fn what_was_answered_survives_kills_at_any_moment() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("watchwall.db");
    let plan = Plan { kills: 5, lock_every: 3, seed: 1 };
    let report = crash::run(&path, plan, || {
        let mut command = Command::new(std::env::current_exe().expect("this test"));
        command.args([
            "never_lost::child_that_stores_alerts_until_it_is_killed",
            "--exact",
            "--ignored",
            "--nocapture",
        ]);
        command
    })
    .await;
    assert!(report.answered.len() > 20, "{report:?}");
    println!(
        "{} answered, {} stored, starts {:?}",
        report.answered.len(),
        report.stored,
        report.starts
    );
}

#[tokio::test]
async fn a_reader_that_comes_while_the_store_fails_finds_no_gap() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("watchwall.db");
    let store = Store::open(&path).await.expect("a store");
    let spool = folder.path().join("another-disk.spool");
    let Opened { ledger, feed, keeper, .. } = ledger::open(store, spool).await.expect("a ledger");
    tokio::spawn(keeper.run(drop));
    for seq in 1..=20 {
        assert_eq!(ledger.keep(opened(seq)).await, Some(Ok(Kept::Store)));
    }
    let lock = crash::locked(&path).await;
    for seq in 21..=40 {
        assert!(matches!(ledger.keep(opened(seq)).await, Some(Ok(_))), "stored somewhere");
    }
    assert_eq!(feed.storage().borrow().state, Keeping::Spooling);
    // Each part of the way: from the store, over the seam, from memory.
    for after in [0, 19, 20, 21, 39, 40] {
        let Replay::Changes(changes) = feed.after(Seq(after), 100).await.expect("a read") else {
            panic!("all of it is there");
        };
        let seqs: Vec<u64> = changes.iter().map(|change| change.seq.0).collect();
        assert_eq!(seqs, (after + 1..=40).collect::<Vec<_>>());
    }
    assert_eq!(feed.after(Seq(41), 1).await.expect("a read"), Replay::Reset);
    assert_eq!(feed.open_alerts().await.expect("a read").len(), 40);
    drop(lock);
    let mut storage = feed.storage();
    let drained = storage.wait_for(|storage| storage.state == Keeping::Ok);
    timeout(Duration::from_secs(60), drained).await.expect("in time").expect("the feed");
    assert_eq!(feed.open_alerts().await.expect("a read").len(), 40);
    let figures = [&feed.kept.stored, &feed.kept.spooled, &feed.kept.replayed];
    assert_eq!(figures.map(|figure| figure.load(Ordering::Relaxed)), [20, 20, 20]);
}
