//! People drive a wall, through HTTP and through the control socket alike.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::{Map, Value};

use super::find;
use crate::{
    desk::{
        command::{Command, Done},
        view::WallView,
    },
    domain::{camera::CameraId, wall},
    http::{
        App, Problem,
        access::{Action, Subject},
        asked::{Ordered, request_name},
    },
};

/// A command to a wall: `command`, what it asks for, and what any command may carry. The fields of
/// each are in docs/protocol.md.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it describes the body, which is read key by key")]
pub(in crate::http) struct Drive {
    /// `show`, `clear`, `pin`, `unpin`, `swap`, `layout`, `fill`, `tour`, `preset`, `keep`, `reset`,
    /// `block` or `unblock`.
    command: String,
    /// The revision that it is meant for: refused with 409 if that is not the newest one.
    revision: Option<u64>,
    /// The client's own name for it, 1 to 64 characters, which the answer on a socket repeats: sent
    /// again within ten minutes, it is done once and answered alike; another command under it is 409.
    request: Option<String>,
    /// `show`, `block`, `unblock`: which camera.
    camera: Option<String>,
    /// On which screen.
    screen: Option<String>,
    /// In which cell of it, from 0 in reading order.
    cell: Option<u32>,
    /// `show`: whether it stays until it is unpinned.
    pin: Option<bool>,
    /// `show`: for how long, 1 to 604800 seconds.
    for_s: Option<u32>,
    /// `layout`: `grid`, columns and rows as `4x3`, `1+5` or `1+7`.
    layout: Option<String>,
    /// `fill`, `tour`: which cameras, in this order.
    cameras: Option<Vec<String>>,
    /// `tour`: each for 3 to 3600 seconds.
    dwell_s: Option<u32>,
    /// `preset`: which.
    preset: Option<String>,
    /// `keep`: the preset's identity.
    id: Option<String>,
    /// `keep`: what people read.
    name: Option<String>,
    /// `block`: why.
    reason: Option<String>,
    /// `block`: the roles that see it all the same.
    roles: Option<Vec<String>>,
}

/// Drives a wall; answers with the wall after it, when that is stored.
#[utoipa::path(post, path = "/api/v1/walls/{id}/commands", tag = "walls", request_body = Drive,
    params(("id" = String, Path)),
    responses((status = 200, body = WallView, description = "the wall after it"),
              (status = 400, body = Problem), (status = 403, body = Problem),
              (status = 404, body = Problem, description = "no such wall, camera, screen, cell or preset"),
              (status = 409, body = Problem, description = "pinned, blocked, full, meant for another revision, or `request` was another command"),
              (status = 413, body = Problem), (status = 415, body = Problem),
              (status = 422, body = Problem),
              (status = 503, body = Problem, description = "it could not be stored")))]
pub(in crate::http) async fn drive(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<String>,
    Ordered(body): Ordered<Map<String, Value>>,
) -> Result<Json<Arc<WallView>>, Problem> {
    driven(&app, &subject, &id, body).await.map(Json)
}

/// Has it done.
pub(in crate::http) async fn driven(
    app: &App,
    subject: &Subject,
    id: &str,
    mut body: Map<String, Value>,
) -> Result<Arc<WallView>, Problem> {
    let wall = find(app, subject, id)?;
    subject.authorize(&Action::DriveWall(&wall))?;
    let request = match body.remove("request") {
        None | Some(Value::Null) => None,
        Some(Value::String(request)) => Some(request_name(request)?),
        Some(_) => return Err(Problem::unprocessable("`request` is a text.")),
    };
    let meant = match body.remove("revision") {
        None | Some(Value::Null) => None,
        Some(revision) => Some(revision.as_u64().ok_or_else(|| {
            Problem::unprocessable("`revision` is a whole number: that of the wall message.")
        })?),
    };
    let command = serde_json::from_value(Value::Object(body))
        .map_err(|error| Problem::unprocessable(format!("It is no command to a wall: {error}.")))?;
    authorize(app, subject, &command)?;
    let (wall, by, address) = (wall.id.clone(), subject.actor(), subject.address);
    let command = Command::Wall { wall, by, address, meant, request, command };
    match app.commands()?.give(command).await.map_err(Problem::refused)? {
        Done::Wall(wall) => Ok(subject.wall(wall)),
        _ => Err(Problem::fault()),
    }
}

/// Whoever drives a wall shows what it may see itself.
fn authorize(app: &App, subject: &Subject, command: &wall::Command) -> Result<(), Problem> {
    let seen = |camera: &CameraId| {
        let known = app.view.by_id(camera).filter(|camera| subject.may_see(camera));
        known.ok_or_else(|| Problem::no_camera(camera.as_str()))
    };
    match command {
        wall::Command::Show { camera, .. } => seen(camera).map(drop),
        wall::Command::Fill { cameras, .. } | wall::Command::Tour { cameras, .. } => {
            cameras.iter().try_for_each(|camera| seen(camera).map(drop))
        }
        wall::Command::Block { camera, .. } => subject.authorize(&Action::Block(&*seen(camera)?)),
        // Whoever may block may end it, also where the order hides the camera from that very person.
        wall::Command::Unblock { camera } => {
            let known = app.view.by_id(camera);
            let camera = known.ok_or_else(|| Problem::no_camera(camera.as_str()))?;
            subject.authorize(&Action::Block(&camera))
        }
        _ => Ok(()),
    }
}
