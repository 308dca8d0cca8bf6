//! A camera tried as it stands in a form, at simulated cameras that want a password.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::office::{Office, PASSWORD};
use crate::{served, town::WITHIN};

/// Tries a camera; again while it is too soon after another one.
async fn probe(office: &mut Office, id: &str, body: &Value) -> (u16, Value) {
    let deadline = Instant::now() + WITHIN;
    loop {
        let path = format!("configuration/camera/{id}/probe");
        let (status, told) = office.ask("POST", &path, Some(body.clone())).await;
        let soon = told["detail"].as_str().is_some_and(|detail| detail.contains("a moment ago"));
        if status != 429 || !soon || Instant::now() > deadline {
            return (status, told);
        }
        sleep(Duration::from_millis(500)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_is_tried_as_it_stands_in_the_form_and_nothing_is_written() {
    let mut office = Office::open().await;
    let first = office.text();
    let rtsp = office.sim.rtsp_addr();
    let url = |n: u32| format!("rtsp://{rtsp}/cam/{n:03}/sub");
    let fields = json!({"number": 2, "url": url(2), "username": served::USER});
    let (status, found) =
        probe(&mut office, "new", &json!({"fields": fields, "password": PASSWORD})).await;
    assert_eq!((status, &found["works"]), (200, &json!(true)), "{found}");
    assert_eq!(found["codec"], "H.264");
    assert!(found["width"].as_u64() > Some(100) && found["height"].as_u64() > Some(100), "{found}");
    assert!(found["keyframe_interval_s"].as_f64() > Some(0.1), "{found}");

    // The one that is kept, where nothing else is said.
    let (status, found) = probe(&mut office, "gate", &json!({"fields": {"name": "Cổng"}})).await;
    assert_eq!((status, &found["works"]), (200, &json!(true)), "{found}");
    // To another machine it does not go.
    let elsewhere = json!({"fields": {"url": "rtsp://192.0.2.99/sub", "allow_basic": true}});
    let (status, told) = probe(&mut office, "gate", &elsewhere).await;
    assert_eq!(status, 422, "{told}");
    // Nor is another file's text sent to anybody.
    let (status, found) = probe(
        &mut office,
        "other",
        &json!({"fields": {"number": 3, "url": url(1), "username": served::USER,
                           "password_file": "password"}}),
    )
    .await;
    assert_eq!((status, &found["condition"]), (200, &json!("credentials-rejected")), "{found}");

    let form = json!({"fields": {"number": 1, "url": "http://x/"}});
    let (status, told) = probe(&mut office, "new", &form).await;
    let keys: Vec<_> = Office::mistakes(&told).into_iter().map(|(_, key)| key.to_owned()).collect();
    assert_eq!((status, keys), (422, vec!["camera[1].number".into(), "camera[1].url".into()]));
    let mask = json!({"fields": {}, "password": "***"});
    assert_eq!(probe(&mut office, "gate", &mask).await.0, 422);
    let main = json!({"fields": {}, "stream": "main"});
    assert_eq!(probe(&mut office, "gate", &main).await.0, 422, "it has none");

    assert_eq!(office.text(), first);
    assert!(!office.file.with_file_name("secrets").exists());
    assert_eq!(office.history().await, [] as [Value; 0]);
    let deadline = Instant::now() + WITHIN;
    loop {
        let (_, audit) = office.ask("GET", "audit", None).await;
        let deeds = audit["audit"].as_array().expect("a list").iter();
        let tried: Vec<_> = deeds.filter(|deed| deed["action"] == "config-probe").collect();
        if tried.len() == 3 {
            assert_eq!(tried[0]["object"], "camera:other");
            assert_eq!(tried[0]["detail"]["host"], "127.0.0.1");
            break;
        }
        assert!(Instant::now() < deadline, "{audit}");
        sleep(Duration::from_millis(100)).await;
    }
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_that_rejects_two_tries_is_left_alone_and_two_are_not_tried_at_once() {
    let mut office = Office::open().await;
    let wrong = json!({"fields": {}, "password": "not the password"});
    for _ in 0..2 {
        let (status, found) = probe(&mut office, "gate", &wrong).await;
        assert_eq!((status, &found["condition"]), (200, &json!("credentials-rejected")), "{found}");
        assert_eq!(found["works"], false);
    }
    let (status, told) = probe(&mut office, "gate", &json!({"fields": {}})).await;
    assert_eq!(status, 429, "{told}");
    assert!(told["detail"].as_str().is_some_and(|detail| detail.contains("min")), "{told}");
    assert!(!office.answers.iter().any(|answer| answer.contains("not the password")));

    // An address that swallows what is sent to it: the answer comes all the same, and meanwhile
    // nobody else gets one.
    let nowhere = json!({"fields": {"number": 3, "url": "rtsp://192.0.2.98/sub"}});
    let url = format!("http://{}/api/v1/configuration/camera/x/probe", office.centre.address());
    let ask = || {
        let request = office.client.post(&url).header("content-type", "application/json");
        request.body(nowhere.to_string()).send()
    };
    sleep(Duration::from_secs(2)).await;
    let (one, other) = tokio::join!(ask(), ask());
    let mut codes = [one, other].map(|answer| answer.expect("an answer").status().as_u16());
    codes.sort_unstable();
    assert_eq!(codes, [200, 429]);
    office.close().await;
}
