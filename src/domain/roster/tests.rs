//! Who is on duty: rules as sentences, and what holds in every roster.

use proptest::prelude::*;

use super::*;

const MINUTE: u64 = 60_000_000;
const DAY: u64 = 24 * 60;
/// Monday 23 November 2026, 00:00 in Hà Nội.
const MONDAY: u64 = 1_795_366_800_000_000;

fn slug(text: &str) -> Slug {
    Slug::try_from(text).expect("an id")
}

fn slugs(text: &str) -> Vec<Slug> {
    text.split_whitespace().map(slug).collect()
}

/// Local minutes after that Monday began.
fn at(minutes: u64) -> UnixMicros {
    UnixMicros(MONDAY + minutes * MINUTE)
}

fn hour(day: u64, hour: u64) -> UnixMicros {
    at(day * DAY + hour * 60)
}

fn shift(people: &str, days: u8, from: u16, until: u16) -> Shift {
    let hours = Hours { days, from_min: from * 60, until_min: until * 60 % (24 * 60) };
    Shift { position: slug("desk"), people: slugs(people), hours }
}

fn exception(people: &str, from: UnixMicros, until: UnixMicros) -> Exception {
    Exception { from, until, position: slug("desk"), people: slugs(people) }
}

fn roster(shifts: Vec<Shift>, exceptions: Vec<Exception>) -> Roster {
    Roster { shifts, exceptions, ..Roster::default() }
}

/// Days and nights from Monday to Friday.
fn usual() -> Vec<Shift> {
    vec![shift("an binh", 0b001_1111, 6, 18), shift("chi", 0b001_1111, 18, 6)]
}

fn on_duty(roster: &Roster, at: UnixMicros) -> Vec<Slug> {
    roster.on_duty(&slug("desk"), at)
}

#[test]
fn a_night_shift_belongs_to_the_day_on_which_it_begins() {
    let roster = roster(usual(), Vec::new());
    for (at, people) in [
        (hour(0, 5), ""),
        (hour(0, 6), "an binh"),
        (hour(0, 18), "chi"),
        (hour(1, 5), "chi"),
        (hour(1, 6), "an binh"),
        (hour(5, 5), "chi"),
        (hour(5, 6), ""),
    ] {
        assert_eq!(on_duty(&roster, at), slugs(people), "{at:?}");
    }
    assert_eq!(roster.on_duty(&slug("elsewhere"), hour(0, 6)), slugs(""));
}

#[test]
fn of_shifts_that_overlap_all_are_on_duty_in_the_order_of_the_file_each_once() {
    let more = vec![shift("an binh", 0x7f, 6, 18), shift("chi an", 0x7f, 12, 14)];
    assert_eq!(on_duty(&roster(more, Vec::new()), hour(0, 13)), slugs("an binh chi"));
}

#[test]
fn an_exception_stands_in_place_of_the_shifts_and_may_leave_the_position_empty() {
    let changes = vec![
        exception("dung", hour(0, 20), hour(1, 2)),
        exception("em", hour(1, 1), hour(1, 3)),
        exception("", hour(1, 8), hour(1, 9)),
    ];
    let roster = roster(usual(), changes);
    for (at, people) in [
        (hour(0, 19), "chi"),
        (hour(0, 20), "dung"),
        (hour(1, 1), "dung em"),
        (hour(1, 2), "em"),
        (hour(1, 3), "chi"),
        (hour(1, 8), ""),
        (hour(1, 9), "an binh"),
    ] {
        assert_eq!(on_duty(&roster, at), slugs(people), "{at:?}");
    }
}

#[test]
fn a_turn_is_from_one_hand_over_to_the_next() {
    let desk = slug("desk");
    let roster = roster(usual(), vec![exception("chi", hour(1, 6), hour(1, 10))]);
    let turn = roster.turn(&desk, hour(1, 7));
    let expected =
        Turn { people: slugs("chi"), since: Some(hour(0, 18)), until: Some(hour(1, 10)) };
    assert_eq!(turn, expected, "the same people: no hand-over at six");
    let weekend = roster.turn(&desk, hour(6, 12));
    assert_eq!((weekend.since, weekend.until), (Some(hour(5, 6)), Some(hour(7, 6))));
    assert_eq!(roster.next_handover(&desk, hour(0, 6)), Some(hour(0, 18)));
}

#[test]
fn people_who_never_change_have_no_hand_over() {
    let desk = slug("desk");
    let always = Turn { people: slugs("an"), since: None, until: None };
    let one = roster(vec![shift("an", 0x7f, 0, 12), shift("an", 0x7f, 12, 24)], Vec::new());
    assert_eq!(one.turn(&desk, hour(3, 3)), always);
    // Until after a long exception of the same people.
    let then =
        vec![exception("an", hour(0, 0), hour(40, 0)), exception("binh", hour(60, 0), hour(61, 0))];
    let one = Roster { exceptions: then, ..one };
    assert_eq!(one.turn(&desk, hour(3, 3)).until, Some(hour(60, 0)));
    assert_eq!(one.turn(&desk, hour(70, 0)).since, Some(hour(61, 0)));
    let nobody = Turn { people: Vec::new(), since: None, until: None };
    assert_eq!(Roster::default().turn(&desk, hour(0, 0)), nobody);
}

#[test]
fn an_alert_belongs_to_the_position_that_names_the_nearest_site() {
    let position = |id: &str, sites: Option<&str>| Position {
        id: slug(id),
        name: id.to_owned(),
        sites: sites.map(slugs),
    };
    let mut roster = Roster {
        positions: vec![
            position("officer", Some("")),
            position("province", Some("ha-tinh")),
            position("district", Some("ky-anh thach-ha")),
            position("desk", None),
        ],
        ..Roster::default()
    };
    let of = |roster: &Roster, lineage: &str| roster.position_of(&slugs(lineage)).to_string();
    assert_eq!(of(&roster, "port ky-anh ha-tinh"), "district");
    assert_eq!(of(&roster, "can-loc ha-tinh"), "province");
    assert_eq!(of(&roster, "nghe-an"), "desk");
    assert_eq!(of(&roster, ""), "desk");
    roster.positions.pop();
    assert_eq!(of(&roster, "nghe-an"), "officer", "no alert is nobody's");
}

#[test]
fn a_minute_of_the_week_is_covered_as_the_clock_says() {
    let night = shift("an", 0b100_0000, 22, 6).hours;
    let covered: Vec<u16> = (0..7 * 24).filter(|hour| night.covers(hour * 60)).collect();
    // From Sunday evening; the week begins with what is left of it.
    assert_eq!(covered[..], [0, 1, 2, 3, 4, 5, 166, 167]);
}

/// What `on_duty` must say, by counting minutes from each day's midnight.
fn written(roster: &Roster, minute: u64) -> Vec<Slug> {
    let now = at(minute);
    let covering: Vec<_> =
        roster.exceptions.iter().filter(|e| e.from.0 <= now.0 && now.0 < e.until.0).collect();
    let lists: Vec<&Vec<Slug>> = if covering.is_empty() {
        let on = |shift: &&Shift| {
            let hours = shift.hours;
            let (from, until) = (u64::from(hours.from_min), u64::from(hours.until_min));
            let length = if until > from { until - from } else { until + DAY - from };
            (0..=minute / DAY).any(|day| {
                let begins = day * DAY + from;
                hours.days >> (day % 7) & 1 == 1 && begins <= minute && minute < begins + length
            })
        };
        roster.shifts.iter().filter(on).map(|shift| &shift.people).collect()
    } else {
        covering.into_iter().map(|exception| &exception.people).collect()
    };
    let mut people: Vec<Slug> = Vec::new();
    for person in lists.into_iter().flatten() {
        if !people.contains(person) {
            people.push(person.clone());
        }
    }
    people
}

fn some_people() -> impl Strategy<Value = Vec<Slug>> {
    let names = ["an", "binh", "chi"].map(slug).to_vec();
    proptest::sample::subsequence(names, 0..=3).prop_shuffle()
}

fn some_roster() -> impl Strategy<Value = Roster> {
    let shift = (some_people(), 0u8..128, 0u16..24, 0u16..24, 0u16..2).prop_map(
        |(people, days, from, until, half)| {
            let hours = Hours { days, from_min: from * 60 + half * 30, until_min: until * 60 };
            Shift { position: slug("desk"), people, hours }
        },
    );
    let exception =
        (some_people(), 8 * DAY..30 * DAY, 1..3 * DAY).prop_map(|(people, from, length)| {
            let (from, until) = (at(from), at(from + length));
            Exception { from, until, position: slug("desk"), people }
        });
    (proptest::collection::vec(shift, 0..5), proptest::collection::vec(exception, 0..4))
        .prop_map(|(shifts, exceptions)| roster(shifts, exceptions))
}

proptest! {
    #[test]
    fn a_minute_belongs_to_exactly_the_people_who_are_written_for_it(
        roster in some_roster(),
        minutes in proptest::collection::vec(8 * DAY..30 * DAY, 20),
    ) {
        for minute in minutes {
            prop_assert_eq!(on_duty(&roster, at(minute)), written(&roster, minute));
        }
    }

    #[test]
    fn within_a_turn_nobody_changes_and_at_its_ends_somebody_does(
        roster in some_roster(),
        minute in 10 * DAY..28 * DAY,
        within in proptest::collection::vec(0.0..1.0f64, 10),
    ) {
        let desk = slug("desk");
        let now = at(minute);
        let turn = roster.turn(&desk, now);
        let from = turn.since.unwrap_or_else(|| at(minute - 9 * DAY));
        let until = turn.until.unwrap_or_else(|| at(minute + 9 * DAY));
        prop_assert!(from <= now && now < until);
        for part in within {
            let then = from.0 + ((until.0 - from.0) as f64 * part) as u64;
            prop_assert_eq!(&on_duty(&roster, UnixMicros(then)), &turn.people);
        }
        if let Some(since) = turn.since {
            prop_assert_ne!(&on_duty(&roster, UnixMicros(since.0 - 1)), &turn.people);
        }
        if let Some(until) = turn.until {
            prop_assert_ne!(&on_duty(&roster, until), &turn.people);
        }
    }
}
