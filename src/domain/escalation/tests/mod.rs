//! The ladder's rules, one sentence each. The alerts are those of a real book.

mod restart;
mod steps;

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
