//! One picture of a camera under an effect: view, weather, lens, sensor, caption, in this order.

use std::collections::HashMap;

use watchwall::sim::scene::{Canvas, name_and_clock};

use crate::{
    chance::Chance,
    effect::Effect,
    lighting::{self, Lighting},
    paint::Noise,
    source::{Source, View},
    trouble::{self, Cover, Layer},
    warp, weather,
};

/// When and how a picture is taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shot {
    /// What happens to it.
    pub(crate) effect: Effect,
    /// In which light.
    pub(crate) lighting: Lighting,
    /// The camera's local time of day, seconds, going on past midnight.
    pub(crate) at_s: f64,
    /// The view's own time.
    pub(crate) motion_s: f64,
    /// Since the effect began.
    pub(crate) since_s: f64,
    /// What chance is thrown for: another number, another picture.
    pub(crate) number: u64,
    /// Of this happening of the effect, which another one does not share.
    pub(crate) seed: u64,
}

/// Takes pictures of one camera.
pub(crate) struct Easel {
    pub(crate) source: Source,
    pub(crate) view: View,
    noise: Noise,
    covers: HashMap<(Effect, u64, bool), Layer>,
}

impl Easel {
    pub(crate) fn open(source: &Source) -> Option<Self> {
        let view = source.open()?;
        Some(Self { source: source.clone(), view, noise: Noise::new(), covers: HashMap::new() })
    }

    /// The picture as the encoder gets it.
    pub(crate) fn draw(&mut self, shot: &Shot) -> Canvas {
        let mut canvas = self.uncaptioned(shot);
        self.caption(&mut canvas, shot.at_s);
        canvas
    }

    /// The picture as the sensor gives it.
    pub(crate) fn uncaptioned(&mut self, shot: &Shot) -> Canvas {
        let camera = self.source.seed();
        let dark = shot.lighting.is_dark();
        let mut chance = Chance::of(&[camera, shot.seed, shot.number]);
        let motion = (shot.effect != Effect::Quiet).then_some(shot.motion_s);
        let mut canvas = self.view.look(shot.lighting, motion);
        weather::gain(&mut canvas, lighting::drift(shot.at_s, camera));
        let mut noise = shot.lighting.noise();
        match shot.effect {
            Effect::Rain => {
                weather::rain(&mut canvas, dark, shot.since_s as f32, camera, &mut chance);
            }
            // Cars come and go.
            Effect::Headlights if chance.share() < 0.6 => {
                weather::headlights(&mut canvas, &mut chance);
            }
            Effect::Crowd => weather::crowd(&mut canvas, shot.lighting, &mut chance),
            Effect::Leaves => weather::leaves(&mut canvas, camera, &mut chance),
            Effect::Flare => weather::flare(&mut canvas, shot.since_s as f32, camera),
            Effect::Exposure => {
                // A stop up, a stop down, half a stop each: as gains of gamma-coded luma.
                const STEPS: [f32; 4] = [1.37, 0.73, 1.17, 0.85];
                weather::gain(&mut canvas, STEPS[(shot.since_s / 40.0) as usize % STEPS.len()]);
            }
            Effect::Noise => noise = if dark { 9.0 } else { 7.0 },
            Effect::Blur(radius) => warp::blur(&mut canvas, f32::from(radius)),
            Effect::Shift(percent) => {
                let mut way = Chance::of(&[camera, shot.seed, 0x7368_6966]);
                let across = f32::from(percent) / 100.0 * if way.toss() { 1.0 } else { -1.0 };
                warp::shift(&mut canvas, across, way.between(-0.02, 0.02));
            }
            Effect::Rotate(degrees) => {
                let way = Chance::of(&[camera, shot.seed, 0x726f_7461]).toss();
                warp::rotate(&mut canvas, f32::from(degrees) * if way { 1.0 } else { -1.0 });
            }
            Effect::Black => trouble::flat(&mut canvas, 16),
            Effect::White => trouble::flat(&mut canvas, 235),
            _ => {}
        }
        self.cover(&mut canvas, shot);
        if matches!(shot.effect, Effect::Black | Effect::White) {
            noise = 0.7;
        }
        self.noise.add(&mut canvas, noise, !shot.lighting.infrared, &mut chance);
        canvas
    }

    fn cover(&mut self, canvas: &mut Canvas, shot: &Shot) {
        let (percent, textured) = match shot.effect {
            Effect::Cover(percent) => (percent, false),
            Effect::CoverTextured(percent) => (percent, true),
            _ => return,
        };
        let (infrared, dark) = (shot.lighting.infrared, shot.lighting.is_dark());
        let (width, height) = (canvas.width(), canvas.height());
        let seed = shot.seed ^ self.source.seed();
        let layer = self.covers.entry((shot.effect, shot.seed, infrared)).or_insert_with(|| {
            let share = f32::from(percent) / 100.0;
            Cover::new(share, textured, infrared, dark, seed).paint(width, height)
        });
        layer.draw(canvas);
    }

    /// Burns name and clock in, if the camera does so.
    pub(crate) fn caption(&self, canvas: &mut Canvas, at_s: f64) {
        if self.source.caption() {
            let name = self.source.name().to_uppercase();
            let milli = (at_s.fract() * 1_000.0) as u32;
            name_and_clock(canvas, &name, at_s as u32, milli);
        }
    }
}
