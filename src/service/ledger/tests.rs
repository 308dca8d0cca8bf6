//! The ledger on a store that is well, full and locked, and on a spool that fails.

use std::{
    path::{Path, PathBuf},
    sync::Mutex,
    time::Duration,
};

use serde_json::json;
use tempfile::TempDir;
use tokio::{task::JoinHandle, time::timeout};
use uuid::Uuid;

use super::*;
use crate::{
    desk::feed::{Keeping, Replay},
    domain::alert::{Alert, Change, Seq, What, delivery::Delivery},
    store::trouble,
};

/// Far longer than anything here takes.
const LONG: Duration = Duration::from_secs(60);

fn alert(n: u64, words: &str) -> Alert {
    let alert = json!({
        "id": Uuid::from_u128(u128::from(n)), "subject": {"camera": format!("cam-{n}")},
        "kind": "stalled", "state": "unacknowledged", "priority": "high", "rule": "lost",
        "position": "desk", "cameras": [format!("cam-{n}")], "site": "north", "evidence": words,
        "count": 1, "opened_at": 1_700_000_000_000_000_u64 + n, "raised_at": 1, "chattering": false,
        "momentary": false, "masks": [], "comments": [], "drill": false,
    });
    serde_json::from_value(alert).expect("an alert")
}

fn change(seq: u64, what: What, alert: Alert) -> Arc<Change> {
    let at = crate::domain::time::UnixMicros(1_700_000_000_000_000 + seq);
    let (seq, alert) = (Seq(seq), Arc::new(alert));
    Arc::new(Change { seq, at, what, by: None, request: None, asked_at: None, alert })
}

/// Opens alert `seq` by change `seq`.
fn opened(seq: u64) -> AlertRows {
    let change = change(seq, What::Opened, alert(seq, "no picture for 15 s"));
    AlertRows { changes: vec![change], ..AlertRows::default() }
}

struct Bench {
    folder: TempDir,
    spool: PathBuf,
    store: Store,
    ledger: Ledger,
    feed: Arc<AlertFeed>,
    recovered: Recovered,
    keeper: JoinHandle<()>,
    posted: Arc<Mutex<Vec<Delivery>>>,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("watchwall.db")).await.expect("a store");
        Self::on(folder, store).await
    }

    async fn on(folder: TempDir, store: Store) -> Self {
        let spool = folder.path().join("watchwall.db.spool");
        Self::with_spool(folder, store, spool).await
    }

    async fn with_spool(folder: TempDir, store: Store, spool: PathBuf) -> Self {
        let posted = Arc::<Mutex<Vec<Delivery>>>::default();
        let post = posted.clone();
        let Opened { ledger, feed, keeper, recovered } =
            open(store.clone(), spool.clone()).await.expect("a ledger");
        let keeper =
            tokio::spawn(keeper.run(move |some| post.lock().expect("no panic").extend(some)));
        Self { folder, spool, store, ledger, feed, recovered, keeper, posted }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("watchwall.db")
    }

    /// Gives entries without waiting for their answers.
    async fn give(&self, seqs: std::ops::RangeInclusive<u64>) {
        for seq in seqs {
            let entry = Entry { rows: opened(seq), answer: None };
            self.ledger.give(entry).await.expect("a ledger that runs");
        }
    }

    async fn keep(&self, seq: u64) -> Result<Kept, NotKept> {
        timeout(LONG, self.ledger.keep(opened(seq))).await.expect("in time").expect("it runs")
    }

    async fn until(&self, state: Keeping) {
        let mut storage = self.feed.storage();
        let reached = storage.wait_for(|storage| storage.state == state);
        let reached = timeout(LONG, reached).await.map(|reached| reached.is_ok());
        assert_eq!(reached, Ok(true), "{state:?} is reached; it is {:?}", self.feed.storage());
    }

    /// Stops as the service does, and starts again on the same files.
    async fn again(self) -> Self {
        let Self { folder, spool, store, ledger, keeper, .. } = self;
        drop(ledger);
        timeout(LONG, keeper).await.expect("in time").expect("no panic");
        store.close().await;
        let store = Store::open(&folder.path().join("watchwall.db")).await.expect("a store");
        Self::with_spool(folder, store, spool).await
    }

    /// Holds the store's lock until it is given back.
    async fn lock(&self) -> trouble::Lock {
        trouble::lock(&self.path()).await
    }

    /// All that the store has.
    async fn stored(&self) -> Vec<u64> {
        seqs(&self.store.alert_changes(Seq(0), 100_000).await.expect("a read"))
    }

    /// All that a reader who begins now is told.
    async fn told(&self) -> Vec<u64> {
        match self.feed.after(Seq(0), 100_000).await.expect("a read") {
            Replay::Changes(changes) => seqs(&changes),
            Replay::Reset => panic!("nothing is too old"),
        }
    }
}

fn seqs(changes: &[Arc<Change>]) -> Vec<u64> {
    changes.iter().map(|change| change.seq.0).collect()
}

fn to(last: u64) -> Vec<u64> {
    (1..=last).collect()
}

fn spool_bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |found| found.len())
}

#[tokio::test]
async fn what_is_answered_is_in_the_store_and_everybody_is_told() {
    let bench = Bench::new().await;
    let mut live = bench.feed.follow();
    for seq in 1..=3 {
        assert_eq!(bench.keep(seq).await, Ok(Kept::Store));
    }
    assert_eq!(bench.stored().await, to(3));
    assert_eq!(bench.told().await, to(3));
    for seq in 1..=3 {
        assert_eq!(live.try_recv().expect("a change").seq, Seq(seq));
    }
    assert_eq!(bench.feed.head(), Seq(3));
    let bench = bench.again().await;
    assert_eq!((bench.feed.head(), bench.told().await), (Seq(3), to(3)));
    let open: Vec<_> = bench.feed.open_alerts().await.expect("a read");
    assert_eq!(open.iter().map(|(seq, _)| seq.0).collect::<Vec<_>>(), to(3));
    assert_eq!(*open[0].1, alert(1, "no picture for 15 s"));
}

#[tokio::test]
async fn a_full_store_spools_and_drains_in_order_when_there_is_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("watchwall.db");
    let store = trouble::open_small(&path, 110).await.expect("a store");
    let bench = Bench::on(folder, store).await;
    let mut live = bench.feed.follow();
    let mut seq = 0;
    // Until the store is full, and some more.
    let spooled = loop {
        seq += 1;
        match bench.keep(seq).await {
            Ok(Kept::Spool) => break seq,
            kept => assert_eq!(kept, Ok(Kept::Store)),
        }
        assert!(seq < 10_000, "the limit is never reached");
    };
    bench.until(Keeping::Spooling).await;
    let reason = bench.feed.storage().borrow().reason.clone().expect("a reason");
    assert!(reason.contains("is full"), "{reason}");
    bench.give(seq + 1..=seq + 200).await;
    assert_eq!(bench.keep(seq + 201).await, Ok(Kept::Spool));
    let last = seq + 201;
    assert_eq!(bench.told().await, to(last), "from store and spool as one");
    assert!(bench.feed.storage().borrow().waiting >= last - spooled);
    assert_eq!(bench.feed.open_alerts().await.expect("a read").len() as u64, last);

    // The next run has room.
    let bench = bench.again().await;
    assert_eq!(bench.recovered.entries, last - spooled + 1);
    assert_eq!(bench.stored().await, to(last));
    assert_eq!(spool_bytes(&bench.spool), 0);
    assert_eq!(bench.keep(last + 1).await, Ok(Kept::Store));
    let mut heard = Vec::new();
    while let Ok(change) = live.try_recv() {
        heard.push(change.seq.0);
    }
    assert_eq!(heard, to(last), "each once, in order");
}

#[tokio::test]
async fn a_locked_store_spools_within_seconds_and_drains_when_it_is_free() {
    let bench = Bench::new().await;
    assert_eq!(bench.keep(1).await, Ok(Kept::Store));
    let lock = bench.lock().await;
    bench.give(2..=50).await;
    bench.until(Keeping::Spooling).await;
    assert_eq!(bench.keep(51).await, Ok(Kept::Spool));
    assert_eq!(bench.stored().await, [1]);
    assert_eq!(bench.told().await, to(51));
    lock.end().await;
    bench.until(Keeping::Ok).await;
    assert_eq!(bench.stored().await, to(51));
    assert_eq!(spool_bytes(&bench.spool), 0);
    assert_eq!(*bench.feed.storage().borrow(), crate::desk::feed::Storage::default());
    assert_eq!(bench.keep(52).await, Ok(Kept::Store));
}

#[tokio::test]
async fn what_comes_while_the_spool_drains_keeps_its_place() {
    let bench = Bench::new().await;
    let lock = bench.lock().await;
    bench.give(1..=2000).await;
    bench.until(Keeping::Spooling).await;
    lock.end().await;
    for seq in 2001..=2200 {
        assert!(bench.keep(seq).await.is_ok());
    }
    bench.until(Keeping::Ok).await;
    assert_eq!(bench.stored().await, to(2200));
}

#[tokio::test]
async fn while_the_spool_fails_too_nothing_is_told_as_stored_and_nothing_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("watchwall.db")).await.expect("a store");
    let elsewhere = folder.path().join("a-disk-that-is-not-there");
    let bench = Bench::with_spool(folder, store, elsewhere.join("spool")).await;
    assert_eq!(bench.keep(1).await, Ok(Kept::Store));
    let lock = bench.lock().await;
    let refused = bench.keep(2).await.expect_err("nowhere to keep it");
    assert!(refused.to_string().contains("only in memory"), "{refused}");
    bench.until(Keeping::Failing).await;
    assert!(bench.keep(3).await.is_err(), "said at once");
    assert_eq!((bench.feed.head(), bench.told().await), (Seq(1), vec![1]));

    // The spool's disk is there: what waits goes there, and from there into the store.
    std::fs::create_dir(&elsewhere).expect("a folder");
    bench.until(Keeping::Spooling).await;
    assert_eq!(bench.keep(4).await, Ok(Kept::Spool));
    assert_eq!(bench.told().await, to(4));
    lock.end().await;
    bench.until(Keeping::Ok).await;
    assert_eq!(bench.stored().await, to(4));
}

#[tokio::test]
async fn without_a_spool_what_waits_in_memory_goes_into_the_store_when_it_works() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("watchwall.db")).await.expect("a store");
    let nowhere = folder.path().join("a-disk-that-is-not-there/spool");
    let bench = Bench::with_spool(folder, store, nowhere).await;
    let lock = bench.lock().await;
    bench.give(1..=300).await;
    bench.until(Keeping::Failing).await;
    lock.end().await;
    bench.until(Keeping::Ok).await;
    assert_eq!(bench.keep(301).await, Ok(Kept::Store));
    assert_eq!(bench.stored().await, to(301));
    assert_eq!(bench.told().await, to(301));
}

#[tokio::test]
async fn the_torn_end_of_a_spool_is_told_and_the_rest_goes_into_the_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = |seq| {
        let json = serde_json::to_vec(&opened(seq)).expect("JSON");
        frame::frame(&json).expect("a line")
    };
    let torn = &line(4)[..100];
    let spool = [line(1), line(2), line(3), torn.to_vec()].concat();
    std::fs::write(folder.path().join("watchwall.db.spool"), spool).expect("a spool");
    let store = Store::open(&folder.path().join("watchwall.db")).await.expect("a store");
    let bench = Bench::on(folder, store).await;
    let expected = Recovered { entries: 3, torn: 100, ..Recovered::default() };
    assert_eq!(bench.recovered, expected);
    assert_eq!(bench.stored().await, to(3));
    assert_eq!((spool_bytes(&bench.spool), bench.feed.head()), (0, Seq(3)));
}

#[tokio::test]
async fn a_spool_that_is_damaged_in_the_middle_is_kept_for_people_to_look_at() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = (1..=3).flat_map(|seq| {
        let json = serde_json::to_vec(&opened(seq)).expect("JSON");
        frame::frame(&json).expect("a line")
    });
    let mut spool: Vec<u8> = lines.collect();
    let middle = spool.len() / 2;
    spool[middle] ^= 1;
    std::fs::write(folder.path().join("watchwall.db.spool"), &spool).expect("a spool");
    let store = Store::open(&folder.path().join("watchwall.db")).await.expect("a store");
    let bench = Bench::on(folder, store).await;
    assert_eq!(bench.stored().await, [1, 3]);
    assert!(bench.recovered.damaged > 0);
    let kept = std::fs::read_dir(bench.folder.path()).expect("the folder").find_map(|entry| {
        let path = entry.expect("an entry").path();
        path.to_string_lossy().contains(".spool.damaged-").then_some(path)
    });
    assert_eq!(std::fs::read(kept.expect("the file")).expect("a read"), spool);
    assert_eq!(bench.keep(4).await, Ok(Kept::Store));
}

#[tokio::test]
async fn a_spool_of_another_copy_of_the_store_is_moved_away() {
    let bench = Bench::new().await;
    assert_eq!(bench.keep(1).await, Ok(Kept::Store));
    let another = change(1, What::Opened, alert(9, "another one"));
    let rows = AlertRows { changes: vec![another], ..AlertRows::default() };
    let line = frame::frame(&serde_json::to_vec(&rows).expect("JSON")).expect("a line");
    std::fs::write(&bench.spool, line).expect("a spool");
    let bench = bench.again().await;
    assert_eq!((bench.stored().await, bench.recovered.entries), (vec![1], 0));
    assert_eq!(bench.keep(2).await, Ok(Kept::Store));
}

#[tokio::test]
async fn an_entry_that_was_written_twice_is_stored_once() {
    let bench = Bench::new().await;
    let rows = [opened(1), opened(2), opened(3)].map(Arc::new);
    bench.store.write_alerts(rows.to_vec()).await.expect("a write");
    bench.store.write_alerts(rows[1..].to_vec()).await.expect("the same again");
    assert_eq!(bench.stored().await, to(3));

    let another = change(2, What::Opened, alert(9, "another one"));
    let another = AlertRows { changes: vec![another], ..AlertRows::default() };
    let clash = bench.store.write_alerts(vec![Arc::new(opened(4)), Arc::new(another)]).await;
    assert!(matches!(clash, Err(StoreError::Clash { seq: Seq(2), .. })), "{clash:?}");
    assert_eq!(bench.stored().await, to(3), "all or nothing");
}

#[tokio::test]
async fn messages_go_to_the_postman_when_they_are_stored_wherever() {
    let bench = Bench::new().await;
    let message = |seq: u64| -> Delivery {
        let message = json!({
            "id": Uuid::from_u128(u128::from(seq)), "alert": Uuid::nil(), "seq": seq,
            "channel": "radio", "address": "", "created_at": seq, "tries": 0, "next_try_at": 0,
            "message": {"priority": "high", "subject": "", "text": "", "compact": "",
                "json": {}, "closed": false, "drill": false},
        });
        serde_json::from_value(message).expect("a message")
    };
    let rows = |seq| AlertRows { deliveries: vec![message(seq)], ..opened(seq) };
    assert_eq!(bench.ledger.keep(rows(1)).await, Some(Ok(Kept::Store)));
    let lock = bench.lock().await;
    assert_eq!(bench.ledger.keep(rows(2)).await, Some(Ok(Kept::Spool)));
    assert_eq!(*bench.posted.lock().expect("no panic"), [message(1), message(2)]);
    lock.end().await;
    bench.until(Keeping::Ok).await;
    let channel = "radio".try_into().expect("an id");
    let waits = bench.store.pending_deliveries(&channel, 10).await.expect("a read");
    assert_eq!(waits, [message(1), message(2)]);
    assert_eq!(bench.posted.lock().expect("no panic").len(), 2, "not posted again");
}
