//! What walls showed, who put it there, and how they are now.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    Store, StoreError, column,
    error::told,
    ledger::{json, read_json},
};
use crate::domain::{
    availability::Window,
    camera::WallId,
    time::UnixMicros,
    wall::{Shown, State, Stepped},
};

/// A change of a wall.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WallRow {
    /// Which wall.
    pub wall: WallId,
    /// One more than that of the change before.
    pub revision: u64,
    /// When.
    pub at: UnixMicros,
    /// Who made it; `None`: it came by itself.
    pub by: Option<String>,
    /// What it was, in a word.
    pub what: String,
    /// With what.
    pub detail: serde_json::Value,
    /// All that was shown then; `None`: only the cells in `detail` are others.
    pub snapshot: Option<Shown>,
    /// What is to be taken up after a restart.
    pub state: State,
}

/// A change as the history tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct WallChange {
    /// Its number.
    pub revision: u64,
    /// When.
    pub at: UnixMicros,
    /// Who made it; `None`: it came by itself.
    pub by: Option<String>,
    /// What it was, in a word.
    pub what: String,
    /// With what.
    pub detail: serde_json::Value,
}

/// A wall as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct WallThen {
    /// The change that made it so.
    pub revision: u64,
    /// Since when.
    pub since: UnixMicros,
    /// Until when; `None`: it still is so.
    pub until: Option<UnixMicros>,
    /// What it showed.
    pub shown: Shown,
}

impl Store {
    /// What people did to walls, to be taken up at the start.
    pub async fn wall_states(&self) -> Result<BTreeMap<WallId, State>, StoreError> {
        let states: Vec<(WallId, State)> = sqlx::query("SELECT wall, state FROM wall_state")
            .try_map(|row: SqliteRow| {
                Ok((column::read_word(&row, "wall")?, read_json(&row, "state")?))
            })
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))?;
        Ok(states.into_iter().collect())
    }

    /// What a wall showed at a moment; `None`: nothing is known of then.
    pub async fn wall_then(
        &self,
        wall: &WallId,
        at: UnixMicros,
    ) -> Result<Option<WallThen>, StoreError> {
        self.then(wall, at).await.map_err(|error| told(&self.path, error))
    }

    async fn then(&self, wall: &WallId, at: UnixMicros) -> Result<Option<WallThen>, sqlx::Error> {
        let sql = "SELECT revision, at FROM wall_change WHERE wall = $1 AND at <= $2 \
            ORDER BY revision DESC LIMIT 1";
        let newest = sqlx::query(sql)
            .bind(wall.as_str())
            .bind(column::micros(at))
            .try_map(|row: SqliteRow| {
                Ok((row.try_get::<i64, _>("revision")?, column::read_time(&row, "at")?))
            })
            .fetch_optional(&self.readers)
            .await?;
        let Some((revision, since)) = newest else { return Ok(None) };
        // The snapshot before it, and the steps from there on.
        let sql = "SELECT detail, snapshot FROM wall_change WHERE wall = $1 AND revision <= $2 \
            AND revision >= (SELECT max(revision) FROM wall_change \
                WHERE wall = $1 AND revision <= $2 AND snapshot IS NOT NULL) ORDER BY revision";
        let rows: Vec<(Option<String>, String)> = sqlx::query(sql)
            .bind(wall.as_str())
            .bind(revision)
            .try_map(|row: SqliteRow| Ok((row.try_get("snapshot")?, row.try_get("detail")?)))
            .fetch_all(&self.readers)
            .await?;
        let mut rows = rows.into_iter();
        let Some((Some(snapshot), _)) = rows.next() else { return Ok(None) };
        let unreadable = |error| column::unreadable("snapshot", error);
        let mut shown: Shown = serde_json::from_str(&snapshot).map_err(unreadable)?;
        for (_, detail) in rows {
            let step: Step = serde_json::from_str(&detail).map_err(unreadable)?;
            shown.step(step.cells);
        }
        let sql = "SELECT at FROM wall_change WHERE wall = $1 AND revision > $2 \
            ORDER BY revision LIMIT 1";
        let until = sqlx::query(sql)
            .bind(wall.as_str())
            .bind(revision)
            .try_map(|row: SqliteRow| column::read_time(&row, "at"))
            .fetch_optional(&self.readers)
            .await?;
        let revision = u64::try_from(revision).unwrap_or_default();
        Ok(Some(WallThen { revision, since, until, shown }))
    }

    /// Changes of a wall within `window`, oldest first; `limit` at most.
    pub async fn wall_changes(
        &self,
        wall: &WallId,
        window: Window,
        limit: u32,
    ) -> Result<Vec<WallChange>, StoreError> {
        let sql = "SELECT revision, at, by, what, detail FROM wall_change \
            WHERE wall = $1 AND at >= $2 AND at < $3 ORDER BY revision LIMIT $4";
        sqlx::query(sql)
            .bind(wall.as_str())
            .bind(column::micros(window.from))
            .bind(column::micros(window.until))
            .bind(limit)
            .try_map(|row: SqliteRow| {
                Ok(WallChange {
                    revision: u64::try_from(row.try_get::<i64, _>("revision")?).unwrap_or_default(),
                    at: column::read_time(&row, "at")?,
                    by: row.try_get("by")?,
                    what: row.try_get("what")?,
                    detail: read_json(&row, "detail")?,
                })
            })
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }
}

/// The detail of a change without a snapshot.
#[derive(Deserialize)]
struct Step {
    cells: Vec<Stepped>,
}

/// What is there already stays.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    row: &WallRow,
) -> Result<(), sqlx::Error> {
    let revision = i64::try_from(row.revision).unwrap_or(i64::MAX);
    let sql = "INSERT INTO wall_change VALUES ($1, $2, $3, $4, $5, $6, $7) \
        ON CONFLICT (wall, revision) DO NOTHING";
    sqlx::query(sql)
        .bind(row.wall.as_str())
        .bind(revision)
        .bind(column::micros(row.at))
        .bind(&row.by)
        .bind(&row.what)
        .bind(json(&row.detail)?)
        .bind(row.snapshot.as_ref().map(json).transpose()?)
        .execute(&mut *connection)
        .await?;
    let sql = "INSERT INTO wall_state VALUES ($1, $2, $3) ON CONFLICT (wall) DO UPDATE SET \
        revision = excluded.revision, state = excluded.state \
        WHERE excluded.revision > wall_state.revision";
    sqlx::query(sql)
        .bind(row.wall.as_str())
        .bind(revision)
        .bind(json(&row.state)?)
        .execute(connection)
        .await
        .map(drop)
}
