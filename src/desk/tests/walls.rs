//! What the desk does to walls: shows it, writes it down, and takes it up again.

use tokio::sync::oneshot;

use super::{village::*, *};
use crate::{
    desk::{
        command::{Command, Done, Refused},
        view::WallView,
    },
    domain::{
        alert::{Actor, Priority},
        wall::{self, Layout, Screen, Selector, Wall},
    },
    store::WallRow,
};

/// Twelve cameras, of which four are on the one screen.
fn hall() -> Config {
    let even = |columns, rows| Layout::Even { columns, rows };
    let screen =
        Screen { id: slug("left"), name: "Left".into(), column: 0, row: 0, layout: even(2, 2) };
    let main = Wall {
        screens: vec![screen],
        spotlight: Some(Priority::Low),
        ..Wall::of(slug("main"), "Main", vec![Selector::All])
    };
    Config { walls: vec![main], ..village(6, 6) }
}

fn rows(village: &Village) -> Vec<WallRow> {
    village.alerts.iter().flat_map(|rows| rows.walls.clone()).collect()
}

/// The cameras of the newest row's snapshot.
fn shown(village: &Village) -> Vec<Option<CameraId>> {
    let rows = rows(village);
    let snapshot = rows.iter().rev().find_map(|row| row.snapshot.as_ref()).expect("a snapshot");
    snapshot.screens[0].cells.iter().map(|cell| cell.camera.clone()).collect()
}

fn tell(village: &mut Village, command: wall::Command) -> Result<Arc<WallView>, Refused> {
    tell_as(village, None, command)
}

fn tell_as(
    village: &mut Village,
    request: Option<&str>,
    command: wall::Command,
) -> Result<Arc<WallView>, Refused> {
    let request = request.map(str::to_owned);
    village.rest.clear();
    let (answer, mut answered) = oneshot::channel();
    let by = Actor { user: "anonymous".to_owned(), person: Some(slug("lan")) };
    let (wall, meant, address) = (slug("main"), None, None);
    let command = Command::Wall { wall, by, address, meant, request, command };
    village.hears(Event::Command(command, answer));
    let refused = village.rest.iter().find_map(|effect| match effect {
        Effect::Answer(_, Err(refused)) => Some(Err(refused.clone())),
        _ => None,
    });
    refused.unwrap_or_else(|| match answered.try_recv().expect("it is answered") {
        Ok(Done::Wall(view)) => Ok(view),
        other => panic!("{other:?}"),
    })
}

fn show(n: u32, cell: usize) -> wall::Command {
    let (screen, cell) = (Some(slug("left")), Some(cell));
    wall::Command::Show { camera: id(n), screen, cell, pin: false, for_s: None }
}

fn cams(numbers: [u32; 4]) -> Vec<Option<CameraId>> {
    numbers.map(|n| Some(id(n))).into()
}

#[test]
fn an_alert_takes_a_cell_and_gives_it_back_and_every_revision_is_written_down() {
    let mut village = Village::well(hall());
    assert_eq!(shown(&village), cams([1, 2, 3, 4]));
    village.cut(9..=9);
    village.passes(60);
    assert_eq!(shown(&village), cams([9, 2, 3, 4]));
    let view = tell(&mut village, show(8, 1)).expect("shown");
    assert_eq!(view.cells, [9, 8, 3, 4].map(Handle));
    let told = village.rest.iter().filter(|effect| matches!(effect, Effect::ShowWall(_)));
    assert_eq!(told.count(), 1);
    village.restore(9..=9);
    village.passes(300);
    // It is not acknowledged: it stays to be seen until somebody settles it.
    let alert = rows(&village).iter().find(|row| row.what == "alert").cloned().expect("one");
    let alert = alert.detail["alert"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let by = Actor { user: "anonymous".to_owned(), person: None };
    let act = crate::domain::alert::Act::Resolve {
        disposition: crate::domain::alert::Disposition::Real,
        comment: None,
    };
    let (answer, _answered) = oneshot::channel();
    let id = crate::domain::alert::AlertId(alert);
    let command = Command::Alert { id, by, address: None, act, request: None, asked_at: None };
    village.hears(Event::Command(command, answer));
    village.passes(2);
    assert_eq!(shown(&village), cams([1, 8, 3, 4]));
    let revisions: Vec<u64> = rows(&village).iter().map(|row| row.revision).collect();
    assert!(revisions.windows(2).all(|pair| pair[1] == pair[0] + 1), "{revisions:?}");
}

#[test]
fn what_persons_did_holds_over_a_restart_and_another_configuration_as_far_as_it_makes_sense() {
    let mut village = Village::new(hall(), Remembered::default());
    tell(&mut village, show(8, 0)).expect("shown");
    tell(&mut village, show(9, 1)).expect("shown");
    assert_eq!(
        tell(&mut village, show(8, 4)),
        Err(Refused::Wall(wall::Refused::Unknown("cell 4 of screen left".to_owned(),)))
    );
    let kept = rows(&village).last().expect("a row").state.clone();
    let revision = kept.revision;
    let walls = [(slug("main"), kept)].into_iter().collect();
    let mut village = Village::new(hall(), Remembered { walls, ..Remembered::default() });
    assert_eq!(shown(&village), cams([8, 9, 3, 4]));
    assert_eq!(rows(&village)[0].revision, revision + 1);
    let mut fewer = hall();
    fewer.cameras.retain(|camera| camera.camera.id != id(9));
    village.hears(Event::Configured(Arc::new(fewer)));
    assert_eq!(shown(&village), cams([8, 2, 3, 4]));
}

#[test]
fn a_command_sent_again_is_done_once_and_answered_as_the_first_time() {
    let mut village = Village::new(hall(), Remembered::default());
    let first = tell_as(&mut village, Some("r-1"), show(8, 0)).expect("shown");
    let later = tell_as(&mut village, Some("r-2"), show(9, 0)).expect("shown");
    let written = rows(&village).len();
    assert_eq!(tell_as(&mut village, Some("r-1"), show(8, 0)), Ok(first));
    assert_eq!(shown(&village), cams([9, 2, 3, 4]), "what was done since stays");
    let other = tell_as(&mut village, Some("r-1"), show(8, 1));
    assert_eq!(other, Err(Refused::RequestUsed));
    assert_eq!(rows(&village).len(), written, "nothing was changed");
    // What was refused is judged anew: nothing came of it the first time.
    let pin = || wall::Command::Pin { screen: slug("left"), cell: 0 };
    let unpin = || wall::Command::Unpin { screen: slug("left"), cell: 0 };
    tell_as(&mut village, Some("r-3"), unpin()).expect_err("it is not pinned");
    let pinned = tell_as(&mut village, Some("r-4"), pin()).expect("pinned");
    assert_eq!(pinned.revision, later.revision + 1);
    tell_as(&mut village, Some("r-3"), unpin()).expect("it is pinned now");
}
