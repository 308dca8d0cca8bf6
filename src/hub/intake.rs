//! Where the workers' streams enter the hub: every access unit goes to the fan-out's live lane and
//! to the media stage, without a wait for either.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::mpsc;

use super::fanout::FanoutHandle;
use crate::{
    domain::media::{AccessUnit, StreamFormat, StreamKind, StreamRef},
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
    /// Streams whose last unit was dropped: the stage must not take the next one for its successor.
    /// Bounded by the streams there are; the lock is held for a look-up.
    holes: Mutex<HashSet<StreamRef>>,
}

impl Intake {
    /// In front of these two.
    pub fn new(fanout: FanoutHandle, stage: mpsc::Sender<(SessionId, AccessUnit)>) -> Self {
        Self { fanout, stage, dropped: Arc::default(), holes: Mutex::default() }
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
        let source = unit.source;
        // What is inside is a plain set: a thread that panicked left it usable.
        let mut holes = self.holes.lock().unwrap_or_else(PoisonError::into_inner);
        unit.discontinuity |= holes.contains(&source);
        if self.stage.try_send((session, unit)).is_ok() {
            holes.remove(&source);
        } else {
            holes.insert(source);
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

    #[test]
    fn the_next_unit_after_one_that_the_stage_refused_says_that_something_is_missing() {
        let (fanout, thread) = Fanout::spawn(Policy::default()).expect("a thread");
        let (stage, mut units) = mpsc::channel(2);
        let intake = Intake::new(fanout.clone(), stage);
        let give = |camera, number| {
            intake.unit(
                SessionId(1),
                AccessUnit {
                    source: StreamRef { camera: Handle(camera), stream: StreamKind::Sub },
                    codec: Codec::H264,
                    random_access: false,
                    discontinuity: false,
                    received_at: UnixMicros(0),
                    media_time: number,
                    data: bytes::Bytes::new(),
                },
            );
        };
        let mut take = || {
            let (_, unit) = units.try_recv().expect("a unit");
            (unit.source.camera.0, unit.media_time, unit.discontinuity)
        };
        (1..=4).for_each(|number| give(1, number));
        assert_eq!([take(), take()], [(1, 1, false), (1, 2, false)]);
        give(2, 1);
        give(1, 5);
        assert_eq!([take(), take()], [(2, 1, false), (1, 5, true)]);
        give(1, 6);
        assert_eq!(take(), (1, 6, false));
        assert_eq!(intake.dropped().load(Ordering::Relaxed), 2);
        fanout.shutdown();
        thread.join().expect("no panic");
    }
}
