//! What came out, as tables and a verdict against the goals.

use std::collections::BTreeMap;

use watchwall::{domain::camera::Condition, sim::scene::Light};

use crate::{
    day::Day,
    effect::{CONDITIONS, Effect, short},
    film::KEYFRAME_S,
    plan::Plan,
    trial::{DETECT_S, Outcome, Run},
};

/// The share of harmful effects that must be found in time.
const RECALL: f64 = 0.98;

/// Prints all of them.
pub(crate) fn print(outcomes: &[Outcome], plan: &Plan, verbose: bool) {
    let runs: Vec<&Run> = outcomes.iter().flat_map(|outcome| &outcome.runs).collect();
    let days: Vec<&Day> = outcomes.iter().filter_map(|outcome| outcome.day.as_ref()).collect();
    confusion(&runs, plan);
    harmful(&runs);
    harmless(&runs);
    whole_days(&days);
    if verbose {
        in_words(&runs, &days);
    }
    verdict(&runs, &days);
}

/// Effects down, conditions across: in how many runs each was raised.
fn confusion(runs: &[&Run], plan: &Plan) {
    println!("Confusion: in how many runs of an effect (down) each condition (across) was raised.");
    print!("{:18} {:>5} {:>5}", "", "runs", "none");
    for condition in CONDITIONS {
        print!(" {:>11}", short(condition));
    }
    println!();
    for effect in &plan.effects {
        let of: Vec<&&Run> = runs.iter().filter(|run| run.effect == *effect).collect();
        if of.is_empty() {
            continue;
        }
        let quiet = of.iter().filter(|run| run.raised_s.is_none() && run.others.is_empty()).count();
        print!("{:18} {:>5} {:>5}", effect.name(), of.len(), dot(quiet));
        for condition in CONDITIONS {
            let expected = effect.expected() == Some(condition);
            let raised = of.iter().filter(|run| {
                run.others.iter().any(|(other, _)| *other == condition)
                    || (expected && run.raised_s.is_some())
            });
            let raised = raised.count();
            let cell = if expected { format!("[{raised}]") } else { dot(raised) };
            print!(" {cell:>11}");
        }
        println!();
    }
    println!();
}

fn dot(count: usize) -> String {
    if count == 0 { "·".into() } else { count.to_string() }
}

/// Each harmful effect, and each condition in all.
fn harmful(runs: &[&Run]) {
    println!(
        "Harmful: raised in time (30 s or 3 keyframes, and the condition's own delay), and within 30 s \
         in all;\nwhen the judge found it, in keyframes; when it was raised, in seconds; cleared in \
         time after; and runs in\nwhich something else was raised."
    );
    println!(
        "{:18} {:>5} {:>5} {:>7} {:>6} {:>5} {:>5} {:>7} {:>7} {:>8} {:>6}",
        "", "runs", "found", "recall", "≤30 s", "kf50", "kf95", "s p50", "s p95", "cleared", "also"
    );
    let mut conditions: BTreeMap<Condition, Vec<&Run>> = BTreeMap::new();
    let mut effects: BTreeMap<Effect, Vec<&Run>> = BTreeMap::new();
    for run in runs {
        let Some(condition) = run.effect.expected() else { continue };
        effects.entry(run.effect).or_default().push(run);
        if run.effect.counted() {
            conditions.entry(condition).or_default().push(run);
        }
    }
    for (effect, of) in &effects {
        let star = if effect.counted() { "" } else { " *" };
        row(&format!("{}{star}", effect.name()), of);
    }
    println!();
    for (condition, of) in &conditions {
        row(&short(*condition).to_uppercase(), of);
    }
    println!("(* is beyond the list that the goal counts.)\n");
}

fn row(name: &str, runs: &[&Run]) {
    let found = runs.iter().filter(|run| run.in_time).count();
    let mut keyframes: Vec<f64> =
        runs.iter().filter_map(|run| run.found).map(|n| n as f64).collect();
    let mut seconds: Vec<f64> = runs.iter().filter_map(|run| run.raised_s).collect();
    let raised = seconds.len();
    let prompt = seconds.iter().filter(|seconds| **seconds <= DETECT_S).count();
    let cleared = runs.iter().filter(|run| run.raised_s.is_some() && run.cleared).count();
    let also = runs.iter().filter(|run| !run.others.is_empty()).count();
    println!(
        "{name:18} {:>5} {found:>5} {:>7.3} {prompt:>6} {:>5} {:>5} {:>7} {:>7} {:>8} {:>6}",
        runs.len(),
        found as f64 / runs.len() as f64,
        share(&mut keyframes, 0.5),
        share(&mut keyframes, 0.95),
        share(&mut seconds, 0.5),
        share(&mut seconds, 0.95),
        format!("{cleared}/{raised}"),
        dot(also),
    );
}

fn share(values: &mut [f64], share: f64) -> String {
    values.sort_by(f64::total_cmp);
    let at = (values.len() as f64 * share).ceil() as usize;
    values.get(at.saturating_sub(1)).map_or_else(|| "-".into(), |value| format!("{value:.0}"))
}

/// Harmless effects that begin suddenly, two seconds between keyframes.
fn harmless(runs: &[&Run]) {
    let mut cameras: Vec<&str> = runs.iter().map(|run| run.camera.as_str()).collect();
    cameras.dedup();
    println!(
        "Harmless, {KEYFRAME_S:.0} s between keyframes, by judges that are new and that know half a day: what \
         was raised\nwrongly, by camera; hours are those of all cameras."
    );
    print!("{:18} {:>6}", "", "hours");
    for camera in &cameras {
        print!(" {:>10.10}", camera);
    }
    println!();
    let mut effects: Vec<Effect> =
        runs.iter().filter(|run| run.effect.expected().is_none()).map(|run| run.effect).collect();
    effects.sort_unstable();
    effects.dedup();
    for effect in effects {
        let of = || runs.iter().filter(|run| run.effect == effect);
        print!("{:18} {:>6.1}", effect.name(), of().map(|run| run.hours).sum::<f64>());
        for camera in &cameras {
            let raised: usize =
                of().filter(|run| run.camera == *camera).map(|run| run.others.len()).sum();
            print!(" {:>10}", dot(raised));
        }
        println!();
    }
    println!();
}

/// The 24 hours of each camera.
fn whole_days(days: &[&Day]) {
    if days.is_empty() {
        return println!("The 24 hours were not run.\n");
    }
    println!("24 hours of each camera from a new judge on: false alarms by what happened then.");
    print!("{:18} {:>6}", "", "hours");
    for day in days {
        print!(" {:>10.10}", day.camera);
    }
    println!();
    for (effect, _) in &days[0].hours {
        let hours: f64 = days
            .iter()
            .flat_map(|day| &day.hours)
            .filter(|(of, _)| of == effect)
            .map(|(_, hours)| hours)
            .sum();
        print!("{:18} {hours:>6.1}", effect.name());
        for day in days {
            let raised = day.alarms.iter().filter(|alarm| alarm.effect == *effect).count();
            print!(" {:>10}", dot(raised));
        }
        println!();
    }
    print!("{:18} {:>6}", "in all", days.iter().map(|day| day.keyframes).sum::<usize>());
    for day in days {
        print!(" {:>10}", day.alarms.len());
    }
    println!("   (keyframes instead of hours)");
    print!("{:18} {:>6}", "findings too short", "");
    for day in days {
        print!(" {:>10}", day.blips.iter().map(|(_, count)| count).sum::<u32>());
    }
    println!("   (gone before their delay was over)\n");
}

fn clock(at_s: f64) -> String {
    let minutes = (at_s / 60.0) as u64;
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

/// Every miss and every false alarm.
fn in_words(runs: &[&Run], days: &[&Day]) {
    println!("In words:");
    for run in runs {
        let light = match run.light {
            Light::Day => "day",
            Light::Dusk => "dusk",
            Light::Night => "night",
        };
        let judge = if run.known { "known" } else { "new" };
        let of = format!("{} {light} {judge} {}", run.camera, run.effect.name());
        if run.effect.expected().is_some() && !run.in_time {
            let found = run
                .found
                .map_or_else(|| "never found".into(), |n| format!("found at keyframe {n}"));
            let raised = run
                .raised_s
                .map_or_else(|| "not raised".into(), |s| format!("raised after {s:.0} s"));
            println!("  MISSED {of}: {found}, {raised}");
        }
        if run.raised_s.is_some() && !run.cleared {
            let evidence = run.evidence.as_deref().unwrap_or_default();
            println!("  NOT CLEARED {of}: {evidence}");
        }
        for (condition, evidence) in &run.others {
            let word = if run.effect.expected().is_some() { "ALSO" } else { "FALSE" };
            println!("  {word} {of}: {}: {evidence}", short(*condition));
        }
    }
    for day in days {
        for alarm in &day.alarms {
            let lasted =
                alarm.lasted_s.map_or_else(|| "to the end".into(), |s| format!("for {s:.0} s"));
            println!(
                "  FALSE {} at {} under {}: {} {lasted}: {}",
                day.camera,
                clock(alarm.at_s),
                alarm.effect.name(),
                short(alarm.condition),
                alarm.evidence
            );
        }
    }
    println!();
}

fn verdict(runs: &[&Run], days: &[&Day]) {
    for condition in CONDITIONS {
        let of: Vec<&&Run> = runs
            .iter()
            .filter(|run| run.effect.counted() && run.effect.expected() == Some(condition))
            .collect();
        if of.is_empty() {
            continue;
        }
        let recall = of.iter().filter(|run| run.in_time).count() as f64 / of.len() as f64;
        let raised = of.iter().filter(|run| run.raised_s.is_some());
        let left = raised.filter(|run| !run.cleared).count();
        let word = if recall >= RECALL && left == 0 { "MET" } else { "MISSED" };
        println!(
            "goal: {} found in time ≥ {RECALL}: {recall:.3} of {}; {left} not cleared: {word}",
            short(condition),
            of.len()
        );
    }
    let sudden: usize =
        runs.iter().filter(|run| run.effect.expected().is_none()).map(|run| run.others.len()).sum();
    let word = if sudden == 0 { "MET" } else { "MISSED" };
    println!("goal: no false alarm where something harmless begins: {sudden}: {word}");
    if !days.is_empty() {
        let alarms: usize = days.iter().map(|day| day.alarms.len()).sum();
        let calm = days.iter().filter(|day| day.alarms.is_empty()).count();
        let word = if alarms == 0 { "MET" } else { "MISSED" };
        println!(
            "goal: no false alarm in 24 h of each camera: {alarms} in {} h, {calm} of {} cameras \
             without: {word}",
            24 * days.len(),
            days.len()
        );
    }
}
