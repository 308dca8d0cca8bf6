//! Who is told next when nobody reads an alert.

mod policy;

use serde::{Deserialize, Serialize};

use super::{roster::PersonId, time::UnixMicros};

pub use self::policy::{EscalationPolicy, Rung};

/// How far an alert has gone up. Stored with it, so that it goes on after a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// The step that was taken last, from 0.
    pub step: u16,
    /// When.
    pub at: UnixMicros,
    /// When the next one is; `None` after the last.
    pub due: Option<UnixMicros>,
    /// Who was told so far, each once.
    pub told: Vec<PersonId>,
}
