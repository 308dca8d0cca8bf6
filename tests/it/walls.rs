//! Walls driven over HTTP and the control socket, at a whole centre without a camera that answers.

use std::path::Path;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use watchwall::{
    config::{Config, Environment, Passwords},
    service::{Centre, Options, SignIn, demo},
};

use crate::{centre::Client, town::WITHIN};

/// Two screens, a preset, and a button whose alarms take cells.
const WALL: &str = r#"
[[camera]]
id = "cam-001"
number = 101
name = "1"
url = "rtsp://192.0.2.1/sub"

[[wall]]
id = "main"
cameras = ["*"]
dwell_s = 3

[[wall.screen]]
id = "left"
layout = "2x2"

[[wall.screen]]
id = "right"
column = 1
layout = "1x1"

[[wall.preset]]
id = "night"
screens.right.cameras = ["cam-001"]

[[wall]]
id = "other"
cameras = ["*"]

[[alert]]
id = "buttons"
kinds = ["panic-button"]
priority = "high"
"#;

struct Hall {
    centre: Centre,
    folder: TempDir,
}

fn config(folder: &Path) -> Config {
    let loopback = ([127, 0, 0, 1], 0).into();
    let nobody = ([127, 0, 0, 1], 9).into();
    let environment = Environment::default();
    let written = Config::parse("wall.toml", WALL, &environment, &Passwords::Unread);
    let written = written.unwrap_or_else(|faults| panic!("{faults}"));
    let mut config = demo::config(9, nobody, loopback, folder);
    (config.walls, config.alert_rules) = (written.walls, written.alert_rules);
    config
}

async fn centre(folder: &Path) -> Centre {
    let exe = env!("CARGO_BIN_EXE_watchwall").into();
    let options = Options {
        config: config(folder),
        file: None,
        exe,
        log: "warn".to_owned(),
        seed: 1,
        sign_in: SignIn::Open,
    };
    Centre::start(options).await.expect("the centre starts")
}

impl Hall {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { centre: centre(folder.path()).await, folder }
    }

    async fn restarted(self) -> Self {
        self.centre.stop().await;
        Self { centre: centre(self.folder.path()).await, folder: self.folder }
    }

    async fn get(&self, path: &str) -> Value {
        let url = format!("http://{}/api/v1/{path}", self.centre.address());
        reqwest::get(url).await.expect("an answer").json().await.expect("JSON")
    }

    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let url = format!("http://{}/api/v1/{path}", self.centre.address());
        let answer = reqwest::Client::new().post(url).json(&body).send().await.expect("an answer");
        (answer.status(), answer.json().await.expect("JSON"))
    }

    async fn tell(&self, body: Value) -> (StatusCode, Value) {
        self.post("walls/main/commands", body).await
    }

    async fn control(&self) -> Client {
        let address = self.centre.address();
        let request = format!("ws://{address}/api/v1/control").into_client_request();
        let mut request = request.expect("a URL");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", "watchwall.v1".parse().expect("plain"));
        let stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
        let (socket, _) =
            tokio_tungstenite::client_async(request, stream).await.expect("a control socket");
        Client { socket }
    }

    /// The wall, once it is as `is` says.
    async fn until(&self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        let deadline = tokio::time::Instant::now() + WITHIN;
        loop {
            let wall = self.get("walls/main").await;
            if is(&wall) {
                return wall;
            }
            assert!(tokio::time::Instant::now() < deadline, "the wall never {what}: {wall}");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }
}

/// What the cells of a screen show: handles, which count from 1 as the cameras do.
fn cells(wall: &Value, screen: usize) -> Vec<Option<u64>> {
    let cells = wall["screens"][screen]["cells"].as_array().expect("cells");
    cells.iter().map(|cell| cell["camera"].as_u64()).collect()
}

fn show(camera: &str, screen: &str, cell: usize) -> Value {
    json!({"command": "show", "camera": camera, "screen": screen, "cell": cell})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wall_is_driven_over_http_and_says_why_it_does_not() {
    let hall = Hall::new().await;
    let wall = hall.get("walls/main").await;
    assert_eq!(cells(&wall, 0), [1, 2, 3, 4].map(Some));
    assert_eq!((cells(&wall, 1), &wall["cells"]), (vec![Some(5)], &json!([1, 2, 3, 4, 5])));
    assert_eq!(wall["screens"][1]["layout"], "1x1");
    let revision = wall["revision"].as_u64().expect("a number");

    let (status, wall) = hall.tell(show("cam-009", "left", 2)).await;
    assert_eq!(status, StatusCode::OK, "{wall}");
    assert_eq!(cells(&wall, 0), [1, 2, 9, 4].map(Some));
    assert_eq!(wall["revision"], revision + 1);
    assert_eq!(wall["screens"][0]["cells"][2]["by"], "anonymous");
    assert_eq!(wall, hall.get("walls/main").await);

    let (status, _) = hall.tell(json!({"command": "pin", "screen": "left", "cell": 2})).await;
    assert_eq!(status, StatusCode::OK);
    let stale = json!({"command": "reset", "revision": revision});
    for (body, expected) in [
        (show("cam-001", "left", 2), StatusCode::CONFLICT),
        (stale, StatusCode::CONFLICT),
        (show("cam-099", "left", 0), StatusCode::NOT_FOUND),
        (show("cam-001", "middle", 0), StatusCode::NOT_FOUND),
        (show("cam-001", "left", 4), StatusCode::NOT_FOUND),
        (json!({"command": "preset", "preset": "noon"}), StatusCode::NOT_FOUND),
        (json!({"command": "dance"}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({"command": "pin", "screen": "left"}), StatusCode::UNPROCESSABLE_ENTITY),
        (
            json!({"command": "layout", "screen": "left", "layout": "0x9"}),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
    ] {
        let (status, problem) = hall.tell(body.clone()).await;
        assert_eq!(status, expected, "{body}: {problem}");
        assert!(problem["detail"].as_str().is_some_and(|said| said.ends_with('.')), "{problem}");
    }
    let (status, _) = hall.post("walls/none/commands", json!({"command": "reset"})).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(hall.get("walls/main").await["revision"], revision + 2);

    let audit = hall.get("audit").await;
    let rows = audit["audit"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["action"] == "wall-show").expect("it is written down");
    assert_eq!(
        (&row["object"], &row["detail"]["camera"], &row["address"]),
        (&json!("wall:main"), &json!("cam-009"), &json!("127.0.0.1"))
    );
    hall.centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_on_a_socket_is_answered_and_told_to_every_socket() {
    let hall = Hall::new().await;
    let (mut console, mut screen) = (hall.control().await, hall.control().await);
    let before = screen.json_of("wall").await["revision"].as_u64().expect("a number");
    let mut command = show("cam-008", "right", 0);
    for (key, value) in [("type", "command"), ("wall", "main"), ("request", "r1")] {
        command[key] = value.into();
    }
    console.say(command.to_string()).await;
    let done = console.json_of("done").await;
    assert_eq!(done["request"], "r1");
    assert_eq!(cells(&done["wall"], 1), [Some(8)]);
    let told = loop {
        let wall = screen.json_of("wall").await;
        if wall["id"] == "main" && wall["revision"].as_u64() > Some(before) {
            break wall;
        }
    };
    assert_eq!(cells(&told, 1), [Some(8)]);
    (command["cell"], command["request"]) = (7.into(), "r2".into());
    console.say(command.to_string()).await;
    let error = console.json_of("error").await;
    assert_eq!((&error["request"], &error["problem"]["status"]), (&json!("r2"), &json!(404)));
    hall.centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_whose_answer_was_lost_is_sent_again_and_done_once_over_http_and_sockets() {
    let hall = Hall::new().await;
    let mut show_once = show("cam-009", "left", 0);
    show_once["request"] = "r-1".into();
    let (status, first) = hall.tell(show_once.clone()).await;
    assert_eq!((status, cells(&first, 0)[0]), (StatusCode::OK, Some(9)));
    let (_, since) = hall.tell(show("cam-008", "left", 0)).await;
    assert_eq!(hall.tell(show_once.clone()).await, (StatusCode::OK, first.clone()));
    let mut console = hall.control().await;
    let mut again = show_once.clone();
    for (key, value) in [("type", "command"), ("wall", "main")] {
        again[key] = value.into();
    }
    console.say(again.to_string()).await;
    let done = console.json_of("done").await;
    assert_eq!(
        (&done["request"], &done["wall"]),
        (&json!("r-1"), &first),
        "whichever way it comes"
    );

    // The same name is not another command's, also not the same one of another wall.
    let mut other = show("cam-009", "left", 1);
    other["request"] = "r-1".into();
    let (status, problem) = hall.tell(other).await;
    assert_eq!(status, StatusCode::CONFLICT, "{problem}");
    assert!(problem["detail"].as_str().is_some_and(|said| said.contains("request")), "{problem}");
    assert_eq!(hall.post("walls/other/commands", show_once).await.0, StatusCode::CONFLICT);
    for request in [json!(""), json!("x".repeat(65)), json!(7)] {
        let body = json!({"command": "reset", "request": request});
        assert_eq!(hall.tell(body).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{request}");
    }
    assert_eq!(hall.get("walls/main").await, since, "nothing of it changed the wall");
    let audit = hall.get("audit").await;
    let shown = audit["audit"].as_array().expect("rows").iter();
    assert_eq!(shown.filter(|row| row["action"] == "wall-show").count(), 2);
    // What comes over a socket is written down as fully as what comes over HTTP.
    let pin = json!({"type": "command", "wall": "main", "command": "pin", "screen": "left",
        "cell": 1});
    console.say(pin.to_string()).await;
    console.json_of("done").await;
    let audit = hall.get("audit").await;
    let pinned = &audit["audit"][0];
    assert_eq!((&pinned["action"], &pinned["address"]), (&json!("wall-pin"), &json!("127.0.0.1")));
    hall.centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_the_wall_and_the_history_knows_it_at_any_time() {
    let hall = Hall::new().await;
    let (_, first) = hall.tell(show("cam-007", "right", 0)).await;
    assert_eq!(cells(&first, 1), [Some(7)]);
    let changes = hall.get("walls/main/history").await;
    let shown = changes["changes"].as_array().expect("changes").last().expect("one").clone();
    assert_eq!((&shown["what"], &shown["by"]), (&json!("show"), &json!("anonymous")));
    let keep = json!({"command": "keep", "id": "mine", "name": "Của tôi"});
    assert_eq!(hall.tell(keep).await.0, StatusCode::OK);
    let (_, last) = hall.tell(json!({"command": "preset", "preset": "night"})).await;
    assert_eq!((cells(&last, 1), &last["preset"]), (vec![Some(1)], &json!("night")));
    let tour = json!({"command": "tour", "screen": "left", "cell": 0,
        "cameras": ["cam-005", "cam-006"], "dwell_s": 3});
    assert_eq!(hall.tell(tour).await.0, StatusCode::OK);
    let stepped = hall.until("stepped", |wall| cells(wall, 0)[0] == Some(6)).await;
    let step = stepped["revision"].as_u64().expect("a number");

    let hall = hall.restarted().await;
    let wall = hall.get("walls/main").await;
    assert_eq!((cells(&wall, 1), &wall["preset"]), (vec![Some(1)], &json!("night")));
    assert_eq!(wall["screens"][0]["cells"][0]["why"], "tour");
    assert_eq!(wall["presets"][1], json!({"id": "mine", "name": "Của tôi"}));

    let at = |change: &Value| format!("walls/main/history?at={}", change["at"]);
    let then = hall.get(&at(&shown)).await;
    assert_eq!((cells(&then["wall"], 1), &then["revision"]), (vec![Some(7)], &shown["revision"]));
    assert!(then["until"].as_u64() >= then["since"].as_u64(), "{then}");
    let changes = hall.get("walls/main/history?limit=1000").await;
    let changes = changes["changes"].as_array().expect("changes");
    let revisions: Vec<u64> =
        changes.iter().map(|change| change["revision"].as_u64().expect("a number")).collect();
    assert!(revisions.windows(2).all(|pair| pair[1] == pair[0] + 1), "{revisions:?}");
    // What it is called depends on what else moved then: alerts of cameras that are not there.
    let step = changes.iter().find(|change| change["revision"] == step).expect("it is there");
    assert_eq!(cells(&hall.get(&at(step)).await["wall"], 0)[0], Some(6));
    let nothing = hall.get("walls/main/history?at=1").await;
    assert_eq!(nothing["status"], 404, "{nothing}");
    hall.centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_takes_a_cell_and_gives_it_back() {
    let hall = Hall::new().await;
    let event = json!({"system": "buttons", "key": "1", "kind": "panic-button",
        "camera": "cam-009", "text": "pressed"});
    let (status, taken) = hall.post("events", event).await;
    assert!(status.is_success(), "{taken}");
    let has = |wall: &Value| cells(wall, 0).contains(&Some(9)) || cells(wall, 1) == [Some(9)];
    let wall = hall.until("showed the alert's camera", has).await;
    let cell = wall["screens"].as_array().expect("screens").iter().find_map(|screen| {
        screen["cells"].as_array()?.iter().find(|cell| cell["camera"] == 9).cloned()
    });
    let cell = cell.expect("it is shown");
    assert_eq!((&cell["why"], &cell["alert"]), (&json!("alert"), &taken["alert"]));
    let id = taken["alert"].as_str().expect("an id");
    let path = format!("alerts/{id}/resolve");
    let (status, _) = hall.post(&path, json!({"disposition": "false"})).await;
    assert_eq!(status, StatusCode::OK);
    let audit = hall.get("audit").await;
    let rows = audit["audit"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["action"] == "resolve").expect("it is written down");
    assert_eq!(row["address"], "127.0.0.1");
    let wall = hall.until("gave the cell back", |wall| !has(wall)).await;
    assert_eq!((cells(&wall, 0), cells(&wall, 1)), ([1, 2, 3, 4].map(Some).into(), vec![Some(5)]));
    hall.centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_camera_is_on_no_wall_and_there_for_nobody_but_the_named_roles() {
    let hall = Hall::new().await;
    let mut socket = hall.control().await;
    let cameras = socket.json_of("cameras").await;
    assert_eq!(cameras["cameras"].as_array().map(Vec::len), Some(9));
    let block = |roles: &[&str]| {
        json!({"command": "block", "camera": "cam-002",
            "reason": "by order", "roles": roles})
    };
    let (status, wall) = hall.tell(block(&["admin"])).await;
    assert_eq!(status, StatusCode::OK, "{wall}");
    assert_eq!((cells(&wall, 0)[1], &wall["blocked"]), (None, &json!([2])));
    let other = hall.get("walls/other").await;
    assert!(!cells(&other, 0).contains(&Some(2)), "{other}");
    assert_eq!(hall.get("cameras/cam-002").await["id"], "cam-002", "an admin sees it");
    assert_eq!(hall.tell(show("cam-002", "left", 0)).await.0, StatusCode::CONFLICT);

    // Everybody is an admin here.
    assert_eq!(hall.tell(block(&["supervisor"])).await.0, StatusCode::OK);
    assert_eq!(hall.get("cameras/cam-002").await["status"], 404);
    assert_eq!(hall.tell(show("cam-002", "left", 0)).await.0, StatusCode::NOT_FOUND);
    while socket.json_of("cameras").await["cameras"].as_array().map(Vec::len) != Some(8) {}

    let hall = hall.restarted().await;
    assert_eq!(hall.get("cameras/cam-002").await["status"], 404, "a restart keeps it");
    let (status, wall) = hall.tell(json!({"command": "unblock", "camera": "cam-002"})).await;
    assert_eq!((status, cells(&wall, 0)[1]), (StatusCode::OK, Some(2)));
    assert_eq!(hall.get("cameras/cam-002").await["id"], "cam-002");
    hall.centre.stop().await;
}
