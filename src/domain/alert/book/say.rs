//! How changes are said: each with the next number, and the alert after it.

use std::sync::Arc;

use rand::Rng;

use super::{
    super::{Actor, Alert, AlertId, Change, What},
    Book,
    case::{Entry, state_of},
};
use crate::domain::time::Moment;

impl Book {
    /// Changes an alert and says so, with all that was not said yet.
    pub(super) fn say(
        &mut self,
        at: Moment,
        entry: &mut Entry,
        what: What,
        by: Option<&Actor>,
        edit: impl FnOnce(&mut Alert),
    ) {
        let mut alert = entry.take();
        edit(&mut alert);
        alert.state = state_of(&alert);
        entry.said = Arc::new(alert);
        entry.said_at = at.now;
        self.head = self.head.next();
        let alert = entry.said.clone();
        let (seq, at, by) = (self.head, at.unix, by.cloned());
        self.said.push(Change { seq, at, what, by, request: None, asked_at: None, alert });
    }

    pub(super) fn new_id(&mut self, at: Moment) -> AlertId {
        let random: [u8; 10] = self.random.random();
        AlertId(uuid::Builder::from_unix_timestamp_millis(at.unix.0 / 1000, &random).into_uuid())
    }
}

impl Entry {
    /// The alert as it is.
    fn take(&mut self) -> Alert {
        self.draft.take().map_or_else(|| Alert::clone(&self.said), |(draft, _)| draft)
    }

    /// Changes what need not be told at once.
    pub(super) fn note(&mut self, due: std::time::Instant, edit: impl FnOnce(&mut Alert)) {
        let due = self.draft.as_ref().map_or(due, |(_, earlier)| due.min(*earlier));
        let mut alert = self.take();
        edit(&mut alert);
        if alert != *self.said {
            self.draft = Some((alert, due));
        }
    }
}
