//! The one owner of events: a single task shaped `select -> apply -> carry out`, and the view that
//! everybody else reads.

mod camera;
pub mod command;
pub mod event;
pub mod feed;
mod main_stream;
pub mod run;
pub mod state;
#[cfg(test)]
mod tests;
pub mod view;
mod wall_view;
