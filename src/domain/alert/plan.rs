//! What the rules say of one kind of alert at one place. The configuration makes plans; the book
//! follows them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::{camera::Slug, roster::PositionId, timetable::Timetable};

/// How soon somebody must act (ISA-18.2 §9; EEMUA 191 recommends about 5/15/80 % from high to low).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    /// Within the shift.
    Low,
    /// Soon.
    Medium,
    /// At once.
    High,
}

/// What to do, in the languages of those who do it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Procedure {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

/// A rule, resolved for one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The rule's name: people see which rule made an alert.
    pub rule: Slug,
    /// How soon somebody must act.
    pub priority: Priority,
    /// Whose it is.
    pub position: PositionId,
    /// A cause must last this long before it is an alert.
    pub on_delay: Duration,
    /// A cause must be gone this long before the alert is cleared.
    pub off_delay: Duration,
    /// So many activations …
    pub count: u32,
    /// … within this time make an alert; fewer stay records.
    pub within: Duration,
    /// A return within this time after the clear is the same episode.
    pub episode_gap: Duration,
    /// Somebody must have read it within this time; then it goes to the next.
    pub acknowledge_within: Duration,
    /// Resolving needs a comment.
    pub comment_required: bool,
    /// While this covers the time, it is suppressed by plan.
    pub suppressed: Option<Timetable>,
    /// What to do.
    pub procedure: Procedure,
}
