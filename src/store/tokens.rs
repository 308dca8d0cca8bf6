//! Bearer tokens: for screens, scripts and other centres. The store has only their hashes.

use std::collections::BTreeMap;

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    Store, StoreError,
    accounts::Changed,
    audit,
    audit::AuditRow,
    column,
    error::told,
    grants,
    sign_ins::SecretHash,
    writer::{Write, Written},
};
use crate::domain::{
    access::{Grant, Rights, ScreenPlace},
    time::UnixMicros,
};

/// A token, without its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// Its identity (UUID version 7); no secret.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// Its rights.
    pub grants: Vec<Grant>,
    /// Where it hangs, if it is for a screen.
    pub screen: Option<ScreenPlace>,
    /// Who made it: an account, or who used the command line.
    pub created_by: String,
    /// When.
    pub created_at: UnixMicros,
    /// Until when it is good; `None`: until it is revoked.
    pub expires_at: Option<UnixMicros>,
    /// Since when it is good for nothing.
    pub revoked_at: Option<UnixMicros>,
    /// When it was used last.
    pub seen_at: Option<UnixMicros>,
}

impl TokenRow {
    /// Whether it is good for something.
    pub fn is_good(&self, now: UnixMicros) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// What it allows as long as it is good.
    pub fn rights(&self) -> Rights {
        Rights { grants: self.grants.clone(), screen: self.screen.clone() }
    }
}

/// What is written of tokens.
#[derive(Debug)]
pub(super) enum Step {
    Create { token: TokenRow, hash: SecretHash, note: AuditRow },
    Revoke { id: Uuid, note: AuditRow },
}

/// So that every list of them fits into memory.
const TOKENS_MAX: i64 = 10_000;

impl Store {
    /// Every token, newest first, also those that were revoked.
    pub async fn tokens(&self) -> Result<Vec<TokenRow>, StoreError> {
        // One transaction, so that rights and tokens are of one moment.
        let read = async {
            let mut snapshot = self.readers.begin().await?;
            let mut of: BTreeMap<Uuid, Vec<grants::GrantRow>> = BTreeMap::new();
            let all = "SELECT token, role, site FROM token_grant";
            for row in sqlx::query(all).fetch_all(&mut *snapshot).await? {
                let grant = grants::from_row(&row)?;
                of.entry(column::read_uuid(&row, "token")?).or_default().push(grant);
            }
            let rows = sqlx::query("SELECT * FROM token ORDER BY id DESC")
                .try_map(from_row)
                .fetch_all(&mut *snapshot)
                .await?;
            let with_grants = |row: TokenRow| {
                let grants = grants::gather(of.remove(&row.id).unwrap_or_default())?;
                Ok(TokenRow { grants, ..row })
            };
            rows.into_iter().map(with_grants).collect::<Result<Vec<_>, sqlx::Error>>()
        };
        read.await.map_err(|error| told(&self.path, error))
    }

    /// The token of a secret, also one that is good for nothing any more: see [`TokenRow::is_good`].
    pub async fn token_of(&self, hash: &SecretHash) -> Result<Option<TokenRow>, StoreError> {
        let read = async {
            let mut snapshot = self.readers.begin().await?;
            let row = sqlx::query("SELECT * FROM token WHERE hash = $1")
                .bind(hash.0.as_slice())
                .try_map(from_row)
                .fetch_optional(&mut *snapshot)
                .await?;
            let Some(row) = row else { return Ok(None) };
            let grants = grants::of_token(&mut snapshot, &row.id).await?;
            Ok(Some(TokenRow { grants, ..row }))
        };
        read.await.map_err(|error| told(&self.path, error))
    }

    /// Stores a new token; committed, with its row of the audit, when it returns. [`Changed::Done`]
    /// or [`Changed::TooMuch`].
    pub async fn create_token(
        &self,
        token: TokenRow,
        hash: SecretHash,
        note: AuditRow,
    ) -> Result<Changed, StoreError> {
        self.change_tokens(Step::Create { token, hash, note }).await
    }

    /// Makes a token good for nothing and ends the sessions that began with it; committed, with its
    /// row of the audit, when it returns. [`Changed::Done`], or [`Changed::Unknown`] also for one
    /// that was revoked before.
    pub async fn revoke_token(&self, id: Uuid, note: AuditRow) -> Result<Changed, StoreError> {
        self.change_tokens(Step::Revoke { id, note }).await
    }

    async fn change_tokens(&self, step: Step) -> Result<Changed, StoreError> {
        match self.writer.write(Write::Token(step)).await? {
            Written::Changed(changed) => Ok(changed),
            other => unreachable!("a change is answered with what came of it, not with {other:?}"),
        }
    }
}

pub(super) async fn write(
    connection: &mut SqliteConnection,
    step: &Step,
) -> Result<Changed, sqlx::Error> {
    let (changed, note) = match step {
        Step::Create { token, hash, note } => (create(connection, token, hash).await?, note),
        Step::Revoke { id, note } => (revoke(connection, id, note.at).await?, note),
    };
    if changed == Changed::Done {
        audit::insert(connection, note).await?;
    }
    Ok(changed)
}

async fn create(
    connection: &mut SqliteConnection,
    token: &TokenRow,
    hash: &SecretHash,
) -> Result<Changed, sqlx::Error> {
    let there: i64 =
        sqlx::query_scalar("SELECT count(*) FROM token").fetch_one(&mut *connection).await?;
    if there >= TOKENS_MAX {
        return Ok(Changed::TooMuch);
    }
    let sql = "INSERT INTO token (id, name, hash, wall, screen, created_by, created_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let place = token.screen.as_ref();
    sqlx::query(sql)
        .bind(column::uuid(&token.id))
        .bind(&token.name)
        .bind(hash.0.as_slice())
        .bind(place.map(|place| place.wall.as_str()))
        .bind(place.and_then(|place| place.screen.as_ref()).map(|screen| screen.as_str()))
        .bind(&token.created_by)
        .bind(column::micros(token.created_at))
        .bind(token.expires_at.map(column::micros))
        .execute(&mut *connection)
        .await?;
    for grant in &token.grants {
        grants::give_token(connection, &token.id, grant).await?;
    }
    Ok(Changed::Done)
}

async fn revoke(
    connection: &mut SqliteConnection,
    id: &Uuid,
    at: UnixMicros,
) -> Result<Changed, sqlx::Error> {
    let revoked =
        sqlx::query("UPDATE token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
            .bind(column::uuid(id))
            .bind(column::micros(at))
            .execute(&mut *connection)
            .await?;
    if revoked.rows_affected() == 0 {
        return Ok(Changed::Unknown);
    }
    sqlx::query("DELETE FROM session WHERE token = $1")
        .bind(column::uuid(id))
        .execute(connection)
        .await?;
    Ok(Changed::Done)
}

/// Without its grants, which are rows of their own.
fn from_row(row: SqliteRow) -> Result<TokenRow, sqlx::Error> {
    let screen = match column::read_word_if_any(&row, "wall")? {
        None => None,
        Some(wall) => Some(ScreenPlace { wall, screen: column::read_word_if_any(&row, "screen")? }),
    };
    Ok(TokenRow {
        id: column::read_uuid(&row, "id")?,
        name: row.try_get("name")?,
        grants: Vec::new(),
        screen,
        created_by: row.try_get("created_by")?,
        created_at: column::read_time(&row, "created_at")?,
        expires_at: column::read_time_if_any(&row, "expires_at")?,
        revoked_at: column::read_time_if_any(&row, "revoked_at")?,
        seen_at: column::read_time_if_any(&row, "seen_at")?,
    })
}
