//! What of the past becomes an alert, what people do with it, and who is told.

mod audited;
mod duty;
mod outside;
mod sending;

use std::{collections::VecDeque, net::IpAddr, sync::Arc, time::Duration};

use rand::{Rng, SeedableRng, rngs::SmallRng};
use uuid::Uuid;

use self::audited::audited;
use super::{Desk, Moment};
use crate::{
    config::Config,
    desk::{
        command::{Answer, Done, Refused},
        event::Effect,
    },
    domain::{
        alert::{
            self, Act, Actor, Alert, AlertId, Book, BookPolicy, Change, Fact, Plan, Raised, Seq,
            Source, Subject,
        },
        camera::{Camera, CameraId, Condition, Slug},
        escalation::Escalation,
        history::{self, Record},
        time::UnixMicros,
        word::word,
    },
    store::{AlertRows, JournalRow},
};

/// Commands and events that are remembered, so that whoever sends one again is answered alike:
/// those of a day of a busy centre.
const REMEMBERED: usize = 4096;

/// How soon an alert must be read for which no rule is left.
const UNPLANNED_WITHIN: Duration = Duration::from_secs(5 * 60);

fn read_within(config: &Config, source: &Source) -> Duration {
    config.plan_of(source).map_or(UNPLANNED_WITHIN, |plan| plan.acknowledge_within)
}

/// The alert side of the desk.
#[derive(Debug)]
pub(super) struct Alerts {
    pub(super) book: Book,
    pub(super) escalation: Escalation,
    /// From before the start, until the first moment is known.
    kept: Option<(Vec<Alert>, Seq)>,
    /// What this event or tick tells the book, in order.
    facts: Vec<Fact>,
    /// What the book said of it.
    changes: Vec<Change>,
    /// So many of them were heard by escalation.
    escalated: usize,
    /// What was done under which name, the newest last.
    done: VecDeque<(String, Done)>,
    /// The book has said something since what is shown of duty was looked at.
    stirred: bool,
    /// For the ids of what is written down.
    ids: SmallRng,
}

impl Alerts {
    /// With what the store kept: alerts that are not over, the newest change, and the newest changes
    /// themselves.
    pub(super) fn new(
        kept: (Vec<Alert>, Seq),
        changes: &[Arc<Change>],
        config: &Config,
        seed: u64,
    ) -> Self {
        let mut alerts = Self {
            book: Book::new(BookPolicy::default(), seed),
            escalation: Escalation::new(config.escalation.clone()),
            kept: Some(kept),
            facts: Vec::new(),
            changes: Vec::new(),
            escalated: 0,
            done: VecDeque::with_capacity(REMEMBERED),
            stirred: true,
            // Not the book's own numbers once more.
            ids: SmallRng::seed_from_u64(seed ^ 0x0069_6473),
        };
        for change in changes {
            if let Some(request) = &change.request {
                let done = Done::Alert { seq: change.seq, alert: change.alert.clone() };
                alerts.remember(name_of(change.alert.id, request), done);
            }
        }
        alerts
    }

    /// Has the book hear something now; returns the alert that is open of its source then.
    pub(super) fn hear_now(&mut self, at: Moment, source: &Source, fact: Fact) -> Option<AlertId> {
        let changes = self.book.apply(at, fact);
        self.changes.extend(changes);
        self.book.open_of(source, false).map(|alert| alert.id)
    }

    pub(super) fn hear(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    /// As ids everywhere: version 7, by the time that is told, so that the same input makes the same.
    pub(super) fn id(&mut self, at: UnixMicros) -> Uuid {
        let random: [u8; 10] = self.ids.random();
        uuid::Builder::from_unix_timestamp_millis(at.0 / 1000, &random).into_uuid()
    }

    fn done_before(&self, name: &str) -> Option<Done> {
        self.done.iter().rev().find(|(done, _)| done == name).map(|(_, done)| done.clone())
    }

    fn remember(&mut self, name: String, done: Done) {
        if self.done.len() == REMEMBERED {
            self.done.pop_front();
        }
        self.done.push_back((name, done));
    }
}

impl Desk {
    /// Tells the book what was written down of conditions.
    pub(super) fn hear_records(&mut self, records: &[Record]) {
        for record in records {
            let fact = match record {
                Record::Raised { subject, condition, at, evidence, masked_by, told_by, .. } => {
                    told_by.and_then(|told_by| {
                        let source = self.teller(source(subject, *condition), subject, told_by);
                        let raised = self.raised(source, *at, evidence)?;
                        let masked_by = masked_by.clone();
                        Some(Fact::Raised(Box::new(Raised { masked_by, ..raised })))
                    })
                }
                Record::Cleared { subject, condition, .. } => {
                    Some(Fact::Cleared(source(subject, *condition)))
                }
                Record::State { .. } | Record::Minute { .. } => None,
            };
            self.alerts.facts.extend(fact);
        }
    }

    /// Whose alert tells people of a condition: that of the one which began the same loss, unless its
    /// own is more urgent or goes to others.
    fn teller(&self, own: Source, subject: &history::Subject, told_by: Condition) -> Source {
        let first = source(subject, told_by);
        let goes_along = |own: &Plan, first: &Plan| {
            own.priority <= first.priority && own.position == first.position
        };
        match (self.config.plan_of(&own), self.config.plan_of(&first)) {
            (Some(plan), Some(of_first)) if goes_along(&plan, &of_first) => first,
            _ => own,
        }
    }

    /// What the rules make of something; `None`: it stays a record.
    pub(super) fn raised(
        &self,
        source: Source,
        since: UnixMicros,
        evidence: &str,
    ) -> Option<Raised> {
        let camera = match &source.subject {
            Subject::Camera(id) => self.camera_config(id),
            Subject::Site(_) | Subject::Screen(_) | Subject::Service => None,
        };
        let plan = self.config.plan_of(&source)?;
        let site = match &source.subject {
            Subject::Site(site) => Some(site.clone()),
            _ => camera.and_then(|camera| camera.site.clone()),
        };
        Some(Raised {
            cameras: camera.map(|camera| camera.id.clone()).into_iter().collect(),
            site,
            evidence: evidence.to_owned(),
            since,
            masked_by: None,
            momentary: false,
            drill: false,
            plan,
            source,
        })
    }

    pub(super) fn camera_config(&self, id: &CameraId) -> Option<&Camera> {
        let handle = self.handles.get(id)?;
        self.cameras.get(handle).map(|camera| &camera.config.camera)
    }

    /// Takes up what the store kept.
    pub(super) fn restore_alerts(&mut self, at: Moment) {
        if let Some((alerts, head)) = self.alerts.kept.take() {
            for alert in &alerts {
                let within = read_within(&self.config, &alert.source);
                self.alerts.escalation.restore(at, alert, within);
                self.take_up_screen(at, alert);
            }
            self.alerts.book.restore(at, alerts, head);
            self.replan();
        }
    }

    /// Other rules hold.
    pub(super) fn replan(&mut self) {
        let open: Vec<Source> = self.alerts.book.open().map(|alert| alert.source.clone()).collect();
        for source in open {
            let plan = self.config.plan_of(&source);
            self.alerts.hear(Fact::Planned(source, plan));
        }
    }

    /// Has the book hear all of it, and sends what it says on its way.
    pub(super) fn alert(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        for fact in std::mem::take(&mut self.alerts.facts) {
            let changes = self.alerts.book.apply(at, fact);
            self.alerts.changes.extend(changes);
        }
        self.dispatch(at, None, (None, None), effects);
        self.show_duty(effects);
    }

    /// Time has passed for the book.
    pub(super) fn tick_alerts(&mut self, at: Moment) {
        let changes = self.alerts.book.tick(at);
        self.alerts.changes.extend(changes);
        self.escalate(at);
        for (id, step) in self.alerts.escalation.tick(at, &self.config.roster) {
            let changes = self.alerts.book.escalated(at, id, step.stage, step.told);
            self.alerts.changes.extend(changes);
        }
        self.alerts.escalated = self.alerts.changes.len();
    }

    /// Has escalation hear what it has not heard yet; its steps are changes too.
    fn escalate(&mut self, at: Moment) {
        while let Some(change) = self.alerts.changes.get(self.alerts.escalated).cloned() {
            self.alerts.escalated += 1;
            let within = read_within(&self.config, &change.alert.source);
            let roster = &self.config.roster;
            if let Some(step) = self.alerts.escalation.apply(at, &change, within, roster) {
                let id = change.alert.id;
                let changes = self.alerts.book.escalated(at, id, step.stage, step.told);
                self.alerts.changes.extend(changes);
            }
        }
    }

    /// A person does something with an alert.
    pub(super) fn act(
        &mut self,
        at: Moment,
        (id, by, act): (AlertId, Actor, Act),
        (request, asked_at): (Option<String>, Option<UnixMicros>),
        (address, answer): (Option<IpAddr>, Answer),
        effects: &mut Vec<Effect>,
    ) {
        let name = request.as_ref().map(|request| name_of(id, request));
        if let Some(done) = name.as_ref().and_then(|name| self.alerts.done_before(name)) {
            // It goes behind what is not committed yet: perhaps that is the very one.
            return self.dispatch(at, None, (address, Some((answer, done))), effects);
        }
        if let Act::Assign { to } = &act
            && self.config.roster.person(to).is_none()
        {
            let refused = Refused::Unknown(format!("person {to}"));
            return effects.push(Effect::Answer(answer, Err(refused)));
        }
        let mut changes = match self.alerts.book.act(at, id, &by, act) {
            Ok(changes) => changes,
            Err(refused) => return effects.push(Effect::Answer(answer, Err(refused.into()))),
        };
        for change in &mut changes {
            change.request.clone_from(&request);
            change.asked_at = asked_at;
        }
        self.alerts.changes.extend(changes);
        self.escalate(at);
        let Some(alert) = self.alerts.book.alert(id).cloned() else {
            let refused = Refused::Alert(alert::Refused::Unknown(id));
            return effects.push(Effect::Answer(answer, Err(refused)));
        };
        let changes = self.alerts.changes.iter().rev();
        let newest = changes.filter(|change| change.alert.id == id).map(|change| change.seq).next();
        let seq = newest.unwrap_or_else(|| self.alerts.book.head());
        let done = Done::Alert { seq, alert };
        if let Some(name) = name {
            self.alerts.remember(name, done.clone());
        }
        self.dispatch(at, None, (address, Some((answer, done))), effects);
    }

    /// Sends on its way whatever the book has said, and whoever waits for it behind it: from there
    /// came what a person did.
    fn dispatch(
        &mut self,
        at: Moment,
        record: Option<Box<JournalRow>>,
        (address, answer): (Option<IpAddr>, Option<(Answer, Done)>),
        effects: &mut Vec<Effect>,
    ) {
        self.escalate(at);
        self.alerts.escalated = 0;
        let changes = std::mem::take(&mut self.alerts.changes);
        if !changes.is_empty() {
            self.walls.alerts_changed();
        }
        if changes.is_empty() && record.is_none() && answer.is_none() {
            return;
        }
        self.alerts.stirred |= !changes.is_empty();
        let deliveries = self.deliveries(at, &changes);
        let ids = &mut self.alerts;
        let audit =
            changes.iter().filter_map(|change| audited(change, address, || ids.id(at.unix)));
        let audit = audit.collect();
        let changes = changes.into_iter().map(Arc::new).collect();
        let records = record.map(|row| *row).into_iter().collect();
        let rows = AlertRows { changes, deliveries, records, audit, ..AlertRows::default() };
        effects.push(Effect::Alert { rows, answer });
    }
}

/// A command's name among those of all alerts.
fn name_of(alert: AlertId, request: &str) -> String {
    format!("{alert} {request}")
}

fn source(subject: &history::Subject, condition: Condition) -> Source {
    let kind = Slug::try_from(word(condition)).expect("a condition's word is a slug");
    let subject = match subject {
        history::Subject::Camera(id) => Subject::Camera(id.clone()),
        history::Subject::Site(id) => Subject::Site(id.clone()),
    };
    Source { subject, kind }
}
