//! Who did what: rows in a chain, each with the hash of the one before it.

mod before;
mod check;
mod head;
mod link;
#[cfg(test)]
mod tests;
mod verify;

use std::{net::IpAddr, time::SystemTime};

use serde::{Deserialize, Serialize};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

pub(super) use self::{before::chain, head::HeadFile};
pub use self::{
    check::{AuditError, AuditReport, verify_audit},
    link::{AuditHash, NoHash},
    verify::{Broken, KnownHead, Wrong},
};
use super::{
    Store, StoreError, column,
    error::told,
    ledger::{json, read_json},
};
use crate::domain::{alert::Actor, availability::Window, time::UnixMicros};
use link::{Content, exported};

/// Somebody did something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditRow {
    /// Its name (UUID version 7).
    pub id: Uuid,
    /// When.
    pub at: UnixMicros,
    /// Who.
    pub actor: Actor,
    /// What: a verb, as `acknowledge`.
    pub action: String,
    /// To what: `alert:…`, `delivery:…`.
    pub object: String,
    /// With which words.
    pub detail: Option<serde_json::Value>,
    /// From where, if that is known.
    #[serde(default)]
    pub address: Option<IpAddr>,
}

/// A row with its place in the chain.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuditEntry {
    /// Its number; there are no holes.
    pub seq: u64,
    /// What it says.
    #[serde(flatten)]
    pub row: AuditRow,
    /// The hash that ties it to all rows before it.
    pub hash: AuditHash,
}

impl Store {
    /// What was done within `window`, newest first; `limit` at most.
    pub async fn audit(&self, window: Window, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let sql = "SELECT * FROM audit WHERE at >= $1 AND at < $2 \
            ORDER BY at DESC, seq DESC LIMIT $3";
        sqlx::query(sql)
            .bind(column::micros(window.from))
            .bind(column::micros(window.until))
            .bind(limit)
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// The first `limit` rows within `window` behind number `after`, in the order of the chain: their
    /// numbers, and the lines of an export.
    pub async fn audit_lines(
        &self,
        window: Window,
        after: u64,
        limit: u32,
    ) -> Result<Vec<(u64, String)>, StoreError> {
        let sql = "SELECT * FROM audit WHERE seq > $1 AND at >= $2 AND at < $3 \
            ORDER BY seq LIMIT $4";
        sqlx::query(sql)
            .bind(i64::try_from(after).unwrap_or(i64::MAX))
            .bind(column::micros(window.from))
            .bind(column::micros(window.until))
            .bind(limit)
            .try_map(|row| {
                let link = Link::read(&row)?;
                let line = link.content.line(link.seq, &link.prev).ok_or_else(not_a_row)?;
                Ok((link.seq, exported(&line, &link.hash)))
            })
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }
}

/// Adds a row behind the newest, in the writer's transaction; one that is there already stays as it
/// is.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    row: &AuditRow,
) -> Result<(), sqlx::Error> {
    let there = sqlx::query("SELECT 1 FROM audit WHERE id = $1").bind(column::uuid(&row.id));
    if there.fetch_optional(&mut *connection).await?.is_some() {
        return Ok(());
    }
    // JSON knows no difference between a null and nothing.
    let detail = row.detail.as_ref().filter(|detail| !detail.is_null());
    let content = Content {
        id: column::uuid(&row.id),
        at: column::micros(row.at),
        actor: json(&row.actor)?,
        action: row.action.clone(),
        object: row.object.clone(),
        detail: detail.map(json).transpose()?,
        address: row.address.map(|address| address.to_string()),
    };
    append(connection, content).await
}

async fn append(connection: &mut SqliteConnection, content: Content) -> Result<(), sqlx::Error> {
    let (head, prev) = place(connection, "audit_head").await?;
    let seq = head + 1;
    let hash = content.hash(seq, &prev).ok_or_else(not_a_row)?;
    let at = content.at;
    sqlx::query("INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(number(seq))
        .bind(content.id)
        .bind(at)
        .bind(content.actor)
        .bind(content.action)
        .bind(content.object)
        .bind(content.detail)
        .bind(content.address)
        .bind(prev.0.to_vec())
        .bind(hash.0.to_vec())
        .execute(&mut *connection)
        .await?;
    sqlx::query("UPDATE audit_head SET seq = $1, hash = $2, at = $3")
        .bind(number(seq))
        .bind(hash.0.to_vec())
        .bind(at)
        .execute(connection)
        .await
        .map(drop)
}

/// Deletes rows from before the day of `before`, `limit` at most, and only from the beginning of the
/// chain. A row of the chain tells up to where, so that whoever deletes more is found.
pub(super) async fn prune(
    connection: &mut SqliteConnection,
    before: UnixMicros,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    // Once a day, because each time costs a row.
    let day = UnixMicros(before.0 - before.0 % DAY_US);
    let sql = "SELECT seq, at, hash, action FROM audit ORDER BY seq LIMIT $1";
    let oldest = sqlx::query(sql).bind(limit).fetch_all(&mut *connection).await?;
    let (mut last, mut others) = (None, false);
    for row in &oldest {
        let at: i64 = row.try_get("at")?;
        if at >= column::micros(day) {
            break;
        }
        last = Some((unsigned(row.try_get("seq")?), hash(row, "hash")?));
        others |= row.try_get::<&str, _>("action")? != PRUNE;
    }
    // Else each time would delete what the time before has written, where the clock was set.
    let Some((seq, hash)) = last.filter(|_| others) else { return Ok(0) };
    sqlx::query("UPDATE audit_base SET seq = $1, hash = $2")
        .bind(number(seq))
        .bind(hash.0.to_vec())
        .execute(&mut *connection)
        .await?;
    let gone = sqlx::query("DELETE FROM audit WHERE seq <= $1")
        .bind(number(seq))
        .execute(&mut *connection)
        .await?;
    let row = AuditRow {
        id: Uuid::now_v7(),
        at: SystemTime::now().into(),
        actor: Actor { user: "service".to_owned(), person: None },
        action: PRUNE.to_owned(),
        object: "audit".to_owned(),
        detail: Some(serde_json::json!({ "through": seq, "hash": hash })),
        address: None,
    };
    insert(connection, &row).await?;
    Ok(gone.rows_affected())
}

/// The action of a row that tells that older ones were deleted.
const PRUNE: &str = "audit-prune";

const DAY_US: u64 = 24 * 60 * 60 * 1_000_000;

/// A row as its columns have it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Link {
    seq: u64,
    content: Content,
    prev: AuditHash,
    hash: AuditHash,
}

impl Link {
    fn read(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            seq: unsigned(row.try_get("seq")?),
            content: Content {
                id: row.try_get("id")?,
                at: row.try_get("at")?,
                actor: row.try_get("actor")?,
                action: row.try_get("action")?,
                object: row.try_get("object")?,
                detail: row.try_get("detail")?,
                address: row.try_get("address")?,
            },
            prev: hash(row, "prev")?,
            hash: hash(row, "hash")?,
        })
    }
}

/// The number and hash in a table of one row.
async fn place(
    connection: &mut SqliteConnection,
    table: &'static str,
) -> Result<(u64, AuditHash), sqlx::Error> {
    let sql = match table {
        "audit_head" => "SELECT seq, hash FROM audit_head",
        _ => "SELECT seq, hash FROM audit_base",
    };
    let row = sqlx::query(sql).fetch_one(connection).await?;
    Ok((unsigned(row.try_get("seq")?), hash(&row, "hash")?))
}

fn hash(row: &SqliteRow, name: &str) -> Result<AuditHash, sqlx::Error> {
    let bytes: &[u8] = row.try_get(name)?;
    bytes.try_into().map(AuditHash).map_err(|error| column::unreadable(name, error))
}

/// SQLite has no unsigned 64-bit column; so many rows there will not be.
fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

/// A number below 0, which no row has, becomes one that is out of the row.
fn unsigned(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or_default()
}

fn not_a_row() -> sqlx::Error {
    sqlx::Error::Encode("what is no row of the audit has no hash".into())
}

fn from_row(row: SqliteRow) -> Result<AuditEntry, sqlx::Error> {
    let detail: Option<String> = row.try_get("detail")?;
    let detail = detail.map(|detail| serde_json::from_str(&detail)).transpose();
    let address: Option<String> = row.try_get("address")?;
    let address = address.map(|address| address.parse()).transpose();
    Ok(AuditEntry {
        seq: unsigned(row.try_get("seq")?),
        row: AuditRow {
            id: column::read_uuid(&row, "id")?,
            at: column::read_time(&row, "at")?,
            actor: read_json(&row, "actor")?,
            action: row.try_get("action")?,
            object: row.try_get("object")?,
            detail: detail.map_err(|error| column::unreadable("detail", error))?,
            address: address.map_err(|error| column::unreadable("address", error))?,
        },
        hash: hash(&row, "hash")?,
    })
}
