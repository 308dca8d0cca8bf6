//! One pass over what is known of a source: what follows from it now.

use std::time::Instant;

use super::{
    super::{Subject, What},
    Book,
    case::{Case, Entry, Key},
    overrides::ask_anew,
};
use crate::domain::time::Moment;

/// Cameras join and leave a mask one after the other.
const MASKS_GATHER: std::time::Duration = std::time::Duration::from_secs(2);

impl Book {
    pub(super) fn review(&mut self, at: Moment, key: &Key) {
        let Some(mut case) = self.cases.remove(key) else { return };
        if let Some(due) = case.due.take() {
            self.deadlines.remove(&(due, key.clone()));
        }
        let mut entry = case.entry.take();
        if let Some(entry) = &mut entry {
            self.clear(at, key, &mut case, entry);
        }
        if case.cause.is_none() && entry.as_ref().is_none_or(|entry| entry.gone.is_none()) {
            self.mask(at.now, key, &mut case, None);
        }
        case.entry = entry;
        let over = self.overridden(at, key, &case);
        let mut entry = case.entry.take();
        if let Some(entry) = &mut entry {
            self.show(at, entry, &over);
        }
        self.activate(at, key, &mut case, &mut entry, over.at_all());
        if let Some(entry) = &mut entry {
            self.end_chatter(at, &case, entry);
            self.end_shelf(at, entry);
            self.note_masks(at, key, entry);
            self.update(at, entry);
            self.close(at, key, &case, entry);
        }
        if let Some(closed) = entry.take_if(|entry| entry.forget.is_some_and(|by| by <= at.now)) {
            self.ids.remove(&closed.said.id);
        }
        case.entry = entry;
        self.file(at, key, case);
    }

    /// Says that a cause is gone, when its off-delay is over and it does not chatter.
    fn clear(&mut self, at: Moment, key: &Key, case: &mut Case, entry: &mut Entry) {
        if entry.confirm_by.is_some_and(|by| by <= at.now) {
            self.mask(at.now, key, case, None);
            entry.confirm_by = None;
            case.cause = None;
            entry.gone = Some(super::case::Gone { at: at.unix, seen: at.now, due: at.now });
            entry.note(at.now, |alert| {
                "not found again since the service started".clone_into(&mut alert.evidence);
            });
        }
        let over = self.gone_due(case, entry).is_some_and(|due| due <= at.now);
        if let Some(gone) = entry.gone.take_if(|_| over) {
            entry.cleared = Some(gone.seen);
            if entry.said.chattering {
                self.end_chatter(at, case, entry);
            }
            let alone = case.cause.is_none();
            self.say(at, entry, What::Cleared, None, |alert| {
                alert.cleared_at = Some(gone.at);
                if alone {
                    alert.masked_by = None;
                }
            });
        }
    }

    fn gone_due(&self, case: &Case, entry: &Entry) -> Option<Instant> {
        let due = entry.gone.as_ref()?.due;
        Some(self.chatter_ends(case, entry).map_or(due, |ends| due.max(ends)))
    }

    fn chatter_ends(&self, case: &Case, entry: &Entry) -> Option<Instant> {
        let (last, _) = case.activations.back()?;
        entry.said.chattering.then(|| *last + self.policy.chatter_within)
    }

    fn end_chatter(&mut self, at: Moment, case: &Case, entry: &mut Entry) {
        if self.chatter_ends(case, entry).is_some_and(|ends| ends <= at.now) {
            self.say(at, entry, What::Chattering(false), None, |alert| alert.chattering = false);
        }
    }

    fn end_shelf(&mut self, at: Moment, entry: &mut Entry) {
        if entry.shelf_ends.take_if(|ends| *ends <= at.now).is_some() {
            self.say(at, entry, What::ShelfEnded, None, |alert| {
                alert.shelved = None;
                ask_anew(alert);
            });
        }
    }

    /// A site's alert names what is masked under it, while it stands; then it keeps them.
    fn note_masks(&mut self, at: Moment, key: &Key, entry: &mut Entry) {
        let stands = entry.said.is_open() && entry.said.cleared_at.is_none();
        if !entry.masks_differ || !stands || entry.gone.is_some() {
            return;
        }
        entry.masks_differ = false;
        let masks = self.masks_of(key);
        let due = (entry.said_at + self.policy.update_every).max(at.now + MASKS_GATHER);
        entry.note(due, |alert| alert.masks = masks);
    }

    fn update(&mut self, at: Moment, entry: &mut Entry) {
        if entry.draft.as_ref().is_some_and(|(_, due)| *due <= at.now) {
            self.say(at, entry, What::Updated, None, |_| {});
        }
    }

    fn close(&mut self, at: Moment, key: &Key, case: &Case, entry: &mut Entry) {
        let alert = &entry.said;
        let over = if alert.momentary {
            alert.resolved.is_some()
        } else {
            alert.cleared_at.is_some() && alert.acknowledged.is_some()
        };
        if !over || !alert.is_open() || alert.shelved.is_some() {
            return;
        }
        self.say(at, entry, What::Closed, None, |alert| {
            alert.closed_at = Some(at.unix);
            alert.chattering = false;
            (alert.masked_by, alert.suppressed_until, alert.out_of_service_until) =
                (None, None, None);
        });
        entry.forget = Some(at.now + case.plan.episode_gap);
        self.open = self.open.saturating_sub(Self::size(key));
    }

    /// Puts a case back, with when it is to be looked at next, or forgets it.
    fn file(&mut self, at: Moment, key: &Key, mut case: Case) {
        let counts = case.activations.back().map(|(last, _)| *last + case.plan.within);
        let counts = counts.filter(|until| *until > at.now);
        let speaks = case.speaks();
        if std::mem::replace(&mut case.spoke, speaks) != speaks
            && let Subject::Site(site) = &key.source.subject
        {
            self.stirred.extend(self.masked.get(site).into_iter().flatten().cloned());
        }
        if case.cause.is_none() && case.entry.is_none() && counts.is_none() {
            return;
        }
        let ready = case.cause.as_ref().filter(|cause| !cause.active).and_then(|c| c.ready);
        let mut due =
            [ready, self.override_due(at, &case), counts, None, None, None, None, None, None];
        if let Some(entry) = &case.entry {
            due[3] = entry.confirm_by;
            due[4] = self.gone_due(&case, entry);
            due[5] = self.chatter_ends(&case, entry);
            due[6] = entry.shelf_ends;
            due[7] = entry.draft.as_ref().map(|(_, due)| *due);
            due[8] = entry.forget;
        }
        case.due = due.into_iter().flatten().min();
        if let Some(due) = case.due {
            self.deadlines.insert((due, key.clone()));
        }
        self.cases.insert(key.clone(), case);
    }
}
