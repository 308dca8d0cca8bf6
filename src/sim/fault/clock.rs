//! A clock that is wrong: by how much, and how it runs.

/// What a camera's clock does under the `clock` fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WrongClock {
    /// Ahead of the truth when the fault begins, seconds.
    pub offset_s: f64,
    /// Faster than the truth from then on, parts per million.
    pub drift_ppm: f64,
}

impl Default for WrongClock {
    /// A day behind.
    fn default() -> Self {
        Self { offset_s: -86_400.0, drift_ppm: 0.0 }
    }
}

impl WrongClock {
    /// Farthest off, seconds: enough to fall back to 1900.
    pub(in crate::sim) const OFFSET_S_MAX: f64 = 5e9;
    /// Fastest and slowest, parts per million.
    pub(in crate::sim) const DRIFT_PPM_MAX: f64 = 100_000.0;

    /// What it shows at `now_us` if it went wrong at `since_us`; microseconds since 1970.
    pub(in crate::sim) fn shows_us(&self, now_us: u64, since_us: u64) -> i64 {
        let passed_us = now_us.saturating_sub(since_us) as f64;
        let ahead_us = self.offset_s * 1e6 + passed_us * self.drift_ppm * 1e-6;
        now_us as i64 + ahead_us.round() as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_clock_is_off_at_once_and_drifts_from_then_on() {
        let clock = WrongClock { offset_s: -5.0, drift_ppm: 200.0 };
        assert_eq!(clock.shows_us(100_000_000, 100_000_000), 95_000_000);
        assert_eq!(clock.shows_us(160_000_000, 100_000_000), 155_012_000);
        let lost = WrongClock { offset_s: -2e9, drift_ppm: 0.0 };
        assert!(lost.shows_us(1_790_000_000_000_000, 0) < 0, "before 1970");
    }
}
