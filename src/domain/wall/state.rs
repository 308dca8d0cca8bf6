//! What a wall keeps over a restart: all that people did to it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Arrangement, Layout, Place, PresetId, ScreenId};
use crate::domain::{camera::CameraId, time::UnixMicros};

/// What people did to a wall. Times are those of people, so that they hold over a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The number of its newest change.
    pub revision: u64,
    /// Screens that are parted in another way than preset and file say.
    pub layouts: BTreeMap<ScreenId, Layout>,
    /// What persons put where.
    pub(super) cells: BTreeMap<ScreenId, BTreeMap<usize, Own>>,
    /// The preset in force.
    pub preset: Option<PresetId>,
    /// The preset that the timetable wanted when it was looked at last.
    pub(super) scheduled: Option<PresetId>,
    /// Presets that people made.
    pub presets: Vec<Kept>,
    /// Cameras that are hidden.
    pub blocked: BTreeMap<CameraId, Block>,
}

/// A preset that a person made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Unique in its wall.
    pub id: PresetId,
    /// What people read.
    pub name: String,
    /// What it lays on which screen.
    pub screens: BTreeMap<ScreenId, Arrangement>,
}

/// A commander's order that hides a camera.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The roles that see it all the same.
    pub roles: BTreeSet<String>,
    /// Why.
    pub reason: String,
    /// Who ordered it.
    pub by: String,
    /// When.
    pub at: UnixMicros,
}

/// What a person put into a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Own {
    pub(super) what: Content,
    pub(super) by: String,
    pub(super) at: UnixMicros,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<UnixMicros>,
    #[serde(default)]
    pub(super) pinned: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Content {
    /// Left empty: exchanged with an empty cell.
    Nothing,
    Camera(CameraId),
    Tour {
        cameras: Vec<CameraId>,
        dwell_s: u32,
        from: UnixMicros,
    },
}

impl State {
    pub(super) fn own(&self, place: &Place) -> Option<&Own> {
        self.cells.get(&place.screen)?.get(&place.cell)
    }

    pub(super) fn put(&mut self, place: &Place, own: Own) {
        self.cells.entry(place.screen.clone()).or_default().insert(place.cell, own);
    }

    pub(super) fn take(&mut self, place: &Place) -> Option<Own> {
        self.cells.get_mut(&place.screen)?.remove(&place.cell)
    }

    pub(super) fn is_pinned(&self, place: &Place) -> bool {
        self.own(place).is_some_and(|own| own.pinned)
    }

    /// Forgets all that persons put there and did not pin.
    pub(super) fn sweep(&mut self, screen: &ScreenId) {
        if let Some(cells) = self.cells.get_mut(screen) {
            cells.retain(|_, own| own.pinned);
        }
    }

    /// The last pinned cell of a screen.
    pub(super) fn last_pinned(&self, screen: &ScreenId) -> Option<usize> {
        let cells = self.cells.get(screen)?;
        cells.iter().rev().find(|(_, own)| own.pinned).map(|(cell, _)| *cell)
    }
}
