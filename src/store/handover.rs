//! Hand-over sheets with their notes and signatures.

use serde::{Deserialize, Serialize};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    Store, StoreError, column,
    error::told,
    ledger::{json, read_json},
};
use crate::domain::{handover::Handover, roster::PositionId, time::UnixMicros};

/// A sheet as somebody left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoverRow {
    /// Its name (UUID version 7).
    pub id: Uuid,
    /// When; what is written later stands in place of it.
    pub written_at: UnixMicros,
    /// All of it.
    pub sheet: Handover,
}

impl Store {
    /// The sheet of a position that was begun last.
    pub async fn newest_handover(
        &self,
        position: &PositionId,
    ) -> Result<Option<HandoverRow>, StoreError> {
        let sql = "SELECT id, written_at, sheet FROM handover WHERE position = $1 \
            ORDER BY id DESC LIMIT 1";
        sqlx::query(sql)
            .bind(position.as_str())
            .try_map(from_row)
            .fetch_optional(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// When a position was last handed over: both had signed.
    pub async fn handed_over(
        &self,
        position: &PositionId,
    ) -> Result<Option<UnixMicros>, StoreError> {
        let sql = "SELECT max(signed_at) AS signed_at FROM handover \
            WHERE position = $1 AND signed_at IS NOT NULL";
        sqlx::query(sql)
            .bind(position.as_str())
            .try_map(|row| column::read_time_if_any(&row, "signed_at"))
            .fetch_one(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }
}

/// What was written later stays.
pub(super) async fn save(
    connection: &mut SqliteConnection,
    row: &HandoverRow,
) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO handover VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (id) DO UPDATE SET written_at = excluded.written_at, \
        signed_at = excluded.signed_at, sheet = excluded.sheet \
        WHERE excluded.written_at > handover.written_at";
    sqlx::query(sql)
        .bind(column::uuid(&row.id))
        .bind(row.sheet.position.as_str())
        .bind(column::micros(row.written_at))
        .bind(row.sheet.handed_over().map(column::micros))
        .bind(json(&row.sheet)?)
        .execute(connection)
        .await
        .map(drop)
}

fn from_row(row: SqliteRow) -> Result<HandoverRow, sqlx::Error> {
    Ok(HandoverRow {
        id: column::read_uuid(&row, "id")?,
        written_at: column::read_time(&row, "written_at")?,
        sheet: read_json(&row, "sheet")?,
    })
}
