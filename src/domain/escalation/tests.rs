//! The ladder's rules, one sentence each. The alerts are those of a real book.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use super::*;
use crate::domain::{
    alert::{
        Act, Actor, Alert, AlertId, Book, BookPolicy, Change, Fact, Plan, Priority, Procedure,
        Raised, Seq, Source, Subject,
    },
    camera::Slug,
    roster::{Person, Position, Reach, Roster, Shift},
    time::Moment,
    timetable::Hours,
};

pub(super) const MINUTE: Duration = Duration::from_secs(60);
/// Monday 23 November 2026, 00:00 UTC.
const MIDNIGHT: u64 = 1_795_392_000_000_000;

pub(super) fn slug(text: &str) -> Slug {
    text.try_into().expect("an id")
}

fn person(text: &str) -> Person {
    let (id, channels) = text.split_once(':').expect("who and how");
    let reach = |channel| Reach { channel: slug(channel), address: format!("{channel} of {id}") };
    let channels = channels.split(',').filter(|name| !name.is_empty()).map(reach).collect();
    Person { id: slug(id), name: id.to_owned(), phone: None, email: None, channels }
}

fn position(id: &str, sites: Option<Vec<Slug>>) -> Position {
    Position { id: slug(id), name: id.to_owned(), sites }
}

/// Whole days of every weekday.
fn always(position: &str, people: &[&str]) -> Shift {
    let hours = Hours { days: 0x7f, from_min: 0, until_min: 0 };
    let people = people.iter().map(|id| slug(id)).collect();
    Shift { position: slug(position), people, hours }
}

/// A desk of two, an officer, and somebody elsewhere.
pub(super) fn roster() -> Roster {
    let people = ["anna:sms,mail,radio", "binh:sms", "chi:mail,sms", "dung:", "em:sms"];
    Roster {
        positions: vec![
            position("desk", None),
            position("officer", Some(Vec::new())),
            position("north", Some(Vec::new())),
        ],
        people: people.into_iter().map(person).collect(),
        shifts: vec![
            always("desk", &["anna", "binh"]),
            always("officer", &["chi"]),
            always("north", &["dung"]),
        ],
        exceptions: Vec::new(),
        utc_offset_min: 0,
    }
}

pub(super) fn policy() -> EscalationPolicy {
    let mut policy = EscalationPolicy::default();
    (policy.duty_officer, policy.repeats) = (Some(slug("officer")), 3);
    policy
}

pub(super) fn actor(id: &str) -> Actor {
    Actor { user: id.to_owned(), person: Some(slug(id)) }
}

/// A book with its ladder, and what was said: `anna:sms`, `everyone`, `screens`, with the minute.
pub(super) struct Desk {
    pub(super) book: Book,
    pub(super) ladder: Escalation,
    pub(super) roster: Roster,
    pub(super) at: Moment,
    pub(super) minutes: u64,
    pub(super) plan: Plan,
    pub(super) steps: Vec<(AlertId, Step)>,
    pub(super) said: Vec<String>,
    /// Alerts that go up from the beginning.
    pub(super) anew: BTreeSet<AlertId>,
}

impl Desk {
    pub(super) fn new(priority: Priority) -> Self {
        let at = Moment { now: Instant::now(), unix: UnixMicros(MIDNIGHT) };
        let plan = Plan {
            rule: slug("any"),
            priority,
            position: slug("desk"),
            on_delay: Duration::ZERO,
            off_delay: Duration::ZERO,
            count: 1,
            within: Duration::ZERO,
            episode_gap: 10 * MINUTE,
            acknowledge_within: 2 * MINUTE,
            comment_required: false,
            suppressed: None,
            procedure: Procedure::default(),
        };
        Self {
            book: Book::new(BookPolicy::default(), 1),
            ladder: Escalation::new(policy()),
            roster: roster(),
            at,
            minutes: 0,
            plan,
            steps: Vec::new(),
            said: Vec::new(),
            anew: BTreeSet::new(),
        }
    }

    pub(super) fn source(camera: &str) -> Source {
        Source { subject: Subject::Camera(slug(camera)), kind: slug("covered") }
    }

    pub(super) fn raise(&mut self, camera: &str) {
        let raised = Raised {
            source: Self::source(camera),
            cameras: vec![slug(camera)],
            site: None,
            evidence: "seen".to_owned(),
            since: self.at.unix,
            masked_by: None,
            momentary: false,
            drill: false,
            plan: Arc::new(self.plan.clone()),
        };
        self.hear(Fact::Raised(Box::new(raised)));
    }

    pub(super) fn hear(&mut self, fact: Fact) {
        let changes = self.book.apply(self.at, fact);
        self.follow(changes);
    }

    pub(super) fn act(&mut self, id: AlertId, by: &str, act: Act) {
        if let Ok(changes) = self.book.act(self.at, id, &actor(by), act) {
            self.follow(changes);
        }
    }

    fn follow(&mut self, changes: Vec<Change>) {
        for change in changes {
            let id = change.alert.id;
            if change.alert.stage.is_none() {
                self.anew.insert(id);
            }
            let within = self.book.plan(id).map_or(MINUTE, |plan| plan.acknowledge_within);
            let step = self.ladder.apply(self.at, &change, within, &self.roster);
            if let Some(step) = step {
                self.say(id, step);
            }
        }
    }

    fn say(&mut self, id: AlertId, step: Step) {
        let told = step.told.iter().map(|(person, channels)| {
            let channels: Vec<&str> = channels.iter().map(Slug::as_str).collect();
            format!(" {person}:{}", channels.join(","))
        });
        let told: String = told.collect();
        let whom = match (step.stage.everyone, told.is_empty()) {
            (true, _) => format!(" everyone{told}"),
            (false, true) => " screens".to_owned(),
            (false, false) => told,
        };
        self.said.push(format!("{}{whom}", self.minutes));
        self.steps.push((id, step.clone()));
        let changes = self.book.escalated(self.at, id, step.stage, step.told);
        self.follow(changes);
    }

    pub(super) fn tick(&mut self) {
        let changes = self.book.tick(self.at);
        self.follow(changes);
        for (id, step) in self.ladder.tick(self.at, &self.roster) {
            self.say(id, step);
        }
    }

    pub(super) fn wait(&mut self, minutes: u64) {
        for _ in 0..minutes {
            self.at = self.at.plus(MINUTE);
            self.minutes += 1;
            self.tick();
        }
    }

    /// The service ends and begins again, with what the store kept.
    pub(super) fn restart(&mut self) {
        let open: Vec<Alert> = self.book.open().map(|alert| (**alert).clone()).collect();
        let head = self.book.head();
        self.book = Book::new(BookPolicy::default(), 1 + head.0);
        self.book.restore(self.at, open.clone(), Seq(head.0));
        self.ladder = Escalation::new(policy());
        for alert in &open {
            let plan = Arc::new(self.plan.clone());
            let changes = self.book.apply(self.at, Fact::Planned(alert.source.clone(), Some(plan)));
            self.ladder.restore(self.at, alert, self.plan.acknowledge_within);
            self.follow(changes);
        }
    }

    pub(super) fn only(&self) -> AlertId {
        self.book.open().next().expect("an open alert").id
    }

    fn said(&mut self) -> Vec<String> {
        std::mem::take(&mut self.said)
    }
}

/// A desk with one alert that needs a person.
fn desk() -> Desk {
    let mut desk = Desk::new(Priority::High);
    desk.raise("a");
    desk
}

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
