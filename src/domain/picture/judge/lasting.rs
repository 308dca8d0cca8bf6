//! What must be seen in several pictures in a row before it is said, and missed in several before
//! it is unsaid.

use std::time::Instant;

use super::Patience;

/// Pictures without it that end it.
const GONE: u32 = 2;

/// One thing that may be seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Lasting {
    since: Option<Instant>,
    seen: u32,
    missed: u32,
    /// Stays as it was first said: it must not change with every picture.
    evidence: Option<String>,
}

impl Lasting {
    /// A picture at `now` shows it, or does not.
    pub(super) fn feed(
        &mut self,
        now: Instant,
        patience: Patience,
        evidence: Option<impl FnOnce() -> String>,
    ) {
        match evidence {
            Some(evidence) => {
                let since = *self.since.get_or_insert(now);
                self.seen += 1;
                self.missed = 0;
                let lasted = now.saturating_duration_since(since) >= patience.span;
                if self.evidence.is_none() && self.seen >= patience.pictures && lasted {
                    self.evidence = Some(evidence());
                }
            }
            None => {
                self.missed += 1;
                if self.evidence.is_none() || self.missed >= GONE {
                    *self = Self::default();
                }
            }
        }
    }

    /// It was seen in the newest pictures, perhaps not often enough to be said.
    pub(super) fn is_suspected(&self) -> bool {
        self.seen > 0
    }

    /// What is said, if it is said.
    pub(super) fn evidence(&self) -> Option<&str> {
        self.evidence.as_deref()
    }
}
