//! Is the service there, and can it do its work.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::{extract::State, http::StatusCode};

use super::{App, Problem};

/// What readiness depends on. `service` keeps it up to date.
#[derive(Debug, Default)]
pub struct Readiness {
    /// The store is open.
    pub store_open: AtomicBool,
    /// Ingest workers that have reported for work.
    pub ingest_workers: AtomicUsize,
    /// Decode workers that have reported for work.
    pub decode_workers: AtomicUsize,
}

/// The process lives.
#[utoipa::path(get, path = "/healthz", tag = "probes", security(()),
    responses((status = 200, body = String)))]
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// The service can do its work.
#[utoipa::path(get, path = "/readyz", tag = "probes", security(()),
    responses((status = 200, body = String), (status = 503, body = Problem)))]
pub(super) async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    let Readiness { store_open, ingest_workers, decode_workers } = &*app.readiness;
    let missing = if !store_open.load(Ordering::Relaxed) {
        "The store is not open."
    } else if ingest_workers.load(Ordering::Relaxed) == 0 {
        "No ingest worker is ready."
    } else if decode_workers.load(Ordering::Relaxed) == 0 {
        "No decode worker is ready."
    } else {
        return Ok("ready\n");
    };
    let detail = format!("{missing} Wait a few seconds after a start; the log says more.");
    Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail))
}
