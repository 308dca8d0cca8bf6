//! What the alert desk promises, at a whole service as it is run: consoles that drop, consoles that
//! are slow, the way from a camera's fault to every receiver, the service killed while alerts come,
//! and a day of 150 cameras.
//!
//! `make measure-alerts` measures everything, in about half an hour. ARGS: `--only
//! consoles|slow|path|kills|day`, `--minutes N` (of the storm of `consoles`, of each half of `slow`),
//! `--kills N`, `--seed N`, `--hours N` (of the day). Without `--bench` (as `cargo test --bench
//! alerts` runs it) each is tried for a moment.
//!
//! Nothing lost, nothing twice and nothing out of order is asserted; figures are set beside their
//! goals, never asserted: they depend on the machine.

#[path = "../tests/support/consoles.rs"]
mod consoles;
#[path = "support/alerts/day.rs"]
mod day;
#[path = "support/alerts/dropping.rs"]
mod dropping;
#[path = "support/alerts/figures.rs"]
mod figures;
#[path = "support/goals.rs"]
mod goals;
#[path = "support/alerts/kills.rs"]
mod kills;
#[path = "support/machine.rs"]
mod machine;
#[path = "../tests/support/paced.rs"]
mod paced;
#[path = "support/alerts/path.rs"]
mod path;
#[path = "support/processes.rs"]
mod processes;
#[expect(dead_code, reason = "what misbehaves is for tests")]
#[path = "../tests/support/receivers.rs"]
mod receivers;
#[path = "support/alerts/service.rs"]
mod service;
#[path = "support/alerts/slow.rs"]
mod slow;
#[path = "../tests/support/storm.rs"]
mod storm;

use std::time::Duration;

/// What is measured, and how much of it.
struct Wish {
    only: Option<String>,
    measured: bool,
    minutes: Option<f64>,
    kills: Option<u32>,
    hours: Option<u32>,
    seed: u64,
}

impl Wish {
    fn of_arguments() -> Self {
        let args: Vec<String> = std::env::args().skip(1).collect();
        let value = |name: &str| {
            let at = args.iter().position(|arg| arg == name)?;
            args.get(at + 1).cloned()
        };
        let number = |name| value(name).map(|n| n.parse::<f64>().expect("a number"));
        Self {
            only: value("--only"),
            measured: args.iter().any(|arg| arg == "--bench"),
            minutes: number("--minutes"),
            kills: number("--kills").map(|n| n as u32),
            hours: number("--hours").map(|n| n as u32),
            seed: number("--seed").map_or(1, |n| n as u64),
        }
    }

    fn wants(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == name)
    }

    /// So many minutes if nothing else is said; a few seconds where it only has to work.
    fn lasts(&self, minutes: f64) -> Duration {
        let usual = if self.measured { minutes } else { 0.05 };
        Duration::from_secs_f64(60.0 * self.minutes.unwrap_or(usual))
    }
}

fn main() {
    let wish = Wish::of_arguments();
    println!("{}\n", machine::machine());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    if wish.wants("consoles") {
        let (consoles, stays) = if wish.measured { (20, 5_000..30_000) } else { (4, 300..1_000) };
        runtime.block_on(dropping::run(consoles, stays, wish.lasts(10.0), wish.seed));
    }
    if wish.wants("slow") {
        let (others, rounds) = if wish.measured { (48, 3) } else { (4, 1) };
        runtime.block_on(slow::run(others, rounds, wish.lasts(0.75)));
    }
    if wish.wants("path") {
        // The first camera's fault is no matter of pictures.
        let (cameras, in_order) =
            if wish.measured { (40, path::LEARNS) } else { (1, Duration::ZERO) };
        runtime.block_on(path::run(cameras, in_order));
    }
    if wish.wants("kills") {
        let kills = wish.kills.unwrap_or(if wish.measured { 200 } else { 2 });
        runtime.block_on(kills::run(kills, wish.seed));
    }
    if wish.wants("day") {
        day::run(wish.hours.unwrap_or(if wish.measured { 24 } else { 1 }), wish.seed);
    }
}
