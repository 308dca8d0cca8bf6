//! Sheets of cameras and of the duty roster taken over HTTP: what they would change is told first, and
//! what they changed is in the files and in the history.

use std::fs;

use serde_json::{Value, json};

use super::office::Office;
use crate::served;

fn what(history: &[Value]) -> Vec<Value> {
    history.iter().map(|version| version["what"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_cameras_is_tried_and_then_taken_and_keeps_what_it_does_not_speak_of() {
    let mut office = Office::open().await;
    let first = office.text();
    let rtsp = office.sim.rtsp_addr();
    let wrong = format!(
        "id,number,url,site\ngate,1,rtsp://{rtsp}/cam/001/sub,moon\nback,1,rtsp://{rtsp}/x,yard\n"
    );
    for how in ["?dry_run=true", ""] {
        let (status, told) = office.import(&format!("cameras/import{how}"), &wrong).await;
        assert_eq!(status, 422, "{told}");
        assert_eq!(Office::mistakes(&told), [(2, "site"), (3, "number")]);
    }

    let sheet = format!(
        "id;number;name;url;username;password_file\n\
         gate;1;Cổng chính;rtsp://{rtsp}/cam/001/sub;{user};password\n\
         back;2;Sân sau;rtsp://{rtsp}/cam/002/sub;{user};password\n",
        user = served::USER
    );
    let (status, tried) = office.import("cameras/import?dry_run=true", &sheet).await;
    assert_eq!(status, 200, "{tried}");
    assert_eq!(tried["added"], json!(["back"]));
    assert_eq!(tried["changed"], json!({"gate": ["name"]}));
    assert_eq!(office.text(), first, "nothing was changed");
    assert_eq!(office.history().await, [] as [Value; 0]);

    let (status, late) = office.import("cameras/import?version=0000", &sheet).await;
    assert_eq!(status, 409, "thought of another text: {late}");
    let (_, list) = office.ask("GET", "configuration/camera", None).await;
    let version = list["version"].as_str().expect("a version");
    let (status, done) = office.import(&format!("cameras/import?version={version}"), &sheet).await;
    assert_eq!((status, &done), (200, &tried), "what was told is what is done");
    let text = office.text();
    assert!(
        text.contains("# At the gate.\n[[camera]]\nid = \"gate\"   # never changes\n"),
        "{text}"
    );
    assert!(text.contains("site = \"yard\"\n"), "no column speaks of it: {text}");
    office
        .until("both online", |all| {
            all.as_array().is_some_and(|all| all.iter().all(|one| one["state"] == "online"))
                && all[1]["name"] == "Sân sau"
        })
        .await;
    let history = office.history().await;
    assert_eq!(what(&history), [json!({"import": "camera"}), json!({"found": "changed outside"})]);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_of_the_roster_is_taken_checked_kept_in_the_history_and_put_back() {
    let mut office = Office::open().await;
    for (list, id, fields) in [
        ("position", "desk", json!({"name": "Bàn trực"})),
        ("person", "an", json!({"name": "An"})),
        ("person", "binh", json!({"name": "Bình"})),
    ] {
        let (status, told) = office.put(&format!("{list}/{id}"), json!({"fields": fields})).await;
        assert_eq!(status, 200, "{told}");
    }
    let (edits, text) = (office.history().await.len(), office.text());
    let head = "date,from,until,position,people\n";
    let (_, empty) = office.ask("GET", "roster/import", None).await;
    assert_eq!(empty, Value::Null, "a sheet, not JSON");
    assert_eq!(office.answers.pop().as_deref(), Some(head));

    let wrong = format!("{head}2098-12-24,18:00,06:00,bench,an\n");
    let (status, told) = office.import("roster/import", &wrong).await;
    assert_eq!((status, Office::mistakes(&told)), (422, vec![(2, "position")]), "{told}");
    let file = office.file.with_file_name("roster.csv");
    assert!(!file.exists() && office.text() == text, "nothing was changed");

    let sheet = format!("{head}2098-12-24,18:00,06:00,desk,binh an\n");
    let (status, tried) = office.import("roster/import?dry_run=true", &sheet).await;
    assert_eq!((status, &tried["added"][0]["people"]), (200, &json!(["binh", "an"])), "{tried}");
    assert!(!file.exists());
    for how in ["?version=0000", "?dry_run=true&version=0000"] {
        let (status, late) = office.import(&format!("roster/import{how}"), &sheet).await;
        assert_eq!(status, 409, "thought of another roster: {late}");
    }
    assert!(!file.exists(), "nothing was changed");
    let taking = format!("roster/import?version={}", tried["version"].as_str().expect("a text"));
    let (status, done) = office.import(&taking, &sheet).await;
    assert_eq!((status, &done), (200, &tried), "what was told is what is done");
    assert_eq!(fs::read_to_string(&file).expect("it was written"), sheet);
    assert!(office.text().contains("\n[roster]\nfile = \"roster.csv\"\n"), "{}", office.text());
    // Once more is nothing new; another one is.
    office.import("roster/import", &sheet).await;
    let other = sheet.replace("binh an", "-");
    // What was told before the first sheet was taken holds no more; a try says what holds now.
    assert_eq!(office.import(&taking, &other).await.0, 409);
    let (_, tried) = office.import("roster/import?dry_run=true", &other).await;
    let taking = format!("roster/import?version={}", tried["version"].as_str().expect("a text"));
    // Somebody edits the configuration meanwhile, and then the roster: both say who is on duty.
    let person = json!({"fields": {"name": "Chi"}});
    assert_eq!(office.put("person/chi", person).await.0, 200);
    assert_eq!(office.import(&taking, &other).await.0, 409);
    let (_, tried) = office.import("roster/import?dry_run=true", &other).await;
    let taking = format!("roster/import?version={}", tried["version"].as_str().expect("a text"));
    fs::write(&file, head).expect("a writable folder");
    assert_eq!(office.import(&taking, &other).await.0, 409);
    fs::write(&file, &sheet).expect("a writable folder");
    let (status, done) = office.import(&taking, &other).await;
    assert_eq!((status, done["removed"].as_array().map(Vec::len)), (200, Some(1)), "{done}");

    let history = office.history().await;
    let imported = json!({"import": "roster"});
    let chi = json!({"put": "person", "id": "chi", "keys": ["name"]});
    assert_eq!(
        what(&history)[..history.len() - edits],
        [imported.clone(), chi, imported.clone(), imported.clone()]
    );
    let history: Vec<Value> =
        history.into_iter().filter(|version| version["what"] == imported).collect();
    let files: Vec<_> = history.iter().take(3).map(|version| version["file"].clone()).collect();
    assert_eq!(files, [json!("roster.csv"), Value::Null, json!("roster.csv")]);
    let (_, told) =
        office.ask("GET", &format!("configuration/history/{}", history[0]["id"]), None).await;
    let diff = told["diff"].as_str().expect("a text");
    assert!(
        diff.contains("-2098-12-24,18:00,06:00,desk,binh an\n+2098-12-24,18:00,06:00,desk,-\n"),
        "{diff}"
    );

    // Somebody changes it by hand meanwhile, and the first one is put back.
    fs::write(&file, head).expect("a writable folder");
    let restore = format!("configuration/history/{}/restore", history[2]["id"]);
    let (status, _) = office.ask("POST", &format!("{restore}?dry_run=true"), None).await;
    assert_eq!((status, fs::read_to_string(&file).expect("a file")), (200, head.to_owned()));
    let (status, told) = office.ask("POST", &restore, None).await;
    assert_eq!(status, 200, "{told}");
    assert_eq!(fs::read_to_string(&file).expect("a file"), sheet);
    let newest = office.history().await;
    assert_eq!(
        what(&newest)[..2],
        [json!({"restore": history[2]["id"]}), json!({"found": "changed outside"})]
    );
    assert_eq!(newest[1]["file"], "roster.csv");
    let (_, audit) = office.ask("GET", "audit", None).await;
    let deeds = audit["audit"].as_array().expect("a list").iter();
    let kept = deeds.filter(|deed| deed["action"] == "configure");
    let kept = kept.inspect(|deed| assert_eq!(deed["address"], "127.0.0.1", "{deed}")).count();
    assert_eq!(kept, 4 + 3 + 1, "four edits, three rows of two imports, one put back");
    office.close().await;
}
