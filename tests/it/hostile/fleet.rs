//! Every kind of hostile camera at once, in one worker with honest ones.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener},
    ops::RangeInclusive,
    time::{Duration, Instant},
};

use serde_json::Value;
use watchwall::sim::FaultKind;

use crate::served::{self, Premises, Served, now_us, resident};

/// Cameras that nothing is wrong with.
const HONEST: RangeInclusive<u32> = 1..=6;

/// How long the hostile ones act: longer than a keyframe interval of 30 s and the hold after 453.
const ACT_FOR: Duration = Duration::from_secs(70);

/// An honest camera's keyframe comes every 2 s; its newest picture is never older than that and 3 s.
const AGE_MAX: Duration = Duration::from_secs(5);

/// What the centre may grow by, whatever cameras send.
const GROWTH_MAX: u64 = 16 * 1024 * 1024;

/// What one worker may take; 256 MiB is what the configuration says when it says nothing.
const WORKER_MAX: u64 = 256 * 1024 * 1024;

/// One hostile camera: what is said of it once it has shown its nature.
struct Hostile {
    number: u32,
    fault: Option<FaultKind>,
    said: Said,
}

enum Said {
    /// State, condition, and words of the reason.
    As(&'static str, &'static str, &'static str),
    /// It stays watchable: never offline or stalled, and its picture is seldom older than this.
    Watchable(Duration),
    /// Watchable, and refreshed about once a second whatever its keyframes do.
    Refreshed,
    /// It comes back with another codec.
    Recoded,
    /// It comes and goes, but no picture of it may be wrong.
    Whatever,
}

fn hostilities() -> Vec<Hostile> {
    use FaultKind as Kind;
    use Said::{As, Recoded, Refreshed, Watchable, Whatever};
    let secs = Duration::from_secs;
    let simulated = [
        (Kind::Refuse, As("offline", "refused", "reset the connection")),
        (Kind::Close, Whatever),
        (Kind::Stall, As("stalled", "stalled", "no video")),
        (Kind::Silent, As("offline", "unreachable", "did not answer")),
        (Kind::Busy, As("offline", "session-limit", "no free session (453")),
        (Kind::EndlessHeader, As("offline", "abusive", "header of more than 64 KiB")),
        (Kind::HugeContentLength, As("offline", "abusive", "100000000000 bytes")),
        (Kind::OversizeUnit, As("offline", "abusive", "one picture of more than 8 MiB")),
        (Kind::GiantSps, As("offline", "unsupported", "16384x8192 pixels")),
        (Kind::Redirect, As("offline", "redirect", "which is not followed")),
        (Kind::ForeignBase, As("offline", "redirect", "another host")),
        (Kind::Auth, As("offline", "credentials-rejected", "no further try for")),
        (Kind::BadKeyframe, As("stalled", "decode-errors", "keyframes cannot be decoded")),
        (Kind::Loss, Whatever),
        (Kind::Garbage, Watchable(AGE_MAX)),
        (Kind::LongGop, Refreshed),
        (Kind::Gop30, Refreshed),
        (Kind::Resolution, Watchable(secs(10))),
        (Kind::CodecSwap, Recoded),
    ];
    let first = HONEST.end() + 1;
    let simulated = (first..).zip(simulated);
    simulated.map(|(number, (fault, said))| Hostile { number, fault: Some(fault), said }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_cameras_are_told_for_what_they_are_and_cost_their_neighbours_nothing() {
    let mut fleet = hostilities();
    let sim_cameras = fleet.last().map_or(0, |last| last.number);
    let sim = served::simulator(sim_cameras).await;
    let mut premises = Premises::new();
    premises.cameras_of(&sim, 1..=sim_cameras);

    // Two that no simulator can be: one that accepts nothing, and one that is not there.
    let (deaf, _held) = deaf_listener();
    let closed = closed_port();
    for (address, said) in [
        (deaf, Said::As("offline", "unreachable", "did not accept a connection within 5 s")),
        (closed, Said::As("offline", "refused", "its RTSP port is closed")),
    ] {
        let number = sim_cameras + 1 + u32::from(address == closed);
        premises.camera(number, &format!("rtsp://{address}/sub"), "");
        fleet.push(Hostile { number, fault: None, said });
    }
    premises.write("cameras_per_worker = 60");

    let mut served = Served::start(&premises.config()).await;
    served.until_online(1..=sim_cameras).await;
    assert_eq!(served.workers("ingest").len(), 1, "all are neighbours");
    let before = resident(served.pid());

    for hostile in &fleet {
        if let Some(fault) = hostile.fault {
            sim.faults().set(hostile.number, fault, None).expect("there is such a camera");
        }
    }
    let seen = Witness::watch(&served, ACT_FOR).await;
    println!("{}", seen.table(&fleet, before));

    for n in HONEST {
        let age = seen.ages[&n];
        assert!(age <= AGE_MAX, "honest camera {n}: its newest picture was {age:?} old");
        assert_eq!(seen.states[&n].keys().collect::<Vec<_>>(), ["online "], "honest camera {n}");
    }
    assert!(seen.centre.saturating_sub(before) < GROWTH_MAX, "{before} -> {} bytes", seen.centre);
    assert!(seen.worker < WORKER_MAX, "a worker took {} bytes", seen.worker);
    assert!(sim.stats().handshakes_at_once_max <= 16);

    for hostile in &fleet {
        let Hostile { number, said, .. } = hostile;
        match said {
            Said::As(state, condition, words) => {
                let told = |camera: &Value| {
                    let reason = camera["reason"].as_str().unwrap_or_default();
                    camera["state"] == *state
                        && camera["conditions"][0] == *condition
                        && reason.contains(words)
                };
                served.until(*number, &format!("was told as {condition}: {words}"), told).await;
            }
            Said::Watchable(age_max) => seen.watchable(hostile, *age_max),
            Said::Refreshed => {
                seen.watchable(hostile, Duration::from_secs(10));
                let refresh = seen.last[number]["refresh_s"].as_f64().expect("it is learnt");
                assert!((0.5..=2.0).contains(&refresh), "{:?}: every {refresh} s", hostile.fault);
                let late = seen.late_ages[number];
                assert!(late <= AGE_MAX, "{:?}: a picture {late:?} old", hostile.fault);
            }
            Said::Recoded => {
                let recoded =
                    |camera: &Value| camera["codec"] == "h265" && camera["state"] == "online";
                served.until(*number, "came back as H.265", recoded).await;
            }
            Said::Whatever => {}
        }
    }
    let attempts = |n: u32| sim.stats().cameras[n as usize - 1].sign_in_rejected;
    let rejected = fleet.iter().find(|hostile| hostile.fault == Some(FaultKind::Auth));
    assert_eq!(attempts(rejected.expect("it is among them").number), 3);

    served.signal("TERM");
    assert!(served.ended().await.success());
    sim.shutdown().await;
}

/// What was seen while the hostile cameras acted.
#[derive(Default)]
struct Witness {
    /// How often each camera was in each state.
    states: BTreeMap<u32, BTreeMap<String, u32>>,
    /// The oldest that each camera's newest picture ever was.
    ages: BTreeMap<u32, Duration>,
    /// The same, of the second half.
    late_ages: BTreeMap<u32, Duration>,
    last: BTreeMap<u32, Value>,
    /// The most memory that the centre took, and that any worker did.
    centre: u64,
    worker: u64,
}

impl Witness {
    async fn watch(served: &Served, lasting: Duration) -> Self {
        let mut seen = Self::default();
        let (half, end) = (Instant::now() + lasting / 2, Instant::now() + lasting);
        while Instant::now() < end {
            let now = now_us();
            for camera in served.cameras().await {
                seen.camera(now, camera, Instant::now() > half);
            }
            seen.centre = seen.centre.max(resident(served.pid()));
            for role in ["ingest", "decode"] {
                let most = served.workers(role).into_iter().map(resident).max();
                seen.worker = seen.worker.max(most.unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        seen
    }

    fn camera(&mut self, now: u64, camera: Value, late: bool) {
        let number = camera["number"].as_u64().and_then(|n| u32::try_from(n).ok());
        let number = number.expect("a number");
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let state = format!("{} {}", word(&camera["state"]), word(&camera["conditions"][0]));
        *self.states.entry(number).or_default().entry(state).or_default() += 1;
        if let Some(at) = camera["last_frame_at"].as_u64() {
            let age = Duration::from_micros(now.saturating_sub(at));
            let oldest = self.ages.entry(number).or_default();
            *oldest = age.max(*oldest);
            if late {
                let oldest = self.late_ages.entry(number).or_default();
                *oldest = age.max(*oldest);
            }
        }
        self.last.insert(number, camera);
    }

    /// It was never offline nor stalled, and its newest picture never older.
    fn watchable(&self, hostile: &Hostile, age_max: Duration) {
        let states = &self.states[&hostile.number];
        let lost = |state: &&String| state.starts_with("offline") || state.starts_with("stalled");
        let lost: Vec<_> = states.keys().filter(lost).collect();
        assert!(lost.is_empty(), "{:?} was {states:?}", hostile.fault);
        let age = self.ages[&hostile.number];
        assert!(age <= age_max, "{:?}: a picture {age:?} old", hostile.fault);
    }

    fn table(&self, fleet: &[Hostile], before: u64) -> String {
        let mib = |bytes: u64| bytes as f64 / 1024.0 / 1024.0;
        let mut table = format!(
            "centre {:.1} MiB, at most {:.1} MiB; largest worker {:.1} MiB\n",
            mib(before),
            mib(self.centre),
            mib(self.worker)
        );
        for (number, states) in &self.states {
            let hostile = fleet.iter().find(|hostile| hostile.number == *number);
            let name = hostile.map_or_else(
                || "honest".to_owned(),
                |hostile| hostile.fault.map_or_else(|| "no simulator".to_owned(), FaultKind::name),
            );
            let camera = &self.last[number];
            table.push_str(&format!(
                "{number:>3} {name:<20} oldest {:>5.1} s  every {} s  reconnects {}  {states:?}  {}\n",
                self.ages.get(number).copied().unwrap_or_default().as_secs_f64(),
                camera["refresh_s"],
                camera["stream"]["reconnects"],
                camera["reason"],
            ));
        }
        table
    }
}

/// A port that accepts nothing: its backlog is full, so that the system leaves new connections
/// unanswered as an unreachable host does. Keep the second value.
fn deaf_listener() -> (SocketAddr, impl Sized) {
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let listener = socket.listen(1).expect("bound");
    let address = listener.local_addr().expect("bound");
    let mut held = Vec::new();
    // The first connection that is not answered tells that the queue is full.
    let patience = Duration::from_millis(500);
    while let Ok(stream) = std::net::TcpStream::connect_timeout(&address, patience) {
        held.push(stream);
        assert!(held.len() < 100, "the backlog never fills");
    }
    (address, (listener, held))
}

/// A port where nobody listens: it was free a moment ago.
fn closed_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.77:0").expect("a free port");
    listener.local_addr().expect("bound")
}
