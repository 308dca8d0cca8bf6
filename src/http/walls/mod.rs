//! The walls.

pub(super) mod drive;
pub(super) mod history;

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Redirect,
};

use super::{App, Problem, access::Subject};
use crate::{desk::view::WallView, domain::camera::WallId};

/// The walls that may be seen.
#[utoipa::path(get, path = "/api/v1/walls", tag = "walls", responses((status = 200, body = Vec<WallView>)))]
pub(super) async fn list(State(app): State<App>, subject: Subject) -> Json<Vec<Arc<WallView>>> {
    Json(seen(&app, &subject).map(|wall| subject.wall(wall)).collect())
}

/// One wall: its layout and cells.
#[utoipa::path(get, path = "/api/v1/walls/{id}", tag = "walls", params(("id" = String, Path)),
    responses((status = 200, body = WallView), (status = 404, body = Problem)))]
pub(super) async fn one(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<String>,
) -> Result<Json<Arc<WallView>>, Problem> {
    find(&app, &subject, &id).map(|wall| Json(subject.wall(wall)))
}

/// `/` leads to the first wall, and whoever is not signed in to where that is done.
pub(super) async fn first(
    State(app): State<App>,
    subject: Result<Subject, Problem>,
) -> Result<Redirect, Problem> {
    let Ok(subject) = subject else { return Ok(Redirect::temporary("/sign-in")) };
    let wall = seen(&app, &subject).next().ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_FOUND,
            "There is no wall yet. Add a [[wall]] to the configuration, with cameras = [\"*\"].",
        )
    })?;
    Ok(Redirect::temporary(&format!("/wall/{}", wall.id)))
}

pub(super) fn find(app: &App, subject: &Subject, id: &str) -> Result<Arc<WallView>, Problem> {
    WallId::try_from(id)
        .ok()
        .and_then(|id| app.view.wall(&id))
        .filter(|wall| subject.may_see_wall(wall) || subject.note_hidden("wall", id))
        .ok_or_else(|| Problem::no_wall(id))
}

fn seen(app: &App, subject: &Subject) -> impl Iterator<Item = Arc<WallView>> + use<> {
    let subject = subject.clone();
    let walls = app.view.walls.load_full();
    (0..walls.len()).map(move |n| walls[n].clone()).filter(move |wall| subject.may_see_wall(wall))
}
