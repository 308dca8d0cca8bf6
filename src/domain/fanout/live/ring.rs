//! The GOP ring of one stream: its newest keyframe, what follows it, and a little of what came
//! before, for viewers that are not quite there yet.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::domain::time::UnixMicros;

/// Units of before the newest keyframe are kept this long: a viewer that far behind leaves them
/// out anyway.
const KEPT: Duration = Duration::from_secs(2);
/// All units beside the newest keyframe, which always fits. Ten seconds of a large stream.
const BYTES: usize = 4 << 20;

/// The units of one stream that a viewer may still be given, numbered without a gap.
#[derive(Debug)]
pub(super) struct Ring<M> {
    entries: VecDeque<Entry<M>>,
    /// The number of the next unit.
    end: u64,
    keyframe: Option<u64>,
    bytes: usize,
    newest_at: Option<Instant>,
}

/// One access unit as it goes out.
#[derive(Debug)]
pub(super) struct Entry<M> {
    pub(super) message: M,
    /// Set if decoding can start here.
    pub(super) start: Option<Box<Start<M>>>,
    /// When it was published.
    pub(super) at: Instant,
    pub(super) received_at: UnixMicros,
    pub(super) bytes: usize,
}

/// What a keyframe has besides.
#[derive(Debug)]
pub(super) struct Start<M> {
    /// The keyframe again, flagged: something was left out before it.
    pub(super) after_drop: M,
    pub(super) configuration: Arc<Configuration<M>>,
    /// Every viewer needs the configuration first: it is new, or there was a hole upstream.
    pub(super) anew: bool,
    /// There was a hole upstream: `message` is flagged too.
    pub(super) hole: bool,
}

/// What a decoder is told before a keyframe.
#[derive(Debug)]
pub(super) struct Configuration<M> {
    pub(super) message: M,
    pub(super) after_drop: M,
}

impl<M> Default for Ring<M> {
    fn default() -> Self {
        Self { entries: VecDeque::new(), end: 0, keyframe: None, bytes: 0, newest_at: None }
    }
}

impl<M> Ring<M> {
    pub(super) fn push(&mut self, entry: Entry<M>) {
        let now = entry.at;
        if entry.start.is_some() {
            self.keyframe = Some(self.end);
        }
        self.newest_at = Some(now);
        self.bytes += entry.bytes;
        self.entries.push_back(entry);
        self.end += 1;
        while self.entries.len() > 1 && self.first_is_in_excess(now) {
            self.drop_first();
        }
    }

    fn first_is_in_excess(&self, now: Instant) -> bool {
        let old = || now.saturating_duration_since(self.entries[0].at) > KEPT;
        match self.keyframe {
            Some(keyframe) if keyframe == self.first() => {
                // Too much follows it: whoever starts now waits for the next one.
                self.bytes - self.entries[0].bytes > BYTES
            }
            Some(keyframe) => {
                let beside = self.bytes - self.entry(keyframe).map_or(0, |entry| entry.bytes);
                beside > BYTES || old()
            }
            None => self.bytes > BYTES || old(),
        }
    }

    fn drop_first(&mut self) {
        if let Some(entry) = self.entries.pop_front() {
            self.bytes -= entry.bytes;
            self.keyframe = self.keyframe.filter(|keyframe| *keyframe >= self.first());
        }
    }

    /// Drops everything; the numbers go on.
    pub(super) fn clear(&mut self) {
        *self = Self { end: self.end, ..Self::default() };
    }

    /// The number of the next unit that will be published.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    fn first(&self) -> u64 {
        self.end - self.entries.len() as u64
    }

    pub(super) fn entry(&self, number: u64) -> Option<&Entry<M>> {
        let index = number.checked_sub(self.first())?;
        self.entries.get(usize::try_from(index).ok()?)
    }

    /// The number of the newest keyframe, if it is still there.
    pub(super) fn keyframe(&self) -> Option<u64> {
        self.keyframe
    }

    /// Whether its newest unit is younger than this.
    pub(super) fn lively(&self, now: Instant, within: Duration) -> bool {
        self.newest_at.is_some_and(|at| now.saturating_duration_since(at) < within)
    }

    /// Bytes of all units.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(at: Instant, keyframe: bool, bytes: usize) -> Entry<()> {
        let configuration = Arc::new(Configuration { message: (), after_drop: () });
        let start = Start { after_drop: (), configuration, anew: false, hole: false };
        Entry {
            message: (),
            start: keyframe.then(|| Box::new(start)),
            at,
            received_at: UnixMicros(0),
            bytes,
        }
    }

    proptest! {
        #[test]
        fn a_ring_holds_at_most_four_mebibytes_beside_one_keyframe(
            units in prop::collection::vec((any::<bool>(), 0..3_000_000usize, 0..500u64), 1..200)
        ) {
            let mut ring = Ring::default();
            let mut now = Instant::now();
            for (keyframe, bytes, later) in units {
                now += Duration::from_millis(later);
                ring.push(entry(now, keyframe, bytes));
                let newest = ring.entry(ring.end() - 1).expect("the newest is always there");
                prop_assert_eq!(newest.bytes, bytes);
                prop_assert_eq!(ring.bytes(), ring.entries.iter().map(|entry| entry.bytes).sum::<usize>());
                let spared = match ring.keyframe() {
                    Some(keyframe) => {
                        let entry = ring.entry(keyframe).expect("it is told only while it is there");
                        prop_assert!(entry.start.is_some());
                        entry.bytes
                    }
                    None => 0,
                };
                prop_assert!(ring.bytes() - spared <= BYTES || ring.entries.len() == 1);
                let before = ring.keyframe().unwrap_or(ring.end());
                for number in ring.first()..before.min(ring.end() - 1) {
                    let age = now - ring.entry(number).expect("in between").at;
                    prop_assert!(age <= KEPT, "{age:?} old, and a newer keyframe is there");
                }
            }
        }
    }

    #[test]
    fn a_keyframe_of_any_size_stays_until_four_mebibytes_follow_it() {
        let (mut ring, start) = (Ring::default(), Instant::now());
        ring.push(entry(start, true, 20 << 20));
        for second in 1..=400 {
            ring.push(entry(start + Duration::from_secs(second), false, 10 << 10));
        }
        assert_eq!(ring.keyframe(), Some(0), "however long ago it was");
        for second in 401..=500 {
            ring.push(entry(start + Duration::from_secs(second), false, 10 << 10));
        }
        assert_eq!((ring.keyframe(), ring.bytes()), (None, 3 * (10 << 10)));
    }
}
