//! A camera's clock against the service's, from its sender reports.

mod envelope;
mod estimator;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use self::estimator::ClockEstimator;

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

impl ClockReading {
    /// Whether the clock was never set: cameras that lost their battery begin in 1900, 1970 or
    /// 2000 and count from there, so such a clock is decades behind. Its offset is true all the
    /// same; what helps is to set it, not to correct it.
    pub fn is_unset(&self) -> bool {
        /// From 2002 to 2026, when this was written: a clock set by a person is never so wrong.
        const DECADES_S: f64 = 24.0 * 365.25 * 86_400.0;
        self.offset_s < -DECADES_S
    }
}
