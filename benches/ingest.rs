//! What a picture costs on its way from a camera's socket to the hub: CPU time and delay through a
//! real ingest worker process (guard, RTSP library, link) and the centre (link, crew, intake), next
//! to the bare RTSP library and to `ffmpeg -c copy` on the same streams, in turns; and the memory
//! that one more stream takes. The streams are sub streams in real time, served by another process.
//! Asserts that the pictures came.

use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use futures_util::StreamExt;
use hdrhistogram::Histogram;
use retina::{
    client::{PlayOptions, Session, SessionOptions, SetupOptions},
    codec::{CodecItem, FrameFormat},
};
use serde::{Deserialize, Serialize};
use tokio::{runtime::Builder, sync::mpsc, time::sleep};
use watchwall::{
    domain::{
        assignment::WorkerId,
        camera::{Handle, Transport},
        media::{AccessUnit, StreamFormat, StreamKind, StreamRef},
    },
    hub::{self, fanout::Fanout},
    service::process,
    worker::{
        crew::{Crew, CrewEvent, Intake},
        message::{Forward, FromIngest, OpenSession, SessionId, SessionLimits, ToIngest},
        spawn::{Launcher, Role},
    },
};

#[path = "ingest/cameras.rs"]
mod cameras;
#[path = "ingest/copy.rs"]
mod copy;

use cameras::{BYTES_ON_AVERAGE, KEYFRAME, PICTURE, PICTURES_PER_SECOND, stamp_of};

/// Handshakes, first allocations: not what is measured.
const WARM_UP: Duration = Duration::from_millis(1500);

/// What one measurement found.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Found {
    pictures: u64,
    bytes: u64,
    /// CPU time of the process that reads from the cameras, ns.
    reader_ns: u64,
    /// CPU time of the process that hosts the hub, ns.
    centre_ns: u64,
    /// Resident memory of both.
    kib: u64,
    p50_us: u64,
    p99_us: u64,
}

impl Found {
    fn each_us(&self) -> f64 {
        (self.reader_ns + self.centre_ns) as f64 / 1000.0 / self.pictures as f64
    }

    fn per_mbit_us(&self) -> f64 {
        (self.reader_ns + self.centre_ns) as f64 / 1000.0 / (self.bytes as f64 * 8.0 / 1e6)
    }
}

/// How much is measured.
struct Plan {
    sessions: usize,
    fewer: usize,
    ffmpegs: usize,
    rounds: usize,
    measured: Duration,
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let number = |n: usize| args[n].parse::<u64>().expect("a number");
    match args.get(1).map(String::as_str) {
        Some("worker") => return process::run(Role::Ingest, number(4)).expect("a link"),
        Some("--serve") => return cameras::serve(),
        Some("--bare") => return tell(bare(camera(&args), number(3) as usize, seconds(&args))),
        Some("--all") => return centre(&args, number(3) as usize, Forward::All),
        Some("--keyframes") => return centre(&args, number(3) as usize, Forward::Keyframes),
        _ => {}
    }
    // `cargo test` runs benches without `--bench`: they only have to work then.
    let plan = if !args.iter().any(|arg| arg == "--bench") {
        Plan { sessions: 3, fewer: 1, ffmpegs: 1, rounds: 1, measured: Duration::from_secs(3) }
    } else if args.iter().any(|arg| arg == "--quick") {
        Plan { sessions: 25, fewer: 5, ffmpegs: 2, rounds: 1, measured: Duration::from_secs(3) }
    } else {
        Plan { sessions: 25, fewer: 5, ffmpegs: 4, rounds: 5, measured: Duration::from_secs(5) }
    };
    let mut server = role(&["--serve"], Stdio::piped());
    let mut line = String::new();
    BufReader::new(server.stdout.take().expect("piped")).read_line(&mut line).expect("an address");
    report(&plan, line.trim());
    // It ends with its standard input.
    drop(server.stdin.take());
    server.wait().expect("it ends");
}

fn report(plan: &Plan, camera: &str) {
    println!(
        "{} streams of {PICTURES_PER_SECOND} pictures/s ({PICTURE} B, each second a keyframe of {KEYFRAME} B), {} rounds of {} s, median",
        plan.sessions,
        plan.rounds,
        plan.measured.as_secs()
    );
    println!(
        "{:24} {:>9} {:>8} {:>8} {:>7} {:>7} {:>8} {:>7} {:>7} {:>10}",
        "",
        "µs/pict.",
        "of bare",
        "µs/Mbit",
        "reader",
        "centre",
        "of copy",
        "p50 ms",
        "p99 ms",
        "KiB/stream"
    );
    let ask = |what: &str, sessions: usize| measure(what, camera, sessions, plan);
    let copies = (plan.ffmpegs > 0).then(|| copy::measure(camera, plan.ffmpegs, plan.measured));
    let rows =
        [("bare library", "--bare"), ("all pictures", "--all"), ("keyframes only", "--keyframes")];
    let rounds: Vec<Vec<Found>> = (0..plan.rounds)
        .map(|_| rows.iter().map(|(_, what)| ask(what, plan.sessions)).collect())
        .collect();
    let copied = copies.map(|copies| copies.each_us());
    for (n, (name, what)) in rows.iter().enumerate() {
        let few = ask(what, plan.fewer);
        let over = |of: &dyn Fn(&[Found]) -> f64| median(rounds.iter().map(|round| of(round)));
        let kib = over(&|round| round[n].kib as f64) - few.kib as f64;
        println!(
            "{name:24} {:9.1} {:8.2} {:8.0} {:7.1} {:7.1} {:8.2} {:7.2} {:7.2} {:10.0}",
            over(&|round| round[n].each_us()),
            over(&|round| round[n].each_us() / round[0].each_us()),
            over(&|round| round[n].per_mbit_us()),
            over(&|round| round[n].reader_ns as f64 / 1000.0 / round[n].pictures as f64),
            over(&|round| round[n].centre_ns as f64 / 1000.0 / round[n].pictures as f64),
            copied.map_or(0.0, |copied| over(&|round| round[n].each_us()) / copied),
            over(&|round| round[n].p50_us as f64 / 1000.0),
            over(&|round| round[n].p99_us as f64 / 1000.0),
            kib / (plan.sessions - plan.fewer) as f64,
        );
    }
    if let Some(copies) = copies {
        println!(
            "{:24} {:9.1} {:>8} {:8.0} {:7.1} {:>7} {:>8} {:>7} {:>7} {:10}",
            format!("ffmpeg -c copy ({})", plan.ffmpegs),
            copies.each_us(),
            "",
            copies.per_mbit_us(),
            copies.each_us(),
            "",
            "1.00",
            "",
            "",
            copies.kib / plan.ffmpegs as u64,
        );
    }
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = figures.collect();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Runs one measurement in a process of its own.
fn measure(what: &str, camera: &str, sessions: usize, plan: &Plan) -> Found {
    let (sessions_text, ms) = (sessions.to_string(), plan.measured.as_millis().to_string());
    let child = role(&[what, camera, &sessions_text, &ms], Stdio::piped());
    let output = child.wait_with_output().expect("it ends");
    let found: Found = serde_json::from_slice(&output.stdout).expect("its figures");
    let expected = sessions as f64 * f64::from(PICTURES_PER_SECOND) * plan.measured.as_secs_f64();
    // Where the worker counts, it says so once a second.
    let share = found.pictures as f64 / expected;
    assert!((0.3..3.0).contains(&share), "{what}: {} pictures of {expected}", found.pictures);
    found
}

fn role(args: &[&str], stdout: Stdio) -> Child {
    Command::new(std::env::current_exe().expect("this program"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(stdout)
        .spawn()
        .expect("this program starts")
}

fn camera(args: &[String]) -> SocketAddr {
    args[2].parse().expect("an address")
}

fn seconds(args: &[String]) -> Duration {
    Duration::from_millis(args[4].parse().expect("milliseconds"))
}

fn tell(found: Found) {
    let mut out = std::io::stdout();
    serde_json::to_writer(&mut out, &found).expect("figures");
    out.flush().expect("somebody reads");
}

/// CPU time of all threads of a process so far, ns.
fn cpu(pid: u32) -> u64 {
    let spent = |task: &Path| -> Option<u64> {
        let text = std::fs::read_to_string(task.join("schedstat")).ok()?;
        text.split(' ').next()?.parse().ok()
    };
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).expect("it lives");
    tasks.filter_map(|task| spent(&task.ok()?.path())).sum()
}

/// Resident memory of a process, KiB; what it shares with the files it runs is left out.
fn memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it lives");
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("Linux");
    line.trim().trim_end_matches("kB").trim().parse().expect("a number")
}

fn now_us() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_micros() as u64
}

/// The library alone: pictures are thrown away.
fn bare(camera: SocketAddr, sessions: usize, measured: Duration) -> Found {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (pictures, bytes) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    runtime.block_on(async {
        for _ in 0..sessions {
            let url = format!("rtsp://{camera}/x").parse().expect("a URL");
            let options = SessionOptions::default();
            let mut session = Session::describe(url, options).await.expect("described");
            let options = SetupOptions::default().frame_format(FrameFormat::SIMPLE);
            session.setup(0, options).await.expect("set up");
            let playing = session.play(PlayOptions::default()).await.expect("playing");
            let mut demuxed = playing.demuxed().expect("H.264");
            let (pictures, bytes) = (pictures.clone(), bytes.clone());
            tokio::spawn(async move {
                while let Some(Ok(item)) = demuxed.next().await {
                    if let CodecItem::VideoFrame(frame) = item {
                        pictures.fetch_add(1, Ordering::Relaxed);
                        bytes.fetch_add(frame.data().len() as u64, Ordering::Relaxed);
                    }
                }
            });
        }
        let own = std::process::id();
        sleep(WARM_UP).await;
        let count = || (pictures.load(Ordering::Relaxed), bytes.load(Ordering::Relaxed), cpu(own));
        let before = count();
        sleep(measured).await;
        let after = count();
        Found {
            pictures: after.0 - before.0,
            bytes: after.1 - before.1,
            reader_ns: after.2 - before.2,
            kib: memory(own),
            ..Found::default()
        }
    })
}

/// The hub's entrance, with a look at what goes in.
#[derive(Debug)]
struct Counting {
    hub: hub::intake::Intake,
    pictures: AtomicU64,
    bytes: AtomicU64,
    delays_us: Mutex<Histogram<u32>>,
}

impl Intake for Counting {
    fn format(&self, source: StreamRef, format: &StreamFormat) {
        self.hub.format(source, format);
    }

    fn unit(&self, session: SessionId, unit: AccessUnit) {
        let delay = now_us().saturating_sub(stamp_of(&unit.data));
        self.pictures.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(unit.data.len() as u64, Ordering::Relaxed);
        self.hub.unit(session, unit);
        self.delays_us.lock().expect("no panic inside").record(delay).expect("it grows");
    }
}

/// The centre, on a runtime like the service's, and one worker process.
fn centre(args: &[String], sessions: usize, forward: Forward) {
    let (camera, measured) = (camera(args), seconds(args));
    let runtime = Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (fanout, thread) = Fanout::spawn(Default::default()).expect("a thread");
        // As many as the service lets wait.
        let (stage, mut units) = mpsc::channel(1024);
        tokio::spawn(async move { while units.recv().await.is_some() {} });
        let intake = Arc::new(Counting {
            hub: hub::intake::Intake::new(fanout.clone(), stage, Arc::default()),
            pictures: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            delays_us: Mutex::new(Histogram::new(3).expect("digits")),
        });
        let launcher = Launcher {
            exe: std::env::current_exe().expect("this program"),
            memory_bytes: 1 << 30,
            log: "warn".to_owned(),
        };
        let (says, mut said) = mpsc::channel(1024);
        let mut crew = Crew::new(launcher, says, intake.clone());
        crew.start(WorkerId(1));
        for n in 0..sessions as u32 {
            crew.tell(WorkerId(1), ToIngest::Open(Box::new(open(camera, n, forward))));
        }
        // In keyframes' case the pictures are counted where they are left out: by the worker.
        let frames = Arc::new(Mutex::new(vec![0; sessions]));
        let seen = frames.clone();
        tokio::spawn(async move {
            while let Some(event) = said.recv().await {
                match event {
                    CrewEvent::Said(_, FromIngest::Stats { session, stats }) => {
                        seen.lock().expect("no panic inside")[session.0 as usize] = stats.frames;
                    }
                    CrewEvent::Said(_, FromIngest::Ended { fault, .. }) => {
                        unreachable!("{fault:?}")
                    }
                    CrewEvent::Gone { evidence, .. } => unreachable!("{evidence}"),
                    CrewEvent::Said(..) => {}
                }
            }
        });
        sleep(WARM_UP).await;
        let (own, worker) = (std::process::id(), crew.pids()[0].1);
        let read = || frames.lock().expect("no panic inside").iter().sum::<u64>();
        let forwarded =
            || (intake.pictures.load(Ordering::Relaxed), intake.bytes.load(Ordering::Relaxed));
        let before = (forwarded(), read(), cpu(worker), cpu(own));
        intake.delays_us.lock().expect("no panic inside").reset();
        sleep(measured).await;
        let after = (forwarded(), read(), cpu(worker), cpu(own));
        let delays = intake.delays_us.lock().expect("no panic inside").clone();
        let pictures = match forward {
            Forward::All => after.0.0 - before.0.0,
            Forward::Keyframes => after.1 - before.1,
        };
        let found = Found {
            pictures,
            bytes: match forward {
                Forward::All => after.0.1 - before.0.1,
                Forward::Keyframes => pictures * BYTES_ON_AVERAGE as u64,
            },
            reader_ns: after.2 - before.2,
            centre_ns: after.3 - before.3,
            kib: memory(own) + memory(worker),
            p50_us: delays.value_at_quantile(0.5),
            p99_us: delays.value_at_quantile(0.99),
        };
        tell(found);
        fanout.shutdown();
        thread.join().expect("it ends");
    });
}

fn open(camera: SocketAddr, n: u32, forward: Forward) -> OpenSession {
    OpenSession {
        session: SessionId(n.into()),
        source: StreamRef { camera: Handle(n), stream: StreamKind::Sub },
        url: format!("rtsp://{camera}/x").parse().expect("a URL"),
        address: camera,
        transport: Transport::Tcp,
        credentials: None,
        allow_basic: false,
        forward,
        limits: SessionLimits::default(),
    }
}
