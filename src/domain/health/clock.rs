//! Whether a camera's clock is right.

use std::time::{Duration, Instant};

use super::cause::Cause;
use crate::domain::clock::ClockReading;

/// A clock that is off by more is wrong. Five seconds are what people notice when they compare
/// recordings; half a second less, so that a clock off by five is told in spite of the error of its
/// reading.
const OFFSET_MAX_S: f64 = 4.5;

/// A clock that gains or loses more is wrong: 100 ppm are 9 s a day, and a quartz of a camera keeps
/// 50 in the sun.
const DRIFT_MAX_PPM: f64 = 100.0;

/// Without a reading for so long, the camera sends no sender reports (any more).
const PATIENCE: Duration = Duration::from_secs(300);

/// What is known of the clock in the session that runs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    reading: Option<ClockReading>,
}

impl Clock {
    /// Figures came, with a reading or without.
    pub(super) fn apply(&mut self, reading: Option<ClockReading>) {
        self.reading = reading.or(self.reading);
    }

    /// The session is over.
    pub(super) fn clear(&mut self) {
        self.reading = None;
    }

    /// Whether the clock is wrong beyond the error of its reading.
    pub(super) fn cause(&self, now: Instant, session: Option<Instant>) -> Cause {
        let Some(reading) = self.reading else {
            let waited = session.map(|since| now.saturating_duration_since(since));
            let silent = waited.is_some_and(|waited| waited >= PATIENCE);
            return if silent { Cause::absent() } else { Cause::Unknown };
        };
        let ClockReading { offset_s, error_s, drift_ppm, drift_error_ppm } = reading;
        if reading.is_unset() {
            let words = "the camera's clock was never set: point it to a time server".to_owned();
            return Cause::measured(words, offset_s);
        }
        if offset_s.abs() - error_s > OFFSET_MAX_S {
            let (off, error) = (span(offset_s.abs()), span(error_s));
            let words = if offset_s > 0.0 {
                format!("the camera's clock is {off} ahead of the service's, give or take {error}")
            } else {
                format!("the camera's clock is {off} behind the service's, give or take {error}")
            };
            return Cause::measured(words, offset_s);
        }
        match drift_ppm {
            Some(drift) if drift.abs() - drift_error_ppm > DRIFT_MAX_PPM => {
                let way = if drift > 0.0 { "fast" } else { "slow" };
                let (off, day) = (drift.abs(), drift.abs() * 0.0864);
                let words =
                    format!("the camera's clock runs {off:.0} ppm too {way}: {day:.0} s a day");
                Cause::measured(words, drift)
            }
            _ => Cause::absent(),
        }
    }

    /// When a session that began then has been silent for too long.
    pub(super) fn deadline(session: Option<Instant>) -> Option<Instant> {
        session.and_then(|since| since.checked_add(PATIENCE))
    }
}

/// A number of seconds as people say it.
fn span(seconds: f64) -> String {
    match seconds {
        s if s < 10.0 => format!("{s:.1} s"),
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.0} h", s / 3600.0),
        s => format!("{:.0} days", s / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_never_set_is_said_to_be_so_and_one_that_is_off_by_how_much() {
        let told = |offset_s: f64| {
            let reading =
                ClockReading { offset_s, error_s: 0.1, drift_ppm: None, drift_error_ppm: 0.0 };
            let mut clock = Clock::default();
            clock.apply(Some(reading));
            match clock.cause(Instant::now(), None) {
                Cause::Present(evidence) => evidence.words,
                other => format!("{other:?}"),
            }
        };
        // From 1970 to 2026.
        let never = told(-56.0 * 365.25 * 86_400.0);
        assert!(never.contains("never set"), "{never}");
        let behind = told(-86_400.0);
        assert!(behind.contains("24 h behind"), "{behind}");
    }
}
