//! Who is due which picture. Shared state holds one newest tile per camera and width; a viewer
//! holds no queue, only a [`Cursor`] into that state, so a viewer that stalls costs nothing.
//!
//! Not here: sockets and bytes on the wire (`hub::fanout`). The live lane (one GOP ring per
//! stream, cursors into it) will stand beside [`tiles`] as its own file: a viewer then holds a
//! cursor per lane, and nothing of what is here changes.

pub mod cursor;
pub mod subscription;
pub mod tiles;

pub use cursor::{BATCH, Batch, Cursor, Due};
pub use subscription::{Step, Subscription, Wanted};
pub use tiles::{Picture, Tiles};

#[cfg(test)]
mod properties;
