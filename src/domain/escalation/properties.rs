//! What holds in every history: seeded random ones, each of thousands of steps, with a real book, people
//! who do anything, rosters that change, restarts, and a clock that steps.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use rand::{Rng, SeedableRng, rngs::SmallRng};

use super::{
    tests::{Desk, MINUTE, policy, slug},
    *,
};
use crate::domain::{
    alert::{Act, AlertId, Disposition, Fact, Priority},
    camera::Slug,
};

/// Together 120,000 steps.
const SEEDS: std::ops::Range<u64> = 0..24;
const STEPS: usize = 5000;
const PEOPLE: [&str; 5] = ["anna", "binh", "chi", "dung", "em"];

/// What is known of one alert that nobody has read.
struct Unread {
    since: Instant,
    /// What people did meanwhile that gives a step its time anew, and restarts, each of which may
    /// cost one step's time if the clock was set back.
    delays: u32,
}

struct History {
    desk: Desk,
    random: SmallRng,
    unread: BTreeMap<AlertId, Unread>,
    /// The last step of each alert.
    last: BTreeMap<AlertId, (Instant, Stage)>,
    /// Whom the ladder told over what, since the first step.
    told: BTreeMap<AlertId, BTreeSet<(Slug, Slug)>>,
    restarted: bool,
    /// Steps seen of each sort, to know that the history had something in it.
    everyone: usize,
    reminders: usize,
}

impl History {
    fn new(seed: u64) -> Self {
        Self {
            desk: Desk::new([Priority::High, Priority::Medium, Priority::Low][(seed % 3) as usize]),
            random: SmallRng::seed_from_u64(seed),
            unread: BTreeMap::new(),
            last: BTreeMap::new(),
            told: BTreeMap::new(),
            restarted: false,
            everyone: 0,
            reminders: 0,
        }
    }

    fn step(&mut self) {
        let camera = ["a", "b", "c", "d"][self.random.random_range(0..4)];
        let mut by_time = false;
        let mut acted = None;
        match self.random.random_range(0..100) {
            0..10 => self.desk.raise(camera),
            10..14 => self.desk.hear(Fact::Cleared(Desk::source(camera))),
            14..24 => acted = self.act(),
            24..26 => {
                self.desk.restart();
                self.restarted = true;
                self.unread.values_mut().for_each(|unread| unread.delays += 1);
            }
            26..28 => {
                let step = self.random.random_range(-7200..7200_i64) * 1_000_000;
                let unix = &mut self.desk.at.unix;
                *unix = UnixMicros(unix.0.saturating_add_signed(step));
            }
            28..30 => self.another_shift(),
            _ => {
                let seconds = self.random.random_range(1..180);
                self.desk.at = self.desk.at.plus(Duration::from_secs(seconds));
                self.desk.tick();
                by_time = true;
            }
        }
        self.look(by_time, acted);
    }

    fn act(&mut self) -> Option<AlertId> {
        let open: Vec<AlertId> = self.desk.book.open().map(|alert| alert.id).collect();
        if open.is_empty() {
            return None;
        }
        let id = open[self.random.random_range(0..open.len())];
        let by = PEOPLE[self.random.random_range(0..PEOPLE.len())];
        let words = "words".to_owned();
        let act = match self.random.random_range(0..20) {
            0..5 => Act::Read,
            5..8 => Act::Acknowledge,
            8..11 => Act::Pass { reason: words },
            11 => Act::Help { text: words },
            12..14 => Act::Assign { to: slug(PEOPLE[self.random.random_range(0..PEOPLE.len())]) },
            14..16 => {
                let minutes = self.random.random_range(1..30);
                Act::Shelve { until: self.desk.at.unix.plus(MINUTE * minutes), reason: words }
            }
            16 => Act::Unshelve,
            17 => Act::Comment { text: words },
            _ => Act::Resolve { disposition: Disposition::Real, comment: None },
        };
        self.desk.act(id, by, act);
        Some(id)
    }

    fn another_shift(&mut self) {
        let shift = self.random.random_range(0..self.desk.roster.shifts.len());
        let mut people: Vec<Slug> = PEOPLE.iter().map(|id| slug(id)).collect();
        people.retain(|_| self.random.random_bool(0.4));
        self.desk.roster.shifts[shift].people = people;
    }

    fn look(&mut self, by_time: bool, acted: Option<AlertId>) {
        let steps = std::mem::take(&mut self.desk.steps);
        for (id, step) in &steps {
            self.check(*id, step, by_time);
        }
        if by_time {
            let ids: BTreeSet<AlertId> = steps.iter().map(|(id, _)| *id).collect();
            assert_eq!(ids.len(), steps.len(), "more than one step at once: {steps:?}");
        }
        let now = self.desk.at.now;
        let within = self.desk.plan.acknowledge_within;
        let mut unread = BTreeMap::new();
        for alert in self.desk.book.open().filter(|alert| alert.needs_a_person()) {
            let stage = alert.stage.as_ref().expect("somebody was told");
            assert_eq!(self.desk.ladder.stage(alert.id), Some(stage), "they disagree");
            if alert.read.is_some() {
                continue;
            }
            let mut known =
                self.unread.remove(&alert.id).unwrap_or(Unread { since: now, delays: 0 });
            known.delays += u32::from(acted == Some(alert.id));
            // Time passes here by up to three minutes at once.
            let rungs = u32::try_from(policy().rungs().len()).expect("a few");
            let latest = (within + 3 * MINUTE) * (rungs + known.delays);
            assert!(
                stage.everyone || now.duration_since(known.since) <= latest,
                "nobody read it for {:?}, and not everyone was told: {alert:?}",
                now.duration_since(known.since),
            );
            unread.insert(alert.id, known);
        }
        self.unread = unread;
        if by_time {
            self.restarted = false;
        }
    }

    fn check(&mut self, id: AlertId, step: &Step, by_time: bool) {
        let Step { stage, told } = step;
        assert!(stage.everyone || !told.is_empty(), "nobody was told: {step:?}");
        let people: BTreeSet<&Slug> = told.iter().map(|(person, _)| person).collect();
        assert_eq!(people.len(), told.len(), "somebody was told twice: {step:?}");
        for (person, channels) in told {
            let person = self.desk.roster.person(person).expect("a person of the roster");
            let each: BTreeSet<&Slug> = channels.iter().collect();
            assert_eq!(each.len(), channels.len(), "twice over one channel: {step:?}");
            let own =
                |channel: &Slug| person.channels.iter().any(|reach| reach.channel == *channel);
            assert!(channels.iter().all(own), "not a channel of theirs: {step:?}");
            assert!(stage.told.contains(&person.id), "{step:?}");
        }
        let now = self.desk.at.now;
        let before = self.last.insert(id, (now, stage.clone()));
        let is_first = self.desk.anew.remove(&id);
        let before = before.filter(|_| !is_first);
        let reminded = before.as_ref().is_some_and(|(_, b)| b.reminders < stage.reminders);
        if let Some((then, before)) = before.as_ref().filter(|_| by_time && !self.restarted) {
            let waited = now.duration_since(*then);
            assert!(waited >= 2 * MINUTE, "{waited:?} from {before:?} to {step:?}");
            assert!(stage.step >= before.step, "from {before:?} down to {step:?}");
        }
        let over = self.told.entry(id).or_default();
        if is_first {
            over.clear();
        }
        let pairs = told.iter().flat_map(|(p, all)| all.iter().map(|c| (p.clone(), c.clone())));
        if by_time && !stage.everyone && !reminded {
            for pair in pairs {
                assert!(over.insert(pair.clone()), "{pair:?} again: {step:?}");
            }
        }
        self.everyone += usize::from(stage.everyone);
        self.reminders += usize::from(reminded);
    }
}

#[test]
fn every_climb_ends_with_a_person_or_with_everyone_whatever_happens() {
    let (mut everyone, mut reminders) = (0, 0);
    for seed in SEEDS {
        println!("seed {seed}");
        let mut history = History::new(seed);
        for _ in 0..STEPS {
            history.step();
        }
        everyone += history.everyone;
        reminders += history.reminders;
    }
    assert!(everyone > 1000 && reminders > 300, "{everyone} and {reminders}: too quiet a history");
}

#[test]
fn two_runs_over_the_same_history_say_the_same() {
    let run = |seed| {
        let mut history = History::new(seed);
        (0..1000).for_each(|_| history.step());
        history.desk.said
    };
    for seed in SEEDS {
        assert_eq!(run(seed), run(seed), "seed {seed}");
    }
}

#[test]
fn a_restart_at_any_minute_leads_to_the_same_end() {
    let run = |restart: Option<u64>, read: Option<u64>| {
        let mut desk = Desk::new(Priority::High);
        desk.raise("a");
        for minute in 0..60 {
            if read == Some(minute) {
                desk.act(desk.only(), "anna", Act::Read);
            }
            if restart == Some(minute) {
                desk.restart();
            }
            desk.wait(1);
        }
        desk.said
    };
    for read in [None, Some(0), Some(3), Some(20)] {
        let expected = run(None, read);
        assert!(expected.len() > 3, "{expected:?}");
        for restart in 0..60 {
            assert_eq!(run(Some(restart), read), expected, "read {read:?}, restart {restart}");
        }
    }
}
