//! Child processes: the framed link to them, what is said over it, spawning, restarts, limits and
//! the sandbox. Knows nothing of RTSP or of decoding: `ingest` and `decode` are what runs inside.

pub mod crew;
pub mod link;
pub mod message;
pub mod sandbox;
pub mod spawn;
mod syscalls;
