//! The past of real cameras, workers and processes: what a fault leaves behind, and what a kill.

use std::time::Duration;

use serde_json::{Value, json};
use watchwall::{
    config::HealthRule, domain::camera::Condition, domain::wall::Selector, sim::FaultKind,
};

use crate::{
    served::{self, Premises, Served, now_us},
    town::{Town, WITHIN},
};

/// Asks until `is` holds of the answer. Twice the usual patience: a condition has delays of its own.
async fn until(url: &str, what: &str, is: impl Fn(&Value) -> bool) -> Value {
    let deadline = tokio::time::Instant::now() + 2 * WITHIN;
    loop {
        let answer = reqwest::get(url).await.expect("the centre answers");
        let answer: Value = answer.json().await.expect("JSON");
        if is(&answer) {
            return answer;
        }
        assert!(tokio::time::Instant::now() < deadline, "never {what}: {answer:#}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The newest entry of the history that is of this word.
fn entry<'a>(history: &'a Value, word: &str) -> Option<&'a Value> {
    let entries = history["entries"].as_array()?;
    entries.iter().find(|entry| entry["state"] == word || entry["condition"] == word)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_that_goes_black_leaves_an_episode_with_three_pictures() {
    let town = Town::with(2, None, |config| {
        config.health.push(HealthRule {
            cameras: vec![Selector::All],
            conditions: vec![Condition::Black],
            raise_after: Some(Duration::from_secs(2)),
            clear_after: Some(Duration::from_secs(2)),
            severity: None,
            watch: None,
        });
    })
    .await;
    let url = |path: &str| format!("http://{}/api/v1/cameras/{path}", town.centre.address());
    town.until_online(1..=2).await;
    let pictures = url("cam-001/pictures");
    let of_kind = |kind: &'static str| {
        move |list: &Value| {
            let list = list.as_array().expect("a list");
            list.iter().any(|picture| picture["kind"].as_str().is_some_and(|k| k.starts_with(kind)))
        }
    };
    until(&pictures, "was a reference learnt", of_kind("reference")).await;

    town.sim.faults().set(1, FaultKind::Black, None).expect("there is a camera 1");
    let history = url("cam-001/history");
    let told = until(&history, "was it black, with a picture", |history| {
        entry(history, "black").is_some_and(|black| black["picture"].is_string())
    })
    .await;
    assert_eq!(entry(&told, "suspect").expect("a state")["conditions"][0], "black");
    let black = entry(&told, "black").expect("it was found");
    assert_eq!((&black["until"], &black["kind"]), (&Value::Null, &json!("condition")));
    assert!(black["evidence"].as_str().is_some_and(|words| !words.is_empty()), "{black}");

    let list: Value = reqwest::get(&pictures).await.expect("an answer").json().await.expect("JSON");
    for kind in ["reference", "event", "current"] {
        assert!(of_kind(kind)(&list), "{kind}: {list:#}");
    }
    let event = black["picture"].as_str().expect("a path");
    let jpeg = reqwest::get(format!("http://{}{event}", town.centre.address())).await;
    let jpeg = jpeg.expect("an answer").bytes().await.expect("all of it");
    assert!(jpeg.starts_with(&[0xff, 0xd8]), "a JPEG of {} bytes", jpeg.len());

    town.sim.faults().clear(1).expect("there is a camera 1");
    let over = until(&history, "was it over", |history| {
        entry(history, "black").is_some_and(|black| black["until"].is_u64())
    })
    .await;
    assert_eq!(entry(&over, "black").expect("still")["cut_short"], false);
    until(&history, "was it online again", |history| history["entries"][0]["state"] == "online")
        .await;
    // The other camera has no part in it.
    let other: Value =
        reqwest::get(url("cam-002/history")).await.expect("one").json().await.expect("JSON");
    assert_eq!(entry(&other, "black"), None);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_leaves_a_time_of_which_nothing_is_known_and_forgets_no_order() {
    /// The service is away for so long.
    const AWAY: Duration = Duration::from_secs(4);

    let sim = served::simulator(2).await;
    let mut premises = Premises::new();
    premises.cameras_of(&sim, 1..=2);
    premises.write("");
    let started_at = now_us();
    let mut served = Served::start(&premises.config()).await;
    served.until_online(1..=2).await;
    let api = |served: &Served, path: &str| format!("http://{}/api/v1/{path}", served.address());
    let order =
        json!({"scope": "cam-002", "until": now_us() + 3_600_000_000, "reason": "a new lens"});
    let client = reqwest::Client::new();
    let answer = client.post(api(&served, "maintenance")).json(&order).send().await.expect("one");
    assert_eq!(answer.status(), 201);
    let order: Value = answer.json().await.expect("JSON");
    served.until(2, "was out of service", |camera| camera["state"] == "maintenance").await;
    sim.faults().set(1, FaultKind::Stall, None).expect("there is a camera 1");
    let history = api(&served, "cameras/cam-001/history");
    until(&history, "was it stalled", |history| entry(history, "stalled").is_some()).await;

    served.signal("KILL");
    let _ = served.ended().await;
    let killed_at = now_us();
    sim.faults().clear(1).expect("there is a camera 1");
    tokio::time::sleep(AWAY).await;
    let again_at = now_us();
    let served = Served::start(&premises.config()).await;
    served.until_online([1]).await;

    let history = api(&served, "cameras/cam-001/history");
    let told =
        until(&history, "was it online", |history| history["entries"][0]["state"] == "online")
            .await;
    let stalled = told["entries"].as_array().expect("a list").iter();
    let stalled: Vec<&Value> =
        stalled.filter(|e| e["state"] == "stalled" || e["condition"] == "stalled").collect();
    assert_eq!(stalled.len(), 2, "{told:#}");
    for entry in stalled {
        assert!(entry["until"].as_u64().expect("it is over") <= killed_at, "{entry}");
        assert!(entry["at"].as_u64().expect("a time") >= started_at, "{entry}");
        assert_eq!(entry["cut_short"], json!(entry["kind"] == "condition"), "{entry}");
    }
    let month: Value = until(&api(&served, "availability"), "asked", |_| true).await;
    let known_s = month["cameras"][0]["known_s"].as_f64().expect("seconds");
    let ran_s = (now_us() - started_at - (again_at - killed_at)) as f64 / 1e6;
    assert!(known_s > 0.0 && known_s <= ran_s, "{known_s} s of {ran_s} s");
    assert!(month["cameras"][0]["not_available_s"].as_f64() > Some(0.0), "{month:#}");

    let two = served.until(2, "is still out of service", |c| c["state"] == "maintenance").await;
    assert_eq!(two["maintenance"]["id"], order["id"]);
    let ended = client.delete(api(&served, &format!("maintenance/{}", order["id"]))).send().await;
    assert_eq!(ended.expect("an answer").status(), 200);
    served.until_online([2]).await;
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_cannot_be_is_refused_with_the_reason_and_changes_nothing() {
    let town = Town::new(1).await;
    let url = format!("http://{}/api/v1/maintenance", town.centre.address());
    let client = reqwest::Client::new();
    let soon = now_us() + 60_000_000;
    for (body, says) in [
        (json!({"scope": "cam-999", "until": soon, "reason": "x"}), "There is no camera cam-999"),
        (
            json!({"scope": "site:nowhere", "until": soon, "reason": "x"}),
            "There is no site nowhere",
        ),
        (json!({"scope": "*", "until": 5, "reason": "x"}), "ends in the past"),
        (json!({"scope": "*", "until": soon * 2, "reason": "x"}), "more than a year"),
        (json!({"scope": "*", "until": soon, "reason": "  "}), "1 to 500 characters"),
    ] {
        let answer = client.post(&url).json(&body).send().await.expect("an answer");
        assert_eq!(answer.status(), 422, "{body}");
        let problem: Value = answer.json().await.expect("JSON");
        assert!(problem["detail"].as_str().is_some_and(|s| s.contains(says)), "{problem}");
    }
    let ended = client.delete(format!("{url}/12345")).send().await.expect("an answer");
    assert_eq!(ended.status(), 404);
    assert_eq!(town.get("/api/v1/maintenance").await, json!([]));
    town.stop().await;
}
