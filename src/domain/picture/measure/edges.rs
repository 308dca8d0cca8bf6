//! Where a picture changes from pixel to pixel, along rows and down columns, per cell: the map by
//! which a view is known again. A mean, not a maximum, because noise adds the same to every mean
//! and falls out of a correlation; its root, because a lettering burnt in would outshout the view.

use super::sums::Sums;
use crate::domain::picture::grid::CELLS;

/// The map of one direction.
pub(super) fn of(sums: &Sums, differences: &[u32]) -> Vec<u8> {
    (0..CELLS).map(|cell| (sums.mean(differences, cell).sqrt() * 32.0).min(255.0) as u8).collect()
}
