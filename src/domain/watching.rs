//! Who is watched: a stream that somebody begins to watch is pulled at once, and goes on for a
//! while after the last viewer left. People go back and forth between cameras; a session that was
//! torn down would cost each return a handshake and the wait for a keyframe.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use super::{camera::Handle, media::StreamRef};

/// How long a stream stays watched after its last viewer left.
pub const LINGER: Duration = Duration::from_secs(15);

/// The streams that are watched, or were until a moment ago.
#[derive(Debug)]
pub struct Watching {
    linger: Duration,
    /// With the time that ends it, once nobody watches any more.
    streams: BTreeMap<StreamRef, Option<Instant>>,
}

impl Watching {
    /// Nobody watches anything; `linger` is usually [`LINGER`].
    pub fn new(linger: Duration) -> Self {
        Self { linger, streams: BTreeMap::new() }
    }

    /// These streams and no others have viewers, as of `now`. Returns those that begin to be
    /// watched: neither watched before nor lingering.
    pub fn apply(&mut self, now: Instant, viewed: &BTreeSet<StreamRef>) -> Vec<StreamRef> {
        for (stream, until) in &mut self.streams {
            match viewed.contains(stream) {
                true => *until = None,
                false => _ = until.get_or_insert(now + self.linger),
            }
        }
        let begun: Vec<StreamRef> =
            viewed.iter().filter(|stream| !self.streams.contains_key(stream)).copied().collect();
        self.streams.extend(begun.iter().map(|stream| (*stream, None)));
        begun
    }

    /// Returns the streams that are watched no longer: nobody came back in time.
    pub fn tick(&mut self, now: Instant) -> Vec<StreamRef> {
        self.streams
            .extract_if(.., |_, until| until.is_some_and(|until| until <= now))
            .map(|(stream, _)| stream)
            .collect()
    }

    /// Whether the stream is watched, or lingers.
    pub fn watches(&self, stream: StreamRef) -> bool {
        self.streams.contains_key(&stream)
    }

    /// When [`Self::tick`] has something to return at the earliest, if nobody comes or goes.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.streams.values().copied().flatten().min()
    }

    /// The camera is gone.
    pub fn forget(&mut self, camera: Handle) {
        self.streams.retain(|stream, _| stream.camera != camera);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::media::StreamKind;

    const SECOND: Duration = Duration::from_secs(1);

    fn main(camera: u32) -> StreamRef {
        StreamRef { camera: Handle(camera), stream: StreamKind::Main }
    }

    fn sub(camera: u32) -> StreamRef {
        StreamRef { camera: Handle(camera), stream: StreamKind::Sub }
    }

    #[test]
    fn a_stream_lingers_for_fifteen_seconds_and_whoever_returns_finds_it_running() {
        let (mut watching, start) = (Watching::new(LINGER), Instant::now());
        let viewed = BTreeSet::from([main(1)]);
        assert_eq!(watching.apply(start, &viewed), [main(1)]);
        assert_eq!(watching.next_deadline(), None);
        watching.apply(start + SECOND, &BTreeSet::new());
        assert_eq!(watching.next_deadline(), Some(start + 16 * SECOND));
        assert!(watching.tick(start + 15 * SECOND).is_empty());

        assert!(watching.apply(start + 15 * SECOND, &viewed).is_empty(), "it never ended");
        assert!(watching.tick(start + 60 * SECOND).is_empty());

        watching.apply(start + 61 * SECOND, &BTreeSet::new());
        // Others come and go meanwhile: that does not make it linger longer.
        watching.apply(start + 70 * SECOND, &BTreeSet::from([sub(2)]));
        assert_eq!(watching.tick(start + 76 * SECOND), [main(1)]);
        assert!(!watching.watches(main(1)) && watching.watches(sub(2)));
        assert_eq!(watching.apply(start + 77 * SECOND, &viewed), [main(1)], "from the start again");
    }

    #[test]
    fn a_cameras_two_streams_are_watched_each_for_itself_and_forgotten_together() {
        let (mut watching, now) = (Watching::new(LINGER), Instant::now());
        watching.apply(now, &BTreeSet::from([sub(1), main(1), main(2)]));
        watching.apply(now, &BTreeSet::from([sub(1), main(2)]));
        assert_eq!(watching.tick(now + LINGER), [main(1)]);
        watching.forget(Handle(1));
        assert!(!watching.watches(sub(1)) && watching.watches(main(2)));
    }
}
