//! How files name cameras: by themselves, by site, by tag, or all of them.

use std::{collections::BTreeSet, fmt, str::FromStr};

use crate::domain::camera::{Camera, CameraId, NotASlug, SiteId, Slug};

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

/// The cameras that are named, in the order of their names, each once.
pub(super) fn named<'a>(selectors: &[Selector], cameras: &'a [Camera]) -> Vec<&'a Camera> {
    let mut named: Vec<&Camera> = Vec::new();
    let mut seen = BTreeSet::new();
    for selector in selectors {
        let matching = cameras.iter().filter(|camera| selector.matches(camera));
        named.extend(matching.filter(|camera| seen.insert(&camera.id)));
    }
    named
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
