//! How the rest of the service reaches the fan-out thread: without ever waiting for it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use arc_swap::ArcSwap;
use tokio::sync::{Notify, oneshot};

use super::{Newest, Viewer};
use crate::domain::{
    camera::{Handle, Importance},
    fanout::{Picture, Step},
    media::{AccessUnit, StreamFormat, StreamRef, Tile},
};

/// Tiles that wait for the next turn, about a millisecond. More than this means that the thread is
/// starved for seconds; the newest are dropped then, and counted.
const TILES: usize = 4096;
/// The same bound in bytes.
const TILE_BYTES: usize = 64 << 20;
/// Access units and formats that wait for the next turn: two seconds of 150 streams. What comes
/// when they are full is refused, and the rest of its stream with it, until the thread comes round.
const LIVE: usize = 8192;
/// The same bound in bytes; a keyframe of any size that a worker sends still fits many times.
const LIVE_BYTES: usize = 64 << 20;
/// Access units of streams that nobody watches wait until the thread has another reason to wake, or
/// there are so many …
const QUIET: usize = 256;
/// … or of so many bytes. What waits here is part of a ring all the same: the thread takes it in
/// before it looks at what a viewer is due.
const QUIET_BYTES: usize = 1 << 20;
/// Viewers and questions that wait for the next turn; each is behind a connection limit already.
const ASKED: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Inbox {
    waiting: Mutex<Waiting>,
    wake: Notify,
    /// The thread is woken for their units.
    watched: ArcSwap<BTreeSet<StreamRef>>,
    dropped: AtomicU64,
    units_dropped: AtomicU64,
}

/// What came in since the last turn.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) tiles: Vec<(Handle, Step, Picture, Tile)>,
    tile_bytes: usize,
    /// In the order of each stream.
    pub(super) live: Vec<Live>,
    live_bytes: usize,
    /// Streams of which something was refused, after what is in `live`, and their newest format if
    /// that was refused too. Bounded by the streams there are.
    pub(super) refused: HashMap<StreamRef, Option<StreamFormat>>,
    /// The last word on each camera; bounded by the cameras there are.
    pub(super) not_live: HashMap<Handle, bool>,
    /// As above.
    pub(super) ranks: HashMap<Handle, Importance>,
    pub(super) forget: Vec<Handle>,
    pub(super) viewers: Vec<Viewer>,
    pub(super) newest: Vec<(Handle, Step, oneshot::Sender<Option<Newest>>)>,
    /// Sessions have ended: viewers are looked through for theirs.
    pub(super) ended: bool,
    pub(super) numbers: Vec<oneshot::Sender<Vec<(Handle, u32)>>>,
    /// What viewers may see is another.
    pub(super) look_again: bool,
    pub(super) shutdown: bool,
    /// The thread was told and has not looked yet: no need to tell it again.
    told: bool,
}

/// What a stream brings.
#[derive(Debug)]
pub(super) enum Live {
    Format(StreamRef, StreamFormat),
    /// With the time when it came.
    Unit(Instant, AccessUnit),
}

impl Inbox {
    pub(super) fn tile(&self, camera: Handle, step: Step, picture: Picture, tile: Tile) {
        self.put(|waiting| {
            let bytes = waiting.tile_bytes + tile.jpeg.len();
            if waiting.tiles.len() >= TILES || bytes > TILE_BYTES {
                self.dropped.fetch_add(1, Ordering::Relaxed);
                return;
            }
            waiting.tile_bytes = bytes;
            waiting.tiles.push((camera, step, picture, tile));
        });
    }

    pub(super) fn format(&self, source: StreamRef, format: &StreamFormat) {
        self.put(|waiting| {
            if waiting.refuses(source, 0) {
                waiting.refused.insert(source, Some(format.clone()));
            } else {
                waiting.live.push(Live::Format(source, format.clone()));
            }
        });
    }

    pub(super) fn unit(&self, unit: &AccessUnit) {
        let came = Instant::now();
        let watched = self.watched.load().contains(&unit.source);
        self.put_and_wake(|waiting| {
            if waiting.refuses(unit.source, unit.data.len()) {
                self.units_dropped.fetch_add(1, Ordering::Relaxed);
                waiting.refused.entry(unit.source).or_default();
            } else {
                waiting.live_bytes += unit.data.len();
                waiting.live.push(Live::Unit(came, unit.clone()));
            }
            watched || waiting.live.len() >= QUIET || waiting.live_bytes >= QUIET_BYTES
        });
    }

    pub(super) fn viewer(&self, viewer: Viewer) {
        self.put(|waiting| {
            // Dropping it closes its connection.
            if waiting.viewers.len() < ASKED {
                waiting.viewers.push(viewer);
            }
        });
    }

    pub(super) fn newest(
        &self,
        camera: Handle,
        step: Step,
        answer: oneshot::Sender<Option<Newest>>,
    ) {
        self.put(|waiting| {
            // Dropping it answers "none".
            if waiting.newest.len() < ASKED {
                waiting.newest.push((camera, step, answer));
            }
        });
    }

    pub(super) fn numbers(&self, answer: oneshot::Sender<Vec<(Handle, u32)>>) {
        self.put(|waiting| {
            // Dropping it answers that there are none.
            if waiting.numbers.len() < ASKED {
                waiting.numbers.push(answer);
            }
        });
    }

    pub(super) fn put(&self, change: impl FnOnce(&mut Waiting)) {
        self.put_and_wake(|waiting| {
            change(waiting);
            true
        });
    }

    /// Puts something in; wakes the thread if `change` says so.
    fn put_and_wake(&self, change: impl FnOnce(&mut Waiting) -> bool) {
        let mut waiting = self.lock();
        if change(&mut waiting) && !std::mem::replace(&mut waiting.told, true) {
            drop(waiting);
            self.wake.notify_one();
        }
    }

    /// Units of these streams wake the thread from now on, others do not. Returns whether units
    /// wait that came before this was known.
    pub(super) fn watch(&self, watched: Arc<BTreeSet<StreamRef>>) -> bool {
        self.watched.store(watched);
        !self.lock().live.is_empty()
    }

    /// Takes all that came in, leaving `empty`'s allocations for the next turn.
    pub(super) fn swap(&self, empty: &mut Waiting) {
        empty.told = false;
        (empty.tile_bytes, empty.live_bytes) = (0, 0);
        std::mem::swap(&mut *self.lock(), empty);
    }

    /// Resolves once something has come in.
    pub(super) async fn told(&self) {
        self.wake.notified().await;
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    pub(super) fn units_dropped(&self) -> u64 {
        self.units_dropped.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // What is inside is plain lists: a producer that panicked left them usable.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn refuses(&self, source: StreamRef, bytes: usize) -> bool {
        let full = self.live.len() >= LIVE || self.live_bytes + bytes > LIVE_BYTES;
        full || !self.refused.is_empty() && self.refused.contains_key(&source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        media::{Codec, StreamKind},
        time::UnixMicros,
    };

    fn unit(camera: u32, bytes: usize) -> AccessUnit {
        AccessUnit {
            source: StreamRef { camera: Handle(camera), stream: StreamKind::Sub },
            codec: Codec::H264,
            random_access: false,
            discontinuity: false,
            received_at: UnixMicros(0),
            media_time: 0,
            data: vec![0; bytes].into(),
        }
    }

    #[test]
    fn units_that_nobody_watches_wake_the_thread_only_when_there_are_many_or_large_ones() {
        let told = |inbox: &Inbox| inbox.lock().told;
        let inbox = Inbox::default();
        (1..QUIET).for_each(|_| inbox.unit(&unit(1, 10)));
        assert!(!told(&inbox));
        inbox.unit(&unit(1, 10));
        assert!(told(&inbox), "{QUIET} of them");

        let inbox = Inbox::default();
        inbox.unit(&unit(1, QUIET_BYTES - 1));
        assert!(!told(&inbox));
        inbox.unit(&unit(2, 1));
        assert!(told(&inbox), "{QUIET_BYTES} bytes");

        let inbox = Inbox::default();
        inbox.unit(&unit(1, 10));
        assert!(!told(&inbox));
        let watched = Arc::new(BTreeSet::from([unit(1, 0).source]));
        assert!(inbox.watch(watched), "one came before");
        inbox.unit(&unit(2, 10));
        assert!(!told(&inbox), "another one is watched");
        inbox.unit(&unit(1, 10));
        assert!(told(&inbox));
        let mut waiting = Waiting::default();
        inbox.swap(&mut waiting);
        assert_eq!(waiting.live.len(), 3, "nothing was left out");
    }

    #[test]
    fn after_a_refused_unit_the_rest_of_its_stream_is_refused_until_the_thread_comes_round() {
        let inbox = Inbox::default();
        inbox.unit(&unit(1, LIVE_BYTES - 100));
        inbox.unit(&unit(2, 101));
        inbox.unit(&unit(2, 10));
        inbox.unit(&unit(3, 10));
        let mut waiting = Waiting::default();
        inbox.swap(&mut waiting);
        let cameras = |waiting: &Waiting| -> Vec<u32> {
            let units = waiting.live.iter().filter_map(|live| match live {
                Live::Unit(_, unit) => Some(unit.source.camera.0),
                Live::Format(..) => None,
            });
            units.collect()
        };
        assert_eq!(cameras(&waiting), [1, 3], "a unit after the one that was refused is no use");
        assert!(waiting.refused.keys().map(|source| source.camera).eq([Handle(2)]));
        assert_eq!(inbox.units_dropped(), 2);
        let mut waiting = Waiting::default();
        inbox.unit(&unit(2, 10));
        inbox.swap(&mut waiting);
        assert_eq!((cameras(&waiting), waiting.refused.len()), (vec![2], 0));
    }
}
