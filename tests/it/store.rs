//! The store against the real disk: what was confirmed survives, what is damaged is left alone.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use watchwall::{
    domain::{camera::Condition, time::UnixMicros},
    store::{CourtesyRow, Store, StoreError},
};

fn row(camera: &str, attempts: u32) -> CourtesyRow {
    CourtesyRow {
        camera_id: camera.try_into().expect("an id"),
        sign_in_attempts: attempts,
        first_attempt_at: Some(UnixMicros(1_700_000_000_000_000)),
        hold_until: Some(UnixMicros(1_700_001_800_000_000)),
        hold_reason: Some(Condition::CredentialsRejected),
        updated_at: UnixMicros(1_700_000_000_000_001),
    }
}

#[tokio::test]
async fn what_was_saved_is_there_after_the_store_is_opened_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("var/deep/watchwall.db");
    let store = Store::open(&path).await.expect("a new store");
    assert_eq!(store.load_courtesy().await.expect("a read"), []);
    store.save_courtesy(row("b", 1)).await.expect("a write");
    store.save_courtesy(row("a", 1)).await.expect("a write");
    store
        .save_courtesy(CourtesyRow { hold_until: None, hold_reason: None, ..row("b", 3) })
        .await
        .expect("a write");
    store.save_courtesy(row("c", 2)).await.expect("a write");
    store.remove_courtesy("c".try_into().expect("an id")).await.expect("a write");
    drop(store);

    let store = Store::open(&path).await.expect("the same store");
    let expected =
        [row("a", 1), CourtesyRow { hold_until: None, hold_reason: None, ..row("b", 3) }];
    assert_eq!(store.load_courtesy().await.expect("a read"), expected);
    let clone = store.clone();
    store.close().await;
    let late = clone.save_courtesy(row("d", 1)).await;
    assert!(matches!(late, Err(StoreError::Closed)), "{late:?}");
}

#[tokio::test]
async fn a_thousand_writes_at_once_are_all_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("watchwall.db")).await.expect("a new store");
    let started = std::time::Instant::now();
    let mut writes = tokio::task::JoinSet::new();
    for n in 0..1000 {
        let store = store.clone();
        writes.spawn(async move { store.save_courtesy(row(&format!("cam-{n}"), n)).await });
    }
    for write in writes.join_all().await {
        write.expect("a write");
    }
    println!("1,000 concurrent writes confirmed in {:?}", started.elapsed());
    assert_eq!(store.load_courtesy().await.expect("a read").len(), 1000);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("watchwall.db");
    let text = "[http]\nlisten = \"127.0.0.1:8080\"\n".repeat(200);
    fs::write(&path, &text).expect("a file");
    let error = Store::open(&path).await.expect_err("no database");
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains("put a backup in its place"), "{error}");
    assert_eq!(fs::read_to_string(&path).expect("the file"), text);
}

#[tokio::test]
async fn a_damaged_page_is_found_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("watchwall.db");
    let store = Store::open(&path).await.expect("a new store");
    for n in 0..200 {
        store.save_courtesy(row(&format!("cam-{n}"), n)).await.expect("a write");
    }
    store.close().await;
    let mut bytes = fs::read(&path).expect("the file");
    // Everything behind the first page, which holds the schema.
    bytes[4096..].fill(0xa5);
    fs::write(&path, &bytes).expect("our file");
    let error = Store::open(&path).await.expect_err("a damaged file");
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert_eq!(fs::read(&path).expect("the file"), bytes);
}

#[tokio::test]
async fn the_store_of_a_newer_release_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("watchwall.db");
    Store::open(&path).await.expect("a new store").close().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut newer = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options)
        .await
        .expect("the file");
    sqlx::query("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', 1, x'00', 0)")
        .execute(&mut newer)
        .await
        .expect("a row");
    drop(newer);
    let error = Store::open(&path).await.expect_err("another release");
    assert!(matches!(error, StoreError::OtherRelease { .. }), "{error:?}");
}

#[tokio::test]
async fn a_folder_in_the_way_is_told_with_a_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = Store::open(folder.path()).await.expect_err("a folder");
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("check that its folder exists"), "{error}");
}

const CHILD_STORE: &str = "WATCHWALL_TEST_CHILD_STORE";

/// Not a test by itself: the process that the next test kills.
#[tokio::test]
#[ignore = "runs as a child of the test below"]
async fn child_that_saves_and_waits_to_be_killed() {
    let Some(path) = std::env::var_os(CHILD_STORE) else { return };
    let store = Store::open(Path::new(&path)).await.expect("a new store");
    for n in 0..u32::MAX {
        store.save_courtesy(row("a", n)).await.expect("a write");
        println!("saved {n}");
    }
}

#[tokio::test]
async fn a_confirmed_write_survives_a_killed_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("watchwall.db");
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args([
            "store::child_that_saves_and_waits_to_be_killed",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .env(CHILD_STORE, &path)
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test again");
    let output = BufReader::new(child.stdout.take().expect("piped above"));
    let confirmed: Vec<u32> = output
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| line.rsplit_once("saved ")?.1.parse().ok())
        .take(25)
        .collect();
    // In the middle of its next write, as likely as not: SIGKILL, no time to tidy up.
    child.kill().expect("our own child");
    child.wait().expect("our own child");
    assert_eq!(confirmed.len(), 25, "the child ended early");

    let store = Store::open(&path).await.expect("the store it left");
    let [row] = &store.load_courtesy().await.expect("a read")[..] else { panic!("one row") };
    assert!(row.sign_in_attempts >= 24, "{row:?}");
}
