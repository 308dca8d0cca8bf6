//! A camera's judge behind the delays of the ladder, in virtual time.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use watchwall::domain::{
    camera::Condition,
    health::ConditionPolicy,
    picture::{Judge, Measures, PicturePolicy, References},
    time::UnixMicros,
};

/// Virtual time: seconds of the camera's local day, going on past midnight, as a judge is told them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calendar {
    origin: Instant,
    midnight: UnixMicros,
}

impl Calendar {
    pub(crate) fn new() -> Self {
        // 23 November 2026, 00:00 UTC, less what the local clock is ahead.
        let ahead_s = i64::from(PicturePolicy::default().utc_offset_min) * 60;
        let midnight = UnixMicros(((1_795_392_000 - ahead_s) * 1_000_000) as u64);
        Self { origin: Instant::now(), midnight }
    }

    fn at(self, at_s: f64) -> (Instant, UnixMicros) {
        let passed = Duration::from_secs_f64(at_s);
        (self.origin + passed, self.midnight.plus(passed))
    }
}

/// A condition that was raised.
#[derive(Clone, Debug)]
pub(crate) struct Episode {
    pub(crate) condition: Condition,
    /// When it was first found, seconds.
    pub(crate) found_s: f64,
    /// When it was raised, seconds.
    pub(crate) raised_s: f64,
    /// When it was cleared, if it was.
    pub(crate) cleared_s: Option<f64>,
    /// As it was found last before it was raised.
    pub(crate) evidence: String,
}

#[derive(Clone, Debug)]
struct Timer {
    found_s: f64,
    /// Of findings without a break.
    gone_s: Option<f64>,
    /// Which of the episodes it is.
    raised: Option<usize>,
    evidence: String,
}

/// A judge, and what it would have had a person told.
#[derive(Clone)]
pub(crate) struct Watch {
    judge: Judge,
    calendar: Calendar,
    timers: BTreeMap<Condition, Timer>,
    /// All that was ever raised, in order.
    pub(crate) episodes: Vec<Episode>,
    /// Findings that went before they were raised.
    pub(crate) blips: BTreeMap<Condition, u32>,
}

impl Watch {
    pub(crate) fn new(calendar: Calendar) -> Self {
        Self {
            judge: Judge::new(PicturePolicy::default(), References::default()),
            calendar,
            timers: BTreeMap::new(),
            episodes: Vec::new(),
            blips: BTreeMap::new(),
        }
    }

    /// Shows the judge a keyframe; what it finds now, in words.
    pub(crate) fn see(&mut self, at_s: f64, measures: &Measures) -> Vec<(Condition, String)> {
        self.pass(at_s);
        let (now, unix) = self.calendar.at(at_s);
        self.judge.apply(now, unix, measures);
        let findings: Vec<(Condition, String)> =
            self.judge.findings().into_iter().map(|f| (f.condition, f.evidence)).collect();
        for (condition, evidence) in &findings {
            let timer = self.timers.entry(*condition).or_insert_with(|| Timer {
                found_s: at_s,
                gone_s: None,
                raised: None,
                evidence: evidence.clone(),
            });
            timer.gone_s = None;
            timer.evidence.clone_from(evidence);
        }
        let blips = &mut self.blips;
        self.timers.retain(|condition, timer| {
            if findings.iter().any(|(found, _)| found == condition) {
                return true;
            }
            timer.gone_s.get_or_insert(at_s);
            if timer.raised.is_none() {
                *blips.entry(*condition).or_default() += 1;
            }
            timer.raised.is_some()
        });
        self.pass(at_s);
        findings
    }

    /// Lets the delays run until then.
    pub(crate) fn pass(&mut self, until_s: f64) {
        let episodes = &mut self.episodes;
        self.timers.retain(|condition, timer| {
            let policy = ConditionPolicy::of(*condition);
            if !policy.watch {
                return false;
            }
            let raise_s = timer.found_s + policy.raise_after.as_secs_f64();
            if timer.raised.is_none() && timer.gone_s.is_none() && raise_s <= until_s {
                timer.raised = Some(episodes.len());
                episodes.push(Episode {
                    condition: *condition,
                    found_s: timer.found_s,
                    raised_s: raise_s,
                    cleared_s: None,
                    evidence: timer.evidence.clone(),
                });
            }
            if let (Some(gone_s), Some(raised)) = (timer.gone_s, timer.raised) {
                let clear_s = gone_s + policy.clear_after.as_secs_f64();
                if clear_s <= until_s {
                    episodes[raised].cleared_s = Some(clear_s);
                    return false;
                }
            }
            true
        });
    }
}
