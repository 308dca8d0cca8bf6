//! Writes down what people look at, and whatever else happens here that is no command of the desk's,
//! without keeping anybody waiting: viewing goes on whatever the disk does.

use std::{
    fmt,
    net::IpAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Instant, SystemTime},
};

use prometheus_client::{
    encoding::{DescriptorEncoder, NoLabelSet},
    metrics::MetricType,
};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tracing::{error, info};
use uuid::Uuid;

use super::{App, access::Subject};
use crate::{
    domain::{
        alert::Actor,
        audit::Deed,
        denials::{Denials, Repeated},
        roster::PersonId,
        time::UnixMicros,
        viewing::{GAP, Sight, Viewed, Viewing},
    },
    store::AuditRow,
};

/// Rows that wait for the ledger, which takes them at once: it has a queue and a memory of its own
/// and a spool behind it. When full, rows are lost: counted, told in the log and, when there is room
/// again, in the audit itself.
const WAITING: usize = 4096;

/// Where rows are given. They are written by whoever has the [`NotesInbox`].
#[derive(Debug)]
pub struct Notes {
    to: mpsc::Sender<AuditRow>,
    viewing: Mutex<Viewing<Viewer>>,
    denials: Mutex<Denials<Viewer>>,
    sockets: AtomicU64,
    /// All that were lost.
    lost: AtomicU64,
    /// Those of them that the audit does not tell yet.
    untold: AtomicU64,
    losing: AtomicBool,
}

/// Whose views are one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Viewer {
    user: String,
    person: Option<PersonId>,
    address: Option<IpAddr>,
}

impl Viewer {
    pub(super) fn of(subject: &Subject) -> Self {
        let Actor { user, person } = subject.actor();
        Self { user, person, address: subject.address }
    }
}

/// What was given, in order.
#[derive(Debug)]
pub struct NotesInbox(mpsc::Receiver<AuditRow>);

impl NotesInbox {
    /// Waits for rows and adds up to `limit` of them; 0 when there will be no more.
    pub async fn recv_many(&mut self, rows: &mut Vec<AuditRow>, limit: usize) -> usize {
        self.0.recv_many(rows, limit).await
    }

    /// Takes no more, and adds what is there.
    pub fn drain(&mut self, rows: &mut Vec<AuditRow>) {
        self.0.close();
        while let Ok(row) = self.0.try_recv() {
            rows.push(row);
        }
    }
}

impl Notes {
    /// Both ends.
    pub fn new() -> (std::sync::Arc<Self>, NotesInbox) {
        let (to, rows) = mpsc::channel(WAITING);
        let notes = Self {
            to,
            viewing: Mutex::new(Viewing::new(GAP)),
            denials: Mutex::default(),
            sockets: AtomicU64::default(),
            lost: AtomicU64::default(),
            untold: AtomicU64::default(),
            losing: AtomicBool::default(),
        };
        (notes.into(), NotesInbox(rows))
    }

    /// Gives a row. Never waits.
    pub fn put(&self, row: AuditRow) {
        match self.to.try_send(row) {
            Ok(()) => {
                if self.losing.swap(false, Ordering::Relaxed) {
                    info!("rows of the audit are taken again");
                }
            }
            Err(_) => {
                self.lost.fetch_add(1, Ordering::Relaxed);
                self.untold.fetch_add(1, Ordering::Relaxed);
                if !self.losing.swap(true, Ordering::Relaxed) {
                    error!("rows of the audit are lost: the store does not take them");
                }
            }
        }
    }

    /// Rows that are due because of the time: views that have ended, what was refused again and again,
    /// and how many rows were lost.
    pub fn due(&self) -> Vec<AuditRow> {
        let ended = self.viewing().tick(Instant::now());
        let repeated = self.denials().tick(Instant::now());
        self.rows(ended, repeated)
    }

    /// The same when the service stops: all views end.
    pub fn finish(&self) -> Vec<AuditRow> {
        let ended = self.viewing().finish(Instant::now());
        let repeated = self.denials().finish();
        self.rows(ended, repeated)
    }

    fn rows(&self, ended: Vec<Viewed<Viewer>>, repeated: Vec<Repeated<Viewer>>) -> Vec<AuditRow> {
        let ended = ended.into_iter().map(row);
        ended.chain(repeated.into_iter().map(repeated_row)).chain(self.lost_row()).collect()
    }

    fn lost_row(&self) -> Option<AuditRow> {
        let rows = self.untold.swap(0, Ordering::Relaxed);
        let actor = Actor { user: "service".to_owned(), person: None };
        let detail = Some(json!({ "rows": rows }));
        (rows > 0).then(|| audit_row(actor, None, Deed::Lost, "audit".to_owned(), detail))
    }

    pub(super) fn viewing(&self) -> MutexGuard<'_, Viewing<Viewer>> {
        self.viewing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn denials(&self) -> MutexGuard<'_, Denials<Viewer>> {
        self.denials.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A name for a socket.
    pub(super) fn socket(&self) -> u64 {
        self.sockets.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn put_all(&self, viewed: Vec<Viewed<Viewer>>) {
        viewed.into_iter().for_each(|viewed| self.put(row(viewed)));
    }

    pub(super) fn encode(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Rows of the audit that were lost because the store did not take them";
        to.encode_descriptor("audit_lost", help, None, MetricType::Counter)?
            .encode_counter::<NoLabelSet, _, u64>(&self.lost.load(Ordering::Relaxed), None)
    }
}

impl App {
    /// Writes down what the subject did to what; never waits.
    pub(super) fn note(
        &self,
        subject: &Subject,
        deed: Deed,
        object: String,
        detail: Option<Value>,
    ) {
        self.note_of(subject.actor(), subject.address, deed, object, detail);
    }

    /// Writes down that the subject was refused something: once a minute, and how often.
    pub(super) fn note_denied(&self, subject: &Subject, what: String) {
        let Some(notes) = &self.notes else { return };
        let first = notes.denials().note(Instant::now(), &Viewer::of(subject), &what);
        if first {
            self.note(subject, Deed::Denied, what, None);
        }
    }

    /// The same of somebody who has not signed in, or not yet.
    pub(super) fn note_of(
        &self,
        actor: Actor,
        address: Option<IpAddr>,
        deed: Deed,
        object: String,
        detail: Option<Value>,
    ) {
        if let Some(notes) = &self.notes {
            notes.put(audit_row(actor, address, deed, object, detail));
        }
    }
}

fn audit_row(
    actor: Actor,
    address: Option<IpAddr>,
    deed: Deed,
    object: String,
    detail: Option<Value>,
) -> AuditRow {
    let at = SystemTime::now().into();
    AuditRow { id: Uuid::now_v7(), at, actor, action: deed.to_string(), object, detail, address }
}

fn repeated_row(Repeated { who, what, more }: Repeated<Viewer>) -> AuditRow {
    let actor = Actor { user: who.user, person: who.person };
    audit_row(actor, who.address, Deed::Denied, what, Some(json!({ "more": more })))
}

fn row(viewed: Viewed<Viewer>) -> AuditRow {
    let (who, sight, deed, detail, at) = match viewed {
        Viewed::Began { who, sight, at } => (who, sight, Deed::View, None, Some(at)),
        Viewed::Ended { who, sight, began, lasted } => {
            let detail = json!({ "began": began, "seconds": lasted.as_secs() });
            (who, sight, Deed::ViewEnded, Some(detail), None)
        }
    };
    let object = match sight {
        Sight::Mosaic => "mosaic".to_owned(),
        Sight::Camera(id) => format!("camera:{id}"),
    };
    let actor = Actor { user: who.user, person: who.person };
    let row = audit_row(actor, who.address, deed, object, detail);
    let at: UnixMicros = at.unwrap_or(row.at);
    AuditRow { at, ..row }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_row() -> AuditRow {
        let actor = Actor { user: "lan".to_owned(), person: None };
        audit_row(actor, None, Deed::View, "camera:cam-1".to_owned(), None)
    }

    #[tokio::test]
    async fn what_finds_no_room_is_counted_and_told_in_the_audit_when_there_is_room() {
        let (notes, mut inbox) = Notes::new();
        for _ in 0..WAITING + 7 {
            notes.put(a_row());
        }
        let mut rows = Vec::new();
        inbox.recv_many(&mut rows, 2 * WAITING).await;
        assert_eq!(rows.len(), WAITING);
        let told = notes.due();
        assert_eq!(told.len(), 1);
        assert_eq!((&*told[0].action, &told[0].detail), ("audit-lost", &Some(json!({"rows": 7}))));
        assert_eq!(notes.due(), [], "told once");
        assert_eq!(notes.lost.load(Ordering::Relaxed), 7);
        notes.put(a_row());
        inbox.drain(&mut rows);
        assert_eq!(rows.len(), WAITING + 1);
    }
}
