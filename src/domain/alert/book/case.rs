//! What is known of one source: its cause, and the alert it has made.

use std::{collections::VecDeque, sync::Arc, time::Instant};

use super::super::{Alert, Plan, Priority, Source, State};
use crate::domain::{
    camera::{CameraId, SiteId},
    time::UnixMicros,
};

/// A drill stands beside what really happens to the same source, never in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) drill: bool,
    pub(super) source: Source,
}

#[derive(Debug)]
pub(super) struct Case {
    pub(super) plan: Arc<Plan>,
    /// What stands; `None`: nothing does.
    pub(super) cause: Option<Cause>,
    /// The site that is said to stand for it, and since when it is said.
    pub(super) mask: Option<(SiteId, Instant)>,
    /// When it was activated, newest last; as many as counting and chattering need.
    pub(super) activations: VecDeque<(Instant, UnixMicros)>,
    pub(super) entry: Option<Entry>,
    /// What the rules say is known; after a restart it must be told.
    pub(super) planned: bool,
    /// Of a site: it spoke for what is masked under it when it was looked at last.
    pub(super) spoke: bool,
    /// Where it is in the book's order of deadlines.
    pub(super) due: Option<Instant>,
}

/// A cause as it was observed last.
#[derive(Debug)]
pub(super) struct Cause {
    pub(super) since: UnixMicros,
    pub(super) words: Words,
    pub(super) momentary: bool,
    /// When its on-delay is over; `None` while something above the on-delay overrides it.
    pub(super) ready: Option<Instant>,
    /// It has lasted its on-delay and was counted.
    pub(super) active: bool,
    /// There was no room for its alert, which would be so urgent.
    pub(super) no_room: Option<Priority>,
}

/// What is said of a cause.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) evidence: String,
    pub(super) cameras: Vec<CameraId>,
    pub(super) site: Option<SiteId>,
}

impl Words {
    pub(super) fn write(&self, alert: &mut Alert) {
        alert.evidence.clone_from(&self.evidence);
        alert.cameras.clone_from(&self.cameras);
        alert.site.clone_from(&self.site);
    }
}

/// An alert that is open, or was until a while ago.
#[derive(Debug)]
pub(super) struct Entry {
    /// As it was told last.
    pub(super) said: Arc<Alert>,
    /// As it is, where that differs in nothing that must be told at once, and when it is told.
    pub(super) draft: Option<(Alert, Instant)>,
    pub(super) said_at: Instant,
    /// Its cause is gone, but it may be too early to say so.
    pub(super) gone: Option<Gone>,
    /// When its cause went, on the clock that does not step.
    pub(super) cleared: Option<Instant>,
    /// Of a restored alert: its cause must be found again by then.
    pub(super) confirm_by: Option<Instant>,
    /// When its time on the shelf is over.
    pub(super) shelf_ends: Option<Instant>,
    /// Other cameras are masked under it than it says.
    pub(super) masks_differ: bool,
    /// Closed: it is remembered until then.
    pub(super) forget: Option<Instant>,
}

#[derive(Debug)]
pub(super) struct Gone {
    pub(super) at: UnixMicros,
    pub(super) seen: Instant,
    /// When its off-delay is over.
    pub(super) due: Instant,
}

impl Case {
    pub(super) fn new(plan: Arc<Plan>) -> Self {
        let activations = VecDeque::new();
        let (planned, spoke) = (true, false);
        Self { plan, cause: None, mask: None, activations, entry: None, planned, spoke, due: None }
    }

    /// Its alert, if that is open.
    pub(super) fn open(&self) -> Option<&Entry> {
        self.entry.as_ref().filter(|entry| entry.said.is_open())
    }

    /// A cause is back within its off-delay. What chatters has come back instead.
    pub(super) fn was_never_gone(&mut self) -> bool {
        let quiet = self.entry.as_mut().filter(|entry| !entry.said.chattering);
        quiet.is_some_and(|entry| entry.gone.take().is_some())
    }

    /// Whether something stands that has a beginning and an end.
    pub(super) fn stands(&self) -> bool {
        self.cause.as_ref().is_some_and(|cause| !cause.momentary)
    }

    /// Whether people are told of what stands, or will be; below its count they are not.
    pub(super) fn speaks(&self) -> bool {
        let told =
            |cause: &Cause| !cause.active || cause.no_room.is_some() || self.open().is_some();
        self.stands() && self.cause.as_ref().is_some_and(told)
    }
}

impl Entry {
    pub(super) fn new(alert: Arc<Alert>, now: Instant) -> Self {
        Self {
            said: alert,
            draft: None,
            said_at: now,
            gone: None,
            cleared: None,
            confirm_by: None,
            shelf_ends: None,
            masks_differ: false,
            forget: None,
        }
    }
}

/// What an alert's state is by all that is known of it.
pub(super) fn state_of(alert: &Alert) -> State {
    if alert.closed_at.is_some() {
        State::Normal
    } else if alert.out_of_service_until.is_some() {
        State::OutOfService
    } else if alert.suppressed_until.is_some() || alert.masked_by.is_some() {
        State::Suppressed
    } else if alert.shelved.is_some() {
        State::Shelved
    } else {
        match (alert.acknowledged.is_some(), alert.cleared_at.is_some()) {
            (true, _) => State::Acknowledged,
            (false, true) => State::ReturnedUnacknowledged,
            (false, false) => State::Unacknowledged,
        }
    }
}
