//! One thread that owns every media socket.
//!
//! A message is framed once, when it is published, and every viewer gets the same bytes. A viewer
//! has no queue: it has a cursor into the newest tiles and lanes into the streams' GOP rings
//! (`domain::fanout`). About each millisecond,
//! when something is due, the thread gathers per viewer all that it is due into one vectored write
//! that never waits; it looks only at viewers of what was published. A viewer whose socket takes nothing keeps its cursor and costs nothing.
//!
//! The thread is apart from the runtime that serves HTTP: the handshake happens there, and the
//! connection is handed over here. It sleeps while there is nothing to do.

mod connection;
mod figures;
mod frame;
mod gather;
mod inbound;
mod inbox;
mod low_mark;
mod pace;
mod readiness;
mod thread;
mod tls;
mod viewers;
mod wire;
mod wishes;

use std::{
    any::Any, collections::BTreeSet, io, net::TcpStream, sync::Arc, thread::JoinHandle,
    time::Duration,
};

use bytes::Bytes;
use rustls::ServerConnection;
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;

pub use self::figures::{Delay, Figures, VideoFigures, ViewerFigures};
use self::{figures::Counters, inbox::Inbox};
use crate::domain::{
    camera::{CameraId, Handle, Importance},
    fanout::{Picture, Step, Subscription, Wanted, live::LivePolicy},
    media::{AccessUnit, Header, StreamFormat, StreamRef, Tile},
    time::UnixMicros,
};

/// Which cameras there are for one viewer.
pub trait Roster: Send + Sync {
    /// The handles of these cameras, `None` for those that are not there or that the viewer may not
    /// see: it cannot tell one from the other.
    fn resolve(&self, cameras: &[CameraId]) -> Vec<Option<Handle>>;

    /// Whether the viewer may see this camera.
    fn may_see(&self, camera: Handle) -> bool;

    /// What it calls this camera, if it is there.
    fn id(&self, camera: Handle) -> Option<CameraId>;

    /// The viewer wishes for this from now on. Must not wait.
    fn subscribed(&self, _subscription: &Subscription) {}
}

/// A media connection after its handshake.
pub struct Viewer {
    /// The connection.
    pub stream: TcpStream,
    /// TLS on it, after its handshake; `None` in clear.
    pub tls: Option<Box<ServerConnection>>,
    /// Bytes of it that were already read, in clear.
    pub leftover: Bytes,
    /// What it may see.
    pub roster: Arc<dyn Roster>,
    /// Cancelled when its session has ended or its rights are others: it is closed with 4001.
    pub ended: CancellationToken,
    /// Dropped when the viewer leaves: its place within the connection limit.
    pub place: Box<dyn Any + Send>,
}

impl std::fmt::Debug for Viewer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Viewer").field("stream", &self.stream).finish_non_exhaustive()
    }
}

/// How the fan-out treats its viewers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// From the first thing that is due to the write that takes all, at least: what comes at the
    /// same time goes out together.
    pub gather: Duration,
    /// Between two such writes, at least. It decides what a message costs when many come, and how
    /// old the oldest of them gets.
    pub round: Duration,
    /// Between two pings.
    pub ping_every: Duration,
    /// Without an inbound frame or a byte taken: closed with 4008.
    pub dead_after: Duration,
    /// For a close handshake, and for all of them at shutdown.
    pub close_within: Duration,
    /// Bytes that a client which reports its progress may be ahead of its last report, once
    /// something that was sent two seconds ago is not in it.
    pub unacknowledged: u64,
    /// How live video is held to the present.
    pub live: LivePolicy,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            gather: Duration::from_micros(200),
            round: Duration::from_millis(1),
            ping_every: Duration::from_secs(10),
            dead_after: Duration::from_secs(30),
            close_within: Duration::from_secs(2),
            unacknowledged: 1 << 20,
            live: LivePolicy::default(),
        }
    }
}

/// The newest tile of a camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newest {
    /// The header it went out with.
    pub header: Header,
    /// The JPEG file.
    pub jpeg: Bytes,
}

/// The fan-out thread, before it has started.
#[derive(Debug)]
pub struct Fanout;

impl Fanout {
    /// Starts the thread. It ends after [`FanoutHandle::shutdown`].
    pub fn spawn(policy: Policy) -> io::Result<(FanoutHandle, JoinHandle<()>)> {
        let (told, wanted) = watch::channel(Arc::default());
        let (tell_watched, watched) = watch::channel(Arc::default());
        let handle =
            FanoutHandle { inbox: Arc::default(), counters: Arc::default(), wanted, watched };
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let timer = {
            let _inside = runtime.enter();
            pace::Timer::new()?
        };
        let tell = thread::Tell { wanted: told, watched: tell_watched };
        let (inbox, counters) = (handle.inbox.clone(), handle.counters.clone());
        let thread = thread::Thread::new(policy, inbox, counters, tell, timer);
        let join = std::thread::Builder::new().name("fanout".into()).spawn(move || {
            // One future owns everything, so there is nobody else that a budget would be fair to.
            runtime.block_on(tokio::task::unconstrained(thread.run()));
        })?;
        Ok((handle, join))
    }
}

/// Speaks to the fan-out thread; nothing here ever waits for it.
#[derive(Clone, Debug)]
pub struct FanoutHandle {
    inbox: Arc<Inbox>,
    counters: Arc<Counters>,
    wanted: watch::Receiver<Arc<Wanted>>,
    watched: watch::Receiver<Arc<BTreeSet<StreamRef>>>,
}

impl FanoutHandle {
    /// Makes this the newest tile of the camera at this width of the ladder.
    pub fn publish_tile(
        &self,
        camera: Handle,
        width: u16,
        tile: &Tile,
        received_at: UnixMicros,
        media_time: u32,
        flags: u16,
    ) {
        let picture = Picture { received_at, media_time, flags };
        self.inbox.tile(camera, Step::serving(width.into()), picture, tile.clone());
    }

    /// What a stream carries from its next access unit on.
    pub fn publish_format(&self, source: StreamRef, format: &StreamFormat) {
        self.inbox.format(source, format);
    }

    /// The next access unit of a stream.
    pub fn publish_unit(&self, unit: &AccessUnit) {
        self.inbox.unit(unit);
    }

    /// The streams that somebody watches live, now and whenever that changes.
    pub fn watched(&self) -> watch::Receiver<Arc<BTreeSet<StreamRef>>> {
        self.watched.clone()
    }

    /// Marks a camera as not live, or live again: its last tile goes out again with the flag
    /// changed.
    pub fn set_not_live(&self, camera: Handle, not_live: bool) {
        self.inbox.put(|waiting| {
            waiting.not_live.insert(camera, not_live);
        });
    }

    /// The camera gives way to others as its class says, where a viewer cannot keep up.
    pub fn rank(&self, camera: Handle, importance: Importance) {
        self.inbox.put(|waiting| {
            waiting.ranks.insert(camera, importance);
        });
    }

    /// Drops all of a camera that was removed.
    pub fn forget(&self, camera: Handle) {
        self.inbox.put(|waiting| waiting.forget.push(camera));
    }

    /// Asks again what each viewer may see: that has changed while they were connected.
    pub fn look_again(&self) {
        self.inbox.put(|waiting| waiting.look_again = true);
    }

    /// Hands a media connection over.
    pub fn attach(&self, viewer: Viewer) {
        self.inbox.viewer(viewer);
    }

    /// What the viewers want, now and whenever it changes.
    pub fn wanted(&self) -> watch::Receiver<Arc<Wanted>> {
        self.wanted.clone()
    }

    /// The newest tile of a camera at a width of the ladder, if there is one.
    pub async fn newest(&self, camera: Handle, width: u16) -> Option<Newest> {
        let (answer, newest) = oneshot::channel();
        self.inbox.newest(camera, Step::serving(width.into()), answer);
        newest.await.ok().flatten()
    }

    /// The newest number of each camera that has published a tile: what screens say they painted
    /// is held against it.
    pub async fn numbers(&self) -> Vec<(Handle, u32)> {
        let (answer, numbers) = oneshot::channel();
        self.inbox.numbers(answer);
        numbers.await.unwrap_or_default()
    }

    /// All counters.
    pub fn counters(&self) -> Figures {
        self.counters.read(self.inbox.dropped(), self.inbox.units_dropped())
    }

    /// Looks at once for viewers whose sessions have ended, instead of within a second.
    pub fn part_with_the_ended(&self) {
        self.inbox.put(|waiting| waiting.ended = true);
    }

    /// Closes every viewer with 4013 and ends the thread.
    pub fn shutdown(&self) {
        self.inbox.put(|waiting| waiting.shutdown = true);
    }
}
