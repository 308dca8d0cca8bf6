//! What a wall shows, and how it came to.

use serde::{Deserialize, Serialize};

use super::{Bezel, Command, Layout, PresetId, ScreenId};
use crate::domain::{alert::AlertId, camera::CameraId, time::UnixMicros};

/// A change of a wall: all screens make it together.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// One more than that of the change before.
    pub revision: u64,
    /// When.
    pub at: UnixMicros,
    /// Who made it; `None`: nobody did, it came by itself.
    pub by: Option<String>,
    /// What it was.
    pub what: What,
}

/// What changed a wall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum What {
    /// The service began.
    Started,
    /// The configuration is another.
    Configured,
    /// An alert took a cell.
    Alert {
        /// Which.
        alert: AlertId,
        /// Its camera.
        camera: CameraId,
        /// The cell's screen.
        screen: ScreenId,
        /// Which.
        cell: usize,
    },
    /// An alert gave its cell back.
    Returned {
        /// Which.
        alert: AlertId,
        /// The cell's screen.
        screen: ScreenId,
        /// Which.
        cell: usize,
    },
    /// Alerts of cameras that are shown anyway began or ended.
    Marked,
    /// A timed `show` is over.
    Over,
    /// Tours went on. The cells that are others now, without which the history would need a
    /// snapshot for each step.
    Step {
        /// Those alone.
        cells: Vec<Stepped>,
    },
    /// The timetable laid a preset out, or took it back.
    Timetable {
        /// The preset; `None`: the wall's own cameras.
        preset: Option<PresetId>,
    },
    /// A person's command.
    #[serde(untagged)]
    Commanded(Command),
}

/// A cell after a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stepped {
    /// Its screen.
    pub screen: ScreenId,
    /// Which.
    pub cell: usize,
    /// What it shows now.
    pub shown: ShownCell,
}

/// A wall as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// What people read.
    pub name: String,
    /// In reading order.
    pub screens: Vec<ShownScreen>,
    /// What lies between them.
    pub bezel: Bezel,
    /// Presets that can be called, with what people read.
    pub presets: Vec<(PresetId, String)>,
    /// The one in force.
    pub preset: Option<PresetId>,
    /// Cameras that are hidden.
    pub blocked: Vec<CameraId>,
}

/// A screen as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownScreen {
    /// Which.
    pub id: ScreenId,
    /// What people read.
    pub name: String,
    /// Its place in the wall's grid, from the left.
    pub column: u8,
    /// Its place in the wall's grid, from the top.
    pub row: u8,
    /// How its cells are laid out.
    pub layout: Layout,
    /// In reading order.
    pub cells: Vec<ShownCell>,
}

/// A cell as it is shown. Written short: there are hundreds in each snapshot of the history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ShownCell {
    /// The camera; `None`: it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub camera: Option<CameraId>,
    /// Who or what put it there.
    #[serde(skip_serializing_if = "is_base")]
    pub why: Why,
    /// Whether nothing may take it.
    #[serde(skip_serializing_if = "is_false")]
    pub pinned: bool,
    /// The person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The alert that took it, or that its camera has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<AlertId>,
    /// Until when, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<UnixMicros>,
}

/// Who or what put a camera into a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The wall's own cameras.
    #[default]
    Base,
    /// A preset.
    Preset,
    /// A person.
    Person,
    /// A person, as one of several in turn.
    Tour,
    /// An alert took it.
    Alert,
}

fn is_base(why: &Why) -> bool {
    *why == Why::Base
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl Shown {
    /// The cells that are others in `after`, on screens of as many cells.
    pub(super) fn stepped(&self, after: &Self) -> Vec<Stepped> {
        let mut stepped = Vec::new();
        for (old, new) in self.screens.iter().zip(&after.screens) {
            let cells = old.cells.iter().zip(&new.cells).enumerate();
            for (cell, (_, shown)) in cells.filter(|(_, (old, new))| old != new) {
                let (screen, shown) = (new.id.clone(), shown.clone());
                stepped.push(Stepped { screen, cell, shown });
            }
        }
        stepped
    }

    /// Takes a step that was written down.
    pub fn step(&mut self, cells: Vec<Stepped>) {
        for Stepped { screen, cell, shown } in cells {
            let screen = self.screens.iter_mut().find(|known| known.id == screen);
            if let Some(known) = screen.and_then(|screen| screen.cells.get_mut(cell)) {
                *known = shown;
            }
        }
    }

    /// The cameras in reading order over all screens, each once.
    pub fn cameras(&self) -> Vec<&CameraId> {
        let mut seen = std::collections::BTreeSet::new();
        let cells = self.screens.iter().flat_map(|screen| &screen.cells);
        cells
            .filter_map(|cell| cell.camera.as_ref())
            .filter(|camera| seen.insert(*camera))
            .collect()
    }
}
