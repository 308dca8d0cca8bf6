//! What can be done here, and to what: every handler that does more than to look asks here first.

use axum::http::StatusCode;

use super::{Subject, sight::Places};
use crate::{
    desk::view::{CameraView, WallView},
    domain::{
        access::{Action as Right, Denied, Object},
        alert::{Act, Alert},
        camera::{CameraId, SiteId},
        roster::PositionId,
        wall::Selector,
    },
    http::Problem,
    store::JournalRow,
};

/// Something that changes what the service does, or tells more than what is now.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) enum Action<'a> {
    /// Take cameras out of service, or into it again.
    Maintain(&'a Selector),
    /// Confirm or reset a camera's references.
    References(&'a CameraView),
    /// Do something with an alert.
    Alert(&'a Alert, &'a Act),
    /// Tell what an outside system saw.
    Observe(&'a JournalRow),
    /// Drive a wall.
    DriveWall(&'a WallView),
    /// Hide a camera from others, or end that: also where that hides it from this very subject.
    Block(&'a CameraView),
    /// See what was kept of a camera.
    Past(&'a CameraView),
    /// Train people at these cameras, or see how it went.
    Drill(&'a [CameraId]),
    /// See what was, of whatever may be seen.
    Search,
    /// Hand over a position, all of whose places must be theirs: a sheet is of the whole.
    HandOver(&'a PositionId),
    /// Work at the desk: roster, hand-over.
    Duty,
    /// See and change what goes to people, and how they do.
    Supervise,
    /// See the service in figures.
    Measure,
    /// Look at or change the configuration file.
    Configure,
    /// Look after accounts, tokens, the configuration and the audit.
    Administer,
}

impl Subject {
    /// Whether it may do this.
    pub(in crate::http) fn authorize(&self, deed: &Action<'_>) -> Result<(), Problem> {
        let desk = |action| self.judge(action, Object::Desk);
        let service = |action| self.judge(action, Object::Service);
        let judged = match deed {
            Action::Maintain(scope) => self.judge_places(Right::Operate, &self.places_of(scope)),
            Action::References(camera) => self.judge_camera(Right::Operate, camera),
            Action::DriveWall(wall) => match self.allows_wall(Right::Operate, wall) {
                true => Ok(()),
                false if self.may_see_wall(wall) => Err(Denied::Forbidden),
                false => Err(Denied::Hidden),
            },
            Action::Block(camera) => self.judge_camera(Right::Supervise, camera),
            Action::Past(camera) => self.judge_camera(Right::ViewStored, camera),
            Action::Alert(alert, act) => match self.allows_alert(kind_of(act), alert) {
                true => Ok(()),
                false if self.may_see_alert(alert) => Err(Denied::Forbidden),
                false => Err(Denied::Hidden),
            },
            Action::Observe(row) => self.judge_places(Right::Operate, &self.places_of_row(row)),
            Action::Drill(cameras) => {
                let places: Places = cameras.iter().map(|camera| self.site_of(camera)).collect();
                self.judge_places(Right::Supervise, &places)
            }
            Action::HandOver(position) => match self.may_see_position(position) {
                true => desk(Right::Act),
                false => Err(Denied::Forbidden),
            },
            Action::Search => desk(Right::ViewStored),
            Action::Duty => desk(Right::Act),
            Action::Supervise => desk(Right::Supervise),
            Action::Measure => service(Right::Supervise),
            Action::Configure | Action::Administer => service(Right::Administer),
        };
        judged.map_err(|denied| self.refused(deed, denied))
    }

    fn judge(&self, action: Right, object: Object<'_>) -> Result<(), Denied> {
        self.rights().authorize(action, object, &self.tree())
    }

    fn judge_camera(&self, action: Right, camera: &CameraView) -> Result<(), Denied> {
        match self.allows_camera(action, camera) {
            true => Ok(()),
            false if self.may_see(camera) => Err(Denied::Forbidden),
            false => Err(Denied::Hidden),
        }
    }

    fn judge_places(&self, action: Right, places: &[Option<SiteId>]) -> Result<(), Denied> {
        let places: Vec<Option<&SiteId>> = places.iter().map(Option::as_ref).collect();
        self.judge(action, Object::Places(&places))
    }

    /// Where a record is; one without a place is about everything.
    pub(in crate::http) fn may_see_row(&self, row: &JournalRow) -> bool {
        self.sees_all() || self.allows_places(Right::ViewStored, &self.places_of_row(row))
    }

    fn places_of_row(&self, row: &JournalRow) -> Places {
        let camera = row.camera.as_ref().map(|camera| self.site_of(camera));
        let site = row.site.as_ref().map(|site| Some(site.clone()));
        camera.into_iter().chain(site).collect()
    }

    /// The answer, once it is written down.
    fn refused(&self, deed: &Action<'_>, denied: Denied) -> Problem {
        self.note_denied(deed.word());
        match denied {
            Denied::Hidden => Problem::new(
                StatusCode::NOT_FOUND,
                "There is nothing of that name. GET /api/v1/cameras, /api/v1/sites and \
                 /api/v1/walls list what there is.",
            ),
            Denied::Forbidden => Problem::new(
                StatusCode::FORBIDDEN,
                "Your role does not allow this here. GET /api/v1/session tells your rights; an \
                 administrator can change them.",
            ),
        }
    }
}

impl Action<'_> {
    /// As it stands in the audit.
    fn word(&self) -> &'static str {
        match self {
            Self::Maintain(_) => "maintenance",
            Self::References(_) => "references",
            Self::Alert(..) => "alert",
            Self::Observe(_) => "event",
            Self::DriveWall(_) => "wall",
            Self::Block(_) => "block",
            Self::Past(_) | Self::Search => "past",
            Self::Drill(_) => "drill",
            Self::Duty | Self::HandOver(_) => "desk",
            Self::Supervise => "supervise",
            Self::Measure => "metrics",
            Self::Configure => "configuration",
            Self::Administer => "administer",
        }
    }
}

/// Taking and telling is everybody's at the desk; putting an alert away or closing it is not.
fn kind_of(act: &Act) -> Right {
    match act {
        Act::Read
        | Act::Acknowledge
        | Act::Assign { .. }
        | Act::Comment { .. }
        | Act::Pass { .. }
        | Act::Help { .. } => Right::Act,
        Act::Shelve { .. } | Act::Unshelve | Act::Resolve { .. } => Right::Operate,
    }
}
