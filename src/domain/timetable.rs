//! Hours of the week, in local time.

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
        const MINUTE: i64 = 60_000_000;
        const DAY: i64 = 24 * 60;
        let micros = i64::try_from(at.0).ok()?;
        let offset = i64::from(self.utc_offset_min);
        let minute = micros.div_euclid(MINUTE) + offset;
        let today = minute.div_euclid(DAY);
        let end = |hours: &Hours, day: i64| {
            // 1 January 1970 was a Thursday.
            let weekday = (day + 3).rem_euclid(7);
            let (from, until) = (i64::from(hours.from_min), i64::from(hours.until_min));
            let until = if until > from { until } else { until + DAY };
            let covers = (day * DAY + from..day * DAY + until).contains(&minute);
            (hours.days >> weekday & 1 == 1 && covers).then_some(day * DAY + until)
        };
        let ends = self.hours.iter().flat_map(|hours| [end(hours, today), end(hours, today - 1)]);
        let last = ends.flatten().max()?;
        u64::try_from((last - offset) * MINUTE).ok().map(UnixMicros)
    }
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
