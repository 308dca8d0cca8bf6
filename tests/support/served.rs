//! `watchwall serve` as people run it: a process with a configuration file, stopped by signals.

use std::{
    fs::Permissions,
    io::{BufRead, BufReader},
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;
use watchwall::sim::{Settings, Sim};

use crate::town::{WITHIN, scenes};

/// What every simulated camera here asks for.
pub(crate) const USER: &str = "viewer";
const PASSWORD: &str = "not-a-secret";

/// A simulator whose cameras all ask for a sign-in.
pub(crate) async fn simulator(cameras: u32) -> Sim {
    let credentials = Some((USER.to_owned(), PASSWORD.to_owned()));
    Sim::start(Settings { cameras, credentials, cache: scenes(), ..Settings::default() })
        .await
        .expect("the simulator starts")
}

/// A folder with a configuration, a store and a password.
pub(crate) struct Premises {
    folder: TempDir,
    cameras: Vec<(u32, String)>,
}

impl Premises {
    /// No cameras yet.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let password = folder.path().join("password");
        write(&password, PASSWORD);
        std::fs::set_permissions(&password, Permissions::from_mode(0o600)).expect("it is ours");
        Self { folder, cameras: Vec::new() }
    }

    /// Lists a camera; its id is `cam-` and its number in three digits.
    pub(crate) fn camera(&mut self, number: u32, url: &str, more: &str) {
        let table = format!(
            "[[camera]]\nid = \"cam-{number:03}\"\nnumber = {number}\nname = \"Camera {number}\"\n\
             url = \"{url}\"\nusername = \"{USER}\"\npassword_file = \"password\"\n{more}\n"
        );
        self.cameras.push((number, table));
    }

    /// Lists these cameras of a simulator.
    pub(crate) fn cameras_of(&mut self, sim: &Sim, numbers: impl IntoIterator<Item = u32>) {
        for number in numbers {
            let url = format!("rtsp://{}/cam/{number:03}/sub", sim.rtsp_addr());
            self.camera(number, &url, "");
        }
    }

    /// No longer lists a camera.
    pub(crate) fn remove(&mut self, number: u32) {
        self.cameras.retain(|(known, _)| *known != number);
    }

    /// Writes the configuration; `[ingest]` gets `ingest` too.
    pub(crate) fn write(&self, ingest: &str) {
        let store = self.folder.path().join("watchwall.db");
        let mut text = format!(
            "[http]\nlisten = \"127.0.0.1:0\"\n[store]\npath = {store:?}\n\
             [ingest]\nallow_loopback = true\n{ingest}\n[decode]\nworkers = 1\n"
        );
        self.cameras.iter().for_each(|(_, table)| text.push_str(table));
        write(&self.config(), &text);
    }

    /// Writes a configuration that is not one.
    pub(crate) fn spoil(&self) {
        write(&self.config(), "[[camera]]\nid = \"Not An Id\"\n");
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("watchwall.toml")
    }
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).expect("room for a small file");
}

/// A running `watchwall serve`; killed if a test forgets it.
pub(crate) struct Served {
    child: Child,
    address: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
}

impl Drop for Served {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    /// Starts it and waits until it serves.
    pub(crate) async fn start(config: &Path) -> Self {
        Self::start_at(config, "info").await
    }

    /// The same, logging what this filter says.
    pub(crate) async fn start_at(config: &Path, log: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_watchwall"))
            .args(["serve", "--insecure-no-auth", "--config"])
            .arg(config)
            .args(["--log", log])
            .env("NO_COLOR", "1")
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the binary runs");
        let log = Arc::new(Mutex::new(Vec::new()));
        let (lines, stderr) = (log.clone(), child.stderr.take().expect("piped"));
        // Ends with the process and its workers.
        let read = move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                lines.lock().expect("no holder panics").push(line);
            }
        };
        std::thread::Builder::new().name("log".to_owned()).spawn(read).expect("a thread");
        let address = ([127, 0, 0, 1], 0).into();
        let mut served = Self { child, address, log };
        let line = served.logged("the wall is at http://").await;
        let address = line.rsplit("http://").next().expect("it was found").trim_end_matches('/');
        served.address = address.parse().expect("an address");
        served
    }

    /// Waits for a line of its log.
    pub(crate) async fn logged(&self, text: &str) -> String {
        let deadline = Instant::now() + WITHIN;
        loop {
            let found = |lines: &[String]| lines.iter().find(|line| line.contains(text)).cloned();
            let lines = self.log();
            if let Some(line) = found(&lines) {
                return line;
            }
            assert!(Instant::now() < deadline, "{text:?} is not in the log: {lines:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().expect("no holder panics").clone()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// All cameras as the API shows them.
    pub(crate) async fn cameras(&self) -> Vec<Value> {
        let url = format!("http://{}/api/v1/cameras", self.address);
        reqwest::get(url).await.expect("the centre answers").json().await.expect("JSON")
    }

    /// Waits until a camera is as `is` says, and returns it.
    pub(crate) async fn until(&self, n: u32, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + WITHIN;
        loop {
            let cameras = self.cameras().await;
            let camera = cameras.into_iter().find(|camera| camera["number"] == n);
            match camera {
                Some(camera) if is(&camera) => return camera,
                other => {
                    let log = self.log();
                    let late = Instant::now() >= deadline;
                    assert!(!late, "camera {n} never {what}: {other:#?}\n{log:#?}");
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until these cameras are online.
    pub(crate) async fn until_online(&self, cameras: impl IntoIterator<Item = u32>) {
        for n in cameras {
            self.until(n, "came online", |camera| camera["state"] == "online").await;
        }
    }

    /// Waits until these cameras have a picture that arrived after `moment`.
    pub(crate) async fn until_pictures(&self, moment: u64, cameras: &[u32]) {
        for n in cameras {
            let fresh = |camera: &Value| camera["last_frame_at"].as_u64() > Some(moment);
            self.until(*n, "had a new picture", fresh).await;
        }
    }

    /// Its worker processes of a kind.
    pub(crate) fn workers(&self, role: &str) -> Vec<u32> {
        let parent = self.pid().to_string();
        let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
        processes
            .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
            .filter(|pid| {
                let stat = read(*pid, "stat");
                let of = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1));
                of == Some(&parent) && read(*pid, "cmdline").contains(&format!("worker\0{role}"))
            })
            .collect()
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(self.pid(), name);
    }

    /// Waits for the end of the process, a minute at most.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + WITHIN;
        loop {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not end: {:#?}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Sends a signal to a process that a test started, directly or not.
pub(crate) fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status();
    assert!(sent.expect("kill runs").success(), "{name} to {pid}");
}

/// Resident memory of a process, bytes; 0 if it is gone.
pub(crate) fn resident(pid: u32) -> u64 {
    let status = read(pid, "status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or_default() * 1024
}

fn read(pid: u32, file: &str) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default()
}

/// Now, as the API tells times: Unix microseconds.
pub(crate) fn now_us() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    u64::try_from(now.expect("after 1970").as_micros()).expect("before the year 500,000")
}
