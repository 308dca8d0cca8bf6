//! What may be said on the strength of what was learnt.

use super::*;

#[test]
fn a_view_in_which_next_to_nothing_stands_still_is_said_to_tell_too_little() {
    let mut bench = Bench::new();
    assert_eq!(bench.judge.sight(), Sight::Learning);
    let mut road = Drawn::street(11).tone(|_| 90.0);
    road.fill(40, 40, 60, 8, 220.0);
    bench.see(&road, 40);
    assert_eq!(bench.judge.sight(), Sight::TooLittle);
    bench.see(&road.clone().tone(|_| 60.0), 10);
    assert_eq!(bench.found(), []);
    assert_eq!(Bench::knowing(&Drawn::street(11)).judge.sight(), Sight::Enough);
}

#[test]
fn a_reference_that_was_made_in_rain_does_not_call_the_clear_view_blurred() {
    let street = Drawn::street(11);
    let mut bench = Bench::new();
    for n in 0..60_usize {
        let mut rain = street.clone();
        for drop in 0..160 {
            let at = n * 7_919 + drop * 104_729;
            rain.fill(at % WIDTH, at / 7 % HEIGHT, 1, 18, 200.0);
        }
        bench.see(&rain, 1);
    }
    bench.see(&street, 200);
    assert_eq!(bench.found(), []);
}
