//! Each alert as it is now.

use std::sync::Arc;

use sqlx::{QueryBuilder, Sqlite, SqliteConnection, sqlite::SqliteRow};

use super::{
    Store, StoreError, column,
    error::told,
    ledger::{json, read_json},
};
use crate::domain::{
    alert::{Alert, AlertId, Change, Seq, Source, State, Subject},
    availability::Window,
    camera::SiteId,
    roster::PositionId,
    time::UnixMicros,
    word::word,
};

/// Which alerts are asked for. Empty, it is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// Only those that are not over, or only those that are.
    pub open: Option<bool>,
    /// Only in this state.
    pub state: Option<State>,
    /// Only of these sites.
    pub sites: Option<Vec<SiteId>>,
    /// Only of this position.
    pub position: Option<PositionId>,
}

impl AlertFilter {
    /// Whether it asks for this one.
    pub fn takes(&self, alert: &Alert) -> bool {
        self.open.is_none_or(|open| alert.is_open() == open)
            && self.state.is_none_or(|state| alert.state == state)
            && self.position.as_ref().is_none_or(|position| alert.position == *position)
            && self
                .sites
                .as_ref()
                .is_none_or(|sites| alert.site.as_ref().is_some_and(|site| sites.contains(site)))
    }
}

/// An alert and the number of its newest change.
pub type Numbered = (Seq, Arc<Alert>);

impl Store {
    /// Alerts whose newest change comes after `after`, ordered by it, `limit` at most.
    pub async fn alerts(
        &self,
        filter: &AlertFilter,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Numbered>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT seq, snapshot FROM alert WHERE seq > ");
        query.push_bind(column::seq(after));
        match filter.open {
            Some(true) => _ = query.push(" AND state <> 'normal'"),
            Some(false) => _ = query.push(" AND state = 'normal'"),
            None => {}
        }
        if let Some(state) = filter.state {
            query.push(" AND state = ").push_bind(word(state));
        }
        if let Some(position) = &filter.position {
            query.push(" AND position = ").push_bind(position.as_str().to_owned());
        }
        if let Some(sites) = &filter.sites {
            let mut list = query.push(" AND site IN (").separated(", ");
            for site in sites {
                list.push_bind(site.as_str().to_owned());
            }
            query.push(")");
        }
        query.push(" ORDER BY seq LIMIT ").push_bind(limit);
        query
            .build()
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// All that are not over, ordered by their newest change.
    pub async fn open_alerts(&self) -> Result<Vec<Numbered>, StoreError> {
        sqlx::query("SELECT seq, snapshot FROM alert WHERE state <> 'normal' ORDER BY seq")
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// All that were over at `since` or later, ordered by their newest change.
    pub async fn alerts_closed_since(
        &self,
        since: UnixMicros,
    ) -> Result<Vec<Numbered>, StoreError> {
        let sql = "SELECT seq, snapshot FROM alert WHERE closed_at >= $1 ORDER BY seq";
        sqlx::query(sql)
            .bind(column::micros(since))
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// One alert.
    pub async fn alert(&self, id: AlertId) -> Result<Option<Numbered>, StoreError> {
        sqlx::query("SELECT seq, snapshot FROM alert WHERE id = $1")
            .bind(column::uuid(&id.0))
            .try_map(from_row)
            .fetch_optional(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// Alerts that were open at some moment of `window`, by when they began: what figures are
    /// counted from.
    pub async fn alerts_within(&self, window: Window) -> Result<Vec<Numbered>, StoreError> {
        let sql = "SELECT seq, snapshot FROM alert \
            WHERE opened_at < $2 AND (closed_at IS NULL OR closed_at >= $1) ORDER BY opened_at";
        sqlx::query(sql)
            .bind(column::micros(window.from))
            .bind(column::micros(window.until))
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }
}

/// The alert as it is after a change; a newer one stays.
///
/// Its episode is unique. Two alerts of one episode would be a fault of ours; the second is stored
/// all the same, under a key of its own, because losing it would be the worse one.
pub(super) async fn save(
    connection: &mut SqliteConnection,
    change: &Change,
) -> Result<(), sqlx::Error> {
    let alert = &*change.alert;
    let mut episode = episode(alert);
    let taken: Option<i64> =
        sqlx::query_scalar("SELECT 1 FROM alert WHERE episode = $1 AND id <> $2")
            .bind(&episode)
            .bind(column::uuid(&alert.id.0))
            .fetch_optional(&mut *connection)
            .await?;
    if taken.is_some() {
        episode = format!("{episode}#{}", alert.id);
    }
    let sql = "INSERT INTO alert VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
        ON CONFLICT (id) DO UPDATE SET state = excluded.state, priority = excluded.priority, \
        position = excluded.position, site = excluded.site, closed_at = excluded.closed_at, \
        seq = excluded.seq, snapshot = excluded.snapshot WHERE excluded.seq > alert.seq";
    sqlx::query(sql)
        .bind(column::uuid(&alert.id.0))
        .bind(episode)
        .bind(word(alert.state))
        .bind(word(alert.priority))
        .bind(alert.position.as_str())
        .bind(alert.site.as_ref().map(SiteId::as_str))
        .bind(alert.source.kind.as_str())
        .bind(subject(&alert.source.subject))
        .bind(column::micros(alert.opened_at))
        .bind(alert.closed_at.map(column::micros))
        .bind(alert.drill)
        .bind(column::seq(change.seq))
        .bind(json(alert)?)
        .execute(connection)
        .await
        .map(drop)
}

fn episode(alert: &Alert) -> String {
    let Source { subject: of, kind } = &alert.source;
    let drill = if alert.drill { "drill:" } else { "" };
    format!("{drill}{}/{kind}@{}", subject(of), alert.opened_at.0)
}

fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Camera(id) => format!("camera:{id}"),
        Subject::Site(id) => format!("site:{id}"),
        Subject::Screen(screen) => format!("screen:{screen}"),
        Subject::Service => "service".to_owned(),
    }
}

fn from_row(row: SqliteRow) -> Result<Numbered, sqlx::Error> {
    Ok((column::read_seq(&row, "seq")?, Arc::new(read_json(&row, "snapshot")?)))
}
