//! Which of many viewers: a set of the small numbers that their slots have.

/// A set of slots: a bit for each, so that sets of hundreds of viewers are joined in a few steps.
#[derive(Clone, Debug, Default)]
pub struct Slots {
    words: Vec<u64>,
}

impl Slots {
    /// Adds a slot.
    pub fn insert(&mut self, slot: usize) {
        let word = slot / BITS;
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (slot % BITS);
    }

    /// Takes a slot out.
    pub fn remove(&mut self, slot: usize) {
        if let Some(word) = self.words.get_mut(slot / BITS) {
            *word &= !(1 << (slot % BITS));
        }
    }

    /// Adds all of the others.
    pub fn add(&mut self, others: &Self) {
        if self.words.len() < others.words.len() {
            self.words.resize(others.words.len(), 0);
        }
        for (word, other) in self.words.iter_mut().zip(&others.words) {
            *word |= other;
        }
    }

    /// Takes all out, the lowest first. What is not asked for stays.
    pub fn drain(&mut self) -> impl Iterator<Item = usize> {
        self.words.iter_mut().enumerate().flat_map(|(index, word)| {
            std::iter::from_fn(move || {
                let bit = (*word != 0).then(|| word.trailing_zeros())?;
                *word &= *word - 1;
                Some(index * BITS + bit as usize)
            })
        })
    }
}

const BITS: usize = u64::BITS as usize;

impl FromIterator<usize> for Slots {
    fn from_iter<I: IntoIterator<Item = usize>>(slots: I) -> Self {
        let mut set = Self::default();
        slots.into_iter().for_each(|slot| set.insert(slot));
        set
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_was_put_in_and_not_taken_out(
            acts in prop::collection::vec((0..3u8, 0..300usize), 0..200),
            others in prop::collection::btree_set(0..400usize, 0..50),
            most in 0..300usize,
        ) {
            let (mut slots, mut model) = (Slots::default(), BTreeSet::new());
            for (act, slot) in acts {
                if act == 0 {
                    slots.remove(slot);
                    model.remove(&slot);
                } else {
                    slots.insert(slot);
                    model.insert(slot);
                }
            }
            slots.add(&others.iter().copied().collect());
            model.extend(others);
            let first: Vec<usize> = slots.drain().take(most).collect();
            let second: Vec<usize> = slots.drain().collect();
            prop_assert_eq!([first, second].concat(), model.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(slots.drain().next(), None);
        }
    }
}
