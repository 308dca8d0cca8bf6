//! By what a picture is known again: its coded bytes, its samples, and a few samples as they are.

use super::{
    Planes,
    luma::middles,
    sums::{self},
};
use crate::domain::nal;

/// Exact samples along a row and down a column.
const GRID: (usize, usize) = (32, 18);
/// All of them.
pub(in crate::domain::picture) const POINTS: usize = GRID.0 * GRID.1;

/// Samples at fixed places. They lie off the middle of cells, where nothing is averaged.
pub(super) fn points(planes: &Planes<'_>) -> Vec<u8> {
    let columns = middles(GRID.0, planes.width);
    let mut points = Vec::with_capacity(POINTS);
    for y in middles(GRID.1, planes.height) {
        let row = planes.row(y);
        points.extend(columns.iter().map(|x| row.get(*x).copied().unwrap_or_default()));
    }
    points
}

/// What a coded picture is known by.
pub(super) struct Coded {
    /// A hash without what a camera may stamp on equal pictures: SEI and access unit delimiters, or
    /// a JPEG's application segments and comments.
    pub(super) hash: u64,
    /// Decoding can start here, in any codec.
    pub(super) keyframe: bool,
}

/// Reads a coded picture once.
pub(super) fn of_coded(coded: &[u8]) -> Coded {
    if coded.starts_with(&[0xff, 0xd8]) {
        return Coded { hash: sums::hash(JpegParts(coded.get(2..))), keyframe: true };
    }
    let mut keyframe = false;
    let units = nal::units(coded).inspect(|unit| keyframe |= starts(unit));
    let hash = sums::hash(units.filter(|unit| !is_stamp(unit)));
    Coded { hash, keyframe }
}

/// SEI and access unit delimiters of either codec. Their first bytes mean nothing else that a
/// picture needs in the other one, so it need not be known which it is: H.264 types 6 and 9 with
/// a reference number of 0; H.265 types 39, 40 and 35 of the base layer.
fn is_stamp(unit: &[u8]) -> bool {
    matches!(unit, [0x06 | 0x09, ..] | [0x4e | 0x50 | 0x46, 0x01, ..])
}

/// Whether decoding can start at a unit. One whose first byte is odd is H.264, since in H.265 that
/// bit says a layer of 32 and more.
fn starts(unit: &[u8]) -> bool {
    match unit {
        [first, ..] if first & 1 == 1 => first & 0x1f == 5,
        [first, second, ..] => (16..=21).contains(&(first >> 1)) && *second == 1,
        _ => false,
    }
}

/// A JPEG file's segments without application data and comments; the scan is one part.
struct JpegParts<'a>(Option<&'a [u8]>);

impl<'a> Iterator for JpegParts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let rest = self.0?;
            let [0xff, marker, high, low, ..] = rest else {
                self.0 = None;
                return Some(rest);
            };
            if *marker == 0xda {
                self.0 = None;
                return Some(rest);
            }
            let length = 2 + usize::from(u16::from_be_bytes([*high, *low]));
            let (segment, after) = rest.split_at(length.min(rest.len()));
            self.0 = (!after.is_empty()).then_some(after);
            if !matches!(marker, 0xe0..=0xef | 0xfe) {
                return Some(segment);
            }
        }
    }
}
