//! Who did what.

use serde::{Deserialize, Serialize};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    Store, StoreError, column,
    error::told,
    ledger::{json, read_json},
};
use crate::domain::{alert::Actor, availability::Window, time::UnixMicros};

/// Somebody did something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditRow {
    /// Its name (UUID version 7).
    pub id: Uuid,
    /// When.
    pub at: UnixMicros,
    /// Who.
    pub actor: Actor,
    /// What: a verb, as `acknowledge`.
    pub action: String,
    /// To what: `alert:…`, `delivery:…`.
    pub object: String,
    /// With which words.
    pub detail: Option<serde_json::Value>,
}

impl Store {
    /// What was done within `window`, newest first; `limit` at most.
    pub async fn audit(&self, window: Window, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        let sql = "SELECT * FROM audit WHERE at >= $1 AND at < $2 \
            ORDER BY at DESC, id DESC LIMIT $3";
        sqlx::query(sql)
            .bind(column::micros(window.from))
            .bind(column::micros(window.until))
            .bind(limit)
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }
}

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    row: &AuditRow,
) -> Result<(), sqlx::Error> {
    let detail = row.detail.as_ref().map(json).transpose()?;
    sqlx::query("INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING")
        .bind(column::uuid(&row.id))
        .bind(column::micros(row.at))
        .bind(json(&row.actor)?)
        .bind(&row.action)
        .bind(&row.object)
        .bind(detail)
        .execute(connection)
        .await
        .map(drop)
}

fn from_row(row: SqliteRow) -> Result<AuditRow, sqlx::Error> {
    let detail: Option<String> = row.try_get("detail")?;
    let detail = detail.map(|detail| serde_json::from_str(&detail)).transpose();
    Ok(AuditRow {
        id: column::read_uuid(&row, "id")?,
        at: column::read_time(&row, "at")?,
        actor: read_json(&row, "actor")?,
        action: row.try_get("action")?,
        object: row.try_get("object")?,
        detail: detail.map_err(|error| column::unreadable("detail", error))?,
    })
}
