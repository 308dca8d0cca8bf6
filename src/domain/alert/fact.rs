//! What the book hears of the world.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Plan;
use crate::domain::{
    camera::{CameraId, SiteId, Slug, WallId},
    screen::ScreenRef,
    time::UnixMicros,
};

/// Whom an alert concerns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Spelled", into = "Spelled")]
pub enum Subject {
    /// A camera.
    Camera(CameraId),
    /// A site.
    Site(SiteId),
    /// A screen of a wall.
    Screen(ScreenRef),
    /// The service itself, or an outside system that named neither.
    Service,
}

/// A subject as it is written: `{"camera":"…"}`, `{"site":"…"}`, `{"screen":"…","wall":"…"}` or
/// `"service"`.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Spelled {
    Camera { camera: CameraId },
    Site { site: SiteId },
    Screen { screen: Slug, wall: WallId },
    Service(Service),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Service {
    Service,
}

impl From<Spelled> for Subject {
    fn from(spelled: Spelled) -> Self {
        match spelled {
            Spelled::Camera { camera } => Self::Camera(camera),
            Spelled::Site { site } => Self::Site(site),
            Spelled::Screen { screen, wall } => Self::Screen(ScreenRef { wall, screen }),
            Spelled::Service(Service::Service) => Self::Service,
        }
    }
}

impl From<Subject> for Spelled {
    fn from(subject: Subject) -> Self {
        match subject {
            Subject::Camera(camera) => Self::Camera { camera },
            Subject::Site(site) => Self::Site { site },
            Subject::Screen(ScreenRef { wall, screen }) => Self::Screen { screen, wall },
            Subject::Service => Self::Service(Service::Service),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_read_as_it_is_written() {
        let slug = |name: &str| Slug::try_from(name).expect("an id");
        let screen = ScreenRef { wall: slug("main"), screen: slug("left") };
        for (subject, written) in [
            (Subject::Camera(slug("c1")), r#"{"camera":"c1"}"#),
            (Subject::Site(slug("ky-anh")), r#"{"site":"ky-anh"}"#),
            (Subject::Screen(screen), r#"{"screen":"left","wall":"main"}"#),
            (Subject::Service, r#""service""#),
        ] {
            assert_eq!(serde_json::to_string(&subject).expect("plain data"), written);
            assert_eq!(serde_json::from_str::<Subject>(written).expect("a subject"), subject);
        }
        for wrong in [r#"{"camera":"NO"}"#, r#"{"wall":"main"}"#, r#""camera""#, "{}"] {
            assert!(serde_json::from_str::<Subject>(wrong).is_err(), "{wrong}");
        }
    }
}
