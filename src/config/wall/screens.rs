//! `[[wall.screen]]` and `[wall.bezel]`: which browsers make up a wall, and where each hangs.

use std::collections::BTreeMap;

use crate::{
    config::{
        camera::NAME_MAX,
        named::id,
        rules::whole,
        section::{Section, Spotted},
    },
    domain::wall::{Bezel, Layout, Screen},
};

/// Screens side by side, and one above the other: a hall's wall has some ten by four.
const SIDE_MAX: u64 = 15;

/// The share of a screen that its edge may take; beyond half of it there is a wall between them.
const BEZEL: std::ops::RangeInclusive<f64> = 0.0..=0.5;

pub(super) fn read(section: &mut Section) -> Vec<Screen> {
    let mut seen = BTreeMap::new();
    let mut places = BTreeMap::new();
    let mut screens: Vec<Screen> = Vec::new();
    for mut inner in section.inners("screen") {
        let id = id(&mut inner, "screen", &mut seen);
        let name = inner.text("name", NAME_MAX);
        let at = inner.has("column") || inner.has("row");
        let mut side = |key| {
            let side = whole(&mut inner, key, 0..=SIDE_MAX);
            side.and_then(|side| u8::try_from(side).ok()).unwrap_or_default()
        };
        let (column, row) = (side("column"), side("row"));
        let layout = layout(&mut inner, "layout").map(|layout| layout.value);
        if let Some(id) = id {
            if let Some(other) = places.insert((column, row), id.clone()) {
                let problem = format!("hangs where the screen {other} does");
                let key = if at { "column" } else { "" };
                inner.fault_here(key, problem, "give each screen its own column and row");
            }
            let name = name.map_or_else(|| id.to_string(), |name| name.value);
            screens.push(Screen { id, name, column, row, layout: layout.unwrap_or_default() });
        }
        section.absorb(inner);
    }
    screens
}

/// A layout, if the key is there.
pub(super) fn layout(section: &mut Section, key: &'static str) -> Option<Spotted<Layout>> {
    section.parsed(key, "\"grid\", \"4x3\", \"1+5\" or \"1+7\"")
}

pub(super) fn bezel(section: &mut Section) -> Bezel {
    let Some(mut inner) = section.inner("bezel") else { return Bezel::default() };
    let x = inner.real("x", BEZEL).unwrap_or_default();
    let y = inner.real("y", BEZEL).unwrap_or_default();
    section.absorb(inner);
    Bezel { x, y }
}
