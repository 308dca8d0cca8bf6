//! Whose application has an alert, and who has read it.

use serde::{Deserialize, Serialize};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{Store, StoreError, column, error::told};
use crate::domain::{
    alert::{Actor, AlertId, Seq},
    roster::PersonId,
    time::UnixMicros,
};

/// One alert at one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Which alert.
    pub alert: AlertId,
    /// The newest change that arrived there.
    pub seq: Seq,
    /// At whose.
    pub by: Actor,
    /// When the person's application first confirmed it.
    pub delivered_at: Option<UnixMicros>,
    /// When the person first opened it.
    pub read_at: Option<UnixMicros>,
}

impl Store {
    /// An alert's receipts, the earliest first.
    pub async fn receipts_of_alert(&self, alert: AlertId) -> Result<Vec<Receipt>, StoreError> {
        let sql = "SELECT * FROM receipt WHERE alert = $1 \
            ORDER BY coalesce(delivered_at, read_at), user, person";
        sqlx::query(sql)
            .bind(column::uuid(&alert.0))
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }
}

/// The first time counts, and the newest change.
pub(super) async fn save(
    connection: &mut SqliteConnection,
    receipt: &Receipt,
) -> Result<(), sqlx::Error> {
    // SQLite's min of two is NULL if either is; coalesce gives the one that there is.
    let sql = "INSERT INTO receipt (alert, user, person, delivered_at, read_at, seq) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (alert, user, person) DO UPDATE SET \
        delivered_at = coalesce(min(delivered_at, excluded.delivered_at), delivered_at, excluded.delivered_at), \
        read_at = coalesce(min(read_at, excluded.read_at), read_at, excluded.read_at), \
        seq = max(seq, excluded.seq)";
    sqlx::query(sql)
        .bind(column::uuid(&receipt.alert.0))
        .bind(&receipt.by.user)
        .bind(receipt.by.person.as_ref().map_or("", PersonId::as_str))
        .bind(receipt.delivered_at.map(column::micros))
        .bind(receipt.read_at.map(column::micros))
        .bind(column::seq(receipt.seq))
        .execute(connection)
        .await
        .map(drop)
}

fn from_row(row: SqliteRow) -> Result<Receipt, sqlx::Error> {
    let person: String = row.try_get("person")?;
    let person = Some(person).filter(|person| !person.is_empty());
    let person = person.map(|person| column::meaning("person", person)).transpose()?;
    Ok(Receipt {
        alert: AlertId(column::read_uuid(&row, "alert")?),
        seq: column::read_seq(&row, "seq")?,
        by: Actor { user: row.try_get("user")?, person },
        delivered_at: column::read_time_if_any(&row, "delivered_at")?,
        read_at: column::read_time_if_any(&row, "read_at")?,
    })
}
