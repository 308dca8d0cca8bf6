//! What the configuration's files said: each text that was in force, and who changed it to that.

use std::net::IpAddr;

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    Store, StoreError, audit,
    audit::AuditRow,
    column,
    error::told,
    ledger::{json, read_json},
    writer::{Write, Written},
};
use crate::domain::{alert::Actor, time::UnixMicros};

/// A text of one of the configuration's files.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigurationRow {
    /// Its number; 0 before it is stored.
    pub id: i64,
    /// Which file, from the folder of the configuration file; `None`: that file itself.
    pub file: Option<String>,
    /// When the file began to say so, or was found to.
    pub at: UnixMicros,
    /// Who changed it; `None`: it was changed outside, by whom is not known.
    pub by: Option<Actor>,
    /// From where, if that is known: it is kept in the audit alone.
    pub address: Option<IpAddr>,
    /// What was changed.
    pub what: serde_json::Value,
    /// The hash of the text.
    pub version: String,
    /// The text.
    pub text: String,
}

impl Store {
    /// Keeps texts, and in the audit who changed the file to them; committed when it returns.
    pub async fn keep_configuration(&self, rows: Vec<ConfigurationRow>) -> Result<(), StoreError> {
        match self.writer.write(Write::Configuration(rows)).await? {
            Written::Plainly => Ok(()),
            other => unreachable!("rows are written or not, and not {other:?}"),
        }
    }

    /// What the files said, newest first, without the texts: `limit` at most, before `before`.
    pub async fn configurations(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<ConfigurationRow>, StoreError> {
        let sql = "SELECT id, file, at, actor, what, version, '' AS text FROM configuration \
            WHERE id < $1 ORDER BY id DESC LIMIT $2";
        sqlx::query(sql)
            .bind(before.unwrap_or(i64::MAX))
            .bind(limit)
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// One of them, with the one of the same file before it.
    pub async fn configuration(
        &self,
        id: i64,
    ) -> Result<Option<(ConfigurationRow, Option<ConfigurationRow>)>, StoreError> {
        let sql = "SELECT * FROM configuration WHERE id <= $1 \
            AND file IS (SELECT file FROM configuration WHERE id = $1) ORDER BY id DESC LIMIT 2";
        let rows: Vec<ConfigurationRow> = sqlx::query(sql)
            .bind(id)
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))?;
        let mut rows = rows.into_iter();
        Ok(rows.next().filter(|row| row.id == id).map(|row| (row, rows.next())))
    }

    /// The version of a file's newest text that is kept.
    pub async fn configuration_version(
        &self,
        file: Option<&str>,
    ) -> Result<Option<String>, StoreError> {
        let sql = "SELECT version FROM configuration WHERE file IS $1 ORDER BY id DESC LIMIT 1";
        sqlx::query_scalar(sql)
            .bind(file)
            .fetch_optional(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }
}

pub(super) async fn write(
    connection: &mut SqliteConnection,
    rows: &[ConfigurationRow],
) -> Result<(), sqlx::Error> {
    for row in rows {
        let sql = "INSERT INTO configuration (file, at, actor, what, version, text) \
            VALUES ($1, $2, $3, $4, $5, $6)";
        let done = sqlx::query(sql)
            .bind(&row.file)
            .bind(column::micros(row.at))
            .bind(row.by.as_ref().map(json).transpose()?)
            .bind(json(&row.what)?)
            .bind(&row.version)
            .bind(&row.text)
            .execute(&mut *connection)
            .await?;
        let Some(actor) = row.by.clone() else { continue };
        let audited = AuditRow {
            id: Uuid::now_v7(),
            at: row.at,
            actor,
            action: "configure".to_owned(),
            object: format!("configuration:{}", done.last_insert_rowid()),
            detail: Some(row.what.clone()),
            address: row.address,
        };
        audit::insert(connection, &audited).await?;
    }
    Ok(())
}

fn from_row(row: SqliteRow) -> Result<ConfigurationRow, sqlx::Error> {
    let actor: Option<String> = row.try_get("actor")?;
    let by = actor.map(|actor| serde_json::from_str(&actor)).transpose();
    Ok(ConfigurationRow {
        id: row.try_get("id")?,
        file: row.try_get("file")?,
        at: column::read_time(&row, "at")?,
        by: by.map_err(|error| column::unreadable("actor", error))?,
        address: None,
        what: read_json(&row, "what")?,
        version: row.try_get("version")?,
        text: row.try_get("text")?,
    })
}
