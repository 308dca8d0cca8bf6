//! One table of the file, asked key by key. Each answer is a value of the right type or a fault
//! that is kept; asking goes on after a fault, so one section tells all its mistakes.

use std::{fmt, ops::RangeInclusive, sync::Arc, time::Duration};

use super::{
    document::{Entry, Place, Table, Value},
    fault::Fault,
    nearest::nearest,
    text::text_problem,
};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Spotted<T> {
    pub(super) value: T,
    pub(super) at: Place,
}

/// A table being read.
pub(super) struct Section {
    file: Arc<str>,
    path: String,
    at: Place,
    entries: Table,
    known: Vec<&'static str>,
    faults: Vec<Fault>,
}

impl Section {
    /// `path` is `http` or `camera[3]`; empty for a CSV row, whose columns have no section.
    pub(super) fn new(file: &Arc<str>, path: impl Into<String>, entry: Entry) -> Self {
        let mut section = Self {
            file: Arc::clone(file),
            path: path.into(),
            at: entry.at,
            entries: Table::new(),
            known: Vec::new(),
            faults: Vec::new(),
        };
        match entry.value {
            Value::Table(entries) => section.entries = entries,
            other => {
                let problem = format!("{} stands where a section belongs", name_of(&other));
                section.fault_here("", problem, format!("write it as [{}]", section.path));
            }
        }
        section
    }

    /// Text without control characters, trimmed, at most `length_max` characters.
    pub(super) fn text(&mut self, key: &'static str, length_max: usize) -> Option<Spotted<String>> {
        let Entry { value, at } = self.take(key)?;
        let text = match value {
            Value::Text(text) | Value::Plain(text) => text,
            other => return self.wrong_type(key, at, &other, "text in double quotes"),
        };
        let text = text.trim().to_owned();
        match text_problem(&text, length_max) {
            None => Some(Spotted { value: text, at }),
            Some((problem, remedy)) => {
                self.fault(key, at, problem, remedy);
                None
            }
        }
    }

    /// As [`Section::text`], of several lines.
    pub(super) fn lines(&mut self, key: &'static str, length_max: usize) -> Option<String> {
        let Entry { value, at } = self.take(key)?;
        let Value::Text(text) = value else {
            return self.wrong_type(key, at, &value, "text in double quotes");
        };
        let text = text.replace("\r\n", "\n").trim().to_owned();
        match text_problem(&text.replace('\n', " "), length_max) {
            None => Some(text),
            Some((problem, remedy)) => {
                self.fault(key, at, problem, remedy);
                None
            }
        }
    }

    /// A section within this one. Give it back with [`Section::absorb`].
    pub(super) fn inner(&mut self, key: &'static str) -> Option<Self> {
        let entry = self.take(key)?;
        if !matches!(entry.value, Value::Table(_)) {
            return self.wrong_type(key, entry.at, &entry.value, "a section: { … }");
        }
        Some(Self::new(&self.file, self.key(key), entry))
    }

    /// A list of sections within this one. Give each back with [`Section::absorb`].
    pub(super) fn inners(&mut self, key: &'static str) -> Vec<Self> {
        let Some(Entry { value, at }) = self.take(key) else { return Vec::new() };
        let Value::List(items) = value else {
            let _: Option<()> =
                self.wrong_type(key, at, &value, "a list of sections: [{ … }, { … }]");
            return Vec::new();
        };
        let mut inners = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            if matches!(item.value, Value::Table(_)) {
                let path = format!("{}[{index}]", self.key(key));
                inners.push(Self::new(&self.file, path, item));
            } else {
                let _: Option<()> = self.wrong_type(key, item.at, &item.value, "a section: { … }");
            }
        }
        inners
    }

    /// All keys as sections by names that people choose. Give each back with [`Section::absorb`].
    pub(super) fn tables(&mut self) -> Vec<(Spotted<String>, Self)> {
        let mut tables = Vec::with_capacity(self.entries.len());
        for (name, entry) in std::mem::take(&mut self.entries) {
            let (path, at) = (self.key(&name.escape_debug().to_string()), entry.at.clone());
            tables.push((Spotted { value: name, at }, Self::new(&self.file, path, entry)));
        }
        tables
    }

    /// Takes the faults of a section within this one.
    pub(super) fn absorb(&mut self, inner: Self) {
        self.faults.extend(inner.finish());
    }

    /// A whole number within bounds that include zero only if they say so.
    pub(super) fn whole(
        &mut self,
        key: &'static str,
        range: RangeInclusive<u64>,
    ) -> Option<Spotted<u64>> {
        let Entry { value, at } = self.take(key)?;
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        let whole = match value {
            Value::Whole(whole) => Some(whole),
            Value::Plain(ref text) => text.trim().replace('_', "").parse().ok(),
            _ => None,
        };
        let Some(whole) = whole else { return self.wrong_type(key, at, &value, &wanted) };
        let within = u64::try_from(whole).ok().filter(|whole| range.contains(whole));
        if within.is_none() {
            self.fault(
                key,
                at.clone(),
                format!("{whole} is out of bounds"),
                format!("use {wanted}"),
            );
        }
        within.map(|value| Spotted { value, at })
    }

    /// A number within bounds, with or without a decimal point.
    pub(super) fn real(&mut self, key: &'static str, range: RangeInclusive<f64>) -> Option<f64> {
        let Entry { value, at } = self.take(key)?;
        let wanted = format!("a number from {} to {}", range.start(), range.end());
        let real = match value {
            Value::Real(real) => Some(real),
            // Every bound here is far below where a double loses whole numbers.
            Value::Whole(whole) => Some(whole as f64),
            Value::Plain(ref text) => text.trim().parse().ok(),
            _ => None,
        };
        let Some(real) = real else { return self.wrong_type(key, at, &value, &wanted) };
        let within = range.contains(&real);
        if !within {
            self.fault(key, at, format!("{real} is out of bounds"), format!("use {wanted}"));
        }
        within.then_some(real)
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, key: &'static str) -> Option<bool> {
        let Entry { value, at } = self.take(key)?;
        match value {
            Value::Flag(flag) => Some(flag),
            Value::Plain(ref text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "1" => Some(true),
                "false" | "no" | "0" => Some(false),
                _ => self.wrong_type(key, at, &value, "true or false"),
            },
            other => self.wrong_type(key, at, &other, "true or false"),
        }
    }

    /// A list of texts, those of another type left out and told; untyped text is parted at spaces, commas and semicolons.
    pub(super) fn texts(&mut self, key: &'static str) -> Option<Spotted<Vec<Spotted<String>>>> {
        let Entry { value, at } = self.take(key)?;
        let items = match value {
            Value::List(items) => items,
            Value::Plain(text) => text
                .split([' ', ',', ';'])
                .filter(|part| !part.is_empty())
                .map(|part| Entry { value: Value::Text(part.to_owned()), at: at.clone() })
                .collect(),
            other => return self.wrong_type(key, at, &other, "a list: [\"…\", \"…\"]"),
        };
        let mut texts = Vec::with_capacity(items.len());
        for Entry { value, at } in items {
            match value {
                Value::Text(value) => texts.push(Spotted { value, at }),
                other => {
                    let _: Option<()> = self.wrong_type(key, at, &other, "text in double quotes");
                }
            }
        }
        Some(Spotted { value: texts, at })
    }

    /// A time as `"5s"`, `"1m 30s"` or `"500ms"`, within bounds.
    pub(super) fn duration(
        &mut self,
        key: &'static str,
        range: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let text = self.text(key, 40)?;
        let least = match *range.start() {
            Duration::ZERO => "0s".to_owned(),
            least => format!("{least:?}"),
        };
        let wanted = format!("a time from {least} to {:?}, as in \"5s\"", range.end());
        let parsed = text
            .value
            .parse::<jiff::SignedDuration>()
            .ok()
            .and_then(|time| Duration::try_from(time).ok());
        let within = parsed.filter(|time| range.contains(time));
        if within.is_none() {
            self.fault(
                key,
                text.at,
                format!("{:?} is not such a time", text.value),
                format!("use {wanted}"),
            );
        }
        within
    }

    /// A value that another type reads from text; `wanted` completes "use …".
    pub(super) fn parsed<T>(&mut self, key: &'static str, wanted: &str) -> Option<Spotted<T>>
    where
        T: std::str::FromStr,
        T::Err: fmt::Display,
    {
        let text = self.text(key, TEXT_MAX)?;
        match text.value.parse() {
            Ok(value) => Some(Spotted { value, at: text.at }),
            Err(error) => {
                self.fault(
                    key,
                    text.at,
                    format!("{:?}: {error}", text.value),
                    format!("use {wanted}"),
                );
                None
            }
        }
    }

    /// A key that is refused whatever it holds; its value is dropped unread.
    pub(super) fn refuse(&mut self, key: &'static str, problem: &str, remedy: impl Into<String>) {
        if let Some(entry) = self.entries.remove(key) {
            self.fault(key, entry.at, problem, remedy);
        }
    }

    /// A key that is known, and whose value is of no interest.
    pub(super) fn skip(&mut self, key: &'static str) {
        self.take(key);
    }

    /// A key that must be there, once it was asked for and gave nothing: tells that it is missing,
    /// unless the question already left a fault.
    pub(super) fn missing(&mut self, key: &'static str, remedy: &str) {
        let told = self.key(key);
        if !self.faults.iter().any(|fault| fault.key == told) {
            self.fault_here(key, "is missing", remedy);
        }
    }

    /// Whether a key is there, whatever it holds. It still has to be asked for, so that it is known.
    pub(super) fn has(&mut self, key: &'static str) -> bool {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.entries.contains_key(key)
    }

    /// Takes a key if it is this untyped text.
    pub(super) fn is_text(&mut self, key: &'static str, text: &str) -> bool {
        let is =
            |entry: &Entry| matches!(&entry.value, Value::Plain(plain) if plain.trim() == text);
        self.entries.get(key).is_some_and(is) && self.take(key).is_some()
    }

    /// Whether anything was wrong so far.
    pub(super) fn has_faults(&self) -> bool {
        !self.faults.is_empty()
    }

    pub(super) fn fault(
        &mut self,
        key: &str,
        at: Place,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let key = self.key(key);
        self.faults.push(fault(&self.file, &at, key, problem, remedy));
    }

    pub(super) fn fault_here(
        &mut self,
        key: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.fault(key, self.at.clone(), problem, remedy);
    }

    /// As a fault, but for the list of warnings.
    pub(super) fn told(
        &self,
        key: &str,
        at: &Place,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Fault {
        fault(&self.file, at, self.key(key), problem, remedy)
    }

    /// Tells the keys that nobody asked for, and gives all faults of the section.
    pub(super) fn finish(mut self) -> Vec<Fault> {
        for (key, entry) in std::mem::take(&mut self.entries) {
            let remedy = match nearest(&key, self.known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("remove it; the keys here are {}", self.known.join(", ")),
            };
            self.fault(&key.escape_debug().to_string(), entry.at, "there is no such key", remedy);
        }
        self.faults
    }

    fn key(&self, key: &str) -> String {
        match (self.path.is_empty(), key.is_empty()) {
            (true, _) => key.to_owned(),
            (_, true) => self.path.clone(),
            _ => format!("{}.{key}", self.path),
        }
    }

    fn take(&mut self, key: &'static str) -> Option<Entry> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.entries.remove(key)
    }

    fn wrong_type<T>(&mut self, key: &str, at: Place, value: &Value, wanted: &str) -> Option<T> {
        self.fault(key, at, format!("is {}", name_of(value)), format!("use {wanted}"));
        None
    }
}

/// A fault at a place.
pub(super) fn fault(
    file: &str,
    at: &Place,
    key: impl Into<String>,
    problem: impl Into<String>,
    remedy: impl Into<String>,
) -> Fault {
    let (file, line, column) = match at {
        Place::Text { line, column } => (file.to_owned(), *line, *column),
        Place::Variable(name) => (format!("environment variable {name}"), 0, 0),
        Place::File => (file.to_owned(), 0, 0),
    };
    Fault { file, line, column, key: key.into(), problem: problem.into(), remedy: remedy.into() }
}

/// Any text without a tighter bound of its own.
pub(super) const TEXT_MAX: usize = 2048;

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Text(_) | Value::Plain(_) => "text",
        Value::Whole(_) => "a number",
        Value::Real(_) => "a number with a decimal point",
        Value::Flag(_) => "true or false",
        Value::List(_) => "a list",
        Value::Table(_) => "a section",
        Value::Other(name) => name,
    }
}
