//! What is said of a camera: one state, and what stands.

use std::time::Instant;

use super::{Rung, Severity};
use crate::domain::camera::{Condition, State};

/// A condition that is raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub condition: Condition,
    /// How much it matters, as configured.
    pub severity: Severity,
    /// When it was raised.
    pub since: Instant,
    /// Words and figures, one plain English sentence. It does not tick: what changes each second
    /// would be told to every viewer each second.
    pub evidence: String,
    /// It is not to be shown now, and its episode stays open: a lower rung is broken and hides it,
    /// or its trouble is over, as the state says already, and must stay away for the off-delay.
    /// What is hidden is never recorded as newly raised.
    pub hidden: bool,
}

/// What the wall says about a camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// One word.
    pub state: State,
    /// The lowest broken rung, if one is.
    pub rung: Option<Rung>,
    /// Every condition that is raised: what explains the state first, then lowest rung first.
    /// Some may be hidden, see [`Standing::hidden`].
    pub standing: Vec<Standing>,
    /// Why the state is what it is, or the evidence for what stands first. It does not tick: what
    /// changes each second would be told to every viewer each second.
    pub reason: Option<String>,
    /// For `root_cause`: whether the camera is lost (`true`: nothing comes from it, and not through
    /// the service's own fault) or back (`false`). `None` while neither can be said.
    pub lost: Option<bool>,
}

impl Verdict {
    /// The conditions that people are shown, in the order of [`Verdict::standing`].
    pub fn conditions(&self) -> Vec<Condition> {
        self.shown().map(|standing| standing.condition).collect()
    }

    /// What stands and is shown.
    pub fn shown(&self) -> impl Iterator<Item = &Standing> {
        self.standing.iter().filter(|standing| !standing.hidden)
    }
}
