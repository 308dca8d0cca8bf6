//! Encoding drawn scenes with x264 and x265: keyframes at fixed places, no B-frames, closed groups.

use std::sync::atomic::{AtomicBool, Ordering};

use ffmpeg_next::{Dictionary, Packet, Rational, codec, encoder, format::Pixel, frame};

use super::{
    recipe::{Take, Variant, takes},
    studio::StudioError,
};
use crate::{
    domain::{
        media::{Codec, StreamKind},
        nal,
    },
    sim::scene::{Canvas, Scene},
};

/// Coded pictures with their times: what the cache keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sim) struct Coded {
    pub(in crate::sim) codec: Codec,
    pub(in crate::sim) duration_us: u64,
    pub(in crate::sim) frames: Vec<CodedFrame>,
}

/// One access unit in Annex B form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sim) struct CodedFrame {
    pub(in crate::sim) at_us: u64,
    pub(in crate::sim) data: Vec<u8>,
}

/// Draws and encodes a clip. Gives up soon after `stop` is set.
pub(super) fn drawn(
    scene: &Scene,
    codec: Codec,
    stream: StreamKind,
    variant: Variant,
    stop: &AtomicBool,
) -> Result<Coded, StudioError> {
    let mut coded = Coded { codec, duration_us: 0, frames: Vec::new() };
    for take in takes(stream, variant) {
        let mut encoder = Encoder::open(codec, &take)?;
        let mut reel = (!take.blank).then(|| scene.reel(take.width, take.height, take.trouble));
        let mut canvas = match &reel {
            Some(reel) => reel.canvas(),
            None => Canvas::new(take.width, take.height),
        };
        for n in 0..take.frames {
            if stop.load(Ordering::Relaxed) {
                return Err(StudioError::Stopped);
            }
            if let Some(reel) = &mut reel {
                let at_ms = (u64::from(n) * take.frame_us / 1_000) as u32;
                reel.draw(&mut canvas, take.still_at_ms.unwrap_or(at_ms));
            }
            encoder.push(&canvas)?;
        }
        let units = encoder.finish()?;
        let start = coded.duration_us;
        coded.duration_us += u64::from(take.frames) * take.frame_us;
        coded.frames.extend(
            units
                .into_iter()
                .enumerate()
                .map(|(n, data)| CodedFrame { at_us: start + n as u64 * take.frame_us, data }),
        );
    }
    Ok(coded)
}

/// An open encoder and what it has given so far.
pub(super) struct Encoder {
    inner: encoder::video::Encoder,
    codec: Codec,
    sent: i64,
    units: Vec<Vec<u8>>,
}

impl Encoder {
    pub(super) fn open(codec: Codec, take: &Take) -> Result<Self, StudioError> {
        let name = if codec == Codec::H265 { "libx265" } else { "libx264" };
        let found = encoder::find_by_name(name).ok_or(StudioError::NoEncoder { name })?;
        let mut video = codec::Context::new_with_codec(found).encoder().video()?;
        video.set_width(take.width);
        video.set_height(take.height);
        video.set_format(Pixel::YUV420P);
        let frame_us = i32::try_from(take.frame_us).unwrap_or(i32::MAX);
        video.set_time_base(Rational(frame_us, 1_000_000).reduce());
        video.set_frame_rate(Some(Rational(1_000_000, frame_us).reduce()));
        video.set_gop(take.keyframe_every);
        video.set_max_b_frames(0);
        video.set_bit_rate(take.kbit_per_s * 1_000);
        video.set_max_bit_rate(take.kbit_per_s * 1_200);
        let every = take.keyframe_every;
        let mut options = Dictionary::new();
        options.set("threads", "1");
        options.set("bufsize", &format!("{}k", take.kbit_per_s * 2));
        options.set("tune", "zerolatency");
        options.set("forced-idr", "1");
        if codec == Codec::H265 {
            options.set("preset", "ultrafast");
            options.set(
                "x265-params",
                &format!(
                    "log-level=none:info=0:repeat-headers=1:keyint={every}:min-keyint={every}:\
                     scenecut=0:open-gop=0:bframes=0:pools=none:frame-threads=1:wpp=0"
                ),
            );
        } else {
            let large = take.width * take.height > 640 * 480;
            options.set("preset", if large { "superfast" } else { "veryfast" });
            options.set("profile", "main");
            options.set(
                "x264-params",
                &format!(
                    "keyint={every}:min-keyint={every}:scenecut=0:open-gop=0:sliced-threads=0"
                ),
            );
        }
        Ok(Self { inner: video.open_with(options)?, codec, sent: 0, units: Vec::new() })
    }

    pub(super) fn push(&mut self, canvas: &Canvas) -> Result<(), StudioError> {
        let (width, height) = (canvas.width(), canvas.height());
        let mut picture = frame::Video::new(Pixel::YUV420P, width as u32, height as u32);
        for (index, plane) in canvas.planes().iter().enumerate() {
            let row = if index == 0 { width } else { width / 2 };
            let stride = picture.stride(index);
            let rows = picture.data_mut(index).chunks_mut(stride);
            for (to, from) in rows.zip(plane.chunks_exact(row)) {
                to[..row].copy_from_slice(from);
            }
        }
        self.push_frame(&mut picture)
    }

    pub(super) fn push_frame(&mut self, picture: &mut frame::Video) -> Result<(), StudioError> {
        picture.set_pts(Some(self.sent));
        self.sent += 1;
        self.inner.send_frame(picture)?;
        self.collect();
        Ok(())
    }

    /// All access units, in order.
    pub(super) fn finish(mut self) -> Result<Vec<Vec<u8>>, StudioError> {
        self.inner.send_eof()?;
        self.collect();
        Ok(self.units)
    }

    fn collect(&mut self) {
        let mut packet = Packet::empty();
        while self.inner.receive_packet(&mut packet).is_ok() {
            self.units.push(plain(self.codec, packet.data().unwrap_or_default()));
        }
    }
}

/// The unit without SEI and delimiters: encoders sign their first picture, which would make it
/// unlike its repetitions.
pub(super) fn plain(codec: Codec, access_unit: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(access_unit.len());
    for unit in nal::units(access_unit) {
        let Some(first) = unit.first() else { continue };
        let extra = match codec {
            Codec::H265 => matches!(first >> 1 & 0x3f, 35..=40),
            _ => matches!(first & 0x1f, 6 | 9 | 12),
        };
        if !extra {
            out.extend_from_slice(&[0, 0, 0, 1]);
            out.extend_from_slice(unit);
        }
    }
    out
}
