//! What a tile costs: decode, scale and JPEG, per codec, source and tile size, in CPU time of one
//! core. Goal: a 640x360 H.264 keyframe to a 320x180 JPEG in at most 1.25 ms. And what measuring the
//! picture adds. Goal: at most 0.25 ms for a 640x360 keyframe.
//!
//! `cargo bench --bench tile` measures; without `--bench` (as `cargo test --benches` runs it) each
//! row is done a few times, to see that it works.

#[path = "../tests/support/clips.rs"]
mod clips;

use std::time::{Duration, Instant};

use bytes::Bytes;
use clips::{Clip, psnr};
use turbojpeg::{Compressor, Decompressor, OutputBuf, Subsamp, YuvImage};
use watchwall::{
    decode::worker::Tools,
    domain::media::{Codec, TILE_WIDTHS, Tile},
    worker::message::{DecodeJob, DecodeMode},
};

const GOAL: Duration = Duration::from_micros(1250);
const MEASURING_GOAL: Duration = Duration::from_micros(250);

fn main() {
    let rounds = if std::env::args().any(|arg| arg == "--bench") { 200 } else { 3 };
    let mut tools = Tools::warm().expect("FFmpeg has the three decoders");
    println!("CPU time per keyframe, median of {rounds} rounds, one thread");
    println!(
        "{:28} {:>8} {:>9} {:>9} {:>9} {:>9} {:>9} {:>8}",
        "keyframe -> tile", "KB in", "decode", "scale", "JPEG", "all", "us per KB", "KB out"
    );
    let mut goal = None;
    for (name, clip) in sources() {
        let data = clip.keyframes().pop().expect("every clip has keyframes");
        for width in TILE_WIDTHS {
            let Some(row) = Row::measure(&mut tools, &clip, &data, width, rounds) else { continue };
            println!("{:28} {row}", format!("{name} -> {}x{}", row.tile.width, row.tile.height));
            if name == "h264 640x360" && width == 320 {
                goal = Some(row.decode + row.scale + row.jpeg);
            }
        }
    }
    let goal = goal.expect("the goal's row was measured");
    let verdict = if goal <= GOAL { "met" } else { "MISSED" };
    println!("\ngoal: 640x360 H.264 keyframe to 320x180 in {GOAL:?}: {goal:?}, {verdict}");
    measuring(&mut tools, rounds);
    many_cameras(&mut tools, rounds);
    loop_filter(&mut tools);
}

/// The second keyframe of streams at the rates that cameras send, as bits per picture: 400 kbit/s at
/// 12.5 pictures a second for 640x360, and in proportion for the larger ones.
fn sources() -> Vec<(&'static str, Clip)> {
    let format = ["-pix_fmt", "yuv420p"];
    // The scene has 5 pictures a second: 160 kbit/s of it are 32 kbit a picture.
    let at = |rate: u32| {
        format!(
            "keyint=25:min-keyint=25:scenecut=0:bitrate={rate}:vbv-maxrate={rate}:vbv-bufsize={rate}"
        )
    };
    vec![
        ("h264 640x360", Clip::h264("640x360", 26, &at(160), &format)),
        ("h265 640x360", Clip::h265("640x360", 26, &at(160), &format)),
        ("mjpeg 640x360", Clip::mjpeg("640x360", &["-pix_fmt", "yuvj420p"])),
        ("h264 1280x720", Clip::h264("1280x720", 26, &at(400), &format)),
        ("h265 1280x720", Clip::h265("1280x720", 26, &at(400), &format)),
        ("h264 1920x1080", Clip::h264("1920x1080", 26, &at(800), &format)),
    ]
}

struct Row {
    bytes: usize,
    decode: Duration,
    scale: Duration,
    jpeg: Duration,
    tile: Tile,
}

impl Row {
    /// `None` where the source is too narrow for this step of the ladder.
    fn measure(
        tools: &mut Tools,
        clip: &Clip,
        data: &Bytes,
        width: u16,
        rounds: usize,
    ) -> Option<Self> {
        let job = job(clip.codec, data, &[width]);
        let mut tile = tools.picture(&job).expect("a whole keyframe").tiles.remove(0);
        if tile.width < width {
            return None;
        }
        let (mut decode, mut tiling) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let picture = tools.picture(&job).expect("a whole keyframe");
            decode.push(picture.decode);
            tiling.push(picture.tile);
            tile = picture.tiles.into_iter().next().expect("one was asked for");
            assert_eq!(tile.width, width);
        }
        let jpeg = jpeg_alone(&tile, rounds);
        let scale = median(tiling).saturating_sub(jpeg);
        Some(Self { bytes: data.len(), decode: median(decode), scale, jpeg, tile })
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let micros = |time: Duration| format!("{:.0} us", time.as_secs_f64() * 1e6);
        let kb = |bytes: usize| bytes as f64 / 1000.0;
        write!(
            f,
            "{:>8.1} {:>9} {:>9} {:>9} {:>9} {:>9.0} {:>8.1}",
            kb(self.bytes),
            micros(self.decode),
            micros(self.scale),
            micros(self.jpeg),
            micros(self.decode + self.scale + self.jpeg),
            self.decode.as_secs_f64() * 1e6 / kb(self.bytes),
            kb(self.tile.jpeg.len()),
        )
    }
}

/// What the figures for the picture checks cost, per size of picture.
fn measuring(tools: &mut Tools, rounds: usize) {
    println!("\nmeasuring a keyframe for the picture checks, median of {rounds} rounds");
    for (name, clip) in sources() {
        let data = clip.keyframes().pop().expect("every clip has keyframes");
        let job = job(clip.codec, &data, &[320]);
        let times = (0..rounds).map(|_| {
            let picture = tools.picture(&job).expect("a whole keyframe");
            let measures = picture.measures.expect("a picture with a tile is measured");
            assert!(measures.spread > 1.0 && measures.keyframe, "a real picture was measured");
            picture.measure
        });
        let time = median(times.collect());
        println!("{name:28} {:>6.0} us", time.as_secs_f64() * 1e6);
        if name == "h264 640x360" {
            let verdict = if time <= MEASURING_GOAL { "met" } else { "MISSED" };
            println!("goal: {name} in {MEASURING_GOAL:?}: {time:?}, {verdict}");
        }
    }
}

/// The JPEG coder by itself, on the tile's own planes.
fn jpeg_alone(tile: &Tile, rounds: usize) -> Duration {
    let image = planes(tile);
    let mut compressor = Compressor::new().expect("TurboJPEG is built in");
    compressor.set_quality(if tile.width >= 640 { 80 } else { 75 }).expect("a quality");
    let times = (0..rounds).map(|_| {
        let begun = Instant::now();
        let mut out = OutputBuf::new_owned();
        compressor.compress_yuv(image.as_deref(), &mut out).expect("planes of a tile");
        assert!(out.len() > 100);
        begun.elapsed()
    });
    median(times.collect())
}

/// The keyframes of 150 cameras of six kinds in turn, as a worker gets them: decoders and scalers
/// change with every job.
fn many_cameras(tools: &mut Tools, rounds: usize) {
    let format = ["-pix_fmt", "yuv420p"];
    let mut kinds = Vec::new();
    for size in ["640x360", "704x576", "640x480"] {
        kinds.push(Clip::h264(size, 1, "keyint=1:crf=30", &format));
        kinds.push(Clip::h265(size, 1, "keyint=1:crf=30", &format));
    }
    let jobs: Vec<DecodeJob> =
        kinds.iter().map(|clip| job(clip.codec, &clip.keyframes()[0], &[320])).collect();
    let each = rounds.div_ceil(2);
    let mut cost = |order: &mut dyn Iterator<Item = usize>| {
        let times = order.map(|kind| {
            let picture = tools.picture(&jobs[kind]).expect("a whole keyframe");
            assert_eq!(picture.tiles.len(), 1);
            picture.decode + picture.tile
        });
        let times: Vec<Duration> = times.collect();
        times.iter().sum::<Duration>() / u32::try_from(times.len()).expect("a few hundred")
    };
    let kinds = jobs.len();
    let in_runs = cost(&mut (0..kinds).flat_map(|kind| std::iter::repeat_n(kind, each)));
    let in_turn = cost(&mut (0..each).flat_map(|_| 0..kinds));
    println!("{kinds} kinds of camera: {in_runs:?} a keyframe kind by kind, {in_turn:?} in turn");
}

/// What skipping the loop filter costs in likeness: the 320 tile is made with it skipped, and when
/// a 640 tile is made along, with it run.
fn loop_filter(tools: &mut Tools) {
    let format = ["-pix_fmt", "yuv420p"];
    for (name, clip) in [
        ("h264", Clip::h264("640x360", 1, "keyint=1:crf=30", &format)),
        ("h265", Clip::h265("640x360", 1, "keyint=1:crf=30", &format)),
    ] {
        let data = clip.keyframes().remove(0);
        let reference = &clip.reference(320, 180)[0];
        let mut likeness = |widths: &[u16]| {
            let picture = tools.picture(&job(clip.codec, &data, widths)).expect("whole");
            psnr(&planes(&picture.tiles[0]).pixels[..320 * 180], &reference[..320 * 180])
        };
        let (skipped, run) = (likeness(&[320]), likeness(&[320, 640]));
        println!(
            "{name} 640x360 -> 320x180 luma against ffmpeg: loop filter skipped {skipped:.1} dB, run {run:.1} dB"
        );
    }
}

fn job(codec: Codec, data: &Bytes, widths: &[u16]) -> DecodeJob {
    DecodeJob {
        job: 1,
        codec,
        mode: DecodeMode::Still,
        pixels_max: 36_000_000,
        widths: widths.to_vec(),
        data: data.clone(),
    }
}

fn planes(tile: &Tile) -> YuvImage<Vec<u8>> {
    let (width, height) = (usize::from(tile.width), usize::from(tile.height));
    let pixels = vec![0; width * height * 3 / 2];
    let mut image = YuvImage { pixels, width, align: 1, height, subsamp: Subsamp::Sub2x2 };
    let mut decompressor = Decompressor::new().expect("TurboJPEG is built in");
    decompressor.decompress_to_yuv(&tile.jpeg, image.as_deref_mut()).expect("a whole tile");
    image
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
