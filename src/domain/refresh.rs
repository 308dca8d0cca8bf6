//! How a camera's pictures are kept fresh: keyframes alone, or every access unit decoded.
//!
//! Full decode of one sub stream at 25 frames/s costs about 6 ms per second, so it is worth it for
//! streams whose keyframes are far apart, and the only way for those that have none.

use std::time::{Duration, Instant};

/// When full decode begins and how often it shows a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshPolicy {
    /// A keyframe interval longer than this is decoded in full.
    pub keyframes_apart: Duration,
    /// A full decode shows a picture this often.
    pub picture_every: Duration,
}

impl Default for RefreshPolicy {
    fn default() -> Self {
        Self { keyframes_apart: Duration::from_secs(4), picture_every: Duration::from_secs(1) }
    }
}

/// One camera's way of being kept fresh.
#[derive(Clone, Debug)]
pub struct Refresh {
    policy: RefreshPolicy,
    /// When the newest keyframe came, or the stream began.
    keyframe_at: Instant,
    shown_at: Option<Instant>,
    full: bool,
    close_keyframes: u32,
}

/// Keyframes in a row that must come close together before full decode ends: one short interval
/// after a scene cut says nothing.
const CLOSE_IN_A_ROW: u32 = 3;

impl Refresh {
    /// A stream that begins at `now`.
    pub fn new(policy: RefreshPolicy, now: Instant) -> Self {
        Self { policy, keyframe_at: now, shown_at: None, full: false, close_keyframes: 0 }
    }

    /// The stream begins again at `now`, after a reconnect: most likely as it was.
    pub fn anew(&mut self, now: Instant) {
        (self.keyframe_at, self.close_keyframes) = (now, 0);
    }

    /// A random access point arrived.
    pub fn keyframe(&mut self, now: Instant) {
        let apart = now.saturating_duration_since(self.keyframe_at);
        self.keyframe_at = now;
        if apart > self.policy.keyframes_apart {
            (self.full, self.close_keyframes) = (true, 0);
        } else {
            self.close_keyframes += 1;
            self.full &= self.close_keyframes < CLOSE_IN_A_ROW;
        }
    }

    /// Whether every access unit is to be decoded, as of `now`.
    pub fn full(&mut self, now: Instant) -> bool {
        if now.saturating_duration_since(self.keyframe_at) > self.policy.keyframes_apart {
            self.full = true;
            self.close_keyframes = 0;
        }
        self.full
    }

    /// Whether the access unit being decoded in full is to become a picture.
    pub fn picture_due(&mut self, now: Instant) -> bool {
        let due = self
            .shown_at
            .is_none_or(|shown| now.saturating_duration_since(shown) >= self.policy.picture_every);
        if due {
            self.shown_at = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn keyframes_every_two_seconds_are_enough_by_themselves() {
        let mut now = Instant::now();
        let mut refresh = Refresh::new(RefreshPolicy::default(), now);
        for _ in 0..20 {
            now += 2 * SECOND;
            assert!(!refresh.full(now));
            refresh.keyframe(now);
        }
    }

    #[test]
    fn a_stream_whose_keyframes_are_ten_seconds_apart_is_decoded_in_full_until_they_come_closer() {
        let mut now = Instant::now();
        let mut refresh = Refresh::new(RefreshPolicy::default(), now);
        refresh.keyframe(now);
        now += 5 * SECOND;
        assert!(refresh.full(now));
        now += 5 * SECOND;
        refresh.keyframe(now);
        assert!(refresh.full(now), "one keyframe does not end it");
        for _ in 0..3 {
            now += 2 * SECOND;
            refresh.keyframe(now);
        }
        assert!(!refresh.full(now));
    }

    #[test]
    fn keyframes_alone_tell_that_they_are_far_apart() {
        let start = Instant::now();
        let mut refresh = Refresh::new(RefreshPolicy::default(), start);
        refresh.keyframe(start);
        refresh.keyframe(start + 10 * SECOND);
        assert!(refresh.full(start + 10 * SECOND));
    }

    #[test]
    fn a_full_decode_shows_one_picture_a_second() {
        let start = Instant::now();
        let mut refresh = Refresh::new(RefreshPolicy::default(), start);
        let shown =
            (0..250).filter(|frame| refresh.picture_due(start + *frame * SECOND / 25)).count();
        assert_eq!(shown, 10);
    }
}
