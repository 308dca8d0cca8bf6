//! The chain in the hands of somebody who may write the file: whatever is done to it, the first row
//! that is not what was written is named.

use std::{path::PathBuf, sync::LazyLock};

use proptest::prelude::*;
use serde_json::json;
use sqlx::{Connection, Row, SqliteConnection};
use tempfile::TempDir;

use super::*;
use crate::store::{AlertRows, Retention, options};

/// Rows of the store that is attacked.
const ROWS: u64 = 24;

fn row(n: u64) -> AuditRow {
    AuditRow {
        id: Uuid::now_v7(),
        at: UnixMicros(1_700_000_000_000_000 + n * 1_000_000),
        actor: Actor { user: format!("user-{}", n % 3), person: None },
        action: ["view", "acknowledge", "wall-show"][n as usize % 3].to_owned(),
        object: format!("camera:cam-{n:03}"),
        detail: (n % 2 == 0).then(|| json!({ "n": n, "text": "Kỳ Anh \u{1}\"" })),
        address: (n % 5 != 0).then(|| [10, 0, 0, n as u8].into()),
    }
}

fn all(rows: impl IntoIterator<Item = AuditRow>) -> Vec<std::sync::Arc<AlertRows>> {
    let rows = AlertRows { audit: rows.into_iter().collect(), ..AlertRows::default() };
    vec![rows.into()]
}

async fn store() -> (TempDir, PathBuf, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("watchwall.db");
    let store = Store::open(&path).await.expect("a store");
    (folder, path, store)
}

async fn found(path: &std::path::Path) -> Result<AuditReport, Broken> {
    match verify_audit(path, &[], None).await {
        Ok(report) => Ok(report),
        Err(AuditError::Broken(broken)) => Err(broken),
        Err(other) => panic!("the store can be read: {other}"),
    }
}

/// The bytes of a closed store with [`ROWS`] rows, and of its file of heads.
static WHOLE: LazyLock<(Vec<u8>, Vec<u8>)> = LazyLock::new(|| {
    block_on(async || {
        let (_folder, path, store) = store().await;
        store.write_alerts(all((1..=ROWS).map(row))).await.expect("a write");
        store.close().await;
        let read = |path| std::fs::read(path).expect("a file");
        (read(path.clone()), read(head::beside(&path)))
    })
});

/// On a thread of its own: tests of all kinds share what is made here.
fn block_on<T: Send, F: Future<Output = T>>(work: impl FnOnce() -> F + Send) -> T {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build();
    let run = || runtime().expect("a runtime").block_on(work());
    std::thread::scope(|scope| scope.spawn(run).join().expect("no panic"))
}

#[derive(Clone, Copy, Debug)]
enum Attack {
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

fn attacks() -> impl Strategy<Value = Attack> {
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
const EDITS: [&str; 10] = [
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
    async fn on(self, connection: &mut SqliteConnection) -> (u64, Wrong) {
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

async fn sql(connection: &mut SqliteConnection, sql: &str) {
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

/// A copy of the whole store, attacked.
async fn attacked(attack: Attack) -> (Result<AuditReport, Broken>, (u64, Wrong)) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("watchwall.db");
    std::fs::write(&path, &WHOLE.0).expect("room");
    std::fs::write(head::beside(&path), &WHOLE.1).expect("room");
    assert_eq!(found(&path).await.map(|report| report.rows), Ok(ROWS));
    let mut connection = SqliteConnection::connect_with(&options(&path)).await.expect("the file");
    let triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'";
    for row in sqlx::query(triggers).fetch_all(&mut connection).await.expect("a read") {
        let name: String = row.try_get("name").expect("a name");
        sql(&mut connection, &format!("DROP TRIGGER {name}")).await;
    }
    let expected = attack.on(&mut connection).await;
    connection.close().await.expect("a close");
    (found(&path).await, expected)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_to_a_row_it_is_named(attack in attacks()) {
        let (found, (seq, wrong)) = block_on(|| attacked(attack));
        let broken = found.expect_err("it is not what was written");
        prop_assert_eq!((broken.seq, broken.wrong), (seq, wrong), "{}", broken);
    }
}

#[tokio::test]
async fn every_kind_of_edit_is_found() {
    for edit in 0..EDITS.len() {
        for seq in [1, 10, ROWS] {
            let (found, (seq, wrong)) = attacked(Attack::Edit(seq, edit)).await;
            let broken = found.expect_err("it is not what was written");
            assert_eq!((broken.seq, broken.wrong), (seq, wrong), "{}: {broken}", EDITS[edit]);
        }
    }
}

#[tokio::test]
async fn the_tables_themselves_refuse_what_is_no_addition() {
    let (_folder, path, store) = store().await;
    store.write_alerts(all((1..=3).map(row))).await.expect("a write");
    let mut other = SqliteConnection::connect_with(&options(&path)).await.expect("the file");
    for sql in [
        "UPDATE audit SET action = 'none'",
        "DELETE FROM audit WHERE seq = 3",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 2",
        "INSERT INTO audit SELECT 9, randomblob(16), at, actor, action, object, detail, address, prev, hash FROM audit WHERE seq = 3",
        "UPDATE audit_head SET seq = 2",
        "UPDATE audit_base SET seq = 9",
        "DELETE FROM audit_head",
        "DELETE FROM audit_base",
    ] {
        let refused = sqlx::query(sql).execute(&mut other).await.expect_err(sql).to_string();
        assert!(refused.contains("the audit is only appended to"), "{sql}: {refused}");
    }
    assert_eq!(found(&path).await.map(|report| report.rows), Ok(3));
}

#[tokio::test]
async fn a_row_that_is_written_again_is_there_once_and_the_chain_is_whole() {
    let (_folder, path, store) = store().await;
    let rows: Vec<AuditRow> = (1..=5).map(row).collect();
    store.write_alerts(all(rows[..3].to_vec())).await.expect("a write");
    store.write_alerts(all(rows.clone())).await.expect("a write");
    let window = Window { from: UnixMicros(0), until: UnixMicros(u64::MAX) };
    let stored = store.audit(window, 100).await.expect("a read");
    let read: Vec<AuditRow> = stored.iter().rev().map(|entry| entry.row.clone()).collect();
    assert_eq!(read, rows);
    assert_eq!(stored.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
    let report = found(&path).await.expect("a whole chain, while the service runs");
    assert_eq!((report.rows, report.head.seq, report.head.hash), (5, 5, stored[0].hash));
}

#[tokio::test]
async fn an_export_can_be_checked_with_nothing_but_sha_256() {
    use sha2::Digest;
    let (_folder, path, store) = store().await;
    store.write_alerts(all((1..=5).map(row))).await.expect("a write");
    let mut file = Vec::new();
    verify_audit(&path, &[], Some(&mut file)).await.expect("a whole chain");
    let text = String::from_utf8(file).expect("text");
    let mut prev = "0".repeat(64);
    for (line, n) in text.lines().zip(1..) {
        let row: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert_eq!((&row["seq"], &row["prev"]), (&json!(n), &json!(prev)));
        let form = format!("{}}}", &line[..line.len() - 75]);
        prev = sha2::Sha256::digest(form).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(row["hash"], json!(prev));
    }
    let window = Window { from: UnixMicros(0), until: UnixMicros(u64::MAX) };
    let lines = store.audit_lines(window, 0, 100).await.expect("a read");
    assert_eq!(
        lines.iter().map(|(_, line)| line.as_str()).collect::<Vec<_>>(),
        text.lines().collect::<Vec<_>>()
    );
    assert_eq!(lines.len(), 5);
}

#[tokio::test]
async fn what_is_too_old_goes_from_the_beginning_and_the_rest_is_whole() {
    let (_folder, path, store) = store().await;
    store.write_alerts(all((1..=5).map(row))).await.expect("a write");
    let late = |n| AuditRow { at: std::time::SystemTime::now().into(), ..row(n) };
    store.write_alerts(all([late(6), late(7)])).await.expect("a write");
    let now = std::time::SystemTime::now().into();
    assert_eq!(store.prune(now, &Retention::default()).await.expect("a prune"), 5);
    assert_eq!(store.prune(now, &Retention::default()).await.expect("a prune"), 0);
    store.write_alerts(all([late(9)])).await.expect("a write");
    let report = found(&path).await.expect("a whole chain");
    assert_eq!((report.rows, report.after, report.head.seq), (4, 5, 9));
    // With a clock that is far ahead too, it comes to an end.
    let later =
        UnixMicros::from(std::time::SystemTime::now()).plus(2 * Retention::default().history);
    assert_eq!(store.prune(later, &Retention::default()).await.expect("a prune"), 4);
    assert_eq!(found(&path).await.map(|report| (report.rows, report.after)), Ok((1, 9)));
}

#[tokio::test]
async fn a_head_that_was_kept_elsewhere_finds_what_root_has_written_anew() {
    let (_folder, path, store) = store().await;
    store.write_alerts(all((1..=5).map(row))).await.expect("a write");
    let kept = found(&path).await.expect("a whole chain").head;
    let check = async |head| verify_audit(&path, &[head], None).await;
    assert!(check(kept).await.is_ok());
    let other = KnownHead { hash: AuditHash([7; 32]), ..kept };
    let found = check(other).await.expect_err("another hash").to_string();
    assert!(found.starts_with("row 5, id ") && found.contains(": rewritten;"), "{found}");
    let found = check(KnownHead { seq: 6, ..kept }).await.expect_err("a row too few").to_string();
    assert!(found.starts_with("row 6: truncated;"), "{found}");
}

#[tokio::test]
async fn rows_from_before_there_was_a_chain_are_chained_at_the_first_start() {
    let (_folder, path, store) = store().await;
    store.close().await;
    let mut other = SqliteConnection::connect_with(&options(&path)).await.expect("the file");
    // As the migration leaves them.
    sql(
        &mut other,
        "CREATE TABLE audit_before (id BLOB PRIMARY KEY NOT NULL, at INTEGER NOT NULL, \
        actor TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL, detail TEXT) STRICT",
    )
    .await;
    for n in (1..=1200).rev() {
        let row = row(n);
        sqlx::query("INSERT INTO audit_before VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(column::uuid(&row.id))
            .bind(column::micros(row.at))
            .bind(json(&row.actor).expect("JSON"))
            .bind(row.action)
            .bind(row.object)
            .bind(row.detail.as_ref().map(json).transpose().expect("JSON"))
            .execute(&mut other)
            .await
            .expect("a write");
    }
    other.close().await.expect("a close");
    let store = Store::open(&path).await.expect("a store");
    assert_eq!(found(&path).await.map(|report| report.rows), Ok(1200));
    let window = Window { from: UnixMicros(0), until: UnixMicros(u64::MAX) };
    let newest = &store.audit(window, 1).await.expect("a read")[0];
    assert_eq!((newest.seq, newest.row.at), (1200, row(1200).at));
    store.close().await;
    Store::open(&path).await.expect("a store again");
}
