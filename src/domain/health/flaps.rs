//! How often a camera went and came back.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{cause::Cause, soon_after};

/// So often within [`WINDOW`] is unstable.
const FLAPS: usize = 5;
const WINDOW: Duration = Duration::from_secs(600);

/// One camera's comings and goings.
#[derive(Clone, Debug, Default)]
pub(super) struct Flaps {
    away: bool,
    /// The newest [`FLAPS`] times that it came back, newest last.
    back: VecDeque<Instant>,
    /// Since it was last steady.
    count: u32,
}

impl Flaps {
    /// Whether it is down now, or well; `None` is neither.
    pub(super) fn apply(&mut self, now: Instant, down: Option<bool>) {
        match down {
            Some(true) => self.away = true,
            Some(false) if self.away => {
                self.away = false;
                self.count = if self.unstable(now) { self.count } else { self.within(now) };
                self.count = self.count.saturating_add(1);
                if self.back.len() == FLAPS {
                    self.back.pop_front();
                }
                self.back.push_back(now);
            }
            _ => {}
        }
    }

    /// Whether it is unstable.
    pub(super) fn cause(&self, now: Instant) -> Cause {
        if self.unstable(now) {
            Cause::told(format!(
                "it was lost and came back {} times, at least {FLAPS} times within {} minutes",
                self.count,
                WINDOW.as_secs() / 60
            ))
        } else {
            Cause::absent()
        }
    }

    /// When it is no longer unstable if it stays as it is.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.back
            .front()
            .filter(|_| self.back.len() == FLAPS)
            .and_then(|at| soon_after(*at, WINDOW))
    }

    fn unstable(&self, now: Instant) -> bool {
        self.back.len() == FLAPS && self.within(now) as usize == FLAPS
    }

    fn within(&self, now: Instant) -> u32 {
        let lately = |at: &&Instant| now.saturating_duration_since(**at) <= WINDOW;
        u32::try_from(self.back.iter().filter(lately).count()).unwrap_or(u32::MAX)
    }
}
