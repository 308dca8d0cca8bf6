//! Places of people: alley, market, car park, river bank, school yard.

use super::{
    Light, WALLS,
    canvas::Rgb,
    dice::Dice,
    movers::{Mover, What},
    props::{self, Vehicle},
    roads::{hills, walk},
    stage::Stage,
};

const CONCRETE: Rgb = Rgb(150.0, 148.0, 142.0);
const LINE: Rgb = Rgb(226.0, 226.0, 218.0);

pub(super) fn alley(stage: &mut Stage<'_>, dice: &mut Dice) {
    stage.outdoors(CONCRETE);
    for i in (0..9).rev() {
        let z = 5.0 + i as f32 * 6.5;
        for side in [-1.0_f32, 1.0] {
            let edge = side * (3.0 + dice.share() * 0.5);
            let (a, b) = (edge, side * 13.0);
            let height = dice.between(5.5, 12.0);
            props::house(
                stage,
                (a.min(b), a.max(b)),
                height,
                (z, z + 6.4),
                dice.pick(&WALLS),
                dice,
            );
            // Doors, awnings and laundry make walls into homes.
            let door = dice.pick(&[
                Rgb(60.0, 84.0, 110.0),
                Rgb(110.0, 70.0, 50.0),
                Rgb(70.0, 100.0, 76.0),
            ]);
            stage.face(
                &[
                    (edge, 0.0, z + 1.0),
                    (edge, 2.3, z + 1.0),
                    (edge, 2.3, z + 2.6),
                    (edge, 0.0, z + 2.6),
                ],
                door,
            );
            let cloth = dice.pick(&[
                Rgb(198.0, 70.0, 60.0),
                Rgb(60.0, 110.0, 180.0),
                Rgb(220.0, 200.0, 90.0),
            ]);
            stage.face(
                &[
                    (edge, 2.9, z + 0.6),
                    (edge, 2.9, z + 4.4),
                    (edge - side * 1.1, 2.5, z + 4.4),
                    (edge - side * 1.1, 2.5, z + 0.6),
                ],
                cloth,
            );
        }
        if i % 3 == 1 {
            props::lamp(stage, 2.8, z, 5.0);
        }
    }
    wires(stage);
}

pub(super) fn alley_life(dice: &mut Dice) -> Vec<Mover> {
    let mut movers: Vec<Mover> = (0..4)
        .map(|i| {
            let x = -1.8 + i as f32 * 1.2;
            if i % 2 == 0 {
                walk((x, 38.0), (x, 5.0), dice)
            } else {
                walk((x, 5.0), (x, 38.0), dice)
            }
        })
        .collect();
    movers.push(Mover::new(What::Along(Vehicle::Motorbike), (-0.8, 60.0), (-0.6, 2.5), 1, dice));
    movers.push(Mover::new(What::Along(Vehicle::Motorbike), (1.0, 2.5), (0.9, 60.0), 1, dice));
    movers.push(walk((-2.6, 11.0), (2.6, 12.0), dice));
    movers
}

pub(super) fn market(stage: &mut Stage<'_>, dice: &mut Dice) {
    stage.outdoors(CONCRETE.times(0.95));
    props::house(stage, (-26.0, 26.0), 9.0, (52.0, 60.0), dice.pick(&WALLS), dice);
    for i in (0..8).rev() {
        let z = 7.0 + i as f32 * 5.2;
        for side in [-1.0_f32, 1.0] {
            stall(stage, side, z, dice);
        }
    }
    for x in [-3.4, 3.4] {
        props::lamp(stage, x, 30.0, 6.0);
    }
    wires(stage);
}

pub(super) fn market_life(dice: &mut Dice) -> Vec<Mover> {
    let mut movers: Vec<Mover> = (0..13)
        .map(|i| {
            let x = dice.between(-2.4, 2.4);
            let (near, far) = (dice.between(5.0, 10.0), dice.between(20.0, 45.0));
            if i % 2 == 0 {
                walk((x, near), (x, far), dice)
            } else {
                walk((x, far), (x, near), dice)
            }
        })
        .collect();
    movers.push(Mover::new(What::Along(Vehicle::Motorbike), (0.4, 48.0), (0.2, 3.0), 1, dice));
    movers
}

fn stall(stage: &mut Stage<'_>, side: f32, z: f32, dice: &mut Dice) {
    let (inner, outer) = (side * 3.2, side * 7.5);
    let (x0, x1) = (inner.min(outer), inner.max(outer));
    stage.solid((x0, 0.0, z), (x1, 0.85, z + 3.0), Rgb(150.0, 118.0, 84.0));
    for _ in 0..12 {
        let goods = dice.pick(&[
            Rgb(214.0, 60.0, 40.0),
            Rgb(240.0, 170.0, 40.0),
            Rgb(80.0, 150.0, 60.0),
            Rgb(226.0, 216.0, 190.0),
            Rgb(150.0, 60.0, 110.0),
        ]);
        let (x, deep) = (dice.between(x0 + 0.2, x1 - 0.2), z + dice.between(0.2, 2.8));
        let (cx, cy) = stage.project((x, 0.95, deep));
        let scale = stage.scale(deep);
        let goods = stage.lit(goods, deep);
        stage.canvas.ellipse(cx, cy, 0.26 * scale, 0.16 * scale, goods);
    }
    props::torso(stage, (x0 + x1) / 2.0, z + 3.0, 0.8, Rgb(130.0, 90.0, 110.0), dice.share() < 0.6);
    let cloth = dice.pick(&[
        Rgb(206.0, 60.0, 52.0),
        Rgb(52.0, 100.0, 170.0),
        Rgb(60.0, 140.0, 100.0),
        Rgb(228.0, 190.0, 80.0),
    ]);
    for strip in 0..4 {
        let paint = if strip % 2 == 0 { cloth } else { Rgb(232.0, 228.0, 220.0) };
        let (a, b) = (
            x0 - 0.4 + (x1 - x0 + 0.8) / 4.0 * strip as f32,
            x0 - 0.4 + (x1 - x0 + 0.8) / 4.0 * (strip + 1) as f32,
        );
        stage.face(
            &[(a, 2.2, z - 0.5), (b, 2.2, z - 0.5), (b, 2.8, z + 3.2), (a, 2.8, z + 3.2)],
            paint,
        );
    }
    if stage.light != Light::Day {
        let (cx, cy) = stage.project(((x0 + x1) / 2.0, 1.7, z));
        let scale = stage.scale(z);
        stage.canvas.glow(cx, cy, 3.0 * scale, 1.8 * scale, 90.0, 1.0);
    }
}

pub(super) fn car_park(stage: &mut Stage<'_>, dice: &mut Dice) {
    stage.outdoors(Rgb(112.0, 114.0, 116.0));
    props::house(stage, (-40.0, -6.0), 12.0, (58.0, 70.0), dice.pick(&WALLS), dice);
    props::house(stage, (2.0, 40.0), 7.0, (58.0, 70.0), dice.pick(&WALLS), dice);
    for x in [-34.0, -18.0, 0.0, 16.0, 33.0] {
        props::tree(stage, x, 55.0, 6.0, dice);
    }
    for row in [46.0, 31.0, 14.0] {
        for i in 0..19 {
            let x = -27.0 + i as f32 * 3.0;
            stage.ground(x - 0.07, x + 0.07, row - 0.5, row + 5.0, LINE);
        }
        for i in 0..18 {
            if dice.share() < 0.68 {
                let x = -25.5 + i as f32 * 3.0;
                let paint = dice.pick(&[
                    Rgb(200.0, 204.0, 208.0),
                    Rgb(50.0, 54.0, 62.0),
                    Rgb(160.0, 40.0, 38.0),
                    Rgb(232.0, 232.0, 230.0),
                    Rgb(46.0, 76.0, 130.0),
                ]);
                let light = stage.light;
                // Parked cars have their lamps off, whatever the hour.
                stage.light = if light == Light::Night { Light::Night } else { light };
                parked(stage, x, row, paint);
            }
        }
        props::lamp(stage, -9.0, row + 6.5, 8.0);
        props::lamp(stage, 12.0, row + 6.5, 8.0);
    }
}

fn parked(stage: &mut Stage<'_>, x: f32, z: f32, paint: Rgb) {
    props::shade(stage, x, z + 1.4, 1.3);
    stage.solid((x - 0.9, 0.25, z), (x + 0.9, 0.85, z + 4.2), paint);
    stage.solid((x - 0.8, 0.85, z + 1.0), (x + 0.8, 1.45, z + 3.4), paint.times(0.92));
    stage.face(
        &[
            (x - 0.7, 0.9, z + 0.98),
            (x + 0.7, 0.9, z + 0.98),
            (x + 0.64, 1.38, z + 0.98),
            (x - 0.64, 1.38, z + 0.98),
        ],
        Rgb(40.0, 52.0, 64.0),
    );
}

pub(super) fn car_park_life(dice: &mut Dice) -> Vec<Mover> {
    let mut movers = vec![
        Mover::new(What::Across(Vehicle::Car), (-42.0, 24.5), (42.0, 24.5), 1, dice),
        Mover::new(What::Across(Vehicle::Van), (44.0, 40.0), (-44.0, 40.0), 1, dice),
        Mover::new(What::Across(Vehicle::Motorbike), (-30.0, 22.0), (30.0, 22.0), 1, dice),
    ];
    movers.extend(
        (0..4).map(|i| walk((-16.0 + i as f32 * 5.0, 22.0), (-6.0 + i as f32 * 6.0, 26.0), dice)),
    );
    movers
}

pub(super) fn river(stage: &mut Stage<'_>, dice: &mut Dice) {
    stage.outdoors(Rgb(92.0, 122.0, 132.0));
    hills(stage, dice);
    let width = stage.canvas.width() as f32;
    let (far, bank) = (stage.project((0.0, 0.0, 210.0)).1, stage.project((0.0, 0.0, 120.0)).1);
    let green = stage.lit(Rgb(84.0, 116.0, 66.0), 120.0);
    stage.canvas.rect(0.0, far, width, bank, green);
    for i in 0..14 {
        let x = -130.0 + i as f32 * 20.0 + dice.between(-6.0, 6.0);
        if dice.share() < 0.4 {
            props::house(
                stage,
                (x, x + 12.0),
                dice.between(4.0, 8.0),
                (120.0, 126.0),
                dice.pick(&WALLS),
                dice,
            );
        } else {
            props::tree(stage, x, 119.0, 10.0, dice);
        }
    }
    for _ in 0..130 {
        let (z, x) = (dice.between(20.0, 112.0), dice.between(-70.0, 70.0));
        let long = dice.between(0.8, 4.0);
        stage.ground(x, x + long, z, z + 0.012 * z, Rgb(134.0, 160.0, 166.0));
    }
    if stage.light != Light::Day {
        for i in 0..7 {
            let (x, y0) = stage.project((-80.0 + i as f32 * 26.0, 0.0, 112.0));
            let y1 = stage.project((0.0, 0.0, 45.0)).1;
            stage.canvas.glow(x, (y0 + y1) / 2.0, 5.0, (y1 - y0) / 1.6, 46.0, 1.0);
        }
    }
    // The near bank with its path and railing.
    stage.ground(-60.0, 60.0, 1.0, 15.0, Rgb(112.0, 132.0, 80.0));
    stage.ground(-60.0, 60.0, 8.2, 11.4, Rgb(176.0, 168.0, 150.0));
    for i in 0..40 {
        let x = -24.0 + i as f32 * 1.2;
        stage.face(
            &[(x, 0.0, 14.8), (x + 0.1, 0.0, 14.8), (x + 0.1, 1.0, 14.8), (x, 1.0, 14.8)],
            LINE,
        );
    }
    stage.face(
        &[(-30.0, 0.9, 14.8), (30.0, 0.9, 14.8), (30.0, 1.02, 14.8), (-30.0, 1.02, 14.8)],
        LINE,
    );
    for x in [-9.0, 8.0] {
        props::palm(stage, x, 13.0, 6.4, dice);
        props::lamp(stage, x * 0.6, 12.5, 5.0);
    }
}

pub(super) fn river_life(dice: &mut Dice) -> Vec<Mover> {
    let mut movers = vec![
        Mover::new(What::Boat, (-30.0, 30.0), (30.0, 30.0), 1, dice),
        Mover::new(What::Boat, (42.0, 50.0), (-42.0, 50.0), 1, dice),
        Mover::new(What::Boat, (-70.0, 84.0), (70.0, 84.0), 1, dice),
        Mover::new(What::Across(Vehicle::Motorbike), (20.0, 10.6), (-20.0, 10.6), 1, dice),
    ];
    for i in 0..4 {
        let z = 8.8 + i as f32 * 0.5;
        movers.push(if i % 2 == 0 {
            walk((-10.0, z), (11.0, z), dice)
        } else {
            walk((11.0, z), (-10.0, z), dice)
        });
    }
    movers
}

pub(super) fn yard(stage: &mut Stage<'_>, dice: &mut Dice) {
    stage.outdoors(Rgb(186.0, 160.0, 136.0));
    let wall = Rgb(236.0, 206.0, 130.0).times(dice.between(0.9, 1.05));
    props::house(stage, (-30.0, 30.0), 9.8, (46.0, 56.0), wall, dice);
    props::house(stage, (-34.0, -19.0), 6.6, (18.0, 45.0), wall, dice);
    for x in [-13.0, -5.0, 9.0, 17.0] {
        props::tree(stage, x, 41.0, 6.5, dice);
    }
    for i in 0..9 {
        let z = 12.0 + i as f32 * 3.0;
        stage.ground(-16.0, 18.0, z, z + 0.06, Rgb(160.0, 138.0, 118.0));
        let x = -16.0 + i as f32 * 4.2;
        stage.ground(x, x + 0.06, 8.0, 38.0, Rgb(160.0, 138.0, 118.0));
    }
    stage.solid((1.2, 0.0, 33.6), (3.2, 0.5, 35.0), Rgb(180.0, 176.0, 168.0));
    stage.face(
        &[(2.1, 0.0, 34.0), (2.25, 0.0, 34.0), (2.25, 10.2, 34.0), (2.1, 10.2, 34.0)],
        Rgb(200.0, 204.0, 208.0),
    );
    props::lamp(stage, 15.0, 30.0, 7.0);
    props::lamp(stage, -15.0, 24.0, 7.0);
}

pub(super) fn yard_life(dice: &mut Dice) -> Vec<Mover> {
    let mut movers = vec![Mover::new(What::Flag, (2.2, 33.9), (2.2, 33.9), 0, dice).at_phase(0.0)];
    for _ in 0..9 {
        let (a, b) = (
            (dice.between(-14.0, 14.0), dice.between(11.0, 34.0)),
            (dice.between(-14.0, 14.0), dice.between(11.0, 34.0)),
        );
        movers.push(walk(a, b, dice));
    }
    movers
}

fn wires(stage: &mut Stage<'_>) {
    for (x, y) in [(-2.2, 6.2), (2.0, 6.6), (2.3, 5.9)] {
        stage.face(
            &[
                (x, y, 4.0),
                (x + 0.04, y, 4.0),
                (x * 0.8 + 0.04, y - 0.4, 45.0),
                (x * 0.8, y - 0.4, 45.0),
            ],
            Rgb(30.0, 30.0, 34.0),
        );
    }
}
