//! Which numbers were published when: what screens are held against.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use crate::domain::camera::Handle;

/// Numbers of one camera that are remembered: at two looks a second, three times as long as any
/// fault needs.
const REMEMBERED: usize = 32;

/// A camera that published nothing for so long says nothing about screens.
const LIVELY: Duration = Duration::from_secs(15);

/// The newest numbers of every camera. Bounded by the cameras there are.
#[derive(Debug, Default)]
pub(super) struct Published {
    cameras: HashMap<Handle, VecDeque<(Instant, u32)>>,
}

/// What a screen lacks of one camera.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lack {
    /// Pictures that it has not painted.
    pub(super) missed: u64,
    /// Since when there is a newer one than it shows.
    pub(super) since: Option<Instant>,
}

impl Published {
    /// These are the newest numbers now; cameras that are not among them are gone.
    pub(super) fn look(&mut self, now: Instant, newest: &[(Handle, u32)]) {
        let mut before = std::mem::take(&mut self.cameras);
        for (camera, number) in newest {
            let mut numbers = before.remove(camera).unwrap_or_default();
            if numbers.back().is_none_or(|(_, known)| known != number) {
                if numbers.len() == REMEMBERED {
                    numbers.pop_front();
                }
                numbers.push_back((now, *number));
            }
            self.cameras.insert(*camera, numbers);
        }
    }

    /// Whether anything was ever published of it.
    pub(super) fn knows(&self, camera: Handle) -> bool {
        self.cameras.contains_key(&camera)
    }

    /// Whether it published lately.
    pub(super) fn is_lively(&self, now: Instant, camera: Handle) -> bool {
        let newest = self.cameras.get(&camera).and_then(VecDeque::back);
        newest.is_some_and(|(at, _)| now.saturating_duration_since(*at) <= LIVELY)
    }

    /// What a screen lacks that has painted this number of it.
    pub(super) fn lack(&self, camera: Handle, painted: u32) -> Lack {
        let Some(numbers) = self.cameras.get(&camera) else { return Lack::default() };
        let Some((_, newest)) = numbers.back() else { return Lack::default() };
        // One that is far ahead counts from before the service was started again.
        let painted = if painted > newest.saturating_add(AHEAD) { 0 } else { painted };
        let since = numbers.iter().find(|(_, number)| *number > painted).map(|(at, _)| *at);
        Lack { missed: u64::from(newest.saturating_sub(painted)), since }
    }
}

/// A screen may have painted what was published after the last look: at most some of a second.
const AHEAD: u32 = 200;
