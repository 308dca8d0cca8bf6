//! Cameras out of service: shown and written down, not raised, and back by themselves.

use tokio::sync::oneshot;

use super::{village::*, *};
use crate::{
    desk::command::{Command, Refused},
    domain::{
        history::Record,
        maintenance::{Maintenance, MaintenanceId},
        picture::ReferenceCommand,
        wall::Selector,
    },
};

const HOUR: Duration = Duration::from_secs(3600);

fn maintain(village: &mut Village, scope: Selector, lasts: Duration, reason: &str) {
    let command = Command::Maintain {
        scope,
        until: village.room.at.unix.plus(lasts),
        reason: reason.to_owned(),
        by: "anonymous".to_owned(),
    };
    give(village, command);
}

fn give(village: &mut Village, command: Command) {
    village.rest.clear();
    let (answer, _) = oneshot::channel();
    village.hears(Event::Command(command, answer));
}

/// Why the newest command was refused, if it was.
fn refused(village: &Village) -> Option<&Refused> {
    village.rest.iter().find_map(|effect| match effect {
        Effect::Answer(_, Err(refused)) => Some(refused),
        _ => None,
    })
}

#[test]
fn a_camera_out_of_service_is_shown_as_such_and_raises_nothing_until_it_ends_by_itself() {
    let mut village = Village::well(village(6, 6));
    maintain(&mut village, Selector::Camera(id(1)), 5 * SECOND * 60, " the pole is moved ");
    assert_eq!(refused(&village), None);
    let shown = village.shown[&1].clone();
    assert_eq!(shown.state, State::Maintenance);
    assert_eq!(shown.maintenance.as_ref().map(|order| &*order.reason), Some("the pole is moved"));
    village.cut(1..=1);
    village.passes(240);
    let shown = village.shown[&1].clone();
    assert_eq!((shown.state, &shown.conditions[..]), (State::Maintenance, &[][..]));
    assert!(shown.standing.is_empty() && shown.rung.is_none());
    assert_eq!(village.raised(), []);
    let mut entered = village.records.iter().rev().filter_map(|record| match record {
        Record::State { camera, state, .. } if *camera == id(1) => Some(*state),
        _ => None,
    });
    assert_eq!(entered.next(), Some(State::Maintenance), "written down");

    village.passes(70);
    assert_eq!((village.state(1), &village.shown[&1].maintenance), (State::Offline, &None));
    let ended_at = village.shown[&1].since;
    let raised: Vec<_> = village
        .records
        .iter()
        .filter_map(|record| match record {
            Record::Raised { condition, at, .. } => Some((*condition, *at)),
            _ => None,
        })
        .collect();
    assert_eq!(raised, [(Condition::Unreachable, ended_at)], "as of its return");
}

#[test]
fn what_stands_when_an_order_begins_is_cleared_and_begins_anew_with_its_end() {
    let mut village = Village::well(village(6, 6));
    village.cut(2..=2);
    village.passes(40);
    assert_eq!(village.standing().len(), 1);
    maintain(&mut village, Selector::Tag(slug("gate")), HOUR, "works");
    assert!(matches!(refused(&village), Some(Refused::Unknown(_))), "no camera has the tag");
    maintain(&mut village, Selector::Camera(id(2)), HOUR, "works");
    assert!(village.standing().is_empty());
    let order = village.shown[&2].maintenance.as_ref().expect("it is out of service").id;
    give(&mut village, Command::EndMaintenance(order));
    let [Effect::EndMaintenance(ended, at, _)] = &village.rest[..] else {
        panic!("{:?}", village.rest)
    };
    assert_eq!(*ended, order);
    // As the store answers.
    let over = Maintenance {
        id: order,
        scope: Selector::Camera(id(2)),
        from: UnixMicros(0),
        until: *at,
        reason: "works".to_owned(),
        by: "anonymous".to_owned(),
    };
    village.hears(Event::Maintained(over));
    assert_eq!(village.state(2), State::Offline);
    village.passes(20);
    assert_eq!(village.standing().len(), 1);
}

#[test]
fn a_site_out_of_service_is_not_down_and_takes_the_sites_below_it_along() {
    let mut village = Village::well(village(6, 6));
    maintain(&mut village, Selector::Site(slug("ha-tinh")), HOUR, "the mast is painted");
    assert!((1..=12).all(|n| village.state(n) == State::Maintenance));
    village.cut(1..=12);
    village.passes(120);
    assert!(village.sites.iter().all(|site| site.down_since.is_none()));
    assert_eq!(village.raised(), []);
    // A second order that ends first changes nothing.
    maintain(&mut village, Selector::Camera(id(3)), 10 * SECOND, "also here");
    village.passes(15);
    assert_eq!(village.state(3), State::Maintenance);
}

#[test]
fn orders_survive_a_restart() {
    let order = Maintenance {
        id: MaintenanceId(7),
        scope: Selector::Camera(id(1)),
        from: UnixMicros(1_799_999_000_000_000),
        until: UnixMicros(1_800_000_060_000_000),
        reason: "works".to_owned(),
        by: "anonymous".to_owned(),
    };
    let remembered = Remembered { maintenance: vec![order], ..Remembered::default() };
    let mut village = Village::new(village(2, 2), remembered);
    assert_eq!(
        village.shown[&1].maintenance.as_ref().map(|order| order.id),
        Some(MaintenanceId(7))
    );
    village.passes(50);
    assert_eq!((village.state(1), village.state(2)), (State::Maintenance, State::Online));
    village.passes(15);
    assert_eq!(village.state(1), State::Online);
}

#[test]
fn commands_that_make_no_sense_are_refused_with_a_sentence() {
    let mut village = Village::well(village(2, 2));
    for (scope, lasts, reason, words) in [
        (Selector::Camera(id(9)), HOUR, "works", "there is no camera cam-9"),
        (Selector::Site(slug("nowhere")), HOUR, "works", "there is no site nowhere"),
        (Selector::Tag(slug("gate")), HOUR, "works", "there is no camera with the tag gate"),
        (Selector::All, Duration::ZERO, "works", "ends in the past"),
        (Selector::All, 9000 * HOUR, "works", "more than a year"),
        (Selector::All, HOUR, " ", "1 to 500 characters"),
    ] {
        maintain(&mut village, scope, lasts, reason);
        let told = refused(&village).map(ToString::to_string).unwrap_or_default();
        assert!(told.contains(words), "{told:?} should say {words:?}");
    }
    assert!((1..=4).all(|n| village.state(n) == State::Online));
    give(&mut village, Command::EndMaintenance(MaintenanceId(5)));
    assert!(matches!(refused(&village), Some(Refused::Unknown(_))));
    give(&mut village, Command::References(id(9), ReferenceCommand::Reset));
    assert!(matches!(refused(&village), Some(Refused::Unknown(_))));
    give(&mut village, Command::References(id(1), ReferenceCommand::Confirm));
    assert_eq!(refused(&village), None);
}
