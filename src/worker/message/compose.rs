//! Centre and decode worker: tiles in, the snapshot of a wall out.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWrite;

use super::{kind, malformed, split_head, with_length};
use crate::worker::link::{Frame, LinkError, LinkWriter};

/// Centre → decode worker: draw a snapshot of a wall from its newest tiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComposeJob {
    /// Comes back with the answer.
    pub job: u64,
    /// Cells in a row.
    pub columns: u16,
    /// Width of one cell in pixels.
    pub cell_width: u16,
    /// Height of one cell in pixels, the name's strip included.
    pub cell_height: u16,
    /// Row by row.
    pub cells: Vec<Cell>,
}

/// One cell of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The camera's newest tile, if it ever had one.
    pub jpeg: Option<Bytes>,
    /// The camera's name; drawn in ASCII, accents folded away.
    pub label: String,
    /// Why the picture is not to be taken for live, if so: it is dimmed, hatched and says this.
    pub stale: Option<String>,
}

/// Decode worker → centre: the snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    /// The job's number.
    pub job: u64,
    /// One JPEG, or why there is none, in one English sentence.
    pub outcome: Result<Bytes, String>,
}
impl<W: AsyncWrite + Unpin> LinkWriter<W> {
    /// Sends a compose job.
    pub async fn compose_job(&mut self, job: &ComposeJob) -> Result<(), LinkError> {
        let cell = |cell: &Cell| CellHead {
            bytes: cell.jpeg.as_ref().map(Bytes::len),
            label: cell.label.clone(),
            stale: cell.stale.clone(),
        };
        let head = ComposeHead {
            job: job.job,
            columns: job.columns,
            cell_width: job.cell_width,
            cell_height: job.cell_height,
            cells: job.cells.iter().map(cell).collect(),
        };
        let jpegs: Vec<&[u8]> = job.cells.iter().filter_map(|cell| cell.jpeg.as_deref()).collect();
        self.send(kind::COMPOSE_JOB, &with_length(&head), &jpegs.concat()).await
    }

    /// Sends the answer to a compose job.
    pub async fn composed(&mut self, composed: &Composed) -> Result<(), LinkError> {
        let (fault, jpeg) = match &composed.outcome {
            Ok(jpeg) => (None, &jpeg[..]),
            Err(why) => (Some(why.clone()), &[][..]),
        };
        let head = ComposedHead { job: composed.job, fault };
        self.send(kind::COMPOSED, &with_length(&head), jpeg).await
    }
}
impl ComposeJob {
    pub(super) fn parse(frame: Frame) -> Result<Self, LinkError> {
        let (head, mut payload) = split_head::<ComposeHead>(frame, kind::COMPOSE_JOB)?;
        let ComposeHead { job, columns, cell_width, cell_height, cells: heads } = head;
        let mut cells = Vec::with_capacity(heads.len());
        for CellHead { bytes, label, stale } in heads {
            let jpeg = match bytes {
                Some(bytes) if bytes > payload.len() => {
                    return Err(malformed(kind::COMPOSE_JOB, "a tile is longer than the frame"));
                }
                bytes => bytes.map(|bytes| payload.split_to(bytes)),
            };
            cells.push(Cell { jpeg, label, stale });
        }
        Ok(Self { job, columns, cell_width, cell_height, cells })
    }
}

impl Composed {
    pub(super) fn parse(frame: Frame) -> Result<Self, LinkError> {
        let (head, jpeg) = split_head::<ComposedHead>(frame, kind::COMPOSED)?;
        Ok(Self { job: head.job, outcome: head.fault.map_or(Ok(jpeg), Err) })
    }
}
#[derive(Serialize, Deserialize)]
struct ComposeHead {
    job: u64,
    columns: u16,
    cell_width: u16,
    cell_height: u16,
    cells: Vec<CellHead>,
}

#[derive(Serialize, Deserialize)]
struct CellHead {
    /// Length of its tile in the payload, where they stand in the order of the cells.
    bytes: Option<usize>,
    label: String,
    stale: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct ComposedHead {
    job: u64,
    fault: Option<String>,
}
