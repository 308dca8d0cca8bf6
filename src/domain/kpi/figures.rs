//! Figures of one position in one stretch of time.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::Serialize;

use super::{Reaction, Row, floods::in_flood};
use crate::domain::{
    alert::{Priority, Source},
    availability::Window,
    roster::PositionId,
    time::UnixMicros,
};

/// Ten minutes.
const BIN: Duration = Duration::from_secs(600);
const BIN_MICROS: u64 = 600_000_000;
/// EEMUA 191: what one person can take in the long run, alerts in ten minutes.
const LONG_RUN_MAX: f64 = 1.0;
/// EEMUA 191: and within the first ten minutes of an upset.
const UPSET_MAX: u32 = 10;
/// What is open for longer is stale (ISA-18.2 §16.5.6).
const STALE_AFTER: Duration = Duration::from_secs(24 * 3600);
const WORST: usize = 10;

/// How much a position got and how it dealt with it. Drills are left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Whose; `None`: of all positions together.
    pub position: Option<PositionId>,
    /// From then on.
    pub from: UnixMicros,
    /// Until before then.
    pub to: UnixMicros,
    /// Alerts that were opened.
    pub opened: u32,
    /// Alerts per ten minutes.
    pub per_ten_minutes: Rate,
    /// From opened to taken, of those opened in the window.
    pub to_acknowledge: Reaction,
    /// The ten sources with most activations, most first.
    pub worst: Vec<Worst>,
    /// Alerts opened in the window that came and went three times in a minute.
    pub chattering: u32,
    /// Alerts that were open for more than 24 hours within the window or at its end.
    pub stale: u32,
    /// Time in flood, seconds.
    pub in_flood_s: f64,
    /// The same of a hundred.
    pub in_flood_percent: f64,
    /// Of which priority.
    pub mix: Mix,
    /// Against what people can take.
    pub yardstick: Yardstick,
}

/// Alerts per ten minutes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// Over the whole window.
    pub mean: f64,
    /// The most in full ten minutes by the clock.
    pub max: u32,
    /// Ten minutes that the window touches.
    pub windows: u32,
    /// Those with more than ten.
    pub over_ten: u32,
    /// Those of a hundred.
    pub over_ten_percent: f64,
}

/// A source that comes often.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Worst {
    /// Which.
    #[serde(flatten)]
    pub source: Source,
    /// Its alerts.
    pub opened: u32,
    /// Its activations; an episode has several.
    pub activations: u32,
    /// Its alerts of a hundred of all.
    pub percent: f64,
}

/// Alerts by priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Mix {
    /// At once; about 5 % is right.
    pub high: u32,
    /// Soon; about 15 %.
    pub medium: u32,
    /// Within the shift; about 80 %.
    pub low: u32,
}

/// What people can take, and whether that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Yardstick {
    /// At most so many in ten minutes in the long run.
    pub long_run_max: f64,
    /// That was kept.
    pub long_run_kept: bool,
    /// The worst ten minutes.
    pub upset: Upset,
}

/// The ten minutes beginning with an alert in which most came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Upset {
    /// When they began; `None` if there was no alert.
    pub at: Option<UnixMicros>,
    /// So many came.
    pub opened: u32,
    /// At most so many should.
    pub max: u32,
    /// That was kept.
    pub kept: bool,
}

/// Ten minutes by the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bin {
    /// When they begin; the first may begin before the window.
    pub at: UnixMicros,
    /// Alerts opened in them, within the window.
    pub opened: u32,
}

/// The figures of a position, or of all (`None`). Rows are all alerts that were open in the window,
/// and those opened so long before that a flood may have gone on into it (an hour does).
pub fn figures(rows: &[Row], position: Option<&PositionId>, window: Window) -> Figures {
    let own: Vec<&Row> = of(rows, position).collect();
    let new: Vec<&Row> = own.iter().copied().filter(|row| window.holds(row.opened_at)).collect();
    let mut all_opened: Vec<UnixMicros> = own.iter().map(|row| row.opened_at).collect();
    all_opened.sort_unstable();
    let opened: Vec<UnixMicros> =
        all_opened.iter().copied().filter(|at| window.holds(*at)).collect();
    let in_flood_s = in_flood(&all_opened, window) as f64 / 1e6;
    let rate = rate(&opened, window);
    let stale = |row: &&&Row| {
        let until = row.closed_at.unwrap_or(window.until).min(window.until);
        row.opened_at < window.until
            && until > window.from
            && until.since(row.opened_at) > STALE_AFTER
    };
    Figures {
        position: position.cloned(),
        from: window.from,
        to: window.until,
        opened: many(opened.len()),
        per_ten_minutes: rate,
        to_acknowledge: Reaction::of(new.iter().map(|row| row.acknowledged_s())),
        worst: worst(&new),
        chattering: many(new.iter().filter(|row| row.chattered).count()),
        stale: many(own.iter().filter(stale).count()),
        in_flood_s,
        in_flood_percent: percent(in_flood_s, seconds(window)),
        mix: mix(&new),
        yardstick: Yardstick {
            long_run_max: LONG_RUN_MAX,
            long_run_kept: rate.mean <= LONG_RUN_MAX,
            upset: upset(&opened),
        },
    }
}

/// The positions that rows name, drills apart.
pub fn positions(rows: &[Row]) -> BTreeSet<PositionId> {
    of(rows, None).map(|row| row.position.clone()).collect()
}

/// How much came when, for a plot: each ten minutes that the window touches, also those in which
/// nothing did.
pub fn bins(rows: &[Row], position: Option<&PositionId>, window: Window) -> Vec<Bin> {
    let opened: Vec<UnixMicros> = of(rows, position).map(|row| row.opened_at).collect();
    binned(&opened, window)
}

fn of<'a>(rows: &'a [Row], position: Option<&'a PositionId>) -> impl Iterator<Item = &'a Row> {
    let of = move |row: &&Row| !row.drill && position.is_none_or(|name| row.position == *name);
    rows.iter().filter(of)
}

fn binned(opened: &[UnixMicros], window: Window) -> Vec<Bin> {
    let mut counts: BTreeMap<u64, u32> = BTreeMap::new();
    for at in opened.iter().filter(|at| window.holds(**at)) {
        *counts.entry(at.0 / BIN_MICROS).or_default() += 1;
    }
    let bins = window.from.0 / BIN_MICROS..window.until.0.div_ceil(BIN_MICROS);
    let bin = |bin: u64| Bin {
        at: UnixMicros(bin * BIN_MICROS),
        opened: counts.get(&bin).copied().unwrap_or(0),
    };
    bins.map(bin).collect()
}

fn rate(opened: &[UnixMicros], window: Window) -> Rate {
    let bins = binned(opened, window);
    let over = bins.iter().filter(|bin| bin.opened > UPSET_MAX).count();
    let tens = seconds(window) / BIN.as_secs_f64();
    Rate {
        mean: if tens > 0.0 { opened.len() as f64 / tens } else { 0.0 },
        max: bins.iter().map(|bin| bin.opened).max().unwrap_or(0),
        windows: many(bins.len()),
        over_ten: many(over),
        over_ten_percent: percent(over as f64, bins.len() as f64),
    }
}

fn worst(new: &[&Row]) -> Vec<Worst> {
    let mut sources: BTreeMap<&Source, (u32, u32)> = BTreeMap::new();
    for row in new {
        let (opened, activations) = sources.entry(&row.source).or_default();
        *opened += 1;
        *activations = activations.saturating_add(row.count);
    }
    let mut worst: Vec<Worst> = sources
        .into_iter()
        .map(|(source, (opened, activations))| Worst {
            source: source.clone(),
            opened,
            activations,
            percent: percent(opened.into(), new.len() as f64),
        })
        .collect();
    worst.sort_by_key(|worst| (Reverse(worst.activations), Reverse(worst.opened)));
    worst.truncate(WORST);
    worst
}

fn mix(new: &[&Row]) -> Mix {
    let of = |priority| many(new.iter().filter(|row| row.priority == priority).count());
    Mix { high: of(Priority::High), medium: of(Priority::Medium), low: of(Priority::Low) }
}

/// `opened` is sorted.
fn upset(opened: &[UnixMicros]) -> Upset {
    let mut worst = Upset { at: None, opened: 0, max: UPSET_MAX, kept: true };
    let mut end = 0;
    for (begin, at) in opened.iter().enumerate() {
        while end < opened.len() && opened[end] < at.plus(BIN) {
            end += 1;
        }
        let came = many(end - begin);
        if came > worst.opened {
            worst = Upset { at: Some(*at), opened: came, max: UPSET_MAX, kept: came <= UPSET_MAX };
        }
    }
    worst
}

fn many(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn percent(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part * 100.0 / whole } else { 0.0 }
}

fn seconds(window: Window) -> f64 {
    window.micros() as f64 / 1e6
}
