//! A sheet as a spreadsheet saves it: the names of columns in the first row, then one thing a row.
//! Knows no column.
//!
//! Comma, semicolon (as Excel separates where the comma is a decimal sign, as in Vietnam) or tab;
//! with or without a byte order mark; any line ending. Several names stand in one cell, parted by
//! spaces, or by semicolons where those do not part the columns.

use std::sync::Arc;

use super::{
    document::{Entry, Place, Table, Value},
    fault::Fault,
    load::utf8,
    nearest::nearest,
    section::{Section, fault},
};

/// The columns of a sheet.
pub(super) struct Columns {
    /// All that there are.
    pub(super) known: &'static [&'static str],
    /// Those that must be there.
    pub(super) needed: &'static [&'static str],
    /// Those that are refused where they are used, with words of their own.
    pub(super) refused: &'static [&'static str],
}

/// A sheet's rows, and what is wrong with the sheet itself.
#[derive(Default)]
pub(super) struct Sheet {
    /// The columns that the sheet has.
    pub(super) columns: Vec<String>,
    /// Each row with its line.
    pub(super) rows: Vec<(u32, Section)>,
    pub(super) faults: Vec<Fault>,
}

impl Columns {
    /// Reads a sheet; `name` is what faults call it.
    pub(super) fn read(&self, name: &str, bytes: &[u8]) -> Sheet {
        let mut sheet = Sheet::default();
        if let Err(faults) = self.fill(name, bytes, &mut sheet) {
            sheet.faults.extend(faults);
        }
        sheet
    }

    fn fill(&self, name: &str, bytes: &[u8], sheet: &mut Sheet) -> Result<(), Vec<Fault>> {
        let text = utf8(name, bytes).map_err(|fault| vec![fault])?;
        let mut rows = csv::ReaderBuilder::new()
            .delimiter(delimiter(text))
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut rows = rows.records();
        sheet.columns = match rows.next() {
            Some(Ok(row)) => self.columns(name, &row)?,
            Some(Err(error)) => return Err(vec![unreadable(name, &error)]),
            None => {
                let remedy = "write the columns' names into the first row";
                return Err(vec![fault(name, &Place::File, "", "is empty", remedy)]);
            }
        };
        let file: Arc<str> = name.into();
        for row in rows {
            match row {
                Err(error) => sheet.faults.push(unreadable(name, &error)),
                // Spreadsheets save emptied rows as separators with nothing between.
                Ok(row) if row.iter().all(str::is_empty) => {}
                Ok(row) => match section(&file, &sheet.columns, &row) {
                    Ok(section) => sheet.rows.push((line_of(&row), section)),
                    Err(fault) => sheet.faults.push(fault),
                },
            }
        }
        Ok(())
    }

    fn columns(&self, name: &str, row: &csv::StringRecord) -> Result<Vec<String>, Vec<Fault>> {
        let mut columns: Vec<String> = Vec::new();
        let mut faults = Vec::new();
        for (index, cell) in row.iter().enumerate() {
            let column = cell.to_ascii_lowercase().replace([' ', '-'], "_");
            let at = Place::Text {
                line: line_of(row),
                column: u32::try_from(index + 1).unwrap_or(u32::MAX),
            };
            let is_known =
                self.known.contains(&column.as_str()) || self.refused.contains(&column.as_str());
            if column.is_empty() || is_known {
                // An unnamed column is skipped.
                if !column.is_empty() && columns.contains(&column) {
                    let remedy = "remove one of the two";
                    faults.push(fault(name, &at, &column, "the column is there twice", remedy));
                }
            } else {
                let remedy = match nearest(&column, self.known.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("remove it; the columns are {}", self.known.join(", ")),
                };
                faults.push(fault(name, &at, heading(cell), "there is no such column", remedy));
            }
            columns.push(column);
        }
        for needed in self.needed {
            if !columns.iter().any(|column| column == needed) && faults.is_empty() {
                let at = Place::Text { line: line_of(row), column: 0 };
                let remedy = "name the columns in the first row";
                faults.push(fault(name, &at, *needed, "the column is missing", remedy));
            }
        }
        if faults.is_empty() { Ok(columns) } else { Err(faults) }
    }
}

/// What a fault calls a column that is not there. Only a word is repeated: a sheet without its first
/// row has values there, and one of them may be a password.
fn heading(cell: &str) -> &str {
    let word = |c: char| c.is_alphabetic() || matches!(c, ' ' | '_' | '-');
    if cell.chars().count() <= HEADING_MAX && cell.chars().all(word) { cell } else { "" }
}

/// Letters of a heading; the longest of ours has thirteen.
const HEADING_MAX: usize = 24;

/// A row as a section. Empty cells are keys that were left out.
fn section(file: &Arc<str>, columns: &[String], row: &csv::StringRecord) -> Result<Section, Fault> {
    let line = line_of(row);
    let at = Place::Text { line, column: 0 };
    if row.len() > columns.len() && row.iter().skip(columns.len()).any(|cell| !cell.is_empty()) {
        let problem =
            format!("the row has {} cells, the first row has {}", row.len(), columns.len());
        let remedy = "put double quotes around a cell that holds a separator";
        return Err(fault(file, &at, "", problem, remedy));
    }
    let cell = |(index, (column, text)): (usize, (&String, &str))| {
        let at = Place::Text { line, column: u32::try_from(index + 1).unwrap_or(u32::MAX) };
        (column.clone(), Entry { value: Value::Plain(text.to_owned()), at })
    };
    let filled = |(column, text): &(&String, &str)| !column.is_empty() && !text.is_empty();
    let cells: Table =
        columns.iter().zip(row).enumerate().filter(|(_, pair)| filled(pair)).map(cell).collect();
    Ok(Section::new(file, "", Entry { value: Value::Table(cells), at }))
}

/// The separator that occurs most in the first row.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default().as_bytes();
    let count = |byte: u8| memchr::memchr_iter(byte, first).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|byte| count(*byte)).unwrap_or(b',')
}

fn unreadable(name: &str, error: &csv::Error) -> Fault {
    let line = error.position().map_or(0, |at| u32::try_from(at.line()).unwrap_or(u32::MAX));
    let at = Place::Text { line, column: 0 };
    fault(name, &at, "", format!("the row cannot be read: {error}"), "save the sheet as CSV UTF-8")
}

fn line_of(row: &csv::StringRecord) -> u32 {
    row.position().map_or(0, |at| u32::try_from(at.line()).unwrap_or(u32::MAX))
}
