//! Who is signed in. A session's id is known to its browser alone; the store has its hash.

use std::fmt;

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    Store, StoreError,
    accounts::Changed,
    column,
    error::told,
    writer::{Write, Written},
};
use crate::domain::{access::AccountName, time::UnixMicros};

/// SHA-256 of a secret of 256 random bits: of a session's id or of a token. As good as the secret
/// for finding the row, and no good for signing in, so it may stand in lists and logs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretHash(pub [u8; 32]);

/// In hex, as the API names a session.
impl fmt::Display for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretHash({self})")
    }
}

/// A text that is no such hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 64 hexadecimal digits")]
pub struct NotAHash;

/// What `Display` writes.
impl std::str::FromStr for SecretHash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotAHash);
        }
        let mut hash = [0; 32];
        for (at, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| NotAHash)?;
        }
        Ok(Self(hash))
    }
}

/// Whose a session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedIn {
    /// Somebody with a password.
    Account(AccountName),
    /// A screen, with its token.
    Token(Uuid),
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Of its id.
    pub hash: SecretHash,
    /// Whose it is.
    pub who: SignedIn,
    /// When it began.
    pub created_at: UnixMicros,
    /// When it was used last, to half a minute or so; who is idle is judged by the keeper.
    pub seen_at: UnixMicros,
    /// When it ends whatever it does.
    pub expires_at: UnixMicros,
    /// Where it was signed in from.
    pub address: String,
    /// Which browser said so.
    pub agent: String,
}

/// What is written of sessions.
#[derive(Debug)]
pub(super) enum Step {
    Begin(SessionRow),
    End(SecretHash),
    EndAllOf(SignedIn),
    Seen { sessions: Vec<(SecretHash, UnixMicros)>, tokens: Vec<(Uuid, UnixMicros)> },
}

/// Of one account or token; beyond, the oldest one ends. A person has some devices, and a script that
/// signs in each time must not fill the store.
const SESSIONS_MAX: i64 = 64;

/// An agent says at most so much of itself.
const AGENT_MAX: usize = 200;

impl Store {
    /// How often rights changed: as long as it is the same, what is known of accounts, tokens and
    /// sessions that ended is. A read of one row; made to be asked twice a second.
    pub async fn rights_epoch(&self) -> Result<i64, StoreError> {
        sqlx::query_scalar("SELECT epoch FROM rights_epoch")
            .fetch_one(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// Stores a session; committed when it returns. [`Changed::Done`], or [`Changed::Unknown`] if the
    /// account or the token is gone, disabled, revoked or expired by now.
    pub async fn begin_session(&self, session: SessionRow) -> Result<Changed, StoreError> {
        self.change_sessions(Step::Begin(session)).await
    }

    /// Ends a session. [`Changed::Done`], or [`Changed::Unknown`] if there is none.
    pub async fn end_session(&self, hash: SecretHash) -> Result<Changed, StoreError> {
        self.change_sessions(Step::End(hash)).await
    }

    /// Ends all sessions of somebody. [`Changed::Done`], or [`Changed::Unknown`] if there was none.
    pub async fn end_sessions_of(&self, who: SignedIn) -> Result<Changed, StoreError> {
        self.change_sessions(Step::EndAllOf(who)).await
    }

    /// Writes down when sessions and tokens were used last; takes and gives no right.
    pub async fn seen(
        &self,
        sessions: Vec<(SecretHash, UnixMicros)>,
        tokens: Vec<(Uuid, UnixMicros)>,
    ) -> Result<(), StoreError> {
        self.change_sessions(Step::Seen { sessions, tokens }).await.map(drop)
    }

    /// Sessions that have not expired, newest first; idle ones too.
    pub async fn sessions(&self, now: UnixMicros) -> Result<Vec<SessionRow>, StoreError> {
        sqlx::query("SELECT * FROM session WHERE expires_at > $1 ORDER BY created_at DESC, hash")
            .bind(column::micros(now))
            .try_map(from_row)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// One session, also one that has expired.
    pub async fn session(&self, hash: &SecretHash) -> Result<Option<SessionRow>, StoreError> {
        sqlx::query("SELECT * FROM session WHERE hash = $1")
            .bind(hash.0.as_slice())
            .try_map(from_row)
            .fetch_optional(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    async fn change_sessions(&self, step: Step) -> Result<Changed, StoreError> {
        match self.writer.write(Write::Session(step)).await? {
            Written::Changed(changed) => Ok(changed),
            other => unreachable!("a change is answered with what came of it, not with {other:?}"),
        }
    }
}

pub(super) async fn write(
    connection: &mut SqliteConnection,
    step: &Step,
) -> Result<Changed, sqlx::Error> {
    let ended = match step {
        Step::Begin(session) => return begin(connection, session).await,
        Step::Seen { sessions, tokens } => {
            seen(connection, sessions, tokens).await?;
            return Ok(Changed::Done);
        }
        Step::End(hash) => {
            sqlx::query("DELETE FROM session WHERE hash = $1").bind(hash.0.as_slice())
        }
        Step::EndAllOf(SignedIn::Account(name)) => {
            sqlx::query("DELETE FROM session WHERE account = $1").bind(name.as_str())
        }
        Step::EndAllOf(SignedIn::Token(id)) => {
            sqlx::query("DELETE FROM session WHERE token = $1").bind(column::uuid(id))
        }
    };
    let rows = ended.execute(connection).await?.rows_affected();
    Ok(if rows == 0 { Changed::Unknown } else { Changed::Done })
}

async fn begin(
    connection: &mut SqliteConnection,
    session: &SessionRow,
) -> Result<Changed, sqlx::Error> {
    let (account, token) = match &session.who {
        SignedIn::Account(name) => (Some(name.as_str()), None),
        SignedIn::Token(id) => (None, Some(column::uuid(id))),
    };
    // Whatever was found good before may have ended since; here it cannot any more.
    let sql = "INSERT INTO session \
        SELECT $1, $2, $3, $4, $4, $5, $6, $7 \
        WHERE EXISTS (SELECT 1 FROM account WHERE name = $2 AND NOT disabled) \
        OR EXISTS (SELECT 1 FROM token WHERE id = $3 AND revoked_at IS NULL \
            AND (expires_at IS NULL OR expires_at > $4)) \
        ON CONFLICT (hash) DO NOTHING";
    let begun = sqlx::query(sql)
        .bind(session.hash.0.as_slice())
        .bind(account)
        .bind(&token)
        .bind(column::micros(session.created_at))
        .bind(column::micros(session.expires_at))
        .bind(&session.address)
        .bind(session.agent.chars().take(AGENT_MAX).collect::<String>())
        .execute(&mut *connection)
        .await?;
    if begun.rows_affected() == 0 {
        return Ok(Changed::Unknown);
    }
    let sql = "DELETE FROM session WHERE hash IN (SELECT hash FROM session \
        WHERE account IS $1 AND token IS $2 ORDER BY created_at DESC, hash LIMIT -1 OFFSET $3)";
    sqlx::query(sql).bind(account).bind(&token).bind(SESSIONS_MAX).execute(connection).await?;
    Ok(Changed::Done)
}

async fn seen(
    connection: &mut SqliteConnection,
    sessions: &[(SecretHash, UnixMicros)],
    tokens: &[(Uuid, UnixMicros)],
) -> Result<(), sqlx::Error> {
    for (hash, at) in sessions {
        sqlx::query("UPDATE session SET seen_at = max(seen_at, $2) WHERE hash = $1")
            .bind(hash.0.as_slice())
            .bind(column::micros(*at))
            .execute(&mut *connection)
            .await?;
    }
    for (id, at) in tokens {
        sqlx::query("UPDATE token SET seen_at = max(coalesce(seen_at, 0), $2) WHERE id = $1")
            .bind(column::uuid(id))
            .bind(column::micros(*at))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

fn from_row(row: SqliteRow) -> Result<SessionRow, sqlx::Error> {
    let hash: &[u8] = row.try_get("hash")?;
    let hash = hash.try_into().map_err(|error| column::unreadable("hash", error))?;
    let account: Option<AccountName> = column::read_word_if_any(&row, "account")?;
    let who = match account {
        Some(name) => SignedIn::Account(name),
        None => SignedIn::Token(column::read_uuid(&row, "token")?),
    };
    Ok(SessionRow {
        hash: SecretHash(hash),
        who,
        created_at: column::read_time(&row, "created_at")?,
        seen_at: column::read_time(&row, "seen_at")?,
        expires_at: column::read_time(&row, "expires_at")?,
        address: row.try_get("address")?,
        agent: row.try_get("agent")?,
    })
}
