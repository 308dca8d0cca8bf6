//! Consoles beside one that reads 256 kbit/s and one that does not read: what the others notice, and
//! what it costs.
//!
//! With and without the two in turns, so that what else the machine does falls on both alike. An
//! alert's delay is taken from the moment at which the first of all knew that it is stored, be it a
//! console or who posted the event.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    consoles::{Book, Console, Manner},
    figures::Times,
    goals,
    service::{CAMERAS, Service},
    storm::{self, Storm, Told},
};

/// Events a second. Each is four changes, which is more than the slow one can take.
const RATE: u32 = 20;
/// 256 kbit/s in bytes.
const SLOW: u32 = 32_000;
/// For the slow one to catch up.
const LEVEL_WITHIN: Duration = Duration::from_secs(600);

/// Beside so many others, so often.
pub(crate) async fn run(others: u32, rounds: u32, lasts: Duration) {
    let service = Service::start();
    let address = service.address;
    let console = |_| Console::new(address, Manner::Steady, Book::default());
    let consoles: Vec<Console> = (0..others).map(console).collect();
    let mut storm = Storm::new(address, CAMERAS);
    // Buffers, caches and what is remembered of commands grow to their size.
    storm.blow(RATE, lasts).await;
    level(&consoles, address).await;

    let (mut without, mut with) = (Delays::default(), Delays::default());
    let mut grown: f64 = 0.0;
    let (mut slow, mut deaf) = (Book::default(), Book::default());
    for _ in 0..rounds {
        let peak = Peak::watch(service.centre.pid());
        let told = storm.blow(RATE, lasts).await;
        level(&consoles, address).await;
        without.add(&told, &consoles);
        let before = peak.mebibytes();

        let peak = Peak::watch(service.centre.pid());
        // What they do not read is more than what they missed.
        let here = consoles[0].book().clone();
        let at_head = |book: Book| Book { changes: here.changes.clone(), ..book };
        let (hears, is_deaf) = watch::channel(true);
        let crawls = Console::new(address, Manner::Slow(SLOW), at_head(slow));
        let sleeps = Console::new(address, Manner::Deaf(is_deaf), at_head(deaf));
        let told = storm.blow(RATE, lasts).await;
        let head = level(&consoles, address).await;
        with.add(&told, &consoles);
        let behind = head - crawls.book().last().min(head);
        hears.send_replace(false);
        let caught_up =
            tokio::join!(crawls.until(head, LEVEL_WITHIN), sleeps.until(head, LEVEL_WITHIN));
        println!(
            "  the slow one was {behind} changes behind and had all after {:.0} s, the one that had \
             not read after {:.1} s",
            caught_up.0.as_secs_f64(),
            caught_up.1.as_secs_f64()
        );
        grown = grown.max(peak.mebibytes() - before);
        (slow, deaf) = (crawls.book().clone(), sleeps.book().clone());
        assert!(slow.faults.is_empty() && deaf.faults.is_empty(), "{slow:?} {deaf:?}");
    }

    println!(
        "{others} consoles, {RATE} alerts/s, {rounds} times {lasts:?} without and with two slow ones"
    );
    println!("  without: {}", without.times());
    println!("  with:    {}", with.times());
    let (without, with) = (without.times().ms(99), with.times().ms(99));
    println!(
        "  closed as too slow: the slow one {} times, the deaf one {} times",
        slow.too_slow, deaf.too_slow
    );
    goals::at_most("p99 from stored to received", with, 500.0, " ms");
    goals::at_most("of the p99 without them", with / without * 100.0, 110.0, " %");
    goals::at_most("memory that the service grew by", grown, 16.0, " MiB");
    println!();
}

/// Waits until all of them have all; which one that is.
async fn level(consoles: &[Console], address: std::net::SocketAddr) -> u64 {
    let head = storm::head(address).await;
    for console in consoles {
        console.until(head, LEVEL_WITHIN).await;
    }
    head
}

/// From stored to received, of every alert at every console.
#[derive(Default)]
struct Delays(Vec<Duration>);

impl Delays {
    fn add(&mut self, told: &[Told], consoles: &[Console]) {
        let mut stored: HashMap<Uuid, Instant> =
            told.iter().map(|told| (told.alert, told.answered)).collect();
        let mut came = Vec::new();
        for console in consoles {
            let book = console.book();
            assert!(book.faults.is_empty(), "{:?}", book.faults);
            let mut first: HashMap<Uuid, Instant> = HashMap::with_capacity(told.len());
            for change in book.changes.iter().filter(|change| stored.contains_key(&change.alert)) {
                first.entry(change.alert).or_insert(change.at);
            }
            assert_eq!(first.len(), stored.len(), "every alert came");
            came.push(first);
        }
        for first in &came {
            for (alert, at) in first {
                stored.entry(*alert).and_modify(|stored| *stored = (*stored).min(*at));
            }
        }
        let delays = came.iter().flatten().map(|(alert, at)| *at - stored[alert]);
        self.0.extend(delays);
    }

    fn times(&self) -> Times {
        Times::of(self.0.iter().copied())
    }
}

/// The most memory of a process since it is watched.
struct Peak(Arc<AtomicU64>, tokio::task::JoinHandle<()>);

impl Peak {
    fn watch(pid: u32) -> Self {
        let peak = Arc::new(AtomicU64::new(0));
        let (into, every) = (peak.clone(), Duration::from_millis(250));
        let watch = async move {
            loop {
                into.fetch_max(resident_kib(pid), Ordering::Relaxed);
                tokio::time::sleep(every).await;
            }
        };
        Self(peak, tokio::spawn(watch))
    }

    fn mebibytes(&self) -> f64 {
        self.0.load(Ordering::Relaxed) as f64 / 1024.0
    }
}

impl Drop for Peak {
    fn drop(&mut self) {
        self.1.abort();
    }
}

fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse().unwrap_or_default()
}
