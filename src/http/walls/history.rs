//! What a wall showed, and who put it there.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::{Deserialize, Serialize};

use super::find;
use crate::{
    desk::view::WallView,
    domain::{
        availability::Window,
        camera::{CameraId, WallId},
        time::UnixMicros,
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
    /// The change that made it so.
    revision: u64,
    /// Since when.
    #[schema(value_type = u64)]
    since: UnixMicros,
    /// Until when; null: it still is so.
    #[schema(value_type = Option<u64>)]
    until: Option<UnixMicros>,
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
    /// Its fields.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
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
    let shown = find(&app, &subject, &id)?;
    let wall = shown.id.clone();
    match &wish.at {
        Some(_) if wish.from.is_some() || wish.to.is_some() || wish.limit.is_some() => {
            Err(Problem::bad_request(
                "Ask for one moment with `at`, or for changes with `from` and `to`.",
            ))
        }
        Some(at) => then(&app, &subject, wall, moment("at", at)?).await,
        None => {
            // A change may name any camera of the wall.
            let whole = subject.may_see_all_of(&shown);
            changes(&app, &wall, &wish, whole).await
        }
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
    let WallThen { revision, since, until, shown } = then.ok_or_else(nothing)?;
    let seen = app.view.list();
    let handle = |id: &CameraId| {
        let camera = seen.iter().find(|camera| camera.id == *id)?;
        subject.may_see(camera).then_some(camera.handle)
    };
    let wall = WallView::of(wall, revision, &shown, handle);
    Ok(asked::json(ThenView { at, wall, revision, since, until }))
}

async fn changes(app: &App, wall: &WallId, wish: &Wish, whole: bool) -> Result<Response, Problem> {
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
    if !whole {
        changes.iter_mut().for_each(|change| change.detail = serde_json::Value::Null);
    }
    Ok(asked::json(ChangesView { changes, more }))
}

impl ChangeView {
    fn of(row: WallChange) -> Self {
        let WallChange { revision, at, by, what, detail } = row;
        Self { revision, at, by, what, detail }
    }
}
