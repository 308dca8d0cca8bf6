//! When each access unit of a loop is due. Pure: time is an argument.

use std::sync::Arc;

use crate::sim::clip::{Clip, Unit};

/// A clip repeated for ever from a moment on. Units are counted on through the repetitions.
#[derive(Clone)]
pub(super) struct Timeline {
    pub(super) clip: Arc<Clip>,
    start_us: u64,
}

impl Timeline {
    /// The clip as a camera plays it whose loop is `offset_us` ahead of the wall clock.
    pub(super) fn on_clock(clip: Arc<Clip>, offset_us: u64, now_us: u64) -> Self {
        let into = (now_us + offset_us) % clip.duration_us;
        Self { clip, start_us: now_us - into }
    }

    /// The clip from its beginning, now.
    pub(super) fn from_start(clip: Arc<Clip>, now_us: u64) -> Self {
        Self { clip, start_us: now_us }
    }

    /// When unit `n` is due.
    pub(super) fn due(&self, n: u64) -> u64 {
        let count = self.clip.units.len() as u64;
        self.start_us + n / count * self.clip.duration_us + self.clip.at_us[(n % count) as usize]
    }

    /// Unit `n`.
    pub(super) fn unit(&self, n: u64) -> &Arc<Unit> {
        &self.clip.units[(n % self.clip.units.len() as u64) as usize]
    }

    /// The first keyframe due at `now_us` or later.
    pub(super) fn next_keyframe(&self, now_us: u64) -> u64 {
        let count = self.clip.units.len() as u64;
        let pass = now_us.saturating_sub(self.start_us) / self.clip.duration_us;
        (pass * count..(pass + 2) * count)
            .find(|n| self.due(*n) >= now_us && self.unit(*n).keyframe)
            .unwrap_or((pass + 1) * count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::media::Codec;

    fn clip() -> Arc<Clip> {
        let unit =
            |keyframe| Arc::new(Unit { keyframe, wire: Box::default(), packets: Box::default() });
        Arc::new(Clip {
            codec: Codec::H264,
            units: [true, false, false, true, false].map(unit).to_vec(),
            at_us: vec![0, 100, 200, 300, 400],
            duration_us: 500,
            parameter_sets: Vec::new(),
        })
    }

    #[test]
    fn units_are_due_on_the_wall_clock_through_all_repetitions() {
        let timeline = Timeline::on_clock(clip(), 30, 10_000);
        assert_eq!(timeline.due(0), 9_970);
        assert_eq!(timeline.due(7), 9_970 + 700);
        assert_eq!((timeline.due(12) + 30) % 500, 200);
    }

    #[test]
    fn the_next_keyframe_is_never_in_the_past() {
        let timeline = Timeline::from_start(clip(), 1_000);
        for (now, n) in [(1_000, 0), (1_001, 3), (1_300, 3), (1_301, 5), (2_400, 15)] {
            assert_eq!(timeline.next_keyframe(now), n, "at {now}");
        }
    }
}
