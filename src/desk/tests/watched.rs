//! Streams that somebody watches: never more than one session each, and no longer than needed.

use std::collections::BTreeSet;

use super::*;
use crate::desk::view::{MainState, MainView};

const SECOND: Duration = Duration::from_secs(1);

fn main(camera: u32) -> StreamRef {
    StreamRef { camera: Handle(camera), stream: StreamKind::Main }
}

fn sub(camera: u32) -> StreamRef {
    StreamRef { camera: Handle(camera), stream: StreamKind::Sub }
}

fn with_main(cameras: impl IntoIterator<Item = u32>) -> Config {
    let mut config = config(cameras);
    for camera in &mut config.cameras {
        camera.camera.main_url = Some("rtsp://192.0.2.1/main".parse().expect("a URL"));
    }
    config
}

/// What a careful reader of the desk's orders sees at one camera: no stream is opened while its
/// last session has not ended.
struct Watched {
    room: Room,
    open: BTreeSet<(StreamKind, SessionId)>,
}

impl Watched {
    /// One camera that plays its small stream.
    fn new() -> Self {
        let config = Arc::new(with_main([1]));
        let at = Moment { now: Instant::now(), unix: UnixMicros(1_000_000_000) };
        let room =
            Room { desk: Desk::new(&config, Remembered::default(), 1), at, done: Vec::new() };
        let mut watched = Self { room, open: BTreeSet::new() };
        watched.room.hears(Event::Configured(config));
        watched.room.ready(1);
        let session = watched.opens(StreamKind::Sub);
        watched.room.playing(session);
        watched
    }

    fn watch(&mut self, streams: &[StreamRef]) {
        self.room.hears(Event::Watched(Arc::new(streams.iter().copied().collect())));
    }

    fn passes(&mut self, time: Duration) {
        self.room.passes(time);
    }

    /// Takes note of what was opened; tells which streams.
    fn opened(&mut self) -> Vec<(StreamKind, SessionId)> {
        let opened: Vec<_> = self
            .room
            .opened()
            .into_iter()
            .map(|(_, open)| (open.source.stream, open.session))
            .collect();
        for (stream, session) in &opened {
            assert!(!self.open.iter().any(|(open, _)| open == stream), "a second {stream:?}");
            self.open.insert((*stream, *session));
        }
        opened
    }

    /// The one session that was opened, of that stream.
    fn opens(&mut self, stream: StreamKind) -> SessionId {
        let opened = self.opened();
        assert_eq!(opened.iter().map(|(stream, _)| *stream).collect::<Vec<_>>(), [stream]);
        opened[0].1
    }

    fn ended(&mut self, session: SessionId, fault: Option<Fault>) {
        self.open.retain(|(_, open)| *open != session);
        self.room.says(FromIngest::Ended { session, fault });
    }

    /// Sessions that were told to close since the last call.
    fn closed(&mut self) -> Vec<SessionId> {
        let closed = self.room.done.iter().filter_map(|effect| match effect {
            Effect::Tell(_, ToIngest::Close { session }) => Some(*session),
            _ => None,
        });
        let closed = closed.collect();
        self.room.done.retain(|effect| !matches!(effect, Effect::Tell(..)));
        closed
    }

    /// What the small stream's session was told to send since the last call.
    fn forwards(&mut self) -> Vec<Forward> {
        let forwards = self.room.done.iter().filter_map(|effect| match effect {
            Effect::Tell(_, ToIngest::Forward { forward, .. }) => Some(*forward),
            _ => None,
        });
        let forwards = forwards.collect();
        self.room.done.retain(|effect| !matches!(effect, Effect::Tell(..)));
        forwards
    }

    fn main(&self) -> Option<MainView> {
        self.room.shown(1).main.clone()
    }

    fn main_is(&self) -> Option<MainState> {
        self.main().map(|main| main.state)
    }
}

fn fault(condition: Condition, sign_in_rejected: bool) -> Option<Fault> {
    Some(Fault { condition, evidence: "the camera said no".to_owned(), sign_in_rejected })
}

#[test]
fn a_main_stream_is_opened_once_for_any_number_of_viewers_and_lingers_fifteen_seconds() {
    let mut camera = Watched::new();
    assert_eq!(camera.main(), None);
    camera.watch(&[main(1)]);
    let session = camera.opens(StreamKind::Main);
    assert_eq!(camera.main_is(), Some(MainState::Connecting));
    camera.room.playing(session);
    assert_eq!(camera.main_is(), Some(MainState::Playing));
    // Others come and go: the set stays, or is empty for a moment.
    for viewed in [&[main(1)][..], &[], &[main(1)], &[main(1), sub(1)], &[]] {
        camera.watch(viewed);
        camera.passes(10 * SECOND);
        assert!(camera.opened().is_empty() && camera.closed().is_empty());
    }
    camera.passes(5 * SECOND);
    assert_eq!(camera.closed(), [session]);
    assert_eq!(camera.main(), None, "nobody watches");
    camera.ended(session, None);
    camera.passes(60 * SECOND);
    assert!(camera.opened().is_empty());
}

#[test]
fn whoever_returns_while_the_session_is_torn_down_waits_for_its_end_and_gets_the_next() {
    let mut camera = Watched::new();
    camera.watch(&[main(1)]);
    let first = camera.opens(StreamKind::Main);
    camera.room.playing(first);
    camera.watch(&[]);
    camera.passes(16 * SECOND);
    assert_eq!(camera.closed(), [first]);
    camera.watch(&[main(1)]);
    camera.passes(SECOND);
    assert!(camera.opened().is_empty(), "the old session has not ended");
    camera.ended(first, None);
    let second = camera.opens(StreamKind::Main);
    assert_ne!(first, second);
    assert!(camera.closed().is_empty());
}

#[test]
fn a_camera_without_a_main_stream_has_none_until_it_is_configured() {
    let mut camera = Watched::new();
    camera.room.hears(Event::Configured(Arc::new(config([1]))));
    camera.watch(&[main(1)]);
    assert!(camera.opened().is_empty());
    assert_eq!(camera.main(), None);
    camera.room.hears(Event::Configured(Arc::new(with_main([1]))));
    let session = camera.opens(StreamKind::Main);
    camera.room.playing(session);
    camera.room.hears(Event::Configured(Arc::new(config([1]))));
    assert_eq!((camera.closed(), camera.main()), (vec![session], None));
    camera.ended(session, None);
    camera.passes(60 * SECOND);
    assert!(camera.opened().is_empty());
}

#[test]
fn a_reload_closes_the_streams_that_it_concerns_and_no_other() {
    let new_url = |config: &mut Config, main: bool| {
        let camera = &mut config.cameras[0].camera;
        let url = "rtsp://192.0.2.9/new".parse().expect("a URL");
        if main { camera.main_url = Some(url) } else { camera.url = url }
    };
    for (key, closes_sub, closes_main) in
        [("url", true, false), ("main_url", false, true), ("username", true, true)]
    {
        let mut camera = Watched::new();
        camera.watch(&[main(1)]);
        let large = camera.opens(StreamKind::Main);
        camera.room.playing(large);
        let small = camera.open.iter().find(|(stream, _)| *stream == StreamKind::Sub);
        let small = small.expect("it plays").1;
        let mut config = with_main([1]);
        match key {
            "username" => config.cameras[0].camera.username = Some("viewer".to_owned()),
            key => new_url(&mut config, key == "main_url"),
        }
        camera.room.hears(Event::Configured(Arc::new(config)));
        let closed = camera.closed();
        assert_eq!(closed.contains(&small), closes_sub, "{key}");
        assert_eq!(closed.contains(&large), closes_main, "{key}");
        assert!(camera.opened().is_empty(), "{key}: nothing has ended yet");
        for session in closed {
            camera.ended(session, None);
        }
        camera.passes(SECOND);
        let mut opened = camera.opened();
        if closes_sub {
            assert_eq!(opened.remove(0).0, StreamKind::Sub, "{key}");
        }
        // With the small stream down too, the main stream waits for it.
        assert_eq!(!opened.is_empty(), closes_main && !closes_sub, "{key}");
    }
}

#[test]
fn a_camera_that_is_removed_and_added_again_is_not_opened_before_its_old_sessions_have_ended() {
    let mut camera = Watched::new();
    camera.watch(&[main(1)]);
    let large = camera.opens(StreamKind::Main);
    camera.room.playing(large);
    // Another camera keeps the worker alive.
    camera.room.hears(Event::Configured(Arc::new(with_main([1, 2]))));
    camera.room.opened();
    camera.room.hears(Event::Configured(Arc::new(with_main([2]))));
    let closed = camera.closed();
    assert_eq!(closed.len(), 2);
    camera.room.hears(Event::Configured(Arc::new(with_main([1, 2]))));
    camera.passes(SECOND);
    assert!(camera.opened().is_empty());
    camera.ended(closed[0], None);
    assert!(camera.opened().is_empty(), "one is still there");
    camera.ended(closed[1], None);
    camera.opens(StreamKind::Sub);
}

#[test]
fn a_killed_worker_takes_both_streams_and_both_come_back_the_small_one_first() {
    let mut camera = Watched::new();
    camera.watch(&[main(1)]);
    let large = camera.opens(StreamKind::Main);
    camera.room.playing(large);
    let evidence = "signal: 9".to_owned();
    camera.room.hears(Event::WorkerGone { worker: WorkerId(1), evidence });
    camera.open.clear();
    assert_eq!(camera.main_is(), Some(MainState::Connecting));
    camera.room.ready(1);
    let small = camera.opens(StreamKind::Sub);
    camera.passes(SECOND);
    assert!(camera.opened().is_empty(), "the small stream does not run yet");
    camera.room.playing(small);
    camera.opens(StreamKind::Main);
}

#[test]
fn a_camera_with_two_sessions_that_crashes_its_worker_three_times_is_quarantined_with_both() {
    let mut camera = Watched::new();
    camera.watch(&[main(1)]);
    let large = camera.opens(StreamKind::Main);
    camera.room.playing(large);
    for crash in 1..=3 {
        let evidence = "signal: 11".to_owned();
        camera.room.hears(Event::WorkerGone { worker: WorkerId(1), evidence });
        camera.open.clear();
        camera.room.ready(1);
        camera.passes(10 * SECOND);
        if crash < 3 {
            let small = camera.opens(StreamKind::Sub);
            camera.room.playing(small);
            camera.opens(StreamKind::Main);
        }
    }
    assert!(camera.opened().is_empty());
    camera.passes(60 * SECOND);
    assert_eq!(camera.room.shown(1).conditions, [Condition::Quarantined]);
    assert_eq!(camera.main_is(), Some(MainState::Offline));
}

#[test]
fn a_main_streams_faults_are_its_own_but_its_refusals_count_against_the_camera() {
    let mut camera = Watched::new();
    let received_at = camera.room.at.unix;
    camera.room.hears(Event::Picture {
        camera: Handle(1),
        received_at,
        decode_us: 900,
        measures: None,
    });
    camera.watch(&[main(1)]);
    let session = camera.opens(StreamKind::Main);
    camera.ended(session, fault(Condition::SessionLimit, false));
    let shown = camera.room.shown(1);
    assert_eq!((shown.state, &shown.conditions[..]), (State::Online, &[][..]));
    let main = camera.main().expect("it is wanted");
    assert_eq!(main.state, MainState::Offline);
    let reason = main.reason.expect("a reason");
    assert!(reason.contains("said no") && reason.contains("next try in 30 s"), "{reason}");
    camera.passes(29 * SECOND);
    assert!(camera.opened().is_empty(), "held");

    camera.passes(2 * SECOND);
    for _ in 0..3 {
        let session = camera.opens(StreamKind::Main);
        camera.ended(session, fault(Condition::CredentialsRejected, true));
        camera.passes(60 * SECOND);
    }
    assert!(camera.opened().is_empty(), "held for 30 min");
    let held = |effect: &Effect| {
        matches!(effect, Effect::SaveBudget(_, Budget { sign_in_attempts: 3, hold: Some(_) }))
    };
    assert!(camera.room.done.iter().any(held));
}

#[test]
fn a_camera_that_has_one_session_left_gives_it_to_the_wall() {
    let mut camera = Watched::new();
    camera.watch(&[main(1)]);
    let large = camera.opens(StreamKind::Main);
    camera.room.playing(large);
    let small = camera.open.iter().find(|(stream, _)| *stream == StreamKind::Sub);
    let small = small.expect("it plays").1;
    camera.ended(small, fault(Condition::Stalled, false));
    camera.passes(2 * SECOND);
    let small = camera.opens(StreamKind::Sub);
    camera.ended(small, fault(Condition::SessionLimit, false));
    assert_eq!(camera.closed(), [large]);
    camera.ended(large, None);
    camera.passes(31 * SECOND);
    camera.opens(StreamKind::Sub);
}

#[test]
fn a_small_stream_is_whole_for_either_of_two_reasons() {
    let mut camera = Watched::new();
    camera.watch(&[sub(1)]);
    assert_eq!(camera.forwards(), [Forward::All]);
    camera.room.hears(Event::WantAll(Handle(1), true));
    camera.watch(&[]);
    camera.passes(16 * SECOND);
    assert_eq!(camera.forwards(), [], "it is still decoded in full");
    camera.watch(&[sub(1)]);
    camera.room.hears(Event::WantAll(Handle(1), false));
    assert_eq!(camera.forwards(), [], "it is watched again");
    camera.watch(&[]);
    camera.passes(14 * SECOND);
    assert_eq!(camera.forwards(), []);
    camera.passes(SECOND);
    assert_eq!(camera.forwards(), [Forward::Keyframes]);
    assert!(camera.opened().is_empty() && camera.closed().is_empty(), "one session all along");
}

#[test]
fn a_stream_that_is_watched_when_its_session_begins_comes_whole_from_the_start() {
    let mut camera = Watched::new();
    camera.watch(&[sub(1)]);
    let small = camera.open.first().expect("it plays").1;
    camera.ended(small, None);
    let (_, open) = camera.room.opened().remove(0);
    assert_eq!(open.forward, Forward::All);
}

#[test]
fn a_lack_of_keyframes_is_seen_while_a_small_stream_is_watched() {
    let mut camera = Watched::new();
    camera.watch(&[sub(1)]);
    camera.forwards();
    let session = camera.open.first().expect("it plays").1;
    let stats = StreamStats { bytes: 100_000, frames: 100, ..StreamStats::default() };
    for _ in 0..6 {
        camera.passes(SECOND);
        camera.room.says(FromIngest::Stats { session, stats });
    }
    camera.watch(&[]);
    camera.passes(16 * SECOND);
    assert_eq!(camera.forwards(), [], "a full decode needs it whole");
}
