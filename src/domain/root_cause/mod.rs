//! One cause, one condition: when most of a site's cameras are lost within a window, the site is
//! down and its cameras are masked under it.

use std::time::{Duration, Instant};

use crate::domain::{
    camera::{Handle, SiteId},
    site::Site,
};

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

/// The site tree and who is lost.
#[derive(Clone, Debug)]
pub struct RootCause {
    policy: RootCausePolicy,
}

impl RootCause {
    /// Without sites and cameras.
    pub fn new(policy: RootCausePolicy) -> Self {
        Self { policy }
    }

    /// A new tree, and which camera hangs where. Cameras that stay keep what is known of them.
    pub fn configure(&mut self, sites: &[Site], cameras: &[(Handle, Option<SiteId>)]) {
        let _ = (self.policy, sites, cameras);
    }

    /// A camera is lost (`true`: cannot be watched), or is back. One in maintenance is neither.
    pub fn apply(&mut self, now: Instant, camera: Handle, lost: bool) -> Vec<SiteChange> {
        let _ = (now, camera, lost);
        Vec::new()
    }

    /// Nothing can be said of a camera (it is in maintenance): it counts neither as lost nor as well.
    pub fn withdraw(&mut self, now: Instant, camera: Handle) -> Vec<SiteChange> {
        let _ = (now, camera);
        Vec::new()
    }

    /// Whether a camera that is lost may yet be masked: it was lost a short while ago, and its site
    /// may turn out to be the cause. Until this is `false` its own condition is not written down.
    pub fn undecided(&self, camera: Handle, now: Instant) -> bool {
        let _ = (camera, now);
        false
    }

    /// When time alone may change something.
    pub fn next_deadline(&self) -> Option<Instant> {
        None
    }

    /// What time alone changes.
    pub fn tick(&mut self, now: Instant) -> Vec<SiteChange> {
        let _ = now;
        Vec::new()
    }

    /// The site that this camera is masked under.
    pub fn masked_by(&self, camera: Handle) -> Option<&SiteId> {
        let _ = camera;
        None
    }

    /// All sites that are down.
    pub fn down(&self) -> Vec<SiteDown> {
        Vec::new()
    }
}
