//! Which worker serves which camera, and who is to blame when one crashes.
//!
//! Cameras are placed into workers of a fixed size. When a worker crashes nobody knows which of its
//! cameras did it, so its cameras are halved into two workers; the half that crashes again is
//! halved again, until the culprit is alone. A camera that took part in three crashes within five
//! minutes and was alone in the last is quarantined. Halves are not merged back while the service
//! runs: a worker costs a few MiB, a reconnect costs a camera a second of picture.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use super::camera::Handle;

/// A worker process's place; a restarted worker keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkerId(pub u32);

/// The policy of [`Assignment`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssignmentPolicy {
    /// Cameras in one worker.
    pub cameras_per_worker: usize,
    /// Crashes that one camera explains before it is quarantined.
    pub crashes: usize,
    /// The window in which they count.
    pub window: Duration,
    /// How long a quarantine lasts.
    pub quarantine: Duration,
}

impl Default for AssignmentPolicy {
    fn default() -> Self {
        Self {
            cameras_per_worker: 25,
            crashes: 3,
            window: Duration::from_secs(5 * 60),
            quarantine: Duration::from_secs(30 * 60),
        }
    }
}

/// What a crash leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Crash {
    /// Start the worker again with the same cameras.
    Restart,
    /// These cameras now belong to a new worker; start both.
    Halved {
        /// The new worker.
        new: WorkerId,
        /// Its cameras.
        moved: Vec<Handle>,
    },
    /// This camera, alone in its worker, is kept out until the time given.
    Quarantined {
        /// The camera.
        camera: Handle,
        /// The end of the quarantine.
        until: Instant,
    },
}

/// The workers and their cameras.
#[derive(Debug)]
pub struct Assignment {
    policy: AssignmentPolicy,
    workers: BTreeMap<WorkerId, BTreeSet<Handle>>,
    crashes: BTreeMap<Handle, Vec<Instant>>,
    quarantined: BTreeMap<Handle, Instant>,
    next_worker: u32,
}

impl Assignment {
    /// No workers yet.
    pub fn new(policy: AssignmentPolicy) -> Self {
        Self {
            policy,
            workers: BTreeMap::new(),
            crashes: BTreeMap::new(),
            quarantined: BTreeMap::new(),
            next_worker: 0,
        }
    }

    /// The worker of a camera, a new one if all are full. The second value tells whether it is new.
    ///
    /// A camera with recent crashes is never put beside others, and nobody beside it.
    pub fn place(&mut self, now: Instant, camera: Handle) -> (WorkerId, bool) {
        if let Some(worker) = self.worker_of(camera) {
            return (worker, false);
        }
        let suspect = |camera: &Handle| self.recent_crashes(now, *camera) > 0;
        let room = self.workers.iter().find(|(_, members)| {
            members.len() < self.policy.cameras_per_worker && !members.iter().any(suspect)
        });
        let free = room.map(|(worker, _)| *worker).filter(|_| !suspect(&camera));
        let worker = free.unwrap_or_else(|| self.new_worker());
        self.workers.entry(worker).or_default().insert(camera);
        (worker, free.is_none())
    }

    /// The worker that serves a camera.
    pub fn worker_of(&self, camera: Handle) -> Option<WorkerId> {
        self.workers
            .iter()
            .find(|(_, members)| members.contains(&camera))
            .map(|(worker, _)| *worker)
    }

    /// The cameras of a worker.
    pub fn members(&self, worker: WorkerId) -> impl Iterator<Item = Handle> + '_ {
        self.workers.get(&worker).into_iter().flatten().copied()
    }

    /// All workers.
    pub fn workers(&self) -> impl Iterator<Item = WorkerId> + '_ {
        self.workers.keys().copied()
    }

    /// The camera is gone. Returns its worker if it has no cameras left and can be stopped.
    pub fn remove(&mut self, camera: Handle) -> Option<WorkerId> {
        self.crashes.remove(&camera);
        self.quarantined.remove(&camera);
        let worker = self.worker_of(camera)?;
        let members = self.workers.get_mut(&worker)?;
        members.remove(&camera);
        members.is_empty().then(|| {
            self.workers.remove(&worker);
            worker
        })
    }

    /// A worker crashed while these of its cameras had a session.
    pub fn crashed(&mut self, now: Instant, worker: WorkerId, active: &[Handle]) -> Crash {
        for camera in active {
            let times = self.crashes.entry(*camera).or_default();
            times.retain(|at| now.saturating_duration_since(*at) < self.policy.window);
            times.push(now);
        }
        match active {
            // Nobody was connected: the machine or the binary is at fault, not a camera.
            [] => Crash::Restart,
            [alone] if self.recent_crashes(now, *alone) >= self.policy.crashes => {
                let until = now + self.policy.quarantine;
                self.quarantined.insert(*alone, until);
                Crash::Quarantined { camera: *alone, until }
            }
            [_] if self.members(worker).count() == 1 => Crash::Restart,
            suspects => {
                let moved: Vec<Handle> = suspects[suspects.len() / 2..].to_vec();
                let new = self.new_worker();
                if let Some(members) = self.workers.get_mut(&worker) {
                    members.retain(|member| !moved.contains(member));
                }
                self.workers.insert(new, moved.iter().copied().collect());
                Crash::Halved { new, moved }
            }
        }
    }

    /// When the camera may be served again, if it is quarantined at `now`.
    pub fn quarantined(&self, now: Instant, camera: Handle) -> Option<Instant> {
        self.quarantined.get(&camera).copied().filter(|until| now < *until)
    }

    fn recent_crashes(&self, now: Instant, camera: Handle) -> usize {
        let recent = |at: &&Instant| now.saturating_duration_since(**at) < self.policy.window;
        self.crashes.get(&camera).map_or(0, |times| times.iter().filter(recent).count())
    }

    fn new_worker(&mut self) -> WorkerId {
        self.next_worker += 1;
        WorkerId(self.next_worker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(cameras: u32) -> (Assignment, Instant) {
        let now = Instant::now();
        let mut assignment = Assignment::new(AssignmentPolicy::default());
        (1..=cameras).for_each(|n| _ = assignment.place(now, Handle(n)));
        (assignment, now)
    }

    #[test]
    fn a_hundred_and_fifty_cameras_fill_six_workers_of_twenty_five() {
        let (assignment, _) = placed(150);
        let sizes: Vec<usize> =
            assignment.workers().map(|worker| assignment.members(worker).count()).collect();
        assert_eq!(sizes, [25; 6]);
    }

    #[test]
    fn halving_finds_the_one_camera_that_crashes_its_worker_and_quarantines_it() {
        let (mut assignment, mut now) = placed(150);
        let culprit = Handle(37);
        let mut crashes = 0;
        while assignment.quarantined(now, culprit).is_none() {
            let worker = assignment.worker_of(culprit).expect("placed");
            let active: Vec<Handle> = assignment.members(worker).collect();
            assignment.crashed(now, worker, &active);
            now += Duration::from_secs(2);
            crashes += 1;
            assert!(crashes < 12, "25 cameras halve five times");
        }
        assert!(crashes <= 6, "{crashes} crashes");
        let others = (1..=150).map(Handle).filter(|camera| *camera != culprit);
        assert!(others.into_iter().all(|camera| assignment.quarantined(now, camera).is_none()));
        assert!((1..=150).all(|n| assignment.worker_of(Handle(n)).is_some()), "nobody was lost");
    }

    #[test]
    fn a_single_camera_is_quarantined_at_its_third_crash_in_five_minutes_not_at_its_third_ever() {
        for (gap_secs, quarantined) in [(60, true), (200, false)] {
            let (mut assignment, mut now) = placed(1);
            for _ in 0..3 {
                assignment.crashed(now, WorkerId(1), &[Handle(1)]);
                now += Duration::from_secs(gap_secs);
            }
            assert_eq!(
                assignment.quarantined(now, Handle(1)).is_some(),
                quarantined,
                "{gap_secs} s apart"
            );
        }
    }

    #[test]
    fn a_quarantine_ends() {
        let (mut assignment, now) = placed(1);
        (0..3).for_each(|_| _ = assignment.crashed(now, WorkerId(1), &[Handle(1)]));
        assert!(assignment.quarantined(now + Duration::from_secs(1799), Handle(1)).is_some());
        assert!(assignment.quarantined(now + Duration::from_secs(1800), Handle(1)).is_none());
    }

    #[test]
    fn a_crash_with_nobody_connected_blames_no_camera() {
        let (mut assignment, now) = placed(3);
        (0..10).for_each(|_| assert_eq!(assignment.crashed(now, WorkerId(1), &[]), Crash::Restart));
        assert_eq!(assignment.members(WorkerId(1)).count(), 3);
    }

    #[test]
    fn a_new_camera_is_not_put_beside_a_suspect() {
        let (mut assignment, now) = placed(2);
        assignment.crashed(now, WorkerId(1), &[Handle(1), Handle(2)]);
        let (worker, new) = assignment.place(now, Handle(3));
        assert!(new);
        assert_eq!(assignment.members(worker).collect::<Vec<_>>(), [Handle(3)]);
    }

    #[test]
    fn a_worker_without_cameras_can_be_stopped() {
        let (mut assignment, _) = placed(2);
        assert_eq!(assignment.remove(Handle(1)), None);
        assert_eq!(assignment.remove(Handle(2)), Some(WorkerId(1)));
    }
}
