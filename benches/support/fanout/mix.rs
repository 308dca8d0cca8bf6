//! What is published: the mixes, and the thread that publishes them by the clock.

use std::{
    sync::{Arc, Condvar, Mutex},
    thread::JoinHandle,
    time::{Duration, Instant, SystemTime},
};

use bytes::Bytes;
use watchwall::domain::{camera::Handle, time::UnixMicros};

/// Cameras of every mix.
pub(crate) const CAMERAS: u32 = 150;
/// Pictures from keyframe to keyframe.
const KEYFRAME_EVERY: u64 = 50;
/// A large camera's keyframe.
const LARGE: usize = 2_000_000;

/// How pictures are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    Tiles,
    Live,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Mix {
    pub(crate) name: &'static str,
    pub(crate) lane: Lane,
    pub(crate) per_second: f64,
    pub(crate) bytes: usize,
    /// Every tenth camera's keyframes are of 2 MB.
    pub(crate) large: bool,
}

pub(crate) const TILES: Mix = Mix {
    name: "tiles: 150 x 1/s x 9 KB",
    lane: Lane::Tiles,
    per_second: 1.0,
    bytes: 9_000,
    large: false,
};
pub(crate) const LIVE: Mix = Mix {
    name: "live: 150 x 25/s x 10 KB",
    lane: Lane::Live,
    per_second: 25.0,
    bytes: 10_000,
    large: false,
};
pub(crate) const LARGE_KEYFRAMES: Mix =
    Mix { name: "live, keyframes of 15 cameras of 2 MB", large: true, ..LIVE };

/// One picture to deliver.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) camera: Handle,
    /// From 1 on, per camera.
    pub(crate) sequence: u32,
    pub(crate) keyframe: bool,
    pub(crate) at: UnixMicros,
    pub(crate) media_time: u32,
    pub(crate) payload: Bytes,
}

/// Where pictures go.
pub(crate) type Publish = Box<dyn FnMut(Picture) + Send>;

/// The thread that publishes.
#[derive(Debug)]
pub(crate) struct Publisher {
    ended: Arc<(Mutex<bool>, Condvar)>,
    thread: JoinHandle<()>,
}

impl Publisher {
    /// Publishes each camera in its turn, evenly spread, about each millisecond what is due.
    pub(crate) fn start(mix: Mix, mut publish: Publish) -> Self {
        let ended = Arc::new((Mutex::new(false), Condvar::new()));
        let watched = ended.clone();
        // Each stream has bytes of its own, as in life: the same ones would stay in a core's cache.
        let ordinary: Vec<Bytes> = (0..CAMERAS).map(|_| vec![0x5a; mix.bytes].into()).collect();
        let large: Bytes = vec![0x5a; LARGE].into();
        let run = move || {
            let start = Instant::now();
            let mut published = 0u64;
            let mut end = watched.0.lock().expect("no panic");
            while !*end {
                let due = start.elapsed().as_secs_f64() * mix.per_second * f64::from(CAMERAS);
                let at = UnixMicros::from(SystemTime::now());
                while (published as f64) < due {
                    let index = usize::try_from(published % u64::from(CAMERAS)).expect("small");
                    let round = published / u64::from(CAMERAS);
                    // Each stream begins with a keyframe; the next ones are spread out.
                    let keyframe = mix.lane == Lane::Tiles
                        || round == 0
                        || (round + index as u64).is_multiple_of(KEYFRAME_EVERY);
                    let payload = if keyframe && mix.large && index % 10 == 9 {
                        large.clone()
                    } else {
                        ordinary[index].clone()
                    };
                    publish(Picture {
                        camera: Handle(u32::try_from(index).expect("small") + 1),
                        sequence: u32::try_from(round).expect("a short run") + 1,
                        keyframe,
                        at,
                        media_time: (round as f64 * 90_000.0 / mix.per_second) as u32,
                        payload,
                    });
                    published += 1;
                }
                end = watched.1.wait_timeout(end, Duration::from_millis(1)).expect("no panic").0;
            }
        };
        let thread =
            std::thread::Builder::new().name("publisher".into()).spawn(run).expect("a thread");
        Self { ended, thread }
    }

    /// Lets this much time pass, calling `each` about every twenty milliseconds.
    pub(crate) fn pass(&self, time: Duration, mut each: impl FnMut()) {
        let until = Instant::now() + time;
        let mut end = self.ended.0.lock().expect("no panic");
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            let nap = left.min(Duration::from_millis(20));
            end = self.ended.1.wait_timeout(end, nap).expect("no panic").0;
            each();
        }
    }

    pub(crate) fn stop(self) {
        *self.ended.0.lock().expect("no panic") = true;
        self.ended.1.notify_all();
        self.thread.join().expect("no panic");
    }
}
