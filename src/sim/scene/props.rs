//! What stands and moves in a place: houses, trees, lamps, vehicles, people.

use super::{Light, canvas::Rgb, dice::Dice, stage::Stage};

/// A house with rows of windows toward the camera and toward the road.
pub(crate) fn house(
    stage: &mut Stage<'_>,
    (x0, x1): (f32, f32),
    height: f32,
    (z0, z1): (f32, f32),
    wall: Rgb,
    dice: &mut Dice,
) {
    stage.solid((x0, 0.0, z0), (x1, height, z1), wall);
    let floors = (height / 3.2).max(1.0) as usize;
    for floor in 0..floors {
        let sill = floor as f32 * 3.2 + 1.0;
        let front = ((x1 - x0) / 2.4) as usize;
        for i in 0..front {
            let left = x0 + 0.7 + i as f32 * 2.4;
            let pane = window(stage, dice, z0);
            stage.face_of_light(
                &[
                    (left, sill, z0),
                    (left + 1.2, sill, z0),
                    (left + 1.2, sill + 1.5, z0),
                    (left, sill + 1.5, z0),
                ],
                pane,
            );
        }
        let facing = if x0 > 0.0 {
            x0
        } else if x1 < 0.0 {
            x1
        } else {
            continue;
        };
        for i in 0..((z1 - z0) / 3.0) as usize {
            let near = z0 + 0.9 + i as f32 * 3.0;
            let pane = window(stage, dice, near);
            stage.face_of_light(
                &[
                    (facing, sill, near),
                    (facing, sill + 1.5, near),
                    (facing, sill + 1.5, near + 1.3),
                    (facing, sill, near + 1.3),
                ],
                pane,
            );
        }
    }
    let eave = wall.times(0.55);
    stage.face(
        &[
            (x0 - 0.2, height, z0),
            (x1 + 0.2, height, z0),
            (x1 + 0.2, height + 0.5, z0),
            (x0 - 0.2, height + 0.5, z0),
        ],
        eave,
    );
}

fn window(stage: &Stage<'_>, dice: &mut Dice, z: f32) -> Rgb {
    let lit = dice.share() < if stage.light == Light::Night { 0.38 } else { 0.5 };
    // Thrown in every light: what comes after it must be the same place by day and by night.
    let bright = 0.7 + 0.3 * dice.share();
    match (stage.light, lit) {
        (Light::Night | Light::Dusk, true) => Rgb(236.0, 196.0, 120.0).times(bright),
        _ => stage.lit(Rgb(52.0, 66.0, 80.0), z),
    }
}

/// A tree: a trunk and a crown of leaves in several greens.
pub(crate) fn tree(stage: &mut Stage<'_>, x: f32, z: f32, height: f32, dice: &mut Dice) {
    shade(stage, x, z, height * 0.3);
    let trunk = stage.lit(Rgb(84.0, 66.0, 48.0), z);
    let thick = 0.14;
    stage.face_of_light(
        &[
            (x - thick, 0.0, z),
            (x + thick, 0.0, z),
            (x + thick, height * 0.6, z),
            (x - thick, height * 0.6, z),
        ],
        trunk,
    );
    let scale = stage.scale(z);
    for _ in 0..9 {
        let dx = (dice.share() - 0.5) * height * 0.55;
        let dy = (dice.share() - 0.3) * height * 0.45;
        let radius = height * (0.14 + 0.1 * dice.share());
        let (cx, cy) = stage.project((x + dx, height * 0.68 + dy, z));
        let green = Rgb(46.0, 92.0, 42.0).times(0.7 + 0.7 * dice.share());
        let green = stage.lit(green, z);
        stage.canvas.ellipse(cx, cy, radius * scale, radius * scale * 0.85, green);
    }
}

/// A palm: a leaning trunk and a fan of leaves.
pub(crate) fn palm(stage: &mut Stage<'_>, x: f32, z: f32, height: f32, dice: &mut Dice) {
    let lean = (dice.share() - 0.5) * 1.4;
    stage.face(
        &[
            (x - 0.13, 0.0, z),
            (x + 0.13, 0.0, z),
            (x + lean + 0.09, height, z),
            (x + lean - 0.09, height, z),
        ],
        Rgb(110.0, 92.0, 70.0),
    );
    for leaf in 0..9 {
        let angle = leaf as f32 / 9.0 * std::f32::consts::TAU;
        let (dx, dy) = (angle.cos() * height * 0.3, angle.sin() * height * 0.12 - height * 0.07);
        stage.face(
            &[
                (x + lean, height + 0.15, z),
                (x + lean + dx * 0.6, height + dy * 0.4 + 0.4, z),
                (x + lean + dx, height + dy, z),
                (x + lean + dx * 0.5, height + dy * 0.5 - 0.1, z),
            ],
            Rgb(52.0, 104.0, 48.0).times(0.8 + 0.4 * dice.share()),
        );
    }
}

/// A street lamp; at night with its halo and its pool of light on the ground.
pub(crate) fn lamp(stage: &mut Stage<'_>, x: f32, z: f32, height: f32) {
    let arm = if x > 0.0 { -1.6 } else { 1.6 };
    let grey = Rgb(120.0, 124.0, 128.0);
    stage.face(
        &[(x - 0.08, 0.0, z), (x + 0.08, 0.0, z), (x + 0.08, height, z), (x - 0.08, height, z)],
        grey,
    );
    stage.face(
        &[
            (x, height - 0.1, z),
            (x + arm, height + 0.2, z),
            (x + arm, height + 0.35, z),
            (x, height + 0.1, z),
        ],
        grey,
    );
    let (cx, cy) = stage.project((x + arm, height + 0.15, z));
    let scale = stage.scale(z);
    match stage.light {
        Light::Day => {
            stage.canvas.ellipse(cx, cy, 0.35 * scale, 0.14 * scale, Rgb(226.0, 228.0, 226.0))
        }
        Light::Dusk | Light::Night => {
            let (gx, gy) = stage.project((x + arm, 0.0, z));
            let strength = if stage.light == Light::Night { 74.0 } else { 30.0 };
            stage.canvas.glow(
                gx,
                gy,
                7.0 * scale,
                3.4 * scale * (stage.view.height_m / z.max(1.0)).clamp(0.12, 0.8),
                strength,
                1.0,
            );
            stage.canvas.glow(cx, cy, 2.6 * scale, 2.6 * scale, 120.0, 1.0);
            stage.canvas.ellipse(cx, cy, 0.4 * scale, 0.2 * scale, Rgb(255.0, 240.0, 200.0));
        }
    }
}

/// The dark patch under a thing, which is what makes it stand on the ground.
pub(crate) fn shade(stage: &mut Stage<'_>, x: f32, z: f32, radius: f32) {
    if stage.light == Light::Night {
        return;
    }
    let (cx, cy) = stage.project((x, 0.0, z));
    let scale = stage.scale(z);
    let flat = (stage.view.height_m / z.max(1.0)).clamp(0.1, 0.7);
    let dark = stage.lit(Rgb(58.0, 60.0, 62.0), z);
    stage.canvas.ellipse(cx + 0.2 * scale, cy, radius * scale, radius * scale * flat * 0.6, dark);
}

/// A person, walking when `stride` changes; every third one under a conical hat.
pub(crate) fn person(stage: &mut Stage<'_>, x: f32, z: f32, stride: f32, shirt: Rgb, hat: bool) {
    shade(stage, x, z, 0.4);
    let swing = (stride * std::f32::consts::TAU).sin() * 0.22;
    let trousers = Rgb(44.0, 46.0, 58.0);
    for step in [swing, -swing] {
        stage.face(
            &[
                (x - 0.13, 0.85, z),
                (x + 0.13, 0.85, z),
                (x + 0.1 + step, 0.0, z),
                (x - 0.08 + step, 0.0, z),
            ],
            trousers,
        );
    }
    torso(stage, x, z, 0.8, shirt, hat);
}

/// Body, arms and head above a given height: of someone who walks, rides or sits.
pub(crate) fn torso(stage: &mut Stage<'_>, x: f32, z: f32, up: f32, shirt: Rgb, hat: bool) {
    stage.face(
        &[(x - 0.19, up, z), (x + 0.19, up, z), (x + 0.25, up + 0.58, z), (x - 0.25, up + 0.58, z)],
        shirt,
    );
    let (cx, cy) = stage.project((x, up + 0.75, z));
    let scale = stage.scale(z);
    let skin = stage.lit(if hat { Rgb(190.0, 150.0, 118.0) } else { Rgb(60.0, 48.0, 42.0) }, z);
    stage.canvas.ellipse(cx, cy, 0.14 * scale, 0.17 * scale, skin);
    if hat {
        stage.face(
            &[(x - 0.34, up + 0.8, z), (x + 0.34, up + 0.8, z), (x, up + 1.06, z)],
            Rgb(224.0, 206.0, 160.0),
        );
    }
}

/// The vehicles on the roads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Vehicle {
    Car,
    Van,
    Truck,
    Bus,
    Motorbike,
}

/// A vehicle that drives along the view; `toward` tells whether it comes at the camera.
pub(crate) fn vehicle_along(
    stage: &mut Stage<'_>,
    kind: Vehicle,
    x: f32,
    z: f32,
    toward: bool,
    paint: Rgb,
) {
    if kind == Vehicle::Motorbike {
        return motorbike(stage, x, z, toward, paint);
    }
    let (half, low, high, length) = match kind {
        Vehicle::Car => (0.88, 0.85, 1.45, 4.2),
        Vehicle::Van => (0.95, 1.1, 2.1, 5.0),
        Vehicle::Truck => (1.2, 1.2, 3.2, 8.5),
        Vehicle::Bus | Vehicle::Motorbike => (1.25, 1.2, 3.1, 10.5),
    };
    let (z0, z1) = (z, z + length);
    shade(stage, x, z + length * 0.3, half * 1.5);
    let cabin = match kind {
        Vehicle::Car => (z0 + 1.0, z1 - 0.7),
        _ => (z0 + 0.05, z1),
    };
    if kind == Vehicle::Truck {
        let load = if toward { (z0 + 2.2, z1) } else { (z0, z1 - 2.2) };
        stage.solid((x - half, 0.9, load.0), (x + half, high, load.1), Rgb(150.0, 146.0, 136.0));
        let front = if toward { (z0, z0 + 2.1) } else { (z1 - 2.1, z1) };
        if toward {
            stage.solid((x - half, 0.4, front.0), (x + half, 2.7, front.1), paint);
        }
    } else {
        stage.solid(
            (x - half * 0.9, low, cabin.0),
            (x + half * 0.9, high, cabin.1),
            paint.times(0.92),
        );
        stage.solid((x - half, 0.3, z0), (x + half, low, z1), paint);
    }
    let glass = Rgb(38.0, 50.0, 62.0);
    let (gz, bottom, top) = match kind {
        Vehicle::Car => (cabin.0, low + 0.04, high - 0.08),
        Vehicle::Truck => (z0 - 0.02, 1.5, 2.4),
        _ => (z0 - 0.02, low + 0.1, high - 0.35),
    };
    if kind != Vehicle::Truck || toward {
        stage.face(
            &[
                (x - half * 0.8, bottom, gz),
                (x + half * 0.8, bottom, gz),
                (x + half * 0.74, top, gz),
                (x - half * 0.74, top, gz),
            ],
            glass,
        );
    }
    for side in [-half + 0.25, half - 0.25] {
        stage.face(
            &[
                (x + side - 0.14, 0.0, z0),
                (x + side + 0.14, 0.0, z0),
                (x + side + 0.14, 0.34, z0),
                (x + side - 0.14, 0.34, z0),
            ],
            Rgb(22.0, 22.0, 24.0),
        );
        headlight(stage, x + side, 0.62, z0, toward);
    }
    stage.face(
        &[(x - 0.26, 0.38, z0), (x + 0.26, 0.38, z0), (x + 0.26, 0.54, z0), (x - 0.26, 0.54, z0)],
        Rgb(232.0, 232.0, 226.0),
    );
}

/// A vehicle that crosses the view, seen from its side.
pub(crate) fn vehicle_across(
    stage: &mut Stage<'_>,
    kind: Vehicle,
    x: f32,
    z: f32,
    right: bool,
    paint: Rgb,
) {
    let way = if right { 1.0 } else { -1.0 };
    if kind == Vehicle::Motorbike {
        shade(stage, x, z, 0.9);
        wheels(stage, x, z, &[-0.6, 0.6], 0.3);
        stage.face(
            &[
                (x - 0.7, 0.35, z),
                (x + 0.7, 0.35, z),
                (x + 0.5 * way, 0.8, z),
                (x - 0.6 * way, 0.75, z),
            ],
            paint,
        );
        let shirt = paint.toward(Rgb(230.0, 220.0, 200.0), 0.5);
        torso(stage, x - 0.1 * way, z, 0.72, shirt, false);
        headlight(stage, x + 0.75 * way, 0.8, z, true);
        return;
    }
    let (length, low, high, nose) = match kind {
        Vehicle::Car => (4.2, 0.9, 1.45, 1.0),
        Vehicle::Van => (5.0, 1.1, 2.1, 0.5),
        Vehicle::Truck => (8.0, 1.1, 3.1, 0.2),
        Vehicle::Bus | Vehicle::Motorbike => (10.5, 1.2, 3.1, 0.1),
    };
    let half = length / 2.0;
    shade(stage, x, z, half);
    stage.face(
        &[(x - half, 0.3, z), (x + half, 0.3, z), (x + half, low, z), (x - half, low, z)],
        paint,
    );
    let front = x + way * (half - nose);
    let back = x - way * (half - 0.3);
    stage.face(
        &[
            (front, low, z),
            (front - way * 0.5, high, z),
            (back + way * 0.4, high, z),
            (back, low, z),
        ],
        paint.times(0.95),
    );
    let glass = Rgb(40.0, 52.0, 64.0);
    let panes = (length / 1.6) as usize;
    for i in 0..panes {
        let from = back + way * (0.5 + i as f32 * 1.35);
        let to = from + way * 1.05;
        if (to - front) * way > -0.4 || (kind == Vehicle::Truck && i < panes - 1) {
            continue;
        }
        stage.face(
            &[
                (from, low + 0.06, z),
                (to, low + 0.06, z),
                (to, high - 0.14, z),
                (from, high - 0.14, z),
            ],
            glass,
        );
    }
    wheels(stage, x, z, &[-half * 0.62, half * 0.62], 0.36);
    headlight(stage, x + way * half, 0.7, z, true);
    headlight(stage, x - way * half, 0.7, z, false);
}

fn wheels(stage: &mut Stage<'_>, x: f32, z: f32, at: &[f32], radius: f32) {
    let scale = stage.scale(z);
    let black = stage.lit(Rgb(26.0, 26.0, 28.0), z);
    for dx in at {
        let (cx, cy) = stage.project((x + dx, radius, z));
        stage.canvas.ellipse(cx, cy, radius * scale, radius * scale, black);
    }
}

fn motorbike(stage: &mut Stage<'_>, x: f32, z: f32, toward: bool, paint: Rgb) {
    shade(stage, x, z, 0.5);
    stage.face(
        &[(x - 0.07, 0.0, z), (x + 0.07, 0.0, z), (x + 0.07, 0.6, z), (x - 0.07, 0.6, z)],
        Rgb(24.0, 24.0, 26.0),
    );
    stage.face(
        &[(x - 0.2, 0.4, z), (x + 0.2, 0.4, z), (x + 0.3, 0.95, z), (x - 0.3, 0.95, z)],
        paint,
    );
    torso(stage, x, z, 0.8, paint.toward(Rgb(210.0, 200.0, 190.0), 0.45), false);
    headlight(stage, x, 0.85, z, toward);
}

/// A lamp of a vehicle: white in front, red behind; it only shines when it is dark.
fn headlight(stage: &mut Stage<'_>, x: f32, y: f32, z: f32, front: bool) {
    let (cx, cy) = stage.project((x, y, z));
    let scale = stage.scale(z);
    let colour = if front { Rgb(255.0, 250.0, 226.0) } else { Rgb(214.0, 36.0, 30.0) };
    if stage.light == Light::Day {
        let colour = stage.lit(colour.times(0.85), z);
        return stage.canvas.ellipse(cx, cy, 0.12 * scale, 0.1 * scale, colour);
    }
    if front {
        let (gx, gy) = stage.project((x, 0.0, (z - 3.0).max(2.0)));
        stage.canvas.glow(gx, gy, 2.2 * scale, 1.0 * scale, 50.0, 0.2);
        stage.canvas.glow(cx, cy, 0.9 * scale, 0.9 * scale, 130.0, 0.2);
    }
    stage.canvas.ellipse(cx, cy, 0.15 * scale, 0.13 * scale, colour);
}
