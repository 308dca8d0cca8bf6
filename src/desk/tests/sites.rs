//! One cause, one condition.

use super::{village::*, *};
use crate::domain::history::{Record, Subject};

fn north() -> Subject {
    Subject::Site(slug("north"))
}

#[test]
fn forty_cameras_of_one_site_are_one_condition_and_its_end_releases_them_all() {
    let mut village = Village::well(village(40, 20));
    assert_eq!((village.site("north").watchable, village.site("ha-tinh").cameras), (40, 60));
    village.cut(1..=40);
    village.passes(90);
    let raised = village.raised();
    let unmasked: Vec<_> = raised.iter().filter(|(_, _, masked)| !masked).collect();
    assert_eq!(unmasked, [&(north(), Condition::Unreachable, false)], "one, and no camera's own");
    assert!((1..=40).all(|n| village.shown[&n].masked_by == Some(slug("north"))));
    assert!((41..=60).all(|n| village.state(n) == State::Online));
    let site = village.site("north");
    assert_eq!((site.watchable, site.down_since.is_some()), (0, true));
    assert!(site.evidence.is_some() && village.site("south").down_since.is_none());

    village.restore(1..=40);
    village.passes(150);
    assert!((1..=60).all(|n| village.state(n) == State::Online));
    assert!((1..=40).all(|n| village.shown[&n].masked_by.is_none()));
    assert_eq!((village.site("north").watchable, village.site("north").down_since), (40, None));
    assert!(village.standing().is_empty(), "{:?}", village.standing());
    let unmasked: Vec<_> = village.raised().into_iter().filter(|(_, _, masked)| !masked).collect();
    assert_eq!(unmasked, [(north(), Condition::Unreachable, false)], "nor on their way back");
}

#[test]
fn a_camera_that_stays_down_when_its_site_is_back_raises_its_own() {
    let mut village = Village::well(village(12, 12));
    village.cut(1..=12);
    village.passes(60);
    village.restore(1..=6);
    village.restore(8..=12);
    village.passes(200);
    assert_eq!(village.state(7), State::Offline);
    assert_eq!(village.shown[&7].masked_by, None);
    let own = Subject::Camera(id(7));
    assert_eq!(village.standing(), [(own.clone(), Condition::Unreachable)].into());
    let last = village.raised().into_iter().rfind(|(subject, ..)| *subject == own);
    assert_eq!(last, Some((own, Condition::Unreachable, false)));
}

#[test]
fn one_camera_of_a_site_is_its_own_matter() {
    let mut village = Village::well(village(12, 12));
    village.cut(3..=3);
    village.passes(60);
    assert_eq!(village.raised(), [(Subject::Camera(id(3)), Condition::Unreachable, false)]);
    assert_eq!(village.shown[&3].masked_by, None);
}

#[test]
fn a_worker_that_crashes_is_nobodys_fault() {
    let mut village = Village::well(village(20, 20));
    village.crash(1);
    village.crash(2);
    village.passes(30);
    assert!((1..=40).all(|n| village.state(n) == State::Online));
    assert_eq!(village.raised(), [], "no camera and no site is blamed");
}

#[test]
fn a_site_that_is_removed_while_it_is_down_leaves_no_condition_behind() {
    let mut village = Village::well(village(6, 6));
    village.cut(1..=6);
    village.passes(60);
    assert!(village.standing().contains(&(north(), Condition::Unreachable)));
    let mut config = super::village::village(6, 6);
    config.sites.retain(|site| site.id != slug("north"));
    config.cameras.iter_mut().for_each(|camera| camera.camera.site = Some(slug("south")));
    village.hears(Event::Configured(Arc::new(config)));
    village.passes(2);
    assert!(!village.standing().contains(&(north(), Condition::Unreachable)));
    assert!(village.sites.iter().all(|site| site.id != slug("north")));
}

#[test]
fn counts_are_told_at_most_once_a_second() {
    let mut village = Village::well(village(30, 30));
    let before = village.sites_told;
    village.cut(1..=30);
    village.passes(20);
    let told = village.sites_told - before;
    // Once a second at most, and when the site goes down.
    assert!((1..=22).contains(&told), "{told}");
    let quiet = village.sites_told;
    village.passes(20);
    assert_eq!(village.sites_told, quiet, "nothing changed");
}

#[test]
fn what_is_lost_together_is_written_down_in_few_batches() {
    let mut village = Village::well(village(40, 2));
    let before = (village.batches, village.records.len());
    village.cut(1..=40);
    village.passes(30);
    let masked = village.records[before.1..]
        .iter()
        .filter(|record| matches!(record, Record::Raised { masked_by: Some(_), .. }))
        .count();
    assert_eq!(masked, 40);
    assert!(village.batches - before.0 < 60, "{} batches", village.batches - before.0);
}
