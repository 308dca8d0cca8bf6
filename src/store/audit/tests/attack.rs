//! What somebody may do who can write the file, triggers or not.

use proptest::prelude::*;
use sqlx::SqliteConnection;

use super::ROWS;
use crate::store::audit::{AuditHash, Link, Wrong, number};

#[derive(Clone, Copy, Debug)]
pub(super) enum Attack {
    /// A column gets another value.
    Edit(u64, usize),
    /// The same, with the row's hash made anew.
    EditAndHash(u64),
    Delete(u64),
    /// What two rows say; their numbers and hashes stay.
    SwapContents(u64, u64),
    /// All of two rows but their numbers.
    SwapRows(u64, u64),
    /// All rows behind this one go, and perhaps the head with them.
    Truncate(u64, bool),
    /// From this row on all is written anew, with every hash and the head.
    Rewrite(u64),
    /// Rows up to here go as if they had been too old.
    Prune(u64),
    /// One is added behind the last.
    Add,
}

pub(super) fn attacks() -> impl Strategy<Value = Attack> {
    let two = || (1..ROWS).prop_flat_map(|a| (Just(a), a + 1..=ROWS));
    prop_oneof![
        (1..=ROWS, 0..EDITS.len()).prop_map(|(seq, edit)| Attack::Edit(seq, edit)),
        (1..=ROWS).prop_map(Attack::EditAndHash),
        (1..ROWS).prop_map(Attack::Delete),
        two().prop_map(|(a, b)| Attack::SwapContents(a, b)),
        two().prop_map(|(a, b)| Attack::SwapRows(a, b)),
        (0..ROWS, any::<bool>()).prop_map(|(seq, head)| Attack::Truncate(seq, head)),
        (1..=ROWS).prop_map(Attack::Rewrite),
        (1..ROWS).prop_map(Attack::Prune),
        Just(Attack::Add),
    ]
}

/// Each changes what any row says.
pub(super) const EDITS: [&str; 10] = [
    "at = at + 1",
    "id = randomblob(16)",
    "id = x'00'",
    "actor = '{\"user\":\"nobody\",\"person\":null}'",
    "actor = 'no json'",
    "action = action || '!'",
    "object = 'camera:another'",
    "detail = CASE WHEN detail IS NULL THEN 'null' ELSE NULL END",
    "address = CASE WHEN address IS NULL THEN '::1' ELSE NULL END",
    "hash = randomblob(32)",
];

const CONTENT: &str = "id, at, actor, action, object, detail, address";

impl Attack {
    /// Carries it out, and tells which row is to be named, and for what.
    pub(super) async fn on(self, connection: &mut SqliteConnection) -> (u64, Wrong) {
        match self {
            Self::Edit(seq, edit) => {
                sql(connection, &format!("UPDATE audit SET {} WHERE seq = {seq}", EDITS[edit]))
                    .await;
                (seq, Wrong::Edited)
            }
            Self::EditAndHash(seq) => {
                sql(connection, &format!("UPDATE audit SET action = 'other' WHERE seq = {seq}"))
                    .await;
                let prev = link(connection, seq).await.prev;
                hash_anew(connection, seq, prev).await;
                // Of the last row the file of heads has the hash, of any other the next row.
                (seq, if seq == ROWS { Wrong::Rewritten(0) } else { Wrong::Edited })
            }
            Self::Delete(seq) => {
                sql(connection, &format!("DELETE FROM audit WHERE seq = {seq}")).await;
                (seq, Wrong::Deleted)
            }
            Self::SwapContents(a, b) => {
                swap(connection, a, b, CONTENT).await;
                (a, Wrong::Swapped(b))
            }
            Self::SwapRows(a, b) => {
                swap(connection, a, b, &format!("{CONTENT}, prev, hash")).await;
                (a, Wrong::Swapped(b))
            }
            Self::Truncate(last, with_head) => {
                sql(connection, &format!("DELETE FROM audit WHERE seq > {last}")).await;
                if with_head {
                    set_head(connection).await;
                }
                (last + 1, Wrong::Truncated(ROWS))
            }
            Self::Rewrite(seq) => {
                sql(connection, &format!("UPDATE audit SET action = 'other' WHERE seq = {seq}"))
                    .await;
                let mut prev = link(connection, seq).await.prev;
                for seq in seq..=ROWS {
                    prev = hash_anew(connection, seq, prev).await;
                }
                set_head(connection).await;
                (ROWS, Wrong::Rewritten(0))
            }
            Self::Prune(through) => {
                sql(connection, &format!(
                    "UPDATE audit_base SET seq = {through}, hash = (SELECT hash FROM audit WHERE seq = {through})"
                )).await;
                sql(connection, &format!("DELETE FROM audit WHERE seq <= {through}")).await;
                (1, Wrong::Deleted)
            }
            Self::Add => {
                let prev = link(connection, ROWS).await.hash;
                sql(connection, &format!(
                    "INSERT INTO audit SELECT seq + 1, randomblob(16), at, actor, action, object, \
                     detail, address, hash, hash FROM audit WHERE seq = {ROWS}"
                )).await;
                hash_anew(connection, ROWS + 1, prev).await;
                (ROWS + 1, Wrong::Added)
            }
        }
    }
}

pub(super) async fn sql(connection: &mut SqliteConnection, sql: &str) {
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    sqlx::query(sql).execute(connection).await.expect("the attacker may write");
}

async fn link(connection: &mut SqliteConnection, seq: u64) -> Link {
    sqlx::query("SELECT * FROM audit WHERE seq = $1")
        .bind(number(seq))
        .try_map(|row| Link::read(&row))
        .fetch_one(connection)
        .await
        .expect("a row")
}

async fn hash_anew(connection: &mut SqliteConnection, seq: u64, prev: AuditHash) -> AuditHash {
    let hash = link(connection, seq).await.content.hash(seq, &prev).expect("a line");
    sqlx::query("UPDATE audit SET prev = $1, hash = $2 WHERE seq = $3")
        .bind(prev.0.to_vec())
        .bind(hash.0.to_vec())
        .bind(number(seq))
        .execute(connection)
        .await
        .expect("a write");
    hash
}

async fn set_head(connection: &mut SqliteConnection) {
    let newest = "(SELECT max(seq) FROM audit)";
    sql(
        connection,
        &format!(
            "UPDATE audit_head SET seq = coalesce({newest}, 0), \
         hash = coalesce((SELECT hash FROM audit WHERE seq = {newest}), zeroblob(32))"
        ),
    )
    .await;
}

async fn swap(connection: &mut SqliteConnection, a: u64, b: u64, columns: &str) {
    sql(connection, "CREATE TEMP TABLE two AS SELECT * FROM audit").await;
    // Names are UNIQUE.
    sql(connection, &format!("UPDATE audit SET id = randomblob(16) WHERE seq IN ({a}, {b})")).await;
    for (to, from) in [(a, b), (b, a)] {
        sql(
            connection,
            &format!(
                "UPDATE audit SET ({columns}) = (SELECT {columns} FROM two WHERE seq = {from}) \
             WHERE seq = {to}"
            ),
        )
        .await;
    }
}
