//! After which times a screen is judged.

use std::time::Duration;

/// After which times a screen is judged. Each fault of one that has reported is told within 10 s of its
/// beginning: the time below, a second between two reports, and half a second between two looks at
/// what is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScreenPolicy {
    /// Nothing was heard of it for so long: gone. It reports each second.
    pub gone_after: Duration,
    /// So long one may take to its first report: after a power cut the hall's computers start beside
    /// the service, and each has to load its system, a browser and the page.
    pub first_report_within: Duration,
    /// None of its numbers moved for so long, although newer pictures were published: frozen.
    pub frozen_after: Duration,
    /// So many pictures must have been missed for that: one that a browser could not decode is no
    /// fault of its screen.
    pub frozen_missed: u64,
    /// Half of its cameras are behind by more than this: behind.
    pub behind_by: Duration,
    /// It has painted no tile for so long, although there are some: blank. A page that has just
    /// been opened on a busy machine takes seconds to its first tile.
    pub empty_after: Duration,
    /// The page itself says for so long that its canvas is blank: blank.
    pub blank_after: Duration,
    /// It must be well for so long until a fault is over: what comes and goes is one episode. Longer
    /// than `gone_after`, in which one that has gone again still looks well.
    pub off_delay: Duration,
    /// Between two ticks; more than this means that the service itself stood still, which is no
    /// screen's fault.
    pub pause: Duration,
    /// A screen that nobody configured is forgotten after being gone for so long.
    pub forget_after: Duration,
    /// A page without a name is forgotten after being silent for so long.
    pub forget_unnamed_after: Duration,
}

impl Default for ScreenPolicy {
    fn default() -> Self {
        Self {
            gone_after: Duration::from_secs(5),
            first_report_within: Duration::from_secs(120),
            frozen_after: Duration::from_secs(5),
            frozen_missed: 3,
            behind_by: Duration::from_secs(5),
            empty_after: Duration::from_secs(7),
            blank_after: Duration::from_secs(2),
            off_delay: Duration::from_secs(10),
            pause: Duration::from_secs(2),
            forget_after: Duration::from_secs(24 * 60 * 60),
            forget_unnamed_after: Duration::from_secs(60),
        }
    }
}
