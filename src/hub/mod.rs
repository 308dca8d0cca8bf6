//! Publish and subscribe of media: tiles go in once and out to every viewer that wants them.

pub mod fanout;
pub mod snapshots;
