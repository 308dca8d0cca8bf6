//! A list of cameras as a spreadsheet saves it: what it would change, and taking it.

use axum::{Json, extract::State};

use super::{App, Edit, How, Outcome, Problem, Refusal};
use crate::http::{
    access::{Action, Subject},
    asked::Asked,
};

/// Changes and adds the cameras of a list in CSV, with the columns of `[[camera]]`; all its mistakes
/// are told at once. A camera that is not in it stays, and so does what no column speaks of.
#[utoipa::path(post, path = "/api/v1/cameras/import", tag = "configuration", params(How),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = Outcome), (status = 403, body = Problem),
              (status = 409, body = Problem), (status = 413, body = Problem),
              (status = 422, body = Refusal), (status = 503, body = Problem)))]
pub(in crate::http) async fn cameras(
    State(app): State<App>,
    subject: Subject,
    Asked(how): Asked<How>,
    sheet: String,
) -> Result<Json<Outcome>, Refusal> {
    subject.authorize(&Action::Configure)?;
    let edit = Edit::Cameras { sheet };
    let done = app.editor()?.change(edit, (how.version, how.dry_run), &subject).await?;
    Ok(Json(done.into()))
}
