//! What drills showed: how soon each shift reacted.

use serde::Serialize;

use super::{Reaction, Row, Window};
use crate::domain::{alert::Source, roster::PositionId, time::UnixMicros};

/// The drills of one shift.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DrillReport {
    /// The shift.
    #[serde(flatten)]
    pub window: Window,
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

/// A report for each shift in which something was injected.
pub fn drills(rows: &[Row], shifts: &[Window]) -> Vec<DrillReport> {
    let report = |shift: &Window| {
        let mut drills: Vec<&Row> =
            rows.iter().filter(|row| row.drill && shift.holds(row.opened_at)).collect();
        drills.sort_by_key(|row| row.opened_at);
        let injected: Vec<Injected> = drills.into_iter().map(injected).collect();
        (!injected.is_empty()).then(|| DrillReport {
            window: *shift,
            to_read: Reaction::of(injected.iter().map(|one| one.read_s)),
            to_acknowledge: Reaction::of(injected.iter().map(|one| one.acknowledged_s)),
            injected,
        })
    };
    shifts.iter().filter_map(report).collect()
}

fn injected(row: &Row) -> Injected {
    let after = |at: Option<UnixMicros>| Some(at?.since(row.opened_at).as_secs_f64());
    Injected {
        source: row.source.clone(),
        position: row.position.clone(),
        at: row.opened_at,
        read_s: after(row.read_at),
        acknowledged_s: after(row.acknowledged_at),
    }
}
