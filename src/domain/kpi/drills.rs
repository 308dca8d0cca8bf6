//! What drills showed: how soon each shift reacted.

use serde::Serialize;

use super::{Reaction, Row};
use crate::domain::{alert::Source, availability::Window, roster::PositionId, time::UnixMicros};

/// The drills of one shift.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DrillReport {
    /// When the shift began.
    pub from: UnixMicros,
    /// When it was over.
    pub to: UnixMicros,
    /// From injected to read.
    pub to_read: Reaction,
    /// From injected to taken.
    pub to_acknowledge: Reaction,
    /// Each, by when it was injected.
    pub injected: Vec<Injected>,
}

/// One alert that was injected.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Injected {
    /// What it pretended.
    #[serde(flatten)]
    pub source: Source,
    /// Who was trained.
    pub position: PositionId,
    /// When it was injected.
    pub at: UnixMicros,
    /// Seconds until somebody read it; `None`: nobody has.
    pub read_s: Option<f64>,
    /// Seconds until somebody took it; `None`: nobody has.
    pub acknowledged_s: Option<f64>,
}

/// A report for each shift in which something was injected, for a position or for all (`None`).
pub fn drills(rows: &[Row], position: Option<&PositionId>, shifts: &[Window]) -> Vec<DrillReport> {
    let report = |shift: &Window| {
        let of = |row: &&Row| row.drill && position.is_none_or(|name| row.position == *name);
        let mut drills: Vec<&Row> =
            rows.iter().filter(of).filter(|row| shift.holds(row.opened_at)).collect();
        drills.sort_by_key(|row| row.opened_at);
        let injected: Vec<Injected> = drills.into_iter().map(injected).collect();
        (!injected.is_empty()).then(|| DrillReport {
            from: shift.from,
            to: shift.until,
            to_read: Reaction::of(injected.iter().map(|one| one.read_s)),
            to_acknowledge: Reaction::of(injected.iter().map(|one| one.acknowledged_s)),
            injected,
        })
    };
    shifts.iter().filter_map(report).collect()
}

fn injected(row: &Row) -> Injected {
    Injected {
        source: row.source.clone(),
        position: row.position.clone(),
        at: row.opened_at,
        read_s: row.read_s(),
        acknowledged_s: row.acknowledged_s(),
    }
}
