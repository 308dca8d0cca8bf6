//! Where the workers' streams enter the hub: every access unit goes to the fan-out's live lane, and
//! those that pictures are made of to the media stage, without a wait for either.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use super::{fanout::FanoutHandle, whole::Whole};
use crate::{
    domain::{
        media::{AccessUnit, StreamFormat, StreamKind, StreamRef},
        refresh::RefreshPolicy,
    },
    worker::{crew, message::SessionId},
};

/// The entrance.
#[derive(Debug)]
pub struct Intake {
    fanout: FanoutHandle,
    /// When full, access units are dropped and counted: the stage must be behind by more than it
    /// could use.
    stage: mpsc::Sender<(SessionId, AccessUnit)>,
    dropped: Arc<AtomicU64>,
    whole: Arc<Whole>,
    /// A stream whose keyframes are farther apart is decoded in full, which the stage can only begin
    /// if it is given what comes between them.
    keyframes_apart: Duration,
    /// Small streams on their way to the stage, as many as there ever were; the lock is held for a
    /// look-up.
    streams: Mutex<HashMap<StreamRef, Passing>>,
}

/// What was given to the stage of one stream.
#[derive(Debug, Default)]
struct Passing {
    /// The unit before was not: the stage must not take the next one for its successor.
    hole: bool,
    keyframe_at: Option<Instant>,
    /// It came soon after the one before. The stage begins to decode in full with a keyframe that
    /// did not, and must have all that follows it.
    keyframes_close: bool,
}

impl Passing {
    /// Whether tiles are made of keyframes alone, as far as their distance tells.
    fn keyframes_do(&mut self, now: Instant, unit: &AccessUnit, apart: Duration) -> bool {
        let close = self.keyframe_at.is_some_and(|at| now.saturating_duration_since(at) <= apart);
        if unit.random_access {
            (self.keyframe_at, self.keyframes_close) = (Some(now), close);
        }
        close && self.keyframes_close
    }
}

impl Intake {
    /// In front of these two; the stage says in `whole` which cameras it decodes in full.
    pub fn new(
        fanout: FanoutHandle,
        stage: mpsc::Sender<(SessionId, AccessUnit)>,
        whole: Arc<Whole>,
    ) -> Self {
        Self {
            fanout,
            stage,
            dropped: Arc::default(),
            whole,
            // Less by a tenth: the stage looks at its clock a little later.
            keyframes_apart: RefreshPolicy::default().keyframes_apart * 9 / 10,
            streams: Mutex::default(),
        }
    }

    /// Counts the access units that the media stage was too far behind to take.
    pub fn dropped(&self) -> Arc<AtomicU64> {
        self.dropped.clone()
    }
}

impl crew::Intake for Intake {
    fn format(&self, source: StreamRef, format: &StreamFormat) {
        self.fanout.publish_format(source, format);
    }

    fn unit(&self, session: SessionId, mut unit: AccessUnit) {
        self.fanout.publish_unit(&unit);
        // Tiles are made of the small stream.
        if unit.source.stream != StreamKind::Sub {
            return;
        }
        let now = Instant::now();
        // What is inside is a plain map: a thread that panicked left it usable.
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let passing = streams.entry(unit.source).or_default();
        if passing.keyframes_do(now, &unit, self.keyframes_apart)
            && !unit.random_access
            && !self.whole.contains(unit.source.camera)
        {
            // Its keyframes are all that tiles are made of. Waking the stage for the others costs
            // more than most of their way here.
            passing.hole = true;
            return;
        }
        unit.discontinuity |= passing.hole;
        passing.hole = self.stage.try_send((session, unit)).is_err();
        if passing.hole {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{camera::Handle, media::Codec, time::UnixMicros},
        hub::fanout::{Fanout, Policy},
        worker::crew::Intake as _,
    };

    /// An entrance whose stage has room for two units.
    struct Entrance {
        intake: Intake,
        units: mpsc::Receiver<(SessionId, AccessUnit)>,
        fanout: FanoutHandle,
        thread: std::thread::JoinHandle<()>,
    }

    impl Entrance {
        fn new() -> Self {
            let (fanout, thread) = Fanout::spawn(Policy::default()).expect("a thread");
            let (stage, units) = mpsc::channel(2);
            let intake = Intake::new(fanout.clone(), stage, Arc::default());
            Self { intake, units, fanout, thread }
        }

        fn give(&self, camera: u32, number: u32, random_access: bool) {
            let unit = AccessUnit {
                source: StreamRef { camera: Handle(camera), stream: StreamKind::Sub },
                codec: Codec::H264,
                random_access,
                discontinuity: false,
                received_at: UnixMicros(0),
                media_time: number,
                data: bytes::Bytes::new(),
            };
            self.intake.unit(SessionId(1), unit);
        }

        /// Camera, number, and whether something is missing before it.
        fn take(&mut self) -> Option<(u32, u32, bool)> {
            let (_, unit) = self.units.try_recv().ok()?;
            Some((unit.source.camera.0, unit.media_time, unit.discontinuity))
        }

        fn end(self) {
            self.fanout.shutdown();
            self.thread.join().expect("no panic");
        }
    }

    #[test]
    fn the_next_unit_after_one_that_the_stage_refused_says_that_something_is_missing() {
        let mut entrance = Entrance::new();
        (1..=4).for_each(|number| entrance.give(1, number, false));
        assert_eq!([entrance.take(), entrance.take()], [Some((1, 1, false)), Some((1, 2, false))]);
        entrance.give(2, 1, false);
        entrance.give(1, 5, false);
        assert_eq!([entrance.take(), entrance.take()], [Some((2, 1, false)), Some((1, 5, true))]);
        entrance.give(1, 6, false);
        assert_eq!(entrance.take(), Some((1, 6, false)));
        assert_eq!(entrance.intake.dropped().load(Ordering::Relaxed), 2);
        entrance.end();
    }

    #[test]
    fn between_keyframes_the_stage_is_given_only_what_is_decoded_in_full() {
        let mut entrance = Entrance::new();
        for number in 0..=1 {
            entrance.give(1, number, true);
            assert_eq!(entrance.take(), Some((1, number, false)));
        }
        (2..=9).for_each(|number| entrance.give(1, number, false));
        assert_eq!(entrance.take(), None);
        entrance.give(1, 10, true);
        assert_eq!(entrance.take(), Some((1, 10, true)));

        entrance.give(1, 11, false);
        entrance.intake.whole.set(Handle(1), true);
        entrance.give(1, 12, false);
        assert_eq!(entrance.take(), Some((1, 12, true)), "11 is missing");
        entrance.give(1, 13, false);
        assert_eq!(entrance.take(), Some((1, 13, false)));

        entrance.intake.whole.set(Handle(1), false);
        entrance.give(1, 14, false);
        assert_eq!(entrance.take(), None);
        assert_eq!(entrance.intake.dropped().load(Ordering::Relaxed), 0, "left out, not dropped");
        entrance.end();
    }

    #[test]
    fn a_stream_whose_keyframes_stay_away_is_given_whole_so_that_its_full_decode_can_begin() {
        let mut entrance = Entrance::new();
        entrance.give(1, 1, false);
        assert_eq!(entrance.take(), Some((1, 1, false)), "there never was one");
        for number in [2, 3] {
            entrance.give(1, number, true);
            assert_eq!(entrance.take(), Some((1, number, false)));
        }
        for passing in entrance.intake.streams.lock().expect("no panic inside").values_mut() {
            let before = Instant::now().checked_sub(Duration::from_secs(5));
            passing.keyframe_at = Some(before.expect("the machine runs longer than that"));
        }
        entrance.give(1, 4, false);
        assert_eq!(entrance.take(), Some((1, 4, false)));
        // With this one full decode begins at the latest: nothing after it may be missing.
        for (number, random_access) in [(5, true), (6, false), (7, false)] {
            entrance.give(1, number, random_access);
            assert_eq!(entrance.take(), Some((1, number, false)));
        }
        // The next one soon after: until the stage says otherwise its keyframes do.
        entrance.give(1, 8, true);
        assert_eq!(entrance.take(), Some((1, 8, false)));
        entrance.give(1, 9, false);
        assert_eq!(entrance.take(), None);
        entrance.end();
    }
}
