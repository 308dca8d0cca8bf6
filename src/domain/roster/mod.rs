//! Who is on duty.

use super::camera::Slug;

/// Names a person of the roster.
pub type PersonId = Slug;
/// Names a position: a desk that people take in turns.
pub type PositionId = Slug;
/// Names a way to reach people.
pub type ChannelId = Slug;
