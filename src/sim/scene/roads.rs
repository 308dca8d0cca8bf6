//! Places with traffic: road, junction, gate, checkpoint, bridge.

use super::{
    Light, WALLS,
    canvas::Rgb,
    dice::Dice,
    movers::{Mover, What},
    props::{self, Vehicle},
    stage::Stage,
};

const ASPHALT: Rgb = Rgb(96.0, 98.0, 102.0);
const PAVING: Rgb = Rgb(166.0, 160.0, 150.0);
const PAINT: Rgb = Rgb(222.0, 222.0, 214.0);
const GRASS: Rgb = Rgb(104.0, 128.0, 72.0);

pub(super) fn road(stage: &mut Stage<'_>, dice: &mut Dice) {
    stage.outdoors(GRASS);
    hills(stage, dice);
    lanes(stage, 5.4);
    roadside(stage, dice, 9.0);
}

pub(super) fn road_traffic(dice: &mut Dice) -> Vec<Mover> {
    let mut movers = Vec::new();
    for (lane, toward) in [(-3.9, true), (-1.5, true), (1.5, false), (3.9, false)] {
        for _ in 0..2 {
            let kind = dice.pick(&[
                Vehicle::Car,
                Vehicle::Car,
                Vehicle::Van,
                Vehicle::Truck,
                Vehicle::Bus,
            ]);
            movers.push(drive(kind, lane, toward, 1, dice));
        }
        movers.push(drive(Vehicle::Motorbike, lane + dice.between(-0.5, 0.5), toward, 1, dice));
    }
    movers.extend((0..2).map(|_| walk((7.2, 12.0), (7.2, 50.0), dice)));
    movers
}

pub(super) fn junction(stage: &mut Stage<'_>, dice: &mut Dice) {
    stage.outdoors(PAVING);
    for (side, far) in
        [(-1.0, 34.0), (1.0, 34.0), (-1.0, 60.0), (1.0, 60.0), (-1.0, 90.0), (1.0, 90.0)]
    {
        let near = dice.between(0.0, 3.0);
        let (a, b) = (side * (13.0 + near), side * 30.0);
        let height = dice.between(6.0, 17.0);
        props::house(
            stage,
            (a.min(b), a.max(b)),
            height,
            (far, far + 20.0),
            dice.pick(&WALLS),
            dice,
        );
    }
    stage.ground(-8.0, 8.0, 1.0, 200.0, ASPHALT);
    stage.ground(-80.0, 80.0, 17.0, 30.0, ASPHALT);
    for i in 0..8 {
        let x = -7.2 + i as f32 * 2.0;
        stage.ground(x, x + 1.0, 12.6, 15.6, PAINT);
        stage.ground(x, x + 1.0, 31.4, 34.0, PAINT);
    }
    for z in 0..14 {
        let z = 36.0 + z as f32 * 6.0;
        stage.ground(-0.12, 0.12, z, z + 3.0, PAINT);
    }
    stage.ground(-0.12, 0.12, 1.0, 12.0, PAINT);
    for x in [-9.5, 9.5] {
        props::lamp(stage, x, 32.0, 8.5);
        signal(stage, x, 31.0);
        props::tree(stage, x * 1.5, 13.0, 5.5, dice);
    }
}

pub(super) fn junction_traffic(dice: &mut Dice) -> Vec<Mover> {
    let mut movers = Vec::new();
    for (z, right) in [(20.0, true), (22.0, true), (25.0, false), (27.5, false)] {
        let (from, to) = if right { (-46.0, 46.0) } else { (46.0, -46.0) };
        for _ in 0..2 {
            let kind =
                dice.pick(&[Vehicle::Car, Vehicle::Motorbike, Vehicle::Bus, Vehicle::Motorbike]);
            movers.push(Mover::new(What::Across(kind), (from, z), (to, z), 2, dice));
        }
    }
    movers.push(drive(Vehicle::Motorbike, -4.0, true, 1, dice));
    movers.push(drive(Vehicle::Car, 4.0, false, 1, dice));
    for z in [13.6, 14.4, 32.6] {
        movers.push(walk((-9.0, z), (9.0, z), dice));
        movers.push(walk((9.0, z + 0.4), (-9.0, z + 0.4), dice));
    }
    movers
}

pub(super) fn gate(stage: &mut Stage<'_>, dice: &mut Dice) {
    stage.outdoors(PAVING);
    let wall = dice.pick(&WALLS);
    props::house(stage, (-16.0, 16.0), 10.0, (34.0, 44.0), wall, dice);
    for x in [-14.0, 13.0] {
        props::tree(stage, x, 27.0, 7.0, dice);
        props::palm(stage, x * 0.6, 30.0, 7.5, dice);
    }
    stage.ground(-3.6, 3.6, 1.0, 33.0, ASPHALT);
    for (a, b) in [(-26.0, -4.2), (4.2, 26.0)] {
        stage.solid((a, 0.0, 18.0), (b, 1.0, 18.3), wall.times(0.9));
        for i in 0..((b - a) / 0.9) as usize {
            let x = a + i as f32 * 0.9;
            stage.face(
                &[(x, 1.0, 18.0), (x + 0.12, 1.0, 18.0), (x + 0.12, 2.4, 18.0), (x, 2.4, 18.0)],
                Rgb(52.0, 58.0, 66.0),
            );
        }
    }
    for x in [-4.6, 4.2] {
        stage.solid((x, 0.0, 17.6), (x + 0.5, 3.4, 18.2), wall.times(1.05));
    }
    let sign =
        if stage.light == Light::Night { Rgb(190.0, 60.0, 50.0) } else { Rgb(168.0, 34.0, 34.0) };
    stage.face_of_light(
        &[(-4.6, 3.4, 17.6), (4.7, 3.4, 17.6), (4.7, 4.4, 17.6), (-4.6, 4.4, 17.6)],
        sign,
    );
    booth(stage, 5.2, 14.5);
    for i in 0..6 {
        let x = -3.4 + i as f32 * 1.15;
        let paint = if i % 2 == 0 { Rgb(206.0, 40.0, 36.0) } else { PAINT };
        stage.face(
            &[(x, 0.95, 15.0), (x + 1.15, 0.95, 15.0), (x + 1.15, 1.1, 15.0), (x, 1.1, 15.0)],
            paint,
        );
    }
    props::lamp(stage, -6.2, 15.0, 6.0);
    props::lamp(stage, 8.2, 22.0, 6.0);
}

pub(super) fn gate_traffic(dice: &mut Dice) -> Vec<Mover> {
    let mut movers = vec![
        Mover::new(What::Along(Vehicle::Car), (-1.4, 32.0), (-1.4, 2.0), 1, dice),
        Mover::new(What::Along(Vehicle::Motorbike), (1.4, 3.0), (1.8, 32.0), 1, dice),
        Mover::new(What::Along(Vehicle::Motorbike), (-1.8, 32.0), (-2.2, 2.0), 1, dice),
        walk((6.4, 13.2), (3.0, 13.0), dice),
    ];
    movers.extend((0..4).map(|i| walk((-9.0, 9.0 + i as f32), (9.0, 9.4 + i as f32), dice)));
    movers
}

pub(super) fn checkpoint(stage: &mut Stage<'_>, dice: &mut Dice) {
    stage.outdoors(GRASS.times(0.8));
    hills(stage, dice);
    lanes(stage, 5.8);
    for z in [26.0, 44.0, 70.0] {
        props::tree(stage, -13.0 - dice.share() * 4.0, z, 7.0, dice);
        props::tree(stage, 12.0 + dice.share() * 6.0, z + 6.0, 8.0, dice);
    }
    booth(stage, 7.2, 17.0);
    props::lamp(stage, -7.0, 18.0, 7.5);
    props::lamp(stage, 7.0, 34.0, 7.5);
    for i in 0..7 {
        cone(stage, 0.25 * (i as f32 % 2.0), 9.0 + i as f32 * 3.4);
    }
    for (x, z) in [(-5.2, 22.0), (3.2, 14.0)] {
        for i in 0..4 {
            let paint = if i % 2 == 0 { Rgb(208.0, 44.0, 36.0) } else { PAINT };
            let left = x + i as f32 * 0.55;
            stage.face(
                &[(left, 0.5, z), (left + 0.55, 0.5, z), (left + 0.55, 0.95, z), (left, 0.95, z)],
                paint,
            );
        }
    }
    if stage.light != Light::Day {
        for (x, warm) in [(6.6, 2.6), (8.6, -1.6)] {
            let (cx, cy) = stage.project((x, 3.3, 17.0));
            let scale = stage.scale(17.0);
            stage.canvas.glow(cx, cy, 1.6 * scale, 1.2 * scale, 90.0, warm);
        }
    }
}

pub(super) fn checkpoint_traffic(dice: &mut Dice) -> Vec<Mover> {
    let mut movers: Vec<Mover> = (0..3)
        .map(|_| {
            let kind = dice.pick(&[Vehicle::Car, Vehicle::Truck, Vehicle::Van]);
            drive(kind, -2.6, true, 1, dice)
        })
        .collect();
    movers.push(drive(Vehicle::Truck, 2.8, false, 1, dice));
    movers.push(drive(Vehicle::Motorbike, 3.8, false, 1, dice));
    for (a, b) in
        [((-4.6, 16.0), (-3.9, 19.0)), ((5.2, 15.0), (1.2, 15.5)), ((6.0, 21.0), (5.4, 18.0))]
    {
        movers.push(walk(a, b, dice));
    }
    movers
}

pub(super) fn bridge(stage: &mut Stage<'_>, dice: &mut Dice) {
    stage.outdoors(Rgb(84.0, 112.0, 122.0));
    hills(stage, dice);
    let bank = stage.lit(GRASS, 110.0);
    let (y0, y1) = (stage.project((0.0, 0.0, 170.0)).1, stage.project((0.0, 0.0, 120.0)).1);
    let width = stage.canvas.width() as f32;
    stage.canvas.rect(0.0, y0, width, y1, bank);
    for _ in 0..70 {
        let (z, x) = (dice.between(12.0, 100.0), dice.between(-60.0, 60.0));
        let long = dice.between(0.8, 3.4);
        stage.ground(x, x + long, z, z + 0.02 * z, Rgb(124.0, 150.0, 158.0));
    }
    stage.solid((-6.4, -1.2, 4.0), (6.4, 0.0, 170.0), Rgb(140.0, 138.0, 134.0));
    lanes(stage, 5.2);
    for side in [-5.9, 5.9] {
        for i in (0..26).rev() {
            let z = 6.0 + i as f32 * 4.0;
            stage.face(
                &[
                    (side - 0.07, 0.0, z),
                    (side + 0.07, 0.0, z),
                    (side + 0.07, 1.1, z),
                    (side - 0.07, 1.1, z),
                ],
                Rgb(196.0, 198.0, 200.0),
            );
        }
        for up in [0.55, 1.05] {
            stage.face(
                &[
                    (side, up, 4.0),
                    (side, up + 0.1, 4.0),
                    (side, up + 0.1, 150.0),
                    (side, up, 150.0),
                ],
                Rgb(186.0, 190.0, 194.0),
            );
        }
        for i in (0..5).rev() {
            props::lamp(stage, side, 16.0 + i as f32 * 22.0, 7.5);
        }
    }
}

pub(super) fn bridge_traffic(dice: &mut Dice) -> Vec<Mover> {
    let mut movers = Vec::new();
    for (lane, toward) in [(-3.4, true), (-1.4, true), (1.4, false), (3.4, false)] {
        let kind = dice.pick(&[Vehicle::Car, Vehicle::Truck, Vehicle::Bus, Vehicle::Van]);
        movers.push(drive(kind, lane, toward, 1, dice));
        movers.push(drive(Vehicle::Motorbike, lane + 0.4, toward, 1, dice));
    }
    movers
}

/// A walk at a person's pace, from one point to another.
pub(super) fn walk(from: (f32, f32), to: (f32, f32), dice: &mut Dice) -> Mover {
    let way = (to.0 - from.0).hypot(to.1 - from.1);
    // 16 s at about 1.3 m/s is 21 m; a shorter way is walked several times.
    let passes = (21.0 / way.max(3.0)).round().max(1.0) as u32;
    Mover::new(What::Walker, from, to, passes, dice)
}

fn drive(kind: Vehicle, lane: f32, toward: bool, passes: u32, dice: &mut Dice) -> Mover {
    let (far, near) = (150.0, 3.0);
    let (from, to) = if toward { (far, near) } else { (near, far) };
    Mover::new(What::Along(kind), (lane, from), (lane, to), passes, dice)
}

fn lanes(stage: &mut Stage<'_>, half: f32) {
    stage.ground(-half - 1.6, half + 1.6, 1.0, 260.0, PAVING);
    stage.ground(-half, half, 1.0, 260.0, ASPHALT);
    for side in [-half + 0.2, half - 0.35] {
        stage.ground(side, side + 0.15, 1.0, 200.0, PAINT);
    }
    for i in (0..24).rev() {
        let z = 4.0 + i as f32 * 7.0;
        stage.ground(-0.08, 0.08, z, z + 3.5, Rgb(226.0, 196.0, 70.0));
    }
}

fn roadside(stage: &mut Stage<'_>, dice: &mut Dice, edge: f32) {
    for i in (0..7).rev() {
        let z = 16.0 + i as f32 * 17.0;
        for side in [-1.0_f32, 1.0] {
            if dice.share() < 0.62 {
                let depth = dice.between(8.0, 14.0);
                let (a, b) = (side * (edge + dice.between(0.0, 3.0)), side * (edge + 12.0));
                let height = dice.between(3.6, 13.0);
                props::house(
                    stage,
                    (a.min(b), a.max(b)),
                    height,
                    (z, z + depth),
                    dice.pick(&WALLS),
                    dice,
                );
            } else {
                props::tree(stage, side * (edge + 2.0), z + 3.0, dice.between(5.0, 9.0), dice);
            }
            if dice.share() < 0.5 {
                props::tree(stage, side * (edge - 0.8), z - 2.0, dice.between(3.5, 6.0), dice);
            }
        }
        let side = if i % 2 == 0 { -1.0 } else { 1.0 };
        props::lamp(stage, side * (edge - 2.0), z - 4.0, 8.0);
    }
}

pub(super) fn hills(stage: &mut Stage<'_>, dice: &mut Dice) {
    let (width, height) = (stage.canvas.width() as f32, stage.canvas.height() as f32);
    let horizon = stage.view.horizon * height;
    for layer in 0..2 {
        let colour = stage.lit(
            Rgb(74.0, 96.0, 92.0).times(1.0 - 0.2 * layer as f32),
            190.0 - 70.0 * layer as f32,
        );
        let mut x = -0.1 * width;
        while x < width * 1.1 {
            let half = dice.between(0.1, 0.24) * width;
            let rise = dice.between(0.03, 0.11) * height;
            stage.canvas.polygon(
                &[
                    (x - half, horizon + 1.0),
                    (x - half * 0.4, horizon - rise * 0.8),
                    (x, horizon - rise),
                    (x + half * 0.5, horizon - rise * 0.55),
                    (x + half, horizon + 1.0),
                ],
                colour,
            );
            x += half * 0.9;
        }
    }
}

fn signal(stage: &mut Stage<'_>, x: f32, z: f32) {
    stage.face(
        &[(x - 0.07, 0.0, z), (x + 0.07, 0.0, z), (x + 0.07, 4.6, z), (x - 0.07, 4.6, z)],
        Rgb(80.0, 82.0, 86.0),
    );
    stage.face(
        &[(x - 0.28, 3.4, z), (x + 0.28, 3.4, z), (x + 0.28, 4.8, z), (x - 0.28, 4.8, z)],
        Rgb(28.0, 30.0, 32.0),
    );
    let scale = stage.scale(z);
    let (cx, cy) = stage.project((x, 4.5, z));
    stage.canvas.ellipse(cx, cy, 0.17 * scale, 0.17 * scale, Rgb(240.0, 50.0, 40.0));
    if stage.light != Light::Day {
        stage.canvas.glow(cx, cy, scale, scale, 50.0, 2.0);
    }
}

fn booth(stage: &mut Stage<'_>, x: f32, z: f32) {
    stage.solid((x, 0.0, z), (x + 2.2, 2.7, z + 2.2), Rgb(196.0, 206.0, 214.0));
    let pane = if stage.light == Light::Day {
        stage.lit(Rgb(60.0, 82.0, 100.0), z)
    } else {
        Rgb(240.0, 214.0, 150.0)
    };
    stage.face_of_light(
        &[(x + 0.3, 1.0, z), (x + 1.9, 1.0, z), (x + 1.9, 2.1, z), (x + 0.3, 2.1, z)],
        pane,
    );
    stage.face(
        &[
            (x - 0.3, 2.7, z - 0.3),
            (x + 2.5, 2.7, z - 0.3),
            (x + 2.5, 3.0, z - 0.3),
            (x - 0.3, 3.0, z - 0.3),
        ],
        Rgb(50.0, 84.0, 140.0),
    );
}

fn cone(stage: &mut Stage<'_>, x: f32, z: f32) {
    stage.face(&[(x - 0.22, 0.0, z), (x + 0.22, 0.0, z), (x, 0.75, z)], Rgb(232.0, 96.0, 30.0));
    stage.face(
        &[(x - 0.12, 0.33, z), (x + 0.12, 0.33, z), (x + 0.07, 0.5, z), (x - 0.07, 0.5, z)],
        PAINT,
    );
}
