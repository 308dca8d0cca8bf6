//! Figures of the worker processes, read from the kernel now and then.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    domain::assignment::WorkerId,
    http::{Readiness, WorkerFigures, Workers},
};

/// How often memory is read. Scrapes are rarer.
const EVERY: Duration = Duration::from_secs(2);

/// Keeps the figures and the readiness up to date until `shutdown`.
pub(super) async fn keep(
    ingest: watch::Receiver<Vec<(WorkerId, u32)>>,
    decode: watch::Receiver<Vec<Option<u32>>>,
    workers: Arc<Workers>,
    readiness: Arc<Readiness>,
    shutdown: CancellationToken,
) {
    let mut seen: BTreeMap<(&'static str, usize), (u32, u64)> = BTreeMap::new();
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = tick.tick() => {}
        }
        let ingest = ingest
            .borrow()
            .iter()
            .map(|(id, pid)| ("ingest", id.0 as usize, *pid))
            .collect::<Vec<_>>();
        let decode = decode
            .borrow()
            .iter()
            .enumerate()
            .filter_map(|(n, pid)| Some(("decode", n, (*pid)?)))
            .collect::<Vec<_>>();
        let figures: Vec<WorkerFigures> = ingest
            .into_iter()
            .chain(decode)
            .filter_map(|(kind, index, pid)| {
                let (known, restarts) = seen.entry((kind, index)).or_insert((pid, 0));
                if *known != pid {
                    (*known, *restarts) = (pid, *restarts + 1);
                }
                Some(WorkerFigures {
                    kind,
                    index,
                    restarts: *restarts,
                    memory_bytes: resident(pid)?,
                })
            })
            .collect();
        let count = |kind| figures.iter().filter(|worker| worker.kind == kind).count();
        readiness.ingest_workers.store(count("ingest"), std::sync::atomic::Ordering::Relaxed);
        readiness.decode_workers.store(count("decode"), std::sync::atomic::Ordering::Relaxed);
        workers.set(figures);
    }
}

/// Resident memory of a process in bytes; `None` if it is gone.
fn resident(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}
