//! What holds for every tree and every history.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{tests::Province, *};

const NAMES: [&str; 8] = ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"];

/// Sites, each below an earlier one or below none, with their cameras.
fn tree() -> impl Strategy<Value = Vec<(&'static str, &'static str, u32)>> {
    prop::collection::vec((any::<prop::sample::Index>(), 0..7u32), 1..=NAMES.len()).prop_map(
        |sites| {
            let places = 0..sites.len();
            places
                .zip(sites)
                .map(|(place, (parent, cameras))| {
                    let parent = parent.index(place + 1);
                    let parent = if parent == place { "" } else { NAMES[parent] };
                    (NAMES[place], parent, cameras)
                })
                .collect()
        },
    )
}

#[derive(Clone, Debug)]
enum Act {
    Camera(prop::sample::Index, bool),
    Site(usize, bool),
    Withdraw(prop::sample::Index),
    Wait(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (any::<prop::sample::Index>(), any::<bool>()).prop_map(|(c, lost)| Act::Camera(c, lost)),
        3 => (0..NAMES.len(), any::<bool>()).prop_map(|(site, lost)| Act::Site(site, lost)),
        1 => any::<prop::sample::Index>().prop_map(Act::Withdraw),
        5 => prop_oneof![0..4u64, 0..30u64, 0..400u64].prop_map(Act::Wait),
    ]
}

/// A history, with what must hold after each step of it.
struct History {
    province: Province,
    tree: Vec<(&'static str, &'static str, u32)>,
    lost: BTreeSet<Handle>,
    down: BTreeSet<String>,
    told: usize,
}

impl History {
    fn new(tree: Vec<(&'static str, &'static str, u32)>) -> Self {
        let province = Province::new(&tree);
        Self { province, tree, lost: BTreeSet::new(), down: BTreeSet::new(), told: 0 }
    }

    /// Whether a site is another one or below it.
    fn under(&self, site: &str, top: &str) -> bool {
        let mut at = site;
        while !at.is_empty() {
            if at == top {
                return true;
            }
            at =
                self.tree.iter().find(|(name, ..)| *name == at).map_or("", |(_, parent, _)| parent);
        }
        false
    }

    fn below(&self, top: &str) -> Vec<Handle> {
        let cameras = self.province.cameras.iter();
        let below =
            cameras.filter(|(_, site)| site.as_ref().is_some_and(|s| self.under(s.as_str(), top)));
        below.map(|(camera, _)| *camera).collect()
    }

    fn is(&mut self, camera: Handle, lost: bool) {
        if lost {
            self.lost.insert(camera);
        } else {
            self.lost.remove(&camera);
        }
        self.province.is(camera.0, lost);
        self.check();
    }

    fn play(&mut self, act: Act) {
        match act {
            Act::Camera(index, lost) if !self.province.cameras.is_empty() => {
                self.is(index.get(&self.province.cameras).0, lost);
            }
            Act::Site(site, lost) => {
                for camera in self.below(NAMES[site]) {
                    self.is(camera, lost);
                }
            }
            Act::Withdraw(index) if !self.province.cameras.is_empty() => {
                let camera = index.get(&self.province.cameras).0;
                self.lost.remove(&camera);
                let changes = self.province.root_cause.withdraw(self.province.now, camera);
                self.province.note(changes);
                self.check();
            }
            Act::Wait(secs) => {
                for _ in 0..secs {
                    self.province.passes(1);
                    self.check();
                }
            }
            Act::Camera(..) | Act::Withdraw(_) => {}
        }
    }

    fn check(&mut self) {
        for told in &self.province.told[self.told..] {
            match told.split_once(' ') {
                Some((site, "down")) => assert!(self.down.insert(site.to_owned()), "{told} twice"),
                Some((site, _)) => assert!(self.down.remove(site), "{told}, which was not down"),
                None => unreachable!("{told}"),
            }
        }
        self.told = self.province.told.len();
        let down: BTreeSet<String> =
            self.province.root_cause.down().iter().map(|d| d.site.as_str().to_owned()).collect();
        assert_eq!(down, self.down, "what is down is what was told");
        for site in &down {
            let above = down.iter().filter(|top| *top != site && self.under(site, top)).count();
            assert_eq!(above, 0, "{site} is explained by what is above it: {down:?}");
        }
        for (camera, site) in &self.province.cameras {
            if let Some(mask) = self.province.root_cause.masked_by(*camera) {
                assert!(self.lost.contains(camera), "{camera:?} is masked and not lost");
                assert!(down.contains(mask.as_str()), "{camera:?} is masked by a site that is up");
                assert!(site.as_ref().is_some_and(|s| self.under(s.as_str(), mask.as_str())));
            }
            if self.province.root_cause.undecided(*camera, self.province.now) {
                assert!(self.lost.contains(camera));
                assert_eq!(self.province.root_cause.masked_by(*camera), None);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn masks_and_sites_agree_in_every_history_and_all_is_up_once_all_are_back(
        tree in tree(),
        acts in prop::collection::vec(act(), 1..60),
    ) {
        let mut history = History::new(tree);
        for act in acts {
            history.play(act);
        }
        for (camera, _) in history.province.cameras.clone() {
            history.is(camera, false);
        }
        history.play(Act::Wait(301));
        prop_assert!(history.down.is_empty(), "{:?} stays down", history.down);
        prop_assert!(history.province.root_cause.next_deadline().is_none(), "nothing is left to do");
    }

    #[test]
    fn one_cut_is_one_condition_that_covers_it_and_its_end_is_one_end(
        tree in tree(),
        cut in any::<prop::sample::Index>(),
        late_ms in prop::collection::vec(0..2500u64, 64),
        lasts in 20..400u64,
    ) {
        let mut history = History::new(tree.clone());
        let below = history.below(cut.get(&tree).0);
        let mut order: Vec<(u64, Handle)> = late_ms.iter().copied().zip(below.iter().copied()).collect();
        order.sort_unstable();
        let mut at = 0;
        for (late, camera) in &order {
            history.province.now += Duration::from_millis(late - at);
            at = *late;
            history.is(*camera, true);
        }
        history.play(Act::Wait(lasts));
        let told = history.province.told.clone();
        if below.len() < 3 {
            // Too few to tell, unless what is above has no others.
            prop_assert!(told.is_empty());
        } else {
            prop_assert_eq!(told.len(), 1, "{:?}", told);
            let masked = |camera: &&Handle| history.province.root_cause.masked_by(**camera).is_some();
            prop_assert_eq!(below.iter().filter(masked).count(), below.len());
        }
        for camera in &below {
            history.is(*camera, false);
        }
        history.play(Act::Wait(11));
        prop_assert!(history.down.is_empty());
        prop_assert_eq!(history.province.told.len(), 2 * told.len());
    }

    #[test]
    fn asking_more_often_changes_nothing(
        tree in tree(),
        acts in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>(), 0..50u64), 1..60),
    ) {
        let Province { root_cause, mut now, cameras, .. } = Province::new(&tree);
        prop_assume!(!cameras.is_empty());
        let (mut often, mut seldom) = (root_cause.clone(), root_cause);
        let mut told = (Vec::new(), Vec::new());
        for (index, lost, secs) in acts {
            for _ in 0..3 * secs {
                now += Duration::from_millis(333);
                told.0.extend(often.tick(now));
            }
            let camera = index.get(&cameras).0;
            told.0.extend(often.apply(now, camera, lost));
            told.1.extend(seldom.apply(now, camera, lost));
            prop_assert_eq!(&told.0, &told.1);
        }
    }
}
