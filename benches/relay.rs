//! What it costs to relay camera streams to viewers, against what people use for it, on the same
//! simulated cameras and the same viewers, one after the other:
//!
//! - the service, above what it takes to pull and watch over the same cameras with no viewers;
//! - a node relay: `ffmpeg -c copy` per stream, and the npm package `ws` to its viewers;
//! - an ffmpeg per viewer: nothing is shared; measured with few viewers, as many as are carried.
//!
//! Every relay runs in processes of its own; viewers and simulator are not counted. It asserts that
//! pictures came, never at what cost: `cargo bench --bench relay [-- --quick]`.

#[path = "support/child.rs"]
mod child;
#[path = "support/frames.rs"]
mod frames;
#[path = "support/goals.rs"]
mod goals;
#[path = "support/machine.rs"]
mod machine;
#[path = "support/processes.rs"]
mod processes;
#[path = "support/readers.rs"]
mod readers;
#[path = "support/relay/relays.rs"]
mod relays;
#[path = "support/threads.rs"]
mod threads;
#[path = "support/relay/transport_stream.rs"]
mod transport_stream;
#[expect(dead_code, reason = "shared with the capacity bench, which uses all of it")]
#[path = "support/usage.rs"]
mod usage;

use std::{path::Path, time::Duration};

use goals::at_most;
use processes::Program;
use relays::{Cost, Streams};

/// How much is measured.
#[derive(Clone, Copy)]
struct Plan {
    streams: u32,
    viewers: u32,
    ffmpegs: [u32; 2],
    settle: Duration,
    window: Duration,
}

const FULL: Plan = Plan {
    streams: 16,
    viewers: 512,
    ffmpegs: [16, 32],
    // ffmpeg looks at its input for five seconds, and sends them at once.
    settle: Duration::from_secs(8),
    window: Duration::from_secs(20),
};
const QUICK: Plan = Plan {
    streams: 4,
    viewers: 8,
    ffmpegs: [1, 2],
    settle: Duration::from_secs(3),
    window: Duration::from_secs(3),
};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args.iter().any(|arg| arg == child::FLAG) {
        return readers::run();
    }
    // `cargo test` runs benches without `--bench`: they only have to work then.
    let quick = args.iter().any(|arg| arg == "--quick") || !args.iter().any(|arg| arg == "--bench");
    let plan = if quick { QUICK } else { FULL };
    println!("{}\n", machine::machine());
    println!(
        "{} sub streams of 640x360, 12.5 frames/s, about 400 kbit/s; each viewer watches one.\n\
         {} s each; memory is PSS, so it adds up; what the kernel holds for sockets is not in it.\n",
        plan.streams,
        plan.window.as_secs()
    );
    let folder = tempfile::tempdir().expect("a temporary folder");
    let scenes = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/scenes");
    // Every tenth camera is H.265, which the node relay would need another filter for.
    let (_sim, rtsp) = Program::sim(plan.streams + plan.streams / 9 + 1, &scenes);
    let numbers = (1..).filter(|n| n % 10 != 0).take(plan.streams as usize).collect();
    let streams = Streams { rtsp, numbers, settle: plan.settle, window: plan.window };

    println!("{}", Cost::HEADING);
    let own = streams.watchwall(plan.viewers, folder.path());
    own.print("watchwall", &own);
    match streams.node(plan.viewers) {
        Ok(cost) => cost.print("node ws + ffmpeg per stream", &own),
        Err(why) => println!("node ws: not measured: {why}"),
    }
    for viewers in plan.ffmpegs {
        match streams.ffmpegs(viewers) {
            Ok(cost) => cost.print("ffmpeg per viewer", &own),
            Err(why) => println!("ffmpeg per viewer: not measured: {why}"),
        }
    }
    println!();
    let above = format!("{} streams to {} viewers, above idle", plan.streams, plan.viewers);
    at_most(&above, own.cores_above(), 0.06, " cores");
    at_most(&above, own.mib_above(), 30.0, " MiB");
}
