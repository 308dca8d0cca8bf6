//! How many cameras one machine carries, and what each costs: the whole service as it is run, with
//! its worker processes, on simulated cameras over real sockets, and one screen that subscribes to
//! all of them.
//!
//! `make capacity` runs 50, 150, 500 and 1,000 cameras, some minutes in all. `--quick` is a few
//! seconds of 50 cameras, to see that it works. `--cameras 150` runs that number alone. It asserts
//! that every camera was painted, never how fast or at what cost: docs/capacity.md has the goals.

#[path = "support/processes.rs"]
mod processes;
#[path = "support/scrape.rs"]
mod scrape;
#[path = "support/usage.rs"]
mod usage;
#[path = "support/viewer.rs"]
mod viewer;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use processes::Program;
use scrape::{Metrics, not_online};
use usage::{Cpu, Memory, Role, memory, roles, yardstick};
use viewer::{Seen, Viewer};

/// Generous: slow, shared machines encode and connect slowly.
const PAINTED_WITHIN: Duration = Duration::from_secs(180);

/// How much is measured.
struct Plan {
    cameras: Vec<u32>,
    /// After all are painted, until handshakes and first pictures are over.
    settle: Duration,
    /// The steady window.
    window: Duration,
}

impl Plan {
    fn of_arguments() -> Self {
        let args: Vec<String> = std::env::args().skip(1).collect();
        let given = |name: &str| args.iter().any(|arg| arg == name);
        let value = |name: &str| {
            let at = args.iter().position(|arg| arg == name)?;
            args.get(at + 1)?.parse::<u32>().ok()
        };
        // `cargo test` runs benches without `--bench`: they only have to work then.
        if given("--quick") || !given("--bench") {
            let (settle, window) = (Duration::from_secs(1), Duration::from_secs(5));
            return Self { cameras: vec![value("--cameras").unwrap_or(50)], settle, window };
        }
        Self {
            cameras: value("--cameras").map_or_else(|| vec![50, 150, 500, 1000], |n| vec![n]),
            settle: Duration::from_secs(6),
            window: Duration::from_secs(value("--seconds").unwrap_or(30).into()),
        }
    }
}

/// One row.
struct Round {
    cameras: u32,
    painted_after: Duration,
    cores: BTreeMap<Role, f64>,
    machine: (f64, f64),
    memory: BTreeMap<Role, Memory>,
    /// Mean of the [`yardstick`] over the window, microseconds.
    yardstick_us: f64,
    seen: Seen,
    seconds: f64,
    before: Metrics,
    after: Metrics,
    not_online: usize,
}

const ROLES: [Role; 5] = [Role::Centre, Role::Ingest, Role::Decode, Role::Sim, Role::Viewer];

fn main() {
    let plan = Plan::of_arguments();
    println!("{}\n", machine());
    println!(
        "Small streams of 640x360, 12.5 frames/s, a keyframe every 2 s; one screen with all of \
         them at width 320;\n{} s of steady running each.\n",
        plan.window.as_secs()
    );
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let rounds: Vec<Round> = plan
        .cameras
        .iter()
        .map(|cameras| {
            let round = runtime.block_on(measure(*cameras, &plan, folder.path()));
            println!(
                "{cameras} cameras: all painted after {:.1} s",
                round.painted_after.as_secs_f64()
            );
            round
        })
        .collect();
    println!("\n{}", tables(&rounds));
}

async fn measure(cameras: u32, plan: &Plan, folder: &Path) -> Round {
    let (sim, rtsp) = Program::sim(cameras, &scenes());
    let config = folder.join(format!("{cameras}.toml"));
    std::fs::write(&config, configuration(cameras, rtsp, folder)).expect("a writable folder");
    let started = Instant::now();
    let (centre, http) = Program::serve(&config);
    let viewer = Viewer::connect(http).await;
    let painted_after = loop {
        let seen = viewer.seen();
        if seen.painted() == cameras as usize {
            break seen.first_tiles_by - started;
        }
        assert!(
            started.elapsed() < PAINTED_WITHIN,
            "only {} of {cameras} cameras were painted; the centre said:\n{}",
            seen.painted(),
            centre.said()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    tokio::time::sleep(plan.settle).await;

    let roles = roles(centre.pid(), sim.pid());
    let before = Metrics::scrape(http).await;
    viewer.restart();
    let cpu_before = Cpu::read(&roles);
    let (mut yardsticks, end) = (Vec::new(), Instant::now() + plan.window);
    while Instant::now() < end {
        yardsticks.push(yardstick());
        tokio::time::sleep(
            Duration::from_secs(1).min(end.saturating_duration_since(Instant::now())),
        )
        .await;
    }
    let cpu = Cpu::read(&roles);
    let seen = viewer.seen();
    let after = Metrics::scrape(http).await;
    let not_online = not_online(http).await;
    let memory = memory(&roles);
    let cores = ROLES.map(|role| (role, cpu.cores(&cpu_before, role)));
    assert!(seen.tiles > 0, "no picture came in the steady window");
    Round {
        cameras,
        painted_after,
        cores: cores.into(),
        machine: cpu.machine(&cpu_before),
        memory,
        yardstick_us: yardsticks.iter().sum::<f64>() / yardsticks.len() as f64,
        seconds: cpu.seconds(&cpu_before),
        seen,
        before,
        after,
        not_online,
    }
}

/// Encoded scenes are shared with the tests and kept between runs.
fn scenes() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/scenes")
}

fn configuration(cameras: u32, rtsp: SocketAddr, folder: &Path) -> String {
    let mut text = format!(
        "[http]\nlisten = \"127.0.0.1:0\"\n\n[store]\npath = {:?}\n\n[ingest]\nallow_loopback = true\n\n\
         [[wall]]\nid = \"main\"\nname = \"LED wall\"\ncameras = [\"*\"]\n",
        folder.join(format!("{cameras}.db"))
    );
    for n in 1..=cameras {
        write!(
            text,
            "\n[[camera]]\nid = \"cam-{n:03}\"\nnumber = {n}\nname = \"Camera {n}\"\n\
             url = \"rtsp://{rtsp}/cam/{n:03}/sub\"\n"
        )
        .expect("a String takes everything");
    }
    text
}

/// A row's name and how to read its value from a round.
type Row = (&'static str, Box<dyn Fn(&Round) -> String>);

fn tables(rounds: &[Round]) -> String {
    let cores = |role| move |round: &Round| format!("{:.3}", round.cores[&role]);
    let mib = |bytes: u64| format!("{:.0}", bytes as f64 / f64::from(1 << 20));
    let service = [Role::Centre, Role::Ingest, Role::Decode];
    let of = |round: &Round, role| round.memory.get(&role).copied().unwrap_or_default();
    let each = move |role| {
        move |round: &Round| {
            let memory = of(round, role);
            format!("{} / {}", mib(memory.pss), mib(memory.rss))
        }
    };
    let grown = |name: &'static str| {
        move |round: &Round| format!("{:.0}", round.after.grown(&round.before, name))
    };
    let ms = |us: u64| format!("{:.1}", us as f64 / 1e3);
    let bound = |share| {
        move |round: &Round| format!("≤ {:.1}", 1e3 * round.after.delay(&round.before, share))
    };
    let sum = move |round: &Round| -> f64 { service.iter().map(|role| round.cores[role]).sum() };
    let rows: Vec<Row> = vec![
        ("time to all painted, s", Box::new(|r| format!("{:.1}", r.painted_after.as_secs_f64()))),
        ("CPU centre, cores", Box::new(cores(Role::Centre))),
        ("CPU ingest, cores", Box::new(cores(Role::Ingest))),
        ("CPU decode, cores", Box::new(cores(Role::Decode))),
        ("**CPU service, cores**", Box::new(move |r| format!("{:.3}", sum(r)))),
        (
            "CPU service per camera, millicores",
            Box::new(move |r| format!("{:.2}", 1e3 * sum(r) / f64::from(r.cameras))),
        ),
        ("CPU simulator, cores", Box::new(cores(Role::Sim))),
        ("CPU of the measuring screen, cores", Box::new(cores(Role::Viewer))),
        (
            "machine busy (others' share), cores",
            Box::new(|r| {
                let others = r.machine.0 - r.cores.values().sum::<f64>();
                format!("{:.2} ({:.2})", r.machine.0, others.max(0.0))
            }),
        ),
        ("yardstick, µs of CPU", Box::new(|r| format!("{:.0}", r.yardstick_us))),
        ("stolen by the host, cores", Box::new(|r| format!("{:.2}", r.machine.1))),
        ("memory centre, MiB (PSS / RSS)", Box::new(each(Role::Centre))),
        ("memory ingest, MiB (PSS / RSS)", Box::new(each(Role::Ingest))),
        ("memory decode, MiB (PSS / RSS)", Box::new(each(Role::Decode))),
        (
            "**memory service, MiB (PSS)**",
            Box::new(move |r| mib(service.iter().map(|role| of(r, *role).pss).sum())),
        ),
        (
            "of that, written by one process alone, MiB",
            Box::new(move |r| mib(service.iter().map(|role| of(r, *role).private_dirty).sum())),
        ),
        ("memory simulator, MiB (PSS / RSS)", Box::new(each(Role::Sim))),
        (
            "processes ingest, decode",
            Box::new(move |r| {
                format!("{}, {}", of(r, Role::Ingest).processes, of(r, Role::Decode).processes)
            }),
        ),
        ("frame to socket p50, ms (/metrics)", Box::new(bound(0.5))),
        ("**frame to socket p99, ms** (/metrics)", Box::new(bound(0.99))),
        ("frame to screen p50, ms", Box::new(move |r| ms(r.seen.delays.value_at_quantile(0.5)))),
        ("frame to screen p99, ms", Box::new(move |r| ms(r.seen.delays.value_at_quantile(0.99)))),
        ("frame to screen worst, ms", Box::new(move |r| ms(r.seen.delays.max()))),
        ("tiles per second", Box::new(|r| format!("{:.1}", r.seen.tiles as f64 / r.seconds))),
        (
            "kilobytes per tile",
            Box::new(|r| format!("{:.1}", r.seen.bytes as f64 / r.seen.tiles as f64 / 1e3)),
        ),
        (
            "decoding, µs per picture (decode + scale and JPEG)",
            Box::new(|r| {
                let pictures = r.after.grown(&r.before, "pictures_decoded_total");
                let each = |name| 1e6 * r.after.grown(&r.before, name) / pictures.max(1.0);
                format!("{:.0} + {:.0}", each("decode_seconds_total"), each("tile_seconds_total"))
            }),
        ),
        ("tiles skipped for the screen", Box::new(grown("media_skipped_total"))),
        ("tiles dropped before the fan-out", Box::new(grown("media_dropped_total"))),
        ("pictures that the screen missed", Box::new(|r| r.seen.missed.to_string())),
        ("keyframes superseded", Box::new(grown("keyframes_superseded_total"))),
        ("keyframes undecodable", Box::new(grown("pictures_undecodable_total"))),
        (
            "access units dropped on links, at the hub",
            Box::new(|r| {
                let hub = r.after.grown(&r.before, "units_dropped_total");
                format!("{:.0}, {hub:.0}", r.after.sum("camera_units_dropped"))
            }),
        ),
        ("packets lost", Box::new(|r| format!("{:.0}", r.after.sum("camera_packets_lost")))),
        ("reconnects", Box::new(|r| format!("{:.0}", r.after.sum("camera_reconnects_total")))),
        ("cameras not online at the end", Box::new(|r| r.not_online.to_string())),
        ("tiles that grew stale", Box::new(|r| r.seen.stale.to_string())),
        ("oldest tile ever, s", Box::new(|r| format!("{:.2}", r.seen.worst_age.as_secs_f64()))),
    ];
    let mut table = String::from("| cameras |");
    rounds.iter().for_each(|round| _ = write!(table, " {} |", round.cameras));
    table.push_str("\n|---|");
    rounds.iter().for_each(|_| table.push_str("---:|"));
    for (name, value) in rows {
        _ = write!(table, "\n| {name} |");
        rounds.iter().for_each(|round| _ = write!(table, " {} |", value(round)));
    }
    table
}

/// The machine in a line.
fn machine() -> String {
    let read = |file| std::fs::read_to_string(file).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = cpu.lines().filter(|line| line.starts_with("processor")).count();
    let memory = read("/proc/meminfo");
    let kib =
        memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next());
    let gib = kib.and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / f64::from(1 << 20);
    let commit = std::process::Command::new("git")
        .args(["describe", "--always", "--dirty"])
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    format!(
        "{} x {cores}, {gib:.0} GiB, Linux {}; commit {}; load average before: {}",
        model.map_or("an unknown CPU", |(_, model)| model),
        read("/proc/sys/kernel/osrelease").trim(),
        commit.unwrap_or_default(),
        read("/proc/loadavg").split(' ').next().unwrap_or_default()
    )
}
