//! Live video: which access units a viewer is due.
//!
//! Shared state is one `ring` per stream, with its newest keyframe and what follows, and one log
//! of all publications ([`rings`]). A viewer has a `lane` per camera that it watches: which
//! stream it carries and from which unit on, and no queue. [`lanes`] are all of a viewer's; its
//! [`pressure`] says when the least important of them must do with less.
//!
//! The rule of a lane that is behind: everything up to a keyframe is left out, never single units,
//! and it is said.

pub mod batch;
mod lane;
pub mod lanes;
pub mod notice;
pub mod pressure;
mod ring;
pub mod rings;

pub use batch::{BATCH, Batch, Due};
pub use lanes::{Counts, Lanes};
pub use notice::{Notice, Quality, Why};
pub use rings::{Body, Rings};

use std::time::Duration;

#[cfg(test)]
mod model;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

/// How a viewer's lanes are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LivePolicy {
    /// A lane starts from a ring whose newest unit is younger than this.
    pub start_within: Duration,
    /// It changes to another stream's ring only if that one is this lively: its keyframe alone may
    /// be seconds old, and the picture would jump back.
    pub change_within: Duration,
    /// Behind by this much, a lane jumps to a newer keyframe, if there is one …
    pub jump_after: Duration,
    /// … and behind by this much it waits for the next one, at most …
    pub wait_after: Duration,
    /// … so long; then it carries a lower stream, or is shown as tiles until a keyframe comes.
    pub keyframe_within: Duration,
    /// When lanes step down and up.
    pub pressure: pressure::PressurePolicy,
}

impl Default for LivePolicy {
    fn default() -> Self {
        Self {
            start_within: Duration::from_secs(3),
            change_within: Duration::from_secs(1),
            jump_after: Duration::from_secs(1),
            wait_after: Duration::from_secs(2),
            keyframe_within: Duration::from_secs(5),
            pressure: pressure::PressurePolicy::default(),
        }
    }
}
