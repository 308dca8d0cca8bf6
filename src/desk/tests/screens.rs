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

fn right() -> ScreenRef {
    ScreenRef { screen: slug("right"), ..left() }
}

/// A wall of all cameras with these screens.
fn with_wall(screens: &[&str]) -> Config {
    let screens = screens.iter().enumerate().map(|(column, id)| {
        format!("[[wall.screen]]\nid = \"{id}\"\nname = \"{id} one\"\ncolumn = {column}\n")
    });
    let wall = "[[wall]]\nid = \"main\"\nname = \"LED wall\"\ncameras = [\"*\"]\n";
    let text = [wall.to_owned()].into_iter().chain(screens).collect::<String>();
    let plain = Config::parse("hall.toml", &text, &Environment::default(), &Passwords::Unread);
    Config { walls: plain.unwrap_or_else(|faults| panic!("{faults}")).walls, ..village(3, 0) }
}

impl Hall {
    fn new(remembered: Remembered) -> Self {
        Self::of(&[], remembered)
    }

    fn of(screens: &[&str], remembered: Remembered) -> Self {
        let village = Village::new(with_wall(screens), remembered);
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

    /// What the store would have kept of it.
    fn remembered(&self) -> Remembered {
        let newest = self.village.alerts.iter().flat_map(|rows| &rows.changes).last();
        Remembered {
            alerts: self.alerts().iter().map(|alert| Alert::clone(alert)).collect(),
            alert_head: newest.map(|change| change.seq).unwrap_or_default(),
            ..Remembered::default()
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
    for screens in [&[] as &[&str], &["left"]] {
        let mut before = Hall::of(screens, Remembered::default());
        before.passes(20, shows);
        before.passes(10, |_| None);
        let alert = before.alerts()[0].id;
        // Longer than the book waits for what it does not hear of again.
        let mut after = Hall::of(screens, before.remembered());
        after.passes(1000, |_| None);
        assert!(after.alerts().iter().all(|it| it.id == alert && it.count == 1));
        assert!(after.alerts().iter().all(|alert| alert.cleared_at.is_none()), "it stands");
        let records = after.village.alerts.iter().flat_map(|rows| &rows.records);
        assert_eq!((records.count(), after.screens[0].fault), (0, Some(Fault::Gone)));

        let mut back = Hall::of(screens, before.remembered());
        back.passes(5, shows);
        assert!(back.alerts().iter().all(|alert| alert.cleared_at.is_none()), "not at once");
        back.passes(15, shows);
        assert_eq!(back.alerts().last().map(|it| it.cleared_at.is_some()), Some(true));
    }
}

#[test]
fn a_configured_screen_that_never_came_is_an_alert_with_its_place_until_it_reports() {
    let mut hall = Hall::of(&["left", "right"], Remembered::default());
    hall.passes(2, |_| None);
    let known: Vec<_> = hall.screens.iter().map(|it| (it.screen.as_str(), it.expected)).collect();
    assert_eq!(known, [("left", true), ("right", true)]);
    assert!(hall.screens.iter().all(|it| it.last_report_at.is_none() && it.fault.is_none()));
    hall.passes(130, |number| Some(Report { screen: right(), ..shows(number)? }));
    let alerts = hall.alerts();
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!(alerts[0].source.subject, Subject::Screen(left()));
    assert_eq!(alerts[0].source.kind.as_str(), "screen-gone");
    assert!(alerts[0].evidence.contains("not reported since the service started"), "{alerts:?}");
    let records: Vec<_> = hall.village.alerts.iter().flat_map(|rows| &rows.records).collect();
    assert_eq!(records.len(), 1);
    assert!(records[0].text.contains("left one"), "{}", records[0].text);
    hall.passes(20, shows);
    assert!(hall.alerts()[0].cleared_at.is_some());
}

#[test]
fn a_restart_with_all_screens_there_says_nothing() {
    let mut before = Hall::of(&["left"], Remembered::default());
    before.passes(20, shows);
    let mut after = Hall::of(&["left"], before.remembered());
    after.passes(10, |_| None);
    after.passes(300, shows);
    assert_eq!(after.alerts(), []);
}

#[test]
fn a_wall_that_names_no_screens_may_stay_closed() {
    let mut hall = Hall::new(Remembered::default());
    hall.passes(600, |_| None);
    assert_eq!((hall.alerts(), hall.screens.len()), (Vec::new(), 0));
}

#[test]
fn a_screen_that_is_taken_out_of_the_file_is_missed_no_longer() {
    let mut hall = Hall::of(&["left", "right"], Remembered::default());
    hall.passes(125, |number| Some(Report { screen: right(), ..shows(number)? }));
    assert!(hall.alerts()[0].cleared_at.is_none());
    hall.village.hears(Event::Configured(Arc::new(with_wall(&["right"]))));
    assert!(hall.alerts()[0].cleared_at.is_some());
    hall.passes(130, |number| Some(Report { screen: right(), ..shows(number)? }));
    assert_eq!((hall.alerts().len(), hall.screens.len()), (1, 1));
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
