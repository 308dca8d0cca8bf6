//! What a drill showed: who was told when, who read and who took it, and how soon.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::Serialize;
use uuid::Uuid;

use crate::{
    domain::{
        alert::{AlertId, Change, What},
        availability::Window,
        camera::{CameraId, Slug},
        kpi::{self, Reaction, Row},
        roster::{PersonId, PositionId},
        time::UnixMicros,
    },
    http::{App, Problem, alerts::Place},
    store::DrillRow,
};

/// Messages of one alert that are looked at for the first that arrived.
const MESSAGES_MAX: u32 = 200;

/// A drill. Times until somebody reacted are seconds; null while nobody has.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct DrillView {
    #[schema(value_type = String)]
    id: Uuid,
    #[schema(value_type = u64)]
    started_at: UnixMicros,
    /// Since when nothing more is raised; null while it goes on.
    #[schema(value_type = Option<u64>)]
    ended_at: Option<UnixMicros>,
    /// The person who ordered it; null where only the account is known.
    #[schema(value_type = Option<String>)]
    by: Option<PersonId>,
    #[schema(value_type = String)]
    kind: Slug,
    #[schema(value_type = Vec<String>)]
    cameras: Vec<CameraId>,
    count: u32,
    gap_s: u32,
    /// Its alerts so far.
    opened: usize,
    /// Those that somebody took.
    acknowledged: u32,
    /// From raised to taken.
    median_s: Option<f64>,
    p95_s: Option<f64>,
    slowest_s: Option<f64>,
}

/// A drill with all its alerts.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct DrillDetail {
    #[serde(flatten)]
    drill: DrillView,
    /// How soon each shift took them.
    shifts: Vec<ShiftView>,
    /// Each, by when it was raised.
    alerts: Vec<RaisedView>,
}

/// A position's shift in a drill.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ShiftView {
    #[schema(value_type = String)]
    position: PositionId,
    /// When it began; null where the roster does not say.
    #[schema(value_type = Option<u64>)]
    from: Option<UnixMicros>,
    #[schema(value_type = Vec<String>)]
    people: Vec<PersonId>,
    alerts: usize,
    acknowledged: u32,
    median_s: Option<f64>,
    p95_s: Option<f64>,
}

/// An alert of a drill.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct RaisedView {
    #[schema(value_type = String)]
    alert: AlertId,
    #[serde(rename = "where")]
    place: Place,
    #[schema(value_type = u64)]
    opened_at: UnixMicros,
    /// Until the first application or channel confirmed it.
    delivered_s: Option<f64>,
    read_s: Option<f64>,
    acknowledged_s: Option<f64>,
    /// Who took it; null where only the account is known.
    #[schema(value_type = Option<String>)]
    by: Option<PersonId>,
}

/// An alert that a drill raised, from then on.
struct Raised {
    row: Row,
    newest: Arc<Change>,
}

/// Without its alerts.
pub(super) async fn brief(app: &App, drill: DrillRow) -> Result<DrillView, Problem> {
    let raised = raised(app, &drill).await?;
    Ok(view(drill, &raised))
}

/// All of it.
pub(super) async fn whole(app: &App, drill: DrillRow) -> Result<DrillDetail, Problem> {
    let raised = raised(app, &drill).await?;
    let mut alerts = Vec::with_capacity(raised.len());
    for one in &raised {
        alerts.push(line(app, one).await?);
    }
    let shifts = shifts(app, &drill, &raised);
    Ok(DrillDetail { drill: view(drill, &raised), shifts, alerts })
}

/// The drill's alerts, by when they were raised.
async fn raised(app: &App, drill: &DrillRow) -> Result<Vec<Raised>, Problem> {
    let changes = app.store()?.changes_of_drill(drill).await.map_err(Problem::store)?;
    let evidence = drill.evidence();
    let mut raised: BTreeMap<AlertId, Raised> = BTreeMap::new();
    for change in changes {
        let own = change.alert.evidence == evidence;
        match raised.get_mut(&change.alert.id) {
            // Raised anew by another drill, it is that one's.
            Some(known) if own => {
                known.row.follow(&change);
                known.newest = change;
            }
            None if own && matches!(change.what, What::Opened | What::RaisedAgain) => {
                let mut row = Row::begin(&change);
                (row.opened_at, row.raised_at) = (change.at, change.at);
                raised.insert(change.alert.id, Raised { row, newest: change });
            }
            _ => {}
        }
    }
    let mut raised: Vec<Raised> = raised.into_values().collect();
    raised.sort_by_key(|one| one.row.opened_at);
    Ok(raised)
}

fn view(drill: DrillRow, raised: &[Raised]) -> DrillView {
    let taken = Reaction::of(raised.iter().map(|one| one.row.acknowledged_s()));
    DrillView {
        id: drill.id,
        started_at: drill.started_at,
        ended_at: drill.ended_at,
        by: drill.by.person,
        kind: drill.kind,
        cameras: drill.cameras,
        count: drill.count,
        gap_s: drill.gap_s,
        opened: raised.len(),
        acknowledged: taken.of,
        median_s: taken.median_s,
        p95_s: taken.p95_s,
        slowest_s: taken.longest_s,
    }
}

async fn line(app: &App, one: &Raised) -> Result<RaisedView, Problem> {
    let Raised { row, newest } = one;
    let id = newest.alert.id;
    let store = app.store()?;
    let receipts = store.receipts_of_alert(id).await.map_err(Problem::store)?;
    let sent = store.deliveries_of_alert(id, MESSAGES_MAX).await.map_err(Problem::store)?;
    let arrived = receipts
        .iter()
        .filter_map(|receipt| receipt.delivered_at)
        .chain(sent.iter().filter_map(|message| message.sent_at))
        .filter(|at| *at >= row.opened_at)
        .min();
    let taken = newest.alert.acknowledged.as_ref();
    Ok(RaisedView {
        alert: id,
        place: Place::of(app, &newest.alert),
        opened_at: row.opened_at,
        delivered_s: arrived.map(|at| at.since(row.opened_at).as_secs_f64()),
        read_s: row.read_s(),
        acknowledged_s: row.acknowledged_s(),
        by: taken.and_then(|signed| signed.by.person.clone()),
    })
}

/// By the roster as it is now.
fn shifts(app: &App, drill: &DrillRow, raised: &[Raised]) -> Vec<ShiftView> {
    let rows: Vec<Row> = raised.iter().map(|one| one.row.clone()).collect();
    let Some(last) = rows.last().map(|row| row.opened_at) else { return Vec::new() };
    let until = UnixMicros(last.0.saturating_add(1));
    let window = Window { from: drill.started_at.min(last), until };
    let positions: BTreeSet<_> = rows.iter().map(|row| row.position.clone()).collect();
    let duty = app.view.duty.load();
    let roster = &duty.config.roster;
    let mut shifts = Vec::new();
    for position in positions {
        for (people, shift) in kpi::shifts(roster, &position, window) {
            for report in kpi::drills(&rows, Some(&position), &[shift]) {
                shifts.push(ShiftView {
                    position: position.clone(),
                    from: roster.turn(&position, shift.from).since,
                    people: people.clone(),
                    alerts: report.injected.len(),
                    acknowledged: report.to_acknowledge.of,
                    median_s: report.to_acknowledge.median_s,
                    p95_s: report.to_acknowledge.p95_s,
                });
            }
        }
    }
    shifts
}
