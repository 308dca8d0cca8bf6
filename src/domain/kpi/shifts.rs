//! The shifts that a stretch of time is made of.

use crate::domain::{
    availability::Window,
    roster::{PersonId, PositionId, Roster},
};

/// Shifts of one answer at most: a year of eight hours each, and more.
const SHIFTS_MAX: usize = 2000;

/// Who had a position when, within a window; its first and last shift are cut to it. Nobody is a gap
/// in the roster.
pub fn shifts(
    roster: &Roster,
    position: &PositionId,
    window: Window,
) -> Vec<(Vec<PersonId>, Window)> {
    let mut shifts = Vec::new();
    let mut from = window.from;
    while from < window.until && shifts.len() < SHIFTS_MAX {
        let people = roster.on_duty(position, from);
        let handover = roster.next_handover(position, from).filter(|next| *next > from);
        let until = handover.unwrap_or(window.until).min(window.until);
        shifts.push((people, Window { from, until }));
        from = until;
    }
    shifts
}
