//! What the pictures show, as the picture judge found it: each finding with how many pictures in a
//! row it was made or missed.

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

/// One picture may be an accident: it takes two.
const FOUND: u32 = 2;

/// So many good pictures clear a condition (besides its off-delay).
const MISSED: u32 = 3;

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
        // That pictures repeat shows in three of them at the earliest, so that it had lasted two
        // intervals when it was found, and was seen more than once.
        let repeats = matches!(condition, Condition::Frozen | Condition::Looped);
        Cause::Present(Evidence {
            lasted: if repeats { interval.saturating_mul(2) } else { Duration::ZERO },
            enough: repeats || track.run >= FOUND,
            ..Evidence::of(words)
        })
    }
}
