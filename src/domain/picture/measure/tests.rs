//! What the figures promise.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::domain::picture::drawn::{Drawn, HEIGHT, WIDTH, planes};

#[test]
fn measures_cross_the_link_unchanged_in_a_few_kilobytes() {
    let measures = Drawn::street(1).shot(2.0, 1);
    let mut wire = Vec::new();
    measures.encode(&mut wire);
    assert!(wire.len() < 9_000, "{} bytes", wire.len());
    assert_eq!(Measures::decode(&wire), Some(measures));
    assert_eq!(Measures::decode(&wire[1..]), None);
    wire.push(0);
    assert_eq!(Measures::decode(&wire), None);
}

proptest! {
    #[test]
    fn any_planes_are_measured_however_small_or_cut_short(
        width in 1..900_usize, height in 1..700_usize, cut in 0..2_000_usize, wide in 0..40_usize,
    ) {
        let stride = width + wide;
        let luma = vec![77; (stride * height).saturating_sub(cut)];
        let chroma = vec![128; cut];
        let planes = Planes {
            luma: &luma, stride, width, height, full_range: false,
            chroma: Some((&chroma, &chroma, stride / 2)),
        };
        let measures = measure(&planes, &[]);
        let mut wire = Vec::new();
        measures.encode(&mut wire);
        prop_assert_eq!(Measures::decode(&wire), Some(measures));
    }

    #[test]
    fn no_bytes_from_the_link_break_the_reader(bytes: Vec<u8>) {
        let _ = Measures::decode(&bytes);
        let _ = signature::of_coded(&bytes);
    }
}

#[test]
fn a_large_picture_gives_nearly_the_figures_of_the_same_small_one() {
    let small = Drawn::street(2);
    let luma: Vec<u8> = small.luma.iter().map(|level| *level as u8).collect();
    let large: Vec<u8> = (0..9 * WIDTH * HEIGHT)
        .map(|at| luma[at / (3 * WIDTH) / 3 * WIDTH + at % (3 * WIDTH) / 3])
        .collect();
    let grey = vec![128; WIDTH * HEIGHT];
    let small = measure(&planes(&luma, &grey), &[]);
    let large = measure(
        &Planes {
            stride: 3 * WIDTH,
            width: 3 * WIDTH,
            height: 3 * HEIGHT,
            ..planes(&large, &grey)
        },
        &[],
    );
    assert_eq!(small.thumbnail, large.thumbnail);
    assert_eq!(small.across, large.across);
    assert!((small.mean - large.mean).abs() < 1.0);
    assert_ne!(small.decoded, large.decoded);
}

#[test]
fn levels_mean_the_same_in_both_ranges() {
    let grey = vec![128; WIDTH * HEIGHT / 4];
    let of = |sample: u8, full_range| {
        let luma = vec![sample; WIDTH * HEIGHT];
        measure(&Planes { full_range, ..planes(&luma, &grey) }, &[])
    };
    for (full, limited) in [(0, 16), (255, 235)] {
        let (full, limited) = (of(full, true), of(limited, false));
        assert_eq!(full.thumbnail, limited.thumbnail);
        assert!((full.mean - limited.mean).abs() < 0.1);
        assert_eq!(full.histogram, limited.histogram);
    }
}

#[test]
fn blur_takes_sharpness_and_haze_and_noise_do_not() {
    let street = Drawn::street(3);
    let sharp = |drawn: Drawn, noise| drawn.shot(noise, 9).sharpness;
    let usual = sharp(street.clone(), 1.5);
    assert!(sharp(street.clone().blurred(2), 1.5) < 0.7 * usual);
    assert!(sharp(street.clone().blurred(4), 1.5) < 0.5 * usual);
    let hazy = sharp(street.clone().tone(|level| 90.0 + level * 0.4), 1.5);
    assert!(hazy > 0.85 * usual, "{hazy} of {usual}");
    let noisy = sharp(street, 6.0);
    assert!((0.8..1.2).contains(&(noisy / usual)), "{noisy} of {usual}");
}

#[test]
fn noise_is_estimated_within_a_third() {
    for noise in [1.0, 3.0, 6.0] {
        let told = Drawn::street(4).shot(noise, 2).noise;
        assert!((told / noise - 1.0).abs() < 0.34, "{told} of {noise}");
    }
}

#[test]
fn a_wall_has_less_entropy_than_a_street() {
    let mut wall = Drawn::street(5);
    wall.fill(0, 0, WIDTH, HEIGHT, 90.0);
    let entropy =
        |drawn: &Drawn| drawn.shot(1.0, 1).entropy.iter().map(|bits| u32::from(*bits)).sum::<u32>();
    assert!(entropy(&wall) < entropy(&Drawn::street(5)) / 2);
}

#[test]
fn infra_red_pictures_have_no_colour() {
    let mut street = Drawn::street(6);
    assert!(street.shot(1.0, 1).colour > 10.0);
    street.colour = 0;
    assert!(street.shot(1.0, 1).colour < 0.01);
}

#[test]
fn the_hash_of_coded_bytes_passes_over_what_cameras_stamp_on_them() {
    let hash = |coded: &[u8]| signature::of_coded(coded).hash;
    let picture = [0, 0, 1, 0x67, 1, 0, 0, 1, 0x65, 9, 9];
    let stamped = [&[0, 0, 0, 1, 0x09, 0x10, 0, 0, 1, 0x06, 5, 4, 3][..], &picture].concat();
    let other = [0, 0, 1, 0x67, 1, 0, 0, 1, 0x65, 9, 8];
    let hashes: BTreeSet<u64> = [&picture[..], &stamped, &other].into_iter().map(hash).collect();
    assert_eq!(hashes.len(), 2);
    assert_eq!(hash(&picture), hash(&stamped));
    let h265 = |seconds: u8| [0, 0, 1, 0x4e, 1, seconds, 0, 0, 1, 0x26, 1, 7];
    assert_eq!(hash(&h265(1)), hash(&h265(2)));
    let jpeg = |stamp: u8, scan: u8| {
        [
            0xff, 0xd8, 0xff, 0xe1, 0, 4, stamp, stamp, 0xff, 0xfe, 0, 3, stamp, 0xff, 0xda, 0, 2,
            scan,
        ]
    };
    assert_eq!(hash(&jpeg(1, 5)), hash(&jpeg(2, 5)));
    assert_ne!(hash(&jpeg(1, 5)), hash(&jpeg(1, 6)));
}

#[test]
fn keyframes_are_told_from_other_pictures_in_every_codec() {
    for (unit, keyframe) in [
        (&[0, 0, 1, 0x65, 1][..], true),
        (&[0, 0, 1, 0x41, 1], false),
        (&[0, 0, 1, 0x68, 1, 0, 0, 1, 0x65, 1], true),
        (&[0, 0, 1, 0x26, 1, 1], true),
        (&[0, 0, 1, 0x2a, 1, 1], true),
        (&[0, 0, 1, 0x02, 1, 1], false),
        (&[0xff, 0xd8, 0xff], true),
        (&[], false),
    ] {
        assert_eq!(signature::of_coded(unit).keyframe, keyframe, "{unit:x?}");
    }
}
