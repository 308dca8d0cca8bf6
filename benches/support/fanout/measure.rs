//! One way, one mix, one number of viewers: what it cost and how old the messages were.

use std::time::{Duration, Instant};

use super::{
    Path,
    allocations::{allocations, on_heap},
    child::Readers,
    hub,
    mix::{Lane, Mix, Publisher},
    raw,
    readers::{Plan, Read, Report, Wish},
    threads::Threads,
    usual,
};

/// A way to deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Raw,
    Hub,
    Queues,
    Broadcast,
}

/// In the order of a row.
pub(crate) const PATHS: [Way; 4] = [Way::Raw, Way::Hub, Way::Queues, Way::Broadcast];

impl Way {
    fn start(self, lane: Lane) -> Path {
        match self {
            Self::Raw => raw::start(lane),
            Self::Hub => hub::start(lane),
            Self::Queues => usual::queues(lane),
            Self::Broadcast => usual::broadcast(lane),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Hub => "hub",
            Self::Queues => "queues",
            Self::Broadcast => "axum",
        }
    }

    /// The thread that writes to the viewers.
    fn writer(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Hub => "fanout",
            Self::Queues | Self::Broadcast => "axum",
        }
    }

    fn viewer(self, lane: Lane) -> Wish {
        let subscribe = match lane {
            Lane::Tiles => r#"{"type":"subscribe","tiles":{"cameras":["*"],"width":320}}"#,
            Lane::Live => {
                r#"{"type":"subscribe","tiles":[],"video":[{"camera":"*","stream":"sub"}]}"#
            }
        };
        Wish {
            path: (self != Self::Raw).then(|| "/api/v1/media".to_owned()),
            subscribe: (self == Self::Hub).then(|| subscribe.to_owned()),
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) mix: Mix,
    pub(crate) viewers: u32,
    pub(crate) stalled: bool,
    pub(crate) time: Duration,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) read: Read,
    pub(crate) slow: Read,
    pub(crate) wall_s: f64,
    cpu_s: f64,
    writer_s: f64,
    reader_s: f64,
    allocations: u64,
    heap: u64,
}

pub(crate) fn measure(way: Way, setting: Setting) -> Measured {
    let Setting { mix, viewers, stalled, time } = setting;
    let heap_before = on_heap();
    let path = way.start(mix.lane);
    let wish = way.viewer(mix.lane);
    let mut readers = Readers::start(&Plan {
        address: path.address,
        viewers: vec![wish.clone(); viewers as usize],
        stalled: stalled.then(|| wish.clone()),
        slow: Some(wish),
    });
    let publisher = Publisher::start(mix, path.publish);
    // Until every stream has begun, queues have grown and the slow viewer's are full.
    publisher.pass(time.clamp(Duration::from_millis(400), Duration::from_secs(2)), || {});
    readers.tell("start");
    let (before, made, start) = (Threads::read(), allocations(way.writer()), Instant::now());
    let mut heap = 0;
    // The publisher runs by the clock; this thread only lets the time pass.
    publisher.pass(time, || heap = heap.max(on_heap()));
    let made = allocations(way.writer()) - made;
    readers.tell("stop");
    let (after, wall_s) = (Threads::read(), start.elapsed().as_secs_f64());
    let report: Report = readers.result();
    publisher.stop();
    (path.stop)();
    Measured {
        read: report.all,
        slow: report.slow,
        wall_s,
        cpu_s: after.seconds(&before, None),
        writer_s: after.seconds(&before, Some(way.writer())),
        reader_s: report.cpu_s,
        allocations: made,
        heap: heap.saturating_sub(heap_before),
    }
}

impl Measured {
    pub(crate) const HEADING: &str = "viewers  path    us/message  of raw  of axum   p50 ms   p99 ms  p99.9 ms  missed    jumps  \
         allocs/msg  cores  writer  readers";

    pub(crate) fn us_per_message(&self) -> f64 {
        self.cpu_s * 1e6 / self.read.messages.max(1) as f64
    }

    pub(crate) fn cores(&self) -> f64 {
        self.cpu_s / self.wall_s
    }

    pub(crate) fn allocations_per_message(&self) -> f64 {
        self.allocations as f64 / self.read.messages.max(1) as f64
    }

    pub(crate) fn heap_mib(&self) -> f64 {
        self.heap as f64 / f64::from(1 << 20)
    }

    pub(crate) fn print(&self, way: Way, viewers: u32, raw: f64, axum: f64) {
        let Read { messages, missed, jumps, p50_us, p99_us, p999_us, .. } = self.read;
        println!(
            "{viewers:7}  {:6} {:11.2} {:7.2} {:8.2} {:8.2} {:8.2} {:9.2} {:6.1}% {jumps:8} {:11.4} {:6.2} {:7.2} {:8.2}",
            way.name(),
            self.us_per_message(),
            self.us_per_message() / raw,
            self.us_per_message() / axum,
            p50_us as f64 / 1e3,
            p99_us as f64 / 1e3,
            p999_us as f64 / 1e3,
            100.0 * missed as f64 / (messages + missed).max(1) as f64,
            self.allocations_per_message(),
            self.cores(),
            self.writer_s / self.wall_s,
            self.reader_s / self.wall_s,
        );
    }
}
