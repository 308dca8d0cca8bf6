//! Writing down the past, in batches.

use std::sync::Arc;

use sqlx::SqliteConnection;

use super::{Store, StoreError, column, figures, learnt, life, writer::Write};
use crate::domain::{
    availability::LifeId,
    camera::{CameraId, Condition, SiteId, State},
    health::{Learnt, Severity},
    history::{Record, Subject},
    time::UnixMicros,
    word::word,
};

/// Something to write down.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// Something happened.
    Record(Record),
    /// What was learnt of a camera, over what was learnt before.
    Learnt(CameraId, Box<Learnt>),
    /// A camera is no longer configured; from then on nothing is known of it.
    Gone(CameraId, UnixMicros),
}

impl Store {
    /// Writes entries in their order, and that the service was alive at `at`; committed when it
    /// returns. All of them or none.
    pub async fn append(
        &self,
        life: LifeId,
        at: UnixMicros,
        entries: Arc<[Entry]>,
    ) -> Result<(), StoreError> {
        self.writer.write(Write::Past { life, at, entries }).await.map(drop)
    }
}

pub(super) async fn append(
    connection: &mut SqliteConnection,
    life: LifeId,
    at: UnixMicros,
    entries: &[Entry],
) -> Result<(), sqlx::Error> {
    for entry in entries {
        match entry {
            Entry::Record(record) => write_down(connection, life, record).await?,
            Entry::Learnt(camera, learnt) => learnt::save(connection, camera, learnt, at).await?,
            Entry::Gone(camera, at) => gone(connection, life, camera, *at).await?,
        }
    }
    life::alive(connection, life, at).await
}

async fn write_down(
    connection: &mut SqliteConnection,
    life: LifeId,
    record: &Record,
) -> Result<(), sqlx::Error> {
    match record {
        Record::State { camera, at, state, conditions, evidence, masked_by } => {
            let row = StateRow {
                life,
                camera,
                at: *at,
                state: Some(*state),
                conditions,
                evidence: evidence.as_deref(),
                masked_by: masked_by.as_ref(),
            };
            enter(connection, &row).await
        }
        Record::Raised { subject, condition, at, severity, evidence, masked_by, .. } => {
            let row = Raised {
                subject,
                condition: *condition,
                at: *at,
                severity: *severity,
                evidence,
                masked_by: masked_by.as_ref(),
            };
            raise(connection, &row).await
        }
        Record::Cleared { subject, condition, raised_at, at } => {
            clear(connection, subject, *condition, *raised_at, *at).await
        }
        Record::Minute { camera, at, figures } => {
            figures::save(connection, camera, *at, figures).await
        }
    }
}

struct StateRow<'a> {
    life: LifeId,
    camera: &'a CameraId,
    at: UnixMicros,
    state: Option<State>,
    conditions: &'a [Condition],
    evidence: Option<&'a str>,
    masked_by: Option<&'a SiteId>,
}

async fn enter(connection: &mut SqliteConnection, row: &StateRow<'_>) -> Result<(), sqlx::Error> {
    let conditions: Vec<String> = row.conditions.iter().map(word).collect();
    let sql = "INSERT INTO state (life, camera_id, at, state, conditions, evidence, masked_by) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    sqlx::query(sql)
        .bind(row.life.0)
        .bind(row.camera.as_str())
        .bind(column::micros(row.at))
        .bind(row.state.map(word))
        .bind(conditions.join(" "))
        .bind(row.evidence)
        .bind(row.masked_by.map(SiteId::as_str))
        .execute(connection)
        .await
        .map(drop)
}

struct Raised<'a> {
    subject: &'a Subject,
    condition: Condition,
    at: UnixMicros,
    severity: Severity,
    evidence: &'a str,
    masked_by: Option<&'a SiteId>,
}

/// Raised again under the same time, it is the same episode with other words.
async fn raise(connection: &mut SqliteConnection, row: &Raised<'_>) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO episode (subject, subject_id, condition, raised_at, cut_short, \
            severity, evidence, masked_by) \
        VALUES ($1, $2, $3, $4, 0, $5, $6, $7) \
        ON CONFLICT (subject, subject_id, condition, raised_at) DO UPDATE SET \
        severity = excluded.severity, evidence = excluded.evidence, masked_by = excluded.masked_by";
    let (subject, id) = named(row.subject);
    sqlx::query(sql)
        .bind(subject)
        .bind(id)
        .bind(word(row.condition))
        .bind(column::micros(row.at))
        .bind(word(row.severity))
        .bind(row.evidence)
        .bind(row.masked_by.map(SiteId::as_str))
        .execute(connection)
        .await
        .map(drop)
}

async fn clear(
    connection: &mut SqliteConnection,
    subject: &Subject,
    condition: Condition,
    raised_at: UnixMicros,
    at: UnixMicros,
) -> Result<(), sqlx::Error> {
    let (subject, id) = named(subject);
    let sql = "UPDATE episode SET cleared_at = max(raised_at, $5), cut_short = 0 \
        WHERE subject = $1 AND subject_id = $2 AND condition = $3 AND raised_at = $4";
    sqlx::query(sql)
        .bind(subject)
        .bind(id)
        .bind(word(condition))
        .bind(column::micros(raised_at))
        .bind(column::micros(at))
        .execute(connection)
        .await
        .map(drop)
}

async fn gone(
    connection: &mut SqliteConnection,
    life: LifeId,
    camera: &CameraId,
    at: UnixMicros,
) -> Result<(), sqlx::Error> {
    let row = StateRow {
        life,
        camera,
        at,
        state: None,
        conditions: &[],
        evidence: None,
        masked_by: None,
    };
    enter(connection, &row).await?;
    let sql = "UPDATE episode SET cleared_at = max(raised_at, $2), cut_short = 1 \
        WHERE subject = 'camera' AND subject_id = $1 AND cleared_at IS NULL";
    sqlx::query(sql)
        .bind(camera.as_str())
        .bind(column::micros(at))
        .execute(connection)
        .await
        .map(drop)
}

fn named(subject: &Subject) -> (&'static str, &str) {
    match subject {
        Subject::Camera(id) => ("camera", id.as_str()),
        Subject::Site(id) => ("site", id.as_str()),
    }
}
