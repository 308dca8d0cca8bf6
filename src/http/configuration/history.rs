//! What the configuration's files said before, how it differs, and putting it back.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use similar::TextDiff;

use super::{App, Asked, Edit, How, Outcome, Problem, Refusal};
use crate::{
    domain::{alert::Actor, time::UnixMicros},
    http::{
        access::{Action, Subject},
        asked::bounded,
    },
    store::ConfigurationRow,
};

/// Lines around a difference, as in every unified diff.
const AROUND: usize = 3;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Page {
    /// Only those before this number.
    before: Option<i64>,
    /// So many at most: 1 to 200, 50 if left out.
    limit: Option<u32>,
}

/// A text that a file had.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct Version {
    /// Its number.
    id: i64,
    /// Which file; null: the configuration file itself.
    file: Option<String>,
    /// Since when.
    #[schema(value_type = u64)]
    at: UnixMicros,
    /// Who changed it; null: outside, by whom is not known.
    #[schema(value_type = Option<Object>)]
    by: Option<Actor>,
    /// What was changed.
    #[schema(value_type = Object)]
    what: serde_json::Value,
    /// The hash of its text.
    version: String,
}

impl From<&ConfigurationRow> for Version {
    fn from(row: &ConfigurationRow) -> Self {
        let ConfigurationRow { id, file, at, by, what, version, .. } = row.clone();
        Self { id, file, at, by, what, version }
    }
}

/// Texts that the files had.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct History {
    /// Newest first.
    versions: Vec<Version>,
    /// There are older ones.
    more: bool,
}

/// One text, and how it came about.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct Told {
    #[serde(flatten)]
    head: Version,
    /// All of it.
    text: String,
    /// What changed since the one of the same file before, as a unified diff; all of it is new for the first.
    diff: String,
}

/// What the configuration's files said, newest first.
#[utoipa::path(get, path = "/api/v1/configuration/history", tag = "configuration", params(Page),
    responses((status = 200, body = History), (status = 403, body = Problem), (status = 503, body = Problem)))]
pub(in crate::http) async fn list(
    State(app): State<App>,
    subject: Subject,
    Asked(page): Asked<Page>,
) -> Result<Json<History>, Problem> {
    subject.authorize(&Action::Configure)?;
    let limit = bounded("limit", page.limit, 50, 200)?;
    let rows = app.store()?.configurations(page.before, limit + 1).await.map_err(Problem::store)?;
    let more = rows.len() > limit as usize;
    let versions = rows.iter().take(limit as usize).map(Version::from).collect();
    Ok(Json(History { versions, more }))
}

/// One text with what changed in it.
#[utoipa::path(get, path = "/api/v1/configuration/history/{id}", tag = "configuration",
    params(("id" = i64, Path)),
    responses((status = 200, body = Told), (status = 403, body = Problem), (status = 404, body = Problem),
              (status = 503, body = Problem)))]
pub(in crate::http) async fn one(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<i64>,
) -> Result<Json<Told>, Problem> {
    subject.authorize(&Action::Configure)?;
    let (row, before) = find(&app, id).await?;
    let before = before.unwrap_or_default();
    let diff = TextDiff::from_lines(&before, &row.text);
    let diff = diff.unified_diff().context_radius(AROUND).to_string();
    Ok(Json(Told { head: Version::from(&row), text: row.text, diff }))
}

/// Puts a text back; the same checks as at a start.
#[utoipa::path(post, path = "/api/v1/configuration/history/{id}/restore", tag = "configuration",
    params(("id" = i64, Path), How),
    responses((status = 200, body = Outcome), (status = 403, body = Problem), (status = 404, body = Problem),
              (status = 409, body = Problem), (status = 422, body = Refusal), (status = 503, body = Problem)))]
pub(in crate::http) async fn restore(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<i64>,
    Asked(how): Asked<How>,
) -> Result<Json<Outcome>, Refusal> {
    subject.authorize(&Action::Configure)?;
    let (row, _) = find(&app, id).await?;
    let edit = match row.file {
        None => Edit::Restore { id, text: row.text },
        Some(_) => Edit::Roster { sheet: row.text, restored: Some(id) },
    };
    let done = app.editor()?.change(edit, (how.version, how.dry_run), &subject).await?;
    Ok(Json(done.into()))
}

async fn find(app: &App, id: i64) -> Result<(ConfigurationRow, Option<String>), Problem> {
    let found = app.store()?.configuration(id).await.map_err(Problem::store)?;
    let (row, before) = found.ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_FOUND,
            format!("There is no text {id}. GET /api/v1/configuration/history lists them."),
        )
    })?;
    Ok((row, before.map(|before| before.text)))
}
