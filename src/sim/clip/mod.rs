//! Clips: coded loops of pictures, cut into RTP packets once and sent to any number of sessions.
//!
//! `recipe` says what to make, `encode` and `footage` make it, `cache` keeps it on disk, and
//! `studio` does all this on its own threads. A [`Clip`] knows no session: what differs between
//! sessions (channel, sequence number, time, source) is patched into a copy when it is sent.

mod cache;
mod encode;
mod footage;
#[cfg(test)]
mod judged;
mod packets;
mod recipe;
mod studio;

use std::sync::Arc;

pub(super) use encode::Coded;
pub(super) use packets::{HEAD, PAYLOAD_TYPE, Unit, fragment_head};
pub(super) use recipe::{Recipe, Variant};
pub(super) use studio::Studio;
pub use studio::StudioError;

use crate::domain::{media::Codec, nal};

/// A loop of access units, ready to be sent.
#[derive(Debug)]
pub(super) struct Clip {
    /// Its codec.
    pub(super) codec: Codec,
    /// The units in order.
    pub(super) units: Vec<Arc<Unit>>,
    /// When each unit is due after the loop's start, microseconds.
    pub(super) at_us: Vec<u64>,
    /// How long one pass takes.
    pub(super) duration_us: u64,
    /// The parameter sets of its first keyframe, without start codes.
    pub(super) parameter_sets: Vec<Vec<u8>>,
}

impl Clip {
    /// Cuts coded pictures into packets.
    pub(super) fn new(coded: &Coded) -> Self {
        let parameter_sets = coded.frames.first().map_or_else(Vec::new, |frame| {
            nal::units(&frame.data)
                .filter(|unit| is_parameter_set(coded.codec, unit))
                .map(<[u8]>::to_vec)
                .collect()
        });
        Self {
            codec: coded.codec,
            units: coded
                .frames
                .iter()
                .map(|frame| Arc::new(Unit::cut(coded.codec, &frame.data)))
                .collect(),
            at_us: coded.frames.iter().map(|frame| frame.at_us).collect(),
            duration_us: coded.duration_us,
            parameter_sets,
        }
    }

    /// The stretch of about `length_us` that starts with the keyframe before `from_us`, as a loop
    /// of its own: what a recorder sends who replays a piece of old footage. Near the clip's end it
    /// starts earlier, so that it is as long as anywhere else.
    pub(super) fn stretch(&self, from_us: u64, length_us: u64) -> Self {
        let from_us = from_us.min(self.duration_us.saturating_sub(length_us));
        let count = self.units.len();
        let start = (0..count)
            .rev()
            .find(|i| self.at_us[*i] <= from_us && self.units[*i].keyframe)
            .unwrap_or(0);
        let origin = self.at_us[start];
        let mut end = start + 1;
        while end < count && !(self.units[end].keyframe && self.at_us[end] - origin >= length_us) {
            end += 1;
        }
        let until = self.at_us.get(end).copied().unwrap_or(self.duration_us);
        Self {
            codec: self.codec,
            units: self.units[start..end].to_vec(),
            at_us: self.at_us[start..end].iter().map(|at| at - origin).collect(),
            duration_us: until - origin,
            parameter_sets: self.parameter_sets.clone(),
        }
    }

    /// One keyframe for ever, four times a second: a frozen picture for footage, of which no
    /// still can be drawn.
    pub(super) fn still(&self, from_us: u64) -> Self {
        let one = self.stretch(from_us, 0);
        Self { units: vec![one.units[0].clone()], at_us: vec![0], duration_us: 250_000, ..one }
    }
}

fn is_parameter_set(codec: Codec, unit: &[u8]) -> bool {
    let Some(first) = unit.first() else { return false };
    match codec {
        Codec::H264 => matches!(first & 0x1f, 7 | 8),
        Codec::H265 => matches!(first >> 1 & 0x3f, 32..=34),
        Codec::Mjpeg => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_as_long_at_the_clips_end_as_anywhere_else() {
        let unit =
            |keyframe| Arc::new(Unit { keyframe, wire: Box::default(), packets: Box::default() });
        let clip = Clip {
            codec: Codec::H264,
            units: (0..16).map(|n| unit(n % 2 == 0)).collect(),
            at_us: (0..16).map(|n| n * 1_000_000).collect(),
            duration_us: 16_000_000,
            parameter_sets: Vec::new(),
        };
        for from_s in 0..16 {
            let stretch = clip.stretch(from_s * 1_000_000, 4_000_000);
            assert_eq!(
                (stretch.duration_us, stretch.units.len()),
                (4_000_000, 4),
                "from {from_s} s"
            );
            assert!(stretch.units[0].keyframe);
        }
    }
}
