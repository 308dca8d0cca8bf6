//! Alerts as an outside system causes them, at a steady rate over HTTP: each event is a new alert by
//! a rule, and a person settles it some seconds later.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Kinds of events: the same source is not told again within a minute, or it would chatter.
const KINDS: u64 = 100;

/// From an alert to the person who settles it.
const SETTLED_AFTER: Duration = Duration::from_secs(5);

/// The part of a configuration that makes alerts of the events.
pub(crate) fn rules() -> String {
    let kinds: Vec<String> = (0..KINDS).map(kind).collect();
    format!(
        "[[position]]\nid = \"desk\"\n\n[[person]]\nid = \"lan\"\n\n\
         [[shift]]\nposition = \"desk\"\npeople = [\"lan\"]\nfrom = \"00:00\"\nuntil = \"24:00\"\n\n\
         [[alert]]\nid = \"storm\"\nkinds = {kinds:?}\npriority = \"high\"\n"
    )
}

/// One of the kinds.
pub(crate) fn kind(n: u64) -> String {
    format!("event-{:03}", n % KINDS)
}

/// An event that was answered as stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub(crate) alert: Uuid,
    /// When it was posted.
    pub(crate) asked: Instant,
    /// When the answer was there.
    pub(crate) answered: Instant,
    /// It was known before.
    pub(crate) before: bool,
}

/// An outside system.
pub(crate) struct Storm {
    client: Client,
    address: SocketAddr,
    cameras: u64,
    /// The next one.
    next: u64,
    tasks: JoinSet<Option<Told>>,
}

impl Storm {
    /// Of events at cameras `cam-001` and so on.
    pub(crate) fn new(address: SocketAddr, cameras: u32) -> Self {
        let (client, cameras) = (Client::new(), cameras.into());
        Self { client, address, cameras, next: 0, tasks: JoinSet::new() }
    }

    /// Blows for so long; what was answered as stored. Whoever is not answered is not counted.
    pub(crate) async fn blow(&mut self, rate: u32, lasts: Duration) -> Vec<Told> {
        let until = Instant::now() + lasts;
        let mut tick = tokio::time::interval(Duration::from_secs(1) / rate);
        while Instant::now() < until {
            tick.tick().await;
            let (client, address, n) = (self.client.clone(), self.address, self.next);
            self.next += 1;
            let camera = format!("cam-{:03}", n % self.cameras + 1);
            let kind = kind(n / self.cameras);
            self.tasks.spawn(one(client, address, n, camera, kind));
        }
        let mut told = Vec::new();
        while let Some(one) = self.tasks.join_next().await {
            told.extend(one.expect("no panic"));
        }
        told
    }
}

/// Posts it and settles its alert.
async fn one(
    client: Client,
    address: SocketAddr,
    n: u64,
    camera: String,
    kind: String,
) -> Option<Told> {
    let event = event(n, &kind, "camera", &camera);
    let told = post(&client, address, &event).await?;
    tokio::time::sleep(SETTLED_AFTER).await;
    let url = format!("http://{address}/api/v1/alerts/{}/resolve", told.alert);
    let settled = client.post(url).json(&json!({"disposition": "real"})).send().await;
    // Not settled, it is one more that stays open.
    drop(settled);
    Some(told)
}

/// The `n`th event, at a camera or a site.
pub(crate) fn event(n: u64, kind: &str, place: &str, id: &str) -> Value {
    json!({
        "system": "storm", "key": format!("{n}"), "kind": kind, place: id,
        "text": "somebody pressed the button at the gate",
    })
}

/// Tells the service of an event; `None` if it does not say that it is stored.
pub(crate) async fn post(client: &Client, address: SocketAddr, event: &Value) -> Option<Told> {
    let asked = Instant::now();
    let url = format!("http://{address}/api/v1/events");
    let answer = client.post(url).json(event).send().await.ok()?;
    let status = answer.status();
    let kept: Value = answer.json().await.ok()?;
    let alert = kept["alert"].as_str().filter(|_| status.is_success())?.parse().ok()?;
    Some(Told { alert, asked, answered: Instant::now(), before: status.as_u16() == 200 })
}

/// The newest change of all, as the service tells it.
pub(crate) async fn head(address: SocketAddr) -> u64 {
    let url = format!("http://{address}/api/v1/alerts?limit=1");
    let answer = reqwest::get(url).await.expect("the centre answers");
    let list: Value = answer.json().await.expect("JSON");
    list["head"].as_u64().expect("a number")
}

/// Which alerts they became.
pub(crate) fn ids(told: &[Told]) -> BTreeSet<Uuid> {
    told.iter().map(|told| told.alert).collect()
}
