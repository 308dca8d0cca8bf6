//! Measures a stream: totals since the session began and the smoothed interval between random
//! access points. Pure: time is an argument.

use std::time::{Duration, Instant};

use super::guard::Figures;
use crate::worker::message::StreamStats;

/// Weight of the newest interval in the smoothed one: three keyframes tell a change of setting,
/// one late keyframe does not.
const NEWEST: f64 = 0.3;

/// The measurements of one session.
#[derive(Clone, Debug)]
pub(super) struct Meter {
    started: Instant,
    frames: u64,
    keyframes: u64,
    keyframe_bytes: u64,
    frames_damaged: u64,
    units_dropped: u64,
    last_keyframe: Option<Instant>,
    keyframe_interval: Option<Duration>,
}

impl Meter {
    /// Starts at `now`.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            started: now,
            frames: 0,
            keyframes: 0,
            keyframe_bytes: 0,
            frames_damaged: 0,
            units_dropped: 0,
            last_keyframe: None,
            keyframe_interval: None,
        }
    }

    /// A whole access unit of so many bytes came.
    pub(super) fn frame(&mut self, now: Instant, random_access: bool, bytes: usize) {
        self.frames += 1;
        if !random_access {
            return;
        }
        self.keyframes += 1;
        self.keyframe_bytes = bytes as u64;
        if let Some(last) = self.last_keyframe.replace(now) {
            let newest = now.saturating_duration_since(last);
            let smoothed = self
                .keyframe_interval
                .map_or(newest, |smoothed| smoothed.mul_f64(1.0 - NEWEST) + newest.mul_f64(NEWEST));
            self.keyframe_interval = Some(smoothed);
        }
    }

    /// At least one access unit could not be put together.
    pub(super) fn damaged(&mut self) {
        self.frames_damaged += 1;
    }

    /// The link to the centre was behind, and an access unit was not sent.
    pub(super) fn dropped(&mut self) {
        self.units_dropped += 1;
    }

    /// The totals at `now`, without the camera's clock.
    pub(super) fn stats(&self, now: Instant, figures: &Figures) -> StreamStats {
        let since = |then: Instant| now.saturating_duration_since(then);
        StreamStats {
            bytes: figures.bytes,
            packets_lost: figures.counted.lost,
            frames: self.frames,
            keyframes: self.keyframes,
            frames_damaged: self.frames_damaged,
            since_rtp: since(figures.last_rtp.unwrap_or(self.started)),
            since_keyframe: self.last_keyframe.map(since),
            keyframe_interval: self.keyframe_interval,
            keepalives_unanswered: figures.keepalives_unanswered,
            units_dropped: self.units_dropped,
            packets: figures.counted.packets,
            packets_reordered: figures.counted.reordered,
            jitter: figures.counted.jitter(),
            keyframe_bytes: self.keyframe_bytes,
            clock: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::guard::Counted, *};

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_keyframe_interval_is_known_from_the_second_keyframe_and_follows_a_change() {
        let start = Instant::now();
        let mut meter = Meter::new(start);
        let interval = |meter: &Meter| meter.stats(start, &Figures::default()).keyframe_interval;
        meter.frame(start, true, 1);
        assert_eq!(interval(&meter), None);
        for second in 1..=20 {
            meter.frame(start + SECOND * second, second % 2 == 0, 1);
        }
        assert_eq!(interval(&meter), Some(SECOND * 2));
        for n in 1..=20 {
            meter.frame(start + SECOND * (20 + 4 * n), true, 1);
        }
        let after = interval(&meter).expect("many came").as_secs_f64();
        assert!((3.9..4.1).contains(&after), "{after}");
    }

    #[test]
    fn ages_count_from_the_session_start_until_the_first_packet() {
        let start = Instant::now();
        let mut meter = Meter::new(start);
        let silent = meter.stats(start + SECOND * 3, &Figures::default());
        assert_eq!((silent.since_rtp, silent.since_keyframe), (SECOND * 3, None));
        meter.frame(start + SECOND * 4, true, 700);
        meter.damaged();
        let counted = Counted { packets: 90, lost: 5, reordered: 2, jitter_s: 0.25 };
        let figures =
            Figures { last_rtp: Some(start + SECOND * 5), bytes: 9, counted, ..Figures::default() };
        let stats = meter.stats(start + SECOND * 7, &figures);
        assert_eq!((stats.since_rtp, stats.since_keyframe), (SECOND * 2, Some(SECOND * 3)));
        assert_eq!((stats.bytes, stats.frames, stats.keyframes), (9, 1, 1));
        assert_eq!((stats.packets, stats.packets_lost, stats.frames_damaged), (90, 5, 1));
        assert_eq!((stats.packets_reordered, stats.jitter), (2, SECOND / 4));
        assert_eq!(stats.keyframe_bytes, 700);
    }
}
