//! What people do with alerts, and how far alerts go up.

use super::{
    super::{Act, Actor, Alert, AlertId, Change, Comment, Refused, Shelved, Signed, What},
    Book,
    case::{Case, Entry},
    overrides::ask_anew,
};
use crate::domain::{
    escalation::Stage,
    roster::{ChannelId, PersonId},
    time::Moment,
};

impl Book {
    /// Does what a person asks for. What was done already by the same person is done again without
    /// a change: answers get lost on poor links.
    ///
    /// # Errors
    /// Why it cannot be done; then nothing was changed.
    pub fn act(
        &mut self,
        at: Moment,
        id: AlertId,
        by: &Actor,
        act: Act,
    ) -> Result<Vec<Change>, Refused> {
        let key = self.ids.get(&id).cloned().ok_or(Refused::Unknown(id))?;
        let mut case = self.cases.remove(&key).ok_or(Refused::Unknown(id))?;
        let mut entry = case.entry.take();
        let done = match &mut entry {
            Some(entry) => self.perform(at, &case, entry, by, act),
            None => Err(Refused::Unknown(id)),
        };
        case.entry = entry;
        self.cases.insert(key.clone(), case);
        done?;
        self.stirred.insert(key);
        Ok(self.settle(at))
    }

    /// Records a step that was decided in `domain::escalation`, if the alert is still open.
    pub fn escalated(
        &mut self,
        at: Moment,
        id: AlertId,
        stage: Stage,
        told: Vec<(PersonId, Vec<ChannelId>)>,
    ) -> Vec<Change> {
        let Some(key) = self.ids.get(&id).cloned() else { return Vec::new() };
        let Some(mut case) = self.cases.remove(&key) else { return Vec::new() };
        if let Some(entry) = case.entry.as_mut().filter(|entry| entry.said.is_open()) {
            let what = What::Escalated { step: stage.step, told };
            self.say(at, entry, what, None, |alert| alert.stage = Some(stage));
        }
        self.cases.insert(key.clone(), case);
        self.stirred.insert(key);
        self.settle(at)
    }

    fn perform(
        &mut self,
        at: Moment,
        case: &Case,
        entry: &mut Entry,
        by: &Actor,
        act: Act,
    ) -> Result<(), Refused> {
        let done = act.clone();
        let signed = Signed { by: by.clone(), at: at.unix };
        let alert = entry.said.clone();
        if !alert.is_open() && !matches!(act, Act::Comment { .. } | Act::Read) {
            return Err(Refused::NotNow("it is closed"));
        }
        let comments_max = self.policy.comments_max;
        let mut say = |book: &mut Self, edit: &dyn Fn(&mut Alert)| {
            book.say(at, entry, What::Done(done.clone()), Some(by), edit);
        };
        match act {
            Act::Read => {
                if alert.read.is_none() && alert.is_open() {
                    say(self, &|alert| alert.read = Some(signed.clone()));
                }
            }
            Act::Acknowledge => match &alert.acknowledged {
                Some(before) if before.by == *by => {}
                Some(_) => return Err(Refused::NotNow("somebody else has taken it")),
                None => say(self, &|alert| take(alert, &signed)),
            },
            Act::Assign { to } => {
                if alert.assigned.as_ref() != Some(&to) {
                    say(self, &|alert| alert.assigned = Some(to.clone()));
                }
            }
            Act::Comment { text } => {
                say(self, &|alert| comment(alert, &text, &signed, comments_max));
            }
            Act::Resolve { disposition, comment: text } => {
                if case.plan.comment_required && text.is_none() {
                    return Err(Refused::CommentMissing);
                }
                say(self, &|alert| {
                    take(alert, &signed);
                    alert.disposition = Some(disposition);
                    alert.resolved = Some(signed.clone());
                    alert.shelved = None;
                    if let Some(text) = &text {
                        comment(alert, text, &signed, comments_max);
                    }
                });
                entry.shelf_ends = None;
            }
            Act::Shelve { until, reason } => {
                if until <= at.unix {
                    return Err(Refused::NotNow("the time on the shelf must end in the future"));
                }
                if until.since(at.unix) > self.policy.shelf_max {
                    return Err(Refused::NotNow("an alert is shelved for at most 24 hours"));
                }
                if reason.trim().is_empty() {
                    return Err(Refused::NotNow("say why it is shelved"));
                }
                let shelved = Shelved { until, reason, signed };
                say(self, &|alert| alert.shelved = Some(shelved.clone()));
                entry.shelf_ends = Some(at.until(until));
            }
            Act::Unshelve => {
                if alert.shelved.is_none() {
                    return Err(Refused::NotNow("it is not on the shelf"));
                }
                say(self, &|alert| {
                    alert.shelved = None;
                    ask_anew(alert);
                });
                entry.shelf_ends = None;
            }
            Act::Pass { reason } => {
                if alert.resolved.is_some() {
                    return Err(Refused::NotNow("it is settled"));
                }
                say(self, &|alert| {
                    // Nobody has it now.
                    (alert.read, alert.acknowledged) = (None, None);
                    alert.assigned =
                        alert.assigned.take().filter(|to| by.person.as_ref() != Some(to));
                    comment(alert, &reason, &signed, comments_max);
                });
            }
            Act::Help { text } => say(self, &|alert| comment(alert, &text, &signed, comments_max)),
        }
        Ok(())
    }
}

fn take(alert: &mut Alert, signed: &Signed) {
    alert.acknowledged.get_or_insert_with(|| signed.clone());
    alert.read.get_or_insert_with(|| signed.clone());
}

fn comment(alert: &mut Alert, text: &str, signed: &Signed, comments_max: usize) {
    alert.comments.push(Comment { text: text.to_owned(), signed: signed.clone() });
    let over = alert.comments.len().saturating_sub(comments_max);
    alert.comments.drain(..over);
}
