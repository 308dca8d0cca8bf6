//! The one owner of events: a single task shaped `select -> apply -> carry out`, and the view that
//! everybody else reads.

pub mod view;
