//! The configuration file changed over HTTP, with real cameras behind it: the file is the truth, its
//! comments stay, a password goes in and never comes out, and nothing unsound gets in.

mod office;
mod probe;
mod sheets;

use std::fs;

use serde_json::{Value, json};

use self::office::{Office, PASSWORD};
use crate::served;

/// The states of all cameras by id, as the list tells them.
fn states(cameras: &Value) -> Vec<(&str, &str)> {
    let cameras = cameras.as_array().expect("a list").iter();
    cameras.filter_map(|camera| Some((camera["id"].as_str()?, camera["state"].as_str()?))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_is_added_changed_removed_and_put_back_and_the_file_says_so() {
    let mut office = Office::open().await;
    let first = office.text();
    office.until("one online", |all| states(all) == [("gate", "online")]).await;
    let (_, list) = office.ask("GET", "configuration/camera", None).await;
    assert_eq!(list["entries"][0]["id"], "gate");
    let version = list["version"].clone();

    // Tried first: nothing is changed.
    let url = format!("rtsp://{}/cam/002/sub", office.sim.rtsp_addr());
    let fields = json!({"number": 2, "name": "Sân sau", "site": "yard", "url": url, "username": served::USER});
    let body = json!({"fields": fields, "password": PASSWORD, "version": version});
    let (status, tried) = office.put("camera/back?dry_run=true", body.clone()).await;
    assert_eq!((status, &tried["added"]), (200, &json!(["back"])), "{tried}");
    assert_eq!(office.text(), first);

    let (status, done) = office.put("camera/back", body.clone()).await;
    assert_eq!((status, &done["added"]), (200, &json!(["back"])), "{done}");
    assert!(office.text().starts_with(&first), "what was there stays as it was written");
    let secret = office.file.with_file_name("secrets").join("camera-back");
    assert_eq!(fs::read_to_string(&secret).expect("it was written"), PASSWORD);
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(&secret).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "nobody else reads it");
    let both = [("gate", "online"), ("back", "online")];
    office.until("two online", |all| states(all) == both).await;

    // The same once more was thought of the text before.
    let (status, late) = office.put("camera/back", body).await;
    assert_eq!(status, 409, "{late}");

    // Without a password the one that is kept stays: the camera goes on.
    let renamed = json!({"fields": {"name": "Cổng sau"}});
    let (status, done) = office.put("camera/back", renamed).await;
    assert_eq!((status, &done["changed"]), (200, &json!({"back": ["name"]})), "{done}");
    office
        .until("renamed", |all| all[1]["name"] == "Cổng sau" && all[1]["state"] == "online")
        .await;

    // Somebody edits the file by hand meanwhile: both are in the history, each as what it was.
    let by_hand = office.text().replace("# At the gate.", "# At the main gate.");
    fs::write(&office.file, &by_hand).expect("a writable folder");
    let (status, gone) = office.ask("DELETE", "configuration/camera/gate", None).await;
    assert_eq!((status, &gone["removed"]), (200, &json!(["gate"])), "{gone}");
    office.until("one left", |all| states(all) == [("back", "online")]).await;

    let (_, history) = office.ask("GET", "configuration/history", None).await;
    let versions = history["versions"].as_array().expect("a list").clone();
    let what: Vec<_> = versions.iter().map(|version| version["what"].clone()).collect();
    assert_eq!(
        what,
        [
            json!({"remove": "camera", "id": "gate"}),
            json!({"found": "changed outside"}),
            json!({"put": "camera", "id": "back", "keys": ["name"]}),
            json!({"put": "camera", "id": "back", "password": "another",
                "keys": ["name", "number", "site", "url", "username"]}),
            json!({"found": "changed outside"}),
        ]
    );
    let newest = versions[0]["id"].as_i64().expect("a number");
    let (_, told) = office.ask("GET", &format!("configuration/history/{newest}"), None).await;
    let diff = told["diff"].as_str().expect("a text");
    assert!(diff.contains("-id = \"gate\"   # never changes\n"), "{diff}");
    assert!(!diff.contains("-id = \"back\""), "{diff}");

    let oldest = versions.last().and_then(|version| version["id"].as_i64()).expect("a number");
    let restore = format!("configuration/history/{oldest}/restore");
    let (status, back) = office.ask("POST", &restore, Some(json!({}))).await;
    assert_eq!((status, &back["removed"]), (200, &json!(["back"])), "{back}");
    assert_eq!(office.text(), first);
    office.until("the gate is back", |all| states(all) == [("gate", "online")]).await;

    let (_, audit) = office.ask("GET", "audit", None).await;
    let deeds = audit["audit"].as_array().expect("a list");
    assert_eq!(deeds.iter().filter(|deed| deed["action"] == "configure").count(), 4);
    let told = office.answers.iter().find(|answer| answer.contains(PASSWORD));
    assert_eq!(told, None, "the password came out");
    office.centre.stop().await;
    office.sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_unsound_is_told_whole_and_changes_nothing() {
    let mut office = Office::open().await;
    let first = office.text();
    let keys = |answer: &Value| -> Vec<String> {
        let faults = answer["faults"].as_array().expect("a list").iter();
        faults.filter_map(|fault| fault["key"].as_str().map(str::to_owned)).collect()
    };

    let fields = json!({"number": 1, "site": "moon", "url": "http://192.0.2.1/"});
    let body = json!({"fields": fields, "password": "something else"});
    let (status, answer) = office.put("camera/new", body).await;
    assert_eq!(status, 422, "{answer}");
    assert_eq!(keys(&answer), ["camera[1].number", "camera[1].site", "camera[1].url"]);
    assert!(!office.file.with_file_name("secrets").join("camera-new").exists());

    // The site has a camera.
    let (status, answer) = office.ask("DELETE", "configuration/site/yard", None).await;
    assert_eq!((status, keys(&answer)), (422, vec!["camera[0].site".to_owned()]), "{answer}");

    for mask in ["***", "<redacted>", "••••••••"] {
        let body = json!({"fields": {}, "password": mask});
        let (status, answer) = office.put("camera/gate", body).await;
        assert_eq!(status, 422, "{answer}");
    }
    let (status, _) =
        office.put("camera/..%2F..%2Fetc", json!({"fields": {}, "password": "x"})).await;
    assert_eq!(status, 422);
    let inline = json!({"fields": {"password": "inline"}});
    let (status, answer) = office.put("camera/gate", inline).await;
    assert_eq!((status, keys(&answer)), (422, vec!["camera[0].password".to_owned()]), "{answer}");
    let (status, _) = office.put("camera/gate", json!({"field": {}})).await;
    assert_eq!(status, 400, "an unknown key of the body");
    let (status, _) = office.put("http/listen", json!({"fields": {}})).await;
    assert_eq!(status, 400, "not a list of the file");
    let (status, _) = office.ask("DELETE", "configuration/camera/none", None).await;
    assert_eq!(status, 404);
    assert_eq!(office.text(), first);
    let (_, history) = office.ask("GET", "configuration/history", None).await;
    assert_eq!(history["versions"], json!([]));
    office.centre.stop().await;
    office.sim.shutdown().await;
}
