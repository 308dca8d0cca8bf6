//! Tests of whole parts through their public faces; one binary, because linking takes longer than they do.

mod config;
mod config_csv;
mod config_watch;
mod store;
