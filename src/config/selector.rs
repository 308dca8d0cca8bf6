//! `cameras = ["*", "ky-anh-01", "site:ky-anh", "tag:junction"]`, as walls and rules write it: each
//! names something that exists.

use std::collections::BTreeSet;

use super::{
    camera::{Seen, unknown_site},
    nearest::nearest,
    section::Section,
};
use crate::domain::{
    camera::{SiteId, Slug},
    wall::Selector,
};

/// What there is to name.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) seen: &'a Seen,
    pub(super) sites: &'a BTreeSet<SiteId>,
}

/// The list under `cameras`, which must be there and name something.
pub(super) fn selectors(section: &mut Section, known: Known<'_>) -> Vec<Selector> {
    let Some(texts) = section.texts("cameras") else {
        section.missing("cameras", "write cameras = [\"*\"], or ids, \"site:…\" and \"tag:…\"");
        return Vec::new();
    };
    if texts.value.is_empty() {
        section.fault(
            "cameras",
            texts.at,
            "names nothing",
            "write [\"*\"] for all cameras, or ids, \"site:…\" and \"tag:…\"",
        );
        return Vec::new();
    }
    let mut selectors = Vec::new();
    for text in texts.value {
        match selector(&text.value, known) {
            Ok(selector) => selectors.push(selector),
            Err((problem, remedy)) => section.fault("cameras", text.at, problem, remedy),
        }
    }
    selectors
}

fn selector(text: &str, known: Known<'_>) -> Result<Selector, (String, String)> {
    let Known { seen, sites } = known;
    let slug = |text: &str| {
        Slug::try_from(text).map_err(|error| {
            (error.to_string(), "use an id, \"site:…\", \"tag:…\" or \"*\"".to_owned())
        })
    };
    let meant = |word: &str, known: &mut dyn Iterator<Item = &Slug>, otherwise: &str| match nearest(
        word,
        known.map(Slug::as_str),
    ) {
        Some(meant) => format!("did you mean {meant:?}?"),
        None => otherwise.to_owned(),
    };
    if text == "*" {
        return Ok(Selector::All);
    }
    if let Some(site) = text.strip_prefix("site:") {
        let site = slug(site)?;
        if !sites.contains(&site) {
            return Err((format!("there is no site {site}"), unknown_site(&site, sites)));
        }
        return Ok(Selector::Site(site));
    }
    if let Some(tag) = text.strip_prefix("tag:") {
        let tag = slug(tag)?;
        if !seen.tags.contains(&tag) {
            let remedy = meant(
                tag.as_str(),
                &mut seen.tags.iter(),
                "write it under tags of a camera, or remove it here",
            );
            return Err((format!("no camera has the tag {tag}"), remedy));
        }
        return Ok(Selector::Tag(tag));
    }
    let id = slug(text)?;
    if !seen.ids.contains_key(&id) {
        let remedy = meant(id.as_str(), &mut seen.ids.keys(), "use the id of a camera in the list");
        return Err((format!("there is no camera {id}"), remedy));
    }
    Ok(Selector::Camera(id))
}
