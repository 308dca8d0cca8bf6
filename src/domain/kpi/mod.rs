//! Figures of how alerts are dealt with, by position and shift: whether people get no more than they
//! can take, and how soon they take it (ISA-18.2 §16, EEMUA 191 §6).
//!
//! Figures are made of rows, one for each alert. Drills are in none of them; they have a report of
//! their own. Figures of stretches that meet at full ten minutes add up where they are counts.

mod drills;
mod figures;
mod floods;
mod reaction;
mod row;
mod shifts;
#[cfg(test)]
mod tests;

pub use self::{
    drills::{DrillReport, Injected, drills},
    figures::{Bin, Figures, Mix, Rate, Upset, Worst, Yardstick, bins, figures, positions},
    reaction::Reaction,
    row::Row,
    shifts::shifts,
};
