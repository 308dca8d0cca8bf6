//! Walls: each names at least one camera, and nothing that does not exist.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    camera::{NAME_MAX, Seen, slug, unknown_site},
    document::Entry,
    fault::Fault,
    nearest::nearest,
    section::Section,
};
use crate::domain::{
    camera::{Camera, SiteId, Slug, WallId},
    wall::{Selector, Wall},
};

/// Reads the walls; a configuration without one gets a wall of all cameras.
pub(super) fn check(
    file: &Arc<str>,
    entries: Vec<Entry>,
    seen: &Seen,
    sites: &BTreeSet<SiteId>,
) -> (Vec<Wall>, Vec<Fault>) {
    if entries.is_empty() {
        return (vec![super::wall_of_all()], Vec::new());
    }
    let mut walls: Vec<Wall> = Vec::new();
    let mut ids: BTreeSet<WallId> = BTreeSet::new();
    let mut faults = Vec::new();
    for (index, entry) in entries.into_iter().enumerate() {
        let mut section = Section::new(file, format!("wall[{index}]"), entry);
        let id = slug(&mut section, "id");
        match &id {
            None => section.missing("id", "write id = \"…\", unique, from a-z, 0-9 and '-'"),
            Some(id) if !ids.insert(id.value.clone()) => {
                section.fault(
                    "id",
                    id.at.clone(),
                    format!("the wall {} is declared twice", id.value),
                    "remove one of the two",
                );
            }
            Some(_) => {}
        }
        let name = section.text("name", NAME_MAX);
        let cameras = selectors(&mut section, seen, sites);
        if let Some(id) = id {
            let name = name.map_or_else(|| id.value.to_string(), |name| name.value);
            walls.push(Wall { id: id.value, name, cameras });
        }
        faults.extend(section.finish());
    }
    (walls, faults)
}

/// Tells the walls of a sound configuration that would stay empty. `"*"` may: cameras can follow.
pub(super) fn empty(walls: &[Wall], cameras: &[Camera]) -> Vec<usize> {
    let shows_one = |wall: &Wall| {
        wall.cameras.contains(&Selector::All)
            || cameras.iter().any(|camera| wall.cameras.iter().any(|s| s.matches(camera)))
    };
    (0..walls.len()).filter(|index| !shows_one(&walls[*index])).collect()
}

fn selectors(section: &mut Section, seen: &Seen, sites: &BTreeSet<SiteId>) -> Vec<Selector> {
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
        match selector(&text.value, seen, sites) {
            Ok(selector) => selectors.push(selector),
            Err((problem, remedy)) => section.fault("cameras", text.at, problem, remedy),
        }
    }
    selectors
}

fn selector(
    text: &str,
    seen: &Seen,
    sites: &BTreeSet<SiteId>,
) -> Result<Selector, (String, String)> {
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
