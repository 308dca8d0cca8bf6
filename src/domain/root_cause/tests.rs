//! A site tree on a virtual clock: who is lost, who is masked, and what is told.

use super::*;
use crate::domain::site::Site;

/// A tree, its cameras numbered from 1 in the order of the sites, and all that was told.
pub(super) struct Province {
    pub(super) root_cause: RootCause,
    pub(super) now: Instant,
    pub(super) told: Vec<String>,
    sites: Vec<Site>,
    pub(super) cameras: Vec<(Handle, Option<SiteId>)>,
}

pub(super) fn id(name: &str) -> SiteId {
    SiteId::try_from(name).expect("an id")
}

impl Province {
    /// Sites as `(name, parent, cameras)`; an empty parent is none.
    pub(super) fn new(sites: &[(&str, &str, u32)]) -> Self {
        let mut cameras: Vec<(Handle, Option<SiteId>)> = Vec::new();
        for (name, _, count) in sites {
            for _ in 0..*count {
                let handle = Handle(u32::try_from(cameras.len()).expect("few") + 1);
                cameras.push((handle, Some(id(name))));
            }
        }
        let sites = sites.iter().map(|(name, parent, _)| Site {
            id: id(name),
            name: (*name).to_owned(),
            parent: (!parent.is_empty()).then(|| id(parent)),
        });
        let sites: Vec<Site> = sites.collect();
        let mut root_cause = RootCause::new(RootCausePolicy::default());
        root_cause.configure(&sites, &cameras);
        let now = Instant::now();
        let mut province = Self { root_cause, now, told: Vec::new(), sites, cameras };
        for (camera, _) in province.cameras.clone() {
            province.is(camera.0, false);
        }
        province
    }

    pub(super) fn note(&mut self, changes: Vec<SiteChange>) {
        self.told.extend(changes.into_iter().map(|change| match change {
            SiteChange::Down(down) => format!("{} down", down.site),
            SiteChange::Up(site) => format!("{site} up"),
        }));
    }

    pub(super) fn is(&mut self, camera: u32, lost: bool) {
        let changes = self.root_cause.apply(self.now, Handle(camera), lost);
        self.note(changes);
    }

    fn are(&mut self, cameras: impl IntoIterator<Item = u32>, lost: bool) {
        for camera in cameras {
            self.is(camera, lost);
        }
    }

    /// Time passes, told four times a second.
    pub(super) fn passes(&mut self, secs: u64) {
        for _ in 0..4 * secs {
            self.now += Duration::from_millis(250);
            let changes = self.root_cause.tick(self.now);
            self.note(changes);
        }
    }

    fn mask(&self, camera: u32) -> Option<&str> {
        self.root_cause.masked_by(Handle(camera)).map(SiteId::as_str)
    }

    fn masked(&self) -> usize {
        self.cameras.iter().filter(|(camera, _)| self.mask(camera.0).is_some()).count()
    }

    fn undecided(&self, camera: u32) -> bool {
        self.root_cause.undecided(Handle(camera), self.now)
    }
}

#[test]
fn a_site_whose_cameras_are_lost_is_one_condition_and_its_end_releases_all_of_them() {
    let mut site = Province::new(&[("port", "", 40), ("market", "", 40)]);
    for camera in 1..=40 {
        site.is(camera, true);
        site.now += Duration::from_millis(50);
    }
    site.passes(5);
    assert_eq!((&site.told[..], site.masked()), (&["port down".to_owned()][..], 40));
    let down = site.root_cause.down();
    assert_eq!(down[0].evidence, "40 of 40 cameras that were well were lost within 2 s");
    site.passes(300);
    for camera in 1..=40 {
        site.is(camera, false);
        assert_eq!(site.mask(camera), None, "released at once");
    }
    site.passes(11);
    assert_eq!(site.told, ["port down", "port up"]);
}

#[test]
fn a_camera_that_stays_down_when_the_rest_returned_is_released_to_its_own_condition() {
    let mut site = Province::new(&[("port", "", 40)]);
    site.are(1..=40, true);
    site.passes(30);
    site.are(2..=40, false);
    site.passes(9);
    assert_eq!(site.mask(1), Some("port"), "the rest may go again");
    site.passes(2);
    assert_eq!((site.mask(1), site.undecided(1)), (None, false));
    assert_eq!(site.told, ["port down", "port up"]);
    site.passes(100);
    assert_eq!(site.told.len(), 2);
}

#[test]
fn a_camera_lost_alone_is_decided_after_ten_seconds_and_never_masked() {
    let mut site = Province::new(&[("port", "", 10)]);
    site.is(1, true);
    site.passes(9);
    assert!(site.undecided(1));
    site.passes(1);
    assert!(!site.undecided(1));
    assert!(!site.undecided(2), "it is not lost");
    // Nothing to wait for: two cameras can never make a site, and no site none.
    let mut poles = Province::new(&[("pole", "", 2)]);
    poles.cameras.push((Handle(9), None));
    let (sites, cameras) = (poles.sites.clone(), poles.cameras.clone());
    poles.root_cause.configure(&sites, &cameras);
    poles.are([1, 2, 9], true);
    assert!([1, 2, 9].iter().all(|camera| !poles.undecided(*camera)));
    poles.passes(20);
    assert!(site.told.is_empty() && poles.told.is_empty());
}

#[test]
fn cameras_of_a_site_stay_undecided_until_it_goes_down() {
    let mut site = Province::new(&[("port", "", 10)]);
    // The share is reached by the sixth; the last ones keep it waiting.
    for camera in 1..=9 {
        site.is(camera, true);
        assert!((1..=camera).all(|camera| site.undecided(camera) || site.mask(camera).is_some()));
        site.passes(1);
    }
    site.passes(4);
    assert_eq!((site.masked(), &site.told[..]), (9, &["port down".to_owned()][..]));
}

#[test]
fn fewer_than_the_share_or_than_three_or_spread_over_more_than_the_window_are_no_site() {
    for (cameras, lost, apart) in [(10, 5, 0), (2, 2, 0), (10, 10, 35)] {
        let mut site = Province::new(&[("port", "", cameras)]);
        for camera in 1..=lost {
            site.is(camera, true);
            site.passes(apart);
        }
        site.passes(30);
        assert!(site.told.is_empty(), "{lost} of {cameras}, {apart} s apart: {:?}", site.told);
    }
}

#[test]
fn cameras_that_were_down_before_do_not_count_and_are_neither_masked_nor_released() {
    let mut site = Province::new(&[("port", "", 10)]);
    site.are(1..=5, true);
    site.passes(61);
    assert!(site.told.is_empty(), "half");
    site.are(6..=10, true);
    site.passes(5);
    assert_eq!((&site.told[..], site.masked()), (&["port down".to_owned()][..], 5));
    assert_eq!((site.mask(1), site.undecided(1)), (None, false));
    site.are(6..=10, false);
    site.passes(15);
    assert_eq!((site.told.len(), site.mask(1)), (2, None));
}

#[test]
fn sites_fold_upward_when_all_below_are_lost_and_not_when_one_holds_out() {
    let tree = [("ha-tinh", "", 1), ("ky-anh", "ha-tinh", 5), ("vung-ang", "ha-tinh", 5)];
    let mut all = Province::new(&tree);
    all.are(1..=11, true);
    all.passes(5);
    assert_eq!((&all.told[..], all.masked()), (&["ha-tinh down".to_owned()][..], 11));
    let mut one = Province::new(&tree);
    one.are(2..=6, true);
    one.passes(5);
    assert_eq!(one.told, ["ky-anh down"]);
    // The other follows: the site above explains both now.
    one.are(7..=11, true);
    one.passes(5);
    assert_eq!(one.told[1..], ["ky-anh up", "ha-tinh down"]);
    assert!((2..=11).all(|camera| one.mask(camera) == Some("ha-tinh")));
    assert_eq!(one.mask(1), None, "it is well");
}

#[test]
fn small_sites_fold_into_the_one_above_and_a_single_one_does_not() {
    let tree = [("road", "", 0), ("pole-1", "road", 2), ("pole-2", "road", 2), ("gate", "road", 6)];
    let mut poles = Province::new(&tree);
    poles.are(1..=4, true);
    poles.passes(20);
    assert!(poles.told.is_empty(), "the gate holds out: {:?}", poles.told);
    poles.are(1..=4, false);
    poles.are(5..=10, true);
    poles.passes(5);
    assert_eq!(poles.told, ["gate down"]);
    poles.are(1..=4, true);
    poles.passes(5);
    assert_eq!(poles.told[1..], ["gate up", "road down"]);
}

#[test]
fn what_stays_behind_when_a_site_returns_in_part_is_the_site_below_that_explains_it() {
    let tree = [("ha-tinh", "", 0), ("ky-anh", "ha-tinh", 5), ("vung-ang", "ha-tinh", 8)];
    let mut part = Province::new(&tree);
    part.are(1..=13, true);
    part.passes(30);
    part.are(1..=5, false);
    part.passes(11);
    assert_eq!(part.told, ["ha-tinh down", "ha-tinh up", "vung-ang down"]);
    assert!((6..=13).all(|camera| part.mask(camera) == Some("vung-ang")));
    part.are(6..=13, false);
    part.passes(11);
    assert_eq!(part.told[3..], ["vung-ang up"]);
}

#[test]
fn a_link_that_flaps_is_a_few_conditions_at_most_while_its_cameras_come_and_go() {
    for (up, down) in [(5, 20), (30, 30), (60, 15), (100, 100)] {
        let mut site = Province::new(&[("port", "", 10)]);
        let mut secs = 0;
        while secs < 3600 {
            site.are(1..=10, true);
            site.passes(down);
            assert!(site.masked() == 10 || site.undecided(1), "{secs} s");
            site.are(1..=10, false);
            assert_eq!(site.masked(), 0);
            site.passes(up);
            secs += up + down;
        }
        let downs = site.told.iter().filter(|told| told.ends_with("down")).count();
        assert!((1..=4).contains(&downs), "{up} s up, {down} s down: {downs}");
        site.passes(301);
        assert_eq!(site.told.last().map(String::as_str), Some("port up"));
    }
}

#[test]
fn a_camera_that_flaps_under_a_site_that_is_down_is_masked_each_time() {
    let mut site = Province::new(&[("port", "", 10)]);
    site.are(1..=10, true);
    site.passes(5);
    for _ in 0..20 {
        site.is(3, false);
        assert_eq!(site.mask(3), None);
        site.passes(4);
        site.is(3, true);
        assert_eq!(site.mask(3), Some("port"));
        site.passes(4);
    }
    assert_eq!(site.told, ["port down"]);
}

#[test]
fn cameras_in_maintenance_count_neither_as_lost_nor_as_well() {
    let mut site = Province::new(&[("port", "", 10)]);
    for camera in 1..=6 {
        let changes = site.root_cause.withdraw(site.now, Handle(camera));
        site.note(changes);
    }
    site.are(7..=9, true);
    site.passes(5);
    assert_eq!((&site.told[..], site.masked()), (&["port down".to_owned()][..], 3));
    let changes = site.root_cause.withdraw(site.now, Handle(7));
    site.note(changes);
    assert_eq!(site.mask(7), None);
}

#[test]
fn a_site_that_is_removed_while_it_is_down_comes_up_and_one_that_stays_stays_down() {
    let mut province = Province::new(&[("port", "", 5), ("market", "", 5)]);
    province.are(1..=10, true);
    province.passes(5);
    assert_eq!(province.told.len(), 2);
    let (sites, cameras) = (province.sites[1..].to_vec(), province.cameras.clone());
    province.root_cause.configure(&sites, &cameras);
    province.passes(30);
    assert_eq!(province.told[2..], ["port up"]);
    assert_eq!((province.mask(1), province.mask(6)), (None, Some("market")));
}

#[test]
fn sites_in_a_ring_or_below_one_that_is_not_there_are_no_trap() {
    let mut ring =
        Province::new(&[("a", "b", 3), ("b", "a", 3), ("c", "nowhere", 3), ("d", "d", 3)]);
    ring.are(1..=12, true);
    ring.passes(5);
    assert_eq!(ring.told, ["c down"]);
}

#[test]
fn a_site_that_is_dead_at_the_start_is_one_condition_too() {
    let mut site = Province::new(&[("port", "", 8)]);
    let mut root_cause = RootCause::new(RootCausePolicy::default());
    root_cause.configure(&site.sites, &site.cameras);
    site.root_cause = root_cause;
    for camera in 1..=8 {
        site.is(camera, true);
        site.passes(1);
    }
    site.passes(5);
    assert_eq!((&site.told[..], site.masked()), (&["port down".to_owned()][..], 8));
}
