//! The hand-over sheet: what one shift leaves to the next, and who has given and taken it.

mod draw;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use self::draw::Shift;
use super::{
    alert::{AlertId, Priority, Signed, Source, State},
    camera::CameraId,
    roster::{PersonId, PositionId},
    time::UnixMicros,
};

/// A sheet. It is drawn up once and then only gets notes and signatures: both sign what they saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// Of which position.
    pub position: PositionId,
    /// When the shift began that ends with it.
    pub since: UnixMicros,
    /// When it was drawn up.
    pub at: UnixMicros,
    /// Who leaves, as the roster says.
    pub leaving: Vec<PersonId>,
    /// Who comes, as the roster says.
    pub coming: Vec<PersonId>,
    /// Alerts that are open and not put away, most urgent first, then the oldest; the first 200.
    pub open: Vec<Line>,
    /// How many there are of them.
    pub open_total: usize,
    /// Alerts on the shelf, first the one that leaves it first; the first 200.
    pub shelved: Vec<Line>,
    /// How many there are of them.
    pub shelved_total: usize,
    /// Cameras that are out of service, first the one that is back first; the first 200.
    pub out_of_service: Vec<OutOfService>,
    /// How many there are of them.
    pub out_of_service_total: usize,
    /// What came most often during the shift; the first ten.
    pub worst: Vec<Worst>,
    /// What was written down during the shift, oldest first.
    pub notes: Vec<Note>,
    /// Who gave it.
    pub signed_by_leaving: Option<Signed>,
    /// Who took it.
    pub signed_by_coming: Option<Signed>,
}

/// An alert on a sheet, as it was when that was drawn up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Which.
    pub alert: AlertId,
    /// Whom it concerns, and with which kind.
    #[serde(flatten)]
    pub source: Source,
    /// Where it stood.
    pub state: State,
    /// How soon somebody must act.
    pub priority: Priority,
    /// Since when.
    pub opened_at: UnixMicros,
    /// Words and figures.
    pub evidence: String,
    /// Whose it is: to whom it was given, or who took it.
    pub person: Option<PersonId>,
    /// Until when it is on the shelf.
    pub until: Option<UnixMicros>,
    /// Why it is on the shelf.
    pub reason: Option<String>,
}

/// A camera that somebody took out of service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutOfService {
    /// Which.
    pub camera: CameraId,
    /// Until when.
    pub until: UnixMicros,
    /// Why.
    pub reason: String,
}

/// A source that kept the shift busy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worst {
    /// Which.
    #[serde(flatten)]
    pub source: Source,
    /// Alerts of it that were open during the shift.
    pub alerts: usize,
    /// Activations of those.
    pub activations: u64,
}

/// Something to tell the next shift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What.
    pub text: String,
    /// Who wrote it, and when.
    #[serde(flatten)]
    pub signed: Signed,
}

/// Which side of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Whoever goes.
    Leaving,
    /// Whoever comes.
    Coming,
}

/// Why a sheet was not signed or written on. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    /// A signature of nobody.
    #[error("say who you are: a sheet is signed by a person of the roster")]
    Nobody,
    /// One person for both sides.
    #[error("it is signed by two people: the other side has to sign it")]
    SamePerson,
    /// Somebody else has signed that side.
    #[error("somebody else has signed it already")]
    Signed,
    /// Both have signed it.
    #[error("both have signed it: write on the next sheet")]
    Complete,
    /// No words, or too many.
    #[error("write 1 to 500 characters, without control characters")]
    Text,
    /// More notes than anybody reads.
    #[error("it holds 200 notes already")]
    Full,
}

impl Handover {
    /// Signs one side. To sign again is no change: answers get lost on poor links.
    pub fn sign(&mut self, side: Side, signed: Signed) -> Result<(), Objection> {
        let person = signed.by.person.as_ref().ok_or(Objection::Nobody)?;
        let (own, other) = match side {
            Side::Leaving => (&mut self.signed_by_leaving, &self.signed_by_coming),
            Side::Coming => (&mut self.signed_by_coming, &self.signed_by_leaving),
        };
        let is_by = |other: &Signed| other.by.person.as_ref() == Some(person);
        match own {
            Some(before) if is_by(before) => return Ok(()),
            Some(_) => return Err(Objection::Signed),
            None => {}
        }
        if other.as_ref().is_some_and(is_by) {
            return Err(Objection::SamePerson);
        }
        *own = Some(signed);
        Ok(())
    }

    /// Adds a note, unless both have signed.
    pub fn note(&mut self, note: Note) -> Result<(), Objection> {
        if self.is_complete() {
            return Err(Objection::Complete);
        }
        let characters = note.text.trim().chars().count();
        let speakable = note.text.chars().all(|c| c == '\n' || !c.is_control());
        if !(1..=TEXT_MAX).contains(&characters) || !speakable {
            return Err(Objection::Text);
        }
        if self.notes.len() >= NOTES_MAX {
            return Err(Objection::Full);
        }
        self.notes.push(note);
        Ok(())
    }

    /// When both had signed it.
    pub fn handed_over(&self) -> Option<UnixMicros> {
        let leaving = self.signed_by_leaving.as_ref()?;
        Some(leaving.at.max(self.signed_by_coming.as_ref()?.at))
    }

    /// Whether both have signed it: the position is handed over.
    pub fn is_complete(&self) -> bool {
        self.signed_by_leaving.is_some() && self.signed_by_coming.is_some()
    }
}

/// Characters of a note, as of a comment.
const TEXT_MAX: usize = 500;

/// Notes on one sheet.
const NOTES_MAX: usize = 200;
