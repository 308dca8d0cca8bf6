//! How many cameras and viewers one machine carries, and what each costs: the whole service as it is
//! run, with its worker processes, on simulated cameras over real sockets. First one screen with all
//! tiles on 50 to 1,000 cameras; then consoles with 16 live cells each beside three such screens,
//! and a wall with every camera live.
//!
//! `make capacity` takes about ten minutes. `--quick` is a few seconds of 50 cameras, to see that it
//! works. `--cameras 150` runs that number alone. It asserts that every camera was painted and that
//! live video came, never how fast or at what cost: docs/capacity.md has the goals.

#[path = "support/machine.rs"]
mod machine;
#[path = "support/processes.rs"]
mod processes;
#[path = "support/capacity/roles.rs"]
mod roles;
#[path = "support/capacity/scrape.rs"]
mod scrape;
#[path = "support/capacity/tables.rs"]
mod tables;
#[path = "support/usage.rs"]
mod usage;
#[path = "support/capacity/viewer.rs"]
mod viewer;
#[path = "support/capacity/yardstick.rs"]
mod yardstick;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use processes::Program;
use roles::{Role, roles};
use scrape::{Metrics, not_online};
use usage::{Cpu, Memory, memory};
use viewer::{Seen, Viewer, Wish};
use yardstick::yardstick;

/// Generous: slow, shared machines encode and connect slowly.
const PAINTED_WITHIN: Duration = Duration::from_secs(180);
/// Live cells of a console.
const CELLS: u32 = 16;

/// Who watches. Each one in a plan has all of the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Audience {
    /// With all tiles.
    screens: u32,
    /// With sixteen live cells.
    consoles: u32,
    /// With every camera live.
    live_walls: u32,
}

impl Audience {
    const SCREEN: Self = Self { screens: 1, consoles: 0, live_walls: 0 };
    const SCREENS: Self = Self { screens: 3, ..Self::SCREEN };

    const fn consoles(consoles: u32) -> Self {
        Self { consoles, ..Self::SCREENS }
    }

    /// Live cells in all.
    fn live(self, cameras: u32) -> u32 {
        self.consoles * CELLS.min(cameras) + self.live_walls * cameras
    }
}

/// How much is measured.
struct Plan {
    cameras: Vec<(u32, Vec<Audience>)>,
    /// After all are painted or connected, until handshakes and first pictures are over.
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
            let (settle, window) = (Duration::from_secs(1), Duration::from_secs(4));
            let audiences = vec![Audience::SCREEN, Audience::consoles(2)];
            return Self {
                cameras: vec![(value("--cameras").unwrap_or(50), audiences)],
                settle,
                window,
            };
        }
        let wall = Audience { live_walls: 1, ..Audience::consoles(16) };
        let audiences = |cameras: u32| {
            let consoles: &[u32] = match cameras {
                0..100 => &[],
                100..500 => &[4, 8, 16],
                500.. => &[8],
            };
            let mut audiences = vec![Audience::SCREEN];
            if !consoles.is_empty() {
                audiences.push(Audience::SCREENS);
            }
            audiences.extend(consoles.iter().map(|consoles| Audience::consoles(*consoles)));
            audiences.extend((100..500).contains(&cameras).then_some(wall));
            (cameras, audiences)
        };
        let cameras = value("--cameras").map_or_else(|| vec![50, 150, 500, 1000], |n| vec![n]);
        Self {
            cameras: cameras.into_iter().map(audiences).collect(),
            settle: Duration::from_secs(6),
            window: Duration::from_secs(value("--seconds").unwrap_or(30).into()),
        }
    }
}

/// One column.
struct Round {
    cameras: u32,
    audience: Audience,
    painted_after: Duration,
    cores: BTreeMap<Role, f64>,
    machine: (f64, f64),
    memory: BTreeMap<Role, Memory>,
    /// Mean of the [`yardstick`] over the window, microseconds.
    yardstick_us: f64,
    /// All viewers together.
    seen: Seen,
    seconds: f64,
    before: Metrics,
    after: Metrics,
    not_online: usize,
}

fn main() {
    let plan = Plan::of_arguments();
    println!("{}\n", machine::machine());
    println!(
        "Small streams of 640x360, 12.5 frames/s, a keyframe every 2 s; {} s of steady running each.\n",
        plan.window.as_secs()
    );
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let mut rounds = Vec::new();
    for (cameras, audiences) in &plan.cameras {
        rounds.extend(runtime.block_on(run(*cameras, audiences, &plan, folder.path())));
    }
    let (cameras, viewers): (Vec<_>, Vec<_>) =
        rounds.into_iter().partition(|round: &Round| round.audience == Audience::SCREEN);
    println!("\nOne screen with all tiles at width 320:\n\n{}", tables::cameras(&cameras));
    println!("\nLive viewers:\n\n{}", tables::viewers(&viewers));
}

/// One service on so many cameras, with one audience after the other.
async fn run(cameras: u32, audiences: &[Audience], plan: &Plan, folder: &Path) -> Vec<Round> {
    let (sim, rtsp) = Program::sim(cameras, &scenes());
    let config = folder.join(format!("{cameras}.toml"));
    std::fs::write(&config, configuration(cameras, rtsp, folder)).expect("a writable folder");
    let started = Instant::now();
    let (centre, http) = Program::serve(&config);
    let mut viewers = vec![Viewer::connect(http, &Wish::Screen).await];
    let painted_after = loop {
        let seen = viewers[0].seen();
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
    println!("{cameras} cameras: all painted after {:.1} s", painted_after.as_secs_f64());
    let mut here = Audience::SCREEN;
    let mut rounds = Vec::new();
    for audience in audiences {
        for wish in newcomers(here, *audience, cameras) {
            viewers.push(Viewer::connect(http, &wish).await);
        }
        here = *audience;
        tokio::time::sleep(plan.settle).await;
        let round = measure(http, &roles(centre.pid(), sim.pid()), &viewers, plan).await;
        let round = Round { cameras, audience: here, painted_after, ..round };
        assert!(round.seen.tiles.messages > 0, "no picture came in the steady window");
        assert!(
            here.live(cameras) == 0 || round.seen.live.messages > 0,
            "no live video came in the steady window"
        );
        println!("{cameras} cameras, {here:?}: measured");
        rounds.push(round);
    }
    rounds
}

/// Who comes when one audience becomes the next.
fn newcomers(before: Audience, after: Audience, cameras: u32) -> Vec<Wish> {
    let screens = (before.screens..after.screens).map(|_| Wish::Screen);
    // Each console shows the cameras after the one before it, round and round.
    let cells = |console: u32| {
        (0..CELLS.min(cameras)).map(|cell| (console * CELLS + cell) % cameras + 1).collect()
    };
    let consoles = (before.consoles..after.consoles).map(|console| Wish::Console(cells(console)));
    let live_walls = (before.live_walls..after.live_walls).map(|_| Wish::LiveWall);
    screens.chain(consoles).chain(live_walls).collect()
}

async fn measure(
    http: SocketAddr,
    roles: &BTreeMap<u32, Role>,
    viewers: &[Viewer],
    plan: &Plan,
) -> Round {
    let before = Metrics::scrape(http).await;
    viewers.iter().for_each(Viewer::restart);
    let cpu_before = Cpu::read(roles);
    let (mut yardsticks, end) = (Vec::new(), Instant::now() + plan.window);
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        yardsticks.push(yardstick());
        tokio::time::sleep(Duration::from_secs(1).min(left)).await;
    }
    let cpu = Cpu::read(roles);
    let mut seen = Seen::new();
    viewers.iter().for_each(|viewer| seen.add(&viewer.seen()));
    let after = Metrics::scrape(http).await;
    let cores = Role::ALL.map(|role| (role, cpu.cores(&cpu_before, role)));
    Round {
        cameras: 0,
        audience: Audience::default(),
        painted_after: Duration::ZERO,
        cores: cores.into(),
        machine: cpu.machine(&cpu_before),
        memory: memory(roles),
        yardstick_us: yardsticks.iter().sum::<f64>() / yardsticks.len() as f64,
        seconds: cpu.seconds(&cpu_before),
        seen,
        before,
        after,
        not_online: not_online(http).await,
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
