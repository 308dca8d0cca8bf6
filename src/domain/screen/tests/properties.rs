//! What holds for every history of screens.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use proptest::{
    collection::{btree_set, vec},
    option,
    prelude::*,
};

use super::super::*;
use crate::domain::camera::{Handle, Slug};

/// What happens next, after some quarter seconds.
#[derive(Clone, Debug)]
struct Step {
    quarters: u32,
    screen: usize,
    named: bool,
    blank: bool,
    leaving: bool,
    parted: bool,
    /// The file is another: these screens are in it, of a wall that may be gone.
    configured: Option<(bool, BTreeSet<usize>)>,
    tiles: Vec<(u32, u32)>,
    published: Vec<(u32, u32)>,
}

fn step() -> impl Strategy<Value = Step> {
    let tiles = || vec((0..5_u32, 0..40_u32), 0..5);
    let configured = (prop::bool::weighted(0.9), btree_set(0..5_usize, 0..4));
    let says = (0..8_u8, 0..12_u8, 0..6_u8, option::weighted(0.1, configured));
    // Now and then so long that a first report is overdue.
    let quarters = prop_oneof![9 => 1..40_u32, 1 => 400..600_u32];
    ((quarters, 0..3_usize, any::<bool>()), says, tiles(), tiles()).prop_map(
        |((quarters, screen, named), (blank, leaving, parted, configured), tiles, published)| {
            let (blank, leaving, parted) = (blank == 0, leaving == 0, parted == 0);
            Step { quarters, screen, named, blank, leaving, parted, configured, tiles, published }
        },
    )
}

fn handles(tiles: &[(u32, u32)]) -> Vec<(Handle, u32)> {
    tiles.iter().map(|(camera, number)| (Handle(*camera), *number)).collect()
}

proptest! {
    /// Whatever screens and files say: what is told of each begins and ends in turn, one fault at a
    /// time, and of a page that was never named nothing is told.
    #[test]
    fn faults_of_a_screen_begin_and_end_in_turn(steps in vec(step(), 1..80)) {
        let slug = |name: String| Slug::try_from(name).expect("an id");
        let mut screens = Screens::new(ScreenPolicy::default());
        let cells: BTreeSet<Handle> = (0..5).map(Handle).collect();
        let mut now = Instant::now();
        screens.lay_out(now, [(slug("main".to_owned()), cells.clone())], BTreeMap::new());
        let mut standing: BTreeMap<ScreenRef, Fault> = BTreeMap::new();
        let mut named = BTreeSet::new();
        for step in steps {
            let place = |n| ScreenRef { wall: slug("main".to_owned()), screen: slug(format!("s-{n}")) };
            let screen = place(step.screen);
            let mut changes = Vec::new();
            if let Some((wall, configured)) = step.configured {
                let wall = wall.then(|| (slug("main".to_owned()), cells.clone()));
                let configured: BTreeMap<_, _> = configured
                    .into_iter()
                    .filter(|_| wall.is_some())
                    .map(|n| (place(n), cells.clone()))
                    .collect();
                named.extend(configured.keys().cloned());
                changes.extend(screens.lay_out(now, wall, configured));
            }
            screens.published(now, &handles(&step.published));
            if step.named {
                named.insert(screen.clone());
            }
            if step.parted {
                screens.parted(&screen);
            }
            changes.extend(screens.apply(now, Report {
                screen,
                named: step.named,
                visible: true,
                blank: step.blank,
                leaving: step.leaving,
                tiles: handles(&step.tiles),
            }));
            for _ in 0..step.quarters {
                now += Duration::from_millis(250);
                changes.extend(screens.tick(now));
            }
            for change in changes {
                match change {
                    Change::Raised { screen, fault, since, evidence } => {
                        prop_assert!(named.contains(&screen), "{screen} was never named");
                        prop_assert!(since <= now && !evidence.is_empty());
                        prop_assert_eq!(standing.insert(screen, fault), None);
                    }
                    Change::Cleared { screen, fault } => {
                        prop_assert_eq!(standing.remove(&screen), Some(fault));
                    }
                }
            }
            let shown: BTreeMap<ScreenRef, Fault> = screens
                .looks(now)
                .filter(|look| look.expected)
                .filter_map(|look| Some((look.screen, look.fault?.0)))
                .collect();
            prop_assert_eq!(&shown, &standing, "what is shown is what was told");
        }
    }

    /// A screen that paints each picture within a second is never accused, however its cameras
    /// publish.
    #[test]
    fn a_screen_that_keeps_up_is_never_accused(pauses in vec(1..30_u32, 1..40), cameras in 1..6_u32) {
        let slug = |name: &str| Slug::try_from(name).expect("an id");
        let mut screens = Screens::new(ScreenPolicy::default());
        let cells: BTreeSet<Handle> = (1..=cameras).map(Handle).collect();
        let (mut now, mut numbers) = (Instant::now(), vec![1_u32; cameras as usize]);
        screens.lay_out(now, [(slug("main"), cells)], BTreeMap::new());
        for (turn, pause) in pauses.into_iter().enumerate() {
            let one = turn % numbers.len();
            numbers[one] += 1;
            for _ in 0..pause {
                let newest: Vec<_> = (1..=cameras).map(Handle).zip(numbers.iter().copied()).collect();
                screens.published(now, &newest);
                let screen = ScreenRef { wall: slug("main"), screen: slug("left") };
                let report = Report { screen, named: true, visible: true, blank: false, leaving: false, tiles: newest };
                screens.apply(now, report);
                for _ in 0..4 {
                    now += Duration::from_millis(250);
                    let changes = screens.tick(now);
                    prop_assert!(changes.is_empty(), "{changes:?}");
                }
            }
        }
    }
}
