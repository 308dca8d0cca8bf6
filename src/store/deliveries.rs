//! Messages to people and systems: the outbox, and afterwards the proof.

use serde::{Deserialize, Serialize};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    Store, StoreError, column,
    error::told,
    ledger::{json, read_json},
};
use crate::domain::{
    alert::{
        AlertId,
        delivery::{Delivery, DeliveryId},
    },
    roster::{ChannelId, PersonId},
    time::UnixMicros,
    word::word,
};

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryState {
    /// It is tried until its time is over.
    Pending,
    /// The other side confirmed it.
    Sent,
    /// It was given up: people see it, and may have it sent again.
    Dead,
}

/// What became of a message. Writing it again changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// The other side has it.
    Sent {
        /// Which message.
        id: DeliveryId,
        /// When.
        at: UnixMicros,
        /// What the other side said when it took it.
        receipt: Option<String>,
    },
    /// One more try failed, and another follows.
    Failed {
        /// Which message.
        id: DeliveryId,
        /// When.
        at: UnixMicros,
        /// Why.
        told: String,
        /// When the next one is due.
        next_try: UnixMicros,
    },
    /// It was given up.
    Dead {
        /// Which message.
        id: DeliveryId,
        /// When.
        at: UnixMicros,
        /// Why.
        told: String,
    },
    /// A person had a dead one sent again, as if it were new.
    Resent {
        /// Which message.
        id: DeliveryId,
        /// When.
        at: UnixMicros,
    },
}

impl Outcome {
    /// Which message.
    pub fn id(&self) -> DeliveryId {
        match self {
            Self::Sent { id, .. }
            | Self::Failed { id, .. }
            | Self::Dead { id, .. }
            | Self::Resent { id, .. } => *id,
        }
    }
}

/// A message with what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeliveryRow {
    /// The message.
    #[serde(flatten)]
    pub delivery: Delivery,
    /// How far it has come.
    pub state: DeliveryState,
    /// Why the last try failed.
    pub told: Option<String>,
    /// When the other side confirmed it.
    pub sent_at: Option<UnixMicros>,
    /// What the other side said when it took it.
    pub receipt: Option<String>,
}

impl Store {
    /// The `limit` oldest messages that wait for a channel, in the order in which they were made.
    pub async fn pending_deliveries(
        &self,
        channel: &ChannelId,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let sql = "SELECT * FROM delivery WHERE state = 'pending' AND channel = $1 \
            ORDER BY created_at, id LIMIT $2";
        let rows = sqlx::query(sql).bind(channel.as_str()).bind(limit).try_map(from_row);
        let rows = rows.fetch_all(&self.readers).await.map_err(|error| told(&self.path, error))?;
        Ok(rows.into_iter().map(|row| row.delivery).collect())
    }

    /// The channels that messages wait for.
    pub async fn channels_waited_for(&self) -> Result<Vec<ChannelId>, StoreError> {
        sqlx::query("SELECT DISTINCT channel FROM delivery WHERE state = 'pending'")
            .try_map(|row| column::read_word(&row, "channel"))
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// Messages in a state, or all, newest first, made before `before`; `limit` at most.
    pub async fn deliveries(
        &self,
        state: Option<DeliveryState>,
        before: Option<UnixMicros>,
        limit: u32,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let sql = "SELECT * FROM delivery WHERE ($1 IS NULL OR state = $1) \
            AND ($2 IS NULL OR created_at < $2) ORDER BY created_at DESC, id DESC LIMIT $3";
        sqlx::query(sql)
            .bind(state.map(word))
            .bind(before.map(column::micros))
            .bind(limit)
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// One message.
    pub async fn delivery(&self, id: DeliveryId) -> Result<Option<DeliveryRow>, StoreError> {
        sqlx::query("SELECT * FROM delivery WHERE id = $1")
            .bind(column::uuid(&id.0))
            .try_map(from_row)
            .fetch_optional(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// The newest `limit` messages about an alert, in the order of their changes.
    pub async fn deliveries_of_alert(
        &self,
        alert: AlertId,
        limit: u32,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let sql = "SELECT * FROM (SELECT * FROM delivery WHERE alert = $1 \
            ORDER BY seq DESC, id DESC LIMIT $2) ORDER BY seq, id";
        sqlx::query(sql)
            .bind(column::uuid(&alert.0))
            .bind(limit)
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }
}

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    delivery: &Delivery,
) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO delivery (id, alert, seq, channel, person, address, message, \
            created_at, tries, next_try_at, state) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'pending') ON CONFLICT (id) DO NOTHING";
    sqlx::query(sql)
        .bind(column::uuid(&delivery.id.0))
        .bind(column::uuid(&delivery.alert.0))
        .bind(column::seq(delivery.seq))
        .bind(delivery.channel.as_str())
        .bind(delivery.person.as_ref().map(PersonId::as_str))
        .bind(&delivery.address)
        .bind(json(&delivery.message)?)
        .bind(column::micros(delivery.created_at))
        .bind(delivery.tries)
        .bind(column::micros(delivery.next_try_at))
        .execute(connection)
        .await
        .map(drop)
}

/// What happened before what is known already, or to what is not there, changes nothing.
pub(super) async fn conclude(
    connection: &mut SqliteConnection,
    outcome: &Outcome,
) -> Result<(), sqlx::Error> {
    let sql = match outcome {
        Outcome::Sent { .. } => {
            "UPDATE delivery SET state = 'sent', sent_at = $2, tried_at = $2, receipt = $3 \
            WHERE id = $1 AND state <> 'sent'"
        }
        Outcome::Failed { .. } => {
            "UPDATE delivery SET tries = tries + 1, tried_at = $2, told = $3, next_try_at = $4 \
            WHERE id = $1 AND state = 'pending' AND coalesce(tried_at < $2, 1)"
        }
        Outcome::Dead { .. } => {
            "UPDATE delivery SET state = 'dead', tries = tries + 1, tried_at = $2, told = $3 \
            WHERE id = $1 AND state = 'pending' AND coalesce(tried_at < $2, 1)"
        }
        Outcome::Resent { .. } => {
            "UPDATE delivery SET state = 'pending', tries = 0, tried_at = $2, created_at = $2, \
            next_try_at = $2 WHERE id = $1 AND state = 'dead' AND coalesce(tried_at < $2, 1)"
        }
    };
    let query = sqlx::query(sql).bind(column::uuid(&outcome.id().0));
    let query = match outcome {
        Outcome::Sent { at, receipt, .. } => query.bind(column::micros(*at)).bind(receipt.as_ref()),
        Outcome::Failed { at, told, next_try, .. } => {
            query.bind(column::micros(*at)).bind(told).bind(column::micros(*next_try))
        }
        Outcome::Dead { at, told, .. } => query.bind(column::micros(*at)).bind(told),
        Outcome::Resent { at, .. } => query.bind(column::micros(*at)),
    };
    query.execute(connection).await.map(drop)
}

fn from_row(row: SqliteRow) -> Result<DeliveryRow, sqlx::Error> {
    let delivery = Delivery {
        id: DeliveryId(column::read_uuid(&row, "id")?),
        alert: AlertId(column::read_uuid(&row, "alert")?),
        seq: column::read_seq(&row, "seq")?,
        channel: column::read_word(&row, "channel")?,
        person: column::read_word_if_any(&row, "person")?,
        address: row.try_get("address")?,
        message: read_json(&row, "message")?,
        created_at: column::read_time(&row, "created_at")?,
        tries: row.try_get("tries")?,
        next_try_at: column::read_time(&row, "next_try_at")?,
    };
    Ok(DeliveryRow {
        delivery,
        state: column::read_word(&row, "state")?,
        told: row.try_get("told")?,
        sent_at: column::read_time_if_any(&row, "sent_at")?,
        receipt: row.try_get("receipt")?,
    })
}
