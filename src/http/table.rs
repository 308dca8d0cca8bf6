//! Answers as CSV (RFC 4180), to be opened with a spreadsheet: texts that came from outside must
//! not become formulas there.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use jiff::{Timestamp, tz::Offset};

use super::Problem;
use crate::domain::time::UnixMicros;

/// A table that is being written.
pub(super) struct Table {
    rows: csv::Writer<Vec<u8>>,
    utc_offset_min: i32,
}

/// One cell.
pub(super) enum Cell {
    Text(String),
    Whole(u64),
    /// Seconds of so many microseconds.
    Seconds(u64),
    Percent(Option<f64>),
    Time(Option<UnixMicros>),
    Empty,
}

impl Cell {
    pub(super) fn text(text: impl ToString) -> Self {
        Self::Text(text.to_string())
    }

    pub(super) fn text_if_any(text: Option<impl ToString>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(text.to_string()))
    }
}

impl Table {
    /// With its column names; times are told where local time is so many minutes ahead of UTC.
    pub(super) fn new(columns: &[&str], utc_offset_min: i32) -> Self {
        let mut rows =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        // Into memory: it cannot fail.
        let _ = rows.write_record(columns);
        Self { rows, utc_offset_min }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let offset = self.utc_offset_min;
        // Rows have as many cells as there are columns; another would be left out.
        let written = self.rows.write_record(cells.into_iter().map(|cell| written(cell, offset)));
        debug_assert!(written.is_ok(), "{written:?}");
    }

    /// As a file of that name.
    pub(super) fn into_response(self, name: &str) -> Result<Response, Problem> {
        let text = self.rows.into_inner().map_err(|_| Problem::fault())?;
        let disposition = format!("attachment; filename=\"{name}.csv\"");
        let headers = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
        ];
        Ok((headers, text).into_response())
    }
}

fn written(cell: Cell, utc_offset_min: i32) -> String {
    match cell {
        Cell::Text(text) => harmless(text),
        Cell::Whole(number) => number.to_string(),
        Cell::Seconds(micros) => format!("{}.{:03}", micros / 1_000_000, micros / 1000 % 1000),
        Cell::Percent(Some(percent)) => format!("{percent:.3}"),
        Cell::Time(Some(at)) => local(at, utc_offset_min),
        Cell::Percent(None) | Cell::Time(None) | Cell::Empty => String::new(),
    }
}

/// Spreadsheets take a cell that begins so for a formula, also from a quoted one.
fn harmless(text: String) -> String {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => {
            format!("'{text}")
        }
        _ => text,
    }
}

/// RFC 3339 with the local offset, to the millisecond.
fn local(at: UnixMicros, utc_offset_min: i32) -> String {
    let offset = Offset::from_seconds(utc_offset_min.saturating_mul(60)).unwrap_or(Offset::UTC);
    let at = i64::try_from(at.0).unwrap_or(i64::MAX);
    let at = Timestamp::from_microsecond(at).unwrap_or(Timestamp::MAX);
    format!("{:.3}", at.display_with_offset(offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_and_none_becomes_a_formula() {
        let mut table = Table::new(&["what", "at", "long", "share"], 7 * 60);
        let at = Cell::Time(Some(UnixMicros(784_111_777_000_125)));
        table.row([
            Cell::text("no RTP for 7 s; \"open\", Kỳ Anh"),
            at,
            Cell::Seconds(90_500_000),
            Cell::Percent(Some(99.5)),
        ]);
        for text in ["=1+1", "+84 912", "-1", "@x", "\tx", "a=1"] {
            table.row([Cell::text(text), Cell::Time(None), Cell::Whole(1), Cell::Percent(None)]);
        }
        let text = String::from_utf8(table.rows.into_inner().expect("memory")).expect("UTF-8");
        let expected = [
            "what,at,long,share",
            "\"no RTP for 7 s; \"\"open\"\", Kỳ Anh\",1994-11-06T15:49:37.000+07:00,90.500,99.500",
            "'=1+1,,1,",
            "'+84 912,,1,",
            "'-1,,1,",
            "'@x,,1,",
            "'\tx,,1,",
            "a=1,,1,",
            "",
        ];
        assert_eq!(text, expected.join("\r\n"));
    }
}
