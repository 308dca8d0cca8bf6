//! Single pictures on request, from what the hub holds and the desk shows.

use std::{sync::Arc, time::SystemTime};

use futures_util::future::BoxFuture;

use crate::{
    desk::view::View,
    domain::{
        camera::{Handle, State, WallId},
        time::UnixMicros,
    },
    hub::{
        fanout::FanoutHandle,
        media::{BASE_WIDTH, MediaHandle},
        snapshots::{Snapshot, SnapshotError, Snapshots},
    },
    worker::message::{Cell, ComposeJob},
};

/// Makes snapshots.
pub(super) struct Darkroom {
    pub(super) view: Arc<View>,
    pub(super) fanout: FanoutHandle,
    pub(super) media: MediaHandle,
}

/// A wall's snapshot when no width is wished for.
const WALL_WIDTH: u32 = 1920;

/// Bounds of a wall's snapshot in pixels: what a decode worker draws at most.
const WALL_WIDTHS: std::ops::RangeInclusive<u32> = 320..=8192;

impl Snapshots for Darkroom {
    fn camera(
        &self,
        camera: Handle,
        width: Option<u32>,
    ) -> BoxFuture<'_, Result<Snapshot, SnapshotError>> {
        Box::pin(async move {
            if !self.view.cameras.contains_key(&camera) {
                return Err(SnapshotError::Unknown);
            }
            match self.media.snapshot(camera, width.unwrap_or(u32::MAX)).await {
                // A stream decoded in full may have no keyframe to decode again, but it has tiles.
                Err(SnapshotError::NoPicture) => self.newest_tile(camera).await,
                other => other,
            }
        })
    }

    fn wall(
        &self,
        wall: WallId,
        width: Option<u32>,
    ) -> BoxFuture<'_, Result<Snapshot, SnapshotError>> {
        Box::pin(async move {
            let wall = self.view.wall(&wall).ok_or(SnapshotError::Unknown)?;
            let now = UnixMicros::from(SystemTime::now());
            let mut cells = Vec::with_capacity(wall.cells.len());
            for camera in &wall.cells {
                cells.push(self.cell(*camera, now).await);
            }
            let width = width.unwrap_or(WALL_WIDTH).clamp(*WALL_WIDTHS.start(), *WALL_WIDTHS.end());
            let jpeg = self.media.compose(grid(cells, width)).await?;
            Ok(Snapshot { jpeg, captured_at: now })
        })
    }
}

impl Darkroom {
    async fn newest_tile(&self, camera: Handle) -> Result<Snapshot, SnapshotError> {
        let newest =
            self.fanout.newest(camera, BASE_WIDTH).await.ok_or(SnapshotError::NoPicture)?;
        Ok(Snapshot { jpeg: newest.jpeg, captured_at: newest.header.received_at })
    }

    async fn cell(&self, camera: Handle, now: UnixMicros) -> Cell {
        let newest = self.fanout.newest(camera, BASE_WIDTH).await;
        let view = self.view.cameras.get(&camera).map(|entry| entry.value().clone());
        let Some(view) = view else {
            return Cell { jpeg: None, label: String::new(), stale: Some("gone".to_owned()) };
        };
        let stale = (view.state != State::Online).then(|| match &newest {
            Some(newest) => {
                format!(
                    "{} - last picture {} s ago",
                    word(view.state),
                    now.since(newest.header.received_at).as_secs()
                )
            }
            None => word(view.state).to_owned(),
        });
        Cell {
            jpeg: newest.map(|newest| newest.jpeg),
            label: format!("{} {}", view.number, view.name),
            stale,
        }
    }
}

/// Lays the cells out as on a 16:9 wall.
fn grid(cells: Vec<Cell>, width: u32) -> ComposeJob {
    let mut columns = 1u32;
    while columns * columns < u32::try_from(cells.len()).unwrap_or(u32::MAX) {
        columns += 1;
    }
    let cell_width = (width / columns).max(16) & !1;
    let cell_height = (cell_width * 9 / 16 + 16) & !1;
    ComposeJob {
        job: 0,
        columns: u16::try_from(columns).unwrap_or(u16::MAX),
        cell_width: u16::try_from(cell_width).unwrap_or(u16::MAX),
        cell_height: u16::try_from(cell_height).unwrap_or(u16::MAX),
        cells,
    }
}

fn word(state: State) -> &'static str {
    match state {
        State::Connecting => "connecting",
        State::WaitingKeyframe => "waiting for a keyframe",
        State::WaitingParameters => "waiting for parameters",
        State::Online => "online",
        State::Stalled => "stalled",
        State::Offline => "offline",
        State::Suspect => "suspect",
        State::Maintenance => "maintenance",
    }
}
