//! Seeded chance: the same key gives the same picture on every machine and in every run.

/// A small generator (splitmix64).
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// From any words that name what is thrown for.
    pub(crate) fn of(words: &[u64]) -> Self {
        let mut chance = Self(0x7761_7463_6877_616c);
        for word in words {
            chance.0 = chance.bits() ^ word.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        chance
    }

    /// The next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to 1.
    pub(crate) fn share(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1_u64 << 24) as f32
    }

    /// Between two numbers.
    pub(crate) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.share()
    }

    /// One of two, equally likely.
    pub(crate) fn toss(&mut self) -> bool {
        self.bits() >> 63 == 1
    }
}

/// A name as a word to throw for.
pub(crate) fn word(name: &str) -> u64 {
    // FNV-1a.
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
