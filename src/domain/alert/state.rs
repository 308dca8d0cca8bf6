//! An alert as people see it. It is stored whole with each change, so it holds all that the book
//! needs to go on after a restart.

use serde::{Deserialize, Serialize};

use super::{Actor, AlertId, Disposition, Priority, Source};
use crate::domain::{
    camera::{CameraId, SiteId, Slug},
    escalation::Stage,
    roster::{PersonId, PositionId},
    time::UnixMicros,
};

/// Where an alert stands (ISA-18.2 §5.3). What overrides what: out of service, suppressed, masked,
/// on-delay, shelved, off-delay, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is over: closed.
    Normal,
    /// Its cause stands and nobody has taken it.
    Unacknowledged,
    /// Its cause stands and somebody has taken it.
    Acknowledged,
    /// Its cause is gone and nobody has taken it.
    ReturnedUnacknowledged,
    /// A person has put it away until a stated time.
    Shelved,
    /// By plan, or because a site's alert stands for it (`masked_by`).
    Suppressed,
    /// Its camera is in maintenance.
    OutOfService,
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: UnixMicros,
}

/// A place on the shelf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelved {
    /// Until then.
    pub until: UnixMicros,
    /// Why.
    pub reason: String,
    /// Who put it there, and when.
    #[serde(flatten)]
    pub signed: Signed,
}

/// Something that a person said about an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// What.
    pub text: String,
    /// Who said it, and when.
    #[serde(flatten)]
    pub signed: Signed,
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Its name.
    pub id: AlertId,
    /// Whom it concerns, and with which kind.
    #[serde(flatten)]
    pub source: Source,
    /// Where it stands.
    pub state: State,
    /// How soon somebody must act.
    pub priority: Priority,
    /// The rule that made it.
    pub rule: Slug,
    /// Whose it is.
    pub position: PositionId,
    /// The cameras to look at.
    pub cameras: Vec<CameraId>,
    /// Where.
    pub site: Option<SiteId>,
    /// Words and figures of the newest activation.
    pub evidence: String,
    /// Activations: an episode is one alert.
    pub count: u32,
    /// When the first activation began.
    pub opened_at: UnixMicros,
    /// When the newest one did.
    pub raised_at: UnixMicros,
    /// Since when its cause is gone; `None` while it stands.
    pub cleared_at: Option<UnixMicros>,
    /// When it was over.
    pub closed_at: Option<UnixMicros>,
    /// It came and went three times in a minute, and is not told anew each time.
    pub chattering: bool,
    /// Its cause has no end of its own: it closes when it is resolved.
    pub momentary: bool,
    /// The site whose alert stands for it.
    pub masked_by: Option<SiteId>,
    /// Of a site's alert: cameras that are masked under it, each once.
    pub masks: Vec<CameraId>,
    /// Until when it is suppressed by plan.
    pub suppressed_until: Option<UnixMicros>,
    /// Until when its camera is out of service.
    pub out_of_service_until: Option<UnixMicros>,
    /// Its place on the shelf.
    pub shelved: Option<Shelved>,
    /// Who read it first since it was raised.
    pub read: Option<Signed>,
    /// Who took it.
    pub acknowledged: Option<Signed>,
    /// To whom it was given.
    pub assigned: Option<PersonId>,
    /// What it turned out to be, and who said so.
    pub disposition: Option<Disposition>,
    /// Who settled it.
    pub resolved: Option<Signed>,
    /// What people said about it, oldest first; at most 100, then the oldest go (each is kept as a
    /// change of its own).
    pub comments: Vec<Comment>,
    /// How far it has gone up.
    pub stage: Option<Stage>,
    /// It was injected to train people: shown as such, and in no figure.
    pub drill: bool,
}

impl Alert {
    /// Whether it is not over.
    pub fn is_open(&self) -> bool {
        self.state != State::Normal
    }

    /// Whether a person must act on it now: it is neither taken nor put away.
    pub fn needs_a_person(&self) -> bool {
        matches!(self.state, State::Unacknowledged | State::ReturnedUnacknowledged)
    }
}
