//! A wall: which cameras it shows.

use std::{fmt, str::FromStr};

use super::camera::{Camera, CameraId, NotASlug, SiteId, Slug, WallId};

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

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Site(site) => write!(f, "site:{site}"),
            Self::Tag(tag) => write!(f, "tag:{tag}"),
            Self::Camera(id) => write!(f, "{id}"),
        }
    }
}

/// Reads what `Display` writes. Whether there is such a camera, site or tag is another question.
impl FromStr for Selector {
    type Err = NotASlug;

    fn from_str(text: &str) -> Result<Self, NotASlug> {
        Ok(match text.split_once(':') {
            _ if text == "*" => Self::All,
            Some(("site", site)) => Self::Site(site.try_into()?),
            Some(("tag", tag)) => Self::Tag(tag.try_into()?),
            _ => Self::Camera(text.try_into()?),
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_is_read_as_it_is_written() {
        for text in ["*", "site:ky-anh", "tag:junction", "ky-anh-01"] {
            assert_eq!(text.parse::<Selector>().expect("a selector").to_string(), text);
        }
        for text in ["", "site:", "Site:ky-anh", "all cameras", "tag:a:b"] {
            assert!(text.parse::<Selector>().is_err(), "{text:?}");
        }
    }
}
