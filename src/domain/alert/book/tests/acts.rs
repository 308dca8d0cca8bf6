//! What people do.

use super::{State::*, *};
use crate::domain::escalation::Stage;

#[test]
fn what_is_settled_while_it_stands_stays_taken_until_it_clears() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen").resolve("c1 frozen").wait(HOUR).is("c1 frozen", Acknowledged);
    assert_eq!(shift.alert("c1 frozen").disposition, Some(Disposition::Real));
    shift.clear("c1 frozen").is("c1 frozen", Normal);
    assert_eq!(shift.said(), ["opened", "done", "cleared", "closed"]);
}

#[test]
fn a_rule_may_ask_for_a_comment() {
    let mut shift = Shift::new(Plan { comment_required: true, ..plan() });
    shift.raise("c1 frozen");
    let resolve = |comment| Act::Resolve { disposition: Disposition::False, comment };
    assert_eq!(shift.try_act("c1 frozen", &anna(), resolve(None)), Err(Refused::CommentMissing));
    shift.is("c1 frozen", Unacknowledged);
    shift.act("c1 frozen", &anna(), resolve(Some("a spider".to_owned())));
    let alert = shift.alert("c1 frozen");
    assert_eq!(alert.comments[0].text, "a spider");
    assert_eq!(alert.resolved.as_ref().map(|signed| &signed.by), Some(&anna()));
}

#[test]
fn one_person_takes_it_and_the_other_is_told() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen").acknowledge("c1 frozen");
    assert_eq!(shift.try_act("c1 frozen", &anna(), Act::Acknowledge), Ok(0), "said twice");
    let refused = shift.try_act("c1 frozen", &binh(), Act::Acknowledge);
    assert_eq!(refused, Err(Refused::NotNow("somebody else has taken it")));
    assert_eq!(shift.alert("c1 frozen").acknowledged.as_ref().map(|s| &s.by), Some(&anna()));
}

#[test]
fn the_first_who_reads_is_kept_and_taking_is_reading() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen").act("c1 frozen", &binh(), Act::Read).acknowledge("c1 frozen");
    assert_eq!(shift.try_act("c1 frozen", &anna(), Act::Read), Ok(0));
    assert_eq!(shift.alert("c1 frozen").read.as_ref().map(|signed| &signed.by), Some(&binh()));
    shift.raise("c2 frozen").acknowledge("c2 frozen");
    assert_eq!(shift.alert("c2 frozen").read.as_ref().map(|signed| &signed.by), Some(&anna()));
}

#[test]
fn what_is_passed_on_is_nobodys() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen").acknowledge("c1 frozen");
    shift.act("c1 frozen", &anna(), Act::Assign { to: slug("anna") });
    shift.act("c1 frozen", &anna(), Act::Pass { reason: "no boat".to_owned() });
    let alert = shift.alert("c1 frozen");
    assert_eq!(alert.state, Unacknowledged);
    assert_eq!((&alert.read, &alert.acknowledged, &alert.assigned), (&None, &None, &None));
    assert_eq!(alert.comments[0].text, "no boat");
    shift.resolve("c1 frozen");
    let pass = Act::Pass { reason: "no boat".to_owned() };
    let refused = shift.try_act("c1 frozen", &anna(), pass);
    assert_eq!(refused, Err(Refused::NotNow("it is settled")));
}

#[test]
fn a_step_is_recorded_and_begins_anew_once_somebody_had_it() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen");
    let id = shift.alert("c1 frozen").id;
    let stage = Stage {
        step: 1,
        at: shift.at.unix,
        due: None,
        told: vec![slug("anna")],
        ..Stage::default()
    };
    let told = vec![(slug("anna"), vec![slug("radio")])];
    let said = shift.book.escalated(shift.at, id, stage.clone(), told.clone());
    assert_eq!(said[0].what, What::Escalated { step: 1, told: told.clone() });
    shift.log.extend(said);
    shift.clear("c1 frozen").wait(MINUTE).raise("c1 frozen");
    assert_eq!(shift.alert("c1 frozen").stage, Some(stage.clone()), "nobody had it: it goes on");
    shift.act("c1 frozen", &anna(), Act::Read).clear("c1 frozen").wait(MINUTE).raise("c1 frozen");
    assert_eq!(shift.alert("c1 frozen").stage, None);
    shift.clear("c1 frozen").acknowledge("c1 frozen");
    assert_eq!(shift.book.escalated(shift.at, id, stage, told), [], "it is closed");
}

#[test]
fn the_oldest_comments_go() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen");
    for number in 0..103 {
        shift.act("c1 frozen", &anna(), Act::Comment { text: number.to_string() });
    }
    let comments = &shift.alert("c1 frozen").comments;
    assert_eq!((comments.len(), comments[0].text.as_str()), (100, "3"));
}

#[test]
fn what_is_closed_can_be_commented_for_a_while_and_nothing_else() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen").clear("c1 frozen").acknowledge("c1 frozen");
    let refused = shift.try_act("c1 frozen", &binh(), Act::Assign { to: slug("anna") });
    assert_eq!(refused, Err(Refused::NotNow("it is closed")));
    shift.act("c1 frozen", &binh(), Act::Comment { text: "a branch".to_owned() });
    shift.is("c1 frozen", Normal).wait(10 * MINUTE);
    let id = shift.alert("c1 frozen").id;
    assert_eq!(shift.try_act("c1 frozen", &binh(), Act::Read), Err(Refused::Unknown(id)));
}

#[test]
fn what_is_refused_changes_nothing() {
    let mut shift = Shift::new(plan());
    shift.raise("c1 frozen");
    let (before, head) = (shift.alert("c1 frozen"), shift.book.head());
    let until = |time| UnixMicros(MIDNIGHT).plus(time);
    let shelve = |until, reason: &str| Act::Shelve { until, reason: reason.to_owned() };
    for act in [
        shelve(UnixMicros(MIDNIGHT), "a crane"),
        shelve(until(24 * HOUR + SECOND), "a crane"),
        shelve(until(HOUR), " "),
        Act::Unshelve,
    ] {
        let refused = shift.try_act("c1 frozen", &anna(), act.clone());
        assert!(matches!(refused, Err(Refused::NotNow(_))), "{act:?}: {refused:?}");
    }
    assert_eq!((shift.alert("c1 frozen"), shift.book.head()), (before, head));
}
