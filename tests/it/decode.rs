//! The decode room against the `ffmpeg` command: same pictures, damage refused, bounded memory.

use bytes::Bytes;
use watchwall::{
    decode::worker::Tools,
    domain::{
        camera::Handle,
        media::{Codec, Tile},
        nal,
    },
    worker::message::{DecodeFault, DecodeJob, DecodeMode, Picture},
};

use crate::clips::{Clip, Dice, psnr};

const PIXELS_MAX: u32 = 36_000_000;
const WIDTHS: [u16; 3] = [160, 320, 640];

fn still(codec: Codec, data: &Bytes) -> DecodeJob {
    DecodeJob {
        job: 1,
        codec,
        mode: DecodeMode::Still,
        pixels_max: PIXELS_MAX,
        widths: WIDTHS.to_vec(),
        data: data.clone(),
    }
}

fn tools() -> Tools {
    Tools::warm().expect("FFmpeg has the three decoders")
}

/// The planes of a tile, tightly packed.
pub(crate) fn planes(tile: &Tile) -> Vec<u8> {
    let (width, height) = (usize::from(tile.width), usize::from(tile.height));
    let mut image = turbojpeg::YuvImage {
        pixels: vec![0; width * height * 3 / 2],
        width,
        align: 1,
        height,
        subsamp: turbojpeg::Subsamp::Sub2x2,
    };
    turbojpeg::Decompressor::new()
        .expect("TurboJPEG is built in")
        .decompress_to_yuv(&tile.jpeg, image.as_deref_mut())
        .expect("a tile is a whole JPEG");
    image.pixels
}

/// The lowest of the three planes' ratios.
pub(crate) fn likeness(tile: &Tile, reference: &[u8]) -> f64 {
    let luma = usize::from(tile.width) * usize::from(tile.height);
    let ours = planes(tile);
    [0..luma, luma..luma * 5 / 4, luma * 5 / 4..luma * 3 / 2]
        .map(|plane| psnr(&ours[plane.clone()], &reference[plane]))
        .into_iter()
        .fold(f64::INFINITY, f64::min)
}

/// Every keyframe's tiles match what `ffmpeg` makes of the same picture.
fn check(name: &str, clip: &Clip, keyframes: usize) {
    let mut tools = tools();
    let units = clip.keyframes();
    assert_eq!(units.len(), keyframes, "{name}: keyframes");
    for (number, unit) in units.iter().enumerate() {
        let picture = tools.picture(&still(clip.codec, unit)).unwrap_or_else(|fault| {
            panic!("{name}: keyframe {number}: {fault:?}");
        });
        for tile in &picture.tiles {
            let reference = clip.reference(tile.width, tile.height);
            let likeness = likeness(tile, &reference[number]);
            println!(
                "{name}: keyframe {number} at {}x{}: {likeness:.1} dB",
                tile.width, tile.height
            );
            assert!(likeness >= 30.0, "{name}: {}x{}: {likeness:.1} dB", tile.width, tile.height);
        }
    }
}

#[test]
fn h264_tiles_match_the_ffmpeg_command() {
    check(
        "h264",
        &Clip::h264("640x360", 11, "keyint=5:min-keyint=5:bframes=0", &["-pix_fmt", "yuv420p"]),
        3,
    );
}

#[test]
fn a_keyframe_of_a_stream_with_b_frames_is_given_up_at_once() {
    let params = "keyint=6:min-keyint=6:bframes=3:b-pyramid=2:b-adapt=0:scenecut=0";
    check("h264 b-frames", &Clip::h264("640x360", 13, params, &["-pix_fmt", "yuv420p"]), 3);
}

#[test]
fn h265_idr_and_open_gop_keyframes_match() {
    let closed = "keyint=5:min-keyint=5:open-gop=0:scenecut=0";
    check("h265 idr", &Clip::h265("640x360", 11, closed, &["-pix_fmt", "yuv420p"]), 3);
    let open = "keyint=8:min-keyint=8:open-gop=1:bframes=3:b-adapt=0:scenecut=0";
    let clip = Clip::h265("640x360", 24, open, &["-pix_fmt", "yuv420p"]);
    let is_cra = |unit: &Bytes| {
        watchwall::domain::nal::units(unit).any(|nal| nal.first().is_some_and(|b| b >> 1 == 21))
    };
    assert!(clip.keyframes().iter().any(is_cra), "the clip has a CRA picture");
    check("h265 cra", &clip, 3);
}

#[test]
fn motion_jpeg_matches_at_both_subsamplings() {
    check("mjpeg 420", &Clip::mjpeg("640x360", &["-pix_fmt", "yuvj420p"]), 1);
    check("mjpeg 422", &Clip::mjpeg("640x360", &["-pix_fmt", "yuvj422p"]), 1);
}

#[test]
fn ten_bit_full_range_other_subsamplings_and_grey_match() {
    let one = "keyint=1";
    for format in ["yuv420p10le", "yuv422p", "yuv444p", "yuv422p10le", "gray"] {
        let clip = Clip::h264("640x360", 1, one, &["-pix_fmt", format]);
        check(&format!("h264 {format}"), &clip, 1);
    }
    let full = ["-vf", "scale=out_range=full", "-pix_fmt", "yuvj420p", "-color_range", "pc"];
    check("h264 full range", &Clip::h264("640x360", 1, one, &full), 1);
    for format in ["yuv420p10le", "yuv444p"] {
        let clip = Clip::h265("640x360", 1, "keyint=1", &["-pix_fmt", format]);
        check(&format!("h265 {format}"), &clip, 1);
    }
}

#[test]
fn real_footage_matches() {
    for name in ["car-detection.mp4", "bottle-detection.mp4"] {
        let Some(clip) = Clip::footage(name) else {
            println!("skipped: {name} is not there; set WATCHWALL_FOOTAGE");
            continue;
        };
        let mut tools = tools();
        let units = clip.keyframes();
        let jobs = units.iter().map(|unit| still(Codec::H264, unit));
        let pictures: Vec<Picture> =
            jobs.map(|job| tools.picture(&job).expect("whole footage")).collect();
        // Reference pictures of type I that are no IDR would shift the pairs, so only the first.
        for tile in &pictures.first().expect("footage starts with a keyframe").tiles {
            let likeness = likeness(tile, &clip.reference(tile.width, tile.height)[0]);
            println!("{name}: {}x{}: {likeness:.1} dB", tile.width, tile.height);
            assert!(likeness >= 30.0, "{name}: {likeness:.1} dB");
        }
    }
}

#[test]
fn limited_range_is_stretched_and_full_range_is_not() {
    // A flat picture whose luma is exactly 235, by setting it after any conversion.
    let flat = |range: &str| {
        let filter = format!("format=yuv420p,geq=lum=235:cb=128:cr=128,setrange={range}");
        Clip::h264("320x180", 1, "keyint=1:qp=1", &["-vf", &filter, "-color_range", range])
    };
    for (range, expected) in [("tv", 255), ("pc", 235)] {
        let clip = flat(range);
        let picture = tools().picture(&still(Codec::H264, &clip.keyframes()[0])).expect("whole");
        let middle = planes(&picture.tiles[1])[320 * 90 + 160];
        assert!(middle.abs_diff(expected) <= 1, "{range}: {middle}");
    }
}

#[test]
fn tiles_keep_the_seen_shape_and_are_never_larger_than_the_source() {
    let cases = [
        ("640x360", "1/1", 1280, (640, 360)),
        ("640x360", "1/1", 320, (320, 180)),
        // Anamorphic: 704x576 seen as 4:3 and the other way round.
        ("704x576", "12/11", 320, (320, 240)),
        ("704x576", "2/1", 1920, (704, 288)),
        ("640x480", "1/2", 1920, (320, 480)),
        ("322x182", "1/1", 1920, (322, 182)),
    ];
    for (size, sar, width, expected) in cases {
        let filter = format!("setsar={sar}");
        let args = ["-pix_fmt", "yuv420p", "-vf", &filter];
        let clip = Clip::h264(size, 1, "keyint=1", &args);
        let job = DecodeJob { widths: vec![width], ..still(Codec::H264, &clip.keyframes()[0]) };
        let tile = &tools().picture(&job).expect("whole").tiles[0];
        assert_eq!((tile.width, tile.height), expected, "{size} with pixels {sar} at {width}");
    }
}

/// What damage may slip through, of 60 tries each. H.264 and JPEG notice a cut or a hole; a single
/// flipped bit may decode to a valid other picture. H.265's decoder notices little beyond missing
/// blocks: there ingest must not hand on an access unit that lost a part, and does not.
fn wrong_max(name: &str, kind: &str) -> u32 {
    match (name, kind) {
        (_, "random") | ("mjpeg", "cut" | "hole") | ("h264 cabac" | "h264 cavlc", "cut") => 0,
        ("h265", _) => 40,
        ("mjpeg", _) => 12,
        _ => 3,
    }
}

#[test]
fn a_damaged_keyframe_is_refused_or_looks_right_and_never_hurts_the_next() {
    let format = ["-pix_fmt", "yuv420p"];
    let clips = [
        ("h264 cabac", Clip::h264("640x360", 1, "keyint=1", &format)),
        ("h264 slices", Clip::h264("640x360", 1, "keyint=1:slices=4", &format)),
        ("h264 cavlc", Clip::h264("640x360", 1, "keyint=1:cabac=0:8x8dct=0", &format)),
        ("h265", Clip::h265("640x360", 1, "keyint=1", &format)),
        ("mjpeg", Clip::mjpeg("640x360", &["-pix_fmt", "yuvj420p"])),
    ];
    let mut tools = tools();
    let mut dice = Dice(0x5eed);
    for (name, clip) in &clips {
        let whole = clip.keyframes().remove(0);
        let reference = clip.reference(320, 180).remove(0);
        for kind in ["cut", "flip", "hole", "random"] {
            let (mut refused, mut wrong) = (0, 0);
            for _ in 0..60 {
                let data = dice.damage(kind, &whole);
                match tools.picture(&still(clip.codec, &data)) {
                    Ok(picture) => {
                        let tile = &picture.tiles[1];
                        let right = tile.height == 180 && likeness(tile, &reference) >= 20.0;
                        wrong += u32::from(!right);
                    }
                    Err(DecodeFault::Damaged { .. } | DecodeFault::Unsupported { .. }) => {
                        refused += 1
                    }
                    Err(DecodeFault::NotYet) => panic!("{name}: a still never waits"),
                }
            }
            println!("{name}, {kind}: {refused} of 60 refused, {wrong} wrong");
            assert!(wrong <= wrong_max(name, kind), "{name}, {kind}: {wrong} wrong pictures");
            let after = tools.picture(&still(clip.codec, &whole)).expect("the next one is whole");
            assert!(likeness(&after.tiles[1], &reference) >= 30.0, "{name} after {kind}");
        }
    }
}

#[test]
fn a_picture_with_a_slice_missing_is_refused() {
    let format = ["-pix_fmt", "yuv420p"];
    let clips = [
        Clip::h264("640x360", 1, "keyint=1:slices=4", &format),
        Clip::h265("640x360", 1, "keyint=1:slices=4:wpp=1", &format),
    ];
    let mut tools = tools();
    for clip in &clips {
        let whole = clip.keyframes().remove(0);
        let is_slice = |unit: &[u8]| match clip.codec {
            Codec::H264 => unit[0] & 0x1f == 5,
            _ => (16..=21).contains(&(unit[0] >> 1)),
        };
        let units: Vec<&[u8]> = nal::units(&whole).collect();
        let slices: Vec<usize> = (0..units.len()).filter(|at| is_slice(units[*at])).collect();
        assert!(slices.len() >= 4, "{:?}: {} slices", clip.codec, slices.len());
        for missing in slices {
            let rest = units.iter().enumerate().filter(|(at, _)| *at != missing);
            let data: Vec<u8> =
                rest.flat_map(|(_, unit)| [&[0, 0, 0, 1][..], unit].concat()).collect();
            let fault = tools.picture(&still(clip.codec, &data.into())).expect_err("a hole");
            assert!(matches!(fault, DecodeFault::Damaged { .. }), "{fault:?}");
        }
    }
}

#[test]
fn a_keyframe_is_never_decoded_with_another_cameras_parameter_sets() {
    let clip = Clip::h264("640x360", 1, "keyint=1", &["-pix_fmt", "yuv420p"]);
    let whole = clip.keyframes().remove(0);
    let mut tools = tools();
    tools.picture(&still(clip.codec, &whole)).expect("whole");
    let slices = nal::units(&whole).filter(|unit| unit[0] & 0x1f == 5);
    let bare: Vec<u8> = slices.flat_map(|unit| [&[0, 0, 0, 1][..], unit].concat()).collect();
    let fault = tools.picture(&still(clip.codec, &bare.into())).expect_err("no parameter sets");
    assert!(matches!(fault, DecodeFault::Damaged { .. }), "{fault:?}");
}

fn continuous(camera: u32, codec: Codec, data: &Bytes) -> DecodeJob {
    let mode = DecodeMode::Continuous(Handle(camera));
    DecodeJob { mode, widths: vec![320], ..still(codec, data) }
}

#[test]
fn a_continuous_run_shows_every_picture_and_after_damage_waits_for_the_next_start() {
    let format = ["-pix_fmt", "yuv420p"];
    let params = "keyint=8:min-keyint=8:bframes=0:scenecut=0";
    for clip in
        [Clip::h264("640x360", 16, params, &format), Clip::h265("640x360", 16, params, &format)]
    {
        let codec = clip.codec;
        let units = clip.access_units();
        assert_eq!(units.len(), 16);
        let mut tools = tools();
        let shown = units.iter().filter(|unit| tools.picture(&continuous(1, codec, unit)).is_ok());
        let shown = shown.count();
        assert!(shown >= 13, "{codec:?}: {shown} of 16: a reordering delay of a few at most");

        // A decoder of another camera, broken in the middle of its first group of pictures.
        let mut outcomes = Vec::new();
        for (number, unit) in units.iter().enumerate() {
            let unit = if number == 4 { &Dice(1).damage("random", unit) } else { unit };
            outcomes.push(tools.picture(&continuous(2, codec, unit)).is_ok());
        }
        assert!(!outcomes[4..8].contains(&true), "{codec:?}: shown after damage: {outcomes:?}");
        assert!(outcomes[8..].contains(&true), "{codec:?}: recovered: {outcomes:?}");
    }
}

#[test]
fn a_run_that_begins_in_the_middle_or_was_forgotten_waits_for_a_start() {
    let params = "keyint=6:min-keyint=6:bframes=0:scenecut=0";
    for clip in [
        Clip::h264("640x360", 12, params, &["-pix_fmt", "yuv420p"]),
        Clip::h265("640x360", 12, params, &["-pix_fmt", "yuv420p"]),
    ] {
        let units = clip.access_units();
        let mut tools = tools();
        for (number, unit) in units[..9].iter().enumerate() {
            if number == 3 {
                let forget = DecodeMode::Forget(Handle(1));
                let job = DecodeJob { mode: forget, ..still(clip.codec, &Bytes::new()) };
                assert_eq!(tools.picture(&job), Err(DecodeFault::NotYet));
            }
            let outcome = tools.picture(&continuous(1, clip.codec, unit));
            if (3..6).contains(&number) {
                assert!(outcome.is_err(), "{:?}: picture {number} has no start", clip.codec);
            }
        }
    }
}
