//! The site tree: camera → site → … → centre.

use super::camera::SiteId;

/// A place that cameras hang from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Unique identity.
    pub id: SiteId,
    /// What people read.
    pub name: String,
    /// The site above it; `None` hangs from the centre. The configuration holds no cycle.
    pub parent: Option<SiteId>,
}
