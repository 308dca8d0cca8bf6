//! Figures of single minutes, for plots.

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{Store, StoreError, column, error::told};
use crate::domain::{camera::CameraId, history::Figures, time::UnixMicros};

impl Store {
    /// A camera's minutes that ended after `after`, oldest first.
    pub async fn figures(
        &self,
        camera: &CameraId,
        after: UnixMicros,
    ) -> Result<Vec<(UnixMicros, Figures)>, StoreError> {
        sqlx::query("SELECT * FROM figures WHERE camera_id = $1 AND at > $2 ORDER BY at")
            .bind(camera.as_str())
            .bind(column::micros(after))
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }
}

pub(super) async fn save(
    connection: &mut SqliteConnection,
    camera: &CameraId,
    at: UnixMicros,
    figures: &Figures,
) -> Result<(), sqlx::Error> {
    let Figures {
        frame_rate,
        bitrate,
        loss_percent,
        jitter_ms,
        keyframe_interval_s,
        clock_offset_s,
        luma,
        sharpness,
    } = *figures;
    sqlx::query("INSERT OR REPLACE INTO figures VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(camera.as_str())
        .bind(column::micros(at))
        .bind(frame_rate)
        .bind(bitrate)
        .bind(loss_percent)
        .bind(jitter_ms)
        .bind(keyframe_interval_s)
        .bind(clock_offset_s)
        .bind(luma)
        .bind(sharpness)
        .execute(connection)
        .await
        .map(drop)
}

fn from_row(row: SqliteRow) -> Result<(UnixMicros, Figures), sqlx::Error> {
    let figures = Figures {
        frame_rate: row.try_get("frame_rate")?,
        bitrate: row.try_get("bitrate")?,
        loss_percent: row.try_get("loss_percent")?,
        jitter_ms: row.try_get("jitter_ms")?,
        keyframe_interval_s: row.try_get("keyframe_interval_s")?,
        clock_offset_s: row.try_get("clock_offset_s")?,
        luma: row.try_get("luma")?,
        sharpness: row.try_get("sharpness")?,
    };
    Ok((column::read_time(&row, "at")?, figures))
}
