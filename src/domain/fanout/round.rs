//! In which order a viewer that cannot keep up is served: in laps through all cameras. A camera of
//! `high` importance takes part in every lap, a `normal` one in every second and a `low` one in every
//! fourth. So while a link is too slow, pictures of the three classes come in the proportion 4:2:1,
//! cameras of one class in turn, and between two turns of any camera each other one has at most four.
//! A camera that has nothing new is passed over: no part of the link is kept for it.

use crate::domain::camera::Importance;

/// A place in the laps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Round {
    lap: u64,
    /// The camera that comes next in this lap.
    next: u32,
}

/// Laps within which every camera has a turn, wherever one is: the rest of this one, and four more.
const LAPS: u64 = 5;

impl Default for Round {
    /// In the first lap the most important are alone, in the second the least important wait: a new
    /// viewer is served class by class.
    fn default() -> Self {
        Self { lap: 1, next: 0 }
    }
}

impl Round {
    /// Each camera once, in the order of their next turns; `None` for those that are left out.
    pub(super) fn turns(
        self,
        cameras: impl Iterator<Item = Option<Importance>> + Clone,
    ) -> impl Iterator<Item = u32> {
        (self.lap..self.lap + LAPS).flat_map(move |lap| {
            (0..).zip(cameras.clone()).filter_map(move |(index, importance)| {
                importance.filter(|it| self.turn(index, *it) == lap).map(|_| index)
            })
        })
    }

    /// The place behind a camera's next turn.
    pub(super) fn behind(self, index: u32, importance: Importance) -> Self {
        Self { lap: self.turn(index, importance), next: index + 1 }
    }

    /// The lap of a camera's next turn.
    fn turn(self, index: u32, importance: Importance) -> u64 {
        let every: u64 = match importance {
            Importance::High => 1,
            Importance::Normal => 2,
            Importance::Low => 4,
        };
        let first = self.lap + u64::from(index < self.next);
        // The next multiple, without a division for each camera and lap.
        (first + every - 1) & !(every - 1)
    }
}
