//! The sessions there are: one's own, and for an administrator everybody's.

use std::{collections::HashMap, time::SystemTime};

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use uuid::Uuid;

use super::{Keeper, Who, view::SessionView};
use crate::{
    domain::audit::Deed,
    http::{
        App, Problem,
        access::{Action, Subject},
    },
    store::{SecretHash, SessionRow, SignedIn},
};

impl App {
    /// Sign-in, where there is one.
    pub(super) fn keeper(&self) -> Result<&Keeper, Problem> {
        self.sign_in.as_deref().ok_or_else(|| {
            Problem::new(
                StatusCode::NOT_FOUND,
                "There are no accounts here: the service runs with --insecure-no-auth.",
            )
        })
    }
}

/// Sessions, newest first: one's own, or everybody's for an administrator.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "sign-in",
    responses((status = 200, body = Vec<SessionView>), (status = 401, body = Problem),
              (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(in crate::http) async fn list(
    State(app): State<App>,
    subject: Subject,
) -> Result<Json<Vec<SessionView>>, Problem> {
    let keeper = app.keeper()?;
    let now = SystemTime::now().into();
    let rows = keeper.store.sessions(now).await.map_err(Problem::store)?;
    let tokens = keeper.store.tokens().await.map_err(Problem::store)?;
    let names: HashMap<Uuid, String> = tokens.into_iter().map(|row| (row.id, row.name)).collect();
    let used = keeper.in_use();
    let views = rows.into_iter().filter(|row| is_of(row, &subject)).map(|row| {
        let user = match &row.who {
            SignedIn::Account(name) => name.to_string(),
            SignedIn::Token(id) => names.get(id).cloned().unwrap_or_default(),
        };
        let seen_at = used.get(&row.hash).copied().unwrap_or_default();
        let current = subject.who().session == Some(row.hash);
        SessionView::of(row, user, seen_at, current)
    });
    Ok(Json(views.collect()))
}

/// Ends a session: one's own, or anybody's for an administrator. Its sockets close with 4001.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "sign-in",
    params(("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem),
              (status = 503, body = Problem)))]
pub(in crate::http) async fn end(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let keeper = app.keeper()?;
    let unknown = || {
        Problem::new(
            StatusCode::NOT_FOUND,
            "There is no such session. GET /api/v1/sessions lists them.",
        )
    };
    let hash: SecretHash = id.parse().map_err(|_| unknown())?;
    let row = keeper.store.session(&hash).await.map_err(Problem::store)?.ok_or_else(unknown)?;
    if !is_of(&row, &subject) {
        subject.note_hidden("session", &id);
        return Err(unknown());
    }
    keeper.end(hash).await.map_err(Problem::store)?;
    let object = format!("session:{hash}");
    app.note(&subject, Deed::User("session-end"), object, None);
    Ok(StatusCode::NO_CONTENT)
}

/// Whether a session exists for the subject.
fn is_of(row: &SessionRow, subject: &Subject) -> bool {
    let Who { signed_in, rights, .. } = &**subject.who();
    signed_in.as_ref() == Some(&row.who)
        || rights.may_everywhere(crate::domain::access::Action::Administer)
}

/// Asks for the right to look after accounts.
pub(super) fn administrator<'a>(app: &'a App, subject: &Subject) -> Result<&'a Keeper, Problem> {
    subject.authorize(&Action::Administer)?;
    app.keeper()
}
