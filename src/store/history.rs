//! Reading the past: what people look through, and what availability is counted from.

use sqlx::{Row, sqlite::SqliteRow};

use super::{Store, StoreError, column, error::told};
use crate::domain::{
    availability::{Entered, LifeId, Window},
    camera::{CameraId, Condition, SiteId, State},
    health::Severity,
    history::Subject,
    time::UnixMicros,
};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// When it began.
    pub at: UnixMicros,
    /// When it ended; `None` while it lasts.
    pub until: Option<UnixMicros>,
    /// What it was.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A camera was in a state.
    State {
        /// Which.
        state: State,
        /// What stood when it was entered, worst first.
        conditions: Vec<Condition>,
        /// The evidence for the first of them.
        evidence: Option<String>,
        /// The site that it was masked under.
        masked_by: Option<SiteId>,
    },
    /// A camera was not configured.
    Gone,
    /// A condition stood.
    Condition {
        /// Which.
        condition: Condition,
        /// How much it mattered.
        severity: Severity,
        /// Words and figures.
        evidence: String,
        /// The site that it was masked under.
        masked_by: Option<SiteId>,
        /// Nobody saw it cleared: the service stopped, or lost the camera, while it stood.
        cut_short: bool,
        /// A picture of when it was raised is kept.
        picture: bool,
    },
}

/// A page of the past, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryPage {
    /// What is on it.
    pub entries: Vec<HistoryEntry>,
    /// Ask again until this moment for what came before; `None` on the last page.
    pub next_until: Option<UnixMicros>,
}

/// All that began in a window, of a camera's states and of its or a site's conditions.
const MOMENTS: &str = "SELECT at FROM (\
    SELECT at FROM state WHERE $1 = 'camera' AND camera_id = $2 AND at >= $3 AND at < $4 \
    UNION ALL SELECT raised_at FROM episode \
    WHERE subject = $1 AND subject_id = $2 AND raised_at >= $3 AND raised_at < $4) \
    ORDER BY at DESC LIMIT 1 OFFSET $5";

impl Store {
    /// What began within `window`, newest first, about `limit` of it: what began in the same
    /// microsecond stays on one page.
    pub async fn history(
        &self,
        subject: &Subject,
        window: Window,
        limit: u32,
    ) -> Result<HistoryPage, StoreError> {
        self.history_page(subject, window, limit).await.map_err(|error| told(&self.path, error))
    }

    async fn history_page(
        &self,
        subject: &Subject,
        window: Window,
        limit: u32,
    ) -> Result<HistoryPage, sqlx::Error> {
        // One view of the file for all queries of a page.
        let mut reader = self.readers.begin().await?;
        let (kind, id) = match subject {
            Subject::Camera(id) => ("camera", id.as_str()),
            Subject::Site(id) => ("site", id.as_str()),
        };
        let (from, until) = (column::micros(window.from), column::micros(window.until));
        let moment = |until: i64, offset: u32| {
            let query = sqlx::query_scalar::<_, i64>(MOMENTS).bind(kind).bind(id);
            query.bind(from).bind(until).bind(offset)
        };
        let floor = moment(until, limit.saturating_sub(1)).fetch_optional(&mut *reader).await?;
        let before = match floor {
            Some(floor) => moment(floor, 0).fetch_optional(&mut *reader).await?,
            None => None,
        };
        let from = floor.unwrap_or(from);
        let mut entries = Vec::new();
        if let Subject::Camera(_) = subject {
            let states = sqlx::query(STATES).bind(id).bind(from).bind(until).try_map(read_state);
            entries.extend(states.fetch_all(&mut *reader).await?);
        }
        let episodes = sqlx::query(EPISODES).bind(kind).bind(id).bind(from).bind(until);
        entries.extend(episodes.try_map(read_episode).fetch_all(&mut *reader).await?);
        // Stable: of one moment, the state first, then what stood.
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
        let next_until =
            before.and(floor).and_then(|floor| u64::try_from(floor).ok()).map(UnixMicros);
        Ok(HistoryPage { entries, next_until })
    }

    /// The states that a camera entered within `window`, and the one in force when it begins, in
    /// the order in which they were written.
    pub async fn entered(
        &self,
        camera: &CameraId,
        window: Window,
    ) -> Result<Vec<Entered>, StoreError> {
        let sql = "SELECT seq, life, at, state FROM (SELECT * FROM state \
                WHERE camera_id = $1 AND at < $2 ORDER BY at DESC, seq DESC LIMIT 1) \
            UNION ALL SELECT seq, life, at, state FROM state \
                WHERE camera_id = $1 AND at >= $2 AND at < $3 \
            ORDER BY seq";
        sqlx::query(sql)
            .bind(camera.as_str())
            .bind(column::micros(window.from))
            .bind(column::micros(window.until))
            .try_map(|row| {
                Ok(Entered {
                    life: LifeId(row.try_get("life")?),
                    at: column::read_time(&row, "at")?,
                    state: column::read_word_if_any(&row, "state")?,
                })
            })
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }
}

/// A state ends with the next one, or when its life did.
const STATES: &str = "SELECT s.at, s.state, s.conditions, s.evidence, s.masked_by, \
    CASE WHEN s.life = (SELECT max(id) FROM life) THEN s.next_at \
        ELSE max(s.at, min(coalesce(s.next_at, l.alive_at), l.alive_at)) END AS until \
    FROM (SELECT *, (SELECT n.at FROM state n WHERE n.camera_id = state.camera_id \
            AND n.at > state.at ORDER BY n.at LIMIT 1) AS next_at \
        FROM state WHERE camera_id = $1 AND at >= $2 AND at < $3) s \
    LEFT JOIN life l ON l.id = s.life ORDER BY s.at DESC, s.seq DESC";

const EPISODES: &str = "SELECT e.raised_at AS at, e.cleared_at AS until, e.condition, e.severity, \
    e.evidence, e.masked_by, e.cut_short, \
    EXISTS (SELECT 1 FROM picture p WHERE e.subject = 'camera' AND p.camera_id = e.subject_id \
        AND p.kind = 'event' AND p.condition = e.condition AND p.raised_at = e.raised_at) AS kept \
    FROM episode e WHERE e.subject = $1 AND e.subject_id = $2 \
    AND e.raised_at >= $3 AND e.raised_at < $4 ORDER BY e.raised_at DESC, e.seq DESC";

fn read_state(row: SqliteRow) -> Result<HistoryEntry, sqlx::Error> {
    let conditions: String = row.try_get("conditions")?;
    let conditions = conditions.split_whitespace();
    let what = match column::read_word_if_any(&row, "state")? {
        None => What::Gone,
        Some(state) => What::State {
            state,
            conditions: conditions
                .map(|word| column::meaning("conditions", word.to_owned()))
                .collect::<Result<_, _>>()?,
            evidence: row.try_get("evidence")?,
            masked_by: column::read_word_if_any(&row, "masked_by")?,
        },
    };
    Ok(HistoryEntry {
        at: column::read_time(&row, "at")?,
        until: column::read_time_if_any(&row, "until")?,
        what,
    })
}

fn read_episode(row: SqliteRow) -> Result<HistoryEntry, sqlx::Error> {
    Ok(HistoryEntry {
        at: column::read_time(&row, "at")?,
        until: column::read_time_if_any(&row, "until")?,
        what: What::Condition {
            condition: column::read_word(&row, "condition")?,
            severity: column::read_word(&row, "severity")?,
            evidence: row.try_get("evidence")?,
            masked_by: column::read_word_if_any(&row, "masked_by")?,
            cut_short: row.try_get("cut_short")?,
            picture: row.try_get("kept")?,
        },
    })
}
