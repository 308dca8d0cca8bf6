//! Real footage: H.264 and H.265 without B-frames is served as it is, all else is coded anew.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use ffmpeg_next::{
    Rescale, codec, encoder, format, frame, media,
    software::scaling::{self, flag::Flags},
};

use super::{
    encode::{Coded, CodedFrame, Encoder, plain},
    recipe::Take,
    studio::StudioError,
};
use crate::{
    domain::{
        media::{Codec, StreamKind},
        nal,
    },
    sim::scene::Trouble,
};

/// No more than this of a file is served: it bounds memory, and a wall needs no films.
const LENGTH_MAX_US: i64 = 120_000_000;

/// The widest file that is served as a small stream without being scaled.
const SUB_WIDTH_MAX: u32 = 720;

/// Reads a file as one stream of a camera.
pub(super) fn read(
    file: &Path,
    stream: StreamKind,
    scratch: &Path,
    key: &str,
    stop: &AtomicBool,
) -> Result<Coded, StudioError> {
    if let Some(coded) = as_it_is(file, stream, scratch, key)? {
        return Ok(coded);
    }
    anew(file, stream, stop)
}

/// The file's own access units, when they can be sent in order and start with a keyframe.
fn as_it_is(
    file: &Path,
    stream: StreamKind,
    scratch: &Path,
    key: &str,
) -> Result<Option<Coded>, StudioError> {
    let mut input = format::input(file)?;
    let Some(video) = input.streams().best(media::Type::Video) else {
        return Err(StudioError::NoVideo { file: file.to_owned() });
    };
    let (codec, muxer) = match video.parameters().id() {
        codec::Id::H264 => (Codec::H264, "h264"),
        codec::Id::HEVC => (Codec::H265, "hevc"),
        _ => return Ok(None),
    };
    let width = codec::Context::from_parameters(video.parameters())?.decoder().video()?.width();
    if stream == StreamKind::Sub && width > SUB_WIDTH_MAX {
        return Ok(None);
    }
    // A file keeps parameter sets apart and lengths in front of units; FFmpeg's raw muxers put
    // both into the form that goes over RTP.
    let index = video.index();
    let time_base = video.time_base();
    std::fs::create_dir_all(scratch).map_err(|_| ffmpeg_next::Error::External)?;
    let raw = scratch.join(format!("{key}.{}.raw", std::process::id()));
    let mut output = format::output_as(&raw, muxer)?;
    let mut copy = output.add_stream(encoder::find(codec::Id::None))?;
    copy.set_parameters(video.parameters());
    let _ = output.write_header()?;
    let mut times = Vec::new();
    let mut in_order = true;
    for (of, mut packet) in input.packets() {
        if of.index() != index {
            continue;
        }
        let (Some(pts), Some(dts)) = (packet.pts(), packet.dts()) else {
            in_order = false;
            break;
        };
        let at_us = pts.rescale(time_base, (1, 1_000_000));
        in_order &= pts == dts && times.last().is_none_or(|last| *last < at_us);
        if !in_order || times.first().is_some_and(|first| at_us - first > LENGTH_MAX_US) {
            break;
        }
        times.push(at_us);
        packet.set_stream(0);
        packet.set_position(-1);
        packet.write_interleaved(&mut output)?;
    }
    output.write_trailer()?;
    drop(output);
    let units = if in_order { raw_units(&raw, muxer, codec) } else { Ok(Vec::new()) };
    let _ = std::fs::remove_file(&raw);
    let units = units?;
    let starts_with_keyframe = units.first().is_some_and(|unit| nal::is_random_access(codec, unit));
    if units.len() != times.len() || units.len() < 2 || !starts_with_keyframe {
        return Ok(None);
    }
    let origin = times[0];
    let frame_us = (times[times.len() - 1] - origin) / (times.len() as i64 - 1);
    let at = |at: &i64| u64::try_from(at - origin).unwrap_or(0);
    Ok(Some(Coded {
        codec,
        duration_us: at(&times[times.len() - 1]) + u64::try_from(frame_us).unwrap_or(40_000),
        frames: times
            .iter()
            .zip(units)
            .map(|(time, data)| CodedFrame { at_us: at(time), data })
            .collect(),
    }))
}

fn raw_units(raw: &Path, muxer: &str, codec: Codec) -> Result<Vec<Vec<u8>>, StudioError> {
    let mut input = format::input(raw)?;
    tracing::debug!(muxer, "reading footage");
    Ok(input.packets().map(|(_, packet)| plain(codec, packet.data().unwrap_or_default())).collect())
}

/// Decodes and encodes a file in the ordinary size and rhythm of a stream.
fn anew(file: &Path, stream: StreamKind, stop: &AtomicBool) -> Result<Coded, StudioError> {
    let mut input = format::input(file)?;
    let Some(video) = input.streams().best(media::Type::Video) else {
        return Err(StudioError::NoVideo { file: file.to_owned() });
    };
    let (index, time_base) = (video.index(), video.time_base());
    let mut decoder = codec::Context::from_parameters(video.parameters())?.decoder().video()?;
    let (wide, high) = (decoder.width().max(2), decoder.height().max(2));
    let (width, frame_us, kbit_per_s) = match stream {
        StreamKind::Sub => (640.min(wide), 80_000_u64, 400),
        StreamKind::Main => (wide.min(1_920), 40_000, 2_500),
    };
    let width = width & !1;
    let height = (u64::from(high) * u64::from(width) / u64::from(wide)) as u32 & !1;
    let take = Take {
        width,
        height,
        frames: 0,
        frame_us,
        keyframe_every: (2_000_000 / frame_us) as u32,
        kbit_per_s,
        trouble: Trouble::None,
        still_at_ms: None,
        blank: false,
    };
    let mut encoder = Encoder::open(Codec::H264, &take)?;
    let mut scaler = scaling::Context::get(
        decoder.format(),
        wide,
        high,
        format::Pixel::YUV420P,
        width,
        height,
        Flags::AREA,
    )?;
    let (mut picture, mut scaled) = (frame::Video::empty(), frame::Video::empty());
    let (mut origin, mut next) = (None, 0_i64);
    let mut ended = false;
    let mut packets = input.packets();
    while !ended && !stop.load(Ordering::Relaxed) {
        match packets.next() {
            Some((of, packet)) if of.index() == index => {
                // A damaged packet in a file costs its picture, not the clip.
                let _ = decoder.send_packet(&packet);
            }
            Some(_) => continue,
            None => {
                ended = true;
                decoder.send_eof()?;
            }
        }
        while decoder.receive_frame(&mut picture).is_ok() {
            let at = picture.timestamp().unwrap_or(0).rescale(time_base, (1, 1_000_000));
            let at = at - *origin.get_or_insert(at);
            ended |= at > LENGTH_MAX_US;
            if at < next {
                continue;
            }
            scaler.run(&picture, &mut scaled)?;
            while next <= at {
                encoder.push_frame(&mut scaled)?;
                next += frame_us as i64;
            }
        }
    }
    let units = encoder.finish()?;
    if units.is_empty() {
        return Err(StudioError::NoVideo { file: file.to_owned() });
    }
    Ok(Coded {
        codec: Codec::H264,
        duration_us: units.len() as u64 * frame_us,
        frames: units
            .into_iter()
            .enumerate()
            .map(|(n, data)| CodedFrame { at_us: n as u64 * frame_us, data })
            .collect(),
    })
}
