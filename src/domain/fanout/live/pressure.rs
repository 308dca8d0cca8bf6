//! When a viewer's lanes must do with less, and when they may have more again.
//!
//! A congestion event is a lane that had to leave something out because the viewer is slow. One
//! alone is a hiccup; three in a short while are a viewer that wants more than it takes.

use std::time::{Duration, Instant};

/// The times of a [`Pressure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PressurePolicy {
    /// Events closer together than this are one.
    pub events_apart: Duration,
    /// The third event within this time steps lanes down.
    pub window: Duration,
    /// Without an event for this long, lanes step up.
    pub clean: Duration,
    /// The longest that a step up waits after steps up that failed.
    pub clean_max: Duration,
    /// An event this soon after a step up says that it failed.
    pub fails_within: Duration,
}

impl Default for PressurePolicy {
    fn default() -> Self {
        Self {
            events_apart: Duration::from_secs(1),
            window: Duration::from_secs(10),
            clean: Duration::from_secs(10),
            clean_max: Duration::from_secs(160),
            fails_within: Duration::from_secs(5),
        }
    }
}

/// One viewer's.
#[derive(Debug)]
pub struct Pressure {
    policy: PressurePolicy,
    /// The two newest events, the newest first.
    events: [Option<Instant>; 2],
    /// The last event or step.
    quiet_since: Option<Instant>,
    /// Lanes that the next step down takes.
    down: u32,
    /// Lanes that the next step up takes.
    up: u32,
    /// What a step up waits for.
    clean: Duration,
    /// The newest step up, and how many lanes it took.
    risen: Option<(Instant, u32)>,
}

impl Pressure {
    /// None so far.
    pub fn new(policy: PressurePolicy) -> Self {
        Self {
            policy,
            events: [None; 2],
            quiet_since: None,
            down: 1,
            up: 1,
            clean: policy.clean,
            risen: None,
        }
    }

    /// A lane had to leave something out. Returns how many lanes step down.
    pub fn congested(&mut self, now: Instant) -> u32 {
        let since = |at: Instant| now.saturating_duration_since(at);
        let [newest, second] = self.events;
        if newest.is_some_and(|at| since(at) < self.policy.events_apart) {
            return 0;
        }
        self.events = [Some(now), newest];
        self.quiet_since = Some(now);
        if let Some((_, lanes)) =
            self.risen.take().filter(|(at, _)| since(*at) <= self.policy.fails_within)
        {
            self.clean = (self.clean * 2).min(self.policy.clean_max);
            self.up = 1;
            return lanes;
        }
        if !newest.is_some_and(|at| since(at) <= self.policy.window) {
            self.down = 1;
        }
        if !second.is_some_and(|at| since(at) <= self.policy.window) {
            return 0;
        }
        let lanes = self.down;
        self.down = self.down.saturating_mul(2);
        lanes
    }

    /// Asks how many lanes may step up now; call it only while one is stepped down.
    pub fn relieved(&mut self, now: Instant) -> u32 {
        let since = *self.quiet_since.get_or_insert(now);
        if now.saturating_duration_since(since) < self.clean {
            return 0;
        }
        if self.risen.is_some() {
            // The one before has held.
            self.clean = self.policy.clean;
        }
        let lanes = self.up;
        self.quiet_since = Some(now);
        self.risen = Some((now, lanes));
        self.up = self.up.saturating_mul(2);
        lanes
    }

    /// Nothing is stepped down any more.
    pub fn restored(&mut self) {
        self.up = 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_third_event_in_ten_seconds_steps_one_lane_down_and_each_further_one_twice_as_many() {
        let start = Instant::now();
        let mut pressure = Pressure::new(PressurePolicy::default());
        let at = [0, 4, 9, 9, 11, 13, 15];
        let lanes: Vec<u32> = at.iter().map(|s| pressure.congested(start + *s * SECOND)).collect();
        assert_eq!(lanes, [0, 0, 1, 0, 2, 4, 8]);
    }

    #[test]
    fn events_far_apart_step_nothing_down() {
        let start = Instant::now();
        let mut pressure = Pressure::new(PressurePolicy::default());
        assert!((0..50).all(|n| pressure.congested(start + n * 6 * SECOND) == 0));
    }

    #[test]
    fn ten_clean_seconds_step_one_lane_up_and_then_twice_as_many() {
        let start = Instant::now();
        let mut pressure = Pressure::new(PressurePolicy::default());
        (0..3).for_each(|s| _ = pressure.congested(start + s * SECOND));
        let up: Vec<u32> = (3..40).map(|s| pressure.relieved(start + s * SECOND)).collect();
        let rises: Vec<(usize, u32)> =
            up.into_iter().enumerate().filter(|(_, lanes)| *lanes > 0).collect();
        assert_eq!(rises, [(9, 1), (19, 2), (29, 4)]);
    }

    #[test]
    fn a_step_up_that_fails_at_once_is_undone_and_the_next_waits_twice_as_long_up_to_160_s() {
        let mut now = Instant::now();
        let mut pressure = Pressure::new(PressurePolicy::default());
        (0..3).for_each(|s| _ = pressure.congested(now + s * SECOND));
        now += 2 * SECOND;
        let mut waits = Vec::new();
        for _ in 0..6 {
            let began = now;
            while pressure.relieved(now) == 0 {
                now += SECOND;
            }
            waits.push((now - began).as_secs());
            now += SECOND;
            assert_eq!(pressure.congested(now), 1);
        }
        assert_eq!(waits, [10, 20, 40, 80, 160, 160]);
    }
}
