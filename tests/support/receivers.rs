//! Other sides that messages are sent to: a broker and a mail server of other people's making, each
//! a process that ends with its value here or when this process ends, and a webhook receiver that
//! does what its script says.

use std::{
    io::{BufRead, BufReader, Lines},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
    time::sleep,
};
use tokio_rustls::TlsAcceptor;

/// A running server.
pub(crate) struct Receiver {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// On 127.0.0.1.
    pub(crate) port: u16,
}

/// How a server is to be.
#[derive(Default)]
pub(crate) struct Wanted<'a> {
    /// A folder with NAME.pem and NAME.key, and the name.
    pub(crate) certificate: Option<(&'a Path, &'a str)>,
    /// The only name and password that it takes.
    pub(crate) sign_in: Option<(&'a str, &'a str)>,
    /// More of the script's flags.
    pub(crate) flags: &'a [&'a str],
}

impl Receiver {
    /// Debian's aiosmtpd, see `tests/servers/smtp.py`.
    pub(crate) fn smtp(wanted: Wanted<'_>) -> Self {
        Self::start("smtp.py", wanted)
    }

    /// Debian's Mosquitto, see `tests/servers/mosquitto.py`.
    pub(crate) fn mosquitto(wanted: Wanted<'_>) -> Self {
        Self::start("mosquitto.py", wanted)
    }

    fn start(script: &str, wanted: Wanted<'_>) -> Self {
        // Debian's interpreter: aiosmtpd is installed for that one.
        let mut command = Command::new("/usr/bin/python3");
        command.arg(format!("{}/tests/servers/{script}", env!("CARGO_MANIFEST_DIR")));
        if let Some((folder, name)) = wanted.certificate {
            let file = |end| folder.join(format!("{name}.{end}"));
            command.arg("--certificate").args([file("pem"), file("key")]);
        }
        if let Some((user, password)) = wanted.sign_in {
            command.args(["--sign-in", user, password]);
        }
        command.args(wanted.flags);
        let process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = process.expect("Debian's python3 is missing: run `make deps`");
        let out = process.stdout.take().expect("piped");
        let mut receiver = Self { process, lines: BufReader::new(out).lines(), port: 0 };
        let first = receiver.lines.next();
        let port = first.and_then(|line| line.ok()?.parse().ok());
        receiver.port = port.unwrap_or_else(|| panic!("{script} does not start: run `make deps`"));
        receiver
    }

    /// The next line that it prints; waits for it.
    pub(crate) fn line(&mut self) -> Value {
        let line = self.lines.next().expect("it runs").expect("a pipe can be read");
        serde_json::from_str(&line).expect("a line of JSON")
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // Closed, it ends whatever it has started, and itself.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// What a webhook receiver does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Does {
    /// Answers with these bytes.
    Answers(&'static str),
    /// Answers with them after this time.
    AnswersLate(Duration, &'static str),
    /// Answers with them when it is told to.
    AnswersWhenTold(Arc<Notify>, &'static str),
    /// Keeps the connection and says nothing.
    Hangs,
    /// Closes the connection.
    Closes,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Its first line.
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    /// Its body.
    pub(crate) body: String,
}

impl Request {
    /// A header's value; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }
}

/// A webhook receiver.
pub(crate) struct Hook {
    /// On 127.0.0.1.
    pub(crate) port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
    task: JoinHandle<()>,
}

impl Hook {
    /// Does what the script says, one request after the other, and the last thing from then on.
    pub(crate) async fn new(script: Vec<Does>, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let seen = requests.clone();
        let task = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                tokio::spawn(serve(stream, tls.clone(), script.clone(), seen.clone()));
            }
        });
        Self { port, requests, task }
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("nobody panics with it").clone()
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    script: Vec<Does>,
    seen: Arc<Mutex<Vec<Request>>>,
) {
    match tls {
        None => answer(stream, script, seen).await,
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                answer(stream, script, seen).await;
            }
        }
    }
}

async fn answer(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    script: Vec<Does>,
    seen: Arc<Mutex<Vec<Request>>>,
) {
    let Some(request) = read(&mut stream).await else { return };
    let number = {
        let mut seen = seen.lock().expect("nobody panics with it");
        seen.push(request);
        seen.len() - 1
    };
    let does = script.get(number).or_else(|| script.last()).expect("a script");
    let text = match does {
        Does::Closes => return,
        Does::Hangs => std::future::pending().await,
        Does::Answers(text) => text,
        Does::AnswersLate(after, text) => {
            sleep(*after).await;
            text
        }
        Does::AnswersWhenTold(told, text) => {
            told.notified().await;
            text
        }
    };
    // Whoever gave up meanwhile does not hear it.
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Request> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        (stream.read_buf(&mut bytes).await.ok()? > 0).then_some(())?;
    };
    let text = String::from_utf8(bytes[..head].to_vec()).ok()?;
    let mut lines = text.split("\r\n");
    let line = lines.next()?.to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut request = Request { line, headers, body: String::new() };
    let length: usize = request.header("content-length").parse().ok()?;
    while bytes.len() < head + 4 + length {
        (stream.read_buf(&mut bytes).await.ok()? > 0).then_some(())?;
    }
    request.body = String::from_utf8(bytes[head + 4..].to_vec()).ok()?;
    Some(request)
}
