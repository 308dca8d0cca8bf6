//! What the fan-out counts: per viewer, in all, and how long a picture took to reach a socket.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::gather::Given;
use crate::domain::fanout::live::Counts;

/// Counters of one viewer. Written by the fan-out thread alone.
#[derive(Debug, Default)]
pub(super) struct ViewerCounters {
    id: u64,
    sent: AtomicU64,
    skipped: AtomicU64,
    bytes: AtomicU64,
    video: VideoCounters,
}

#[derive(Debug, Default)]
struct VideoCounters {
    sent: AtomicU64,
    bytes: AtomicU64,
    dropped: AtomicU64,
    jumps: AtomicU64,
    steps_down: AtomicU64,
    steps_up: AtomicU64,
    carried: [AtomicU64; 3],
}

/// One viewer: its tiles, and beside them its live video.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ViewerFigures {
    /// Numbers the viewers since the service began.
    pub id: u64,
    /// Messages given to its socket.
    pub sent: u64,
    /// Pictures it was not given because a newer one came first.
    pub skipped: u64,
    /// Bytes given to its socket.
    pub bytes: u64,
    /// Its live video.
    pub video: VideoFigures,
}

/// The live video of one viewer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VideoFigures {
    /// Messages given to its socket, configurations included.
    pub sent: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Access units that it was not given because it was too slow for them.
    pub dropped: u64,
    /// Times that one of its lanes left something out up to a keyframe.
    pub jumps: u64,
    /// Lanes stepped down to a lower stream, or to tiles.
    pub steps_down: u64,
    /// Lanes stepped up again.
    pub steps_up: u64,
    /// Lanes that show tiles now.
    pub lanes_tile: u64,
    /// Lanes that carry the small stream now.
    pub lanes_sub: u64,
    /// Lanes that carry the large stream now.
    pub lanes_main: u64,
}

/// Everything at one point in time.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// The viewers that are connected.
    pub viewers: Vec<ViewerFigures>,
    /// All viewers together, those that left included.
    pub total: ViewerFigures,
    /// Tiles dropped because the fan-out thread did not come round.
    pub dropped: u64,
    /// Viewers closed because they took and said nothing for too long.
    pub timed_out: u64,
    /// From a keyframe's last byte to its tile in a viewer's socket.
    pub delay: Delay,
    /// Access units dropped because the fan-out thread did not come round.
    pub units_dropped: u64,
    /// Access units that could not be shown undamaged, because of a hole upstream.
    pub units_withheld: u64,
    /// From an access unit's last byte to a viewer's socket.
    pub video_delay: Delay,
}

/// A histogram of delays.
#[derive(Clone, Debug, PartialEq)]
pub struct Delay {
    /// Upper bound in seconds and count of each bucket; the last bound is infinite.
    pub buckets: Vec<(f64, u64)>,
    /// Sum of all, seconds.
    pub sum_s: f64,
}

impl Delay {
    /// The bound of the bucket that this share of all deliveries stayed under.
    pub fn quantile(&self, share: f64) -> f64 {
        let all: u64 = self.buckets.iter().map(|(_, count)| count).sum();
        let mut below = 0;
        for (bound, count) in &self.buckets {
            below += count;
            if below as f64 >= share * all as f64 {
                return *bound;
            }
        }
        f64::INFINITY
    }
}

/// Bounds in microseconds: about six to a decade, so that a quantile is known to a third, and the
/// goal of 100 ms among them.
const BOUNDS_US: [u64; 24] = [
    500, 700, 1_000, 1_500, 2_000, 3_000, 5_000, 7_000, 10_000, 15_000, 20_000, 30_000, 50_000,
    70_000, 100_000, 150_000, 200_000, 300_000, 500_000, 1_000_000, 2_000_000, 5_000_000,
    10_000_000, 20_000_000,
];
/// One more bucket takes the rest.
const DELAYS: usize = BOUNDS_US.len() + 1;

#[derive(Debug, Default)]
pub(super) struct Counters {
    viewers: Mutex<Vec<Weak<ViewerCounters>>>,
    next: AtomicU64,
    pub(super) total: ViewerCounters,
    pub(super) timed_out: AtomicU64,
    pub(super) units_withheld: AtomicU64,
    pub(super) delays: Delays,
    pub(super) video_delays: Delays,
}

#[derive(Debug, Default)]
pub(super) struct Delays {
    buckets: [AtomicU64; DELAYS],
    sum_us: AtomicU64,
}

impl Counters {
    pub(super) fn viewer(&self) -> Arc<ViewerCounters> {
        let id = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let viewer = Arc::new(ViewerCounters { id, ..ViewerCounters::default() });
        let mut viewers = self.lock();
        viewers.retain(|viewer| viewer.strong_count() > 0);
        viewers.push(Arc::downgrade(&viewer));
        viewer
    }

    pub(super) fn read(&self, dropped: u64, units_dropped: u64) -> Figures {
        let mut total = self.total.read();
        let viewers: Vec<_> =
            self.lock().iter().filter_map(Weak::upgrade).map(|viewer| viewer.read()).collect();
        for VideoFigures { lanes_tile, lanes_sub, lanes_main, .. } in
            viewers.iter().map(|viewer| viewer.video)
        {
            total.video.lanes_tile += lanes_tile;
            total.video.lanes_sub += lanes_sub;
            total.video.lanes_main += lanes_main;
        }
        Figures {
            viewers,
            total,
            dropped,
            timed_out: self.timed_out.load(Ordering::Relaxed),
            delay: self.delays.read(),
            units_dropped,
            units_withheld: self.units_withheld.load(Ordering::Relaxed),
            video_delay: self.video_delays.read(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<ViewerCounters>>> {
        self.viewers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Delays {
    pub(super) fn add(&self, delay: Duration) {
        let us = u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS_US.partition_point(|bound| us > *bound);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    fn read(&self) -> Delay {
        let bound =
            |bucket: usize| BOUNDS_US.get(bucket).map_or(f64::INFINITY, |us| *us as f64 / 1e6);
        Delay {
            buckets: (0..DELAYS)
                .map(|b| (bound(b), self.buckets[b].load(Ordering::Relaxed)))
                .collect(),
            sum_s: self.sum_us.load(Ordering::Relaxed) as f64 / 1e6,
        }
    }
}

impl ViewerCounters {
    /// A write was made.
    pub(super) fn given(&self, tiles: Given, skipped: u64, video: Given) {
        let add = |counter: &AtomicU64, more: u64| {
            if more > 0 {
                counter.fetch_add(more, Ordering::Relaxed);
            }
        };
        add(&self.bytes, tiles.bytes);
        add(&self.skipped, skipped);
        add(&self.video.bytes, video.bytes);
        // Last, so that whoever sees a message counted finds the rest counted too.
        self.video.sent.fetch_add(video.messages as u64, Ordering::Release);
        self.sent.fetch_add(tiles.messages as u64, Ordering::Release);
    }

    /// What happened to the viewer's lanes since `before`.
    pub(super) fn lanes(&self, before: &Counts, now: &Counts) {
        let VideoCounters { dropped, jumps, steps_down, steps_up, carried, .. } = &self.video;
        dropped.fetch_add(now.dropped - before.dropped, Ordering::Relaxed);
        jumps.fetch_add(now.jumps - before.jumps, Ordering::Relaxed);
        steps_down.fetch_add(now.steps_down - before.steps_down, Ordering::Relaxed);
        steps_up.fetch_add(now.steps_up - before.steps_up, Ordering::Relaxed);
        for (counter, lanes) in carried.iter().zip(now.carried) {
            counter.store(lanes, Ordering::Relaxed);
        }
    }

    fn read(&self) -> ViewerFigures {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (sent, video_sent) =
            (self.sent.load(Ordering::Acquire), self.video.sent.load(Ordering::Acquire));
        let VideoCounters { dropped, jumps, steps_down, steps_up, carried, bytes, .. } =
            &self.video;
        ViewerFigures {
            id: self.id,
            sent,
            skipped: load(&self.skipped),
            bytes: load(&self.bytes),
            video: VideoFigures {
                sent: video_sent,
                bytes: load(bytes),
                dropped: load(dropped),
                jumps: load(jumps),
                steps_down: load(steps_down),
                steps_up: load(steps_up),
                lanes_tile: load(&carried[0]),
                lanes_sub: load(&carried[1]),
                lanes_main: load(&carried[2]),
            },
        }
    }
}
