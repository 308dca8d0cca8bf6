//! Drawing in metres: a camera's view over flat ground, daylight or night, and solid shapes.

use super::{
    Light,
    canvas::{Canvas, Rgb},
};

/// Where a camera stands and looks: metres in front of it become pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    /// Where the horizon lies, as a share of the height.
    pub(crate) horizon: f32,
    /// Where straight ahead lies, as a share of the width.
    pub(crate) ahead: f32,
    /// How high the camera hangs, metres.
    pub(crate) height_m: f32,
    /// Focal length in picture heights: larger is a narrower view.
    pub(crate) focal: f32,
}

/// A point in metres: right, up, forward.
pub(crate) type Point = (f32, f32, f32);

/// A canvas with a view and a light, which is all a place needs to draw itself.
pub(crate) struct Stage<'a> {
    pub(crate) canvas: &'a mut Canvas,
    pub(crate) view: View,
    pub(crate) light: Light,
}

impl Stage<'_> {
    /// Where a point in metres lies in the picture.
    pub(crate) fn project(&self, (x, y, z): Point) -> (f32, f32) {
        let (width, height) = (self.canvas.width() as f32, self.canvas.height() as f32);
        let scale = self.view.focal * height / z.max(0.6);
        (
            self.view.ahead * width + x * scale,
            self.view.horizon * height + (self.view.height_m - y) * scale,
        )
    }

    /// Pixels per metre at a distance.
    pub(crate) fn scale(&self, z: f32) -> f32 {
        self.view.focal * self.canvas.height() as f32 / z.max(0.6)
    }

    /// A colour as this light shows it; far things sink into the haze.
    pub(crate) fn lit(&self, colour: Rgb, z: f32) -> Rgb {
        let haze = (z / 260.0).clamp(0.0, 0.75);
        match self.light {
            Light::Day => colour.toward(Rgb(178.0, 196.0, 210.0), haze),
            Light::Dusk => {
                let Rgb(r, g, b) = colour.times(0.58);
                Rgb(r * 1.1, g * 0.92, b * 0.95).toward(Rgb(140.0, 108.0, 112.0), haze * 0.8)
            }
            Light::Night => {
                let Rgb(r, g, b) = colour.times(0.3);
                Rgb(r * 0.9, g * 0.95, b * 1.15).toward(Rgb(22.0, 25.0, 36.0), haze)
            }
        }
    }

    /// A flat shape in space.
    pub(crate) fn face(&mut self, corners: &[Point], colour: Rgb) {
        let depth = corners.iter().map(|c| c.2).sum::<f32>() / corners.len() as f32;
        let colour = self.lit(colour, depth);
        self.face_of_light(corners, colour);
    }

    /// A flat shape that shines by itself: a lit window, a lamp, a sign.
    pub(crate) fn face_of_light(&mut self, corners: &[Point], colour: Rgb) {
        let mut flat = [(0.0, 0.0); 8];
        for (to, from) in flat.iter_mut().zip(corners) {
            *to = self.project(*from);
        }
        self.canvas.polygon(&flat[..corners.len().min(8)], colour);
    }

    /// A patch of ground between two distances.
    pub(crate) fn ground(&mut self, x0: f32, x1: f32, z0: f32, z1: f32, colour: Rgb) {
        self.face(&[(x0, 0.0, z0), (x1, 0.0, z0), (x1, 0.0, z1), (x0, 0.0, z1)], colour);
    }

    /// A box with shaded sides; only the faces the camera can see are drawn.
    pub(crate) fn solid(&mut self, (x0, y0, z0): Point, (x1, y1, z1): Point, colour: Rgb) {
        let side = colour.times(0.72);
        if x0 > 0.0 {
            self.face(&[(x0, y0, z0), (x0, y1, z0), (x0, y1, z1), (x0, y0, z1)], side);
        } else if x1 < 0.0 {
            self.face(&[(x1, y0, z0), (x1, y1, z0), (x1, y1, z1), (x1, y0, z1)], side);
        }
        if y1 < self.view.height_m {
            let top = colour.times(1.12);
            self.face(&[(x0, y1, z0), (x1, y1, z0), (x1, y1, z1), (x0, y1, z1)], top);
        }
        self.face(&[(x0, y0, z0), (x1, y0, z0), (x1, y1, z0), (x0, y1, z0)], colour);
    }

    /// Sky down to the horizon and bare ground below it.
    pub(crate) fn outdoors(&mut self, ground: Rgb) {
        let height = self.canvas.height() as f32;
        let horizon = self.view.horizon * height;
        let (zenith, low) = match self.light {
            Light::Day => (Rgb(96.0, 150.0, 208.0), Rgb(206.0, 220.0, 230.0)),
            Light::Dusk => (Rgb(58.0, 62.0, 104.0), Rgb(226.0, 140.0, 92.0)),
            Light::Night => (Rgb(12.0, 15.0, 28.0), Rgb(34.0, 38.0, 54.0)),
        };
        self.canvas.gradient(0.0, horizon, zenith, low);
        let (far, near) = (self.lit(ground, 140.0), self.lit(ground, 6.0));
        self.canvas.gradient(horizon, height, far, near);
    }
}
