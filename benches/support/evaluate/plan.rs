//! What is tried, and what happens when in a day.

use watchwall::sim::scene::Light;

use crate::{
    effect::{Effect, NEGATIVES},
    film::Script,
};

/// How much is tried.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Every one of them.
    pub(crate) effects: Vec<Effect>,
    /// In which light, at which local time.
    pub(crate) lights: Vec<(Light, f64)>,
    /// What a judge that knows nothing sees before an effect, seconds.
    pub(crate) lead_in_s: f64,
    /// How long a harmless effect lasts there, seconds.
    pub(crate) harmless_s: f64,
    /// Whether the day is run, and the judges that have seen half of it.
    pub(crate) day: bool,
    /// Between the day's keyframes, seconds.
    pub(crate) day_spacing_s: f64,
}

/// When the day begins.
pub(crate) const MORNING_S: f64 = 7.0 * 3_600.0;
/// And how long it lasts.
pub(crate) const DAY_S: f64 = 24.0 * 3_600.0;
/// Of each half hour, an effect has the first twenty minutes.
const SLOT_S: f64 = 1_800.0;
const EFFECT_S: f64 = 1_200.0;

impl Plan {
    /// What happens in the half hour that starts then, in its first twenty minutes.
    fn of_slot(&self, slot: usize) -> Effect {
        let harmless: Vec<Effect> =
            NEGATIVES.iter().copied().filter(|effect| self.effects.contains(effect)).collect();
        // The first half hour is there to learn from.
        match slot.checked_sub(1) {
            Some(n) if !harmless.is_empty() => harmless[n % harmless.len()],
            _ => Effect::Untouched,
        }
    }

    /// The stretches of the day: scripts that follow each other without a gap.
    pub(crate) fn day(&self) -> Vec<Script> {
        let mut scripts = Vec::new();
        for slot in 0..(DAY_S / SLOT_S) as usize {
            let from_s = MORNING_S + slot as f64 * SLOT_S;
            for (effect, from_s, length_s) in [
                (self.of_slot(slot), from_s, EFFECT_S),
                (Effect::Untouched, from_s + EFFECT_S, SLOT_S - EFFECT_S),
            ] {
                let spacing_s = self.day_spacing_s;
                let count = (length_s / spacing_s).round() as usize;
                scripts.push(Script { effect, from_s, spacing_s, count, light: None });
            }
        }
        scripts
    }
}
