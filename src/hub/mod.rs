//! Publish and subscribe of media: keyframes in, decoded in workers, tiles out once and on to every
//! viewer that wants them.

mod blame;
pub mod decoders;
pub mod fanout;
mod full;
pub mod intake;
pub mod media;
pub mod snapshots;
pub mod whole;
