//! Watch coverage: how long ago a person had each camera before their eyes at a size that can be
//! read, and how long ago the machine judged its picture. What neither has looked at is where things
//! happen unseen.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use super::camera::Handle;

/// When each camera was looked at last. Bounded by the cameras there are.
#[derive(Debug, Default)]
pub struct Coverage {
    cameras: BTreeMap<Handle, Looked>,
}

/// When a camera was looked at last; `None`: not since the service began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// By a person, at a size that can be read.
    pub watched: Option<Instant>,
    /// By the machine.
    pub judged: Option<Instant>,
}

impl Coverage {
    /// There is such a camera.
    pub fn meet(&mut self, camera: Handle) {
        self.cameras.entry(camera).or_default();
    }

    /// It is gone.
    pub fn forget(&mut self, camera: Handle) {
        self.cameras.remove(&camera);
    }

    /// A person has it before them now. Cameras that there are not are left out.
    pub fn watched(&mut self, now: Instant, camera: Handle) {
        if let Some(looked) = self.cameras.get_mut(&camera) {
            looked.watched = looked.watched.max(Some(now));
        }
    }

    /// The machine has judged a picture of it.
    pub fn judged(&mut self, now: Instant, camera: Handle) {
        if let Some(looked) = self.cameras.get_mut(&camera) {
            looked.judged = looked.judged.max(Some(now));
        }
    }

    /// All cameras, those that nobody has watched for longest first; of equals the machine's last
    /// look decides, then the handle.
    pub fn by_neglect(&self) -> Vec<(Handle, Looked)> {
        let mut all: Vec<(Handle, Looked)> =
            self.cameras.iter().map(|(camera, looked)| (*camera, *looked)).collect();
        all.sort_by_key(|(camera, looked)| (looked.watched, looked.judged, *camera));
        all
    }

    /// The `count` cameras to show next in cells that are free: those that were watched longest ago,
    /// without those that are shown already.
    pub fn longest_unwatched(&self, count: usize, shown: &BTreeSet<Handle>) -> Vec<Handle> {
        let neglected = self.by_neglect().into_iter().map(|(camera, _)| camera);
        neglected.filter(|camera| !shown.contains(camera)).take(count).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn of(cameras: u32) -> Coverage {
        let mut coverage = Coverage::default();
        (1..=cameras).for_each(|camera| coverage.meet(Handle(camera)));
        coverage
    }

    fn order(coverage: &Coverage) -> Vec<u32> {
        coverage.by_neglect().iter().map(|(camera, _)| camera.0).collect()
    }

    #[test]
    fn what_nobody_ever_watched_comes_first_then_what_was_watched_longest_ago() {
        let (mut coverage, now) = (of(4), Instant::now());
        let later = now + Duration::from_secs(5);
        coverage.watched(later, Handle(1));
        coverage.watched(now, Handle(3));
        coverage.judged(now, Handle(2));
        assert_eq!(order(&coverage), [4, 2, 3, 1], "the machine has seen 2 at least");
        assert_eq!(coverage.by_neglect()[3].1, Looked { watched: Some(later), judged: None });
    }

    #[test]
    fn a_camera_that_is_gone_is_in_no_list_and_one_that_there_is_not_is_not_met_by_a_report() {
        let (mut coverage, now) = (of(2), Instant::now());
        coverage.forget(Handle(1));
        coverage.watched(now, Handle(1));
        coverage.judged(now, Handle(9));
        assert_eq!(order(&coverage), [2]);
    }

    proptest! {
        #[test]
        fn a_tour_of_free_cells_shows_every_camera_before_it_shows_one_again(
            cameras in 1..40_u32,
            cells in 1..7_usize,
            seen in vec(1..40_u32, 0..30),
        ) {
            let (mut coverage, mut now) = (of(cameras), Instant::now());
            for camera in seen {
                now += Duration::from_secs(1);
                coverage.watched(now, Handle(camera));
            }
            let mut shown = BTreeSet::new();
            let all = cameras as usize;
            for _ in 0..all.div_ceil(cells) {
                now += Duration::from_secs(10);
                let next = coverage.longest_unwatched(cells, &BTreeSet::new());
                prop_assert_eq!(next.len(), cells.min(all));
                for camera in next {
                    coverage.watched(now, camera);
                    shown.insert(camera);
                }
            }
            prop_assert_eq!(shown.len(), all);
        }

        #[test]
        fn what_is_shown_already_is_never_taken(
            cameras in 1..40_u32,
            count in 0..50_usize,
            shown in vec(1..60_u32, 0..40),
        ) {
            let shown: BTreeSet<Handle> = shown.into_iter().map(Handle).collect();
            let next = of(cameras).longest_unwatched(count, &shown);
            prop_assert!(next.iter().all(|camera| !shown.contains(camera)));
            let free = (1..=cameras).filter(|n| !shown.contains(&Handle(*n))).count();
            prop_assert_eq!(next.len(), count.min(free));
        }
    }
}
