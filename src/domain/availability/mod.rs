//! How long a camera could be watched, from what was written down, with the time of which nothing
//! is known counted apart.
//!
//! A state counts from when it was entered until the next one, at most until the service was last
//! known to run. Waiting for the first verdict after a start of the service says nothing of the
//! camera and is unknown; waiting after a verdict is the camera's outage.

mod month;
mod timeline;

pub use self::{
    month::{Month, NotAMonth},
    timeline::shares,
};
use super::{camera::State, time::UnixMicros};

/// A stretch of time: `from` is in it, `until` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its first microsecond.
    pub from: UnixMicros,
    /// The first microsecond after it.
    pub until: UnixMicros,
}

impl Window {
    /// Its length, microseconds; zero if it ends before it begins.
    pub fn micros(self) -> u64 {
        self.until.0.saturating_sub(self.from.0)
    }

    /// Whether a moment is in it.
    pub fn holds(self, at: UnixMicros) -> bool {
        (self.from..self.until).contains(&at)
    }
}

/// Numbers the service's lives in the order in which they began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LifeId(pub i64);

/// The service ran, and wrote down what it saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// Its number.
    pub id: LifeId,
    /// From when it began until it was last known to run.
    pub window: Window,
}

/// A camera entered a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    /// In which life of the service.
    pub life: LifeId,
    /// When.
    pub at: UnixMicros,
    /// Which; `None` when it was no longer configured.
    pub state: Option<State>,
}

/// The parts of a window, microseconds. They always sum to its length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// Its picture came, whatever else stood that leaves it online.
    pub available: u64,
    /// Pictures came, but what they showed was not to be trusted.
    pub suspect: u64,
    /// It was expected and could not be watched.
    pub not_available: u64,
    /// A person had taken it out of service.
    pub maintenance: u64,
    /// Nothing is known: the service did not run, or had no verdict yet, or did not have the
    /// camera.
    pub unknown: u64,
}

/// What a moment counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Available,
    Suspect,
    NotAvailable,
    Maintenance,
    Unknown,
}

impl Shares {
    /// Everything that is known, microseconds.
    pub fn known(self) -> u64 {
        self.available + self.suspect + self.not_available + self.maintenance
    }

    /// All parts, microseconds.
    pub fn total(self) -> u64 {
        self.known() + self.unknown
    }

    /// Of the time that is known and not maintenance, the share that it was available, percent;
    /// `None` if nothing of that kind is known.
    pub fn percent(self) -> Option<f64> {
        let expected = self.known() - self.maintenance;
        (expected > 0).then(|| self.available as f64 / expected as f64 * 100.0)
    }

    fn add(&mut self, class: Class, micros: u64) {
        *match class {
            Class::Available => &mut self.available,
            Class::Suspect => &mut self.suspect,
            Class::NotAvailable => &mut self.not_available,
            Class::Maintenance => &mut self.maintenance,
            Class::Unknown => &mut self.unknown,
        } += micros;
    }
}

impl std::ops::AddAssign for Shares {
    fn add_assign(&mut self, other: Self) {
        self.available += other.available;
        self.suspect += other.suspect;
        self.not_available += other.not_available;
        self.maintenance += other.maintenance;
        self.unknown += other.unknown;
    }
}

#[cfg(test)]
mod tests;
