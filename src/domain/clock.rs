//! A camera's clock against the service's.

use serde::{Deserialize, Serialize};

/// What is known of a camera's clock, from RTCP sender reports (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClockReading {
    /// Theirs less ours, seconds.
    pub offset_s: f64,
    /// The true offset is within this of it, seconds.
    pub error_s: f64,
    /// How much faster theirs runs, parts per million, once enough time has passed to tell.
    pub drift_ppm: Option<f64>,
    /// The true drift is within this of it, parts per million.
    pub drift_error_ppm: f64,
}
