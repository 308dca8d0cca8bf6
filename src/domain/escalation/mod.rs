//! Who is told next when nobody reads an alert.
//!
//! An alert that needs a person goes up a ladder of [`Rung`]s, one at a time, until somebody reads
//! or takes it; a rung that nobody stands on is passed over. It ends with a person or with everyone.
//! How far it has gone is stored with the alert, and within one run it is timed by the clock that
//! never steps.

mod climb;
mod ladder;
mod policy;
mod rung;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::{
    roster::{ChannelId, PersonId},
    time::UnixMicros,
};

pub use self::{
    ladder::Escalation,
    policy::{EscalationPolicy, Rung},
};

/// How far an alert has gone up. Stored with it, so that it goes on after a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// The step that was taken last, from 0.
    pub step: u16,
    /// When.
    pub at: UnixMicros,
    /// When the next one is, or the next reminder; `None` after the last.
    pub due: Option<UnixMicros>,
    /// Who was told so far, each once.
    pub told: Vec<PersonId>,
    /// Everyone was told, and the wall shows it.
    #[serde(default)]
    pub everyone: bool,
    /// How often those who read it were reminded to take it.
    #[serde(default)]
    pub reminders: u16,
}

/// Somebody is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// How far the alert has gone up with it; [`Stage::everyone`] is for the wall.
    pub stage: Stage,
    /// Who, each once, and over which channels, each once; over none: on the screens. Nobody: those
    /// in front of the screens, whoever they are.
    pub told: Vec<(PersonId, Vec<ChannelId>)>,
}
