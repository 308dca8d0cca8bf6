//! What people and screens are to the service.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::action::Action;
use crate::domain::word::{spelled, word};

/// A role. Each has every right of the one before it, but for the first, which stands apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A display of a wall. It gives no right by itself: a screen sees what its place shows
    /// ([`super::ScreenPlace`]), wherever that is.
    Screen,
    /// Takes alerts, in the room or on the way.
    Duty,
    /// Sits in the room and drives it.
    Operator,
    /// Answers for a shift.
    Supervisor,
    /// Looks after the service itself.
    Admin,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 5] =
        [Self::Screen, Self::Duty, Self::Operator, Self::Supervisor, Self::Admin];

    /// Whether it allows this, somewhere.
    pub fn allows(self, action: Action) -> bool {
        self >= match action {
            Action::View | Action::ViewStored | Action::Act => Self::Duty,
            Action::Operate => Self::Operator,
            Action::Supervise => Self::Supervisor,
            Action::Administer => Self::Admin,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&word(self))
    }
}

/// A text that is no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no role; they are screen, duty, operator, supervisor and admin")]
pub struct NotARole(String);

impl FromStr for Role {
    type Err = NotARole;

    fn from_str(text: &str) -> Result<Self, NotARole> {
        spelled(text).ok_or_else(|| NotARole(text.to_owned()))
    }
}
