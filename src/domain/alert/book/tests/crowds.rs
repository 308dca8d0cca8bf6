//! Too many: floods, the mix of priorities, a full book.

use super::{State::*, *};

#[test]
fn more_than_ten_in_ten_minutes_is_a_flood_which_ends_below_five() {
    let mut shift = Shift::new(plan());
    let desk = slug("desk");
    for number in 0..10 {
        shift.wait(30 * SECOND).raise(&format!("c{number} frozen"));
    }
    assert_eq!(shift.book.flood(&desk), None);
    assert!(shift.book.floods_changed().is_empty());
    shift.wait(30 * SECOND).raise("c10 frozen");
    let flood = Flood { since: shift.at.unix, in_ten_minutes: 11 };
    assert_eq!(shift.book.flood(&desk), Some(flood));
    assert_eq!(shift.book.floods_changed(), [(desk.clone(), Some(flood))]);
    assert!(shift.book.floods_changed().is_empty(), "told once");
    // The first came half a minute after the start and is new for ten: from 10:30 ten are left.
    shift.wait(5 * MINUTE + 30 * SECOND + 2 * MINUTE);
    assert_eq!(shift.book.flood(&desk).map(|flood| flood.in_ten_minutes), Some(5));
    shift.wait(30 * SECOND);
    assert_eq!(shift.book.flood(&desk), None);
    assert_eq!(shift.book.floods_changed(), [(desk, None)]);
    assert_eq!(shift.book.open().count(), 11, "all are there");
    assert_eq!(shift.said(), ["opened"; 11]);
}

#[test]
fn each_position_has_its_own_flood_and_drills_make_none() {
    let mut shift = Shift::new(plan());
    let harbour = Arc::new(Plan { position: slug("harbour"), ..plan() });
    for number in 0..11 {
        let name = format!("c{number} frozen");
        let plan = if number % 2 == 0 { harbour.clone() } else { shift.plan.clone() };
        let raised = Raised { plan, ..shift.raised(&name) };
        shift.hears(Fact::Raised(Box::new(raised)));
        let drill = Raised { drill: true, ..shift.raised(&name) };
        shift.hears(Fact::Raised(Box::new(drill)));
    }
    assert_eq!(shift.book.open().count(), 22);
    assert!(shift.book.floods_changed().is_empty());
}

#[test]
fn a_mix_that_is_mostly_urgent_is_said_to_have_drifted() {
    let mixed = |high: u32, medium: u32, low: u32| {
        let mut shift = Shift::new(plan());
        let of = [(Priority::High, high), (Priority::Medium, medium), (Priority::Low, low)];
        let mut number = 0;
        for (priority, many) in of {
            for _ in 0..many {
                let plan = Arc::new(Plan { priority, ..plan() });
                let raised = Raised { plan, ..shift.raised(&format!("c{number} frozen")) };
                shift.hears(Fact::Raised(Box::new(raised)));
                number += 1;
            }
        }
        shift.book.mix()
    };
    let right = mixed(5, 15, 80);
    assert_eq!((right.high, right.medium, right.low, right.of), (5.0, 15.0, 80.0, 100));
    assert!(!right.drifted && !mixed(10, 30, 60).drifted);
    assert!(mixed(11, 0, 89).drifted && mixed(5, 36, 59).drifted);
    assert!(!mixed(40, 0, 0).drifted, "of so few it says nothing");
    assert_eq!(mixed(0, 0, 0).low, 0.0);
}

#[test]
fn a_full_book_says_so_and_what_waits_opens_as_others_close() {
    let policy = BookPolicy { open_max: 3, ..BookPolicy::default() };
    let mut shift = Shift::with(policy, plan());
    for number in 0..5 {
        shift.raise(&format!("c{number} frozen"));
    }
    let urgent = Arc::new(Plan { priority: Priority::High, ..plan() });
    let press = Raised { plan: urgent, momentary: true, ..shift.raised("c9 button") };
    shift.hears(Fact::Raised(Box::new(press))).has_none("c9 button").wait(MINUTE);
    let own = |shift: &Shift| {
        let newest =
            shift.log.iter().rev().find(|change| change.alert.source.kind.as_str() == BOOK_FULL);
        newest.expect("it is said").alert.clone()
    };
    let said = own(&shift);
    assert_eq!(
        (said.state, said.priority, said.position.as_str()),
        (Unacknowledged, Priority::High, "desk")
    );
    assert!(said.evidence.contains("3 more wait"), "{}", said.evidence);
    assert_eq!(shift.book.waiting_sources().count(), 3);
    shift.hears(Fact::Planned(said.source.clone(), None));
    assert_eq!(shift.book.alert(said.id), Some(&said), "no rule names it, and it stays");

    shift.resolve("c0 frozen").clear("c0 frozen").is("c9 button", Unacknowledged);
    shift.resolve("c1 frozen").clear("c1 frozen").is("c3 frozen", Unacknowledged);
    shift.has_none("c4 frozen").clear("c4 frozen").wait(MINUTE);
    shift.resolve("c2 frozen").clear("c2 frozen").has_none("c4 frozen");
    shift.wait(2 * MINUTE);
    assert_eq!(own(&shift).state, ReturnedUnacknowledged, "there is room again");
}

#[test]
fn what_waited_for_room_beyond_its_time_still_opens() {
    let policy = BookPolicy { open_max: 1, ..BookPolicy::default() };
    let mut shift = Shift::with(policy, Plan { count: 2, within: MINUTE, ..plan() });
    for text in ["c1 frozen", "c2 frozen"] {
        shift.raise(text).clear(text).raise(text);
    }
    shift.is("c1 frozen", Unacknowledged).has_none("c2 frozen").wait(HOUR);
    shift.resolve("c1 frozen").clear("c1 frozen").is("c2 frozen", Unacknowledged);
}

#[test]
fn what_waits_for_room_and_is_masked_begins_anew() {
    let policy = BookPolicy { open_max: 1, ..BookPolicy::default() };
    let mut shift = Shift::with(policy, Plan { on_delay: 5 * SECOND, ..plan() });
    shift.raise("@s1 unreachable").wait(5 * SECOND).raise("c1 frozen").raise("c2 frozen");
    shift.wait(5 * SECOND).raise_masked("c1 frozen", Some("s1"));
    shift.resolve("@s1 unreachable").clear("@s1 unreachable").is("c2 frozen", Unacknowledged);
    shift.raise_masked("c1 frozen", None).resolve("c2 frozen").clear("c2 frozen");
    shift.wait(4 * SECOND).has_none("c1 frozen").wait(SECOND).is("c1 frozen", Unacknowledged);
}

#[test]
fn what_finds_no_place_even_to_wait_is_counted_and_said() {
    let policy = BookPolicy { open_max: 2, cases_max: 4, ..BookPolicy::default() };
    let mut shift = Shift::with(policy, plan());
    for number in 0..20 {
        shift.press(&format!("c{number} button"));
    }
    shift.wait(MINUTE);
    let own = shift.log.iter().rev().find(|change| change.alert.source.kind.as_str() == BOOK_FULL);
    let own = own.expect("it is said").alert.evidence.clone();
    let waiting = shift.book.waiting_sources().count();
    assert_eq!(waiting + shift.book.open().count(), 4, "no more is remembered");
    assert!(own.contains(&format!("{waiting} more wait, 17 found no place")), "{own}");
}
