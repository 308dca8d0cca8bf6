//! How a screen is parted into cells.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// How a screen is parted into cells, which are counted in reading order from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Layout {
    /// `"grid"`: as many cells as there are cameras, in rows and columns that suit the screen.
    #[default]
    Grid,
    /// `"4x3"`: columns and rows, each from 1 to 12.
    Even {
        /// Side by side.
        columns: u8,
        /// One above the other.
        rows: u8,
    },
    /// `"1+5"`: a large one that takes two thirds of each side, and five small ones around it.
    OneAndFive,
    /// `"1+7"`: a large one that takes three quarters of each side, and seven small ones around it.
    OneAndSeven,
}

/// Columns, and rows: a cell of 160x90 on a 1080p screen shows that something moves, no more.
const SIDE_MAX: u8 = 12;

impl Layout {
    /// How many cells it has; `None`: as many as there are cameras.
    pub fn cells(self) -> Option<usize> {
        match self {
            Self::Grid => None,
            Self::Even { columns, rows } => Some(usize::from(columns) * usize::from(rows)),
            Self::OneAndFive => Some(6),
            Self::OneAndSeven => Some(8),
        }
    }

    /// Whether a cell is larger than the others of its screen.
    pub fn is_large(self, cell: usize) -> bool {
        cell == 0 && matches!(self, Self::OneAndFive | Self::OneAndSeven)
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grid => f.write_str("grid"),
            Self::Even { columns, rows } => write!(f, "{columns}x{rows}"),
            Self::OneAndFive => f.write_str("1+5"),
            Self::OneAndSeven => f.write_str("1+7"),
        }
    }
}

/// Why a text is no [`Layout`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is no layout: use \"grid\", \"1+5\", \"1+7\", or columns and rows as \"4x3\", 12 at most"
)]
pub struct NotALayout;

/// Reads what `Display` writes.
impl FromStr for Layout {
    type Err = NotALayout;

    fn from_str(text: &str) -> Result<Self, NotALayout> {
        match text {
            "grid" => return Ok(Self::Grid),
            "1+5" => return Ok(Self::OneAndFive),
            "1+7" => return Ok(Self::OneAndSeven),
            _ => {}
        }
        let side = |text: &str| {
            let plain = text.bytes().all(|b| b.is_ascii_digit());
            let side = text.parse().ok().filter(|side| (1..=SIDE_MAX).contains(side));
            side.filter(|_| plain).ok_or(NotALayout)
        };
        let (columns, rows) = text.split_once('x').ok_or(NotALayout)?;
        Ok(Self::Even { columns: side(columns)?, rows: side(rows)? })
    }
}

impl TryFrom<String> for Layout {
    type Error = NotALayout;

    fn try_from(text: String) -> Result<Self, NotALayout> {
        text.parse()
    }
}

impl From<Layout> for String {
    fn from(layout: Layout) -> Self {
        layout.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_is_read_as_it_is_written() {
        let cells = [("grid", None), ("1x1", Some(1)), ("12x12", Some(144)), ("4x3", Some(12))];
        for (text, cells) in cells.into_iter().chain([("1+5", Some(6)), ("1+7", Some(8))]) {
            let layout: Layout = text.parse().expect("a layout");
            assert_eq!((layout.to_string().as_str(), layout.cells()), (text, cells));
        }
        for text in ["", "0x1", "13x1", "1x13", "x", "3", "+3x3", "3x3x3", "1+6", "Grid"] {
            assert_eq!(text.parse::<Layout>(), Err(NotALayout), "{text:?}");
        }
    }
}
