//! What may be set of the picture checks.

use std::time::Duration;

use crate::domain::time::UnixMicros;

/// Limits of the picture checks.
#[derive(Clone, Debug, PartialEq)]
pub struct PicturePolicy {
    /// Local time less UTC, minutes: a view is compared with its own at this time of day.
    pub utc_offset_min: i32,
    /// Pictures that return after at most this long are a recording. A simulated camera returns
    /// to its start by nature, and needs less than its loop here.
    pub loop_max: Duration,
    /// Views of a camera that turns by itself to so many presets, for each light; 1 for one that
    /// does not. A view that stays becomes one of them.
    pub presets: u8,
}

impl Default for PicturePolicy {
    fn default() -> Self {
        Self {
            // Asia/Ho_Chi_Minh, which has no summer time.
            utc_offset_min: 7 * 60,
            loop_max: Duration::from_secs(600),
            presets: 1,
        }
    }
}

impl PicturePolicy {
    /// The local hour of the day, 0 to 23.
    pub(super) fn hour(&self, unix: UnixMicros) -> usize {
        let minutes = (unix.0 / 60_000_000) as i64 + i64::from(self.utc_offset_min);
        (minutes.div_euclid(60).rem_euclid(24)) as usize
    }
}

/// Pictures are remembered this much longer than the longest loop.
pub(super) const LEEWAY: Duration = Duration::from_secs(5);
