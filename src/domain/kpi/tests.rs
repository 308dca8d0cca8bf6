//! Figures by hand, and what adds up whatever happened.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::domain::{
    alert::{
        Act, Actor, Alert, AlertId, Change, Priority, Seq, Signed, Source, State, Subject, What,
    },
    availability::Window,
    camera::Slug,
    roster::{PersonId, Roster, Shift},
    time::UnixMicros,
    timetable::Hours,
};

const SECOND: u64 = 1_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
/// A full hour.
const START: u64 = 1_795_392_000 * SECOND;

fn slug(text: &str) -> Slug {
    text.try_into().expect("an id")
}

/// An alert of a camera so long after the start.
fn row(camera: &str, after: u64) -> Row {
    Row {
        source: Source { subject: Subject::Camera(slug(camera)), kind: slug("frozen") },
        position: slug("desk"),
        priority: Priority::Low,
        opened_at: UnixMicros(START + after),
        raised_at: UnixMicros(START + after),
        read_at: None,
        acknowledged_at: None,
        closed_at: None,
        count: 1,
        chattered: false,
        drill: false,
    }
}

fn taken(row: Row, after: u64) -> Row {
    let at = Some(UnixMicros(row.opened_at.0 + after));
    Row { read_at: at, acknowledged_at: at, ..row }
}

fn window(from: u64, to: u64) -> Window {
    Window { from: UnixMicros(START + from), until: UnixMicros(START + to) }
}

#[test]
fn an_hour_with_a_storm_is_told_by_its_figures() {
    // Twelve within one minute of the second ten minutes, three apart.
    let mut rows: Vec<Row> =
        (0..12).map(|n| row(&format!("c{n}"), 15 * MINUTE + n * 5 * SECOND)).collect();
    rows.extend([row("c1", 0), row("c1", 35 * MINUTE), row("c1", 59 * MINUTE)]);
    rows.push(row("c1", HOUR));
    let figures = figures(&rows, None, window(0, HOUR));
    assert_eq!(figures.opened, 15);
    let rate = figures.per_ten_minutes;
    assert_eq!((rate.mean, rate.max, rate.windows, rate.over_ten), (2.5, 12, 6, 1));
    assert!((rate.over_ten_percent - 100.0 / 6.0).abs() < 1e-9);
    assert!(!figures.yardstick.long_run_kept);
    let upset = figures.yardstick.upset;
    assert_eq!(upset.at, Some(UnixMicros(START + 15 * MINUTE)));
    assert_eq!((upset.opened, upset.kept), (12, false));
    // From the eleventh until only four are ten minutes new: the eighth of twelve has aged.
    let flood = (10 * MINUTE + 35 * SECOND - 50 * SECOND) / SECOND;
    assert_eq!(figures.in_flood_s, flood as f64);
    assert_eq!((figures.worst.len(), figures.worst[0].opened), (10, 4));
    assert_eq!(figures.worst[0].source.subject, Subject::Camera(slug("c1")));
    assert!((figures.worst[0].percent - 400.0 / 15.0).abs() < 1e-9);
}

#[test]
fn ten_in_ten_minutes_is_what_people_can_take() {
    let rows: Vec<Row> = (0..10).map(|n| row("c1", n * MINUTE)).collect();
    let kept = figures(&rows, None, window(0, 100 * MINUTE));
    assert_eq!((kept.per_ten_minutes.mean, kept.per_ten_minutes.over_ten), (1.0, 0));
    assert!(kept.yardstick.long_run_kept && kept.yardstick.upset.kept);
    assert_eq!(kept.in_flood_s, 0.0);
}

#[test]
fn a_storm_across_two_tens_of_the_clock_is_one_upset() {
    let rows: Vec<Row> = (0..12).map(|n| row("c1", 7 * MINUTE + n * 30 * SECOND)).collect();
    let figures = figures(&rows, None, window(0, HOUR));
    assert_eq!((figures.per_ten_minutes.max, figures.per_ten_minutes.over_ten), (6, 0));
    assert_eq!(figures.yardstick.upset.opened, 12);
}

#[test]
fn reaction_is_by_nearest_rank_and_names_those_without() {
    let rows: Vec<Row> = (1..=20).map(|n| taken(row("c1", n * MINUTE), n * SECOND)).collect();
    let rows: Vec<Row> = rows.into_iter().chain([row("c2", 0)]).collect();
    let reaction = figures(&rows, None, window(0, HOUR)).to_acknowledge;
    assert_eq!((reaction.of, reaction.without), (20, 1));
    assert_eq!((reaction.median_s, reaction.p95_s), (Some(10.0), Some(19.0)));
    assert_eq!(reaction.longest_s, Some(20.0));
    let one = figures(&rows[..1], None, window(0, HOUR)).to_acknowledge;
    assert_eq!((one.median_s, one.p95_s), (Some(1.0), Some(1.0)));
    let none = figures(&[], None, window(0, HOUR)).to_acknowledge;
    assert_eq!((none.of, none.median_s, none.p95_s), (0, None, None));
}

#[test]
fn stale_is_what_is_open_for_more_than_a_day() {
    let day = 24 * HOUR;
    let closed = |after: u64, closed: u64| Row {
        closed_at: Some(UnixMicros(START + closed)),
        ..row("c1", after)
    };
    let rows = [
        row("c1", 0),
        row("c1", HOUR),
        row("c1", 2 * HOUR),
        closed(0, day + MINUTE),
        closed(0, day),
        closed(0, day + HOUR - 1),
    ];
    assert_eq!(figures(&rows, None, window(day, day + HOUR)).stale, 3);
    assert_eq!(figures(&rows, None, window(day + HOUR, day + 2 * HOUR)).stale, 2);
    assert_eq!(figures(&rows, None, window(0, HOUR)).stale, 0);
}

#[test]
fn positions_are_told_apart() {
    let harbour = |row: Row| Row { position: slug("harbour"), priority: Priority::High, ..row };
    let rows = [row("c1", 0), harbour(row("c1", MINUTE)), harbour(row("c2", MINUTE))];
    assert_eq!(positions(&rows).into_iter().collect::<Vec<_>>(), [slug("desk"), slug("harbour")]);
    let of = |name| figures(&rows, Some(&slug(name)), window(0, HOUR));
    assert_eq!((of("desk").opened, of("harbour").opened), (1, 2));
    assert_eq!(of("harbour").mix, Mix { high: 2, medium: 0, low: 0 });
    assert_eq!(figures(&rows, None, window(0, HOUR)).opened, 3);
}

#[test]
fn a_drill_is_in_its_report_and_in_no_figure() {
    let drill = |row: Row| Row { drill: true, chattered: true, ..row };
    let rows = [
        drill(taken(row("c1", HOUR), 30 * SECOND)),
        drill(taken(row("c2", MINUTE), 90 * SECOND)),
        drill(row("c3", 2 * MINUTE)),
    ];
    let shifts = [window(0, HOUR), window(HOUR, 2 * HOUR), window(2 * HOUR, 3 * HOUR)];
    for shift in shifts {
        assert_eq!(figures(&rows, None, shift), figures(&[], None, shift));
    }
    assert!(positions(&rows).is_empty());
    let reports = drills(&rows, None, &shifts);
    assert_eq!(reports.len(), 2, "one for each shift that had a drill");
    assert_eq!((reports[0].injected.len(), reports[0].to_acknowledge.without), (2, 1));
    assert_eq!(reports[0].to_acknowledge.median_s, Some(90.0));
    assert_eq!(reports[0].injected[0].read_s, Some(90.0));
    assert_eq!(drills(&rows, Some(&slug("desk")), &shifts), reports);
    assert!(drills(&rows, Some(&slug("harbour")), &shifts).is_empty());
    assert_eq!(reports[1].to_acknowledge.median_s, Some(30.0));
    assert!(drills(&[row("c1", 0)], None, &shifts).is_empty());
}

#[test]
fn changes_tell_what_an_alert_has_forgotten() {
    let by = Actor { user: "anna".to_owned(), person: None };
    let at = |after: u64| UnixMicros(START + after);
    let opened = Alert {
        id: AlertId(uuid::Uuid::nil()),
        source: row("c1", 0).source,
        state: State::Unacknowledged,
        priority: Priority::Low,
        rule: slug("any"),
        position: slug("desk"),
        cameras: Vec::new(),
        site: None,
        evidence: String::new(),
        count: 1,
        opened_at: at(0),
        raised_at: at(0),
        cleared_at: None,
        closed_at: None,
        chattering: false,
        momentary: false,
        masked_by: None,
        masks: Vec::new(),
        suppressed_until: None,
        out_of_service_until: None,
        shelved: None,
        read: None,
        acknowledged: None,
        assigned: None,
        disposition: None,
        resolved: None,
        comments: Vec::new(),
        stage: None,
        drill: false,
    };
    let change = |seq, after, what, alert: &Alert| Change {
        seq: Seq(seq),
        at: at(after),
        what,
        by: None,
        request: None,
        asked_at: None,
        alert: Arc::new(alert.clone()),
    };
    let signed = Some(Signed { by, at: at(MINUTE) });
    let taken =
        Alert { acknowledged: signed.clone(), read: signed, chattering: true, ..opened.clone() };
    let again = Alert { count: 2, ..opened.clone() };
    let mut row = Row::begin(&change(1, 5 * SECOND, What::Opened, &opened));
    row.follow(&change(2, MINUTE, What::Done(Act::Acknowledge), &taken));
    row.follow(&change(3, HOUR, What::RaisedAgain, &again));
    assert_eq!(row.opened_at, at(5 * SECOND), "when people could know of it");
    assert_eq!((row.acknowledged_at, row.read_at), (Some(at(MINUTE)), Some(at(MINUTE))));
    assert_eq!((row.count, row.chattered, row.closed_at), (2, true, None));
    assert_eq!(row.acknowledged_s(), Some(55.0));
}

#[test]
fn an_alert_alone_tells_the_reaction_to_its_newest_activation() {
    let again = Row { raised_at: UnixMicros(START + HOUR), count: 2, ..row("c1", 0) };
    let taken = |after| Row { acknowledged_at: Some(UnixMicros(START + after)), ..again.clone() };
    assert_eq!(taken(HOUR + MINUTE).acknowledged_s(), Some(60.0));
    assert_eq!(taken(MINUTE).acknowledged_s(), Some(60.0), "it chattered on");
    assert_eq!(again.acknowledged_s(), None);
}

#[test]
fn a_stretch_is_cut_into_its_shifts() {
    let shift = |name: &str, from: u16, until: u16| Shift {
        position: slug("desk"),
        people: vec![slug(name)],
        hours: Hours { days: 0x7f, from_min: from * 60, until_min: until * 60 },
    };
    let roster = Roster {
        shifts: vec![shift("anna", 6, 18), shift("binh", 18, 6)],
        utc_offset_min: 0,
        ..Roster::default()
    };
    let found = shifts(&roster, &slug("desk"), window(0, 30 * HOUR));
    let binh = |from, to| (vec![slug("binh")], window(from, to));
    let anna = (vec![slug("anna")], window(6 * HOUR, 18 * HOUR));
    let expected: Vec<(Vec<PersonId>, Window)> =
        vec![binh(0, 6 * HOUR), anna, binh(18 * HOUR, 30 * HOUR)];
    assert_eq!(found, expected);
    let nobody = shifts(&Roster::default(), &slug("desk"), window(0, HOUR));
    assert_eq!(nobody, [(Vec::new(), window(0, HOUR))]);
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let one = (0..3u32, 0..3 * HOUR, prop::option::of(0..2 * HOUR), any::<bool>(), 0..3u8);
    let one = one.prop_map(|(camera, after, taken, drill, priority)| {
        // Half of them come in one storm.
        let after = if camera == 0 { HOUR + after / 20 } else { after };
        let row = row(&format!("c{camera}"), after);
        let acknowledged_at = taken.map(|taken| UnixMicros(row.opened_at.0 + taken));
        let priority = [Priority::Low, Priority::Medium, Priority::High][usize::from(priority)];
        Row { acknowledged_at, priority, drill: drill && camera == 2, ..row }
    });
    prop::collection::vec(one, 0..120)
}

proptest! {
    #[test]
    fn two_stretches_add_up_to_the_whole(rows in rows(), tens in 1..18u64) {
        let whole = figures(&rows, None, window(0, 3 * HOUR));
        let left = figures(&rows, None, window(0, tens * 10 * MINUTE));
        let right = figures(&rows, None, window(tens * 10 * MINUTE, 3 * HOUR));
        let sum = |of: fn(&Figures) -> u32| (of(&whole), of(&left) + of(&right));
        for (whole, halves) in [
            sum(|figures| figures.opened),
            sum(|figures| figures.per_ten_minutes.windows),
            sum(|figures| figures.per_ten_minutes.over_ten),
            sum(|figures| figures.to_acknowledge.of),
            sum(|figures| figures.to_acknowledge.without),
            sum(|figures| figures.chattering),
            sum(|figures| figures.mix.high),
            sum(|figures| figures.mix.medium),
            sum(|figures| figures.mix.low),
        ] {
            prop_assert_eq!(whole, halves);
        }
        prop_assert!((whole.in_flood_s - left.in_flood_s - right.in_flood_s).abs() < 1e-3);
        let max = left.per_ten_minutes.max.max(right.per_ten_minutes.max);
        prop_assert_eq!(whole.per_ten_minutes.max, max);
        let mut joined = bins(&rows, None, Window { from: left.from, until: left.to });
        joined.extend(bins(&rows, None, Window { from: right.from, until: right.to }));
        prop_assert_eq!(bins(&rows, None, window(0, 3 * HOUR)), joined);
    }

    #[test]
    fn figures_are_within_their_bounds(rows in rows()) {
        let whole = figures(&rows, None, window(0, 3 * HOUR));
        let real = rows.iter().filter(|row| !row.drill).count();
        prop_assert_eq!(whole.opened as usize, real);
        prop_assert!(whole.yardstick.upset.opened >= whole.per_ten_minutes.max);
        prop_assert_eq!(whole.in_flood_s > 0.0, whole.yardstick.upset.opened > 10);
        prop_assert!(whole.in_flood_percent <= 100.0);
        let reaction = whole.to_acknowledge;
        prop_assert!(reaction.median_s <= reaction.p95_s && reaction.p95_s <= reaction.longest_s);
        let activations: u32 = whole.worst.iter().map(|worst| worst.activations).sum();
        prop_assert_eq!(activations as usize, real, "three sources are all among the ten");
    }
}
