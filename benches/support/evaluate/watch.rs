//! A camera's judge and its ladder, in virtual time: what a person would be told.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use watchwall::domain::{
    camera::Condition,
    health::{Health, HealthPolicy, Learnt, Observation},
    picture::{Judge, Measures, PicturePolicy, References},
    time::UnixMicros,
};

use crate::effect::CONDITIONS;

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
    /// When the judge found it first, seconds.
    pub(crate) found_s: f64,
    /// When it was raised, seconds.
    pub(crate) raised_s: f64,
    /// When it was cleared, if it was.
    pub(crate) cleared_s: Option<f64>,
    /// As it was raised.
    pub(crate) evidence: String,
}

/// A judge, a ladder, and what was raised.
#[derive(Clone)]
pub(crate) struct Watch {
    judge: Judge,
    health: Health,
    calendar: Calendar,
    /// Until when the ladder has been asked, seconds; nothing before the first keyframe.
    asked_s: Option<f64>,
    /// Since when the judge finds what it finds, seconds, and whether it stands.
    found: BTreeMap<Condition, (f64, bool)>,
    /// All that was ever raised, in order.
    pub(crate) episodes: Vec<Episode>,
    /// Findings that went before they were raised.
    pub(crate) blips: BTreeMap<Condition, u32>,
}

impl Watch {
    /// Of a camera that is not known yet, from `at_s` on.
    pub(crate) fn new(calendar: Calendar, at_s: f64) -> Self {
        let begun = calendar.at(at_s).0;
        Self {
            judge: Judge::new(PicturePolicy::default(), References::default()),
            health: Health::new(HealthPolicy::default(), Learnt::default(), begun),
            calendar,
            asked_s: None,
            found: BTreeMap::new(),
            episodes: Vec::new(),
            blips: BTreeMap::new(),
        }
    }

    /// Shows the judge a keyframe; what it finds now, in words.
    pub(crate) fn see(&mut self, at_s: f64, measures: &Measures) -> Vec<(Condition, String)> {
        self.pass(at_s);
        let (now, unix) = self.calendar.at(at_s);
        self.judge.apply(now, unix, measures);
        let findings = self.judge.findings();
        let all: Vec<(Condition, String)> =
            findings.iter().map(|f| (f.condition, f.evidence.clone())).collect();
        for (condition, _) in &all {
            self.found.entry(*condition).or_insert((at_s, false));
        }
        let blips = &mut self.blips;
        self.found.retain(|condition, (_, raised)| {
            let still = all.iter().any(|(found, _)| found == condition);
            if !still && !*raised {
                *blips.entry(*condition).or_default() += 1;
            }
            still
        });
        for observation in [
            Observation::Packets { ago: Duration::ZERO },
            Observation::Picture,
            Observation::Findings(findings),
        ] {
            self.health.apply(now, observation);
        }
        self.asked_s = Some(at_s);
        self.ask(at_s);
        all
    }

    /// Lets time go by, a second at a time, while packets flow.
    pub(crate) fn pass(&mut self, until_s: f64) {
        let Some(mut at_s) = self.asked_s else { return };
        while at_s + 1.0 < until_s {
            at_s += 1.0;
            let now = self.calendar.at(at_s).0;
            self.health.apply(now, Observation::Packets { ago: Duration::ZERO });
            self.ask(at_s);
        }
        self.asked_s = Some(at_s);
    }

    /// Asks the ladder what stands.
    fn ask(&mut self, at_s: f64) {
        let verdict = self.health.verdict(self.calendar.at(at_s).0);
        for condition in CONDITIONS {
            let standing = verdict.standing.iter().find(|s| s.condition == condition);
            // Not the found set alone: what is found again before it was cleared is the same one.
            let open = self
                .episodes
                .iter_mut()
                .rfind(|e| e.condition == condition && e.cleared_s.is_none());
            match (standing, open) {
                (None, Some(open)) => open.cleared_s = Some(at_s),
                (Some(standing), None) if !standing.hidden => {
                    let found = self.found.get(&condition);
                    let found_s = found.map_or(at_s, |(found_s, _)| *found_s);
                    self.episodes.push(Episode {
                        condition,
                        found_s,
                        raised_s: at_s,
                        cleared_s: None,
                        evidence: standing.evidence.clone(),
                    });
                }
                _ => {}
            }
            if let (Some(_), Some((_, raised))) = (standing, self.found.get_mut(&condition)) {
                *raised = true;
            }
        }
    }
}
