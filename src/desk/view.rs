//! What the desk lets everybody read: the cameras and walls as they are now, and a stream of
//! changes. Written by the desk alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arc_swap::ArcSwap;
use dashmap::DashMap;
use serde::Serialize;
use tokio::sync::broadcast;

use crate::{
    config::Config,
    domain::{
        alert::{Flood, Mix},
        camera::{CameraId, Condition, Handle, Importance, SiteId, Slug, State, WallId},
        health::{Rung, Severity},
        maintenance::MaintenanceId,
        media::Codec,
        picture::Sight,
        roster::PositionId,
        screen::Fault,
        time::UnixMicros,
    },
    worker::message::StreamStats,
};

pub use super::wall_view::{BezelView, CellView, PresetView, WallScreenView, WallView};

/// A camera as API, sockets and wall show it. Times are Unix microseconds, as in media headers.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CameraView {
    /// Identity.
    #[schema(value_type = String)]
    pub id: CameraId,
    /// Its number in media messages; stable while the service runs.
    #[schema(value_type = u32)]
    pub handle: Handle,
    /// What an operator types to call it.
    pub number: u32,
    /// What people read.
    pub name: String,
    /// Its site, if it has one.
    #[schema(value_type = Option<String>)]
    pub site: Option<SiteId>,
    /// Its tags.
    #[schema(value_type = Vec<String>)]
    pub tags: Vec<CameraId>,
    /// `low` gives way first when a screen or the service cannot keep up, then `normal`, then `high`.
    #[schema(value_type = String)]
    pub importance: Importance,
    /// The one word on the wall.
    #[schema(value_type = String)]
    pub state: State,
    /// Why it is not as it should be, worst first.
    #[schema(value_type = Vec<String>)]
    pub conditions: Vec<Condition>,
    /// The lowest broken rung of the health ladder; null when none is.
    #[schema(value_type = Option<String>)]
    pub rung: Option<Rung>,
    /// The same conditions, each with its severity, since when, and its evidence.
    pub standing: Vec<StandingView>,
    /// The site whose condition stands for this camera's: one cause, one condition.
    #[schema(value_type = Option<String>)]
    pub masked_by: Option<SiteId>,
    /// The order that takes it out of service; null while it is in service.
    pub maintenance: Option<MaintenanceView>,
    /// The evidence for the first condition, in a plain English sentence.
    pub reason: Option<String>,
    /// When the state was entered.
    #[schema(value_type = u64)]
    pub since: UnixMicros,
    /// When the newest decoded picture's last byte arrived.
    #[schema(value_type = Option<u64>)]
    pub last_frame_at: Option<UnixMicros>,
    /// Its usual seconds between two pictures, once learnt.
    pub refresh_s: Option<f64>,
    /// The codec of its small stream.
    #[schema(value_type = Option<String>)]
    pub codec: Option<Codec>,
    /// Visible width of the small stream, pixels.
    pub width: Option<u32>,
    /// Visible height of the small stream, pixels.
    pub height: Option<u32>,
    /// Stream figures of the last second.
    pub stream: StreamView,
    /// Its main stream; null while nobody watches it.
    pub main: Option<MainView>,
    /// The roles that see it, while a commander hides it from all others.
    #[serde(skip)]
    pub only_for: Option<Arc<BTreeSet<String>>>,
}

impl CameraView {
    /// Whether a commander lets this role see it.
    pub fn is_open_to(&self, role: &str) -> bool {
        self.only_for.as_ref().is_none_or(|roles| roles.contains(role))
    }
}

/// A camera's main stream while somebody watches it. It says nothing about the camera's health,
/// which is judged by the small stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MainView {
    /// How far it has come.
    pub state: MainState,
    /// Why it is offline, in a plain English sentence.
    pub reason: Option<String>,
}

/// How far a main stream has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MainState {
    /// A session is being set up.
    Connecting,
    /// Media comes.
    Playing,
    /// It cannot be had now; it is tried again while somebody watches.
    Offline,
}

/// A camera's stream in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct StreamView {
    /// Frames per second.
    pub frame_rate: f64,
    /// Bits per second.
    pub bitrate: f64,
    /// Seconds between keyframes.
    pub keyframe_interval_s: Option<f64>,
    /// Size of the newest keyframe, bytes.
    pub keyframe_bytes: u64,
    /// Packets lost since the session began.
    pub packets_lost: u64,
    /// Packets that came after a later one, since the session began.
    pub packets_reordered: u64,
    /// Interarrival jitter, milliseconds (RFC 3550 §6.4.1).
    pub jitter_ms: f64,
    /// Access units that the ingest worker gave up because the centre was behind, since the session
    /// began.
    pub units_dropped: u64,
    /// Sessions opened since the service began, less the first.
    pub reconnects: u64,
    /// When the session that runs was opened.
    #[schema(value_type = Option<u64>)]
    pub session_since: Option<UnixMicros>,
    /// Sign-ins that the camera rejected, or that were begun after a rejection, since the last one
    /// that it took.
    pub sign_in_attempts: u32,
    /// The camera's clock less ours, seconds, from its sender reports.
    pub clock_offset_s: Option<f64>,
    /// The true offset is within this of it, seconds.
    pub clock_error_s: Option<f64>,
    /// How much faster its clock runs, parts per million.
    pub clock_drift_ppm: Option<f64>,
    /// CPU time of decoding the newest keyframe, microseconds.
    pub decode_us: u64,
    /// Whether the view tells enough to judge its place, focus and cover: `learning`, `enough` or
    /// `too-little`; none before the first picture.
    #[schema(value_type = Option<String>)]
    pub sight: Option<Sight>,
}

impl StreamView {
    /// Takes over the totals of the session that runs.
    pub(super) fn of(&mut self, stats: &StreamStats) {
        let rounded = |value: f64, digits: f64| (value * digits).round() / digits;
        let interval = stats.keyframe_interval.map(|interval| interval.as_secs_f64());
        self.keyframe_interval_s = interval.map(|s| rounded(s, 10.0)).or(self.keyframe_interval_s);
        self.keyframe_bytes = stats.keyframe_bytes;
        self.packets_lost = stats.packets_lost;
        self.packets_reordered = stats.packets_reordered;
        self.jitter_ms = rounded(stats.jitter.as_secs_f64() * 1000.0, 10.0);
        self.units_dropped = stats.units_dropped;
        self.clock_offset_s = stats.clock.map(|clock| rounded(clock.offset_s, 1000.0));
        self.clock_error_s = stats.clock.map(|clock| rounded(clock.error_s, 1000.0));
        let drift = stats.clock.and_then(|clock| clock.drift_ppm);
        self.clock_drift_ppm = drift.map(|ppm| rounded(ppm, 10.0));
    }
}

/// A condition that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StandingView {
    /// Which.
    #[schema(value_type = String)]
    pub condition: Condition,
    /// How much it matters: `notice`, `verify`, `warning` or `critical`.
    #[schema(value_type = String)]
    pub severity: Severity,
    /// When it was raised.
    #[schema(value_type = u64)]
    pub since: UnixMicros,
    /// Words and figures, one plain English sentence.
    pub evidence: String,
}

/// An order of maintenance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MaintenanceView {
    /// Its number.
    #[schema(value_type = i64)]
    pub id: MaintenanceId,
    /// When it ends by itself.
    #[schema(value_type = u64)]
    pub until: UnixMicros,
    /// Why.
    pub reason: String,
    /// Who ordered it.
    pub by: String,
}

/// A site as API and sockets show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SiteView {
    /// Identity.
    #[schema(value_type = String)]
    pub id: SiteId,
    /// What people read.
    pub name: String,
    /// The site above it.
    #[schema(value_type = Option<String>)]
    pub parent: Option<SiteId>,
    /// Cameras of it and of the sites below it.
    pub cameras: u32,
    /// Of them, those that can be watched now.
    pub watchable: u32,
    /// Since when it counts as down; null while it does not.
    #[schema(value_type = Option<u64>)]
    pub down_since: Option<UnixMicros>,
    /// Why, in a plain English sentence.
    pub evidence: Option<String>,
}

/// A screen of a wall, or a page that shows one.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ScreenView {
    /// The wall.
    #[schema(value_type = String)]
    pub wall: WallId,
    /// Which of its screens.
    #[schema(value_type = String)]
    pub screen: Slug,
    /// What people read.
    pub name: String,
    /// Its column among the wall's screens, from 0; null where nobody configured it.
    pub column: Option<u32>,
    /// Its row, from 0.
    pub row: Option<u32>,
    /// It is missed when it goes, or does not come. Consoles that show a wall are not.
    pub expected: bool,
    /// What is wrong with it: `screen-gone`, `screen-blank`, `screen-frozen` or `screen-behind`;
    /// null when nothing is.
    #[schema(value_type = Option<String>)]
    pub fault: Option<Fault>,
    /// Why, in a plain English sentence.
    pub evidence: Option<String>,
    /// Since when; while nothing is wrong, when it reported first, or since when that is waited for.
    #[schema(value_type = u64)]
    pub since: UnixMicros,
    /// When it reported last; null: not since the service started, or since it was configured.
    #[schema(value_type = Option<u64>)]
    pub last_report_at: Option<UnixMicros>,
    /// How long half of its cameras have had a newer picture than it shows, seconds.
    pub lag_s: f64,
    /// Tiles in its last report.
    pub tiles: usize,
    /// Its window can be seen.
    pub visible: bool,
}

/// When a camera was looked at last; `None`: not since the service began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookedView {
    /// The camera.
    pub camera: Handle,
    /// By a person, at a size that can be read.
    pub watched_at: Option<UnixMicros>,
    /// By the machine.
    pub judged_at: Option<UnixMicros>,
}

/// Who is on duty, and how much there is to do.
#[derive(Clone, Debug, Default)]
pub struct DutyView {
    /// The rules, people, positions and shifts that hold now.
    pub config: Arc<Config>,
    /// Positions that get more alerts than a person can take.
    pub floods: BTreeMap<PositionId, Flood>,
    /// The mix of priorities of the newest alerts.
    pub mix: Mix,
}

/// What changed.
#[derive(Clone, Debug)]
pub enum Change {
    /// A position's flood began, ended, or has another number.
    Flood(PositionId, Option<Flood>),
    /// One camera.
    Camera(Arc<CameraView>),
    /// The list: cameras were added, removed or renamed.
    Cameras,
    /// One wall.
    Wall(Arc<WallView>),
    /// The sites: some went down or came up, or the tree is another.
    Sites,
}

/// The shared read side. Readers take what they need and hold no lock.
#[derive(Debug)]
pub struct View {
    /// Cameras by handle.
    pub cameras: DashMap<Handle, Arc<CameraView>>,
    /// Walls by identity.
    pub walls: ArcSwap<Vec<Arc<WallView>>>,
    /// Sites, parents before children.
    pub sites: ArcSwap<Vec<Arc<SiteView>>>,
    /// Who is on duty, and how much there is to do.
    pub duty: ArcSwap<DutyView>,
    /// Screens of walls, and pages that show one; about a second old.
    pub screens: ArcSwap<Vec<ScreenView>>,
    /// When cameras were looked at, those that nobody has watched for longest first; about a second
    /// old.
    pub coverage: ArcSwap<Vec<LookedView>>,
    changes: broadcast::Sender<Change>,
}

/// A reader this far behind is told so and takes the whole list again: 1,000 cameras changing
/// twice fit.
const CHANGES_KEPT: usize = 2048;

impl Default for View {
    fn default() -> Self {
        Self {
            cameras: DashMap::new(),
            walls: ArcSwap::default(),
            sites: ArcSwap::default(),
            duty: ArcSwap::default(),
            screens: ArcSwap::default(),
            coverage: ArcSwap::default(),
            changes: broadcast::channel(CHANGES_KEPT).0,
        }
    }
}

impl View {
    /// All cameras by number, then by identity.
    pub fn list(&self) -> Vec<Arc<CameraView>> {
        let mut list: Vec<_> = self.cameras.iter().map(|entry| entry.value().clone()).collect();
        list.sort_by(|a, b| (a.number, &a.id).cmp(&(b.number, &b.id)));
        list
    }

    /// The camera with this identity.
    pub fn by_id(&self, id: &CameraId) -> Option<Arc<CameraView>> {
        self.cameras.iter().find(|entry| entry.id == *id).map(|entry| entry.value().clone())
    }

    /// The wall with this identity.
    pub fn wall(&self, id: &WallId) -> Option<Arc<WallView>> {
        self.walls.load().iter().find(|wall| wall.id == *id).cloned()
    }

    /// Every change from now on.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Puts one wall in the place of what it was. Only the desk calls this.
    pub(super) fn put_wall(&self, wall: &Arc<WallView>) {
        let mut walls = self.walls.load().as_ref().clone();
        if let Some(known) = walls.iter_mut().find(|known| known.id == wall.id) {
            *known = wall.clone();
            self.walls.store(Arc::new(walls));
        }
    }

    /// Tells the readers. Only the desk calls this, after it has written.
    pub fn tell(&self, change: Change) {
        // Nobody listening is fine: the change is in the maps for the next reader.
        let _ = self.changes.send(change);
    }
}
