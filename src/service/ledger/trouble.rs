//! What fails, since when, and when it is tried again.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use tracing::{error, info};

use crate::{
    desk::feed::{Keeping, Storage},
    domain::time::UnixMicros,
};

/// Between two tries.
pub(super) const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The state of the store and of the spool, as the ledger finds them.
#[derive(Debug)]
pub(super) struct Trouble {
    /// Why entries go to the spool.
    store: Option<String>,
    /// Why they do not get there.
    spool: Option<String>,
    since: Option<UnixMicros>,
    pub(super) store_again: Instant,
    pub(super) spool_again: Instant,
}

impl Trouble {
    pub(super) fn none() -> Self {
        let now = Instant::now();
        Self { store: None, spool: None, since: None, store_again: now, spool_again: now }
    }

    pub(super) fn store_fails(&self) -> bool {
        self.store.is_some()
    }

    /// Why the spool fails.
    pub(super) fn spool_fails(&self) -> Option<&str> {
        self.spool.as_deref()
    }

    pub(super) fn store_failed(&mut self, reason: String) {
        self.store_again = Instant::now() + AGAIN_AFTER;
        if self.store.is_none() {
            error!(reason, "alerts cannot be stored: they go to the spool until they can");
            self.since = Some(SystemTime::now().into());
        }
        self.store = Some(reason);
    }

    /// Returns all that is wrong.
    pub(super) fn spool_failed(&mut self, reason: String) -> String {
        self.spool_again = Instant::now() + AGAIN_AFTER;
        if self.spool.is_none() {
            error!(reason, "alerts cannot be spooled either: they wait in memory");
        }
        let both = match &self.store {
            Some(store) => format!("{store}; {reason}"),
            None => reason,
        };
        self.spool = Some(both.clone());
        both
    }

    pub(super) fn spool_works(&mut self) {
        if self.spool.take().is_some() {
            info!("alerts go to the spool again");
        }
    }

    /// And has all that was spooled.
    pub(super) fn store_works(&mut self) {
        if self.store.take().is_some() {
            info!("alerts are stored again, and so are those that waited");
        }
        self.spool = None;
        self.since = None;
    }

    /// What everybody is told, with so many entries not in the store.
    pub(super) fn told(&self, waiting: u64) -> Storage {
        let state = match (&self.store, &self.spool) {
            (None, _) => return Storage::default(),
            (Some(_), None) => Keeping::Spooling,
            (Some(_), Some(_)) => Keeping::Failing,
        };
        let reason = self.spool.clone().or_else(|| self.store.clone());
        Storage { state, since: self.since, waiting, reason }
    }
}
