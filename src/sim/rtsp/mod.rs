//! The RTSP 1.0 server: accepts, answers, and hands playing sessions to the one sender.

mod answer;
mod connection;
mod digest;
mod outlet;
mod request;
mod sdp;
mod sender;
mod session;
mod timeline;
mod trick;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use tokio::net::{TcpListener, UdpSocket};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(super) use sender::Sender;

use super::{camera::Camera, clip::Studio, clock::Clock};

/// What all connections share.
pub(super) struct Server {
    pub(super) cameras: Arc<[Arc<Camera>]>,
    pub(super) studio: Arc<Studio>,
    pub(super) clock: Clock,
    pub(super) credentials: Option<(String, String)>,
    pub(super) handshakes: Handshakes,
    pub(super) udp: UdpPair,
    pub(super) sender: Sender,
    pub(super) tasks: TaskTracker,
    pub(super) shutdown: CancellationToken,
}

/// The sockets that all UDP sessions are sent from.
pub(super) struct UdpPair {
    pub(super) rtp: Arc<std::net::UdpSocket>,
    pub(super) rtcp: Arc<std::net::UdpSocket>,
    pub(super) ports: (u16, u16),
}

impl UdpPair {
    /// Binds an even port and the odd one after it.
    pub(super) async fn bind(at: SocketAddr) -> std::io::Result<Self> {
        for _ in 0..200 {
            let rtp = UdpSocket::bind((at.ip(), 0)).await?;
            let port = rtp.local_addr()?.port();
            if port % 2 == 1 || port == u16::MAX {
                continue;
            }
            let Ok(rtcp) = UdpSocket::bind((at.ip(), port + 1)).await else { continue };
            return Ok(Self {
                rtp: Arc::new(rtp.into_std()?),
                rtcp: Arc::new(rtcp.into_std()?),
                ports: (port, port + 1),
            });
        }
        Err(std::io::Error::new(std::io::ErrorKind::AddrInUse, "no free pair of UDP ports"))
    }
}

/// Connections between accept and the answer to `PLAY`: what a polite client bounds.
#[derive(Default)]
pub(super) struct Handshakes {
    now: AtomicU32,
    most: AtomicU32,
}

impl Handshakes {
    pub(super) fn now(&self) -> u32 {
        self.now.load(Ordering::Relaxed)
    }

    /// The most there ever were at once.
    pub(super) fn most(&self) -> u32 {
        self.most.load(Ordering::Relaxed)
    }
}

/// One connection under way to `PLAY`; dropped when it is over.
struct Handshake(Arc<Server>);

impl Handshake {
    fn begin(server: &Arc<Server>) -> Self {
        let now = server.handshakes.now.fetch_add(1, Ordering::Relaxed) + 1;
        server.handshakes.most.fetch_max(now, Ordering::Relaxed);
        Self(server.clone())
    }
}

impl Drop for Handshake {
    fn drop(&mut self) {
        self.0.handshakes.now.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Accepts connections until the server is shut down.
pub(super) async fn accept(server: Arc<Server>, listener: TcpListener) {
    loop {
        let accepted = tokio::select! {
            () = server.shutdown.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let handshake = Handshake::begin(&server);
                server.tasks.spawn(connection::serve(server.clone(), stream, peer, handshake));
            }
            Err(error) => {
                // Usually out of file descriptors: the next one may fit when another has ended.
                tracing::warn!(%error, "the simulator could not accept a connection");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }
}
