//! The alert book: of all that is raised and cleared, what needs a person now.
//!
//! Facts, acts of people and time change what is known of a source (`case`); then one pass over it
//! (`review`) finds what follows and says it, change by change. What overrides what: out of service,
//! suppressed by plan, masked, on-delay, shelved, off-delay. Nothing is raised while one of the first
//! three holds; what still stands when it ends is raised then, after its on-delay. An alert that was
//! open before turns `out-of-service` or `suppressed`, and comes back.
//!
//! How it is used: after a start, `restore`, then `Fact::Planned` of each open source and `Fact::Raised`
//! of all that stands; then facts and acts as they come, and `tick` a few times a second. All changes
//! that a call returns are to be stored in their order. Nothing is counted as an activation because
//! the service restarted; what is not found again within ten minutes is cleared.
//!
//! Durations are measured on the clock that never steps. Times of the wall clock are for people; they
//! are used to go on after a restart, and for timetables.

mod acts;
mod case;
mod facts;
mod load;
mod overrides;
mod policy;
mod raise;
mod restore;
mod review;
mod room;
mod say;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Instant,
};

use self::{
    case::{Case, Key},
    load::Load,
};
pub use self::{policy::BookPolicy, room::BOOK_FULL};
use super::{Alert, AlertId, Change, Fact, Flood, Mix, Plan, Priority, Seq, Source};
use crate::domain::{
    camera::{CameraId, SiteId},
    roster::PositionId,
    time::{Moment, UnixMicros},
};

/// The owner of all alerts.
#[derive(Debug)]
pub struct Book {
    policy: BookPolicy,
    cases: BTreeMap<Key, Case>,
    ids: BTreeMap<AlertId, Key>,
    /// Cameras that are out of service: until when, and until when on the clock that never steps.
    out_of_service: BTreeMap<CameraId, (UnixMicros, Instant)>,
    /// What is masked under each site.
    masked: BTreeMap<SiteId, BTreeSet<Key>>,
    deadlines: BTreeSet<(Instant, Key)>,
    /// To be reviewed before the call ends.
    stirred: BTreeSet<Key>,
    /// What waits for room, most urgent first.
    no_room: BTreeSet<(Reverse<Priority>, Key)>,
    /// Facts that found no room even to wait.
    left_out: u64,
    /// What the rules say of the last that found no room.
    full: Option<Arc<Plan>>,
    /// What the book's own alert says.
    full_said: String,
    open: usize,
    load: Load,
    head: Seq,
    said: Vec<Change>,
    /// For ids. Seeded: the same input makes the same book.
    random: rand::rngs::SmallRng,
}

impl Book {
    /// A book with no alerts, before the first change.
    pub fn new(policy: BookPolicy, seed: u64) -> Self {
        Self {
            policy,
            cases: BTreeMap::new(),
            ids: BTreeMap::new(),
            out_of_service: BTreeMap::new(),
            masked: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            stirred: BTreeSet::new(),
            no_room: BTreeSet::new(),
            left_out: 0,
            full: None,
            full_said: String::new(),
            open: 0,
            load: Load::new(policy),
            head: Seq::default(),
            said: Vec::new(),
            random: rand::SeedableRng::seed_from_u64(seed),
        }
    }

    /// Hears a fact. Changes are in the order of their `seq`.
    pub fn apply(&mut self, at: Moment, fact: Fact) -> Vec<Change> {
        self.hear(at, fact);
        self.settle(at)
    }

    /// What time alone changes.
    pub fn tick(&mut self, at: Moment) -> Vec<Change> {
        while let Some((due, _)) = self.deadlines.first()
            && *due <= at.now
        {
            let (_, key) = self.deadlines.pop_first().expect("it was looked at");
            if let Some(case) = self.cases.get_mut(&key) {
                case.due = None;
            }
            self.stirred.insert(key);
        }
        self.end_services(at);
        self.load.tick(at);
        self.settle(at)
    }

    /// When time alone changes something next. Suppression by plan is looked at each minute.
    pub fn next_deadline(&self) -> Option<Instant> {
        let case = self.deadlines.first().map(|(due, _)| *due);
        let services = self.out_of_service.values().map(|(_, ends)| *ends);
        case.into_iter().chain(services).chain(self.load.next_deadline()).min()
    }

    /// The newest change's place.
    pub fn head(&self) -> Seq {
        self.head
    }

    /// An alert that is open, or was closed a short while ago.
    pub fn alert(&self, id: AlertId) -> Option<&Arc<Alert>> {
        Some(&self.cases.get(self.ids.get(&id)?)?.entry.as_ref()?.said)
    }

    /// The open alert of a source.
    pub fn open_of(&self, source: &Source, drill: bool) -> Option<&Arc<Alert>> {
        let key = Key { drill, source: source.clone() };
        Some(&self.cases.get(&key)?.open()?.said)
    }

    /// What the rules say of such an alert. After a restart it is a guess until the rules are told.
    pub fn plan(&self, id: AlertId) -> Option<&Arc<Plan>> {
        Some(&self.cases.get(self.ids.get(&id)?)?.plan)
    }

    /// All that are open, by their sources.
    pub fn open(&self) -> impl Iterator<Item = &Arc<Alert>> {
        self.cases.values().filter_map(Case::open).map(|entry| &entry.said)
    }

    /// Sources that stand and have no alert yet: masked, suppressed, out of service, in their
    /// on-delay, below their count, or without room.
    pub fn waiting_sources(&self) -> impl Iterator<Item = &Source> {
        let waits = |case: &Case| case.cause.is_some() && case.open().is_none();
        self.cases.iter().filter(move |(_, case)| waits(case)).map(|(key, _)| &key.source)
    }

    /// Whether a position gets more than a person can take.
    pub fn flood(&self, position: &PositionId) -> Option<Flood> {
        self.load.flood(position)
    }

    /// Positions whose flood began or ended since this was asked last.
    pub fn floods_changed(&mut self) -> Vec<(PositionId, Option<Flood>)> {
        self.load.changed()
    }

    /// The mix of priorities of the newest alerts of this run.
    pub fn mix(&self) -> Mix {
        self.load.mix()
    }

    /// Reviews what was stirred, and what that stirs, until nothing does.
    fn settle(&mut self, at: Moment) -> Vec<Change> {
        while let Some(key) = self.stirred.pop_first() {
            self.review(at, &key);
            if self.stirred.is_empty() {
                self.tell_room(at);
            }
        }
        std::mem::take(&mut self.said)
    }
}

#[cfg(test)]
mod tests;
