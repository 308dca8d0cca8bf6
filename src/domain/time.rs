//! Points in time as the service records them: wall-clock microseconds, for people and for disks.
//! Durations inside one run use `std::time::Instant`, passed in as an argument.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Microseconds since the Unix epoch, UTC. Fits a JSON number until the year 2255.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct UnixMicros(pub u64);

impl UnixMicros {
    /// The time `later` after this one.
    pub fn plus(self, later: Duration) -> Self {
        Self(self.0.saturating_add(micros(later)))
    }

    /// How long ago `earlier` was, or zero if it is not in the past (clocks step).
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl From<SystemTime> for UnixMicros {
    fn from(time: SystemTime) -> Self {
        Self(time.duration_since(UNIX_EPOCH).map_or(0, micros))
    }
}

/// One moment on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// For durations: it never steps.
    pub now: Instant,
    /// For people, disks and screens: it may step.
    pub unix: UnixMicros,
}

impl Moment {
    /// What this process's clock showed then, in the time of people.
    pub fn unix_of(self, then: Instant) -> UnixMicros {
        let ago = self.now.saturating_duration_since(then);
        UnixMicros(self.unix.0.saturating_sub(micros(ago)))
    }

    /// When it was `then` on this process's clock, or now if that does not go back so far.
    pub fn instant_of(self, then: UnixMicros) -> Instant {
        self.now.checked_sub(self.unix.since(then)).unwrap_or(self.now)
    }

    /// When it will be `then`, or now if that is past.
    pub fn until(self, then: UnixMicros) -> Instant {
        self.now + then.since(self.unix)
    }

    /// Both clocks `later` on.
    #[must_use]
    pub fn plus(self, later: Duration) -> Self {
        Self { now: self.now + later, unix: self.unix.plus(later) }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_steps_back_gives_an_age_of_zero() {
        assert_eq!(UnixMicros(5).since(UnixMicros(9)), Duration::ZERO);
        assert_eq!(
            UnixMicros(5).plus(Duration::from_micros(4)).since(UnixMicros(5)),
            Duration::from_micros(4)
        );
    }
}
