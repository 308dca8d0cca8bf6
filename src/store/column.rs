//! Values as columns and back: times as signed integers, words as the API spells them.

use serde::de::DeserializeOwned;
use sqlx::{Row, sqlite::SqliteRow};
use uuid::Uuid;

use crate::domain::{alert::Seq, time::UnixMicros};

/// SQLite has no unsigned 64-bit column; this suffices until the year 294,000.
pub(super) fn micros(time: UnixMicros) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

/// So many changes will not happen.
pub(super) fn seq(seq: Seq) -> i64 {
    i64::try_from(seq.0).unwrap_or(i64::MAX)
}

/// A column of a change's number.
pub(super) fn read_seq(row: &SqliteRow, column: &str) -> Result<Seq, sqlx::Error> {
    let seq: i64 = row.try_get(column)?;
    u64::try_from(seq).map(Seq).map_err(|error| unreadable(column, error))
}

/// An id as its 16 bytes: ids of version 7 sort by time in a column too.
pub(super) fn uuid(id: &Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}

/// A column of an id.
pub(super) fn read_uuid(row: &SqliteRow, column: &str) -> Result<Uuid, sqlx::Error> {
    let bytes: &[u8] = row.try_get(column)?;
    Uuid::from_slice(bytes).map_err(|error| unreadable(column, error))
}

/// A column of an id or NULL.
pub(super) fn read_uuid_if_any(row: &SqliteRow, column: &str) -> Result<Option<Uuid>, sqlx::Error> {
    let bytes: Option<&[u8]> = row.try_get(column)?;
    let id = bytes.map(Uuid::from_slice).transpose();
    id.map_err(|error| unreadable(column, error))
}

/// The value of a word.
pub(super) fn meaning<T: DeserializeOwned>(column: &str, word: String) -> Result<T, sqlx::Error> {
    serde_json::from_value(word.into()).map_err(|error| unreadable(column, error))
}

/// A column of one word.
pub(super) fn read_word<T: DeserializeOwned>(
    row: &SqliteRow,
    column: &str,
) -> Result<T, sqlx::Error> {
    meaning(column, row.try_get(column)?)
}

/// A column of one word or NULL.
pub(super) fn read_word_if_any<T: DeserializeOwned>(
    row: &SqliteRow,
    column: &str,
) -> Result<Option<T>, sqlx::Error> {
    let word: Option<String> = row.try_get(column)?;
    word.map(|word| meaning(column, word)).transpose()
}

/// A column of a time.
pub(super) fn read_time(row: &SqliteRow, column: &str) -> Result<UnixMicros, sqlx::Error> {
    let micros: i64 = row.try_get(column)?;
    u64::try_from(micros).map(UnixMicros).map_err(|error| unreadable(column, error))
}

/// A column of a time or NULL.
pub(super) fn read_time_if_any(
    row: &SqliteRow,
    column: &str,
) -> Result<Option<UnixMicros>, sqlx::Error> {
    let micros: Option<i64> = row.try_get(column)?;
    let time = micros.map(|micros| u64::try_from(micros).map(UnixMicros)).transpose();
    time.map_err(|error| unreadable(column, error))
}

/// What is in a column is none of what belongs there.
pub(super) fn unreadable(
    column: &str,
    error: impl std::error::Error + Send + Sync + 'static,
) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: error.into() }
}
