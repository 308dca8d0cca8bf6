//! Cameras that a person took out of service until a stated time.

use serde::{Deserialize, Serialize};

use super::{camera::Camera, time::UnixMicros, wall::Selector};

/// Numbers an order; from the store's sequence, so that it is never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MaintenanceId(pub i64);

/// An order: these cameras are out of service from `from` until `until`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maintenance {
    /// Its number.
    pub id: MaintenanceId,
    /// Which cameras.
    pub scope: Selector,
    /// When it began.
    pub from: UnixMicros,
    /// When it ends by itself.
    pub until: UnixMicros,
    /// Why, in the person's words.
    pub reason: String,
    /// Who ordered it.
    pub by: String,
}

impl Maintenance {
    /// Whether it takes this camera out of service at `now`.
    pub fn covers(&self, camera: &Camera, now: UnixMicros) -> bool {
        self.from <= now && now < self.until && self.scope.matches(camera)
    }
}
