//! Who stands on a rung.

use super::{EscalationPolicy, Rung};
use crate::domain::{
    alert::Priority,
    roster::{ChannelId, PersonId, PositionId, Roster},
    time::UnixMicros,
};

/// Who is told, and over which channels.
pub(super) type Told = Vec<(PersonId, Vec<ChannelId>)>;

/// What decides who is told.
pub(super) struct Look<'a> {
    pub(super) policy: &'a EscalationPolicy,
    pub(super) roster: &'a Roster,
    pub(super) at: UnixMicros,
    pub(super) position: &'a PositionId,
    pub(super) priority: Priority,
    /// Who was told so far.
    pub(super) before: &'a [PersonId],
}

impl Look<'_> {
    /// Who stands on the rung of a step; `None`: nobody, so that it is passed over.
    pub(super) fn told(&self, step: u16) -> Option<Told> {
        let told = match self.policy.rung(step) {
            Rung::OnDuty => {
                if !self.roster.has_shifts(self.position) {
                    // Nobody says who is there: those in front of the screens.
                    return Some(Vec::new());
                }
                self.on_duty().first().map(|person| self.over(person, 0..1)).into_iter().collect()
            }
            Rung::NextChannel => self.next_channel(step).into_iter().collect(),
            Rung::NextPerson => {
                let next = self.on_duty().into_iter().find(|person| self.is_new(person));
                next.map(|person| self.over_all(&person)).into_iter().collect()
            }
            Rung::DutyOfficer => {
                let officers = self.officers().into_iter().filter(|person| self.is_new(person));
                officers.map(|person| self.over_all(&person)).collect::<Told>()
            }
            Rung::Everyone => return Some(self.everyone()),
        };
        (!told.is_empty()).then_some(told)
    }

    /// All who have the position, and the duty officer.
    pub(super) fn help(&self) -> Told {
        self.each_over_all(self.on_duty().into_iter().chain(self.officers()))
    }

    /// All who are on duty anywhere; in a gap of all positions, everybody there is.
    pub(super) fn everyone(&self) -> Told {
        let elsewhere = self.roster.positions.iter().map(|position| &position.id);
        let all = self
            .on_duty()
            .into_iter()
            .chain(self.officers())
            .chain(elsewhere.flat_map(|position| self.roster.on_duty(position, self.at)));
        let told = self.each_over_all(all);
        if !told.is_empty() {
            return told;
        }
        self.each_over_all(self.roster.people.iter().map(|person| person.id.clone()))
    }

    /// Each of them once, over all of their channels.
    pub(super) fn each_over_all(&self, people: impl Iterator<Item = PersonId>) -> Told {
        let mut told = Told::new();
        for person in people {
            if told.iter().all(|(other, _)| *other != person) {
                told.push(self.over_all(&person));
            }
        }
        told
    }

    pub(super) fn over_all(&self, person: &PersonId) -> (PersonId, Vec<ChannelId>) {
        self.over(person, 0..usize::MAX)
    }

    /// The first person on duty, over the channel that this rung stands for. Somebody who came on
    /// duty since is told over the first.
    fn next_channel(&self, step: u16) -> Option<(PersonId, Vec<ChannelId>)> {
        let person = self.on_duty().into_iter().next()?;
        if self.is_new(&person) {
            return Some(self.over(&person, 0..1));
        }
        let rungs = self.policy.rungs().iter().take(usize::from(step) + 1);
        let channel = rungs.filter(|rung| **rung == Rung::NextChannel).count();
        let told = self.over(&person, channel..channel + 1);
        (!told.1.is_empty()).then_some(told)
    }

    /// A person over some of their channels, counted from 0.
    fn over(&self, person: &PersonId, which: std::ops::Range<usize>) -> (PersonId, Vec<ChannelId>) {
        let reaches = self.roster.person(person).map(|person| person.channels.as_slice());
        let reaches = reaches.filter(|_| self.priority >= self.policy.channels_from);
        let reaches = reaches.unwrap_or_default().iter();
        let channels = reaches.skip(which.start).take(which.len());
        (person.clone(), channels.map(|reach| reach.channel.clone()).collect())
    }

    fn on_duty(&self) -> Vec<PersonId> {
        self.roster.on_duty(self.position, self.at)
    }

    fn officers(&self) -> Vec<PersonId> {
        let officer = self.policy.duty_officer.as_ref();
        officer.map(|officer| self.roster.on_duty(officer, self.at)).unwrap_or_default()
    }

    fn is_new(&self, person: &PersonId) -> bool {
        !self.before.contains(person)
    }
}
