//! A value that is usual for a camera, learnt slowly.

use std::time::{Duration, Instant};

/// How fast the usual value follows.
const FOLLOWS: Duration = Duration::from_secs(3600);
/// Beyond this share, up or down, a value is another one, and not the usual one that wanders.
pub(super) const OTHER: f64 = 0.6;
/// A higher value is believed after so long.
const HIGHER: Duration = Duration::from_secs(600);
/// A lower one after so long: until then it is a fault. (A value that was itself learnt for less
/// than [`HIGHER`] may have been the accident: then a lower one is believed as soon as a higher.)
pub(super) const LOWER: Duration = Duration::from_secs(24 * 3600);
/// Figures come each second; a longer gap between two of them is no time in which one was watched.
const GAP_MAX: Duration = Duration::from_secs(10);
/// What is told follows only when it is off by more.
const TOLD: f64 = 0.05;

/// A usual value.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Norm {
    value: Option<f64>,
    told: Option<f64>,
    /// It was last learnt from then.
    at: Option<Instant>,
    /// It was near what is usual for so long in all.
    steady: Duration,
    /// The value is another one since.
    other_since: Option<Instant>,
}

impl Norm {
    /// With what was usual before.
    pub(super) fn new(told: Option<f64>) -> Self {
        let told = told.filter(|value| value.is_finite() && *value > 0.0);
        Self { value: told, told, steady: HIGHER, ..Self::default() }
    }

    /// A value was measured.
    pub(super) fn learn(&mut self, now: Instant, measured: f64) {
        if !measured.is_finite() || measured < 0.0 {
            return;
        }
        let gap =
            self.at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at)).min(GAP_MAX);
        self.at = Some(now);
        let Some(value) = self.value else {
            if measured > 0.0 {
                self.take(measured);
            }
            return;
        };
        if measured >= OTHER * value && value >= OTHER * measured {
            self.other_since = None;
            self.steady = self.steady.saturating_add(gap);
            let share = gap.as_secs_f64() / FOLLOWS.as_secs_f64();
            let value = value + share * (measured - value);
            self.value = Some(value);
            if self.told.is_none_or(|told| (told - value).abs() > TOLD * told) {
                self.told = Some(value);
            }
            return;
        }
        let since = *self.other_since.get_or_insert(now);
        let patience = if measured > value || self.steady < HIGHER { HIGHER } else { LOWER };
        if measured > 0.0 && now.saturating_duration_since(since) >= patience {
            self.take(measured);
        }
    }

    /// This is usual from now on.
    pub(super) fn take(&mut self, measured: f64) {
        (self.value, self.told) = (Some(measured), Some(measured));
        self.other_since = None;
    }

    /// The usual value, once learnt.
    pub(super) fn told(&self) -> Option<f64> {
        self.told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The norm after `secs` of a value.
    fn after(norm: &mut Norm, now: &mut Instant, value: f64, secs: u64) -> Option<f64> {
        for _ in 0..secs {
            *now += Duration::from_secs(1);
            norm.learn(*now, value);
        }
        norm.told()
    }

    #[test]
    fn a_norm_is_the_first_value_follows_slowly_and_believes_another_one_late() {
        let (mut norm, mut now) = (Norm::default(), Instant::now());
        assert_eq!(after(&mut norm, &mut now, 0.0, 5), None, "nothing is not usual");
        assert_eq!(after(&mut norm, &mut now, 25.0, 1), Some(25.0));
        let followed = after(&mut norm, &mut now, 20.0, 3600).expect("learnt");
        assert!((21.0..23.0).contains(&followed), "{followed}");
        let day = LOWER.as_secs();
        assert_eq!(after(&mut norm, &mut now, 5.0, day), Some(followed));
        assert_eq!(after(&mut norm, &mut now, 5.0, 1), Some(5.0));
        assert_eq!(after(&mut norm, &mut now, 25.0, 601), Some(25.0));
    }

    #[test]
    fn a_value_that_wanders_a_little_is_not_told_anew() {
        let (mut norm, mut now) = (Norm::default(), Instant::now());
        after(&mut norm, &mut now, 25.0, 1);
        for n in 0..2000 {
            let value = if n % 2 == 0 { 24.5 } else { 25.5 };
            assert_eq!(after(&mut norm, &mut now, value, 1), Some(25.0));
        }
    }
}
