//! A wall: which cameras it shows.

use super::camera::{Camera, CameraId, SiteId, Slug, WallId};

/// A wall as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wall {
    /// Unique identity.
    pub id: WallId,
    /// What people read.
    pub name: String,
    /// Which cameras, in order; a camera named twice is shown once.
    pub cameras: Vec<Selector>,
}

/// A way to name cameras.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// `"*"`: all of them.
    All,
    /// `"site:ky-anh"`: those of a site (not of the sites below it).
    Site(SiteId),
    /// `"tag:junction"`: those with a tag.
    Tag(Slug),
    /// `"ky-anh-01"`: one.
    Camera(CameraId),
}

impl Selector {
    /// Whether it names this camera.
    pub fn matches(&self, camera: &Camera) -> bool {
        match self {
            Self::All => true,
            Self::Site(site) => camera.site.as_ref() == Some(site),
            Self::Tag(tag) => camera.tags.contains(tag),
            Self::Camera(id) => camera.id == *id,
        }
    }
}

impl Wall {
    /// The cameras of this wall in its order, each once.
    pub fn members<'a>(&self, cameras: &'a [Camera]) -> Vec<&'a Camera> {
        let mut members: Vec<&Camera> = Vec::new();
        for selector in &self.cameras {
            for camera in cameras.iter().filter(|camera| selector.matches(camera)) {
                if !members.iter().any(|member| member.id == camera.id) {
                    members.push(camera);
                }
            }
        }
        members
    }
}
