//! Publish and subscribe of media: keyframes in, decoded in workers, tiles out to the fan-out.

pub mod decoders;
pub mod media;
