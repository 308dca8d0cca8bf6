//! The configuration file over HTTP: what is in it, changing it, and what it said before. The file
//! stays the truth: it is changed as a person would, checked as at a start, and taken over at once.

mod editor;
pub(super) mod history;
pub(super) mod import;
pub(super) mod probe;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(super) use self::editor::{Mistake, Refusal};
pub use self::{
    editor::{Edit, Edited, Editor, Listed, NotTaken, Order, RosterTried, Trial},
    probe::{Attempt, NotTried, Prober, Tried},
};
use super::{
    App, Problem,
    access::{Action, Subject},
    asked::{Asked, OrderedUpTo},
};
use crate::config::{edit::Section, reload::Changes};

/// An entry's body: a wall with thirty screens has some 10 KB.
const BODY_MAX: usize = 64 << 10;
/// An id is a slug of 64 characters at most; whether it is one the configuration says.
const ID_MAX: usize = 64;

/// A list of the file.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Entries {
    /// Of the file's text: give it back with a change, so that nobody's is overwritten.
    version: String,
    /// As they are written, in the order of the file. Passwords are not in it.
    #[schema(value_type = Vec<Object>)]
    entries: Vec<Map<String, Value>>,
}

/// What a change comes to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Outcome {
    /// Of the file's text after it; in a dry run, as it would be.
    version: String,
    /// Cameras that are new.
    added: Vec<String>,
    /// Cameras that are gone.
    removed: Vec<String>,
    /// Cameras with other values, each with its keys.
    #[schema(value_type = Object)]
    changed: Map<String, Value>,
    /// Keys whose new values wait for a restart.
    needs_restart: Vec<&'static str>,
    /// What works but should be put right.
    warnings: Vec<Mistake>,
}

impl From<Edited> for Outcome {
    fn from(Edited { version, changes, warnings }: Edited) -> Self {
        let Changes { added, removed, changed, needs_restart, .. } = changes;
        let names = |ids: Vec<_>| ids.iter().map(ToString::to_string).collect();
        Self {
            version,
            added: names(added),
            removed: names(removed),
            changed: changed
                .iter()
                .map(|one| (one.id.to_string(), one.keys.clone().into()))
                .collect(),
            needs_restart,
            warnings: warnings.iter().map(Mistake::from).collect(),
        }
    }
}

/// A change of one entry.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// A merge patch (RFC 7396): a key that is absent stays as it is, one that is null goes.
    #[schema(value_type = Object)]
    fields: Map<String, Value>,
    /// The text that it was thought of.
    version: Option<String>,
    /// A camera's new password. It is kept in a file that only the service can read, and is never
    /// given out again; without it, what is kept stays.
    #[schema(value_type = Option<String>)]
    password: Option<SecretString>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct How {
    /// Only check; nothing is changed.
    #[serde(default)]
    pub(super) dry_run: bool,
    /// The text that it was thought of.
    pub(super) version: Option<String>,
}

/// A list of the configuration file.
#[utoipa::path(get, path = "/api/v1/configuration/{section}", tag = "configuration",
    params(("section" = Section, Path)),
    responses((status = 200, body = Entries), (status = 403, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn read(
    State(app): State<App>,
    subject: Subject,
    Path(section): Path<Section>,
) -> Result<Json<Entries>, Refusal> {
    subject.authorize(&Action::Configure)?;
    let Listed { version, entries } = app.editor()?.read(section).await?;
    Ok(Json(Entries { version, entries }))
}

/// Changes or adds an entry; the same checks as at a start, all mistakes at once.
#[utoipa::path(put, path = "/api/v1/configuration/{section}/{id}", tag = "configuration", params(
        ("section" = Section, Path), ("id" = String, Path), How), request_body = Change,
    responses((status = 200, body = Outcome), (status = 403, body = Problem),
              (status = 409, body = Problem), (status = 422, body = Refusal), (status = 503, body = Problem)))]
pub(super) async fn put(
    State(app): State<App>,
    subject: Subject,
    Path((section, id)): Path<(Section, String)>,
    Asked(how): Asked<How>,
    OrderedUpTo(change): OrderedUpTo<Change, BODY_MAX>,
) -> Result<Json<Outcome>, Refusal> {
    subject.authorize(&Action::Configure)?;
    let Change { fields, version, password } = change;
    let edit = Edit::Put { section, id: named(id)?, fields, password };
    let version = version.or(how.version);
    let done = app.editor()?.change(edit, (version, how.dry_run), &subject).await?;
    Ok(Json(done.into()))
}

/// Removes an entry, unless others name it.
#[utoipa::path(delete, path = "/api/v1/configuration/{section}/{id}", tag = "configuration", params(
        ("section" = Section, Path), ("id" = String, Path), How),
    responses((status = 200, body = Outcome), (status = 403, body = Problem), (status = 404, body = Problem),
              (status = 409, body = Problem), (status = 422, body = Refusal), (status = 503, body = Problem)))]
pub(super) async fn remove(
    State(app): State<App>,
    subject: Subject,
    Path((section, id)): Path<(Section, String)>,
    Asked(how): Asked<How>,
) -> Result<Json<Outcome>, Refusal> {
    subject.authorize(&Action::Configure)?;
    let edit = Edit::Remove { section, id: named(id)? };
    let done = app.editor()?.change(edit, (how.version, how.dry_run), &subject).await?;
    Ok(Json(done.into()))
}

fn named(id: String) -> Result<String, Problem> {
    if id.is_empty() || id.len() > ID_MAX {
        let problem = format!("An id has 1 to {ID_MAX} characters of a-z, 0-9 and '-'.");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, problem));
    }
    Ok(id)
}
