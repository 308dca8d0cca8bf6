//! What is written down and kept.

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng, rngs::SmallRng};

use super::{village::*, *};
use crate::domain::{health::Learnt, history::Record};

#[test]
fn a_camera_enters_its_states_one_after_the_other() {
    let village = Village::well(village(1, 0));
    let states = village.records.iter().filter_map(|record| match record {
        Record::State { state, .. } => Some(*state),
        _ => None,
    });
    let states: Vec<State> = states.collect();
    assert_eq!(states, [State::Connecting, State::WaitingKeyframe, State::Online]);
}

#[test]
fn the_figures_of_all_cameras_are_one_batch_a_minute() {
    let mut village = Village::well(village(3, 3));
    village.records.clear();
    village.passes(120);
    let mut minutes: BTreeMap<UnixMicros, usize> = BTreeMap::new();
    for record in &village.records {
        if let Record::Minute { at, figures, .. } = record {
            *minutes.entry(*at).or_default() += 1;
            assert!((figures.frame_rate.expect("it played") - 12.0).abs() < 0.1);
            assert_eq!(figures.loss_percent, Some(0.0));
        }
    }
    assert_eq!(minutes.values().copied().collect::<Vec<_>>(), [6, 6]);
    assert!(minutes.keys().all(|at| at.0 % 60_000_000 == 0));
}

fn learnt(village: &Village) -> Vec<CameraId> {
    let learnt = village.rest.iter().filter_map(|effect| match effect {
        Effect::Learnt(camera, _) => Some(camera.clone()),
        _ => None,
    });
    learnt.collect()
}

#[test]
fn what_was_learnt_is_kept_after_ten_minutes_and_at_the_end_if_it_is_new() {
    let mut village = Village::well(village(2, 0));
    let mut kept = Vec::new();
    for _ in 0..600 {
        village.passes(1);
        kept.extend(learnt(&village));
    }
    assert_eq!(kept, [id(1), id(2)], "once each");
    let at = village.room.at;
    assert_eq!(village.room.desk.stop(at).len(), 0, "nothing new");

    let mut short = Village::well(super::village::village(2, 0));
    let at = short.room.at;
    let effects = short.room.desk.stop(at);
    let intervals = effects.iter().filter_map(|effect| match effect {
        Effect::Learnt(_, learnt) => learnt.interval,
        _ => None,
    });
    assert_eq!(intervals.collect::<Vec<_>>(), [2 * SECOND; 2]);
}

#[test]
fn what_was_learnt_before_a_restart_is_known_at_once() {
    let known = Learnt { interval: Some(10 * SECOND), ..Learnt::default() };
    let learnt = [(id(1), known)].into();
    let village = Village::new(village(1, 0), Remembered { learnt, ..Remembered::default() });
    assert_eq!(village.shown[&1].refresh_s, Some(10.0));
}

/// Cuts, returns, crashes, orders and reloads, as a seed wills: what is shown is true each second,
/// and whatever was raised is cleared when all is well again.
#[test]
fn seeded_histories_keep_the_invariants() {
    for seed in 0..24 {
        let mut dice = SmallRng::seed_from_u64(seed);
        let mut village = Village::well(village(6, 6));
        let mut crashes = 0;
        for _ in 0..300 {
            match dice.random_range(0..40) {
                0 => village.cut(1..=6),
                1 => village.restore(1..=6),
                2 => village.restore(1..=12),
                3..=5 => {
                    let n = dice.random_range(1..=12);
                    village.cut(n..=n);
                }
                6..=8 => {
                    let n = dice.random_range(1..=12);
                    village.restore(n..=n);
                }
                // A third one in five minutes would be blamed on some camera.
                9 if crashes < 2 => {
                    crashes += 1;
                    village.crash(1);
                }
                10 => village.hears(Event::Configured(Arc::new(super::village::village(6, 6)))),
                _ => {}
            }
            village.passes(1);
            check(seed, &village);
        }
        village.restore(1..=12);
        // What came and went often is unstable for ten minutes, and a minute more.
        village.passes(800);
        assert!((1..=12).all(|n| village.state(n) == State::Online), "seed {seed}");
        assert!(village.standing().is_empty(), "seed {seed}: {:?}", village.standing());
    }
}

fn check(seed: u64, village: &Village) {
    village.standing();
    for shown in village.shown.values() {
        let age = shown.last_frame_at.map(|at| village.room.at.unix.since(at));
        let fresh = age.is_some_and(|age| age <= 5 * SECOND);
        assert!(shown.state != State::Online || fresh, "seed {seed}: online, {age:?} old");
        let standing: Vec<_> = shown.standing.iter().map(|standing| standing.condition).collect();
        assert_eq!(standing, shown.conditions, "seed {seed}");
        let down = |site: &Slug| village.site(site.as_str()).down_since.is_some();
        assert!(
            shown.masked_by.as_ref().is_none_or(down),
            "seed {seed}: masked by a site that is up"
        );
        assert!(shown.state != State::Offline || !shown.conditions.is_empty(), "seed {seed}");
    }
}
