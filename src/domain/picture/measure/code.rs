//! Measures as bytes on the link, big-endian: scalars first, then the maps, whose lengths are fixed.

use super::{Measures, POINTS, luma::STEPS};
use crate::domain::picture::grid::{BLOCKS, CELLS};

impl Default for Measures {
    /// A picture that shows nothing.
    fn default() -> Self {
        Self {
            coded: 0,
            keyframe: false,
            decoded: 0,
            size: (0, 0),
            mean: 0.0,
            spread: 0.0,
            histogram: vec![0; STEPS],
            noise: 0.0,
            colour: 0.0,
            sharpness: 0.0,
            thumbnail: vec![0; CELLS],
            points: vec![0; POINTS],
            across: vec![0; CELLS],
            down: vec![0; CELLS],
            blocks: vec![0; BLOCKS],
            entropy: vec![0; BLOCKS],
        }
    }
}

impl Measures {
    /// The form that crosses the link.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.coded.to_be_bytes());
        out.extend_from_slice(&self.decoded.to_be_bytes());
        out.push(self.keyframe.into());
        out.extend_from_slice(&self.size.0.to_be_bytes());
        out.extend_from_slice(&self.size.1.to_be_bytes());
        for scalar in [self.mean, self.spread, self.noise, self.colour, self.sharpness] {
            out.extend_from_slice(&scalar.to_be_bytes());
        }
        for words in [&self.histogram, &self.blocks] {
            words.iter().for_each(|word| out.extend_from_slice(&word.to_be_bytes()));
        }
        for bytes in [&self.thumbnail, &self.points, &self.across, &self.down, &self.entropy] {
            out.extend_from_slice(bytes);
        }
    }

    /// Reads that form; `None` if it is not one.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = Rest(bytes);
        let coded = u64::from_be_bytes(rest.array()?);
        let decoded = u64::from_be_bytes(rest.array()?);
        let keyframe = match rest.array()? {
            [0] => false,
            [1] => true,
            _ => return None,
        };
        let size = (u16::from_be_bytes(rest.array()?), u16::from_be_bytes(rest.array()?));
        let mut scalar = || Some(f32::from_be_bytes(rest.array()?)).filter(|f| f.is_finite());
        let (mean, spread, noise, colour, sharpness) =
            (scalar()?, scalar()?, scalar()?, scalar()?, scalar()?);
        let measures = Self {
            coded,
            keyframe,
            decoded,
            size,
            mean,
            spread,
            noise,
            colour,
            sharpness,
            histogram: rest.words(STEPS)?,
            blocks: rest.words(BLOCKS)?,
            thumbnail: rest.bytes(CELLS)?.to_vec(),
            points: rest.bytes(POINTS)?.to_vec(),
            across: rest.bytes(CELLS)?.to_vec(),
            down: rest.bytes(CELLS)?.to_vec(),
            entropy: rest.bytes(BLOCKS)?.to_vec(),
        };
        rest.0.is_empty().then_some(measures)
    }
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    fn words(&mut self, count: usize) -> Option<Vec<u16>> {
        let (words, _) = self.bytes(2 * count)?.as_chunks::<2>();
        Some(words.iter().map(|word| u16::from_be_bytes(*word)).collect())
    }
}
