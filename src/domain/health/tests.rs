//! A camera seen on a virtual clock, and what the wall says of it.

use super::*;
use crate::domain::media::Codec;

pub(super) struct Camera {
    pub(super) health: Health,
    pub(super) now: Instant,
}

pub(super) fn format(width: u32) -> StreamFormat {
    let codec_string = "avc1.4D401E".to_owned();
    StreamFormat { codec: Codec::H264, codec_string, width, height: width * 9 / 16 }
}

impl Camera {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self { health: Health::new(HealthPolicy::default(), Learnt::default(), now), now }
    }

    pub(super) fn sees(&mut self, observation: Observation) {
        self.health.apply(self.now, observation);
    }

    /// Time passes while packets keep arriving.
    pub(super) fn receives_for(&mut self, secs: u64) {
        for _ in 0..secs {
            self.now += Duration::from_secs(1);
            self.sees(Observation::Packets { ago: Duration::ZERO });
        }
    }

    pub(super) fn is(&self, after_secs: u64) -> (State, Option<Condition>) {
        let verdict = self.health.verdict(self.now + Duration::from_secs(after_secs));
        (verdict.state, verdict.conditions().first().copied())
    }
}

pub(super) fn running() -> Camera {
    let mut camera = Camera::new();
    camera.sees(Observation::Packets { ago: Duration::ZERO });
    camera.sees(Observation::KeyframeInterval(Duration::from_secs(2)));
    camera.sees(Observation::Picture);
    camera
}

#[test]
fn a_camera_connects_waits_for_a_keyframe_and_is_online_with_its_picture() {
    let mut camera = Camera::new();
    assert_eq!(camera.is(0), (State::Connecting, None));
    camera.sees(Observation::Packets { ago: Duration::ZERO });
    assert_eq!(camera.is(0), (State::WaitingKeyframe, None));
    camera.sees(Observation::Picture);
    assert_eq!(camera.is(0), (State::Online, None));
}

#[test]
fn a_camera_that_cannot_be_connected_for_a_minute_is_offline() {
    let camera = Camera::new();
    assert_eq!(camera.is(59), (State::Connecting, None));
    assert_eq!(camera.is(60), (State::Offline, Some(Condition::Unreachable)));
}

#[test]
fn a_camera_whose_packets_stop_is_stalled_after_five_seconds() {
    let camera = running();
    assert_eq!(camera.is(4), (State::Online, None));
    assert_eq!(camera.is(5), (State::Stalled, Some(Condition::Stalled)));
}

#[test]
fn a_keyframe_is_overdue_after_twice_its_interval_and_five_seconds() {
    let mut camera = running();
    camera.receives_for(9);
    assert_eq!(camera.is(0), (State::WaitingKeyframe, None));
    camera.receives_for(1);
    assert_eq!(camera.is(0), (State::Stalled, Some(Condition::KeyframeOverdue)));
}

#[test]
fn a_keyframe_interval_of_thirty_seconds_is_never_offline_nor_stalled() {
    let mut camera = running();
    camera.sees(Observation::KeyframeInterval(Duration::from_secs(30)));
    for _ in 0..5 {
        for _ in 0..30 {
            camera.receives_for(1);
            assert_eq!(camera.is(0), (State::Online, None));
        }
        camera.sees(Observation::Picture);
    }
}

#[test]
fn the_interval_is_that_of_its_pictures_and_an_outage_is_none() {
    let mut camera = running();
    camera.sees(Observation::KeyframeInterval(Duration::from_secs(30)));
    assert_eq!(camera.health.interval(), Some(Duration::from_secs(30)));
    for _ in 0..5 {
        camera.receives_for(1);
        camera.sees(Observation::Picture);
    }
    assert_eq!(camera.health.interval(), Some(Duration::from_secs(1)));
    camera.sees(Observation::Fault(Condition::Refused, "the port is closed".to_owned()));
    for _ in 0..9 {
        camera.receives_for(100);
        camera.sees(Observation::Connecting);
        camera.sees(Observation::Packets { ago: Duration::ZERO });
        camera.sees(Observation::Picture);
    }
    assert_eq!(camera.health.interval(), Some(Duration::from_secs(1)));
}

#[test]
fn a_session_that_ended_for_want_of_video_leaves_the_camera_stalled_not_offline() {
    let mut camera = running();
    camera.sees(Observation::Fault(Condition::Stalled, "no video for 10 s".to_owned()));
    assert_eq!(camera.is(10), (State::Stalled, Some(Condition::Stalled)));
}

#[test]
fn a_fault_shows_once_the_picture_is_no_longer_fresh_and_goes_with_the_next_packets() {
    let mut camera = running();
    camera.sees(Observation::Fault(Condition::Refused, "the port is closed".to_owned()));
    assert_eq!(camera.is(4), (State::Online, None));
    assert_eq!(camera.is(5), (State::Offline, Some(Condition::Refused)));
    camera.now += Duration::from_secs(6);
    camera.sees(Observation::Packets { ago: Duration::ZERO });
    assert_eq!(camera.is(0), (State::WaitingKeyframe, None));
}

#[test]
fn three_undecodable_keyframes_in_a_minute_are_decode_errors_and_say_why_no_picture_comes() {
    let mut camera = Camera::new();
    camera.sees(Observation::Packets { ago: Duration::ZERO });
    camera.sees(Observation::Format(format(640)));
    camera.sees(Observation::KeyframeInterval(Duration::from_secs(2)));
    for _ in 0..3 {
        camera.receives_for(2);
        camera.sees(Observation::DecodeFailed("damaged slice".to_owned()));
    }
    assert_eq!(camera.is(0), (State::WaitingKeyframe, Some(Condition::DecodeErrors)));
    // Every second one is good: the state is true to the picture, the condition stays.
    for _ in 0..30 {
        camera.sees(Observation::Picture);
        camera.receives_for(2);
        assert_eq!(camera.is(0), (State::Online, Some(Condition::DecodeErrors)));
        camera.sees(Observation::DecodeFailed("damaged slice".to_owned()));
    }
    camera.receives_for(20);
    let verdict = camera.health.verdict(camera.now);
    assert_eq!(verdict.state, State::Stalled);
    assert_eq!(verdict.conditions(), [Condition::DecodeErrors, Condition::KeyframeOverdue]);
    assert_eq!(verdict.reason.as_deref(), Some("keyframes cannot be decoded: damaged slice"));
    for _ in 0..40 {
        camera.sees(Observation::Picture);
        camera.receives_for(2);
    }
    assert_eq!(camera.is(0), (State::Online, None));
}

#[test]
fn decode_errors_clear_ten_seconds_after_their_minute() {
    let mut camera = running();
    (0..3).for_each(|_| camera.sees(Observation::DecodeFailed("damaged slice".to_owned())));
    let mut told = Vec::new();
    for _ in 0..40 {
        camera.receives_for(2);
        camera.sees(Observation::Picture);
        told.push(camera.is(0).1 == Some(Condition::DecodeErrors));
    }
    assert!(told[..34].iter().all(|told| *told) && told[36..].iter().all(|told| !told));
}
