//! Day and night, as a camera knows them: with colour, or without.

use serde::{Deserialize, Serialize};

use super::Measures;

/// Which of a camera's references.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Light {
    /// A picture with colour.
    Day,
    /// Infra-red or too dark for colour.
    Night,
}

/// Mean distance from grey below which there is no colour, and above which there is: coded grey
/// is off by a step at most.
const COLOURLESS: (f32, f32) = (1.2, 2.2);
/// Mean level below which it is dark, and above which it is not.
const DARK: (f32, f32) = (38.0, 48.0);

impl Light {
    /// The light of a picture, after `before`: between the limits it stays what it was.
    pub(super) fn of(measures: &Measures, before: Option<Self>) -> Self {
        let night = measures.colour < COLOURLESS.0 || measures.mean < DARK.0;
        let day = measures.colour > COLOURLESS.1 && measures.mean > DARK.1;
        match before {
            Some(Self::Night) if !day => Self::Night,
            _ if night => Self::Night,
            _ => Self::Day,
        }
    }
}
