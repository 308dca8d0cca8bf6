//! What a month comes to, told in hours, and what holds for every history.

use proptest::prelude::*;

use super::*;

const HOUR: u64 = 3_600_000_000;

fn at(hours: u64) -> UnixMicros {
    UnixMicros(hours * HOUR)
}

fn window(from: u64, until: u64) -> Window {
    Window { from: at(from), until: at(until) }
}

fn life(id: i64, from: u64, until: u64) -> Life {
    Life { id: LifeId(id), window: window(from, until) }
}

fn entered(life: i64, hours: u64, state: impl Into<Option<State>>) -> Entered {
    Entered { life: LifeId(life), at: at(hours), state: state.into() }
}

/// Hours of available, suspect, not available, maintenance, unknown, of a day.
fn check(lives: &[Life], rows: &[Entered], hours: [u64; 5]) {
    let shares = shares(window(0, 24), lives, rows);
    let [available, suspect, not_available, maintenance, unknown] = hours.map(|h| h * HOUR);
    let expected = Shares { available, suspect, not_available, maintenance, unknown };
    assert_eq!(shares, expected);
    assert_eq!(shares.total(), 24 * HOUR);
}

#[test]
fn a_day_online_is_available_and_nothing_written_is_unknown() {
    check(&[life(1, 0, 24)], &[entered(1, 0, State::Online)], [24, 0, 0, 0, 0]);
    check(&[life(1, 0, 24)], &[], [0, 0, 0, 0, 24]);
    check(&[], &[], [0, 0, 0, 0, 24]);
}

#[test]
fn each_state_counts_as_what_a_viewer_had_of_it() {
    let rows = [
        entered(1, 0, State::Online),
        entered(1, 2, State::Suspect),
        entered(1, 3, State::Stalled),
        entered(1, 4, State::Offline),
        entered(1, 8, State::Maintenance),
        entered(1, 15, State::Online),
    ];
    check(&[life(1, 0, 24)], &rows, [11, 1, 5, 7, 0]);
}

#[test]
fn waiting_after_a_start_is_unknown_and_after_a_verdict_it_is_the_outage() {
    let rows = [
        entered(1, 0, State::Connecting),
        entered(1, 1, State::WaitingKeyframe),
        entered(1, 2, State::Online),
        entered(1, 10, State::Connecting),
        entered(1, 12, State::WaitingParameters),
        entered(1, 13, State::Online),
    ];
    check(&[life(1, 0, 24)], &rows, [19, 0, 3, 0, 2]);
    // A verdict of the life before is none of this one.
    let lives = [life(1, 0, 10), life(2, 10, 24)];
    let rows = [
        entered(1, 0, State::Online),
        entered(2, 10, State::Connecting),
        entered(2, 11, State::Maintenance),
        entered(2, 12, State::Connecting),
        entered(2, 14, State::Offline),
    ];
    check(&lives, &rows, [10, 0, 10, 1, 3]);
}

#[test]
fn a_state_ends_with_the_service_and_begins_anew_with_its_first_word() {
    let lives = [life(1, 0, 6), life(2, 9, 24)];
    let rows = [entered(1, 0, State::Online), entered(2, 10, State::Online)];
    check(&lives, &rows, [20, 0, 0, 0, 4]);
}

#[test]
fn a_state_from_before_the_window_is_in_force_when_it_begins() {
    let lives = [life(7, 0, 48)];
    let rows = [entered(7, 3, State::Online), entered(7, 30, State::Offline)];
    let shares = shares(window(24, 48), &lives, &rows);
    assert_eq!((shares.available, shares.not_available), (6 * HOUR, 18 * HOUR));
}

#[test]
fn a_camera_that_was_taken_away_is_unknown_until_it_is_back_and_judged() {
    let rows = [
        entered(1, 0, State::Online),
        entered(1, 4, None),
        entered(1, 6, State::Connecting),
        entered(1, 7, State::Online),
    ];
    check(&[life(1, 0, 24)], &rows, [21, 0, 0, 0, 3]);
}

#[test]
fn rows_that_are_there_twice_or_contradict_each_other_count_once_and_the_last_word_holds() {
    let rows = [
        entered(1, 0, State::Online),
        entered(1, 0, State::Online),
        entered(1, 6, State::Offline),
        entered(1, 6, State::Suspect),
    ];
    check(&[life(1, 0, 24)], &rows, [6, 18, 0, 0, 0]);
}

#[test]
fn a_clock_that_is_set_back_within_a_life_lets_the_later_row_hold() {
    let rows = [
        entered(1, 0, State::Online),
        entered(1, 20, State::Offline),
        // Set back by ten hours meanwhile.
        entered(1, 11, State::Online),
    ];
    check(&[life(1, 0, 24)], &rows, [24, 0, 0, 0, 0]);
}

#[test]
fn a_life_with_a_wrong_clock_spoils_no_more_than_its_own_stretch() {
    let lives = [life(1, 0, 20), life(2, 5, 6), life(3, 20, 24)];
    let rows = [
        entered(1, 0, State::Online),
        entered(2, 5, State::Offline),
        entered(3, 20, State::Online),
    ];
    check(&lives, &rows, [23, 0, 1, 0, 0]);
}

#[test]
fn the_percentage_is_of_the_time_that_is_known_without_maintenance() {
    let rows = [
        entered(1, 0, State::Online),
        entered(1, 6, State::Offline),
        entered(1, 8, State::Maintenance),
    ];
    let day = shares(window(0, 24), &[life(1, 0, 24)], &rows);
    assert_eq!(day.percent(), Some(75.0));
    let all_maintenance = [entered(1, 0, State::Maintenance)];
    assert_eq!(shares(window(0, 24), &[life(1, 0, 24)], &all_maintenance).percent(), None);
}

#[test]
fn a_month_begins_at_midnight_where_the_cameras_are() {
    let november: Month = "2026-11".parse().expect("a month");
    let window = november.window(7 * 60);
    // 2026-10-31T17:00:00Z to 2026-11-30T17:00:00Z.
    assert_eq!(window.from, UnixMicros(1_793_466_000_000_000));
    assert_eq!(window.micros(), 30 * 24 * HOUR);
    assert_eq!(Month::at(window.from, 7 * 60), november);
    assert_eq!(Month::at(UnixMicros(window.from.0 - 1), 7 * 60).to_string(), "2026-10");
    assert_eq!(Month::at(UnixMicros(window.until.0 - 1), 7 * 60), november);
    assert_eq!(Month::at(window.from, 0).to_string(), "2026-10");
    let december: Month = "2026-12".parse().expect("a month");
    assert_eq!(december.window(7 * 60).micros(), 31 * 24 * HOUR);
    assert_eq!(
        december.window(-300).until,
        "2027-01".parse::<Month>().expect("one").window(-300).from
    );
}

#[test]
fn what_is_no_month_is_refused() {
    for text in [
        "",
        "2026",
        "2026-13",
        "2026-00",
        "26-11",
        "2026-1",
        "2026-011",
        "+026-11",
        "1969-12",
        "9999-12",
        "2026-11-01",
    ] {
        assert!(text.parse::<Month>().is_err(), "{text:?}");
    }
    let error = "next month".parse::<Month>().expect_err("no month");
    assert!(error.to_string().contains("as in 2026-11"), "{error}");
}

fn any_state() -> impl Strategy<Value = Option<State>> {
    prop_oneof![
        1 => Just(None),
        8 => prop::sample::select(vec![
            State::Connecting,
            State::WaitingKeyframe,
            State::WaitingParameters,
            State::Online,
            State::Stalled,
            State::Offline,
            State::Suspect,
            State::Maintenance,
        ])
        .prop_map(Some),
    ]
}

/// Lives as they come, also with clocks that step: some overlap, some end before they begin.
fn any_history() -> impl Strategy<Value = (Vec<Life>, Vec<Entered>)> {
    let rows = prop::collection::vec((0u64..200, any_state()), 0..12);
    prop::collection::vec((0u64..200, 0u64..200, rows), 0..6).prop_map(|parts| {
        let mut lives = Vec::new();
        let mut entered = Vec::new();
        for (n, (from, until, rows)) in (1..).zip(parts) {
            lives.push(Life {
                id: LifeId(n),
                window: Window { from: UnixMicros(from), until: UnixMicros(until) },
            });
            let row = |(at, state)| Entered { life: LifeId(n), at: UnixMicros(at), state };
            entered.extend(rows.into_iter().map(row));
        }
        (lives, entered)
    })
}

proptest! {
    #[test]
    fn the_parts_always_sum_to_the_window((lives, rows) in any_history(), from in 0u64..200, long in 0u64..200) {
        let window = Window { from: UnixMicros(from), until: UnixMicros(from + long) };
        prop_assert_eq!(shares(window, &lives, &rows).total(), long);
    }

    #[test]
    fn a_window_comes_to_as_much_as_its_two_halves((lives, rows) in any_history(), cuts in prop::array::uniform3(0u64..200)) {
        let mut cuts = cuts.map(UnixMicros);
        cuts.sort_unstable();
        let [from, middle, until] = cuts;
        let mut halves = shares(Window { from, until: middle }, &lives, &rows);
        halves += shares(Window { from: middle, until }, &lives, &rows);
        prop_assert_eq!(halves, shares(Window { from, until }, &lives, &rows));
    }

    #[test]
    fn while_the_service_did_not_run_nothing_is_known((lives, rows) in any_history()) {
        let all = Window { from: UnixMicros(0), until: UnixMicros(400) };
        let ran = (0..400u64).filter(|at| lives.iter().any(|life| (life.window.from.0..life.window.until.0).contains(at)));
        prop_assert!(shares(all, &lives, &rows).known() <= ran.count() as u64);
    }
}
