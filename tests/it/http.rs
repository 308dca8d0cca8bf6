//! The API, the pages and the control socket, over real connections.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;
use watchwall::{
    desk::view::{Change, SiteView},
    domain::{
        camera::{Handle, State},
        time::UnixMicros,
    },
    http::{App, ControlPolicy, WorkerFigures},
    hub::fanout::Policy,
};

use crate::centre::{Centre, WITHIN, camera, slug};

/// Checks a problem document and gives its sentence.
async fn problem(response: reqwest::Response, status: u16) -> String {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let problem: Value = response.json().await.expect("JSON");
    assert_eq!((&problem["status"], &problem["type"]), (&status.into(), &"about:blank".into()));
    problem["detail"].as_str().expect("a sentence").to_owned()
}

async fn ids(centre: &Centre, query: &str) -> Vec<String> {
    let list: Vec<Value> =
        centre.get(&format!("/api/v1/cameras{query}")).await.json().await.expect("a list");
    list.iter().map(|camera| camera["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn cameras_are_listed_by_number_and_found_without_marks() {
    let centre = Centre::start(5).await;
    assert_eq!(ids(&centre, "").await.len(), 5);
    for (query, found) in [
        ("?q=dong%20loc", &["cam-001"][..]),
        ("?q=%C4%90%E1%BB%93ng", &["cam-001"]),
        ("?q=CAM-004", &["cam-004"]),
        ("?q=103", &["cam-003"]),
        ("?site=ky-anh", &["cam-002", "cam-004"]),
        ("?site=ky-anh&state=online", &["cam-004"]),
        ("?state=offline", &["cam-002"]),
        ("?q=nowhere", &[]),
    ] {
        assert_eq!(ids(&centre, query).await, found, "{query}");
    }
    let one: Value = centre.get("/api/v1/cameras/cam-001").await.json().await.expect("JSON");
    assert_eq!(
        (&one["handle"], &one["number"], &one["state"]),
        (&1.into(), &101.into(), &"online".into())
    );
    assert!(
        problem(centre.get("/api/v1/cameras?state=sleepy").await, 400)
            .await
            .contains("waiting-keyframe")
    );
}

#[tokio::test]
async fn walls_are_listed_and_the_root_leads_to_the_first() {
    let centre = Centre::start(2).await;
    let walls: Value = centre.get("/api/v1/walls").await.json().await.expect("JSON");
    assert_eq!(walls[0]["cells"], json!([1, 2]));
    let wall: Value = centre.get("/api/v1/walls/main").await.json().await.expect("JSON");
    assert_eq!(wall, walls[0]);
    let root = centre.get("/").await;
    assert_eq!(
        (root.status().as_u16(), &root.headers()["location"]),
        (307, &"/wall/main".parse().expect("plain"))
    );
    centre.view.walls.store(Arc::default());
    assert!(problem(centre.get("/").await, 404).await.contains("[[wall]]"));
}

#[tokio::test]
async fn a_snapshot_tells_when_it_was_taken() {
    let centre = Centre::start(3).await;
    let snapshot = centre.get("/api/v1/cameras/cam-001/snapshot.jpg?width=640").await;
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("x-captured-at", "1994-11-06T08:49:37.000125Z"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(snapshot.headers()[name], value);
    }
    assert_eq!(snapshot.text().await.expect("bytes"), "jpeg 1 Some(640)");
    let wall = centre.get("/api/v1/walls/main/snapshot.jpg").await;
    assert_eq!(wall.text().await.expect("bytes"), "wall main");
    problem(centre.get("/api/v1/cameras/cam-002/snapshot.jpg").await, 503).await;
}

#[tokio::test]
async fn whatever_is_wrong_is_a_problem_document_with_a_sentence() {
    let centre = Centre::start(3).await;
    for path in [
        "/nowhere",
        "/api/v1/cameras/no-such",
        "/api/v1/cameras/NO",
        "/api/v1/walls/none",
        "/api/v1/walls/none/snapshot.jpg",
        "/wall/none",
        "/assets/none.js",
        "/assets/../Cargo.toml",
    ] {
        assert!(problem(centre.get(path).await, 404).await.len() > 20, "{path}");
    }
    problem(centre.get("/api/v1/cameras/cam-001/snapshot.jpg?width=wide").await, 400).await;
    problem(centre.get("/api/v1/control").await, 426).await;
    problem(centre.get("/api/v1/media").await, 426).await;
    let client = reqwest::Client::new();
    let wrong_method =
        client.delete(centre.url("/api/v1/cameras")).send().await.expect("an answer");
    assert!(wrong_method.headers()["allow"].to_str().expect("plain").contains("GET"));
    problem(wrong_method, 405).await;
    let large =
        client.post(centre.url("/api/v1/cameras/import?dry_run=true")).body("x".repeat(2 << 20));
    problem(large.send().await.expect("an answer"), 413).await;
    // The third camera's snapshot panics; the service goes on.
    assert!(
        !problem(centre.get("/api/v1/cameras/cam-003/snapshot.jpg").await, 500)
            .await
            .contains("fault in a handler")
    );
    assert_eq!(centre.get("/healthz").await.status(), 200);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let centre = Centre::start(1).await;
    for path in ["/healthz", "/api/v1/cameras", "/nowhere", "/wall/main", "/"] {
        let answer = centre.get(path).await;
        let policy = answer.headers()["content-security-policy"].to_str().expect("plain");
        for rule in [
            "default-src 'none'",
            "script-src 'self'",
            "img-src 'self' blob:",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"));
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
    }
}

#[tokio::test]
async fn an_asset_is_not_sent_again_while_it_is_the_same() {
    let centre = Centre::start(1).await;
    // There in every checkout; pages are there once they were built.
    let first = centre.get("/assets/.gitkeep").await;
    assert_eq!(first.status(), 200);
    let tag = first.headers()["etag"].clone();
    let again =
        reqwest::Client::new().get(centre.url("/assets/.gitkeep")).header("if-none-match", tag);
    assert_eq!(again.send().await.expect("an answer").status(), 304);
    let page = centre.get("/wall/main").await;
    if page.status() == 503 {
        assert!(problem(page, 503).await.contains("make web"));
    } else {
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    }
}

#[tokio::test]
async fn json_is_compressed_for_those_who_take_it_and_pictures_are_not() {
    let centre = Centre::start(50).await;
    let client = reqwest::Client::new();
    let ask = |path: &str| client.get(centre.url(path)).header("accept-encoding", "gzip").send();
    assert_eq!(
        ask("/api/v1/cameras").await.expect("an answer").headers()["content-encoding"],
        "gzip"
    );
    let picture = ask("/api/v1/cameras/cam-001/snapshot.jpg").await.expect("an answer");
    assert!(!picture.headers().contains_key("content-encoding"));
}

#[tokio::test]
async fn the_service_is_ready_once_store_and_workers_are() {
    let centre = Centre::start(1).await;
    assert!(problem(centre.get("/readyz").await, 503).await.contains("store"));
    let readiness = &centre.app.readiness;
    readiness.store_open.store(true, Ordering::Relaxed);
    readiness.ingest_workers.store(1, Ordering::Relaxed);
    assert!(problem(centre.get("/readyz").await, 503).await.contains("decode"));
    readiness.decode_workers.store(1, Ordering::Relaxed);
    assert_eq!(centre.get("/readyz").await.status(), 200);
}

#[tokio::test]
async fn metrics_tell_of_cameras_viewers_screens_and_workers() {
    let centre = Centre::start(2).await;
    centre.app.workers.set(vec![WorkerFigures {
        kind: "decode",
        index: 0,
        restarts: 2,
        memory_bytes: 40 << 20,
    }]);
    let mut viewer = centre.media().await;
    viewer.say(r#"{"type":"subscribe","tiles":{"cameras":["*"],"width":320}}"#).await;
    centre.publish(1, 320, 1, 1000);
    viewer.tile().await;
    centre.figures_after(1).await;
    let mut screen = centre.control().await;
    screen.say(r#"{"type":"painted","wall":"main","screen":"left","tiles":[[1,1]]}"#).await;
    screen.say(r#"{"type":"command"}"#).await;
    screen.json_of("error").await;
    let text = centre.get("/metrics").await.text().await.expect("text");
    for line in [
        r#"watchwall_camera_state{camera="cam-002",state="offline"} 1.0"#,
        r#"watchwall_camera_state{camera="cam-002",state="online"} 0.0"#,
        r#"watchwall_camera_reconnects_total{camera="cam-001"} 3"#,
        r#"watchwall_viewer_sent_total{viewer="1",lane="tiles"} 1"#,
        r#"watchwall_media_skipped_total{lane="tiles"} 0"#,
        r#"watchwall_screen_painted_tiles{wall="main",screen="left"} 1.0"#,
        r#"watchwall_worker_restarts_total{kind="decode",index="0"} 2"#,
        "# EOF",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(text.contains("watchwall_frame_to_socket_seconds_bucket"));
}

#[tokio::test]
async fn the_description_names_every_endpoint() {
    let centre = Centre::start(1).await;
    let description: Value = centre.get("/api/v1/openapi.json").await.json().await.expect("JSON");
    for path in [
        "/api/v1/cameras",
        "/api/v1/cameras/{id}",
        "/api/v1/cameras/{id}/snapshot.jpg",
        "/api/v1/walls",
        "/api/v1/walls/{id}",
        "/api/v1/walls/{id}/snapshot.jpg",
        "/api/v1/cameras/import",
        "/metrics",
        "/healthz",
        "/readyz",
        "/api/v1/control",
        "/api/v1/media",
    ] {
        assert!(description["paths"][path].is_object(), "{path}");
    }
    let main = &description["components"]["schemas"]["MainView"]["properties"];
    assert!(main["state"].is_object() && main["reason"].is_object(), "{main}");
    let states = &description["components"]["schemas"]["MainState"]["enum"];
    assert_eq!(*states, serde_json::json!(["connecting", "playing", "offline"]));
}

#[tokio::test]
async fn sockets_open_for_the_right_origin_and_subprotocol_only() {
    let centre = Centre::start(1).await;
    let own = centre.url("");
    let local = format!("http://localhost:{}", centre.address.port());
    for (path, protocol) in
        [("/api/v1/control", "watchwall.v1"), ("/api/v1/media", "watchwall.media.v1")]
    {
        for origin in [None, Some(own.as_str()), Some(&local), Some("https://wall.example")] {
            assert!(centre.socket(path, protocol, origin).await.is_ok(), "{path} {origin:?}");
        }
        for origin in [
            "http://evil.example",
            "https://wall.example:444",
            "http://wall.example",
            "null",
            "http://127.0.0.1",
        ] {
            let refused = centre.socket(path, protocol, Some(origin)).await.err().expect(origin);
            assert_eq!(refused.status(), 403, "{path} {origin}");
            assert_eq!(refused.headers()["content-type"], "application/problem+json");
        }
        let refused = centre.socket(path, "other.v1", None).await.err().expect("refused");
        assert_eq!(refused.status(), 400, "{path}");
    }
}

#[tokio::test]
async fn a_page_that_was_made_to_resolve_to_this_machine_reads_nothing() {
    let centre = Centre::start(1).await;
    let ask = |host: &str| {
        reqwest::Client::new().get(centre.url("/api/v1/cameras")).header("host", host).send()
    };
    problem(ask("evil.example:8080").await.expect("an answer"), 421).await;
    for host in ["localhost", "127.0.0.1:1", "wall.example", "[::1]:80"] {
        assert_eq!(ask(host).await.expect("an answer").status(), 200, "{host}");
    }
}

#[tokio::test]
async fn a_console_hears_the_whole_state_first_and_changes_afterwards() {
    let centre = Centre::start(3).await;
    let mut console = centre.control().await;
    let hello = console.json().await;
    assert_eq!(hello["type"], "hello");
    assert_eq!(
        (&hello["user"], &hello["role"], &hello["alert_head"]),
        (&"anonymous".into(), &"admin".into(), &0.into())
    );
    assert!(hello["server_time"].as_u64().expect("a time") > 1_700_000_000_000_000);
    let cameras = console.json().await;
    assert_eq!(
        (&cameras["type"], cameras["cameras"].as_array().map(Vec::len)),
        (&"cameras".into(), Some(3))
    );
    assert_eq!(console.json().await, json!({"type": "sites", "sites": []}));
    let wall = console.json().await;
    assert_eq!(
        (&wall["type"], &wall["id"], &wall["cells"]),
        (&"wall".into(), &"main".into(), &json!([1, 2, 3]))
    );

    let changed =
        Arc::new(watchwall::desk::view::CameraView { state: State::Stalled, ..camera(3) });
    centre.view.cameras.insert(Handle(3), changed.clone());
    centre.view.tell(Change::Camera(changed));
    let camera = console.json().await;
    assert_eq!(
        (&camera["type"], &camera["id"], &camera["state"]),
        (&"camera".into(), &"cam-003".into(), &"stalled".into())
    );
    let site = SiteView {
        id: slug("ky-anh"),
        name: "Kỳ Anh".to_owned(),
        parent: None,
        cameras: 3,
        watchable: 0,
        down_since: Some(UnixMicros(7)),
        evidence: Some("3 of 3 cameras were lost within 4 s".to_owned()),
    };
    centre.view.sites.store(Arc::new(vec![Arc::new(site)]));
    centre.view.tell(Change::Sites);
    let sites = console.json().await;
    assert_eq!((&sites["type"], &sites["sites"][0]["id"]), (&"sites".into(), &"ky-anh".into()));
    assert_eq!(sites["sites"][0]["down_since"], 7);
    centre.view.cameras.remove(&Handle(2));
    centre.view.tell(Change::Cameras);
    let cameras = console.json_of("cameras").await;
    assert_eq!(cameras["cameras"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_console_that_falls_behind_gets_the_whole_state_instead_of_every_change() {
    let centre = Centre::start(1).await;
    let mut console = centre.control().await;
    console.json_of("wall").await;
    // More than the view keeps, told faster than anything is sent.
    for number in 0..5000 {
        let changed = Arc::new(watchwall::desk::view::CameraView { number, ..camera(1) });
        centre.view.cameras.insert(Handle(1), changed.clone());
        centre.view.tell(Change::Camera(changed));
    }
    let mut heard = 0;
    loop {
        let message = console.json().await;
        heard += 1;
        let number = match message["type"].as_str() {
            Some("cameras") => message["cameras"][0]["number"].clone(),
            _ => message["number"].clone(),
        };
        if number == 4999 {
            break;
        }
    }
    assert!(heard < 2500, "{heard} messages");
}

#[tokio::test]
async fn heartbeats_come_and_what_a_console_says_is_understood() {
    let quick = ControlPolicy { heartbeat: Duration::from_millis(50), ..ControlPolicy::default() };
    let centre = Centre::start_with(1, Policy::default(), |app| app.control = quick).await;
    let mut console = centre.control().await;
    assert_eq!(console.json_of("heartbeat").await["alert_head"], 0);
    for said in [
        r#"{"type":"resume","after":0}"#,
        r#"{"type":"received","seq":0}"#,
        r#"{"type":"painted","wall":"main","screen":"left","tiles":[[1,7],[2,9]]}"#,
    ] {
        console.say(said).await;
    }
    for (said, status) in [
        ("{", 400),
        (r#"{"type":"painted","wall":"NO","screen":"x","tiles":[]}"#, 400),
        (r#"{"type":"painted","wall":"main","screen":"","tiles":[]}"#, 400),
        (r#"{"type":"command","id":"1","acknowledge":"x"}"#, 400),
        (r#"{"type":"command","command":"acknowledge","id":"1"}"#, 404),
    ] {
        console.say(said).await;
        assert_eq!(console.json_of("error").await["problem"]["status"], status, "{said}");
    }
    let screens = centre.app.read_back.screens();
    assert_eq!(screens.len(), 1);
    assert_eq!((&screens[0].0, screens[0].1.as_str()), (&slug("main"), "left"));
    assert_eq!(screens[0].2.tiles, [(Handle(1), 7), (Handle(2), 9)]);
}

#[tokio::test]
async fn a_console_that_breaks_a_limit_is_closed_with_the_reason() {
    let centre = Centre::start(1).await;
    let many = (0..40).map(|_| Message::text(r#"{"type":"received","seq":0}"#)).collect();
    for (said, code) in [
        (vec![Message::text("x".repeat(65 << 10))], 1009),
        (vec![Message::binary(vec![1])], 1003),
        (many, 1008),
    ] {
        let mut console = centre.control().await;
        for message in said {
            let _ = console.socket.send(message).await;
        }
        assert_eq!(console.closed().await.0, code);
    }
}

#[tokio::test]
async fn a_console_that_takes_nothing_delays_nobody_and_is_cut_off() {
    let quick =
        ControlPolicy { write_within: Duration::from_millis(500), ..ControlPolicy::default() };
    let centre = Centre::start_with(300, Policy::default(), |app| app.control = quick).await;
    let stuck = centre.control().await;
    let mut steady = centre.control().await;
    steady.json_of("wall").await;
    let sockets = || centre.app.sockets_in_use();
    assert_eq!(sockets(), 2);
    let cut = async {
        while sockets() > 1 {
            centre.view.tell(Change::Cameras);
            steady.json_of("cameras").await;
        }
    };
    tokio::time::timeout(WITHIN, cut).await.expect("it is cut off");
    drop(stuck);
}

#[tokio::test]
async fn more_sockets_than_allowed_are_refused_with_the_number() {
    let more = |app: &mut App| *app = app.clone().with_sockets(30);
    let centre = Centre::start_with(1, Policy::default(), more).await;
    let mut open = Vec::new();
    for n in 0..30 {
        open.push(if n % 2 == 0 { centre.media().await } else { centre.control().await });
    }
    let refused =
        centre.socket("/api/v1/media", "watchwall.media.v1", None).await.err().expect("refused");
    assert_eq!(refused.status(), 503);
    let told = String::from_utf8(refused.into_body().unwrap_or_default()).expect("text");
    assert!(told.contains("All 30 sockets"), "{told:?}");
    drop(open);
    let again = async {
        while centre.socket("/api/v1/media", "watchwall.media.v1", None).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(WITHIN, again).await.expect("places come back");
}

#[tokio::test]
async fn a_connection_that_never_asks_is_closed() {
    let centre = Centre::start(1).await;
    let mut silent = tokio::net::TcpStream::connect(centre.address).await.expect("it listens");
    silent.write_all(b"GET /healthz HTTP/1.1\r\nHost: local").await.expect("it is open");
    let mut rest = Vec::new();
    let closed =
        tokio::time::timeout(WITHIN, silent.read_to_end(&mut rest)).await.expect("it is closed");
    assert!(closed.is_ok() || rest.is_empty());
}
