//! Each fault as it begins and ends.

mod expected;
mod properties;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use super::*;
use crate::domain::camera::{Handle, Slug};

const TICK: Duration = Duration::from_millis(250);

/// A wall of some cameras that publish twice a second, and screens that report each second.
struct Room {
    screens: Screens,
    began: Instant,
    now: Instant,
    cameras: u32,
    /// The newest number of each camera.
    number: u32,
    publishing: bool,
    told: Vec<(Duration, Change)>,
}

/// What a screen does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    /// It paints what is published.
    Well,
    /// It reports the same numbers again and again.
    Freeze,
    /// It paints what was published so many half seconds ago.
    Lag(u32),
    /// It reports that it has no tiles.
    Empty,
    /// It paints, and says that its canvas is blank.
    Blank,
    /// It says nothing.
    Silent,
}

fn slug(name: &str) -> Slug {
    Slug::try_from(name).expect("an id")
}

fn place(name: &str) -> ScreenRef {
    ScreenRef { wall: slug("main"), screen: slug(name) }
}

impl Room {
    fn new(cameras: u32) -> Self {
        Self::of(cameras, &[])
    }

    /// With these screens in the file.
    fn of(cameras: u32, names: &[&str]) -> Self {
        let screens = Screens::new(ScreenPolicy::default());
        let (now, told) = (Instant::now(), Vec::new());
        let mut room =
            Self { screens, began: now, now, cameras, number: 0, publishing: true, told };
        room.configures(names);
        room
    }

    /// These are the configured screens from now on; each shows all cameras.
    fn configures(&mut self, names: &[&str]) {
        let cells: BTreeSet<Handle> = (1..=self.cameras).map(Handle).collect();
        let screens = names.iter().map(|name| (place(name), cells.clone())).collect();
        let changes = self.screens.lay_out(self.now, [(slug("main"), cells.clone())], screens);
        self.heard(changes);
    }

    fn heard(&mut self, changes: Vec<Change>) {
        let at = self.now - self.began;
        self.told.extend(changes.into_iter().map(|change| (at, change)));
    }

    fn report(&self, name: &str, shown: Option<u32>) -> Report {
        let tiles = shown.into_iter().flat_map(|n| (1..=self.cameras).map(move |c| (Handle(c), n)));
        Report {
            screen: place(name),
            named: name != "console",
            visible: true,
            blank: false,
            leaving: false,
            tiles: tiles.collect(),
        }
    }

    fn tick(&mut self) {
        let changes = self.screens.tick(self.now);
        self.heard(changes);
    }

    /// One screen does this for so many seconds, others are silent.
    fn passes(&mut self, name: &str, does: Does, seconds: u32) {
        let frozen = self.number;
        for quarter in 0..seconds * 4 {
            self.now += TICK;
            if quarter % 2 == 0 && self.publishing {
                self.number += 1;
                let newest: Vec<_> = (1..=self.cameras).map(|c| (Handle(c), self.number)).collect();
                self.screens.published(self.now, &newest);
            }
            let shown = match does {
                Does::Well | Does::Blank => Some(self.number),
                Does::Freeze => Some(frozen),
                Does::Lag(by) => Some(self.number.saturating_sub(by)),
                Does::Empty | Does::Silent => None,
            };
            if quarter % 4 == 3 && does != Does::Silent {
                let blank = does == Does::Blank;
                let report = Report { blank, ..self.report(name, shown) };
                let changes = self.screens.apply(self.now, report);
                assert!(changes.is_empty(), "only who leaves changes something at once");
            }
            self.tick();
        }
    }

    fn raised(&mut self) -> Vec<(u64, Fault, String)> {
        let raised = std::mem::take(&mut self.told).into_iter().filter_map(|(at, change)| {
            let Change::Raised { fault, evidence, .. } = change else { return None };
            Some((at.as_secs(), fault, evidence))
        });
        raised.collect()
    }

    fn cleared(&mut self) -> Vec<(ScreenRef, Fault)> {
        let cleared = std::mem::take(&mut self.told).into_iter().filter_map(|(_, change)| {
            let Change::Cleared { screen, fault } = change else { return None };
            Some((screen, fault))
        });
        cleared.collect()
    }

    fn look(&self, name: &str) -> Option<Look> {
        self.screens.looks(self.now).find(|look| look.screen == place(name))
    }
}

fn check(does: Does, fault: Fault, said: &str) {
    let mut room = Room::new(6);
    room.passes("left", Does::Well, 30);
    assert_eq!(room.raised(), [], "all is well");
    room.passes("left", does, 20);
    let raised = room.raised();
    assert_eq!(raised.len(), 1, "{does:?}: {raised:?}");
    let (at, what, evidence) = &raised[0];
    assert_eq!(*what, fault, "{evidence}");
    assert!(*at <= 30 + 10, "{fault:?} was told after {} s", at - 30);
    assert!(evidence.contains(said), "{evidence}");
    room.passes("left", Does::Well, 20);
    let over = Change::Cleared { screen: place("left"), fault };
    assert_eq!(room.told.iter().map(|(_, change)| change).collect::<Vec<_>>(), [&over]);
}

#[test]
fn a_screen_that_says_nothing_is_gone_and_its_return_is_told() {
    check(Does::Silent, Fault::Gone, "said nothing for 5 s");
}

#[test]
fn a_screen_on_which_nothing_moves_is_frozen() {
    check(Does::Freeze, Fault::Frozen, "nothing on it has moved");
}

#[test]
fn a_screen_that_moves_but_shows_old_pictures_is_behind() {
    check(Does::Lag(14), Fault::Behind, "for half of its cameras");
}

#[test]
fn a_screen_without_tiles_or_whose_canvas_is_blank_is_blank() {
    check(Does::Empty, Fault::Blank, "none of 6 cameras");
    check(Does::Blank, Fault::Blank, "looked at its canvas");
}

#[test]
fn a_screen_whose_cameras_do_not_publish_is_well() {
    let mut room = Room::new(6);
    room.passes("left", Does::Well, 10);
    room.publishing = false;
    room.passes("left", Does::Freeze, 120);
    assert_eq!(room.raised(), [], "there was nothing to paint");
    room.publishing = true;
    room.passes("left", Does::Well, 20);
    assert_eq!(room.raised(), [], "it has time to paint what comes again");
}

#[test]
fn a_page_without_a_name_is_shown_and_missed_by_nobody() {
    let mut room = Room::new(6);
    room.passes("console", Does::Well, 5);
    room.passes("console", Does::Freeze, 20);
    let look = room.screens.looks(room.now).next().expect("it is known");
    assert_eq!((look.expected, look.fault.map(|fault| fault.0)), (false, Some(Fault::Frozen)));
    room.passes("console", Does::Silent, 90);
    assert_eq!(room.told, []);
    assert_eq!(room.screens.looks(room.now).count(), 0, "it is forgotten");
}

#[test]
fn a_screen_that_a_file_names_needs_no_name_in_its_address_and_is_not_blank_for_others_cameras() {
    let mut room = Room::new(6);
    let all = (1..=6).map(Handle).collect();
    let screens = [(place("console"), BTreeSet::new())];
    room.screens.lay_out(room.now, [(slug("main"), all)], screens.into());
    room.passes("console", Does::Empty, 30);
    assert_eq!(room.told, [], "nothing was to be shown on it");
    room.passes("console", Does::Silent, 10);
    assert_eq!(room.raised()[0].1, Fault::Gone);
}

#[test]
fn a_screen_that_closes_in_order_is_not_missed_and_what_stood_is_over() {
    let mut room = Room::new(6);
    room.passes("left", Does::Well, 5);
    let leaves = Report { leaving: true, ..room.report("left", None) };
    assert_eq!(room.screens.apply(room.now, leaves.clone()), []);
    room.passes("left", Does::Silent, 60);
    assert_eq!(room.told, []);
    room.passes("left", Does::Empty, 20);
    assert_eq!(room.raised().len(), 1);
    let over = Change::Cleared { screen: place("left"), fault: Fault::Blank };
    assert_eq!(room.screens.apply(room.now, leaves), [over]);
}

#[test]
fn a_screen_that_comes_and_goes_within_seconds_is_one_episode() {
    let mut room = Room::new(6);
    room.passes("left", Does::Well, 5);
    for _ in 0..6 {
        room.passes("left", Does::Silent, 8);
        room.passes("left", Does::Well, 3);
    }
    assert_eq!(room.raised().len(), 1);
}

#[test]
fn a_tab_that_thaws_is_given_the_time_to_paint() {
    let mut room = Room::new(6);
    room.passes("left", Does::Well, 5);
    room.passes("left", Does::Silent, 60);
    assert_eq!(room.raised().len(), 1);
    room.passes("left", Does::Freeze, 3);
    room.passes("left", Does::Well, 30);
    assert_eq!(room.raised(), [], "what it shows at first is from before");
}

#[test]
fn when_the_service_itself_stood_still_no_screen_is_accused() {
    let mut room = Room::new(6);
    room.passes("left", Does::Well, 10);
    room.now += Duration::from_secs(40);
    room.passes("left", Does::Well, 30);
    assert_eq!(room.raised(), []);
}

#[test]
fn after_a_restart_of_the_service_old_numbers_mean_nothing() {
    let mut room = Room::new(6);
    room.number = 4;
    let old: Vec<_> = (1..=6).map(|camera| (Handle(camera), 90_000)).collect();
    for _ in 0..80 {
        room.now += TICK;
        room.number += 1;
        let newest: Vec<_> = (1..=6).map(|camera| (Handle(camera), room.number)).collect();
        room.screens.published(room.now, &newest);
        let report = Report { tiles: old.clone(), ..room.report("left", None) };
        room.screens.apply(room.now, report);
        room.tick();
    }
    let raised: Vec<Fault> = room.raised().into_iter().map(|(_, fault, _)| fault).collect();
    assert_eq!(raised, [Fault::Frozen], "it shows the old ones");
}

#[test]
fn no_more_screens_are_known_than_there_is_room_for_and_named_ones_stay() {
    let mut room = Room::new(1);
    let named = room.report("left", Some(1));
    room.screens.apply(room.now, named);
    for n in 0..400 {
        let report = Report { named: false, ..room.report(&format!("page-{n}"), Some(1)) };
        room.screens.apply(room.now + Duration::from_millis(n), report);
    }
    assert_eq!(room.screens.looks(room.now).count(), 256);
    assert!(room.look("left").is_some());
    // However many a file names, each of them is watched.
    let names: Vec<String> = (0..300).map(|n| format!("screen-{n}")).collect();
    room.configures(&names.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(names.iter().all(|name| room.look(name).is_some_and(|look| look.expected)));
}

#[test]
fn its_evidence_says_what_helps() {
    let mut room = Room::new(6);
    room.passes("left", Does::Well, 5);
    room.passes("left", Does::Silent, 8);
    assert!(room.raised()[0].2.contains("the page hangs"), "its socket stands");
    room.passes("left", Does::Well, 20);
    room.screens.parted(&place("left"));
    room.passes("left", Does::Silent, 8);
    assert!(room.raised()[0].2.contains("has ended"));
}
