//! The walls' screens as their pages and people meet them: socket clients that stop, freeze, lag and
//! leave, at a whole centre with simulated cameras.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use watchwall::{
    config::{Config, Environment, Passwords},
    domain::{camera::Importance, media::Header, wall::Wall},
};

use crate::{
    centre::Client,
    town::{Town, WITHIN},
};

/// A page that shows the wall: its two sockets, and what it has been sent.
struct Page {
    name: &'static str,
    control: Client,
    media: Client,
    newest: BTreeMap<u32, u32>,
}

/// What a page does with what it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Paint,
    /// It reports again and again what it had painted before.
    Freeze,
    /// It reports nothing, and stays connected.
    Hang,
}

impl Page {
    async fn open(town: &Town, name: &'static str) -> Self {
        let address = town.centre.address();
        let stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
        let url = format!("ws://{address}/api/v1/control");
        let control = Client::over(stream, &url, "watchwall.v1", None).await.ok();
        let mut media = town.media().await;
        media.say(json!({"type": "subscribe", "tiles": {"cameras": ["*"]}}).to_string()).await;
        let control = control.expect("a control socket");
        Self { name, control, media, newest: BTreeMap::new() }
    }

    fn report(&self) -> Value {
        let tiles: Vec<(u32, u32)> = self.newest.iter().map(|(c, n)| (*c, *n)).collect();
        let large: Vec<u32> = self.newest.keys().copied().filter(|camera| *camera != 1).collect();
        json!({
            "type": "painted", "wall": "main", "screen": self.name,
            "named": self.name != "console", "visible": true, "tiles": tiles, "large": large,
        })
    }

    /// One second of its life.
    async fn second(&mut self, does: Does) {
        let until = tokio::time::Instant::now() + Duration::from_secs(1);
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(until) => break,
                // What the service says is read, as a browser does, and no page's business here.
                said = self.control.socket.next() => drop(said.expect("it is open")),
                message = self.media.socket.next() => {
                    let message = message.expect("it is open").expect("a message");
                    if let Message::Binary(tile) = message && does == Does::Paint {
                        let header = Header::decode(&tile).expect("a header");
                        self.newest.insert(header.camera.0, header.sequence);
                    }
                }
            }
        }
        if does != Does::Hang {
            self.control.say(self.report().to_string()).await;
        }
    }

    /// Lives until the API's answer is as `is` says; tells how long that took.
    async fn until(
        &mut self,
        town: &Town,
        does: Does,
        path: &str,
        what: &str,
        is: impl Fn(&Value) -> bool,
    ) -> Duration {
        let began = Instant::now();
        loop {
            self.second(does).await;
            let answer = town.get(path).await;
            if is(&answer) {
                return began.elapsed();
            }
            assert!(began.elapsed() < WITHIN, "{path} never {what}: {answer}");
        }
    }
}

const SCREENS: &str = "/api/v1/screens";
const ALERTS: &str = "/api/v1/alerts?open=true";

/// The one screen `name`.
fn screen<'a>(screens: &'a Value, name: &str) -> Option<&'a Value> {
    screens.as_array()?.iter().find(|screen| screen["screen"] == name)
}

/// The open alert of this kind about the screen `name`.
fn alert<'a>(alerts: &'a Value, name: &str, kind: &str) -> Option<&'a Value> {
    let subject = json!({"screen": name, "wall": "main"});
    let mut all = alerts["alerts"].as_array()?.iter();
    all.find(|alert| alert["subject"] == subject && alert["kind"] == kind)
}

fn stands(alerts: &Value, name: &str, kind: &str) -> bool {
    alert(alerts, name, kind).is_some_and(|alert| alert["cleared_at"].is_null())
}

#[tokio::test]
async fn a_screen_that_freezes_hangs_and_goes_raises_its_alerts_and_its_return_clears_them() {
    let town = Town::new(4).await;
    town.until_online(1..=4).await;
    let mut left = Page::open(&town, "left").await;
    let well = |screens: &Value| {
        screen(screens, "left").is_some_and(|it| it["tiles"] == 4 && it["fault"].is_null())
    };
    left.until(&town, Does::Paint, SCREENS, "had all tiles", well).await;

    let took = left
        .until(&town, Does::Freeze, ALERTS, "told that it stands still", |alerts| {
            stands(alerts, "left", "screen-frozen")
        })
        .await;
    println!("a screen that stands still: told after {:.1} s", took.as_secs_f64());
    let alerts = town.get(ALERTS).await;
    let told = alert(&alerts, "left", "screen-frozen").expect("it stands");
    assert_eq!(told["where"]["screen"], "left", "{told}");
    assert!(told["where"]["wall"].is_string() && told["priority"] == "high", "{told}");
    let records = town.get("/api/v1/records?kind=screen-frozen").await;
    assert_eq!(records["records"][0]["alert"], told["id"], "{records}");
    left.until(&town, Does::Paint, ALERTS, "told that it moves again", |alerts| {
        !stands(alerts, "left", "screen-frozen")
    })
    .await;

    let took = left
        .until(&town, Does::Hang, ALERTS, "told that it hangs", |alerts| {
            stands(alerts, "left", "screen-gone")
        })
        .await;
    println!("a screen that hangs: told after {:.1} s", took.as_secs_f64());
    let screens = town.get(SCREENS).await;
    let evidence = screen(&screens, "left").expect("it is known")["evidence"].clone();
    assert!(evidence.as_str().expect("why").contains("connection still stands"), "{evidence}");
    left.until(&town, Does::Paint, ALERTS, "told that it is back", |alerts| {
        !stands(alerts, "left", "screen-gone")
    })
    .await;

    // Its power is cut; a console, which nobody misses, looks on.
    drop(left);
    let mut console = Page::open(&town, "console").await;
    console
        .until(&town, Does::Paint, ALERTS, "told that it is gone", |alerts| {
            stands(alerts, "left", "screen-gone")
        })
        .await;
    let metrics = reqwest::get(format!("http://{}/metrics", town.centre.address())).await;
    let metrics = metrics.expect("the centre answers").text().await.expect("text");
    let line = r#"screen_fault{wall="main",screen="left",fault="screen-gone"} 1.0"#;
    assert!(metrics.contains(line), "{metrics}");
    town.stop().await;
}

#[tokio::test]
async fn a_console_and_a_screen_that_leave_are_not_missed_and_what_was_read_is_covered() {
    let town = Town::new(3).await;
    town.until_online(1..=3).await;
    let mut console = Page::open(&town, "console").await;
    let mut right = Page::open(&town, "right").await;
    let watched = |coverage: &Value| coverage["never_watched"] == 1;
    let all = |page: &Page| page.newest.len() == 3;
    while !all(&right) || !all(&console) {
        right.second(Does::Paint).await;
        console.second(Does::Paint).await;
    }
    let path = "/api/v1/coverage";
    right.until(&town, Does::Paint, path, "was covered", watched).await;
    let coverage = town.get(path).await;
    let first = &coverage["cameras"][0];
    assert_eq!((&first["camera"], &first["watched_at"]), (&json!("cam-001"), &Value::Null));
    assert!(coverage["cameras"][1]["watched_s"].is_number(), "{coverage}");
    let judged = |coverage: &Value| {
        let cameras = coverage["cameras"].as_array().expect("a list");
        cameras.iter().all(|camera| camera["judged_s"].is_number())
    };
    right.until(&town, Does::Paint, path, "was judged", judged).await;

    let leaves = json!({
        "type": "painted", "wall": "main", "screen": "right", "named": true, "leaving": true, "tiles": [],
    });
    right.control.say(leaves.to_string()).await;
    drop(right);
    // The console stands still for as long as others would be told of: nobody misses it.
    console
        .until(&town, Does::Freeze, SCREENS, "showed the console's fault", |screens| {
            screen(screens, "console").is_some_and(|it| it["fault"] == "screen-frozen")
                && screen(screens, "right").is_none()
        })
        .await;
    let alerts = town.get(ALERTS).await;
    let screens = alerts["alerts"].as_array().expect("a list").iter();
    let told: Vec<&Value> = screens.filter(|alert| !alert["subject"]["screen"].is_null()).collect();
    assert!(told.is_empty(), "{told:?}");
    town.stop().await;
}

/// The wall with these screens in its file, side by side.
fn wall(screens: &[&str]) -> Vec<Wall> {
    let screens = screens.iter().enumerate().map(|(column, id)| {
        format!("[[wall.screen]]\nid = \"{id}\"\nname = \"{id} one\"\ncolumn = {column}\n")
    });
    let wall = "[[wall]]\nid = \"main\"\ncameras = [\"*\"]\n".to_owned();
    let text = [wall].into_iter().chain(screens).collect::<String>();
    let config = Config::parse("w.toml", &text, &Environment::default(), &Passwords::Unread);
    config.unwrap_or_else(|faults| panic!("{faults}")).walls
}

#[tokio::test]
async fn configured_screens_are_listed_before_they_report_and_forgotten_with_their_place_in_the_file()
 {
    let town = Town::with(2, None, |config| config.walls = wall(&["left", "right"])).await;
    town.until_online(1..=2).await;
    let mut left = Page::open(&town, "left").await;
    left.until(&town, Does::Paint, SCREENS, "had all tiles", |screens| {
        screen(screens, "left").is_some_and(|it| it["tiles"] == 2 && it["fault"].is_null())
    })
    .await;
    let screens = town.get(SCREENS).await;
    let right = screen(&screens, "right").expect("it is listed");
    assert_eq!((&right["expected"], &right["last_report_at"]), (&json!(true), &Value::Null));
    assert_eq!((&right["name"], &right["column"]), (&json!("right one"), &json!(1)));

    left.until(&town, Does::Hang, ALERTS, "told that it hangs", |alerts| {
        stands(alerts, "left", "screen-gone")
    })
    .await;
    let mut config = Config::clone(&town.centre.config());
    config.walls = wall(&["right"]);
    town.centre.reconfigure(config).await;
    left.until(&town, Does::Hang, ALERTS, "told that nobody misses it", |alerts| {
        !stands(alerts, "left", "screen-gone")
    })
    .await;
    left.until(&town, Does::Hang, SCREENS, "forgot it", |screens| {
        screen(screens, "left").is_none()
    })
    .await;
    let screens = town.get(SCREENS).await;
    assert!(screen(&screens, "right").is_some_and(|it| it["expected"] == true), "{screens}");
    town.stop().await;
}

#[tokio::test]
async fn a_screen_that_opens_is_sent_the_most_important_camera_first() {
    let town = Town::with(3, None, |config| {
        config.cameras[2].camera.importance = Importance::High;
    })
    .await;
    town.until_online(1..=3).await;
    let mut left = Page::open(&town, "left").await;
    left.until(&town, Does::Paint, SCREENS, "had all tiles", |screens| {
        screen(screens, "left").is_some_and(|it| it["tiles"] == 3)
    })
    .await;
    let mut right = Page::open(&town, "right").await;
    assert_eq!(right.media.tile().await.0.camera.0, 3);
    town.stop().await;
}
