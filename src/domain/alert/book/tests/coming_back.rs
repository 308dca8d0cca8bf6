//! What is put away comes back: shelf, masks, timetables, orders of maintenance.

use super::{State::*, *};

#[test]
fn what_is_shelved_comes_back_when_its_time_is_over() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen").acknowledge("c1 frozen").shelve("c1 frozen", HOUR);
    shift.is("c1 frozen", Shelved).wait(HOUR - SECOND).is("c1 frozen", Shelved);
    shift.wait(SECOND).is("c1 frozen", Unacknowledged);
    assert_eq!(shift.alert("c1 frozen").shelved, None);
    assert_eq!(shift.said(), ["opened", "done", "done", "shelf ended"]);
}

#[test]
fn what_comes_and_goes_on_the_shelf_stays_there() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen").acknowledge("c1 frozen").shelve("c1 frozen", HOUR);
    shift.clear("c1 frozen").wait(20 * MINUTE).is("c1 frozen", Shelved);
    shift.raise("c1 frozen").is("c1 frozen", Shelved);
    assert_eq!(shift.alert("c1 frozen").count, 2);
    shift.clear("c1 frozen").wait(HOUR).is("c1 frozen", ReturnedUnacknowledged);
}

#[test]
fn what_was_taken_and_is_gone_closes_when_it_leaves_the_shelf() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen").acknowledge("c1 frozen").shelve("c1 frozen", HOUR);
    shift.clear("c1 frozen").wait(HOUR).is("c1 frozen", Normal);
    shift.raise("c2 frozen").shelve("c2 frozen", HOUR).acknowledge("c2 frozen");
    shift.act("c2 frozen", &anna(), Act::Unshelve).is("c2 frozen", Unacknowledged);
    shift.raise("c3 frozen").shelve("c3 frozen", HOUR).resolve("c3 frozen");
    shift.wait(2 * HOUR).is("c3 frozen", Acknowledged);
}

#[test]
fn a_camera_masked_from_the_start_opens_nothing_until_the_mask_goes() {
    let mut shift = Shift::new(Plan { on_delay: 5 * SECOND, ..plan() });
    shift.raise("@s1 unreachable").wait(5 * SECOND);
    shift.raise_masked("c1 unreachable", Some("s1")).raise_masked("c2 unreachable", Some("s1"));
    shift.wait(HOUR).has_none("c1 unreachable").has_none("c2 unreachable");
    assert_eq!(shift.alert("@s1 unreachable").masks, [slug("c1"), slug("c2")]);
    assert_eq!(shift.book.waiting_sources().count(), 2);
    shift.clear("@s1 unreachable").clear("c2 unreachable");
    shift.raise_masked("c1 unreachable", None).wait(4 * SECOND).has_none("c1 unreachable");
    shift.wait(SECOND).is("c1 unreachable", Unacknowledged).has_none("c2 unreachable");
    assert_eq!(shift.alert("@s1 unreachable").masks.len(), 2, "what it stood for is kept");
}

#[test]
fn an_open_alert_is_masked_and_comes_back() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 unreachable").raise("c2 unreachable").acknowledge("c2 unreachable");
    shift.raise("c3 unreachable").raise("@s1 unreachable");
    for text in ["c1 unreachable", "c2 unreachable", "c3 unreachable"] {
        shift.raise_masked(text, Some("s1")).is(text, Suppressed);
    }
    assert_eq!(shift.alert("c1 unreachable").masked_by, Some(slug("s1")));
    shift.wait(MINUTE).clear("c3 unreachable").is("c3 unreachable", ReturnedUnacknowledged);
    shift.raise_masked("c1 unreachable", None).is("c1 unreachable", Unacknowledged);
    shift.raise_masked("c2 unreachable", None).is("c2 unreachable", Acknowledged);
}

#[test]
fn a_mask_without_an_alert_that_stands_for_it_hides_nothing() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 unreachable").raise_masked("c1 unreachable", Some("s1"));
    shift.raise_masked("c2 unreachable", Some("s1")).wait(59 * SECOND);
    shift.is("c1 unreachable", Suppressed).has_none("c2 unreachable");
    shift.wait(SECOND).is("c1 unreachable", Unacknowledged).is("c2 unreachable", Unacknowledged);
    shift.raise("@s1 unreachable").is("c1 unreachable", Suppressed);
    shift.clear("@s1 unreachable").is("c1 unreachable", Unacknowledged);
}

#[test]
fn a_site_below_its_count_hides_nothing() {
    let mut shift = Shift::new(plan());
    let often = Arc::new(Plan { count: 3, within: HOUR, ..plan() });
    let site = Raised { plan: often, ..shift.raised("@s1 unreachable") };
    shift.hears(Fact::Raised(Box::new(site))).has_none("@s1 unreachable");
    shift.raise_masked("c1 unreachable", Some("s1")).wait(MINUTE);
    shift.is("c1 unreachable", Unacknowledged);
}

#[test]
fn a_pressed_button_is_not_masked() {
    let mut shift = Shift::new(plan());
    shift.raise("@s1 unreachable");
    let masked_by = Some(slug("s1"));
    let press = Raised { momentary: true, masked_by, ..shift.raised("c1 button") };
    shift.hears(Fact::Raised(Box::new(press))).is("c1 button", Unacknowledged);
}

#[test]
fn a_timetable_suppresses_and_ends() {
    let mut shift = Shift::new(Plan { suppressed: Some(daily(1, 2)), ..plan() });
    shift.raise("c1 frozen").is("c1 frozen", Unacknowledged).wait(HOUR);
    shift.is("c1 frozen", Suppressed).raise("c2 frozen").press("c3 motion");
    assert_eq!(shift.alert("c1 frozen").suppressed_until, Some(shift.at.unix.plus(HOUR)));
    shift.wait(HOUR - SECOND).has_none("c2 frozen").wait(SECOND);
    shift.is("c1 frozen", Unacknowledged).is("c2 frozen", Unacknowledged).has_none("c3 motion");
}

#[test]
fn a_camera_out_of_service_says_nothing_until_it_is_back() {
    let mut shift = Shift::new(plan());
    let until = shift.at.unix.plus(HOUR);
    shift.raise("c1 frozen").acknowledge("c1 frozen");
    shift.hears(Fact::OutOfService(slug("c1"), Some(until))).is("c1 frozen", OutOfService);
    assert_eq!(shift.alert("c1 frozen").out_of_service_until, Some(until));
    shift.raise("c1 black").raise("c2 black").has_none("c1 black").wait(HOUR - SECOND);
    shift.is("c1 frozen", OutOfService).has_none("c1 black").wait(SECOND);
    shift.is("c1 frozen", Unacknowledged).is("c1 black", Unacknowledged);
    shift
        .hears(Fact::OutOfService(slug("c2"), Some(until.plus(HOUR))))
        .is("c2 black", OutOfService);
    shift.hears(Fact::OutOfService(slug("c2"), None)).is("c2 black", Unacknowledged);
}

#[test]
fn what_is_settled_is_not_asked_again_when_its_camera_is_back() {
    let mut shift = Shift::new(plan());
    let until = shift.at.unix.plus(HOUR);
    shift.raise("c1 frozen").resolve("c1 frozen");
    shift.hears(Fact::OutOfService(slug("c1"), Some(until))).wait(HOUR);
    shift.is("c1 frozen", Acknowledged).clear("c1 frozen").is("c1 frozen", Normal);
}

#[test]
fn of_all_that_overrides_the_first_is_shown() {
    let mut shift = Shift::new(Plan { suppressed: Some(daily(1, 3)), ..plan() });
    let until = shift.at.unix.plus(2 * HOUR);
    shift.raise("@s1 unreachable").raise("c1 frozen").shelve("c1 frozen", 5 * HOUR);
    shift.raise_masked("c1 frozen", Some("s1")).is("c1 frozen", Suppressed).wait(HOUR);
    shift.hears(Fact::OutOfService(slug("c1"), Some(until))).is("c1 frozen", OutOfService);
    shift.wait(HOUR).is("c1 frozen", Suppressed).raise_masked("c1 frozen", None);
    shift.is("c1 frozen", Suppressed).wait(HOUR).is("c1 frozen", Shelved);
    shift.wait(2 * HOUR).is("c1 frozen", Unacknowledged);
}
