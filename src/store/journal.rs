//! The journal: what outside systems reported, and searching all that was observed.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

use super::{Store, StoreError, column, error::told, ledger::json};
use crate::domain::{
    alert::AlertId,
    availability::Window,
    camera::{CameraId, SiteId, Slug},
    time::UnixMicros,
};

/// A picture that comes with a report, bytes; its edge refuses larger ones.
pub const PICTURE_MAX: usize = 512 << 10;

/// Something that an outside system reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JournalRow {
    /// Its name (UUID version 7).
    pub id: Uuid,
    /// Who reported it.
    pub source: String,
    /// What the other side calls it: a second report of the same name is the first one again.
    pub key: String,
    /// What it is.
    pub kind: Slug,
    /// The camera to look at.
    pub camera: Option<CameraId>,
    /// Where.
    pub site: Option<SiteId>,
    /// When it happened.
    pub at: UnixMicros,
    /// In words.
    pub text: String,
    /// All else that was sent.
    pub data: Option<serde_json::Value>,
    /// What was seen, as JPEG.
    #[serde(default, with = "hex", skip_serializing_if = "Option::is_none")]
    pub picture: Option<Bytes>,
    /// The alert that it opened, or belongs to.
    pub alert: Option<AlertId>,
    /// It was injected to train people.
    pub drill: bool,
}

/// Something that was observed, by the service or by an outside system.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Observation {
    /// When, or when it began.
    pub at: UnixMicros,
    /// When it ended; `None` while it lasts, and for what has no end of its own.
    pub until: Option<UnixMicros>,
    /// A condition's word, or the kind that an outside system gave.
    pub kind: Slug,
    /// The camera to look at.
    pub camera: Option<CameraId>,
    /// Where.
    pub site: Option<SiteId>,
    /// Words and figures.
    pub text: String,
    /// Who reported it; `None`: the service itself observed it.
    pub source: Option<String>,
    /// The report's name, under which there may be more of it.
    pub record: Option<Uuid>,
    /// What the other side calls the report.
    pub key: Option<String>,
    /// A picture came with the report.
    pub pictured: bool,
    /// The alert that a report opened, or belongs to.
    pub alert: Option<AlertId>,
    /// It was injected to train people.
    pub drill: bool,
}

/// Which observations are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalFilter {
    /// When they happened.
    pub window: Window,
    /// Only of this kind.
    pub kind: Option<Slug>,
    /// Only with this camera.
    pub camera: Option<CameraId>,
    /// Only with these words in their text.
    pub words: Option<String>,
    /// Only within these; `None`: everywhere.
    pub within: Option<Within>,
}

/// What somebody may see: all that an observation names must be among it, and it must name
/// something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Within {
    /// These cameras.
    pub cameras: Vec<CameraId>,
    /// These sites.
    pub sites: Vec<SiteId>,
}

impl Store {
    /// All that was observed, newest first; `limit` at most.
    pub async fn observations(
        &self,
        filter: &JournalFilter,
        limit: u32,
    ) -> Result<Vec<Observation>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(OBSERVED);
        query.push(" WHERE at >= ").push_bind(column::micros(filter.window.from));
        query.push(" AND at < ").push_bind(column::micros(filter.window.until));
        if let Some(kind) = &filter.kind {
            query.push(" AND kind = ").push_bind(kind.as_str().to_owned());
        }
        if let Some(camera) = &filter.camera {
            query.push(" AND camera = ").push_bind(camera.as_str().to_owned());
        }
        if let Some(words) = &filter.words {
            // Not LIKE, in which % and _ are more than themselves.
            query.push(" AND instr(lower(text), lower(").push_bind(words.clone()).push(")) > 0");
        }
        if let Some(Within { cameras, sites }) = &filter.within {
            query
                .push(" AND COALESCE(camera, site) IS NOT NULL AND (camera IS NULL OR camera IN (");
            let mut list = query.separated(", ");
            for camera in cameras {
                list.push_bind(camera.as_str().to_owned());
            }
            query.push(")) AND (site IS NULL OR site IN (");
            let mut list = query.separated(", ");
            for site in sites {
                list.push_bind(site.as_str().to_owned());
            }
            query.push("))");
        }
        query.push(" ORDER BY at DESC, id DESC LIMIT ").push_bind(limit);
        query
            .build()
            .try_map(observed)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// The report that a source gave under a name.
    pub async fn record_by_key(
        &self,
        source: &str,
        key: &str,
    ) -> Result<Option<JournalRow>, StoreError> {
        let sql = format!("{WITHOUT_PICTURE} WHERE source = $1 AND idempotency_key = $2");
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(source)
            .bind(key)
            .try_map(from_row)
            .fetch_optional(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// A report by its name, without its picture.
    pub async fn record(&self, id: Uuid) -> Result<Option<JournalRow>, StoreError> {
        let sql = format!("{WITHOUT_PICTURE} WHERE id = $1");
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(column::uuid(&id))
            .try_map(from_row)
            .fetch_optional(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// The reports of an alert, the first 1,000, oldest first, without their pictures.
    pub async fn records_of_alert(&self, alert: AlertId) -> Result<Vec<JournalRow>, StoreError> {
        let sql = format!("{WITHOUT_PICTURE} WHERE alert = $1 ORDER BY at, id LIMIT 1000");
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(column::uuid(&alert.0))
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// The picture of a report, if there is one.
    pub async fn record_picture(&self, id: Uuid) -> Result<Option<Bytes>, StoreError> {
        let sql = "SELECT picture FROM record WHERE id = $1 AND picture IS NOT NULL";
        sqlx::query(sql)
            .bind(column::uuid(&id))
            .try_map(|row| row.try_get::<Vec<u8>, _>("picture").map(Bytes::from))
            .fetch_optional(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }
}

/// Reports, and what the service itself observed.
const OBSERVED: &str = "SELECT * FROM (SELECT at, NULL AS until, kind, camera, site, text, source, \
        id, idempotency_key AS key, picture IS NOT NULL AS pictured, alert, drill FROM record \
    UNION ALL SELECT raised_at, cleared_at, condition, \
        CASE subject WHEN 'camera' THEN subject_id END, \
        CASE subject WHEN 'site' THEN subject_id END, evidence, NULL, NULL, \
        NULL, 0, NULL, 0 FROM episode)";

const WITHOUT_PICTURE: &str = "SELECT id, source, idempotency_key, kind, camera, site, at, text, \
    data, alert, drill FROM record";

/// The first report of a name stays.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    row: &JournalRow,
) -> Result<(), sqlx::Error> {
    let data = row.data.as_ref().map(json).transpose()?;
    let sql = "INSERT INTO record VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
        ON CONFLICT DO NOTHING";
    sqlx::query(sql)
        .bind(column::uuid(&row.id))
        .bind(&row.source)
        .bind(&row.key)
        .bind(row.kind.as_str())
        .bind(row.camera.as_ref().map(CameraId::as_str))
        .bind(row.site.as_ref().map(SiteId::as_str))
        .bind(column::micros(row.at))
        .bind(&row.text)
        .bind(data)
        .bind(row.picture.as_deref())
        .bind(row.alert.map(|alert| column::uuid(&alert.0)))
        .bind(row.drill)
        .execute(connection)
        .await
        .map(drop)
}

fn from_row(row: SqliteRow) -> Result<JournalRow, sqlx::Error> {
    let data: Option<String> = row.try_get("data")?;
    let data = data.map(|data| serde_json::from_str(&data)).transpose();
    Ok(JournalRow {
        id: column::read_uuid(&row, "id")?,
        source: row.try_get("source")?,
        key: row.try_get("idempotency_key")?,
        kind: column::read_word(&row, "kind")?,
        camera: column::read_word_if_any(&row, "camera")?,
        site: column::read_word_if_any(&row, "site")?,
        at: column::read_time(&row, "at")?,
        text: row.try_get("text")?,
        data: data.map_err(|error| column::unreadable("data", error))?,
        picture: None,
        alert: column::read_uuid_if_any(&row, "alert")?.map(AlertId),
        drill: row.try_get("drill")?,
    })
}

fn observed(row: SqliteRow) -> Result<Observation, sqlx::Error> {
    Ok(Observation {
        at: column::read_time(&row, "at")?,
        until: column::read_time_if_any(&row, "until")?,
        kind: column::read_word(&row, "kind")?,
        camera: column::read_word_if_any(&row, "camera")?,
        site: column::read_word_if_any(&row, "site")?,
        text: row.try_get("text")?,
        source: row.try_get("source")?,
        record: column::read_uuid_if_any(&row, "id")?,
        key: row.try_get("key")?,
        pictured: row.try_get("pictured")?,
        alert: column::read_uuid_if_any(&row, "alert")?.map(AlertId),
        drill: row.try_get("drill")?,
    })
}

/// A picture as text, for the spool: JSON has no bytes.
mod hex {
    use bytes::Bytes;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        picture: &Option<Bytes>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let Some(picture) = picture else { return to.serialize_none() };
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |half: u8| char::from(DIGITS[usize::from(half & 15)]);
        let text: String =
            picture.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect();
        to.serialize_some(&text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Bytes>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
        let byte = |pair: &[u8]| {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(*pair.get(1)?).to_digit(16)?;
            u8::try_from(high << 4 | low).ok()
        };
        let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(byte).collect();
        bytes.map(|bytes| Some(bytes.into())).ok_or_else(|| D::Error::custom("not hexadecimal"))
    }
}
