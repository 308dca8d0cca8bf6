//! The polite client's budgets. A restart must not give a camera that locks up after five wrong
//! sign-ins three more.

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{Store, StoreError, error::told, writer::Write};
use crate::domain::{
    camera::{CameraId, Condition},
    time::UnixMicros,
};

/// What the service owes one camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CourtesyRow {
    /// Which camera.
    pub camera_id: CameraId,
    /// Sign-ins that were tried since `first_attempt_at`.
    pub sign_in_attempts: u32,
    /// When the counting began.
    pub first_attempt_at: Option<UnixMicros>,
    /// Until when the camera is left alone.
    pub hold_until: Option<UnixMicros>,
    /// Why it is left alone.
    pub hold_reason: Option<Condition>,
    /// When this was written.
    pub updated_at: UnixMicros,
}

impl Store {
    /// Every row, ordered by camera.
    pub async fn load_courtesy(&self) -> Result<Vec<CourtesyRow>, StoreError> {
        sqlx::query("SELECT * FROM courtesy ORDER BY camera_id")
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// Writes a row over that camera's last one; committed when it returns.
    pub async fn save_courtesy(&self, row: CourtesyRow) -> Result<(), StoreError> {
        self.writer.write(Write::SaveCourtesy(row)).await
    }

    /// Forgets a camera; committed when it returns.
    pub async fn remove_courtesy(&self, camera: CameraId) -> Result<(), StoreError> {
        self.writer.write(Write::RemoveCourtesy(camera)).await
    }
}

pub(super) async fn save(
    connection: &mut SqliteConnection,
    row: &CourtesyRow,
) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO courtesy \
        (camera_id, sign_in_attempts, first_attempt_at, hold_until, hold_reason, updated_at) \
        VALUES ($1, $2, $3, $4, $5, $6) \
        ON CONFLICT (camera_id) DO UPDATE SET \
        sign_in_attempts = excluded.sign_in_attempts, first_attempt_at = excluded.first_attempt_at, \
        hold_until = excluded.hold_until, hold_reason = excluded.hold_reason, updated_at = excluded.updated_at";
    sqlx::query(sql)
        .bind(row.camera_id.as_str())
        .bind(row.sign_in_attempts)
        .bind(row.first_attempt_at.map(to_column))
        .bind(row.hold_until.map(to_column))
        .bind(row.hold_reason.map(word))
        .bind(to_column(row.updated_at))
        .execute(connection)
        .await
        .map(drop)
}

pub(super) async fn remove(
    connection: &mut SqliteConnection,
    camera: &CameraId,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM courtesy WHERE camera_id = $1")
        .bind(camera.as_str())
        .execute(connection)
        .await
        .map(drop)
}

fn from_row(row: SqliteRow) -> Result<CourtesyRow, sqlx::Error> {
    let unreadable = |column: &str, error: String| sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: error.into(),
    };
    let time = |column: &str| -> Result<Option<UnixMicros>, sqlx::Error> {
        let micros: Option<i64> = row.try_get(column)?;
        micros
            .map(u64::try_from)
            .transpose()
            .map(|micros| micros.map(UnixMicros))
            .map_err(|error| unreadable(column, error.to_string()))
    };
    let id: String = row.try_get("camera_id")?;
    let reason: Option<String> = row.try_get("hold_reason")?;
    let reason = reason.map(|word| serde_json::from_value(word.into())).transpose();
    Ok(CourtesyRow {
        camera_id: id.try_into().map_err(|error| unreadable("camera_id", format!("{error}")))?,
        sign_in_attempts: row.try_get("sign_in_attempts")?,
        first_attempt_at: time("first_attempt_at")?,
        hold_until: time("hold_until")?,
        hold_reason: reason.map_err(|error| unreadable("hold_reason", error.to_string()))?,
        updated_at: time("updated_at")?.unwrap_or_default(),
    })
}

/// The condition's name, as JSON and the wall have it.
fn word(condition: Condition) -> String {
    match serde_json::to_value(condition) {
        Ok(serde_json::Value::String(word)) => word,
        _ => unreachable!("a condition is one word"),
    }
}

/// SQLite has no unsigned 64-bit column; this suffices until the year 294,000.
fn to_column(time: UnixMicros) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}
