//! What it costs to deliver one media message, four ways in one run:
//!
//! - `raw`    one thread, plain TCP, one vectored write per viewer at the hub's gathering: the floor
//! - `hub`    the media path as it is served: `hub::fanout` behind the HTTP handshake
//! - `queues` a queue and a task per viewer, axum's WebSocket `send` per message
//! - `axum`   a tokio broadcast channel and axum's WebSocket `send` per message: the usual way
//!
//! All send the same bytes to the same readers in a child process, so their CPU time is not counted.
//! What is counted is the run time of *all* threads of this process (schedstat, exact to the
//! nanosecond), the publisher's included, divided by the messages that the readers have read. Two
//! more viewers are connected throughout: one never reads, one reads 256 kbit/s.
//!
//! It asserts that the work was done, never how fast: `cargo bench --bench fanout [-- --quick]`.

#[path = "support/allocations.rs"]
mod allocations;
#[path = "support/child.rs"]
mod child;
#[path = "support/fanout/frame.rs"]
mod frame;
#[path = "support/frames.rs"]
mod frames;
#[path = "support/goals.rs"]
mod goals;
#[path = "support/fanout/hub.rs"]
mod hub;
#[path = "support/machine.rs"]
mod machine;
#[path = "support/fanout/measure.rs"]
mod measure;
#[path = "support/fanout/mix.rs"]
mod mix;
#[path = "support/fanout/raw.rs"]
mod raw;
#[path = "support/readers.rs"]
mod readers;
#[path = "support/threads.rs"]
mod threads;
#[path = "support/fanout/usual.rs"]
mod usual;

use std::{net::SocketAddr, time::Duration};

use goals::at_most;
use measure::{Measured, PATHS, Setting, measure};
use mix::{LARGE_KEYFRAMES, LIVE, Lane, Mix, Publish, TILES};

/// A way to deliver, under way.
struct Path {
    address: SocketAddr,
    publish: Publish,
    stop: Box<dyn FnOnce()>,
}

/// A runtime as the service has one for HTTP, smaller: a second worker makes axum dearer.
fn one_worker(name: &str) -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name(name)
        .enable_all()
        .build()
        .expect("a runtime")
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args.iter().any(|arg| arg == child::FLAG) {
        return readers::run();
    }
    // `cargo test` runs benches without `--bench`: they only have to work then.
    let quick = args.iter().any(|arg| arg == "--quick") || !args.iter().any(|arg| arg == "--bench");
    println!("{}\n", machine::machine());
    println!(
        "CPU time of all threads of the writing side per message that a viewer has read; one more \
         viewer is\nstalled, one reads 256 kbit/s. Ages are from publishing to the last byte read.\n"
    );
    let mut table: Vec<(Mix, &[u32])> =
        vec![(TILES, &[1, 8, 32, 128]), (LIVE, &[1, 8, 32, 128]), (LARGE_KEYFRAMES, &[8, 32])];
    let mut time = Duration::from_secs(3);
    if quick {
        table = vec![(LIVE, &[1, 8])];
        time = Duration::from_millis(600);
    }
    for (mix, viewers) in table {
        println!("{}", mix.name);
        println!("{}", Measured::HEADING);
        for viewers in viewers {
            row(mix, *viewers, time);
        }
        println!();
    }
    stalled(if quick { 1 } else { 5 }, if quick { 4 } else { 32 }, time);
}

/// One number of viewers, each way.
fn row(mix: Mix, viewers: u32, time: Duration) {
    let setting = Setting { mix, viewers, stalled: true, time };
    let results = PATHS.map(|path| measure(path, setting));
    let cost = |n: usize| results[n].us_per_message();
    for (path, result) in PATHS.iter().zip(&results) {
        result.print(*path, viewers, cost(0), cost(3));
        assert!(result.read.messages > 0, "{path:?}: nothing was delivered");
    }
    let hub = &results[1];
    at_most(format!("hub, {viewers} viewers, of raw"), cost(1) / cost(0), 1.15, "");
    at_most(format!("hub, {viewers} viewers, of axum broadcast"), cost(1) / cost(3), 0.45, "");
    if mix.lane == Lane::Live {
        // A few come from what clients say each second, not from what they are sent.
        let each = (100.0 * hub.allocations_per_message()).round() / 100.0;
        at_most("allocations per message on the fan-out thread, to the hundredth", each, 0.0, "");
    }
    if mix.name == LIVE.name && viewers == 32 {
        at_most("p50", hub.read.p50_us as f64 / 1e3, 1.0, " ms");
        at_most("p99", hub.read.p99_us as f64 / 1e3, 4.0, " ms");
    }
    if mix.name == LIVE.name && viewers == 128 {
        at_most("messages missed", hub.read.missed as f64, 0.0, "");
        at_most("cores", hub.cores(), 0.6, "");
    }
    println!(
        "  the viewer at 256 kbit/s: {} messages, {} left out, {} jumps, {:.0} kbit/s, p50 {:.0} ms, p99 {:.0} ms",
        hub.slow.messages,
        hub.slow.missed,
        hub.slow.jumps,
        hub.slow.bytes as f64 * 8.0 / 1e3 / hub.wall_s,
        hub.slow.p50_us as f64 / 1e3,
        hub.slow.p99_us as f64 / 1e3,
    );
}

/// What a stalled viewer does to the others: the same row with and without it, in turn.
fn stalled(pairs: usize, viewers: u32, time: Duration) {
    println!(
        "{}, {viewers} viewers, hub: without and with a stalled viewer, {pairs} pairs",
        LIVE.name
    );
    let mut runs = [Vec::new(), Vec::new()];
    for pair in 0..2 * pairs {
        // Which comes first changes, so that a drift of the machine favours neither.
        let with = (pair + pair / 2) % 2;
        let setting = Setting { mix: LIVE, viewers, stalled: with == 1, time };
        runs[with].push(measure(PATHS[1], setting));
    }
    let median = |with: usize, of: fn(&Measured) -> f64| {
        let mut figures: Vec<f64> = runs[with].iter().map(of).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    for (with, word) in ["without", "with"].into_iter().enumerate() {
        println!(
            "  {word:8} median p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms, heap at most {:.1} MiB",
            median(with, |run| run.read.p50_us as f64 / 1e3),
            median(with, |run| run.read.p99_us as f64 / 1e3),
            median(with, |run| run.read.p999_us as f64 / 1e3),
            median(with, Measured::heap_mib),
        );
    }
    let p99 = |with| median(with, |run| run.read.p99_us as f64);
    let heap = |with| median(with, Measured::heap_mib);
    at_most("change of the others' p99", 100.0 * (p99(1) / p99(0) - 1.0), 10.0, " %");
    at_most("change of memory", heap(1) - heap(0), 8.0, " MiB");
}
