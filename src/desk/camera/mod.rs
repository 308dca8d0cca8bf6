//! One camera as the desk keeps it: its facts, its session, and what is shown of it.

mod episodes;
mod minute;
mod seen;
mod shown;

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

pub(super) use self::shown::Around;
use self::{episodes::Episodes, minute::Minute, shown::Judged};
use super::{
    main_stream::MainDesk,
    state::Moment,
    view::{CameraView, StreamView},
};
use crate::{
    config::{CameraConfig, Config},
    domain::{
        camera::{Condition, Handle, SiteId, State},
        health::{Health, Learnt, Observation, Verdict},
        media::{StreamFormat, StreamKind, StreamRef},
        picture::{Judge, PicturePolicy},
        time::UnixMicros,
    },
    worker::message::{Credentials, Forward, OpenSession, SessionId, SessionLimits, StreamStats},
};

/// Without a keyframe for this long, all access units are taken. Beyond the usual 2 s and 4 s, and
/// before the wall would mark the tile.
const KEYFRAME_PATIENCE: Duration = Duration::from_secs(5);

/// One camera.
#[derive(Debug)]
pub(super) struct CameraDesk {
    pub(super) handle: Handle,
    pub(super) config: CameraConfig,
    /// Its site and all sites above it.
    pub(super) sites: Vec<SiteId>,
    health: Health,
    judge: Judge,
    picture_policy: PicturePolicy,
    /// What its site was told of it last.
    pub(super) told: Told,
    /// The roles that see it, while a commander hides it from all others.
    only_for: Option<Arc<BTreeSet<String>>>,
    /// As the alert desk knows it.
    pub(super) out_of_service_until: Option<UnixMicros>,
    pub(super) session: Option<SessionId>,
    pub(super) main: MainDesk,
    opened_at: Instant,
    whole: Whole,
    format: Option<StreamFormat>,
    counted: Option<(Instant, StreamStats)>,
    figures: StreamView,
    sessions: u64,
    last_frame_at: Option<UnixMicros>,
    shown: Option<Arc<CameraView>>,
    judged: Option<Judged>,
    /// Something that is shown beside the verdict has changed.
    moved: bool,
    episodes: Episodes,
    minute: Minute,
    /// What the store keeps, and when to look for what is new.
    stored: Learnt,
    store_at: Instant,
    live: bool,
    /// RTP has come in the session that runs.
    receiving: bool,
}

/// What a camera's site was told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing yet.
    Nothing,
    /// That it is lost, or back.
    Lost(bool),
    /// That a person took it out of service.
    Withdrawn,
}

/// Why all of the small stream's access units are wanted, if they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Whole {
    /// Its tiles need a full decode.
    decoded: bool,
    /// Somebody watches it live.
    watched: bool,
}

impl Whole {
    fn forward(self) -> Forward {
        if self.decoded || self.watched { Forward::All } else { Forward::Keyframes }
    }
}

impl CameraDesk {
    pub(super) fn new(
        at: Moment,
        handle: Handle,
        config: CameraConfig,
        around: &Config,
        learnt: Learnt,
    ) -> Self {
        let policy = around.health_policy(&config.camera);
        let picture_policy = around.picture_policy(&config.camera);
        Self {
            handle,
            sites: around.lineage(config.camera.site.as_ref()),
            config,
            health: Health::new(policy, learnt.clone(), at.now),
            judge: Judge::new(picture_policy.clone(), learnt.references.clone()),
            picture_policy,
            told: Told::Nothing,
            out_of_service_until: None,
            session: None,
            main: MainDesk::default(),
            opened_at: at.now,
            whole: Whole::default(),
            format: None,
            counted: None,
            figures: StreamView::default(),
            sessions: 0,
            last_frame_at: None,
            shown: None,
            judged: None,
            only_for: None,
            moved: true,
            episodes: Episodes::default(),
            minute: Minute::default(),
            stored: learnt,
            store_at: at.now + seen::LEARNT_EVERY,
            live: false,
            receiving: false,
        }
    }

    /// Takes over its own configuration and the policies of a new one.
    pub(super) fn configure(&mut self, at: Moment, config: CameraConfig, around: &Config) {
        self.config = config;
        self.sites = around.lineage(self.config.camera.site.as_ref());
        self.health.configure(at.now, around.health_policy(&self.config.camera));
        // The offset from UTC waits for a restart.
        let utc_offset_min = self.picture_policy.utc_offset_min;
        let policy = PicturePolicy { utc_offset_min, ..around.picture_policy(&self.config.camera) };
        if policy != self.picture_policy {
            self.judge = Judge::new(policy.clone(), self.judge.references().clone());
            self.picture_policy = policy;
        }
        self.moved = true;
    }

    pub(super) fn open(
        &mut self,
        at: Moment,
        session: SessionId,
        source: StreamRef,
        config: &Config,
    ) -> OpenSession {
        let camera = &self.config.camera;
        let (url, forward) = match source.stream {
            StreamKind::Sub => (&camera.url, self.whole.forward()),
            // Wanted only while its URL is configured.
            StreamKind::Main => (camera.main_url.as_ref().unwrap_or(&camera.url), Forward::All),
        };
        let url = url.clone();
        match source.stream {
            StreamKind::Sub => self.opened(at, session),
            StreamKind::Main => self.main.opened(session),
        }
        let camera = &self.config.camera;
        let password = self.config.password.as_ref();
        OpenSession {
            session,
            source,
            url,
            // Found by whoever carries the effect out: the desk does no I/O.
            address: SocketAddr::from(([0, 0, 0, 0], 0)),
            transport: camera.transport,
            credentials: camera.username.clone().map(|username| Credentials {
                username,
                password: password.map(reveal).unwrap_or_default(),
            }),
            allow_basic: camera.allow_basic,
            forward,
            limits: SessionLimits {
                access_unit_bytes: config.ingest.access_unit_bytes,
                rtp_gap: 2 * config.ingest.rtp_gap,
                pixels: config.decode.pixels_max,
                ..SessionLimits::default()
            },
        }
    }

    fn opened(&mut self, at: Moment, session: SessionId) {
        self.session = Some(session);
        self.opened_at = at.now;
        self.counted = None;
        self.receiving = false;
        self.sessions += 1;
        self.figures.reconnects = self.sessions - 1;
        self.figures.session_since = Some(at.unix);
        self.moved = true;
        self.health.apply(at.now, Observation::Connecting);
    }

    /// Whether the small stream's session runs.
    pub(super) fn runs(&self) -> bool {
        self.session.is_some() && self.receiving
    }

    /// The first RTP of the small stream's session came.
    pub(super) fn receiving(&mut self, at: Moment) {
        self.receiving = true;
        self.health.apply(at.now, Observation::Packets { ago: Duration::ZERO });
        self.moved = true;
    }

    /// Whether a full decode needs the small stream whole. Returns what to forward, if that
    /// changes.
    pub(super) fn decoded_whole(&mut self, whole: bool) -> Option<Forward> {
        self.change(Whole { decoded: whole, ..self.whole })
    }

    /// Whether somebody watches the small stream live. Returns what to forward, if that changes.
    pub(super) fn watched(&mut self, watched: bool) -> Option<Forward> {
        self.change(Whole { watched, ..self.whole })
    }

    fn change(&mut self, whole: Whole) -> Option<Forward> {
        let before = std::mem::replace(&mut self.whole, whole).forward();
        Some(whole.forward()).filter(|forward| *forward != before)
    }

    /// What time alone changes.
    pub(super) fn tick(&mut self, at: Moment) {
        if self.health.next_deadline().is_some_and(|deadline| deadline <= at.now) {
            self.health.tick(at.now);
        }
    }

    /// Whether it can be watched now, as it is shown.
    pub(super) fn watchable(&self) -> bool {
        let state = self.shown.as_ref().map(|shown| shown.state);
        matches!(state, Some(State::Online | State::Suspect))
    }

    /// What is said of it now.
    pub(super) fn verdict(&self, at: Moment) -> Verdict {
        self.health.verdict(at.now)
    }

    /// Whether frames arrive but no keyframe has for long: then only a full decode can show them.
    pub(super) fn lacks_keyframes(&self, at: Moment) -> bool {
        !self.whole.decoded
            && self.counted.is_some_and(|(_, stats)| {
                let patience = KEYFRAME_PATIENCE;
                let age = at.now.saturating_duration_since(self.opened_at);
                let none = stats.frames > 0 && stats.keyframes == 0 && age > patience;
                none || stats.since_keyframe.is_some_and(|since| since > patience)
            })
    }

    /// The small stream's session ended, or cannot be opened. Without a fault it was the service's
    /// own doing: it closed the session, or lost the worker.
    pub(super) fn ended(
        &mut self,
        at: Moment,
        fault: Option<(Condition, String)>,
        hold: Option<(UnixMicros, Condition)>,
    ) {
        self.session = None;
        self.counted = None;
        (self.figures.frame_rate, self.figures.bitrate) = (0.0, 0.0);
        self.figures.session_since = None;
        self.moved = true;
        let observation = match fault {
            None => Observation::ServiceFault,
            Some((condition, evidence)) => {
                Observation::Fault(condition, with_hold(evidence, hold, at.unix))
            }
        };
        self.health.apply(at.now, observation);
    }

    /// The main stream's session ended.
    pub(super) fn main_ended(
        &mut self,
        at: Moment,
        evidence: Option<String>,
        hold: Option<(UnixMicros, Condition)>,
    ) {
        self.main.ended(evidence.map(|evidence| with_hold(evidence, hold, at.unix)));
        self.moved = true;
    }

    /// Hides it from all but these roles, or shows it to everybody; whether that is new.
    pub(super) fn hide(&mut self, only_for: Option<&BTreeSet<String>>) -> bool {
        let new = self.only_for.as_deref() != only_for;
        if new {
            self.only_for = only_for.cloned().map(Arc::new);
            self.moved = true;
        }
        new
    }

    /// Something of the main stream is to be shown.
    pub(super) fn main_moved(&mut self) {
        self.moved = true;
    }

    /// It may not be opened yet, for what it did before the service was started.
    pub(super) fn held(&mut self, at: Moment, hold: (UnixMicros, Condition)) {
        let (_, condition) = hold;
        let evidence = match condition {
            Condition::CredentialsRejected => {
                "the camera rejected the user name or password before the service was restarted"
            }
            Condition::SessionLimit => {
                "the camera had no free session before the service was restarted"
            }
            _ => "the camera was left alone before the service was restarted",
        };
        self.ended(at, Some((condition, evidence.to_owned())), Some(hold));
    }
}

fn reveal(secret: &secrecy::SecretString) -> String {
    secrecy::ExposeSecret::expose_secret(secret).to_owned()
}

fn with_hold(evidence: String, hold: Option<(UnixMicros, Condition)>, unix: UnixMicros) -> String {
    match hold {
        Some((until, _)) => {
            let seconds = until.since(unix).as_secs();
            if seconds < 120 {
                format!("{evidence}; next try in {seconds} s")
            } else {
                format!("{evidence}; no further try for {} min", seconds / 60)
            }
        }
        None => evidence,
    }
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
