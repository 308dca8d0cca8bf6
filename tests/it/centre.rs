//! A centre without cameras: the real HTTP side and fan-out thread over a view filled by hand.

use std::{
    net::SocketAddr,
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt, future::BoxFuture};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        client::IntoClientRequest,
        http::{HeaderName, HeaderValue, Response},
        protocol::CloseFrame,
    },
};
use tokio_util::sync::{CancellationToken, DropGuard};
use watchwall::{
    desk::view::{CameraView, StreamView, View, WallView},
    domain::{
        camera::{CameraId, Handle, Importance, State, WallId},
        media::{Header, Tile, flags},
        time::UnixMicros,
    },
    http::{App, serve},
    hub::{
        fanout::{Fanout, FanoutHandle, Figures, Policy},
        snapshots::{Snapshot, SnapshotError, Snapshots},
    },
};

/// Generous: nothing here takes a second unless it is broken.
pub(crate) const WITHIN: Duration = Duration::from_secs(20);

pub(crate) struct Centre {
    pub(crate) app: App,
    pub(crate) view: Arc<View>,
    pub(crate) fanout: FanoutHandle,
    pub(crate) address: SocketAddr,
    pub(crate) stop: CancellationToken,
    pub(crate) served: tokio::task::JoinHandle<()>,
    pub(crate) thread: Option<JoinHandle<()>>,
    _stop: DropGuard,
}

impl Centre {
    pub(crate) async fn start(cameras: u32) -> Self {
        Self::start_with(cameras, Policy::default(), |_| {}).await
    }

    pub(crate) async fn start_with(
        cameras: u32,
        policy: Policy,
        change: impl FnOnce(&mut App),
    ) -> Self {
        let view = Arc::new(View::default());
        for n in 1..=cameras {
            view.cameras.insert(Handle(n), Arc::new(camera(n)));
        }
        view.walls.store(Arc::new(vec![Arc::new(WallView::grid(
            slug("main"),
            "LED wall",
            (1..=cameras).map(Handle).collect(),
        ))]));
        let (fanout, thread) = Fanout::spawn(policy).expect("a thread can start");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let origins = ["https://wall.example".to_owned()];
        let mut app = App::new(view.clone(), fanout.clone(), Arc::new(Drawn), address, &origins);
        change(&mut app);
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let serving = app.clone();
        let served =
            tokio::spawn(
                async move { serve(listener, serving, stopped).await.expect("it serves") },
            );
        let guard = stop.clone().drop_guard();
        Self { app, view, fanout, address, stop, served, thread: Some(thread), _stop: guard }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client")
            .get(self.url(path))
            .send()
            .await
            .expect("an answer")
    }

    pub(crate) async fn socket(
        &self,
        path: &str,
        protocol: &str,
        origin: Option<&str>,
    ) -> Result<Client, Response<Option<Vec<u8>>>> {
        let stream = TcpStream::connect(self.address).await.expect("it listens");
        Client::over(stream, &format!("ws://{}{path}", self.address), protocol, origin).await
    }

    pub(crate) async fn media(&self) -> Client {
        self.socket("/api/v1/media", "watchwall.media.v1", None).await.expect("a media socket")
    }

    pub(crate) async fn control(&self) -> Client {
        self.socket("/api/v1/control", "watchwall.v1", None).await.expect("a control socket")
    }

    /// A tile whose bytes tell which one it is.
    pub(crate) fn publish(&self, camera: u32, width: u16, number: u8, bytes: usize) {
        let tile = Tile { width, height: width / 16 * 9, jpeg: vec![number; bytes].into() };
        let now = UnixMicros::from(SystemTime::now());
        self.fanout.publish_tile(Handle(camera), width, &tile, now, 90_000, flags::KEYFRAME);
    }

    /// Waits until this many messages are counted: a client may have one before it is.
    pub(crate) async fn figures_after(&self, sent: u64) -> Figures {
        let counted = async {
            loop {
                let figures = self.fanout.counters();
                if figures.total.sent >= sent {
                    return figures;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(WITHIN, counted).await.expect("they are counted")
    }

    /// Waits until the fan-out knows what its viewers want.
    pub(crate) async fn wanted(&self, camera: u32, widths: &[u16]) {
        let mut wanted = self.fanout.wanted();
        let as_wished =
            wanted.wait_for(|wanted| wanted.widths(Handle(camera)).collect::<Vec<_>>() == widths);
        tokio::time::timeout(WITHIN, as_wished)
            .await
            .expect("the wish arrives")
            .expect("the thread lives");
    }
}

impl Client {
    /// With more headers; what the service answered if it is no socket.
    pub(crate) async fn open(
        address: SocketAddr,
        path: &str,
        protocol: &str,
        headers: &[(HeaderName, String)],
    ) -> Result<Self, Response<Option<Vec<u8>>>> {
        let stream = TcpStream::connect(address).await.expect("it listens");
        let mut request = format!("ws://{address}{path}").into_client_request().expect("a url");
        let plain = |text: &str| HeaderValue::from_str(text).expect("plain");
        request.headers_mut().insert("sec-websocket-protocol", plain(protocol));
        for (name, value) in headers {
            request.headers_mut().append(name, plain(value));
        }
        match tokio_tungstenite::client_async(request, stream).await {
            Ok((socket, _)) => Ok(Self { socket }),
            Err(tungstenite::Error::Http(response)) => Err(*response),
            Err(error) => panic!("{error}"),
        }
    }
}

pub(crate) struct Client<S = TcpStream> {
    pub(crate) socket: WebSocketStream<S>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) async fn over(
        stream: S,
        url: &str,
        protocol: &str,
        origin: Option<&str>,
    ) -> Result<Self, Response<Option<Vec<u8>>>> {
        let mut request = url.into_client_request().expect("a url");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", HeaderValue::from_str(protocol).expect("plain"));
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", HeaderValue::from_str(origin).expect("plain"));
        }
        match tokio_tungstenite::client_async(request, stream).await {
            Ok((socket, _)) => Ok(Self { socket }),
            Err(tungstenite::Error::Http(response)) => Err(*response),
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) async fn say(&mut self, text: impl Into<String>) {
        self.socket.send(Message::text(text.into())).await.expect("it is open");
    }

    pub(crate) async fn next(&mut self) -> Message {
        let next =
            tokio::time::timeout(WITHIN, self.socket.next()).await.expect("a message in time");
        next.expect("it is open").expect("a message")
    }

    /// The next tile: its header and payload.
    pub(crate) async fn tile(&mut self) -> (Header, Bytes) {
        loop {
            if let Message::Binary(message) = self.next().await {
                return (Header::decode(&message).expect("a header"), message.slice(Header::LEN..));
            }
        }
    }

    /// The next JSON message.
    pub(crate) async fn json(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.next().await {
                return serde_json::from_str(&text).expect("JSON");
            }
        }
    }

    /// The next JSON message of a type.
    pub(crate) async fn json_of(&mut self, kind: &str) -> Value {
        loop {
            let json = self.json().await;
            if json["type"] == kind {
                return json;
            }
        }
    }

    /// Reads until the service closes, and tells code and reason.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        loop {
            match tokio::time::timeout(WITHIN, self.socket.next()).await.expect("it closes in time")
            {
                Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                    return (code.into(), reason.to_string());
                }
                Some(Ok(_)) => {}
                other => panic!("ended without a close frame: {other:?}"),
            }
        }
    }
}

pub(crate) fn slug(id: &str) -> WallId {
    CameraId::try_from(id).expect("an id")
}

pub(crate) fn camera(n: u32) -> CameraView {
    CameraView {
        id: slug(&format!("cam-{n:03}")),
        handle: Handle(n),
        number: 100 + n,
        name: if n == 1 { "Ngã ba Đồng Lộc".into() } else { format!("Cổng trường {n}") },
        site: Some(slug(if n.is_multiple_of(2) { "ky-anh" } else { "can-loc" })),
        tags: Vec::new(),
        importance: Importance::default(),
        state: if n == 2 { State::Offline } else { State::Online },
        conditions: Vec::new(),
        rung: None,
        standing: Vec::new(),
        masked_by: None,
        maintenance: None,
        reason: None,
        since: UnixMicros(1),
        last_frame_at: Some(UnixMicros(2)),
        refresh_s: Some(2.0),
        codec: None,
        width: Some(640),
        height: Some(360),
        stream: StreamView { reconnects: 3, ..StreamView::default() },
        main: None,
        only_for: None,
    }
}

/// Snapshots of a known size and time; the second camera has none.
struct Drawn;

impl Snapshots for Drawn {
    fn camera(
        &self,
        camera: Handle,
        width: Option<u32>,
    ) -> BoxFuture<'_, Result<Snapshot, SnapshotError>> {
        Box::pin(async move {
            match camera {
                Handle(2) => Err(SnapshotError::NoPicture),
                Handle(3) => panic!("a fault in a handler"),
                _ => Ok(Snapshot {
                    jpeg: format!("jpeg {} {width:?}", camera.0).into(),
                    captured_at: UnixMicros(784_111_777_000_125),
                }),
            }
        })
    }

    fn wall(
        &self,
        wall: WallId,
        _width: Option<u32>,
    ) -> BoxFuture<'_, Result<Snapshot, SnapshotError>> {
        Box::pin(async move {
            Ok(Snapshot {
                jpeg: format!("wall {wall}").into(),
                captured_at: UnixMicros(784_111_777_000_125),
            })
        })
    }
}
