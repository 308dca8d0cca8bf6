//! Real footage: any file that FFmpeg reads, as pictures in the size and rhythm of a small stream.

use std::path::{Path, PathBuf};

use ffmpeg_next::{
    Rescale, codec, format, frame, media,
    software::scaling::{self, Flags},
};
use watchwall::sim::scene::Canvas;

/// The width that all is scaled to.
pub(crate) const WIDTH: u32 = 640;
/// Upright pictures are not made larger than this.
const HEIGHT_MAX: u64 = 640;
/// Between two pictures: 12.5 a second, as small streams have.
pub(crate) const FRAME_US: i64 = 80_000;
/// No more is kept of a file than 48 s: 200 MB.
const FRAMES_MAX: usize = 600;
/// Less is not enough to learn a view from.
const FRAMES_MIN: usize = 25;

/// The files of a folder that FFmpeg finds video in, and the folder itself if it is there.
pub(crate) fn files() -> (PathBuf, Option<Vec<PathBuf>>) {
    let folder = std::env::var_os("WATCHWALL_FOOTAGE")
        .map_or_else(|| PathBuf::from("../shared/footage"), PathBuf::from);
    let Ok(entries) = std::fs::read_dir(&folder) else { return (folder, None) };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file() && holds_video(path))
        .collect();
    files.sort();
    (folder, Some(files))
}

fn holds_video(file: &Path) -> bool {
    format::input(file).is_ok_and(|input| {
        input.streams().best(media::Type::Video).is_some_and(|video| {
            // FFmpeg takes texts and pictures for video of no length.
            video.duration() > 0 || input.duration() > 0
        })
    })
}

/// The pictures of a file; `None` if it is too short or cannot be read.
pub(crate) fn pictures(file: &Path) -> Option<Vec<Canvas>> {
    let pictures = read(file).ok()?;
    (pictures.len() >= FRAMES_MIN).then_some(pictures)
}

fn read(file: &Path) -> Result<Vec<Canvas>, ffmpeg_next::Error> {
    let mut input = format::input(file)?;
    let video =
        input.streams().best(media::Type::Video).ok_or(ffmpeg_next::Error::StreamNotFound)?;
    let (index, time_base) = (video.index(), video.time_base());
    let mut decoder = codec::Context::from_parameters(video.parameters())?.decoder().video()?;
    let (mut pictures, mut picture) = (Vec::new(), frame::Video::empty());
    let mut scaler: Option<Scaler> = None;
    let (mut origin, mut next, mut ended) = (None, 0_i64, false);
    let mut packets = input.packets();
    while !ended && pictures.len() < FRAMES_MAX {
        match packets.next() {
            // A damaged packet costs its picture only.
            Some((of, packet)) if of.index() == index => drop(decoder.send_packet(&packet)),
            Some(_) => continue,
            None => {
                ended = true;
                decoder.send_eof()?;
            }
        }
        while decoder.receive_frame(&mut picture).is_ok() {
            let at = picture.timestamp().unwrap_or(0).rescale(time_base, (1, 1_000_000));
            let at = at - *origin.get_or_insert(at);
            if at < next {
                continue;
            }
            if scaler.as_ref().is_none_or(|scaler| !scaler.fits(&picture)) {
                // A file whose size changes is two views.
                if !pictures.is_empty() {
                    return Ok(pictures);
                }
                scaler = Some(Scaler::new(&picture)?);
            }
            let Some(scaler) = &mut scaler else { continue };
            let canvas = scaler.run(&picture)?;
            while next <= at && pictures.len() < FRAMES_MAX {
                pictures.push(canvas.clone());
                next += FRAME_US;
            }
        }
    }
    Ok(pictures)
}

struct Scaler {
    context: scaling::Context,
    source: (format::Pixel, u32, u32),
    scaled: frame::Video,
}

impl Scaler {
    fn new(picture: &frame::Video) -> Result<Self, ffmpeg_next::Error> {
        let (wide, high) = (u64::from(picture.width()), u64::from(picture.height()));
        let height = (u64::from(WIDTH) * high / wide.max(1)).min(HEIGHT_MAX) as u32 & !1;
        let width = (u64::from(height) * wide / high.max(1)).min(u64::from(WIDTH)) as u32 & !1;
        let source = (picture.format(), picture.width(), picture.height());
        let context = scaling::Context::get(
            source.0,
            source.1,
            source.2,
            format::Pixel::YUV420P,
            width,
            height,
            if source.1 > width { Flags::AREA } else { Flags::BICUBIC },
        )?;
        Ok(Self { context, source, scaled: frame::Video::empty() })
    }

    fn fits(&self, picture: &frame::Video) -> bool {
        self.source == (picture.format(), picture.width(), picture.height())
    }

    fn run(&mut self, picture: &frame::Video) -> Result<Canvas, ffmpeg_next::Error> {
        self.context.run(picture, &mut self.scaled)?;
        Ok(canvas(&self.scaled))
    }
}

/// A decoded 4:2:0 picture without its padding.
pub(crate) fn canvas(picture: &frame::Video) -> Canvas {
    let mut canvas = Canvas::new(picture.width(), picture.height());
    let width = canvas.width();
    for (index, plane) in canvas.planes_mut().iter_mut().enumerate() {
        let row = if index == 0 { width } else { width / 2 };
        let rows = picture.data(index).chunks(picture.stride(index));
        for (to, from) in plane.chunks_exact_mut(row).zip(rows) {
            to.copy_from_slice(&from[..row]);
        }
    }
    canvas
}
