//! Integration tests: real parts together, over loopback.

mod fake_camera;
mod ingest;
mod gstreamer;
