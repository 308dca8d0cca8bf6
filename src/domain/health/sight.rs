//! What the pictures show, as the picture judge found it: each finding with how many pictures in a
//! row had it or did not.

use std::time::Duration;

use super::cause::{Cause, Evidence};
use crate::domain::{camera::Condition, picture::Finding};

/// Conditions that pictures show.
pub(super) const PICTURE: [Condition; 7] = [
    Condition::Frozen,
    Condition::Looped,
    Condition::Black,
    Condition::Overexposed,
    Condition::Defocused,
    Condition::Covered,
    Condition::Moved,
];

/// The judge makes a finding from three pictures in a row that show it, and drops it after two that
/// do not. So it had lasted this many intervals when it was found …
const LASTED: u32 = 2;

/// … and with so many pictures without the finding, three in a row did not show it.
const MISSED: u32 = 2;

/// The findings of one camera.
#[derive(Clone, Debug, Default)]
pub(super) struct Sight([Track; PICTURE.len()]);

#[derive(Clone, Debug, Default)]
struct Track {
    /// The newest picture's, if it has the finding.
    words: Option<String>,
    /// Pictures in a row that have it, or that do not.
    run: u32,
}

impl Sight {
    /// The findings in the newest picture.
    pub(super) fn apply(&mut self, findings: &[Finding]) {
        for (condition, track) in PICTURE.iter().zip(&mut self.0) {
            let found = findings.iter().find(|finding| finding.condition == *condition);
            let same = found.is_some() == track.words.is_some();
            track.run = if same { track.run.saturating_add(1) } else { 1 };
            track.words = found.map(|finding| finding.evidence.clone());
        }
    }

    /// Whether the pictures show it. `interval` is the usual time between two of them.
    pub(super) fn cause(&self, condition: Condition, interval: Duration) -> Cause {
        let Some(at) = PICTURE.iter().position(|picture| *picture == condition) else {
            return Cause::absent();
        };
        let track = &self.0[at];
        let Some(words) = track.words.clone() else {
            return Cause::Absent { enough: track.run >= MISSED };
        };
        let lasted = interval.saturating_mul(LASTED);
        Cause::Present(Evidence { lasted, ..Evidence::of(words) })
    }
}
