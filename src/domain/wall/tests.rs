//! Walls under every command that there is, alerts that come and go, and time.

use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::{
    alert::{AlertId, Priority},
    camera::{Camera, CameraId, Importance, Slug, Transport},
    time::UnixMicros,
    timetable::Hours,
};

const CAMERAS: usize = 20;
const SECOND: u64 = 1_000_000;
/// Monday 23 November 2026, 12:00 UTC.
const NOON: u64 = (1_795_366_800 + 19 * 3600) * SECOND;

fn slug(text: &str) -> Slug {
    text.try_into().expect("an id")
}

fn id(n: usize) -> CameraId {
    slug(&format!("cam-{n}"))
}

fn camera(n: usize) -> Camera {
    Camera {
        id: id(n),
        number: u32::try_from(n).expect("few"),
        name: format!("Camera {n}"),
        site: None,
        url: "rtsp://192.0.2.1/sub".parse().expect("a URL"),
        main_url: None,
        username: None,
        transport: Transport::Tcp,
        allow_basic: false,
        tags: Vec::new(),
        importance: Importance::default(),
    }
}

fn screen(id: &str, column: u8, layout: &str) -> Screen {
    let layout = layout.parse().expect("a layout");
    Screen { id: slug(id), name: id.to_owned(), column, row: 0, layout }
}

/// Two screens of four and six cells on twenty cameras, and a preset for the left one.
fn wall() -> Wall {
    let night = PresetScreen {
        screen: slug("left"),
        layout: Some("3x1".parse().expect("a layout")),
        cameras: vec![Selector::Camera(id(15)), Selector::Camera(id(16))],
    };
    Wall {
        screens: vec![screen("right", 1, "1+5"), screen("left", 0, "2x2")],
        presets: vec![Preset { id: slug("night"), name: "Night".into(), screens: vec![night] }],
        ..Wall::of(slug("main"), "Wall", vec![Selector::All])
    }
}

fn plan(wall: &Wall, cameras: usize) -> Plan {
    let cameras: Vec<Camera> = (0..cameras).map(camera).collect();
    Plan::new(wall, &cameras, 0)
}

fn at(seconds: u64) -> UnixMicros {
    UnixMicros(NOON + seconds * SECOND)
}

fn board() -> Board {
    Board::new(at(0), plan(&wall(), CAMERAS), State::default()).0
}

fn alert(n: usize, camera: usize, priority: Priority, opened: u64) -> Candidate {
    Candidate {
        alert: AlertId(Uuid::from_u128(n as u128)),
        cameras: vec![id(camera)],
        priority,
        acknowledged: false,
        opened_at: at(opened),
    }
}

fn tell(board: &mut Board, seconds: u64, command: Command) -> Result<Change, Refused> {
    board.apply(at(seconds), "lan", None, command)
}

fn show(camera: usize, place: Option<(&str, usize)>) -> Command {
    let (screen, cell) = place.map(|(s, c)| (slug(s), c)).unzip();
    Command::Show { camera: id(camera), screen, cell, pin: false, for_s: None }
}

fn pin(screen: &str, cell: usize) -> Command {
    Command::Pin { screen: slug(screen), cell }
}

/// Ticks until nothing is due, and returns what happened.
fn rest(board: &mut Board, seconds: u64) -> Vec<What> {
    std::iter::from_fn(|| board.tick(at(seconds))).map(|change| change.what).collect()
}

/// The cameras of a screen; 99 is an empty cell.
fn cells(board: &Board, screen: &str) -> Vec<usize> {
    let shown = board.shown();
    let screen = shown.screens.iter().find(|s| s.id.as_str() == screen).expect("a screen");
    let number = |cell: &ShownCell| {
        let camera = cell.camera.as_ref().map(|camera| camera.as_str().to_owned());
        camera.map_or(99, |camera| camera["cam-".len()..].parse().expect("a number"))
    };
    screen.cells.iter().map(number).collect()
}

fn cell(board: &Board, screen: &str, cell: usize) -> ShownCell {
    let shown = board.shown();
    let screen = shown.screens.iter().find(|s| s.id.as_str() == screen).expect("a screen");
    screen.cells[cell].clone()
}

#[test]
fn cameras_are_dealt_out_in_reading_order_and_one_screen_shows_them_all() {
    let board = board();
    assert_eq!(cells(&board, "left"), [0, 1, 2, 3]);
    assert_eq!(cells(&board, "right"), [4, 5, 6, 7, 8, 9]);
    assert_eq!(board.state().revision, 1);
    let plain = Wall::of(slug("main"), "Wall", vec![Selector::All]);
    let (board, _) = Board::new(at(0), plan(&plain, CAMERAS), State::default());
    assert_eq!(cells(&board, "all"), (0..CAMERAS).collect::<Vec<_>>());
    assert_eq!(board.shown().screens[0].layout, Layout::Grid);
    assert_eq!(board.shown().cameras().len(), CAMERAS);
}

#[test]
fn a_camera_is_shown_where_it_is_wanted_or_where_it_is_missed_least() {
    let mut board = board();
    tell(&mut board, 1, show(15, Some(("right", 0)))).expect("shown");
    assert_eq!(cells(&board, "right")[0], 15);
    assert_eq!(cell(&board, "right", 0).why, Why::Person);
    assert_eq!(cell(&board, "right", 0).by.as_deref(), Some("lan"));
    // Nobody put anything on the left: its first cell stood there longest.
    tell(&mut board, 2, show(16, None)).expect("shown");
    assert_eq!(cells(&board, "left"), [16, 1, 2, 3]);
    tell(&mut board, 3, Command::Clear { screen: slug("left"), cell: 0 }).expect("cleared");
    assert_eq!(cells(&board, "left"), [0, 1, 2, 3]);
    let timed = Command::Show {
        camera: id(17),
        screen: Some(slug("left")),
        cell: Some(3),
        pin: false,
        for_s: Some(10),
    };
    tell(&mut board, 4, timed).expect("shown");
    assert_eq!(cell(&board, "left", 3).until, Some(at(14)));
    assert_eq!(rest(&mut board, 13), []);
    assert_eq!(rest(&mut board, 14), [What::Over]);
    assert_eq!(cells(&board, "left"), [0, 1, 2, 3]);
}

#[test]
fn what_cannot_be_done_changes_nothing() {
    let mut board = board();
    tell(&mut board, 1, pin("left", 0)).expect("pinned");
    tell(
        &mut board,
        1,
        Command::Block { camera: id(19), reason: "order".into(), roles: vec!["admin".into()] },
    )
    .expect("blocked");
    let before = (board.shown().clone(), board.state().clone());
    let pinned = Refused::Pinned { screen: slug("left"), cell: 0 };
    let refused = [
        (show(99, None), Refused::Unknown("camera cam-99".into())),
        (show(1, Some(("middle", 0))), Refused::Unknown("screen middle".into())),
        (show(1, Some(("left", 4))), Refused::Unknown("cell 4 of screen left".into())),
        (show(1, Some(("left", 0))), pinned.clone()),
        (show(19, None), Refused::Blocked(id(19))),
        (Command::Clear { screen: slug("left"), cell: 0 }, pinned.clone()),
        (Command::Preset { preset: slug("day") }, Refused::Unknown("preset day".into())),
    ];
    for (command, expected) in refused {
        assert_eq!(tell(&mut board, 2, command.clone()), Err(expected), "{command:?}");
    }
    tell(&mut board, 2, pin("right", 5)).expect("pinned");
    let two = Command::Layout { screen: slug("right"), layout: "2x2".parse().expect("a layout") };
    let beyond = Refused::Pinned { screen: slug("right"), cell: 5 };
    assert_eq!(tell(&mut board, 2, two), Err(beyond));
    let unpin = Command::Unpin { screen: slug("right"), cell: 5 };
    tell(&mut board, 2, unpin.clone()).expect("unpinned");
    assert!(matches!(tell(&mut board, 2, unpin), Err(Refused::Senseless(_))));
    let outdated = board.apply(at(3), "lan", Some(2), show(1, None));
    assert_eq!(outdated, Err(Refused::Outdated { newest: 5 }));
    let (shown, state) = before;
    assert_eq!(shown.screens[0], board.shown().screens[0]);
    assert_eq!(state.presets, board.state().presets);
}

#[test]
fn a_salvo_a_swap_and_a_layout_leave_pinned_cells_alone() {
    let mut board = board();
    tell(&mut board, 1, pin("left", 1)).expect("pinned");
    let salvo = [10, 11, 12].map(id).into();
    tell(&mut board, 2, Command::Fill { screen: slug("left"), cameras: salvo }).expect("filled");
    assert_eq!(cells(&board, "left"), [10, 1, 11, 12]);
    let place = |screen: &str, cell| Place { screen: slug(screen), cell };
    let swap = Command::Swap { from: place("left", 0), to: place("right", 0) };
    tell(&mut board, 3, swap).expect("swapped");
    assert_eq!((cells(&board, "left")[0], cells(&board, "right")[0]), (4, 10));
    let layout = Command::Layout { screen: slug("left"), layout: "3x2".parse().expect("a layout") };
    tell(&mut board, 4, layout).expect("parted");
    // The new cells get cameras that had none.
    assert_eq!(cells(&board, "left"), [4, 1, 11, 12, 10, 11]);
    tell(&mut board, 5, Command::Reset { screen: None }).expect("reset");
    assert_eq!(cells(&board, "left"), [0, 1, 2, 3]);
    assert!(cell(&board, "left", 1).pinned);
}

#[test]
fn what_is_shown_can_be_kept_and_called_again() {
    let mut board = board();
    tell(&mut board, 1, show(15, Some(("left", 2)))).expect("shown");
    let keep = Command::Keep { id: slug("mine"), name: "Của tôi".into() };
    tell(&mut board, 2, keep).expect("kept");
    tell(&mut board, 3, Command::Preset { preset: slug("night") }).expect("called");
    assert_eq!(cells(&board, "left"), [15, 16, 99]);
    assert_eq!(cell(&board, "left", 0).why, Why::Preset);
    tell(&mut board, 4, Command::Preset { preset: slug("mine") }).expect("called");
    assert_eq!(cells(&board, "left"), [0, 1, 15, 3]);
    let (kept, _) = Board::new(at(5), plan(&wall(), CAMERAS), board.state().clone());
    assert_eq!(kept.shown(), board.shown(), "a restart keeps all of it");
    assert_eq!(kept.state().revision, board.state().revision + 1);
}

#[test]
fn the_timetable_lays_a_preset_out_and_takes_it_back_unless_a_person_called_another() {
    let hours = vec![Hours { days: 0x7f, from_min: 13 * 60, until_min: 14 * 60 }];
    let scheduled = Scheduled { preset: slug("night"), hours };
    let wall = Wall { timetable: vec![scheduled], ..wall() };
    let (mut board, _) = Board::new(at(0), plan(&wall, CAMERAS), State::default());
    assert_eq!(rest(&mut board, 3599), []);
    assert_eq!(rest(&mut board, 3600), [What::Timetable { preset: Some(slug("night")) }]);
    assert_eq!(cells(&board, "left"), [15, 16, 99]);
    assert_eq!(rest(&mut board, 7200), [What::Timetable { preset: None }]);
    assert_eq!(cells(&board, "left"), [0, 1, 2, 3]);
    let day = 24 * 3600;
    assert_eq!(rest(&mut board, day + 3600).len(), 1);
    tell(&mut board, day + 3700, Command::Reset { screen: None }).expect("reset");
    assert_eq!(rest(&mut board, day + 7200), [], "the person's wish holds");
}

#[test]
fn tours_of_all_screens_step_in_one_change_that_the_history_can_repeat() {
    let mut board = board();
    for (screen, cameras) in [("left", [10, 11]), ("right", [12, 13])] {
        let cameras = cameras.map(id).into();
        let tour = Command::Tour { screen: slug(screen), cell: 0, cameras, dwell_s: 10 };
        tell(&mut board, 1, tour).expect("begun");
    }
    assert_eq!(rest(&mut board, 10), []);
    let mut before = Shown::clone(board.shown());
    let steps = rest(&mut board, 11);
    let [What::Step { cells: stepped }] = &*steps else { panic!("{steps:?}") };
    assert_eq!((cells(&board, "left")[0], cells(&board, "right")[0]), (11, 13));
    before.step(stepped.clone());
    assert_eq!(before, **board.shown());
}

#[test]
fn the_worst_and_oldest_alerts_hold_a_third_of_the_cells_and_give_back_what_was_there() {
    let mut board = board();
    let before = board.shown().screens.clone();
    // Of ten cells three may be taken. Camera 4 is on the wall anyway.
    let alerts =
        [(1, 10, Priority::High, 5), (2, 11, Priority::High, 3), (3, 12, Priority::Low, 0)];
    let mut alerts: Vec<_> = alerts.map(|(n, c, p, t)| alert(n, c, p, t)).into();
    alerts.extend([alert(4, 13, Priority::High, 6), alert(5, 14, Priority::High, 7)]);
    alerts.push(alert(6, 4, Priority::High, 1));
    assert!(board.hear(at(10), alerts.clone()).is_some(), "camera 4 is marked");
    assert_eq!(cell(&board, "right", 0).alert, Some(AlertId(Uuid::from_u128(6))));
    assert_eq!(rest(&mut board, 10).len(), 3);
    assert_eq!(cells(&board, "left"), [11, 10, 13, 3], "the low one and the youngest wait");
    // The oldest is taken by a person: one that nobody has taken gets its cell, after the dwell.
    alerts[1].acknowledged = true;
    board.hear(at(12), alerts.clone());
    assert_eq!(rest(&mut board, 24), []);
    assert_eq!(rest(&mut board, 25).len(), 1);
    assert_eq!(cells(&board, "left"), [14, 10, 13, 3]);
    board.hear(at(30), Vec::new());
    assert_eq!(rest(&mut board, 30).len(), 2, "one holds its cell for a while");
    assert_eq!(rest(&mut board, 40).len(), 1);
    assert_eq!(board.shown().screens, before);
}

#[test]
fn a_person_takes_a_cell_back_from_an_alert() {
    let mut board = board();
    board.hear(at(1), vec![alert(1, 10, Priority::High, 0)]);
    rest(&mut board, 1);
    // The large cell of "1+5".
    assert_eq!(cell(&board, "right", 0).why, Why::Alert);
    tell(&mut board, 2, Command::Clear { screen: slug("right"), cell: 0 }).expect("cleared");
    assert_eq!(cells(&board, "right")[0], 4);
    assert_eq!(rest(&mut board, 100), [], "it was put away, and does not come back");
}

/// Any command, often a sensible one.
fn command() -> impl Strategy<Value = Command> {
    let screen = || prop_oneof![Just(slug("left")), Just(slug("right"))];
    let place = move || (screen(), 0..7_usize).prop_map(|(screen, cell)| Place { screen, cell });
    let camera = || (0..CAMERAS).prop_map(id);
    let layouts = ["grid", "1x1", "2x2", "3x3", "1+5", "1+7"];
    let layout = proptest::sample::select(layouts.to_vec());
    prop_oneof![
        4 => (camera(), proptest::option::of(place()), any::<bool>(), any::<bool>()).prop_map(
            |(camera, place, pin, timed)| {
                let (screen, cell) = place.map(|p| (p.screen, p.cell)).unzip();
                let for_s = (timed && !pin).then_some(30);
                Command::Show { camera, screen, cell, pin, for_s }
            }
        ),
        2 => place().prop_map(|Place { screen, cell }| Command::Clear { screen, cell }),
        2 => place().prop_map(|Place { screen, cell }| Command::Pin { screen, cell }),
        1 => place().prop_map(|Place { screen, cell }| Command::Unpin { screen, cell }),
        2 => (place(), place()).prop_map(|(from, to)| Command::Swap { from, to }),
        2 => (screen(), layout).prop_map(|(screen, layout)| Command::Layout {
            screen,
            layout: layout.parse().expect("a layout"),
        }),
        1 => (screen(), proptest::collection::vec(camera(), 1..5))
            .prop_map(|(screen, cameras)| Command::Fill { screen, cameras }),
        1 => (place(), proptest::collection::vec(camera(), 2..5)).prop_map(|(place, cameras)| {
            Command::Tour { screen: place.screen, cell: place.cell, cameras, dwell_s: 10 }
        }),
        1 => Just(Command::Preset { preset: slug("night") }),
        1 => Just(Command::Keep { id: slug("kept"), name: "Kept".into() }),
        1 => Just(Command::Preset { preset: slug("kept") }),
        1 => proptest::option::of(screen()).prop_map(|screen| Command::Reset { screen }),
        1 => camera().prop_map(|camera| Command::Block {
            camera,
            reason: "order".into(),
            roles: vec!["admin".into()],
        }),
        1 => camera().prop_map(|camera| Command::Unblock { camera }),
    ]
}

#[derive(Clone, Debug)]
enum Deed {
    Tell(Command),
    Alerts(Vec<(usize, usize, bool, bool)>),
    Wait(u64),
}

fn deed() -> impl Strategy<Value = Deed> {
    let alert = (0..8_usize, 0..CAMERAS, any::<bool>(), any::<bool>());
    prop_oneof![
        3 => command().prop_map(Deed::Tell),
        1 => proptest::collection::vec(alert, 0..8).prop_map(Deed::Alerts),
        2 => (1..40_u64).prop_map(Deed::Wait),
    ]
}

fn candidates(alerts: &[(usize, usize, bool, bool)]) -> Vec<Candidate> {
    let candidates = alerts.iter().map(|(n, camera, high, acknowledged)| {
        let priority = if *high { Priority::High } else { Priority::Medium };
        Candidate { acknowledged: *acknowledged, ..alert(*n, *camera, priority, *n as u64) }
    });
    let by_id: BTreeMap<_, _> = candidates.map(|c| (c.alert, c)).collect();
    by_id.into_values().collect()
}

/// The cameras of pinned cells.
fn pinned(board: &Board) -> BTreeMap<Place, CameraId> {
    let shown = board.shown();
    let of = |screen: &ShownScreen| {
        let id = screen.id.clone();
        let cells = screen.cells.clone().into_iter().enumerate();
        cells.filter(|(_, cell)| cell.pinned).filter_map(move |(n, cell)| {
            Some((Place { screen: id.clone(), cell: n }, cell.camera?))
        })
    };
    shown.screens.iter().flat_map(of).collect()
}

fn check(board: &Board) -> Result<(), TestCaseError> {
    let shown = board.shown();
    for camera in shown.cameras() {
        prop_assert!(!board.state().blocked.contains_key(camera), "{camera} is blocked");
    }
    let cells = shown.screens.iter().flat_map(|screen| &screen.cells);
    let free = cells.clone().filter(|cell| !cell.pinned).count();
    let taken = cells.filter(|cell| cell.why == Why::Alert).count();
    prop_assert!(taken <= (free / 3).max(1), "{taken} of {free}");
    Ok(())
}

/// A pinned cell that is another one now was unpinned, or its camera was blocked.
fn pins_hold(before: &BTreeMap<Place, CameraId>, board: &Board, deed: Option<&Command>) -> bool {
    let after = pinned(board);
    before.iter().all(|(place, camera)| {
        let own = match deed {
            Some(Command::Unpin { screen, cell }) => place.screen == *screen && place.cell == *cell,
            Some(Command::Block { camera: blocked, .. }) => camera == blocked,
            _ => false,
        };
        own || after.get(place) == Some(camera)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn pins_hold_blocks_hide_and_revisions_have_no_holes(
        deeds in proptest::collection::vec(deed(), 1..60)
    ) {
        let mut board = board();
        let mut clock = 1;
        let mut revision = 1;
        for deed in deeds {
            let before = pinned(&board);
            let mut command = None;
            let mut changes = Vec::new();
            match deed {
                Deed::Tell(told) => {
                    let (shown, kept) = (board.shown().clone(), board.state().clone());
                    match tell(&mut board, clock, told.clone()) {
                        Ok(change) => changes.push(change),
                        Err(_) => prop_assert!(*board.shown() == shown && *board.state() == kept),
                    }
                    command = Some(told);
                }
                Deed::Alerts(alerts) => changes.extend(board.hear(at(clock), candidates(&alerts))),
                Deed::Wait(seconds) => clock += seconds,
            }
            prop_assert!(pins_hold(&before, &board, command.as_ref()), "{command:?}");
            let before = pinned(&board);
            while let Some(change) = board.tick(at(clock)) {
                changes.push(change);
                prop_assert!(changes.len() < 200, "it comes to rest");
            }
            prop_assert!(pins_hold(&before, &board, None));
            check(&board)?;
            for change in changes {
                revision += 1;
                prop_assert_eq!(change.revision, revision);
            }
            prop_assert_eq!(board.state().revision, revision);
        }
    }

    #[test]
    fn after_all_alerts_a_wall_is_as_if_they_had_never_been(
        before in proptest::collection::vec(command(), 0..20),
        alerts in proptest::collection::vec(
            (1..30_u64, proptest::collection::vec(
                (0..8_usize, 0..CAMERAS, any::<bool>(), any::<bool>()), 0..8)),
            1..20,
        )
    ) {
        let mut board = board();
        for command in before {
            // Many make no sense, and change nothing.
            let _ = tell(&mut board, 1, command);
        }
        rest(&mut board, 1);
        let mut quiet = board.clone();
        let mut clock = 1;
        for (seconds, alerts) in alerts {
            clock += seconds;
            board.hear(at(clock), candidates(&alerts));
            rest(&mut board, clock);
        }
        board.hear(at(clock), Vec::new());
        clock += 60;
        rest(&mut board, clock);
        rest(&mut quiet, clock);
        prop_assert_eq!(&**board.shown(), &**quiet.shown());
    }
}
