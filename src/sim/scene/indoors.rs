//! Places under a roof: an examination room and a corridor. Lamps burn at every hour.

use super::{
    Light,
    canvas::Rgb,
    dice::Dice,
    movers::{Mover, What},
    roads::walk,
    stage::Stage,
};

pub(super) fn exam_room(stage: &mut Stage<'_>, dice: &mut Dice) {
    let outside = stage.light;
    let wall = Rgb(214.0, 214.0, 190.0).times(dice.between(0.85, 1.05));
    room(stage, (-4.4, 4.4), 3.5, 11.5, wall, Rgb(176.0, 140.0, 112.0));
    // Blackboard with the portrait place above it.
    stage.face(
        &[(-2.6, 1.0, 11.45), (2.2, 1.0, 11.45), (2.2, 2.3, 11.45), (-2.6, 2.3, 11.45)],
        Rgb(36.0, 74.0, 60.0),
    );
    stage.face(
        &[(-2.2, 1.9, 11.4), (0.6, 1.9, 11.4), (0.6, 1.96, 11.4), (-2.2, 1.96, 11.4)],
        Rgb(220.0, 224.0, 220.0),
    );
    stage.face(
        &[(-0.5, 2.5, 11.4), (0.3, 2.5, 11.4), (0.3, 3.2, 11.4), (-0.5, 3.2, 11.4)],
        Rgb(190.0, 60.0, 50.0),
    );
    let sky = match outside {
        Light::Day => Rgb(214.0, 230.0, 240.0),
        Light::Dusk => Rgb(222.0, 150.0, 110.0),
        Light::Night => Rgb(20.0, 24.0, 36.0),
    };
    for i in 0..3 {
        let z = 4.0 + i as f32 * 2.5;
        stage.face_of_light(
            &[(4.38, 1.0, z), (4.38, 2.5, z), (4.38, 2.5, z + 1.7), (4.38, 1.0, z + 1.7)],
            sky,
        );
        stage.face(
            &[
                (4.36, 1.0, z + 0.8),
                (4.36, 2.5, z + 0.8),
                (4.36, 2.5, z + 0.9),
                (4.36, 1.0, z + 0.9),
            ],
            Rgb(90.0, 70.0, 56.0),
        );
    }
    stage.solid((-1.2, 0.0, 9.6), (0.8, 0.8, 10.4), Rgb(150.0, 104.0, 68.0));
    for row in (0..5).rev() {
        for column in 0..4 {
            let (x, z) = desk(row, column);
            stage.solid(
                (x - 0.75, 0.62, z + 0.15),
                (x + 0.75, 0.72, z + 0.85),
                Rgb(186.0, 138.0, 90.0),
            );
            stage.face(
                &[
                    (x - 0.2, 0.73, z + 0.3),
                    (x + 0.12, 0.73, z + 0.3),
                    (x + 0.14, 0.73, z + 0.6),
                    (x - 0.18, 0.73, z + 0.6),
                ],
                Rgb(240.0, 240.0, 236.0),
            );
            for leg in [-0.7, 0.62] {
                stage.face(
                    &[
                        (x + leg, 0.0, z + 0.2),
                        (x + leg + 0.07, 0.0, z + 0.2),
                        (x + leg + 0.07, 0.62, z + 0.2),
                        (x + leg, 0.62, z + 0.2),
                    ],
                    Rgb(90.0, 70.0, 54.0),
                );
            }
        }
    }
    stage.light = outside;
}

fn desk(row: usize, column: usize) -> (f32, f32) {
    (-3.3 + column as f32 * 2.15, 3.0 + row as f32 * 1.35)
}

pub(super) fn exam_life(dice: &mut Dice) -> Vec<Mover> {
    let mut movers = Vec::new();
    for row in 0..5 {
        for column in 0..4 {
            if dice.share() < 0.9 {
                let (x, z) = desk(row, column);
                let passes = dice.pick(&[2, 3, 4, 5]);
                movers.push(Mover::new(What::Sitter, (x, z), (x, z), passes, dice));
            }
        }
    }
    movers.push(walk((-2.2, 3.0), (-2.2, 9.0), dice));
    movers.push(walk((2.6, 9.0), (-2.6, 9.2), dice));
    movers
}

pub(super) fn corridor(stage: &mut Stage<'_>, dice: &mut Dice) {
    let outside = stage.light;
    let wall = Rgb(206.0, 216.0, 214.0).times(dice.between(0.85, 1.05));
    room(stage, (-1.9, 1.9), 3.2, 34.0, wall, Rgb(150.0, 150.0, 146.0));
    for i in (0..7).rev() {
        let z = 3.0 + i as f32 * 4.2;
        for (x, inner) in [(-1.9_f32, -1.88), (1.9, 1.88)] {
            let door = dice.pick(&[Rgb(110.0, 78.0, 54.0), Rgb(84.0, 104.0, 124.0)]);
            stage.face(
                &[(inner, 0.0, z), (inner, 2.2, z), (inner, 2.2, z + 1.1), (inner, 0.0, z + 1.1)],
                door,
            );
            let sign = Rgb(236.0, 240.0, 240.0);
            stage.face(
                &[
                    (x * 0.98, 2.3, z + 0.2),
                    (x * 0.98, 2.5, z + 0.2),
                    (x * 0.98, 2.5, z + 0.9),
                    (x * 0.98, 2.3, z + 0.9),
                ],
                sign,
            );
        }
        stage.ground(-1.9, 1.9, z, z + 0.05, Rgb(124.0, 124.0, 122.0));
    }
    stage.face(
        &[(-0.7, 0.0, 33.9), (0.7, 0.0, 33.9), (0.7, 2.2, 33.9), (-0.7, 2.2, 33.9)],
        Rgb(60.0, 76.0, 90.0),
    );
    stage.light = outside;
}

pub(super) fn corridor_life(dice: &mut Dice) -> Vec<Mover> {
    (0..5)
        .map(|i| {
            let x = -1.2 + i as f32 * 0.6;
            if i % 2 == 0 {
                walk((x, 30.0), (x, 3.0), dice)
            } else {
                walk((x, 3.0), (x, 30.0), dice)
            }
        })
        .collect()
}

/// Floor, ceiling with lamps, side walls and back wall.
fn room(stage: &mut Stage<'_>, (x0, x1): (f32, f32), high: f32, deep: f32, wall: Rgb, floor: Rgb) {
    // Under lamps it is never night; a dark hour only makes it dimmer.
    let dim = if stage.light == Light::Night { 0.72 } else { 1.0 };
    stage.light = Light::Day;
    let (wall, floor) = (wall.times(dim), floor.times(dim));
    stage.canvas.clear(wall.times(0.7));
    stage.face(&[(x0, 0.0, deep), (x1, 0.0, deep), (x1, high, deep), (x0, high, deep)], wall);
    stage.face(
        &[(x0, 0.0, 0.7), (x0, high, 0.7), (x0, high, deep), (x0, 0.0, deep)],
        wall.times(0.84),
    );
    stage.face(
        &[(x1, 0.0, 0.7), (x1, high, 0.7), (x1, high, deep), (x1, 0.0, deep)],
        wall.times(0.9),
    );
    stage.face(
        &[(x0, high, 0.7), (x1, high, 0.7), (x1, high, deep), (x0, high, deep)],
        wall.times(0.95),
    );
    stage.ground(x0, x1, 0.7, deep, floor);
    let mut z = 3.0;
    while z < deep {
        let (a, b) = (x0 * 0.4, x1 * 0.4);
        stage.face_of_light(
            &[
                (a, high - 0.02, z),
                (b, high - 0.02, z),
                (b, high - 0.02, z + 0.4),
                (a, high - 0.02, z + 0.4),
            ],
            Rgb(255.0, 255.0, 246.0),
        );
        z += 2.8;
    }
}
