//! What a screen says, and what may be wrong with one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::camera::{Handle, Slug, WallId};

/// One screen of one wall.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ScreenRef {
    /// The wall.
    pub wall: WallId,
    /// The screen, unique on its wall.
    pub screen: Slug,
}

impl fmt::Display for ScreenRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.wall, self.screen)
    }
}

/// What is wrong with a screen; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fault {
    /// It does not report any more.
    #[serde(rename = "screen-gone")]
    Gone,
    /// It reports, and shows nothing.
    #[serde(rename = "screen-blank")]
    Blank,
    /// It reports, and what it shows does not move although its cameras do.
    #[serde(rename = "screen-frozen")]
    Frozen,
    /// It moves, but what it shows is old.
    #[serde(rename = "screen-behind")]
    Behind,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Gone, Self::Blank, Self::Frozen, Self::Behind];
}

/// What a screen says of itself, each second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which screen.
    pub screen: ScreenRef,
    /// It was given its name: it belongs to a wall and is missed when it goes. Other pages are
    /// consoles that show a wall.
    pub named: bool,
    /// Its window can be seen; a browser draws nothing in one that is hidden.
    pub visible: bool,
    /// It has looked at its canvas, and what it drew is not there.
    pub blank: bool,
    /// It closes in order, and is not to be missed.
    pub leaving: bool,
    /// The number that each camera's tile shows.
    pub tiles: Vec<(Handle, u32)>,
}
