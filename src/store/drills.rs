//! Drills: what was ordered, by whom, and whether it goes on. Their alerts are alerts as all others,
//! with an evidence that names the drill.

use std::{net::IpAddr, time::Duration};

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    Store, StoreError, audit,
    audit::AuditRow,
    changes, column,
    error::told,
    ledger::{json, read_json},
    writer::Write,
};
use crate::domain::{
    alert::{Actor, Change},
    camera::{CameraId, Slug},
    time::UnixMicros,
};

/// An order to raise alerts that train people.
#[derive(Clone, Debug, PartialEq)]
pub struct DrillRow {
    /// Its name (UUID version 7).
    pub id: Uuid,
    /// When it was ordered.
    pub started_at: UnixMicros,
    /// Since when nothing more is raised; `None`: it goes on.
    pub ended_at: Option<UnixMicros>,
    /// Who ordered it.
    pub by: Actor,
    /// From where, if that is known: it is kept in the audit alone.
    pub address: Option<IpAddr>,
    /// What it pretends.
    pub kind: Slug,
    /// Where, in turns.
    pub cameras: Vec<CameraId>,
    /// How many times something is raised.
    pub count: u32,
    /// Seconds between two.
    pub gap_s: u32,
}

impl DrillRow {
    /// How its alerts say whose they are.
    pub fn evidence(&self) -> String {
        format!("drill {}", self.id)
    }

    /// Where the `n`th is raised, from 0.
    pub fn camera(&self, n: u32) -> Option<&CameraId> {
        self.cameras.iter().cycle().nth(usize::try_from(n).ok()?)
    }
}

/// What is written of a drill.
#[derive(Debug)]
pub(super) enum Step {
    Begin(DrillRow),
    /// It came to nothing.
    Forget(Uuid),
    End(Uuid, UnixMicros),
    EndAll(UnixMicros),
}

/// What was raised may be told later than it was due: a rule's delay, a service that was busy.
const LATE_MAX: Duration = Duration::from_secs(3600);

/// Changes of one drill that are looked at; 20 alerts have some 200.
const CHANGES_MAX: u32 = 4000;

impl Store {
    /// Stores a drill that begins, and in the audit who ordered it; committed when it returns.
    pub async fn begin_drill(&self, drill: DrillRow) -> Result<(), StoreError> {
        self.writer.write(Write::Drill(Step::Begin(drill))).await.map(drop)
    }

    /// Takes a drill back that came to nothing.
    pub async fn forget_drill(&self, id: Uuid) -> Result<(), StoreError> {
        self.writer.write(Write::Drill(Step::Forget(id))).await.map(drop)
    }

    /// Nothing more is raised for this drill.
    pub async fn end_drill(&self, id: Uuid, at: UnixMicros) -> Result<(), StoreError> {
        self.writer.write(Write::Drill(Step::End(id, at))).await.map(drop)
    }

    /// Ends what went on when the service was cut off.
    pub async fn end_drills(&self, at: UnixMicros) -> Result<(), StoreError> {
        self.writer.write(Write::Drill(Step::EndAll(at))).await.map(drop)
    }

    /// Drills, newest first, `limit` at most.
    pub async fn drills(&self, limit: u32) -> Result<Vec<DrillRow>, StoreError> {
        sqlx::query("SELECT * FROM drill ORDER BY started_at DESC, id DESC LIMIT $1")
            .bind(limit)
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// One drill.
    pub async fn drill(&self, id: Uuid) -> Result<Option<DrillRow>, StoreError> {
        sqlx::query("SELECT * FROM drill WHERE id = $1")
            .bind(column::uuid(&id))
            .try_map(from_row)
            .fetch_optional(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// All changes of the alerts that a drill raised, also those before and after it, in order.
    pub async fn changes_of_drill(
        &self,
        drill: &DrillRow,
    ) -> Result<Vec<std::sync::Arc<Change>>, StoreError> {
        let lasts = Duration::from_secs(u64::from(drill.count) * u64::from(drill.gap_s));
        let until = drill.started_at.plus(lasts).plus(LATE_MAX);
        let sql = "SELECT * FROM alert_change WHERE alert IN (SELECT DISTINCT alert \
                FROM alert_change WHERE at >= $1 AND at < $2 \
                AND json_extract(snapshot, '$.drill') AND json_extract(snapshot, '$.evidence') = $3) \
            ORDER BY seq LIMIT $4";
        sqlx::query(sql)
            .bind(column::micros(drill.started_at))
            .bind(column::micros(until))
            .bind(drill.evidence())
            .bind(CHANGES_MAX)
            .try_map(changes::from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }
}

pub(super) async fn write(
    connection: &mut SqliteConnection,
    step: &Step,
) -> Result<(), sqlx::Error> {
    let query = match step {
        Step::Begin(drill) => return begin(connection, drill).await,
        Step::Forget(id) => sqlx::query("DELETE FROM drill WHERE id = $1").bind(column::uuid(id)),
        Step::End(id, at) => {
            sqlx::query("UPDATE drill SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL")
                .bind(column::uuid(id))
                .bind(column::micros(*at))
        }
        Step::EndAll(at) => sqlx::query("UPDATE drill SET ended_at = $1 WHERE ended_at IS NULL")
            .bind(column::micros(*at)),
    };
    query.execute(connection).await.map(drop)
}

async fn begin(connection: &mut SqliteConnection, drill: &DrillRow) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO drill VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(column::uuid(&drill.id))
        .bind(column::micros(drill.started_at))
        .bind(drill.ended_at.map(column::micros))
        .bind(json(&drill.by)?)
        .bind(drill.kind.as_str())
        .bind(json(&drill.cameras)?)
        .bind(drill.count)
        .bind(drill.gap_s)
        .execute(&mut *connection)
        .await?;
    let detail = serde_json::json!({
        "kind": drill.kind, "cameras": drill.cameras, "count": drill.count, "gap_s": drill.gap_s,
    });
    let row = AuditRow {
        id: Uuid::now_v7(),
        at: drill.started_at,
        actor: drill.by.clone(),
        action: "drill".to_owned(),
        object: format!("drill:{}", drill.id),
        detail: Some(detail),
        address: drill.address,
    };
    audit::insert(connection, &row).await
}

fn from_row(row: SqliteRow) -> Result<DrillRow, sqlx::Error> {
    Ok(DrillRow {
        id: column::read_uuid(&row, "id")?,
        started_at: column::read_time(&row, "started_at")?,
        ended_at: column::read_time_if_any(&row, "ended_at")?,
        by: read_json(&row, "actor")?,
        address: None,
        kind: column::read_word(&row, "kind")?,
        cameras: read_json(&row, "cameras")?,
        count: row.try_get("count")?,
        gap_s: row.try_get("gap_s")?,
    })
}
