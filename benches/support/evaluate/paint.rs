//! Strokes on planes: light added, things put in front, gain and noise.

use watchwall::sim::scene::Canvas;

use crate::chance::Chance;

/// Luma of black and white in limited range.
pub(crate) const DARK: f32 = 16.0;
/// See [`DARK`].
pub(crate) const BRIGHT: f32 = 235.0;

/// Every luma sample through a function of its place and value.
pub(crate) fn luma(canvas: &mut Canvas, mut change: impl FnMut(usize, usize, f32) -> f32) {
    let width = canvas.width();
    for (y, row) in canvas.planes_mut()[0].chunks_exact_mut(width).enumerate() {
        for (x, luma) in row.iter_mut().enumerate() {
            *luma = change(x, y, f32::from(*luma)).clamp(DARK, BRIGHT) as u8;
        }
    }
}

/// Luma through a table: the same change everywhere.
pub(crate) fn tone(canvas: &mut Canvas, change: impl Fn(f32) -> f32) {
    let table: [u8; 256] =
        std::array::from_fn(|value| change(value as f32).clamp(DARK, BRIGHT) as u8);
    canvas.planes_mut()[0].iter_mut().for_each(|luma| *luma = table[usize::from(*luma)]);
}

/// All colour taken by a share: 0 leaves grey.
pub(crate) fn colour(canvas: &mut Canvas, share: f32) {
    let table: [u8; 256] =
        std::array::from_fn(|value| (128.0 + (value as f32 - 128.0) * share).round() as u8);
    for plane in &mut canvas.planes_mut()[1..] {
        plane.iter_mut().for_each(|value| *value = table[usize::from(*value)]);
    }
}

/// A light: added, falling off to nothing at the radius.
pub(crate) fn glow(canvas: &mut Canvas, (cx, cy): (f32, f32), (rx, ry): (f32, f32), strength: f32) {
    let (width, height) = (canvas.width(), canvas.height());
    let plane = &mut canvas.planes_mut()[0];
    for y in span(cy - ry, cy + ry, height) {
        let dy = (y as f32 - cy) / ry;
        for x in span(cx - rx, cx + rx, width) {
            let dx = (x as f32 - cx) / rx;
            let near = (1.0 - dx * dx - dy * dy).max(0.0);
            let luma = &mut plane[y * width + x];
            *luma = (f32::from(*luma) + strength * near * near).min(BRIGHT) as u8;
        }
    }
}

/// A filled ellipse of one colour (luma, blue and red difference).
pub(crate) fn ellipse(
    canvas: &mut Canvas,
    (cx, cy): (f32, f32),
    (rx, ry): (f32, f32),
    colour: [u8; 3],
) {
    let (width, height) = (canvas.width(), canvas.height());
    for (index, plane) in canvas.planes_mut().iter_mut().enumerate() {
        let shrink = if index == 0 { 1.0 } else { 0.5 };
        let (w, h) = if index == 0 { (width, height) } else { (width / 2, height / 2) };
        for y in span((cy - ry) * shrink, (cy + ry) * shrink, h) {
            let dy = (y as f32 + 0.5 - cy * shrink) / (ry * shrink);
            let half = rx * shrink * (1.0 - dy * dy).max(0.0).sqrt();
            let columns = span(cx * shrink - half, cx * shrink + half, w);
            plane[y * w..][columns].fill(colour[index]);
        }
    }
}

/// The whole numbers between two, cut to a side.
pub(crate) fn span(from: f32, to: f32, side: usize) -> std::ops::Range<usize> {
    let limit = side as f32;
    from.round().clamp(0.0, limit) as usize..to.round().clamp(0.0, limit) as usize
}

/// Sensor noise: tables of two strengths would repeat, so each row starts at another place of one.
pub(crate) struct Noise {
    /// Standard deviation 1, in sixteenths.
    table: Vec<i16>,
}

/// Prime, so that rows do not line up with it.
const LENGTH: usize = 65_537;

impl Noise {
    pub(crate) fn new() -> Self {
        let mut chance = Chance::of(&[0x006e_6f69_7365]);
        // The sum of twelve uniform numbers less six has a deviation of one.
        let table = (0..LENGTH * 2)
            .map(|_| {
                let sum: f32 = (0..12).map(|_| chance.share()).sum();
                ((sum - 6.0) * 16.0).round() as i16
            })
            .collect();
        Self { table }
    }

    /// Adds noise of a deviation to luma, and a third of it to colour, if there is any.
    pub(crate) fn add(
        &self,
        canvas: &mut Canvas,
        deviation: f32,
        coloured: bool,
        chance: &mut Chance,
    ) {
        let width = canvas.width();
        for (index, plane) in canvas.planes_mut().iter_mut().enumerate() {
            if index > 0 && !coloured {
                break;
            }
            let (row_length, strength) =
                if index == 0 { (width, deviation) } else { (width / 2, deviation / 3.0) };
            // Of a table in sixteenths, by 4096: whole numbers keep this loop in vectors.
            let scale = (strength * 256.0).round() as i32;
            for row in plane.chunks_exact_mut(row_length) {
                let from = chance.bits() as usize % LENGTH;
                for (value, noise) in row.iter_mut().zip(&self.table[from..]) {
                    let change = (i32::from(*noise) * scale + 2048) >> 12;
                    *value = (i32::from(*value) + change).clamp(0, 255) as u8;
                }
            }
        }
    }
}
