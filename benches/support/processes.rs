//! The two programs under measurement, each in a process of its own: `watchwall sim` and
//! `watchwall serve`. Both are told to stop when they are dropped, and waited for.

use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

/// From the start to the first word. The simulator encodes its scenes once, which takes a while.
const READY_WITHIN: Duration = Duration::from_secs(240);

/// A running program.
pub(crate) struct Program {
    child: Child,
    /// Its last lines, for when something goes wrong.
    lines: Arc<Mutex<Vec<String>>>,
}

impl Program {
    /// The simulator, and where its cameras are.
    pub(crate) fn sim(cameras: u32, cache: &Path) -> (Self, SocketAddr) {
        let mut command = binary();
        command.args(["sim", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"]);
        command.arg("--cameras").arg(cameras.to_string()).arg("--cache").arg(cache);
        Self::start(command, "rtsp://")
    }

    /// The centre, and where its HTTP is.
    pub(crate) fn serve(config: &Path) -> (Self, SocketAddr) {
        let mut command = binary();
        command.args(["serve", "--insecure-no-auth", "--config"]).arg(config);
        Self::start(command, "the wall is at http://")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its last lines.
    pub(crate) fn said(&self) -> String {
        self.lines.lock().expect("no holder panics").join("\n")
    }

    /// Starts a program and waits until it says its address after `before`.
    pub(crate) fn start(mut command: Command, before: &'static str) -> (Self, SocketAddr) {
        let mut child = command
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let (found, address) = mpsc::sync_channel(1);
        listen(child.stdout.take().expect("piped"), before, found.clone(), lines.clone());
        listen(child.stderr.take().expect("piped"), before, found, lines.clone());
        let program = Self { child, lines };
        let address = address.recv_timeout(READY_WITHIN);
        let address = address.unwrap_or_else(|_| panic!("it never started: {}", program.said()));
        (program, address)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let told = Command::new("kill").arg(self.child.id().to_string()).status();
        if told.is_ok_and(|status| status.success()) {
            let _ = self.child.wait();
        }
    }
}

fn binary() -> Command {
    Command::new(env!("CARGO_BIN_EXE_watchwall"))
}

/// Reads what a program says to its end, so that it never waits for its reader.
fn listen(
    from: impl Read + Send + 'static,
    before: &'static str,
    found: mpsc::SyncSender<SocketAddr>,
    lines: Arc<Mutex<Vec<String>>>,
) {
    /// Enough to see what went wrong.
    const KEPT: usize = 40;
    let read = move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let address = line.split_once(before).and_then(|(_, rest)| rest.split('/').next());
            if let Some(address) = address.and_then(|address| address.parse().ok()) {
                let _ = found.try_send(address);
            }
            let mut lines = lines.lock().expect("no holder panics");
            if lines.len() == KEPT {
                lines.remove(0);
            }
            lines.push(line);
        }
    };
    std::thread::Builder::new().name("listener".to_owned()).spawn(read).expect("a thread");
}
