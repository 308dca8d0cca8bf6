//! What must be found, as it looks from in front of the sensor.

use watchwall::sim::scene::Canvas;

use crate::{
    chance::Chance,
    paint::{BRIGHT, DARK},
};

/// Every sample the same.
pub(crate) fn flat(canvas: &mut Canvas, luma: u8) {
    let planes = canvas.planes_mut();
    planes[0].fill(luma);
    planes[1].fill(128);
    planes[2].fill(128);
}

/// What hides the view.
pub(crate) struct Cover {
    /// Direction that it comes from, and how far it reaches along it.
    direction: (f32, f32),
    wave: (f32, f32),
    reach: f32,
    level: f32,
    tint: [f32; 2],
    textured: bool,
    seed: u64,
}

impl Cover {
    /// Of a share of the view, from 0 to 1. In infra-red close things shine.
    pub(crate) fn new(share: f32, textured: bool, infrared: bool, dark: bool, seed: u64) -> Self {
        let mut chance = Chance::of(&[seed, 0x636f_7665]);
        let angle = chance.between(0.0, std::f32::consts::TAU);
        let level = match (infrared, dark) {
            (true, _) => chance.between(110.0, 190.0),
            (false, true) => chance.between(26.0, 58.0),
            (false, false) => chance.between(45.0, 165.0),
        };
        let mut cover = Self {
            direction: angle.sin_cos(),
            wave: (chance.between(2.0, 6.0), chance.between(0.0, 6.0)),
            reach: f32::MAX,
            level,
            tint: [0; 2].map(|_| if infrared { 0.0 } else { chance.between(-0.1, 0.1) * level }),
            textured,
            seed,
        };
        if share < 1.0 {
            // Where the edge must lie so that the share is what was asked.
            let mut along: Vec<f32> = (0..64 * 36)
                .map(|i| cover.along((i % 64) as f32 / 63.0, (i / 64) as f32 / 35.0))
                .collect();
            along.sort_by(f32::total_cmp);
            cover.reach = along[((along.len() - 1) as f32 * share) as usize];
        }
        cover
    }

    /// How far a point lies along the cover's direction; both are shares of the sides.
    fn along(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = self.direction;
        let across = x * dy - y * dx;
        x * dx + y * dy + 0.04 * (across * self.wave.0 + self.wave.1).sin()
    }

    /// Painted once: it hangs still.
    pub(crate) fn paint(&self, width: usize, height: usize) -> Layer {
        let plane = |index: usize| {
            let (w, h) = if index == 0 { (width, height) } else { (width / 2, height / 2) };
            let points = (0..w * h).map(|i| ((i % w) as f32 / w as f32, (i / w) as f32 / h as f32));
            points
                .map(|(u, v)| {
                    // Too close to be sharp: its edge is some 15 pixels wide.
                    let inside = ((self.reach - self.along(u, v)) / 0.03 + 0.5).clamp(0.0, 1.0);
                    let own = match index {
                        _ if inside == 0.0 => 0.0,
                        0 => self.luma(u, v),
                        _ => 128.0 + self.tint[index - 1],
                    };
                    (own as u8, (inside * 255.0) as u8)
                })
                .collect()
        };
        Layer { planes: std::array::from_fn(plane) }
    }

    fn luma(&self, u: f32, v: f32) -> f32 {
        let shade = self.level * (1.0 + 0.08 * (u - 0.5) - 0.1 * (v - 0.5));
        let pattern = if self.textured {
            // Folds of a hand's width and a weave, both a little out of focus.
            let fold = self.value_noise(u * 9.0, v * 5.0, 1) - 0.5;
            let weave = self.value_noise(u * 30.0, v * 17.0, 2) - 0.5;
            self.level * (0.7 * fold + 0.3 * weave)
        } else {
            0.0
        };
        (shade + pattern).clamp(DARK, BRIGHT)
    }

    /// Smooth noise between 0 and 1 with a cell of one.
    fn value_noise(&self, x: f32, y: f32, layer: u64) -> f32 {
        let corner = |dx: i64, dy: i64| {
            let (x, y) = (x.floor() as i64 + dx, y.floor() as i64 + dy);
            Chance::of(&[self.seed, layer, x as u64, y as u64]).share()
        };
        let smooth = |t: f32| t * t * (3.0 - 2.0 * t);
        let (fx, fy) = (smooth(x - x.floor()), smooth(y - y.floor()));
        let upper = corner(0, 0) * (1.0 - fx) + corner(1, 0) * fx;
        let lower = corner(0, 1) * (1.0 - fx) + corner(1, 1) * fx;
        upper * (1.0 - fy) + lower * fy
    }
}

/// A cover as planes of values, each with how much of it is seen, of 255.
pub(crate) struct Layer {
    planes: [Vec<(u8, u8)>; 3],
}

impl Layer {
    pub(crate) fn draw(&self, canvas: &mut Canvas) {
        for (plane, layer) in canvas.planes_mut().iter_mut().zip(&self.planes) {
            for (value, (own, inside)) in plane.iter_mut().zip(layer) {
                let (own, inside) = (u32::from(*own), u32::from(*inside));
                *value = ((u32::from(*value) * (255 - inside) + own * inside + 127) / 255) as u8;
            }
        }
    }
}
