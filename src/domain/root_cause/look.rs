//! Which sites are gone, go down, and come up.

use std::time::Instant;

use super::{
    Down, Is, Member, RootCause, SiteChange, SiteDown,
    policy::{OFF_DELAY, OFF_DELAY_MAX, PATIENCE, QUIET, STEADY},
    tree::Tally,
};
use crate::domain::camera::Handle;

impl RootCause {
    /// Judges anew, at a moment at which something changed.
    pub(super) fn look(&mut self, now: Instant, changes: &mut Vec<SiteChange>) {
        self.come_up(now, changes);
        self.tallies = self.lost_together(now);
        let gone = self.highest_gone();
        let before = std::mem::take(&mut self.gone);
        for place in gone {
            // What waits below it has waited for it.
            let waited = before.iter().filter(|(below, _)| self.tree.under(**below, place));
            let since = waited.map(|(_, since)| *since).min().unwrap_or(now);
            self.gone.insert(place, since);
        }
        let ripe = |since: Instant| self.ripe_at(since).is_none_or(|at| at <= now);
        let ripe: Vec<usize> =
            self.gone.iter().filter(|(_, since)| ripe(**since)).map(|(place, _)| *place).collect();
        for place in ripe {
            self.gone.remove(&place);
            self.go_down(now, place, changes);
        }
        self.gone_since = match self.gone.is_empty() {
            true => None,
            false => self.gone_since.or(Some(now)),
        };
    }

    /// When a site that is gone since then goes down.
    pub(super) fn ripe_at(&self, gone_since: Instant) -> Option<Instant> {
        let quiet = self.lost_at.unwrap_or(gone_since).checked_add(QUIET)?;
        Some(quiet.min(gone_since.checked_add(PATIENCE)?))
    }

    fn lost_together(&self, now: Instant) -> Vec<Tally> {
        self.tree.tally(
            self.policy,
            self.members.values().filter_map(|member| match member.is {
                Is::Well => Some((member.place?, false)),
                Is::Lost { since, spent: false } => {
                    self.within(now, since).then_some((member.place?, true))
                }
                _ => None,
            }),
        )
    }

    /// Whether a loss counts together with the newest ones.
    fn within(&self, now: Instant, since: Instant) -> bool {
        let from = self.gone_since.unwrap_or(now);
        from.saturating_duration_since(since) <= self.policy.window
    }

    /// The sites to go down: gone, and with none above them that is gone or down.
    fn highest_gone(&self) -> Vec<usize> {
        let mut covered = vec![false; self.tallies.len()];
        let mut gone = Vec::new();
        for place in self.tree.places() {
            covered[place] = self.tree.parent(place).is_some_and(|parent| covered[parent])
                || self.down.contains_key(&place);
            if !covered[place] && self.tallies[place].gone(self.policy) {
                covered[place] = true;
                gone.push(place);
            }
        }
        gone
    }

    fn go_down(&mut self, now: Instant, place: usize, changes: &mut Vec<SiteChange>) {
        let Tally { lost, well, .. } = self.tallies[place];
        let mut first = now;
        let mut last = None;
        for camera in self.lost_under(now, place) {
            if let Some(member) = self.members.get_mut(&camera) {
                if let Is::Lost { since, .. } = member.is {
                    first = first.min(since);
                    last = last.max(Some(since));
                }
                member.mask = Some(place);
            }
        }
        let explained: Vec<usize> =
            self.down.keys().copied().filter(|below| self.tree.under(*below, place)).collect();
        for below in explained {
            if let Some(down) = self.down.remove(&below) {
                changes.push(SiteChange::Up(down.told.site));
            }
        }
        let span = last.unwrap_or(now).saturating_duration_since(first).as_secs() + 1;
        let total = lost + well;
        let evidence =
            format!("{lost} of {total} cameras that were well were lost within {span} s");
        self.enter(now, place, evidence, changes);
    }

    /// Cameras below a site that its fall explains.
    fn lost_under(&self, now: Instant, place: usize) -> Vec<Handle> {
        let lost = |member: &Member| match member.is {
            Is::Lost { since, spent } => member.mask.is_some() || !spent && self.within(now, since),
            _ => false,
        };
        let under = |member: &Member| member.place.is_some_and(|at| self.tree.under(at, place));
        let members = self.members.iter();
        let explained = members.filter(|(_, member)| lost(member) && under(member));
        explained.map(|(camera, _)| *camera).collect()
    }

    fn enter(
        &mut self,
        now: Instant,
        place: usize,
        evidence: String,
        changes: &mut Vec<SiteChange>,
    ) {
        let flaps = self
            .steady
            .remove(&place)
            .filter(|(up, _)| now.saturating_duration_since(*up) < STEADY);
        let off_delay = flaps.map_or(OFF_DELAY, |(_, before)| OFF_DELAY_MAX.min(before * 4));
        let told = SiteDown { site: self.tree.id(place).clone(), since: now, evidence };
        changes.push(SiteChange::Down(told.clone()));
        self.down.insert(place, Down { told, off_delay, well_since: None });
    }

    /// Sites that were well for their off-delay come up.
    fn come_up(&mut self, now: Instant, changes: &mut Vec<SiteChange>) {
        if self.down.is_empty() {
            return;
        }
        let masked = self.tree.tally(
            self.policy,
            self.members.values().filter_map(|member| match (member.is, member.mask) {
                (Is::Well, _) => Some((member.place?, false)),
                (_, Some(_)) => Some((member.place?, true)),
                _ => None,
            }),
        );
        let mut up = Vec::new();
        for (place, down) in &mut self.down {
            if masked[*place].broken(self.policy) {
                down.well_since = None;
                continue;
            }
            let since = *down.well_since.get_or_insert(now);
            if now.saturating_duration_since(since) >= down.off_delay {
                up.push(*place);
            }
        }
        for place in up {
            if let Some(down) = self.down.remove(&place) {
                self.steady.insert(place, (now, down.off_delay));
                changes.push(SiteChange::Up(down.told.site));
                self.release(now, place, &masked, changes);
            }
        }
    }

    /// What stayed behind below a site that came up: a site below it may explain it.
    fn release(
        &mut self,
        now: Instant,
        place: usize,
        masked: &[Tally],
        changes: &mut Vec<SiteChange>,
    ) {
        let mut tops: Vec<usize> = Vec::new();
        for below in self.tree.places().filter(|below| *below != place) {
            let inside = self.tree.under(below, place);
            let covered = tops.iter().any(|top| self.tree.under(below, *top));
            if inside && !covered && masked[below].gone(self.policy) {
                tops.push(below);
            }
        }
        for member in self.members.values_mut().filter(|member| member.mask == Some(place)) {
            let at = member.place;
            member.mask =
                tops.iter().copied().find(|top| at.is_some_and(|at| self.tree.under(at, *top)));
            if let (None, Is::Lost { spent, .. }) = (member.mask, &mut member.is) {
                *spent = true;
            }
        }
        for top in tops {
            let Tally { lost, well, .. } = masked[top];
            let total = lost + well;
            let above = self.tree.id(place);
            let evidence = format!("{lost} of {total} cameras stayed away when {above} came up");
            self.enter(now, top, evidence, changes);
        }
    }
}
