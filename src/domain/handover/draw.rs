//! Draws up a sheet from what there is.

use std::{cmp::Reverse, collections::BTreeMap};

use super::{Handover, Line, Note, OutOfService, Worst};
use crate::domain::{
    alert::{Alert, State},
    roster::{PersonId, PositionId, Roster},
    time::UnixMicros,
};

/// Longer lists are not read at a change of shift; how many there are is said beside.
const LINES_MAX: usize = 200;

/// The yardstick's top ten (ISA-18.2 §16).
const WORST_MAX: usize = 10;

/// The shift that ends.
#[derive(Clone, Debug)]
pub struct Shift<'a> {
    /// Whose sheet it is.
    pub position: &'a PositionId,
    /// Who is on duty when.
    pub roster: &'a Roster,
    /// Now.
    pub at: UnixMicros,
    /// When the sheet before this one was signed by both, if there is one.
    pub handed_over: Option<UnixMicros>,
}

impl Shift<'_> {
    /// Draws up its sheet, unsigned. `alerts` are those of all positions that were open at any time
    /// during the shift, each once; drills and others' are left out.
    pub fn draw<'a>(
        &self,
        alerts: impl Iterator<Item = &'a Alert>,
        mut out_of_service: Vec<OutOfService>,
        notes: Vec<Note>,
    ) -> Handover {
        let (leaving, coming) = self.change();
        let since = self.since();
        let own = |alert: &&Alert| alert.position == *self.position && !alert.drill;
        let alerts: Vec<&Alert> = alerts.filter(own).collect();
        let (mut open, mut shelved) = (Vec::new(), Vec::new());
        for alert in alerts.iter().filter(|alert| alert.is_open()) {
            match alert.state {
                State::Shelved => shelved.push(line(alert)),
                _ => open.push(line(alert)),
            }
        }
        open.sort_by_key(|line| (Reverse(line.priority), line.opened_at, line.alert));
        shelved.sort_by_key(|line| (line.until, line.alert));
        out_of_service.sort_by(|a, b| (a.until, &a.camera).cmp(&(b.until, &b.camera)));
        let worst = worst(alerts.iter().filter(|alert| alert.raised_at >= since));
        let totals = (open.len(), shelved.len(), out_of_service.len());
        open.truncate(LINES_MAX);
        shelved.truncate(LINES_MAX);
        out_of_service.truncate(LINES_MAX);
        Handover {
            position: self.position.clone(),
            since,
            at: self.at,
            leaving,
            coming,
            open,
            open_total: totals.0,
            shelved,
            shelved_total: totals.1,
            out_of_service,
            out_of_service_total: totals.2,
            worst,
            notes: notes.into_iter().filter(|note| note.signed.at >= since).collect(),
            signed_by_leaving: None,
            signed_by_coming: None,
        }
    }

    /// When the shift began: when it was handed over, else as the roster says, else a day ago.
    pub fn since(&self) -> UnixMicros {
        let rostered = || self.roster.turn(self.position, self.leaving_at()).since;
        let day_ago = || UnixMicros(self.at.0.saturating_sub(DAY));
        self.handed_over.or_else(rostered).unwrap_or_else(day_ago)
    }

    /// When the shift ends as the roster says; `None`: nobody else comes.
    pub fn ends(&self) -> Option<UnixMicros> {
        self.roster.next_handover(self.position, self.leaving_at())
    }

    /// Who leaves and who comes. A sheet that is drawn up soon after the change of the roster is that
    /// of the shift before.
    fn change(&self) -> (Vec<PersonId>, Vec<PersonId>) {
        let leaving_at = self.leaving_at();
        let coming = self.ends().map(|next| self.roster.on_duty(self.position, next));
        (self.roster.on_duty(self.position, leaving_at), coming.unwrap_or_default())
    }

    /// A time in the shift that ends.
    fn leaving_at(&self) -> UnixMicros {
        let began = self.roster.turn(self.position, self.at).since;
        let soon = began.filter(|began| self.at.0 - began.0 < HOUR);
        soon.map_or(self.at, |began| UnixMicros(began.0.saturating_sub(1)))
    }
}

/// Microseconds. Nobody hands over for longer.
const HOUR: u64 = 3_600_000_000;
/// Microseconds.
const DAY: u64 = 24 * HOUR;

fn line(alert: &Alert) -> Line {
    let taken = alert.acknowledged.as_ref().and_then(|signed| signed.by.person.clone());
    Line {
        alert: alert.id,
        source: alert.source.clone(),
        state: alert.state,
        priority: alert.priority,
        opened_at: alert.opened_at,
        evidence: alert.evidence.clone(),
        person: alert.assigned.clone().or(taken),
        until: alert.shelved.as_ref().map(|shelved| shelved.until),
        reason: alert.shelved.as_ref().map(|shelved| shelved.reason.clone()),
    }
}

fn worst<'a>(alerts: impl Iterator<Item = &'a &'a Alert>) -> Vec<Worst> {
    let mut by_source = BTreeMap::new();
    for alert in alerts {
        let (alerts, activations) = by_source.entry(&alert.source).or_insert((0, 0));
        *alerts += 1;
        *activations += u64::from(alert.count);
    }
    let mut worst: Vec<Worst> = by_source
        .into_iter()
        .map(|(source, (alerts, activations))| Worst {
            source: source.clone(),
            alerts,
            activations,
        })
        .collect();
    worst.sort_by_key(|worst| (Reverse(worst.activations), Reverse(worst.alerts)));
    worst.truncate(WORST_MAX);
    worst
}
