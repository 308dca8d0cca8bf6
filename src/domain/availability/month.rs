//! A calendar month where the cameras are.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil, tz::Offset};

use super::Window;
use crate::domain::time::UnixMicros;

/// A month of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    year: i16,
    month: i8,
}

/// Why a text is not a [`Month`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a month from 1970-01 to 2199-12, as in 2026-11")]
pub struct NotAMonth(String);

/// Beyond them, microseconds and dates stop to fit everywhere.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2199;

impl FromStr for Month {
    type Err = NotAMonth;

    fn from_str(text: &str) -> Result<Self, NotAMonth> {
        let parsed = || {
            let (year, month) = text.split_once('-')?;
            let digits = |part: &str, long| {
                part.len() == long && part.bytes().all(|byte| byte.is_ascii_digit())
            };
            let plain = digits(year, 4) && digits(month, 2);
            let month = Self { year: year.parse().ok()?, month: month.parse().ok()? };
            let real = YEARS.contains(&month.year) && (1..=12).contains(&month.month);
            (plain && real).then_some(month)
        };
        parsed().ok_or_else(|| NotAMonth(text.chars().take(40).collect()))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl Month {
    /// The month that it is at `at`, where local time is so many minutes ahead of UTC.
    pub fn at(at: UnixMicros, utc_offset_min: i32) -> Self {
        let date = offset(utc_offset_min).to_datetime(timestamp(at)).date();
        Self { year: date.year(), month: date.month() }
    }

    /// From its first microsecond there to the first of the next one.
    pub fn window(self, utc_offset_min: i32) -> Window {
        let next = match self.month {
            12 => Self { year: self.year + 1, month: 1 },
            month => Self { month: month + 1, ..self },
        };
        Window { from: self.begins(utc_offset_min), until: next.begins(utc_offset_min) }
    }

    fn begins(self, utc_offset_min: i32) -> UnixMicros {
        let midnight = civil::date(self.year, self.month, 1).at(0, 0, 0, 0);
        // Within the years above it always is one; before 1970 in UTC is zero.
        let at = offset(utc_offset_min).to_timestamp(midnight).unwrap_or_default();
        UnixMicros(u64::try_from(at.as_microsecond()).unwrap_or_default())
    }
}

/// UTC for what is no offset on Earth.
fn offset(utc_offset_min: i32) -> Offset {
    Offset::from_seconds(utc_offset_min.saturating_mul(60)).unwrap_or(Offset::UTC)
}

/// Later than jiff counts is its last moment.
fn timestamp(at: UnixMicros) -> Timestamp {
    let micros = i64::try_from(at.0).unwrap_or(i64::MAX);
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
}
