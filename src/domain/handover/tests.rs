//! A change of shift, one sentence each. The alerts are those of a real book.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::*;
use crate::domain::{
    alert::{Act, Actor, Alert, Book, BookPolicy, Fact, Plan, Procedure, Raised, Source, Subject},
    camera::Slug,
    roster::Roster,
    time::Moment,
    timetable::Hours,
};

const HOUR: Duration = Duration::from_secs(3600);
/// Monday 23 November 2026, 00:00 UTC.
const MIDNIGHT: u64 = 1_795_392_000_000_000;

fn slug(text: &str) -> Slug {
    Slug::try_from(text).expect("an id")
}

fn hour(hour: u32) -> UnixMicros {
    UnixMicros(MIDNIGHT).plus(HOUR * hour)
}

fn signed(id: &str, at: UnixMicros) -> Signed {
    Signed { by: Actor { user: "admin".to_owned(), person: Some(slug(id)) }, at }
}

/// Anna by day, Bình by night.
fn roster() -> Roster {
    let shift = |id, from: u16, until: u16| crate::domain::roster::Shift {
        position: slug("desk"),
        people: vec![slug(id)],
        hours: Hours { days: 0x7f, from_min: from * 60, until_min: until * 60 },
    };
    let shifts = vec![shift("anna", 6, 18), shift("binh", 18, 6)];
    Roster { shifts, utc_offset_min: 0, ..Roster::default() }
}

fn plan(position: &str, priority: Priority) -> Arc<Plan> {
    Arc::new(Plan {
        rule: slug("any"),
        priority,
        position: slug(position),
        on_delay: Duration::ZERO,
        off_delay: Duration::ZERO,
        count: 1,
        within: Duration::ZERO,
        episode_gap: HOUR,
        acknowledge_within: HOUR,
        comment_required: false,
        suppressed: None,
        procedure: Procedure::default(),
    })
}

/// Alerts of one day, as a store would give them back.
struct Day {
    book: Book,
    at: Moment,
}

impl Day {
    fn new() -> Self {
        let at = Moment { now: Instant::now(), unix: hour(8) };
        Self { book: Book::new(BookPolicy::default(), 1), at }
    }

    fn raise(&mut self, camera: &str, position: &str, priority: Priority) -> AlertId {
        let source = Source { subject: Subject::Camera(slug(camera)), kind: slug("black") };
        let raised = Raised {
            source,
            cameras: vec![slug(camera)],
            site: None,
            evidence: "seen".to_owned(),
            since: self.at.unix,
            masked_by: None,
            momentary: false,
            drill: false,
            plan: plan(position, priority),
        };
        self.at = self.at.plus(Duration::from_secs(1));
        let changes = self.book.apply(self.at, Fact::Raised(Box::new(raised)));
        changes.last().expect("a change").alert.id
    }

    fn act(&mut self, id: AlertId, act: Act) {
        let by = Actor { user: "admin".to_owned(), person: Some(slug("anna")) };
        self.book.act(self.at, id, &by, act).expect("it can be done");
    }

    fn draw(&self, at: UnixMicros, notes: Vec<Note>) -> Handover {
        let (position, roster) = (slug("desk"), roster());
        let shift = Shift { position: &position, roster: &roster, at, handed_over: None };
        let open: Vec<Alert> = self.book.open().map(|alert| (**alert).clone()).collect();
        let out = |camera, until| OutOfService {
            camera: slug(camera),
            until: hour(until),
            reason: "works".to_owned(),
        };
        shift.draw(open.iter(), vec![out("x", 40), out("y", 30)], notes)
    }
}

#[test]
fn a_sheet_holds_what_the_next_shift_must_know_most_urgent_first() {
    let mut day = Day::new();
    let low = day.raise("a", "desk", Priority::Low);
    let high = day.raise("b", "desk", Priority::High);
    let older = day.raise("c", "desk", Priority::Low);
    let shelved = day.raise("d", "desk", Priority::High);
    day.raise("e", "elsewhere", Priority::High);
    day.act(high, Act::Acknowledge);
    day.act(low, Act::Assign { to: slug("em") });
    day.act(shelved, Act::Shelve { until: hour(20), reason: "a lorry".to_owned() });
    for _ in 0..3 {
        let source = Source { subject: Subject::Camera(slug("c")), kind: slug("black") };
        day.at = day.at.plus(HOUR);
        day.book.apply(day.at, Fact::Cleared(source));
        day.raise("c", "desk", Priority::Low);
    }
    let note = |text: &str, at| Note { text: text.to_owned(), signed: signed("anna", at) };
    let notes = vec![note("of another shift", hour(5)), note("the gate is open", hour(9))];
    let sheet = day.draw(hour(17), notes);

    let lines: Vec<AlertId> = sheet.open.iter().map(|line| line.alert).collect();
    assert_eq!((lines, sheet.open_total), (vec![high, low, older], 3));
    assert_eq!(sheet.open[0].person, Some(slug("anna")), "who took it");
    assert_eq!(sheet.open[1].person, Some(slug("em")), "to whom it was given");
    let on_shelf = &sheet.shelved[0];
    assert_eq!((on_shelf.alert, on_shelf.until), (shelved, Some(hour(20))));
    assert_eq!(on_shelf.reason.as_deref(), Some("a lorry"));
    assert_eq!(sheet.out_of_service[0].camera, slug("y"), "the one that is back first");
    let worst = &sheet.worst[0];
    assert_eq!((&worst.source.subject, worst.activations), (&Subject::Camera(slug("c")), 4));
    let notes: Vec<&str> = sheet.notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(notes, ["the gate is open"]);
}

#[test]
fn a_sheet_is_of_the_shift_that_ends_shortly_before_the_change_and_shortly_after_it() {
    let day = Day::new();
    for (at, since, leaving, coming) in [
        (hour(17), hour(6), "anna", "binh"),
        (hour(18), hour(6), "anna", "binh"),
        (hour(19), hour(18), "binh", "anna"),
    ] {
        let sheet = day.draw(at, Vec::new());
        assert_eq!((sheet.since, sheet.at), (since, at));
        assert_eq!((sheet.leaving, sheet.coming), (vec![slug(leaving)], vec![slug(coming)]));
    }
    let (position, roster) = (slug("desk"), roster());
    let handed_over = Some(hour(7));
    let shift = Shift { position: &position, roster: &roster, at: hour(17), handed_over };
    assert_eq!(shift.since(), hour(7), "as it really was");
    let nobody = Roster::default();
    let shift = Shift { handed_over: None, roster: &nobody, ..shift };
    assert_eq!(shift.since(), UnixMicros(hour(17).0 - DAY_MICROS), "a day without a roster");
}

const DAY_MICROS: u64 = 24 * 3600 * 1_000_000;

#[test]
fn a_long_list_is_cut_and_says_how_much_there_is() {
    let mut day = Day::new();
    for camera in 0..250 {
        day.raise(&format!("c{camera}"), "desk", Priority::Low);
    }
    let sheet = day.draw(hour(9), Vec::new());
    assert_eq!((sheet.open.len(), sheet.open_total), (200, 250));
    assert_eq!(sheet.worst.len(), 10);
}

#[test]
fn it_is_signed_by_two_different_people_and_then_closed() {
    let mut sheet = Day::new().draw(hour(17), Vec::new());
    let (anna, binh) = (signed("anna", hour(18)), signed("binh", hour(18)));
    let nobody = Actor { user: "admin".to_owned(), person: None };
    let nobody = Signed { by: nobody, at: hour(18) };
    assert_eq!(sheet.sign(Side::Leaving, nobody), Err(Objection::Nobody));
    assert_eq!(sheet.sign(Side::Leaving, anna.clone()), Ok(()));
    assert_eq!(sheet.sign(Side::Leaving, signed("anna", hour(19))), Ok(()));
    assert_eq!(sheet.signed_by_leaving, Some(anna.clone()), "the first time counts");
    assert_eq!(sheet.sign(Side::Leaving, binh.clone()), Err(Objection::Signed));
    assert_eq!(sheet.sign(Side::Coming, anna.clone()), Err(Objection::SamePerson));
    let note = |text: &str| Note { text: text.to_owned(), signed: signed("anna", hour(18)) };
    assert_eq!(sheet.note(note("the gate is open")), Ok(()));
    assert_eq!(sheet.note(note(" ")), Err(Objection::Text));
    assert_eq!(sheet.note(note(&"x".repeat(501))), Err(Objection::Text));
    assert!(!sheet.is_complete());
    assert_eq!(sheet.sign(Side::Coming, binh), Ok(()));
    assert!(sheet.is_complete());
    assert_eq!(sheet.note(note("one more thing")), Err(Objection::Complete));
    assert_eq!(sheet.notes.len(), 1);
}

#[test]
fn a_sheet_is_the_same_after_it_was_stored() {
    let mut day = Day::new();
    day.raise("a", "desk", Priority::Low);
    let sheet = day.draw(hour(17), Vec::new());
    let text = serde_json::to_string(&sheet).expect("it can be stored");
    assert_eq!(serde_json::from_str::<Handover>(&text).expect("and read"), sheet);
}
