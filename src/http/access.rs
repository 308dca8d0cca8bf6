//! Who is asking, and what they may see. Every handler asks here, and nowhere else.
//!
//! There are no accounts yet: everybody is the one below, and may see everything. That is why the
//! service starts only on a loopback address. Sign-in replaces the inside of this file.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};

use super::{App, Problem};
use crate::{
    desk::view::{CameraView, SiteView, View, WallView},
    domain::{
        alert::{Actor, Alert, AlertId},
        camera::{CameraId, Handle},
        maintenance::MaintenanceId,
        roster::PersonId,
        wall::Selector,
    },
    hub::fanout::Roster,
    store::JournalRow,
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
    /// Do something with an alert.
    Alert(AlertId),
    /// Tell what an outside system saw.
    Observe(&'a JournalRow),
    /// Look at or change the configuration file.
    Configure,
    /// Drive a wall.
    DriveWall(&'a WallView),
    /// Hide a camera from others, or end that.
    Block(&'a CameraView),
    /// Look at or change what goes to people: the outbox, the roster, hand-overs, drills.
    Duty,
}

/// Whoever sent a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) user: &'static str,
    pub(super) role: &'static str,
    /// The person of the roster that it acts for.
    pub(super) person: Option<PersonId>,
}

/// Names the person of the roster, until sign-in knows who it is.
const PERSON: &str = "x-watchwall-person";

impl FromRequestParts<App> for Subject {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let named = parts.headers.get(PERSON).map(|id| id.to_str().unwrap_or("?").to_owned());
        Self::anonymous().acting_for(app, named.as_deref())
    }
}

impl Subject {
    fn anonymous() -> Self {
        Self { user: "anonymous", role: "admin", person: None }
    }

    /// The same, acting for a person of the roster.
    pub(super) fn acting_for(self, app: &App, person: Option<&str>) -> Result<Self, Problem> {
        let Some(person) = person else { return Ok(self) };
        let known = |id: &PersonId| app.view.duty.load().config.roster.person(id).is_some();
        match PersonId::try_from(person).ok().filter(known) {
            Some(person) => Ok(Self { person: Some(person), ..self }),
            None => Err(Problem::new(
                StatusCode::FORBIDDEN,
                "There is no such person. GET /api/v1/roster lists the people.",
            )),
        }
    }

    /// Who does it, as it is written down.
    pub(super) fn actor(&self) -> Actor {
        Actor { user: self.user.to_owned(), person: self.person.clone() }
    }

    /// Whether this alert exists for the subject.
    pub(super) fn may_see_alert(&self, _alert: &Alert) -> bool {
        true
    }

    /// Whether this camera exists for the subject; what it may not see is answered as not there.
    pub(super) fn may_see(&self, camera: &CameraView) -> bool {
        camera.is_open_to(self.role)
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
