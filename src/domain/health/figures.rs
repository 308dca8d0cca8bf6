//! A stream's figures over the last half minute: what is lost, and how much comes.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{StreamFigures, cause::Cause};

/// Loss and bitrate are taken over so long.
const LONG: Duration = Duration::from_secs(30);
/// Frame rate is taken over so long.
const SHORT: Duration = Duration::from_secs(10);
/// A second's figures each; more often than they should come, the oldest are dropped.
const SECONDS_MAX: usize = 64;
/// Fewer figures than this say nothing about a rate.
const SECONDS_LEAST: usize = 5;

/// From so many a usual value is learnt: a camera may begin with a burst.
const SECONDS_TO_LEARN: usize = 8;

/// A loss of one in a hundred costs about one picture in a second, as each has tens of packets.
const LOSS_MAX_PERCENT: f64 = 1.0;
/// In so many different seconds: one burst, as when a radio link changes its channel, is over.
const LOSSY_SECONDS: usize = 3;

/// The newest figures of the session that runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    /// Newest last; not older than [`LONG`], and at most [`SECONDS_MAX`].
    seconds: VecDeque<(Instant, StreamFigures)>,
}

impl Figures {
    /// Figures came.
    pub(super) fn apply(&mut self, now: Instant, figures: StreamFigures) {
        self.seconds.push_back((now, figures));
        while self.seconds.len() > SECONDS_MAX
            || self.seconds.front().is_some_and(|(at, _)| now.saturating_duration_since(*at) > LONG)
        {
            self.seconds.pop_front();
        }
    }

    /// The session is over.
    pub(super) fn clear(&mut self) {
        self.seconds.clear();
    }

    /// Whether packets are missing.
    pub(super) fn loss(&self) -> Cause {
        let lost: u64 = self.seconds.iter().map(|(_, figures)| figures.packets_lost).sum();
        let came: u64 = self.seconds.iter().map(|(_, figures)| figures.packets).sum();
        if self.seconds.is_empty() {
            return Cause::Unknown;
        }
        let lossy = self.seconds.iter().filter(|(_, figures)| figures.packets_lost > 0).count();
        let percent = 100.0 * lost as f64 / (lost + came).max(1) as f64;
        if percent < LOSS_MAX_PERCENT || lossy < LOSSY_SECONDS {
            return Cause::absent();
        }
        let words =
            format!("{percent:.0} % of the RTP packets were lost over {} s", LONG.as_secs());
        Cause::measured(words, percent)
    }

    /// Whether there are enough of them to learn from.
    pub(super) fn teach(&self) -> bool {
        self.seconds.len() >= SECONDS_TO_LEARN
    }

    /// Frames per second, over the last ten seconds.
    pub(super) fn frame_rate(&self) -> Option<f64> {
        let (newest, _) = self.seconds.back()?;
        let lately = |at: Instant| newest.saturating_duration_since(at) < SHORT;
        let lately = self.seconds.iter().filter(|(at, _)| lately(*at));
        mean(lately.map(|(_, figures)| figures.frame_rate))
    }

    /// Bits per second, over the last half minute.
    pub(super) fn bitrate(&self) -> Option<f64> {
        mean(self.seconds.iter().map(|(_, figures)| figures.bitrate))
    }
}

/// Of enough values that are numbers.
fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    (values.len() >= SECONDS_LEAST).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
