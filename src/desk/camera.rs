//! One camera as the desk keeps it: its facts, its session, and what is shown of it.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    event::Effect,
    main_stream::MainDesk,
    state::Moment,
    view::{CameraView, StreamView},
};
use crate::{
    config::{CameraConfig, Config},
    domain::{
        camera::{Condition, Handle, State},
        health::{Health, HealthPolicy, Learnt, Observation},
        media::{StreamFormat, StreamKind, StreamRef},
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
    pub(super) health: Health,
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
    live: bool,
    /// RTP has come in the session that runs.
    receiving: bool,
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
    pub(super) fn new(at: Moment, handle: Handle, config: CameraConfig, rtp_gap: Duration) -> Self {
        let policy = HealthPolicy { rtp_gap, ..HealthPolicy::default() };
        Self {
            handle,
            config,
            health: Health::new(policy, Learnt::default(), at.now),
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
            live: false,
            receiving: false,
        }
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

    pub(super) fn picture(
        &mut self,
        at: Moment,
        received_at: UnixMicros,
        decode_us: u64,
        effects: &mut Vec<Effect>,
    ) {
        self.health.apply(at.now, Observation::Picture);
        self.last_frame_at = Some(received_at);
        self.figures.decode_us = decode_us;
        self.refresh(at, effects);
    }

    pub(super) fn format(&mut self, at: Moment, format: StreamFormat, effects: &mut Vec<Effect>) {
        self.format = Some(format);
        self.refresh(at, effects);
    }

    pub(super) fn stats(&mut self, at: Moment, stats: StreamStats, effects: &mut Vec<Effect>) {
        // Answers are bytes too: a session that is open proves nothing.
        if self.receiving {
            self.health.apply(at.now, Observation::Packets { ago: stats.since_rtp });
        }
        if let Some(interval) = stats.keyframe_interval {
            self.health.apply(at.now, Observation::KeyframeInterval(interval));
            self.figures.keyframe_interval_s = Some(tenths(interval.as_secs_f64()));
        }
        self.figures.packets_lost = stats.packets_lost;
        self.figures.units_dropped = stats.units_dropped;
        if let Some((then, before)) = self.counted {
            let seconds = at.now.saturating_duration_since(then).as_secs_f64().max(0.1);
            let frames = stats.frames.saturating_sub(before.frames);
            let bits = stats.bytes.saturating_sub(before.bytes) * 8;
            self.figures.frame_rate = tenths(frames as f64 / seconds);
            self.figures.bitrate = (bits as f64 / seconds).round();
        }
        self.counted = Some((at.now, stats));
        self.refresh(at, effects);
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

    /// The small stream's session ended, or cannot be opened.
    pub(super) fn ended(
        &mut self,
        at: Moment,
        fault: Option<(Condition, String)>,
        hold: Option<(UnixMicros, Condition)>,
        effects: &mut Vec<Effect>,
    ) {
        self.session = None;
        self.counted = None;
        (self.figures.frame_rate, self.figures.bitrate) = (0.0, 0.0);
        let observation = match fault {
            None => Observation::Connecting,
            Some((condition, evidence)) => {
                Observation::Fault(condition, with_hold(evidence, hold, at.unix))
            }
        };
        self.health.apply(at.now, observation);
        self.refresh(at, effects);
    }

    /// The main stream's session ended.
    pub(super) fn main_ended(
        &mut self,
        at: Moment,
        evidence: Option<String>,
        hold: Option<(UnixMicros, Condition)>,
        effects: &mut Vec<Effect>,
    ) {
        self.main.ended(evidence.map(|evidence| with_hold(evidence, hold, at.unix)));
        self.refresh(at, effects);
    }

    /// It may not be opened yet, for what it did before the service was started.
    pub(super) fn held(
        &mut self,
        at: Moment,
        hold: (UnixMicros, Condition),
        effects: &mut Vec<Effect>,
    ) {
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
        self.ended(at, Some((condition, evidence.to_owned())), Some(hold), effects);
    }

    /// Shows the camera if anything that people see has changed.
    pub(super) fn refresh(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        let verdict = self.health.verdict(at.now);
        let live = verdict.state == State::Online;
        if self.live != live {
            self.live = live;
            effects.push(Effect::Live(self.handle, live));
        }
        let camera = &self.config.camera;
        let since = match &self.shown {
            Some(shown) if shown.state == verdict.state => shown.since,
            _ => at.unix,
        };
        let view = CameraView {
            id: camera.id.clone(),
            handle: self.handle,
            number: camera.number,
            name: camera.name.clone(),
            site: camera.site.clone(),
            tags: camera.tags.clone(),
            state: verdict.state,
            conditions: verdict.conditions(),
            rung: None,
            standing: Vec::new(),
            masked_by: None,
            maintenance: None,
            reason: verdict.reason,
            since,
            last_frame_at: self.last_frame_at,
            refresh_s: self.health.interval().map(|interval| tenths(interval.as_secs_f64())),
            codec: self.format.as_ref().map(|format| format.codec),
            width: self.format.as_ref().map(|format| format.width),
            height: self.format.as_ref().map(|format| format.height),
            stream: self.figures,
            main: self.main.view(verdict.state == State::Offline),
        };
        if self.shown.as_deref() != Some(&view) {
            // Figures and the newest picture's time move each second: they are read, not told.
            let tell = self.shown.as_deref().is_none_or(|shown| {
                let (stream, last_frame_at) = (view.stream, view.last_frame_at);
                CameraView { stream, last_frame_at, ..shown.clone() } != view
            });
            let camera = Arc::new(view);
            self.shown = Some(camera.clone());
            effects.push(Effect::Show { camera, tell });
        }
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
