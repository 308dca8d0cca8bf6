//! Every condition that stands beside the state: raised within its time, and cleared after it.

use super::{
    tests::{Camera, format},
    town::{Town, finding},
    *,
};
use crate::domain::{clock::ClockReading, media::Codec};

#[test]
fn a_picture_condition_is_suspect_within_thirty_seconds_and_clears_after_three_good_pictures() {
    for condition in PICTURE {
        for gop in [1, 2, 4, 10, 30] {
            let mut town = Town::new(gop);
            town.streams_for(4 * gop + 20);
            town.is_well();
            town.second = 0;
            town.findings = finding(condition);
            let raised = town.until(condition, true, 100);
            // The judge needs three pictures for it: it had lasted two intervals.
            let delay = 15_u64.saturating_sub(2 * gop).max(1);
            assert!((delay..=delay + 1).contains(&raised), "{condition:?} at {gop} s: {raised}");
            let told = town.told();
            assert_eq!((told.state, told.lost), (State::Suspect, Some(false)));
            assert_eq!(told.rung, Some(condition.rung()));
            assert_eq!(told.reason, Some(format!("it is {condition:?}")));
            assert_eq!(told.standing[0].severity, Severity::Verify);
            town.streams_for(120);
            assert_eq!(town.told().standing[0].since, told.standing[0].since, "it stays");
            town.second = 0;
            town.findings.clear();
            let cleared = town.until(condition, false, 100);
            let delay = 10.max(gop + 1);
            assert!((delay..=delay + 1).contains(&cleared), "{condition:?} at {gop} s: {cleared}");
            town.is_well();
        }
    }
}

#[test]
fn one_bad_picture_or_a_lorry_that_passes_raises_nothing() {
    let mut town = Town::new(2);
    town.streams_for(20);
    for _ in 0..20 {
        town.findings = finding(Condition::Covered);
        town.streams_for(10);
        town.findings.clear();
        town.streams_for(2);
        assert!(town.told().standing.is_empty());
    }
}

#[test]
fn lost_packets_are_told_with_their_share_and_a_burst_is_not() {
    let mut town = Town::new(2);
    town.streams_for(60);
    town.figures.packets_lost = 40;
    town.streams_for(2);
    town.figures.packets_lost = 0;
    town.is_well();
    for (lost, told) in [(1, "2 %"), (3, "6 %")] {
        town.figures.packets_lost = lost;
        let raised = town.until(Condition::PacketLoss, true, 45);
        assert!((10..=45).contains(&raised), "{raised}");
        town.streams_for(120);
        let verdict = town.told();
        assert_eq!((verdict.state, verdict.rung), (State::Online, Some(Rung::Frames)));
        let reason = verdict.reason.expect("evidence");
        assert_eq!(reason, format!("{told} of the RTP packets were lost over 30 s"));
        town.figures.packets_lost = 0;
        town.until(Condition::PacketLoss, false, 61);
        town.is_well();
    }
}

#[test]
fn a_frame_rate_below_what_is_usual_or_ordered_is_told() {
    let mut town = Town::new(2);
    town.streams_for(60);
    assert_eq!(town.camera.health.learnt().frame_rate, Some(12.5));
    town.figures.frame_rate = 2.5;
    let raised = town.until(Condition::LowFrameRate, true, 45);
    assert!((30..=42).contains(&raised), "{raised}");
    town.streams_for(120);
    assert_eq!(town.told().reason.as_deref(), Some("2.5 frames a second; 12.5 are usual"));
    town.figures.frame_rate = 12.5;
    town.until(Condition::LowFrameRate, false, 45);
    town.is_well();
    let order = StreamOrder { frame_rate_min: Some(25), ..StreamOrder::default() };
    let policy = HealthPolicy { order, ..HealthPolicy::default() };
    town.camera.health.configure(town.camera.now, policy);
    assert_eq!(town.until(Condition::LowFrameRate, true, 31), 30);
    assert_eq!(town.told().reason.as_deref(), Some("12.5 frames a second; 25 are ordered"));
}

#[test]
fn a_clock_that_is_off_or_drifts_is_told_within_a_minute_and_one_within_its_error_is_not() {
    let off = |offset_s, drift_ppm| ClockReading {
        offset_s,
        error_s: 0.2,
        drift_ppm: Some(drift_ppm),
        drift_error_ppm: 40.0,
    };
    let told = [
        (off(5.0, 0.0), "5.0 s ahead of the service's, give or take 0.2 s"),
        (off(-5.0, 0.0), "5.0 s behind the service's, give or take 0.2 s"),
        (off(-86_400.0, 0.0), "24 h behind the service's, give or take 0.2 s"),
        (off(0.3, 200.0), "200 ppm too fast: 17 s a day"),
        (off(0.3, -200.0), "200 ppm too slow: 17 s a day"),
    ];
    for (clock, words) in told {
        let mut town = Town::new(2);
        town.streams_for(20);
        let well = town.figures.clock.replace(clock);
        assert!(town.until(Condition::ClockSkew, true, 60) >= 10);
        let verdict = town.told();
        assert_eq!((verdict.state, verdict.rung), (State::Online, Some(Rung::ClockRight)));
        assert!(verdict.reason.as_ref().is_some_and(|r| r.ends_with(words)), "{verdict:?}");
        town.figures.clock = well;
        town.until(Condition::ClockSkew, false, 45);
        town.is_well();
    }
    for clock in [off(4.0, 0.0), off(0.0, 139.0), off(f64::NAN, f64::NAN), off(4.65, 0.0)] {
        let mut town = Town::new(2);
        town.figures.clock = Some(clock);
        town.is_well();
    }
}

#[test]
fn another_stream_than_before_or_than_ordered_is_told_until_it_is_confirmed() {
    let mut town = Town::new(2);
    town.streams_for(20);
    town.camera.sees(Observation::Format(format(1280)));
    let raised = town.until(Condition::StreamChanged, true, 20);
    assert!((15..=16).contains(&raised), "{raised}");
    let words = "the stream is H.264 (avc1.4D401E), 1280x720; it was H.264 (avc1.4D401E), 640x360";
    assert_eq!(town.told().reason.as_deref(), Some(words));
    assert_eq!(town.told().rung, Some(Rung::AsOrdered));
    town.camera.sees(Observation::Confirmed);
    town.until(Condition::StreamChanged, false, 16);
    assert_eq!(town.camera.health.learnt().format, Some(format(1280)));
    town.is_well();
    let order = StreamOrder {
        codec: Some(Codec::H265),
        profile: Some("avc1.42".to_owned()),
        width: Some(640),
        ..StreamOrder::default()
    };
    let policy = HealthPolicy { order, ..HealthPolicy::default() };
    town.camera.health.configure(town.camera.now, policy);
    town.until(Condition::StreamChanged, true, 16);
    let words = "the stream is H.264 (avc1.4D401E), 1280x720; ordered is H.265, avc1.42, 640 wide";
    assert_eq!(town.told().reason.as_deref(), Some(words));
    town.camera.health.configure(town.camera.now, HealthPolicy::default());
    town.until(Condition::StreamChanged, false, 16);
}

#[test]
fn a_stream_that_changes_to_and_fro_is_told_and_a_change_is_believed_after_a_day() {
    let mut town = Town::new(2);
    town.streams_for(20);
    let mut told = 0;
    for n in 0..20 {
        town.camera.sees(Observation::Format(format(if n % 2 == 0 { 1280 } else { 640 })));
        town.streams_for(3);
        told += usize::from(town.told().conditions() == [Condition::StreamChanged]);
    }
    assert!(told >= 14, "{told}");
    town.until(Condition::StreamChanged, false, 40);
    town.camera.sees(Observation::Format(format(1280)));
    town.until(Condition::StreamChanged, true, 20);
    town.streams_for(24 * 3600);
    town.is_well();
}

#[test]
fn a_bitrate_above_the_order_is_told() {
    let mut town = Town::new(2);
    let order = StreamOrder { bitrate_max_kbit: Some(300), ..StreamOrder::default() };
    let policy = HealthPolicy { order, ..HealthPolicy::default() };
    town.camera.health.configure(town.camera.now, policy);
    town.until(Condition::StreamChanged, true, 30);
    let words = "the stream takes 400 kbit/s; ordered is at most 300";
    assert_eq!(town.told().reason.as_deref(), Some(words));
}

#[test]
fn a_condition_that_is_not_watched_is_not_raised_and_the_state_is_true_all_the_same() {
    let mut town = Town::new(2);
    town.streams_for(20);
    town.findings = finding(Condition::Black);
    town.until(Condition::Black, true, 40);
    let mut policy = HealthPolicy::default();
    for condition in LADDER {
        let rule = ConditionPolicy { watch: false, ..ConditionPolicy::of(condition) };
        policy.conditions.set(condition, rule);
    }
    town.camera.health.configure(town.camera.now, policy);
    assert_eq!(town.told().state, State::Online);
    town.camera.now += Duration::from_secs(20);
    let told = town.told();
    assert_eq!((told.state, &told.standing[..]), (State::Stalled, &[][..]));
    assert_eq!(told.reason.as_deref(), Some("no RTP for over 5 s; the session is open"));
}

#[test]
fn delays_and_severities_are_those_of_the_policy() {
    let mut town = Town::new(2);
    let mut policy = HealthPolicy::default();
    let rule = ConditionPolicy {
        raise_after: Duration::from_secs(60),
        clear_after: Duration::from_secs(40),
        severity: Severity::Critical,
        watch: true,
    };
    for condition in [Condition::Covered, Condition::Stalled] {
        policy.conditions.set(condition, rule);
    }
    town.camera.health.configure(town.camera.now, policy);
    town.streams_for(20);
    town.findings = finding(Condition::Covered);
    assert_eq!(town.until(Condition::Covered, true, 70), 56, "four seconds before it was found");
    assert_eq!(town.told().standing[0].severity, Severity::Critical);
    town.findings.clear();
    town.second = 0;
    assert_eq!(town.until(Condition::Covered, false, 70), 40);
    // The state says it at once, the condition when its time has come.
    assert_eq!(town.camera.is(6), (State::Stalled, None));
    assert_eq!(town.camera.is(64), (State::Stalled, None));
    assert_eq!(town.camera.is(66), (State::Stalled, Some(Condition::Stalled)));
}

#[test]
fn what_was_learnt_is_known_after_a_restart_and_changes_seldom() {
    let mut town = Town::new(4);
    town.streams_for(120);
    let learnt = town.camera.health.learnt();
    assert_eq!(learnt.interval, Some(Duration::from_secs(4)));
    assert_eq!(learnt.bitrate, Some(400_000.0));
    for n in 0..3600 {
        town.figures.frame_rate = if n % 2 == 0 { 12.3 } else { 12.7 };
        town.figures.bitrate = 400_000.0 + 10_000.0 * (n % 5) as f64;
        town.streams();
        assert_eq!(town.camera.health.learnt(), learnt);
    }
    let mut camera = Camera::new();
    camera.health = Health::new(HealthPolicy::default(), learnt.clone(), camera.now);
    assert_eq!(camera.health.learnt(), learnt);
    assert_eq!(camera.health.interval(), learnt.interval);
}
