//! A wall: which cameras it shows on which screens, who put them there, and what gives way to what.
//!
//! [`Wall`] is what the file says, [`Plan`] the same with its cameras looked up, and [`Board`] the
//! machine: people's commands, alerts and time in, numbered changes out.

mod board;
mod change;
mod command;
mod drive;
mod layout;
mod plan;
mod selector;
mod spotlight;
mod state;
#[cfg(test)]
mod tests;
mod tour;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::{
    board::Board,
    change::{Change, Shown, ShownCell, ShownScreen, Stepped, What, Why},
    command::{Command, Place, Refused},
    layout::{Layout, NotALayout},
    plan::{Arrangement, Plan},
    selector::Selector,
    spotlight::Candidate,
    state::{Block, Kept, State},
};
use super::{
    alert::Priority,
    camera::{Camera, Slug, WallId},
    timetable::Hours,
};

/// The identity of a screen, unique in its wall.
pub type ScreenId = Slug;
/// The identity of a preset, unique in its wall.
pub type PresetId = Slug;

/// A wall as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct Wall {
    /// Unique identity.
    pub id: WallId,
    /// What people read.
    pub name: String,
    /// Which cameras, in order; a camera named twice is shown once.
    pub cameras: Vec<Selector>,
    /// Its screens; one that shows all of it, if none is named.
    pub screens: Vec<Screen>,
    /// What lies between two screens.
    pub bezel: Bezel,
    /// Arrangements that a person calls by name.
    pub presets: Vec<Preset>,
    /// Presets that come by the clock; the first one whose hours cover the moment.
    pub timetable: Vec<Scheduled>,
    /// The lowest priority of alerts that take a cell by themselves; `None`: none does.
    pub spotlight: Option<Priority>,
    /// How long an alert holds its cell at least.
    pub dwell: Duration,
}

/// A screen of a wall: one browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Unique in its wall.
    pub id: ScreenId,
    /// What people read.
    pub name: String,
    /// Its place in the wall's grid, from the left.
    pub column: u8,
    /// Its place in the wall's grid, from the top.
    pub row: u8,
    /// How its cells are laid out.
    pub layout: Layout,
}

/// The dark edge between two screens, as a share of a screen's width and height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bezel {
    /// Between two screens side by side, of a screen's width.
    pub x: f64,
    /// Between two screens one above the other, of a screen's height.
    pub y: f64,
}

/// An arrangement with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Unique in its wall.
    pub id: PresetId,
    /// What people read.
    pub name: String,
    /// What it lays on which screen; screens that it does not name keep the cameras of the wall.
    pub screens: Vec<PresetScreen>,
}

/// A screen in a preset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresetScreen {
    /// Which.
    pub screen: ScreenId,
    /// Its layout, if not the screen's own.
    pub layout: Option<Layout>,
    /// Its cameras in reading order.
    pub cameras: Vec<Selector>,
}

/// A preset and when it comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduled {
    /// Which.
    pub preset: PresetId,
    /// When.
    pub hours: Vec<Hours>,
}

impl Wall {
    /// A wall of these cameras on one screen, with everything else as it is by default.
    pub fn of(id: WallId, name: impl Into<String>, cameras: Vec<Selector>) -> Self {
        Self {
            id,
            name: name.into(),
            cameras,
            screens: Vec::new(),
            bezel: Bezel::default(),
            presets: Vec::new(),
            timetable: Vec::new(),
            spotlight: Some(Priority::High),
            // Long enough to see what it is, short enough for the next one.
            dwell: Duration::from_secs(15),
        }
    }

    /// The cameras of this wall in its order, each once.
    pub fn members<'a>(&self, cameras: &'a [Camera]) -> Vec<&'a Camera> {
        selector::named(&self.cameras, cameras)
    }
}
