//! A file as values that know their place: TOML, with the environment laid over it. Knows no key.
//!
//! Not serde: a deserializer stops at the first value of the wrong shape, and the user shall see
//! every mistake of a list of 500 cameras at once.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{environment::Override, fault::Fault};

/// Where a value stands.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// In the file; both counted from 1.
    Text { line: u32, column: u32 },
    /// In an environment variable.
    Variable(Arc<str>),
    /// The file as a whole.
    File,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) value: Value,
    pub(super) at: Place,
}

/// What can stand in a file.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Whole(i64),
    Real(f64),
    Flag(bool),
    List(Vec<Entry>),
    Table(Table),
    /// Untyped text of a variable or a CSV cell; whoever asks for a number reads a number in it.
    Plain(String),
    /// Something no key takes, by its name.
    Other(&'static str),
}

/// Entries by key; the place is that of the value.
pub(super) type Table = BTreeMap<String, Entry>;

/// Reads TOML, as much of it as can be read, and tells every place that cannot.
pub(super) fn parse(file: &str, text: &str) -> (Table, Vec<Fault>) {
    let lines = Lines::of(text);
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut faults: Vec<Fault> = Vec::new();
    for error in errors {
        let (line, column) = error.span().map_or((0, 0), |span| lines.place(span.start));
        // A broken line often breaks in several ways; the first says enough.
        if faults.last().is_some_and(|last| last.line == line) {
            continue;
        }
        faults.push(Fault {
            file: file.to_owned(),
            line,
            column,
            key: String::new(),
            problem: format!("this is not TOML: {}", error.message().replace('\n', ", ")),
            remedy: "text stands in double quotes, each key once, one `key = value` a line"
                .to_owned(),
        });
    }
    (table(root.get_ref(), &lines), faults)
}

/// Lays one variable over the table; tells what it could not mean.
pub(super) fn overlay(root: &mut Table, setting: &Override<'_>) -> Result<(), Fault> {
    let at = Place::Variable(setting.variable.into());
    let section = root
        .entry(setting.section.clone())
        .or_insert_with(|| Entry { value: Value::Table(Table::new()), at: at.clone() });
    let Value::Table(section) = &mut section.value else {
        return Err(Fault {
            file: format!("environment variable {}", setting.variable),
            line: 0,
            column: 0,
            key: setting.section.clone(),
            problem: "only the keys of a single section can be overridden".to_owned(),
            remedy: "unset it; change cameras, sites and walls in the file".to_owned(),
        });
    };
    section
        .insert(setting.key.clone(), Entry { value: Value::Plain(setting.value.to_owned()), at });
    Ok(())
}

fn table(table: &DeTable<'_>, lines: &Lines<'_>) -> Table {
    table
        .iter()
        .map(|(key, value)| (key.get_ref().to_string(), entry(value, key.span(), lines)))
        .collect()
}

/// `start` is where the user looks first: the key of a scalar, the header of a table.
fn entry(value: &Spanned<DeValue<'_>>, start: Range<usize>, lines: &Lines<'_>) -> Entry {
    let (line, column) = lines.place(start.start);
    let list_item = |item: &Spanned<DeValue<'_>>| entry(item, item.span(), lines);
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(whole) => i64::from_str_radix(whole.as_str(), whole.radix())
            .map_or(Value::Other("a number with too many digits"), Value::Whole),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Array(items) => Value::List(items.iter().map(list_item).collect()),
        DeValue::Table(inner) => Value::Table(table(inner, lines)),
        DeValue::Float(real) => {
            real.as_str().parse().map_or(Value::Other("a number that cannot be read"), Value::Real)
        }
        DeValue::Datetime(_) => Value::Other("a date or time"),
    };
    Entry { value, at: Place::Text { line, column } }
}

/// Where each line starts, so that a place costs a binary search.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let starts = std::iter::once(0)
            .chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1))
            .collect();
        Self { text, starts }
    }

    fn place(&self, offset: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= offset);
        let before = self.text.get(self.starts[line - 1]..offset).unwrap_or_default();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (count(line), count(before.chars().count() + 1))
    }
}
