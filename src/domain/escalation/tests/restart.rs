//! Restarts, and a clock of people that steps.

use super::*;

#[test]
fn after_a_restart_it_goes_on_from_where_it_was_one_step_at_a_time() {
    let mut desk = desk();
    desk.wait(3);
    desk.restart();
    desk.wait(1);
    assert_eq!(desk.said(), ["0 anna:sms", "2 anna:mail", "4 binh:sms"], "in its time");
    desk.at = desk.at.plus(60 * MINUTE);
    desk.restart();
    desk.wait(2);
    assert_eq!(desk.said(), ["5 chi:mail,sms"], "one step, then the time of one");
    desk.wait(1);
    assert_eq!(desk.said().len(), 1);
}

#[test]
fn a_stepped_clock_changes_nothing_but_what_is_shown() {
    for step in [-7200_i64, 7200] {
        let mut desk = desk();
        desk.wait(1);
        desk.at.unix = UnixMicros(desk.at.unix.0.saturating_add_signed(step * 1_000_000));
        desk.wait(3);
        assert_eq!(desk.said(), ["0 anna:sms", "2 anna:mail", "4 binh:sms"], "{step} s");
        // Over a restart only the clock of people is left: at most one step's time is lost by it.
        desk.at.unix = UnixMicros(desk.at.unix.0.saturating_add_signed(step * 1_000_000));
        desk.restart();
        desk.wait(2);
        let said = desk.said();
        assert_eq!(said.len(), 1, "{step} s: {said:?}");
        assert!(said[0].ends_with("chi:mail,sms"), "{step} s: {said:?}");
    }
}
