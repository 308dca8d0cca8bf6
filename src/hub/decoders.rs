//! The decode workers as the hub sees them: each takes one job at a time and answers it within a
//! deadline; one that crashes or hangs is started again, and its job is told as the reason.

use std::time::Duration;

use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{
    domain::media::AccessUnit,
    worker::{
        link::LinkError,
        message::{DecodeFault, DecodeJob, DecodeMode, Decoded, FromDecode, Picture, ToDecode},
        spawn::{Launcher, Role, Started},
    },
};

/// How long one job may take. A 36-megapixel keyframe takes about 0.5 s; a hung decoder for ever.
const JOB_DEADLINE: Duration = Duration::from_secs(2);

/// How long a worker may take to be ready.
const START_DEADLINE: Duration = Duration::from_secs(10);

/// The wait before a worker is started again, while it keeps failing before it is ready.
const START_AGAIN: Duration = Duration::from_millis(500);

/// What became of a job.
#[derive(Debug)]
pub enum Outcome {
    /// The worker answered.
    Answered(FromDecode),
    /// The worker crashed or hung on it.
    Crashed,
}

/// Something a decode worker's tender tells the hub.
#[derive(Debug)]
pub enum DecoderEvent {
    /// This one can take a job; said again after it was lost.
    Idle(usize),
    /// This one ended by itself while it was idle: what it knew is lost, but no job.
    Lost(usize),
    /// This one finished its job, and is idle again once it says so.
    Done(usize, Outcome),
}

/// All decode workers.
#[derive(Debug)]
pub struct Decoders {
    jobs: Vec<mpsc::Sender<ToDecode>>,
    tasks: JoinSet<()>,
    pids: tokio::sync::watch::Receiver<Vec<Option<u32>>>,
}

impl Decoders {
    /// Starts `count` workers; `events` hears of them.
    pub fn start(
        count: usize,
        launcher: &Launcher,
        events: &mpsc::Sender<DecoderEvent>,
        shutdown: &CancellationToken,
    ) -> Self {
        let (pids_out, pids) = tokio::sync::watch::channel(vec![None; count]);
        let mut tasks = JoinSet::new();
        let jobs = (0..count).map(|index| {
            // One job at a time: the next is only given to an idle worker.
            let (jobs, waiting) = mpsc::channel(1);
            let tender = Tender {
                index,
                launcher: launcher.clone(),
                waiting,
                events: events.clone(),
                pids: pids_out.clone(),
            };
            let shutdown = shutdown.clone();
            tasks.spawn(async move {
                tokio::select! {
                    () = shutdown.cancelled() => {}
                    () = tender.run() => {}
                }
            });
            jobs
        });
        Self { jobs: jobs.collect(), tasks, pids }
    }

    /// Gives an idle worker a job.
    pub fn give(&self, worker: usize, job: ToDecode) {
        let given = self.jobs[worker].try_send(job);
        debug_assert!(given.is_ok(), "only idle workers are given jobs");
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.jobs.len()
    }

    /// Process ids, for memory figures.
    pub fn pids(&self) -> tokio::sync::watch::Receiver<Vec<Option<u32>>> {
        self.pids.clone()
    }

    /// Waits until all tenders have ended, after `shutdown`.
    pub async fn stopped(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

struct Tender {
    index: usize,
    launcher: Launcher,
    waiting: mpsc::Receiver<ToDecode>,
    events: mpsc::Sender<DecoderEvent>,
    pids: tokio::sync::watch::Sender<Vec<Option<u32>>>,
}

impl Tender {
    async fn run(mut self) {
        loop {
            let Some(mut started) = self.start().await else {
                tokio::time::sleep(START_AGAIN).await;
                continue;
            };
            self.pids.send_modify(|pids| pids[self.index] = started.child.id());
            if self.serve(&mut started).await == End::Service {
                return;
            }
            // Hung or broken: it must not linger beside its successor. Already gone is as good.
            let _ = started.child.start_kill();
            let _ = started.child.wait().await;
        }
    }

    async fn start(&self) -> Option<Started> {
        let started = async {
            let mut started = self.launcher.start(Role::Decode).ok()?;
            started.reader.next().await.ok()??;
            Some(started)
        };
        let started = tokio::time::timeout(START_DEADLINE, started).await.ok().flatten();
        if started.is_none() {
            warn!(decoder = self.index, "a decode worker did not become ready; trying again");
        }
        started
    }

    /// Serves jobs until the worker fails or nobody gives any more.
    async fn serve(&mut self, started: &mut Started) -> End {
        loop {
            if self.events.send(DecoderEvent::Idle(self.index)).await.is_err() {
                return End::Service;
            }
            let job = tokio::select! {
                biased;
                // It ended with nothing to do: no camera is to blame.
                _ = started.child.wait() => {
                    warn!(decoder = self.index, "an idle decode worker ended; starting it again");
                    return match self.events.send(DecoderEvent::Lost(self.index)).await {
                        Ok(()) => End::Worker,
                        Err(_) => End::Service,
                    };
                }
                job = self.waiting.recv() => job,
            };
            let Some(job) = job else { return End::Service };
            let answer = tokio::time::timeout(JOB_DEADLINE, exchange(started, &job)).await;
            let (outcome, failure) = match answer {
                Ok(Ok(answer)) => (Outcome::Answered(answer), None),
                Ok(Err(error)) => (Outcome::Crashed, Some(error.to_string())),
                Err(_) => {
                    (Outcome::Crashed, Some(format!("no answer for {} s", JOB_DEADLINE.as_secs())))
                }
            };
            if self.events.send(DecoderEvent::Done(self.index, outcome)).await.is_err() {
                return End::Service;
            }
            if let Some(failure) = failure {
                warn!(decoder = self.index, failure, "a decode worker failed; starting it again");
                return End::Worker;
            }
        }
    }
}

/// Who came to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Worker,
    Service,
}

async fn exchange(started: &mut Started, job: &ToDecode) -> Result<FromDecode, LinkError> {
    match job {
        ToDecode::Picture(job) => started.writer.decode_job(job).await?,
        ToDecode::Compose(job) => started.writer.compose_job(job).await?,
    }
    let frame = started.reader.next().await?;
    FromDecode::parse(frame.ok_or_else(|| LinkError::Io(std::io::ErrorKind::UnexpectedEof.into()))?)
}

/// Decodes one access unit in a worker of its own; tells what it gave in a sentence if no picture.
pub async fn decode_once(
    launcher: &Launcher,
    unit: &AccessUnit,
    pixels_max: u32,
) -> Result<Picture, String> {
    let once = async {
        let mut started = launcher.start(Role::Decode)?;
        // Its first word says that it is ready.
        started.reader.next().await?;
        let (codec, data) = (unit.codec, unit.data.clone());
        let mode = DecodeMode::Still;
        let job = DecodeJob { job: 1, codec, mode, pixels_max, widths: Vec::new(), data };
        exchange(&mut started, &ToDecode::Picture(job)).await
    };
    match tokio::time::timeout(START_DEADLINE + JOB_DEADLINE, once).await {
        Ok(Ok(FromDecode::Decoded(Decoded { outcome: Ok(picture), .. }))) => Ok(picture),
        Ok(Ok(FromDecode::Decoded(Decoded { outcome: Err(fault), .. }))) => Err(match fault {
            DecodeFault::Damaged { why } | DecodeFault::Unsupported { why } => why,
            DecodeFault::NotYet => "it holds no picture by itself".to_owned(),
        }),
        Ok(Ok(_)) => Err("the decode worker answered something else".to_owned()),
        Ok(Err(error)) => Err(format!("the decode worker ended: {error}")),
        Err(_) => Err("the decode worker did not answer in time".to_owned()),
    }
}
