//! The relays, each started, measured without and with viewers, and stopped.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::Ordering::Relaxed,
    time::Duration,
};

use crate::{
    child::Readers,
    processes::Program,
    readers::{Plan, Report, Wish},
    transport_stream,
    usage::{Cpu, children, memory},
};

/// What is relayed, and how long each figure takes.
pub(crate) struct Streams {
    pub(crate) rtsp: SocketAddr,
    pub(crate) numbers: Vec<u32>,
    pub(crate) settle: Duration,
    pub(crate) window: Duration,
}

/// What a relay used, without viewers and with them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    viewers: u32,
    idle: Used,
    busy: Used,
    pictures_per_second: f64,
    kbytes_per_second: f64,
    missed: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Used {
    cores: f64,
    mib: f64,
}

/// All processes of a relay have the same role.
const RELAY: () = ();

impl Streams {
    /// The service.
    pub(crate) fn watchwall(&self, viewers: u32, folder: &Path) -> Cost {
        let config = folder.join("relay.toml");
        std::fs::write(&config, self.configuration(viewers, folder)).expect("a writable folder");
        let (centre, http) = Program::serve(&config);
        let wish = |number: u32| Wish {
            path: Some("/api/v1/media".into()),
            subscribe: Some(format!(
                r#"{{"type":"subscribe","tiles":[],"video":[{{"camera":"cam-{number:03}","stream":"sub"}}]}}"#
            )),
        };
        self.sockets(viewers, http, centre.pid(), wish)
    }

    /// `benches/relay/ws-relay.mjs`.
    pub(crate) fn node(&self, viewers: u32) -> Result<Cost, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        if !root.join("web/node_modules/ws").exists() {
            return Err("run `npm install` in web first".into());
        }
        there("node")?;
        there("ffmpeg")?;
        let mut command = Command::new("node");
        command.arg(root.join("benches/relay/ws-relay.mjs")).arg(format!("rtsp://{}", self.rtsp));
        command.args(self.numbers.iter().map(|number| format!("{number:03}")));
        let (relay, address) = Program::start(command, "relays at ws://");
        let wish = |number| Wish { path: Some(format!("/{number:03}")), subscribe: None };
        Ok(self.sockets(viewers, address, relay.pid(), wish))
    }

    /// One process per viewer that pulls for it alone.
    pub(crate) fn ffmpegs(&self, viewers: u32) -> Result<Cost, String> {
        there("ffmpeg")?;
        let (address, counted) = transport_stream::listen();
        let mut relays: Vec<Child> = self
            .numbers
            .iter()
            .cycle()
            .take(viewers as usize)
            .map(|number| {
                Command::new("ffmpeg")
                    .args(["-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i"])
                    .arg(format!("rtsp://{}/cam/{number:03}/sub", self.rtsp))
                    .args(["-c", "copy", "-flush_packets", "1", "-f", "mpegts"])
                    .arg(format!("tcp://{address}"))
                    .stdin(Stdio::null())
                    .spawn()
                    .expect("it is there")
            })
            .collect();
        pass(self.settle);
        let roles = relays.iter().map(|relay| (relay.id(), RELAY)).collect();
        let read = || {
            let of = |count: &std::sync::atomic::AtomicU64| count.load(Relaxed);
            [of(&counted.pictures), of(&counted.bytes), of(&counted.missed)]
        };
        let (busy, before, after) = self.used(&roles, read);
        for relay in &mut relays {
            let _ = relay.kill();
            let _ = relay.wait();
        }
        let [pictures, bytes, missed] = std::array::from_fn(|n| after[n] - before[n]);
        assert!(pictures > 0, "no picture came");
        Ok(self.cost(viewers, [Used::default(), busy], pictures, bytes, missed))
    }

    /// Measures a relay of media sockets: the process and its children.
    fn sockets(
        &self,
        viewers: u32,
        address: SocketAddr,
        process: u32,
        wish: impl Fn(u32) -> Wish,
    ) -> Cost {
        pass(self.settle);
        let roles = || children(process).into_iter().chain([process]).map(|p| (p, RELAY)).collect();
        let (idle, ..) = self.used(&roles(), || ());
        let viewers_wish = self.numbers.iter().cycle().map(|number| wish(*number));
        let mut readers = Readers::start(&Plan {
            address,
            viewers: viewers_wish.take(viewers as usize).collect(),
            stalled: None,
            slow: None,
        });
        pass(self.settle);
        readers.tell("start");
        let (busy, ..) = self.used(&roles(), || ());
        readers.tell("stop");
        let report: Report = readers.result();
        assert!(report.all.messages > 0, "no picture came");
        let read = report.all;
        self.cost(viewers, [idle, busy], read.messages, read.bytes, read.missed)
    }

    /// What these processes use in the window, and what `read` says before and after.
    fn used<T>(&self, roles: &BTreeMap<u32, ()>, read: impl Fn() -> T) -> (Used, T, T) {
        let (cpu, before) = (Cpu::read(roles), read());
        pass(self.window);
        let cores = Cpu::read(roles).cores(&cpu, RELAY);
        let after = read();
        let pss = memory(roles).get(&RELAY).map_or(0, |memory| memory.pss);
        (Used { cores, mib: pss as f64 / f64::from(1 << 20) }, before, after)
    }

    fn cost(
        &self,
        viewers: u32,
        [idle, busy]: [Used; 2],
        pictures: u64,
        bytes: u64,
        missed: u64,
    ) -> Cost {
        let seconds = self.window.as_secs_f64();
        Cost {
            viewers,
            idle,
            busy,
            pictures_per_second: pictures as f64 / seconds,
            kbytes_per_second: bytes as f64 / 1e3 / seconds,
            missed,
        }
    }

    fn configuration(&self, viewers: u32, folder: &Path) -> String {
        let mut text = format!(
            "[http]\nlisten = \"127.0.0.1:0\"\nsockets = {}\n\n[store]\npath = {:?}\n\n[ingest]\n\
             allow_loopback = true\n\n[[wall]]\nid = \"main\"\nname = \"LED wall\"\ncameras = [\"*\"]\n",
            viewers + 8,
            folder.join("relay.db")
        );
        for number in &self.numbers {
            write!(
                text,
                "\n[[camera]]\nid = \"cam-{number:03}\"\nnumber = {number}\nname = \"Camera {number}\"\n\
                 url = \"rtsp://{}/cam/{number:03}/sub\"\n",
                self.rtsp
            )
            .expect("a String takes everything");
        }
        text
    }
}

impl Cost {
    pub(crate) const HEADING: &str = "| relay | viewers | cores idle → with viewers | MiB idle → with viewers | above idle: cores, MiB | \
         per viewer: millicores, KiB | CPU and memory per viewer, of watchwall's | pictures/s | kB/s | missed |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|";

    pub(crate) fn cores_above(&self) -> f64 {
        self.busy.cores - self.idle.cores
    }

    pub(crate) fn mib_above(&self) -> f64 {
        self.busy.mib - self.idle.mib
    }

    /// Millicores and KiB.
    fn per_viewer(&self) -> (f64, f64) {
        let viewers = f64::from(self.viewers);
        (1e3 * self.cores_above() / viewers, 1024.0 * self.mib_above() / viewers)
    }

    pub(crate) fn print(&self, name: &str, own: &Self) {
        let ((cpu, memory), (own_cpu, own_memory)) = (self.per_viewer(), own.per_viewer());
        println!(
            "| {name} | {} | {:.3} → {:.3} | {:.1} → {:.1} | {:.3}, {:.1} | {cpu:.3}, {memory:.0} | \
             {:.1}, {:.1} | {:.0} | {:.0} | {} |",
            self.viewers,
            self.idle.cores,
            self.busy.cores,
            self.idle.mib,
            self.busy.mib,
            self.cores_above(),
            self.mib_above(),
            cpu / own_cpu,
            memory / own_memory,
            self.pictures_per_second,
            self.kbytes_per_second,
            self.missed,
        );
    }
}

fn there(program: &str) -> Result<(), String> {
    let found = Command::new(program)
        .arg("-h")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    found.map(drop).map_err(|error| format!("{program}: {error}"))
}

/// Lets time pass.
fn pass(time: Duration) {
    let end = std::time::Instant::now() + time;
    while let Some(left) = end.checked_duration_since(std::time::Instant::now()) {
        std::thread::park_timeout(left);
    }
}
