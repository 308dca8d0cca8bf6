//! All alerts that need a person, each on its way up.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use super::{
    EscalationPolicy, Stage, Step,
    climb::{Climb, Surroundings},
};
use crate::domain::{
    alert::{Act, Alert, AlertId, Change, What},
    roster::Roster,
    time::Moment,
};

/// Follows the book: it is told each change, and says whom to tell. What it says is to be given to
/// the book (`Book::escalated`), which stores it with the alert.
#[derive(Clone, Debug)]
pub struct Escalation {
    policy: EscalationPolicy,
    /// As many as the book has open alerts at most.
    climbs: BTreeMap<AlertId, Climb>,
    deadlines: BTreeSet<(Instant, AlertId)>,
}

impl Escalation {
    /// Nothing is on its way up.
    pub fn new(policy: EscalationPolicy) -> Self {
        Self { policy, climbs: BTreeMap::new(), deadlines: BTreeSet::new() }
    }

    /// Another policy, from each alert's next step on.
    pub fn set_policy(&mut self, policy: EscalationPolicy) {
        self.policy = policy;
    }

    /// Takes up an alert that the store kept, after a restart. `within` is its plan's
    /// `acknowledge_within`. What was due meanwhile is due now: the next step, and not more than
    /// that.
    pub fn restore(&mut self, at: Moment, alert: &Alert, within: Duration) {
        if alert.needs_a_person() {
            let climb = match &alert.stage {
                None => Climb::begin(alert, within, at),
                Some(stage) => Climb::resume(alert, stage, within, at, &self.policy),
            };
            self.put(alert.id, climb);
        }
    }

    /// Hears a change of the book. Steps of its own come back as changes too, and are known.
    pub fn apply(
        &mut self,
        at: Moment,
        change: &Change,
        within: Duration,
        roster: &Roster,
    ) -> Option<Step> {
        let alert = &change.alert;
        if matches!(change.what, What::Escalated { .. }) {
            return None;
        }
        let known = self.take(alert.id);
        let is_known = known.is_some();
        let mut climb = match (known, &alert.stage) {
            (Some(climb), _) => climb,
            (None, None) => Climb::begin(alert, within, at),
            (None, Some(stage)) => Climb::resume(alert, stage, within, at, &self.policy),
        };
        let needs_a_person = alert.needs_a_person();
        let around = Surroundings { policy: &self.policy, roster, at };
        let asked = alert.is_open().then_some(&change.what);
        let step = match asked {
            Some(What::Done(Act::Pass { .. })) if needs_a_person => {
                let step = climb.pass(around);
                climb.follow(alert, within, around);
                Some(step)
            }
            // Whoever has it may ask too.
            Some(What::Done(Act::Help { .. })) => {
                climb.follow(alert, within, around);
                let mut step = climb.help(around);
                step.stage.due = step.stage.due.filter(|_| needs_a_person);
                Some(step)
            }
            Some(What::Done(Act::Assign { to })) => {
                climb.follow(alert, within, around);
                let by = change.by.as_ref().and_then(|by| by.person.as_ref());
                (by != Some(to)).then(|| climb.assign(around, to))
            }
            _ if !needs_a_person => None,
            _ => {
                if is_known {
                    climb.follow(alert, within, around);
                }
                climb.due.is_some_and(|due| due <= at.now).then(|| climb.go_on(around))
            }
        };
        if needs_a_person {
            self.put(alert.id, climb);
        }
        step
    }

    /// What is due: for each alert one step at most.
    pub fn tick(&mut self, at: Moment, roster: &Roster) -> Vec<(AlertId, Step)> {
        let due: Vec<AlertId> = self
            .deadlines
            .iter()
            .take_while(|(due, _)| *due <= at.now)
            .map(|(_, id)| *id)
            .collect();
        let around = Surroundings { policy: &self.policy, roster, at };
        let mut steps = Vec::new();
        for id in due {
            let Some(climb) = self.climbs.get_mut(&id) else { continue };
            let before = climb.due;
            steps.push((id, climb.go_on(around)));
            before.map(|before| self.deadlines.remove(&(before, id)));
            self.deadlines.extend(climb.due.map(|due| (due, id)));
        }
        steps
    }

    /// When something is due next.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(due, _)| *due)
    }

    /// How far an alert has gone up, as it was said last.
    pub fn stage(&self, id: AlertId) -> Option<&Stage> {
        self.climbs.get(&id)?.stage()
    }

    fn put(&mut self, id: AlertId, climb: Climb) {
        self.deadlines.extend(climb.due.map(|due| (due, id)));
        self.climbs.insert(id, climb);
    }

    fn take(&mut self, id: AlertId) -> Option<Climb> {
        let climb = self.climbs.remove(&id)?;
        climb.due.map(|due| self.deadlines.remove(&(due, id)));
        Some(climb)
    }
}
