//! Figures as a table.

use std::time::Duration;

use super::view::FiguresView;
use crate::{
    domain::{
        alert::{Source, Subject},
        roster::{PersonId, PositionId},
        time::UnixMicros,
    },
    http::table::{Cell, Table},
};

const COLUMNS: [&str; 11] = [
    "part",
    "from",
    "to",
    "name",
    "alerts",
    "share_percent",
    "average",
    "peak",
    "median_s",
    "p95_s",
    "flood_s",
];

/// A line for the whole, for each shift, source and ten minutes.
pub(super) fn table(view: &FiguresView, utc_offset_min: i32) -> Table {
    let mut table = Table::new(&COLUMNS, utc_offset_min);
    let seconds = |seconds: Option<f64>| {
        seconds.map_or(Cell::Empty, |seconds| Cell::Seconds((seconds * 1e6).round() as u64))
    };
    for line in view.lines() {
        table.row([
            Cell::text(line.part),
            Cell::Time(Some(line.from)),
            Cell::Time(Some(line.to)),
            Cell::text(line.name),
            Cell::Whole(line.alerts.into()),
            Cell::Percent(line.share),
            // Three decimals too.
            Cell::Percent(line.average),
            line.peak.map_or(Cell::Empty, |peak| Cell::Whole(peak.into())),
            seconds(line.median_s),
            seconds(line.p95_s),
            seconds(line.flood_s),
        ]);
    }
    table
}

/// A line of the table.
struct Line {
    part: &'static str,
    from: UnixMicros,
    to: UnixMicros,
    name: String,
    alerts: u32,
    share: Option<f64>,
    average: Option<f64>,
    peak: Option<u32>,
    median_s: Option<f64>,
    p95_s: Option<f64>,
    flood_s: Option<f64>,
}

impl FiguresView {
    /// The whole, its shifts, its sources and its ten minutes.
    fn lines(&self) -> impl Iterator<Item = Line> {
        let name = self.position.as_ref().map_or("*", PositionId::as_str).to_owned();
        let empty = move |part, name| Line {
            part,
            from: self.from,
            to: self.to,
            name,
            alerts: 0,
            share: None,
            average: None,
            peak: None,
            median_s: None,
            p95_s: None,
            flood_s: None,
        };
        let total = Line {
            alerts: self.alerts,
            average: Some(self.average),
            peak: Some(self.peak),
            median_s: self.acknowledge.median_s,
            p95_s: self.acknowledge.p95_s,
            flood_s: Some(self.flood.seconds),
            ..empty("total", name)
        };
        let shifts = self.shifts.iter().map(move |one| Line {
            from: one.from,
            to: one.until,
            alerts: one.alerts,
            average: Some(one.average),
            peak: Some(one.peak),
            median_s: one.median_s,
            p95_s: one.p95_s,
            flood_s: Some(one.flood_s),
            ..empty("shift", people(&one.people))
        });
        let sources = self.top.iter().map(move |one| Line {
            alerts: one.alerts,
            share: Some(one.share),
            ..empty("source", source(&one.source))
        });
        let slots = self.slots.iter().map(move |one| Line {
            from: one.at,
            to: one.at.plus(Duration::from_secs(600)),
            alerts: one.new,
            ..empty("ten-minutes", String::new())
        });
        std::iter::once(total).chain(shifts).chain(sources).chain(slots)
    }
}

fn people(people: &[PersonId]) -> String {
    people.iter().map(PersonId::as_str).collect::<Vec<_>>().join(" ")
}

fn source(source: &Source) -> String {
    match &source.subject {
        Subject::Camera(id) => format!("{} camera:{id}", source.kind),
        Subject::Site(id) => format!("{} site:{id}", source.kind),
        Subject::Screen(screen) => format!("{} screen:{screen}", source.kind),
        Subject::Service => format!("{} service", source.kind),
    }
}
