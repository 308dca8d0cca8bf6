//! What people tell a wall, and why it does not do it.

use serde::{Deserialize, Serialize};

use super::{Layout, PresetId, ScreenId};
use crate::domain::camera::CameraId;

/// A cell of a wall.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Its screen.
    pub screen: ScreenId,
    /// Which one, in reading order from 0.
    pub cell: usize,
}

/// Something a person wants a wall to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Command {
    /// Show a camera.
    Show {
        /// Which.
        camera: CameraId,
        /// On which screen; absent, where there is room.
        #[serde(default)]
        screen: Option<ScreenId>,
        /// In which cell of it; absent, in an empty one, or in place of what stands there longest.
        #[serde(default)]
        cell: Option<usize>,
        /// Whether it stays until it is unpinned.
        #[serde(default)]
        pin: bool,
        /// For how long, seconds; absent, until something else is put there.
        #[serde(default)]
        for_s: Option<u32>,
    },
    /// Give a cell back to what the preset or the wall has there.
    Clear {
        /// The cell's screen.
        screen: ScreenId,
        /// Which.
        cell: usize,
    },
    /// Let nothing take a cell.
    Pin {
        /// The cell's screen.
        screen: ScreenId,
        /// Which.
        cell: usize,
    },
    /// Let others take it again.
    Unpin {
        /// The cell's screen.
        screen: ScreenId,
        /// Which.
        cell: usize,
    },
    /// Exchange two cells.
    Swap {
        /// The one.
        from: Place,
        /// The other.
        to: Place,
    },
    /// Part a screen in another way.
    Layout {
        /// Which.
        screen: ScreenId,
        /// How.
        layout: Layout,
    },
    /// Show several cameras at once, from the first cell on: a salvo.
    Fill {
        /// On which screen.
        screen: ScreenId,
        /// Which, in reading order.
        cameras: Vec<CameraId>,
    },
    /// Show cameras in turn.
    Tour {
        /// The cell's screen.
        screen: ScreenId,
        /// Which.
        cell: usize,
        /// In this order, over and over.
        cameras: Vec<CameraId>,
        /// Each for so many seconds.
        dwell_s: u32,
    },
    /// Lay the wall out as was arranged; what people put there before goes, but for what is pinned.
    Preset {
        /// Which.
        preset: PresetId,
    },
    /// Make a preset of what is shown now.
    Keep {
        /// Its identity; one that was kept under it before is replaced.
        id: PresetId,
        /// What people read.
        name: String,
    },
    /// Back to the wall's own layout and cameras, but for what is pinned.
    Reset {
        /// This screen alone; absent, all of them.
        #[serde(default)]
        screen: Option<ScreenId>,
    },
    /// Hide a camera from everybody but some.
    Block {
        /// Which.
        camera: CameraId,
        /// Why.
        reason: String,
        /// The roles that see it all the same.
        roles: Vec<String>,
    },
    /// Show it to everybody again.
    Unblock {
        /// Which.
        camera: CameraId,
    },
}

/// Why a wall does not do it. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It names something that does not exist.
    #[error("there is no {0}")]
    Unknown(String),
    /// The cell is pinned.
    #[error("cell {cell} of screen {screen} is pinned: unpin it first")]
    Pinned {
        /// The cell's screen.
        screen: ScreenId,
        /// Which.
        cell: usize,
    },
    /// No cell may be taken.
    #[error("every cell is pinned or holds an alert: name one, or unpin one")]
    Full,
    /// The camera is hidden by a commander's order.
    #[error("the camera {0} is blocked")]
    Blocked(CameraId),
    /// It was meant for another state of the wall.
    #[error("the wall is at revision {newest} by now: look at it again")]
    Outdated {
        /// The newest revision.
        newest: u64,
    },
    /// It makes no sense.
    #[error("{0}")]
    Senseless(String),
}

/// Seconds of one camera in a tour: below three nobody has seen it, above an hour it is no tour.
pub(super) const DWELL_S: std::ops::RangeInclusive<u32> = 3..=3600;
/// Seconds of a timed `show`: a week, beyond which it is not timed.
pub(super) const FOR_S: std::ops::RangeInclusive<u32> = 1..=7 * 24 * 3600;
/// Cameras of a tour: at ten seconds each, more than half an hour a round.
pub(super) const TOUR_MAX: usize = 200;
/// Kept presets of a wall: more than anybody finds in a list.
pub(super) const KEPT_MAX: usize = 50;
/// Cameras that are blocked at once.
pub(super) const BLOCKS_MAX: usize = 1000;
/// Characters of a name and of a reason.
pub(super) const NAME_MAX: usize = 60;
pub(super) const REASON_MAX: usize = 500;
/// Roles that a block may except.
pub(super) const ROLES: [&str; 5] = ["screen", "duty", "operator", "supervisor", "admin"];

impl Refused {
    pub(super) fn senseless(what: impl Into<String>) -> Self {
        Self::Senseless(what.into())
    }
}

/// A text as people may write it, or what is wrong with it.
pub(super) fn plain(key: &str, text: &str, max: usize) -> Result<String, Refused> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > max || text.chars().any(char::is_control) {
        let problem = format!("`{key}` has 1 to {max} characters and no control characters");
        return Err(Refused::Senseless(problem));
    }
    Ok(text.to_owned())
}
