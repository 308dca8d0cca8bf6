//! A person's word on what a camera is to look like.

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use serde::Deserialize;

use super::{
    App, Problem,
    access::{Action, Subject},
    asked::Ordered,
    cameras,
};
use crate::{desk::command::Command, domain::picture::ReferenceCommand};

/// What is to be done with the references.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Word {
    /// `confirm`: what is shown now is right. `reset`: forget what was learnt, and learn anew.
    #[schema(value_type = String, example = "confirm")]
    action: ReferenceCommand,
}

/// Confirms what a camera shows now as its reference, or has its references learnt anew.
#[utoipa::path(post, path = "/api/v1/cameras/{id}/references", tag = "cameras",
    params(("id" = String, Path)), request_body = Word,
    responses((status = 204), (status = 400, body = Problem), (status = 403, body = Problem),
              (status = 404, body = Problem), (status = 415, body = Problem),
              (status = 422, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn command(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<String>,
    Ordered(word): Ordered<Word>,
) -> Result<StatusCode, Problem> {
    let camera = cameras::find(&app, &subject, &id)?;
    subject.authorize(&Action::References(&camera))?;
    let command = Command::References(camera.id.clone(), word.action);
    app.commands()?.give(command).await.map_err(Problem::refused)?;
    Ok(StatusCode::NO_CONTENT)
}
