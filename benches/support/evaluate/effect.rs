//! What is done to a camera: what must be found, and what must not be taken for it.

use watchwall::domain::camera::Condition;

/// Something that happens to a picture or to a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Effect {
    /// Nothing.
    Untouched,
    /// Streaks, a grey veil and drops on the glass.
    Rain,
    /// Two beams into the lens, and the exposure that gives way to them.
    Headlights,
    /// People over a third of the view.
    Crowd,
    /// A third of the view sways by several pixels.
    Leaves,
    /// The sun beside the view: a veil, a bright spot and ghosts.
    Flare,
    /// The exposure jumps by half and back.
    Exposure,
    /// The sensor's gain is up.
    Noise,
    /// Coded twice at half the rate before.
    Artefacts,
    /// Nothing moves at all, but the sensor makes noise.
    Quiet,
    /// The newest keyframe again and again, byte by byte.
    FreezeEqual,
    /// The newest picture coded anew again and again.
    FreezeRecoded,
    /// The same, with the clock in the picture going on.
    FreezeClock,
    /// The last so many seconds again and again, byte by byte.
    Loop(u8),
    /// No light on the sensor.
    Black,
    /// Every pixel burnt out.
    White,
    /// Out of focus: one of three strengths, as the radius of three box filters at 640 pixels.
    Blur(u8),
    /// So many per cent of the view hidden by something flat.
    Cover(u8),
    /// So many per cent hidden by something close with folds and a pattern.
    CoverTextured(u8),
    /// Turned sideways by so many per cent of the width.
    Shift(u8),
    /// Rolled by so many degrees.
    Rotate(u8),
}

use Effect::*;

/// What must raise nothing.
pub(crate) const NEGATIVES: [Effect; 10] =
    [Untouched, Rain, Headlights, Crowd, Leaves, Flare, Exposure, Noise, Artefacts, Quiet];

/// What must be found.
pub(crate) const POSITIVES: [Effect; 21] = [
    FreezeEqual,
    FreezeRecoded,
    FreezeClock,
    Loop(4),
    Loop(20),
    Black,
    White,
    Blur(2),
    Blur(4),
    Blur(8),
    Cover(30),
    Cover(60),
    Cover(100),
    CoverTextured(30),
    CoverTextured(60),
    CoverTextured(100),
    Shift(5),
    Shift(15),
    Shift(40),
    Rotate(5),
    Rotate(15),
];

/// The conditions of pictures, as columns.
pub(crate) const CONDITIONS: [Condition; 7] = [
    Condition::Frozen,
    Condition::Looped,
    Condition::Black,
    Condition::Overexposed,
    Condition::Defocused,
    Condition::Covered,
    Condition::Moved,
];

impl Effect {
    /// What must be raised; `None` of a negative.
    pub(crate) fn expected(self) -> Option<Condition> {
        Some(match self {
            FreezeEqual | FreezeRecoded | FreezeClock => Condition::Frozen,
            Loop(_) => Condition::Looped,
            Black => Condition::Black,
            White => Condition::Overexposed,
            Blur(_) => Condition::Defocused,
            Cover(_) | CoverTextured(_) => Condition::Covered,
            Shift(_) | Rotate(_) => Condition::Moved,
            _ => return None,
        })
    }

    /// Whether it is done to a stream, not to a picture.
    pub(crate) fn of_streams(self) -> bool {
        matches!(self, FreezeEqual | FreezeRecoded | FreezeClock | Loop(_))
    }

    /// Whether the goal counts it. The others are there to be known.
    pub(crate) fn counted(self) -> bool {
        !matches!(self, FreezeClock)
    }

    /// Its name in tables and behind `--only`.
    pub(crate) fn name(self) -> String {
        match self {
            Untouched => "untouched".into(),
            Rain => "rain".into(),
            Headlights => "headlights".into(),
            Crowd => "crowd".into(),
            Leaves => "leaves".into(),
            Flare => "flare".into(),
            Exposure => "exposure".into(),
            Noise => "noise".into(),
            Artefacts => "artefacts".into(),
            Quiet => "quiet".into(),
            FreezeEqual => "freeze-equal".into(),
            FreezeRecoded => "freeze-recoded".into(),
            FreezeClock => "freeze-clock".into(),
            Loop(seconds) => format!("loop-{seconds}s"),
            Black => "black".into(),
            White => "white".into(),
            Blur(radius) => format!("blur-{radius}"),
            Cover(percent) => format!("cover-flat-{percent}"),
            CoverTextured(percent) => format!("cover-close-{percent}"),
            Shift(percent) => format!("shift-{percent}"),
            Rotate(degrees) => format!("rotate-{degrees}"),
        }
    }
}

/// The short name of a condition, for columns.
pub(crate) fn short(condition: Condition) -> String {
    serde_json::to_value(condition)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_else(|| format!("{condition:?}"))
}
