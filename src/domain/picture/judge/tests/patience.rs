//! How many pictures it takes: told with the third, and nothing of what was in two.

use super::*;

#[test]
fn a_picture_that_goes_dark_or_bright_is_told_with_the_third() {
    let street = Drawn::street(11);
    for (level, condition) in [(2.0, Condition::Black), (254.0, Condition::Overexposed)] {
        let mut bench = Bench::knowing(&street);
        let light = street.clone().tone(|_| level);
        bench.see(&light, 2);
        assert_eq!(bench.found(), []);
        bench.see(&light, 1);
        assert_eq!(bench.found(), [condition]);
    }
}

#[test]
fn what_stands_in_two_pictures_and_not_in_the_third_is_never_told() {
    let street = Drawn::street(11);
    let mut lorry = street.clone();
    lorry.fill(60, 90, WIDTH / 2, HEIGHT * 2 / 3, 70.0);
    let turned = street.warp(|x, y| (x + 0.15 * WIDTH as f32, y));
    for (passing, condition) in [(lorry, Condition::Covered), (turned, Condition::Moved)] {
        let mut bench = Bench::knowing(&street);
        bench.every = Duration::from_secs(8);
        for pictures in [1, 2] {
            bench.see(&passing, pictures);
            for _ in 0..5 {
                bench.see(&street, 1);
                assert_eq!(bench.found(), [], "after {pictures}: {}", bench.evidence());
            }
        }
        bench.see(&passing, 3);
        assert_eq!(bench.found(), [condition], "{}", bench.evidence());
    }
}
