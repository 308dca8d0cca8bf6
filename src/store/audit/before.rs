//! Rows from before there was a chain are chained once, in the order of their times.

use sqlx::{Row, SqliteConnection};

use super::{append, link::Content};

/// Chains what an earlier release wrote; nothing to do on every later start.
pub(in crate::store) async fn chain(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    if !there(connection).await? {
        return Ok(());
    }
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    let chained = chain_all(connection).await;
    let end = if chained.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = sqlx::query(end).execute(connection).await;
    chained?;
    ended.map(drop)
}

async fn there(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    let sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'audit_before'";
    Ok(sqlx::query(sql).fetch_optional(connection).await?.is_some())
}

async fn chain_all(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    // Another process may have been first.
    while there(connection).await? {
        let sql = "SELECT * FROM audit_before ORDER BY at, id LIMIT 1000";
        let rows = sqlx::query(sql).fetch_all(&mut *connection).await?;
        for row in &rows {
            let detail: Option<String> = row.try_get("detail")?;
            let content = Content {
                id: row.try_get("id")?,
                at: row.try_get("at")?,
                actor: row.try_get("actor")?,
                action: row.try_get("action")?,
                object: row.try_get("object")?,
                detail: detail.filter(|detail| detail != "null"),
                address: None,
            };
            let delete =
                sqlx::query("DELETE FROM audit_before WHERE id = $1").bind(content.id.clone());
            append(connection, content).await?;
            delete.execute(&mut *connection).await?;
        }
        if rows.is_empty() {
            sqlx::query("DROP TABLE audit_before").execute(&mut *connection).await?;
        }
    }
    Ok(())
}
