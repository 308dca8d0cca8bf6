//! People who watch: wall screens with all tiles, consoles with live cells, live walls. They note
//! what reaches them, but draw nothing.

use std::{
    collections::HashMap,
    fmt::Write as _,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use futures_util::{SinkExt, StreamExt};
use hdrhistogram::Histogram;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    client_async,
    tungstenite::{Message, client::IntoClientRequest},
};
use watchwall::domain::{
    camera::Handle,
    media::{Header, Kind, flags},
    time::UnixMicros,
};

/// The keyframe interval of the simulated small streams is 2 s, and the wall page marks a tile
/// after three usual intervals.
const STALE: Duration = Duration::from_secs(6);

/// What somebody watches.
#[derive(Clone, Debug)]
pub(crate) enum Wish {
    /// Every camera as tiles.
    Screen,
    /// These cameras live, and their tiles for when they cannot be.
    Console(Vec<u32>),
    /// Every camera live, and their tiles.
    LiveWall,
}

impl Wish {
    fn subscription(&self) -> String {
        let (tiles, video) = match self {
            Self::Screen => (r#""*""#.to_owned(), String::new()),
            Self::LiveWall => (r#""*""#.to_owned(), r#"{"camera":"*","stream":"sub"}"#.to_owned()),
            Self::Console(cameras) => {
                let (mut tiles, mut video) = (String::new(), String::new());
                for (index, camera) in cameras.iter().enumerate() {
                    let comma = if index > 0 { "," } else { "" };
                    _ = write!(tiles, r#"{comma}"cam-{camera:03}""#);
                    _ = write!(video, r#"{comma}{{"camera":"cam-{camera:03}","stream":"sub"}}"#);
                }
                (tiles, video)
            }
        };
        format!(
            r#"{{"type":"subscribe","tiles":{{"cameras":[{tiles}],"width":320}},"video":[{video}]}}"#
        )
    }
}

/// What came of one kind.
#[derive(Clone)]
pub(crate) struct Flow {
    last: HashMap<Handle, u32>,
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    /// Published but not here, by the sequence numbers.
    pub(crate) missed: u64,
    /// Times that something was left out.
    pub(crate) jumps: u64,
    /// Microseconds from a frame's last byte at the service to its message here.
    pub(crate) delays: Histogram<u64>,
}

impl Flow {
    fn new() -> Self {
        Self {
            last: HashMap::new(),
            messages: 0,
            bytes: 0,
            missed: 0,
            jumps: 0,
            delays: Histogram::new_with_bounds(1, 60_000_000, 3).expect("valid bounds"),
        }
    }

    fn restart(&mut self) {
        let last = std::mem::take(&mut self.last);
        *self = Self { last, ..Self::new() };
    }

    /// Adds another viewer's.
    fn add(&mut self, other: &Self) {
        self.messages += other.messages;
        self.bytes += other.bytes;
        self.missed += other.missed;
        self.jumps += other.jumps;
        self.delays.add(&other.delays).expect("the same bounds");
    }

    /// `false` when the message came before.
    fn message(&mut self, header: &Header, bytes: usize, now: UnixMicros) -> bool {
        if let Some(last) = self.last.insert(header.camera, header.sequence) {
            if last == header.sequence {
                return false;
            }
            self.missed += u64::from(header.sequence.wrapping_sub(last + 1));
            self.jumps += u64::from(header.flags & flags::DISCONTINUITY != 0);
        }
        self.messages += 1;
        self.bytes += bytes as u64;
        let delay = u64::try_from(now.since(header.received_at).as_micros()).unwrap_or(u64::MAX);
        self.delays.saturating_record(delay.max(1));
        true
    }
}

/// What reached a viewer.
#[derive(Clone)]
pub(crate) struct Seen {
    newest: HashMap<Handle, UnixMicros>,
    /// When the last camera of those that have a picture got its first one.
    pub(crate) first_tiles_by: Instant,
    pub(crate) tiles: Flow,
    /// Live access units.
    pub(crate) live: Flow,
    /// Times that the service said that a lane steps down or waits.
    pub(crate) steps: u64,
    /// The oldest that a tile ever was on this screen, of cameras that have had one.
    pub(crate) worst_age: Duration,
    /// Times that a tile grew stale.
    pub(crate) stale: u64,
}

impl Seen {
    pub(crate) fn new() -> Self {
        Self {
            newest: HashMap::new(),
            first_tiles_by: Instant::now(),
            tiles: Flow::new(),
            live: Flow::new(),
            steps: 0,
            worst_age: Duration::ZERO,
            stale: 0,
        }
    }

    /// Cameras that have a picture.
    pub(crate) fn painted(&self) -> usize {
        self.newest.len()
    }

    /// Adds what another viewer counted.
    pub(crate) fn add(&mut self, other: &Self) {
        self.tiles.add(&other.tiles);
        self.live.add(&other.live);
        self.steps += other.steps;
        self.worst_age = self.worst_age.max(other.worst_age);
        self.stale += other.stale;
    }

    /// Counts from here on; what is on the screen stays.
    fn restart(&mut self) {
        self.tiles.restart();
        self.live.restart();
        (self.steps, self.worst_age, self.stale) = (0, Duration::ZERO, 0);
    }

    fn message(&mut self, wire: &[u8]) {
        let Some(header) = Header::decode(wire) else { return };
        let now = UnixMicros::from(SystemTime::now());
        match header.kind {
            Kind::Tile if header.flags & flags::NOT_LIVE == 0 => {
                if self.tiles.message(&header, wire.len(), now) {
                    match self.newest.insert(header.camera, header.received_at) {
                        None => self.first_tiles_by = Instant::now(),
                        Some(received_at) => self.aged(now.since(received_at)),
                    }
                }
            }
            Kind::VideoAccessUnit => {
                self.live.message(&header, wire.len(), now);
            }
            Kind::Tile | Kind::VideoConfiguration => {}
        }
    }

    /// The service says what a lane carries.
    fn told(&mut self, text: &str) {
        self.steps += u64::from(
            text.contains(r#""why":"too-slow""#) || text.contains(r#""why":"no-keyframe""#),
        );
    }

    fn aged(&mut self, age: Duration) {
        self.worst_age = self.worst_age.max(age);
        self.stale += u64::from(age > STALE);
    }
}

/// A viewer that watches until it is dropped with its runtime.
#[derive(Clone)]
pub(crate) struct Viewer {
    seen: Arc<Mutex<Seen>>,
}

impl Viewer {
    /// Connects and subscribes.
    pub(crate) async fn connect(address: SocketAddr, wish: &Wish) -> Self {
        let mut request =
            format!("ws://{address}/api/v1/media").into_client_request().expect("a plain URL");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", "watchwall.media.v1".parse().expect("a token"));
        let stream = TcpStream::connect(address).await.expect("the centre listens");
        let (mut socket, _) = client_async(request, stream).await.expect("the centre takes it");
        socket.send(Message::text(wish.subscription())).await.expect("the centre reads");
        let viewer = Self { seen: Arc::new(Mutex::new(Seen::new())) };
        let seen = viewer.seen.clone();
        tokio::spawn(async move {
            let mut received = 0;
            let mut tick = tokio::time::interval(Duration::from_secs(1));
            loop {
                tokio::select! {
                    message = socket.next() => match message {
                        Some(Ok(Message::Binary(wire))) => {
                            received += wire.len() as u64;
                            seen.lock().expect("no holder panics").message(&wire);
                        }
                        Some(Ok(Message::Text(text))) => {
                            seen.lock().expect("no holder panics").told(&text);
                        }
                        Some(Ok(_)) => {}
                        Some(Err(_)) | None => return,
                    },
                    _ = tick.tick() => {
                        let progress = format!(r#"{{"type":"progress","received":{received}}}"#);
                        if socket.send(Message::text(progress)).await.is_err() {
                            return;
                        }
                    }
                }
            }
        });
        viewer
    }

    /// What it has seen since the last `restart`.
    pub(crate) fn seen(&self) -> Seen {
        let mut seen = self.seen.lock().expect("no holder panics").clone();
        let now = UnixMicros::from(SystemTime::now());
        let ages: Vec<_> = seen.newest.values().map(|at| now.since(*at)).collect();
        ages.into_iter().for_each(|age| seen.aged(age));
        seen
    }

    /// Counts from now on.
    pub(crate) fn restart(&self) {
        self.seen.lock().expect("no holder panics").restart();
    }
}
