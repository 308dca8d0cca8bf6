//! A wall screen that subscribes to everything and notes what reaches it, but draws nothing.

use std::{
    collections::HashMap,
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
    media::{Header, flags},
    time::UnixMicros,
};

/// The keyframe interval of the simulated small streams is 2 s, and the wall page marks a tile
/// after three usual intervals.
const STALE: Duration = Duration::from_secs(6);

/// What reached the viewer.
#[derive(Clone)]
pub(crate) struct Seen {
    newest: HashMap<Handle, (u32, UnixMicros)>,
    /// When the last camera of those that have a picture got its first one.
    pub(crate) first_tiles_by: Instant,
    pub(crate) tiles: u64,
    pub(crate) bytes: u64,
    /// Pictures that were published but did not come.
    pub(crate) missed: u64,
    /// Microseconds from a frame's last byte at the service to its tile here.
    pub(crate) delays: Histogram<u64>,
    /// The oldest that a tile ever was on this screen, of cameras that have had one.
    pub(crate) worst_age: Duration,
    /// Times that a tile grew stale.
    pub(crate) stale: u64,
}

impl Seen {
    fn new() -> Self {
        Self {
            newest: HashMap::new(),
            first_tiles_by: Instant::now(),
            tiles: 0,
            bytes: 0,
            missed: 0,
            delays: Histogram::new_with_bounds(1, 60_000_000, 3).expect("valid bounds"),
            worst_age: Duration::ZERO,
            stale: 0,
        }
    }

    /// Cameras that have a picture.
    pub(crate) fn painted(&self) -> usize {
        self.newest.len()
    }

    /// Counts from here on; what is on the screen stays.
    fn restart(&mut self) {
        let newest = std::mem::take(&mut self.newest);
        *self = Self { newest, ..Self::new() };
    }

    fn message(&mut self, wire: &[u8]) {
        let Some(header) = Header::decode(wire) else { return };
        let now = UnixMicros::from(SystemTime::now());
        if header.flags & flags::NOT_LIVE != 0 {
            return;
        }
        match self.newest.insert(header.camera, (header.sequence, header.received_at)) {
            None => self.first_tiles_by = Instant::now(),
            // The same picture again: its camera is live again.
            Some((sequence, _)) if sequence == header.sequence => return,
            Some((sequence, received_at)) => {
                self.aged(now.since(received_at));
                self.missed += u64::from(header.sequence.wrapping_sub(sequence + 1));
            }
        }
        self.tiles += 1;
        self.bytes += wire.len() as u64;
        let delay = u64::try_from(now.since(header.received_at).as_micros()).unwrap_or(u64::MAX);
        self.delays.saturating_record(delay.max(1));
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
    /// Connects and subscribes to every camera at the width of a wall tile.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let mut request =
            format!("ws://{address}/api/v1/media").into_client_request().expect("a plain URL");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", "watchwall.media.v1".parse().expect("a token"));
        let stream = TcpStream::connect(address).await.expect("the centre listens");
        let (mut socket, _) = client_async(request, stream).await.expect("the centre takes it");
        let subscribe = r#"{"type":"subscribe","tiles":{"cameras":["*"],"width":320},"video":[]}"#;
        socket.send(Message::text(subscribe)).await.expect("the centre reads");
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
        let ages: Vec<_> = seen.newest.values().map(|(_, at)| now.since(*at)).collect();
        ages.into_iter().for_each(|age| seen.aged(age));
        seen
    }

    /// Counts from now on.
    pub(crate) fn restart(&self) {
        self.seen.lock().expect("no holder panics").restart();
    }
}
