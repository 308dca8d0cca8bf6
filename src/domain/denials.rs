//! Who was refused what, again and again: a row for the first time and one with a count for the rest
//! of the minute, so that a client that repeats itself does not fill the audit. Pure: time is an
//! argument.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// What is refused again within this time is counted.
pub const COUNTED_FOR: Duration = Duration::from_secs(60);

/// Refusals that are counted at once: some hundred bytes each. What finds no room is not counted, and
/// is written each time.
const COUNTED_MAX: usize = 4096;

/// Refusals of the last minute, by who was refused what.
#[derive(Debug)]
pub struct Denials<W> {
    counted: BTreeMap<(W, String), Counted>,
}

#[derive(Debug)]
struct Counted {
    first: Instant,
    more: u64,
}

/// What was refused more than once within a minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated<W> {
    /// Who was refused.
    pub who: W,
    /// What, in the audit's words.
    pub what: String,
    /// How often after the first time.
    pub more: u64,
}

impl<W> Default for Denials<W> {
    fn default() -> Self {
        Self { counted: BTreeMap::new() }
    }
}

impl<W: Ord + Clone> Denials<W> {
    /// Somebody was refused something; says whether that is to be written down now.
    pub fn note(&mut self, now: Instant, who: &W, what: &str) -> bool {
        let key = (who.clone(), what.to_owned());
        if let Some(counted) = self.counted.get_mut(&key) {
            counted.more += 1;
            return false;
        }
        if self.counted.len() < COUNTED_MAX {
            self.counted.insert(key, Counted { first: now, more: 0 });
        }
        true
    }

    /// What was repeated in minutes that are over. Called every few seconds.
    pub fn tick(&mut self, now: Instant) -> Vec<Repeated<W>> {
        self.take(|counted| now.saturating_duration_since(counted.first) >= COUNTED_FOR)
    }

    /// The same of all minutes: nothing is counted any more.
    pub fn finish(&mut self) -> Vec<Repeated<W>> {
        self.take(|_| true)
    }

    fn take(&mut self, over: impl Fn(&Counted) -> bool) -> Vec<Repeated<W>> {
        let over = self.counted.extract_if(.., |_, counted| over(counted));
        over.filter(|(_, counted)| counted.more > 0)
            .map(|((who, what), Counted { more, .. })| Repeated { who, what, more })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_again_within_a_minute_is_one_row_more_with_a_count() {
        let mut denials = Denials::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let written =
            (0..59).filter(|second| denials.note(at(*second), &"lan", "action:configure"));
        assert_eq!(written.count(), 1);
        assert!(denials.note(at(1), &"lan", "action:search"), "something else is a row");
        assert!(denials.note(at(1), &"minh", "action:configure"), "somebody else is a row");
        assert_eq!(denials.tick(at(59)), []);
        let what = "action:configure".to_owned();
        assert_eq!(denials.tick(at(60)), [Repeated { who: "lan", what, more: 58 }]);
        assert!(denials.note(at(61), &"lan", "action:configure"), "another minute");
        assert_eq!(denials.finish(), [], "once is told already");
    }

    #[test]
    fn what_finds_no_room_is_written_each_time() {
        let mut denials = Denials::default();
        let now = Instant::now();
        for n in 0..COUNTED_MAX + 10 {
            assert!(denials.note(now, &n, "x"));
        }
        assert!(denials.note(now, &COUNTED_MAX, "x"));
        assert!(!denials.note(now, &0, "x"));
        assert_eq!(denials.finish().len(), 1);
    }
}
