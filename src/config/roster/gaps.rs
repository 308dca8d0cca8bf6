//! Hours of the week in which nobody is on duty, so that whoever writes the roster knows.

use crate::domain::roster::{PositionId, Roster};

/// The first hour of the week at which nobody has a position, in words, and how many hours there are
/// like it; `None` if there is none, or if nobody says who has the position at all.
pub(in crate::config) fn gaps(roster: &Roster, position: &PositionId) -> Option<(String, usize)> {
    let hours: Vec<_> = roster
        .shifts
        .iter()
        .filter(|shift| shift.position == *position && !shift.people.is_empty())
        .map(|shift| shift.hours)
        .collect();
    if hours.is_empty() {
        return None;
    }
    let manned = |minute: u16| hours.iter().any(|hours| hours.covers(minute));
    let gaps: Vec<u16> = (0..WEEK).filter(|minute| !manned(*minute)).collect();
    let first = gaps.first()?;
    let day = DAYS[usize::from(first / DAY)];
    let (hour, minute) = (first % DAY / 60, first % 60);
    Some((format!("{day} {hour:02}:{minute:02}"), gaps.len().div_ceil(60)))
}

/// Minutes.
const DAY: u16 = 24 * 60;
const WEEK: u16 = 7 * DAY;
const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
