//! Changes of alerts, in their one order.

use std::sync::Arc;

use sqlx::{Row, SqliteConnection, SqliteExecutor, sqlite::SqliteRow};

use super::{
    Store, StoreError, column,
    error::told,
    ledger::{json, read_json},
};
use crate::domain::{
    alert::{AlertId, Change, Seq},
    availability::Window,
};

impl Store {
    /// The number of the newest change; 0 before the first.
    pub async fn alert_head(&self) -> Result<Seq, StoreError> {
        head(&self.readers).await.map_err(|error| told(&self.path, error))
    }

    /// The last change that may be missing because it was deleted for its age.
    pub async fn alert_horizon(&self) -> Result<Seq, StoreError> {
        sqlx::query("SELECT coalesce(max(seq), 0) AS seq FROM alert_horizon")
            .try_map(|row| column::read_seq(&row, "seq"))
            .fetch_one(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// The first `limit` changes after `after`, in order.
    pub async fn alert_changes(
        &self,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Arc<Change>>, StoreError> {
        sqlx::query("SELECT * FROM alert_change WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(column::seq(after))
            .bind(limit)
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// The newest `limit` changes of one alert, in order.
    pub async fn changes_of_alert(
        &self,
        alert: AlertId,
        limit: u32,
    ) -> Result<Vec<Arc<Change>>, StoreError> {
        let sql = "SELECT * FROM (SELECT * FROM alert_change WHERE alert = $1 \
            ORDER BY seq DESC LIMIT $2) ORDER BY seq";
        sqlx::query(sql)
            .bind(column::uuid(&alert.0))
            .bind(limit)
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// The first `limit` changes within `window` after `after`, in order: what figures are counted
    /// from.
    pub async fn alert_changes_within(
        &self,
        window: Window,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Arc<Change>>, StoreError> {
        let sql = "SELECT * FROM alert_change WHERE at >= $1 AND at < $2 AND seq > $3 \
            ORDER BY seq LIMIT $4";
        sqlx::query(sql)
            .bind(column::micros(window.from))
            .bind(column::micros(window.until))
            .bind(column::seq(after))
            .bind(limit)
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }
}

/// Numbers are not used again, so what was deleted counts.
pub(super) async fn head(executor: impl SqliteExecutor<'_>) -> Result<Seq, sqlx::Error> {
    let sql = "SELECT max(coalesce((SELECT max(seq) FROM alert_change), 0), \
        coalesce((SELECT max(seq) FROM alert_horizon), 0)) AS seq";
    sqlx::query(sql).try_map(|row| column::read_seq(&row, "seq")).fetch_one(executor).await
}

/// Whether there is another change with this number.
pub(super) async fn differs(
    connection: &mut SqliteConnection,
    change: &Change,
) -> Result<bool, sqlx::Error> {
    let stored = sqlx::query("SELECT * FROM alert_change WHERE seq = $1")
        .bind(column::seq(change.seq))
        .try_map(from_row)
        .fetch_optional(connection)
        .await?;
    Ok(stored.is_some_and(|stored| *stored != *change))
}

/// Whether it was not there yet.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    change: &Change,
) -> Result<bool, sqlx::Error> {
    let by = change.by.as_ref().map(json).transpose()?;
    let sql = "INSERT INTO alert_change VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
        ON CONFLICT (seq) DO NOTHING";
    sqlx::query(sql)
        .bind(column::seq(change.seq))
        .bind(column::uuid(&change.alert.id.0))
        .bind(column::micros(change.at))
        .bind(json(&change.what)?)
        .bind(by)
        .bind(&change.request)
        .bind(change.asked_at.map(column::micros))
        .bind(json(&change.alert)?)
        .execute(connection)
        .await
        .map(|done| done.rows_affected() > 0)
}

pub(super) fn from_row(row: SqliteRow) -> Result<Arc<Change>, sqlx::Error> {
    let by: Option<String> = row.try_get("actor")?;
    let by = by.map(|by| serde_json::from_str(&by)).transpose();
    Ok(Arc::new(Change {
        seq: column::read_seq(&row, "seq")?,
        at: column::read_time(&row, "at")?,
        what: read_json(&row, "what")?,
        by: by.map_err(|error| column::unreadable("actor", error))?,
        request: row.try_get("request")?,
        asked_at: column::read_time_if_any(&row, "asked_at")?,
        alert: Arc::new(read_json(&row, "snapshot")?),
    }))
}
