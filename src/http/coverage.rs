//! Watch coverage: how long ago each camera was looked at, by a person and by the machine.

use std::{sync::Arc, time::SystemTime};

use axum::{Json, extract::State};
use serde::Serialize;

use super::{App, access::Subject};
use crate::{
    desk::view::CameraView,
    domain::{
        camera::{CameraId, Handle, SiteId},
        time::UnixMicros,
    },
};

/// How long ago each camera was looked at.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Coverage {
    /// Those that nobody has watched for longest first.
    cameras: Vec<Looked>,
    /// Cameras that nobody has watched since the service began.
    never_watched: usize,
}

/// When a camera was looked at last; null: not since the service began.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Looked {
    #[schema(value_type = String)]
    camera: CameraId,
    #[schema(value_type = u32)]
    handle: Handle,
    number: u32,
    name: String,
    #[schema(value_type = Option<String>)]
    site: Option<SiteId>,
    /// When somebody had it before them last, at a size that can be read.
    #[schema(value_type = Option<u64>)]
    watched_at: Option<UnixMicros>,
    /// Seconds since then.
    watched_s: Option<f64>,
    /// When the machine judged a picture of it last.
    #[schema(value_type = Option<u64>)]
    judged_at: Option<UnixMicros>,
    /// Seconds since then.
    judged_s: Option<f64>,
}

/// How long ago each camera was watched by a person, at least 160 pixels tall on a page or a wall's
/// screen, and judged by the machine; those that nobody has watched for longest first.
#[utoipa::path(get, path = "/api/v1/coverage", tag = "cameras",
    responses((status = 200, body = Coverage)))]
pub(super) async fn coverage(State(app): State<App>, subject: Subject) -> Json<Coverage> {
    let now = UnixMicros::from(SystemTime::now());
    let ago =
        |at: Option<UnixMicros>| at.map(|at| (now.since(at).as_secs_f64() * 10.0).round() / 10.0);
    let coverage = app.view.coverage.load();
    let cameras = coverage.iter().filter_map(|looked| {
        let camera: Arc<CameraView> = app.view.cameras.get(&looked.camera)?.value().clone();
        subject.may_see(&camera).then(|| Looked {
            camera: camera.id.clone(),
            handle: camera.handle,
            number: camera.number,
            name: camera.name.clone(),
            site: camera.site.clone(),
            watched_at: looked.watched_at,
            watched_s: ago(looked.watched_at),
            judged_at: looked.judged_at,
            judged_s: ago(looked.judged_at),
        })
    });
    let cameras: Vec<Looked> = cameras.collect();
    let never_watched = cameras.iter().filter(|camera| camera.watched_at.is_none()).count();
    Json(Coverage { cameras, never_watched })
}
