//! Walls: each names at least one camera, and nothing that does not exist.

mod presets;
mod screens;

use std::{collections::BTreeSet, ops::RangeInclusive, sync::Arc, time::Duration};

use super::{
    camera::{NAME_MAX, slug},
    document::Entry,
    fault::Fault,
    nearest::nearest,
    rules::whole,
    section::Section,
    selector::{Known, selectors},
};
use crate::domain::{
    alert::Priority,
    camera::{Camera, WallId},
    wall::{Selector, Wall},
    word::spelled,
};

/// Reads the walls; a configuration without one gets a wall of all cameras.
pub(super) fn check(
    file: &Arc<str>,
    entries: Vec<Entry>,
    known: Known<'_>,
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
        let cameras = selectors(&mut section, known);
        let screens = screens::read(&mut section);
        let bezel = screens::bezel(&mut section);
        let presets = presets::read(&mut section, &screens, known);
        let timetable = presets::timetable(&mut section, &presets);
        let spotlight = spotlight(&mut section);
        let dwell = whole(&mut section, "dwell_s", DWELL_S);
        if let Some(id) = id {
            let name = name.map_or_else(|| id.value.to_string(), |name| name.value);
            let wall = Wall::of(id.value, name, cameras);
            let dwell = dwell.map_or(wall.dwell, |dwell| Duration::from_secs(dwell.into()));
            let spotlight = spotlight.unwrap_or(wall.spotlight);
            walls.push(Wall { screens, bezel, presets, timetable, spotlight, dwell, ..wall });
        }
        faults.extend(section.finish());
    }
    (walls, faults)
}

/// Seconds that an alert holds a cell at least: below three nobody has seen it, after ten minutes
/// the next one has waited for long.
const DWELL_S: RangeInclusive<u64> = 3..=600;

/// `Some(None)`: no alert takes a cell.
fn spotlight(section: &mut Section) -> Option<Option<Priority>> {
    const WORDS: [&str; 4] = ["high", "medium", "low", "none"];
    let text = section.text("spotlight", 40)?;
    if text.value == "none" {
        return Some(None);
    }
    let priority = spelled(&text.value);
    if priority.is_none() {
        let remedy = match nearest(&text.value, WORDS) {
            Some(meant) => format!("did you mean {meant:?}?"),
            None => format!("use {}", WORDS.join(", ")),
        };
        section.fault("spotlight", text.at, format!("{:?} is no priority", text.value), remedy);
    }
    Some(priority)
}

/// Tells the walls of a sound configuration that would stay empty. `"*"` may: cameras can follow.
pub(super) fn empty(walls: &[Wall], cameras: &[Camera]) -> Vec<usize> {
    let shows_one = |wall: &Wall| {
        wall.cameras.contains(&Selector::All)
            || cameras.iter().any(|camera| wall.cameras.iter().any(|s| s.matches(camera)))
    };
    (0..walls.len()).filter(|index| !shows_one(&walls[*index])).collect()
}
