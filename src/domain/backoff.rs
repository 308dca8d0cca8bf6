//! How long to wait before trying again: exponential with full jitter, so that 150 cameras behind
//! one rebooted switch do not come back in one breath.

use std::time::{Duration, Instant};

/// The bounds of a [`Backoff`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackoffPolicy {
    /// The ceiling of the first wait.
    pub first: Duration,
    /// The ceiling of every wait.
    pub longest: Duration,
    /// A run this long forgets earlier failures.
    pub healthy_after: Duration,
}

impl Default for BackoffPolicy {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(60),
            healthy_after: Duration::from_secs(60),
        }
    }
}

impl BackoffPolicy {
    /// The wait after a failure that `failures` others came before: uniformly between nothing and
    /// the ceiling, which doubles with each. `random` is uniform in `0.0..1.0`.
    pub fn wait(&self, failures: u32, random: f64) -> Duration {
        let doubled = self.first.saturating_mul(1u32.checked_shl(failures).unwrap_or(u32::MAX));
        doubled.min(self.longest).mul_f64(random.clamp(0.0, 1.0))
    }
}

/// The waits of one thing that fails and is tried again.
#[derive(Clone, Debug, Default)]
pub struct Backoff {
    policy: BackoffPolicy,
    failures: u32,
    running_since: Option<Instant>,
}

impl Backoff {
    /// No failure yet.
    pub fn new(policy: BackoffPolicy) -> Self {
        Self { policy, failures: 0, running_since: None }
    }

    /// Failures since it was last healthy.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// It works from `now` on.
    pub fn started(&mut self, now: Instant) {
        self.running_since.get_or_insert(now);
    }

    /// It failed at `now`: how long to wait. `random` is uniform in `0.0..1.0`.
    pub fn failed(&mut self, now: Instant, random: f64) -> Duration {
        let ran = self
            .running_since
            .take()
            .map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        if ran >= self.policy.healthy_after {
            self.failures = 0;
        }
        let wait = self.policy.wait(self.failures, random);
        self.failures = self.failures.saturating_add(1);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_ceiling_doubles_from_one_second_to_sixty_and_stays() {
        let now = Instant::now();
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..40).map(|_| backoff.failed(now, 1.0).as_secs()).collect();
        assert_eq!(waits[..8], [1, 2, 4, 8, 16, 32, 60, 60]);
        assert!(waits[8..].iter().all(|wait| *wait == 60));
    }

    #[test]
    fn jitter_reaches_down_to_no_wait_at_all() {
        assert_eq!(Backoff::default().failed(Instant::now(), 0.0), Duration::ZERO);
    }

    #[test]
    fn a_healthy_minute_forgets_earlier_failures_and_a_short_run_does_not() {
        let start = Instant::now();
        for (ran, wait) in [(59, 4), (60, 1)] {
            let mut backoff = Backoff::default();
            backoff.failed(start, 1.0);
            backoff.failed(start, 1.0);
            backoff.started(start);
            assert_eq!(backoff.failed(start + ran * SECOND, 1.0), wait * SECOND, "ran {ran} s");
        }
    }
}
