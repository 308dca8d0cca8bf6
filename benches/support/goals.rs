//! Goals beside figures. A missed goal is said, never an error: a figure depends on the machine.

use std::fmt::Display;

/// Says whether a figure is at most its goal.
pub(crate) fn at_most(what: impl Display, figure: f64, goal: f64, unit: &str) {
    let word = if figure <= goal { "MET" } else { "MISSED" };
    println!("  goal: {what} ≤ {goal}{unit}: {figure:.2}{unit}, {word}");
}
