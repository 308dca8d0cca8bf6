//! Who is at a console now, and showing a colleague a camera: it comes up beside what that person
//! has there, and is theirs to take or to close.
//!
//! Nothing of it is kept: whoever is not at a console is not reached, which the sender is told.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::mpsc;

use super::{
    App, Problem,
    access::{Action, Subject},
    asked::Ordered,
};
use crate::domain::{audit::Deed, camera::CameraId, time::UnixMicros};

/// Cameras that wait for one console's socket: more than anybody looks at. When full, the next one
/// is refused, and its sender told so; nothing is dropped.
const WAITING: usize = 16;

/// The consoles that are open now.
#[derive(Debug, Default)]
pub(super) struct Consoles(Mutex<Seats>);

#[derive(Debug, Default)]
struct Seats {
    next: u64,
    /// One a control socket, which are counted.
    taken: BTreeMap<u64, Taken>,
}

#[derive(Debug)]
struct Taken {
    subject: Subject,
    to: mpsc::Sender<Arc<Handed>>,
}

/// A camera that somebody was shown.
#[derive(Debug)]
pub(super) struct Handed {
    pub(super) camera: CameraId,
    /// The person, or the account, that sent it.
    pub(super) by: String,
    pub(super) at: UnixMicros,
}

/// A console's place among those that are open; it is given up when this goes.
#[derive(Debug)]
pub(super) struct Seat {
    consoles: Arc<Consoles>,
    number: u64,
    handed: mpsc::Receiver<Arc<Handed>>,
}

impl Seat {
    /// The next camera that a colleague sends. Dropping the future loses nothing.
    pub(super) async fn handed(&mut self) -> Arc<Handed> {
        match self.handed.recv().await {
            Some(handed) => handed,
            // The other end is among the seats for as long as this is.
            None => std::future::pending().await,
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.consoles.seats().taken.remove(&self.number);
    }
}

impl Consoles {
    /// A console is open for this subject from now on.
    pub(super) fn sit(self: &Arc<Self>, subject: &Subject) -> Seat {
        let (to, handed) = mpsc::channel(WAITING);
        let mut seats = self.seats();
        let number = seats.next;
        seats.next += 1;
        seats.taken.insert(number, Taken { subject: subject.clone(), to });
        Seat { consoles: self.clone(), number, handed }
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those who are here, each with the consoles that they have open.
    fn people(&self) -> BTreeMap<String, usize> {
        let mut people = BTreeMap::new();
        for seat in self.seats().taken.values() {
            *people.entry(name(&seat.subject)).or_default() += 1;
        }
        people
    }
}

/// What somebody is called here: the person of the roster, else the account.
fn name(subject: &Subject) -> String {
    subject.person.as_ref().map_or_else(|| subject.user.clone(), ToString::to_string)
}

/// Somebody who is at a console.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Colleague {
    /// A person of the roster; an account that belongs to none goes by its own name.
    person: String,
    /// How many they have open.
    consoles: usize,
}

/// Who is at a console now.
#[utoipa::path(get, path = "/api/v1/consoles", tag = "duty",
    responses((status = 200, body = Vec<Colleague>), (status = 403, body = Problem)))]
pub(super) async fn list(
    State(app): State<App>,
    subject: Subject,
) -> Result<Json<Vec<Colleague>>, Problem> {
    subject.authorize(&Action::Duty)?;
    let people = app.consoles.people().into_iter();
    Ok(Json(people.map(|(person, consoles)| Colleague { person, consoles }).collect()))
}

/// A camera for a colleague.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Hand {
    /// Whose consoles: a `person` of the list.
    to: String,
    /// Which camera.
    camera: String,
    /// The client's own name for it, which the answer on a socket repeats.
    #[serde(rename = "request")]
    _request: Option<String>,
}

/// Whom a camera was shown to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Shown {
    /// So many consoles have it.
    consoles: usize,
}

/// Shows a camera to a colleague: at each console that they have open, beside what is there.
#[utoipa::path(post, path = "/api/v1/consoles", tag = "duty", request_body = Hand,
    responses((status = 200, body = Shown), (status = 400, body = Problem),
              (status = 403, body = Problem, description = "they may not see this camera"),
              (status = 404, body = Problem, description = "no such camera"),
              (status = 409, body = Problem, description = "nobody of that name is at a console"),
              (status = 413, body = Problem), (status = 415, body = Problem),
              (status = 503, body = Problem, description = "their console takes nothing")))]
pub(super) async fn hand(
    State(app): State<App>,
    subject: Subject,
    Ordered(hand): Ordered<Hand>,
) -> Result<Json<Shown>, Problem> {
    handed(&app, &subject, hand).map(Json)
}

/// Has it done.
pub(super) fn handed(app: &App, subject: &Subject, hand: Hand) -> Result<Shown, Problem> {
    subject.authorize(&Action::Duty)?;
    let Hand { to, camera: id, .. } = hand;
    let camera = CameraId::try_from(id.as_str())
        .ok()
        .and_then(|camera| app.view.by_id(&camera))
        .filter(|camera| subject.may_see(camera) || subject.note_hidden("camera", &id))
        .ok_or_else(|| Problem::no_camera(&id))?;
    let theirs: Vec<(Subject, mpsc::Sender<_>)> = {
        let seats = app.consoles.seats();
        let theirs = seats.taken.values().filter(|seat| name(&seat.subject) == to);
        theirs.map(|seat| (seat.subject.clone(), seat.to.clone())).collect()
    };
    if theirs.is_empty() {
        let to: String = to.chars().take(64).collect();
        return Err(Problem::conflict(format!(
            "Nobody called {to:?} is at a console now. GET /api/v1/consoles lists who is."
        )));
    }
    if !theirs.iter().any(|(colleague, _)| colleague.may_see(&camera)) {
        subject.note_denied("hand");
        let detail = "They may not see this camera, so it was not shown to them.";
        return Err(Problem::new(StatusCode::FORBIDDEN, detail));
    }
    let at = SystemTime::now().into();
    let handed = Arc::new(Handed { camera: camera.id.clone(), by: name(subject), at });
    let sent = theirs
        .iter()
        .filter(|(colleague, _)| colleague.may_see(&camera))
        .map(|(_, to)| to.try_send(handed.clone()));
    let consoles = sent.filter(Result::is_ok).count();
    if consoles == 0 {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            format!("Their console has not taken the last {WAITING} cameras. Call them instead."),
        ));
    }
    app.note(subject, Deed::Hand, format!("camera:{}", camera.id), Some(json!({ "to": to })));
    Ok(Shown { consoles })
}
