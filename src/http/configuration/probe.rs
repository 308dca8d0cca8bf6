//! Trying a camera as it stands in a form, before anything is written down.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::{App, BODY_MAX, Problem, Refusal, Trial, named};
use crate::{
    config::CameraConfig,
    desk::command::Refused,
    domain::{audit::Deed, camera::Condition, media::StreamKind},
    http::{
        access::{Action, Subject},
        asked::OrderedUpTo,
    },
    ingest::probe::Finding,
};

/// A camera on its way to being tried.
#[derive(Debug)]
pub struct Attempt {
    /// As it would be.
    pub camera: Box<CameraConfig>,
    /// Which of its streams.
    pub stream: StreamKind,
    /// Told what came of it.
    pub answer: oneshot::Sender<Result<Tried, NotTried>>,
    /// Kept while it goes on.
    pub place: OwnedSemaphorePermit,
}

/// Why a camera was not tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTried {
    /// It refused sign-ins, and more of them may make it refuse everybody.
    #[error("{0} has refused this service's sign-ins, and many cameras lock up after a few")]
    Rejected(IpAddr, Duration),
    /// Another was tried a moment ago.
    #[error("another camera was tried a moment ago")]
    TooSoon(Duration),
}

/// What was found at a camera.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Tried {
    /// Whether a picture came and could be decoded.
    pub works: bool,
    /// Why it cannot be watched, as the wall names it.
    #[schema(value_type = Option<String>)]
    pub condition: Option<Condition>,
    /// The same in an English sentence.
    pub evidence: Option<String>,
    /// `H.264`, `H.265` or `MJPEG`.
    pub codec: Option<&'static str>,
    /// In pixels.
    pub width: Option<u32>,
    /// In pixels.
    pub height: Option<u32>,
    /// Seconds between keyframes; null: a second one did not come while it was watched.
    pub keyframe_interval_s: Option<f64>,
    /// All that was found, step by step, in English.
    pub findings: Vec<Finding>,
}

/// Hands cameras to the task that tries them: one at once, and nobody waits for a turn.
#[derive(Clone, Debug)]
pub struct Prober {
    attempts: mpsc::Sender<Attempt>,
    place: Arc<Semaphore>,
}

impl Prober {
    /// With the end where attempts arrive.
    pub fn new() -> (Self, mpsc::Receiver<Attempt>) {
        // One, as there is one place.
        let (attempts, arriving) = mpsc::channel(1);
        (Self { attempts, place: Arc::new(Semaphore::new(1)) }, arriving)
    }

    fn place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        self.place.clone().try_acquire_owned().map_err(|_| {
            too_many("Another camera is being tried. Wait for its answer, some ten seconds.")
        })
    }

    async fn probe(
        &self,
        camera: Box<CameraConfig>,
        stream: StreamKind,
        place: OwnedSemaphorePermit,
    ) -> Result<Tried, Problem> {
        let (answer, answered) = oneshot::channel();
        let stopping = || Problem::refused(Refused::Stopping);
        let attempt = Attempt { camera, stream, answer, place };
        self.attempts.send(attempt).await.map_err(|_| stopping())?;
        answered.await.map_err(|_| stopping())?.map_err(|not_tried| match &not_tried {
            NotTried::Rejected(_, wait) => too_many(format!(
                "{not_tried}. Wait {} min, or look at the camera's own page.",
                wait.as_secs().div_ceil(60)
            )),
            NotTried::TooSoon(wait) => too_many(format!(
                "Another camera was tried a moment ago. Wait {} s.",
                wait.as_secs().max(1)
            )),
        })
    }
}

fn too_many(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, detail)
}

/// A camera as it stands in a form.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Form {
    /// A merge patch of its entry; which file holds its password is not read.
    #[schema(value_type = Object)]
    fields: Map<String, Value>,
    /// Its password. Left out: the one that is kept, as long as the camera stays at its host.
    #[schema(value_type = Option<String>)]
    password: Option<SecretString>,
    /// `sub`, the small stream, if left out.
    #[serde(default = "small")]
    #[schema(value_type = Option<String>)]
    stream: StreamKind,
}

fn small() -> StreamKind {
    StreamKind::Sub
}

/// Tries a camera as it stands in a form, and changes nothing. Takes up to 14 seconds; one camera at
/// once, and one that refused two sign-ins is left alone for half an hour.
#[utoipa::path(post, path = "/api/v1/configuration/camera/{id}/probe", tag = "configuration",
    params(("id" = String, Path)), request_body = Form,
    responses((status = 200, body = Tried), (status = 400, body = Problem),
              (status = 403, body = Problem), (status = 422, body = Refusal),
              (status = 429, body = Problem), (status = 503, body = Problem)))]
pub(in crate::http) async fn probe(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<String>,
    OrderedUpTo(form): OrderedUpTo<Form, BODY_MAX>,
) -> Result<Json<Tried>, Refusal> {
    subject.authorize(&Action::Configure)?;
    let (editor, prober) = (app.editor()?, app.prober()?);
    let place = prober.place()?;
    let id = named(id)?;
    let Form { fields, password, stream } = form;
    let camera = editor.imagine(Trial { id: id.clone(), fields, password }).await?;
    if stream == StreamKind::Main && camera.camera.main_url.is_none() {
        return Err(Problem::unprocessable("This camera has no main stream.").into());
    }
    // Without the path: some cameras are given a password in it.
    let host = camera.camera.url.host_str().unwrap_or_default();
    let detail = json!({ "host": host, "port": camera.camera.url.port(), "stream": stream });
    app.note(&subject, Deed::Config("probe"), format!("camera:{id}"), Some(detail));
    Ok(Json(prober.probe(camera, stream, place).await?))
}

impl App {
    fn prober(&self) -> Result<&Prober, Problem> {
        self.prober.as_ref().ok_or_else(|| {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "This service tries no cameras.")
        })
    }
}
