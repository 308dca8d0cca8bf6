//! A day of one camera, in which nothing is to be raised.

use watchwall::domain::camera::Condition;

use crate::{
    effect::Effect,
    eye::Eye,
    film::Camera,
    plan::{DAY_S, MORNING_S, Plan},
    watch::{Calendar, Watch},
};

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

/// A day, and the judge as it was at each of the `forks`.
pub(crate) fn live(
    camera: &mut Camera<'_>,
    eye: &mut Eye,
    plan: &Plan,
    calendar: Calendar,
    forks: &[f64],
) -> (Day, Vec<Watch>) {
    let mut watch = Watch::new(calendar, MORNING_S);
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
