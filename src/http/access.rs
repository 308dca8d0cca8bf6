//! Who is asking, and what they may see. Every handler asks here, and nowhere else.
//!
//! There are no accounts yet: everybody is the one below, and may see everything. That is why the
//! service starts only on a loopback address. Sign-in replaces the inside of this file.

use std::{collections::HashMap, convert::Infallible, sync::Arc};

use axum::{extract::FromRequestParts, http::request::Parts};

use super::Problem;
use crate::{
    desk::view::{CameraView, SiteView, View, WallView},
    domain::{
        camera::{CameraId, Handle},
        maintenance::MaintenanceId,
        wall::Selector,
    },
    hub::fanout::Roster,
};

/// Something that changes what the service does, and to what.
#[derive(Clone, Copy, Debug)]
#[expect(dead_code, reason = "sign-in will look at what it is done to")]
pub(super) enum Action<'a> {
    /// Take cameras out of service.
    Maintain(&'a Selector),
    /// End an order.
    EndMaintenance(MaintenanceId),
    /// Confirm or reset a camera's references.
    References(&'a CameraView),
}

/// Whoever sent a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) user: &'static str,
    pub(super) role: &'static str,
}

impl<S: Sync> FromRequestParts<S> for Subject {
    type Rejection = Infallible;

    async fn from_request_parts(_parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self { user: "anonymous", role: "admin" })
    }
}

impl Subject {
    /// Whether this camera exists for the subject; what it may not see is answered as not there.
    pub(super) fn may_see(&self, _camera: &CameraView) -> bool {
        true
    }

    /// Whether this wall exists for the subject.
    pub(super) fn may_see_wall(&self, _wall: &WallView) -> bool {
        true
    }

    /// Whether this site exists for the subject.
    pub(super) fn may_see_site(&self, _site: &SiteView) -> bool {
        true
    }

    /// Whether it may do this: every handler that changes something asks here first.
    pub(super) fn authorize(&self, _action: &Action<'_>) -> Result<(), Problem> {
        Ok(())
    }

    /// The cameras that there are for it, as the fan-out asks.
    pub(super) fn roster(&self, view: &Arc<View>) -> Arc<dyn Roster> {
        Arc::new(Visible { subject: self.clone(), view: view.clone() })
    }
}

struct Visible {
    subject: Subject,
    view: Arc<View>,
}

impl Roster for Visible {
    fn resolve(&self, cameras: &[CameraId]) -> Vec<Option<Handle>> {
        if cameras.is_empty() {
            return Vec::new();
        }
        let seen = self.view.cameras.iter().filter(|camera| self.subject.may_see(camera));
        let handles: HashMap<CameraId, Handle> =
            seen.map(|camera| (camera.id.clone(), camera.handle)).collect();
        cameras.iter().map(|camera| handles.get(camera).copied()).collect()
    }

    fn may_see(&self, camera: Handle) -> bool {
        self.view.cameras.get(&camera).is_none_or(|camera| self.subject.may_see(&camera))
    }

    fn id(&self, camera: Handle) -> Option<CameraId> {
        self.view.cameras.get(&camera).map(|camera| camera.id.clone())
    }
}
