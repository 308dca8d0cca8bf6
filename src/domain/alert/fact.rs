//! What the book hears of the world.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Plan;
use crate::domain::{
    camera::{CameraId, SiteId, Slug},
    time::UnixMicros,
};

/// Whom an alert concerns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A camera.
    Camera(CameraId),
    /// A site.
    Site(SiteId),
    /// The service itself, or an outside system that named neither.
    Service,
}

/// What an alert is about: a later fact with the same source belongs to the same alert while that
/// is open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Source {
    /// Whom it concerns.
    pub subject: Subject,
    /// What it is: a condition's word, or the kind that an outside system gave.
    pub kind: Slug,
}

/// Something was observed for which there is a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Raised {
    /// What it is about.
    pub source: Source,
    /// The cameras to look at.
    pub cameras: Vec<CameraId>,
    /// Where; the site of the camera, or the site itself.
    pub site: Option<SiteId>,
    /// Words and figures.
    pub evidence: String,
    /// When it began, as observed.
    pub since: UnixMicros,
    /// The site that it is masked under: that site's alert stands for it.
    pub masked_by: Option<SiteId>,
    /// It has no end of its own, as a pressed button has none.
    pub momentary: bool,
    /// It was injected to train people.
    pub drill: bool,
    /// What the rules say of it.
    pub plan: Arc<Plan>,
}

/// What the book hears.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// A condition stands, or an outside event happened. Said again with another mask or other
    /// words, it is the same one.
    Raised(Box<Raised>),
    /// A condition no longer stands.
    Cleared(Source),
    /// A camera was taken out of service until then, or is back (`None`).
    OutOfService(CameraId, Option<UnixMicros>),
    /// What the rules say of an alert that is open is another now; `None`: no rule names it any more.
    Planned(Source, Option<Arc<Plan>>),
}
