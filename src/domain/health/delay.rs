//! The on-delay and off-delay of one condition: the same for all of them.
//!
//! ```text
//!            cause there              for raise_after              cause gone       for clear_after
//! nothing ───────────────> waiting ───────────────────> raised ─────────────> ending ───────────────> nothing
//!            <─────────────                                     <────────────
//!              cause gone                                         cause there
//! ```
//!
//! While nothing can be said of the cause, what is raised stays raised, and both delays begin anew.

use std::time::{Duration, Instant};

use super::{
    ConditionPolicy,
    cause::{Cause, Evidence},
};

/// Measured words of a condition that stays raised are renewed at most this often: they are told to
/// every viewer.
const RENEWED: Duration = Duration::from_secs(60);

/// One condition's delays.
#[derive(Clone, Debug, Default)]
pub(super) struct Delay {
    /// Its cause is there since, and it is not raised yet.
    waiting: Option<Instant>,
    raised: Option<Raised>,
    /// It is raised, and its cause is gone since.
    ending: Option<Instant>,
}

/// A condition that is raised.
#[derive(Clone, Debug)]
pub(super) struct Raised {
    /// Since when.
    pub(super) since: Instant,
    /// The words that are told.
    pub(super) words: String,
    figure: Option<f64>,
    told_at: Instant,
    /// Other words wait for their time.
    behind: bool,
}

impl Delay {
    /// Takes note of the cause as it is at `now`.
    pub(super) fn apply(&mut self, now: Instant, cause: Cause, policy: ConditionPolicy) {
        match cause {
            Cause::Present(evidence) => {
                self.ending = None;
                if let Some(raised) = &mut self.raised {
                    return raised.renew(now, evidence);
                }
                let found = now.checked_sub(evidence.lasted).unwrap_or(now);
                let since = *self.waiting.get_or_insert(found);
                if now.saturating_duration_since(since) >= policy.raise_after {
                    self.waiting = None;
                    self.raised = Some(Raised::new(now, evidence));
                }
            }
            Cause::Absent { enough } => {
                self.waiting = None;
                if self.raised.is_some() {
                    let since = *self.ending.get_or_insert(now);
                    if enough && now.saturating_duration_since(since) >= policy.clear_after {
                        *self = Self::default();
                    }
                }
            }
            Cause::Unknown => (self.waiting, self.ending) = (None, None),
        }
    }

    /// The condition, if it is raised.
    pub(super) fn raised(&self) -> Option<&Raised> {
        self.raised.as_ref()
    }

    /// Nothing is remembered.
    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_none() && self.raised.is_none()
    }

    /// When time alone may change something.
    pub(super) fn deadlines(&self, policy: ConditionPolicy) -> [Option<Instant>; 3] {
        let raise = self.waiting.and_then(|since| since.checked_add(policy.raise_after));
        let clear = self.ending.and_then(|since| since.checked_add(policy.clear_after));
        let behind = self.raised.as_ref().filter(|raised| raised.behind);
        [raise, clear, behind.and_then(|raised| raised.told_at.checked_add(RENEWED))]
    }
}

impl Raised {
    fn new(now: Instant, evidence: Evidence) -> Self {
        let Evidence { words, figure, .. } = evidence;
        Self { since: now, words, figure, told_at: now, behind: false }
    }

    fn renew(&mut self, now: Instant, evidence: Evidence) {
        let alike = self.words == evidence.words || near(self.figure, evidence.figure);
        self.behind = !alike;
        let due = now.saturating_duration_since(self.told_at) >= RENEWED;
        if !alike && (evidence.prompt || due) {
            *self = Self { since: self.since, ..Self::new(now, evidence) };
        }
    }
}

/// Whether two figures say the same to a person: within a fifth of each other.
fn near(told: Option<f64>, new: Option<f64>) -> bool {
    match (told, new) {
        (Some(told), Some(new)) => (told - new).abs() <= 0.2 * told.abs(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::health::Severity;

    const POLICY: ConditionPolicy = ConditionPolicy {
        raise_after: Duration::from_secs(10),
        clear_after: Duration::from_secs(5),
        severity: Severity::Notice,
        watch: true,
    };

    /// What is raised after each second of a story.
    fn told(causes: impl IntoIterator<Item = Cause>) -> Vec<Option<String>> {
        let start = Instant::now();
        let mut delay = Delay::default();
        (0..)
            .zip(causes)
            .map(|(second, cause)| {
                delay.apply(start + Duration::from_secs(second), cause, POLICY);
                delay.raised().map(|raised| raised.words.clone())
            })
            .collect()
    }

    fn there() -> Cause {
        Cause::Present(Evidence::of("it is there".to_owned()))
    }

    fn raised_at(told: &[Option<String>]) -> Vec<bool> {
        told.iter().map(Option::is_some).collect()
    }

    #[test]
    fn a_cause_that_lasts_is_raised_after_its_on_delay_and_cleared_after_its_off_delay() {
        let story = (0..20).map(|second| if second < 12 { there() } else { Cause::absent() });
        let raised = raised_at(&told(story));
        assert!(raised[..10].iter().all(|raised| !raised) && raised[10..17].iter().all(|r| *r));
        assert!(raised[17..].iter().all(|raised| !raised));
    }

    #[test]
    fn a_cause_that_comes_and_goes_is_never_raised_and_one_that_is_raised_stays_through_gaps() {
        let flicker = (0..60).map(|n| if n % 9 < 8 { there() } else { Cause::absent() });
        assert!(told(flicker).iter().all(Option::is_none));
        let gaps = (0..60).map(|n| if n < 11 || n % 5 == 0 { there() } else { Cause::absent() });
        assert!(told(gaps)[10..].iter().all(Option::is_some));
    }

    #[test]
    fn while_nothing_is_known_nothing_is_raised_or_cleared() {
        let unknown = (0..40).map(|n| if n < 9 { there() } else { Cause::Unknown });
        assert!(told(unknown).iter().all(Option::is_none));
        let held = (0..40).map(|n| if n < 11 { there() } else { Cause::Unknown });
        assert!(told(held)[10..].iter().all(Option::is_some));
    }

    #[test]
    fn measured_words_are_renewed_once_a_minute_and_only_when_their_figure_has_moved() {
        let of = |percent: f64| Cause::measured(format!("{percent} %"), percent);
        let still = told((0..200).map(|n| of(10.0 + f64::from(n % 2))));
        assert!(still[10..].iter().all(|words| words.as_deref() == Some("10 %")));
        let moved = told((0..200).map(|n| of(if n < 30 { 10.0 } else { 20.0 })));
        assert_eq!(moved[69].as_deref(), Some("10 %"));
        assert!(moved[70..].iter().all(|words| words.as_deref() == Some("20 %")));
    }

    #[test]
    fn words_that_an_event_brings_are_told_at_once() {
        let words = told((0..13).map(|n| Cause::told(format!("try {}", n / 6))));
        assert_eq!(
            words[10..],
            [Some("try 1".to_owned()), Some("try 1".to_owned()), Some("try 2".to_owned())]
        );
    }
}
