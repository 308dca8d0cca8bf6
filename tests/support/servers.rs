//! RTSP servers of other people's making, each a process that ends with its value here, or when
//! this process ends, however it ends: its standard input closes then.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use url::Url;

/// A running server.
pub(crate) struct Server {
    process: Child,
    port: u16,
}

impl Server {
    /// GStreamer's, with a pipeline for each path, and asking for this name and password.
    pub(crate) fn gstreamer(sign_in: Option<(&str, &str)>, streams: &[(&str, &str)]) -> Self {
        // Debian's interpreter: the bindings are installed for that one.
        let mut command = Command::new("/usr/bin/python3");
        command.arg(script("gstreamer.py"));
        if let Some((user, password)) = sign_in {
            command.args(["--sign-in", user, password]);
        }
        command.args(streams.iter().map(|(path, pipeline)| format!("{path}={pipeline}")));
        Self::start(command, "GStreamer's RTSP server does not start: run `make deps`")
    }

    /// aio-rtsp-toolkit's, which serves the files of a folder.
    pub(crate) fn aio_rtsp(folder: &Path) -> Self {
        let python = concat!(env!("CARGO_MANIFEST_DIR"), "/target/third-party/bin/python");
        let missing = "aio-rtsp-toolkit's server does not start: run `make third-party`";
        assert!(Path::new(python).exists(), "{missing} ({python} is not there)");
        let mut command = Command::new(python);
        command.arg(script("aio_rtsp.py")).arg(folder);
        Self::start(command, missing)
    }

    fn start(mut command: Command, remedy: &str) -> Self {
        let process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let process = process.unwrap_or_else(|error| panic!("{remedy} ({error})"));
        // Ended by `Drop` from here on, whatever it prints.
        let mut server = Self { process, port: 0 };
        let mut line = String::new();
        let out = server.process.stdout.take().expect("piped");
        BufReader::new(out).read_line(&mut line).expect("a pipe can be read");
        server.port = line.trim().parse().unwrap_or_else(|_| panic!("{remedy} ({line:?})"));
        server
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> Url {
        format!("rtsp://127.0.0.1:{}{path}", self.port).parse().expect("a URL")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn script(name: &str) -> String {
    format!("{}/tests/servers/{name}", env!("CARGO_MANIFEST_DIR"))
}
