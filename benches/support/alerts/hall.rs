//! The desk with its 150 cameras, second by second: what their workers and decoders would say, and an
//! operator.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;
use watchwall::{
    config::Config,
    desk::{
        command::Command,
        event::{Effect, Event},
        state::{Desk, Moment, Remembered},
    },
    domain::{
        alert::{Act, Actor, Alert, AlertId, Subject, What as Changed},
        assignment::WorkerId,
        camera::{Condition, Handle},
        media::{Codec, StreamFormat, StreamRef},
        time::UnixMicros,
    },
    service::demo,
    worker::message::{Fault, FromIngest, SessionId, Step, StreamStats},
};

use super::{
    gallery::{Gallery, Light, Look},
    trouble::{CAMERAS, Cause, What},
};

const SECOND: Duration = Duration::from_secs(1);
/// Between keyframes. A day has 1.6 million pictures with it; with one each 2 s it would take an hour.
const GOP_S: u64 = 8;
/// Before an operator has looked at an alert, seconds.
const TAKEN_AFTER_S: u64 = 60;
/// Local time at the start: 23 November 2026, 06:00.
const MORNING: UnixMicros = UnixMicros((1_795_392_000 - 3600) * 1_000_000);
const MORNING_S: u64 = 6 * 3600;
/// A session that hears nothing for so long ends.
const GAP_S: u64 = 10;
/// A try to connect lasts so long at most.
const CONNECT_S: u64 = 5;
/// What is said of a try that came to nothing.
pub(crate) const NO_ANSWER: &str = "the camera does not answer";

/// An alert as it was opened.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) at_s: u64,
    pub(crate) subject: String,
    pub(crate) kind: String,
    /// What was said of it, one after the other.
    pub(crate) evidence: Vec<String>,
    alert: AlertId,
    site: Option<u32>,
    camera: Option<u32>,
}

impl Said {
    /// Whether it is of a whole site.
    pub(crate) fn of_site(&self) -> bool {
        self.site.is_some()
    }

    /// Whether it is of this camera or of its site.
    pub(crate) fn concerns(&self, camera: u32) -> bool {
        self.camera == Some(camera)
            || self.site.is_some_and(|site| site == (camera - 1) / super::trouble::PER_SITE + 1)
    }

    /// Whether these words are in something that was said of it.
    pub(crate) fn tells(&self, words: &str) -> bool {
        self.evidence.iter().any(|evidence| evidence.contains(words))
    }
}

/// A session that has come to a stream.
#[derive(Clone, Copy, Debug)]
struct Playing {
    session: SessionId,
    stats: StreamStats,
    silent_s: u64,
}

pub(crate) struct Hall {
    desk: Desk,
    at: Moment,
    second: u64,
    causes: Vec<Cause>,
    /// Of each camera, which causes concern it.
    of: BTreeMap<u32, Vec<usize>>,
    playing: BTreeMap<u32, Playing>,
    /// Sessions that were opened in vain: from when on that is known, and why they end.
    doomed: Vec<(u64, SessionId, Condition, &'static str)>,
    gallery: Gallery,
    taken: u64,
    /// Which picture each camera sent last.
    shown: BTreeMap<u32, u64>,
    said: Vec<Said>,
    /// When the operator takes which alert.
    to_take: BTreeSet<(u64, AlertId)>,
}

impl Hall {
    pub(crate) fn new(causes: Vec<Cause>, seed: u64) -> Self {
        let nowhere = ([127, 0, 0, 1], 0).into();
        let config: Arc<Config> =
            Arc::new(demo::config(CAMERAS, nowhere, nowhere, Path::new("var")));
        let mut of: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (n, cause) in causes.iter().enumerate() {
            cause.cameras.iter().for_each(|camera| of.entry(*camera).or_default().push(n));
        }
        let mut hall = Self {
            desk: Desk::new(&config, Remembered::default(), seed),
            at: Moment { now: Instant::now(), unix: MORNING },
            second: 0,
            causes,
            of,
            playing: BTreeMap::new(),
            doomed: Vec::new(),
            gallery: Gallery::new(),
            taken: 0,
            shown: BTreeMap::new(),
            said: Vec::new(),
            to_take: BTreeSet::new(),
        };
        hall.hears(Event::Configured(config));
        for worker in 1..=CAMERAS {
            hall.hears(Event::Ingest(WorkerId(worker), FromIngest::Ready));
        }
        hall
    }

    /// What was planned, and what was said.
    pub(crate) fn over(self) -> (Vec<Cause>, Vec<Said>) {
        (self.causes, self.said)
    }

    pub(crate) fn second(&mut self) {
        self.second += 1;
        self.at = Moment { now: self.at.now + SECOND, unix: self.at.unix.plus(SECOND) };
        let effects = self.desk.tick(self.at);
        self.carry_out(effects);
        let over = self.doomed.extract_if(.., |(due_s, ..)| *due_s <= self.second);
        for (_, session, condition, evidence) in over.collect::<Vec<_>>() {
            self.ended(session, condition, evidence);
        }
        (1..=CAMERAS).for_each(|n| self.play(n));
        while let Some((due, alert)) =
            self.to_take.first().copied().filter(|(d, _)| *d <= self.second)
        {
            self.to_take.remove(&(due, alert));
            let by = Actor { user: "operator".to_owned(), person: None };
            let act = Act::Acknowledge;
            let (address, request, asked_at) = (None, None, None);
            let take = Command::Alert { id: alert, by, address, act, request, asked_at };
            // Nobody waits for the answer.
            self.hears(Event::Command(take, oneshot::channel().0));
        }
    }

    fn happens(&self, camera: u32) -> Vec<What> {
        let causes = self.of.get(&camera).into_iter().flatten().map(|n| &self.causes[*n]);
        causes.filter(|cause| cause.holds(camera, self.second)).map(|cause| cause.what).collect()
    }

    fn play(&mut self, n: u32) {
        let happens = self.happens(n);
        let Some(mut playing) = self.playing.get(&n).copied() else { return };
        let session = playing.session;
        if happens.contains(&What::Away) || happens.contains(&What::Silent) {
            playing.silent_s += 1;
            playing.stats.since_rtp += SECOND;
            playing.stats.since_keyframe = playing.stats.since_keyframe.map(|since| since + SECOND);
            let stats = playing.stats;
            self.playing.insert(n, playing);
            self.hears(Event::Ingest(WorkerId(1), FromIngest::Stats { session, stats }));
            if playing.silent_s >= GAP_S {
                self.playing.remove(&n);
                self.ended(session, Condition::Stalled, "no video for 10 s");
            }
            return;
        }
        if happens.contains(&What::Resets) || happens.contains(&What::Rejects) {
            self.playing.remove(&n);
            return self.ended(session, Condition::Refused, "the camera closed the connection");
        }
        playing.silent_s = 0;
        let slow = happens.contains(&What::Slow);
        let lost = happens.iter().find_map(|what| match what {
            What::Loses(percent) => Some(*percent),
            _ => None,
        });
        let packets = 45;
        let lost = lost.unwrap_or(0) * packets / 100;
        let stats = &mut playing.stats;
        stats.bytes += 50_000;
        stats.frames += if slow { 4 } else { 12 };
        stats.packets += packets - lost;
        stats.packets_lost += lost;
        stats.since_rtp = Duration::ZERO;
        stats.keyframe_interval = Some(GOP_S as u32 * SECOND);
        let keyframe = (self.second + u64::from(n)).is_multiple_of(GOP_S);
        stats.keyframes += u64::from(keyframe);
        stats.since_keyframe = match stats.since_keyframe {
            _ if keyframe => Some(Duration::ZERO),
            since => since.map(|since| since + SECOND),
        };
        let stats = *stats;
        self.playing.insert(n, playing);
        self.hears(Event::Ingest(WorkerId(1), FromIngest::Stats { session, stats }));
        if keyframe {
            let look = happens.iter().find_map(|what| match what {
                What::Shows(look) => Some(*look),
                _ => None,
            });
            self.picture(n, look.unwrap_or(Look::Live));
        }
    }

    fn picture(&mut self, n: u32, look: Look) {
        self.taken += 1;
        // Cameras switch over one after the other.
        let local_s = (MORNING_S + self.second + u64::from(n) * 7) % (24 * 3600);
        let light = match local_s / 900 {
            22..26 | 68..72 => Light::Dusk,
            26..68 => Light::Day,
            _ => Light::Night,
        };
        // A replayed stretch is counted in the camera's own pictures.
        let number = if matches!(look, Look::Looped(_)) { self.second / GOP_S } else { self.taken };
        let last = self.shown.entry(n).or_default();
        let measures = Some(self.gallery.picture((u64::from(n), light, look), number, last));
        let (camera, received_at) = (Handle(n), self.at.unix);
        self.hears(Event::Picture { camera, received_at, decode_us: 900, measures });
    }

    fn opened(&mut self, session: SessionId, source: StreamRef) {
        let n = source.camera.0;
        let happens = self.happens(n);
        let says = |hall: &mut Self, step| {
            hall.hears(Event::Ingest(WorkerId(1), FromIngest::Step { session, step }));
        };
        if happens.contains(&What::Away) {
            // A cable that is pulled answers nothing: the try lasts as long as it may.
            let (due_s, why) = (self.second + CONNECT_S, NO_ANSWER);
            self.doomed.push((due_s, session, Condition::Unreachable, why));
            return;
        }
        says(self, Step::Connected);
        if happens.contains(&What::Rejects) {
            let why = "the camera rejected name or password";
            self.doomed.push((self.second + 1, session, Condition::CredentialsRejected, why));
            return;
        }
        says(self, Step::Described);
        says(self, Step::Playing);
        if happens.contains(&What::Silent) {
            self.doomed.push((
                self.second + GAP_S,
                session,
                Condition::Stalled,
                "no video for 10 s",
            ));
            return;
        }
        says(self, Step::Receiving);
        let codec_string = "avc1.4D401E".to_owned();
        let format = StreamFormat { codec: Codec::H264, codec_string, width: 640, height: 360 };
        self.hears(Event::Ingest(WorkerId(1), FromIngest::Format { session, source, format }));
        let stats = StreamStats::default();
        self.playing.insert(n, Playing { session, stats, silent_s: 0 });
    }

    fn ended(&mut self, session: SessionId, condition: Condition, evidence: &str) {
        let sign_in_rejected = condition == Condition::CredentialsRejected;
        let fault = Fault { condition, evidence: evidence.to_owned(), sign_in_rejected };
        let ended = FromIngest::Ended { session, fault: Some(fault) };
        self.hears(Event::Ingest(WorkerId(1), ended));
    }

    fn hears(&mut self, event: Event) {
        let effects = self.desk.apply(self.at, event);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Open(_, open) => self.opened(open.session, open.source),
                Effect::Alert { rows, .. } => {
                    for change in &rows.changes {
                        if change.what == Changed::Opened {
                            self.said.push(said(self.second, &change.alert));
                            self.to_take.insert((self.second + TAKEN_AFTER_S, change.alert.id));
                        } else {
                            self.renew(&change.alert);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// What is said of an alert now, if it is something else.
    fn renew(&mut self, alert: &Alert) {
        let said = self.said.iter_mut().rev().find(|said| said.alert == alert.id);
        if let Some(said) = said.filter(|said| said.evidence.last() != Some(&alert.evidence)) {
            said.evidence.push(alert.evidence.clone());
        }
    }
}

fn said(at_s: u64, alert: &Alert) -> Said {
    let number = |id: &str, before: &str| id.strip_prefix(before).and_then(|n| n.parse().ok());
    let (subject, camera, site) = match &alert.source.subject {
        Subject::Camera(id) => (id.to_string(), number(id.as_str(), "cam-"), None),
        Subject::Site(id) => (id.to_string(), None, number(id.as_str(), "site-")),
        Subject::Screen(screen) => (screen.to_string(), None, None),
        Subject::Service => ("the service".to_owned(), None, None),
    };
    let (kind, evidence) = (alert.source.kind.to_string(), vec![alert.evidence.clone()]);
    Said { at_s, subject, kind, evidence, alert: alert.id, site, camera }
}
