//! A wall's screens watched: what each says it has painted, held against what was published. Says
//! when one is gone, blank, frozen or behind. Which camera belongs on which screen is the wall's
//! business.

mod one;
mod policy;
mod published;
mod report;
mod watch;

pub use self::{
    policy::ScreenPolicy,
    report::{Fault, Report, ScreenRef},
    watch::{Change, Look, Screens},
};

#[cfg(test)]
mod tests;
