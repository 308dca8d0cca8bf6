//! When there are too many.

use serde::Serialize;

use crate::domain::time::UnixMicros;

/// A position gets more alerts than a person can take (EEMUA 191: more than 10 in 10 minutes): its
/// list turns to groups. Nothing is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Flood {
    /// Since when.
    pub since: UnixMicros,
    /// New alerts within the last ten minutes.
    pub in_ten_minutes: u32,
}

/// Of the newest alerts, the shares of each priority, per cent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Mix {
    /// High; about 5 is right.
    pub high: f32,
    /// Medium; about 15.
    pub medium: f32,
    /// Low; about 80.
    pub low: f32,
    /// Of so many alerts.
    pub of: u32,
    /// It has drifted so far from what is right that priorities say little: rules must be looked at.
    pub drifted: bool,
}

/// Of fewer alerts a share says nothing.
const MIX_LEAST: u32 = 50;
/// Twice what EEMUA 191 recommends: 5 % high, and 20 % high or medium.
const HIGH_MAX: f32 = 10.0;
const HIGH_AND_MEDIUM_MAX: f32 = 40.0;

impl Mix {
    /// Of so many alerts of each priority.
    pub fn of(high: u32, medium: u32, low: u32) -> Self {
        let of = high.saturating_add(medium).saturating_add(low);
        let share = |many: u32| if of == 0 { 0.0 } else { many as f32 * 100.0 / of as f32 };
        let (high, medium, low) = (share(high), share(medium), share(low));
        let drifted = of >= MIX_LEAST && (high > HIGH_MAX || high + medium > HIGH_AND_MEDIUM_MAX);
        Self { high, medium, low, of, drifted }
    }
}
