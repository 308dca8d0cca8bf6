//! What lies between a scene and its picture: sensor noise, and lenses in trouble.

use super::{
    canvas::{Canvas, Rgb},
    dice::Dice,
};

/// What is wrong with a camera's view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// Nothing.
    #[default]
    None,
    /// No picture at all, and no overlay either: the sensor is dead.
    Black,
    /// Dazzled: everything is burnt out.
    White,
    /// Out of focus.
    Blurred,
    /// Something hangs in front of the lens.
    Covered,
    /// The camera was turned.
    Moved,
}

impl Trouble {
    /// Only a dead sensor loses the overlay too.
    pub(super) fn keeps_overlay(self) -> bool {
        self != Self::Black
    }

    pub(super) fn apply(self, canvas: &mut Canvas) {
        match self {
            Self::None | Self::Moved => {}
            Self::Black => canvas.clear(Rgb(2.0, 2.0, 2.0)),
            Self::White => canvas.clear(Rgb(252.0, 252.0, 250.0)),
            Self::Blurred => blur(canvas),
            Self::Covered => cover(canvas),
        }
    }
}

/// Averages over large blocks and blends between their centres, much as a defocused lens does.
fn blur(canvas: &mut Canvas) {
    let (width, height) = (canvas.width(), canvas.height());
    let block = (height / 15).max(2);
    for (index, plane) in canvas.planes_mut().iter_mut().enumerate() {
        let (w, h, b) =
            if index == 0 { (width, height, block) } else { (width / 2, height / 2, block / 2) };
        let b = b.max(1);
        let (columns, rows) = (w.div_ceil(b), h.div_ceil(b));
        let mut means = vec![0.0_f32; columns * rows];
        for (i, mean) in means.iter_mut().enumerate() {
            let (x0, y0) = (i % columns * b, i / columns * b);
            let (x1, y1) = ((x0 + b).min(w), (y0 + b).min(h));
            let sum: u32 = (y0..y1)
                .map(|y| plane[y * w + x0..y * w + x1].iter().map(|v| u32::from(*v)).sum::<u32>())
                .sum();
            *mean = sum as f32 / ((x1 - x0) * (y1 - y0)) as f32;
        }
        for y in 0..h {
            let fy = (y as f32 / b as f32 - 0.5).clamp(0.0, (rows - 1) as f32);
            let (top, ty) = (fy as usize, fy.fract());
            let bottom = (top + 1).min(rows - 1);
            for x in 0..w {
                let fx = (x as f32 / b as f32 - 0.5).clamp(0.0, (columns - 1) as f32);
                let (left, tx) = (fx as usize, fx.fract());
                let right = (left + 1).min(columns - 1);
                let upper =
                    means[top * columns + left] * (1.0 - tx) + means[top * columns + right] * tx;
                let lower = means[bottom * columns + left] * (1.0 - tx)
                    + means[bottom * columns + right] * tx;
                plane[y * w + x] = (upper * (1.0 - ty) + lower * ty) as u8;
            }
        }
    }
}

/// A bag over most of the lens; a rim of the scene stays visible.
fn cover(canvas: &mut Canvas) {
    let (w, h) = (canvas.width() as f32, canvas.height() as f32);
    for fold in 0..8 {
        let shrink = 1.0 - fold as f32 * 0.07;
        let grey = 30.0 + fold as f32 * 2.5;
        canvas.ellipse(
            w * 0.54,
            h * 0.52,
            w * 0.62 * shrink,
            h * 0.72 * shrink,
            Rgb(grey, grey * 0.95, grey * 0.88),
        );
    }
}

/// A table of noise, added at another place for each frame.
pub(super) struct Noise {
    table: Vec<i8>,
    seed: u64,
}

/// Prime, so that rows of a picture do not line up with it.
const NOISE_LENGTH: usize = 65_537;

impl Noise {
    /// Noise up to `amplitude` luma steps each way, small steps more often than large ones.
    pub(super) fn new(seed: u64, amplitude: i8) -> Self {
        let mut dice = Dice::new(seed ^ 0x006e_6f69_7365);
        let reach = f32::from(amplitude);
        let table = (0..NOISE_LENGTH * 2)
            .map(|_| ((dice.share() + dice.share() - 1.0) * reach).round() as i8)
            .collect();
        Self { table, seed }
    }

    pub(super) fn add(&self, canvas: &mut Canvas, frame: u64) {
        let mut dice = Dice::new(self.seed ^ frame.wrapping_mul(0x2545_f491));
        let width = canvas.width();
        for row in canvas.planes_mut()[0].chunks_exact_mut(width) {
            let from = dice.bits() as usize % NOISE_LENGTH;
            for (luma, noise) in row.iter_mut().zip(&self.table[from..]) {
                *luma = luma.saturating_add_signed(*noise);
            }
        }
    }
}
