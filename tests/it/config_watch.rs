//! Files that change under a running service.

use std::{fs, time::Duration};

use watchwall::config::{Config, Environment, watch};

const WAIT_MAX: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_changed_file_asks_for_a_reload_and_an_invalid_one_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("watchwall.toml");
    let camera = |number| {
        format!("[[camera]]\nid = \"a\"\nnumber = {number}\nurl = \"rtsp://192.0.2.1/\"\n")
    };
    let environment = Environment::default();
    fs::write(&file, camera(1)).expect("a file");
    let running = Config::load(&file, &environment).expect("a valid file");
    let mut watching = watch::Watch::new(&file).expect("a folder that can be watched");

    // As most editors save: a new file renamed over the old one.
    let draft = folder.path().join(".watchwall.toml.swp");
    fs::write(&draft, camera(2)).expect("a file");
    fs::rename(&draft, &file).expect("a rename");
    tokio::time::timeout(WAIT_MAX, watching.changed()).await.expect("a request to reload");
    let (_, changes) = watch::reload(&file, &environment, &running).expect("a valid file");
    assert_eq!(changes.changed[0].keys, ["number"]);

    fs::write(&file, camera(0)).expect("a file");
    tokio::time::timeout(WAIT_MAX, watching.changed()).await.expect("a request to reload");
    let faults = watch::reload(&file, &environment, &running).expect_err("an invalid file");
    assert!(faults.to_string().contains("camera[0].number"), "{faults}");
}

#[tokio::test]
async fn a_changed_password_asks_for_a_reload() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("secrets")).expect("a folder");
    let secret = folder.path().join("secrets/a");
    fs::write(&secret, "one\n").expect("a file");
    let file = folder.path().join("watchwall.toml");
    let camera = "[[camera]]\nid = \"a\"\nnumber = 1\nurl = \"rtsp://192.0.2.1/\"\nusername = \"v\"\npassword_file = \"secrets/a\"\n";
    fs::write(&file, camera).expect("a file");
    let environment = Environment::default();
    let running = Config::load(&file, &environment).expect("a valid file");
    let mut watching = watch::Watch::new(&file).expect("a folder that can be watched");
    watching.follow(&running).expect("a folder that can be watched");

    fs::write(&secret, "two\n").expect("a file");
    tokio::time::timeout(WAIT_MAX, watching.changed()).await.expect("a request to reload");
    let (_, changes) = watch::reload(&file, &environment, &running).expect("a valid file");
    assert_eq!(
        (changes.changed[0].keys.as_slice(), changes.changed[0].reconnect),
        (["password"].as_slice(), true)
    );
}
