//! What a look at the facts says of one condition, before any delay.

use std::time::Duration;

/// Whether a condition's cause is there.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cause {
    /// It is.
    Present(Evidence),
    /// It is not; `enough` once that was seen often enough for the condition to be cleared.
    Absent { enough: bool },
    /// Nothing can be said now: what is raised stays, what is not is not raised.
    Unknown,
}

/// Why a cause is said to be there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Evidence {
    /// One plain English sentence.
    pub(super) words: String,
    /// The figure in the words that moves by itself. New words with nearly the same figure tell
    /// nothing new.
    pub(super) figure: Option<f64>,
    /// New words are told at once: they come with an event, and are not measured again and again.
    pub(super) prompt: bool,
    /// How long the cause had been there already when it was first found.
    pub(super) lasted: Duration,
}

impl Cause {
    /// Not there, for certain.
    pub(super) fn absent() -> Self {
        Self::Absent { enough: true }
    }

    /// There, as an event told.
    pub(super) fn told(words: String) -> Self {
        let evidence = Evidence { prompt: true, ..Evidence::of(words) };
        Self::Present(evidence)
    }

    /// There, as measured.
    pub(super) fn measured(words: String, figure: f64) -> Self {
        Self::Present(Evidence { figure: Some(figure), ..Evidence::of(words) })
    }
}

impl Evidence {
    /// Words alone.
    pub(super) fn of(words: String) -> Self {
        Self { words, figure: None, prompt: false, lasted: Duration::ZERO }
    }
}
