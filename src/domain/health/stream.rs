//! Whether the small stream is what was ordered, and what it was.

use std::time::{Duration, Instant};

use super::{
    Learnt, StreamOrder,
    cause::Cause,
    figures::Figures,
    norm::{self, Norm},
};
use crate::domain::media::{Codec, StreamFormat};

/// A format that was just replaced still counts for so long: a camera that changes to and fro is
/// not sending what it should, though half the time it is.
const LINGERS: Duration = Duration::from_secs(10);
/// Another format than the learnt one is believed after so long.
const BELIEVED: Duration = norm::LOWER;
/// Measured over ten seconds, a rate may be short of what is ordered by this share.
const RATE_SHORT: f64 = 0.95;
/// … and a bitrate, over half a minute, be above it by this.
const BITRATE_OVER: f64 = 1.1;

/// What is known of a camera's stream.
#[derive(Clone, Debug, Default)]
pub(super) struct Stream {
    format: Option<StreamFormat>,
    /// What it was before, and when it changed.
    before: Option<(StreamFormat, Instant)>,
    usual: Option<StreamFormat>,
    /// The format is not the usual one since.
    other_since: Option<Instant>,
    frame_rate: Norm,
    bitrate: Norm,
}

impl Stream {
    /// With what was learnt before.
    pub(super) fn new(learnt: &Learnt) -> Self {
        Self {
            usual: learnt.format.clone(),
            frame_rate: Norm::new(learnt.frame_rate),
            bitrate: Norm::new(learnt.bitrate),
            ..Self::default()
        }
    }

    /// What the stream carries was told.
    pub(super) fn format(&mut self, now: Instant, format: StreamFormat) {
        let usual = self.usual.get_or_insert_with(|| format.clone());
        if *usual == format {
            self.other_since = None;
        } else {
            self.other_since.get_or_insert(now);
        }
        let before =
            self.format.replace(format).filter(|before| Some(before) != self.format.as_ref());
        self.before = before.map(|before| (before, now)).or_else(|| self.before.take());
    }

    /// Its figures came.
    pub(super) fn figures(&mut self, now: Instant, figures: &Figures) {
        if !figures.teach() {
            return;
        }
        if let Some(rate) = figures.frame_rate() {
            self.frame_rate.learn(now, rate);
        }
        if let Some(bitrate) = figures.bitrate() {
            self.bitrate.learn(now, bitrate);
        }
    }

    /// It is right as it is.
    pub(super) fn confirm(&mut self, figures: &Figures) {
        self.usual.clone_from(&self.format);
        (self.before, self.other_since) = (None, None);
        if let Some(rate) = figures.frame_rate() {
            self.frame_rate.take(rate);
        }
        if let Some(bitrate) = figures.bitrate() {
            self.bitrate.take(bitrate);
        }
    }

    /// A day makes another format the usual one.
    pub(super) fn tick(&mut self, now: Instant) {
        if self.other_since.is_some_and(|since| now.saturating_duration_since(since) >= BELIEVED) {
            self.usual.clone_from(&self.format);
            self.other_since = None;
        }
    }

    /// When time alone changes something.
    pub(super) fn deadlines(&self) -> [Option<Instant>; 2] {
        let lingers = self.before.as_ref().and_then(|(_, at)| at.checked_add(LINGERS));
        [lingers, self.other_since.and_then(|since| since.checked_add(BELIEVED))]
    }

    /// Whether fewer frames come than are ordered, or than are usual.
    pub(super) fn low_frame_rate(&self, figures: &Figures, order: &StreamOrder) -> Cause {
        let Some(rate) = figures.frame_rate() else { return Cause::Unknown };
        let ordered = order.frame_rate_min.filter(|least| rate < RATE_SHORT * f64::from(*least));
        let usual = self.frame_rate.told().filter(|usual| rate < norm::OTHER * usual);
        let than = match (ordered, usual) {
            (Some(least), _) => format!("{least} are ordered"),
            (None, Some(usual)) => format!("{usual:.1} are usual"),
            (None, None) => return Cause::absent(),
        };
        Cause::measured(format!("{rate:.1} frames a second; {than}"), rate)
    }

    /// Whether the stream is another one than is ordered, or than it was.
    pub(super) fn changed(&self, now: Instant, figures: &Figures, order: &StreamOrder) -> Cause {
        let Some(format) = &self.format else { return Cause::Unknown };
        let lingering = |at: Instant| now.saturating_duration_since(at) < LINGERS;
        let before =
            self.before.as_ref().filter(|(_, at)| lingering(*at)).map(|(before, _)| before);
        for format in [Some(format), before].into_iter().flatten() {
            if let Some(ordered) = ordered_otherwise(order, format) {
                return Cause::told(format!(
                    "the stream is {}; ordered is {ordered}",
                    name(format)
                ));
            }
            if let Some(usual) = self.usual.as_ref().filter(|usual| *usual != format) {
                return Cause::told(format!(
                    "the stream is {}; it was {}",
                    name(format),
                    name(usual)
                ));
            }
        }
        let most = order.bitrate_max_kbit.map(f64::from);
        match (figures.bitrate().map(|bitrate| bitrate / 1000.0), most) {
            (Some(kbit), Some(most)) if kbit > BITRATE_OVER * most => {
                let words =
                    format!("the stream takes {kbit:.0} kbit/s; ordered is at most {most:.0}");
                Cause::measured(words, kbit)
            }
            _ => Cause::absent(),
        }
    }

    /// What was learnt of it.
    pub(super) fn learnt(&self) -> Learnt {
        Learnt {
            frame_rate: self.frame_rate.told(),
            bitrate: self.bitrate.told(),
            format: self.usual.clone(),
            ..Learnt::default()
        }
    }
}

/// What of the order a format is not.
fn ordered_otherwise(order: &StreamOrder, format: &StreamFormat) -> Option<String> {
    let codec =
        order.codec.filter(|codec| *codec != format.codec).map(|c| codec_name(c).to_owned());
    let profile = order.profile.clone().filter(|profile| {
        let begins = format.codec_string.get(..profile.len());
        !begins.is_some_and(|begins| begins.eq_ignore_ascii_case(profile))
    });
    let size = |ordered: Option<u32>, is: u32| ordered.is_some_and(|ordered| ordered != is);
    let size = (size(order.width, format.width) || size(order.height, format.height)).then_some(
        match (order.width, order.height) {
            (Some(width), Some(height)) => format!("{width}x{height}"),
            (Some(width), None) => format!("{width} wide"),
            (None, Some(height)) => format!("{height} high"),
            (None, None) => String::new(),
        },
    );
    let ordered: Vec<String> = [codec, profile, size].into_iter().flatten().collect();
    (!ordered.is_empty()).then(|| ordered.join(", "))
}

fn name(format: &StreamFormat) -> String {
    let StreamFormat { codec, codec_string, width, height } = format;
    format!("{} ({codec_string}), {width}x{height}", codec_name(*codec))
}

fn codec_name(codec: Codec) -> &'static str {
    match codec {
        Codec::H264 => "H.264",
        Codec::H265 => "H.265",
        Codec::Mjpeg => "Motion JPEG",
    }
}
