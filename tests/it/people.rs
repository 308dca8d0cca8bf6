//! The people's side of alerts over HTTP: the roster, handing over, searching records, and who did
//! what. A whole centre, without a camera that answers.

use std::{path::Path, sync::Arc};

use reqwest::StatusCode;
use serde_json::{Value, json};
use watchwall::{
    config::Config,
    domain::{
        roster::{Person, Roster, Shift},
        timetable::Hours,
    },
    service::demo,
};

use crate::station::Station;

/// One camera where nobody listens; Anna has the desk on all days, Bình on none.
fn config(folder: &Path) -> Config {
    let loopback = ([127, 0, 0, 1], 0).into();
    let nobody = ([127, 0, 0, 1], 9).into();
    let mut config = demo::config(1, nobody, loopback, folder);
    let person = |id: &str, name: &str| Person {
        id: id.try_into().expect("an id"),
        name: name.to_owned(),
        phone: None,
        email: None,
        channels: Vec::new(),
    };
    let day = |from: u16, until: u16, people: &str| Shift {
        position: "desk".try_into().expect("an id"),
        people: vec![people.try_into().expect("an id")],
        hours: Hours { days: 0x7f, from_min: from * 60, until_min: until * 60 },
    };
    config.roster = Arc::new(Roster {
        people: vec![person("anna", "Anna"), person("binh", "Bình")],
        shifts: vec![day(6, 18, "anna"), day(18, 6, "binh")],
        ..Roster::default()
    });
    config
}

async fn get(station: &Station, path: &str, person: Option<&str>) -> (StatusCode, Value) {
    let url = format!("http://{}/api/v1/{path}", station.centre.address());
    let mut request = reqwest::Client::new().get(url);
    if let Some(person) = person {
        request = request.header("x-watchwall-person", person);
    }
    let answer = request.send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

async fn post(
    station: &Station,
    path: &str,
    person: Option<&str>,
    body: Value,
) -> (StatusCode, Value) {
    let url = format!("http://{}/api/v1/{path}", station.centre.address());
    let mut request = reqwest::Client::new().post(url).json(&body);
    if let Some(person) = person {
        request = request.header("x-watchwall-person", person);
    }
    let answer = request.send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roster_says_who_is_there_and_a_sheet_of_other_days_is_checked_without_being_taken() {
    let station = Station::new(config).await;
    let (status, roster) = get(&station, "roster", Some("binh")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(roster["me"], "binh");
    assert_eq!(roster["people"][1], json!({"id": "binh", "name": "Bình"}));
    let desk = &roster["positions"][0];
    let (now, next) = (&desk["on_duty"][0], &desk["next"][0]);
    assert!([now, next].into_iter().all(|id| id == "anna" || id == "binh") && now != next);
    assert!(desk["until"].is_u64(), "{desk}");
    let (status, _) = get(&station, "roster", Some("nobody")).await;
    assert_eq!(status, StatusCode::FORBIDDEN);

    let url =
        |query: &str| format!("http://{}/api/v1/roster/import{query}", station.centre.address());
    let sheet = "date,from,until,position,people\n\
                 2098-12-24,18:00,06:00,desk,binh anna\n\
                 2098-12-25,06:00,18:00,bench,-\n";
    let client = reqwest::Client::new();
    let post = |query| client.post(url(query)).header("content-type", "text/csv").body(sheet);
    let answer = post("?dry_run=true").send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    let check: Value = answer.json().await.expect("JSON");
    assert_eq!(check["added"][0]["people"], json!(["binh", "anna"]));
    assert_eq!(check["faults"][0]["line"], 3, "{check}");
    let answer = post("").send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "there is no file to change");
    station.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_carries_notes_and_is_handed_over_by_two_people() {
    let station = Station::new(config).await;
    let said = |sign: Value, note: Value| json!({"position": "desk", "sign": sign, "note": note});
    let path = "handover?position=desk";
    let (status, empty) = get(&station, path, None).await;
    assert_eq!(status, StatusCode::OK, "{empty}");
    assert_eq!(empty["signed"], json!({"giving": null, "taking": null}));
    assert!(empty["shift"]["people"].is_array() && empty["next"]["from"].is_u64(), "{empty}");
    let (status, _) = get(&station, "handover?position=bench", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);

    let note = said(Value::Null, json!("the gate is open"));
    for _ in 0..2 {
        // The second time because the first answer was lost.
        let (status, sheet) = post(&station, "handover", Some("anna"), note.clone()).await;
        assert_eq!(status, StatusCode::OK, "{sheet}");
        assert_eq!(sheet["notes"].as_array().map(Vec::len), Some(1), "{sheet}");
    }
    let (status, _) = post(&station, "handover", None, said(json!("giving"), Value::Null)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "nobody signs");
    let giving = said(json!("giving"), Value::Null);
    let (status, _) = post(&station, "handover", Some("anna"), giving).await;
    assert_eq!(status, StatusCode::OK);
    let taking = said(json!("taking"), Value::Null);
    let (status, _) = post(&station, "handover", Some("anna"), taking.clone()).await;
    assert_eq!(status, StatusCode::CONFLICT, "one person for both sides");
    let (status, sheet) = post(&station, "handover", Some("binh"), taking).await;
    assert_eq!(status, StatusCode::OK, "{sheet}");

    let (_, read) = get(&station, path, None).await;
    assert_eq!(read["signed"]["giving"]["by"], "anna", "{read}");
    assert_eq!(read["signed"]["taking"]["by"], "binh", "{read}");
    assert_eq!(read["notes"][0]["text"], "the gate is open", "{read}");
    let next = said(Value::Null, json!("for the next ones"));
    let (status, sheet) = post(&station, "handover", Some("binh"), next).await;
    assert_eq!((status, &sheet["signed"]["giving"]), (StatusCode::OK, &Value::Null), "{sheet}");
    assert_eq!(sheet["notes"].as_array().map(Vec::len), Some(1), "{sheet}");

    let (_, audit) = get(&station, "audit?limit=2", None).await;
    assert_eq!(audit["audit"][0]["action"], "note-handover", "{audit}");
    assert_eq!(audit["audit"][1]["actor"]["person"], "binh", "{audit}");
    assert_eq!(audit["more"], true);
    station.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_outside_systems_tell_is_found_by_its_words_with_its_picture() {
    let station = Station::new(config).await;
    let told = |key: &str, text: &str, picture: Value| json!({"system": "anpr-1", "key": key, "kind": "plate", "text": text, "picture": picture});
    // The first bytes of a JPEG in base 64.
    for (key, text, picture) in
        [("1", "38A-123.45", json!("/9j/4AAQ")), ("2", "30F-999.99", Value::Null)]
    {
        let (status, kept) = post(&station, "events", None, told(key, text, picture)).await;
        assert_eq!(status, StatusCode::CREATED, "{kept}");
    }
    let (status, found) = get(&station, "records?q=38a-123", None).await;
    assert_eq!(status, StatusCode::OK, "{found}");
    assert_eq!(
        (found["records"].as_array().map(Vec::len), &found["more"]),
        (Some(1), &json!(false))
    );
    let record = &found["records"][0];
    assert_eq!((&record["key"], &record["source"]), (&json!("1"), &json!("anpr-1")), "{record}");
    let picture = record["picture"].as_str().expect("it has a picture");
    let picture = format!("http://{}{picture}", station.centre.address());
    let picture = reqwest::get(picture).await.expect("an answer");
    assert_eq!(picture.headers()["content-type"], "image/jpeg");
    assert!(picture.bytes().await.expect("a body").starts_with(&[0xff, 0xd8]));

    let (_, all) = get(&station, "records?kind=plate&limit=1", None).await;
    assert_eq!((&all["records"][0]["key"], &all["more"]), (&json!("2"), &json!(true)), "{all}");
    let path = format!("records?kind=plate&before={}", all["records"][0]["at"]);
    let (_, older) = get(&station, &path, None).await;
    assert_eq!((&older["records"][0]["key"], &older["more"]), (&json!("1"), &json!(false)));
    let (status, _) = get(&station, "records/none/picture.jpg", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    station.stop().await;
}
