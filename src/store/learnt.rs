//! What was learnt of cameras: one JSON text each, read at the start alone.

use std::collections::BTreeMap;

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{Store, StoreError, column, error::told};
use crate::domain::{camera::CameraId, health::Learnt, time::UnixMicros};

impl Store {
    /// What was learnt of every camera. What another release wrote and this one cannot read is
    /// learnt anew.
    pub async fn load_learnt(&self) -> Result<BTreeMap<CameraId, Learnt>, StoreError> {
        let rows: Vec<(CameraId, String)> = sqlx::query("SELECT camera_id, learnt FROM learnt")
            .try_map(|row: SqliteRow| {
                Ok((column::read_word(&row, "camera_id")?, row.try_get("learnt")?))
            })
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))?;
        let readable = rows.into_iter().filter_map(|(camera, json)| {
            match serde_json::from_str(&json) {
                Ok(learnt) => Some((camera, learnt)),
                Err(error) => {
                    tracing::warn!(camera = %camera, %error, "what was learnt of a camera cannot be read; it is learnt anew");
                    None
                }
            }
        });
        Ok(readable.collect())
    }
}

pub(super) async fn save(
    connection: &mut SqliteConnection,
    camera: &CameraId,
    learnt: &Learnt,
    at: UnixMicros,
) -> Result<(), sqlx::Error> {
    let json = serde_json::to_string(learnt).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let sql = "INSERT INTO learnt (camera_id, learnt, updated_at) VALUES ($1, $2, $3) \
        ON CONFLICT (camera_id) DO UPDATE SET \
        learnt = excluded.learnt, updated_at = excluded.updated_at";
    sqlx::query(sql)
        .bind(camera.as_str())
        .bind(json)
        .bind(column::micros(at))
        .execute(connection)
        .await
        .map(drop)
}
