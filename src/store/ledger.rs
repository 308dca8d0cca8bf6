//! What is written of alerts, all of it in one transaction: changes, the alerts as they are now,
//! messages to send, proof of arrival, the journal, hand-over sheets, changes of walls and the audit.
//!
//! Writing the same rows again changes nothing, so a batch of which nobody knows whether it was
//! committed may be written again.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use super::{
    Store, StoreError, alerts, audit, audit::AuditRow, changes, column, deliveries,
    deliveries::Outcome, handover, handover::HandoverRow, journal, journal::JournalRow, receipts,
    receipts::Receipt, walls, walls::WallRow, writer::Write, writer::Written,
};
use crate::domain::alert::{Change, Seq, delivery::Delivery};

/// Rows that belong together: all of them are stored, or none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AlertRows {
    /// Changes, by their numbers.
    pub changes: Vec<Arc<Change>>,
    /// Messages to send.
    pub deliveries: Vec<Delivery>,
    /// What became of messages.
    pub outcomes: Vec<Outcome>,
    /// Who has or has read what.
    pub receipts: Vec<Receipt>,
    /// What was reported from outside.
    pub records: Vec<JournalRow>,
    /// Hand-over sheets.
    pub handovers: Vec<HandoverRow>,
    /// Changes of walls.
    pub walls: Vec<WallRow>,
    /// Who did what.
    pub audit: Vec<AuditRow>,
}

impl AlertRows {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
            && self.deliveries.is_empty()
            && self.outcomes.is_empty()
            && self.receipts.is_empty()
            && self.records.is_empty()
            && self.handovers.is_empty()
            && self.walls.is_empty()
            && self.audit.is_empty()
    }
}

impl Store {
    /// Writes rows in their order; committed when it returns. All of them or none; what is there
    /// already is left as it is.
    pub async fn write_alerts(&self, batch: Vec<Arc<AlertRows>>) -> Result<(), StoreError> {
        match self.writer.write(Write::Alerts(batch)).await? {
            Written::Clash(seq) => Err(StoreError::Clash { path: self.path.to_path_buf(), seq }),
            _ => Ok(()),
        }
    }
}

/// A clash is found before anything is written: others share the transaction.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    batch: &[Arc<AlertRows>],
) -> Result<Option<Seq>, sqlx::Error> {
    let head = changes::head(&mut *connection).await?;
    for change in batch.iter().flat_map(|rows| &rows.changes).filter(|c| c.seq <= head) {
        if changes::differs(connection, change).await? {
            return Ok(Some(change.seq));
        }
    }
    for rows in batch {
        for change in &rows.changes {
            if changes::insert(connection, change).await? {
                alerts::save(connection, change).await?;
            }
        }
        for delivery in &rows.deliveries {
            deliveries::insert(connection, delivery).await?;
        }
        for outcome in &rows.outcomes {
            deliveries::conclude(connection, outcome).await?;
        }
        for receipt in &rows.receipts {
            receipts::save(connection, receipt).await?;
        }
        for row in &rows.records {
            journal::insert(connection, row).await?;
        }
        for row in &rows.handovers {
            handover::save(connection, row).await?;
        }
        for row in &rows.walls {
            walls::insert(connection, row).await?;
        }
        for row in &rows.audit {
            audit::insert(connection, row).await?;
        }
    }
    Ok(None)
}

/// A column of JSON.
pub(super) fn read_json<T>(row: &sqlx::sqlite::SqliteRow, name: &str) -> Result<T, sqlx::Error>
where
    T: serde::de::DeserializeOwned + Send + Unpin + 'static,
{
    use sqlx::Row;
    let text: &str = row.try_get(name)?;
    serde_json::from_str(text).map_err(|error| column::unreadable(name, error))
}

/// JSON for a column.
pub(super) fn json(value: &impl Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}
