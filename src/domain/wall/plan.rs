//! What the file says of a wall, with its cameras looked up.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{Bezel, Layout, PresetId, Screen, ScreenId, Wall, selector};
use crate::domain::{
    alert::Priority,
    camera::{Camera, CameraId, Slug},
    timetable::Timetable,
};

/// A wall with its cameras looked up.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What people read.
    pub name: String,
    /// In reading order: row by row. At least one.
    pub screens: Vec<Screen>,
    /// What lies between them.
    pub bezel: Bezel,
    /// The lowest priority of alerts that take a cell; `None`: none does.
    pub spotlight: Option<Priority>,
    /// How long an alert holds its cell at least.
    pub dwell: Duration,
    /// The wall's cameras that each screen shows while nobody wants another, beside `screens`.
    pub(super) base: Vec<Vec<CameraId>>,
    /// The wall's cameras for which there is no cell as configured: those of a screen that is given
    /// more cells.
    pub(super) rest: Vec<CameraId>,
    pub(super) members: BTreeSet<CameraId>,
    /// All cameras that there are: a person may show any on any wall.
    pub(super) known: BTreeSet<CameraId>,
    pub(super) presets: Vec<(PresetId, String, BTreeMap<ScreenId, Arrangement>)>,
    pub(super) timetable: Vec<(PresetId, Timetable)>,
}

/// What a preset lays on a screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrangement {
    /// Its layout.
    pub layout: Layout,
    /// Its cells in reading order.
    pub cells: Vec<Option<CameraId>>,
}

impl Plan {
    /// Looks up what a wall names.
    pub fn new(wall: &Wall, cameras: &[Camera], utc_offset_min: i32) -> Self {
        let mut screens = wall.screens.clone();
        if screens.is_empty() {
            let id = Slug::try_from("all").expect("an id");
            let (name, layout) = (wall.name.clone(), Layout::Grid);
            screens.push(Screen { id, name, column: 0, row: 0, layout });
        }
        screens.sort_by_key(|screen| (screen.row, screen.column));
        let members: Vec<CameraId> = ids(&wall.members(cameras)).collect();
        let (base, rest) = dealt(&screens, &members);
        let arranged = |screen: &super::PresetScreen| {
            let own = screens.iter().find(|own| own.id == screen.screen)?;
            let layout = screen.layout.unwrap_or(own.layout);
            let named = selector::named(&screen.cameras, cameras);
            let cells = ids(&named).map(Some).collect();
            Some((own.id.clone(), Arrangement { layout, cells }))
        };
        let presets = wall.presets.iter().map(|preset| {
            let screens = preset.screens.iter().filter_map(arranged).collect();
            (preset.id.clone(), preset.name.clone(), screens)
        });
        let timetable = wall.timetable.iter().map(|scheduled| {
            let hours = scheduled.hours.clone();
            (scheduled.preset.clone(), Timetable { hours, utc_offset_min })
        });
        Self {
            name: wall.name.clone(),
            bezel: wall.bezel,
            spotlight: wall.spotlight,
            dwell: wall.dwell,
            base,
            rest,
            members: members.into_iter().collect(),
            known: cameras.iter().map(|camera| camera.id.clone()).collect(),
            presets: presets.collect(),
            timetable: timetable.collect(),
            screens,
        }
    }
}

fn ids(cameras: &[&Camera]) -> impl Iterator<Item = CameraId> {
    cameras.iter().map(|camera| camera.id.clone())
}

/// Deals the cameras out to the screens in reading order. Screens of as many cells as there are
/// cameras share evenly what the others leave.
fn dealt(screens: &[Screen], cameras: &[CameraId]) -> (Vec<Vec<CameraId>>, Vec<CameraId>) {
    let fixed: usize = screens.iter().filter_map(|screen| screen.layout.cells()).sum();
    let mut grids = screens.iter().filter(|screen| screen.layout.cells().is_none()).count();
    let mut shared = cameras.len().saturating_sub(fixed);
    let mut left = cameras.iter().cloned();
    let dealt = screens.iter().map(|screen| {
        let count = screen.layout.cells().unwrap_or_else(|| {
            let share = shared.div_ceil(grids.max(1));
            (shared, grids) = (shared - share, grids.saturating_sub(1));
            share
        });
        left.by_ref().take(count).collect()
    });
    (dealt.collect(), left.collect())
}
