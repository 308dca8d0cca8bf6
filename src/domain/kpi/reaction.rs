//! How soon people react.

use serde::Serialize;

/// Times until people reacted, seconds. Of none there is no median.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Reaction {
    /// Of so many that somebody reacted to.
    pub of: u32,
    /// So many have no reaction yet. They are in no median: it says little while these are many.
    pub without: u32,
    /// Half took no longer.
    pub median_s: Option<f64>,
    /// 95 of a hundred took no longer (nearest rank).
    pub p95_s: Option<f64>,
    /// The longest.
    pub longest_s: Option<f64>,
}

impl Reaction {
    /// Of these times, seconds; `None` for each without reaction.
    pub fn of(times: impl Iterator<Item = Option<f64>>) -> Self {
        let (mut known, mut without) = (Vec::new(), 0);
        times.for_each(|time| match time {
            Some(time) => known.push(time),
            None => without += 1,
        });
        known.sort_by(f64::total_cmp);
        Self {
            of: u32::try_from(known.len()).unwrap_or(u32::MAX),
            without,
            median_s: rank(&known, 50),
            p95_s: rank(&known, 95),
            longest_s: known.last().copied(),
        }
    }
}

/// The least of the sorted that is not below so many per cent of them.
fn rank(sorted: &[f64], percent: usize) -> Option<f64> {
    let place = (sorted.len() * percent).div_ceil(100);
    sorted.get(place.checked_sub(1)?).copied()
}
