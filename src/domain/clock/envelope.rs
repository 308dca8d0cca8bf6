//! The line that a clock's reports lie on or under.
//!
//! A report says "it is now so late here" and then travels: it can come late, never early. Of
//! points (when it came, what it said less when it came) only the least delayed ones tell the
//! clock, and they are the upper edge of all. The slope of the tightest line above them is the
//! drift (S. B. Moon, P. Skelly, D. Towsley: Estimation and Removal of Clock Skew from Network
//! Delay Measurements, INFOCOM 1999); delays of any size below it do not move it.

/// One report.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    /// When it came, seconds on the monotonic clock.
    pub(super) t: f64,
    /// What it said less `t`, seconds.
    pub(super) y: f64,
}

/// The clock as the samples tell it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Line {
    /// The newest sample's time.
    t: f64,
    /// The line's height there.
    level: f64,
    /// Seconds per second.
    slope: f64,
    slope_error: f64,
    /// How late even the least delayed of the recent samples may be, seconds.
    late: f64,
    /// How old the sample is that the line rests on, seconds.
    rests: f64,
    /// Whether the slope was measured.
    pub(super) measured: bool,
}

/// How fast a clock may run wrong before that is measured. Crystals keep within 100 ppm; the clock
/// of a camera that is being slewed to its time server, within 500.
const DRIFT_MAX: f64 = 500e-6;

/// The level is that of the last minute: a clock that is being slewed bends the line.
const RECENT_S: f64 = 60.0;
/// And of so many samples at least.
const RECENT_MIN: usize = 6;

/// A single sample may be late by this for all we know.
const ALONE_LATE_S: f64 = 0.5;

/// A drift is worth telling from an error of 100 ppm on: that is 9 s a day, a bad crystal.
const SLOPE_ERROR_MAX: f64 = 100e-6;

/// Fewer samples, or a shorter time, tell no drift.
const SLOPE_SAMPLES: usize = 10;
const SLOPE_SPAN_S: f64 = 30.0;

/// Reports are stamped and received to no better than this, seconds.
const STAMP_S: f64 = 0.001;

impl Line {
    /// Above these samples, oldest first; `None` without any.
    pub(super) fn above(samples: &[Sample]) -> Option<Self> {
        let newest = samples.last()?;
        let (slope, slope_error) = slope(samples)
            .filter(|(_, error)| *error <= SLOPE_ERROR_MAX)
            .map_or((0.0, None), |(slope, error)| (slope, Some(error)));
        let since = samples.partition_point(|sample| sample.t < newest.t - RECENT_S);
        let recent = &samples[since.min(samples.len().saturating_sub(RECENT_MIN))..];
        let height = |sample: &Sample| sample.y + slope * (newest.t - sample.t);
        let highest = recent.iter().max_by(|a, b| height(a).total_cmp(&height(b)))?;
        let level = height(highest);
        let residuals = recent.iter().map(|sample| level - height(sample)).collect();
        Some(Self {
            t: newest.t,
            level,
            slope,
            slope_error: slope_error.unwrap_or(DRIFT_MAX),
            late: lateness(residuals),
            rests: newest.t - highest.t,
            measured: slope_error.is_some(),
        })
    }

    /// Its height at a time.
    pub(super) fn at(&self, t: f64) -> f64 {
        self.level + self.slope * (t - self.t)
    }

    /// The true clock is at most this much above it then, seconds; as far as delays that all
    /// samples have in common do not hide it.
    pub(super) fn error_at(&self, t: f64) -> f64 {
        STAMP_S + self.late + self.slope_error * ((t - self.t).abs() + self.rests)
    }

    /// Its slope and that one's error, parts per million.
    pub(super) fn drift_ppm(&self) -> (f64, f64) {
        (self.slope * 1e6, self.slope_error * 1e6)
    }
}

/// How late the least delayed of some samples may be, by how late the others are against it. For
/// delays spread evenly up to D the best of n is later than 3 D / n once in twenty times, and half
/// of them are later than D / 2; for those of a queue that is a little less.
fn lateness(mut residuals: Vec<f64>) -> f64 {
    let n = residuals.len();
    if n < 2 {
        return ALONE_LATE_S;
    }
    residuals.sort_unstable_by(f64::total_cmp);
    6.0 * residuals[n / 2] / n as f64
}

/// The slope of the tightest line above all samples, and how far the true one may be from it.
fn slope(samples: &[Sample]) -> Option<(f64, f64)> {
    let (first, last) = (samples.first()?, samples.last()?);
    if samples.len() < SLOPE_SAMPLES || last.t - first.t < SLOPE_SPAN_S {
        return None;
    }
    let (left, right) = edge(samples)?;
    let slope = (right.y - left.y) / (right.t - left.t);
    let mut residuals: Vec<f64> =
        samples.iter().map(|sample| left.y + slope * (sample.t - left.t) - sample.y).collect();
    // If the line is right, each third of the samples comes near it. One that stays below tells of
    // a clock that was slewed or set a little, or of a network that was slow for long.
    let third = samples.len() / 3;
    let nearest = |thirds: &[f64]| thirds.iter().copied().fold(f64::INFINITY, f64::min);
    let apart = nearest(&residuals[..third])
        .max(nearest(&residuals[third..samples.len() - third]))
        .max(nearest(&residuals[samples.len() - third..]));
    residuals.sort_unstable_by(f64::total_cmp);
    // By simulation, in units of the median residual over n, for delays spread evenly, as in a
    // queue, and with spikes, n from 10 to 180: the slope times the span is off by more than 30
    // once in twenty times. A step of the clock in the middle leaves a third a sixth of what the
    // slope is then off by away.
    let unit = residuals[residuals.len() / 2] / residuals.len() as f64;
    let off = (30.0 * unit).max(6.0 * apart);
    Some((slope, (off + STAMP_S) / (last.t - first.t)))
}

/// The edge of the samples' upper hull that spans their mean time: the line through it is above
/// all samples, and nearest to them in sum.
fn edge(samples: &[Sample]) -> Option<(Sample, Sample)> {
    let mut hull: Vec<Sample> = Vec::new();
    for sample in samples {
        while let [.., a, b] = hull[..]
            && (b.t - a.t) * (sample.y - a.y) >= (b.y - a.y) * (sample.t - a.t)
        {
            hull.pop();
        }
        hull.push(*sample);
    }
    let mean = samples.iter().map(|sample| sample.t).sum::<f64>() / samples.len() as f64;
    hull.windows(2).map(|pair| (pair[0], pair[1])).find(|(_, right)| right.t >= mean)
}
