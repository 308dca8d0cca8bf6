//! Hours of the week, in local time.

use std::ops::Range;

use super::time::UnixMicros;

/// Hours that return each week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timetable {
    /// When, each.
    pub hours: Vec<Hours>,
    /// Local time less UTC, minutes.
    pub utc_offset_min: i32,
}

/// A stretch of some days. It may go on past midnight: then `until` is not after `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// On which days it begins: bit 0 is Monday.
    pub days: u8,
    /// Minutes after local midnight.
    pub from_min: u16,
    /// Minutes after local midnight; equal to `from_min` it is a whole day.
    pub until_min: u16,
}

impl Timetable {
    /// Until when a stretch lasts that covers `at`, the latest if there are several; `None` if none
    /// does.
    pub fn until(&self, at: UnixMicros) -> Option<UnixMicros> {
        self.hours.iter().filter_map(|hours| hours.until(at, self.utc_offset_min)).max()
    }
}

impl Hours {
    /// Until when a stretch lasts that covers `at`; `None` if none does.
    pub fn until(&self, at: UnixMicros, utc_offset_min: i32) -> Option<UnixMicros> {
        let minute = local_minute(at, utc_offset_min)?;
        let today = minute.div_euclid(DAY);
        let stretches = [today, today - 1].into_iter().filter_map(|day| self.stretch(day));
        let end = stretches.filter(|stretch| stretch.contains(&minute)).map(|s| s.end).max()?;
        unix(end, utc_offset_min)
    }

    /// Whether a stretch covers a minute of the week, counted from Monday, 00:00.
    pub fn covers(&self, minute: u16) -> bool {
        // The first Monday of the epoch was 5 January 1970.
        let minute = 4 * DAY + i64::from(minute);
        let today = minute.div_euclid(DAY);
        [today, today - 1]
            .into_iter()
            .filter_map(|day| self.stretch(day))
            .any(|stretch| stretch.contains(&minute))
    }

    /// When stretches begin and end from eight days before `at` to eight days after it, in no order:
    /// each edge that there is in a week, on both sides.
    pub fn edges(&self, at: UnixMicros, utc_offset_min: i32) -> Vec<UnixMicros> {
        let Some(minute) = local_minute(at, utc_offset_min) else { return Vec::new() };
        let today = minute.div_euclid(DAY);
        (today - 9..=today + 8)
            .filter_map(|day| self.stretch(day))
            .flat_map(|stretch| [stretch.start, stretch.end])
            .filter_map(|edge| unix(edge, utc_offset_min))
            .collect()
    }

    /// The stretch that begins on a day, in minutes of local time since the epoch.
    fn stretch(&self, day: i64) -> Option<Range<i64>> {
        // 1 January 1970 was a Thursday.
        let weekday = (day + 3).rem_euclid(7);
        let (from, until) = (i64::from(self.from_min), i64::from(self.until_min));
        let until = if until > from { until } else { until + DAY };
        (self.days >> weekday & 1 == 1).then_some(day * DAY + from..day * DAY + until)
    }
}

const MINUTE_MICROS: i64 = 60_000_000;
/// Minutes.
const DAY: i64 = 24 * 60;

fn local_minute(at: UnixMicros, utc_offset_min: i32) -> Option<i64> {
    let micros = i64::try_from(at.0).ok()?;
    Some(micros.div_euclid(MINUTE_MICROS) + i64::from(utc_offset_min))
}

fn unix(local_minute: i64, utc_offset_min: i32) -> Option<UnixMicros> {
    let micros = (local_minute - i64::from(utc_offset_min)).checked_mul(MINUTE_MICROS)?;
    u64::try_from(micros).ok().map(UnixMicros)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday 23 November 2026, 00:00 in Hà Nội.
    const MONDAY: u64 = 1_795_366_800;

    fn at(hours: u64) -> UnixMicros {
        UnixMicros((MONDAY + hours * 3600) * 1_000_000)
    }

    fn nights() -> Timetable {
        let hours = Hours { days: 0b001_1111, from_min: 22 * 60, until_min: 6 * 60 };
        Timetable { hours: vec![hours], utc_offset_min: 7 * 60 }
    }

    #[test]
    fn a_night_goes_on_past_midnight() {
        assert_eq!(nights().until(at(21)), None);
        assert_eq!(nights().until(at(22)), Some(at(30)));
        assert_eq!(nights().until(at(29)), Some(at(30)));
        assert_eq!(nights().until(at(30)), None);
    }

    #[test]
    fn days_are_those_on_which_it_begins() {
        // The night from Friday to Saturday, and none from Saturday to Sunday; none before Monday.
        assert_eq!(nights().until(at(5 * 24 + 1)), Some(at(5 * 24 + 6)));
        assert_eq!(nights().until(at(6 * 24 + 1)), None);
        assert_eq!(nights().until(at(1)), None);
    }

    #[test]
    fn equal_ends_are_a_whole_day() {
        let hours = Hours { days: 1, from_min: 7 * 60, until_min: 7 * 60 };
        let day = Timetable { hours: vec![hours], utc_offset_min: 7 * 60 };
        assert_eq!(day.until(at(30)), Some(at(31)));
        assert_eq!(day.until(at(31)), None);
    }
}
