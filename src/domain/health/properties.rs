//! What holds in every history: a table of seeded random ones, thousands of steps each.

use rand::{Rng, SeedableRng, rngs::SmallRng};

use super::{
    tests::{Camera, format},
    *,
};
use crate::domain::clock::ClockReading;

const STEPS: usize = 4000;

fn observation(random: &mut SmallRng) -> Observation {
    const FAULTS: [Condition; 5] = [
        Condition::Refused,
        Condition::Unreachable,
        Condition::CredentialsRejected,
        Condition::Stalled,
        Condition::Quarantined,
    ];
    match random.random_range(0..100) {
        0..4 => Observation::Connecting,
        4..7 => {
            let condition = FAULTS[random.random_range(0..FAULTS.len())];
            Observation::Fault(condition, format!("it is {condition:?}"))
        }
        7..8 => Observation::ServiceFault,
        8..38 => Observation::Packets { ago: Duration::from_millis(random.random_range(0..8000)) },
        38..63 => Observation::Picture,
        63..66 => Observation::DecodeFailed(format!("damage {}", random.random_range(0..3))),
        66..80 => {
            let condition = PICTURE[random.random_range(0..PICTURE.len())];
            let evidence = format!("{condition:?} by {}", random.random_range(0..9));
            let there = random.random_range(0..3) > 0;
            Observation::Findings(
                there.then_some(Finding { condition, evidence }).into_iter().collect(),
            )
        }
        80..94 => Observation::Stream(figures(random)),
        94..97 => Observation::Format(format([320, 640][random.random_range(0..2)])),
        97..99 => {
            Observation::KeyframeInterval(Duration::from_millis(random.random_range(500..40_000)))
        }
        _ => Observation::Confirmed,
    }
}

fn figures(random: &mut SmallRng) -> StreamFigures {
    let clock = ClockReading {
        offset_s: random.random_range(-8.0..8.0),
        error_s: random.random_range(0.0..0.5),
        drift_ppm: random.random_bool(0.5).then(|| random.random_range(-300.0..300.0)),
        drift_error_ppm: random.random_range(0.0..100.0),
    };
    StreamFigures {
        frame_rate: random.random_range(0.0..30.0),
        bitrate: random.random_range(0.0..2e6),
        packets: random.random_range(0..100),
        packets_lost: random.random_range(0..3),
        clock: random.random_bool(0.7).then_some(clock),
    }
}

/// Mostly short, at times past every delay.
fn pause(random: &mut SmallRng) -> Duration {
    Duration::from_millis(match random.random_range(0..50) {
        0 => random.random_range(0..900_000),
        1..6 => random.random_range(0..30_000),
        _ => random.random_range(0..1500),
    })
}

/// What is known of a camera beside its health, to check that by.
#[derive(Default)]
struct Witness {
    picture_at: Option<Instant>,
    /// Since when each picture condition is found without a break in which it was not, and the
    /// longest interval between pictures that was usual since.
    found: BTreeMap<Condition, (Instant, Duration)>,
    raised: BTreeMap<Condition, Instant>,
}

impl Witness {
    fn sees(&mut self, now: Instant, observation: &Observation) {
        match observation {
            Observation::Picture => self.picture_at = Some(now),
            Observation::Findings(findings) => {
                let found =
                    |condition: &Condition| findings.iter().any(|f| f.condition == *condition);
                self.found.retain(|condition, _| found(condition));
                for finding in findings {
                    self.found.entry(finding.condition).or_insert((now, Duration::ZERO));
                }
            }
            _ => {}
        }
    }

    /// One verdict, and a true one.
    fn checks(&mut self, now: Instant, health: &Health) {
        let verdict = health.verdict(now);
        assert_eq!(verdict, health.verdict(now), "one question, one answer");
        let policy = HealthPolicy::default();
        let usual = health.interval().unwrap_or_default();
        for (_, longest) in self.found.values_mut() {
            *longest = usual.max(*longest);
        }
        let interval = usual.max(policy.interval_floor);
        let fresh = self.picture_at.is_some_and(|at| now - at <= interval + policy.picture_grace);
        let well = matches!(verdict.state, State::Online | State::Suspect);
        assert_eq!(well, fresh, "online is a fresh picture and nothing else: {verdict:?}");

        let shown = verdict.conditions();
        let of_picture: Vec<bool> = shown.iter().map(|c| PICTURE.contains(c)).collect();
        assert_eq!(of_picture.contains(&true), verdict.state == State::Suspect, "{verdict:?}");
        let naming = shown.iter().filter(|condition| condition.makes_state()).count();
        match verdict.state {
            State::Online | State::Suspect | State::Connecting => {
                assert_eq!(naming, 0, "{verdict:?}")
            }
            State::WaitingKeyframe | State::WaitingParameters => {
                assert!(naming <= 1, "{verdict:?}")
            }
            _ => assert_eq!(naming, 1, "{verdict:?}"),
        }
        if verdict.lost == Some(true) {
            assert!(matches!(verdict.state, State::Stalled | State::Offline));
        }
        let lowest = shown.iter().map(|condition| condition.rung()).min();
        assert_eq!(verdict.rung, lowest, "every cause is raised at once: {verdict:?}");
        assert_eq!(verdict.reason.is_some(), !shown.is_empty() || health.place.note.is_some());
        let mut hidden: Vec<bool> = verdict.standing.iter().map(|s| s.hidden).collect();
        hidden.dedup();
        assert!(hidden.len() <= 1 || hidden == [false, true], "what is hidden comes last");

        let raised: BTreeMap<Condition, Instant> =
            verdict.standing.iter().map(|s| (s.condition, s.since)).collect();
        assert_eq!(raised.len(), verdict.standing.len(), "each condition once");
        for (condition, since) in &raised {
            assert!(*since <= now);
            if self.raised.get(condition) != Some(since) {
                self.may_be_raised(*condition, *since);
            }
        }
        self.raised = raised;
    }

    /// Not before its on-delay, which runs from two pictures before the finding.
    fn may_be_raised(&self, condition: Condition, since: Instant) {
        if PICTURE.contains(&condition) {
            let (found, interval) = self.found.get(&condition).expect("what is raised was found");
            let lasted = 2 * *interval + (since - *found);
            let delay = ConditionPolicy::of(condition).raise_after;
            assert!(lasted >= delay, "{condition:?} was raised too early");
        }
    }
}

#[test]
fn in_every_history_there_is_one_true_verdict_and_asking_more_often_changes_nothing() {
    for seed in 0..25 {
        let mut random = SmallRng::seed_from_u64(seed);
        let mut now = Camera::new().now;
        let mut health = Health::new(HealthPolicy::default(), Learnt::default(), now);
        let mut witness = Witness::default();
        for step in 0..STEPS {
            let seen = observation(&mut random);
            witness.sees(now, &seen);
            health.apply(now, seen);
            witness.checks(now, &health);
            let seldom = health.clone();
            let until = now + pause(&mut random);
            let mut told = Vec::new();
            while now < until {
                now = until.min(now + Duration::from_millis(random.random_range(1..4000)));
                health.tick(now);
                witness.checks(now, &health);
                told.push(health.verdict(now));
            }
            assert_eq!(health.verdict(now), seldom.verdict(now), "seed {seed}, step {step}");
            assert_words_stay(&told);
        }
        recovers(health, now, seed);
    }
}

/// While nothing is seen, the words for a condition are other ones once at most: when the newest
/// ones, which came too soon after others, have waited a minute.
fn assert_words_stay(told: &[Verdict]) {
    for condition in LADDER {
        let mut changes = told.windows(2).filter(|pair| {
            let of = |n: usize| pair[n].standing.iter().find(|s| s.condition == condition);
            of(0).zip(of(1)).is_some_and(|(a, b)| a.since == b.since && a.evidence != b.evidence)
        });
        changes.next();
        assert!(changes.next().is_none(), "{condition:?} ticks: {told:?}");
    }
}

/// Every raise has its clear once all is well.
fn recovers(mut health: Health, mut now: Instant, seed: u64) {
    let clock = ClockReading { offset_s: 0.0, error_s: 0.1, drift_ppm: None, drift_error_ppm: 0.0 };
    let figures = StreamFigures {
        frame_rate: 25.0,
        bitrate: 1e6,
        packets: 100,
        packets_lost: 0,
        clock: Some(clock),
    };
    health.apply(now, Observation::Connecting);
    health.apply(now, Observation::Packets { ago: Duration::ZERO });
    health.apply(now, Observation::Format(format(640)));
    for second in 0..1500 {
        if second % 2 == 0 {
            health.apply(now, Observation::Picture);
            health.apply(now, Observation::Findings(Vec::new()));
        }
        health.apply(now, Observation::Packets { ago: Duration::ZERO });
        health.apply(now, Observation::Stream(figures));
        if second == 60 {
            health.apply(now, Observation::Confirmed);
        }
        now += Duration::from_secs(1);
    }
    let verdict = health.verdict(now);
    assert_eq!((verdict.state, &verdict.standing[..]), (State::Online, &[][..]), "seed {seed}");
    let Learnt { interval, frame_rate, bitrate, format: learnt, .. } = health.learnt();
    let interval = interval.expect("learnt").as_secs_f64();
    assert!((1.6..=2.5).contains(&interval), "within a fifth: {interval}");
    assert_eq!((frame_rate, bitrate, learnt), (Some(25.0), Some(1e6), Some(format(640))));
}
