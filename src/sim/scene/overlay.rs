//! What a camera burns into its picture: name, clock, and a strip of blocks a machine can read.
//!
//! The strip tells the time since the loop's start in milliseconds, so that whoever finds a frame
//! anywhere (in a decoder, on the wall) knows when it was sent. Blocks are a thirtieth of the
//! height: 12 pixels at 360 lines survive 400 kbit/s, and 6 survive scaling to half.

use font8x8::{BASIC_FONTS, UnicodeFonts};

use super::canvas::{Canvas, Rgb};

/// Two blocks to find black and white by, sixteen of time, eight to tell a misread.
const BLOCKS: usize = 26;

/// Writes the name at the top left and the clock at the top right, as `second` of the day.
pub fn name_and_clock(canvas: &mut Canvas, name: &str, second: u32, milli: u32) {
    let size = canvas.height() as f32 / 180.0;
    let margin = 4.0 * size;
    text(canvas, margin, margin, size, name);
    let clock = format!(
        "2026-11-23 {:02}:{:02}:{:02}.{}",
        second / 3600 % 24,
        second / 60 % 60,
        second % 60,
        milli / 100
    );
    let width = clock.len() as f32 * 8.0 * size;
    text(canvas, canvas.width() as f32 - margin - width, margin, size, &clock);
}

fn text(canvas: &mut Canvas, x: f32, y: f32, size: f32, line: &str) {
    for (shift, colour) in
        [(size.max(1.0) * 0.8, Rgb(8.0, 8.0, 8.0)), (0.0, Rgb(246.0, 246.0, 246.0))]
    {
        for (i, letter) in line.chars().enumerate() {
            let Some(glyph) = BASIC_FONTS.get(letter) else { continue };
            let left = x + i as f32 * 8.0 * size + shift;
            for (row, bits) in glyph.iter().enumerate() {
                for column in (0..8).filter(|column| bits >> column & 1 == 1) {
                    let (dx, dy) = (left + column as f32 * size, y + row as f32 * size + shift);
                    canvas.rect(dx, dy, dx + size, dy + size, colour);
                }
            }
        }
    }
}

/// Writes `at_ms` (up to 65,535) as blocks along the lower left edge.
pub(super) fn strip(canvas: &mut Canvas, at_ms: u32) {
    let side = canvas.height() as f32 / 30.0;
    let top = canvas.height() as f32 - side * 2.0;
    for (i, bright) in pattern(at_ms as u16).into_iter().enumerate() {
        let left = side * (1.0 + i as f32);
        let level = if bright { 235.0 } else { 20.0 };
        canvas.rect(left, top, left + side, top + side, Rgb(level, level, level));
    }
}

/// Reads the time back from a luma plane of any size; `None` where no strip can be read.
pub fn read_strip(luma: &[u8], width: usize, height: usize, stride: usize) -> Option<u32> {
    let side = height as f32 / 30.0;
    if side * (BLOCKS as f32 + 1.0) > width as f32 || side < 2.0 {
        return None;
    }
    let row = (height as f32 - side * 1.5) as usize;
    let level = |i: usize| luma.get(row * stride + (side * (1.5 + i as f32)) as usize).copied();
    let (dark, bright) = (level(1)?, level(0)?);
    if bright < dark.saturating_add(60) {
        return None;
    }
    let middle = dark / 2 + bright / 2;
    let mut at_ms = 0_u16;
    for i in 2..18 {
        at_ms = at_ms << 1 | u16::from(level(i)? > middle);
    }
    for (i, expected) in pattern(at_ms).into_iter().enumerate() {
        if (level(i)? > middle) != expected {
            return None;
        }
    }
    Some(u32::from(at_ms))
}

fn pattern(at_ms: u16) -> [bool; BLOCKS] {
    let [high, low] = at_ms.to_be_bytes();
    let check = high.rotate_left(3) ^ low ^ 0x5a;
    let bits = 0b10_u32 << 24 | u32::from(at_ms) << 8 | u32::from(check);
    std::array::from_fn(|i| bits >> (BLOCKS - 1 - i) & 1 == 1)
}
