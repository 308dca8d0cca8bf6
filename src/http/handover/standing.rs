//! Which sheet holds at a time. While nobody has signed, it is drawn up anew for whoever looks, and
//! only its notes stay; from the first signature on it stays as it is: both sign what they saw.

use std::time::Duration;

use uuid::Uuid;

use crate::{
    domain::{handover::Note, time::UnixMicros},
    store::HandoverRow,
};

/// Whoever comes signs late, but not this late: then a shift began that nobody took over.
const TAKEN_WITHIN: Duration = Duration::from_secs(4 * 60 * 60);

/// For so long a sheet that both have signed is shown, so that both see that they have.
const SHOWN_FOR: Duration = Duration::from_secs(30 * 60);

/// The sheet that holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Standing {
    /// To be drawn up anew, with these notes.
    Open {
        /// Under this name; `None`: it was not written down yet.
        id: Option<Uuid>,
        /// What was written down and not handed over.
        notes: Vec<Note>,
    },
    /// As it was signed.
    Signed(Box<HandoverRow>),
}

/// What holds after the newest sheet that was written down.
pub(super) fn standing(newest: Option<HandoverRow>, now: UnixMicros) -> Standing {
    let Some(row) = newest else { return Standing::Open { id: None, notes: Vec::new() } };
    let sheet = &row.sheet;
    let signed = [&sheet.signed_by_leaving, &sheet.signed_by_coming];
    let last = signed.into_iter().flatten().map(|signed| signed.at).max();
    match (last, sheet.is_complete()) {
        (None, _) => Standing::Open { id: Some(row.id), notes: row.sheet.notes },
        (Some(at), true) if now < at.plus(SHOWN_FOR) => Standing::Signed(Box::new(row)),
        (Some(_), true) => Standing::Open { id: None, notes: Vec::new() },
        (Some(at), false) if now < at.plus(TAKEN_WITHIN) => Standing::Signed(Box::new(row)),
        // Nobody took it: what was written down is for the next ones still.
        (Some(_), false) => Standing::Open { id: None, notes: row.sheet.notes },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        alert::{Actor, Signed},
        handover::{Shift, Side},
        roster::Roster,
    };

    const NOW: UnixMicros = UnixMicros(1_795_392_000_000_000);

    fn signed(person: &str) -> Signed {
        let person = Some(person.try_into().expect("an id"));
        Signed { by: Actor { user: "anonymous".to_owned(), person }, at: NOW }
    }

    fn row(sides: &[(Side, &str)]) -> HandoverRow {
        let position = "desk".try_into().expect("an id");
        let roster = Roster::default();
        let shift = Shift { position: &position, roster: &roster, at: NOW, handed_over: None };
        let mut sheet = shift.draw(std::iter::empty(), Vec::new(), Vec::new());
        let note = Note { text: "the gate is open".to_owned(), signed: signed("anna") };
        sheet.note(note).expect("room");
        for (side, person) in sides {
            sheet.sign(*side, signed(person)).expect("a signature");
        }
        HandoverRow { id: Uuid::from_u128(1), written_at: NOW, sheet }
    }

    fn open(id: Option<Uuid>, row: Option<&HandoverRow>) -> Standing {
        Standing::Open { id, notes: row.map(|row| row.sheet.notes.clone()).unwrap_or_default() }
    }

    #[test]
    fn an_unsigned_sheet_is_drawn_up_anew_and_keeps_its_notes() {
        let row = row(&[]);
        let later = NOW.plus(Duration::from_secs(100 * 3600));
        assert_eq!(standing(Some(row.clone()), later), open(Some(row.id), Some(&row)));
        assert_eq!(standing(None, NOW), open(None, None));
    }

    #[test]
    fn a_signed_sheet_waits_for_the_other_side_and_its_notes_outlive_it() {
        let row = row(&[(Side::Leaving, "anna")]);
        let soon = NOW.plus(Duration::from_secs(3600));
        assert_eq!(standing(Some(row.clone()), soon), Standing::Signed(Box::new(row.clone())));
        let late = NOW.plus(TAKEN_WITHIN);
        assert_eq!(standing(Some(row.clone()), late), open(None, Some(&row)));
    }

    #[test]
    fn a_sheet_that_both_have_signed_is_seen_for_a_while_and_then_gone_with_its_notes() {
        let row = row(&[(Side::Leaving, "anna"), (Side::Coming, "binh")]);
        assert_eq!(standing(Some(row.clone()), NOW), Standing::Signed(Box::new(row.clone())));
        assert_eq!(standing(Some(row), NOW.plus(SHOWN_FOR)), open(None, None));
    }
}
