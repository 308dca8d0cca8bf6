//! The picture size that a stream announces, read before a decoder sees a byte of it: a 394 KB
//! keyframe of 16384x8192 makes FFmpeg take 400 MB, and a refused one nothing.
//!
//! Only as much of a sequence parameter set as stands in front of the size; FFmpeg's own
//! `max_pixels` stays the second lock, for what is not understood here.

use crate::domain::{media::Codec, nal};

/// What the parameter sets of one access unit say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announced {
    /// All the parameter sets that decoding needs stand in the access unit.
    pub complete: bool,
    /// The largest coded width and height (whole macroblocks), if a sequence parameter set was
    /// understood.
    pub size: Option<(u32, u32)>,
}

/// Reads the parameter sets of an access unit.
pub fn announced(codec: Codec, access_unit: &[u8]) -> Announced {
    match codec {
        // A JPEG names its size in the same header that FFmpeg checks before it allocates.
        Codec::Mjpeg => Announced { complete: true, size: None },
        Codec::H264 => parameter_sets(access_unit, &[7, 8], |unit| unit & 0x1f, 7, h264_size),
        Codec::H265 => {
            parameter_sets(access_unit, &[32, 33, 34], |unit| unit >> 1 & 0x3f, 33, h265_size)
        }
    }
}

fn parameter_sets(
    access_unit: &[u8],
    needed: &[u8],
    nal_type: fn(u8) -> u8,
    sequence: u8,
    size: fn(&mut Bits<'_>) -> Option<(u32, u32)>,
) -> Announced {
    let mut missing: Vec<u8> = needed.to_vec();
    let mut largest = None;
    for unit in nal::units(access_unit) {
        let Some(kind) = unit.first().map(|first| nal_type(*first)) else {
            continue;
        };
        missing.retain(|needed| *needed != kind);
        if kind == sequence {
            let found = size(&mut Bits::new(unit));
            largest = largest.max(found.map(|(w, h)| (u64::from(w) * u64::from(h), w, h)));
        }
    }
    Announced { complete: missing.is_empty(), size: largest.map(|(_, w, h)| (w, h)) }
}

/// ITU-T H.264, 7.3.2.1.1.
fn h264_size(bits: &mut Bits<'_>) -> Option<(u32, u32)> {
    bits.skip(8)?;
    let profile = bits.take(8)?;
    bits.skip(16)?;
    bits.unsigned()?;
    let high = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];
    if high.contains(&profile) {
        let chroma = bits.unsigned()?;
        if chroma == 3 {
            bits.skip(1)?;
        }
        bits.unsigned()?;
        bits.unsigned()?;
        bits.skip(1)?;
        if bits.take(1)? == 1 {
            for list in 0..if chroma == 3 { 12 } else { 8 } {
                if bits.take(1)? == 1 {
                    scaling_list(bits, if list < 6 { 16 } else { 64 })?;
                }
            }
        }
    }
    bits.unsigned()?;
    match bits.unsigned()? {
        0 => drop(bits.unsigned()?),
        1 => {
            bits.skip(1)?;
            bits.signed()?;
            bits.signed()?;
            for _ in 0..bits.unsigned()?.min(255) {
                bits.signed()?;
            }
        }
        _ => {}
    }
    bits.unsigned()?;
    bits.skip(1)?;
    let columns = bits.unsigned()?.checked_add(1)?;
    let rows = bits.unsigned()?.checked_add(1)?;
    let fields = 2 - bits.take(1)?;
    Some((columns.checked_mul(16)?, rows.checked_mul(16)?.checked_mul(fields)?))
}

fn scaling_list(bits: &mut Bits<'_>, entries: u32) -> Option<()> {
    let (mut last, mut next) = (8i32, 8i32);
    for _ in 0..entries {
        if next != 0 {
            next = last.wrapping_add(bits.signed()?) & 0xff;
        }
        if next != 0 {
            last = next;
        }
    }
    Some(())
}

/// ITU-T H.265, 7.3.2.2.1 and 7.3.3.
fn h265_size(bits: &mut Bits<'_>) -> Option<(u32, u32)> {
    bits.skip(16 + 4)?;
    let sub_layers = bits.take(3)?;
    bits.skip(1)?;
    bits.skip(88 + 8)?;
    let mut present = Vec::new();
    for _ in 0..sub_layers {
        present.push((bits.take(1)?, bits.take(1)?));
    }
    if sub_layers > 0 {
        bits.skip(2 * (8 - sub_layers))?;
    }
    for (profile, level) in present {
        bits.skip(88 * profile + 8 * level)?;
    }
    bits.unsigned()?;
    if bits.unsigned()? == 3 {
        bits.skip(1)?;
    }
    Some((bits.unsigned()?, bits.unsigned()?))
}

/// The bits of a NAL unit without its emulation prevention bytes. `None` past the end.
struct Bits<'a> {
    rest: &'a [u8],
    zeros: u8,
    byte: u8,
    left: u8,
}

impl<'a> Bits<'a> {
    fn new(unit: &'a [u8]) -> Self {
        Self { rest: unit, zeros: 0, byte: 0, left: 0 }
    }

    fn next_byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        if byte == 3 && self.zeros >= 2 {
            self.zeros = 0;
            return self.next_byte();
        }
        self.zeros = if byte == 0 { self.zeros.saturating_add(1) } else { 0 };
        Some(byte)
    }

    fn bit(&mut self) -> Option<u32> {
        if self.left == 0 {
            self.byte = self.next_byte()?;
            self.left = 8;
        }
        self.left -= 1;
        Some(u32::from(self.byte >> self.left & 1))
    }

    fn take(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            value = value << 1 | self.bit()?;
        }
        Some(value)
    }

    fn skip(&mut self, count: u32) -> Option<()> {
        for _ in 0..count {
            self.bit()?;
        }
        Some(())
    }

    /// Exp-Golomb, unsigned; at most 31 bits, which is more than any size needs.
    fn unsigned(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.bit()? == 0 {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let low = self.take(zeros)?;
        ((1u32 << zeros) - 1).checked_add(low)
    }

    fn signed(&mut self) -> Option<i32> {
        let value = self.unsigned()?;
        let half = (value / 2 + value % 2).cast_signed();
        Some(if value % 2 == 0 { -half } else { half })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A writer of the fields read above.
    #[derive(Default)]
    struct Write(Vec<u8>, usize);

    impl Write {
        fn put(mut self, value: u32, count: usize) -> Self {
            for bit in (0..count).rev() {
                if self.1.is_multiple_of(8) {
                    self.0.push(0);
                }
                let last = self.0.last_mut().expect("pushed above");
                *last |= u8::from(value >> bit & 1 == 1) << (7 - self.1 % 8);
                self.1 += 1;
            }
            self
        }

        fn golomb(self, value: u32) -> Self {
            let bits = (value + 1).ilog2() as usize;
            self.put(0, bits).put(value + 1, bits + 1)
        }
    }

    fn h264(columns: u32, rows: u32) -> Vec<u8> {
        let sps = Write::default().put(0x67, 8).put(66, 8).put(0, 8).put(30, 8);
        let sps = sps.golomb(0).golomb(0).golomb(0).golomb(0).golomb(1).put(0, 1);
        let sps = sps.golomb(columns - 1).golomb(rows - 1).put(1, 1).put(1, 1).put(0xff, 8);
        [&[0, 0, 1][..], &sps.0, &[0, 0, 1, 0x68, 0xce], &[0, 0, 1, 0x65, 1]].concat()
    }

    #[test]
    fn the_size_of_a_baseline_stream_is_read_and_its_sets_are_seen() {
        let unit = h264(40, 23);
        let expected = Announced { complete: true, size: Some((640, 368)) };
        assert_eq!(announced(Codec::H264, &unit), expected);
        let giant = announced(Codec::H264, &h264(1024, 512));
        assert_eq!(giant.size, Some((16384, 8192)));
    }

    #[test]
    fn a_keyframe_without_its_parameter_sets_is_incomplete() {
        let bare = [0, 0, 1, 0x65, 1, 2];
        let expected = Announced { complete: false, size: None };
        assert_eq!(announced(Codec::H264, &bare), expected);
        assert_eq!(announced(Codec::H265, &[0, 0, 1, 0x26, 1, 2]), expected);
    }

    #[test]
    fn cut_parameter_sets_announce_no_size() {
        let whole = h264(40, 23);
        for end in 4..11 {
            assert_eq!(announced(Codec::H264, &whole[..end]).size, None, "cut at {end}");
        }
    }

    #[test]
    fn emulation_prevention_bytes_are_not_part_of_the_bits() {
        let mut bits = Bits::new(&[0, 0, 3, 1, 0xff]);
        assert_eq!((bits.take(24), bits.take(8), bits.take(1)), (Some(1), Some(0xff), None));
    }
}
