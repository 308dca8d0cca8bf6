//! What is old goes, a few thousand rows at a time: a delete of millions would keep every other
//! write waiting, and the log would grow by all of them at once.

use std::time::Duration;

use sqlx::SqliteConnection;

use super::{
    Store, StoreError, audit, column,
    writer::{Write, Written},
};
use crate::domain::time::UnixMicros;

/// How long the past is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// States, conditions, orders, alerts that are over with all that goes with them, hand-over
    /// sheets, drills, the audit, what walls showed, and what was learnt of cameras that are gone.
    pub history: Duration,
    /// What outside systems reported.
    pub records: Duration,
    /// Figures of minutes.
    pub figures: Duration,
    /// Pictures of what was seen when a condition was raised.
    pub pictures: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            // The same month of the year before, and some days to ask for it.
            history: 400 * DAY,
            // A case is opened within weeks; what belongs to an alert of then is in the alert.
            records: 90 * DAY,
            // Plots go back a day; a night shift looks at the night before.
            figures: 2 * DAY,
            // Long enough to be looked at, no longer than its purpose needs.
            pictures: 30 * DAY,
        }
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A kind of rows that grow old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Old {
    States,
    Episodes,
    Figures,
    Pictures,
    Learnt,
    Orders,
    Alerts,
    Deliveries,
    Records,
    Handovers,
    Audit,
    Drills,
    Sessions,
    Walls,
    Lives,
}

impl Old {
    /// In this order: a life goes after its states.
    const ALL: [Self; 15] = [
        Self::States,
        Self::Episodes,
        Self::Figures,
        Self::Pictures,
        Self::Learnt,
        Self::Orders,
        Self::Alerts,
        Self::Deliveries,
        Self::Records,
        Self::Handovers,
        Self::Audit,
        Self::Drills,
        Self::Sessions,
        Self::Walls,
        Self::Lives,
    ];
}

/// Rows of one delete: some 10 ms.
const AT_ONCE: i64 = 2000;

impl Store {
    /// Deletes what is older than it is to be kept; returns how many rows went. Other writes go on
    /// in between.
    pub async fn prune(&self, now: UnixMicros, keep: &Retention) -> Result<u64, StoreError> {
        let mut pruned = 0;
        for old in Old::ALL {
            let kept = match old {
                Old::Figures => keep.figures,
                Old::Pictures => keep.pictures,
                Old::Records => keep.records,
                // They have their end written in them.
                Old::Sessions => Duration::ZERO,
                Old::States
                | Old::Episodes
                | Old::Learnt
                | Old::Orders
                | Old::Alerts
                | Old::Deliveries
                | Old::Handovers
                | Old::Audit
                | Old::Drills
                | Old::Walls
                | Old::Lives => keep.history,
            };
            let kept = u64::try_from(kept.as_micros()).unwrap_or(u64::MAX);
            let before = UnixMicros(now.0.saturating_sub(kept));
            loop {
                let rows = match self.writer.write(Write::Prune(old, before)).await? {
                    Written::Rows(rows) => rows,
                    other => unreachable!("a delete is answered with rows, not with {other:?}"),
                };
                pruned += rows;
                if rows == 0 {
                    break;
                }
            }
        }
        Ok(pruned)
    }
}

pub(super) async fn prune(
    connection: &mut SqliteConnection,
    old: Old,
    before: UnixMicros,
) -> Result<u64, sqlx::Error> {
    let sql = match old {
        Old::Alerts => return alerts(connection, before).await,
        // A chain loses its beginning, and says so.
        Old::Audit => return audit::prune(connection, before, AT_ONCE).await,
        // The state that was in force then stays, unless its life was over too.
        Old::States => {
            "DELETE FROM state WHERE seq IN (SELECT s.seq FROM state s WHERE s.at < $1 AND ( \
                EXISTS (SELECT 1 FROM state n \
                    WHERE n.camera_id = s.camera_id AND n.at > s.at AND n.at <= $1) \
                OR EXISTS (SELECT 1 FROM life l WHERE l.id = s.life AND l.alive_at < $1)) LIMIT $2)"
        }
        // What still stands stays.
        Old::Episodes => {
            "DELETE FROM episode WHERE seq IN (SELECT seq FROM episode \
                WHERE raised_at < $1 AND cleared_at < $1 LIMIT $2)"
        }
        Old::Figures => {
            "DELETE FROM figures WHERE (camera_id, at) IN \
                (SELECT camera_id, at FROM figures WHERE at < $1 LIMIT $2)"
        }
        Old::Pictures => {
            "DELETE FROM picture WHERE rowid IN (SELECT rowid FROM picture \
                WHERE captured_at < $1 AND kind = 'event' LIMIT $2)"
        }
        Old::Learnt => {
            "DELETE FROM learnt WHERE rowid IN (SELECT rowid FROM learnt \
                WHERE updated_at < $1 LIMIT $2)"
        }
        Old::Orders => {
            "DELETE FROM maintenance WHERE id IN (SELECT id FROM maintenance \
                WHERE until_at < $1 LIMIT $2)"
        }
        // After their alert; what still waits stays.
        Old::Deliveries => {
            "DELETE FROM delivery WHERE rowid IN (SELECT rowid FROM delivery \
                WHERE created_at < $1 AND state <> 'pending' \
                AND NOT EXISTS (SELECT 1 FROM alert a WHERE a.id = delivery.alert) LIMIT $2)"
        }
        Old::Records => {
            "DELETE FROM record WHERE rowid IN (SELECT rowid FROM record WHERE at < $1 \
                AND (alert IS NULL OR NOT EXISTS ( \
                    SELECT 1 FROM alert a WHERE a.id = record.alert AND a.state <> 'normal')) \
                LIMIT $2)"
        }
        Old::Handovers => {
            "DELETE FROM handover WHERE rowid IN (SELECT rowid FROM handover \
                WHERE written_at < $1 LIMIT $2)"
        }
        Old::Drills => {
            "DELETE FROM drill WHERE rowid IN (SELECT rowid FROM drill \
                WHERE started_at < $1 LIMIT $2)"
        }
        Old::Sessions => {
            "DELETE FROM session WHERE hash IN (SELECT hash FROM session \
                WHERE expires_at < $1 LIMIT $2)"
        }
        // A snapshot stays until a newer one holds from then on.
        Old::Walls => {
            "DELETE FROM wall_change WHERE (wall, revision) IN (SELECT w.wall, w.revision \
                FROM wall_change w WHERE w.at < $1 AND EXISTS (SELECT 1 FROM wall_change n \
                    WHERE n.wall = w.wall AND n.revision > w.revision AND n.at <= $1 \
                    AND n.snapshot IS NOT NULL) LIMIT $2)"
        }
        // The one that runs is the last.
        Old::Lives => {
            "DELETE FROM life WHERE id IN (SELECT id FROM life \
                WHERE alive_at < $1 AND id < (SELECT max(id) FROM life) LIMIT $2)"
        }
    };
    sqlx::query(sql)
        .bind(column::micros(before))
        .bind(AT_ONCE)
        .execute(connection)
        .await
        .map(|done| done.rows_affected())
}

/// An alert that is over goes with its changes and receipts, and the horizon says which changes may
/// be missing from then on. Numbers are never used again.
async fn alerts(connection: &mut SqliteConnection, before: UnixMicros) -> Result<u64, sqlx::Error> {
    // Some ten changes each.
    let ids: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT id FROM alert WHERE state = 'normal' AND closed_at < $1 LIMIT $2",
    )
    .bind(column::micros(before))
    .bind(AT_ONCE / 10)
    .fetch_all(&mut *connection)
    .await?;
    let mut rows = 0;
    for id in &ids {
        let sql = "UPDATE alert_horizon SET seq = max(seq, \
            coalesce((SELECT max(seq) FROM alert_change WHERE alert = $1), 0))";
        sqlx::query(sql).bind(id).execute(&mut *connection).await?;
        for sql in [
            "DELETE FROM alert_change WHERE alert = $1",
            "DELETE FROM receipt WHERE alert = $1",
            "DELETE FROM alert WHERE id = $1",
        ] {
            rows += sqlx::query(sql).bind(id).execute(&mut *connection).await?.rows_affected();
        }
    }
    Ok(rows)
}
