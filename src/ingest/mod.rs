//! What runs inside an ingest worker: RTSP sessions that turn cameras into access units, each
//! behind a [`guard`] that counts what the camera sends before the RTSP library reads it.
//!
//! The only room that names the RTSP library's types. It decides nothing about when to connect or
//! to retry: the centre does, and is told in [`Fault`](crate::worker::message::Fault)s why a
//! session ended.

mod fault;
pub mod guard;
#[cfg(any())] pub mod probe;
#[cfg(any())] mod relay;
#[cfg(any())] pub mod session;
#[cfg(any())] pub mod stats;
#[cfg(any())] pub mod worker;


