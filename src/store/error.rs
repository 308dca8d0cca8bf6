//! Why the store could not do it, by what an operator does next.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::domain::alert::Seq;

/// A failure of the store. Nothing that returned it was stored.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The folder or file cannot be made or opened.
    #[error("the store {} cannot be opened — check that its folder exists and that the service may write there", path.display())]
    Unreachable {
        /// The store's file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: Arc<io::Error>,
    },
    /// The disk is full, or a quota is used up.
    #[error("the disk of the store {} is full — free some space; the service goes on storing by itself", path.display())]
    Full {
        /// The store's file.
        path: PathBuf,
    },
    /// Another process held its lock for longer than anyone should.
    #[error("the store {} is locked by another process — end the other watchwall or database tool that has it open", path.display())]
    Locked {
        /// The store's file.
        path: PathBuf,
    },
    /// The file may be read but not written.
    #[error("the store {} may not be written — give the service's user the right to write the file and its folder", path.display())]
    ReadOnly {
        /// The store's file.
        path: PathBuf,
    },
    /// The file is damaged, or is no database at all. It was left as it is.
    #[error("the store {} is damaged or is no database ({detail}); it was left as it is — move it away and put a backup in its place", path.display())]
    Damaged {
        /// The store's file.
        path: PathBuf,
        /// What the check found first.
        detail: String,
    },
    /// A newer release has changed the tables, or someone else has.
    #[error("the store {} does not fit this release — start the release that wrote it, or restore a backup", path.display())]
    OtherRelease {
        /// The store's file.
        path: PathBuf,
        /// Which migration.
        #[source]
        source: Arc<sqlx::migrate::MigrateError>,
    },
    /// Anything else that the database said.
    #[error("the store {} failed — if it comes again, check the disk's health", path.display())]
    Failed {
        /// The store's file.
        path: PathBuf,
        /// What the database said.
        #[source]
        source: Arc<sqlx::Error>,
    },
    /// The store has another change of alerts under this number: two services wrote to one file, or
    /// an older copy of it was put back while the spool beside it stayed.
    #[error("the store {} has another change {seq} already — see that only one service writes to it, and move away a spool that belongs to another copy", path.display())]
    Clash {
        /// The store's file.
        path: PathBuf,
        /// Which number.
        seq: Seq,
    },
    /// The store was closed: the service is stopping.
    #[error("the store is closed because the service is stopping — start it again")]
    Closed,
}

/// Sorts what the database said by what an operator does next (sqlite.org/rescode.html).
pub(super) fn told(path: &Path, error: sqlx::Error) -> StoreError {
    let path = path.to_owned();
    let error = match error {
        sqlx::Error::Migrate(migrate) => return migration(path, *migrate),
        other => other,
    };
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    // Extended codes keep the primary one in their low byte.
    match code.map(|code| code & 0xff) {
        Some(5 | 6) => StoreError::Locked { path },
        Some(3 | 8) => StoreError::ReadOnly { path },
        Some(11 | 26) => StoreError::Damaged { path, detail: error.to_string() },
        Some(13) => StoreError::Full { path },
        _ => StoreError::Failed { path, source: error.into() },
    }
}

fn migration(path: PathBuf, error: sqlx::migrate::MigrateError) -> StoreError {
    use sqlx::migrate::MigrateError;
    match error {
        MigrateError::VersionMissing(_)
        | MigrateError::VersionMismatch(_)
        | MigrateError::VersionTooNew(..) => {
            StoreError::OtherRelease { path, source: error.into() }
        }
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            told(&path, error)
        }
        other => StoreError::Failed { path, source: sqlx::Error::from(other).into() },
    }
}
