//! Single pictures on request: the newest decoded keyframe of a camera, or a whole wall.

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::domain::{
    camera::{Handle, WallId},
    time::UnixMicros,
};

/// A picture that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The JPEG file.
    pub jpeg: Bytes,
    /// When its keyframe's last byte arrived; for a wall, when it was drawn.
    pub captured_at: UnixMicros,
}

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// The camera or wall is not there.
    #[error("it does not exist")]
    Unknown,
    /// No keyframe of the camera has been decoded yet.
    #[error("no picture has been decoded yet")]
    NoPicture,
    /// Decoding did not answer in time, or no worker is ready.
    #[error("the picture could not be made now")]
    Busy,
}

/// Whoever makes snapshots. Beside the real one, tests have theirs.
pub trait Snapshots: Send + Sync {
    /// The newest decoded keyframe of a camera, at the ladder width that serves `width`; `None` for
    /// the widest.
    fn camera(
        &self,
        camera: Handle,
        width: Option<u32>,
    ) -> BoxFuture<'_, Result<Snapshot, SnapshotError>>;

    /// The whole mosaic, ages marked as on the wall.
    fn wall(
        &self,
        wall: WallId,
        width: Option<u32>,
    ) -> BoxFuture<'_, Result<Snapshot, SnapshotError>>;
}
