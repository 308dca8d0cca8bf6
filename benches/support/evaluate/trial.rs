//! One camera's trial: a day of all that is harmless, and every effect by day and by night.

use watchwall::{
    domain::{camera::Condition, health::ConditionPolicy, picture::Measures},
    sim::scene::Light,
};

use crate::{
    effect::{Effect, NEGATIVES},
    eye::Eye,
    film::{Camera, KEYFRAME_S, Script},
    watch::{Calendar, Episode, Watch},
};

/// How much is tried.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Every one of them.
    pub(crate) effects: Vec<Effect>,
    /// In which light, at which local time.
    pub(crate) lights: Vec<(Light, f64)>,
    /// What a judge that knows nothing sees before an effect, seconds.
    pub(crate) lead_in_s: f64,
    /// How long a harmless effect lasts there, seconds.
    pub(crate) harmless_s: f64,
    /// Whether the day is run, and the judges that have seen half of it.
    pub(crate) day: bool,
    /// Between the day's keyframes, seconds.
    pub(crate) day_spacing_s: f64,
}

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

/// What was raised in an honest stretch.
#[derive(Clone, Debug)]
pub(crate) struct FalseAlarm {
    pub(crate) effect: Effect,
    pub(crate) condition: Condition,
    /// Local time of day, seconds.
    pub(crate) at_s: f64,
    pub(crate) lasted_s: Option<f64>,
    pub(crate) evidence: String,
}

/// A day of one camera.
#[derive(Clone, Debug)]
pub(crate) struct Day {
    pub(crate) camera: String,
    /// Hours of each effect.
    pub(crate) hours: Vec<(Effect, f64)>,
    pub(crate) keyframes: usize,
    pub(crate) alarms: Vec<FalseAlarm>,
    /// Findings that went before they were raised.
    pub(crate) blips: Vec<(Condition, u32)>,
}

/// Everything that one camera's trial gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) runs: Vec<Run>,
    pub(crate) day: Option<Day>,
}

/// The day begins.
const MORNING_S: f64 = 7.0 * 3_600.0;
/// And lasts.
const DAY_S: f64 = 24.0 * 3_600.0;
/// Of each half hour, an effect has the first twenty minutes.
const SLOT_S: f64 = 1_800.0;
const EFFECT_S: f64 = 1_200.0;

/// The longest time that a detection may take, beside the delay of its condition.
pub(crate) const DETECT_S: f64 = 30.0;

impl Plan {
    /// What happens in the half hour that starts then, in its first twenty minutes.
    fn of_slot(&self, slot: usize) -> Effect {
        let harmless: Vec<Effect> =
            NEGATIVES.iter().copied().filter(|effect| self.effects.contains(effect)).collect();
        // The first half hour is there to learn from.
        match slot.checked_sub(1) {
            Some(n) if !harmless.is_empty() => harmless[n % harmless.len()],
            _ => Effect::Untouched,
        }
    }

    /// The stretches of the day: scripts that follow each other without a gap.
    fn day(&self) -> Vec<Script> {
        let mut scripts = Vec::new();
        for slot in 0..(DAY_S / SLOT_S) as usize {
            let from_s = MORNING_S + slot as f64 * SLOT_S;
            for (effect, from_s, length_s) in [
                (self.of_slot(slot), from_s, EFFECT_S),
                (Effect::Untouched, from_s + EFFECT_S, SLOT_S - EFFECT_S),
            ] {
                let spacing_s = self.day_spacing_s;
                let count = (length_s / spacing_s).round() as usize;
                scripts.push(Script { effect, from_s, spacing_s, count, light: None });
            }
        }
        scripts
    }
}

/// Runs all of a plan with one camera.
pub(crate) fn run(camera: &mut Camera<'_>, eye: &mut Eye, plan: &Plan) -> Outcome {
    let calendar = Calendar::new();
    let name = camera.easel.source.name();
    let starts: Vec<f64> = plan.lights.iter().map(|(_, at_s)| at_s - plan.lead_in_s).collect();
    let (day, known) = if plan.day {
        let (day, known) = live_a_day(camera, eye, plan, calendar, &starts);
        (Some(day), known.into_iter().map(Some).collect())
    } else {
        (None, vec![None; starts.len()])
    };
    let mut outcome = Outcome { runs: Vec::new(), day };
    for ((light, at_s), known) in plan.lights.iter().zip(known) {
        let watches = [(false, Some(Watch::new(calendar))), (true, known)];
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
    crate::effect::CONDITIONS
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

/// A day, and the judge as it was at each of the `forks`.
fn live_a_day(
    camera: &mut Camera<'_>,
    eye: &mut Eye,
    plan: &Plan,
    calendar: Calendar,
    forks: &[f64],
) -> (Day, Vec<Watch>) {
    let mut watch = Watch::new(calendar);
    let mut known = Vec::new();
    let mut hours: Vec<(Effect, f64)> = Vec::new();
    let mut keyframes = 0;
    let scripts = plan.day();
    for script in &scripts {
        for (n, unit) in camera.film(script).iter().enumerate() {
            let at_s = script.from_s + n as f64 * script.spacing_s;
            if known.len() < forks.len() && at_s >= forks[known.len()] {
                known.push(watch.clone());
            }
            watch.see(at_s, &eye.measure(unit));
            keyframes += 1;
        }
        let length = script.count as f64 * script.spacing_s / 3_600.0;
        match hours.iter_mut().find(|(effect, _)| *effect == script.effect) {
            Some((_, hours)) => *hours += length,
            None => hours.push((script.effect, length)),
        }
    }
    watch.pass(MORNING_S + DAY_S);
    let during = |at_s: f64| {
        let script = scripts.iter().rev().find(|script| script.from_s <= at_s);
        script.map_or(Effect::Untouched, |script| script.effect)
    };
    let alarms = watch.episodes.iter().map(|episode| FalseAlarm {
        effect: during(episode.found_s),
        condition: episode.condition,
        at_s: episode.raised_s,
        lasted_s: episode.cleared_s.map(|cleared_s| cleared_s - episode.raised_s),
        evidence: episode.evidence.clone(),
    });
    let day = Day {
        camera: camera.easel.source.name(),
        hours,
        keyframes,
        alarms: alarms.collect(),
        blips: watch.blips.into_iter().collect(),
    };
    (day, known)
}
