//! A day of 150 cameras at the desk on a virtual clock, with default settings and one operator, who
//! takes each alert a minute after it came: how many alerts there are, whether every planted fault is
//! among them, and what was raised without one.

#[path = "gallery.rs"]
mod gallery;
#[path = "hall.rs"]
mod hall;
#[path = "trouble.rs"]
mod trouble;

use std::collections::BTreeMap;

use crate::goals;
use hall::{Hall, Said};
use trouble::{Cause, What, plan};

/// An alert belongs to a cause until so long after it, seconds.
const AFTERMATH_S: u64 = 180;
/// Of one operator.
const PER_HOUR: f64 = 6.0;

/// Of so many hours.
pub(crate) fn run(hours: u32, seed: u64) {
    let day_s = u64::from(hours) * 3600;
    // An hour is too short for all the faults of a day, and long enough to see that it works.
    let causes = if hours < 12 { plan(6 * 3600, seed) } else { plan(day_s, seed) };
    let mut hall = Hall::new(causes, seed);
    (0..day_s).for_each(|_| hall.second());
    let (causes, said) = hall.over();
    // What began just now may not be told yet.
    let known = |cause: &Cause| cause.begins() + AFTERMATH_S < day_s;
    let causes: Vec<Cause> = causes.into_iter().filter(known).collect();
    report(&causes, &said, hours, seed);
}

fn report(causes: &[Cause], said: &[Said], hours: u32, seed: u64) {
    println!(
        "{hours} hours of {} cameras, seed {seed}, default settings, one operator",
        trouble::CAMERAS
    );
    let mut of: Vec<Vec<&Said>> = vec![Vec::new(); causes.len()];
    let mut wrong = Vec::new();
    for one in said {
        let fits = |cause: &Cause| {
            cause.cameras.iter().any(|camera| one.concerns(*camera))
                && (cause.begins()..cause.ends() + AFTERMATH_S).contains(&one.at_s)
        };
        let fitting: Vec<usize> = (0..causes.len()).filter(|n| fits(&causes[*n])).collect();
        let real = fitting.iter().find(|n| causes[**n].due.is_some());
        match real.or_else(|| fitting.first()) {
            Some(n) => of[*n].push(one),
            None => wrong.push(one),
        }
    }
    let mut rows: BTreeMap<(bool, &str), Row> = BTreeMap::new();
    for (cause, said) in causes.iter().zip(&of) {
        let row = rows.entry((cause.due.is_none(), cause.name)).or_default();
        row.causes += 1;
        row.alerts += said.len();
        row.most = row.most.max(said.len());
        if said.len() > usize::from(cause.due.is_some()) {
            let told = |one: &&Said| format!("{} at {} s", one.kind, one.at_s);
            let told: Vec<String> = said.iter().map(told).collect();
            let from = cause.begins();
            println!(
                "  {} at {:?} from {from} s on: {}",
                cause.name,
                cause.cameras,
                told.join(", ")
            );
        }
        let due = cause.due.unwrap_or_default();
        let whole = cause.cameras.len() > 1;
        // Whatever it was called first, one camera's silence is said to be what it is.
        let silent = cause.what == What::Away && cause.windows.len() == 1 && !whole;
        let fits = |one: &&&Said| {
            due.contains(&one.kind.as_str())
                && one.of_site() == whole
                && (!silent || one.tells(hall::NO_ANSWER))
        };
        let found = said.iter().filter(fits).map(|one| one.at_s).min();
        if let Some(at_s) = found {
            row.found += 1;
            row.latest_s = row.latest_s.max(at_s - cause.begins());
        } else if cause.due.is_some() {
            let kinds: Vec<&str> = said.iter().map(|one| one.kind.as_str()).collect();
            println!("  not found: {} at {:?}: {kinds:?}", cause.name, cause.cameras);
        }
    }
    println!(
        "  {:26} {:>7} {:>6} {:>7} {:>9} {:>12}",
        "", "planted", "found", "alerts", "most each", "latest, s"
    );
    for ((harmless, name), row) in &rows {
        let (found, latest) = if *harmless {
            ("-".to_owned(), "-".to_owned())
        } else {
            (row.found.to_string(), row.latest_s.to_string())
        };
        let Row { causes, alerts, most, .. } = row;
        println!("  {name:26} {causes:>7} {found:>6} {alerts:>7} {most:>9} {latest:>12}");
    }
    for one in &wrong {
        println!(
            "  without a cause: {} of {} at {} s: {}",
            one.kind,
            one.subject,
            one.at_s,
            one.evidence.join("; ")
        );
    }
    let planted: usize =
        rows.iter().filter(|((harmless, _), _)| !harmless).map(|(_, row)| row.causes).sum();
    let found: usize = rows.values().map(|row| row.found).sum();
    let mut by_hour = vec![0u32; hours as usize];
    said.iter().for_each(|one| by_hour[(one.at_s / 3600) as usize] += 1);
    let per_hour = said.len() as f64 / f64::from(hours);
    println!("  by hour: {by_hour:?}; {} without a cause", wrong.len());
    println!("  {found} of {planted} planted faults found, {} alerts", said.len());
    goals::at_most("alerts an hour of one operator", per_hour, PER_HOUR, "");
    println!();
    assert!(planted > 0, "something was planted");
    assert_eq!(found, planted, "every planted fault is among the alerts");
}

/// Causes of one name.
#[derive(Default)]
struct Row {
    causes: usize,
    found: usize,
    alerts: usize,
    /// Of one cause.
    most: usize,
    latest_s: u64,
}
