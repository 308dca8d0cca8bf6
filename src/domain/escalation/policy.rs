//! The ladder that an unread alert goes up.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::{alert::Priority, roster::PositionId};

/// How alerts go up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscalationPolicy {
    /// Who is told, one after the other. The last is [`Rung::Everyone`], and no other is.
    rungs: Vec<Rung>,
    /// The position that an alert goes to when its own does not read it.
    pub duty_officer: Option<PositionId>,
    /// Everyone is told again after this time, while nobody reads.
    pub repeat_every: Duration,
    /// So many times.
    pub repeats: u16,
    /// An alert of less than this priority is told on the screens only, over no channel.
    pub channels_from: Priority,
}

/// One step of the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rung {
    /// The first person on duty, over the first of their channels.
    OnDuty,
    /// The same person, over the next of their channels.
    NextChannel,
    /// The next person on duty who was not told yet, over all of their channels.
    NextPerson,
    /// Who is on duty at the duty officer's position, over all of their channels.
    DutyOfficer,
    /// All who are on duty anywhere, over all of their channels, and the wall.
    Everyone,
}

impl EscalationPolicy {
    /// Another ladder. It always ends with everyone, whatever is given.
    pub fn set_rungs(&mut self, rungs: impl IntoIterator<Item = Rung>) {
        self.rungs = rungs.into_iter().filter(|rung| *rung != Rung::Everyone).collect();
        self.rungs.push(Rung::Everyone);
    }

    /// The ladder.
    pub fn rungs(&self) -> &[Rung] {
        &self.rungs
    }

    /// The number of the step at which everyone is told.
    pub(super) fn last(&self) -> u16 {
        u16::try_from(self.rungs.len() - 1).unwrap_or(u16::MAX)
    }

    /// The rung of a step; after the last it is everyone again.
    pub(super) fn rung(&self, step: u16) -> Rung {
        self.rungs.get(usize::from(step)).copied().unwrap_or(Rung::Everyone)
    }
}

impl Default for EscalationPolicy {
    fn default() -> Self {
        use Rung::{DutyOfficer, Everyone, NextChannel, NextPerson, OnDuty};
        Self {
            rungs: vec![OnDuty, NextChannel, NextPerson, DutyOfficer, Everyone],
            duty_officer: None,
            // Long enough to read one message before the next comes.
            repeat_every: Duration::from_secs(5 * 60),
            // An hour: later it is known that nobody will, and the wall still says so.
            repeats: 12,
            // Four of five alerts are low, and can wait until somebody looks at a screen.
            channels_from: Priority::Medium,
        }
    }
}
