//! The one task that writes. Group commit without a timer: while one commit waits for the disk,
//! the next writes gather behind it and share the next commit. A lone write waits for nothing, and
//! under load batches grow by themselves.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::{
    accounts::{self, Changed},
    audit::HeadFile,
    configuration::{self, ConfigurationRow},
    courtesy::{self, CourtesyRow},
    drills,
    error::{StoreError, told},
    ledger::{self, AlertRows},
    life, maintenance, past,
    past::Entry,
    pictures::{self, KeptPicture},
    preferences,
    retention::{self, Old},
    sign_ins, tokens,
};
use crate::domain::{
    alert::Seq,
    availability::LifeId,
    camera::CameraId,
    maintenance::{Maintenance, MaintenanceId},
    time::UnixMicros,
};

/// Something to write: all of it or nothing.
#[derive(Debug)]
pub(super) enum Write {
    SaveCourtesy(CourtesyRow),
    RemoveCourtesy(CameraId),
    BeginLife {
        at: UnixMicros,
        after_a_stop: bool,
    },
    /// A batch of the past; the service was alive at that time.
    Past {
        life: LifeId,
        at: UnixMicros,
        entries: Arc<[Entry]>,
    },
    Order(Maintenance),
    EndOrder(MaintenanceId, UnixMicros),
    KeepPicture(KeptPicture),
    Alerts(Vec<Arc<AlertRows>>),
    Drill(drills::Step),
    Account(accounts::Step),
    Token(tokens::Step),
    Session(sign_ins::Step),
    Preference(preferences::Kept),
    Configuration(Vec<ConfigurationRow>),
    Prune(Old, UnixMicros),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Plainly,
    Number(i64),
    Ended(Option<Maintenance>),
    /// Nothing was written: there is another change under this number.
    Clash(Seq),
    /// So many rows were deleted.
    Rows(u64),
    Changed(Changed),
}

/// Hands rows to the writing task.
#[derive(Clone, Debug)]
pub(super) struct Writer(mpsc::Sender<Job>);

#[derive(Debug)]
enum Job {
    Write(Write, oneshot::Sender<Result<Written, StoreError>>),
    Close(oneshot::Sender<()>),
}

impl Writer {
    /// Starts the task. It ends by itself once every `Writer` is gone and all rows are committed.
    pub(super) fn start(connection: SqliteConnection, path: &Path) -> Self {
        // Four batches; when full, who writes waits, which is what it does for the commit anyway.
        let (sender, jobs) = mpsc::channel(4 * BATCH_MAX);
        tokio::spawn(run(connection, path.to_owned(), jobs));
        Self(sender)
    }

    /// Returns when it is committed, or is not going to be.
    pub(super) async fn write(&self, row: Write) -> Result<Written, StoreError> {
        let (answer, committed) = oneshot::channel();
        self.0.send(Job::Write(row, answer)).await.map_err(|_| StoreError::Closed)?;
        committed.await.unwrap_or(Err(StoreError::Closed))
    }

    pub(super) async fn close(self) {
        let (answer, closed) = oneshot::channel();
        if self.0.send(Job::Close(answer)).await.is_ok() {
            // An error says that the task has ended already.
            let _ = closed.await;
        }
    }
}

async fn run(mut connection: SqliteConnection, path: PathBuf, mut jobs: mpsc::Receiver<Job>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    let mut closing = None;
    let mut heads = HeadFile::new(&path);
    while closing.is_none() && jobs.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let mut rows = Vec::with_capacity(batch.len());
        let mut answers = Vec::with_capacity(batch.len());
        for job in batch.drain(..) {
            match job {
                Job::Write(row, answer) => {
                    rows.push(row);
                    answers.push(answer);
                }
                Job::Close(answer) => closing = Some(answer),
            }
        }
        let written = commit(&mut connection, &rows).await.map_err(|error| told(&path, error));
        // Who stopped waiting does not need the answer.
        match written {
            Ok(written) => answers.into_iter().zip(written).for_each(|(answer, written)| {
                let _ = answer.send(Ok(written));
            }),
            Err(error) => answers.into_iter().for_each(|answer| {
                let _ = answer.send(Err(error.clone()));
            }),
        }
        if heads.is_due() {
            heads.note(&mut connection).await;
        }
    }
    heads.note(&mut connection).await;
    // From here nobody can add rows; what still waits is answered `Closed` by the drop.
    drop(jobs);
    if let Err(error) = connection.close().await {
        tracing::warn!(store = %path.display(), %error, "the store did not close cleanly; its log is read at the next start");
    }
    if let Some(answer) = closing {
        let _ = answer.send(());
    }
}

/// All rows or none: a row fails only when the disk or the file does, and then all would.
///
/// Not `sqlx::Transaction`: SQLite rolls back by itself when the disk is full (lang_transaction.html,
/// "response to errors"), then the explicit rollback fails, and sqlx 0.9 goes on counting the
/// transaction as open, so that no later one can begin.
async fn commit(
    connection: &mut SqliteConnection,
    rows: &[Write],
) -> Result<Vec<Written>, sqlx::Error> {
    // IMMEDIATE takes the write lock at once, where the busy timeout applies; a lock taken later,
    // after a read, fails without waiting.
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    let result = write_all(connection, rows).await;
    if result.is_err() {
        // Fails where SQLite has rolled back already, and there it is not needed.
        let _ = sqlx::query("ROLLBACK").execute(&mut *connection).await;
    }
    result
}

async fn write_all(
    connection: &mut SqliteConnection,
    rows: &[Write],
) -> Result<Vec<Written>, sqlx::Error> {
    let mut written = Vec::with_capacity(rows.len());
    for row in rows {
        written.push(write(connection, row).await?);
    }
    sqlx::query("COMMIT").execute(connection).await?;
    Ok(written)
}

async fn write(connection: &mut SqliteConnection, row: &Write) -> Result<Written, sqlx::Error> {
    Ok(match row {
        Write::SaveCourtesy(row) => {
            courtesy::save(connection, row).await?;
            Written::Plainly
        }
        Write::RemoveCourtesy(id) => {
            courtesy::remove(connection, id).await?;
            Written::Plainly
        }
        Write::BeginLife { at, after_a_stop } => {
            Written::Number(life::begin(connection, *at, *after_a_stop).await?)
        }
        Write::Past { life, at, entries } => {
            past::append(connection, *life, *at, entries).await?;
            Written::Plainly
        }
        Write::Order(order) => Written::Number(maintenance::insert(connection, order).await?),
        Write::EndOrder(id, at) => Written::Ended(maintenance::end(connection, *id, *at).await?),
        Write::KeepPicture(picture) => {
            pictures::keep(connection, picture).await?;
            Written::Plainly
        }
        Write::Alerts(batch) => {
            ledger::write(connection, batch).await?.map_or(Written::Plainly, Written::Clash)
        }
        Write::Drill(step) => {
            drills::write(connection, step).await?;
            Written::Plainly
        }
        Write::Account(step) => Written::Changed(accounts::write(connection, step).await?),
        Write::Token(step) => Written::Changed(tokens::write(connection, step).await?),
        Write::Session(step) => Written::Changed(sign_ins::write(connection, step).await?),
        Write::Preference(kept) => Written::Changed(preferences::write(connection, kept).await?),
        Write::Configuration(rows) => {
            configuration::write(connection, rows).await?;
            Written::Plainly
        }
        Write::Prune(old, before) => {
            Written::Rows(retention::prune(connection, *old, *before).await?)
        }
    })
}

/// Writes in one commit: enough to make the flush cheap, few enough to commit within 5 ms, a batch
/// of the past within 20.
const BATCH_MAX: usize = 64;
