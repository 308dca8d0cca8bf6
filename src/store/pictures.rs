//! The pictures that are kept: references, and what was seen when a condition was raised.

use bytes::Bytes;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{Store, StoreError, column, error::told, writer::Write};
use crate::domain::{
    camera::{CameraId, Condition},
    history::Keep,
    picture::Light,
    time::UnixMicros,
    word::word,
};

/// A picture to keep.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptPicture {
    /// Of which camera.
    pub camera: CameraId,
    /// Which picture.
    pub keep: Keep,
    /// When its last byte arrived.
    pub captured_at: UnixMicros,
    /// The JPEG file.
    pub jpeg: Bytes,
}

/// A kept picture without its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureRow {
    /// Which picture.
    pub keep: Keep,
    /// When its last byte arrived.
    pub captured_at: UnixMicros,
    /// The JPEG's length.
    pub bytes: u64,
}

/// Which kept picture is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureKey {
    /// The newest reference.
    Reference(Light),
    /// What was seen when a condition was raised: any, and newest, where nothing else is said.
    Event {
        /// Only of this condition.
        condition: Option<Condition>,
        /// Only of the episode that began then.
        raised_at: Option<UnixMicros>,
    },
}

/// A camera that flaps must not fill the disk: the oldest event pictures beyond this go.
const EVENTS_OF_A_CAMERA: i64 = 100;

impl Store {
    /// Keeps a picture over the one of the same name; committed when it returns.
    pub async fn keep_picture(&self, picture: KeptPicture) -> Result<(), StoreError> {
        self.writer.write(Write::KeepPicture(picture)).await.map(drop)
    }

    /// A camera's pictures: references first, then events, newest first.
    pub async fn pictures(&self, camera: &CameraId) -> Result<Vec<PictureRow>, StoreError> {
        let sql = "SELECT kind, condition, raised_at, captured_at, length(jpeg) AS bytes \
            FROM picture WHERE camera_id = $1 \
            ORDER BY kind = 'event', kind, raised_at DESC, condition";
        sqlx::query(sql)
            .bind(camera.as_str())
            .try_map(|row| {
                let bytes: i64 = row.try_get("bytes")?;
                Ok(PictureRow {
                    keep: read_keep(&row)?,
                    captured_at: column::read_time(&row, "captured_at")?,
                    bytes: u64::try_from(bytes).unwrap_or_default(),
                })
            })
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// One picture, if it is kept.
    pub async fn picture(
        &self,
        camera: &CameraId,
        key: PictureKey,
    ) -> Result<Option<KeptPicture>, StoreError> {
        let (kind, condition, raised_at) = match key {
            PictureKey::Reference(light) => (kind_of(light), None, None),
            PictureKey::Event { condition, raised_at } => {
                ("event", condition.map(word), raised_at.map(column::micros))
            }
        };
        let sql = "SELECT kind, condition, raised_at, captured_at, jpeg FROM picture \
            WHERE camera_id = $1 AND kind = $2 AND ($3 IS NULL OR condition = $3) \
            AND ($4 IS NULL OR raised_at = $4) ORDER BY raised_at DESC LIMIT 1";
        let row = |row: SqliteRow| {
            let jpeg: Vec<u8> = row.try_get("jpeg")?;
            let (keep, captured_at) = (read_keep(&row)?, column::read_time(&row, "captured_at")?);
            Ok(KeptPicture { camera: camera.clone(), keep, captured_at, jpeg: jpeg.into() })
        };
        sqlx::query(sql)
            .bind(camera.as_str())
            .bind(kind)
            .bind(condition)
            .bind(raised_at)
            .try_map(row)
            .fetch_optional(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }
}

pub(super) async fn keep(
    connection: &mut SqliteConnection,
    picture: &KeptPicture,
) -> Result<(), sqlx::Error> {
    let (kind, condition, raised_at) = match picture.keep {
        Keep::Reference(light) => (kind_of(light), String::new(), UnixMicros(0)),
        Keep::Event(condition, raised_at) => ("event", word(condition), raised_at),
    };
    sqlx::query("INSERT OR REPLACE INTO picture VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(picture.camera.as_str())
        .bind(kind)
        .bind(condition)
        .bind(column::micros(raised_at))
        .bind(column::micros(picture.captured_at))
        .bind(&picture.jpeg[..])
        .execute(&mut *connection)
        .await?;
    let sql = "DELETE FROM picture WHERE camera_id = $1 AND kind = 'event' AND raised_at < \
        (SELECT raised_at FROM picture WHERE camera_id = $1 AND kind = 'event' \
         ORDER BY raised_at DESC LIMIT 1 OFFSET $2)";
    sqlx::query(sql)
        .bind(picture.camera.as_str())
        .bind(EVENTS_OF_A_CAMERA - 1)
        .execute(connection)
        .await
        .map(drop)
}

fn kind_of(light: Light) -> &'static str {
    match light {
        Light::Day => "reference-day",
        Light::Night => "reference-night",
    }
}

fn read_keep(row: &SqliteRow) -> Result<Keep, sqlx::Error> {
    let kind: String = row.try_get("kind")?;
    Ok(match kind.as_str() {
        "reference-day" => Keep::Reference(Light::Day),
        "reference-night" => Keep::Reference(Light::Night),
        // The table takes no other.
        _ => {
            Keep::Event(column::read_word(row, "condition")?, column::read_time(row, "raised_at")?)
        }
    })
}
