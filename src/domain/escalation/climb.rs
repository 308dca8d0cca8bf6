//! One alert on its way up.

use std::time::{Duration, Instant};

use super::{
    EscalationPolicy, Rung, Stage, Step,
    rung::{Look, Told},
};
use crate::domain::{
    alert::{Alert, Priority},
    roster::{PersonId, PositionId, Roster},
    time::Moment,
};

/// What a step takes.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) policy: &'a EscalationPolicy,
    pub(super) roster: &'a Roster,
    pub(super) at: Moment,
}

/// An alert that needs a person.
#[derive(Clone, Debug)]
pub(super) struct Climb {
    position: PositionId,
    priority: Priority,
    /// A step lasts so long.
    within: Duration,
    /// `None`: nobody was told yet.
    stage: Option<Stage>,
    /// Who read it; inside, the person where known.
    read: Option<Option<PersonId>>,
    /// The next step or reminder, on the clock that never steps.
    pub(super) due: Option<Instant>,
}

/// Alerts that are read shall be taken within twice the time that they may stay unread.
const TAKEN_WITHIN: u32 = 2;

/// A plan made by a program could say zero, and the ladder would be climbed at once.
const WITHIN_LEAST: Duration = Duration::from_secs(1);

impl Climb {
    /// An alert as it stands; the first step is due now.
    pub(super) fn begin(alert: &Alert, within: Duration, at: Moment) -> Self {
        Self {
            position: alert.position.clone(),
            priority: alert.priority,
            within: within.max(WITHIN_LEAST),
            stage: None,
            read: reader(alert),
            due: Some(at.now),
        }
    }

    /// An alert that was told of before, by its stored stage. Its next step is due when that says,
    /// now if that is past, and no later than a step lasts: the clock of people may have stepped.
    pub(super) fn resume(
        alert: &Alert,
        stage: &Stage,
        within: Duration,
        at: Moment,
        policy: &EscalationPolicy,
    ) -> Self {
        let mut climb = Self::begin(alert, within, at);
        climb.stage = Some(stage.clone());
        let wait = climb.wait(policy);
        let due = match &alert.read {
            Some(read) if stage.reminders == 0 => Some(read.at.plus(climb.within * TAKEN_WITHIN)),
            _ => stage.due,
        };
        climb.due = wait.map(|wait| at.now + due.map_or(wait, |due| due.since(at.unix).min(wait)));
        climb
    }

    /// What an alert says now that matters here.
    pub(super) fn follow(&mut self, alert: &Alert, within: Duration, around: Surroundings<'_>) {
        self.position.clone_from(&alert.position);
        self.priority = alert.priority;
        self.within = within.max(WITHIN_LEAST);
        let before = std::mem::replace(&mut self.read, reader(alert));
        match (before, &self.read) {
            (None, Some(_)) if self.stage.is_some() => {
                self.due = self.wait(around.policy).map(|wait| around.at.now + wait);
            }
            // Raised again since: somebody must read it anew, from the beginning.
            (Some(_), None) => (self.stage, self.due) = (None, Some(around.at.now)),
            _ => {}
        }
    }

    /// What is due.
    pub(super) fn go_on(&mut self, around: Surroundings<'_>) -> Step {
        match (&self.stage, &self.read) {
            (None, _) => self.go(around, 0),
            (Some(stage), None) => {
                let next = stage.step.saturating_add(1);
                self.go(around, next)
            }
            (Some(stage), Some(reader)) => {
                let (stage, reader) = (stage.clone(), reader.clone());
                self.remind(around, &stage, reader)
            }
        }
    }

    /// Whoever was told cannot deal with it: the next step, at once.
    pub(super) fn pass(&mut self, around: Surroundings<'_>) -> Step {
        self.read = None;
        let next = self.stage.as_ref().map_or(0, |stage| stage.step.saturating_add(1));
        self.go(around, next)
    }

    /// The duty officer and all who have the position, at once; then, unless it is read, everyone.
    pub(super) fn help(&mut self, around: Surroundings<'_>) -> Step {
        let told = self.look(around).help();
        let last = around.policy.last();
        if told.is_empty() {
            return self.tell(around, last, None);
        }
        let step = self.stage.as_ref().map_or(0, |stage| stage.step).max(last.saturating_sub(1));
        self.tell(around, step, Some(told))
    }

    /// Somebody was given it, and is told so; that takes the place of the next step.
    pub(super) fn assign(&mut self, around: Surroundings<'_>, to: &PersonId) -> Step {
        let told = vec![self.look(around).over_all(to)];
        let step = self.stage.as_ref().map_or(0, |stage| stage.step);
        self.tell(around, step, Some(told))
    }

    /// From a step on, the first one that reaches somebody.
    fn go(&mut self, around: Surroundings<'_>, from: u16) -> Step {
        let look = self.look(around);
        let found = (from..=around.policy.last()).find_map(|step| Some((step, look.told(step)?)));
        match found {
            Some((step, told)) if around.policy.rung(step) != Rung::Everyone => {
                self.tell(around, step, Some(told))
            }
            _ => self.tell(around, from.max(around.policy.last()), None),
        }
    }

    /// Whoever read it, or else those who were told, are told again.
    fn remind(
        &mut self,
        around: Surroundings<'_>,
        before: &Stage,
        reader: Option<PersonId>,
    ) -> Step {
        let look = self.look(around);
        let mut told = look.each_over_all(reader.into_iter());
        if told.is_empty() {
            told = look.each_over_all(before.told.iter().cloned());
        }
        if let Some(stage) = &mut self.stage {
            stage.reminders = stage.reminders.saturating_add(1);
        }
        self.tell(around, before.step, Some(told))
    }

    /// Takes a step; `None` as `told` is everyone.
    fn tell(&mut self, around: Surroundings<'_>, step: u16, told: Option<Told>) -> Step {
        let everyone = told.is_none();
        let told = told.unwrap_or_else(|| self.look(around).everyone());
        let mut stage = self.stage.take().unwrap_or_default();
        stage.step = step;
        stage.at = around.at.unix;
        stage.everyone |= everyone;
        for (person, _) in &told {
            if !stage.told.contains(person) {
                stage.told.push(person.clone());
            }
        }
        self.stage = Some(stage);
        let wait = self.wait(around.policy);
        let stage = self.stage.as_mut().expect("it was set just now");
        stage.due = wait.map(|wait| around.at.unix.plus(wait));
        self.due = wait.map(|wait| around.at.now + wait);
        Step { stage: stage.clone(), told }
    }

    /// How long what was done last lasts; `None`: nothing follows.
    fn wait(&self, policy: &EscalationPolicy) -> Option<Duration> {
        let stage = self.stage.as_ref()?;
        if self.read.is_some() {
            return (stage.reminders < policy.repeats).then_some(self.within * TAKEN_WITHIN);
        }
        match stage.step.checked_sub(policy.last()) {
            None => Some(self.within),
            Some(repeated) => (repeated < policy.repeats).then_some(policy.repeat_every),
        }
    }

    /// How far it has gone up.
    pub(super) fn stage(&self) -> Option<&Stage> {
        self.stage.as_ref()
    }

    fn look<'a>(&'a self, around: Surroundings<'a>) -> Look<'a> {
        Look {
            policy: around.policy,
            roster: around.roster,
            at: around.at.unix,
            position: &self.position,
            priority: self.priority,
            before: self.stage.as_ref().map_or(&[], |stage| &stage.told),
        }
    }
}

fn reader(alert: &Alert) -> Option<Option<PersonId>> {
    alert.read.as_ref().map(|read| read.by.person.clone())
}
