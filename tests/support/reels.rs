//! Files for servers to play, and what the `ffmpeg` command sees in them.

use std::path::{Path, PathBuf};

use crate::clips::{self, pictures};

/// A clip in a file that plays long enough for any test.
pub(crate) struct Reel {
    /// The clip, again and again.
    pub(crate) file: PathBuf,
    /// As `watchwall probe` and the API name it.
    pub(crate) codec: &'static str,
    pub(crate) width: u16,
    pub(crate) height: u16,
    once: PathBuf,
    pictures_a_second: usize,
    keyframes: Keyframes,
}

/// Which pictures of a reel can be decoded alone.
#[derive(Clone, Copy, PartialEq)]
enum Keyframes {
    All,
    OneASecond,
    /// So far apart that the service decodes the stream in full and shows other pictures too.
    FarApart,
}

/// Pictures that a reel shows one after the other, and then again.
pub(crate) struct Sequence {
    pub(crate) pictures: Vec<Vec<u8>>,
    /// Pictures so few steps apart may look alike: they are a second apart at most.
    pub(crate) alike: usize,
    /// Nothing moves for long at times, so that only most other pictures are unlike one of them.
    pub(crate) rests: bool,
}

impl Reel {
    /// Eight seconds of moving shapes on gradients with sensor noise, 10 pictures a second.
    fn drawn(folder: &Path, name: &str, codec: &'static str, coder: &[&str]) -> Self {
        let keyframes = if codec == "mjpeg" { Keyframes::All } else { Keyframes::OneASecond };
        let source = "testsrc2=size=640x360:rate=10,noise=alls=6:allf=t:all_seed=7";
        let source = ["-f", "lavfi", "-i", source, "-t", "8"];
        let args = source.iter().chain(coder);
        let once = folder.join(format!("{name}-once.mp4"));
        clips::run(&args.map(|arg| (*arg).to_owned()).collect::<Vec<_>>(), &text(&once));
        let file = looped(&once, folder, name, 30);
        Self { file, codec, width: 640, height: 360, once, pictures_a_second: 10, keyframes }
    }

    /// H.264 of so many B-frames in a row.
    pub(crate) fn h264(folder: &Path, name: &str, bframes: u32) -> Self {
        let params =
            format!("keyint=10:min-keyint=10:scenecut=0:bframes={bframes}:b-adapt=0:threads=2");
        let coder = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-x264-params", &params];
        Self::drawn(folder, name, "h264", &[&coder[..], &["-preset", "veryfast"]].concat())
    }

    /// H.265.
    pub(crate) fn h265(folder: &Path, name: &str) -> Self {
        let params = "keyint=10:min-keyint=10:scenecut=0:open-gop=0:log-level=none:pools=2";
        let coder = ["-pix_fmt", "yuv420p", "-c:v", "libx265", "-x265-params", params];
        let how = ["-preset", "veryfast", "-tag:v", "hvc1"];
        Self::drawn(folder, name, "h265", &[&coder[..], &how].concat())
    }

    /// Motion JPEG with the Huffman tables that RFC 2435 §4.2 takes for granted.
    pub(crate) fn mjpeg(folder: &Path, name: &str) -> Self {
        let coder = ["-pix_fmt", "yuvj420p", "-c:v", "mjpeg", "-huffman", "default", "-q:v", "4"];
        Self::drawn(folder, name, "mjpeg", &coder)
    }

    /// 30 s of cars on a road, 768x432 with a keyframe each 4.8 s; `None` if it is absent.
    pub(crate) fn cars(folder: &Path) -> Option<Self> {
        Self::footage(folder, "car-detection", (768, 432), 13)
    }

    /// 40 s of bottles on a belt, 640x360 with B-frames and a keyframe each 8.4 s.
    pub(crate) fn bottles(folder: &Path) -> Option<Self> {
        Self::footage(folder, "bottle-detection", (640, 360), 30)
    }

    /// Real footage in H.264, not encoded anew.
    fn footage(
        folder: &Path,
        name: &str,
        (width, height): (u16, u16),
        pictures_a_second: usize,
    ) -> Option<Self> {
        let once = clips::footage(&format!("{name}.mp4"))?;
        let file = looped(&once, folder, name, 4);
        let keyframes = Keyframes::FarApart;
        Some(Self { file, codec: "h264", width, height, once, pictures_a_second, keyframes })
    }

    /// Its keyframes as the `ffmpeg` command decodes them, scaled by area.
    pub(crate) fn keyframes(&self, width: u16, height: u16) -> Sequence {
        let input = ["-skip_frame", "nokey", "-i", &text(&self.once)];
        let alike = match self.keyframes {
            Keyframes::All => self.pictures_a_second,
            Keyframes::OneASecond => 1,
            Keyframes::FarApart => 0,
        };
        Sequence { pictures: pictures(&input, "null", width, height), alike, rests: false }
    }

    /// What its tiles may show: its keyframes, or everything if the service decodes it in full.
    pub(crate) fn shown(&self, width: u16, height: u16) -> Sequence {
        if self.keyframes != Keyframes::FarApart {
            return self.keyframes(width, height);
        }
        let pictures = pictures(&["-i", &text(&self.once)], "null", width, height);
        Sequence { pictures, alike: self.pictures_a_second, rests: true }
    }
}

impl Sequence {
    /// Indices that show another moment than `index` does.
    pub(crate) fn far_from(&self, index: usize) -> impl Iterator<Item = usize> {
        let count = self.pictures.len();
        (0..count).filter(move |other| {
            let apart = index.abs_diff(*other);
            apart.min(count - apart) > self.alike
        })
    }
}

/// A reel as GStreamer plays it.
pub(crate) fn pipeline(reel: &Reel) -> String {
    let packets = match reel.codec {
        "h264" => "h264parse ! rtph264pay config-interval=-1",
        // Parameter sets together in one packet, as many cameras send them.
        "h265" => "h265parse ! rtph265pay config-interval=-1 aggregate-mode=zero-latency",
        _ => "jpegparse ! rtpjpegpay",
    };
    let file = reel.file.display();
    format!("( filesrc location={file} ! qtdemux ! {packets} name=pay0 pt=96 )")
}

/// The video of a file again and again, encoded once.
fn looped(once: &Path, folder: &Path, name: &str, times: u32) -> PathBuf {
    let file = folder.join(format!("{name}.mp4"));
    let times = times.to_string();
    let args = ["-stream_loop", &times, "-i", &text(once), "-map", "0:v:0", "-c", "copy"];
    clips::run(&args.map(str::to_owned), &text(&file));
    file
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
