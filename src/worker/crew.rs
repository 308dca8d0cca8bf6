//! The ingest workers as the centre sees them: started, told, listened to, stopped. Decides
//! nothing: `desk` says when, and hears of every end.

use std::{collections::HashMap, io, sync::Arc, time::Duration};

use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
    time::Instant,
};
use tracing::{Instrument, info_span, warn};

use super::{
    link::LinkWriter,
    message::{FromIngest, IngestFrame, SessionId, ToIngest},
    spawn::{Launcher, Role, Started},
};
use crate::domain::{
    assignment::WorkerId,
    media::{AccessUnit, StreamFormat, StreamRef},
};

/// Takes what the workers' streams bring, each stream's words in order. Never waits: whoever is
/// behind drops by a rule of its own, and counts.
pub trait Intake: std::fmt::Debug + Send + Sync {
    /// What a stream carries from its next access unit on.
    fn format(&self, source: StreamRef, format: &StreamFormat);

    /// An access unit.
    fn unit(&self, session: SessionId, unit: AccessUnit);
}

/// What the crew reports.
#[derive(Debug)]
pub enum CrewEvent {
    /// A worker said something; [`FromIngest::Ready`] first.
    Said(WorkerId, FromIngest),
    /// A worker ended; nothing more comes of it.
    Gone {
        /// Which one.
        worker: WorkerId,
        /// How, in a sentence.
        evidence: String,
    },
}

/// Commands that wait for one worker. Few are ever due at once: a full queue means that the worker
/// hangs, and it is ended.
const COMMANDS_WAITING: usize = 256;

/// An end is told this long after the start at the earliest. Still leaves time to be back within a
/// second of a crash.
const SHORTEST_LIFE: Duration = Duration::from_millis(500);

/// How long a worker may take to end by itself once its link is closed.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// All ingest workers.
#[derive(Debug)]
pub struct Crew {
    launcher: Launcher,
    /// To the desk, which always reads: bounded by its owner, waited on here.
    events: mpsc::Sender<CrewEvent>,
    intake: Arc<dyn Intake>,
    workers: HashMap<WorkerId, Member>,
    tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Member {
    commands: mpsc::Sender<ToIngest>,
    task: AbortHandle,
    pid: Option<u32>,
}

impl Crew {
    /// Nobody yet.
    pub fn new(
        launcher: Launcher,
        events: mpsc::Sender<CrewEvent>,
        intake: Arc<dyn Intake>,
    ) -> Self {
        Self { launcher, events, intake, workers: HashMap::new(), tasks: JoinSet::new() }
    }

    /// Starts a worker. Its failure to start is told as its end.
    pub fn start(&mut self, worker: WorkerId) {
        let (commands, waiting) = mpsc::channel(COMMANDS_WAITING);
        let started = self.launcher.start(Role::Ingest);
        let pid = started.as_ref().ok().and_then(|started| started.child.id());
        let (events, intake) = (self.events.clone(), self.intake.clone());
        let began = Instant::now();
        let life = async move {
            let evidence = match started {
                Ok(started) => tend(worker, started, waiting, &events, &*intake).await,
                Err(error) => format!("it could not be started: {error}"),
            };
            // One that cannot start must not be started again in a tight loop.
            tokio::time::sleep_until(began + SHORTEST_LIFE).await;
            // The desk is gone only when the service stops.
            let _ = events.send(CrewEvent::Gone { worker, evidence }).await;
        };
        let task = self.tasks.spawn(life.instrument(info_span!("ingest", worker = worker.0)));
        self.workers.insert(worker, Member { commands, task, pid });
        while self.tasks.try_join_next().is_some() {}
    }

    /// Tells a worker something. A worker that does not read is ended; its end is then told.
    pub fn tell(&mut self, worker: WorkerId, message: ToIngest) {
        let Some(member) = self.workers.get(&worker) else {
            return;
        };
        if let Err(mpsc::error::TrySendError::Full(_)) = member.commands.try_send(message) {
            warn!(worker = worker.0, "an ingest worker does not read its commands: ending it");
            self.workers.remove(&worker);
        }
    }

    /// A way to tell a worker something later; `None` if it is not there.
    pub fn teller(&self, worker: WorkerId) -> Option<mpsc::Sender<ToIngest>> {
        self.workers.get(&worker).map(|member| member.commands.clone())
    }

    /// Stops a worker for good: its link closes, and it has a moment to say goodbye to its cameras.
    pub fn stop(&mut self, worker: WorkerId) {
        self.workers.remove(&worker);
    }

    /// Process ids, for memory figures.
    pub fn pids(&self) -> Vec<(WorkerId, u32)> {
        self.workers
            .iter()
            .filter(|(_, member)| !member.task.is_finished())
            .filter_map(|(worker, member)| Some((*worker, member.pid?)))
            .collect()
    }

    /// Stops all workers and waits for them, a moment at most.
    pub async fn stop_all(&mut self) {
        self.workers.clear();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        // Whoever is left is killed when the set is dropped.
        let _ = tokio::time::timeout(STOP_PATIENCE + Duration::from_millis(500), all).await;
    }
}

/// Serves one worker until it ends; returns how it ended.
async fn tend(
    worker: WorkerId,
    started: Started,
    mut commands: mpsc::Receiver<ToIngest>,
    events: &mpsc::Sender<CrewEvent>,
    intake: &dyn Intake,
) -> String {
    let Started { mut child, mut reader, writer } = started;
    let mut telling = tokio::spawn(async move {
        let mut writer: LinkWriter<_> = writer;
        while let Some(message) = commands.recv().await {
            if writer.control(&message).await.is_err() {
                // The reading side sees the same end and tells it.
                std::future::pending::<()>().await;
            }
        }
        // Dropping the writer closes the link: the worker says goodbye and ends.
    });
    let mut stopping = false;
    let evidence = loop {
        let frame = tokio::select! {
            frame = reader.next() => frame,
            _ = &mut telling, if !stopping => {
                stopping = true;
                continue;
            }
            () = tokio::time::sleep(STOP_PATIENCE), if stopping => break "it did not stop in time".to_owned(),
        };
        let parsed = match frame {
            Ok(Some(frame)) => IngestFrame::parse(frame),
            Ok(None) => break "its link closed".to_owned(),
            Err(error) => Err(error),
        };
        match parsed {
            Ok(IngestFrame::Control(said)) => {
                if let FromIngest::Format { source, format, .. } = &said {
                    intake.format(*source, format);
                }
                if events.send(CrewEvent::Said(worker, said)).await.is_err() {
                    break "the service stops".to_owned();
                }
            }
            Ok(IngestFrame::AccessUnit(unit, session)) => intake.unit(session, unit),
            Err(error) => break error.to_string(),
        }
    };
    telling.abort();
    if !stopping {
        // It broke the link or its promises: whatever is left of it must not run beside the next.
        // Already gone is as good.
        let _: io::Result<()> = child.start_kill();
    }
    ended(&mut child).await.unwrap_or(evidence)
}

/// Makes sure that the process is gone; tells how it ended if not by itself in peace.
async fn ended(child: &mut tokio::process::Child) -> Option<String> {
    let status = match tokio::time::timeout(STOP_PATIENCE, child.wait()).await {
        Ok(status) => status,
        Err(_) => {
            // Already gone is as good.
            let _: io::Result<()> = child.start_kill();
            child.wait().await
        }
    };
    status.ok().filter(|status| !status.success()).map(|status| status.to_string())
}
