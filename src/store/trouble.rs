//! Stores in trouble, for tests.

use std::path::Path;

use sqlx::{Connection, SqliteConnection};

use super::{Store, StoreError, options};

/// Opens one that is full at so many pages of 4 KiB: SQLite answers the same whether the disk or its
/// own limit is reached.
pub(crate) async fn open_small(path: &Path, pages: u32) -> Result<Store, StoreError> {
    Store::open_with(path, options(path).pragma("max_page_count", pages.to_string())).await
}

/// The lock of a store in other hands, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock(SqliteConnection);

/// Takes the lock of a store.
pub(crate) async fn lock(path: &Path) -> Lock {
    let mut connection = SqliteConnection::connect_with(&options(path)).await.expect("the file");
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut connection).await.expect("the lock");
    Lock(connection)
}

impl Lock {
    /// Gives it back.
    pub(crate) async fn end(self) {
        self.0.close().await.expect("a connection that ends");
    }
}
