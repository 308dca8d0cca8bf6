//! The polite client's budgets. A restart must not give a camera that locks up after five wrong
//! sign-ins three more.

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{Store, StoreError, column, error::told, writer::Write};
use crate::domain::{
    camera::{CameraId, Condition},
    time::UnixMicros,
    word::word,
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
        self.writer.write(Write::SaveCourtesy(row)).await.map(drop)
    }

    /// Forgets a camera; committed when it returns.
    pub async fn remove_courtesy(&self, camera: CameraId) -> Result<(), StoreError> {
        self.writer.write(Write::RemoveCourtesy(camera)).await.map(drop)
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
        .bind(row.first_attempt_at.map(column::micros))
        .bind(row.hold_until.map(column::micros))
        .bind(row.hold_reason.map(word))
        .bind(column::micros(row.updated_at))
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
    Ok(CourtesyRow {
        camera_id: column::read_word(&row, "camera_id")?,
        sign_in_attempts: row.try_get("sign_in_attempts")?,
        first_attempt_at: column::read_time_if_any(&row, "first_attempt_at")?,
        hold_until: column::read_time_if_any(&row, "hold_until")?,
        hold_reason: column::read_word_if_any(&row, "hold_reason")?,
        updated_at: column::read_time(&row, "updated_at")?,
    })
}
