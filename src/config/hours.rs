//! Hours of the week in words: `"mon-fri 22:00-06:00"`, or as keys of their own.

use super::section::{Section, Spotted};
use crate::domain::timetable::Hours;

/// `["mon-fri 22:00-06:00", "sat,sun 00:00-24:00"]`.
pub(super) fn list(section: &mut Section, key: &'static str) -> Vec<Hours> {
    let mut all = Vec::new();
    for text in section.texts(key).map(|texts| texts.value).unwrap_or_default() {
        match parse(&text.value) {
            Some(hours) => all.push(hours),
            None => section.fault(
                key,
                text.at,
                format!("{:?} are no hours", text.value),
                "use days and times, as in \"mon-fri 22:00-06:00\" or \"daily 12:00-13:00\"",
            ),
        }
    }
    all
}

/// The keys `days`, `from` and `until`; without `days`, every day.
pub(super) fn keys(section: &mut Section) -> Option<Hours> {
    let days = match section.text("days", 40) {
        None => Some(EVERY_DAY),
        Some(text) => checked(section, "days", text, days, "\"mon-fri\", \"sat,sun\" or \"daily\""),
    };
    let mut time = |key| {
        let Some(text) = section.text(key, 40) else {
            section.missing(key, "write the time, as in \"06:00\"");
            return None;
        };
        checked(section, key, text, minute, "hours and minutes, as in \"06:00\"")
    };
    let (from, until) = (time("from"), time("until"));
    let (days, from_min, until_min) = (days?, from?, until?);
    Some(Hours { days, from_min, until_min: until_min % DAY })
}

fn checked<T>(
    section: &mut Section,
    key: &str,
    text: Spotted<String>,
    read: impl Fn(&str) -> Option<T>,
    wanted: &str,
) -> Option<T> {
    let value = read(&text.value);
    if value.is_none() {
        let problem = format!("{:?} is not such a time", text.value);
        section.fault(key, text.at, problem, format!("use {wanted}"));
    }
    value
}

fn parse(text: &str) -> Option<Hours> {
    let (day, time) = text.trim().split_once(' ')?;
    let (from, until) = time.split_once('-')?;
    let (from_min, until_min) = (minute(from)?, minute(until)?);
    Some(Hours { days: days(day)?, from_min, until_min: until_min % DAY })
}

/// Bit 0 is Monday. Ranges may run over Sunday: `sat-mon`.
fn days(text: &str) -> Option<u8> {
    if text.trim() == "daily" {
        return Some(EVERY_DAY);
    }
    let day = |name: &str| DAYS.iter().position(|day| *day == name.trim());
    text.split(',').try_fold(0, |all, part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(first)?, day(last)?);
        let count = (last + DAYS.len() - first) % DAYS.len();
        Some((0..=count).fold(all, |all, n| all | 1 << ((first + n) % DAYS.len())))
    })
}

/// Minutes after midnight; `24:00` is the end of the day. `6:00` is as good as `06:00`: spreadsheets
/// write both.
pub(super) fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let number = |digits: &str, length| {
        let plain = digits.len() <= length && digits.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| digits.parse::<u16>().ok()).flatten()
    };
    let minutes = number(minutes, 2).filter(|_| minutes.len() == 2)?;
    let all = number(hours, 2)? * 60 + minutes;
    (minutes < 60 && all <= DAY).then_some(all)
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const EVERY_DAY: u8 = 0b111_1111;
/// Minutes.
const DAY: u16 = 24 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_days_and_two_times() {
        let hours = |days, from_min, until_min| Some(Hours { days, from_min, until_min });
        assert_eq!(parse("mon-fri 22:00-06:00"), hours(0b001_1111, 1320, 360));
        assert_eq!(parse("sat,sun 00:00-24:00"), hours(0b110_0000, 0, 0));
        assert_eq!(parse("sat-mon 6:30-7:00"), hours(0b110_0001, 390, 420));
        assert_eq!(parse("daily  12:00 - 13:00"), hours(EVERY_DAY, 720, 780));
        for wrong in ["", "mon", "mon 6-7", "mo 06:00-07:00", "mon 24:01-07:00", "mon 06:60-07:00"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
