//! The grid that pictures are measured on: the same for every size, so that figures can be
//! compared after a camera changed its own. 64x36 cells fit 16:9 and are 10x10 pixels of 640x360;
//! 16x9 blocks of 4x4 cells are what a person would point at.

/// Cells in a row.
pub(super) const COLUMNS: usize = 64;
/// Rows of cells.
pub(super) const ROWS: usize = 36;
/// All cells.
pub(super) const CELLS: usize = COLUMNS * ROWS;
/// Cells along a side of a block.
pub(super) const SIDE: usize = 4;
/// Blocks in a row.
pub(super) const BLOCK_COLUMNS: usize = COLUMNS / SIDE;
/// Rows of blocks.
pub(super) const BLOCK_ROWS: usize = ROWS / SIDE;
/// All blocks.
pub(super) const BLOCKS: usize = BLOCK_COLUMNS * BLOCK_ROWS;

/// The block that a cell is in.
pub(super) fn block_of(cell: usize) -> usize {
    cell / COLUMNS / SIDE * BLOCK_COLUMNS + cell % COLUMNS / SIDE
}

/// The cells of a block.
pub(super) fn cells(block: usize) -> impl Iterator<Item = usize> {
    let left = block % BLOCK_COLUMNS * SIDE;
    let top = block / BLOCK_COLUMNS * SIDE;
    (top..top + SIDE).flat_map(move |row| (left..left + SIDE).map(move |c| row * COLUMNS + c))
}

/// The cells of a block and one more on each side, cut at the picture's edge: enough to know a
/// pattern again that moved by a pixel or two.
pub(super) fn window(block: usize) -> impl Iterator<Item = usize> {
    let left = block % BLOCK_COLUMNS * SIDE;
    let top = block / BLOCK_COLUMNS * SIDE;
    let columns = left.saturating_sub(1)..(left + SIDE + 1).min(COLUMNS);
    (top.saturating_sub(1)..(top + SIDE + 1).min(ROWS))
        .flat_map(move |row| columns.clone().map(move |column| row * COLUMNS + column))
}

/// Where the `index`-th of `count` equal parts of `length` begins.
pub(super) fn part(index: usize, count: usize, length: usize) -> usize {
    index * length / count
}

/// The value below which `share` of the values lie; 0 of none.
pub(super) fn quantile(values: &mut [f32], share: f32) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let at = ((values.len() - 1) as f32 * share).round() as usize;
    *values.select_nth_unstable_by(at, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_is_in_one_block_and_in_that_block_s_window() {
        for cell in 0..CELLS {
            assert!(window(block_of(cell)).any(|other| other == cell), "cell {cell}");
        }
        assert_eq!(window(0).count(), 25, "a corner has neighbours on two sides");
        assert_eq!(window(BLOCK_COLUMNS + 1).count(), 36);
    }

    #[test]
    fn parts_cover_a_length_without_a_gap_even_when_it_does_not_divide() {
        for length in [16, 35, 360, 577] {
            assert_eq!(part(0, ROWS, length), 0);
            assert_eq!(part(ROWS, ROWS, length), length);
        }
    }
}
