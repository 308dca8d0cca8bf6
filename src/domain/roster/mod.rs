//! Who is on duty: people take positions in turns, week by week, and dated entries say what is
//! different on some days.

mod turn;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::{
    camera::{SiteId, Slug},
    time::UnixMicros,
    timetable::Hours,
};

pub use self::turn::Turn;

/// Names a person of the roster.
pub type PersonId = Slug;
/// Names a position: a desk that people take in turns.
pub type PositionId = Slug;
/// Names a way to reach people.
pub type ChannelId = Slug;

/// Somebody who can be on duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Unique identity.
    pub id: PersonId,
    /// What people read.
    pub name: String,
    /// For those who call by themselves.
    pub phone: Option<String>,
    /// For those who write by themselves.
    pub email: Option<String>,
    /// How the service reaches the person, first the one to try first; each channel at most once.
    /// Nobody needs one: who is on duty sees alerts on the screens anyhow.
    pub channels: Vec<Reach>,
}

/// A person's address on a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// The channel.
    pub channel: ChannelId,
    /// A phone number, a mailbox, a topic: what the channel takes.
    pub address: String,
}

/// A desk that people take in turns. Each alert belongs to one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Unique identity.
    pub id: PositionId,
    /// What people read.
    pub name: String,
    /// The sites whose alerts are its own, with those below them; `None`: all that are nobody else's.
    /// An empty list: none, as for a duty officer, to whom alerts only go up.
    pub sites: Option<Vec<SiteId>>,
}

/// Hours that return each week, and who takes the position in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The position.
    pub position: PositionId,
    /// Who, first the one to be told first.
    pub people: Vec<PersonId>,
    /// When, in local time.
    pub hours: Hours,
}

/// What holds in place of the shifts for some hours of one day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Exception {
    /// When it begins.
    pub from: UnixMicros,
    /// When it is over.
    pub until: UnixMicros,
    /// The position.
    pub position: PositionId,
    /// Who, first the one to be told first. Nobody: the position is closed.
    pub people: Vec<PersonId>,
}

/// Positions, people, and who is where when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    /// Every position, in the order of the file; one at least.
    pub positions: Vec<Position>,
    /// Everybody.
    pub people: Vec<Person>,
    /// The weeks, in the order of the file.
    pub shifts: Vec<Shift>,
    /// What is different on some days.
    pub exceptions: Vec<Exception>,
    /// Local time less UTC, minutes.
    pub utc_offset_min: i32,
}

/// One position for everything, and nobody on duty.
impl Default for Roster {
    fn default() -> Self {
        Self {
            positions: vec![Position::desk()],
            people: Vec::new(),
            shifts: Vec::new(),
            exceptions: Vec::new(),
            // Asia/Ho_Chi_Minh, which has no summer time.
            utc_offset_min: 7 * 60,
        }
    }
}

impl Position {
    /// The position of a configuration that has none.
    pub fn desk() -> Self {
        let id = Slug::try_from("desk").expect("\"desk\" is an id");
        Self { id, name: "Alert desk".to_owned(), sites: None }
    }
}

impl Roster {
    /// A person by id.
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == *id)
    }

    /// A position by id.
    pub fn position(&self, id: &PositionId) -> Option<&Position> {
        self.positions.iter().find(|position| position.id == *id)
    }

    /// Whose the alerts of a place are. `lineage` is its site with all sites above it, from the
    /// bottom: the position that names the nearest of them; else the first that takes everything;
    /// else the first of all, so that no alert is nobody's.
    pub fn position_of(&self, lineage: &[SiteId]) -> &PositionId {
        let names = |position: &&Position, site: &SiteId| {
            position.sites.as_ref().is_some_and(|sites| sites.contains(site))
        };
        let nearest =
            lineage.iter().find_map(|site| self.positions.iter().find(|p| names(p, site)));
        let all = || self.positions.iter().find(|position| position.sites.is_none());
        &nearest.or_else(all).unwrap_or(&self.positions[0]).id
    }
}
