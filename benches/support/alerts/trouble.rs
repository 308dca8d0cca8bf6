//! What goes wrong in a day of 150 cameras, and what is no trouble at all: a plan from a seed.
//!
//! How often is a guess at a province's network of cameras that is neither new nor neglected, taken
//! high where in doubt; how long, and how it looks, is from the families of faults in
//! docs/health.md.

use rand::{Rng, SeedableRng, rngs::SmallRng, seq::SliceRandom};

use super::gallery::Look;

/// Cameras, ten at each site.
pub(crate) const CAMERAS: u32 = 150;
pub(crate) const PER_SITE: u32 = 10;
/// Everything is learnt by then, seconds from the start.
const SETTLED_S: u64 = 1800;

/// What a camera does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// Its network is away: sessions end, new ones do not begin.
    Away,
    /// It closes the connection, and takes the next one.
    Resets,
    /// The connection is there, and nothing comes over it.
    Silent,
    /// It rejects our password.
    Rejects,
    /// Of a hundred packets so many are lost.
    Loses(u64),
    /// It sends a third of its frames.
    Slow,
    /// Its picture is another.
    Shows(Look),
}

/// One cause, and what it does to these cameras in these stretches.
#[derive(Clone, Debug)]
pub(crate) struct Cause {
    pub(crate) name: &'static str,
    pub(crate) what: What,
    pub(crate) cameras: Vec<u32>,
    /// From and until, seconds from the start.
    pub(crate) windows: Vec<(u64, u64)>,
    /// What one alert is to say of it; `None`: no alert is due.
    pub(crate) due: Option<&'static [&'static str]>,
}

impl Cause {
    /// Whether it happens to a camera now.
    pub(crate) fn holds(&self, camera: u32, at_s: u64) -> bool {
        self.cameras.contains(&camera)
            && self.windows.iter().any(|(from, until)| (*from..*until).contains(&at_s))
    }

    pub(crate) fn begins(&self) -> u64 {
        self.windows.first().map_or(0, |(from, _)| *from)
    }

    pub(crate) fn ends(&self) -> u64 {
        self.windows.last().map_or(0, |(_, until)| *until)
    }
}

/// A loss is told by the first of its names: decision 12.
const LOSS: &[&str] = &["stalled", "unreachable"];

/// A name, what happens, how often a day, for how long, and what one alert is to say of it.
type Real = (&'static str, What, u32, (u64, u64), &'static [&'static str]);

/// All causes of a day that is so long.
pub(crate) fn plan(day_s: u64, seed: u64) -> Vec<Cause> {
    let mut planner = Planner::new(day_s, seed);
    let minute = 60;
    let hour = 60 * minute;
    use What::{Away, Loses, Rejects, Resets, Shows, Silent, Slow};
    planner.site("fibre of a site cut", (40 * minute, 90 * minute), 1);
    planner.site("power of a site lost", (8 * minute, 12 * minute), 1);
    let real: [Real; 15] = [
        ("camera dead", Away, 2, (4 * hour, 8 * hour), LOSS),
        ("switch port lost", Away, 4, (5 * minute, 40 * minute), LOSS),
        ("camera restarts itself", Away, 6, (60, 100), LOSS),
        ("encoder hangs", Silent, 3, (10 * minute, 60 * minute), &["stalled", "keyframe-overdue"]),
        ("password changed", Rejects, 1, (2 * hour, 3 * hour), &["credentials-rejected"]),
        ("radio in rain", Loses(5), 3, (30 * minute, 90 * minute), &["packet-loss"]),
        ("frame rate falls", Slow, 1, (hour, 2 * hour), &["low-frame-rate"]),
        (
            "picture stands still",
            Shows(Look::Frozen),
            2,
            (10 * minute, 2 * hour),
            &["frozen", "looped"],
        ),
        (
            "recording replayed",
            Shows(Look::Looped(5)),
            1,
            (20 * minute, hour),
            &["looped", "frozen"],
        ),
        ("light of a camera fails", Shows(Look::Black), 2, (20 * minute, 3 * hour), &["black"]),
        ("sensor burnt out", Shows(Look::White), 1, (hour, 2 * hour), &["overexposed"]),
        ("lens dirty", Shows(Look::Blurred), 2, (3 * hour, 6 * hour), &["defocused"]),
        (
            "lens covered",
            Shows(Look::Covered),
            2,
            (10 * minute, 40 * minute),
            &["covered", "black"],
        ),
        (
            "camera turned",
            Shows(Look::Turned),
            2,
            (30 * minute, 3 * hour),
            &["moved", "covered", "defocused"],
        ),
        ("lorry parked in view", Shows(Look::Lorry), 2, (15 * minute, 50 * minute), &["covered"]),
    ];
    for (name, what, times, lasts, due) in real {
        for _ in 0..times {
            planner.one(name, what, lasts, Some(due));
        }
    }
    for _ in 0..3 {
        planner.flapping();
    }
    let harmless: [(&str, What, u32, (u64, u64)); 6] = [
        ("connection reset", Resets, 300, (1, 2)),
        ("network hiccup", Silent, 300, (2, 4)),
        ("burst of loss", Loses(3), 100, (1, 2)),
        ("lorry passes", Shows(Look::Lorry), 200, (5, 13)),
        ("headlights", Shows(Look::White), 100, (3, 8)),
        ("umbrella", Shows(Look::Covered), 40, (4, 12)),
    ];
    for (name, what, times, lasts) in harmless {
        for _ in 0..times * u32::try_from(day_s / hour).unwrap_or(24) / 24 {
            planner.one(name, what, lasts, None);
        }
    }
    planner.causes
}

struct Planner {
    random: SmallRng,
    day_s: u64,
    /// In no order; each camera and each site has one real fault a day at most.
    cameras: Vec<u32>,
    sites: Vec<u32>,
    causes: Vec<Cause>,
}

impl Planner {
    fn new(day_s: u64, seed: u64) -> Self {
        let mut random = SmallRng::seed_from_u64(seed);
        let mut sites: Vec<u32> = (0..CAMERAS / PER_SITE).collect();
        sites.shuffle(&mut random);
        // These sites are lost as a whole: nothing else is planted there.
        let whole = sites.split_off(sites.len() - 2);
        let mut cameras: Vec<u32> =
            (1..=CAMERAS).filter(|n| !whole.contains(&((n - 1) / PER_SITE))).collect();
        cameras.shuffle(&mut random);
        Self { random, day_s, cameras, sites: whole, causes: Vec::new() }
    }

    fn window(&mut self, (least, most): (u64, u64)) -> (u64, u64) {
        let lasts = self.random.random_range(least..=most).min(self.day_s / 4);
        let from = self.random.random_range(SETTLED_S..self.day_s - lasts - 300);
        (from, from + lasts)
    }

    fn site(&mut self, name: &'static str, lasts: (u64, u64), times: u32) {
        for _ in 0..times {
            let Some(site) = self.sites.pop() else { return };
            let windows = vec![self.window(lasts)];
            let cameras = (site * PER_SITE + 1..=(site + 1) * PER_SITE).collect();
            let due = Some(LOSS);
            self.causes.push(Cause { name, what: What::Away, cameras, windows, due });
        }
    }

    fn one(
        &mut self,
        name: &'static str,
        what: What,
        lasts: (u64, u64),
        due: Option<&'static [&'static str]>,
    ) {
        let camera = match due {
            Some(_) => self.cameras.pop().expect("fewer faults than cameras"),
            // To any camera that has no real fault.
            None => self.cameras[self.random.random_range(0..self.cameras.len())],
        };
        let windows = vec![self.window(lasts)];
        self.causes.push(Cause { name, what, cameras: vec![camera], windows, due });
    }

    /// A link that comes and goes for hours.
    fn flapping(&mut self) {
        let camera = self.cameras.pop().expect("fewer faults than cameras");
        let (from, until) = self.window((2 * 3600, 4 * 3600));
        let (mut windows, mut at) = (Vec::new(), from);
        while at < until {
            let away = self.random.random_range(5..40);
            windows.push((at, at + away));
            at += away + self.random.random_range(20..90);
        }
        let due = Some(&["unstable", "unreachable"][..]);
        let name = "link flaps";
        self.causes.push(Cause { name, what: What::Away, cameras: vec![camera], windows, due });
    }
}
