//! How causes make alerts: delays, counts, episodes, chattering, closing.

use super::{State::*, *};

#[test]
fn what_stands_and_is_taken_closes_when_it_clears() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen").is("c1 frozen", Unacknowledged);
    shift.acknowledge("c1 frozen").is("c1 frozen", Acknowledged);
    shift.clear("c1 frozen").is("c1 frozen", Normal);
    assert_eq!(shift.said(), ["opened", "done", "cleared", "closed"]);
}

#[test]
fn what_clears_before_anybody_took_it_stays_until_somebody_does() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen").clear("c1 frozen").wait(20 * MINUTE);
    shift.is("c1 frozen", ReturnedUnacknowledged);
    assert_eq!(shift.alert("c1 frozen").cleared_at, Some(UnixMicros(MIDNIGHT)));
    shift.acknowledge("c1 frozen").is("c1 frozen", Normal);
}

#[test]
fn a_cause_must_last_its_on_delay() {
    let mut shift = Shift::new(Plan { on_delay: 10 * SECOND, ..plan() });
    shift.raise("c1 frozen").wait(9 * SECOND).clear("c1 frozen").wait(MINUTE).has_none("c1 frozen");
    shift.raise("c1 frozen").wait(9 * SECOND).has_none("c1 frozen");
    shift.wait(SECOND).is("c1 frozen", Unacknowledged);
}

#[test]
fn the_on_delay_runs_since_the_cause_was_seen_to_begin() {
    let mut shift = Shift::new(Plan { on_delay: 10 * SECOND, ..plan() });
    let since = shift.at.unix;
    shift.wait(8 * SECOND);
    let raised = Raised { since, ..shift.raised("c1 frozen") };
    shift.hears(Fact::Raised(Box::new(raised))).has_none("c1 frozen");
    shift.wait(2 * SECOND).is("c1 frozen", Unacknowledged);
    assert_eq!(shift.alert("c1 frozen").opened_at, since);
}

#[test]
fn a_return_within_the_off_delay_was_never_gone() {
    let mut shift = Shift::new(Plan { off_delay: 10 * SECOND, ..plan() });
    shift.raise("c1 frozen").clear("c1 frozen").wait(9 * SECOND).raise("c1 frozen").wait(MINUTE);
    assert_eq!(shift.alert("c1 frozen").count, 1);
    shift.is("c1 frozen", Unacknowledged);
    let gone = shift.at.unix;
    shift.clear("c1 frozen").wait(10 * SECOND).is("c1 frozen", ReturnedUnacknowledged);
    assert_eq!(shift.alert("c1 frozen").cleared_at, Some(gone), "when it was seen to go");
    assert_eq!(shift.said(), ["opened", "cleared"]);
}

#[test]
fn a_return_is_the_same_alert_once_more() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen").acknowledge("c1 frozen").clear("c1 frozen").wait(9 * MINUTE);
    let first = shift.alert("c1 frozen");
    shift.raise("c1 frozen").is("c1 frozen", Unacknowledged);
    let again = shift.alert("c1 frozen");
    assert_eq!((again.id, again.count, again.acknowledged.clone()), (first.id, 2, None));
    assert_eq!((again.opened_at, again.raised_at), (first.opened_at, shift.at.unix));
    assert_eq!((again.cleared_at, again.closed_at), (None, None));
}

#[test]
fn a_return_after_the_gap_is_a_new_alert() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen").acknowledge("c1 frozen").clear("c1 frozen").wait(10 * MINUTE);
    let first = shift.alert("c1 frozen");
    assert_eq!(shift.book.alert(first.id), None, "it is forgotten");
    shift.raise("c1 frozen");
    let second = shift.alert("c1 frozen");
    assert_ne!(second.id, first.id);
    assert_eq!(second.count, 1);
}

#[test]
fn a_return_after_somebody_settled_it_is_a_new_alert() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen").clear("c1 frozen").resolve("c1 frozen").is("c1 frozen", Normal);
    let first = shift.alert("c1 frozen").id;
    shift.raise("c1 frozen").is("c1 frozen", Unacknowledged);
    assert_ne!(shift.alert("c1 frozen").id, first);
}

#[test]
fn so_many_within_a_time_make_an_alert_and_fewer_do_not() {
    let mut shift = Shift::new(Plan { count: 3, within: 10 * MINUTE, ..plan() });
    let flap = |shift: &mut Shift, pause| {
        shift.raise("c1 frozen").wait(SECOND).clear("c1 frozen").wait(pause);
    };
    flap(&mut shift, 6 * MINUTE);
    flap(&mut shift, 6 * MINUTE);
    flap(&mut shift, MINUTE);
    shift.has_none("c1 frozen");
    let second = shift.at.unix.0 - 2_000_000 - 7 * 60_000_000;
    shift.raise("c1 frozen").is("c1 frozen", Unacknowledged);
    assert_eq!(shift.alert("c1 frozen").count, 3);
    assert_eq!(shift.alert("c1 frozen").opened_at, UnixMicros(second), "the first that counts");
}

#[test]
fn three_times_in_a_minute_is_chattering_and_told_no_more_each_time() {
    let mut shift = Shift::new(plan());
    for _ in 0..2 {
        shift.raise("c1 frozen").wait(5 * SECOND).clear("c1 frozen").wait(5 * SECOND);
    }
    shift.raise("c1 frozen").acknowledge("c1 frozen");
    assert!(shift.alert("c1 frozen").chattering);
    shift.said();
    shift.clear("c1 frozen").wait(5 * SECOND).raise("c1 frozen");
    for _ in 0..20 {
        shift.wait(SECOND).clear("c1 frozen").wait(SECOND).raise("c1 frozen");
    }
    shift.is("c1 frozen", Acknowledged);
    assert_eq!(shift.said(), ["updated"; 4], "once in ten seconds, with the count");
    shift.clear("c1 frozen");
    let gone = shift.at.unix;
    shift.wait(59 * SECOND);
    assert_eq!(shift.said(), ["updated"]);
    shift.wait(SECOND);
    let alert = shift.log.last().expect("it closed").alert.clone();
    assert_eq!((alert.count, alert.cleared_at), (24, Some(gone)));
    assert_eq!(shift.said(), ["chatters no more", "cleared", "closed"]);
}

#[test]
fn other_words_are_told_once_in_ten_seconds() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen");
    shift.said();
    for number in 0..35 {
        let raised = Raised { evidence: format!("{number} s"), ..shift.raised("c1 frozen") };
        shift.hears(Fact::Raised(Box::new(raised))).wait(SECOND);
    }
    assert_eq!(shift.said(), ["updated"; 3]);
    shift.wait(MINUTE);
    assert_eq!(shift.alert("c1 frozen").evidence, "34 s", "the last word is told");
    shift.said();
    let raised = Raised { evidence: "34 s".to_owned(), ..shift.raised("c1 frozen") };
    shift.hears(Fact::Raised(Box::new(raised))).wait(MINUTE);
    assert!(shift.said().is_empty(), "the same words are no news");
}

#[test]
fn a_pressed_button_closes_when_it_is_settled() {
    let mut shift = Shift::new(Plan { on_delay: MINUTE, ..plan() });
    shift.press("c1 button").is("c1 button", Unacknowledged);
    shift.acknowledge("c1 button").clear("c1 button").wait(HOUR).is("c1 button", Acknowledged);
    shift.press("c1 button").is("c1 button", Unacknowledged);
    assert_eq!(shift.alert("c1 button").count, 2);
    shift.resolve("c1 button").is("c1 button", Normal);
    assert_eq!(shift.said(), ["opened", "done", "raised again", "done", "closed"]);
}

#[test]
fn a_drill_is_never_mixed_with_what_happens() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen");
    let real = shift.alert("c1 frozen");
    let drill = Raised { drill: true, ..shift.raised("c1 frozen") };
    shift.hears(Fact::Raised(Box::new(drill)));
    assert_eq!(shift.book.open().count(), 2);
    shift.resolve("c1 frozen");
    let resolved = shift.log.last().expect("closed").alert.clone();
    assert!(resolved.drill && resolved.state == Normal);
    assert_eq!(shift.book.alert(real.id), Some(&real));
    assert_eq!(shift.book.mix().of, 1, "a drill is in no figure");
}

#[test]
fn another_plan_is_followed_at_once() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen").acknowledge("c1 frozen");
    shift.said();
    let other = Plan { priority: Priority::High, position: slug("harbour"), ..plan() };
    shift.hears(Fact::Planned(source("c1 frozen"), Some(Arc::new(other))));
    let alert = shift.alert("c1 frozen");
    assert_eq!((alert.priority, alert.position.as_str()), (Priority::High, "harbour"));
    let id = alert.id;
    assert_eq!(shift.book.plan(id).map(|plan| plan.priority), Some(Priority::High));
    shift.hears(Fact::Planned(source("c1 frozen"), Some(Arc::new(plan()))));
    assert_eq!(shift.said(), ["updated", "updated"]);
}

#[test]
fn what_no_rule_names_any_more_does_not_vanish() {
    let mut shift = Shift::new(Plan { off_delay: MINUTE, ..plan() });
    shift.raise("c1 frozen").raise("c2 frozen").acknowledge("c2 frozen");
    for text in ["c1 frozen", "c2 frozen", "c3 frozen"] {
        shift.hears(Fact::Planned(source(text), None));
    }
    shift.is("c1 frozen", ReturnedUnacknowledged).is("c2 frozen", Normal);
    assert_eq!(shift.alert("c1 frozen").evidence, "no rule names it any more");
}
