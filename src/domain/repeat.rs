//! What was ordered under which name, so that an order which is sent again, because its answer was
//! lost, is carried out once and answered alike. Pure: time is an argument.
//!
//! In memory: a restart forgets it. What must be done once over a restart too is kept with what it
//! changed, as for alerts.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::alert::Actor;

/// For so long an order is known: whoever has not come back within it has looked at the wall anew.
pub const KNOWN_FOR: Duration = Duration::from_secs(10 * 60);

/// Orders that are known at once, of all people: nearly one a second for [`KNOWN_FOR`], of some
/// kilobytes each. Beyond it the oldest is forgotten before its time.
pub const KNOWN_MAX: usize = 512;

/// Orders of the last minutes, with what came of each. An order that was refused is none: it changed
/// nothing, and is judged anew.
#[derive(Debug)]
pub struct Repeats<O, D> {
    /// The newest last.
    known: VecDeque<Known<O, D>>,
}

#[derive(Debug)]
struct Known<O, D> {
    at: Instant,
    by: Actor,
    request: String,
    order: O,
    done: D,
}

/// What an order is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent<D> {
    /// Not known under this name.
    New,
    /// Carried out already, and this came of it.
    Again(D),
    /// Under this name the same person ordered something else.
    Other,
}

impl<O, D> Default for Repeats<O, D> {
    fn default() -> Self {
        Self { known: VecDeque::new() }
    }
}

impl<O: PartialEq, D: Clone> Repeats<O, D> {
    /// What an order is that somebody calls `request`. Names of different people have nothing to do
    /// with each other.
    pub fn look(&mut self, now: Instant, by: &Actor, request: &str, order: &O) -> Sent<D> {
        self.forget(now);
        let mut known = self.known.iter();
        match known.find(|known| known.by == *by && known.request == request) {
            None => Sent::New,
            Some(known) if known.order == *order => Sent::Again(known.done.clone()),
            Some(_) => Sent::Other,
        }
    }

    /// It was carried out; this came of it.
    pub fn done(&mut self, now: Instant, by: Actor, request: String, order: O, done: D) {
        self.forget(now);
        if self.known.len() == KNOWN_MAX {
            self.known.pop_front();
        }
        self.known.push_back(Known { at: now, by, request, order, done });
    }

    fn forget(&mut self, now: Instant) {
        while self.known.front().is_some_and(|first| now.duration_since(first.at) >= KNOWN_FOR) {
            self.known.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Orders = Repeats<&'static str, u32>;

    fn lan() -> Actor {
        Actor { user: "lan".to_owned(), person: None }
    }

    /// Sends an order as a service takes it: what is new is carried out and answered by `done`.
    fn send(orders: &mut Orders, now: Instant, name: &str, order: &'static str, done: u32) -> u32 {
        match orders.look(now, &lan(), name, &order) {
            Sent::Again(before) => before,
            Sent::Other => panic!("{name} was something else"),
            Sent::New => {
                orders.done(now, lan(), name.to_owned(), order, done);
                done
            }
        }
    }

    #[test]
    fn an_order_sent_again_is_answered_as_the_first_time_for_ten_minutes() {
        let (mut orders, start) = (Orders::default(), Instant::now());
        assert_eq!(send(&mut orders, start, "a", "tour", 1), 1);
        assert_eq!(send(&mut orders, start, "b", "tour", 2), 2, "another name, another order");
        let last = start + KNOWN_FOR - Duration::from_millis(1);
        assert_eq!(send(&mut orders, last, "a", "tour", 3), 1);
        assert_eq!(send(&mut orders, start + KNOWN_FOR, "a", "tour", 4), 4);
    }

    #[test]
    fn a_name_is_that_of_one_order_and_each_persons_own() {
        let (mut orders, now) = (Orders::default(), Instant::now());
        send(&mut orders, now, "a", "tour", 1);
        assert_eq!(orders.look(now, &lan(), "a", &"clear"), Sent::Other);
        let minh = Actor { user: "minh".to_owned(), person: None };
        assert_eq!(orders.look(now, &minh, "a", &"tour"), Sent::New);
    }

    #[test]
    fn no_more_are_known_than_there_is_room_for_and_the_oldest_goes_first() {
        let (mut orders, now) = (Orders::default(), Instant::now());
        for n in 0..u32::try_from(KNOWN_MAX).expect("a small number") + 1 {
            send(&mut orders, now, &n.to_string(), "tour", n);
        }
        assert_eq!(orders.known.len(), KNOWN_MAX);
        assert_eq!(orders.look(now, &lan(), "0", &"tour"), Sent::New);
        assert_eq!(orders.look(now, &lan(), "1", &"tour"), Sent::Again(1));
    }
}
