//! Nothing that was answered as stored is lost: a ledger that is killed at random moments under 50
//! alerts per second, a disk that is full for a minute, and a store that is locked for half of one.
//!
//! `make crash ARGS="--kills 200"` measures; without `--bench` (as `cargo test --benches` runs it)
//! there are a few kills and no minute of trouble. Goals: a start within 5 s, people know within 5 s,
//! the spool is empty within 60 s, a commit within 5 ms.

#[path = "../tests/support/alerts.rs"]
mod alerts;
#[path = "../tests/support/crash.rs"]
mod crash;
#[path = "support/goals.rs"]
mod goals;

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use alerts::opened;
use crash::{CHILD_STORE, Plan};
use tempfile::TempDir;
use watchwall::{
    desk::feed::{AlertFeed, Keeping, Replay},
    domain::alert::Seq,
    service::ledger::{self, Ledger, Opened},
    store::Store,
};

/// Alerts per second.
const RATE: u64 = 50;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    if let Some(path) = std::env::var_os(CHILD_STORE) {
        return runtime.block_on(crash::child(Path::new(&path)));
    }
    let measured = std::env::args().any(|arg| arg == "--bench");
    let number = |name: &str| {
        let mut args = std::env::args().skip_while(|arg| arg != name);
        args.nth(1).map(|number| number.parse::<u64>().expect("a number"))
    };
    let kills = number("--kills").unwrap_or(if measured { 200 } else { 3 });
    let seed = number("--seed").unwrap_or(1);
    runtime.block_on(async {
        commits(if measured { 1000 } else { 20 }).await;
        killed(u32::try_from(kills).expect("fewer kills"), seed).await;
        if measured {
            let seconds = number("--trouble").unwrap_or(60);
            full(Duration::from_secs(seconds)).await;
            locked(Duration::from_secs(seconds / 2)).await;
        }
    });
}

/// A ledger with its folder.
struct Bench {
    _folder: Option<TempDir>,
    path: PathBuf,
    ledger: Ledger,
    feed: Arc<AlertFeed>,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let bench = Self::at(folder.path()).await;
        Self { _folder: Some(folder), ..bench }
    }

    async fn at(folder: &Path) -> Self {
        let path = folder.join("watchwall.db");
        let store = Store::open(&path).await.expect("a store");
        let spool = folder.join("watchwall.db.spool");
        let Opened { ledger, feed, keeper, .. } =
            ledger::open(store, spool).await.expect("a ledger");
        tokio::spawn(keeper.run(drop));
        Self { _folder: None, path, ledger, feed }
    }

    /// Gives alerts at their rate for so long, from `seq` on; returns the next number, how long each
    /// answer took, and how many were refused for the time being.
    async fn storm(&self, seq: u64, lasts: Duration) -> (u64, Vec<Duration>, usize) {
        let count = u64::try_from(lasts.as_millis()).expect("a minute") * RATE / 1000;
        let mut tick =
            tokio::time::interval(Duration::from_secs(1) / u32::try_from(RATE).expect("few"));
        let mut answers = tokio::task::JoinSet::new();
        for seq in seq..seq + count {
            tick.tick().await;
            let ledger = self.ledger.clone();
            // In this order into the queue; the answer is waited for aside.
            let (answer, answered) = tokio::sync::oneshot::channel();
            let entry = ledger::Entry { rows: opened(seq), answer: Some(answer) };
            let began = Instant::now();
            ledger.give(entry).await.expect("a ledger that runs");
            answers.spawn(async move {
                let kept = answered.await.expect("an answer");
                (began.elapsed(), kept.is_ok())
            });
        }
        let answers = answers.join_all().await;
        let refused = answers.iter().filter(|(_, kept)| !kept).count();
        (seq + count, answers.into_iter().map(|(took, _)| took).collect(), refused)
    }

    /// Waits until it is kept so, and says how long that took.
    async fn until(&self, keeping: impl Fn(Keeping) -> bool) -> Duration {
        let began = Instant::now();
        let mut storage = self.feed.storage();
        let reached = storage.wait_for(|storage| keeping(storage.state));
        let reached = tokio::time::timeout(Duration::from_secs(120), reached).await;
        drop(reached.expect("in time").expect("the feed"));
        began.elapsed()
    }

    /// All that was given is in the store, each once.
    async fn all_there(&self, next: u64) {
        let mut at = Seq(0);
        let store = Store::open(&self.path).await.expect("the store");
        loop {
            let changes = store.alert_changes(at, 1000).await.expect("a read");
            let Some(last) = changes.last() else { break };
            for (change, expected) in changes.iter().zip(at.0 + 1..) {
                assert_eq!(change.seq.0, expected, "a hole");
            }
            at = last.seq;
        }
        assert_eq!(at.0 + 1, next, "all of them");
        assert!(
            matches!(self.feed.after(at, 1).await, Ok(Replay::Changes(none)) if none.is_empty())
        );
    }
}

fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    sorted[(sorted.len() - 1) * percent / 100].as_secs_f64() * 1000.0
}

async fn commits(count: u64) {
    let bench = Bench::new().await;
    let lasts = Duration::from_millis(count * 1000 / RATE);
    let (next, mut took, refused) = bench.storm(1, lasts).await;
    took.sort();
    println!(
        "an alert with its message, report and audit, {RATE} per second, until it is answered"
    );
    println!(
        "  {} alerts, p50 {:.2} ms, p99 {:.2} ms, worst {:.2} ms",
        took.len(),
        percentile(&took, 50),
        percentile(&took, 99),
        percentile(&took, 100)
    );
    goals::at_most("p50 of a commit", percentile(&took, 50), 5.0, " ms");
    assert_eq!(refused, 0);
    bench.all_there(next).await;

    // As fast as it goes: 64 share a commit.
    let began = Instant::now();
    let burst = 20 * count;
    let mut answers = Vec::new();
    for seq in next..next + burst {
        let (answer, answered) = tokio::sync::oneshot::channel();
        let entry = ledger::Entry { rows: opened(seq), answer: Some(answer) };
        bench.ledger.give(entry).await.expect("a ledger that runs");
        answers.push(answered);
    }
    for answered in answers {
        assert!(answered.await.expect("an answer").is_ok());
    }
    let rate = f64::from(u32::try_from(burst).expect("few")) / began.elapsed().as_secs_f64();
    println!("  {burst} at once: {rate:.0} per second");
    bench.all_there(next + burst).await;
}

async fn killed(kills: u32, seed: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("watchwall.db");
    let exe = std::env::current_exe().expect("this program");
    let plan = Plan { kills, lock_every: 4, seed };
    let report = crash::run(&path, plan, || Command::new(&exe)).await;
    println!("killed {kills} times at random under {RATE} alerts per second, seed {seed}");
    println!(
        "  {} answered, {} of them from the spool, {} put into the store at a start; {} stored",
        report.answered.len(),
        report.spooled,
        report.recovered,
        report.stored
    );
    println!("  every answered one is there, none twice, no hole");
    let worst = report.starts.iter().max().copied().unwrap_or_default();
    goals::at_most("start to serving, the worst", worst.as_secs_f64(), 5.0, " s");
}

/// A small disk in memory; `None` where this user may not mount.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn new(mebibytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let size = format!("size={mebibytes}m");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "none"])
            .arg(folder.path())
            .status();
        mount.is_ok_and(|status| status.success()).then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

async fn full(lasts: Duration) {
    let Some(disk) = SmallDisk::new(64) else {
        return println!("a full disk: left out, because this user may not mount a small one");
    };
    let bench = Bench::at(disk.0.path()).await;
    let (next, ..) = bench.storm(1, Duration::from_secs(2)).await;
    let filler = disk.0.path().join("filler");
    // To the last byte, as far as it goes.
    let filled = std::fs::write(&filler, vec![0; 64 << 20]);
    assert!(filled.is_err(), "the disk is full");
    let storm = bench.storm(next, lasts);
    let known = bench.until(|keeping| keeping != Keeping::Ok);
    let ((next, _, refused), known) = tokio::join!(storm, known);
    let waiting = bench.feed.storage().borrow().clone();
    std::fs::remove_file(&filler).expect("our file");
    let drained = bench.until(|keeping| keeping == Keeping::Ok).await;
    println!("a disk that is full for {lasts:?}, the spool on it too");
    println!(
        "  {} waited as {:?}, {refused} were answered as not stored yet",
        waiting.waiting, waiting.state
    );
    goals::at_most("people know after", known.as_secs_f64(), 5.0, " s");
    goals::at_most("all is stored after", drained.as_secs_f64(), 60.0, " s");
    bench.all_there(next).await;
}

async fn locked(lasts: Duration) {
    let bench = Bench::new().await;
    let (next, ..) = bench.storm(1, Duration::from_secs(2)).await;
    let lock = crash::locked(&bench.path).await;
    let storm = bench.storm(next, lasts);
    let known = bench.until(|keeping| keeping != Keeping::Ok);
    let ((next, mut took, refused), known) = tokio::join!(storm, known);
    drop(lock);
    let drained = bench.until(|keeping| keeping == Keeping::Ok).await;
    took.sort();
    println!("a store that is locked for {lasts:?}");
    println!(
        "  {refused} were answered as not stored yet; the longest wait {:.0} ms",
        percentile(&took, 100)
    );
    goals::at_most("people know after", known.as_secs_f64(), 5.0, " s");
    goals::at_most("all is stored after", drained.as_secs_f64(), 60.0, " s");
    bench.all_there(next).await;
}
