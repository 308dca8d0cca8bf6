//! The camera simulator: RTSP cameras with drawn scenes or real footage, and with faults on demand.
//!
//! Used by `watchwall sim` and `watchwall demo`, by tests and by the capacity measurement. It is
//! not part of the service: nothing here may make the service look better than it is, so it speaks
//! real RTSP over real sockets and counts what its clients do.
//!
//! ```text
//! scene ─frames─> clip (encoded once, cached, cut into packets) ─> rtsp sender ─> sessions
//! fault <─ control (HTTP)                                             rtsp connections ┘
//! ```

mod camera;
mod clip;
mod clock;
mod control;
mod fault;
mod rtsp;
pub mod scene;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Serialize;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use camera::CameraStats;
pub use clip::StudioError;
pub use fault::{Fault, FaultError, FaultKind, Faults, WrongClock};

use crate::domain::media::StreamKind;
use camera::Camera;
use clip::Studio;
use clock::Clock;
use rtsp::{Sender, Server, UdpPair};

/// What to simulate, and where.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many cameras: 001 to this.
    pub cameras: u32,
    /// Where RTSP listens; port 0 takes a free one.
    pub rtsp: SocketAddr,
    /// Where the control API listens; port 0 takes a free one.
    pub control: SocketAddr,
    /// Real clips to serve instead of drawn scenes: every file in it that holds video.
    pub footage: Option<PathBuf>,
    /// Where encoded clips are kept.
    pub cache: PathBuf,
    /// User and password that clients must sign in with.
    pub credentials: Option<(String, String)>,
    /// Site N of the control API is cameras (N-1)·k+1 to N·k.
    pub cameras_per_site: u32,
    /// Makes the large clips too, in the background, camera by camera. Without it each is made when
    /// it is first asked for, and the one who asks waits for some seconds.
    pub large_ahead: bool,
}

impl Default for Settings {
    fn default() -> Self {
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            cameras: 150,
            rtsp: loopback,
            control: loopback,
            footage: None,
            cache: PathBuf::from("var/sim-cache"),
            credentials: None,
            cameras_per_site: 10,
            large_ahead: false,
        }
    }
}

/// Why the simulator did not start.
#[derive(Debug, Error)]
pub enum SimError {
    /// No cameras, or too many for three to four digits.
    #[error("{cameras} cameras cannot be simulated; ask for 1 to 9999")]
    Cameras {
        /// What was asked for.
        cameras: u32,
    },
    /// An address is taken or not ours.
    #[error("cannot listen on {address}; choose another address or end what listens there")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The footage directory cannot be used.
    #[error("no video in {}; put video files there or leave --footage out", directory.display())]
    Footage {
        /// The directory.
        directory: PathBuf,
        /// What the system said, if it could not be read.
        #[source]
        source: Option<io::Error>,
    },
    /// A clip could not be made.
    #[error("a clip could not be made")]
    Clip(#[from] StudioError),
    /// A thread could not be started.
    #[error("a thread could not be started")]
    Thread(#[source] io::Error),
}

/// What the simulator has seen: the body of `GET /stats`.
#[derive(Clone, Debug, Serialize)]
pub struct SimStats {
    /// Connections between accept and the answer to `PLAY`, now.
    pub handshakes_now: u32,
    /// The most of them there ever were at once.
    pub handshakes_at_once_max: u32,
    /// Every camera, by number.
    pub cameras: Vec<CameraStats>,
}

/// Reads the counters.
struct Witness(Arc<Server>);

impl Witness {
    fn stats(&self) -> SimStats {
        SimStats {
            handshakes_now: self.0.handshakes.now(),
            handshakes_at_once_max: self.0.handshakes.most(),
            cameras: self.0.cameras.iter().map(|camera| camera.stats()).collect(),
        }
    }
}

/// A running simulator. Ends with [`Sim::shutdown`]; dropped without it, its tasks end by
/// themselves soon after.
pub struct Sim {
    rtsp_addr: SocketAddr,
    control_addr: SocketAddr,
    faults: Faults,
    witness: Arc<Witness>,
    server: Arc<Server>,
}

impl Sim {
    /// Makes the small clips (from the cache, else by encoding: about half a minute the first
    /// time) and starts to serve. Large clips are made when they are first asked for, or ahead of
    /// that (`large_ahead`).
    pub async fn start(settings: Settings) -> Result<Self, SimError> {
        let Settings { cameras, cameras_per_site, large_ahead, .. } = settings;
        if !(1..=9_999).contains(&cameras) {
            return Err(SimError::Cameras { cameras });
        }
        let footage = settings.footage.as_deref().map_or_else(|| Ok(Vec::new()), files)?;
        let cameras: Arc<[Arc<Camera>]> = (1..=cameras)
            .map(|number| {
                let clip = footage.get((number as usize - 1) % footage.len().max(1));
                Arc::new(Camera::new(number, clip.cloned()))
            })
            .collect();
        let listener = listen(settings.rtsp).await?;
        let control_listener = listen(settings.control).await?;
        let (rtsp_addr, control_addr) = (local(&listener)?, local(&control_listener)?);
        let udp = UdpPair::bind(rtsp_addr)
            .await
            .map_err(|source| SimError::Listen { address: rtsp_addr, source })?;

        let clock = Clock::start();
        let studio = Studio::start(settings.cache).map_err(SimError::Thread)?;
        if let Err(error) = make_small_clips(&studio, &cameras).await {
            studio.stop();
            return Err(error.into());
        }
        if large_ahead {
            let large = cameras.iter().map(|camera| camera.ordinary(StreamKind::Main)).collect();
            studio.make_ahead(large).map_err(SimError::Thread)?;
        }
        let faults = Faults::new(cameras.clone(), cameras_per_site, clock);
        let sender =
            Sender::start(clock, faults.clone(), studio.clone()).map_err(SimError::Thread)?;
        let server = Arc::new(Server {
            cameras,
            studio,
            clock,
            credentials: settings.credentials,
            handshakes: rtsp::Handshakes::default(),
            udp,
            sender,
            tasks: TaskTracker::new(),
            shutdown: CancellationToken::new(),
        });
        let witness = Arc::new(Witness(server.clone()));
        let control = control::Control { faults: faults.clone(), witness: witness.clone() };
        server.tasks.spawn(rtsp::accept(server.clone(), listener));
        server.tasks.spawn(control::serve(control, control_listener, server.shutdown.clone()));
        Ok(Self { rtsp_addr, control_addr, faults, witness, server })
    }

    /// Where RTSP listens.
    pub fn rtsp_addr(&self) -> SocketAddr {
        self.rtsp_addr
    }

    /// Where the control API listens.
    pub fn control_addr(&self) -> SocketAddr {
        self.control_addr
    }

    /// The URL of a camera's stream, for example `rtsp://127.0.0.1:8554/cam/007/sub`.
    pub fn url(&self, camera: u32, stream: StreamKind) -> String {
        let stream = match stream {
            StreamKind::Sub => "sub",
            StreamKind::Main => "main",
        };
        format!("rtsp://{}/cam/{camera:03}/{stream}", self.rtsp_addr)
    }

    /// Sets and ends faults.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// What the cameras have seen so far.
    pub fn stats(&self) -> SimStats {
        self.witness.stats()
    }

    /// Ends all connections, tasks and threads.
    pub async fn shutdown(self) {
        self.server.shutdown.cancel();
        self.server.tasks.close();
        self.server.tasks.wait().await;
        let server = self.server.clone();
        // Both wait for their threads, the studio for the frame it is drawing.
        let stopped = tokio::task::spawn_blocking(move || {
            server.sender.stop();
            server.studio.stop();
        });
        if let Err(error) = stopped.await {
            tracing::warn!(%error, "the simulator's threads did not stop in order");
        }
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.server.shutdown.cancel();
    }
}

async fn make_small_clips(studio: &Studio, cameras: &[Arc<Camera>]) -> Result<(), StudioError> {
    let recipes: Vec<_> = cameras.iter().map(|camera| camera.ordinary(StreamKind::Sub)).collect();
    // First put all in the queue, so that all threads have work; then wait for each.
    for recipe in &recipes {
        let _ = studio.ready(recipe);
    }
    for recipe in &recipes {
        studio.clip(recipe).await?;
    }
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener, SimError> {
    TcpListener::bind(address).await.map_err(|source| SimError::Listen { address, source })
}

fn local(listener: &TcpListener) -> Result<SocketAddr, SimError> {
    let unknown = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    listener.local_addr().map_err(|source| SimError::Listen { address: unknown, source })
}

/// The video files of a directory, by name. What is no video by its ending is left out.
fn files(directory: &Path) -> Result<Vec<PathBuf>, SimError> {
    const ENDINGS: [&str; 12] =
        ["mp4", "mkv", "mov", "avi", "ts", "m4v", "webm", "264", "h264", "265", "hevc", "mpg"];
    let failed = |source| SimError::Footage { directory: directory.to_owned(), source };
    let entries = std::fs::read_dir(directory).map_err(|source| failed(Some(source)))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| {
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            ENDINGS.contains(&ending.to_ascii_lowercase().as_str())
        })
        .collect();
    files.sort();
    if files.is_empty() { Err(failed(None)) } else { Ok(files) }
}
