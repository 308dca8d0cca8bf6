//! The web pages, built from `web/` and carried in the binary (read from disk in debug builds).

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::Embed;

use super::{App, Problem, access::Subject, cameras, error_pages, walls};

#[derive(Embed)]
#[folder = "web/dist/"]
struct Dist;

/// The page of a wall.
pub(super) async fn wall(
    State(app): State<App>,
    subject: Result<Subject, Problem>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    wall_page(&app, subject, &id, "wall.html", &headers)
}

/// The page that replays what a wall showed.
pub(super) async fn wall_history(
    State(app): State<App>,
    subject: Result<Subject, Problem>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    wall_page(&app, subject, &id, "replay.html", &headers)
}

fn wall_page(
    app: &App,
    subject: Result<Subject, Problem>,
    id: &str,
    name: &str,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    // With sign-in, pages tell nobody what there is: they are the same for everybody.
    if app.sign_in.is_none() {
        walls::find(app, &subject?, id)?;
    }
    page(name, headers)
}

/// The page of all cameras' health.
pub(super) async fn health(headers: HeaderMap) -> Result<Response, Problem> {
    page("health.html", &headers)
}

/// The page of one camera's health.
pub(super) async fn camera_health(
    State(app): State<App>,
    subject: Result<Subject, Problem>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if app.sign_in.is_none() {
        cameras::find(&app, &subject?, &id)?;
    }
    page("health.html", &headers)
}

/// The duty officer's page.
pub(super) async fn duty(headers: HeaderMap) -> Result<Response, Problem> {
    page("duty.html", &headers)
}

/// What keeps the duty officer's page on a phone. It lies beside the page, not below `/assets/`, so
/// that browsers let it serve that page.
pub(super) async fn duty_worker(headers: HeaderMap) -> Result<Response, Problem> {
    page("duty-worker.js", &headers)
}

/// The pages of the alert desk.
pub(super) async fn alerts(headers: HeaderMap) -> Result<Response, Problem> {
    page("alerts.html", &headers)
}

/// The configuration's pages.
pub(super) async fn admin(headers: HeaderMap) -> Result<Response, Problem> {
    page("admin.html", &headers)
}

/// The operator's console.
pub(super) async fn console(headers: HeaderMap) -> Result<Response, Problem> {
    page("console.html", &headers)
}

/// The page to sign in at.
pub(super) async fn sign_in(headers: HeaderMap) -> Result<Response, Problem> {
    page("sign-in.html", &headers)
}

/// A file that a page needs.
pub(super) async fn asset(
    Path(path): Path<String>,
    headers: HeaderMap,
    uri: axum::http::Uri,
) -> Result<Response, Problem> {
    match file(&path, &headers) {
        Some(file) => Ok(file),
        None => Err(error_pages::unknown_path(uri).await),
    }
}

fn page(path: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    file(path, headers).ok_or_else(|| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The pages were not built into this binary. Run `make web` and build again.",
        )
    })
}

/// Always asked for again, and answered with 304 while it is the same: names carry no hash.
fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    let file = Dist::get(path)?;
    // Weak: the same file goes out compressed and not.
    let hash: String =
        file.metadata.sha256_hash()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("W/\"{hash}\"");
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let same = known.is_some_and(|tags| {
        tags.split(',').any(|known| known.trim() == tag || known.trim() == "*")
    });
    let common = [(header::ETAG, tag), (header::CACHE_CONTROL, "no-cache".to_owned())];
    if same {
        return Some((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let kind = match file.metadata.mimetype() {
        text if text.starts_with("text/") => format!("{text}; charset=utf-8"),
        other => other.to_owned(),
    };
    Some((common, [(header::CONTENT_TYPE, kind)], file.data).into_response())
}
