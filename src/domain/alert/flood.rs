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
