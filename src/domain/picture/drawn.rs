//! Drawn pictures for the tests: a street of boxes, what may happen to it, and sensor noise.

use rand::{Rng, SeedableRng, rngs::SmallRng};

use super::{Measures, Planes, measure};

pub(super) const WIDTH: usize = 640;
pub(super) const HEIGHT: usize = 360;

/// A luma plane in the making.
#[derive(Clone)]
pub(super) struct Drawn {
    pub(super) luma: Vec<f32>,
    /// Distance of the chroma from grey.
    pub(super) colour: u8,
}

impl Drawn {
    /// A view that is its own for each seed.
    pub(super) fn street(seed: u64) -> Self {
        let mut dice = SmallRng::seed_from_u64(seed);
        let mut drawn = Self { luma: vec![120.0; WIDTH * HEIGHT], colour: 12 };
        for _ in 0..150 {
            let (x, y) = (dice.random_range(0..WIDTH), dice.random_range(0..HEIGHT));
            let (w, h) = (dice.random_range(12..110), dice.random_range(12..90));
            drawn.fill(x, y, w, h, dice.random_range(30.0..215.0));
        }
        drawn
    }

    pub(super) fn fill(&mut self, x: usize, y: usize, w: usize, h: usize, level: f32) {
        for row in y..(y + h).min(HEIGHT) {
            self.luma[row * WIDTH + x.min(WIDTH)..row * WIDTH + (x + w).min(WIDTH)].fill(level);
        }
    }

    /// A level for each old one.
    pub(super) fn tone(mut self, of: impl Fn(f32) -> f32) -> Self {
        self.luma.iter_mut().for_each(|level| *level = of(*level));
        self
    }

    /// As seen from where `from` says that each pixel was; mirrored at the edges.
    pub(super) fn warp(&self, from: impl Fn(f32, f32) -> (f32, f32)) -> Self {
        let fold = |at: f32, length: usize| {
            let last = (length - 1) as f32;
            let folded = at.abs() % (2.0 * last);
            (if folded > last { 2.0 * last - folded } else { folded }) as usize
        };
        let mut warped = self.clone();
        for (at, level) in warped.luma.iter_mut().enumerate() {
            let (x, y) = from((at % WIDTH) as f32, (at / WIDTH) as f32);
            *level = self.luma[fold(y, HEIGHT) * WIDTH + fold(x, WIDTH)];
        }
        warped
    }

    pub(super) fn turned(&self, degrees: f32) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (cx, cy) = (WIDTH as f32 / 2.0, HEIGHT as f32 / 2.0);
        self.warp(|x, y| {
            let (dx, dy) = (x - cx, y - cy);
            (cx + dx * cos + dy * sin, cy - dx * sin + dy * cos)
        })
    }

    /// A mean over squares, three times: close to a lens out of focus.
    pub(super) fn blurred(mut self, radius: usize) -> Self {
        for _ in 0..3 {
            self = self.averaged(radius, 1).averaged(radius, WIDTH);
        }
        self
    }

    fn averaged(&self, radius: usize, step: usize) -> Self {
        let mut averaged = self.clone();
        let last = WIDTH * HEIGHT - 1;
        for (at, level) in averaged.luma.iter_mut().enumerate() {
            let reach = 0..=2 * radius;
            let far = reach.map(|n| (at + n * step).saturating_sub(radius * step).min(last));
            *level = far.map(|at| self.luma[at]).sum::<f32>() / (2 * radius + 1) as f32;
        }
        averaged
    }

    /// Through the sensor: noise that another seed makes another of.
    pub(super) fn shot(&self, noise: f32, seed: u64) -> Measures {
        let mut dice = SmallRng::seed_from_u64(seed);
        let luma: Vec<u8> = self
            .luma
            .iter()
            .map(|level| {
                let dice = dice.random::<f32>() + dice.random::<f32>() - 1.0;
                (level + dice * noise * 2.45).round().clamp(0.0, 255.0) as u8
            })
            .collect();
        let chroma = vec![128 + self.colour; WIDTH * HEIGHT / 4];
        measure(&planes(&luma, &chroma), &keyframe(seed, noise))
    }
}

pub(super) fn planes<'a>(luma: &'a [u8], chroma: &'a [u8]) -> Planes<'a> {
    Planes {
        luma,
        stride: WIDTH,
        width: WIDTH,
        height: HEIGHT,
        full_range: true,
        chroma: Some((chroma, chroma, WIDTH / 2)),
    }
}

/// An IDR picture of H.264 with bytes of its own; all without noise are equal.
fn keyframe(seed: u64, noise: f32) -> Vec<u8> {
    let own = if noise == 0.0 { 0 } else { seed };
    [&[0, 0, 1, 0x65][..], own.to_string().as_bytes()].concat()
}
