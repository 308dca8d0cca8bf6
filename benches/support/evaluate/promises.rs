//! What the harness says of its own pictures, held with one camera in a few seconds: a figure that
//! is good because an effect was never drawn would be worth nothing.

use watchwall::sim::scene::{Canvas, Light};

use crate::{
    cache::Cache,
    coder::{Decoder, KBIT_PER_S},
    effect::{Effect, NEGATIVES, POSITIVES},
    eye::Eye,
    film::{Camera, KEYFRAME_S, Script},
    plan::Plan,
    shot::Easel,
    source::Source,
    trial,
};

const NOON_S: f64 = 12.0 * 3_600.0;

/// Asserts all of it.
pub(crate) fn hold(cache: &Cache) {
    let source = Source::all(&[]).remove(1);
    let easel = Easel::open(&source).expect("a drawn camera needs no file");
    let mut camera = Camera::new(easel, cache);
    keyframes_differ_and_fit_their_stream(&mut camera);
    every_effect_changes_the_picture_and_only_it(&mut camera);
    a_trial_judges_every_effect(&mut camera);
    println!("the evaluation keeps its promises");
}

fn script(effect: Effect, count: usize) -> Script {
    Script { effect, from_s: NOON_S, spacing_s: KEYFRAME_S, count, light: Some(Light::Day) }
}

fn keyframes_differ_and_fit_their_stream(camera: &mut Camera<'_>) {
    let film = camera.film(&script(Effect::Untouched, 8));
    for (n, unit) in film.iter().enumerate() {
        assert!(!film[..n].contains(unit), "keyframe {n} would be a repetition");
    }
    // A keyframe takes more than its share of a stream's bits and less than all of them.
    let group = KBIT_PER_S as f64 * 1_000.0 / 8.0 * KEYFRAME_S;
    let mean = film.iter().map(Vec::len).sum::<usize>() as f64 / film.len() as f64;
    assert!((0.04 * group..0.8 * group).contains(&mean), "{mean:.0} of {group:.0} bytes");
    let lead = camera.shots(&script(Effect::Untouched, 8));
    let frozen = camera.frozen(&lead[7], false, 3);
    assert_eq!(frozen.len(), 3);
    assert!(frozen[0] != frozen[1] && frozen[1] != frozen[2], "coded anew, not repeated");
}

fn every_effect_changes_the_picture_and_only_it(camera: &mut Camera<'_>) {
    let decoded = |camera: &mut Camera<'_>, effect| {
        Decoder::open().decode(&camera.film(&script(effect, 1))[0])
    };
    let plain = decoded(camera, Effect::Untouched);
    let mean = |canvas: &Canvas| {
        let luma = &canvas.planes()[0];
        luma.iter().map(|value| f64::from(*value)).sum::<f64>() / luma.len() as f64
    };
    let apart = |one: &Canvas, other: &Canvas| {
        let pairs = one.planes()[0].iter().zip(&other.planes()[0]);
        pairs.filter(|(a, b)| a.abs_diff(**b) > 12).count() as f64 / one.planes()[0].len() as f64
    };
    assert!(
        mean(&decoded(camera, Effect::Black)) < 30.0
            && mean(&decoded(camera, Effect::White)) > 215.0
    );
    for percent in [30, 60, 100] {
        for effect in [Effect::Cover(percent), Effect::CoverTextured(percent)] {
            let share = apart(&decoded(camera, effect), &plain);
            assert!(share < f64::from(percent) / 100.0 + 0.15, "{}: {share:.2}", effect.name());
            assert!(share > f64::from(percent) / 250.0, "{}: {share:.2}", effect.name());
        }
    }
    for effect in NEGATIVES.into_iter().chain(POSITIVES) {
        use Effect::{Artefacts, Quiet, Untouched};
        let subtle = matches!(effect, Untouched | Artefacts | Quiet | Effect::Noise);
        if !subtle && !effect.of_streams() {
            // Headlights are not in every picture.
            let film = camera.film(&script(effect, 4));
            let shares = film.iter().map(|unit| apart(&Decoder::open().decode(unit), &plain));
            let share = shares.fold(0.0, f64::max);
            assert!(share > 0.004, "{} leaves the picture as it is: {share:.4}", effect.name());
        }
    }
}

fn a_trial_judges_every_effect(camera: &mut Camera<'_>) {
    let effects = vec![Effect::Untouched, Effect::FreezeEqual, Effect::Loop(4), Effect::Black];
    let plan = Plan {
        effects: effects.clone(),
        lights: vec![(Light::Day, NOON_S)],
        lead_in_s: 60.0,
        harmless_s: 20.0,
        day: false,
        day_spacing_s: 20.0,
    };
    let outcome = trial::run(camera, &mut Eye::open(), &plan);
    // The lead-in is a run of its own.
    assert_eq!(outcome.runs.len(), effects.len() + 1);
    for run in &outcome.runs {
        let name = run.effect.name();
        assert_eq!(run.in_time, run.effect.expected().is_some(), "{name}: {run:?}");
        assert!(run.cleared && run.others.is_empty(), "{name}: {run:?}");
    }
}
