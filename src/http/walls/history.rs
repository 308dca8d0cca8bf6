//! What a wall showed, and who put it there.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::find;
use crate::{
    desk::view::{CameraView, WallView},
    domain::{
        availability::Window,
        camera::{CameraId, WallId},
        time::UnixMicros,
        wall::{ScreenId, ShownCell},
    },
    http::{
        App, Problem,
        access::{Action, Subject},
        asked::{self, Asked, bounded, moment},
    },
    store::{WallChange, WallThen},
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Wish {
    /// What it showed at this moment: Unix microseconds or RFC 3339. Without it, what changed.
    at: Option<String>,
    /// Only what changed at this moment or later.
    from: Option<String>,
    /// Only what changed before this moment.
    to: Option<String>,
    /// So many changes at most: 1 to 1000, 100 if left out.
    limit: Option<u32>,
}

/// What a wall showed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ThenView {
    /// The moment that was asked for.
    #[schema(value_type = u64)]
    at: UnixMicros,
    /// The wall; cameras that are not there any more leave their cells empty.
    wall: WallView,
    /// Where these cameras were, for whoever may see everything.
    gone: Vec<GoneView>,
    /// The change that made it so.
    revision: u64,
    /// Since when.
    #[schema(value_type = u64)]
    since: UnixMicros,
    /// Until when; null: it still is so.
    #[schema(value_type = Option<u64>)]
    until: Option<UnixMicros>,
}

/// A cell with a camera that is not configured any more.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct GoneView {
    #[schema(value_type = String)]
    screen: ScreenId,
    /// Which, in reading order from 0.
    cell: usize,
    #[schema(value_type = String)]
    camera: CameraId,
}

/// What changed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ChangesView {
    /// Oldest first.
    changes: Vec<ChangeView>,
    /// There is more within the window.
    more: bool,
}

/// A change of a wall.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ChangeView {
    /// One more than that of the change before.
    revision: u64,
    /// When.
    #[schema(value_type = u64)]
    at: UnixMicros,
    /// Who made it; null: it came by itself.
    by: Option<String>,
    /// A command's word, or `started`, `configured`, `alert`, `returned`, `marked`, `over`, `step`,
    /// `timetable`.
    what: String,
    /// Its fields; null where they name a camera that may not be seen.
    #[schema(value_type = Object)]
    detail: Value,
}

/// What a wall showed at a moment (`at`), or what changed (`from`, `to`, `limit`).
#[utoipa::path(get, path = "/api/v1/walls/{id}/history", tag = "walls",
    params(("id" = String, Path), Wish),
    responses((status = 200, content((ThenView = "application/json"), (ChangesView = "application/json"))),
              (status = 400, body = Problem), (status = 404, body = Problem),
              (status = 503, body = Problem)))]
pub(in crate::http) async fn history(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<String>,
    Asked(wish): Asked<Wish>,
) -> Result<Response, Problem> {
    subject.authorize(&Action::Search)?;
    let wall = find(&app, &subject, &id)?.id.clone();
    match &wish.at {
        Some(_) if wish.from.is_some() || wish.to.is_some() || wish.limit.is_some() => {
            Err(Problem::bad_request(
                "Ask for one moment with `at`, or for changes with `from` and `to`.",
            ))
        }
        Some(at) => then(&app, &subject, wall, moment("at", at)?).await,
        None => changes(&app, &subject, &wall, &wish).await,
    }
}

async fn then(
    app: &App,
    subject: &Subject,
    wall: WallId,
    at: UnixMicros,
) -> Result<Response, Problem> {
    let then = app.store()?.wall_then(&wall, at).await.map_err(Problem::store)?;
    let nothing = || {
        let detail = "Nothing is known of what this wall showed then: it is too long ago.";
        Problem::new(axum::http::StatusCode::NOT_FOUND, detail)
    };
    let WallThen { revision, since, until, mut shown } = then.ok_or_else(nothing)?;
    let known: BTreeMap<CameraId, Arc<CameraView>> =
        app.view.list().into_iter().map(|camera| (camera.id.clone(), camera)).collect();
    let mut gone = Vec::new();
    for screen in &mut shown.screens {
        for (cell, there) in screen.cells.iter_mut().enumerate() {
            let Some(camera) = &there.camera else { continue };
            match known.get(camera) {
                Some(camera) if subject.may_see(camera) => {}
                None if subject.sees_all() => {
                    let (screen, camera) = (screen.id.clone(), camera.clone());
                    gone.push(GoneView { screen, cell, camera });
                }
                // Neither what was there nor who put it there.
                _ => *there = ShownCell::default(),
            }
        }
    }
    let handle = |id: &CameraId| {
        let camera = known.get(id)?;
        subject.may_see(camera).then_some(camera.handle)
    };
    let wall = WallView::of(wall, revision, &shown, handle);
    Ok(asked::json(ThenView { at, wall, gone, revision, since, until }))
}

async fn changes(
    app: &App,
    subject: &Subject,
    wall: &WallId,
    wish: &Wish,
) -> Result<Response, Problem> {
    let limit = bounded("limit", wish.limit, 100, 1000)?;
    let from = wish.from.as_deref().map(|from| moment("from", from)).transpose()?;
    let to = wish.to.as_deref().map(|to| moment("to", to)).transpose()?;
    let until = to.unwrap_or(UnixMicros(u64::MAX));
    let window = Window { from: from.unwrap_or_default(), until };
    let rows = app.store()?.wall_changes(wall, window, limit + 1).await;
    let mut changes: Vec<ChangeView> =
        rows.map_err(Problem::store)?.into_iter().map(ChangeView::of).collect();
    let more = changes.len() > limit as usize;
    changes.truncate(limit as usize);
    for change in &mut changes {
        if !may_read(app, subject, change) {
            change.detail = Value::Null;
        }
    }
    Ok(asked::json(ChangesView { changes, more }))
}

/// Whether all that a change names is there for the subject.
fn may_read(app: &App, subject: &Subject, change: &ChangeView) -> bool {
    // Which camera it was is the alert's to tell.
    if change.what == "returned" {
        return subject.sees_all();
    }
    let mut named = Vec::new();
    cameras(&change.detail, &mut named);
    named.into_iter().all(|id| {
        let camera = CameraId::try_from(id).ok().and_then(|id| app.view.by_id(&id));
        camera.map_or_else(|| subject.sees_all(), |camera| subject.may_see(&camera))
    })
}

/// The cameras that a change names, in `camera` and `cameras`, at any depth.
fn cameras<'a>(detail: &'a Value, named: &mut Vec<&'a str>) {
    match detail {
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), value) {
                    ("camera", Value::String(id)) => named.push(id),
                    ("cameras", Value::Array(ids)) => {
                        named.extend(ids.iter().filter_map(Value::as_str));
                    }
                    _ => cameras(value, named),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| cameras(value, named)),
        _ => {}
    }
}

impl ChangeView {
    fn of(row: WallChange) -> Self {
        let WallChange { revision, at, by, what, detail } = row;
        Self { revision, at, by, what, detail }
    }
}
