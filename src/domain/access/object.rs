//! What something is done to, as far as rights depend on it.

use crate::domain::camera::{CameraId, SiteId, WallId};

/// A thing, with the places that it is about.
#[derive(Clone, Copy, Debug)]
pub enum Object<'a> {
    /// A camera, with all that belongs to it.
    Camera {
        /// Which.
        id: &'a CameraId,
        /// Where it hangs.
        site: Option<&'a SiteId>,
        /// The walls that show it. Only a screen's rights depend on them.
        walls: &'a [WallId],
    },
    /// A site, with what is counted there.
    Site(&'a SiteId),
    /// A wall. To see it, one of its cameras is enough, the others being left out; to drive it takes
    /// all of them.
    Wall {
        /// Which.
        id: &'a WallId,
        /// The site of each of its cameras; of each site once is enough.
        sites: &'a [Option<&'a SiteId>],
    },
    /// An alert: a site's, or of cameras, or both. Who sees it sees all of it, so all must be theirs.
    Alert {
        /// Its own site.
        site: Option<&'a SiteId>,
        /// The site of each of its cameras.
        cameras: &'a [Option<&'a SiteId>],
    },
    /// Anything else that is about places: a record, an order of maintenance, a hand-over sheet, a
    /// drill. All of them must be theirs; about none, it is about everything.
    Places(&'a [Option<&'a SiteId>]),
    /// What belongs to the work at the desk and names no place: the roster, words, positions. Every
    /// grant covers it, wherever it holds.
    Desk,
    /// The service as a whole: accounts, configuration, audit, metrics.
    Service,
}

impl Object<'_> {
    /// Whether its existence is told to nobody who may not see it. That there are a desk and a
    /// service is no secret.
    pub(super) fn can_be_hidden(self) -> bool {
        !matches!(self, Self::Desk | Self::Service)
    }
}
