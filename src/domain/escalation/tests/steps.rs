//! Who is told at which step.

use super::*;

fn reason() -> String {
    "busy".to_owned()
}

#[test]
fn an_alert_that_nobody_reads_goes_up_step_by_step_until_everyone_knows() {
    let mut desk = desk();
    desk.wait(60);
    let everyone = "everyone anna:sms,mail,radio binh:sms chi:mail,sms dung:";
    let expected = [
        "0 anna:sms",
        "2 anna:mail",
        "4 binh:sms",
        "6 chi:mail,sms",
        &format!("8 {everyone}"),
        &format!("13 {everyone}"),
        &format!("18 {everyone}"),
        &format!("23 {everyone}"),
    ];
    assert_eq!(desk.said(), expected);
    assert_eq!(desk.ladder.next_deadline(), None, "they were told often enough");
    let alert = desk.book.open().next().expect("it is open still");
    let stage = alert.stage.as_ref().expect("it went up");
    assert!(stage.everyone && stage.due.is_none() && stage.told.len() == 4);
}

#[test]
fn a_reading_ends_the_climb_and_whoever_read_it_is_reminded_to_take_it() {
    let mut desk = desk();
    desk.wait(3);
    let id = desk.only();
    desk.act(id, "anna", Act::Read);
    desk.wait(30);
    let reminders = ["7 anna:sms,mail,radio", "11 anna:sms,mail,radio", "15 anna:sms,mail,radio"];
    assert_eq!(desk.said(), [&["0 anna:sms", "2 anna:mail"][..], &reminders].concat());
    desk.act(id, "anna", Act::Acknowledge);
    desk.wait(30);
    assert_eq!(desk.said(), [""; 0]);
}

#[test]
fn an_alert_that_is_taken_is_told_to_nobody_until_it_is_raised_again() {
    let mut desk = desk();
    let id = desk.only();
    desk.act(id, "anna", Act::Acknowledge);
    desk.wait(5);
    desk.hear(Fact::Cleared(Desk::source("a")));
    desk.wait(2);
    desk.raise("a");
    desk.wait(2);
    assert_eq!(desk.said(), ["0 anna:sms", "7 anna:sms", "9 anna:mail"]);
}

#[test]
fn a_cause_that_comes_and_goes_does_not_keep_an_unread_alert_from_going_up() {
    let mut desk = desk();
    for _ in 0..8 {
        desk.hear(Fact::Cleared(Desk::source("a")));
        desk.wait(1);
        desk.raise("a");
    }
    assert_eq!(desk.said().len(), 5, "as if it had stood all the time");
    assert!(desk.book.open().next().expect("open").stage.as_ref().expect("a stage").everyone);
}

#[test]
fn passing_it_on_tells_the_next_at_once_and_also_when_it_was_taken() {
    let mut desk = desk();
    let id = desk.only();
    desk.act(id, "anna", Act::Read);
    desk.act(id, "anna", Act::Pass { reason: reason() });
    desk.wait(1);
    desk.act(id, "anna", Act::Acknowledge);
    desk.act(id, "anna", Act::Pass { reason: reason() });
    desk.wait(2);
    assert_eq!(desk.said(), ["0 anna:sms", "0 anna:mail", "1 binh:sms", "3 chi:mail,sms"]);
}

#[test]
fn a_call_for_help_reaches_the_position_and_the_duty_officer_at_once() {
    let mut desk = desk();
    let id = desk.only();
    desk.act(id, "anna", Act::Help { text: reason() });
    desk.wait(2);
    let help = "0 anna:sms,mail,radio binh:sms chi:mail,sms";
    let everyone = "2 everyone anna:sms,mail,radio binh:sms chi:mail,sms dung:";
    assert_eq!(desk.said(), ["0 anna:sms", help, everyone]);
    desk.act(id, "chi", Act::Acknowledge);
    desk.act(id, "chi", Act::Help { text: reason() });
    desk.wait(60);
    assert_eq!(desk.said(), ["2 everyone anna:sms,mail,radio binh:sms chi:mail,sms"]);
}

#[test]
fn whoever_is_given_an_alert_is_told_unless_they_took_it_themselves() {
    let mut desk = desk();
    let id = desk.only();
    desk.act(id, "binh", Act::Assign { to: slug("binh") });
    desk.act(id, "anna", Act::Assign { to: slug("em") });
    desk.wait(2);
    assert_eq!(desk.said(), ["0 anna:sms", "0 em:sms", "2 anna:mail"]);
}

#[test]
fn a_gap_in_the_roster_goes_to_the_duty_officer_and_without_one_to_everyone() {
    let mut desk = Desk::new(Priority::High);
    desk.roster.shifts[0].hours = Hours { days: 1, from_min: 600, until_min: 660 };
    desk.raise("a");
    assert_eq!(desk.said(), ["0 chi:mail,sms"]);
    let mut alone = policy();
    alone.duty_officer = None;
    desk.ladder.set_policy(alone);
    desk.raise("b");
    assert_eq!(desk.said(), ["0 everyone chi:mail,sms dung:"]);
    desk.roster.shifts.truncate(1);
    desk.raise("c");
    let all = "0 everyone anna:sms,mail,radio binh:sms chi:mail,sms dung: em:sms";
    assert_eq!(desk.said(), [all], "with nobody on duty anywhere, everybody there is");
}

#[test]
fn without_a_roster_the_screens_are_told_first_and_then_the_wall() {
    let mut desk = Desk::new(Priority::High);
    desk.roster = Roster { utc_offset_min: 0, ..Roster::default() };
    desk.raise("a");
    desk.wait(2);
    assert_eq!(desk.said(), ["0 screens", "2 everyone"]);
}

#[test]
fn what_can_wait_is_told_on_the_screens_only() {
    let mut desk = Desk::new(Priority::Low);
    desk.raise("a");
    desk.wait(6);
    assert_eq!(desk.said(), ["0 anna:", "2 binh:", "4 chi:", "6 everyone anna: binh: chi: dung:"]);
}

#[test]
fn a_change_of_shift_is_felt_at_the_next_step() {
    let mut desk = desk();
    desk.roster.shifts[0].people = vec![slug("em")];
    desk.wait(4);
    // Em came on duty: over the first channel, not over anna's second; then there is no next person.
    assert_eq!(desk.said(), ["0 anna:sms", "2 em:sms", "4 chi:mail,sms"]);
}

#[test]
fn a_ladder_of_the_file_is_climbed_as_written() {
    let mut desk = Desk::new(Priority::High);
    let mut other = policy();
    other.set_rungs([Rung::Everyone, Rung::NextPerson, Rung::OnDuty, Rung::NextChannel]);
    assert_eq!(other.rungs().last(), Some(&Rung::Everyone));
    desk.ladder.set_policy(other);
    desk.raise("a");
    desk.wait(6);
    let everyone = "6 everyone anna:sms,mail,radio binh:sms chi:mail,sms dung:";
    assert_eq!(desk.said(), ["0 anna:sms,mail,radio", "2 anna:sms", "4 anna:mail", everyone]);
}
