//! Pixels: decoding, scaling, JPEG, and the decode worker's main. The only room with FFmpeg in it.
//!
//! ```text
//! job ─> worker ─> decoders ─> decoder (libavcodec) ─> tile (swscale, TurboJPEG) ─> answer
//!               └> compose (the wall's snapshot)
//! ```
//!
//! Everything here runs inside a decode worker's sandbox; the centre speaks to it in the words of
//! `worker::message` and never calls it.

pub mod compose;
mod cpu;
pub mod decoder;
pub mod decoders;
mod label;
pub mod size;
pub mod tile;
mod unwritten;
pub mod worker;
