//! Drills and figures as their users meet them: over HTTP, at a whole centre.

use std::time::Duration;

use serde_json::{Value, json};
use watchwall::config::{Config, Environment, Passwords};

use crate::town::{Town, WITHIN};

/// One desk, and who sits at it; what a button reports is an alert.
const DUTY: &str = r#"
[[position]]
id = "desk"

[[person]]
id = "lan"

[[person]]
id = "minh"

[[shift]]
position = "desk"
people = ["lan"]
from = "00:00"
until = "24:00"

[[alert]]
id = "buttons"
kinds = ["panic-button"]
priority = "high"
"#;

async fn town() -> Town {
    let environment = Environment::default();
    let duty = Config::parse("duty.toml", DUTY, &environment, &Passwords::Unread);
    let duty = duty.unwrap_or_else(|faults| panic!("{faults}"));
    Town::with(3, None, |config| {
        config.roster = duty.roster;
        config.alert_rules = duty.alert_rules;
    })
    .await
}

/// Posts as `person`; the answer with its status.
async fn post(town: &Town, person: &str, path: &str, body: Value) -> (u16, Value) {
    let url = format!("http://{}{path}", town.centre.address());
    let request = reqwest::Client::new().post(url).header("x-watchwall-person", person);
    let answer = request.json(&body).send().await.expect("the centre answers");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

async fn text(town: &Town, path: &str) -> (u16, String) {
    let url = format!("http://{}{path}", town.centre.address());
    let answer = reqwest::get(url).await.expect("the centre answers");
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

/// The answer of a path, as soon as it is as `is` says.
async fn until(town: &Town, path: &str, what: &str, is: impl Fn(&Value) -> bool) -> Value {
    let deadline = tokio::time::Instant::now() + WITHIN;
    loop {
        let answer = town.get(path).await;
        if is(&answer) {
            return answer;
        }
        assert!(tokio::time::Instant::now() < deadline, "{path} never {what}: {answer}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn seconds(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number of seconds"))
}

#[tokio::test]
async fn a_drill_goes_the_real_way_is_reported_and_is_in_no_figure() {
    let town = town().await;
    let cameras = ["cam-001", "cam-002", "cam-003"];
    let order = json!({"kind": "black", "cameras": cameras, "count": 3, "gap_s": 1});
    let (status, begun) = post(&town, "lan", "/api/v1/drills", order).await;
    assert_eq!((status, &begun["by"]), (201, &json!("lan")), "{begun}");
    assert_eq!(begun["opened"], 1, "the first at once: {begun}");
    let path = format!("/api/v1/drills/{}", begun["id"].as_str().expect("an id"));
    let ended = until(&town, &path, "ended", |drill| !drill["ended_at"].is_null()).await;
    assert_eq!((&ended["opened"], &ended["acknowledged"]), (&json!(3), &json!(0)), "{ended}");
    assert!(ended["median_s"].is_null() && ended["alerts"][0]["read_s"].is_null(), "{ended}");

    let open = town.get("/api/v1/alerts?open=true").await;
    let open: Vec<&Value> = open["alerts"].as_array().expect("a list").iter().collect();
    assert_eq!(open.len(), 3, "{open:?}");
    for alert in open {
        assert_eq!((&alert["drill"], &alert["kind"]), (&json!(true), &json!("black")));
        assert!(!alert["stage"].is_null(), "it goes up as a real one: {alert}");
        let act = format!("/api/v1/alerts/{}", alert["id"].as_str().expect("an id"));
        for done in ["read", "acknowledge"] {
            let (status, said) = post(&town, "minh", &format!("{act}/{done}"), json!({})).await;
            assert_eq!(status, 200, "{said}");
        }
    }

    let report = town.get(&path).await;
    assert_eq!(report["acknowledged"], 3, "{report}");
    let alerts = report["alerts"].as_array().expect("a list");
    let numbers: Vec<&Value> = alerts.iter().map(|alert| &alert["where"]["number"]).collect();
    assert_eq!(numbers, [101, 102, 103], "in the order in which they were raised");
    for alert in alerts {
        assert_eq!(alert["by"], "minh");
        assert!(seconds(&alert["read_s"]) <= seconds(&alert["acknowledged_s"]), "{alert}");
    }
    let slowest = alerts.iter().map(|alert| seconds(&alert["acknowledged_s"])).fold(0.0, f64::max);
    assert_eq!(seconds(&report["slowest_s"]), slowest);
    let shift = &report["shifts"][0];
    assert_eq!((&shift["position"], &shift["people"]), (&json!("desk"), &json!(["lan"])));
    assert_eq!((&shift["alerts"], &shift["acknowledged"]), (&json!(3), &json!(3)), "{report}");

    let list = town.get("/api/v1/drills").await;
    assert_eq!(list["drills"][0]["id"], report["id"]);
    assert_eq!(list["drills"][0]["median_s"], report["median_s"]);
    assert!(list["drills"][0].get("alerts").is_none(), "{list}");
    let figures = town.get("/api/v1/alerts/figures").await;
    assert_eq!((&figures["alerts"], &figures["top"]), (&json!(0), &json!([])), "{figures}");
    assert_eq!(figures["acknowledge"]["of"], 0);
    town.stop().await;
}

#[tokio::test]
async fn a_drill_that_cannot_be_is_refused_whole() {
    let town = town().await;
    let order = |kind: &str, cameras: &[&str], count: u32, gap_s: u32| json!({"kind": kind, "cameras": cameras, "count": count, "gap_s": gap_s});
    for (order, said) in [
        (order("black", &["cam-001"], 0, 1), "`count` is 1 to 20"),
        (order("black", &["cam-001"], 21, 1), "`count` is 1 to 20"),
        (order("black", &["cam-001"], 1, 601), "`gap_s` is 1 to 600"),
        (order("black", &[], 1, 1), "`cameras`"),
        (order("black", &["cam-001", "cam-9"], 1, 1), "There is no camera \"cam-9\""),
        (order("made-up", &["cam-001"], 1, 1), "No rule makes an alert of \"made-up\""),
    ] {
        let (status, problem) = post(&town, "lan", "/api/v1/drills", order).await;
        assert_eq!(status, 422, "{problem}");
        assert!(problem["detail"].as_str().expect("a sentence").contains(said), "{problem}");
    }
    assert_eq!(town.get("/api/v1/drills").await, json!({"drills": []}));
    let (status, _) = text(&town, "/api/v1/drills/0193f6b2-0000-7000-8000-000000000000").await;
    assert_eq!(status, 404);
    town.stop().await;
}

#[tokio::test]
async fn figures_count_what_was_reported_and_taken() {
    let town = town().await;
    let mut alerts = Vec::new();
    for camera in ["cam-001", "cam-002", "cam-003"] {
        let event = json!({
            "system": "buttons", "key": camera, "kind": "panic-button", "camera": camera,
            "text": "pressed",
        });
        let (status, kept) = post(&town, "lan", "/api/v1/events", event).await;
        assert_eq!(status, 201, "{kept}");
        alerts.push(kept["alert"].as_str().expect("an alert").to_owned());
    }
    let path = format!("/api/v1/alerts/{}/acknowledge", alerts[0]);
    let (status, said) = post(&town, "lan", &path, json!({})).await;
    assert_eq!(status, 200, "{said}");

    let figures = town.get("/api/v1/alerts/figures?position=desk").await;
    assert_eq!((&figures["alerts"], &figures["position"]), (&json!(3), &json!("desk")));
    assert_eq!(figures["acknowledge"]["of"], 1, "{figures}");
    assert_eq!(figures["acknowledge"]["median_s"], figures["acknowledge"]["p95_s"]);
    let slots = figures["slots"].as_array().expect("a list");
    assert!((144..=145).contains(&slots.len()), "a day has {} times ten minutes", slots.len());
    let new: u64 = slots.iter().map(|slot| slot["new"].as_u64().expect("a number")).sum();
    assert_eq!(new, 3);
    let top = figures["top"].as_array().expect("a list");
    assert_eq!(
        (top.len(), &top[0]["kind"], &top[0]["alerts"]),
        (3, &"panic-button".into(), &1.into())
    );
    assert!(top.iter().any(|one| one["subject"] == json!({"camera": "cam-002"})), "{figures}");
    assert!(top.iter().any(|one| one["where"]["number"] == 102), "{figures}");
    assert_eq!(figures["mix"]["high"], 100.0);
    assert_eq!(figures["flood"], json!({"seconds": 0.0, "percent": 0.0}));
    assert_eq!((&figures["stale"], &figures["chattering"]), (&json!([]), &json!([])));
    let shifts = figures["shifts"].as_array().expect("a list");
    assert_eq!((shifts.len(), &shifts[0]["people"]), (1, &json!(["lan"])), "{figures}");
    assert_eq!(shifts[0]["alerts"], 3);
    let other = town.get("/api/v1/alerts/figures?position=night").await;
    assert_eq!((&other["alerts"], &other["acknowledge"]["median_s"]), (&json!(0), &Value::Null));

    let (status, table) = text(&town, "/api/v1/alerts/figures?position=desk&format=csv").await;
    let parts: Vec<&str> = table.lines().filter_map(|line| line.split(',').next()).collect();
    assert_eq!(
        (status, &parts[..6]),
        (200, &["part", "total", "shift", "source", "source", "source"][..])
    );
    assert_eq!(parts.iter().filter(|part| **part == "ten-minutes").count(), slots.len());
    let total: Vec<&str> = table.lines().nth(1).expect("a line").split(',').collect();
    assert_eq!((total.len(), total[3], total[4]), (11, "desk", "3"), "{table}");

    for query in ["from=2026-01-01T00:00:00Z&to=2026-02-02T00:00:00Z", "from=9&to=9", "to=soon"] {
        let (status, said) = text(&town, &format!("/api/v1/alerts/figures?{query}")).await;
        assert_eq!(status, 400, "{query}: {said}");
    }
    town.stop().await;
}
