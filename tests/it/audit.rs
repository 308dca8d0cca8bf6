//! The audit as people check it: with the real binary, and over HTTP while people look at cameras.

use std::{
    path::Path,
    process::{Command, Output},
    sync::Arc,
    time::Duration,
};

use serde_json::{Value, json};
use sqlx::{Connection, Row, SqliteConnection};
use uuid::Uuid;
use watchwall::{
    config::Config,
    domain::{alert::Actor, time::UnixMicros},
    service::demo,
    store::{AlertRows, AuditRow, Store},
};

use crate::{station::Station, town::WITHIN};

/// As many as the check is to manage within two seconds.
const ROWS: u64 = 10_000;

fn row(n: u64) -> AuditRow {
    AuditRow {
        id: Uuid::now_v7(),
        at: UnixMicros(1_790_000_000_000_000 + n * 1_000_000),
        actor: Actor { user: format!("user-{}", n % 7), person: None },
        action: "view".to_owned(),
        object: format!("camera:cam-{:03}", n % 150),
        detail: n.is_multiple_of(3).then(|| json!({ "picture": "snapshot", "n": n })),
        address: Some([127, 0, 0, 1].into()),
    }
}

/// A folder with a store of [`ROWS`] rows and a configuration.
async fn premises() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("watchwall.db");
    let store = Store::open(&path).await.expect("a store");
    let rows: Vec<AuditRow> = (1..=ROWS).map(row).collect();
    let batch: Vec<_> = rows
        .chunks(500)
        .map(|some| Arc::new(AlertRows { audit: some.to_vec(), ..AlertRows::default() }))
        .collect();
    store.write_alerts(batch).await.expect("a write");
    store.close().await;
    configure(folder.path());
    folder
}

fn configure(folder: &Path) {
    let store = folder.join("watchwall.db");
    let config = format!("[store]\npath = \"{}\"\n", store.display());
    std::fs::write(folder.join("watchwall.toml"), config).expect("room");
}

fn verify(folder: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_watchwall"));
    command.args(["audit", "verify", "--config"]).arg(folder.join("watchwall.toml")).args(more);
    command.output().expect("the binary runs")
}

/// It exits with this code and says these words.
fn says(output: &Output, code: i32, words: &[&str]) {
    let (said, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{said}{errors}");
    assert_eq!(output.status.code(), Some(code), "{said}{errors}");
    for words in words {
        assert!(said.contains(words), "no {words:?} in:\n{said}{errors}");
    }
}

async fn attack(folder: &Path, statements: &[&str]) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.join("watchwall.db"));
    let mut connection = SqliteConnection::connect_with(&options).await.expect("the file");
    let triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'";
    for row in sqlx::query(triggers).fetch_all(&mut connection).await.expect("a read") {
        let drop = format!("DROP TRIGGER {}", row.get::<String, _>("name"));
        sqlx::query(sqlx::AssertSqlSafe(drop)).execute(&mut connection).await.expect("it is ours");
    }
    for statement in statements {
        let statement = sqlx::AssertSqlSafe((*statement).to_owned());
        sqlx::query(statement).execute(&mut connection).await.expect("it is ours");
    }
    connection.close().await.expect("a close");
}

#[tokio::test]
async fn the_command_finds_ten_thousand_rows_whole_and_names_the_one_that_is_not() {
    let whole = premises().await;
    let export = whole.path().join("audit.jsonl");
    let output = verify(whole.path(), &["--export", export.to_str().expect("a path")]);
    says(&output, 0, &["10000 rows behind 0, whole", "1 heads that were noted", "checked in"]);
    let text = std::fs::read_to_string(&export).expect("an export");
    assert_eq!(text.lines().count() as u64, ROWS);
    let said = String::from_utf8(output.stdout).expect("text");
    let head = said.lines().find_map(|line| line.strip_prefix("head ")).expect("a head");
    says(&verify(whole.path(), &["--head", head]), 0, &["1 heads that were kept elsewhere agree"]);
    let other = format!("{}:{}", ROWS, "0".repeat(64));
    says(&verify(whole.path(), &["--head", &other]), 1, &["row 10000, id ", ": rewritten;"]);

    let swap = [
        "CREATE TEMP TABLE two AS SELECT * FROM audit WHERE seq IN (77, 5000)",
        "UPDATE audit SET id = randomblob(16) WHERE seq IN (77, 5000)",
        "UPDATE audit SET (id, at, actor, action, object, detail, address) = (SELECT id, at, actor, action, object, detail, address FROM two WHERE seq = 5000) WHERE seq = 77",
        "UPDATE audit SET (id, at, actor, action, object, detail, address) = (SELECT id, at, actor, action, object, detail, address FROM two WHERE seq = 77) WHERE seq = 5000",
    ];
    let attacks: [(&[&str], &[&str]); 5] = [
        (
            &["UPDATE audit SET object = 'camera:cam-001' WHERE seq = 4321"],
            &["row 4321, id ", ", of 2026-", ": edited;"],
        ),
        (&["DELETE FROM audit WHERE seq = 9999"], &["row 9999: deleted;"]),
        (&swap, &["row 77, id ", ": swapped with row 5000"]),
        (&["DELETE FROM audit WHERE seq > 9990"], &["row 9991: truncated;", "to row 10000"]),
        (
            &[
                "DELETE FROM audit WHERE seq > 9990",
                "UPDATE audit_head SET (seq, hash) = (SELECT seq, hash FROM audit WHERE seq = 9990)",
            ],
            &["row 9991: truncated;", "to row 10000"],
        ),
    ];
    for (statements, words) in attacks {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["watchwall.db", "watchwall.db.audit-head"] {
            std::fs::copy(whole.path().join(name), folder.path().join(name)).expect("room");
        }
        configure(folder.path());
        attack(folder.path(), statements).await;
        says(&verify(folder.path(), &[]), 1, words);
    }
}

/// One camera where nobody listens.
fn config(folder: &Path) -> Config {
    let loopback = ([127, 0, 0, 1], 0).into();
    demo::config(1, ([127, 0, 0, 1], 9).into(), loopback, folder)
}

/// The rows of the audit, oldest first, once there are as many as `enough` says.
async fn rows(station: &Station, enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let deadline = tokio::time::Instant::now() + WITHIN;
    loop {
        let answer = station.get("/api/v1/audit").await;
        let mut rows = answer["audit"].as_array().expect("rows").clone();
        rows.reverse();
        if enough(&rows) {
            return rows;
        }
        assert!(tokio::time::Instant::now() < deadline, "never enough: {rows:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn who_looks_at_what_is_written_down_once() {
    let station = Station::new(config).await;
    let mut viewer = station.media().await;
    viewer.say(r#"{"type":"subscribe","tiles":{"cameras":["*"],"width":320}}"#.to_owned()).await;
    rows(&station, |rows| rows.len() == 1).await;
    // Large, small again, and large on another socket: one view of the camera.
    let large = r#"{"type":"subscribe","video":[{"camera":"cam-001","stream":"main"}]}"#;
    let small = r#"{"type":"subscribe","tiles":{"cameras":["cam-001"],"width":160}}"#;
    for text in [large, small, large] {
        viewer.say(text.to_owned()).await;
    }
    let mut other = station.media().await;
    other.say(large.to_owned()).await;
    let other_camera = r#"{"type":"subscribe","tiles":{"cameras":["cam-9","*"],"width":1280}}"#;
    other.say(other_camera.to_owned()).await;
    let told = rows(&station, |rows| rows.len() >= 2).await;
    let said: Vec<_> =
        told.iter().map(|row| (&row["seq"], &row["action"], &row["object"])).collect();
    let (view, mosaic, camera) = (json!("view"), json!("mosaic"), json!("camera:cam-001"));
    assert_eq!(said, [(&json!(1), &view, &mosaic), (&json!(2), &view, &camera)]);
    assert_eq!(told[0]["actor"]["user"], "anonymous");
    assert_eq!(told[0]["hash"].as_str().map(str::len), Some(64));

    let url = format!("http://{}/api/v1/audit?format=jsonl", station.centre.address());
    let text = reqwest::get(url).await.expect("an answer").text().await.expect("text");
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[1]["prev"], &lines[1]["hash"]), (&told[0]["hash"], &told[1]["hash"]));
    station.stop().await;
}
