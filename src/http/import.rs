//! Trying out a camera list before it is taken. Reading the list is the configuration's work; this
//! is its place on the network.

use axum::{
    Json,
    extract::{Query, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};

use super::{
    App, Problem,
    access::{Action, Subject},
};

/// Checks a CSV text with the columns of `[[camera]]`.
pub type CheckImport = dyn Fn(&str) -> ImportReport + Send + Sync;

/// What a camera list would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ImportReport {
    /// Cameras that were read without a fault.
    pub cameras: usize,
    /// Every fault, in the order of the lines.
    pub faults: Vec<ImportFault>,
}

/// One fault of a camera list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ImportFault {
    /// The line, from 1.
    pub line: Option<usize>,
    /// The column's name.
    pub key: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct How {
    /// Only check; nothing is changed. The only way for now.
    #[serde(default)]
    dry_run: bool,
}

/// Checks a camera list in CSV, telling all its faults at once.
#[utoipa::path(post, path = "/api/v1/cameras/import", tag = "cameras", params(How),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = ImportReport), (status = 501, body = Problem)))]
pub(super) async fn import(
    State(app): State<App>,
    subject: Subject,
    Query(how): Query<How>,
    csv: String,
) -> Result<Json<ImportReport>, Problem> {
    subject.authorize(&Action::Administer)?;
    if !how.dry_run {
        return Err(Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "Cameras are added in the configuration file, which is read again when it changes. \
             Use ?dry_run=true to check a list.",
        ));
    }
    let check = app.check_import.ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "This service cannot check camera lists. Use `watchwall check`.",
        )
    })?;
    Ok(Json(check(&csv)))
}
