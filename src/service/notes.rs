//! Passes what HTTP notes on to the ledger.

use std::{sync::Arc, time::Duration};

use tokio::time::{self, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::ledger::{Entry, Ledger};
use crate::{
    http::{Notes, NotesInbox},
    store::{AlertRows, AuditRow},
};

/// Between two looks at what has ended meanwhile: its rows are a quarter of an hour late anyway.
const EVERY: Duration = Duration::from_secs(60);

/// Rows of one entry.
const BATCH: usize = 64;

/// Writes until `over`, and then what is left: by then nobody is served any more.
pub(super) async fn write(
    notes: Arc<Notes>,
    mut inbox: NotesInbox,
    ledger: Ledger,
    over: CancellationToken,
) {
    let mut look = time::interval(EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut rows = Vec::with_capacity(BATCH);
    loop {
        tokio::select! {
            given = inbox.recv_many(&mut rows, BATCH) => if given == 0 {
                return;
            },
            _ = look.tick() => rows.extend(notes.due()),
            () = over.cancelled() => {
                inbox.drain(&mut rows);
                rows.extend(notes.finish());
                return give(&ledger, rows).await;
            }
        }
        give(&ledger, std::mem::take(&mut rows)).await;
    }
}

async fn give(ledger: &Ledger, audit: Vec<AuditRow>) {
    if audit.is_empty() {
        return;
    }
    let rows = AlertRows { audit, ..AlertRows::default() };
    if let Err(entry) = ledger.give(Entry { rows, answer: None }).await {
        // Store and spool have refused all for hours, which every screen says, or all stops.
        error!(rows = entry.rows.audit.len(), "rows of the audit were not stored: they are lost");
    }
}
