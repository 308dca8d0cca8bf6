//! The way to the task that owns the configuration file.

use std::net::IpAddr;

use axum::http::StatusCode;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::{mpsc, oneshot};

use crate::{
    config::{
        CameraConfig, Fault, Faults,
        edit::{NotEdited, Section},
        reload::Changes,
        roster_csv::RosterReport,
    },
    desk::command::Refused,
    domain::alert::Actor,
    http::{App, Problem, access::Subject},
    store::StoreError,
};

/// What is to be changed.
#[derive(Debug)]
pub enum Edit {
    /// Change or add an entry.
    Put {
        /// Of which list.
        section: Section,
        /// Which.
        id: String,
        /// A merge patch (RFC 7396).
        fields: Map<String, Value>,
        /// A new password, for a camera. Without one, what is kept stays.
        password: Option<SecretString>,
    },
    /// Remove an entry.
    Remove {
        /// Of which list.
        section: Section,
        /// Which.
        id: String,
    },
    /// Change and add cameras as a sheet says, with the columns of `config::camera_csv`.
    Cameras {
        /// The sheet.
        sheet: String,
    },
    /// Put a sheet in place of the roster's dated entries, with the columns of `config::roster_csv`.
    Roster {
        /// The sheet.
        sheet: String,
        /// Its number in the history, if it was there before.
        restored: Option<i64>,
    },
    /// Put a text back that the file had before.
    Restore {
        /// Its number in the history.
        id: i64,
        /// The text.
        text: String,
    },
}

/// A camera as it would be after a change, to be tried out.
#[derive(Debug)]
pub struct Trial {
    /// Its id as the file has it, or a new one.
    pub id: String,
    /// A merge patch.
    pub fields: Map<String, Value>,
    /// Its password; without one, the one that is kept, where the camera stays at its host.
    pub password: Option<SecretString>,
}

/// An order on its way to the file.
#[derive(Debug)]
pub enum Order {
    /// Tell the entries of a list.
    Read(Section, oneshot::Sender<Result<Listed, NotTaken>>),
    /// Tell the sheet of the roster's dated entries; `None`: there is none.
    ReadRoster(oneshot::Sender<Result<Option<String>, NotTaken>>),
    /// Tell what a sheet would do to the roster's dated entries. Nothing is changed.
    TryRoster(String, oneshot::Sender<Result<RosterTried, NotTaken>>),
    /// Tell how a camera would be. Nothing is changed.
    Imagine(Trial, oneshot::Sender<Result<Box<CameraConfig>, NotTaken>>),
    /// Have it say something else.
    Change {
        /// What.
        edit: Edit,
        /// The text that it was thought of; another is in force: nothing is done.
        version: Option<String>,
        /// Only try it.
        dry_run: bool,
        /// Who wants it, and from where, if that is known.
        by: (Actor, Option<IpAddr>),
        /// Told what came of it.
        answer: oneshot::Sender<Result<Edited, NotTaken>>,
    },
}

/// What a sheet would do to the roster's dated entries.
#[derive(Debug)]
pub struct RosterTried {
    /// Of the roster that it was compared with.
    pub version: String,
    /// What it would do, and what is wrong with it.
    pub report: RosterReport,
}

/// A list as it is written.
#[derive(Debug)]
pub struct Listed {
    /// Of the whole text.
    pub version: String,
    /// In the order of the file.
    pub entries: Vec<Map<String, Value>>,
}

/// What came of a change.
#[derive(Debug)]
pub struct Edited {
    /// Of the text as it is now, or would be.
    pub version: String,
    /// What it changes in the service.
    pub changes: Changes,
    /// What works but should be put right.
    pub warnings: Vec<Fault>,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// Somebody else was faster.
    #[error("the configuration was changed meanwhile")]
    Changed,
    /// The text cannot be changed so.
    #[error(transparent)]
    NotEdited(#[from] NotEdited),
    /// It would be no sound configuration.
    #[error("{} mistakes", .0.len())]
    Unsound(Faults),
    /// The file cannot be read or written.
    #[error("{0}")]
    File(String),
    /// What it said before cannot be kept.
    #[error("what the file said cannot be kept")]
    NotKept(#[source] StoreError),
    /// A password that is a mask, or is none of a camera's.
    #[error("{0}")]
    Password(&'static str),
}

/// Hands orders to the task that owns the file.
#[derive(Clone, Debug)]
pub struct Editor(mpsc::Sender<Order>);

/// Orders that wait; people are slower than the file.
const WAITING: usize = 8;

impl Editor {
    /// With the end where orders arrive.
    pub fn new() -> (Self, mpsc::Receiver<Order>) {
        let (orders, arriving) = mpsc::channel(WAITING);
        (Self(orders), arriving)
    }

    pub(super) async fn read(&self, section: Section) -> Result<Listed, Refusal> {
        let (answer, answered) = oneshot::channel();
        self.answered(Order::Read(section, answer), answered).await
    }

    pub(in crate::http) async fn read_roster(&self) -> Result<Option<String>, Refusal> {
        let (answer, answered) = oneshot::channel();
        self.answered(Order::ReadRoster(answer), answered).await
    }

    pub(in crate::http) async fn try_roster(&self, sheet: String) -> Result<RosterTried, Refusal> {
        let (answer, answered) = oneshot::channel();
        self.answered(Order::TryRoster(sheet, answer), answered).await
    }

    pub(super) async fn imagine(&self, camera: Trial) -> Result<Box<CameraConfig>, Refusal> {
        let (answer, answered) = oneshot::channel();
        self.answered(Order::Imagine(camera, answer), answered).await
    }

    pub(in crate::http) async fn change(
        &self,
        edit: Edit,
        (version, dry_run): (Option<String>, bool),
        subject: &Subject,
    ) -> Result<Edited, Refusal> {
        let by = (subject.actor(), subject.address);
        let (answer, answered) = oneshot::channel();
        self.answered(Order::Change { edit, version, dry_run, by, answer }, answered).await
    }

    async fn answered<T>(
        &self,
        order: Order,
        answered: oneshot::Receiver<Result<T, NotTaken>>,
    ) -> Result<T, Refusal> {
        let stopping = || Refusal::plain(Problem::refused(Refused::Stopping));
        self.0.send(order).await.map_err(|_| stopping())?;
        answered.await.map_err(|_| stopping())?.map_err(Refusal::from)
    }
}

/// A problem document with every mistake of the file.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct Refusal {
    #[serde(flatten)]
    problem: Problem,
    /// Each with its line, key and remedy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<Mistake>,
}

/// A mistake of the file.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct Mistake {
    /// From 1; 0: the whole file.
    line: u32,
    /// `camera[3].url`.
    key: String,
    message: String,
    remedy: String,
}

impl From<&Fault> for Mistake {
    fn from(fault: &Fault) -> Self {
        let Fault { line, key, problem, remedy, .. } = fault.clone();
        Self { line, key, message: problem, remedy }
    }
}

impl Refusal {
    fn plain(problem: Problem) -> Self {
        Self { problem, faults: Vec::new() }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::plain(problem)
    }
}

impl From<NotTaken> for Refusal {
    fn from(not_taken: NotTaken) -> Self {
        let problem = match &not_taken {
            NotTaken::Changed => Problem::conflict(
                "The configuration was changed meanwhile. Read it again; nothing was changed.",
            ),
            NotTaken::NotEdited(NotEdited::Unknown(..)) => Problem::new(
                StatusCode::NOT_FOUND,
                format!("{}. Nothing was changed.", capital(&not_taken.to_string())),
            ),
            NotTaken::NotEdited(_) | NotTaken::Password(_) => Problem::unprocessable(format!(
                "{}. Nothing was changed.",
                capital(&not_taken.to_string())
            )),
            NotTaken::Unsound(faults) => Problem::unprocessable(format!(
                "{} mistakes, told in `faults`. Nothing was changed.",
                faults.len()
            )),
            NotTaken::File(why) => {
                tracing::warn!(%why, "the configuration file was not changed");
                Problem::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    format!("{}. Nothing was changed.", capital(why)),
                )
            }
            NotTaken::NotKept(error) => {
                tracing::warn!(%error, "what the configuration said could not be kept");
                Problem::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The store could not keep what the file said. Nothing was changed. Try again.",
                )
            }
        };
        let faults = match &not_taken {
            NotTaken::Unsound(faults) => faults.iter().map(Mistake::from).collect(),
            _ => Vec::new(),
        };
        Self { problem, faults }
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str().trim_end_matches('.')
}

impl axum::response::IntoResponse for Refusal {
    fn into_response(self) -> axum::response::Response {
        let body = axum::Json(&self).into_response().into_body();
        // Status and headers are those of any problem.
        let (parts, _) = self.problem.into_response().into_parts();
        axum::response::Response::from_parts(parts, body)
    }
}

impl App {
    pub(in crate::http) fn editor(&self) -> Result<&Editor, Problem> {
        self.editor.as_ref().ok_or_else(|| {
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "This service has no configuration file to change: it was started without one.",
            )
        })
    }
}
