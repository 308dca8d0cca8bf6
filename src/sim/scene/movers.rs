//! What moves in a scene, and where it is at any time of the loop.

use super::{
    canvas::Rgb,
    dice::Dice,
    props::{self, Vehicle},
    stage::Stage,
};

/// What it is that moves.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    /// A vehicle driving along the view.
    Along(Vehicle),
    /// A vehicle crossing the view.
    Across(Vehicle),
    /// Somebody walking.
    Walker,
    /// Somebody sitting at a desk, who sways a little.
    Sitter,
    /// A boat.
    Boat,
    /// A flag in the wind, on its pole.
    Flag,
}

/// A thing going from one point of the ground to another, `passes` times in a loop.
#[derive(Clone, Debug)]
pub(crate) struct Mover {
    what: What,
    from: (f32, f32),
    to: (f32, f32),
    passes: u32,
    phase: f32,
    colour: Rgb,
    hat: bool,
}

impl Mover {
    pub(crate) fn new(
        what: What,
        from: (f32, f32),
        to: (f32, f32),
        passes: u32,
        dice: &mut Dice,
    ) -> Self {
        let paint = [
            Rgb(196.0, 200.0, 204.0),
            Rgb(236.0, 236.0, 234.0),
            Rgb(40.0, 44.0, 52.0),
            Rgb(150.0, 36.0, 34.0),
            Rgb(36.0, 66.0, 120.0),
            Rgb(120.0, 126.0, 132.0),
            Rgb(206.0, 160.0, 60.0),
            Rgb(60.0, 110.0, 90.0),
        ];
        Self {
            what,
            from,
            to,
            passes,
            phase: dice.share(),
            colour: dice.pick(&paint),
            hat: dice.share() < 0.3,
        }
    }

    pub(crate) fn at_phase(self, phase: f32) -> Self {
        Self { phase, ..self }
    }

    /// How far along its way it is when `turn` of the loop has gone by.
    fn share(&self, turn: f32) -> f32 {
        (self.phase + turn * self.passes as f32).rem_euclid(1.0)
    }

    fn position(&self, turn: f32) -> (f32, f32) {
        let share = self.share(turn);
        (
            self.from.0 + (self.to.0 - self.from.0) * share,
            self.from.1 + (self.to.1 - self.from.1) * share,
        )
    }

    /// Distance from the camera: far things are painted first.
    pub(crate) fn depth(&self, turn: f32) -> f32 {
        self.position(turn).1
    }

    pub(crate) fn paint(&self, stage: &mut Stage<'_>, turn: f32) {
        let (x, z) = self.position(turn);
        if z < 2.0 {
            return;
        }
        match self.what {
            What::Along(kind) => {
                props::vehicle_along(stage, kind, x, z, self.to.1 < self.from.1, self.colour);
            }
            What::Across(kind) => {
                props::vehicle_across(stage, kind, x, z, self.to.0 > self.from.0, self.colour);
            }
            What::Walker => {
                let way = (self.to.0 - self.from.0).hypot(self.to.1 - self.from.1);
                props::person(stage, x, z, self.share(turn) * way / 1.4, self.colour, self.hat);
            }
            What::Sitter => {
                let sway = ((turn * self.passes as f32 + self.phase) * std::f32::consts::TAU).sin();
                props::torso(stage, x + sway * 0.05, z, 0.5, Rgb(226.0, 230.0, 236.0), false);
            }
            What::Boat => boat(stage, x, z, self.colour),
            What::Flag => flag(stage, x, z, turn),
        }
    }
}

fn boat(stage: &mut Stage<'_>, x: f32, z: f32, paint: Rgb) {
    let hull = paint.toward(Rgb(70.0, 96.0, 120.0), 0.6);
    stage.face(&[(x - 3.0, 1.0, z), (x + 3.4, 1.1, z), (x + 2.5, 0.0, z), (x - 2.6, 0.0, z)], hull);
    stage.face(
        &[(x - 1.8, 1.0, z), (x + 0.8, 1.0, z), (x + 0.6, 2.2, z), (x - 1.6, 2.2, z)],
        Rgb(206.0, 196.0, 170.0),
    );
    props::torso(stage, x + 1.8, z, 1.0, Rgb(120.0, 100.0, 90.0), true);
}

fn flag(stage: &mut Stage<'_>, x: f32, z: f32, turn: f32) {
    let wave = |i: f32| (turn * std::f32::consts::TAU * 14.0 - i * 1.3).sin() * 0.16;
    let corner = |i: f32, up: f32| (x + i * 0.8, 8.4 + up + wave(i) * i, z);
    let red = stage.lit(Rgb(214.0, 30.0, 34.0), z);
    stage.face_of_light(
        &[
            corner(0.0, 0.0),
            corner(1.0, 0.0),
            corner(2.0, 0.0),
            corner(3.0, 0.0),
            corner(3.0, 1.6),
            corner(2.0, 1.6),
            corner(1.0, 1.6),
            corner(0.0, 1.6),
        ],
        red,
    );
    let (cx, cy) = stage.project((x + 1.2, 9.2 + wave(1.5), z));
    let scale = stage.scale(z);
    let yellow = stage.lit(Rgb(244.0, 214.0, 60.0), z);
    stage.canvas.ellipse(cx, cy, 0.4 * scale, 0.4 * scale, yellow);
}
