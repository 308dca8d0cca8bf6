//! When the service ran. What it did not see it cannot tell: the time between two lives is counted
//! apart.

use sqlx::{Row, SqliteConnection};

use super::{
    Store, StoreError, column,
    error::told,
    writer::{Write, Written},
};
use crate::domain::{
    availability::{Life, LifeId, Window},
    time::UnixMicros,
};

impl Store {
    /// Begins a life; committed when it returns. After a stop, conditions that stood when the last
    /// one ended are closed at its end: what became of them is not known.
    pub async fn begin_life(
        &self,
        at: UnixMicros,
        after_a_stop: bool,
    ) -> Result<LifeId, StoreError> {
        match self.writer.write(Write::BeginLife { at, after_a_stop }).await? {
            Written::Number(number) => Ok(LifeId(number)),
            other => unreachable!("a life is answered with its number, not with {other:?}"),
        }
    }

    /// The lives that share a moment with `window`, by number. The last one is told as it was
    /// written down; whether it still runs, the one who runs knows.
    pub async fn lives(&self, window: Window) -> Result<Vec<Life>, StoreError> {
        let sql = "SELECT id, started_at, alive_at FROM life \
            WHERE (started_at < $2 AND alive_at >= $1) OR id = (SELECT max(id) FROM life) \
            ORDER BY id";
        sqlx::query(sql)
            .bind(column::micros(window.from))
            .bind(column::micros(window.until))
            .try_map(|row| {
                Ok(Life {
                    id: LifeId(row.try_get("id")?),
                    window: Window {
                        from: column::read_time(&row, "started_at")?,
                        until: column::read_time(&row, "alive_at")?,
                    },
                })
            })
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }
}

pub(super) async fn begin(
    connection: &mut SqliteConnection,
    at: UnixMicros,
    after_a_stop: bool,
) -> Result<i64, sqlx::Error> {
    if after_a_stop {
        let sql = "UPDATE episode SET cut_short = 1, cleared_at = max(raised_at, \
            coalesce((SELECT alive_at FROM life ORDER BY id DESC LIMIT 1), raised_at)) \
            WHERE cleared_at IS NULL";
        sqlx::query(sql).execute(&mut *connection).await?;
    }
    sqlx::query("INSERT INTO life (started_at, alive_at) VALUES ($1, $1)")
        .bind(column::micros(at))
        .execute(connection)
        .await
        .map(|done| done.last_insert_rowid())
}

/// The service runs, and has written down all that it saw until then.
pub(super) async fn alive(
    connection: &mut SqliteConnection,
    life: LifeId,
    at: UnixMicros,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE life SET alive_at = $2 WHERE id = $1")
        .bind(life.0)
        .bind(column::micros(at))
        .execute(connection)
        .await
        .map(drop)
}
