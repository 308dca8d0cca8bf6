//! The book's own figures; what depends on the rule is in `Plan`.

use std::time::Duration;

/// How the book judges what comes and goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookPolicy {
    /// Open alerts at most. Far more than people can look at; past it the book says so with an alert
    /// of its own, and what finds no room waits for it.
    pub open_max: usize,
    /// Sources remembered at most, open or not. What comes past it is counted and said.
    pub cases_max: usize,
    /// Comments kept with an alert.
    pub comments_max: usize,
    /// Nothing is on the shelf for longer: a shift and its hand-over.
    pub shelf_max: Duration,
    /// So many activations …
    pub chatter_count: usize,
    /// … within this time are chattering, which ends when there is none for this time (ISA-18.2
    /// §16.4.2.2: three or more in a minute).
    pub chatter_within: Duration,
    /// After a restart, a cause that is not found again within this time is gone.
    pub confirm_within: Duration,
    /// Other words and figures are told at most this often for each alert.
    pub update_every: Duration,
    /// A mask holds for this long without an alert that stands for what it masks.
    pub mask_alone: Duration,
    /// A position is in flood past so many new alerts (EEMUA 191) …
    pub flood_over: usize,
    /// … within this time …
    pub flood_within: Duration,
    /// … until there are fewer than these.
    pub flood_under: usize,
    /// The mix of priorities is that of so many of the newest alerts.
    pub mix_of: usize,
}

impl Default for BookPolicy {
    fn default() -> Self {
        const MINUTE: Duration = Duration::from_secs(60);
        Self {
            open_max: 10_000,
            cases_max: 40_000,
            comments_max: 100,
            shelf_max: 24 * 60 * MINUTE,
            chatter_count: 3,
            chatter_within: MINUTE,
            confirm_within: 10 * MINUTE,
            update_every: Duration::from_secs(10),
            mask_alone: MINUTE,
            flood_over: 10,
            flood_within: 10 * MINUTE,
            flood_under: 5,
            mix_of: 1000,
        }
    }
}
