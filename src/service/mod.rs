//! Boots everything as one ordered list, owns every task, and stops them in order.

mod address;
mod album;
pub mod centre;
pub mod demo;
mod drill;
mod editor;
mod figures;
mod files;
mod hands;
mod in_force;
pub mod ledger;
mod notes;
pub mod outbox;
mod past;
pub mod postman;
mod prober;
pub mod process;
pub mod reload;
mod remembered;
mod screens;
mod snapshots;
mod start;

pub use centre::Centre;
pub use start::{CentreError, Options, SignIn};
