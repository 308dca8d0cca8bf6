//! The configuration: TOML, environment and CSV in, types that cannot be wrong out. Errors name
//! file, line, key and remedy, and all of them are told at once.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use secrecy::SecretString;

use crate::domain::{camera::Camera, site::Site, wall::Wall};

/// A checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// HTTP and sockets.
    pub http: Http,
    /// The store.
    pub store: Store,
    /// Pulling streams.
    pub ingest: Ingest,
    /// Decoding keyframes.
    pub decode: Decode,
    /// The site tree, parents before children.
    pub sites: Vec<Site>,
    /// Every camera, in the order of the file.
    pub cameras: Vec<CameraConfig>,
    /// Every wall.
    pub walls: Vec<Wall>,
}

/// `[http]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Exact origins for sockets, scheme and port included; the listen address is always allowed.
    pub origins: Vec<String>,
}

/// `[store]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// The SQLite file.
    pub path: PathBuf,
}

/// `[ingest]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingest {
    /// Cameras in one worker process.
    pub cameras_per_worker: usize,
    /// RTSP handshakes under way at once, over all workers.
    pub handshakes_at_once: usize,
    /// Memory of one worker process, bytes.
    pub worker_memory_bytes: u64,
    /// One access unit, bytes.
    pub access_unit_bytes: usize,
    /// No RTP for this long: the camera is stalled (the session ends after twice this).
    pub rtp_gap: Duration,
}

/// `[decode]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decode {
    /// Worker processes; `0` in the file means one per core.
    pub workers: usize,
    /// Memory of one worker process, bytes.
    pub worker_memory_bytes: u64,
    /// Largest width times height, pixels.
    pub pixels_max: u32,
}

/// A camera and its secret.
#[derive(Debug, Clone)]
pub struct CameraConfig {
    /// What everyone may know.
    pub camera: Camera,
    /// Its password, read from its file or variable; only `ingest` is ever told.
    pub password: Option<SecretString>,
}
