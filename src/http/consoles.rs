//! Who is at a console now, and showing a colleague a camera: it comes up beside what that person
//! has there, and is theirs to take or to close. What becomes of it is told at the sender's consoles.
//!
//! Nothing of it is kept: whoever is not at a console is not reached, which the sender is told.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Instant, SystemTime},
};

use axum::{Json, extract::State, http::StatusCode};
use prometheus_client::{
    encoding::{DescriptorEncoder, NoLabelSet},
    metrics::MetricType,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::mpsc;

use super::{
    App, Problem,
    access::{Action, Subject},
    asked::Ordered,
};
use crate::domain::{
    alert::Actor,
    audit::Deed,
    camera::CameraId,
    handing::{HandId, Handing, Outcome},
    time::UnixMicros,
};

/// Words that wait for one console's socket: more cameras than anybody looks at. When full, the next
/// camera is refused, and its sender told so; what became of one is lost, and counted.
const WAITING: usize = 16;

/// The consoles that are open now.
#[derive(Debug, Default)]
pub(super) struct Consoles {
    seats: Mutex<Seats>,
    /// What became of cameras that were shown and found no room at the sender's console.
    untold: AtomicU64,
}

#[derive(Debug, Default)]
struct Seats {
    next: u64,
    /// One a control socket, which are counted.
    taken: BTreeMap<u64, Taken>,
    handing: Handing<Arc<Sent>>,
}

#[derive(Debug)]
struct Taken {
    subject: Subject,
    to: mpsc::Sender<Word>,
}

/// What a console hears of colleagues.
#[derive(Clone, Debug)]
pub(super) enum Word {
    /// One shows a camera.
    Handed(Arc<Handed>),
    /// This became of a camera that was sent from here, at that moment.
    Answered(Arc<Sent>, Outcome, UnixMicros),
}

/// A camera that somebody sent.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) hand: HandId,
    pub(super) camera: CameraId,
    /// To whom, as they are called here.
    pub(super) to: String,
    by: Actor,
}

/// A camera that somebody was shown.
#[derive(Debug)]
pub(super) struct Handed {
    pub(super) hand: HandId,
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
    words: mpsc::Receiver<Word>,
}

impl Seat {
    /// The next that there is to say of colleagues. Dropping the future loses nothing.
    pub(super) async fn word(&mut self) -> Word {
        match self.words.recv().await {
            Some(word) => word,
            // The other end is among the seats for as long as this is.
            None => std::future::pending().await,
        }
    }

    /// Whoever sits here has taken a camera that they were shown, or put it aside.
    pub(super) fn answer(&self, hand: HandId, taken: bool) {
        let mut seats = self.consoles.seats();
        let settled = seats.handing.answered(hand, self.number, taken);
        self.consoles.tell(&seats, settled);
    }

    /// Time has passed: called every few seconds.
    pub(super) fn tick(&self) {
        let mut seats = self.consoles.seats();
        let settled = seats.handing.tick(Instant::now());
        self.consoles.tell(&seats, settled);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.consoles.seats();
        seats.taken.remove(&self.number);
        let settled = seats.handing.left(self.number);
        self.consoles.tell(&seats, settled);
    }
}

impl Consoles {
    /// A console is open for this subject from now on.
    pub(super) fn sit(self: &Arc<Self>, subject: &Subject) -> Seat {
        let (to, words) = mpsc::channel(WAITING);
        let mut seats = self.seats();
        let number = seats.next;
        seats.next += 1;
        seats.taken.insert(number, Taken { subject: subject.clone(), to });
        Seat { consoles: self.clone(), number, words }
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows a camera at these consoles; at how many there was room for it, and its name.
    fn hand(
        &self,
        (camera, to): (CameraId, String),
        subject: &Subject,
        theirs: &BTreeSet<u64>,
    ) -> Shown {
        let mut seats = self.seats();
        let (hand, at) = (seats.handing.name(), SystemTime::now().into());
        let handed = Handed { hand, camera: camera.clone(), by: name(subject), at };
        let word = Word::Handed(handed.into());
        let there = seats.taken.iter().filter(|(number, _)| theirs.contains(number));
        let reached = there.filter(|(_, seat)| seat.to.try_send(word.clone()).is_ok());
        let reached: BTreeSet<u64> = reached.map(|(number, _)| *number).collect();
        let consoles = reached.len();
        if consoles > 0 {
            let sent = Arc::new(Sent { hand, camera, to, by: subject.actor() });
            let settled = seats.handing.begin(Instant::now(), (hand, sent), reached);
            self.tell(&seats, settled);
        }
        Shown { consoles, hand }
    }

    /// Tells those who sent cameras what became of them, wherever they are at a console now.
    fn tell(&self, seats: &Seats, settled: impl IntoIterator<Item = (Arc<Sent>, Outcome)>) {
        for (sent, outcome) in settled {
            let at = SystemTime::now().into();
            let theirs = seats.taken.values().filter(|seat| seat.subject.actor() == sent.by);
            for seat in theirs {
                if seat.to.try_send(Word::Answered(sent.clone(), outcome, at)).is_err() {
                    self.untold.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }

    pub(super) fn encode(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Words on what became of a camera for a colleague that its sender did not take";
        to.encode_descriptor("hands_untold", help, None, MetricType::Counter)?
            .encode_counter::<NoLabelSet, _, u64>(&self.untold.load(Ordering::Relaxed), None)
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
    /// Its name: what becomes of it is told under it at the sender's consoles.
    #[schema(value_type = u64)]
    hand: HandId,
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
    let theirs: Vec<(u64, Subject)> = {
        let seats = app.consoles.seats();
        let theirs = seats.taken.iter().filter(|(_, seat)| name(&seat.subject) == to);
        theirs.map(|(number, seat)| (*number, seat.subject.clone())).collect()
    };
    if theirs.is_empty() {
        let to: String = to.chars().take(64).collect();
        return Err(Problem::conflict(format!(
            "Nobody called {to:?} is at a console now. GET /api/v1/consoles lists who is."
        )));
    }
    let seeing = theirs.into_iter().filter(|(_, colleague)| colleague.may_see(&camera));
    let seeing: BTreeSet<u64> = seeing.map(|(number, _)| number).collect();
    if seeing.is_empty() {
        subject.note_denied("hand");
        let detail = "They may not see this camera, so it was not shown to them.";
        return Err(Problem::new(StatusCode::FORBIDDEN, detail));
    }
    let shown = app.consoles.hand((camera.id.clone(), to.clone()), subject, &seeing);
    if shown.consoles == 0 {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            format!("Their console has not taken the last {WAITING} cameras. Call them instead."),
        ));
    }
    app.note(subject, Deed::Hand, format!("camera:{}", camera.id), Some(json!({ "to": to })));
    Ok(shown)
}
