//! A site goes, with real cameras, workers and store: one condition, and no camera's own. When it is
//! back, all are released; a camera that stays down then raises its own.

use std::time::Duration;

use serde_json::{Value, json};
use watchwall::{
    domain::camera::Slug,
    service::demo,
    sim::{Settings, Sim},
};

use crate::{
    centre::Client,
    station::Station,
    town::{WITHIN, scenes},
};

const PER_SITE: u32 = 40;
const SITES: u32 = 3;
/// The cameras of site 3.
const GONE: std::ops::RangeInclusive<u32> = 2 * PER_SITE + 1..=3 * PER_SITE;

async fn fault(sim: &Sim, path: &str, kind: Option<&str>) {
    let url = format!("http://{}{path}/fault", sim.control_addr());
    let client = reqwest::Client::new();
    let request = match kind {
        Some(kind) => client.post(url).body(json!({ "kind": kind }).to_string()),
        None => client.delete(url),
    };
    let answer = request.send().await.expect("the simulator answers");
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
}

/// Everything that a console is told, and what was wrong with it.
struct Console {
    client: Client,
    sites: Vec<Value>,
    cameras: std::collections::BTreeMap<u32, Value>,
    /// Cameras that were shown offline or stalled without a mask while the site was down.
    blamed: Vec<Value>,
}

impl Console {
    /// Listens until `is` holds.
    async fn until(&mut self, what: &str, is: impl Fn(&Self) -> bool) {
        let deadline = tokio::time::Instant::now() + 2 * WITHIN;
        while !is(self) {
            let next = tokio::time::timeout_at(deadline, self.client.json()).await;
            let message = next.unwrap_or_else(|_| panic!("never {what}: {}", self.not_well()));
            self.hears(message);
        }
    }

    fn hears(&mut self, message: Value) {
        match message["type"].as_str() {
            Some("sites") => self.sites = message["sites"].as_array().expect("a list").clone(),
            Some("cameras") => {
                for camera in message["cameras"].as_array().expect("a list") {
                    self.camera(camera.clone());
                }
            }
            Some("camera") => self.camera(message),
            _ => {}
        }
    }

    fn camera(&mut self, camera: Value) {
        let number = camera["number"].as_u64().expect("a number") - 100;
        let lost = camera["state"] == "offline" || camera["state"] == "stalled";
        let site = camera["site"] == "site-3";
        if lost && (!site || (self.down() == ["site-3"] && camera["masked_by"].is_null())) {
            self.blamed.push(camera.clone());
        }
        self.cameras.insert(u32::try_from(number).expect("small"), camera);
    }

    /// What is down, and which cameras are not online, and why.
    fn not_well(&self) -> String {
        let cameras = self.cameras.values().filter(|camera| camera["state"] != "online");
        let cameras = cameras.map(|camera| {
            format!(
                "{} {} {} {}",
                camera["id"], camera["state"], camera["masked_by"], camera["reason"]
            )
        });
        format!("{:?} down; {}", self.down(), cameras.collect::<Vec<_>>().join("; "))
    }

    fn down(&self) -> Vec<&str> {
        let down = self.sites.iter().filter(|site| !site["down_since"].is_null());
        down.filter_map(|site| site["id"].as_str()).collect()
    }

    fn all(&self, cameras: std::ops::RangeInclusive<u32>, is: impl Fn(&Value) -> bool) -> bool {
        cameras.into_iter().all(|n| self.cameras.get(&n).is_some_and(&is))
    }
}

/// Its picture comes. What the picture shows is another matter than its site's.
fn watchable(camera: &Value) -> bool {
    camera["state"] == "online" || camera["state"] == "suspect"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_goes_is_one_condition_and_its_end_releases_all_its_cameras() {
    let cameras = SITES * PER_SITE;
    let settings =
        Settings { cameras, cameras_per_site: PER_SITE, cache: scenes(), ..Settings::default() };
    let sim = Sim::start(settings).await.expect("the simulator starts");
    let station = Station::new(|folder| {
        let loopback = ([127, 0, 0, 1], 0).into();
        let mut config = demo::config(cameras, sim.rtsp_addr(), loopback, folder);
        for camera in &mut config.cameras {
            let site = (camera.camera.number - 101) / PER_SITE + 1;
            camera.camera.site = Some(Slug::try_from(format!("site-{site}")).expect("an id"));
        }
        config
    })
    .await;
    let address = station.centre.address();
    let stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
    let url = format!("ws://{address}/api/v1/control");
    let client = Client::over(stream, &url, "watchwall.v1", None).await.expect("a control socket");
    let mut console = Console {
        client,
        sites: Vec::new(),
        cameras: std::collections::BTreeMap::new(),
        blamed: Vec::new(),
    };
    console.until("all online", |told| told.all(1..=cameras, watchable)).await;
    console.blamed.clear();

    fault(&sim, "/site/3", Some("refuse")).await;
    let masked = |camera: &Value| camera["masked_by"] == "site-3";
    console
        .until("down with all its cameras masked", |told| {
            told.down() == ["site-3"] && told.all(GONE, masked)
        })
        .await;
    let site = console.sites.iter().find(|site| site["id"] == "site-3").expect("it is told");
    assert!(site["evidence"].as_str().is_some_and(|told| told.contains("40")), "{site}");
    // It stays like that: nobody's own condition follows.
    let quiet = tokio::time::Instant::now() + Duration::from_secs(15);
    while let Ok(message) = tokio::time::timeout_at(quiet, console.client.json()).await {
        console.hears(message);
    }
    assert_eq!(console.down(), ["site-3"]);
    assert_eq!(console.blamed, Vec::<Value>::new());

    // One camera stays down when the others return.
    fault(&sim, "/site/3", None).await;
    let stays = *GONE.start();
    fault(&sim, &format!("/cam/{stays:03}"), Some("refuse")).await;
    console
        .until("up, with one camera down on its own", |told| {
            let back = |camera: &Value| watchable(camera) && camera["masked_by"].is_null();
            let own = |camera: &Value| {
                camera["state"] == "offline"
                    && camera["masked_by"].is_null()
                    && camera["conditions"][0] == "refused"
            };
            told.down().is_empty()
                && told.all(stays + 1..=*GONE.end(), back)
                && told.all(stays..=stays, own)
        })
        .await;

    fault(&sim, &format!("/cam/{stays:03}"), None).await;
    console.until("all online again", |told| told.all(1..=cameras, watchable)).await;
    station.stop().await;
    sim.shutdown().await;
}
