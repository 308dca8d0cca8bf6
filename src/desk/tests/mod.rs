//! The desk on a virtual clock: what it wants done when cameras and workers do this and that.

mod alerts;
mod maintenance;
mod past;
mod screens;
mod sites;
mod village;
mod walls;
mod watched;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    event::{Effect, Event},
    state::{Desk, Moment, Remembered},
    view::CameraView,
};
use crate::{
    config::{CameraConfig, Config},
    domain::{
        assignment::WorkerId,
        camera::{Camera, CameraId, Condition, Handle, Importance, Slug, State, Transport},
        courtesy::Budget,
        media::{Codec, StreamFormat, StreamKind, StreamRef},
        time::UnixMicros,
    },
    worker::message::{
        Fault, Forward, FromIngest, OpenSession, SessionId, Step, StreamStats, ToIngest,
    },
};

struct Room {
    desk: Desk,
    at: Moment,
    done: Vec<Effect>,
}

impl Room {
    fn new(cameras: u32) -> Self {
        let config = Arc::new(config(1..=cameras));
        let at = Moment { now: Instant::now(), unix: UnixMicros(1_000_000_000) };
        let mut room =
            Self { desk: Desk::new(&config, Remembered::default(), 1), at, done: Vec::new() };
        room.hears(Event::Configured(config));
        room
    }

    fn hears(&mut self, event: Event) {
        self.done.extend(self.desk.apply(self.at, event));
    }

    fn passes(&mut self, time: Duration) {
        self.at = Moment { now: self.at.now + time, unix: self.at.unix.plus(time) };
        self.done.extend(self.desk.tick(self.at));
    }

    /// Sessions that were opened since the last call.
    fn opened(&mut self) -> Vec<(WorkerId, OpenSession)> {
        let (opened, rest) = std::mem::take(&mut self.done)
            .into_iter()
            .partition(|effect| matches!(effect, Effect::Open(..)));
        self.done = rest;
        let open = |effect| match effect {
            Effect::Open(worker, open) => (worker, *open),
            other => unreachable!("{other:?} is not an Open"),
        };
        Vec::into_iter(opened).map(open).collect()
    }

    fn ready(&mut self, worker: u32) {
        self.hears(Event::Ingest(WorkerId(worker), FromIngest::Ready));
    }

    fn says(&mut self, said: FromIngest) {
        self.hears(Event::Ingest(WorkerId(1), said));
    }

    fn shown(&self, camera: u32) -> &CameraView {
        self.done
            .iter()
            .rev()
            .find_map(|effect| match effect {
                Effect::Show { camera: view, .. } if view.handle == Handle(camera) => Some(&**view),
                _ => None,
            })
            .expect("it was shown")
    }

    fn playing(&mut self, session: SessionId) {
        for step in [Step::Connected, Step::Described, Step::Playing, Step::Receiving] {
            self.says(FromIngest::Step { session, step });
        }
    }
}

fn config(cameras: impl IntoIterator<Item = u32>) -> Config {
    Config { cameras: cameras.into_iter().map(camera).collect(), ..Config::default() }
}

fn camera(n: u32) -> CameraConfig {
    let camera = Camera {
        id: id(n),
        number: n,
        name: format!("Camera {n}"),
        site: None,
        url: "rtsp://192.0.2.1/sub".parse().expect("a URL"),
        main_url: None,
        username: None,
        transport: Transport::Tcp,
        allow_basic: false,
        tags: Vec::new(),
        importance: Importance::default(),
    };
    CameraConfig { camera, password: None }
}

fn id(n: u32) -> CameraId {
    Slug::try_from(format!("cam-{n}")).expect("an id")
}

#[test]
fn no_session_is_opened_before_its_worker_is_ready() {
    let mut room = Room::new(3);
    assert!(room.done.iter().any(|effect| matches!(effect, Effect::StartWorker(_))));
    assert!(room.opened().is_empty());
    room.ready(1);
    assert_eq!(room.opened().len(), 3);
}

#[test]
fn sixteen_handshakes_are_under_way_and_each_that_ends_makes_room_for_one() {
    let mut room = Room::new(40);
    room.ready(1);
    room.ready(2);
    let first = room.opened();
    assert_eq!(first.len(), 16);
    room.playing(first[0].1.session);
    assert_eq!(room.opened().len(), 1);
}

#[test]
fn a_camera_is_connecting_then_waits_for_its_keyframe_then_is_online() {
    let mut room = Room::new(1);
    assert_eq!(room.shown(1).state, State::Connecting);
    room.ready(1);
    let session = room.opened()[0].1.session;
    room.playing(session);
    assert_eq!(room.shown(1).state, State::WaitingKeyframe);
    let received_at = room.at.unix;
    room.hears(Event::Picture { camera: Handle(1), received_at, decode_us: 900, measures: None });
    assert_eq!(room.shown(1).state, State::Online);
    assert_eq!(room.shown(1).last_frame_at, Some(received_at));
}

#[test]
fn a_rejected_password_is_stored_before_the_next_try_and_said_with_its_hold() {
    let mut room = Room::new(1);
    room.ready(1);
    for _ in 0..3 {
        let session = room.opened().remove(0).1.session;
        let fault = Fault {
            condition: Condition::CredentialsRejected,
            evidence: "the camera refused the name and password".to_owned(),
            sign_in_rejected: true,
        };
        room.says(FromIngest::Ended { session, fault: Some(fault) });
        room.passes(Duration::from_secs(60));
    }
    assert!(room.opened().is_empty(), "held");
    let held = |effect: &Effect| {
        matches!(effect, Effect::SaveBudget(_, Budget { sign_in_attempts: 3, hold: Some(_) }))
    };
    assert!(room.done.iter().any(held));
    let shown = room.shown(1);
    assert_eq!(
        (shown.state, &shown.conditions[..]),
        (State::Offline, &[Condition::CredentialsRejected][..])
    );
    assert!(
        shown.reason.as_ref().is_some_and(|reason| reason.contains("30 min")),
        "{:?}",
        shown.reason
    );
}

#[test]
fn a_worker_that_ends_is_started_again_and_its_cameras_reconnect_without_waiting() {
    let mut room = Room::new(2);
    room.ready(1);
    for (_, open) in room.opened() {
        room.playing(open.session);
    }
    room.hears(Event::WorkerGone { worker: WorkerId(1), evidence: "signal: 9".to_owned() });
    let started: Vec<u32> = room
        .done
        .iter()
        .filter_map(|effect| match effect {
            Effect::StartWorker(worker) => Some(worker.0),
            _ => None,
        })
        .collect();
    assert_eq!(started, [1, 1, 2], "the first start, the restart, and the half that moved");
    room.ready(1);
    room.ready(2);
    assert_eq!(room.opened().len(), 2);
}

#[test]
fn a_reload_closes_what_was_removed_opens_what_is_new_and_touches_nothing_else() {
    let mut room = Room::new(3);
    room.ready(1);
    let sessions: Vec<SessionId> = room.opened().iter().map(|(_, open)| open.session).collect();
    sessions.iter().for_each(|session| room.playing(*session));
    room.done.clear();
    room.hears(Event::Configured(Arc::new(config([1, 3, 4]))));
    let closed: Vec<SessionId> = room
        .done
        .iter()
        .filter_map(|effect| match effect {
            Effect::Tell(_, ToIngest::Close { session }) => Some(*session),
            _ => None,
        })
        .collect();
    assert_eq!(closed, [sessions[1]]);
    assert!(room.done.iter().any(|effect| matches!(effect, Effect::Forget(Handle(2)))));
    let opened = room.opened();
    assert_eq!(opened.iter().map(|(_, open)| open.source.camera).collect::<Vec<_>>(), [Handle(4)]);
}

#[test]
fn a_renamed_camera_keeps_its_session_and_one_with_a_new_url_does_not() {
    for (change, closes) in [("name", false), ("url", true)] {
        let mut room = Room::new(1);
        room.ready(1);
        let session = room.opened()[0].1.session;
        room.playing(session);
        let mut new = config([1]);
        match change {
            "name" => new.cameras[0].camera.name = "New".to_owned(),
            _ => new.cameras[0].camera.url = "rtsp://192.0.2.9/sub".parse().expect("a URL"),
        }
        room.hears(Event::Configured(Arc::new(new)));
        let close = |effect: &Effect| matches!(effect, Effect::Tell(_, ToIngest::Close { .. }));
        assert_eq!(room.done.iter().any(close), closes, "{change}");
    }
}

#[test]
fn a_stream_without_keyframes_is_taken_whole() {
    let mut room = Room::new(1);
    room.ready(1);
    let session = room.opened()[0].1.session;
    room.playing(session);
    let stats = StreamStats { bytes: 100_000, frames: 100, ..StreamStats::default() };
    for _ in 0..6 {
        room.passes(Duration::from_secs(1));
        room.says(FromIngest::Stats { session, stats });
    }
    let forwards = |effect: &&Effect| {
        matches!(effect, Effect::Tell(_, ToIngest::Forward { forward: Forward::All, .. }))
    };
    assert_eq!(room.done.iter().filter(forwards).count(), 1);
    room.hears(Event::WantAll(Handle(1), false));
    assert!(matches!(
        room.done.last(),
        Some(Effect::Tell(_, ToIngest::Forward { forward: Forward::Keyframes, .. }))
    ));
}

#[test]
fn words_of_an_ended_session_are_ignored() {
    let mut room = Room::new(1);
    room.ready(1);
    let old = room.opened()[0].1.session;
    room.says(FromIngest::Ended { session: old, fault: None });
    let new = room.opened()[0].1.session;
    assert_ne!(old, new);
    room.playing(old);
    assert_eq!(room.shown(1).state, State::Connecting);
}

#[test]
fn figures_are_shown_but_not_told_to_every_viewer() {
    let mut room = Room::new(1);
    room.ready(1);
    let session = room.opened()[0].1.session;
    room.playing(session);
    let source = StreamRef { camera: Handle(1), stream: StreamKind::Sub };
    let format = StreamFormat {
        codec: Codec::H264,
        codec_string: "avc1.4D401E".to_owned(),
        width: 640,
        height: 360,
    };
    room.says(FromIngest::Format { session, source, format });
    room.done.clear();
    for second in 1..=3u64 {
        room.passes(Duration::from_secs(1));
        let stats =
            StreamStats { bytes: 50_000 * second, frames: 12 * second, ..StreamStats::default() };
        room.says(FromIngest::Stats { session, stats });
    }
    let shows: Vec<bool> = room
        .done
        .iter()
        .filter_map(|effect| match effect {
            Effect::Show { tell, .. } => Some(*tell),
            _ => None,
        })
        .collect();
    assert!(!shows.is_empty() && shows.iter().all(|tell| !tell), "{shows:?}");
    assert!((room.shown(1).stream.frame_rate - 12.0).abs() < 0.1);
}
