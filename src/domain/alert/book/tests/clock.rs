//! The wall clock steps; nothing is lost, put away for ever or told too soon by it.

use super::{State::*, *};

fn step(shift: &mut Shift, hours: i64) {
    let micros = hours * 3_600_000_000;
    shift.at.unix = UnixMicros(shift.at.unix.0.saturating_add_signed(micros));
    let said = shift.book.tick(shift.at);
    shift.log.extend(said);
}

#[test]
fn a_shelf_lasts_as_long_as_was_meant_whatever_the_clock_does() {
    for hours in [-5, 5] {
        let mut shift = Shift::new(plan());
        shift.raise("c1 frozen").shelve("c1 frozen", HOUR).wait(MINUTE);
        step(&mut shift, hours);
        shift.wait(HOUR - MINUTE - SECOND).is("c1 frozen", Shelved);
        shift.wait(SECOND).is("c1 frozen", Unacknowledged);
    }
}

#[test]
fn an_order_of_maintenance_ends_whatever_the_clock_does() {
    let mut shift = Shift::new(plan());
    let until = shift.at.unix.plus(HOUR);
    shift.raise("c1 frozen").hears(Fact::OutOfService(slug("c1"), Some(until)));
    step(&mut shift, -5);
    shift.wait(HOUR).is("c1 frozen", Unacknowledged);
}

#[test]
fn delays_and_gaps_are_not_of_the_wall() {
    for hours in [-5, 5] {
        let delays = Plan { on_delay: MINUTE, off_delay: MINUTE, ..plan() };
        let mut shift = Shift::new(delays);
        shift.raise("c1 frozen");
        step(&mut shift, hours);
        shift.wait(59 * SECOND).has_none("c1 frozen").wait(SECOND).is("c1 frozen", Unacknowledged);
        shift.clear("c1 frozen");
        step(&mut shift, hours);
        shift.wait(59 * SECOND).is("c1 frozen", Unacknowledged);
        shift.wait(SECOND).is("c1 frozen", ReturnedUnacknowledged).acknowledge("c1 frozen");
        step(&mut shift, hours);
        shift.raise("c1 frozen").wait(MINUTE);
        assert_eq!(shift.alert("c1 frozen").count, 2, "one episode");
    }
}

#[test]
fn a_flood_is_not_of_the_wall() {
    let mut shift = Shift::new(plan());
    for number in 0..11 {
        shift.raise(&format!("c{number} frozen"));
    }
    step(&mut shift, 5);
    assert!(shift.book.flood(&slug("desk")).is_some());
    step(&mut shift, -10);
    shift.wait(10 * MINUTE);
    assert_eq!(shift.book.flood(&slug("desk")), None);
}
