//! What the desk hears and what it wants done.

use std::{collections::BTreeSet, net::IpAddr, sync::Arc};

use super::{
    command::{Answer, Command, Done, Refused},
    view::{CameraView, DutyView, LookedView, ScreenView, SiteView, WallView},
};
use crate::{
    config::Config,
    domain::{
        alert::{Actor, Flood, delivery::DeliveryId},
        assignment::WorkerId,
        camera::{CameraId, Handle},
        courtesy::Budget,
        health::Learnt,
        history::{Keep, Record},
        maintenance::{Maintenance, MaintenanceId},
        media::StreamRef,
        picture::Measures,
        roster::PositionId,
        screen::{Report, ScreenRef},
        time::UnixMicros,
    },
    store::{AlertRows, Receipt},
    worker::message::{FromIngest, OpenSession, SessionId, ToIngest},
};

/// Something that happened. All of it joins one queue.
#[derive(Debug)]
pub enum Event {
    /// A configuration that was checked; the first one starts everything.
    Configured(Arc<Config>),
    /// An ingest worker said something.
    Ingest(WorkerId, FromIngest),
    /// An ingest worker ended.
    WorkerGone {
        /// Which one.
        worker: WorkerId,
        /// How.
        evidence: String,
    },
    /// A session could not be opened because its host has no usable address.
    NoAddress {
        /// The session.
        session: SessionId,
        /// Why.
        evidence: String,
    },
    /// A picture was decoded from a camera's small stream.
    Picture {
        /// The camera.
        camera: Handle,
        /// When its last byte arrived.
        received_at: UnixMicros,
        /// CPU time of decoding, microseconds.
        decode_us: u64,
        /// What it looks like in figures.
        measures: Option<Box<Measures>>,
    },
    /// A keyframe gave no picture.
    Undecodable {
        /// The camera.
        camera: Handle,
        /// Why, and whether another try is pointless.
        why: String,
    },
    /// Whether the media stage needs every access unit of a camera's small stream, or keyframes
    /// only.
    WantAll(Handle, bool),
    /// The streams that somebody watches live now.
    Watched(Arc<BTreeSet<StreamRef>>),
    /// A person wants something done.
    Command(Command, Answer),
    /// Applications have alerts.
    Received(Vec<Receipt>),
    /// An order of maintenance is in the store under its number, or its end before its time is.
    Maintained(Maintenance),
    /// The newest number of each camera whose tiles were published.
    Published(Vec<(Handle, u32)>),
    /// A page says what it painted.
    Painted(Box<Painted>),
    /// The connection of a page that said what it painted has ended.
    Parted(ScreenRef),
}

/// What a page that shows a wall says, each second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Painted {
    /// What it painted.
    pub report: Report,
    /// The cameras that it shows at a size that can be read, while somebody is in front of it.
    pub large: Vec<Handle>,
}

/// Something to be done, in order.
#[derive(Debug)]
pub enum Effect {
    /// Commit a camera's budget before going on.
    SaveBudget(CameraId, Budget),
    /// Start a worker.
    StartWorker(WorkerId),
    /// Stop a worker for good.
    StopWorker(WorkerId),
    /// Find the host's address, write it into `address`, and tell the worker to open the session.
    Open(WorkerId, Box<OpenSession>),
    /// Tell a worker.
    Tell(WorkerId, ToIngest),
    /// Show a camera; `tell` its readers, unless only its figures moved.
    Show {
        /// The camera.
        camera: Arc<CameraView>,
        /// Whether it is told, or only there to be read.
        tell: bool,
    },
    /// A camera is gone: from the view and from the hub.
    Forget(Handle),
    /// The list of cameras changed.
    ShowList,
    /// Show the walls.
    ShowWalls(Vec<Arc<WallView>>),
    /// Show one wall anew.
    ShowWall(Arc<WallView>),
    /// Who may see which camera is another: ask again for each viewer.
    LookAgain,
    /// The camera's newest tile is live, or is only its last.
    Live(Handle, bool),
    /// Worth a line in the log, at most once per cause.
    Note(String),
    /// Write down what happened. What is not written down in time is counted as lost: these are
    /// facts about the past, not alerts.
    Record(Vec<Record>),
    /// Keep what was learnt of a camera, over what was kept before.
    Learnt(CameraId, Box<Learnt>),
    /// Keep the newest picture of a camera.
    Keep(CameraId, Handle, Keep),
    /// Commit an order, tell the desk with `Maintained`, and answer whoever gave it.
    Maintain(Maintenance, Answer),
    /// Commit that an order ends now, tell the desk with `Maintained`, and answer.
    EndMaintenance(MaintenanceId, UnixMicros, Answer),
    /// Answer a person.
    Answer(Answer, Result<Done, Refused>),
    /// Show the sites.
    ShowSites(Vec<Arc<SiteView>>),
    /// Write down what has become of alerts; when it is stored, publish it, send what is to be
    /// sent, and answer whoever waits. In the order of these effects.
    Alert {
        /// All that belongs together.
        rows: AlertRows,
        /// Who waits for it, and what to say then.
        answer: Option<(Answer, Done)>,
    },
    /// Send a message again that was given up, write down who said so, and answer.
    Resend(DeliveryId, (Actor, Option<IpAddr>), Answer),
    /// Show the screens of walls, and pages that show one.
    ShowScreens(Vec<ScreenView>),
    /// Show when cameras were looked at, those that nobody has watched for longest first.
    ShowCoverage(Vec<LookedView>),
    /// Show who is on duty and how much there is to do; tell which floods are others now.
    ShowDuty(Arc<DutyView>, Vec<(PositionId, Option<Flood>)>),
}
