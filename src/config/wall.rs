//! Walls: each names at least one camera, and nothing that does not exist.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    camera::{NAME_MAX, slug},
    document::Entry,
    fault::Fault,
    section::Section,
    selector::{Known, selectors},
};
use crate::domain::{
    camera::{Camera, WallId},
    wall::{Selector, Wall},
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
