//! All screens that report, and what is wrong with each.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::{Duration, Instant},
};

use super::{
    one::Screen,
    policy::ScreenPolicy,
    published::Published,
    report::{Fault, Report, ScreenRef},
};
use crate::domain::camera::{Handle, WallId};

/// Screens and pages that are known at once; of more, those that nobody misses go first, and a
/// report that still finds no room is not taken.
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
    /// When it reported first.
    pub since: Instant,
    /// When it reported last.
    pub heard: Instant,
    /// Its window can be seen.
    pub visible: bool,
    /// Tiles in its last report.
    pub tiles: usize,
    /// How long half of its cameras have had a newer picture than it shows.
    pub lag: Duration,
    /// What is wrong with it, since when, and why.
    pub fault: Option<(Fault, Instant, String)>,
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
            ticked: None,
        }
    }

    /// Which cameras each wall shows, and which screens are configured and show what of it. Any other
    /// page shows the whole wall.
    pub fn lay_out(
        &mut self,
        walls: impl IntoIterator<Item = (WallId, BTreeSet<Handle>)>,
        configured: BTreeMap<ScreenRef, BTreeSet<Handle>>,
    ) {
        self.walls = walls.into_iter().collect();
        self.configured = configured;
    }

    /// The newest number of each camera that was published.
    pub fn published(&mut self, now: Instant, newest: &[(Handle, u32)]) {
        self.published.look(now, newest);
    }

    /// A screen that is to report, and is missed if it does not.
    pub fn expect(&mut self, now: Instant, screen: ScreenRef) {
        if self.known.len() < KNOWN_MAX {
            self.known.entry(screen).or_insert_with(|| Screen::new(now)).expected = true;
        }
    }

    /// A screen reports; tells what is over with one that leaves.
    pub fn apply(&mut self, now: Instant, report: Report) -> Vec<Change> {
        let Report { screen, named, visible, blank, leaving, tiles } = report;
        if leaving {
            return self.forget(&screen).into_iter().collect();
        }
        if !self.known.contains_key(&screen) && !self.make_room() {
            return Vec::new();
        }
        let expected = named || self.configured.contains_key(&screen);
        let gone_after = self.policy.gone_after;
        let known = self.known.entry(screen).or_insert_with(|| Screen::new(now));
        if now.saturating_duration_since(known.heard) >= gone_after {
            known.begin_anew(now);
        }
        if expected && !known.expected {
            // What was found of it before was told to nobody.
            (known.expected, known.standing) = (true, None);
        }
        (known.heard, known.connected, known.visible) = (now, true, visible);
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
            let silent = now.saturating_duration_since(known.heard);
            let kept = match (known.expected, self.configured.contains_key(screen)) {
                (_, true) => Duration::MAX,
                (true, false) => self.policy.forget_after,
                (false, false) => self.policy.forget_unnamed_after,
            };
            if silent >= kept {
                forgotten.push(screen.clone());
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
