//! The sweep: every role at every path of the API's own description, with what is theirs and what is
//! not. The paths come from the service, so that a new one cannot be forgotten here.

mod plan;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, http::HeaderName};
use watchwall::{
    config::{Config, Environment, Passwords},
    domain::{
        time::UnixMicros,
        wall::{Selector, Wall},
    },
    service::{SignIn, demo},
};

use self::plan::{Need, Plan, ROLES, Role, Things, plan};
use crate::{
    centre::{Client, slug},
    guarded::PASSWORD,
    station::Station,
    town::WITHIN,
};

/// Whose the sites are: a position of the first, and one of everything. A button is an alert.
const DUTY: &str = r#"
[[site]]
id = "site-1"
name = "one"

[[position]]
id = "first"
sites = ["site-1"]

[[position]]
id = "desk"

[[alert]]
id = "buttons"
kinds = ["panic-button"]
priority = "high"
"#;

/// Two sites of ten cameras each where nobody answers; the second is foreign to everybody below.
fn config(folder: &Path) -> Config {
    let nobody = ([127, 0, 0, 1], 9).into();
    let mut config = demo::config(20, nobody, ([127, 0, 0, 1], 0).into(), folder);
    let duty = Config::parse("duty.toml", DUTY, &Environment::default(), &Passwords::Unread);
    let duty = duty.unwrap_or_else(|faults| panic!("{faults}"));
    config.roster = duty.roster;
    config.alert_rules = duty.alert_rules;
    let wall = |id: &str, site: &str| Wall {
        id: slug(id),
        cameras: vec![Selector::Site(slug(site))],
        ..config.walls[0].clone()
    };
    let walls = [wall("own", "site-1"), wall("foreign", "site-2")];
    config.walls.extend(walls);
    config
}

struct Sweep {
    station: Station,
    admin: String,
    own: Things,
    foreign: Things,
    /// What must be in no byte of an answer to somebody of the first site.
    secrets: Vec<String>,
}

impl Sweep {
    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.station.centre.address())
    }

    async fn ask(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> (StatusCode, String) {
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
        let mut request = reqwest::Client::new().request(method, self.url(path));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request = match body {
            Some(Value::String(csv)) => {
                request.header("content-type", "text/csv").body(csv.clone())
            }
            Some(body) => request.json(body),
            None => request,
        };
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status(), format!("{:?}", answer.headers()));
        let body = answer.bytes().await.expect("a whole answer");
        (status, headers + &String::from_utf8_lossy(&body))
    }

    async fn order(&self, path: &str, body: Value) -> Value {
        let (status, said) = self.ask("post", path, Some(&self.admin), Some(&body)).await;
        assert!(status.is_success(), "{path}: {status} {said}");
        let json = said.find("}{").map_or(said.as_str(), |at| &said[at + 1..]);
        serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"))
    }

    /// A token of a role at the first site.
    async fn token(&self, role: Role, word: &str) -> String {
        let body = match role {
            Role::Screen => json!({ "name": "own screen", "screen": { "wall": "own" } }),
            _ => {
                let grants = json!([{ "role": word, "sites": ["site-1"] }]);
                json!({ "name": format!("{word} of one"), "grants": grants })
            }
        };
        let made = self.order("/api/v1/tokens", body).await;
        made["secret"].as_str().expect("a secret").to_owned()
    }

    /// Fails if there is anything foreign in it, but what was asked for by its name.
    fn check(&self, what: &str, said: &str, asked: &str) {
        for secret in self.secrets.iter().filter(|secret| !asked.contains(secret.as_str())) {
            assert!(
                !said.contains(secret.as_str()),
                "{secret:?} is in the answer to {what}: {said}"
            );
        }
    }

    async fn start() -> Self {
        let station = Station::with(SignIn::Required, config).await;
        let first = station.centre.first_sign_in().expect("there was no account").clone();
        let url = format!("http://{}/api/v1/", station.centre.address());
        let enter = json!({ "username": first.name, "password": first.password,
                            "new_password": PASSWORD });
        let client = reqwest::Client::new();
        let entered = client.post(format!("{url}session")).json(&enter).send().await;
        let entered = entered.expect("an answer");
        assert_eq!(entered.status(), 200);
        let cookie = entered.headers()["set-cookie"].to_str().expect("plain");
        let cookie = cookie.split(';').next().expect("a pair").to_owned();
        let origin = format!("http://{}", station.centre.address());
        let body = json!({ "name": "all", "grants": [{ "role": "admin" }] });
        let request = client.post(format!("{url}tokens")).header("cookie", cookie);
        let made = request.header("origin", origin).json(&body).send().await.expect("an answer");
        let made: Value = made.json().await.expect("JSON");
        let admin = made["secret"].as_str().expect("a secret").to_owned();
        let things = |n: u32, wall, position| Things {
            camera: format!("cam-{n:03}"),
            site: format!("site-{}", n / 10 + 1),
            wall,
            position,
            alert: String::new(),
            record: String::new(),
            drill: String::new(),
            order: String::new(),
        };
        let (own, foreign) = (things(1, "own", "first"), things(11, "foreign", "desk"));
        let mut sweep = Self { station, admin, own, foreign, secrets: Vec::new() };
        sweep.own = sweep.fill(things(1, "own", "first")).await;
        sweep.foreign = sweep.fill(things(11, "foreign", "desk")).await;
        // A foreign camera hung on the own wall once: the history does not name it.
        let foreign = json!({ "command": "show", "camera": "cam-011", "screen": "all", "cell": 0 });
        sweep.order("/api/v1/walls/own/commands", foreign).await;
        let back = json!({ "command": "clear", "screen": "all", "cell": 0 });
        sweep.order("/api/v1/walls/own/commands", back).await;
        let Things { alert, record, drill, .. } = &sweep.foreign;
        let cameras =
            (11..=20).flat_map(|n| [format!("cam-{n:03}"), format!("\"number\":{}", 100 + n)]);
        let names = ["site-2", "Hương Khê", alert, record, drill].map(str::to_owned);
        sweep.secrets = cameras.chain(names).collect();
        sweep
    }

    /// Something of everything at a site.
    async fn fill(&self, mut things: Things) -> Things {
        let picture = BASE64_STANDARD.encode([0xff, 0xd8, 0xff, 0xd9]);
        let camera = things.camera.clone();
        let event = json!({ "system": "button", "key": camera, "kind": "panic-button",
                            "camera": camera, "text": format!("pressed at {camera}"),
                            "picture": picture });
        let kept = self.order("/api/v1/events", event).await;
        things.record = kept["id"].as_str().expect("an id").to_owned();
        things.alert = kept["alert"].as_str().expect("it is an alert").to_owned();
        let drill = json!({ "kind": "black", "cameras": [camera], "count": 1, "gap_s": 1 });
        let drill = self.order("/api/v1/drills", drill).await;
        things.drill = drill["id"].as_str().expect("an id").to_owned();
        let until = UnixMicros::from(SystemTime::now()).plus(Duration::from_secs(3600));
        let body = json!({ "scope": camera, "until": until,
                           "reason": format!("work at {camera}") });
        let order = self.order("/api/v1/maintenance", body).await;
        things.order = order["id"].to_string();
        things
    }
}

/// Goal 2: no byte, count or name of a foreign camera at any path, for any role.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_anything_of_a_foreign_site_at_any_path() {
    let sweep = Sweep::start().await;
    let description = sweep.ask("get", "/api/v1/openapi.json", None, None).await.1;
    let json = &description[description.find("}{").expect("headers, then the body") + 1..];
    let description: Value = serde_json::from_str(json).expect("JSON");
    let mut operations = Vec::new();
    for (path, item) in description["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("operations").keys() {
            operations.push((method.clone(), path.clone()));
        }
    }
    // That it is there to be found: who may see everything finds it.
    let everything = sweep.ask("get", "/api/v1/cameras", Some(&sweep.admin), None).await.1;
    assert!(sweep.secrets.iter().any(|secret| everything.contains(secret.as_str())));
    let mut pairs = 0;
    for (role, word) in ROLES {
        let token = sweep.token(role, word).await;
        for (method, template) in &operations {
            for (own, things) in [(true, &sweep.own), (false, &sweep.foreign)] {
                let Plan { need, placed, path, body } = plan(method, template, things);
                if !own && !placed && !path.contains("position=") {
                    continue;
                }
                pairs += 1;
                let what = format!("{word}: {method} {path}");
                let (status, said) = sweep.ask(method, &path, Some(&token), body.as_ref()).await;
                let asked = format!("{path} {}", body.unwrap_or_default());
                sweep.check(&what, &said, &asked);
                let allowed = match need {
                    Need::Nothing | Need::Anyone => true,
                    // A screen sees no site.
                    Need::See => true,
                    Need::Least(least) => role >= least,
                    Need::Figures | Need::Administrator => false,
                };
                // 422: what a body names is not there.
                let refused = matches!(status.as_u16(), 403 | 404 | 422);
                if placed && !own || !allowed {
                    assert!(refused, "{what} answered {status}: {said}");
                } else {
                    let public = need == Need::Nothing;
                    let denied = status == 401 && !public || status == 403;
                    assert!(!denied, "{what} answered {status}: {said}");
                }
                if own && need != Need::Nothing {
                    let (status, said) = sweep.ask(method, &path, None, None).await;
                    assert!(
                        matches!(status.as_u16(), 401 | 415 | 400),
                        "without sign-in, {method} {path} answered {status}: {said}"
                    );
                    sweep.check(&format!("nobody: {method} {path}"), &said, &asked);
                }
            }
        }
        sockets(&sweep, word, &token).await;
        counts(&sweep, role, &token).await;
    }
    println!("{pairs} pairs of role and path, {} paths", operations.len());
    assert!(pairs >= 200, "{pairs}");
    // Denials are written down, with who it was.
    let deadline = tokio::time::Instant::now() + WITHIN;
    loop {
        let audit = sweep.ask("get", "/api/v1/audit?limit=1000", Some(&sweep.admin), None).await.1;
        if audit.contains("\"action\":\"denied\"") && audit.contains("duty of one") {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "no denial in {audit}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    sweep.station.stop().await;
}

/// What is counted is theirs alone.
async fn counts(sweep: &Sweep, role: Role, token: &str) {
    let get = async |path: &str| {
        let (_, said) = sweep.ask("get", path, Some(token), None).await;
        let json =
            &said[said.find("}{").or_else(|| said.find("}[")).expect("headers, then JSON") + 1..];
        serde_json::from_str::<Value>(json).unwrap_or_else(|error| panic!("{error}: {json}"))
    };
    let cameras = get("/api/v1/cameras").await;
    assert_eq!(cameras.as_array().map(Vec::len), Some(10), "{role:?}");
    for wall in get("/api/v1/walls").await.as_array().expect("a list") {
        let cells = wall["cells"].as_array().expect("cells");
        assert!(cells.iter().all(|cell| cell.as_u64() <= Some(10)), "{role:?}: {wall}");
    }
    if role >= Role::Duty {
        let availability = get("/api/v1/availability").await;
        assert_eq!(availability["total"]["cameras"], 10, "{role:?}");
        assert_eq!(availability["sites"].as_array().map(Vec::len), Some(1), "{role:?}");
        let alerts = get("/api/v1/alerts").await;
        let own = |alert: &Value| alert["site"] == "site-1";
        let alerts = alerts["alerts"].as_array().expect("a list");
        assert!(!alerts.is_empty() && alerts.iter().all(own), "{role:?}: {alerts:?}");
    }
}

/// The same on both sockets.
async fn sockets(sweep: &Sweep, word: &str, token: &str) {
    let address = sweep.station.centre.address();
    let bearer = [(HeaderName::from_static("authorization"), format!("Bearer {token}"))];
    let open = |path, protocol| Client::open(address, path, protocol, &bearer);
    let mut control = open("/api/v1/control", "watchwall.v1").await.expect("a socket");
    let Things { camera, alert, wall, .. } = &sweep.foreign;
    control.say(json!({ "type": "resume", "after": 0 }).to_string()).await;
    for message in [
        json!({ "type": "command", "command": "comment", "id": alert, "text": "x", "request": "1" }),
        json!({ "type": "painted", "wall": wall, "screen": "left", "tiles": [[11, 1]] }),
        json!({ "type": "command", "command": "show", "wall": wall, "camera": camera }),
    ] {
        control.say(message.to_string()).await;
    }
    let asked = format!("{alert} {camera}");
    let mut seen = Arc::<str>::from("");
    // A heartbeat comes after all of it.
    while !seen.contains("\"heartbeat\"") {
        if let Message::Text(text) = control.next().await {
            let said = text.as_str();
            // What was asked for by name may come back in a refusal, and nowhere else.
            let refusal = said.contains("\"type\":\"error\"");
            sweep.check(&format!("{word}: control"), said, if refusal { &asked } else { "" });
            assert!(!said.contains("\"type\":\"done\""), "{word}: {said}");
            seen = said.into();
        }
    }
    let mut media = open("/api/v1/media", "watchwall.media.v1").await.expect("a socket");
    let wish = json!({ "type": "subscribe", "tiles": { "cameras": [camera], "width": 320 },
                       "video": [{ "camera": camera, "stream": "main" }] });
    media.say(wish.to_string()).await;
    let said = media.json().await.to_string();
    assert!(said.contains("404"), "{word}: {said}");
    sweep.check(&format!("{word}: media"), &said, camera);
}
