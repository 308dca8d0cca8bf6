//! Clips made by the `ffmpeg` command, cut into access units, and what `ffmpeg` itself makes of
//! them. Included by path from tests and benches, each of which uses a part of it.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    reason = "each includer uses a part"
)]

use std::{path::PathBuf, process::Command};

use bytes::Bytes;
use watchwall::domain::media::Codec;

/// One encoded clip.
pub struct Clip {
    pub codec: Codec,
    pub bytes: Vec<u8>,
}

/// A moving scene with hard edges, gradients and sensor noise, `frames` pictures at 5 a second.
fn scene(size: &str, frames: u32) -> Vec<String> {
    let scene = format!("testsrc2=size={size}:rate=5,noise=alls=6:allf=t:all_seed=7");
    let frames = frames.to_string();
    let args = ["-f", "lavfi", "-i", &scene, "-frames:v", &frames];
    args.into_iter().map(str::to_owned).collect()
}

impl Clip {
    /// H.264 by x264: `params` are x264's own, `args` those of `ffmpeg`.
    pub fn h264(size: &str, frames: u32, params: &str, args: &[&str]) -> Self {
        let params = format!("aud=1:repeat-headers=1:threads=1:{params}");
        let coder = ["-c:v", "libx264", "-x264-params", &params, "-f", "h264"];
        Self::coded(Codec::H264, size, frames, args, &coder)
    }

    /// H.265 by x265.
    pub fn h265(size: &str, frames: u32, params: &str, args: &[&str]) -> Self {
        let params = format!("aud=1:repeat-headers=1:log-level=none:pools=1:{params}");
        let coder = ["-c:v", "libx265", "-x265-params", &params, "-f", "hevc"];
        Self::coded(Codec::H265, size, frames, args, &coder)
    }

    /// Motion JPEG; one picture.
    pub fn mjpeg(size: &str, args: &[&str]) -> Self {
        let coder = ["-c:v", "mjpeg", "-q:v", "3", "-strict", "-1", "-f", "mjpeg"];
        Self::coded(Codec::Mjpeg, size, 1, args, &coder)
    }

    fn coded(codec: Codec, size: &str, frames: u32, args: &[&str], coder: &[&str]) -> Self {
        let mut all = scene(size, frames);
        all.extend(args.iter().chain(coder).map(|arg| (*arg).to_owned()));
        Self { codec, bytes: ffmpeg(&all) }
    }

    /// The H.264 of a file of real footage, re-wrapped and not re-encoded; `None` if it is absent.
    pub fn footage(name: &str) -> Option<Self> {
        footage(name).map(|file| {
            let args = ["-i", &file.to_string_lossy(), "-map", "0:v:0", "-c", "copy", "-t", "20"];
            let to = ["-bsf:v", "h264_mp4toannexb,h264_metadata=aud=insert", "-f", "h264"];
            let args: Vec<String> = args.into_iter().chain(to).map(str::to_owned).collect();
            Self { codec: Codec::H264, bytes: ffmpeg(&args) }
        })
    }

    /// The access units, cut at the delimiters that the encoders were told to write.
    pub fn access_units(&self) -> Vec<Bytes> {
        let delimiter: &[u8] = match self.codec {
            Codec::H264 => &[0, 0, 0, 1, 9],
            Codec::H265 => &[0, 0, 0, 1, 0x46],
            Codec::Mjpeg => return vec![Bytes::from(self.bytes.clone())],
        };
        let starts: Vec<usize> = memchr::memmem::find_iter(&self.bytes, delimiter).collect();
        let ends = starts.iter().skip(1).copied().chain([self.bytes.len()]);
        let whole = Bytes::from(self.bytes.clone());
        starts.iter().zip(ends).map(|(start, end)| whole.slice(*start..end)).collect()
    }

    /// The access units that decoding can start at.
    pub fn keyframes(&self) -> Vec<Bytes> {
        let random_access =
            |unit: &Bytes| watchwall::domain::nal::is_random_access(self.codec, unit);
        self.access_units().into_iter().filter(random_access).collect()
    }

    /// The intra pictures as `ffmpeg` decodes them and scales them by area: full-range 4:2:0 planes,
    /// one after the other.
    pub fn reference(&self, width: u16, height: u16) -> Vec<Vec<u8>> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("clip");
        std::fs::write(&file, &self.bytes).expect("room for a clip");
        let format = match self.codec {
            Codec::H264 => "h264",
            Codec::H265 => "hevc",
            Codec::Mjpeg => "mjpeg",
        };
        let input = ["-f", format, "-i", &file.to_string_lossy()];
        pictures(&input, "select=eq(pict_type\\,I)", width, height)
    }
}

/// A file of real footage; `None` if it is absent.
pub fn footage(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("WATCHWALL_FOOTAGE")
        .map_or_else(|| PathBuf::from("../shared/footage"), PathBuf::from);
    Some(folder.join(name)).filter(|file| file.exists())
}

/// The pictures of an input that pass a filter, as `ffmpeg` decodes them and scales them by area:
/// full-range 4:2:0 planes, one after the other.
pub fn pictures(input: &[&str], filter: &str, width: u16, height: u16) -> Vec<Vec<u8>> {
    let filter = format!("{filter},scale={width}:{height}:flags=area,format=yuvj420p");
    let output = ["-vf", &filter, "-vsync", "0", "-f", "rawvideo"];
    let args: Vec<String> = input.iter().chain(&output).map(|arg| (*arg).to_owned()).collect();
    let pixels = usize::from(width) * usize::from(height);
    ffmpeg(&args).chunks(pixels * 3 / 2).map(<[u8]>::to_vec).collect()
}

fn ffmpeg(args: &[String]) -> Vec<u8> {
    let written = run(args, "pipe:1");
    assert!(!written.is_empty(), "ffmpeg {args:?} wrote nothing");
    written
}

/// Runs the `ffmpeg` command; what it wrote, if that was to `pipe:1`.
pub fn run(args: &[String], to: &str) -> Vec<u8> {
    let output = Command::new("ffmpeg")
        .args(["-hide_banner", "-loglevel", "error", "-nostdin", "-y"])
        .args(args)
        .arg(to)
        .output()
        .expect("the ffmpeg command is installed (make deps)");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ffmpeg {args:?}: {said}");
    output.stdout
}

/// Peak signal-to-noise ratio of two planes, dB.
pub fn psnr(one: &[u8], other: &[u8]) -> f64 {
    assert_eq!(one.len(), other.len(), "planes of one size");
    let squares: u64 = one.iter().zip(other).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum();
    if squares == 0 {
        return f64::INFINITY;
    }
    10.0 * (255.0f64.powi(2) * one.len() as f64 / squares as f64).log10()
}

/// A small seeded generator (xorshift), so that every run damages the same bits.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    /// Damages a copy: `cut` short, one bit `flip`ped, a packet-sized `hole`, all `random`.
    pub fn damage(&mut self, kind: &str, whole: &[u8]) -> Bytes {
        let mut data = whole.to_vec();
        match kind {
            "cut" => data.truncate(self.below(whole.len() - 64)),
            "flip" => data[self.below(whole.len())] ^= 1 << self.below(8),
            "hole" => {
                let at = self.below(whole.len() - 1400);
                data.drain(at..at + 1200);
            }
            _ => data.iter_mut().for_each(|byte| *byte = self.below(256) as u8),
        }
        data.into()
    }
}
