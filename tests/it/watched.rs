//! Live video from camera to socket: who watches decides what is pulled, and no camera ever sees
//! more than one session of each of its streams.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{sync::watch, task::JoinSet, time::timeout};
use tokio_tungstenite::tungstenite::Message;
use watchwall::{
    domain::{
        camera::Handle,
        media::{Header, Kind, flags},
    },
    sim::{CameraStats, FaultKind, Sim},
};

use crate::{
    centre::Client,
    served::{self, Premises, Served, now_us, signal},
    station,
    town::{Town, WITHIN},
};

/// Reads the next binary message's header and how long its payload is.
async fn header(client: &mut Client) -> (Header, usize) {
    let (header, payload) = client.tile().await;
    (header, payload.len())
}

fn video(camera: &str, stream: &str) -> String {
    format!(r#"{{"type":"subscribe","video":[{{"camera":"{camera}","stream":"{stream}"}}]}}"#)
}

async fn until(what: &str, mut is: impl FnMut() -> bool) {
    let deadline = Instant::now() + WITHIN;
    while !is() {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn seen(sim: &Sim, camera: usize) -> CameraStats {
    sim.stats().cameras[camera - 1].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_main_stream_is_pulled_while_it_is_watched_and_a_sub_stream_comes_whole() {
    let town = Town::new(2).await;
    town.until_online(1..=2).await;
    assert_eq!(town.camera(1).await["main"], Value::Null);
    let before = seen(&town.sim, 1).sessions;

    // The sub stream of a camera that plays already: its keyframe at once, then every frame.
    let mut viewer = town.media().await;
    viewer.say(video("cam-001", "sub")).await;
    let (mut run, mut last) = (0, None);
    while run < 40 {
        let (header, _) = header(&mut viewer).await;
        if header.kind != Kind::VideoAccessUnit {
            continue;
        }
        let last = last.replace(header.media_time);
        // Its worker sends the newest keyframe again, and all since, when somebody comes.
        if last.is_none() || header.flags & flags::DISCONTINUITY != 0 {
            assert!(header.flags & flags::KEYFRAME != 0, "begins with a keyframe");
            run = 0;
        } else {
            let step = last.map(|last: u32| header.media_time.wrapping_sub(last));
            assert_eq!(step, Some(7_200), "12.5 frames a second");
            run += 1;
        }
    }
    assert_eq!(seen(&town.sim, 1).sessions, before, "in the session that runs");

    // Its main stream, by two viewers: one more session, and the state goes with it.
    let mut other = town.media().await;
    viewer.say(video("cam-001", "main")).await;
    other.say(video("cam-001", "main")).await;
    town.until(1, "played its main stream", |camera| camera["main"]["state"] == "playing").await;
    for client in [&mut viewer, &mut other] {
        let main = async {
            loop {
                let Message::Binary(message) = client.next().await else { continue };
                let header = Header::decode(&message).expect("a header");
                let text = String::from_utf8_lossy(&message[Header::LEN..]).into_owned();
                if header.kind == Kind::VideoConfiguration && text.contains("\"main\"") {
                    return text;
                }
            }
        };
        let configuration = timeout(WITHIN, main).await.expect("the main stream comes");
        assert!(configuration.contains("1280"), "{configuration}");
    }
    assert_eq!((seen(&town.sim, 1).main_open, seen(&town.sim, 1).sub_open), (1, 1));
    assert_eq!(town.camera(2).await["main"], Value::Null, "nobody watches the other camera");

    drop(other);
    drop(viewer);
    until("the main stream is let go", || seen(&town.sim, 1).main_open == 0).await;
    town.until(1, "was without a main stream", |camera| camera["main"].is_null()).await;
    assert_eq!((seen(&town.sim, 1).sub_open, seen(&town.sim, 1).sessions), (1, before + 1));
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tiles_at_a_high_rate_come_between_keyframes_while_they_are_wanted() {
    let town = Town::new(2).await;
    town.until_online(1..=2).await;
    let handle = town.camera(1).await["handle"].as_u64().expect("a handle");
    let handle = Handle(u32::try_from(handle).expect("a small number"));
    let mut viewer = town.media().await;
    let subscribe = |rate: &str| {
        format!(r#"{{"type":"subscribe","tiles":{{"cameras":["cam-001"],"width":320{rate}}}}}"#)
    };
    viewer.say(subscribe(r#","rate":"high""#)).await;
    // By the camera's own time, so that a slow machine's reader does not matter.
    let often = gaps_until(&mut viewer, handle, |gaps| {
        gaps.len() >= 10 && gaps[gaps.len() - 10..].iter().sum::<u32>() <= 3 * 90_000
    });
    timeout(WITHIN, often).await.expect("ten tiles in three seconds");
    let camera = town.camera(1).await;
    let usual = camera["refresh_s"].as_f64().unwrap_or(2.0);
    assert!(usual > 1.5, "what is usual is not learnt from a wish: {camera}");

    viewer.say(subscribe("")).await;
    let seldom =
        gaps_until(&mut viewer, handle, |gaps| gaps.ends_with(&[2 * 90_000; 3]) && gaps.len() > 3);
    timeout(WITHIN, seldom).await.expect("keyframes alone again");
    town.stop().await;
}

/// Reads tiles of a camera until the gaps between them, in units of 90 kHz, are as wished.
async fn gaps_until(viewer: &mut Client, camera: Handle, is: impl Fn(&[u32]) -> bool) {
    let (mut gaps, mut last) = (Vec::new(), None);
    while !is(&gaps) {
        let (header, _) = header(viewer).await;
        assert_eq!((header.kind, header.camera), (Kind::Tile, camera));
        let before = last.replace(header.media_time);
        gaps.extend(before.map(|before: u32| header.media_time.wrapping_sub(before)));
    }
}

/// What fifty viewers have been up to.
#[derive(Default)]
struct Crowd {
    joined: AtomicU64,
    units: AtomicU64,
    main_units: AtomicU64,
}

impl Crowd {
    fn joined(&self) -> u64 {
        self.joined.load(Ordering::Relaxed)
    }

    fn main_units(&self) -> u64 {
        self.main_units.load(Ordering::Relaxed)
    }

    /// Comes, watches for a moment, leaves, and comes again; each viewer in a rhythm of its own.
    /// Where the centre is can change, and for a while there is none.
    async fn viewer(self: Arc<Self>, n: u64, mut centre: watch::Receiver<Option<SocketAddr>>) {
        let stream = if n.is_multiple_of(5) { "sub" } else { "main" };
        loop {
            let Ok(address) = centre.wait_for(Option::is_some).await.map(|found| *found) else {
                return;
            };
            let Some(mut client) = station::media(address.expect("it was waited for")).await else {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            if client.socket.send(Message::text(video("cam-001", stream))).await.is_err() {
                continue;
            }
            self.joined.fetch_add(1, Ordering::Relaxed);
            let stay = Duration::from_millis(200 + 137 * (n % 17));
            let _ = timeout(stay, self.read(&mut client, stream)).await;
            drop(client);
            tokio::time::sleep(Duration::from_millis(31 * (n % 13))).await;
        }
    }

    async fn read(&self, client: &mut Client, stream: &str) {
        let mut main = false;
        while let Some(Ok(message)) = client.socket.next().await {
            let Message::Binary(message) = message else { continue };
            match Header::decode(&message).expect("a header").kind {
                Kind::VideoConfiguration => {
                    let configuration = &message[Header::LEN..];
                    let json: Value = serde_json::from_slice(configuration).expect("JSON");
                    main = json["stream"] == "main";
                    assert!(!main || stream == "main", "nobody asked for the large stream");
                }
                Kind::VideoAccessUnit => {
                    self.units.fetch_add(1, Ordering::Relaxed);
                    self.main_units.fetch_add(u64::from(main), Ordering::Relaxed);
                }
                Kind::Tile => {}
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_viewers_of_a_camera_that_allows_two_sessions_never_make_it_a_third() {
    let sim = served::simulator(2).await;
    sim.faults().set(1, FaultKind::SessionLimit, None).expect("there is a camera 1");
    let mut premises = Premises::new();
    for n in 1..=2 {
        let url = |stream| format!("rtsp://{}/cam/{n:03}/{stream}", sim.rtsp_addr());
        premises.camera(n, &url("sub"), &format!("main_url = {:?}", url("main")));
    }
    premises.write("");
    let mut served = Served::start(&premises.config()).await;
    served.until_online(1..=2).await;

    let (tell, centre) = watch::channel(Some(served.address()));
    let crowd = Arc::new(Crowd::default());
    let mut viewers = JoinSet::new();
    for n in 0..50 {
        viewers.spawn(crowd.clone().viewer(n, centre.clone()));
    }
    let busy = async |what: &str| {
        let (joined, units) = (crowd.joined(), crowd.main_units());
        until(what, || crowd.joined() > joined + 150 && crowd.main_units() > units + 2_000).await;
        let stats = seen(&sim, 1);
        println!(
            "{what}: {} joined, {} units of main, {} sessions, {} at most at once, {} refused",
            crowd.joined(),
            crowd.main_units(),
            stats.sessions,
            stats.sessions_most,
            stats.sessions_refused
        );
    };
    busy("at first").await;

    // The worker that holds both sessions dies.
    served.workers("ingest").into_iter().for_each(|pid| signal(pid, "KILL"));
    served.until_pictures(now_us(), &[1, 2]).await;
    busy("after the worker's end").await;

    // The whole service dies, and comes back at once.
    for round in 1..=2 {
        tell.send_replace(None);
        served.signal("KILL");
        assert!(!served.ended().await.success());
        served = Served::start(&premises.config()).await;
        tell.send_replace(Some(served.address()));
        busy(&format!("after kill -9 number {round}")).await;
    }

    // All leave; the main stream is let go, and the next viewer gets it again.
    tell.send_replace(None);
    viewers.shutdown().await;
    until("the main stream is let go", || seen(&sim, 1).main_open == 0).await;
    let mut viewer = station::media(served.address()).await.expect("a media socket");
    viewer.say(video("cam-001", "main")).await;
    until("the main stream plays again", || seen(&sim, 1).main_open == 1).await;

    let stats = seen(&sim, 1);
    assert_eq!((stats.sessions_most, stats.sessions_refused), (2, 0), "{stats:?}");
    assert_eq!((stats.sub_open, stats.main_open), (1, 1));
    assert_eq!(seen(&sim, 2).sessions_most, 1, "nobody watched the other camera");
    println!("{} units in all", crowd.units.load(Ordering::Relaxed));
    served.signal("TERM");
    assert!(served.ended().await.success());
    sim.shutdown().await;
}
