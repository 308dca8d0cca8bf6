//! How a camera's pictures are kept fresh: keyframes alone, or every access unit decoded.
//!
//! Full decode of one sub stream at 25 frames/s costs about 6 ms per second, so it is worth it for
//! streams whose keyframes are far apart, and the only way for those that have none. It is also
//! how tiles come at a high rate, for a few cameras that somebody wants to see move and cannot
//! see as video.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use super::camera::Handle;

/// When full decode begins and how often it shows a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshPolicy {
    /// A keyframe interval longer than this is decoded in full.
    pub keyframes_apart: Duration,
    /// A full decode shows a picture this often.
    pub picture_every: Duration,
    /// And this often while tiles at a high rate are wanted.
    pub high_rate_every: Duration,
}

impl Default for RefreshPolicy {
    fn default() -> Self {
        Self {
            keyframes_apart: Duration::from_secs(4),
            picture_every: Duration::from_secs(1),
            high_rate_every: Duration::from_millis(200),
        }
    }
}

/// One camera's way of being kept fresh.
#[derive(Clone, Debug)]
pub struct Refresh {
    policy: RefreshPolicy,
    /// When the newest keyframe came, or the stream began.
    keyframe_at: Instant,
    usual: Rhythm,
    high_rate: Option<Rhythm>,
    full: bool,
    close_keyframes: u32,
}

/// What becomes of an access unit that is decoded in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Nothing to be seen: what follows builds on it.
    Not,
    /// A picture at the camera's usual rate.
    Usual,
    /// A picture that comes only because a high rate is wanted. What is usual for the camera must
    /// not be learnt from it: when the wish ends, nothing is late.
    Extra,
}

/// Beats that keep their rate on the average: those of 200 ms among frames 80 ms apart come after
/// 160 ms and 240 ms, not always after 240.
#[derive(Clone, Copy, Debug, Default)]
struct Rhythm(Option<Instant>);

impl Rhythm {
    fn due(self, now: Instant, every: Duration) -> bool {
        self.0.is_none_or(|beat| now.saturating_duration_since(beat) >= every)
    }

    fn beat(&mut self, now: Instant, every: Duration) {
        let next = self.0.map(|beat| beat + every);
        // Far behind means that there was a pause, which is not made up for.
        self.0 = next.filter(|next| now < *next + every).or(Some(now));
    }
}

/// Keyframes in a row that must come close together before full decode ends: one short interval
/// after a scene cut says nothing.
const CLOSE_IN_A_ROW: u32 = 3;

impl Refresh {
    /// A stream that begins at `now`.
    pub fn new(policy: RefreshPolicy, now: Instant) -> Self {
        let usual = Rhythm::default();
        Self { policy, keyframe_at: now, usual, high_rate: None, full: false, close_keyframes: 0 }
    }

    /// Whether tiles at a high rate are wanted.
    pub fn at_high_rate(&mut self, wanted: bool) {
        self.high_rate = wanted.then(|| self.high_rate.unwrap_or_default());
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
        self.full || self.high_rate.is_some()
    }

    /// Whether the access unit being decoded in full is to become a picture. A keyframe always is:
    /// snapshots are made of keyframes that gave one.
    pub fn shown(&mut self, now: Instant, keyframe: bool) -> Shown {
        let RefreshPolicy { picture_every, high_rate_every, .. } = self.policy;
        let usual = keyframe || self.full && self.usual.due(now, picture_every);
        let extra = self.high_rate.is_some_and(|rhythm| rhythm.due(now, high_rate_every));
        if usual {
            self.usual.beat(now, picture_every);
        }
        if let (true, Some(rhythm)) = (usual || extra, &mut self.high_rate) {
            rhythm.beat(now, high_rate_every);
        }
        match (usual, extra) {
            (true, _) => Shown::Usual,
            (false, true) => Shown::Extra,
            (false, false) => Shown::Not,
        }
    }
}

/// Cameras whose tiles come at a high rate at once, over the whole node. Eight small streams cost
/// about a tenth of a core to decode, and their tiles as much again.
pub const HIGH_RATES_MAX: usize = 8;

/// Which cameras' tiles come at a high rate: those that are wanted, first come, first served.
#[derive(Debug, Default)]
pub struct HighRates {
    on: BTreeSet<Handle>,
    waiting: BTreeSet<Handle>,
    refused: u64,
}

impl HighRates {
    /// These cameras and no others are wanted. Returns which begin and which end.
    pub fn apply(&mut self, wanted: &BTreeSet<Handle>) -> Vec<(Handle, bool)> {
        let mut changes: Vec<(Handle, bool)> =
            self.on.extract_if(.., |camera| !wanted.contains(camera)).map(|c| (c, false)).collect();
        self.waiting.retain(|camera| wanted.contains(camera));
        // Those that wait already go before those that come now.
        let new = wanted.iter().filter(|camera| !self.waiting.contains(camera));
        let all: Vec<Handle> = self.waiting.iter().chain(new).copied().collect();
        for camera in all {
            if self.on.contains(&camera) {
                continue;
            }
            if self.on.len() < HIGH_RATES_MAX {
                self.waiting.remove(&camera);
                self.on.insert(camera);
                changes.push((camera, true));
            } else if self.waiting.insert(camera) {
                self.refused += 1;
            }
        }
        changes
    }

    /// Whether this camera's tiles come at a high rate.
    pub fn on(&self, camera: Handle) -> bool {
        self.on.contains(&camera)
    }

    /// How often a camera was wanted at a high rate and stayed at its usual one, because enough
    /// others were.
    pub fn refused(&self) -> u64 {
        self.refused
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
        assert!(refresh.full(start + 5 * SECOND));
        let times = (0..250).map(|frame| start + 5 * SECOND + frame * SECOND / 25);
        let shown = times.filter(|now| refresh.shown(*now, false) != Shown::Not).count();
        assert_eq!(shown, 10);
    }

    #[test]
    fn a_high_rate_shows_five_pictures_a_second_and_leaves_the_usual_ones_as_they_are() {
        for (frames_a_second, keyframe_every) in [(25u32, 50u32), (12, 24), (25, 250)] {
            let start = Instant::now();
            let mut refresh = Refresh::new(RefreshPolicy::default(), start);
            refresh.at_high_rate(true);
            let (mut usual, mut extra) = (0, 0);
            for frame in 0..20 * frames_a_second {
                let now = start + frame * SECOND / frames_a_second;
                let keyframe = frame % keyframe_every == 0;
                if keyframe {
                    refresh.keyframe(now);
                }
                assert!(refresh.full(now));
                match refresh.shown(now, keyframe) {
                    Shown::Not => {}
                    Shown::Usual => usual += 1,
                    Shown::Extra => extra += 1,
                }
            }
            assert!((98..=112).contains(&(usual + extra)), "{usual} + {extra}");
            if keyframe_every < 250 {
                assert_eq!(usual, 10, "its keyframes");
            }
            refresh.at_high_rate(false);
            let now = start + 20 * SECOND;
            assert_eq!(refresh.full(now), keyframe_every == 250);
        }
    }

    #[test]
    fn eight_cameras_come_at_a_high_rate_and_the_ninth_waits_for_a_place() {
        let wanted = |cameras: std::ops::RangeInclusive<u32>| cameras.map(Handle).collect();
        let mut rates = HighRates::default();
        assert_eq!(rates.apply(&wanted(3..=10)).len(), 8);
        assert_eq!(rates.apply(&wanted(1..=10)), [], "whoever came first stays");
        assert_eq!(rates.refused(), 2);
        assert_eq!(rates.apply(&wanted(1..=10)), [], "and is not counted again");
        assert_eq!(rates.refused(), 2);
        let changes = rates.apply(&wanted(1..=9));
        assert_eq!(changes, [(Handle(10), false), (Handle(1), true)]);
        assert!(rates.on(Handle(1)) && !rates.on(Handle(2)) && !rates.on(Handle(10)));
        assert_eq!(rates.apply(&BTreeSet::new()).len(), 8);
    }
}
