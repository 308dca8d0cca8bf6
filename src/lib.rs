//! `watchwall` watches a command centre's cameras and shows them truthfully on a wall.
//!
//! Two flows run through the rooms below, each one way:
//!
//! ```text
//! media   camera ─RTSP─> ingest worker ─access units─> hub ─keyframes─> decode worker ─tiles─> hub ─> media socket
//! events  observation ─> desk (apply is pure) ─> effects: store, publish, notify, command a worker
//! ```
//!
//! A room may use the rooms above it in this list, never one below; rooms in one row do not use
//! each other. `tests/tidy.rs` holds the code to it. (`cli` is the binary's own.)
//!
//! ```text
//! domain
//! config
//! worker
//! ingest | decode | store | notify
//! hub | desk
//! http
//! sim
//! service
//! cli
//! ```

pub mod config;
pub mod decode;
pub mod desk;
pub mod domain;
pub mod http;
pub mod hub;
pub mod ingest;
pub mod notify;
pub mod service;
pub mod sim;
pub mod store;
pub mod worker;
