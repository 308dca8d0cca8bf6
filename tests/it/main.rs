//! Integration tests: real parts together, over loopback.

mod fake_camera;
mod gstreamer;
mod ingest;
