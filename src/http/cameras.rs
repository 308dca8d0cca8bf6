//! The cameras as they are now.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};

use super::{
    App, Problem,
    access::{Action, Subject},
    availability::{self, MonthView},
    figures::{self, MinuteView},
    pictures::{self, PictureView},
};
use crate::{
    desk::view::CameraView,
    domain::{
        camera::{CameraId, State as CameraState},
        fold::searchable,
    },
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// Only those of this site.
    site: Option<String>,
    /// Only those in this state.
    #[param(value_type = Option<String>)]
    state: Option<CameraState>,
    /// Only those whose name, id or number holds this text; marks and case do not matter.
    q: Option<String>,
}

/// The cameras that may be seen, by number.
#[utoipa::path(get, path = "/api/v1/cameras", tag = "cameras", params(Filter),
    responses((status = 200, body = Vec<CameraView>), (status = 400, body = Problem)))]
pub(super) async fn list(
    State(app): State<App>,
    subject: Subject,
    filter: Result<Query<Filter>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Vec<Arc<CameraView>>>, Problem> {
    let Query(filter) = filter.map_err(|_| {
        let states = "connecting, waiting-keyframe, waiting-parameters, online, stalled, offline, \
                      suspect, maintenance";
        let detail = format!("The filters are site, q and state; a state is one of {states}.");
        Problem::new(StatusCode::BAD_REQUEST, detail)
    })?;
    let wish = filter.q.as_deref().map(searchable);
    let matches = |camera: &Arc<CameraView>| {
        let site = filter.site.as_deref();
        subject.may_see(camera)
            && site.is_none_or(|site| camera.site.as_ref().is_some_and(|of| of.as_str() == site))
            && filter.state.is_none_or(|state| camera.state == state)
            && wish.as_deref().is_none_or(|wish| {
                searchable(&camera.name).contains(wish)
                    || camera.id.as_str().contains(wish)
                    || camera.number.to_string().contains(wish)
            })
    };
    let list = app.view.list().into_iter().filter(matches);
    Ok(Json(list.map(|camera| subject.camera(camera)).collect()))
}

/// One camera with what is kept of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct CameraDetail {
    #[serde(flatten)]
    #[schema(value_type = CameraView)]
    camera: Arc<CameraView>,
    /// Its figures of the newest minute; null if there is none of the last three minutes.
    figures: Option<MinuteView>,
    /// The references of its picture that are kept.
    references: Vec<PictureView>,
    /// How long it could be watched this month; null if nothing is kept here.
    availability: Option<MonthView>,
}

/// One camera, with its newest figures, its references and its month.
#[utoipa::path(get, path = "/api/v1/cameras/{id}", tag = "cameras", params(("id" = String, Path)),
    responses((status = 200, body = CameraDetail), (status = 404, body = Problem)))]
pub(super) async fn one(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<String>,
) -> Result<Json<CameraDetail>, Problem> {
    let camera = find(&app, &subject, &id)?;
    // A screen sees what is now, and nothing that is kept.
    let past = subject.may_see_past_of(&camera);
    // What the camera does now is told even if the store cannot be read.
    Ok(Json(CameraDetail {
        figures: figures::newest(&app, &camera.id).await.ok().flatten().filter(|_| past),
        references: match past {
            true => pictures::references(&app, &camera).await.unwrap_or_default(),
            false => Vec::new(),
        },
        availability: availability::of_camera(&app, &camera).await.ok().filter(|_| past),
        camera: subject.camera(camera),
    }))
}

pub(super) fn find(app: &App, subject: &Subject, id: &str) -> Result<Arc<CameraView>, Problem> {
    CameraId::try_from(id)
        .ok()
        .and_then(|id| app.view.by_id(&id))
        .filter(|camera| subject.may_see(camera) || subject.note_hidden("camera", id))
        .ok_or_else(|| Problem::no_camera(id))
}

/// The same, to look at what is kept of it.
pub(super) fn find_past(
    app: &App,
    subject: &Subject,
    id: &str,
) -> Result<Arc<CameraView>, Problem> {
    let camera = find(app, subject, id)?;
    subject.authorize(&Action::Past(&camera))?;
    Ok(camera)
}
