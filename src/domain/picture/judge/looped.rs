//! A recorded stretch that is replayed in place of the live one: pictures return in the order in
//! which they came before.
//!
//! Equal keyframes, by their bytes or samples, are certain. Pictures of a replay that is coded
//! anew are only nearly equal: nearer to the one a period ago than to any other, time after time.
//! That is told where keyframes fall on the same moments of each turn; where they do not, the
//! sequence returns only after many turns.
//!
//! A source that has returned since its very first pictures is a recording by nature (a test
//! source, a simulator): that is learnt, not told. Of such a one a loop is told when its own
//! pictures return sooner than they used to.

use std::{
    collections::{BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use super::{PicturePolicy, policy};
use crate::domain::picture::{Measures, measure::POINTS};

/// Keyframes remembered: 20 minutes of two seconds apart.
const REMEMBERED: usize = 600;
/// Every so many of the points are remembered.
const THINNED: usize = 4;
/// Keyframes that must have returned, where they are equal …
const EQUAL: u32 = 3;
/// … and where they are nearly equal; and twice the period.
const NEAR: u32 = 6;
/// Nearly equal: the mean difference is below this share of that to the pictures beside it …
const NEARER: f32 = 0.4;
/// … which is at least so many levels: in a picture where nothing moves, all are alike.
const LIVELY: f32 = 1.0;
/// Keyframes that did not return, to call it live again.
const LIVE: u32 = 2;
/// Pictures before the first that returned, of a source that is a recording by nature: it may have
/// been joined while something else was shown.
const BEFORE: usize = 2;
/// Pictures without a return over the longest loop there may be, to know a source as live for good.
const LIVED: usize = 60;
/// Two periods are the same if they differ by less than this share of the shorter one.
const SAME: f32 = 0.15;

/// What kind of source a camera is, as learnt; survives a restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Source {
    /// Not seen for long enough.
    #[default]
    Unknown,
    /// It was seen without any return.
    Live,
    /// A recording of so many seconds.
    Replay(f32),
}

impl Source {
    /// Whether pictures return after `length` because that is how this source is.
    fn explains(self, length: Duration) -> bool {
        let Self::Replay(period) = self else { return false };
        let turns = length.as_secs_f32() / period.max(1.0);
        turns > 0.5 && (turns - turns.round()).abs() < SAME
    }
}

/// The check.
#[derive(Clone, Debug, Default)]
pub(super) struct Looped {
    /// Newest last; bounded by [`REMEMBERED`] and by the longest loop of the policy, the oldest is
    /// forgotten.
    seen: VecDeque<Seen>,
    /// Of all that were ever seen.
    count: usize,
    /// Per distance in keyframes: how many in a row returned exactly, and how many nearly.
    runs: Vec<Run>,
    /// Pictures of a source that is a recording, by their samples; at most [`REMEMBERED`].
    own: BTreeSet<u64>,
    missed: u32,
    evidence: Option<String>,
}

/// Pictures that return.
#[derive(Clone, Copy, Debug)]
struct Found {
    /// After so long.
    length: Duration,
    /// They are equal, not only near.
    equal: bool,
    /// Pictures seen before the first that returned.
    before: usize,
}

#[derive(Clone, Debug)]
struct Seen {
    at: Instant,
    coded: u64,
    decoded: u64,
    points: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Run {
    equal: u32,
    near: u32,
}

impl Looped {
    /// Takes note of a picture.
    pub(super) fn apply(
        &mut self,
        now: Instant,
        measures: &Measures,
        policy: &PicturePolicy,
        source: &mut Source,
    ) {
        if !measures.keyframe {
            return;
        }
        let newest = Seen {
            at: now,
            coded: measures.coded,
            decoded: measures.decoded,
            points: measures.points.iter().copied().skip(THINNED / 2).step_by(THINNED).collect(),
        };
        // A picture that stands still returns too; that is another finding.
        if self.seen.back().is_some_and(|before| before.equals(&newest)) {
            return;
        }
        let far: Vec<f32> = self.seen.iter().rev().map(|seen| seen.far_from(&newest)).collect();
        self.runs.resize(far.len(), Run::default());
        let mut found = None;
        for (lag, (seen, run)) in self.seen.iter().rev().zip(&mut self.runs).enumerate() {
            let period = lag + 1;
            let equal = seen.equals(&newest);
            run.equal = if equal { run.equal + 1 } else { 0 };
            run.near = if equal || is_nearer(&far, lag) { run.near + 1 } else { 0 };
            let length = now.saturating_duration_since(seen.at);
            let enough = run.equal >= EQUAL || run.near >= NEAR.max(2 * period as u32);
            if found.is_none() && period > 1 && enough && length <= policy.loop_max {
                let returned = if run.equal >= EQUAL { run.equal } else { run.near } as usize;
                let before = self.count.saturating_sub(period + returned - 1);
                found = Some(Found { length, equal: run.equal >= EQUAL, before });
            }
        }
        let told = found.filter(|found| self.is_strange(*found, newest.decoded, source));
        match told {
            Some(Found { length, equal, .. }) => {
                self.missed = 0;
                let how = if equal { "exactly" } else { "without this camera's noise" };
                self.evidence.get_or_insert_with(|| {
                    format!("pictures return {how} every {:.0} s", length.as_secs_f32())
                });
            }
            None => {
                self.missed += 1;
                if self.missed >= LIVE {
                    self.evidence = None;
                }
            }
        }
        self.seen.push_back(newest);
        self.count += 1;
        let span = self.seen.front().map(|first| now.saturating_duration_since(first.at));
        if found.is_none()
            && *source == Source::Unknown
            && self.seen.len() >= LIVED
            && span.is_some_and(|span| span >= policy.loop_max)
        {
            *source = Source::Live;
        }
        let remembered = policy.loop_max + policy::LEEWAY;
        while self.seen.len() > REMEMBERED
            || self
                .seen
                .front()
                .is_some_and(|seen| now.saturating_duration_since(seen.at) > remembered)
        {
            self.seen.pop_front();
        }
    }

    /// Whether pictures that return are not what this source is like. Learns what it is like.
    fn is_strange(&mut self, found: Found, picture: u64, source: &mut Source) -> bool {
        if *source == Source::Unknown && found.equal && found.before <= BEFORE {
            *source = Source::Replay(found.length.as_secs_f32());
        }
        if source.explains(found.length) {
            if self.own.len() < REMEMBERED {
                self.own.insert(picture);
            }
            return false;
        }
        // What a recording shows that is not its own is a fault of another kind.
        !matches!(source, Source::Replay(_)) || self.own.contains(&picture)
    }

    /// What is said.
    pub(super) fn evidence(&self) -> Option<&str> {
        self.evidence.as_deref()
    }
}

/// Whether the picture is nearer to that one than to its neighbours and to its own.
fn is_nearer(far: &[f32], lag: usize) -> bool {
    let (Some(before), Some(after)) = (lag.checked_sub(1).map(|at| far[at]), far.get(lag + 1))
    else {
        return false;
    };
    let usual = far[0].min(before).min(*after);
    usual >= LIVELY && far[lag] < NEARER * usual
}

impl Seen {
    fn equals(&self, other: &Self) -> bool {
        self.coded == other.coded || self.decoded == other.decoded
    }

    /// Mean difference, levels.
    fn far_from(&self, other: &Self) -> f32 {
        let sum: u32 =
            self.points.iter().zip(&other.points).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
        sum as f32 / (POINTS / THINNED) as f32
    }
}
