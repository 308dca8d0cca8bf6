//! One walk over the picture: sums per cell of level, of differences to the next pixel right and
//! below, and of their squares; and a hash of it all. Inner loops are plain zips over bytes, which
//! the compiler turns into vector instructions; sums per column come first, cells after.

use super::Planes;
use crate::domain::picture::grid::{CELLS, COLUMNS, ROWS, part};

/// Larger pictures are thinned out until they fit: the step is a whole number of pixels.
const WIDTH_MAX: usize = 800;
const HEIGHT_MAX: usize = 600;
/// Differences are capped before they are squared, so that a column's sum of squares fits 16 bits:
/// 60² times the 17 rows of a cell, at most. A real edge of 60 is as sharp as one of 200.
const STEEPEST: u8 = 60;

/// Sums over cells, and how many pixels each of them has.
pub(super) struct Sums {
    pub(super) level: Vec<u32>,
    pub(super) across: Vec<u32>,
    pub(super) down: Vec<u32>,
    pub(super) energy: Vec<u32>,
    pub(super) pixels: Vec<u32>,
    pub(super) hash: u64,
}

impl Sums {
    pub(super) fn of(planes: &Planes<'_>) -> Self {
        let step = planes.width.div_ceil(WIDTH_MAX).max(planes.height.div_ceil(HEIGHT_MAX)).max(1);
        let (width, height) = (planes.width / step, planes.height / step);
        let mut sums = Self {
            level: vec![0; CELLS],
            across: vec![0; CELLS],
            down: vec![0; CELLS],
            energy: vec![0; CELLS],
            pixels: vec![0; CELLS],
            hash: 0,
        };
        let mut columns = Columns::new(width);
        let mut hash = Hash::default();
        let mut thinned = (Vec::new(), Vec::new());
        for band in 0..ROWS {
            // A picture lower than the grid gives rows to several bands.
            let from = part(band, ROWS, height);
            let to = part(band + 1, ROWS, height).max(from + 1);
            columns.clear();
            for y in from..to {
                let (row, below) = if step == 1 {
                    (planes.row(y), planes.row(y + 1))
                } else {
                    thin(planes.row(y * step), step, &mut thinned.0);
                    thin(planes.row((y + 1) * step), step, &mut thinned.1);
                    (&thinned.0[..], &thinned.1[..])
                };
                columns.add(row, below);
                hash.add(row);
            }
            for column in 0..COLUMNS {
                let left = part(column, COLUMNS, width);
                let right = part(column + 1, COLUMNS, width).max(left + 1).min(width);
                let cell = band * COLUMNS + column;
                let range = left.min(right)..right;
                sums.pixels[cell] = (range.len() * (to - from)) as u32;
                sums.level[cell] = total(&columns.level[range.clone()]);
                sums.across[cell] = total(&columns.across[range.clone()]);
                sums.down[cell] = total(&columns.down[range.clone()]);
                sums.energy[cell] = total(&columns.energy[range]);
            }
        }
        sums.hash = hash.end(planes.width, planes.height);
        sums
    }

    /// A cell's mean of one of the sums.
    pub(super) fn mean(&self, sums: &[u32], cell: usize) -> f32 {
        sums[cell] as f32 / self.pixels[cell].max(1) as f32
    }
}

fn thin(row: &[u8], step: usize, out: &mut Vec<u8>) {
    out.clear();
    out.extend(row.iter().step_by(step));
}

fn total(values: &[u16]) -> u32 {
    values.iter().map(|value| u32::from(*value)).sum()
}

/// Sums down the columns of one band of rows.
struct Columns {
    level: Vec<u16>,
    across: Vec<u16>,
    down: Vec<u16>,
    energy: Vec<u16>,
}

impl Columns {
    fn new(width: usize) -> Self {
        let none = || vec![0; width];
        Self { level: none(), across: none(), down: none(), energy: none() }
    }

    fn clear(&mut self) {
        for sums in [&mut self.level, &mut self.across, &mut self.down, &mut self.energy] {
            sums.fill(0);
        }
    }

    fn add(&mut self, row: &[u8], below: &[u8]) {
        for (sum, level) in self.level.iter_mut().zip(row) {
            *sum = sum.wrapping_add(u16::from(*level));
        }
        let right = row.get(1..).unwrap_or_default();
        differences(&mut self.across, &mut self.energy, row, right);
        differences(&mut self.down, &mut self.energy, row, below);
    }
}

fn differences(sums: &mut [u16], energy: &mut [u16], a: &[u8], b: &[u8]) {
    for (((sum, energy), a), b) in sums.iter_mut().zip(energy).zip(a).zip(b) {
        let difference = a.abs_diff(*b);
        *sum = sum.wrapping_add(difference.into());
        let capped = u16::from(difference.min(STEEPEST));
        // Half of it, because both directions go into one sum.
        *energy = energy.wrapping_add(capped.wrapping_mul(capped) >> 1);
    }
}

/// Four lanes of multiply and rotate: as fast as the memory, and no picture is made to collide.
#[derive(Default)]
struct Hash([u64; 4]);

const PRIMES: [u64; 4] =
    [0x9e37_79b1_85eb_ca87, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9, 0x85eb_ca77_c2b2_ae63];

impl Hash {
    fn add(&mut self, bytes: &[u8]) {
        let (lanes, rest) = bytes.as_chunks::<32>();
        for chunk in lanes {
            let (words, _) = chunk.as_chunks::<8>();
            for (lane, word) in words.iter().enumerate() {
                self.mix(lane, u64::from_le_bytes(*word));
            }
        }
        for byte in rest {
            self.mix(0, u64::from(*byte));
        }
    }

    fn mix(&mut self, lane: usize, word: u64) {
        self.0[lane] = (self.0[lane].rotate_left(23) ^ word).wrapping_mul(PRIMES[lane]);
    }

    fn end(mut self, width: usize, height: usize) -> u64 {
        self.mix(0, width as u64);
        self.mix(1, height as u64);
        self.0.into_iter().fold(0, |all: u64, lane| {
            let all = (all.rotate_left(29) ^ lane).wrapping_mul(PRIMES[3]);
            all ^ all >> 32
        })
    }
}

/// The same hash of plain bytes.
pub(super) fn hash<'a>(parts: impl Iterator<Item = &'a [u8]>) -> u64 {
    let mut hash = Hash::default();
    let mut length = 0;
    for part in parts {
        length += part.len();
        hash.add(part);
    }
    hash.end(length, 0)
}
