//! Drills: alerts that are raised to train people, and how soon these took them.

mod report;
mod trainer;

use std::time::SystemTime;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::report::{DrillDetail, DrillView};
pub use self::trainer::{Lesson, NotBegun, Trainer};
use super::{
    App, Problem,
    access::{Action, Subject},
    asked::Ordered,
};
use crate::{
    domain::{
        alert::{self, Source},
        camera::{CameraId, Slug},
    },
    store::DrillRow,
};

/// Cameras that are named in one order; more than are raised are left out.
const CAMERAS_MAX: usize = 100;
/// Alerts of one drill: what a shift can take in an hour.
const COUNT_MAX: u32 = 20;
/// Seconds between two of them.
const GAP_MAX: u32 = 600;
/// Drills in the list, the newest.
const LISTED: u32 = 20;

/// What is ordered.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDrill {
    /// What it pretends: a condition, or the kind of an `[[alert]]` rule.
    #[schema(value_type = String, example = "black")]
    kind: Slug,
    /// Where, in turns, 1 to 100. A camera whose alert is still open counts up instead of opening
    /// another, as it does when that really happens.
    #[schema(value_type = Vec<String>)]
    cameras: Vec<CameraId>,
    /// How many times something is raised, 1 to 20.
    count: u32,
    /// Seconds between two, 1 to 600.
    gap_s: u32,
}

/// Drills.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct List {
    /// Newest first, the newest 20.
    drills: Vec<DrillView>,
}

/// The newest drills.
#[utoipa::path(get, path = "/api/v1/drills", tag = "alerts",
    responses((status = 200, body = List), (status = 403, body = Problem),
              (status = 503, body = Problem)))]
pub(super) async fn list(State(app): State<App>, subject: Subject) -> Result<Json<List>, Problem> {
    subject.authorize(&Action::Supervise)?;
    let mut drills = Vec::new();
    for row in app.store()?.drills(LISTED).await.map_err(Problem::store)? {
        if !subject.may_see_cameras(&row.cameras) {
            continue;
        }
        drills.push(report::brief(&app, row).await?);
    }
    Ok(Json(List { drills }))
}

/// One drill, with each alert and how soon people reacted to it.
#[utoipa::path(get, path = "/api/v1/drills/{id}", tag = "alerts", params(("id" = String, Path)),
    responses((status = 200, body = DrillDetail), (status = 403, body = Problem),
              (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn one(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<String>,
) -> Result<Json<DrillDetail>, Problem> {
    subject.authorize(&Action::Supervise)?;
    let unknown = || Problem::no_drill(&id);
    let id: Uuid = id.parse().map_err(|_| unknown())?;
    let row = app.store()?.drill(id).await.map_err(Problem::store)?.ok_or_else(unknown)?;
    if !subject.may_see_cameras(&row.cameras) {
        return Err(unknown());
    }
    report::whole(&app, row).await.map(Json)
}

/// Begins a drill: the first alert is raised at once, the others follow by themselves.
#[utoipa::path(post, path = "/api/v1/drills", tag = "alerts", request_body = NewDrill,
    responses((status = 201, body = DrillDetail), (status = 400, body = Problem),
              (status = 403, body = Problem),
              (status = 409, body = Problem, description = "too many are going on"),
              (status = 413, body = Problem), (status = 415, body = Problem),
              (status = 422, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn order(
    State(app): State<App>,
    subject: Subject,
    Ordered(order): Ordered<NewDrill>,
) -> Result<(StatusCode, Json<DrillDetail>), Problem> {
    subject.authorize(&Action::Supervise)?;
    check(&app, &subject, &order)?;
    subject.authorize(&Action::Drill(&order.cameras))?;
    let NewDrill { kind, cameras, count, gap_s } = order;
    let row = DrillRow {
        id: Uuid::now_v7(),
        started_at: SystemTime::now().into(),
        ended_at: None,
        by: subject.actor(),
        address: subject.address,
        kind,
        cameras,
        count,
        gap_s,
    };
    app.trainer()?.begin(row.clone()).await?;
    let stored = app.store()?.drill(row.id).await.map_err(Problem::store)?;
    let report = report::whole(&app, stored.unwrap_or(row)).await?;
    Ok((StatusCode::CREATED, Json(report)))
}

/// Looks at all cameras before anything is raised: half a drill trains nobody.
fn check(app: &App, subject: &Subject, order: &NewDrill) -> Result<(), Problem> {
    let NewDrill { kind, cameras, count, gap_s } = order;
    let bounds = [("count", *count, COUNT_MAX), ("gap_s", *gap_s, GAP_MAX)];
    if let Some((name, _, most)) = bounds.iter().find(|(_, n, most)| !(1..=*most).contains(n)) {
        return Err(Problem::unprocessable(format!("`{name}` is 1 to {most}.")));
    }
    if !(1..=CAMERAS_MAX).contains(&cameras.len()) {
        return Err(Problem::unprocessable(format!(
            "`cameras` names 1 to {CAMERAS_MAX} cameras by their ids."
        )));
    }
    let duty = app.view.duty.load();
    for camera in cameras {
        if !app.view.by_id(camera).is_some_and(|camera| subject.may_see(&camera)) {
            return Err(Problem::unprocessable(format!(
                "There is no camera \"{camera}\". GET /api/v1/cameras lists them."
            )));
        }
        let of = alert::Subject::Camera(camera.clone());
        let source = Source { subject: of, kind: kind.clone() };
        if duty.config.plan_of(&source).is_none() {
            return Err(Problem::unprocessable(format!(
                "No rule makes an alert of \"{kind}\" at \"{camera}\": name another kind, or write \
                 an [[alert]] rule for it."
            )));
        }
    }
    Ok(())
}
