//! Who is on duty at a time, and when that changes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Exception, PersonId, PositionId, Roster, Shift};
use crate::domain::time::UnixMicros;

/// The people who have a position, from one hand-over to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Who, first the one to be told first. Nobody is a gap in the roster.
    pub people: Vec<PersonId>,
    /// Since when; `None`: they were never others.
    pub since: Option<UnixMicros>,
    /// Until when; `None`: they will never be others.
    pub until: Option<UnixMicros>,
}

impl Roster {
    /// Who is on duty, first the one to be told first, each once. Exceptions that cover the time
    /// stand in place of all shifts; where shifts or exceptions overlap, the people of all are on
    /// duty, in the order of the file.
    pub fn on_duty(&self, position: &PositionId, at: UnixMicros) -> Vec<PersonId> {
        let covers = |exception: &&Exception| (exception.from..exception.until).contains(&at);
        let mut exceptions = self.exceptions_of(position).filter(covers).peekable();
        if exceptions.peek().is_some() {
            return each_once(exceptions.map(|exception| &exception.people));
        }
        let covers = |shift: &&Shift| shift.hours.until(at, self.utc_offset_min).is_some();
        each_once(self.shifts_of(position).filter(covers).map(|shift| &shift.people))
    }

    /// Whether anything is said of a position at all. Of one without shifts nobody knows who is there.
    pub fn has_shifts(&self, position: &PositionId) -> bool {
        self.shifts_of(position).next().is_some() || self.exceptions_of(position).next().is_some()
    }

    /// The turn that a time is in.
    pub fn turn(&self, position: &PositionId, at: UnixMicros) -> Turn {
        let people = self.on_duty(position, at);
        let since = self.begun(position, at, &people);
        Turn { people, since, until: self.next_handover(position, at) }
    }

    /// When others take over from those who are on duty; `None`: never.
    pub fn next_handover(&self, position: &PositionId, at: UnixMicros) -> Option<UnixMicros> {
        let people = self.on_duty(position, at);
        let last = self.exceptions_of(position).map(|exception| exception.until).max();
        // Beyond the exceptions each week is like the one before: a week without others has none.
        let last = last.unwrap_or(at).max(at).plus(WEEK);
        let mut edge = at;
        loop {
            edge = self.edges(position, edge).filter(|next| *next > edge).min()?;
            if self.on_duty(position, edge) != people {
                return Some(edge);
            }
            if edge > last {
                return None;
            }
        }
    }

    /// Since when those are on duty who are so at `at`.
    fn begun(
        &self,
        position: &PositionId,
        at: UnixMicros,
        people: &[PersonId],
    ) -> Option<UnixMicros> {
        let first = self.exceptions_of(position).map(|exception| exception.from).min();
        let first = first.unwrap_or(at).min(at).0.checked_sub(UnixMicros(0).plus(WEEK).0)?;
        let mut before = at;
        loop {
            let edge = self.edges(position, before).filter(|edge| *edge <= before).max()?;
            before = UnixMicros(edge.0.checked_sub(1)?);
            if self.on_duty(position, before) != people {
                return Some(edge);
            }
            if edge.0 < first {
                return None;
            }
        }
    }

    /// When anything begins or ends within a week of `at`, and every edge of an exception.
    fn edges(&self, position: &PositionId, at: UnixMicros) -> impl Iterator<Item = UnixMicros> {
        self.shifts_of(position)
            .flat_map(move |shift| shift.hours.edges(at, self.utc_offset_min))
            .chain(self.exceptions_of(position).flat_map(|e| [e.from, e.until]))
    }

    fn shifts_of(&self, position: &PositionId) -> impl Iterator<Item = &Shift> {
        self.shifts.iter().filter(move |shift| shift.position == *position)
    }

    fn exceptions_of(&self, position: &PositionId) -> impl Iterator<Item = &Exception> {
        self.exceptions.iter().filter(move |exception| exception.position == *position)
    }
}

/// With a day to spare: a stretch may be a day long.
const WEEK: Duration = Duration::from_secs(8 * 24 * 3600);

fn each_once<'a>(lists: impl Iterator<Item = &'a Vec<PersonId>>) -> Vec<PersonId> {
    let mut all: Vec<PersonId> = Vec::new();
    for person in lists.flatten() {
        if !all.contains(person) {
            all.push(person.clone());
        }
    }
    all
}
