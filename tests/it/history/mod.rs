//! The past through the API: what happened, figures, pictures, availability, and orders.

mod orders;
mod pictures;
mod town;

use std::sync::Arc;

use reqwest::{Client, Response, header::CONTENT_TYPE};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::mpsc;
use watchwall::{
    desk::{
        command::{Command, Commands, Done, Refused},
        event::Event,
        view::{SiteView, StandingView},
    },
    domain::{
        camera::{Condition, Handle, State},
        health::Severity,
        history::Subject,
        time::UnixMicros,
    },
    hub::fanout::Policy,
    store::Store,
};

use crate::{
    centre::{Centre, camera, slug},
    past::{at, camera as subject, cleared, id, minute, raised, state, write},
    served::now_us,
};

/// An hour, a day, seconds.
const H: u64 = 3600;
const D: u64 = 24 * H;

/// A centre of three cameras with a store, and the commands that reach its desk.
struct Archive {
    centre: Centre,
    store: Store,
    orders: mpsc::Receiver<Event>,
    client: Client,
    _folder: TempDir,
}

impl Archive {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("watchwall.db")).await.expect("a store");
        let (commands, orders) = mpsc::channel(8);
        let kept = store.clone();
        let centre = Centre::start_with(3, Policy::default(), |app| {
            app.store = Some(kept);
            app.commands = Some(Commands::new(commands));
        })
        .await;
        let site = |id: &str, name: &str, parent: Option<&str>, down: Option<u64>| {
            Arc::new(SiteView {
                id: slug(id),
                name: name.to_owned(),
                parent: parent.map(slug),
                cameras: 2,
                watchable: 1,
                down_since: down.map(UnixMicros),
                evidence: down.map(|_| "2 of 2 cameras were lost within 12 s".to_owned()),
            })
        };
        centre.view.sites.store(Arc::new(vec![
            site("ha-tinh", "Hà Tĩnh", None, None),
            site("ky-anh", "Thị xã Kỳ Anh", Some("ha-tinh"), Some(7)),
            site("can-loc", "Can Lộc", Some("ha-tinh"), None),
        ]));
        Self { centre, store, orders, client: Client::new(), _folder: folder }
    }

    /// February 2024, the service up from its 11th to its 21st day: camera 1 well but for an hour
    /// frozen and two days of maintenance, camera 2 refused after a day, camera 3 unheard of.
    async fn with_a_past() -> Self {
        let archive = Self::new().await;
        let store = &archive.store;
        let life = store.begin_life(at(10 * D), true).await.expect("a write");
        let entries = vec![
            state("cam-001", at(10 * D), State::Connecting),
            state("cam-002", at(10 * D), State::Connecting),
            state("cam-001", at(10 * D + H), State::Online),
            state("cam-002", at(10 * D + H), State::Online),
            state("cam-002", at(11 * D + H), State::Offline),
            raised(subject("cam-001"), Condition::Frozen, at(12 * D)),
            state("cam-001", at(12 * D), State::Suspect),
            cleared(subject("cam-001"), Condition::Frozen, at(12 * D), at(12 * D + H)),
            state("cam-001", at(12 * D + H), State::Online),
            state("cam-001", at(14 * D), State::Maintenance),
            state("cam-001", at(16 * D), State::Online),
            raised(Subject::Site(id("ky-anh")), Condition::Unreachable, at(13 * D)),
            cleared(Subject::Site(id("ky-anh")), Condition::Unreachable, at(13 * D), at(14 * D)),
        ];
        write(store, life, at(20 * D), entries).await;
        // The service of now.
        store.begin_life(UnixMicros(now_us()), true).await.expect("a write");
        archive
    }

    async fn get(&self, path: &str) -> Response {
        self.centre.get(path).await
    }

    async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.expect("JSON")
    }

    async fn post(&self, path: &str, body: Value) -> Response {
        let url = self.centre.url(path);
        self.client.post(url).json(&body).send().await.expect("an answer")
    }

    /// Answers the next command as the desk would.
    async fn desk(&mut self, answer: Result<Done, Refused>) -> Command {
        let Some(Event::Command(command, to)) = self.orders.recv().await else {
            panic!("a command")
        };
        to.send(answer).expect("it waits for the answer");
        command
    }
}

async fn detail(answer: Response, status: u16) -> String {
    assert_eq!(answer.status(), status);
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json");
    let problem: Value = answer.json().await.expect("JSON");
    problem["detail"].as_str().expect("a sentence").to_owned()
}

#[tokio::test]
async fn a_cameras_past_is_told_newest_first_in_pages_that_lead_to_each_other() {
    let archive = Archive::with_a_past().await;
    let whole = archive.json("/api/v1/cameras/cam-001/history").await;
    let kinds: Vec<_> = whole["entries"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| {
            let what =
                entry["state"].as_str().or_else(|| entry["condition"].as_str()).expect("a word");
            format!("{} {what}", entry["kind"].as_str().expect("a word"))
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "state online",
            "state maintenance",
            "state online",
            "state suspect",
            "condition frozen",
            "state online",
            "state connecting"
        ]
    );
    let frozen = &whole["entries"][4];
    assert_eq!(frozen["until"], at(12 * D + H).0);
    assert_eq!((&frozen["severity"], &frozen["picture"]), (&json!("verify"), &Value::Null));
    // The service died on the 20th day; what it saw lasted until then.
    assert_eq!(whole["entries"][0]["until"], at(20 * D).0);
    assert_eq!(whole["next"], Value::Null);

    let mut path = "/api/v1/cameras/cam-001/history?limit=2".to_owned();
    let mut entries = Vec::new();
    loop {
        let answer = archive.get(&path).await;
        let link =
            answer.headers().get("link").map(|link| link.to_str().expect("plain").to_owned());
        let page: Value = answer.json().await.expect("JSON");
        entries.extend(page["entries"].as_array().expect("a list").clone());
        let Some(next) = page["next"].as_str() else { break };
        assert_eq!(link, Some(format!("<{next}>; rel=\"next\"")));
        path = next.to_owned();
    }
    assert_eq!(json!(entries), whole["entries"]);
    let day = "from=2024-02-13T00:00:00%2B07:00&to=2024-02-13T00:30:00+07:00";
    let some = archive.json(&format!("/api/v1/cameras/cam-001/history?{day}")).await;
    assert_eq!(some["entries"].as_array().map(Vec::len), Some(2), "{some}");
    let site = archive.json("/api/v1/sites/ky-anh/history").await;
    assert_eq!(site["entries"][0]["condition"], "unreachable");
}

#[tokio::test]
async fn a_past_as_csv_has_its_times_where_the_cameras_are() {
    let archive = Archive::with_a_past().await;
    let answer = archive.get("/api/v1/cameras/cam-002/history?format=csv").await;
    let header = |name: &str| answer.headers()[name].to_str().expect("plain").to_owned();
    assert_eq!(header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(header("content-disposition"), "attachment; filename=\"history-cam-002.csv\"");
    let golden = [
        "id,kind,at,until,seconds,what,severity,conditions,evidence,masked_by,cut_short",
        "cam-002,state,2024-02-12T01:00:00.000+07:00,2024-02-21T00:00:00.000+07:00,774000.000,offline,,refused unstable,the port is closed,,",
        "cam-002,state,2024-02-11T01:00:00.000+07:00,2024-02-12T01:00:00.000+07:00,86400.000,online,,,,,",
        "cam-002,state,2024-02-11T00:00:00.000+07:00,2024-02-11T01:00:00.000+07:00,3600.000,connecting,,,,,",
        "",
    ];
    assert_eq!(answer.text().await.expect("text"), golden.join("\r\n"));
    let answer =
        archive.get("/api/v1/cameras/cam-001/history?format=csv&to=2024-02-13T00:30:00Z").await;
    let text = answer.text().await.expect("text");
    assert!(
        text.contains(",frozen,verify,,\"the same picture 12 times, \"\"live\"\" packets\",,\r\n"),
        "{text}"
    );
}

#[tokio::test]
async fn a_months_parts_sum_to_it_for_cameras_for_sites_and_in_csv() {
    let archive = Archive::with_a_past().await;
    let month = archive.json("/api/v1/availability?month=2024-02").await;
    assert_eq!((&month["from"], &month["to"]), (&json!(at(0).0), &json!(at(29 * D).0)));
    let parts = ["available_s", "suspect_s", "not_available_s", "maintenance_s", "unknown_s"];
    let rows = ["cameras", "sites"].map(|list| month[list].as_array().expect("a list").clone());
    for row in rows.concat().iter().chain([&month["total"]]) {
        let sum: f64 = parts.map(|part| row[part].as_f64().expect("seconds")).iter().sum();
        let cameras = row["cameras"].as_f64().expect("a number");
        assert!((sum - cameras * (29 * D) as f64).abs() < 1e-3, "{row}");
    }
    let of =
        |list: &str, n: usize| parts.map(|part| month[list][n][part].as_f64().expect("one") as u64);
    // Waiting for the first verdict after the start is unknown: the first hour.
    assert_eq!(of("cameras", 0), [10 * D - 2 * D - 2 * H, H, 0, 2 * D, 19 * D + H]);
    assert_eq!(of("cameras", 1), [D, 0, 9 * D - H, 0, 19 * D + H]);
    assert_eq!(of("cameras", 2), [0, 0, 0, 0, 29 * D]);
    assert_eq!(month["cameras"][2]["percent"], Value::Null);
    let percent = month["cameras"][1]["percent"].as_f64().expect("a share");
    assert!((percent - 100.0 * 24.0 / (10.0 * 24.0 - 1.0)).abs() < 1e-9, "{percent}");
    // ky-anh has camera 2, can-loc 1 and 3, and ha-tinh all of them.
    assert_eq!(of("sites", 1), of("cameras", 1));
    assert_eq!(month["sites"][0]["cameras"], 3);
    assert_eq!(month["sites"][0]["available_s"], month["total"]["available_s"]);

    let answer = archive.get("/api/v1/availability?month=2024-02&site=ky-anh&format=csv").await;
    let (from, to) = ("2024-02-01T00:00:00.000+07:00", "2024-03-01T00:00:00.000+07:00");
    let shares = "86400.000,0.000,774000.000,0.000,1645200.000,10.042";
    let golden = [
        "month,from,to,kind,id,number,name,site,cameras,available_s,suspect_s,not_available_s,maintenance_s,unknown_s,percent".to_owned(),
        format!("2024-02,{from},{to},site,ky-anh,,Thị xã Kỳ Anh,ha-tinh,1,{shares}"),
        format!("2024-02,{from},{to},camera,cam-002,102,Cổng trường 2,ky-anh,1,{shares}"),
        format!("2024-02,{from},{to},total,*,,all cameras,,1,{shares}"),
        String::new(),
    ];
    assert_eq!(answer.text().await.expect("text"), golden.join("\r\n"));
}

#[tokio::test]
async fn a_camera_in_detail_is_a_camera_with_figures_references_and_its_month() {
    let archive = Archive::new().await;
    let now = UnixMicros(now_us());
    let life = archive.store.begin_life(now, true).await.expect("a write");
    let online = state("cam-001", now, State::Online);
    write(&archive.store, life, now, vec![online, minute("cam-001", now, 12.5)]).await;
    let detail = archive.json("/api/v1/cameras/cam-001").await;
    let view = serde_json::to_value(camera(1)).expect("JSON");
    for (field, value) in view.as_object().expect("an object") {
        assert_eq!(&detail[field], value, "{field}");
    }
    assert_eq!(detail["figures"]["frame_rate"], 12.5);
    assert_eq!(detail["references"], json!([]));
    assert_eq!(detail["availability"]["percent"], 100.0);
    assert!(detail["availability"]["unknown_s"].is_f64(), "{detail}");
    // Without a store it is still a camera.
    let bare = Centre::start(1).await;
    let one: Value = bare.get("/api/v1/cameras/cam-001").await.json().await.expect("JSON");
    assert_eq!((&one["id"], &one["figures"]), (&json!("cam-001"), &Value::Null));
    let said = detail_of(&bare, "/api/v1/cameras/cam-001/history").await;
    assert!(said.contains("keeps no history"), "{said}");
}

async fn detail_of(centre: &Centre, path: &str) -> String {
    detail(centre.get(path).await, 503).await
}

#[tokio::test]
async fn figures_come_in_columns_of_equal_length_with_nulls_where_nothing_is_known() {
    let archive = Archive::new().await;
    let now = now_us();
    let ago = |minutes: u64| UnixMicros(now - minutes * 60_000_000);
    let life = archive.store.begin_life(ago(600), true).await.expect("a write");
    let minutes = [500, 30, 29, 20].map(|n| minute("cam-001", ago(n), n as f32));
    write(&archive.store, life, ago(0), minutes.to_vec()).await;
    let view = archive.json("/api/v1/cameras/cam-001/figures").await;
    assert_eq!(view["at"], json!([ago(30), ago(29), ago(28), ago(20)]));
    assert_eq!(view["frame_rate"], json!([30.0, 29.0, null, 20.0]));
    assert_eq!(view["sharpness"], json!([null, null, null, null]));
    let view = archive.json("/api/v1/cameras/cam-001/figures?hours=9").await;
    assert_eq!(view["frame_rate"][0], 500.0);
}

#[tokio::test]
async fn sites_are_found_without_marks_and_by_whether_they_are_down() {
    let archive = Archive::new().await;
    for (query, found) in [
        ("", &["ha-tinh", "ky-anh", "can-loc"][..]),
        ("?q=ky%20anh", &["ky-anh"]),
        ("?q=K%E1%BB%B3", &["ky-anh"]),
        ("?q=HA-TINH", &["ha-tinh"]),
        ("?down=true", &["ky-anh"]),
        ("?down=false&q=loc", &["can-loc"]),
    ] {
        let sites = archive.json(&format!("/api/v1/sites{query}")).await;
        let ids: Vec<_> =
            sites.as_array().expect("a list").iter().map(|s| s["id"].as_str()).collect();
        assert_eq!(ids, found.iter().map(|id| Some(*id)).collect::<Vec<_>>(), "{query}");
    }
}

#[tokio::test]
async fn the_description_names_every_call_and_metrics_what_stands() {
    let archive = Archive::new().await;
    let description = archive.json("/api/v1/openapi.json").await;
    for (path, method, schema) in [
        ("/api/v1/cameras/{id}", "get", "CameraDetail"),
        ("/api/v1/cameras/{id}/history", "get", "HistoryView"),
        ("/api/v1/cameras/{id}/figures", "get", "FiguresView"),
        ("/api/v1/cameras/{id}/pictures", "get", "PictureView"),
        ("/api/v1/cameras/{id}/pictures/{file}", "get", "Problem"),
        ("/api/v1/cameras/{id}/references", "post", "Word"),
        ("/api/v1/sites", "get", "SiteView"),
        ("/api/v1/sites/{id}/history", "get", "HistoryView"),
        ("/api/v1/availability", "get", "AvailabilityView"),
        ("/api/v1/maintenance", "get", "OrderView"),
        ("/api/v1/maintenance", "post", "NewOrder"),
        ("/api/v1/maintenance/{id}", "delete", "OrderView"),
    ] {
        let call = &description["paths"][path][method];
        assert!(call["responses"].is_object(), "{method} {path}");
        assert!(description["components"]["schemas"][schema].is_object(), "{schema}");
        assert!(call.to_string().contains(schema), "{method} {path} tells {schema}");
    }
    let parameters =
        description["paths"]["/api/v1/cameras/{id}/history"]["get"]["parameters"].to_string();
    for name in ["from", "to", "limit", "format"] {
        assert!(parameters.contains(&format!("\"name\":\"{name}\"")), "{name}");
    }
    let mut black = camera(1);
    black.standing = vec![StandingView {
        condition: Condition::Black,
        severity: Severity::Warning,
        since: at(0),
        evidence: "dark".to_owned(),
    }];
    archive.centre.view.cameras.insert(Handle(1), Arc::new(black));
    let metrics = archive.get("/metrics").await.text().await.expect("text");
    for line in [
        "watchwall_camera_condition{camera=\"cam-001\",condition=\"black\"} 1",
        "watchwall_site_down{site=\"ky-anh\"} 1",
        "watchwall_site_down{site=\"can-loc\"} 0",
        "watchwall_history_waiting 0",
        "watchwall_history_dropped_total 0",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
    assert!(!metrics.contains("camera_condition{camera=\"cam-002\""), "{metrics}");
}
