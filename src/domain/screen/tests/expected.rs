//! Screens that are to be there: those of the file, and those that were told of before a restart.

use super::*;

#[test]
fn a_configured_screen_is_known_from_the_start_and_told_after_two_minutes_without_a_report() {
    let mut room = Room::of(6, &["left", "right"]);
    let look = room.look("right").expect("it is known");
    assert_eq!((look.expected, look.heard, look.fault), (true, None, None));
    room.passes("left", Does::Well, 119);
    assert_eq!(room.told, [], "it has time to start");
    room.passes("left", Does::Well, 2);
    let raised = room.raised();
    assert_eq!(raised.len(), 1, "{raised:?}");
    assert_eq!((raised[0].0, raised[0].1), (120, Fault::Gone));
    assert_eq!(raised[0].2, "it has not reported since the service started, 120 s ago");
    room.passes("left", Does::Well, 600);
    assert_eq!(room.told, [], "it is told once");

    room.passes("right", Does::Well, 3);
    assert_eq!(room.look("right").map(|look| look.heard.is_some()), Some(true));
    room.told.clear();
    room.passes("right", Does::Well, 12);
    assert_eq!(room.cleared(), [(place("right"), Fault::Gone)]);
}

#[test]
fn screens_that_all_come_within_their_time_are_told_of_by_nobody() {
    let mut room = Room::of(6, &["left"]);
    room.passes("left", Does::Silent, 118);
    room.passes("left", Does::Well, 300);
    assert_eq!(room.told, []);
}

#[test]
fn a_wall_whose_screens_nobody_named_may_stay_closed() {
    let mut room = Room::new(6);
    room.passes("left", Does::Silent, 600);
    assert_eq!((room.told.len(), room.screens.looks(room.now).count()), (0, 0));
}

#[test]
fn the_time_to_the_first_report_does_not_pass_while_the_service_stands_still() {
    let mut room = Room::of(6, &["left"]);
    room.passes("left", Does::Silent, 60);
    room.now += Duration::from_secs(300);
    room.passes("left", Does::Silent, 55);
    assert_eq!(room.told, []);
    room.passes("left", Does::Silent, 10);
    assert_eq!(room.raised().len(), 1);
}

#[test]
fn a_screen_that_a_reload_brings_has_its_own_time_and_others_keep_theirs() {
    let mut room = Room::of(6, &["left"]);
    room.passes("left", Does::Silent, 100);
    room.configures(&["left", "right"]);
    room.passes("left", Does::Silent, 150);
    let raised = room.raised();
    let said: Vec<_> = raised.iter().map(|(at, _, evidence)| (*at, evidence.as_str())).collect();
    assert_eq!(
        said,
        [
            (120, "it has not reported since the service started, 120 s ago"),
            (220, "it has not reported since it was configured, 120 s ago"),
        ]
    );
}

#[test]
fn what_was_told_of_a_screen_is_over_when_a_reload_removes_it_or_its_wall() {
    let mut room = Room::of(6, &["left", "right"]);
    room.passes("other", Does::Well, 130);
    room.passes("other", Does::Silent, 10);
    assert_eq!(room.raised().len(), 3, "two never came, and one that no file names is gone");
    room.configures(&["left"]);
    assert_eq!(room.cleared(), [(place("right"), Fault::Gone)]);
    assert_eq!(room.look("right"), None);
    let changes = room.screens.lay_out(room.now, [], BTreeMap::new());
    room.heard(changes);
    assert_eq!(room.cleared(), [(place("left"), Fault::Gone), (place("other"), Fault::Gone)]);
    room.passes("left", Does::Silent, 300);
    assert_eq!((room.told.len(), room.screens.looks(room.now).count()), (0, 0));
}

#[test]
fn what_was_told_before_a_restart_stands_until_its_screen_is_well() {
    for configured in [false, true] {
        let mut room = Room::new(6);
        let told = |fault| (fault, room.now, "as it was told".to_owned());
        let (gone, frozen) = (told(Fault::Gone), told(Fault::Frozen));
        room.screens.take_up(room.now, place("left"), gone);
        room.screens.take_up(room.now, place("right"), frozen);
        if configured {
            room.configures(&["left", "right"]);
        }
        let fault = |room: &Room, name| room.look(name).and_then(|look| Some(look.fault?.0));
        assert_eq!(fault(&room, "left"), Some(Fault::Gone));
        room.passes("left", Does::Silent, 100);
        assert_eq!(room.told, [], "neither again nor over, only because the service started");
        room.passes("left", Does::Well, 5);
        assert_eq!((room.told.len(), fault(&room, "left")), (0, Some(Fault::Gone)));
        room.passes("left", Does::Well, 20);
        let over = Change::Cleared { screen: place("left"), fault: Fault::Gone };
        let other = Change::Cleared { screen: place("right"), fault: Fault::Frozen };
        let changes: Vec<_> = room.told.iter().map(|(_, change)| change).collect();
        assert_eq!(changes[..2], [&over, &other], "one is well, the other has not come");
        assert!(
            matches!(changes[2], Change::Raised { fault: Fault::Gone, .. }) && changes.len() == 3,
            "{changes:?}"
        );
    }
}
