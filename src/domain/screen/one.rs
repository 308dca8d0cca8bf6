//! One screen: what it said last, and what follows from that.

use std::{
    collections::{BTreeSet, HashMap},
    time::{Duration, Instant},
};

use super::{
    policy::ScreenPolicy,
    published::Published,
    report::{Fault, ScreenRef},
    watch::Change,
};
use crate::domain::camera::Handle;

#[derive(Debug)]
pub(super) struct Screen {
    pub(super) expected: bool,
    /// When it reported first; before that, since when a report is waited for.
    pub(super) since: Instant,
    awaited: Awaited,
    /// `None`: it has not reported yet.
    pub(super) heard: Option<Instant>,
    /// Its socket stands, as far as the service can tell.
    pub(super) connected: bool,
    pub(super) visible: bool,
    pub(super) tiles: HashMap<Handle, u32>,
    /// When one of its numbers moved last.
    pub(super) moved: Instant,
    /// Since when it has no tiles.
    pub(super) empty: Option<Instant>,
    /// Since when it says that its canvas is blank.
    pub(super) blank: Option<Instant>,
    /// What was published before that does not count: it had no chance to paint it.
    pub(super) fair: Instant,
    pub(super) standing: Option<Standing>,
}

/// What a first report has been waited for since.
#[derive(Clone, Copy, Debug)]
pub(super) enum Awaited {
    SinceStart,
    SinceConfigured,
}

/// A fault, since when, and why.
pub(super) type Found = (Fault, Instant, String);

#[derive(Debug)]
pub(super) struct Standing {
    pub(super) fault: Fault,
    pub(super) since: Instant,
    pub(super) evidence: String,
    /// Since when there was nothing wrong any more.
    pub(super) well: Option<Instant>,
}

impl Screen {
    /// One that has not reported yet.
    pub(super) fn new(now: Instant, awaited: Awaited) -> Self {
        Self {
            expected: false,
            since: now,
            awaited,
            heard: None,
            connected: false,
            visible: false,
            tiles: HashMap::new(),
            moved: now,
            empty: None,
            blank: None,
            fair: now,
            standing: None,
        }
    }

    /// It is missed from now on if it does not report.
    pub(super) fn expect(&mut self) {
        if !self.expected {
            // What was found of it before was told to nobody.
            (self.expected, self.standing) = (true, None);
        }
    }

    /// It has not reported, and still has time to.
    pub(super) fn has_time(&self, now: Instant, policy: &ScreenPolicy) -> bool {
        let waited = now.saturating_duration_since(self.since);
        self.heard.is_none() && waited < policy.first_report_within
    }

    /// It reports.
    pub(super) fn hear(&mut self, now: Instant, gone_after: Duration) {
        match self.heard.replace(now) {
            None => self.since = now,
            Some(heard) if now.saturating_duration_since(heard) < gone_after => return,
            Some(_) => {}
        }
        self.begin_anew(now);
    }

    /// How long nothing was heard of it.
    pub(super) fn silent(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.heard.unwrap_or(self.since))
    }

    /// It was away: what it shows is from before, and it is given the time of a new one.
    fn begin_anew(&mut self, now: Instant) {
        (self.moved, self.fair) = (now, now);
        (self.empty, self.blank) = (None, None);
    }

    /// The service itself stood still for so long.
    pub(super) fn excuse(&mut self, now: Instant, pause: Duration) {
        match &mut self.heard {
            Some(heard) => *heard = (*heard + pause).min(now),
            None => self.since = (self.since + pause).min(now),
        }
        self.begin_anew(now);
    }

    pub(super) fn judge(
        &self,
        now: Instant,
        policy: &ScreenPolicy,
        published: &Published,
        shows: Option<&BTreeSet<Handle>>,
    ) -> Option<Found> {
        let for_s = |since: Instant| now.saturating_duration_since(since).as_secs();
        let lasts = |since: &Instant, time| now.saturating_duration_since(*since) >= time;
        let Some(heard) = self.heard else {
            let since = match self.awaited {
                Awaited::SinceStart => "since the service started",
                Awaited::SinceConfigured => "since it was configured",
            };
            let evidence = format!("it has not reported {since}, {} s ago", for_s(self.since));
            return lasts(&self.since, policy.first_report_within).then_some((
                Fault::Gone,
                self.since,
                evidence,
            ));
        };
        if lasts(&heard, policy.gone_after) {
            let why = if self.connected {
                "its connection still stands: the page hangs, or the network is cut"
            } else {
                "its connection has ended"
            };
            let evidence = format!("it has said nothing for {} s; {why}", for_s(heard));
            return Some((Fault::Gone, heard, evidence));
        }
        if let Some(since) = self.blank.filter(|since| lasts(since, policy.blank_after)) {
            let evidence = "the page looked at its canvas: what it drew is not there".to_owned();
            return Some((Fault::Blank, since, evidence));
        }
        let there = || {
            let shows = shows.into_iter().flatten();
            shows.filter(|camera| published.knows(**camera)).count()
        };
        if let Some(since) = self.empty.filter(|since| lasts(since, policy.empty_after)) {
            let there = there();
            if there > 0 {
                let evidence = format!("it has painted none of {there} cameras that have pictures");
                return Some((Fault::Blank, since, evidence));
            }
        }
        let hidden = if self.visible { "" } else { "; its window is hidden" };
        if lasts(&self.moved, policy.frozen_after) {
            let lacks = || self.tiles.iter().map(|(camera, n)| published.lack(*camera, *n));
            let missed: u64 = lacks().map(|lack| lack.missed).sum();
            let first = lacks().filter_map(|lack| lack.since).min().map(|at| at.max(self.fair));
            if missed >= policy.frozen_missed
                && first.is_some_and(|first| lasts(&first, policy.frozen_after))
            {
                let evidence = format!(
                    "nothing on it has moved for {} s, while {missed} newer pictures of its {} \
                     cameras were published{hidden}",
                    for_s(self.moved),
                    self.tiles.len(),
                );
                return Some((Fault::Frozen, self.moved, evidence));
            }
        }
        let lag = self.lag(now, published);
        (lag > policy.behind_by).then(|| {
            let evidence = format!(
                "for half of its cameras there has been a newer picture for {} s{hidden}",
                lag.as_secs()
            );
            (Fault::Behind, now.checked_sub(lag).unwrap_or(now), evidence)
        })
    }

    /// The median, over cameras that publish, of how long there has been a newer picture.
    pub(super) fn lag(&self, now: Instant, published: &Published) -> Duration {
        let lively = self.tiles.iter().filter(|(camera, _)| published.is_lively(now, **camera));
        let mut lags: Vec<Duration> = lively
            .map(|(camera, number)| published.lack(*camera, *number).since)
            .map(|since| {
                since.map_or(Duration::ZERO, |since| {
                    now.saturating_duration_since(since.max(self.fair))
                })
            })
            .collect();
        lags.sort_unstable();
        // Of an even number the lower one: half of them are behind by more.
        lags.get(lags.len().saturating_sub(1) / 2).copied().unwrap_or_default()
    }

    /// Notes what was found, and says what people are told of it.
    pub(super) fn tell(
        &mut self,
        now: Instant,
        screen: &ScreenRef,
        found: Option<Found>,
        off_delay: Duration,
        changes: &mut Vec<Change>,
    ) {
        let told = self.expected;
        let mut over = |fault: Fault| {
            if told {
                changes.push(Change::Cleared { screen: screen.clone(), fault });
            }
        };
        match (&mut self.standing, found) {
            (None, None) => {}
            (Some(standing), None) => {
                let well = *standing.well.get_or_insert(now);
                if now.saturating_duration_since(well) >= off_delay {
                    over(standing.fault);
                    self.standing = None;
                }
            }
            (Some(standing), Some((fault, ..))) if standing.fault == fault => standing.well = None,
            (standing, Some((fault, since, evidence))) => {
                if let Some(before) = standing.take() {
                    over(before.fault);
                }
                if told {
                    let (screen, evidence) = (screen.clone(), evidence.clone());
                    changes.push(Change::Raised { screen, fault, since, evidence });
                }
                *standing = Some(Standing { fault, since, evidence, well: None });
            }
        }
    }
}
