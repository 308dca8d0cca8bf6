//! What holds in every history. A history that breaks it is printed, and its seed is kept.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{history::*, *};

/// Steps of a history on average; with the cases below 220,000 in all, and a tick for each second or so
/// of the waits in them.
const STEPS: usize = 250;

fn histories() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..=2 * STEPS)
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, max_shrink_iters: 20_000, ..ProptestConfig::default() }
}

/// All that the book has said, played back, with what each change must be.
#[derive(Default)]
struct Replay {
    head: Seq,
    alerts: BTreeMap<AlertId, Arc<Alert>>,
    /// When each is due from the shelf.
    shelf_ends: BTreeMap<AlertId, Instant>,
}

impl Replay {
    fn follow(&mut self, at: Moment, said: &[Change]) {
        for change in said {
            assert_eq!(change.seq, self.head.next(), "no hole: {change:?}");
            assert_eq!(change.at, at.unix);
            self.head = change.seq;
            let after = &change.alert;
            assert_eq!(after.state, super::super::case::state_of(after), "{after:?}");
            let before = self.alerts.insert(after.id, after.clone());
            match before {
                None => assert_eq!(change.what, What::Opened),
                Some(before) => follows(&before, change),
            }
            match &change.what {
                What::Done(Act::Shelve { until, .. }) => {
                    _ = self.shelf_ends.insert(after.id, at.until(*until));
                }
                What::Opened => {
                    let same = |alert: &&Arc<Alert>| {
                        alert.is_open()
                            && (&alert.source, alert.drill) == (&after.source, after.drill)
                    };
                    assert_eq!(self.alerts.values().filter(same).count(), 1, "{after:?}");
                }
                _ => {}
            }
        }
    }

    fn is(&self, book: &Book) {
        assert_eq!(book.head(), self.head);
        let open: Vec<_> = self.alerts.values().filter(|alert| alert.is_open()).collect();
        let mut in_book: Vec<_> = book.open().collect();
        in_book.sort_by_key(|alert| alert.id);
        assert_eq!(open, in_book, "what was said is what is open");
    }
}

/// Whether a change may follow on what an alert was.
fn follows(before: &Alert, change: &Change) {
    let after = &*change.alert;
    let done = match &change.what {
        What::Done(act) => Some(act),
        _ => None,
    };
    assert_eq!(done.is_some(), change.by.is_some());
    let deed = done.is_some() || matches!(change.what, What::Escalated { .. });
    assert!(deed || before != after, "it says what changed: {change:?}");
    if before.acknowledged.is_none() && after.acknowledged.is_some() {
        assert!(matches!(done, Some(Act::Acknowledge | Act::Resolve { .. })), "{change:?}");
        assert_eq!(after.acknowledged.as_ref().map(|signed| &signed.by), change.by.as_ref());
    }
    if before.acknowledged.is_some() && after.acknowledged.is_none() {
        let anew =
            matches!(change.what, What::RaisedAgain | What::ShelfEnded | What::OutOfService(false));
        assert!(anew || matches!(done, Some(Act::Unshelve | Act::Pass { .. })), "{change:?}");
    }
    if before.is_open() && !after.is_open() {
        assert_eq!(change.what, What::Closed, "no other way to vanish");
        assert!(before.acknowledged.is_some(), "nobody took it: {before:?}");
        assert!(before.resolved.is_some() || before.cleared_at.is_some() && !before.momentary);
        assert!(before.shelved.is_none());
    }
    if !before.is_open() && after.is_open() {
        assert_eq!(change.what, What::RaisedAgain);
        assert!(before.resolved.is_none(), "what is settled is not opened again");
    }
    let words = matches!(change.what, What::Updated | What::Escalated { .. });
    assert!(!words || before.state == after.state, "{change:?}");
    assert!(after.count >= before.count && after.opened_at == before.opened_at);
}

/// What is open, against what is true.
fn is_true(book: &Book, world: &World, replay: &Replay) {
    let now = world.at.now;
    for (number, truth) in world.truths.iter().enumerate() {
        let named = source(SOURCES[number]);
        let mut open = book.open().filter(|alert| alert.source == named && !alert.drill);
        let alert = open.next();
        let plan = world.plan(number);
        let quiet_for = now - truth.since;
        let stands = alert.is_some_and(|alert| alert.cleared_at.is_none());
        // Timetables are looked at once a minute; chattering lasts a minute.
        let late = plan.on_delay.max(plan.off_delay) + MINUTE + SECOND;
        let held = truth.mask.is_some()
            || world.ordered(number)
            || plan.suppressed.is_some()
            || plan.count > 1;
        if truth.stands && !is_button(number) && !held && quiet_for > late {
            assert!(stands, "{named:?} stands for {quiet_for:?} and has {alert:?}");
        }
        if !truth.stands && !is_button(number) && quiet_for > late {
            assert!(!stands, "{named:?} is gone for {quiet_for:?} and has {alert:?}");
        }
        let Some(alert) = alert else { continue };
        if alert.state == State::Shelved {
            assert!(replay.shelf_ends[&alert.id] > now, "{alert:?}");
        }
        assert!(alert.suppressed_until.is_none() || plan.suppressed.is_some() || quiet_for < late);
        assert!(alert.masked_by.is_none() || truth.mask.is_some() || quiet_for < late, "{alert:?}");
    }
}

/// Everything that was put away comes back, when all that held it back is over.
fn all_comes_back(book: &mut Book, world: &mut World, replay: &mut Replay) {
    let mut inputs = Vec::new();
    for camera in 1..=4 {
        inputs.extend(world.inputs(&Step::OutOfService(camera, None)));
    }
    for source in 0..SOURCES.len() {
        inputs.extend(world.inputs(&Step::Planned(source, Some(0))));
        if world.truths[source].stands {
            let raise = Step::Raise { source, masked: None, evidence: 0, drill: false };
            inputs.extend(world.inputs(&raise));
        }
    }
    world.wait(25 * HOUR, &mut inputs);
    for (at, input) in &inputs {
        replay.follow(*at, &feed(book, *at, input));
        world.passed(*at);
    }
    replay.is(book);
    for alert in book.open() {
        let shown = match (alert.acknowledged.is_some(), alert.cleared_at.is_some()) {
            (true, _) => State::Acknowledged,
            (false, true) => State::ReturnedUnacknowledged,
            (false, false) => State::Unacknowledged,
        };
        assert_eq!(alert.state, shown, "it came back: {alert:?}");
    }
    for (number, truth) in world.truths.iter().enumerate() {
        let named = source(SOURCES[number]);
        let stands = |alert: &&Arc<Alert>| {
            alert.source == named && !alert.drill && alert.cleared_at.is_none()
        };
        if !is_button(number) {
            assert_eq!(book.open().any(|alert| stands(&alert)), truth.stands, "{named:?}");
        }
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn nothing_is_lost_and_everything_comes_back(steps in histories()) {
        let mut world = World::new(false);
        let mut book = Book::new(BookPolicy::default(), 7);
        let mut replay = Replay::default();
        for step in &steps {
            for (at, input) in world.inputs(step) {
                let due = book.next_deadline();
                let said = feed(&mut book, at, &input);
                if matches!(input, Input::Tick) && due.is_none_or(|due| due > at.now) {
                    assert_eq!(said, [], "it was not due");
                }
                replay.follow(at, &said);
                world.passed(at);
            }
            // At the end of the wait for a deadline nothing is due.
            let said = book.tick(world.at);
            replay.follow(world.at, &said);
            assert!(book.next_deadline().is_none_or(|due| due > world.at.now));
            replay.is(&book);
            is_true(&book, &world, &replay);
        }
        all_comes_back(&mut book, &mut world, &mut replay);
    }
}

fn run(policy: BookPolicy, steps: &[Step]) -> (Vec<Change>, Book) {
    let mut world = World::new(false);
    world.at.now = *START;
    let mut book = Book::new(policy, 7);
    let mut log = Vec::new();
    for step in steps {
        for (at, input) in world.inputs(step) {
            log.extend(feed(&mut book, at, &input));
            world.passed(at);
        }
    }
    (log, book)
}

static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn the_same_input_makes_the_same_book(steps in histories()) {
        let (log, book) = run(BookPolicy::default(), &steps);
        let (again, other) = run(BookPolicy::default(), &steps);
        prop_assert_eq!(log, again);
        prop_assert_eq!(format!("{book:?}"), format!("{other:?}"));
    }

    #[test]
    fn a_flood_changes_nothing_of_what_is_said(steps in histories()) {
        let never = BookPolicy { flood_over: usize::MAX, ..BookPolicy::default() };
        let at_once = BookPolicy { flood_over: 0, flood_under: 0, ..BookPolicy::default() };
        let (calm, _) = run(never, &steps);
        let (flooded, mut book) = run(at_once, &steps);
        prop_assert_eq!(calm, flooded);
        let opened = book.mix().of > 0;
        prop_assert_eq!(!book.floods_changed().is_empty(), opened);
    }

    #[test]
    fn a_small_book_is_never_over_full_and_says_what_waits(steps in histories()) {
        let policy = BookPolicy { open_max: 3, ..BookPolicy::default() };
        let mut world = World::new(false);
        let mut book = Book::new(policy, 7);
        let mut replay = Replay::default();
        for step in &steps {
            for (at, input) in world.inputs(step) {
                replay.follow(at, &feed(&mut book, at, &input));
                world.passed(at);
                let own = |alert: &&Arc<Alert>| alert.source.kind.as_str() == BOOK_FULL;
                let open = book.open().filter(|alert| !own(alert)).count();
                assert_eq!(open, book.open);
                assert!(open <= 3);
                let waits = !book.no_room.is_empty();
                assert!(!waits || open == 3, "there is room for what waits");
                let said = book.open().find(own).is_some_and(|own| own.cleared_at.is_none());
                assert!(!waits || said, "what waits is said");
            }
            replay.is(&book);
        }
    }

    #[test]
    fn after_a_restart_the_book_goes_on_as_if_there_had_been_none(
        before in histories(), after in histories()
    ) {
        let mut world = World::new(true);
        let mut book = Book::new(BookPolicy::default(), 7);
        let tell = |world: &mut World, books: &mut [&mut Book], inputs: Vec<(Moment, Input)>| {
            for (at, input) in inputs {
                for book in books.iter_mut() {
                    feed(book, at, &input);
                }
                world.passed(at);
            }
        };
        for step in &before {
            let inputs = world.inputs(step);
            tell(&mut world, &mut [&mut book], inputs);
        }
        // What chatters has calmed down, and all words are said.
        let mut calm = Vec::new();
        world.wait(2 * MINUTE, &mut calm);
        tell(&mut world, &mut [&mut book], calm);
        let stored = book.cases.values().filter_map(|case| case.entry.as_ref());
        let stored = stored.map(|entry| Alert::clone(&entry.said)).collect();
        let mut restored = Book::new(BookPolicy::default(), 8);
        restored.restore(world.at, stored, book.head());
        let mut both = [&mut book, &mut restored];
        let again = world.say_all();
        tell(&mut world, &mut both, again);
        for step in &after {
            let inputs = world.inputs(step);
            tell(&mut world, &mut both, inputs);
        }
        let mut calm = Vec::new();
        world.wait(2 * MINUTE, &mut calm);
        tell(&mut world, &mut both, calm);
        let bare = |book: &Book| -> Vec<Alert> {
            let bare = |alert: &Arc<Alert>| Alert {
                id: AlertId(uuid::Uuid::nil()),
                masks: Vec::new(),
                ..Alert::clone(alert)
            };
            book.open().map(bare).collect()
        };
        let (went_on, restarted) = (bare(&book), bare(&restored));
        for (left, right) in went_on.iter().zip(&restarted) {
            prop_assert_eq!(left, right);
        }
        prop_assert_eq!(went_on.len(), restarted.len());
    }
}
