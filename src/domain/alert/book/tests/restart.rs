//! After a restart the book goes on from what was stored.

use super::{State::*, *};

/// Stops the service for a while and starts it again with the open alerts of the store.
fn restart(shift: &mut Shift, away: Duration) {
    shift.at = shift.at.plus(away);
    let stored: Vec<Alert> = shift
        .book
        .open()
        .map(|alert| {
            let text = serde_json::to_string(alert).expect("it can be written");
            serde_json::from_str(&text).expect("it can be read")
        })
        .collect();
    let head = shift.book.head();
    shift.book = Book::new(BookPolicy::default(), 2);
    shift.book.restore(shift.at, stored, head);
}

#[test]
fn what_is_found_again_is_no_new_activation() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen").acknowledge("c1 frozen");
    let before = shift.alert("c1 frozen");
    shift.said();
    restart(&mut shift, MINUTE);
    shift.wait(MINUTE).raise("c1 frozen").wait(HOUR);
    assert!(shift.said().is_empty(), "nothing happened");
    assert_eq!(shift.book.alert(before.id), Some(&before));
}

#[test]
fn what_is_not_found_again_is_gone() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen").raise("c2 frozen").acknowledge("c2 frozen").press("c3 button");
    restart(&mut shift, MINUTE);
    shift.wait(10 * MINUTE - SECOND).is("c1 frozen", Unacknowledged).wait(SECOND);
    shift.is("c1 frozen", ReturnedUnacknowledged).is("c2 frozen", Normal);
    shift.is("c3 button", Unacknowledged);
    let alert = shift.alert("c1 frozen");
    assert_eq!(alert.evidence, "not found again since the service started");
    assert_eq!(alert.cleared_at, Some(shift.at.unix));
}

#[test]
fn what_was_gone_before_and_is_raised_is_an_activation() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen").clear("c1 frozen");
    restart(&mut shift, MINUTE);
    shift.raise("c1 frozen").is("c1 frozen", Unacknowledged);
    assert_eq!(shift.alert("c1 frozen").count, 2);
}

#[test]
fn a_shelf_goes_on_and_no_clock_can_make_it_longer_than_a_day() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen").shelve("c1 frozen", 2 * HOUR);
    restart(&mut shift, HOUR);
    shift.raise("c1 frozen").wait(HOUR - SECOND).is("c1 frozen", Shelved);
    shift.wait(SECOND).is("c1 frozen", Unacknowledged);

    shift.shelve("c1 frozen", HOUR);
    restart(&mut shift, 3 * HOUR);
    shift.raise("c1 frozen").is("c1 frozen", Unacknowledged);

    shift.shelve("c1 frozen", HOUR);
    shift.at.unix = UnixMicros(MIDNIGHT / 2);
    restart(&mut shift, SECOND);
    shift.raise("c1 frozen").wait(24 * HOUR - SECOND).is("c1 frozen", Shelved);
    shift.wait(SECOND).is("c1 frozen", Unacknowledged);
}

#[test]
fn masks_timetables_and_orders_hold_until_they_are_told_again() {
    let mut shift = Shift::new(Plan { suppressed: Some(daily(0, 3)), ..plan() });
    let bare = Arc::new(plan());
    let until = shift.at.unix.plus(2 * HOUR);
    let suppressed = std::mem::replace(&mut shift.plan, bare.clone());
    for text in ["@s1 unreachable", "c1 unreachable", "c2 frozen", "c3 frozen"] {
        shift.raise(text);
    }
    shift.raise_masked("c1 unreachable", Some("s1"));
    shift.hears(Fact::OutOfService(slug("c2"), Some(until)));
    shift.hears(Fact::Planned(source("c3 frozen"), Some(suppressed.clone())));
    let hold = |shift: &mut Shift| {
        shift.is("c1 unreachable", Suppressed).is("c2 frozen", OutOfService);
        shift.is("c3 frozen", Suppressed);
    };
    hold(&mut shift);
    shift.said();
    let before = shift.book.open().cloned().collect::<Vec<_>>();
    restart(&mut shift, MINUTE);
    shift.wait(9 * MINUTE);
    assert!(shift.said().is_empty());
    assert_eq!(shift.book.open().cloned().collect::<Vec<_>>(), before);
    shift.raise("@s1 unreachable").raise_masked("c1 unreachable", Some("s1")).raise("c2 frozen");
    let raised = Raised { plan: suppressed, ..shift.raised("c3 frozen") };
    shift.hears(Fact::Raised(Box::new(raised))).wait(HOUR);
    assert!(shift.said().is_empty());
    shift.raise_masked("c1 unreachable", None).wait(2 * HOUR);
    for text in ["c1 unreachable", "c2 frozen", "c3 frozen"] {
        shift.is(text, Unacknowledged);
    }
}

#[test]
fn a_flood_goes_on() {
    let mut shift = Shift::new(plan());
    for number in 0..11 {
        shift.raise(&format!("c{number} frozen"));
    }
    restart(&mut shift, 5 * MINUTE);
    assert_eq!(shift.book.flood(&slug("desk")).map(|flood| flood.in_ten_minutes), Some(11));
    shift.wait(5 * MINUTE);
    assert_eq!(shift.book.flood(&slug("desk")), None);
}

#[test]
fn what_closed_within_its_gap_may_be_taken_up_too() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen").clear("c1 frozen").acknowledge("c1 frozen");
    let closed = shift.alert("c1 frozen");
    shift.wait(5 * MINUTE);
    let head = shift.book.head();
    shift.book = Book::new(BookPolicy::default(), 2);
    shift.book.restore(shift.at, vec![Alert::clone(&closed)], head);
    shift.raise("c1 frozen");
    assert_eq!((shift.alert("c1 frozen").id, shift.alert("c1 frozen").count), (closed.id, 2));

    shift.book = Book::new(BookPolicy::default(), 3);
    shift.book.restore(shift.at, vec![Alert::clone(&closed)], head);
    shift.wait(5 * MINUTE - SECOND);
    assert_eq!(shift.book.alert(closed.id), Some(&closed));
    shift.wait(SECOND);
    assert_eq!(shift.book.alert(closed.id), None, "its gap is over");
}

#[test]
fn what_chattered_calms_down() {
    let mut shift = Shift::new(plan());
    for _ in 0..3 {
        shift.raise("c1 frozen").clear("c1 frozen");
    }
    shift.raise("c1 frozen");
    assert!(shift.alert("c1 frozen").chattering);
    shift.wait(10 * SECOND);
    restart(&mut shift, SECOND);
    shift.raise("c1 frozen").wait(MINUTE);
    assert!(!shift.alert("c1 frozen").chattering);
}
