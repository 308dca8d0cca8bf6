//! Every row of the table of states: one word on the wall, one reason underneath.

use super::{
    tests::{Camera, format, running},
    town::{Town, finding},
    *,
};

#[test]
fn a_keyframe_interval_of_ten_or_thirty_seconds_is_never_offline_overdue_or_frozen() {
    for gop in [10, 30] {
        let mut town = Town::new(gop);
        for second in 0..600 {
            town.streams();
            let told = town.told();
            assert!(told.standing.is_empty(), "{gop} s: {told:?}");
            let early = second < gop && told.state == State::WaitingKeyframe;
            assert!(told.state == State::Online || early, "{gop} s: {second} {told:?}");
        }
    }
}

#[test]
fn a_camera_set_to_fewer_keyframes_is_called_late_once() {
    let mut town = Town::new(2);
    town.streams_for(60);
    town.gop = 30;
    let mut raised = Vec::new();
    for _ in 0..600 {
        town.streams();
        raised.extend(town.told().standing.iter().map(|standing| standing.since));
    }
    raised.dedup();
    assert_eq!(raised.len(), 1);
    assert_eq!(town.told().state, State::Online);
}

#[test]
fn packets_without_parameter_sets_are_waited_for_and_overdue_after_a_minute() {
    let mut camera = Camera::new();
    camera.sees(Observation::Connecting);
    camera.receives_for(1);
    camera.receives_for(59);
    assert_eq!(camera.is(0), (State::WaitingParameters, None));
    camera.receives_for(1);
    let told = camera.health.verdict(camera.now);
    assert_eq!((told.state, told.rung), (State::WaitingParameters, Some(Rung::Keyframes)));
    assert_eq!(told.conditions(), [Condition::KeyframeOverdue]);
    let reason = "packets arrive, but not the parameter sets that a decoder needs";
    assert_eq!(told.reason.as_deref(), Some(reason));
    camera.sees(Observation::Format(format(640)));
    assert_eq!(camera.is(0).0, State::WaitingKeyframe);
    camera.sees(Observation::Picture);
    assert_eq!(camera.is(0), (State::Online, None));
}

#[test]
fn the_first_keyframe_of_a_known_camera_is_overdue_after_twice_its_interval() {
    for (interval, overdue) in [(2, 15), (10, 20), (30, 60)] {
        let learnt = Learnt { interval: Some(Duration::from_secs(interval)), ..Learnt::default() };
        let mut camera = Camera::new();
        camera.health = Health::new(HealthPolicy::default(), learnt, camera.now);
        camera.receives_for(overdue);
        assert_eq!(camera.is(0).1, None, "{interval} s");
        camera.receives_for(1);
        assert_eq!(camera.is(0).1, Some(Condition::KeyframeOverdue), "{interval} s");
    }
}

#[test]
fn a_camera_that_returns_is_online_at_once_and_its_episode_ends_ten_seconds_later() {
    let mut town = Town::new(2);
    town.streams_for(20);
    town.camera.sees(Observation::Fault(Condition::Refused, "the port is closed".to_owned()));
    town.camera.now += Duration::from_secs(30);
    let down = town.told();
    assert_eq!((down.state, down.conditions()), (State::Offline, vec![Condition::Refused]));
    assert_eq!((down.rung, down.lost), (Some(Rung::Reachable), Some(true)));
    assert_eq!(down.reason.as_deref(), Some("the port is closed"));
    town.second = 0;
    for _ in 0..10 {
        town.streams();
        let told = town.told();
        assert_eq!((told.state, told.conditions()), (State::Online, vec![]));
        assert_eq!((told.rung, told.reason, told.lost), (None, None, Some(false)));
    }
    assert_eq!(town.told().standing, [], "eleven seconds after the first packet");
    town.is_well();
}

#[test]
fn a_camera_that_is_let_in_and_thrown_out_has_one_episode_of_each_fault() {
    let mut camera = Camera::new();
    let mut since = Vec::new();
    for n in 0..200 {
        camera.sees(Observation::Connecting);
        camera.receives_for(3);
        let (condition, why) = match n % 2 {
            0 => (Condition::Refused, "it closed the connection"),
            _ => (Condition::Unreachable, "it did not answer within 5 s"),
        };
        camera.sees(Observation::Fault(condition, why.to_owned()));
        camera.now += Duration::from_secs(20);
        let told = camera.health.verdict(camera.now);
        assert_eq!((told.state, told.conditions()), (State::Offline, vec![condition]));
        assert_eq!(told.reason.as_deref(), Some(why));
        for standing in told.standing {
            since.push((standing.condition, standing.since));
        }
    }
    since.sort_unstable();
    since.dedup();
    assert_eq!(since.len(), 2);
}

#[test]
fn five_flaps_in_ten_minutes_are_unstable_with_a_counter_and_one_episode() {
    let mut town = Town::new(2);
    let mut told = Vec::new();
    for n in 0..12 {
        town.second = 0;
        town.streams_for(30);
        told.push(town.told());
        town.camera.sees(Observation::Fault(Condition::Refused, "the port is closed".to_owned()));
        town.camera.now += Duration::from_secs(30);
        assert_eq!(town.told().state, State::Offline, "{n}");
    }
    let unstable = |told: &Verdict| told.conditions().contains(&Condition::Unstable);
    assert_eq!(told.iter().position(unstable), Some(5), "after the fifth return");
    let words = |n: usize| told[n].shown().next().map(|s| s.evidence.clone()).expect("it stands");
    assert!(words(5).contains(" 5 times, ") && words(8).contains(" 8 times, "), "{}", words(8));
    assert_eq!((told[8].state, told[8].rung), (State::Online, Some(Rung::Reachable)));
    // From then on the fault that it flaps with is one episode too.
    let refused = |told: &Verdict| {
        told.standing.iter().find(|s| s.condition == Condition::Refused).map(|s| s.since)
    };
    let episodes: std::collections::BTreeSet<Instant> =
        told[6..].iter().filter_map(refused).collect();
    assert_eq!(episodes.len(), 1);
    town.second = 0;
    let cleared = town.until(Condition::Unstable, false, 700);
    assert!((300..=660).contains(&cleared), "{cleared}");
    town.streams_for(11);
    town.is_well();
}

#[test]
fn a_service_fault_is_never_blamed_on_the_camera() {
    let mut town = Town::new(2);
    town.streams_for(30);
    town.camera.sees(Observation::ServiceFault);
    for _ in 0..600 {
        town.camera.now += Duration::from_secs(1);
        let told = town.told();
        assert!(matches!(told.state, State::Online | State::Connecting), "{told:?}");
        assert!(told.standing.is_empty() && told.lost != Some(true), "{told:?}");
    }
    let why = "the service's own worker ended; the camera is not at fault";
    assert_eq!(town.told().reason.as_deref(), Some(why));
    // From the next session on it is the camera's turn.
    town.camera.sees(Observation::Connecting);
    assert_eq!(town.camera.is(59), (State::Connecting, None));
    assert_eq!(town.camera.is(60), (State::Offline, Some(Condition::Unreachable)));
}

#[test]
fn quarantine_is_the_services_own_doing_and_makes_no_camera_lost() {
    let mut camera = running();
    let why = "it ended its worker three times in five minutes";
    camera.sees(Observation::Fault(Condition::Quarantined, why.to_owned()));
    let told = camera.health.verdict(camera.now + Duration::from_secs(10));
    assert_eq!((told.state, told.lost), (State::Offline, None));
}

#[test]
fn a_picture_condition_is_held_as_it_was_and_hidden_while_the_camera_is_down() {
    let mut town = Town::new(2);
    town.streams_for(20);
    town.findings = finding(Condition::Frozen);
    town.until(Condition::Frozen, true, 40);
    let frozen = town.told().standing[0].clone();
    town.camera.sees(Observation::Fault(Condition::Refused, "the port is closed".to_owned()));
    town.camera.now += Duration::from_secs(3600);
    let down = town.told();
    assert_eq!((down.state, down.conditions()), (State::Offline, vec![Condition::Refused]));
    assert_eq!(down.standing[1], Standing { hidden: true, ..frozen.clone() });
    // Back, and still frozen: the same episode.
    town.second = 0;
    town.streams_for(30);
    assert_eq!(town.told().standing, [frozen]);
    town.findings.clear();
    town.until(Condition::Frozen, false, 13);
    town.is_well();
}
