//! One camera's trial: a day of all that is harmless, and every effect by day and by night.

use watchwall::{
    domain::{camera::Condition, health::ConditionPolicy, picture::Measures},
    sim::scene::Light,
};

use crate::{
    day::{self, Day},
    effect::{CONDITIONS, Effect},
    eye::Eye,
    film::{Camera, KEYFRAME_S, Script},
    plan::Plan,
    watch::{Calendar, Episode, Watch},
};

/// How an effect ended for one judge.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) camera: String,
    pub(crate) light: Light,
    /// The judge has seen the day until then; else only the lead-in.
    pub(crate) known: bool,
    pub(crate) effect: Effect,
    /// The first keyframe of the effect with the expected finding, from 1.
    pub(crate) found: Option<usize>,
    /// From the effect's start until the expected condition was raised.
    pub(crate) raised_s: Option<f64>,
    /// It was raised within its time.
    pub(crate) in_time: bool,
    /// It was cleared within its time after the effect's end, or never raised.
    pub(crate) cleared: bool,
    /// Whatever else was raised, and why.
    pub(crate) others: Vec<(Condition, String)>,
    /// Of the expected one, if it was raised.
    pub(crate) evidence: Option<String>,
    /// Hours that were watched.
    pub(crate) hours: f64,
}

/// Everything that one camera's trial gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) runs: Vec<Run>,
    pub(crate) day: Option<Day>,
}

/// The longest time that a detection may take, beside the delay of its condition.
pub(crate) const DETECT_S: f64 = 30.0;

/// Runs all of a plan with one camera.
pub(crate) fn run(camera: &mut Camera<'_>, eye: &mut Eye, plan: &Plan) -> Outcome {
    let calendar = Calendar::new();
    let name = camera.easel.source.name();
    let starts: Vec<f64> = plan.lights.iter().map(|(_, at_s)| at_s - plan.lead_in_s).collect();
    let (day, known) = if plan.day {
        let (day, known) = day::live(camera, eye, plan, calendar, &starts);
        (Some(day), known.into_iter().map(Some).collect())
    } else {
        (None, vec![None; starts.len()])
    };
    let mut outcome = Outcome { runs: Vec::new(), day };
    for ((light, at_s), known) in plan.lights.iter().zip(known) {
        let new = Watch::new(calendar, at_s - plan.lead_in_s);
        let watches = [(false, Some(new)), (true, known)];
        let mut watches: Vec<(bool, Watch)> =
            watches.into_iter().filter_map(|(known, watch)| Some((known, watch?))).collect();
        let lead = Script {
            effect: Effect::Untouched,
            from_s: at_s - plan.lead_in_s,
            spacing_s: KEYFRAME_S,
            count: (plan.lead_in_s / KEYFRAME_S) as usize,
            light: Some(*light),
        };
        let before = camera.film(&lead);
        let measures = eye.measure_all(&before);
        for (known, watch) in &mut watches {
            let from = watch.episodes.len();
            for (n, measures) in measures.iter().enumerate() {
                watch.see(lead.from_s + n as f64 * KEYFRAME_S, measures);
            }
            outcome.runs.push(Run {
                camera: name.clone(),
                light: *light,
                known: *known,
                effect: Effect::Untouched,
                found: None,
                raised_s: None,
                in_time: false,
                cleared: true,
                others: others(&watch.episodes[from..], None),
                evidence: None,
                hours: plan.lead_in_s / 3_600.0,
            });
        }
        let after = Script {
            from_s: at_s + 120.0,
            count: ((DETECT_S + clear_after_max() + 10.0) / KEYFRAME_S) as usize,
            ..lead
        };
        let after = eye.measure_all(&camera.film(&after));
        for effect in &plan.effects {
            let shown = keyframes(camera, plan, *effect, *at_s, &lead, &before);
            let shown = eye.measure_all(&shown);
            for (known, watch) in &watches {
                let run = show(watch.clone(), *effect, *at_s, &shown, &after);
                outcome.runs.push(Run {
                    camera: name.clone(),
                    light: *light,
                    known: *known,
                    ..run
                });
            }
        }
    }
    outcome
}

/// The longest delay before any picture condition is cleared.
fn clear_after_max() -> f64 {
    CONDITIONS
        .iter()
        .map(|condition| ConditionPolicy::of(*condition).clear_after.as_secs_f64())
        .fold(0.0, f64::max)
}

/// The keyframes of an effect that begins at `at_s`, after those of the lead-in.
fn keyframes(
    camera: &mut Camera<'_>,
    plan: &Plan,
    effect: Effect,
    at_s: f64,
    lead: &Script,
    before: &[Vec<u8>],
) -> Vec<Vec<u8>> {
    let length_s = match effect.expected() {
        Some(condition) => {
            DETECT_S + ConditionPolicy::of(condition).raise_after.as_secs_f64() + 10.0
        }
        None => plan.harmless_s,
    };
    let count = (length_s / KEYFRAME_S).ceil() as usize;
    let again = |last: usize| {
        let stretch = &before[before.len().saturating_sub(last)..];
        stretch.iter().cycle().take(count).cloned().collect()
    };
    match effect {
        Effect::FreezeEqual => again(1),
        Effect::Loop(seconds) => again((f64::from(seconds) / KEYFRAME_S) as usize),
        Effect::FreezeRecoded | Effect::FreezeClock => {
            let last = *camera.shots(lead).last().expect("a lead-in has pictures");
            camera.frozen(&last, effect == Effect::FreezeClock, count)
        }
        _ => {
            let script = Script { effect, from_s: at_s, count, ..*lead };
            camera.film(&script)
        }
    }
}

/// Shows a judge an effect and what comes after it.
fn show(
    mut watch: Watch,
    effect: Effect,
    at_s: f64,
    shown: &[Measures],
    after: &[Measures],
) -> Run {
    let from = watch.episodes.len();
    let expected = effect.expected();
    let mut found = None;
    for (n, measures) in shown.iter().enumerate() {
        let findings = watch.see(at_s + n as f64 * KEYFRAME_S, measures);
        if found.is_none() && findings.iter().any(|(condition, _)| Some(*condition) == expected) {
            found = Some(n + 1);
        }
    }
    let end_s = at_s + shown.len() as f64 * KEYFRAME_S;
    for (n, measures) in after.iter().enumerate() {
        watch.see(end_s + n as f64 * KEYFRAME_S, measures);
    }
    let all_s = (shown.len() + after.len()) as f64 * KEYFRAME_S;
    watch.pass(at_s + all_s);
    let episodes = &watch.episodes[from..];
    let raised = episodes
        .iter()
        .find(|episode| Some(episode.condition) == expected && episode.raised_s <= end_s);
    let policy = expected.map(ConditionPolicy::of);
    let within_s = DETECT_S + policy.map_or(0.0, |policy| policy.raise_after.as_secs_f64());
    let raised_s = raised.map(|episode| episode.raised_s - at_s);
    // All of the expected kind: one that comes again after it was cleared has not cleared.
    let clear_s = end_s + DETECT_S + policy.map_or(0.0, |p| p.clear_after.as_secs_f64());
    let cleared = episodes
        .iter()
        .filter(|episode| Some(episode.condition) == expected)
        .all(|episode| episode.cleared_s.is_some_and(|at_s| at_s <= clear_s));
    Run {
        camera: String::new(),
        light: Light::Day,
        known: false,
        effect,
        found,
        raised_s,
        in_time: raised_s.is_some_and(|raised_s| raised_s <= within_s),
        cleared,
        others: others(episodes, expected),
        evidence: raised.map(|episode| episode.evidence.clone()),
        hours: all_s / 3_600.0,
    }
}

fn others(episodes: &[Episode], expected: Option<Condition>) -> Vec<(Condition, String)> {
    let other = episodes.iter().filter(|episode| Some(episode.condition) != expected);
    other.map(|episode| (episode.condition, episode.evidence.clone())).collect()
}
