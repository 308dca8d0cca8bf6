//! Which camera's keyframes crash decoders, and is kept from them for a while.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::domain::camera::Handle;

/// This many crashes …
const CRASHES: usize = 3;
/// … within this window …
const WINDOW: Duration = Duration::from_secs(5 * 60);
/// … keep a camera from the decoders for this long.
const BARRED_FOR: Duration = Duration::from_secs(30 * 60);

/// Crashes by camera. One decoder works on one camera at a time, so nobody else is suspected.
#[derive(Debug, Default)]
pub(super) struct Blame {
    crashes: HashMap<Handle, Vec<Instant>>,
    barred: HashMap<Handle, Instant>,
}

impl Blame {
    /// A decoder crashed or hung on this camera's access unit.
    pub(super) fn crashed(&mut self, now: Instant, camera: Handle) {
        let times = self.crashes.entry(camera).or_default();
        times.retain(|at| now.saturating_duration_since(*at) < WINDOW);
        times.push(now);
        if times.len() >= CRASHES {
            self.crashes.remove(&camera);
            self.barred.insert(camera, now + BARRED_FOR);
        }
    }

    /// Whether the camera is kept out at `now`.
    pub(super) fn barred(&self, now: Instant, camera: Handle) -> bool {
        self.barred.get(&camera).is_some_and(|until| now < *until)
    }

    /// The camera is gone.
    pub(super) fn forget(&mut self, camera: Handle) {
        self.crashes.remove(&camera);
        self.barred.remove(&camera);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_crashes_in_five_minutes_bar_a_camera_for_half_an_hour_and_nobody_else() {
        let start = Instant::now();
        let mut blame = Blame::default();
        (0..3)
            .for_each(|minute| blame.crashed(start + Duration::from_secs(60 * minute), Handle(1)));
        let after = |secs: u64| start + Duration::from_secs(120 + secs);
        assert!(blame.barred(after(0), Handle(1)) && blame.barred(after(1799), Handle(1)));
        assert!(!blame.barred(after(1800), Handle(1)) && !blame.barred(after(0), Handle(2)));
    }

    #[test]
    fn three_crashes_in_an_hour_bar_nobody() {
        let start = Instant::now();
        let mut blame = Blame::default();
        (0..3).for_each(|n| blame.crashed(start + Duration::from_secs(1200 * n), Handle(1)));
        assert!(!blame.barred(start + Duration::from_secs(2400), Handle(1)));
    }
}
