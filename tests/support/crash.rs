//! A ledger that is killed again and again while alerts come, and what must be true afterwards.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};

use rand::{Rng, SeedableRng, rngs::SmallRng};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use uuid::Uuid;
use watchwall::{
    desk::feed::Replay,
    domain::alert::Seq,
    service::ledger::{self, Kept, Opened},
    store::{Store, StoreError},
};

use super::alerts::opened;

/// Names the store to the child.
pub(crate) const CHILD_STORE: &str = "WATCHWALL_TEST_CRASH_STORE";

/// 50 alerts per second.
const EVERY: Duration = Duration::from_millis(20);

/// Far longer than a start takes on the slowest machine.
const START_WITHIN: Duration = Duration::from_secs(60);

fn spool(store: &Path) -> PathBuf {
    store.with_extension("db.spool")
}

/// The process that is killed: alerts come, and each answered one is printed.
pub(crate) async fn child(path: &Path) {
    let store = Store::open(path).await.expect("a store");
    let Opened { ledger, feed, keeper, recovered } =
        ledger::open(store, spool(path)).await.expect("a ledger");
    tokio::spawn(keeper.run(drop));
    say(&format!("serving {} {}", feed.head(), recovered.entries));
    let mut tick = tokio::time::interval(EVERY);
    for seq in feed.head().0 + 1.. {
        tick.tick().await;
        let rows = opened(seq);
        let id = rows.changes[0].alert.id;
        let (answer, answered) = tokio::sync::oneshot::channel();
        let entry = ledger::Entry { rows, answer: Some(answer) };
        ledger.give(entry).await.expect("a ledger that runs");
        tokio::spawn(async move {
            if let Ok(Ok(kept)) = answered.await {
                let place = if kept == Kept::Store { "store" } else { "spool" };
                say(&format!("kept {seq} {id} {place}"));
            }
        });
    }
}

/// One line, at once: what is said was promised, whatever comes next.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Its reader is gone only with the parent.
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

/// How often, and how much trouble.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) kills: u32,
    /// Every so many rounds the store is locked until the kill, so that alerts are in the spool.
    pub(crate) lock_every: u32,
    pub(crate) seed: u64,
}

/// What happened.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Alerts whose storing was confirmed, by number.
    pub(crate) answered: BTreeMap<u64, Uuid>,
    /// Of them, in the spool.
    pub(crate) spooled: u64,
    /// Entries that a start put from the spool into the store.
    pub(crate) recovered: u64,
    /// From the start of a process to serving, each.
    pub(crate) starts: Vec<Duration>,
    /// All changes in the store at the end.
    pub(crate) stored: u64,
}

/// Kills `command` as planned, then looks whether all that was answered is there, none twice and
/// without a hole.
pub(crate) async fn run(path: &Path, plan: Plan, command: impl Fn() -> Command) -> Report {
    let mut random = SmallRng::seed_from_u64(plan.seed);
    let mut report = Report::default();
    for round in 1..=plan.kills {
        let began = Instant::now();
        let mut child = Running::start(command().env(CHILD_STORE, path));
        let (head, recovered) = child.serving();
        report.starts.push(began.elapsed());
        report.recovered += recovered;
        let newest = report.answered.keys().next_back().copied().unwrap_or_default();
        assert!(head >= newest, "round {round}: {newest} was answered, and {head} is the head");
        let lock = round % plan.lock_every == 0;
        let lock = if lock { Some(locked(path).await) } else { None };
        // A locked store is given up after 2 s.
        let least = if lock.is_some() { 2500 } else { 0 };
        let lives = Duration::from_millis(least + random.random_range(20..600));
        tokio::time::sleep(lives).await;
        for (seq, id, place) in child.kill() {
            let other = report.answered.insert(seq, id);
            assert!(other.is_none(), "{seq} was answered twice: {other:?} and {id}");
            report.spooled += u64::from(place == "spool");
        }
        if let Some(lock) = lock {
            lock.close().await.expect("a connection that ends");
        }
    }
    verify(path, &mut report).await.expect("a store that can be read");
    report
}

pub(crate) async fn locked(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).busy_timeout(Duration::from_secs(10));
    let mut connection = SqliteConnection::connect_with(&options).await.expect("the store");
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut connection).await.expect("the lock");
    connection
}

async fn verify(path: &Path, report: &mut Report) -> Result<(), StoreError> {
    let store = Store::open(path).await?;
    let Opened { feed, recovered, .. } =
        ledger::open(store.clone(), spool(path)).await.expect("a ledger");
    report.recovered += recovered.entries;
    let head = feed.head();
    let mut ids = BTreeMap::new();
    let mut at = Seq(0);
    while at < head {
        let Replay::Changes(changes) = feed.after(at, 1000).await? else {
            panic!("a hole after {at}");
        };
        for change in changes {
            assert_eq!(change.seq, at.next(), "a hole");
            at = change.seq;
            let twice = ids.insert(change.alert.id, change.seq);
            assert_eq!(twice, None, "one alert, opened once");
            if let Some(answered) = report.answered.get(&at.0) {
                assert_eq!(change.alert.id.0, *answered, "{at} is the one that was answered");
            }
        }
    }
    report.stored = at.0;
    let last = report.answered.keys().next_back().copied().unwrap_or_default();
    assert!(last <= head.0, "{last} was answered and is not there");
    // What belongs together was stored together.
    for (id, seq) in ids {
        assert_eq!(store.deliveries_of_alert(id, 10).await?.len(), 1, "the message of {seq}");
        assert_eq!(store.records_of_alert(id).await?.len(), 1, "the report of {seq}");
    }
    store.close().await;
    Ok(())
}

/// A child and what it says.
struct Running {
    child: Child,
    lines: mpsc::Receiver<String>,
    heard: Arc<Mutex<Vec<(u64, Uuid, String)>>>,
    reader: std::thread::JoinHandle<()>,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("this program again");
        let out = BufReader::new(child.stdout.take().expect("piped above"));
        let heard = Arc::<Mutex<Vec<_>>>::default();
        let (to, lines) = mpsc::channel();
        let into = heard.clone();
        let listen = move || {
            // A line that was cut by the kill said nothing.
            for line in out.split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                match kept(&line) {
                    Some(kept) => into.lock().expect("no panic").push(kept),
                    None => _ = to.send(line),
                }
            }
        };
        let reader = std::thread::Builder::new().name("listens".to_owned()).spawn(listen);
        Self { child, lines, heard, reader: reader.expect("a thread") }
    }

    /// Waits until it serves; returns its head and what it took from the spool.
    fn serving(&mut self) -> (u64, u64) {
        let by = Instant::now() + START_WITHIN;
        loop {
            let line = self.lines.recv_timeout(by.saturating_duration_since(Instant::now()));
            let line = line.expect("a child that serves");
            // A test's own words may stand before it.
            let Some((_, said)) = line.split_once("serving ") else { continue };
            let mut numbers = said.split(' ').map(|n| n.parse().expect("a number"));
            return (numbers.next().expect("a head"), numbers.next().expect("a count"));
        }
    }

    /// SIGKILL: no time to tidy up. Returns all that it had answered.
    fn kill(mut self) -> Vec<(u64, Uuid, String)> {
        self.child.kill().expect("our own child");
        self.child.wait().expect("our own child");
        self.reader.join().expect("no panic");
        std::mem::take(&mut self.heard.lock().expect("no panic"))
    }
}

/// `kept 17 0199… store`, whole.
fn kept(line: &str) -> Option<(u64, Uuid, String)> {
    let mut words = line.split("kept ").nth(1)?.split(' ');
    let seq = words.next()?.parse().ok()?;
    let id = words.next()?.parse().ok()?;
    let place = words.next().filter(|place| matches!(*place, "store" | "spool"))?;
    Some((seq, id, place.to_owned()))
}
