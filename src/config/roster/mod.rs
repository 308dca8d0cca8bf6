//! Who watches what when: `[[position]]`, `[[person]]`, `[[shift]]`, `[roster]` and `[escalation]`.

mod escalation;
mod people;
mod positions;
mod shifts;

pub(super) use self::{
    escalation::escalation, people::people, positions::positions, shifts::shifts,
};
