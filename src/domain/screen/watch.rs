//! All screens that report, and what is wrong with each.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::{Duration, Instant},
};

use super::{
    one::{Awaited, Found, Screen, Standing},
    policy::ScreenPolicy,
    published::Published,
    report::{Fault, Report, ScreenRef},
};
use crate::domain::camera::{Handle, WallId};

/// Screens and pages that are known at once; of more, those that nobody misses go first, and a
/// report that still finds no room is not taken. Those that a file names always have room.
const KNOWN_MAX: usize = 256;

/// Watches every screen.
#[derive(Debug)]
pub struct Screens {
    policy: ScreenPolicy,
    published: Published,
    /// Cameras that each wall shows.
    walls: HashMap<WallId, BTreeSet<Handle>>,
    /// Those that a file names, with the cameras that each shows.
    configured: BTreeMap<ScreenRef, BTreeSet<Handle>>,
    known: BTreeMap<ScreenRef, Screen>,
    /// What a screen that is new to the file has been waited for since.
    awaited: Awaited,
    ticked: Option<Instant>,
}

/// What became of a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A fault begins.
    Raised {
        /// Of this screen.
        screen: ScreenRef,
        /// Which.
        fault: Fault,
        /// Since when, as far as it can be told.
        since: Instant,
        /// Words and figures.
        evidence: String,
    },
    /// A fault is over.
    Cleared {
        /// Of this screen.
        screen: ScreenRef,
        /// Which.
        fault: Fault,
    },
}

/// A screen as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Which.
    pub screen: ScreenRef,
    /// It is missed when it goes: it was given its name, or a file names it.
    pub expected: bool,
    /// When it reported first; before that, since when a report is waited for.
    pub since: Instant,
    /// When it reported last; `None`: it has not yet.
    pub heard: Option<Instant>,
    /// Its window can be seen.
    pub visible: bool,
    /// Tiles in its last report.
    pub tiles: usize,
    /// How long half of its cameras have had a newer picture than it shows.
    pub lag: Duration,
    /// What is wrong with it, since when, and why.
    pub fault: Option<Found>,
}

impl Screens {
    /// Nobody has reported.
    pub fn new(policy: ScreenPolicy) -> Self {
        Self {
            policy,
            published: Published::default(),
            walls: HashMap::new(),
            configured: BTreeMap::new(),
            known: BTreeMap::new(),
            awaited: Awaited::SinceStart,
            ticked: None,
        }
    }

    /// Which cameras each wall shows, and which screens are configured and show what of it. Any other
    /// page shows the whole wall.
    ///
    /// A screen that is configured is missed from now on, whether it has ever reported or not. Of one
    /// that no longer is, and of walls that there are no longer, nothing more is told; tells what is
    /// over with them.
    pub fn lay_out(
        &mut self,
        now: Instant,
        walls: impl IntoIterator<Item = (WallId, BTreeSet<Handle>)>,
        configured: BTreeMap<ScreenRef, BTreeSet<Handle>>,
    ) -> Vec<Change> {
        self.walls = walls.into_iter().collect();
        let before = std::mem::replace(&mut self.configured, configured);
        let gone = self.known.keys().filter(|screen| {
            let removed = before.contains_key(screen) && !self.configured.contains_key(screen);
            removed || !self.walls.contains_key(&screen.wall)
        });
        let gone: Vec<ScreenRef> = gone.cloned().collect();
        let awaited = std::mem::replace(&mut self.awaited, Awaited::SinceConfigured);
        for screen in self.configured.keys().filter(|screen| !before.contains_key(screen)) {
            let new = || Screen::new(now, awaited);
            self.known.entry(screen.clone()).or_insert_with(new).expect();
        }
        gone.iter().filter_map(|screen| self.forget(screen)).collect()
    }

    /// The newest number of each camera that was published.
    pub fn published(&mut self, now: Instant, newest: &[(Handle, u32)]) {
        self.published.look(now, newest);
    }

    /// What people were told of a screen before the start, and is not over: it stands until the
    /// screen has reported and is well. There are no more of them than alerts that are open.
    pub fn take_up(&mut self, now: Instant, screen: ScreenRef, (fault, since, evidence): Found) {
        let new = || Screen::new(now, Awaited::SinceStart);
        let known = self.known.entry(screen).or_insert_with(new);
        known.expect();
        known.standing = Some(Standing { fault, since, evidence, well: None });
    }

    /// A screen reports; tells what is over with one that leaves.
    pub fn apply(&mut self, now: Instant, report: Report) -> Vec<Change> {
        let Report { screen, named, visible, blank, leaving, tiles } = report;
        if leaving {
            return self.forget(&screen).into_iter().collect();
        }
        let configured = self.configured.contains_key(&screen);
        if !self.known.contains_key(&screen) && !configured && !self.make_room() {
            return Vec::new();
        }
        let new = || Screen::new(now, self.awaited);
        let known = self.known.entry(screen).or_insert_with(new);
        known.hear(now, self.policy.gone_after);
        if named || configured {
            known.expect();
        }
        (known.connected, known.visible) = (true, visible);
        known.blank = blank.then(|| known.blank.unwrap_or(now));
        known.empty = tiles.is_empty().then(|| known.empty.unwrap_or(now));
        if tiles.iter().any(|(camera, number)| known.tiles.get(camera) != Some(number)) {
            known.moved = now;
        }
        known.tiles = tiles.into_iter().collect();
        Vec::new()
    }

    /// The connection over which it reported has ended.
    pub fn parted(&mut self, screen: &ScreenRef) {
        if let Some(known) = self.known.get_mut(screen) {
            known.connected = false;
        }
    }

    /// Time has passed. Called a few times a second.
    pub fn tick(&mut self, now: Instant) -> Vec<Change> {
        let passed = self.ticked.map(|then| now.saturating_duration_since(then));
        self.ticked = Some(now);
        if let Some(pause) = passed.filter(|passed| *passed > self.policy.pause) {
            self.known.values_mut().for_each(|known| known.excuse(now, pause));
        }
        let mut changes = Vec::new();
        let mut forgotten = Vec::new();
        for (screen, known) in &mut self.known {
            let kept = match (known.expected, self.configured.contains_key(screen)) {
                (_, true) => Duration::MAX,
                (true, false) => self.policy.forget_after,
                (false, false) => self.policy.forget_unnamed_after,
            };
            if known.silent(now) >= kept {
                forgotten.push(screen.clone());
                continue;
            }
            // What people were told of it before the start stands meanwhile.
            if known.has_time(now, &self.policy) {
                continue;
            }
            let shows = self.configured.get(screen).or_else(|| self.walls.get(&screen.wall));
            let found = known.judge(now, &self.policy, &self.published, shows);
            known.tell(now, screen, found, self.policy.off_delay, &mut changes);
        }
        for screen in forgotten {
            changes.extend(self.forget(&screen));
        }
        changes
    }

    /// All of them.
    pub fn looks(&self, now: Instant) -> impl Iterator<Item = Look> {
        self.known.iter().map(move |(screen, known)| Look {
            screen: screen.clone(),
            expected: known.expected,
            since: known.since,
            heard: known.heard,
            visible: known.visible,
            tiles: known.tiles.len(),
            lag: known.lag(now, &self.published),
            fault: known
                .standing
                .as_ref()
                .map(|standing| (standing.fault, standing.since, standing.evidence.clone())),
        })
    }

    fn forget(&mut self, screen: &ScreenRef) -> Option<Change> {
        let known = self.known.remove(screen)?;
        let fault = known.standing.filter(|_| known.expected)?.fault;
        Some(Change::Cleared { screen: screen.clone(), fault })
    }

    /// Whether there is room for one more.
    fn make_room(&mut self) -> bool {
        if self.known.len() < KNOWN_MAX {
            return true;
        }
        let unmissed = self.known.iter().filter(|(_, known)| !known.expected);
        let silent = unmissed.min_by_key(|(_, known)| known.heard);
        let silent = silent.map(|(screen, _)| screen.clone());
        silent.and_then(|screen| self.known.remove(&screen)).is_some()
    }
}
