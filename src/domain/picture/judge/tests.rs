//! Each check with its negative twin, on drawn pictures in virtual time.

use std::time::{Duration, Instant};

use super::*;
use crate::domain::picture::drawn::{Drawn, HEIGHT, WIDTH};

mod learnt;
mod patience;

/// A judge and its clock: a keyframe every two seconds.
struct Bench {
    judge: Judge,
    now: Instant,
    unix: UnixMicros,
    shots: u64,
    every: Duration,
}

impl Bench {
    fn new() -> Self {
        Self::with(PicturePolicy::default())
    }

    fn with(policy: PicturePolicy) -> Self {
        Self {
            judge: Judge::new(policy, References::default()),
            now: Instant::now(),
            // 05:00 UTC, noon in Ha Tinh.
            unix: UnixMicros(1_795_410_000_000_000),
            shots: 0,
            every: Duration::from_secs(2),
        }
    }

    /// One that has learnt a street, for long enough not to take what is parked there for it.
    fn knowing(street: &Drawn) -> Self {
        let mut bench = Self::new();
        bench.see(street, 100);
        assert_eq!(bench.found(), [], "nothing is wrong with what it learns");
        assert!(!bench.judge.references().is_empty());
        bench
    }

    fn see(&mut self, drawn: &Drawn, pictures: usize) {
        for _ in 0..pictures {
            self.shots += 1;
            self.apply(&drawn.shot(1.5, self.shots));
        }
    }

    fn apply(&mut self, measures: &Measures) {
        self.now += self.every;
        self.unix = self.unix.plus(self.every);
        self.judge.apply(self.now, self.unix, measures);
    }

    fn found(&self) -> Vec<Condition> {
        self.judge.findings().into_iter().map(|finding| finding.condition).collect()
    }

    fn evidence(&self) -> String {
        self.judge.findings().first().map(|finding| finding.evidence.clone()).unwrap_or_default()
    }
}

/// After three pictures of it exactly this is found, and two of the usual view clear it.
fn check(drawn: &Drawn, expected: &[Condition]) -> String {
    let street = Drawn::street(11);
    let mut bench = Bench::knowing(&street);
    bench.see(drawn, 4);
    let evidence = bench.evidence();
    assert_eq!(bench.found(), expected, "{evidence}");
    bench.see(drawn, 20);
    assert_eq!(bench.found(), expected, "it stays: {}", bench.evidence());
    assert_eq!(bench.evidence(), evidence, "it does not tick");
    bench.see(&street, 4);
    assert_eq!(bench.found(), [], "it clears");
    evidence
}

#[test]
fn an_untouched_view_gives_no_finding_in_any_hour() {
    let mut bench = Bench::knowing(&Drawn::street(11));
    bench.every = Duration::from_secs(600);
    for _ in 0..144 {
        bench.see(&Drawn::street(11), 1);
        assert_eq!(bench.found(), []);
    }
}

#[test]
fn a_camera_that_is_only_being_learnt_is_not_called_moved() {
    let mut bench = Bench::new();
    bench.see(&Drawn::street(1), 4);
    bench.see(&Drawn::street(2), 3);
    assert_eq!(bench.found(), []);
}

#[test]
fn equal_keyframes_are_frozen_and_a_quiet_night_with_noise_is_not() {
    let street = Drawn::street(11);
    let night = Drawn { colour: 0, ..street.clone().tone(|level| level * 0.2) };
    let mut bench = Bench::knowing(&night);
    bench.see(&night, 300);
    assert_eq!(bench.found(), []);
    let still = night.shot(1.5, 7_777);
    (0..4).for_each(|_| bench.apply(&still));
    assert_eq!(bench.found(), [Condition::Frozen]);
    assert!(bench.evidence().contains("byte by byte"), "{}", bench.evidence());
    bench.see(&night, 3);
    assert_eq!(bench.found(), []);
}

#[test]
fn pictures_without_the_camera_s_noise_are_frozen_unless_a_clock_ticks_in_them() {
    let street = Drawn::street(11);
    let frozen = |ticking: bool| {
        let mut bench = Bench::knowing(&street);
        for n in 0..8_u8 {
            let mut still = street.clone();
            if ticking {
                still.fill(500 + usize::from(n) * 5, 10, 12, 16, 250.0);
            }
            // Coded anew: a step here and there.
            still.luma[1_000 + usize::from(n)] += 1.0;
            let mut measures = still.shot(0.0, 1);
            measures.coded = u64::from(n);
            bench.apply(&measures);
        }
        bench.found()
    };
    assert_eq!(frozen(false), [Condition::Frozen]);
    assert_eq!(frozen(true), []);
}

#[test]
fn a_keyframe_interval_of_thirty_seconds_is_not_frozen() {
    let street = Drawn::street(11);
    let mut bench = Bench::knowing(&street);
    bench.every = Duration::from_secs(30);
    bench.see(&street, 100);
    assert_eq!(bench.found(), []);
}

#[test]
fn pictures_between_keyframes_that_copy_one_another_are_not_frozen() {
    let street = Drawn::street(11);
    let mut bench = Bench::knowing(&street);
    let copied = Measures { keyframe: false, ..street.shot(1.5, 99) };
    (0..10).for_each(|_| bench.apply(&copied));
    assert_eq!(bench.found(), []);
}

#[test]
fn a_recording_with_a_single_keyframe_is_alive_while_something_moves_between() {
    let street = Drawn::street(11);
    let mut bench = Bench::knowing(&street);
    let keyframe = street.shot(1.5, 50);
    let mut passing = street.clone();
    passing.fill(300, 150, 60, 40, 230.0);
    for _ in 0..20 {
        bench.apply(&keyframe);
        bench.apply(&Measures { keyframe: false, ..passing.shot(1.5, 51) });
        assert_eq!(bench.found(), []);
    }
}

#[test]
fn a_stretch_that_returns_is_looped_within_its_longest_length_only() {
    let street = Drawn::street(11);
    let looped = |length: u64, loop_max: u64| {
        let policy =
            PicturePolicy { loop_max: Duration::from_secs(loop_max), ..Default::default() };
        let mut bench = Bench::with(policy);
        bench.see(&street, 40);
        for n in 0..4 * length {
            bench.apply(&street.shot(1.5, 5_000 + n % length));
        }
        let found = bench.found();
        bench.see(&street, 3);
        assert_eq!(bench.found(), [], "it clears");
        found
    };
    assert_eq!(looped(2, 600), [Condition::Looped]);
    assert_eq!(looped(10, 600), [Condition::Looped]);
    assert_eq!(looped(8, 8), [], "a loop of 16 s, as a simulated camera's own");
    assert_eq!(looped(2, 8), [Condition::Looped], "a loop of 4 s in it");
}

#[test]
fn a_recording_returns_by_nature_and_a_shorter_stretch_of_it_does_not() {
    let street = Drawn::street(11);
    let clip = |n: u64| street.shot(1.5, 7_000 + n % 8);
    let mut bench = Bench::new();
    for n in 0..60 {
        bench.apply(&clip(n));
        assert_eq!(bench.found(), [], "picture {n} of a clip of 16 s");
    }
    // Something else for a while, itself a recording of the same length, and back.
    (0..30).for_each(|n| bench.apply(&street.shot(1.5, 8_000 + n % 8)));
    assert_eq!(bench.found(), []);
    (60..100).for_each(|n| bench.apply(&clip(n)));
    assert_eq!(bench.found(), []);
    (0..12).for_each(|n| bench.apply(&clip(n % 2)));
    assert_eq!(bench.found(), [Condition::Looped], "4 s of the clip");
    (100..120).for_each(|n| bench.apply(&clip(n)));
    assert_eq!(bench.found(), [], "it clears");
    // What is known of it survives a restart.
    let json = serde_json::to_string(bench.judge.references()).expect("plain data");
    let references = serde_json::from_str(&json).expect("as written");
    bench.judge = Judge::new(PicturePolicy::default(), references);
    bench.see(&street, 10);
    (0..40).for_each(|n| bench.apply(&clip(n)));
    assert_eq!(bench.found(), []);
}

#[test]
fn a_camera_that_was_seen_alive_is_never_taken_for_a_recording() {
    let street = Drawn::street(11);
    let mut bench = Bench::knowing(&street);
    bench.see(&street, 320);
    let references = bench.judge.references().clone();
    // The service is started again while a stretch is replayed.
    bench.judge = Judge::new(PicturePolicy::default(), references);
    (0..30).for_each(|n| bench.apply(&street.shot(1.5, 5_000 + n % 8)));
    assert_eq!(bench.found(), [Condition::Looped]);
}

#[test]
fn one_keyframe_that_comes_twice_is_no_loop() {
    let street = Drawn::street(11);
    let mut bench = Bench::knowing(&street);
    for n in 0..30 {
        bench.see(&street, 1 + n % 3);
        bench.apply(&street.shot(1.5, 9_000 + (n / 2) as u64));
        assert_eq!(bench.found(), []);
    }
}

#[test]
fn no_light_is_black_and_a_dark_street_with_a_lamp_is_not() {
    let mut black = Drawn::street(11).tone(|_| 1.0);
    black.colour = 0;
    let mut bench = Bench::new();
    (0..6).for_each(|n| bench.apply(&black.shot(0.4, n)));
    assert_eq!(bench.found(), [Condition::Black], "even before anything is learnt");
    check(&black, &[Condition::Black]);
    let night = Drawn { colour: 0, ..Drawn::street(11).tone(|level| level * 0.12) };
    let mut bench = Bench::new();
    bench.see(&night, 40);
    assert_eq!(bench.found(), []);
}

#[test]
fn a_burnt_out_picture_is_overexposed_and_headlights_and_an_exposure_step_are_not() {
    let street = Drawn::street(11);
    check(&street.clone().tone(|_| 253.0), &[Condition::Overexposed]);
    check(&street.clone().tone(|level| level * 1.5), &[]);
    let mut dazzled = street;
    dazzled.fill(200, 150, 160, 100, 255.0);
    check(&dazzled, &[]);
}

#[test]
fn a_blurred_view_is_defocused_and_haze_is_not() {
    for radius in [2, 4, 8] {
        let evidence = check(&Drawn::street(11).blurred(radius), &[Condition::Defocused]);
        assert!(evidence.contains('%'), "{evidence}");
    }
    check(&Drawn::street(11).tone(|level| 100.0 + level * 0.4), &[]);
}

#[test]
fn a_hidden_part_is_covered_with_its_share_and_things_that_pass_are_not() {
    for (width, share) in [(WIDTH * 3 / 10, "30 %"), (WIDTH * 6 / 10, "60 %"), (WIDTH, "100 %")] {
        let mut hidden = Drawn::street(11);
        hidden.fill(0, 0, width, HEIGHT, 70.0);
        let evidence = check(&hidden, &[Condition::Covered]);
        assert!(evidence.contains(share), "{evidence}");
    }
    let street = Drawn::street(11);
    let mut bench = Bench::knowing(&street);
    for n in 0..200_usize {
        let mut busy = street.clone();
        busy.fill(n * 89 % 500, 120, 140, 220, 40.0);
        busy.fill(n * 211 % 500, 150, 110, 200, 200.0);
        bench.see(&busy, 1);
        assert_eq!(bench.found(), [], "after {n}: {}", bench.evidence());
    }
}

#[test]
fn a_moved_view_is_told_with_how_far_and_a_trembling_one_is_not() {
    let street = Drawn::street(11);
    // A cell is 1.6 % of the width.
    for (percent, told) in
        [(5.0, ["5 %", "6 %"]), (15.0, ["14 %", "16 %"]), (40.0, ["39 %", "41 %"])]
    {
        let shifted = street.warp(|x, y| (x + percent / 100.0 * WIDTH as f32, y));
        let evidence = check(&shifted, &[Condition::Moved]);
        assert!(told.iter().any(|told| evidence.contains(told)), "{evidence}");
        assert!(evidence.contains("to the left"), "{evidence}");
    }
    for degrees in [5.0, 15.0] {
        let evidence = check(&street.turned(degrees), &[Condition::Moved]);
        assert!(evidence.contains("clockwise"), "{evidence}");
    }
    check(&Drawn::street(12), &[Condition::Moved]);
    check(&street.warp(|x, y| (x + 3.0, y + 1.0)), &[]);
}

#[test]
fn night_has_a_reference_of_its_own() {
    let street = Drawn::street(11);
    let night = Drawn { colour: 0, ..street.clone().tone(|level| 20.0 + level * 0.3) };
    let mut bench = Bench::knowing(&street);
    bench.see(&night, 20);
    assert_eq!(bench.judge.references().lights(), [Light::Day, Light::Night]);
    bench.see(&street, 5);
    bench.see(&night, 5);
    assert_eq!(bench.found(), []);
}

#[test]
fn a_bag_over_the_lens_is_not_learnt_as_a_night() {
    let mut bag = Drawn::street(11).tone(|_| 30.0);
    bag.colour = 0;
    let mut bench = Bench::knowing(&Drawn::street(11));
    bench.see(&bag, 200);
    assert_eq!(bench.found().len(), 1, "{:?}", bench.found());
    assert_eq!(bench.judge.references().lights(), [Light::Day]);
}

#[test]
fn a_reference_is_not_renewed_from_a_picture_in_which_something_is_wrong() {
    let street = Drawn::street(11);
    let mut bench = Bench::knowing(&street);
    let before = bench.judge.references().clone();
    bench.see(&street.warp(|x, y| (x + 60.0, y)), 900);
    assert_eq!(bench.found(), [Condition::Moved]);
    assert_eq!(bench.judge.references().views, before.views);
}

#[test]
fn a_person_may_confirm_a_new_view_or_have_it_learnt_anew() {
    for command in [ReferenceCommand::Confirm, ReferenceCommand::Reset] {
        let mut bench = Bench::knowing(&Drawn::street(11));
        bench.see(&Drawn::street(12), 5);
        assert_eq!(bench.found(), [Condition::Moved]);
        bench.judge.command(command);
        let confirmed = command == ReferenceCommand::Confirm;
        assert_eq!(bench.judge.renewed(), confirmed.then_some(Light::Day));
        assert_eq!(bench.found(), []);
        bench.see(&Drawn::street(12), 60);
        assert_eq!(bench.found(), []);
        bench.see(&Drawn::street(11), 5);
        assert_eq!(bench.found(), [Condition::Moved]);
    }
}

#[test]
fn a_camera_that_turns_to_presets_learns_the_views_that_stay() {
    let policy = PicturePolicy { presets: 2, ..PicturePolicy::default() };
    let mut bench = Bench::with(policy);
    bench.see(&Drawn::street(11), 40);
    bench.see(&Drawn::street(12), 40);
    bench.see(&Drawn::street(11), 5);
    assert_eq!(bench.found(), []);
    bench.see(&Drawn::street(12), 5);
    assert_eq!(bench.found(), []);
    bench.see(&Drawn::street(13), 40);
    assert_eq!(bench.found(), [Condition::Moved], "the third is one too many");
}

#[test]
fn what_was_learnt_survives_a_restart_in_less_than_sixty_four_kilobytes() {
    let street = Drawn::street(11);
    let mut bench = Bench::knowing(&street);
    let night = Drawn { colour: 0, ..street.tone(|level| 20.0 + level * 0.3) };
    bench.see(&night, 20);
    let text = serde_json::to_string(bench.judge.references()).expect("plain data");
    assert!(text.len() < 32_000, "{} bytes for day and night", text.len());
    let kept: References = serde_json::from_str(&text).expect("as it was written");
    assert_eq!(&kept, bench.judge.references());
    bench.judge = Judge::new(PicturePolicy::default(), kept);
    bench.see(&Drawn::street(12), 4);
    assert_eq!(bench.found(), [Condition::Moved]);
    for broken in ["{}", r#"{"views":[]}"#] {
        let references: References = serde_json::from_str(broken).expect("defaults");
        assert!(references.is_empty());
    }
}
