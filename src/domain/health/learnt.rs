//! What was learnt of a camera and survives a restart.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::{media::StreamFormat, picture::References};

/// A camera's usual values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Learnt {
    /// Between two pictures.
    pub interval: Option<Duration>,
    /// Frames per second.
    pub frame_rate: Option<f64>,
    /// Bits per second.
    pub bitrate: Option<f64>,
    /// What its stream carries.
    pub format: Option<StreamFormat>,
    /// What its pictures look like.
    pub references: References,
}
