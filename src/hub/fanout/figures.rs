//! What the fan-out counts: per viewer, in all, and how long a picture took to reach a socket.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Counters of one viewer's tile lane. Written by the fan-out thread alone.
#[derive(Debug, Default)]
pub(super) struct ViewerCounters {
    pub(super) id: u64,
    pub(super) sent: AtomicU64,
    pub(super) skipped: AtomicU64,
    pub(super) bytes: AtomicU64,
}

/// One viewer's tile lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewerFigures {
    /// Numbers the viewers since the service began.
    pub id: u64,
    /// Messages given to its socket.
    pub sent: u64,
    /// Pictures it was not given because a newer one came first.
    pub skipped: u64,
    /// Bytes given to its socket.
    pub bytes: u64,
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
    /// From a keyframe's last byte to a viewer's socket.
    pub delay: Delay,
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
    delays: [AtomicU64; DELAYS],
    delay_sum_us: AtomicU64,
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

    pub(super) fn delayed(&self, delay: Duration) {
        let us = u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS_US.partition_point(|bound| us > *bound);
        self.delays[bucket].fetch_add(1, Ordering::Relaxed);
        self.delay_sum_us.fetch_add(us, Ordering::Relaxed);
    }

    pub(super) fn read(&self, dropped: u64) -> Figures {
        let total = self.total.read();
        let viewers =
            self.lock().iter().filter_map(Weak::upgrade).map(|viewer| viewer.read()).collect();
        let bound =
            |bucket: usize| BOUNDS_US.get(bucket).map_or(f64::INFINITY, |us| *us as f64 / 1e6);
        Figures {
            viewers,
            total,
            dropped,
            timed_out: self.timed_out.load(Ordering::Relaxed),
            delay: Delay {
                buckets: (0..DELAYS)
                    .map(|b| (bound(b), self.delays[b].load(Ordering::Relaxed)))
                    .collect(),
                sum_s: self.delay_sum_us.load(Ordering::Relaxed) as f64 / 1e6,
            },
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<ViewerCounters>>> {
        self.viewers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ViewerCounters {
    fn read(&self) -> ViewerFigures {
        ViewerFigures {
            id: self.id,
            sent: self.sent.load(Ordering::Acquire),
            skipped: self.skipped.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }
}
