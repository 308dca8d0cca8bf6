//! What somebody wants to do, coarse enough to be granted and explained in one line each.

use serde::{Deserialize, Serialize};

/// A kind of deed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// See what is now: live pictures, states, alerts, the wall.
    View,
    /// See what was: stored pictures, history, records.
    ViewStored,
    /// Take, read, comment, pass on alerts; hand over.
    Act,
    /// Drive walls, shelve and resolve alerts, order maintenance, confirm references, keep the log.
    Operate,
    /// Drills, messages sent again, figures of people, metrics, the commander's block.
    Supervise,
    /// Accounts, tokens, the configuration, the audit.
    Administer,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 6] =
        [Self::View, Self::ViewStored, Self::Act, Self::Operate, Self::Supervise, Self::Administer];
}
