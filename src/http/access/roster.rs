//! The cameras that there are for a subject, as the fan-out asks.

use std::{collections::HashMap, sync::Arc};

use super::Subject;
use crate::{
    domain::camera::{CameraId, Handle},
    hub::fanout::Roster,
};

impl Subject {
    /// The cameras that there are for it, as the fan-out asks. It answers by the rights that it was
    /// made with: when these change, the viewer is closed.
    pub(in crate::http) fn roster(&self) -> Arc<dyn Roster> {
        Arc::new(Visible(self.clone()))
    }
}

struct Visible(Subject);

impl Roster for Visible {
    fn resolve(&self, cameras: &[CameraId]) -> Vec<Option<Handle>> {
        if cameras.is_empty() {
            return Vec::new();
        }
        let all = self.0.app.view.list();
        let seen = all.iter().filter(|camera| self.0.may_see(camera));
        let handles: HashMap<&CameraId, Handle> =
            seen.map(|camera| (&camera.id, camera.handle)).collect();
        cameras.iter().map(|camera| handles.get(camera).copied()).collect()
    }

    fn may_see(&self, camera: Handle) -> bool {
        // Apart, so that no lock of the map is held while others are looked up in it.
        let known = self.0.app.view.cameras.get(&camera).map(|camera| camera.clone());
        known.map_or_else(|| self.0.sees_all(), |camera| self.0.may_see(&camera))
    }

    fn id(&self, camera: Handle) -> Option<CameraId> {
        self.0.app.view.cameras.get(&camera).map(|camera| camera.id.clone())
    }
}
