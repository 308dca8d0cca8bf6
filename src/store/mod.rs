//! What must survive a restart, in one SQLite file: budgets, what was learnt, orders, and the past.
//! Of pictures only the few that are worth keeping; video never.
//!
//! One task writes, so writes never wait for each other's locks, and what waits is committed
//! together: a commit is a flush of the disk, and 64 rows cost no more of it than one. A write
//! that returned `Ok` survives a power cut. Readers have connections of their own.

mod accounts;
mod alerts;
mod audit;
mod changes;
mod column;
mod configuration;
mod courtesy;
mod deliveries;
mod drills;
mod error;
mod figures;
mod grants;
mod handover;
mod history;
mod journal;
mod learnt;
mod ledger;
mod life;
mod maintenance;
mod past;
mod pictures;
mod preferences;
mod receipts;
mod retention;
mod sign_ins;
mod tokens;
#[cfg(test)]
pub(crate) mod trouble;
mod walls;
mod writer;

use std::{fs, path::Path, time::Duration};

use sqlx::{
    ConnectOptions, Connection, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub use self::{
    accounts::{AccountChange, AccountRow, Changed, NewAccount},
    alerts::{AlertFilter, Numbered},
    audit::{
        AuditEntry, AuditError, AuditHash, AuditReport, AuditRow, Broken, KnownHead, NoHash, Wrong,
        verify_audit,
    },
    configuration::ConfigurationRow,
    courtesy::CourtesyRow,
    deliveries::{DeliveryRow, DeliveryState, Outcome},
    drills::DrillRow,
    error::StoreError,
    handover::HandoverRow,
    history::{HistoryEntry, HistoryPage, What},
    journal::{JournalFilter, JournalRow, Observation, PICTURE_MAX, Within},
    ledger::AlertRows,
    past::Entry,
    pictures::{KeptPicture, PictureKey, PictureRow},
    preferences::PREFERENCE_MAX,
    receipts::Receipt,
    retention::Retention,
    sign_ins::{NotAHash, SecretHash, SessionRow, SignedIn},
    tokens::TokenRow,
    walls::{WallChange, WallRow, WallThen},
};
use self::{error::told, writer::Writer};

/// An open store. Cheap to clone; the file is closed when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Store {
    writer: Writer,
    readers: SqlitePool,
    path: std::sync::Arc<Path>,
}

impl Store {
    /// Opens the file, makes it with its folder if there is none, and brings its tables up to date.
    /// A file that is damaged, or that is something else, is left as it is.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, options(path)).await
    }

    async fn open_with(path: &Path, options: SqliteConnectOptions) -> Result<Self, StoreError> {
        create(path)?;
        let mut connection =
            SqliteConnection::connect_with(&options).await.map_err(|error| told(path, error))?;
        check(&mut connection, path).await?;
        sqlx::migrate!("src/store/migrations")
            .run(&mut connection)
            .await
            .map_err(|error| told(path, error.into()))?;
        audit::chain(&mut connection).await.map_err(|error| told(path, error))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(BUSY_TIMEOUT)
            .connect_lazy_with(options.read_only(true));
        Ok(Self { writer: Writer::start(connection, path), readers, path: path.into() })
    }

    /// Commits what waits, moves the log into the file and closes it. Writes by clones fail from
    /// then on.
    pub async fn close(self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        // NORMAL may lose the last commits in a power cut; a commit here is a promise.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
}

/// Only the service may read the file: later it holds the hashes of sessions and passwords.
fn create(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let made = folder.map_or(Ok(()), fs::create_dir_all).and_then(|()| {
        fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path).map(drop)
    });
    made.map_err(|source| StoreError::Unreachable { path: path.to_owned(), source: source.into() })
}

/// Looks for damage before anything is written. Reads the whole file: 0.2 s per 100 MB or so.
async fn check(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let found: Vec<String> = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_all(connection)
        .await
        .map_err(|error| told(path, error))?;
    match found.first().map(String::as_str) {
        Some("ok") => Ok(()),
        first => Err(StoreError::Damaged {
            path: path.to_owned(),
            detail: first.unwrap_or("no answer").to_owned(),
        }),
    }
}

/// How long a statement waits for another process (`watchwall user`, a backup) to finish.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Reads are short; four at once keep every core of a small machine busy.
const READERS: u32 = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::UnixMicros;

    fn row(n: u32) -> CourtesyRow {
        CourtesyRow {
            camera_id: format!("cam-{n}").try_into().expect("an id"),
            sign_in_attempts: n,
            first_attempt_at: None,
            hold_until: None,
            hold_reason: None,
            updated_at: UnixMicros(1),
        }
    }

    #[tokio::test]
    async fn a_full_disk_fails_the_write_and_space_makes_the_next_one_work() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("watchwall.db");
        let store = trouble::open_small(&path, 100).await.expect("a new store");
        let mut stored = 0;
        let failure = loop {
            match store.save_courtesy(row(stored)).await {
                Ok(()) => stored += 1,
                Err(failure) => break failure,
            }
            assert!(stored < 10_000, "the limit is never reached");
        };
        assert!(matches!(failure, StoreError::Full { .. }), "{failure:?}");
        assert!(failure.to_string().contains("free some space"), "{failure}");
        assert_eq!(
            store.load_courtesy().await.expect("a read").len(),
            stored as usize,
            "what failed is not half there"
        );
        for n in 0..stored / 2 {
            store.remove_courtesy(row(n).camera_id).await.expect("room to delete");
        }
        store.save_courtesy(row(stored)).await.expect("a write");
    }
}
