//! All viewers, each in a slot of its own, and which of them a turn must visit: those whose sockets
//! are ready, and those that may be due something. The others cost nothing.

use std::{
    sync::Arc,
    task::{Context, Waker},
    time::Instant,
};

use super::{
    Policy, Viewer,
    connection::{Connection, Gone, Turn},
    figures::Counters,
    gather::Published,
    pace::Pace,
    readiness::Readiness,
};
use crate::domain::{
    camera::Handle,
    fanout::{Followers, Slots},
};

#[derive(Default)]
pub(super) struct Viewers {
    /// A viewer keeps its slot until it leaves.
    slots: Vec<Option<Connection>>,
    free: Vec<usize>,
    followers: Followers,
    readiness: Arc<Readiness>,
    /// To be asked, before the thread sleeps, whether their sockets are ready: what they were told
    /// last was used up, or they are new.
    asked: Slots,
    /// Found ready and not served yet.
    ready: Slots,
    /// May be due something: served in the next round.
    due: Slots,
    /// The other half of `due`: empty between rounds.
    round: Slots,
    changed: Changed,
}

/// What others must be told about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Changed {
    /// Viewers have come, left or subscribed.
    pub(super) wishes: bool,
    /// A viewer may need other streams than before.
    pub(super) watched: bool,
}

/// What serving a viewer takes, besides the viewer.
pub(super) struct Service {
    pub(super) policy: Policy,
    pub(super) counters: Arc<Counters>,
    pub(super) published: Published,
    pub(super) pace: Pace,
}

impl Viewers {
    pub(super) fn is_empty(&self) -> bool {
        self.slots.len() == self.free.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Connection> {
        self.slots.iter().flatten()
    }

    pub(super) fn take_changed(&mut self) -> Changed {
        std::mem::take(&mut self.changed)
    }

    /// Takes a viewer over. Must be called inside the thread's runtime.
    pub(super) fn come(&mut self, viewer: Viewer, service: &Service, now: Instant) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        let waker: Waker = self.readiness.waker(slot);
        let counters = service.counters.viewer();
        // A socket that fails here was closed by its peer.
        match Connection::new(viewer, counters, waker, &service.policy, now) {
            Ok(viewer) => {
                self.slots[slot] = Some(viewer);
                self.asked.insert(slot);
                self.changed.wishes = true;
            }
            Err(_) => self.free.push(slot),
        }
    }

    /// Something of this camera was published: whoever wishes for it is served in this round.
    pub(super) fn published(&mut self, camera: Handle) {
        let Self { slots, followers, due, .. } = self;
        followers.published(camera, due, || {
            let follows =
                |viewer: &Option<Connection>| viewer.as_ref().is_some_and(|it| it.follows(camera));
            (0..slots.len()).filter(|slot| follows(&slots[*slot])).collect()
        });
    }

    /// What viewers may see is another: each subscribes again to what it wished for.
    pub(super) fn look_again(&mut self, service: &mut Service, now: Instant) {
        for slot in 0..self.slots.len() {
            self.visit(slot, service, now, |viewer, service| {
                viewer.look_again(&mut service.published, now);
                Ok(true)
            });
        }
    }

    pub(super) fn forget(&mut self, camera: Handle) {
        self.followers.forget(camera);
        self.changed = Changed { wishes: true, watched: true };
    }

    /// Whether a viewer's socket is ready. Wakes the task when one is later.
    pub(super) fn poll_ready(&mut self, cx: &mut Context<'_>) -> bool {
        self.readiness.take(&mut self.asked, cx);
        let mut any = false;
        for slot in self.asked.drain() {
            if let Some(Some(viewer)) = self.slots.get_mut(slot)
                && viewer.poll_ready()
            {
                self.ready.insert(slot);
                any = true;
            }
        }
        any
    }

    /// Reads from and writes to the viewers whose sockets are ready.
    pub(super) fn serve_ready(&mut self, service: &mut Service, now: Instant) {
        let mut ready = std::mem::take(&mut self.ready);
        for slot in ready.drain() {
            self.asked.insert(slot);
            self.visit(slot, service, now, |viewer, service| {
                viewer.read(&mut service.published, &service.policy, now)
            });
        }
        self.ready = ready;
    }

    /// One vectored write per viewer that may be due something.
    pub(super) fn serve_due(&mut self, service: &mut Service, now: Instant) {
        // Who is left something is due again in the next round.
        std::mem::swap(&mut self.due, &mut self.round);
        let mut round = std::mem::take(&mut self.round);
        for slot in round.drain() {
            self.visit(slot, service, now, |_, _| Ok(false));
        }
        self.round = round;
    }

    /// What time alone changes, of all of them. Called about once a second.
    pub(super) fn look_after(&mut self, service: &mut Service, now: Instant) {
        for slot in 0..self.slots.len() {
            self.visit(slot, service, now, |viewer, service| {
                let Service { policy, counters, published, .. } = service;
                viewer.look_after(&published.rings, counters, policy, now).map(|()| false)
            });
        }
    }

    /// Closes those whose sessions have ended.
    pub(super) fn part_with_the_ended(&mut self, policy: &Policy, now: Instant) {
        for (slot, viewer) in self.slots.iter_mut().enumerate() {
            if let Some(viewer) = viewer
                && viewer.part_if_ended(policy, now)
            {
                self.due.insert(slot);
            }
        }
    }

    pub(super) fn shut_down(&mut self, policy: &Policy, now: Instant) {
        for (slot, viewer) in self.slots.iter_mut().enumerate() {
            if let Some(viewer) = viewer {
                viewer.shut_down(policy, now);
                self.due.insert(slot);
            }
        }
    }

    /// Whatever is `first`, which tells whether it subscribed, and then all that it is due.
    fn visit(
        &mut self,
        slot: usize,
        service: &mut Service,
        now: Instant,
        first: impl FnOnce(&mut Connection, &mut Service) -> Result<bool, Gone>,
    ) {
        let Some(Some(viewer)) = self.slots.get_mut(slot) else { return };
        let was_blocked = viewer.is_blocked();
        let turn = first(viewer, service).and_then(|subscribed| {
            if subscribed {
                self.followers.subscribe(slot, |camera| viewer.follows(camera));
                self.changed.wishes = true;
            }
            viewer.write(&service.published, &service.counters, &service.policy, now)
        });
        self.changed.watched |= viewer.take_watched_changed();
        if viewer.is_blocked() && !was_blocked {
            self.asked.insert(slot);
        }
        match turn {
            Ok(Turn::Done) => {}
            Ok(Turn::More) => {
                self.due.insert(slot);
                service.pace.hurry(now);
            }
            Err(Gone) => self.leave(slot),
        }
    }

    fn leave(&mut self, slot: usize) {
        self.slots[slot] = None;
        self.followers.leave(slot);
        self.free.push(slot);
        self.changed.wishes = true;
    }
}
