//! From a fault in the simulator to the alert, and on to a console, a webhook, a broker and a mail
//! server: real servers of other people's making, but for the webhook.
//!
//! When an alert was raised is what it says of itself, which is before it was committed: what is
//! told of receivers has the commit in it.

use std::{
    collections::BTreeMap,
    fs::Permissions,
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use rumqttc::{AsyncClient, Broker, Event, MqttOptions, Packet, QoS};
use serde_json::Value;
use uuid::Uuid;
use watchwall::sim::{FaultKind, Settings, Sim};

use crate::{
    consoles::{Book, Console, Manner},
    figures::Times,
    goals,
    processes::Program,
    receivers::{Does, Hook, Receiver, Wanted},
    service::configuration,
};

/// A fault, what it is told as, and how long the service waits by its rules before it says so,
/// seconds: docs/health.md.
struct Way {
    fault: FaultKind,
    kind: &'static str,
    own_s: f64,
    why: &'static str,
}

const WAYS: [Way; 4] = [
    Way {
        fault: FaultKind::Stall,
        kind: "stalled",
        own_s: 6.0,
        why: "5 s without RTP, of which figures tell each second",
    },
    Way {
        fault: FaultKind::Refuse,
        kind: "refused",
        own_s: 6.0,
        why: "the last picture is fresh for 4 s, the next try within 2 s",
    },
    Way {
        fault: FaultKind::Black,
        kind: "black",
        own_s: 17.0,
        why: "the next keyframe within 2 s, on-delay 15 s",
    },
    Way {
        fault: FaultKind::Freeze,
        kind: "frozen",
        own_s: 19.0,
        why: "a keyframe and its repetition within 4 s, on-delay 15 s",
    },
];

/// Between two faults.
const EVERY: Duration = Duration::from_millis(1500);
/// For the last alert to be everywhere.
const ALL_WITHIN: Duration = Duration::from_secs(90);
/// The judge learns what its cameras usually see.
pub(crate) const LEARNS: Duration = Duration::from_secs(60);
const TAKEN: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// When something of an alert first reached a receiver.
type Reached = Arc<Mutex<BTreeMap<Uuid, Instant>>>;

/// With so many faulty cameras, in order for so long before.
pub(crate) async fn run(cameras: u32, in_order: Duration) {
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/scenes");
    let sim = Sim::start(Settings { cameras, cache, ..Settings::default() });
    let sim = sim.await.expect("the simulator starts");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let hook = Hook::new(vec![Does::Answers(TAKEN)], None).await;
    let broker = Receiver::mosquitto(Wanted::default());
    let letterbox = Receiver::smtp(Wanted::default());
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "a secret of this measurement").expect("a writable folder");
    std::fs::set_permissions(&secret, Permissions::from_mode(0o600)).expect("it is ours");
    let listen = ([127, 0, 0, 1], 0).into();
    let text = configuration(folder.path(), listen, sim.rtsp_addr(), cameras)
        + &channels(hook.port, broker.port, letterbox.port);
    let config = folder.path().join("watchwall.toml");
    std::fs::write(&config, text).expect("a writable folder");
    let (_centre, address) = Program::serve(&config);
    let console = Console::new(address, Manner::Steady, Book::default());
    let (topics, mails) = (Reached::default(), Reached::default());
    subscribe(broker.port, topics.clone()).await;
    read_mail(letterbox, mails.clone());
    until_online(address, cameras).await;
    tokio::time::sleep(in_order).await;

    let hooked = Arc::<Mutex<Vec<Instant>>>::default();
    let (hook, watched) = (Arc::new(hook), hooked.clone());
    let watch = tokio::spawn(watch(hook.clone(), watched));
    let mut faults = Vec::new();
    for n in 1..=cameras {
        let way = &WAYS[n as usize % WAYS.len()];
        faults.push((n, way, SystemTime::now()));
        sim.faults().set(n, way.fault, None).expect("a camera");
        tokio::time::sleep(EVERY).await;
    }
    let told = reached_all((&hook, &hooked), &faults, &topics, &mails).await;
    watch.abort();
    report(&faults, &told, &console, &topics, &mails);
    sim.shutdown().await;
}

fn channels(hook: u16, broker: u16, letterbox: u16) -> String {
    format!(
        "[[channel]]\nid = \"hook\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{hook}/\"\n\
         secret_file = \"secret\"\nfeed = true\n\n\
         [[channel]]\nid = \"broker\"\nkind = \"mqtt\"\nhost = \"127.0.0.1\"\nport = {broker}\n\
         tls = \"none\"\n\n\
         [[channel]]\nid = \"mail\"\nkind = \"email\"\nhost = \"127.0.0.1\"\nport = {letterbox}\n\
         tls = \"none\"\nfrom = \"watchwall@example.vn\"\n\n\
         [[position]]\nid = \"desk\"\n\n[[person]]\nid = \"lan\"\n\
         channels = [{{ channel = \"mail\", address = \"lan@example.vn\" }}]\n\n\
         [[shift]]\nposition = \"desk\"\npeople = [\"lan\"]\nfrom = \"00:00\"\nuntil = \"24:00\"\n\n\
         [[alert]]\nid = \"all\"\npriority = \"high\"\n"
    )
}

async fn until_online(address: SocketAddr, cameras: u32) {
    let until = Instant::now() + ALL_WITHIN;
    loop {
        let url = format!("http://{address}/api/v1/cameras?state=online");
        let list: Value = reqwest::get(url).await.expect("answers").json().await.expect("JSON");
        let online = list.as_array().map_or(0, Vec::len);
        if online == cameras as usize {
            return;
        }
        assert!(Instant::now() < until, "{online} of {cameras} are online");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Notes when each request came, to a few milliseconds.
async fn watch(hook: Arc<Hook>, came: Arc<Mutex<Vec<Instant>>>) {
    loop {
        let requests = hook.requests().len();
        came.lock().expect("no panic").resize(requests, Instant::now());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn subscribe(port: u16, reached: Reached) {
    let options = MqttOptions::new("measures", Broker::tcp("127.0.0.1", port));
    let (client, mut events) = AsyncClient::builder(options).capacity(8).build();
    client.subscribe("watchwall/alerts/#", QoS::AtLeastOnce).await.expect("queued");
    tokio::spawn(async move {
        // It ends with the connection.
        let _client = client;
        while let Ok(event) = events.poll().await {
            let Event::Incoming(Packet::Publish(publish)) = event else { continue };
            let topic = String::from_utf8_lossy(&publish.topic).into_owned();
            if let Some(alert) = topic.rsplit('/').next().and_then(|id| id.parse().ok()) {
                reached.lock().expect("no panic").entry(alert).or_insert_with(Instant::now);
            }
        }
    });
}

/// Its thread ends with the mail server, which ends after five minutes, or with this process.
fn read_mail(mut letterbox: Receiver, reached: Reached) {
    let read = move || {
        loop {
            let mail = letterbox.line();
            let at = Instant::now();
            let text = mail["mail"].as_str().expect("a mail");
            let about = text.lines().find_map(|line| line.strip_prefix("References: <"));
            if let Some(alert) = about.and_then(|id| id.split('@').next()?.parse().ok()) {
                reached.lock().expect("no panic").entry(alert).or_insert(at);
            }
        }
    };
    std::thread::Builder::new().name("letters".to_owned()).spawn(read).expect("a thread");
}

/// An alert as the webhook told it first.
struct Told {
    alert: Uuid,
    raised_us: u64,
    hooked: Instant,
}

type Faults<'a> = [(u32, &'a Way, SystemTime)];

/// Waits until each fault's alert has reached all; by camera.
async fn reached_all(
    (hook, came): (&Hook, &Mutex<Vec<Instant>>),
    faults: &Faults<'_>,
    topics: &Reached,
    mails: &Reached,
) -> BTreeMap<u32, Told> {
    let until = Instant::now() + ALL_WITHIN;
    let (mut told, mut seen): (BTreeMap<u32, Told>, usize) = (BTreeMap::new(), 0);
    loop {
        let came = came.lock().expect("no panic").clone();
        let requests = hook.requests();
        for (request, hooked) in requests.iter().zip(came.iter().copied()).skip(seen) {
            let body: Value = serde_json::from_str(&request.body).expect("JSON");
            let alert = &body["details"];
            let camera = alert["subject"]["camera"].as_str().and_then(|id| id.strip_prefix("cam-"));
            let Some(camera) = camera.and_then(|n| n.parse().ok()) else { continue };
            let of =
                |(n, way, _): &(u32, &Way, SystemTime)| *n == camera && alert["kind"] == way.kind;
            if faults.iter().any(of) {
                let id = alert["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
                let raised_us = alert["raised_at"].as_u64().expect("a time");
                told.entry(camera).or_insert(Told { alert: id, raised_us, hooked });
            }
        }
        seen = came.len();
        let there =
            |reached: &Reached, id: &Uuid| reached.lock().expect("no panic").contains_key(id);
        let everywhere = |told: &Told| there(topics, &told.alert) && there(mails, &told.alert);
        if told.len() == faults.len() && told.values().all(everywhere) {
            return told;
        }
        let missing = faults.iter().filter(|(n, ..)| !told.get(n).is_some_and(everywhere));
        let missing: Vec<_> = missing.map(|(n, way, _)| (n, way.kind)).collect();
        assert!(Instant::now() < until, "not everywhere: {missing:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn report(
    faults: &Faults<'_>,
    told: &BTreeMap<u32, Told>,
    console: &Console,
    topics: &Reached,
    mails: &Reached,
) {
    let (now, unix_now) = (Instant::now(), SystemTime::now());
    let unix = |us| UNIX_EPOCH + Duration::from_micros(us);
    println!("{} faults in the simulator, {EVERY:?} apart", faults.len());
    println!("  until the alert is raised");
    let mut over: f64 = f64::MIN;
    for way in &WAYS {
        let of = faults.iter().filter(|(_, other, _)| other.kind == way.kind);
        let took: Vec<Duration> = of
            .map(|(n, _, at)| unix(told[n].raised_us).duration_since(*at).unwrap_or_default())
            .collect();
        if took.is_empty() {
            continue;
        }
        let times = Times::of(took);
        over = over.max(times.ms(100) / 1000.0 - way.own_s);
        println!("  {:9} {times}; its own {} s: {}", way.kind, way.own_s, way.why);
    }
    goals::at_most("raised after its own delay by", over, 1.0, " s");
    let raised =
        |told: &Told| now - unix_now.duration_since(unix(told.raised_us)).unwrap_or_default();
    let book = console.book();
    assert!(book.faults.is_empty(), "{:?}", book.faults);
    let heard = |told: &Told| {
        book.changes.iter().find(|change| change.alert == told.alert).expect("it came").at
    };
    let reached = |at: &dyn Fn(&Told) -> Instant| {
        Times::of(told.values().map(|told| at(told).saturating_duration_since(raised(told))))
    };
    let of = |reached: &Reached, told: &Told| reached.lock().expect("no panic")[&told.alert];
    println!("  from raised, through the commit, to");
    for (who, times, goal_s) in [
        ("console", reached(&heard), 1.0),
        ("webhook", reached(&|told| told.hooked), 5.0),
        ("MQTT", reached(&|told| of(topics, told)), 5.0),
        ("SMTP", reached(&|told| of(mails, told)), 5.0),
    ] {
        println!("  {who:9} {times}");
        goals::at_most(format!("p99 to {who}"), times.ms(99) / 1000.0, goal_s, " s");
    }
    println!();
}
