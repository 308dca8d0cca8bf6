//! What becomes of a camera that somebody shows a colleague: taken, put aside, or neither for a
//! while. Pure: time is an argument.

use std::{
    collections::{BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

/// A colleague who is there has looked by then; whoever sent it would rather call them than wait on.
/// It stays open all the same, and may be taken later.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Cameras that are open at colleagues' consoles at once, of some hundred bytes each: sixteen for
/// each of sixteen consoles. When full, nobody hears any more what becomes of the oldest.
pub const OPEN_MAX: usize = 256;

/// Tells one camera that was shown from another, while the service runs.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct HandId(pub u64);

/// What has become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The colleague has it among their own cameras.
    Taken,
    /// They closed it, at each console where it came up.
    PutAside,
    /// Nobody did either within [`PATIENCE`]; it is still there.
    NotTaken,
    /// Their consoles are closed, and nobody took it.
    Gone,
}

/// Cameras that were shown and neither taken nor put aside. `H` is what is told of one.
#[derive(Debug)]
pub struct Handing<H> {
    /// The oldest first.
    open: VecDeque<Open<H>>,
    newest: HandId,
}

#[derive(Debug)]
struct Open<H> {
    id: HandId,
    hand: H,
    at: Instant,
    /// Where it is open, by number.
    consoles: BTreeSet<u64>,
    put_aside: bool,
    /// That nobody took it in time.
    told: bool,
}

impl<H> Default for Handing<H> {
    fn default() -> Self {
        Self { open: VecDeque::new(), newest: HandId::default() }
    }
}

impl<H> Handing<H> {
    /// A name for the next one.
    pub fn name(&mut self) -> HandId {
        self.newest.0 += 1;
        self.newest
    }

    /// It came up at these consoles. Says what nobody will hear more of, if there was no room.
    pub fn begin(
        &mut self,
        now: Instant,
        (id, hand): (HandId, H),
        consoles: BTreeSet<u64>,
    ) -> Option<(H, Outcome)> {
        let full = self.open.len() == OPEN_MAX;
        let oldest = full.then(|| self.open.pop_front()).flatten();
        self.open.push_back(Open { id, hand, at: now, consoles, put_aside: false, told: false });
        oldest.filter(|open| !open.told).map(|open| (open.hand, Outcome::NotTaken))
    }

    /// At one of the consoles where it came up it was taken, or put aside; from any other, it is
    /// nobody's word.
    pub fn answered(&mut self, id: HandId, console: u64, taken: bool) -> Option<(H, Outcome)> {
        let at = self.open.iter().position(|open| open.id == id)?;
        let open = self.open.get_mut(at)?;
        if !open.consoles.remove(&console) {
            return None;
        }
        open.put_aside |= !taken;
        if !taken && !open.consoles.is_empty() {
            return None;
        }
        let outcome = if taken { Outcome::Taken } else { Outcome::PutAside };
        self.open.remove(at).map(|open| (open.hand, outcome))
    }

    /// A console is closed; what that settles.
    pub fn left(&mut self, console: u64) -> Vec<(H, Outcome)> {
        let (mut settled, mut open) = (Vec::new(), VecDeque::new());
        for mut one in std::mem::take(&mut self.open) {
            let was_there = one.consoles.remove(&console);
            match (was_there && one.consoles.is_empty(), one.put_aside) {
                (false, _) => open.push_back(one),
                (true, true) => settled.push((one.hand, Outcome::PutAside)),
                (true, false) => settled.push((one.hand, Outcome::Gone)),
            }
        }
        self.open = open;
        settled
    }

    /// What time alone settles, told once.
    pub fn tick(&mut self, now: Instant) -> Vec<(H, Outcome)>
    where
        H: Clone,
    {
        let waited = |open: &&mut Open<H>| !open.told && now.duration_since(open.at) >= PATIENCE;
        let late = self.open.iter_mut().filter(waited).map(|open| {
            open.told = true;
            (open.hand.clone(), Outcome::NotTaken)
        });
        late.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Hands = Handing<&'static str>;

    /// Shown at these consoles at `now`.
    fn shown(hands: &mut Hands, now: Instant, what: &'static str, consoles: &[u64]) -> HandId {
        let id = hands.name();
        assert_eq!(hands.begin(now, (id, what), consoles.iter().copied().collect()), None);
        id
    }

    #[test]
    fn it_is_taken_by_the_first_console_that_takes_it_and_told_once() {
        let (mut hands, now) = (Hands::default(), Instant::now());
        let id = shown(&mut hands, now, "gate", &[1, 2]);
        assert_eq!(hands.answered(id, 3, true), None, "it never came up there");
        assert_eq!(hands.answered(id, 1, false), None, "the other may still take it");
        assert_eq!(hands.answered(id, 1, true), None, "there it is closed");
        assert_eq!(hands.answered(id, 2, true), Some(("gate", Outcome::Taken)));
        assert_eq!(hands.answered(id, 2, true), None);
        assert_eq!(hands.tick(now + PATIENCE), []);
    }

    #[test]
    fn it_is_put_aside_when_no_console_has_it_any_more() {
        let (mut hands, now) = (Hands::default(), Instant::now());
        let gate = shown(&mut hands, now, "gate", &[1, 2]);
        let yard = shown(&mut hands, now, "yard", &[1, 2]);
        assert_eq!(hands.answered(gate, 1, false), None);
        assert_eq!(hands.answered(gate, 2, false), Some(("gate", Outcome::PutAside)));
        assert_eq!(hands.answered(yard, 1, false), None);
        assert_eq!(hands.left(2), [("yard", Outcome::PutAside)], "one said so, the other went");
    }

    #[test]
    fn consoles_that_go_without_a_word_are_told_and_one_that_stays_is_waited_for() {
        let (mut hands, now) = (Hands::default(), Instant::now());
        shown(&mut hands, now, "gate", &[1]);
        shown(&mut hands, now, "yard", &[1, 2]);
        assert_eq!(hands.left(3), []);
        assert_eq!(hands.left(1), [("gate", Outcome::Gone)]);
        assert_eq!(hands.left(2), [("yard", Outcome::Gone)]);
    }

    #[test]
    fn what_nobody_takes_in_time_is_told_once_and_can_be_taken_later() {
        let (mut hands, now) = (Hands::default(), Instant::now());
        let id = shown(&mut hands, now, "gate", &[1]);
        assert_eq!(hands.tick(now + PATIENCE - Duration::from_millis(1)), []);
        assert_eq!(hands.tick(now + PATIENCE), [("gate", Outcome::NotTaken)]);
        assert_eq!(hands.tick(now + 2 * PATIENCE), []);
        assert_eq!(hands.answered(id, 1, true), Some(("gate", Outcome::Taken)));
    }

    #[test]
    fn no_more_are_open_than_there_is_room_for_and_of_the_oldest_that_is_told() {
        let (mut hands, now) = (Hands::default(), Instant::now());
        let first = shown(&mut hands, now, "first", &[1]);
        (1..OPEN_MAX).for_each(|_| _ = shown(&mut hands, now, "gate", &[1]));
        let id = hands.name();
        let told = hands.begin(now, (id, "last"), [1].into());
        assert_eq!(told, Some(("first", Outcome::NotTaken)));
        assert_eq!(hands.answered(first, 1, true), None);
        assert_eq!(hands.left(1).len(), OPEN_MAX);
    }
}
