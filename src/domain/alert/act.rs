//! What people do with alerts.

use serde::{Deserialize, Serialize};

use super::AlertId;
use crate::domain::{roster::PersonId, time::UnixMicros};

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The account.
    pub user: String,
    /// The person of the roster, where known.
    pub person: Option<PersonId>,
}

/// What an alert turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disposition {
    /// It was what it said.
    Real,
    /// It may have been.
    Suspicious,
    /// It was not.
    False,
}

/// What a person does with one alert. Texts are checked at the edge: 1 to 500 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum Act {
    /// Opens it and sees what it is.
    Read,
    /// Takes it.
    Acknowledge,
    /// Gives it to somebody.
    Assign {
        /// To whom.
        to: PersonId,
    },
    /// Says something about it.
    Comment {
        /// What.
        text: String,
    },
    /// Settles it.
    Resolve {
        /// What it turned out to be.
        disposition: Disposition,
        /// More, where the rule asks for it.
        comment: Option<String>,
    },
    /// Puts it away for a while.
    Shelve {
        /// Until then.
        until: UnixMicros,
        /// Why.
        reason: String,
    },
    /// Takes it from the shelf.
    Unshelve,
    /// Cannot deal with it: the next in the roster is told at once.
    Pass {
        /// Why.
        reason: String,
    },
    /// Needs help: the duty officer and everyone of the position are told at once.
    Help {
        /// What for.
        text: String,
    },
}

/// Why an act was not done. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such alert, or it was closed too long ago.
    #[error("there is no open alert {0}")]
    Unknown(AlertId),
    /// The alert is not in a state for it.
    #[error("{0}")]
    NotNow(&'static str),
    /// The rule asks for a comment.
    #[error("this kind of alert is resolved with a comment: say what was found")]
    CommentMissing,
}
