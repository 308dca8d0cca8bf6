//! What is kept of cameras beside their states: figures for plots each minute, and what was learnt.

use super::{Desk, Moment};
use crate::{desk::event::Effect, domain::time::UnixMicros};

const MINUTE_US: u64 = 60_000_000;

impl Desk {
    /// Writes down the figures of the minute that is over, of all cameras in one batch.
    pub(super) fn minute_over(&mut self, at: Moment) {
        let minute = at.unix.0 / MINUTE_US;
        let before = self.minute.replace(minute);
        // A clock that is set back begins a minute anew; its figures join those that were gathered.
        if before.is_some_and(|before| before < minute) {
            let at = UnixMicros(minute * MINUTE_US);
            let figures = self.cameras.values_mut().filter_map(|camera| camera.minute(at));
            self.records.extend(figures);
        }
    }

    /// Has the store keep what was learnt of one camera whose time it is: one in a tick, so that a
    /// thousand of them do not keep the desk waiting for the disk at once.
    pub(super) fn learn_one(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        let due = self.cameras.values_mut().find(|camera| camera.may_learn(at));
        effects.extend(due.and_then(|camera| camera.learn(at)));
    }
}
