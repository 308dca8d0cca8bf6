//! When a site counts as down, and what is told of it.

use std::time::{Duration, Instant};

use crate::domain::camera::SiteId;

/// Losses of one cut are seen within about this of each other: with keyframes every 2 s, over 2 s.
pub(super) const QUIET: Duration = Duration::from_secs(3);
/// A site that is gone is not kept back longer, whatever else is being lost.
pub(super) const PATIENCE: Duration = Duration::from_secs(6);
/// A camera's own condition waits so long for its site's: for the losses that come after its own,
/// and [`QUIET`].
pub(super) const SETTLE: Duration = Duration::from_secs(10);
/// A site must be well again for so long.
pub(super) const OFF_DELAY: Duration = Duration::from_secs(10);
/// … and never longer than this, however often it falls.
pub(super) const OFF_DELAY_MAX: Duration = Duration::from_secs(300);
/// A site that stays up for so long no longer flaps.
pub(super) const STEADY: Duration = Duration::from_secs(600);

/// When a site counts as down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RootCausePolicy {
    /// This share of the cameras that were well is lost …
    pub share: f64,
    /// … and at least so many …
    pub least: usize,
    /// … within this time of each other.
    pub window: Duration,
}

impl Default for RootCausePolicy {
    fn default() -> Self {
        Self { share: 0.6, least: 3, window: Duration::from_secs(60) }
    }
}

/// A site that is down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteDown {
    /// Which; the highest one that explains the loss.
    pub site: SiteId,
    /// When it was raised.
    pub since: Instant,
    /// Words and figures, one plain English sentence that does not tick.
    pub evidence: String,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SiteChange {
    /// A site went down.
    Down(SiteDown),
    /// It is up again, or another site explains the loss now.
    Up(SiteId),
}
