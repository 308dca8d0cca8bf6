//! A camera's figures, gathered over a minute for plots.

use std::time::Duration;

use crate::{domain::history::Figures, worker::message::StreamStats};

/// What came of one minute so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Minute {
    seconds: f64,
    frames: u64,
    bits: u64,
    packets: u64,
    packets_lost: u64,
    jitter_ms: Mean,
    keyframe_interval: Option<Duration>,
    clock_offset_s: Option<f64>,
    luma: Mean,
    sharpness: Mean,
}

#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    of: u32,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.of += 1;
    }

    fn value(self) -> Option<f32> {
        (self.of > 0).then(|| (self.sum / f64::from(self.of)) as f32)
    }
}

/// What a stream brought between two of its totals.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Brought {
    pub(super) seconds: f64,
    pub(super) frames: u64,
    pub(super) bits: u64,
    pub(super) packets: u64,
    pub(super) packets_lost: u64,
}

impl Brought {
    pub(super) fn between(elapsed: Duration, before: &StreamStats, now: &StreamStats) -> Self {
        let grown = |total: fn(&StreamStats) -> u64| total(now).saturating_sub(total(before));
        Self {
            // Totals come once a second; two at once would make a rate of nothing.
            seconds: elapsed.as_secs_f64().max(0.1),
            frames: grown(|stats| stats.frames),
            bits: 8 * grown(|stats| stats.bytes),
            packets: grown(|stats| stats.packets),
            packets_lost: grown(|stats| stats.packets_lost),
        }
    }

    pub(super) fn frame_rate(&self) -> f64 {
        self.frames as f64 / self.seconds
    }

    pub(super) fn bitrate(&self) -> f64 {
        self.bits as f64 / self.seconds
    }
}

impl Minute {
    pub(super) fn stream(&mut self, brought: &Brought, stats: &StreamStats) {
        self.seconds += brought.seconds;
        self.frames += brought.frames;
        self.bits += brought.bits;
        self.packets += brought.packets;
        self.packets_lost += brought.packets_lost;
        self.jitter_ms.add(stats.jitter.as_secs_f64() * 1000.0);
        self.keyframe_interval = stats.keyframe_interval.or(self.keyframe_interval);
        self.clock_offset_s = stats.clock.map(|clock| clock.offset_s).or(self.clock_offset_s);
    }

    pub(super) fn picture(&mut self, luma: f32, sharpness: Option<f32>) {
        self.luma.add(luma.into());
        if let Some(sharpness) = sharpness {
            self.sharpness.add(sharpness.into());
        }
    }

    /// The minute is over: its figures, if anything came.
    pub(super) fn take(&mut self) -> Option<Figures> {
        let minute = std::mem::take(self);
        let seen = minute.seconds > 0.0;
        let rate = |total: u64| seen.then(|| (total as f64 / minute.seconds) as f32);
        let sent = minute.packets + minute.packets_lost;
        let figures = Figures {
            frame_rate: rate(minute.frames),
            bitrate: rate(minute.bits),
            loss_percent: (sent > 0)
                .then(|| (100.0 * minute.packets_lost as f64 / sent as f64) as f32),
            jitter_ms: minute.jitter_ms.value(),
            keyframe_interval_s: minute.keyframe_interval.map(|interval| interval.as_secs_f32()),
            clock_offset_s: minute.clock_offset_s.map(|offset| offset as f32),
            luma: minute.luma.value(),
            sharpness: minute.sharpness.value(),
        };
        (figures != Figures::default()).then_some(figures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_without_a_word_of_the_stream_has_no_figures_and_one_with_losses_tells_them() {
        let mut minute = Minute::default();
        assert_eq!(minute.take(), None);
        let totals = |n: u64| StreamStats {
            bytes: 50_000 * n,
            frames: 12 * n,
            packets: 95 * n,
            packets_lost: 5 * n,
            jitter: Duration::from_millis(n),
            ..StreamStats::default()
        };
        for n in 1..=3 {
            let (before, now) = (totals(n - 1), totals(n));
            minute.stream(&Brought::between(Duration::from_secs(1), &before, &now), &now);
        }
        let figures = minute.take().expect("figures");
        assert_eq!((figures.frame_rate, figures.bitrate), (Some(12.0), Some(400_000.0)));
        assert_eq!((figures.loss_percent, figures.jitter_ms), (Some(5.0), Some(2.0)));
        assert_eq!((figures.keyframe_interval_s, figures.luma), (None, None));
        assert_eq!(minute.take(), None, "the next minute begins with nothing");
    }
}
