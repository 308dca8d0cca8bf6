//! Follows one camera's clock from report to report. Pure: times are arguments.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{
    ClockReading,
    envelope::{Line, Sample},
};
use crate::domain::time::UnixMicros;

/// Samples of this much time count.
const WINDOW_S: f64 = 15.0 * 60.0;
/// A report that follows another one sooner is left out: some cameras send one with each picture,
/// and a hostile one could send nothing else.
const EVERY_S: f64 = 0.1;
/// Of reports that come more often than this the least delayed one is kept: so at most 300 are.
const SLOT_S: f64 = 3.0;

/// A report may be late by this: longer than what a network in use holds back, and than the second
/// that cheap firmware cuts its time to.
const LATE_MAX_S: f64 = 2.0;
/// Nothing is late by this and still comes: the session would have ended.
const FAR_S: f64 = 10.0;
/// Two reports agree on a new time if they are no farther apart, seconds.
const AGREE_S: f64 = 1.5;
/// Reports that must agree on a new time before it is believed, if they cannot be late ones.
const BELIEVED: usize = 2;
/// And if they may be.
const BELIEVED_LATE: usize = 4;
/// And for how long they must have come then, seconds: congestion that holds its size so long is
/// taken for a clock that was set, and taken back when it ends.
const BELIEVED_LATE_S: f64 = 12.0;
/// Reports that do not fit are taken this often at most, so that there is room for that long.
const DOUBTED_EVERY_S: f64 = BELIEVED_LATE_S / (BELIEVED_LATE - 1) as f64;
/// Above the line by this is not early but unlucky before, seconds.
const EARLY_S: f64 = 0.05;

/// One camera's clock, over one session.
///
/// Our own time between reports is that of the monotonic clock; our wall clock is asked only when
/// a reading is given. So when ours is set, readings follow at once and nothing is held against
/// the camera.
#[derive(Clone, Debug)]
pub struct ClockEstimator {
    /// No report can have travelled for less than nothing, nor the least delayed for more than the
    /// way there and back.
    round_trip_s: f64,
    start: Option<Start>,
    /// When the newest report came that was looked at.
    looked_s: f64,
    /// Reports that lie on one line or below, oldest first.
    pub(super) kept: Vec<Sample>,
    /// The newest reports, as long as they do not fit. At most [`BELIEVED_LATE`].
    pub(super) doubted: VecDeque<Sample>,
    line: Option<Line>,
}

/// What times are counted from: small numbers keep their digits.
#[derive(Clone, Copy, Debug)]
struct Start {
    came: Instant,
    /// Theirs then, whole seconds since 1970.
    theirs_s: f64,
}

impl ClockEstimator {
    /// For a camera that a packet goes to and comes back from in `round_trip` or less.
    pub fn new(round_trip: Duration) -> Self {
        Self {
            round_trip_s: round_trip.as_secs_f64(),
            start: None,
            looked_s: f64::NEG_INFINITY,
            kept: Vec::new(),
            doubted: VecDeque::with_capacity(BELIEVED_LATE),
            line: None,
        }
    }

    /// A report came at `now`, ours being `unix`, and said `ntp` (RFC 3550 §4: seconds since 1900
    /// in the upper half, their fraction in the lower).
    pub fn apply(&mut self, now: Instant, unix: UnixMicros, ntp: u64) {
        // A camera that has no clock says so with zero (RFC 3550 §6.4.1).
        if ntp == 0 {
            return;
        }
        let theirs_s = theirs_s(ntp, unix);
        let first = || Start { came: now, theirs_s: theirs_s.floor() };
        let start = *self.start.get_or_insert_with(first);
        let t = now.saturating_duration_since(start.came).as_secs_f64();
        if t - self.looked_s < EVERY_S {
            return;
        }
        self.looked_s = t;
        let sample = Sample { t, y: theirs_s - start.theirs_s - t };
        let Some(line) = self.line else { return self.keep(sample) };
        let above = sample.y - line.at(t);
        let early = above > EARLY_S.max(4.0 * line.error_at(t));
        if !early && above >= -LATE_MAX_S {
            self.doubted.clear();
            return self.keep(sample);
        }
        let crowded = self.doubted.back().is_some_and(|last| t - last.t < DOUBTED_EVERY_S);
        if crowded && self.doubted.len() >= BELIEVED {
            return;
        }
        if self.doubted.len() == BELIEVED_LATE {
            self.doubted.pop_front();
        }
        self.doubted.push_back(sample);
        let agreeing = self.agreeing();
        let may_be_late = !early && above > -FAR_S;
        let lasted = t - self.doubted[self.doubted.len() - agreeing].t;
        let believed = match may_be_late {
            true => agreeing >= BELIEVED_LATE && lasted >= BELIEVED_LATE_S,
            false => agreeing >= BELIEVED,
        };
        if believed {
            // The clock was set.
            self.kept.clear();
            self.kept.extend(self.doubted.drain(..).rev().take(agreeing));
            self.kept.reverse();
            self.line = Line::above(&self.kept);
        }
    }

    /// What the clock shows at `now`, ours being `unix`. `None` before the first report, while
    /// reports contradict each other, and when none has come for long.
    pub fn reading(&self, now: Instant, unix: UnixMicros) -> Option<ClockReading> {
        let (start, line) = (self.start?, self.line?);
        let t = now.saturating_duration_since(start.came).as_secs_f64();
        let newest = self.kept.last()?.t;
        if self.is_unsure(&line) || t - newest > WINDOW_S {
            return None;
        }
        let theirs_s = start.theirs_s + t + line.at(t) + self.round_trip_s / 2.0;
        let (drift_ppm, drift_error_ppm) = line.drift_ppm();
        Some(ClockReading {
            offset_s: theirs_s - unix.0 as f64 / 1e6,
            error_s: self.round_trip_s / 2.0 + line.error_at(t),
            drift_ppm: line.measured.then_some(drift_ppm),
            drift_error_ppm,
        })
    }

    fn keep(&mut self, sample: Sample) {
        let slot = |sample: &Sample| (sample.t / SLOT_S).floor();
        match self.kept.last_mut() {
            Some(last) if slot(last) == slot(&sample) => {
                if sample.y < last.y {
                    return;
                }
                *last = sample;
            }
            _ => self.kept.push(sample),
        }
        let old = self.kept.partition_point(|kept| kept.t < sample.t - WINDOW_S);
        self.kept.drain(..old);
        self.line = Line::above(&self.kept);
    }

    /// How many of the newest doubted reports agree with each other.
    fn agreeing(&self) -> usize {
        let pairs = self.doubted.iter().rev().zip(self.doubted.iter().rev().skip(1));
        1 + pairs.take_while(|(new, old)| (new.y - old.y).abs() <= AGREE_S).count()
    }

    /// Whether the reports contradict each other: one against one, or several against the line
    /// that no network explains.
    fn is_unsure(&self, line: &Line) -> bool {
        let contradict = |doubted: &&Sample| (doubted.y - line.at(doubted.t)).abs() > FAR_S;
        let alone = self.kept.len() == 1 && !self.doubted.is_empty();
        alone || self.doubted.iter().filter(contradict).count() > BELIEVED
    }
}

/// An NTP time as seconds since 1970. Its seconds run over in 2036; a clock years ahead is less
/// likely than one that was never set and counts from 1900.
fn theirs_s(ntp: u64, ours: UnixMicros) -> f64 {
    /// From 1900 to 1970, seconds.
    const EPOCHS_S: f64 = 2_208_988_800.0;
    const ERA_S: f64 = (1_u64 << 32) as f64;
    const YEAR_S: f64 = 365.25 * 86_400.0;
    let theirs_s = (ntp >> 32) as f64 + (ntp & 0xffff_ffff) as f64 / ERA_S - EPOCHS_S;
    let next_era = theirs_s + ERA_S;
    if next_era <= ours.0 as f64 / 1e6 + YEAR_S { next_era } else { theirs_s }
}
