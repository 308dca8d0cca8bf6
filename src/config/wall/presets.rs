//! `[[wall.preset]]` and `[[wall.timetable]]`: arrangements with a name, and when they come.

use std::collections::{BTreeMap, BTreeSet};

use super::screens::layout;
use crate::{
    config::{
        camera::NAME_MAX,
        hours,
        named::{Names, id},
        nearest::nearest,
        section::Section,
        selector::{Known, selectors},
    },
    domain::wall::{Preset, PresetScreen, Scheduled, Screen, ScreenId},
};

pub(super) fn read(section: &mut Section, screens: &[Screen], known: Known<'_>) -> Vec<Preset> {
    let mut seen = BTreeMap::new();
    let mut presets = Vec::new();
    for mut inner in section.inners("preset") {
        let id = id(&mut inner, "preset", &mut seen);
        let name = inner.text("name", NAME_MAX);
        let on = on_screens(&mut inner, screens, known);
        if let Some(id) = id {
            let name = name.map_or_else(|| id.to_string(), |name| name.value);
            presets.push(Preset { id, name, screens: on });
        }
        section.absorb(inner);
    }
    presets
}

/// `screens.left.cameras = […]`: at least one screen, and each there.
fn on_screens(section: &mut Section, screens: &[Screen], known: Known<'_>) -> Vec<PresetScreen> {
    let Some(mut all) = section.inner("screens") else {
        section.missing("screens", "write screens.SCREEN.cameras = [\"…\"]");
        return Vec::new();
    };
    let mut on = Vec::new();
    let tables = all.tables();
    if tables.is_empty() {
        all.fault_here("", "names no screen", "write screens.SCREEN.cameras = [\"…\"]");
    }
    for (name, mut inner) in tables {
        let layout = layout(&mut inner, "layout").map(|layout| layout.value);
        let cameras = selectors(&mut inner, known);
        match ScreenId::try_from(name.value.as_str()) {
            Ok(screen) if is_screen(&screen, screens) => {
                on.push(PresetScreen { screen, layout, cameras });
            }
            _ => {
                let ids = screens.iter().map(|screen| screen.id.as_str());
                let remedy = match nearest(&name.value, ids) {
                    Some(meant) => format!("did you mean {meant:?}?"),
                    None if screens.is_empty() => "this wall has one screen: \"all\"".to_owned(),
                    None => "use the id of a [[wall.screen]]".to_owned(),
                };
                inner.fault("", name.at, "there is no such screen", remedy);
            }
        }
        all.absorb(inner);
    }
    section.absorb(all);
    on
}

/// A wall that names no screen has one.
fn is_screen(id: &ScreenId, screens: &[Screen]) -> bool {
    let only = screens.is_empty() && id.as_str() == "all";
    only || screens.iter().any(|screen| screen.id == *id)
}

pub(super) fn timetable(section: &mut Section, presets: &[Preset]) -> Vec<Scheduled> {
    let ids: BTreeSet<_> = presets.iter().map(|preset| preset.id.clone()).collect();
    let names = Names { sort: "wall.preset", known: &ids };
    let mut timetable = Vec::new();
    for mut inner in section.inners("timetable") {
        let preset = names.one(&mut inner, "preset");
        if preset.is_none() {
            inner.missing("preset", "write preset = \"…\", the id of a [[wall.preset]]");
        }
        let hours = hours::list(&mut inner, "hours");
        if hours.is_empty() {
            let remedy = "write when, as in hours = [\"daily 22:00-06:00\"]";
            inner.missing("hours", remedy);
        }
        timetable.extend(preset.map(|preset| Scheduled { preset, hours }));
        section.absorb(inner);
    }
    timetable
}
