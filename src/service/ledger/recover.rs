//! What an earlier run left in the spool goes into the store before anything is read.

use std::{collections::BTreeMap, io, path::Path, sync::Arc};

use tracing::{error, info, warn};

use super::{LedgerError, spool::Spool};
use crate::{
    domain::alert::delivery::Delivery,
    store::{AlertRows, Outcome, Store, StoreError},
};

/// What was found in the spool at a start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Entries that went into the store.
    pub entries: u64,
    /// Entries that the store does not take yet.
    pub waiting: u64,
    /// Bytes at its end that are no entry: what was being written when the service was killed, and
    /// confirmed to nobody.
    pub torn: u64,
    /// Bytes in the middle of it that are no entry: the disk damaged them. The file was kept.
    pub damaged: u64,
}

/// Where the ledger goes on.
#[derive(Debug)]
pub(super) struct Recovery {
    pub(super) spool: Spool,
    /// Up to here the store has it.
    pub(super) replayed: u64,
    /// What the store lacks.
    pub(super) rest: Vec<AlertRows>,
    /// Why it lacks it.
    pub(super) failure: Option<StoreError>,
    pub(super) told: Recovered,
}

pub(super) async fn recover(store: &Store, path: &Path) -> Result<Recovery, LedgerError> {
    let unreadable = |source| LedgerError::Spool { path: path.to_owned(), source };
    let spool = Spool::open(path).map_err(unreadable)?;
    let mut recovery = Recovery {
        spool,
        replayed: 0,
        rest: Vec::new(),
        failure: None,
        told: Recovered::default(),
    };
    let mut at = 0;
    while at < recovery.spool.len() {
        let chunk = recovery.spool.read(at).map_err(unreadable)?;
        at = chunk.next;
        recovery.told.torn += chunk.torn;
        recovery.told.damaged += chunk.damaged;
        if recovery.failure.is_none() {
            recovery.replay(store, chunk.entries).await;
        } else {
            recovery.rest.extend(chunk.entries);
        }
        if recovery.failure.is_none() {
            recovery.replayed = at;
        }
    }
    recovery.told.waiting = recovery.rest.len() as u64;
    recovery.tell();
    if let Err(error) = recovery.tidy() {
        warn!(spool = %path.display(), %error, "the spool for alerts cannot be made ready: it is tried again when it is needed");
    }
    Ok(recovery)
}

impl Recovery {
    async fn replay(&mut self, store: &Store, entries: Vec<AlertRows>) {
        let entries: Vec<_> = entries.into_iter().map(Arc::new).collect();
        match store.write_alerts(entries.clone()).await {
            Ok(()) => self.told.entries += entries.len() as u64,
            Err(failure) => {
                self.failure = Some(failure);
                self.rest.extend(entries.into_iter().map(Arc::unwrap_or_clone));
            }
        }
    }

    /// Nothing that was not understood is thrown away, but for what was confirmed to nobody.
    fn tidy(&mut self) -> io::Result<()> {
        if matches!(self.failure, Some(StoreError::Clash { .. })) {
            let aside = self.spool.set_aside("clash")?;
            error!(file = %aside.display(), "the spool of alerts was moved away, because it does not belong to this store: have it looked at");
            self.failure = None;
            self.rest.clear();
            self.told.waiting = 0;
            self.replayed = 0;
        } else if self.failure.is_none() && self.spool.len() > 0 {
            self.spool.empty(self.told.damaged > 0)?;
            self.replayed = 0;
        }
        self.spool.prepare()
    }

    fn tell(&self) {
        let Recovered { entries, waiting, torn, damaged } = self.told;
        if entries > 0 {
            info!(entries, "alerts that the last run had spooled were put into the store");
        }
        if torn > 0 {
            info!(
                bytes = torn,
                "the end of the spool was being written when the last run ended; it was confirmed to nobody"
            );
        }
        if damaged > 0 {
            error!(bytes = damaged, "the spool of alerts is damaged; what could be read of it was");
        }
        if let Some(error) = &self.failure {
            error!(waiting, %error, "alerts that the last run had spooled cannot be put into the store yet");
        }
    }
}

/// Messages that nothing has become of yet.
pub(super) fn unposted(rest: Vec<AlertRows>) -> Vec<Delivery> {
    let mut waiting = BTreeMap::new();
    for rows in rest {
        waiting.extend(rows.deliveries.into_iter().map(|delivery| (delivery.id, delivery)));
        for outcome in rows.outcomes {
            if !matches!(outcome, Outcome::Failed { .. }) {
                waiting.remove(&outcome.id());
            }
        }
    }
    waiting.into_values().collect()
}
