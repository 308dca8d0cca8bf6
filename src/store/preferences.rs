//! What pages keep for somebody: saved layouts, columns, language. JSON that the service does not
//! look into.

use sqlx::{Row, SqliteConnection};

use super::{
    Store, StoreError,
    accounts::Changed,
    column,
    error::told,
    writer::{Write, Written},
};
use crate::domain::access::AccountName;

/// Bytes of one value. A layout of 150 cameras has some 10,000.
pub const PREFERENCE_MAX: usize = 64 << 10;

/// Of one account: 4 MiB at most together.
const KEYS_MAX: i64 = 64;

/// Characters of a key.
const KEY_MAX: usize = 64;

/// Something to keep, or with `None` to forget.
#[derive(Debug)]
pub(super) struct Kept {
    account: AccountName,
    key: String,
    value: Option<String>,
}

impl Store {
    /// All that is kept for an account, by key.
    pub async fn preferences(
        &self,
        account: &AccountName,
    ) -> Result<Vec<(String, serde_json::Value)>, StoreError> {
        sqlx::query("SELECT key, value FROM preference WHERE account = $1 ORDER BY key")
            .bind(account.as_str())
            .try_map(|row| Ok((row.try_get("key")?, read_value(row.try_get("value")?)?)))
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// What is kept for an account under a key.
    pub async fn preference(
        &self,
        account: &AccountName,
        key: &str,
    ) -> Result<Option<serde_json::Value>, StoreError> {
        sqlx::query("SELECT value FROM preference WHERE account = $1 AND key = $2")
            .bind(account.as_str())
            .bind(key)
            .try_map(|row| read_value(row.try_get("value")?))
            .fetch_optional(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// Keeps a value in the place of the last one, or with `None` forgets it; committed when it
    /// returns. [`Changed::Done`], [`Changed::Unknown`] account, or [`Changed::TooMuch`]: a key of
    /// more than 64 characters, more than 64 keys, or a value of more than [`PREFERENCE_MAX`] bytes.
    pub async fn keep_preference(
        &self,
        account: AccountName,
        key: &str,
        value: Option<&serde_json::Value>,
    ) -> Result<Changed, StoreError> {
        let value = value.map(ToString::to_string);
        if key.is_empty()
            || key.chars().nth(KEY_MAX).is_some()
            || value.as_ref().is_some_and(|value| value.len() > PREFERENCE_MAX)
        {
            return Ok(Changed::TooMuch);
        }
        let kept = Kept { account, key: key.to_owned(), value };
        match self.writer.write(Write::Preference(kept)).await? {
            Written::Changed(changed) => Ok(changed),
            other => unreachable!("a change is answered with what came of it, not with {other:?}"),
        }
    }
}

fn read_value(text: String) -> Result<serde_json::Value, sqlx::Error> {
    serde_json::from_str(&text).map_err(|error| column::unreadable("value", error))
}

pub(super) async fn write(
    connection: &mut SqliteConnection,
    kept: &Kept,
) -> Result<Changed, sqlx::Error> {
    let Kept { account, key, value } = kept;
    let Some(value) = value else {
        sqlx::query("DELETE FROM preference WHERE account = $1 AND key = $2")
            .bind(account.as_str())
            .bind(key)
            .execute(connection)
            .await?;
        return Ok(Changed::Done);
    };
    let sql = "SELECT EXISTS (SELECT 1 FROM account WHERE name = $1), \
        (SELECT count(*) FROM preference WHERE account = $1 AND key <> $2)";
    let (there, others): (bool, i64) =
        sqlx::query_as(sql).bind(account.as_str()).bind(key).fetch_one(&mut *connection).await?;
    if !there {
        return Ok(Changed::Unknown);
    }
    if others >= KEYS_MAX {
        return Ok(Changed::TooMuch);
    }
    sqlx::query(
        "INSERT INTO preference VALUES ($1, $2, $3) \
        ON CONFLICT (account, key) DO UPDATE SET value = excluded.value",
    )
    .bind(account.as_str())
    .bind(key)
    .bind(value)
    .execute(connection)
    .await?;
    Ok(Changed::Done)
}
