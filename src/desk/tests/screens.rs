//! The walls' screens: what they say becomes alerts, records, and what people see of them.

use std::collections::BTreeMap;

use super::{village::*, *};
use crate::{
    config::{Environment, Passwords},
    desk::{
        event::Painted,
        view::{LookedView, ScreenView},
    },
    domain::{
        alert::{Alert, Priority, State as AlertState, Subject},
        picture::Measures,
        screen::{Fault, Report, ScreenRef},
    },
};

/// Cameras that publish once a second, and a screen that is told what to do.
struct Hall {
    village: Village,
    number: u32,
    screens: Vec<ScreenView>,
    coverage: Vec<LookedView>,
}

fn left() -> ScreenRef {
    ScreenRef { wall: slug("main"), screen: slug("left") }
}

fn with_wall() -> Config {
    let plain = Config::parse("hall.toml", "", &Environment::default(), &Passwords::Unread);
    Config { walls: plain.unwrap_or_else(|faults| panic!("{faults}")).walls, ..village(3, 0) }
}

impl Hall {
    fn new(remembered: Remembered) -> Self {
        let village = Village::new(with_wall(), remembered);
        Self { village, number: 0, screens: Vec::new(), coverage: Vec::new() }
    }

    /// Seconds in which the screen reports what `says` makes of the newest number, or nothing.
    fn passes(&mut self, seconds: u32, says: impl Fn(u32) -> Option<Report>) {
        for _ in 0..seconds {
            self.number += 1;
            let newest = (1..=3).map(|n| (Handle(n), self.number)).collect();
            self.village.hears(Event::Published(newest));
            if let Some(report) = says(self.number) {
                let painted = Painted { report, large: vec![Handle(2)] };
                self.village.hears(Event::Painted(Box::new(painted)));
            }
            self.village.passes(1);
            for effect in &self.village.rest {
                match effect {
                    Effect::ShowScreens(screens) => self.screens.clone_from(screens),
                    Effect::ShowCoverage(looked) => self.coverage.clone_from(looked),
                    _ => {}
                }
            }
        }
    }

    /// As they are now.
    fn alerts(&self) -> Vec<Arc<Alert>> {
        let mut alerts: BTreeMap<_, Arc<Alert>> = BTreeMap::new();
        for change in self.village.alerts.iter().flat_map(|rows| &rows.changes) {
            if matches!(change.alert.source.subject, Subject::Screen(_)) {
                alerts.insert(change.alert.id, change.alert.clone());
            }
        }
        alerts.into_values().collect()
    }
}

fn shows(number: u32) -> Option<Report> {
    let tiles = (1..=3).map(|n| (Handle(n), number)).collect();
    let (named, visible, blank, leaving) = (true, true, false, false);
    Some(Report { screen: left(), named, visible, blank, leaving, tiles })
}

#[test]
fn a_screen_that_goes_is_an_alert_with_a_record_and_its_return_clears_it() {
    let mut hall = Hall::new(Remembered::default());
    hall.passes(20, shows);
    assert_eq!(hall.screens.len(), 1);
    assert_eq!((hall.screens[0].fault, hall.screens[0].expected), (None, true));
    hall.passes(10, |_| None);
    let alerts = hall.alerts();
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    let alert = &alerts[0];
    assert_eq!(alert.source.subject, Subject::Screen(left()));
    assert_eq!((alert.source.kind.as_str(), alert.priority), ("screen-gone", Priority::High));
    assert_eq!((&alert.site, alert.cameras.len()), (&None, 0));
    let records: Vec<_> = hall.village.alerts.iter().flat_map(|rows| &rows.records).collect();
    assert_eq!(records.len(), 1);
    assert_eq!((records[0].kind.as_str(), records[0].alert), ("screen-gone", Some(alert.id)));
    assert!(records[0].text.contains("screen left"), "{}", records[0].text);
    assert_eq!(hall.screens[0].fault, Some(Fault::Gone));
    hall.passes(20, shows);
    assert_eq!(hall.alerts()[0].state, AlertState::ReturnedUnacknowledged);
    assert_eq!(hall.screens[0].fault, None);
}

#[test]
fn a_screen_that_stands_still_is_told_within_ten_seconds() {
    let mut hall = Hall::new(Remembered::default());
    hall.passes(20, shows);
    let frozen = hall.number;
    hall.passes(10, |_| shows(frozen));
    let kinds: Vec<_> =
        hall.alerts().iter().map(|alert| alert.source.kind.as_str().to_owned()).collect();
    assert_eq!(kinds, ["screen-frozen"]);
}

#[test]
fn a_screen_that_comes_and_goes_is_one_alert() {
    let mut hall = Hall::new(Remembered::default());
    for _ in 0..4 {
        hall.passes(20, shows);
        hall.passes(10, |_| None);
    }
    let alerts = hall.alerts();
    assert_eq!((alerts.len(), alerts[0].count), (1, 4));
}

#[test]
fn a_screen_that_was_gone_before_a_restart_is_still_missed_and_still_the_same_alert() {
    let mut before = Hall::new(Remembered::default());
    before.passes(20, shows);
    before.passes(10, |_| None);
    let newest = before.village.alerts.iter().flat_map(|rows| &rows.changes).last();
    let remembered = Remembered {
        alerts: before.alerts().iter().map(|alert| Alert::clone(alert)).collect(),
        alert_head: newest.expect("some").seq,
        ..Remembered::default()
    };
    let mut after = Hall::new(remembered);
    after.passes(300, |_| None);
    assert!(after.alerts().iter().all(|alert| alert.id == before.alerts()[0].id));
    assert!(after.alerts().iter().all(|alert| alert.cleared_at.is_none()), "it stands");
    assert_eq!(after.screens[0].fault, Some(Fault::Gone));
}

#[test]
fn a_page_of_a_wall_that_there_is_not_is_not_heard() {
    let mut hall = Hall::new(Remembered::default());
    let other = ScreenRef { wall: slug("other"), screen: slug("left") };
    hall.passes(5, |number| Some(Report { screen: other.clone(), ..shows(number)? }));
    assert!(hall.screens.is_empty());
}

#[test]
fn a_camera_that_somebody_reads_is_watched_and_one_that_the_machine_judges_is_judged() {
    let mut hall = Hall::new(Remembered::default());
    hall.passes(5, shows);
    let measures = Some(Box::new(Measures::default()));
    let (camera, received_at) = (Handle(3), hall.village.room.at.unix);
    hall.village.hears(Event::Picture { camera, received_at, decode_us: 900, measures });
    hall.passes(2, shows);
    let looked = |n: u32| hall.coverage.iter().find(|looked| looked.camera == Handle(n));
    let order: Vec<u32> = hall.coverage.iter().map(|looked| looked.camera.0).collect();
    assert_eq!(order, [1, 3, 2], "by how long nobody has watched them");
    let seen = looked(2).and_then(|looked| looked.watched_at).expect("it was watched");
    assert!(hall.village.room.at.unix.since(seen) <= 2 * SECOND);
    assert_eq!(looked(1).map(|looked| (looked.watched_at, looked.judged_at)), Some((None, None)));
    assert_eq!(looked(3).and_then(|looked| looked.judged_at), Some(received_at));
}
