//! The walls' screens and who watches: what screens say becomes alerts and records, and what is
//! shown of both.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::{Desk, Moment};
use crate::{
    desk::{
        event::{Effect, Painted},
        view::{LookedView, ScreenView},
    },
    domain::{
        alert::{Alert, Fact, ScreenPlace, Source, Subject},
        camera::{Handle, Slug},
        screen::{Change, Fault, Look, ScreenPolicy, ScreenRef, Screens},
        word::{spelled, word},
    },
    store::{AlertRows, JournalRow},
};

/// Screens and coverage are shown so often; what is wrong with a screen at once.
const SHOWN_EVERY: Duration = Duration::from_secs(1);

/// What outside systems are to the journal, the service is to itself here.
const SOURCE: &str = "watchwall";

/// The screens, and what was shown of them.
#[derive(Debug)]
pub(super) struct Watched {
    screens: Screens,
    /// What this event or tick writes down of them.
    rows: Vec<JournalRow>,
    shown_at: Option<Instant>,
}

impl Default for Watched {
    fn default() -> Self {
        let screens = Screens::new(ScreenPolicy::default());
        Self { screens, rows: Vec::new(), shown_at: None }
    }
}

impl Watched {
    pub(super) fn published(&mut self, at: Moment, newest: &[(Handle, u32)]) {
        self.screens.published(at.now, newest);
    }

    pub(super) fn parted(&mut self, screen: &ScreenRef) {
        self.screens.parted(screen);
    }
}

/// What people call a screen.
pub(super) struct ScreenWords {
    wall: String,
    name: String,
    place: Option<(u32, u32)>,
}

impl ScreenWords {
    pub(super) fn place(&self) -> ScreenPlace<'_> {
        ScreenPlace { wall: &self.wall, name: &self.name, place: self.place }
    }
}

impl Desk {
    /// Tells which cameras each wall shows, and each of its screens.
    pub(super) fn lay_out_screens(&mut self, at: Moment) {
        let mut walls = Vec::new();
        let mut configured = BTreeMap::new();
        for wall in &self.config.walls {
            let Some(view) = self.walls.view(&wall.id, &self.handles) else { continue };
            walls.push((wall.id.clone(), view.cells.iter().copied().collect()));
            // Without screens in the configuration nobody knows how many there are to be, and a wall
            // that nobody has opened yet is no fault.
            for screen in view.screens.iter().filter(|_| !wall.screens.is_empty()) {
                let screen_ref = ScreenRef { wall: wall.id.clone(), screen: screen.id.clone() };
                let cameras = screen.cells.iter().filter_map(|cell| cell.camera).collect();
                configured.insert(screen_ref, cameras);
            }
        }
        let changes = self.screens.screens.lay_out(at.now, walls, configured);
        self.screens_changed(at, changes);
    }

    /// A page says what it painted, and what somebody in front of it can read.
    pub(super) fn painted(&mut self, at: Moment, painted: Painted) {
        let Painted { report, large } = painted;
        if !self.config.walls.iter().any(|wall| wall.id == report.screen.wall) {
            return;
        }
        if report.visible && !report.blank {
            large.into_iter().for_each(|camera| self.coverage.watched(at.now, camera));
        }
        let changes = self.screens.screens.apply(at.now, report);
        self.screens_changed(at, changes);
    }

    /// What an alert from before the start tells of a screen stands until it reports and is well. The
    /// book is told so: it would clear what is not found again.
    pub(super) fn take_up_screen(&mut self, at: Moment, alert: &Alert) {
        let stands = alert.is_open() && alert.cleared_at.is_none() && !alert.drill;
        if let Subject::Screen(screen) = &alert.source.subject
            && let Some(fault) = spelled(alert.source.kind.as_str()).filter(|_| stands)
        {
            let told = (fault, at.instant_of(alert.raised_at), alert.evidence.clone());
            self.screens.screens.take_up(at.now, screen.clone(), told);
            let raised = self.raised(alert.source.clone(), alert.raised_at, &alert.evidence);
            raised.into_iter().for_each(|raised| self.alerts.hear(Fact::Raised(Box::new(raised))));
        }
    }

    /// Time has passed for the screens.
    pub(super) fn watch_screens(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        let changes = self.screens.screens.tick(at.now);
        let changed = !changes.is_empty();
        self.screens_changed(at, changes);
        let lately = |then: Instant| at.now.saturating_duration_since(then) < SHOWN_EVERY;
        if !changed && self.screens.shown_at.is_some_and(lately) {
            return;
        }
        self.screens.shown_at = Some(at.now);
        let screens = self.screens.screens.looks(at.now).map(|look| self.view_of(at, look));
        effects.push(Effect::ShowScreens(screens.collect()));
        let looked = self.coverage.by_neglect().into_iter().map(|(camera, looked)| LookedView {
            camera,
            watched_at: looked.watched.map(|then| at.unix_of(then)),
            judged_at: looked.judged.map(|then| at.unix_of(then)),
        });
        effects.push(Effect::ShowCoverage(looked.collect()));
    }

    /// What screens' faults make of records and alerts.
    fn screens_changed(&mut self, at: Moment, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Raised { screen, fault, since, evidence } => {
                    let source = source(&screen, fault);
                    let since = at.unix_of(since);
                    let alert = self.raised(source.clone(), since, &evidence).and_then(|raised| {
                        let fact = Fact::Raised(Box::new(raised));
                        self.alerts.hear_now(at, &source, fact)
                    });
                    let (_, place) = self.screen_words(&screen).place().words();
                    let row = JournalRow {
                        id: self.alerts.id(at.unix),
                        source: SOURCE.to_owned(),
                        key: format!("{screen} {} {}", source.kind, since.0),
                        kind: source.kind,
                        camera: None,
                        site: None,
                        at: since,
                        text: format!("{place}: {evidence}"),
                        data: serde_json::to_value(&screen).ok(),
                        picture: None,
                        alert,
                        drill: false,
                    };
                    self.screens.rows.push(row);
                }
                Change::Cleared { screen, fault } => {
                    self.alerts.hear(Fact::Cleared(source(&screen, fault)));
                }
            }
        }
    }

    /// Writes down what was seen of screens, in front of what becomes of alerts.
    pub(super) fn write_screens_down(&mut self, effects: &mut Vec<Effect>) {
        if !self.screens.rows.is_empty() {
            let records = std::mem::take(&mut self.screens.rows);
            let rows = AlertRows { records, ..AlertRows::default() };
            effects.push(Effect::Alert { rows, answer: None });
        }
    }

    /// What people call a screen; its id where nobody gave it a name.
    pub(super) fn screen_words(&self, screen: &ScreenRef) -> ScreenWords {
        let wall = self.config.walls.iter().find(|wall| wall.id == screen.wall);
        let known = wall.and_then(|wall| wall.screens.iter().find(|one| one.id == screen.screen));
        ScreenWords {
            wall: wall.map_or_else(|| screen.wall.to_string(), |wall| wall.name.clone()),
            name: known.map_or_else(|| screen.screen.to_string(), |known| known.name.clone()),
            place: known.map(|known| (u32::from(known.column), u32::from(known.row))),
        }
    }

    fn view_of(&self, at: Moment, look: Look) -> ScreenView {
        let ScreenWords { name, place, .. } = self.screen_words(&look.screen);
        let ScreenRef { wall, screen } = look.screen;
        let since = look.fault.as_ref().map_or(look.since, |(_, since, _)| *since);
        let (fault, evidence) = look.fault.map(|(fault, _, evidence)| (fault, evidence)).unzip();
        ScreenView {
            wall,
            screen,
            name,
            column: place.map(|(column, _)| column),
            row: place.map(|(_, row)| row),
            expected: look.expected,
            fault,
            evidence,
            since: at.unix_of(since),
            last_report_at: look.heard.map(|heard| at.unix_of(heard)),
            lag_s: (look.lag.as_secs_f64() * 10.0).round() / 10.0,
            tiles: look.tiles,
            visible: look.visible,
        }
    }
}

fn source(screen: &ScreenRef, fault: Fault) -> Source {
    let kind = Slug::try_from(word(fault)).expect("a fault's word is a slug");
    Source { subject: Subject::Screen(screen.clone()), kind }
}
