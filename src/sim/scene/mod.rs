//! Drawn scenes: what a simulated camera looks at, frame by frame, the same on every machine.
//!
//! A [`Scene`] is a place, a light and a seed. It knows nothing of codecs or streams; `clip`
//! encodes it. What moves returns to its start every [`SCENE_PERIOD_MS`], so a loop has no seam.

mod canvas;
mod dice;
mod indoors;
mod lens;
mod movers;
mod overlay;
mod props;
mod roads;
mod stage;
mod town;

pub use canvas::Canvas;
pub use dice::Dice;
pub use lens::Trouble;
pub use overlay::{name_and_clock, read_strip};

use canvas::Rgb;
use lens::Noise;
use movers::Mover;
use stage::{Stage, View};

/// After this time everything that moves is where it was.
pub const SCENE_PERIOD_MS: u32 = 16_000;

/// Every line of code that decides what a scene looks like: a cached clip is good only for it.
pub const SOURCES: [&str; 11] = [
    include_str!("mod.rs"),
    include_str!("canvas.rs"),
    include_str!("dice.rs"),
    include_str!("indoors.rs"),
    include_str!("lens.rs"),
    include_str!("movers.rs"),
    include_str!("overlay.rs"),
    include_str!("props.rs"),
    include_str!("roads.rs"),
    include_str!("stage.rs"),
    include_str!("town.rs"),
];

/// The kinds of place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// A two-lane road out of a town.
    Road,
    /// A signalled junction.
    Junction,
    /// The gate of an office with a barrier.
    Gate,
    /// A narrow alley between houses.
    Alley,
    /// A river bank with boats.
    River,
    /// An examination room.
    ExamRoom,
    /// A car park.
    CarPark,
    /// A market street.
    Market,
    /// A checkpoint with cones and a booth.
    Checkpoint,
    /// A bridge over a river.
    Bridge,
    /// A school yard with a flag pole.
    Yard,
    /// A corridor of a public building.
    Corridor,
}

/// The light a scene is seen in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Light {
    /// Daylight.
    Day,
    /// Low sun and the first lamps.
    Dusk,
    /// Lamps, headlights and a noisy sensor.
    Night,
}

/// One place, seen by one camera.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scene {
    /// What kind of place.
    pub place: Place,
    /// In which light.
    pub light: Light,
    /// What makes it different from others of its kind.
    pub seed: u64,
    /// The name burnt into the picture.
    pub name: String,
}

impl Scene {
    /// A reel of this scene's frames in one size.
    pub fn reel(&self, width: u32, height: u32, trouble: Trouble) -> Reel {
        let mut dice = Dice::new(self.seed);
        let mut view = self.place.view(&mut dice);
        let movers = self.place.movers(&mut dice);
        if trouble == Trouble::Moved {
            // As if somebody had hit the pole: another direction, another tilt.
            view.ahead += 0.3;
            view.horizon += 0.16;
        }
        let mut background = Canvas::new(width, height);
        let mut stage = Stage { canvas: &mut background, view, light: self.light };
        self.place.paint(&mut stage, &mut dice);
        Reel {
            name: self.name.clone(),
            hour: match self.light {
                Light::Day => 9,
                Light::Dusk => 17,
                Light::Night => 21,
            },
            seed: self.seed,
            noise: Noise::new(self.seed, if self.light == Light::Night { 7 } else { 3 }),
            view,
            light: self.light,
            movers,
            background,
            trouble,
        }
    }
}

/// A scene set up in one size, ready to be drawn at any time.
pub struct Reel {
    name: String,
    hour: u32,
    seed: u64,
    view: View,
    light: Light,
    movers: Vec<Mover>,
    background: Canvas,
    noise: Noise,
    trouble: Trouble,
}

impl Reel {
    /// The place with nobody in it, to draw into again and again.
    pub fn canvas(&self) -> Canvas {
        self.background.clone()
    }

    /// Draws the scene as it is `at_ms` after the loop's start.
    pub fn draw(&mut self, canvas: &mut Canvas, at_ms: u32) {
        self.draw_bare(canvas, at_ms);
        self.trouble.apply(canvas);
        self.noise.add(canvas, u64::from(at_ms));
        if self.trouble.keeps_overlay() {
            let second = self.hour * 3600 + (self.seed % 50) as u32 * 60 + at_ms / 1000;
            overlay::name_and_clock(canvas, &self.name, second, at_ms % 1000);
            overlay::strip(canvas, at_ms);
        }
    }

    /// Draws what is in front of the lens at that time: no trouble, no sensor noise, no overlay.
    pub fn draw_bare(&mut self, canvas: &mut Canvas, at_ms: u32) {
        canvas.copy_from(&self.background);
        let turn = at_ms as f32 / SCENE_PERIOD_MS as f32;
        let mut stage = Stage { canvas, view: self.view, light: self.light };
        self.movers.sort_by(|a, b| b.depth(turn).total_cmp(&a.depth(turn)));
        for mover in &self.movers {
            mover.paint(&mut stage, turn);
        }
    }
}

impl Place {
    fn view(self, dice: &mut Dice) -> View {
        let mut view = match self {
            Self::Road => View { horizon: 0.3, ahead: 0.45, height_m: 6.5, focal: 1.1 },
            Self::Junction => View { horizon: 0.22, ahead: 0.5, height_m: 8.0, focal: 0.95 },
            Self::Gate => View { horizon: 0.3, ahead: 0.5, height_m: 4.6, focal: 0.95 },
            Self::Alley => View { horizon: 0.32, ahead: 0.5, height_m: 4.2, focal: 0.8 },
            Self::River => View { horizon: 0.34, ahead: 0.5, height_m: 7.0, focal: 1.0 },
            Self::ExamRoom => View { horizon: 0.2, ahead: 0.46, height_m: 2.6, focal: 0.78 },
            Self::CarPark => View { horizon: 0.16, ahead: 0.5, height_m: 9.0, focal: 0.9 },
            Self::Market => View { horizon: 0.3, ahead: 0.5, height_m: 4.6, focal: 0.85 },
            Self::Checkpoint => View { horizon: 0.3, ahead: 0.52, height_m: 5.2, focal: 0.95 },
            Self::Bridge => View { horizon: 0.36, ahead: 0.4, height_m: 7.5, focal: 1.15 },
            Self::Yard => View { horizon: 0.26, ahead: 0.5, height_m: 6.5, focal: 0.9 },
            Self::Corridor => View { horizon: 0.34, ahead: 0.5, height_m: 2.5, focal: 0.85 },
        };
        view.ahead += dice.between(-0.09, 0.09);
        view.horizon += dice.between(-0.03, 0.03);
        view.focal *= dice.between(0.92, 1.12);
        view
    }

    fn paint(self, stage: &mut Stage<'_>, dice: &mut Dice) {
        match self {
            Self::Road => roads::road(stage, dice),
            Self::Junction => roads::junction(stage, dice),
            Self::Gate => roads::gate(stage, dice),
            Self::Checkpoint => roads::checkpoint(stage, dice),
            Self::Bridge => roads::bridge(stage, dice),
            Self::Alley => town::alley(stage, dice),
            Self::Market => town::market(stage, dice),
            Self::CarPark => town::car_park(stage, dice),
            Self::River => town::river(stage, dice),
            Self::Yard => town::yard(stage, dice),
            Self::ExamRoom => indoors::exam_room(stage, dice),
            Self::Corridor => indoors::corridor(stage, dice),
        }
    }

    fn movers(self, dice: &mut Dice) -> Vec<Mover> {
        match self {
            Self::Road => roads::road_traffic(dice),
            Self::Junction => roads::junction_traffic(dice),
            Self::Gate => roads::gate_traffic(dice),
            Self::Checkpoint => roads::checkpoint_traffic(dice),
            Self::Bridge => roads::bridge_traffic(dice),
            Self::Alley => town::alley_life(dice),
            Self::Market => town::market_life(dice),
            Self::CarPark => town::car_park_life(dice),
            Self::River => town::river_life(dice),
            Self::Yard => town::yard_life(dice),
            Self::ExamRoom => indoors::exam_life(dice),
            Self::Corridor => indoors::corridor_life(dice),
        }
    }
}

/// The colours of house walls in a Vietnamese town.
const WALLS: [Rgb; 7] = [
    Rgb(222.0, 208.0, 168.0),
    Rgb(206.0, 214.0, 216.0),
    Rgb(232.0, 196.0, 120.0),
    Rgb(186.0, 200.0, 180.0),
    Rgb(204.0, 160.0, 138.0),
    Rgb(170.0, 184.0, 200.0),
    Rgb(236.0, 230.0, 214.0),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(seed: u64, at_ms: u32, trouble: Trouble) -> Canvas {
        let scene = Scene { place: Place::Road, light: Light::Day, seed, name: "A".into() };
        let mut reel = scene.reel(320, 180, trouble);
        let mut canvas = reel.canvas();
        reel.draw(&mut canvas, at_ms);
        canvas
    }

    #[test]
    fn the_same_seed_and_time_draw_the_same_picture() {
        assert!(frame(7, 480, Trouble::None) == frame(7, 480, Trouble::None));
    }

    #[test]
    fn seeds_and_times_make_different_pictures() {
        assert!(frame(7, 480, Trouble::None) != frame(8, 480, Trouble::None));
        assert!(frame(7, 480, Trouble::None) != frame(7, 560, Trouble::None));
    }

    #[test]
    fn the_strip_tells_the_time_of_any_drawn_frame() {
        for at_ms in [0, 80, 7_960, 15_920, 29_960] {
            let canvas = frame(3, at_ms, Trouble::None);
            assert_eq!(read_strip(&canvas.planes()[0], 320, 180, 320), Some(at_ms));
        }
    }

    #[test]
    fn every_place_draws_in_every_light_without_a_flat_picture() {
        use Place::*;
        for place in [
            Road, Junction, Gate, Alley, River, ExamRoom, CarPark, Market, Checkpoint, Bridge,
            Yard, Corridor,
        ] {
            for light in [Light::Day, Light::Dusk, Light::Night] {
                let scene = Scene { place, light, seed: 5, name: "X".into() };
                let mut reel = scene.reel(160, 90, Trouble::None);
                let mut canvas = reel.canvas();
                reel.draw(&mut canvas, 1_000);
                let luma = &canvas.planes()[0];
                let (low, high) = (luma.iter().min(), luma.iter().max());
                assert!(high > low.map(|y| y + 40).as_ref(), "{place:?} {light:?}");
            }
        }
    }

    #[test]
    fn a_black_picture_is_black_and_a_moved_one_differs() {
        let black = frame(7, 0, Trouble::Black);
        let brightest = black.planes()[0].iter().max();
        assert!(brightest < Some(&32));
        assert!(frame(7, 0, Trouble::Moved) != frame(7, 0, Trouble::None));
    }
}
