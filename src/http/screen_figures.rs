//! The walls' screens and watch coverage in figures.

use std::{fmt, time::SystemTime};

use prometheus_client::{
    encoding::{DescriptorEncoder, NoLabelSet},
    metrics::MetricType,
};

use super::{App, metrics::gauge};
use crate::{
    desk::view::LookedView,
    domain::{screen::Fault, time::UnixMicros, word::word},
};

/// When a camera was looked at.
type When = fn(&LookedView) -> Option<UnixMicros>;

/// Cameras that were looked at within so many seconds are counted.
const WITHIN_S: [u64; 4] = [60, 300, 900, 3600];

pub(super) fn encode(app: &App, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
    reports(app, to)?;
    faults(app, to)?;
    coverage(app, to)
}

fn label(wall: &str, screen: &str) -> [(&'static str, String); 2] {
    [("wall", wall.to_owned()), ("screen", screen.to_owned())]
}

fn reports(app: &App, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let now = UnixMicros::from(SystemTime::now());
    let screens = app.read_back.screens();
    let age = screens.iter().map(|(wall, name, painted)| {
        (label(wall.as_str(), name), now.since(painted.at).as_secs_f64())
    });
    gauge(to, "screen_painted_age_seconds", "Since the screen last said what it painted", age)?;
    let tiles = screens
        .iter()
        .map(|(wall, name, painted)| (label(wall.as_str(), name), painted.tiles.len() as f64));
    gauge(to, "screen_painted_tiles", "Tiles in its last report", tiles)?;
    let unheard = app.read_back.unheard() as f64;
    let help = "Reports of screens for which the desk had no room";
    to.encode_descriptor("screen_reports_dropped", help, None, MetricType::Counter)?
        .encode_counter::<NoLabelSet, _, f64>(&unheard, None)
}

fn faults(app: &App, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let screens = app.view.screens.load();
    let expected = || screens.iter().filter(|screen| screen.expected);
    let standing = expected().flat_map(|screen| {
        Fault::ALL.map(|fault| {
            let [wall, name] = label(screen.wall.as_str(), screen.screen.as_str());
            let stands = f64::from(u8::from(screen.fault == Some(fault)));
            ([wall, name, ("fault", word(fault))], stands)
        })
    });
    gauge(to, "screen_fault", "1 while the screen of a wall has this fault", standing)?;
    let lag = expected()
        .map(|screen| (label(screen.wall.as_str(), screen.screen.as_str()), screen.lag_s));
    let help = "How long half of its cameras have had a newer picture than it shows";
    gauge(to, "screen_lag_seconds", help, lag)
}

fn coverage(app: &App, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let now = UnixMicros::from(SystemTime::now());
    let looked = app.view.coverage.load();
    let by: [(&str, When); 2] =
        [("person", |looked| looked.watched_at), ("machine", |looked| looked.judged_at)];
    let counts = by.iter().flat_map(|(who, when)| {
        let ages: Vec<u64> =
            looked.iter().filter_map(when).map(|at| now.since(at).as_secs()).collect();
        WITHIN_S.map(|within| {
            let labels = [("by", (*who).to_owned()), ("within_seconds", within.to_string())];
            (labels, ages.iter().filter(|age| **age <= within).count() as f64)
        })
    });
    gauge(to, "coverage_cameras", "Cameras that were looked at within this time", counts)?;
    let never = by.iter().map(|(who, when)| {
        let never = looked.iter().filter(|looked| when(looked).is_none()).count() as u64;
        ([("by", (*who).to_owned())], never as f64)
    });
    gauge(to, "coverage_cameras_never", "Cameras not looked at since the service began", never)
}
