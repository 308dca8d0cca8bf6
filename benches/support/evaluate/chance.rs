//! Seeded chance: the same key gives the same picture on every machine and in every run.

pub(crate) use watchwall::sim::scene::Dice as Chance;

/// A name as a word to throw for.
pub(crate) fn word(name: &str) -> u64 {
    // FNV-1a.
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
