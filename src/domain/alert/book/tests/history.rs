//! Histories at random, and what is true in them beside what the book makes of it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::escalation::Stage;

/// Two sites, four cameras with two kinds each, and two buttons.
pub(super) const SOURCES: [&str; 12] = [
    "@s1 unreachable",
    "@s2 unreachable",
    "c1 frozen",
    "c1 unreachable",
    "c2 frozen",
    "c2 unreachable",
    "c3 frozen",
    "c3 unreachable",
    "c4 frozen",
    "c4 unreachable",
    "c1 button",
    "c4 button",
];

/// One thing that happens.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Raise {
        source: usize,
        masked: Option<u8>,
        evidence: u8,
        drill: bool,
    },
    Clear(usize),
    OutOfService(u8, Option<u16>),
    Planned(usize, Option<u8>),
    Act {
        source: usize,
        second: bool,
        act: u8,
        minutes: u16,
    },
    Escalate(usize, u16),
    Wait(u32),
    /// The wall clock steps by so many minutes.
    Clock(i16),
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let source = 0..SOURCES.len();
    let masked = prop::option::weighted(0.3, 1..=2u8);
    let raise = (source.clone(), masked, any::<u8>(), prop::bool::weighted(0.05)).prop_map(
        |(source, masked, evidence, drill)| Step::Raise { source, masked, evidence, drill },
    );
    let acts = (source.clone(), any::<bool>(), 0..9u8, 1..1500u16)
        .prop_map(|(source, second, act, minutes)| Step::Act { source, second, act, minutes });
    let order = prop::option::weighted(0.7, 0..90u16);
    let planned = prop::option::weighted(0.9, 0..PLANS);
    prop_oneof![
        30 => raise,
        20 => source.clone().prop_map(Step::Clear),
        3 => (1..=4u8, order).prop_map(|(camera, until)| Step::OutOfService(camera, until)),
        3 => (source.clone(), planned).prop_map(|(source, plan)| Step::Planned(source, plan)),
        16 => acts,
        3 => (source, 0..4u16).prop_map(|(source, step)| Step::Escalate(source, step)),
        24 => prop_oneof![3 => 0..3_000u32, 3 => 0..30_000u32, 1 => 0..2_000_000u32]
            .prop_map(Step::Wait),
        1 => (-200..200i16).prop_map(Step::Clock),
    ]
}

/// Kinds of rules.
const PLANS: u8 = 5;
/// The kind that counts.
const COUNTING: u8 = 2;

fn rule(number: u8) -> Arc<Plan> {
    let plan = match number {
        1 => Plan { on_delay: 5 * SECOND, off_delay: 8 * SECOND, ..plan() },
        COUNTING => Plan { count: 3, within: 5 * MINUTE, ..plan() },
        3 => Plan { suppressed: Some(daily(0, 1)), on_delay: 2 * SECOND, ..plan() },
        4 => Plan { priority: Priority::High, position: slug("harbour"), ..plan() },
        _ => plan(),
    };
    Arc::new(plan)
}

/// What the book is told.
#[derive(Clone, Debug)]
pub(super) enum Input {
    Fact(Fact),
    Act(Source, Actor, Act),
    Escalate(Source, Stage),
    Tick,
}

/// Tells a book; an act is on the open alert of its source.
pub(super) fn feed(book: &mut Book, at: Moment, input: &Input) -> Vec<Change> {
    let id = |book: &Book, source: &Source| {
        let real = book.open_of(source, false);
        real.or_else(|| book.open_of(source, true)).map(|alert| alert.id)
    };
    match input {
        Input::Fact(fact) => book.apply(at, fact.clone()),
        Input::Tick => book.tick(at),
        Input::Act(source, by, act) => id(book, source)
            .and_then(|id| book.act(at, id, by, act.clone()).ok())
            .unwrap_or_default(),
        Input::Escalate(source, stage) => id(book, source)
            .map(|id| book.escalated(at, id, stage.clone(), Vec::new()))
            .unwrap_or_default(),
    }
}

/// What is true of one source.
#[derive(Clone, Debug)]
pub(super) struct Truth {
    pub(super) plan: u8,
    pub(super) evidence: u8,
    pub(super) stands: bool,
    pub(super) mask: Option<u8>,
    /// When it began to stand.
    begun: UnixMicros,
    /// Since when nothing has been otherwise: not standing, gone, masked, another rule.
    pub(super) since: Instant,
}

/// A world that the book is told of.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) at: Moment,
    pub(super) truths: Vec<Truth>,
    orders: BTreeMap<u8, (UnixMicros, Instant)>,
    /// Sites stand for what is masked under them, the wall clock is steady, and no rule counts.
    pub(super) tame: bool,
}

impl World {
    pub(super) fn new(tame: bool) -> Self {
        let at = Moment { now: Instant::now(), unix: UnixMicros(MIDNIGHT - 900_000_000) };
        let truth = |source| {
            let plan = (source % usize::from(PLANS)) as u8;
            let plan = if tame && plan == COUNTING { 0 } else { plan };
            Truth { plan, evidence: 0, stands: false, mask: None, begun: at.unix, since: at.now }
        };
        let truths = (0..SOURCES.len()).map(truth).collect();
        Self { at, truths, orders: BTreeMap::new(), tame }
    }

    /// What the book is told of a step, and when.
    pub(super) fn inputs(&mut self, step: &Step) -> Vec<(Moment, Input)> {
        let mut inputs = Vec::new();
        match *step {
            Step::Raise { source, masked, evidence, drill } => {
                let site_stands = |site: &u8| self.truths[usize::from(*site) - 1].stands;
                let mask = masked.filter(|site| source > 1 && (!self.tame || site_stands(site)));
                if !drill && !is_button(source) {
                    let truth = &mut self.truths[source];
                    if !truth.stands {
                        truth.begun = self.at.unix;
                    }
                    if !truth.stands || truth.mask != mask {
                        truth.since = self.at.now;
                    }
                    (truth.stands, truth.mask) = (true, mask);
                }
                self.truths[source].evidence = evidence;
                inputs.push(self.raised(source, drill));
            }
            Step::Clear(source) => {
                if self.truths[source].stands {
                    self.gone(source);
                }
                inputs.push((self.at, Input::Fact(Fact::Cleared(super::source(SOURCES[source])))));
                if self.tame && source < 2 {
                    self.unmask(source as u8 + 1, &mut inputs);
                }
            }
            Step::OutOfService(camera, minutes) => {
                let until = minutes.map(|minutes| self.at.unix.plus(MINUTE * u32::from(minutes)));
                match until {
                    Some(until) => _ = self.orders.insert(camera, (until, self.at.until(until))),
                    None => _ = self.orders.remove(&camera),
                }
                self.ordered_anew(camera);
                let camera = slug(&format!("c{camera}"));
                inputs.push((self.at, Input::Fact(Fact::OutOfService(camera, until))));
            }
            Step::Planned(source, number) => {
                let number = number.map(|n| if self.tame && n == COUNTING { 0 } else { n });
                let named = super::source(SOURCES[source]);
                inputs.push((self.at, Input::Fact(Fact::Planned(named, number.map(rule)))));
                match number {
                    // A rule that is told for something unknown is known with its next fact.
                    Some(number) => self.truths[source].plan = number,
                    None => self.gone(source),
                }
                self.truths[source].since = self.at.now;
                if self.tame && source < 2 && number.is_none() {
                    self.unmask(source as u8 + 1, &mut inputs);
                }
            }
            Step::Act { source, second, act, minutes } => {
                let act = self.act(act, minutes);
                let by = if second { binh() } else { anna() };
                inputs.push((self.at, Input::Act(super::source(SOURCES[source]), by, act)));
            }
            Step::Escalate(source, step) => {
                let stage = Stage { step, at: self.at.unix, ..Stage::default() };
                inputs.push((self.at, Input::Escalate(super::source(SOURCES[source]), stage)));
            }
            Step::Wait(ms) => self.wait(Duration::from_millis(ms.into()), &mut inputs),
            Step::Clock(minutes) if !self.tame => {
                let micros = i64::from(minutes) * 60_000_000;
                self.at.unix = UnixMicros(self.at.unix.0.saturating_add_signed(micros));
            }
            Step::Clock(_) => {}
        }
        inputs
    }

    /// Twenty ticks at most, which are at least a second apart.
    pub(super) fn wait(&self, time: Duration, inputs: &mut Vec<(Moment, Input)>) {
        let parts = u32::try_from(time.as_secs()).unwrap_or(20).clamp(1, 20);
        inputs.extend((1..=parts).map(|part| (self.at.plus(time * part / parts), Input::Tick)));
    }

    /// It is this time now.
    pub(super) fn passed(&mut self, at: Moment) {
        self.at = at;
        let over = |(_, (_, ends)): &(&u8, &(UnixMicros, Instant))| *ends <= at.now;
        let over: Vec<u8> = self.orders.iter().filter(over).map(|(camera, _)| *camera).collect();
        for camera in over {
            self.orders.remove(&camera);
            self.ordered_anew(camera);
        }
    }

    fn ordered_anew(&mut self, camera: u8) {
        for (source, truth) in self.truths.iter_mut().enumerate() {
            if camera_of(source) == Some(camera) {
                truth.since = self.at.now;
            }
        }
    }

    /// All that stands is said again, with all rules and orders.
    pub(super) fn say_all(&self) -> Vec<(Moment, Input)> {
        let mut inputs = Vec::new();
        for (camera, (until, _)) in &self.orders {
            let fact = Fact::OutOfService(slug(&format!("c{camera}")), Some(*until));
            inputs.push((self.at, Input::Fact(fact)));
        }
        for (source, truth) in self.truths.iter().enumerate() {
            let named = super::source(SOURCES[source]);
            let planned = Fact::Planned(named, Some(rule(truth.plan)));
            inputs.push((self.at, Input::Fact(planned)));
            if truth.stands {
                inputs.push(self.raised(source, false));
            }
        }
        inputs
    }

    /// Whether the camera of a source is out of service.
    pub(super) fn ordered(&self, source: usize) -> bool {
        camera_of(source).is_some_and(|camera| self.orders.contains_key(&camera))
    }

    pub(super) fn plan(&self, source: usize) -> Arc<Plan> {
        rule(self.truths[source].plan)
    }

    fn raised(&self, source: usize, drill: bool) -> (Moment, Input) {
        let truth = &self.truths[source];
        let raised = Raised {
            source: super::source(SOURCES[source]),
            cameras: Vec::new(),
            site: None,
            evidence: truth.evidence.to_string(),
            since: if truth.stands { truth.begun } else { self.at.unix },
            masked_by: truth.mask.map(|site| slug(&format!("s{site}"))),
            momentary: is_button(source),
            drill,
            plan: rule(truth.plan),
        };
        (self.at, Input::Fact(Fact::Raised(Box::new(raised))))
    }

    fn gone(&mut self, source: usize) {
        let truth = &mut self.truths[source];
        (truth.stands, truth.mask, truth.since) = (false, None, self.at.now);
    }

    fn unmask(&mut self, site: u8, inputs: &mut Vec<(Moment, Input)>) {
        for source in 0..SOURCES.len() {
            if self.truths[source].mask == Some(site) {
                (self.truths[source].mask, self.truths[source].since) = (None, self.at.now);
                inputs.push(self.raised(source, false));
            }
        }
    }

    fn act(&self, act: u8, minutes: u16) -> Act {
        let text = "seen".to_owned();
        match act {
            0 => Act::Read,
            1 => Act::Acknowledge,
            2 => Act::Assign { to: slug("anna") },
            3 => Act::Comment { text },
            4 => Act::Resolve { disposition: Disposition::Real, comment: None },
            5 => {
                let until = self.at.unix.plus(MINUTE * u32::from(minutes));
                Act::Shelve { until, reason: text }
            }
            6 => Act::Unshelve,
            7 => Act::Pass { reason: text },
            _ => Act::Help { text },
        }
    }
}

pub(super) fn is_button(source: usize) -> bool {
    SOURCES[source].ends_with("button")
}

fn camera_of(source: usize) -> Option<u8> {
    SOURCES[source].strip_prefix('c')?[..1].parse().ok()
}
