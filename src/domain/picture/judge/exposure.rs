//! Black and burnt-out pictures, against what this camera sees at this time of day.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::{PATIENCE, lasting::Lasting};
use crate::domain::picture::Measures;

/// Below this level nearly all of a picture without light lies, letterings aside.
const NO_LIGHT: f32 = 16.0;
/// Noise up to which a dark picture shows nothing: a sensor in a dark street shows more of it.
const NO_NOISE: f32 = 1.5;
/// Above this level a sample is burnt out.
const BURNT: f32 = 240.0;
/// Share of the samples that letterings may take.
const LETTERING: f32 = 0.06;
/// A picture this much darker than usual …
const DARKER: f32 = 0.35;
/// … and darker than this at all, which has lost its landmarks, is black.
const DARK: f32 = 32.0;
/// Share of burnt-out samples that is too much, where half of it is not usual.
const TOO_BRIGHT: f32 = 0.6;
/// Share of the landmarks that must be gone with it.
const GONE: f32 = 0.6;

/// The two checks.
#[derive(Clone, Debug, Default)]
pub(super) struct Exposure {
    black: Lasting,
    overexposed: Lasting,
}

impl Exposure {
    /// Takes note of a picture; `lost` is the share of landmarks that are gone in it, if known, and
    /// is asked of a picture that is very dark or very bright only. Whether it is too dark or too
    /// bright to show anything else.
    pub(super) fn apply(
        &mut self,
        now: Instant,
        measures: &Measures,
        usual: Option<Usual>,
        lost: impl FnOnce() -> Option<f32>,
    ) -> bool {
        let dark = share_below(measures, NO_LIGHT) >= 1.0 - LETTERING;
        let nothing = dark && measures.noise <= NO_NOISE;
        let unusual = usual.is_some_and(|usual| measures.mean < DARKER * usual.mean);
        let darker = unusual && measures.mean < DARK;
        let burnt = 1.0 - share_below(measures, BURNT);
        let burnt_usually = usual.map_or(0.0, |usual| usual.burnt);
        let bright = burnt >= TOO_BRIGHT && burnt_usually < burnt / 2.0;
        let lost = if nothing || darker || bright { lost() } else { None };
        let blind = lost.is_none_or(|lost| lost >= GONE);
        let black = blind
            && (nothing || (darker && lost.is_some()))
            && !usual.is_some_and(|usual| usual.mean < NO_LIGHT && lost.is_none());
        let white = blind && bright;
        let level = measures.mean / 2.55;
        self.black.feed(
            now,
            PATIENCE,
            black.then_some(|| match usual {
                Some(usual) => format!(
                    "the mean level is {level:.0} %, where it is usually {:.0} % at this hour",
                    usual.mean / 2.55
                ),
                None => format!("the mean level is {level:.0} % and nothing stands out"),
            }),
        );
        self.overexposed.feed(
            now,
            PATIENCE,
            white.then_some(|| {
                format!(
                    "{:.0} % of the picture is burnt out, where {:.0} % usually is at this hour",
                    burnt * 100.0,
                    burnt_usually * 100.0
                )
            }),
        );
        black || white
    }

    /// What is said of darkness.
    pub(super) fn black(&self) -> Option<&str> {
        self.black.evidence()
    }

    /// What is said of brightness.
    pub(super) fn overexposed(&self) -> Option<&str> {
        self.overexposed.evidence()
    }
}

/// Share of the samples below a level, by whole steps of the histogram.
fn share_below(measures: &Measures, level: f32) -> f32 {
    let steps = (level / 8.0) as usize;
    let below: u32 = measures.histogram.iter().take(steps).map(|share| u32::from(*share)).sum();
    below as f32 / f32::from(u16::MAX)
}

/// How bright it is at each hour of the local day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Hours(Vec<Hour>);

/// One hour of the day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Hour {
    pictures: u16,
    mean: f32,
    burnt: f32,
}

/// What is usual at an hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Usual {
    mean: f32,
    burnt: f32,
}

/// Pictures of an hour that count before it is known.
const KNOWN: u16 = 10;
/// A picture weighs at least one in so many: some days.
const MEMORY: u16 = 5_000;

impl Hours {
    /// A good picture at that hour.
    pub(super) fn note(&mut self, hour: usize, measures: &Measures) {
        self.0.resize(24, Hour::default());
        let Some(usual) = self.0.get_mut(hour) else { return };
        usual.pictures = usual.pictures.saturating_add(1).min(MEMORY);
        let share = 1.0 / f32::from(usual.pictures);
        usual.mean += (measures.mean - usual.mean) * share;
        usual.burnt += (1.0 - share_below(measures, BURNT) - usual.burnt) * share;
    }

    /// What is usual then: the darker of it and the hours beside it, because dusk moves through
    /// the year.
    pub(super) fn usual(&self, hour: usize) -> Option<Usual> {
        let known = |hour: usize| self.0.get(hour % 24).filter(|hour| hour.pictures >= KNOWN);
        let here = known(hour)?;
        let around = [known(hour + 23), Some(here), known(hour + 1)];
        let around = around.iter().flatten();
        let mean = around.clone().map(|hour| hour.mean).fold(f32::MAX, f32::min);
        let burnt = around.map(|hour| hour.burnt).fold(0.0, f32::max);
        Some(Usual { mean, burnt })
    }
}
