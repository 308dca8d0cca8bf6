//! The one writer of alerts: changes, messages, proof, journal and audit.
//!
//! Entries come in order and are stored in order, many in one transaction; they are told to
//! everybody, and answered, when they are stored and not before. While the store fails they go to a
//! spool beside it, and from there into the store when it works again. While the spool fails too
//! they wait in memory, and everybody is told that they do.

mod frame;
mod held;
mod keeper;
mod recover;
mod spool;
#[cfg(test)]
mod tests;
mod trouble;

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use tokio::sync::{mpsc, oneshot};

pub use self::{held::BATCH, keeper::Keeper, recover::Recovered};
use crate::{
    desk::feed::AlertFeed,
    store::{AlertRows, Store, StoreError},
};

/// Entries that wait for the ledger's task, which takes them at once unless it holds
/// `held::WAITING` already. When full, who gives waits for [`GIVE_WITHIN`] and has its entry
/// back: by then the store and the spool have refused everything for hours.
const GIVEN: usize = 4096;

/// How long who gives waits while memory is short. It must be able to stop.
const GIVE_WITHIN: Duration = Duration::from_secs(5);

/// Rows that belong together, and who waits for them.
#[derive(Debug, Default)]
pub struct Entry {
    /// The rows.
    pub rows: AlertRows,
    /// Told when they are stored, or when it is clear that they are not for now.
    pub answer: Option<oneshot::Sender<Result<Kept, NotKept>>>,
}

/// Where an entry is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In the store.
    Store,
    /// In the spool, for the time being.
    Spool,
}

/// Neither the store nor the spool took an entry. It waits in memory and is tried again each
/// second: whether it will be stored is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not stored yet, only in memory, and tried again each second: {0}")]
pub struct NotKept(pub String);

/// Why the ledger could not begin.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The spool holds alerts and cannot be read.
    #[error("the spool {} cannot be read — give the service's user the right to read and write it", path.display())]
    Spool {
        /// Its file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The store cannot be read.
    #[error("alerts cannot be read from the store")]
    Store(#[from] StoreError),
}

/// Where to give entries. Cheap to clone; the task ends when the last one is dropped and all is
/// stored.
#[derive(Clone, Debug)]
pub struct Ledger(mpsc::Sender<Entry>);

impl Ledger {
    /// Gives an entry. Returns at once unless memory is short; the entry comes back when that does
    /// not change in 5 s, or the ledger has stopped.
    pub async fn give(&self, entry: Entry) -> Result<(), Box<Entry>> {
        use mpsc::error::SendTimeoutError::{Closed, Timeout};
        let given = self.0.send_timeout(entry, GIVE_WITHIN).await;
        given.map_err(|(Timeout(entry) | Closed(entry))| Box::new(entry))
    }

    /// Gives an entry unless memory is short, or the ledger has stopped: for what its giver can give
    /// again.
    pub fn offer(&self, entry: Entry) -> Result<(), Box<Entry>> {
        self.0.try_send(entry).map_err(|refused| Box::new(refused.into_inner()))
    }

    /// Gives rows and waits until they are stored. `None`: the ledger has stopped, or did not take them.
    pub async fn keep(&self, rows: AlertRows) -> Option<Result<Kept, NotKept>> {
        let (answer, answered) = oneshot::channel();
        self.give(Entry { rows, answer: Some(answer) }).await.ok()?;
        answered.await.ok()
    }
}

/// A ledger that has not begun, with what it found.
#[derive(Debug)]
pub struct Opened {
    /// Where to give entries.
    pub ledger: Ledger,
    /// What everybody reads.
    pub feed: Arc<AlertFeed>,
    /// The task.
    pub keeper: Keeper,
    /// What the spool held.
    pub recovered: Recovered,
}

/// Moves what an earlier run left in the spool into the store, then reads what the store has.
pub async fn open(store: Store, spool: PathBuf) -> Result<Opened, LedgerError> {
    let recovery = recover::recover(&store, &spool).await?;
    let feed = Arc::new(AlertFeed::open(store.clone()).await?);
    let (give, entries) = mpsc::channel(GIVEN);
    let recovered = recovery.told.clone();
    let keeper = Keeper::new(store, feed.clone(), entries, recovery);
    Ok(Opened { ledger: Ledger(give), feed, keeper, recovered })
}
