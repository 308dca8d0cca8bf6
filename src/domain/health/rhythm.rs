//! The usual time between two pictures.

use std::{collections::VecDeque, time::Duration};

/// The median of so many gaps: one lost keyframe does not move it.
const GAPS: usize = 5;

/// Beyond this nothing is usual, whatever a camera says of itself.
const INTERVAL_MAX: Duration = Duration::from_secs(300);

/// Up to this, a gap longer than usual makes one wait for the next: the camera may have been set to
/// send fewer keyframes, which the median follows later.
const LATE_MAX: Duration = Duration::from_secs(30);

/// How often pictures come.
#[derive(Clone, Debug, Default)]
pub(super) struct Rhythm {
    /// Between keyframes, as the stream's own figures tell.
    keyframes: Option<Duration>,
    /// Between the newest pictures of one session each; newest last.
    gaps: VecDeque<Duration>,
    /// What is usual between two pictures.
    usual: Option<Duration>,
}

impl Rhythm {
    /// With what was usual before.
    pub(super) fn new(usual: Option<Duration>) -> Self {
        Self { usual: usual.map(|usual| usual.min(INTERVAL_MAX)), ..Self::default() }
    }

    /// The stream's figures tell of its keyframes.
    pub(super) fn keyframes(&mut self, interval: Duration) {
        self.keyframes = Some(interval.min(INTERVAL_MAX));
    }

    /// Two pictures came this far apart. What is usual follows the median only when that is off by
    /// more than a fifth: it is told to every viewer.
    pub(super) fn learn(&mut self, gap: Duration) {
        if self.gaps.len() == GAPS {
            self.gaps.pop_front();
        }
        self.gaps.push_back(gap.min(INTERVAL_MAX));
        let mut sorted: Vec<Duration> = self.gaps.iter().copied().collect();
        sorted.sort_unstable();
        let median = sorted[sorted.len() / 2];
        if self.usual.is_none_or(|usual| usual.abs_diff(median) > usual / 5) {
            self.usual = Some(median);
        }
    }

    /// What is usual, once learnt.
    pub(super) fn usual(&self) -> Option<Duration> {
        self.usual
    }

    /// The usual time between two pictures. A stream whose keyframes are far apart is decoded in
    /// full, so it is the pictures that count; until two have come, its keyframes do.
    pub(super) fn interval(&self) -> Option<Duration> {
        self.usual.or(self.keyframes)
    }

    /// How long to wait for the next picture before it can be called late.
    pub(super) fn patience(&self) -> Option<Duration> {
        let newest = self.gaps.back().copied().unwrap_or_default().min(LATE_MAX);
        self.interval().map(|interval| interval.max(newest))
    }
}
