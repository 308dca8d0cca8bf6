//! The configuration: TOML, environment and CSV in, types that cannot be wrong out. Faults name
//! file, line, key and remedy, and all of them are told at once.
//!
//! The order of authority is the file, then `WATCHWALL_SECTION__KEY` variables, then flags, which
//! `main` writes into the [`Config`].

mod address;
mod alert;
mod camera;
pub mod camera_csv;
mod channel;
mod document;
pub mod edit;
mod environment;
mod fault;
mod hours;
mod load;
mod named;
mod nearest;
mod password;
mod policy;
pub mod reload;
mod roster;
pub mod roster_csv;
mod rules;
mod section;
mod selector;
mod settings;
mod sheet;
mod site;
mod text;
mod tls;
mod wall;
pub mod watch;

use std::{collections::BTreeSet, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use secrecy::{ExposeSecret, SecretString};

pub use self::{
    address::refusal as address_refusal,
    alert::{AlertRule, Matter, Outcome},
    channel::{
        ChannelConfig, ChannelKind, Email, MailTls, Mqtt, Secret, Server, SignIn, Trust, Webhook,
    },
    environment::Environment,
    fault::{Fault, Faults},
    password::Passwords,
    policy::{HealthRule, OrderRule, PictureRule},
    tls::Tls,
};
use crate::domain::{
    access::LockoutPolicy,
    camera::{Camera, Slug},
    escalation::EscalationPolicy,
    root_cause::RootCausePolicy,
    roster::Roster,
    site::Site,
    wall::{Selector, Wall},
};

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
    /// When a site counts as down.
    pub root_cause: RootCausePolicy,
    /// What is kept of the past.
    pub history: History,
    /// How long people stay signed in, and what is done against guessing.
    pub sign_in: Sessions,
    /// How conditions are raised and cleared, in the order of the file.
    pub health: Vec<HealthRule>,
    /// What streams are ordered to be, in the order of the file.
    pub orders: Vec<OrderRule>,
    /// What the picture checks need to know of some cameras, in the order of the file.
    pub pictures: Vec<PictureRule>,
    /// Which records become alerts, in the order of the file; see [`Config::plan`].
    pub alert_rules: Vec<AlertRule>,
    /// Positions, people, and who is where when.
    pub roster: Arc<Roster>,
    /// Where the roster's dated entries come from; an import replaces it.
    pub roster_file: Option<PathBuf>,
    /// How alerts that nobody reads go up.
    pub escalation: EscalationPolicy,
    /// The site tree, parents before children.
    pub sites: Vec<Site>,
    /// Every camera, in the order of the file.
    pub cameras: Vec<CameraConfig>,
    /// Every wall.
    pub walls: Vec<Wall>,
    /// Ways to reach people who are not in front of a screen, in the order of the file.
    pub channels: Vec<ChannelConfig>,
    /// What works but should be put right, for the log and `watchwall check`.
    pub warnings: Vec<Fault>,
    /// The other files that it was read from: passwords, secrets, the roster's dated entries. A change
    /// of one is a change of the configuration.
    pub password_files: BTreeSet<PathBuf>,
}

/// No cameras, and one wall of all of them.
impl Default for Config {
    fn default() -> Self {
        Self {
            http: Http::default(),
            store: Store::default(),
            ingest: Ingest::default(),
            decode: Decode::default(),
            root_cause: RootCausePolicy::default(),
            history: History::default(),
            sign_in: Sessions::default(),
            health: Vec::new(),
            orders: Vec::new(),
            pictures: Vec::new(),
            alert_rules: Vec::new(),
            roster: Arc::default(),
            roster_file: None,
            escalation: EscalationPolicy::default(),
            sites: Vec::new(),
            cameras: Vec::new(),
            walls: vec![wall_of_all()],
            channels: Vec::new(),
            warnings: Vec::new(),
            password_files: BTreeSet::new(),
        }
    }
}

/// `[http]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Exact origins for sockets, scheme and port included; the listen address is always allowed.
    pub origins: Vec<String>,
    /// WebSockets of both kinds at once.
    pub sockets: u32,
    /// The certificate that HTTPS is served with; without one, plain HTTP.
    pub tls: Option<Tls>,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            // Loopback: nobody outside sees a camera until someone decided that they may.
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            origins: Vec::new(),
            // A hundred consoles and screens with both of theirs.
            sockets: 200,
            tls: None,
        }
    }
}

/// `[store]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// The SQLite file; a relative path starts at the working directory.
    pub path: PathBuf,
    /// Where alerts go while that file cannot be written. Best on another disk.
    pub spool: PathBuf,
}

impl Store {
    /// A store with its spool beside it.
    pub fn at(path: PathBuf) -> Self {
        let mut spool = path.clone().into_os_string();
        spool.push(".spool");
        Self { path, spool: spool.into() }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self::at(PathBuf::from("var/watchwall.db"))
    }
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
    /// Whether a camera may be on this machine itself, as a simulator is.
    pub allow_loopback: bool,
}

impl Default for Ingest {
    fn default() -> Self {
        Self {
            // A crash costs this many cameras a second of picture.
            cameras_per_worker: 25,
            // After a power cut all cameras return at once; switches and recorders bear this many.
            handshakes_at_once: 16,
            // 25 streams hold about 5 MB; the rest is room for one unit of 8 MiB from each.
            worker_memory_bytes: 256 << 20,
            // Twenty times a usual 4K keyframe, and what other receivers allow too.
            access_unit_bytes: 8 << 20,
            // Longer than the gaps of a healthy wireless link, shorter than a viewer's patience.
            rtp_gap: Duration::from_secs(5),
            // A camera's address must not be a way to reach the services of this machine.
            allow_loopback: false,
        }
    }
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

impl Default for Decode {
    fn default() -> Self {
        Self {
            workers: settings::one_per_core(),
            // A decoder serves all cameras from 40 MB; a picture of `pixels_max` takes about 150.
            worker_memory_bytes: 256 << 20,
            // The largest sensors in use are 33 megapixels (8K).
            pixels_max: 36_000_000,
        }
    }
}

/// `[history]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// States and conditions are kept so many days.
    pub days: u32,
    /// Pictures of what was seen when conditions were raised are kept so many days.
    pub pictures_days: u32,
    /// Local time less UTC, minutes: when a month begins, and what time of day a picture shows.
    pub utc_offset_min: i32,
}

impl Default for History {
    fn default() -> Self {
        Self {
            // The same month of the year before, and some days to ask for it.
            days: 400,
            // Long enough to be looked at, no longer than its purpose needs.
            pictures_days: 30,
            // Asia/Ho_Chi_Minh, which has no summer time.
            utc_offset_min: 7 * 60,
        }
    }
}

/// `[sign_in]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sessions {
    /// Who does nothing for so long is signed out.
    pub idle: Duration,
    /// Whoever signed in so long ago is signed out, whatever happens.
    pub absolute: Duration,
    /// What is done against guessing passwords.
    pub lockout: LockoutPolicy,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            // An open console is never idle: its sockets speak. A closed one is forgotten over lunch.
            idle: Duration::from_secs(60 * 60),
            // A shift of twelve hours with its hand-over (NIST SP 800-63B §4.2.3 says 12 h).
            absolute: Duration::from_secs(13 * 60 * 60),
            lockout: LockoutPolicy::default(),
        }
    }
}

/// A camera and its secret.
#[derive(Debug, Clone)]
pub struct CameraConfig {
    /// What everyone may know.
    pub camera: Camera,
    /// Its password, read from its file or variable; only `ingest` is ever told.
    pub password: Option<SecretString>,
}

impl CameraConfig {
    /// Whether both hold the same password.
    fn has_password_of(&self, other: &Self) -> bool {
        let secret = |camera: &Self| {
            camera.password.as_ref().map(|password| password.expose_secret().to_owned())
        };
        secret(self) == secret(other)
    }
}

fn wall_of_all() -> Wall {
    let id = Slug::try_from("main").expect("\"main\" is an id");
    Wall::of(id, "Wall", vec![Selector::All])
}
