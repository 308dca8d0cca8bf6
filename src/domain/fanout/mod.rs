//! Who is due which picture. Shared state holds one newest tile per camera and width; a viewer
//! holds no queue, only a [`Cursor`] into that state, so a viewer that stalls costs nothing.
//! [`Followers`] tell which viewers a publication concerns.
//!
//! [`live`] is the same for live video: one GOP ring per stream, and a viewer's lanes into them.
//!
//! Not here: sockets and bytes on the wire (`hub::fanout`).

pub mod cursor;
pub mod followers;
pub mod live;
mod round;
pub mod slots;
pub mod subscription;
pub mod tiles;

pub use cursor::{BATCH, Batch, Cursor, Due};
pub use followers::Followers;
pub use slots::Slots;
pub use subscription::{Step, Subscription, VideoWish, VideoWishes, Wanted};
pub use tiles::{Picture, Tiles};

#[cfg(test)]
mod properties;
