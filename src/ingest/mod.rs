//! What runs inside an ingest worker: RTSP sessions that turn cameras into access units, each
//! behind a `guard` that counts what the camera sends before the RTSP library reads it.
//!
//! The only room that names the RTSP library's types. It decides nothing about when to connect or
//! to retry: the centre does, and is told in [`Fault`](crate::worker::message::Fault)s why a
//! session ended.

mod advice;
mod assembly;
mod fault;
mod frame;
mod gather;
mod guard;
mod outbox;
pub mod probe;
mod relay;
mod run;
mod session;
mod split;
mod stats;
mod worker;

pub use gather::runtime;
pub use guard::{Algorithm, SignIn};
pub use worker::run;
