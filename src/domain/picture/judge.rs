//! Whether a picture is alive and right, against what this camera has shown before.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::Measures;
use crate::domain::{camera::Condition, time::UnixMicros};

/// Limits of the picture checks.
#[derive(Clone, Debug, PartialEq)]
pub struct PicturePolicy {
    /// Local time less UTC, minutes: a view is compared with its own at this time of day.
    pub utc_offset_min: i32,
}

impl Default for PicturePolicy {
    fn default() -> Self {
        // Asia/Ho_Chi_Minh, which has no summer time.
        Self { utc_offset_min: 7 * 60 }
    }
}

/// Which of a camera's references.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Light {
    /// A picture with colour.
    Day,
    /// Infra-red or too dark for colour.
    Night,
}

/// What a person does to references.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReferenceCommand {
    /// What is shown now is right: take it as the reference.
    Confirm,
    /// Forget what was learnt and learn anew.
    Reset,
}

/// What was learnt of a camera's pictures; survives a restart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct References {}

/// Something wrong with the picture, as of the newest one. Delays are the ladder's.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Which.
    pub condition: Condition,
    /// Words and figures, one plain English sentence that does not tick.
    pub evidence: String,
}

/// One camera's picture judge.
#[derive(Clone, Debug)]
pub struct Judge {
    references: References,
}

impl Judge {
    /// With what was learnt before.
    pub fn new(policy: PicturePolicy, references: References) -> Self {
        let _ = policy;
        Self { references }
    }

    /// Takes note of a picture.
    pub fn apply(&mut self, now: Instant, unix: UnixMicros, measures: &Measures) {
        let _ = (now, unix, measures);
    }

    /// What is wrong, as of the newest picture.
    pub fn findings(&self) -> Vec<Finding> {
        Vec::new()
    }

    /// A reference was just made or renewed by the newest picture, which is worth keeping.
    pub fn renewed(&self) -> Option<Light> {
        None
    }

    /// A person confirms or resets the references.
    pub fn command(&mut self, command: ReferenceCommand) {
        match command {
            ReferenceCommand::Confirm | ReferenceCommand::Reset => {
                self.references = References::default();
            }
        }
    }

    /// What was learnt.
    pub fn references(&self) -> &References {
        &self.references
    }
}
