//! Whether a view tells enough to be judged: honest words instead of guesses.

use serde::{Deserialize, Serialize};

/// What can be said of a view's place, focus and cover. The other checks ask for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sight {
    /// This light, or this camera, is still being learnt.
    Learning,
    /// Enough stands still in the view to know it by.
    Enough,
    /// Too little does, as on an empty road or in the dark: neither `moved` nor `covered` can be
    /// told, and `defocused` hardly.
    TooLittle,
}
