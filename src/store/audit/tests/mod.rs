//! The chain in the hands of somebody who may write the file: whatever is done to it, the first row
//! that is not what was written is named.

mod attack;

use std::{path::PathBuf, sync::LazyLock};

use proptest::prelude::*;
use serde_json::json;
use sqlx::{Connection, Row, SqliteConnection};
use tempfile::TempDir;

use attack::{Attack, EDITS, attacks, sql};

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
        detail: n.is_multiple_of(2).then(|| json!({ "n": n, "text": "Kỳ Anh \u{1}\"" })),
        address: (!n.is_multiple_of(5)).then(|| [10, 0, 0, n as u8].into()),
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
    for (edit, sql) in EDITS.iter().enumerate() {
        for seq in [1, 10, ROWS] {
            let (found, (seq, wrong)) = attacked(Attack::Edit(seq, edit)).await;
            let broken = found.expect_err("it is not what was written");
            assert_eq!((broken.seq, broken.wrong), (seq, wrong), "{sql}: {broken}");
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
