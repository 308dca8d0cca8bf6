//! Integration tests, in one binary so that they link once.

#[path = "../support/clips.rs"]
mod clips;
mod decode;
mod decode_process;
