//! Changes a configuration's text as a careful person would: what is not changed stays as it is
//! written, comments and order included. It decides nothing: whether the outcome is a sound
//! configuration is for [`Config::parse`](super::Config::parse) to say.

use serde_json::{Map, Value as Json};
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

/// A list of the file. Its entries are named by their `id`; those of the lists that have none
/// (shifts, and rules other than for alerts), by their place from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Section {
    /// `[[site]]`.
    Site,
    /// `[[camera]]`.
    Camera,
    /// `[[wall]]`.
    Wall,
    /// `[[alert]]`.
    Alert,
    /// `[[health]]`.
    Health,
    /// `[[order]]`.
    Order,
    /// `[[picture]]`.
    Picture,
    /// `[[position]]`.
    Position,
    /// `[[person]]`.
    Person,
    /// `[[shift]]`.
    Shift,
}

impl Section {
    /// Its name in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Camera => "camera",
            Self::Wall => "wall",
            Self::Alert => "alert",
            Self::Health => "health",
            Self::Order => "order",
            Self::Picture => "picture",
            Self::Position => "position",
            Self::Person => "person",
            Self::Shift => "shift",
        }
    }
}

impl Section {
    fn has_ids(self) -> bool {
        !matches!(self, Self::Shift | Self::Health | Self::Order | Self::Picture)
    }
}

/// Why a text was not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEdited {
    /// It is not TOML; it was broken before.
    #[error("the file is not TOML: {0}; put it right by hand")]
    NotToml(String),
    /// The section stands once where a list belongs.
    #[error("[{0}] stands once where a list belongs; write [[{0}]] by hand")]
    NotAList(&'static str),
    /// The section is a list where it belongs once.
    #[error("[[{0}]] is a list where one section belongs; write [{0}] by hand")]
    NotATable(&'static str),
    /// There is no such entry.
    #[error("there is no {0} named {1}")]
    Unknown(&'static str, String),
    /// The place is neither one of the list nor the next one.
    #[error("{0} has {1} entries: name one of them by its place from 1, or the next to add one")]
    NoPlace(&'static str, usize),
    /// A value that TOML cannot hold.
    #[error("{0}: a number that TOML cannot hold")]
    Number(String),
}

/// The entries of a list as they are written, in the order of the file. Passwords are never among
/// them: the file holds none.
pub fn entries(text: &str, section: Section) -> Result<Vec<Map<String, Json>>, NotEdited> {
    let mut document = parsed(text)?;
    let list = list(&mut document, section)?;
    Ok(list.map(|list| list.iter().map(read_table).collect()).unwrap_or_default())
}

/// Changes the entry named `id`, or adds it at the end of its list. `fields` is a merge patch (RFC
/// 7396): a key that is absent stays, one that is null goes. The id itself can be changed.
pub fn put(
    text: &str,
    section: Section,
    id: &str,
    fields: &Map<String, Json>,
) -> Result<String, NotEdited> {
    put_all(text, section, [(id, fields)])
}

/// As [`put`], for many entries at once.
pub fn put_all<'a>(
    text: &str,
    section: Section,
    entries: impl IntoIterator<Item = (&'a str, &'a Map<String, Json>)>,
) -> Result<String, NotEdited> {
    let mut document = parsed(text)?;
    if list(&mut document, section)?.is_none() {
        let list = Item::ArrayOfTables(ArrayOfTables::new());
        document.insert(section.name(), list);
    }
    let list = list(&mut document, section)?.ok_or_else(|| NotEdited::NotAList(section.name()))?;
    for (id, fields) in entries {
        put_into(list, section, id, fields)?;
    }
    Ok(document.to_string())
}

fn put_into(
    list: &mut ArrayOfTables,
    section: Section,
    id: &str,
    fields: &Map<String, Json>,
) -> Result<(), NotEdited> {
    let at = place(list, section, id);
    let new = at.is_none();
    if new && !section.has_ids() && id.parse() != Ok(list.len() + 1) {
        return Err(NotEdited::NoPlace(section.name(), list.len()));
    }
    let table = match at {
        Some(at) => list.get_mut(at),
        None => {
            let mut table = Table::new();
            table.decor_mut().set_prefix("\n");
            if section.has_ids() {
                table.insert("id", Item::Value(id.into()));
            }
            list.push(table);
            list.get_mut(list.len() - 1)
        }
    };
    let table = table.expect("it was found, or added");
    for (key, value) in fields {
        if !(new && key == "id") {
            set(table, key, value)?;
        }
    }
    Ok(())
}

/// Where `[roster]` says that its dated entries are, and the text that says so: where it said
/// nothing, it says `usual` from now on.
pub fn roster_file(text: &str, usual: &str) -> Result<(String, String), NotEdited> {
    let mut document = parsed(text)?;
    let roster = document.entry("roster").or_insert_with(toml_edit::table);
    let roster = roster.as_table_like_mut().ok_or(NotEdited::NotATable("roster"))?;
    if let Some(file) = roster.get("file").and_then(Item::as_str) {
        return Ok((file.to_owned(), text.to_owned()));
    }
    roster.insert("file", toml_edit::value(usual));
    Ok((usual.to_owned(), document.to_string()))
}

/// Removes the entry named `id` with the comment that stands directly above it.
pub fn remove(text: &str, section: Section, id: &str) -> Result<String, NotEdited> {
    let mut document = parsed(text)?;
    let unknown = || NotEdited::Unknown(section.name(), id.to_owned());
    let list = list(&mut document, section)?.ok_or_else(unknown)?;
    let at = place(list, section, id).ok_or_else(unknown)?;
    let gone = list.remove(at);
    let prefix = gone.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
    // What an empty line parts from the entry speaks of the whole list.
    let kept = prefix.rfind("\n\n").map_or("", |end| &prefix[..end + 1]).to_owned();
    if kept.trim().is_empty() {
        return Ok(document.to_string());
    }
    match list.get_mut(at) {
        Some(next) => {
            let prefix = next.decor().prefix().and_then(|prefix| prefix.as_str());
            let prefix = format!("{kept}{}", prefix.unwrap_or("\n"));
            next.decor_mut().set_prefix(prefix);
        }
        None => {
            let trailing = document.trailing().as_str().unwrap_or_default().to_owned();
            document.set_trailing(format!("{kept}{trailing}"));
        }
    }
    Ok(document.to_string())
}

fn parsed(text: &str) -> Result<DocumentMut, NotEdited> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        NotEdited::NotToml(error.message().replace('\n', ", "))
    })
}

fn list(
    document: &mut DocumentMut,
    section: Section,
) -> Result<Option<&mut ArrayOfTables>, NotEdited> {
    match document.get_mut(section.name()) {
        None => Ok(None),
        Some(Item::ArrayOfTables(list)) => Ok(Some(list)),
        Some(_) => Err(NotEdited::NotAList(section.name())),
    }
}

fn place(list: &ArrayOfTables, section: Section, id: &str) -> Option<usize> {
    if !section.has_ids() {
        let place: usize = id.parse().ok()?;
        return place.checked_sub(1).filter(|at| *at < list.len());
    }
    list.iter().position(|table| table.get("id").and_then(Item::as_str) == Some(id))
}

fn set(table: &mut Table, key: &str, json: &Json) -> Result<(), NotEdited> {
    if json.is_null() {
        table.remove(key);
        return Ok(());
    }
    if table.get(key).map(read_item).as_ref() == Some(json) {
        // Said the same already, perhaps in other letters, as 1_000.
        return Ok(());
    }
    let mut value = write(key, json)?;
    if let Some(old) = table.get_mut(key).and_then(Item::as_value_mut) {
        // A comment behind a value belongs to its decor.
        *value.decor_mut() = old.decor().clone();
        *old = value;
    } else {
        table.insert(key, Item::Value(value));
    }
    Ok(())
}

fn write(key: &str, json: &Json) -> Result<Value, NotEdited> {
    Ok(match json {
        Json::Null => return Err(NotEdited::Number(key.to_owned())),
        Json::Bool(flag) => (*flag).into(),
        Json::String(text) => text.into(),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.into(),
            (None, Some(real)) if !number.is_u64() => real.into(),
            _ => return Err(NotEdited::Number(key.to_owned())),
        },
        Json::Array(items) => {
            let items: Result<Array, _> = items.iter().map(|item| write(key, item)).collect();
            items?.into()
        }
        Json::Object(fields) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null());
            let fields = fields.map(|(key, value)| Ok((key.as_str(), write(key, value)?)));
            fields.collect::<Result<InlineTable, NotEdited>>()?.into()
        }
    })
}

fn read_table(table: &Table) -> Map<String, Json> {
    table.iter().map(|(key, item)| (key.to_owned(), read_item(item))).collect()
}

fn read_item(item: &Item) -> Json {
    match item {
        Item::None => Json::Null,
        Item::Value(value) => read(value),
        Item::Table(table) => Json::Object(read_table(table)),
        Item::ArrayOfTables(list) => {
            list.iter().map(|table| Json::Object(read_table(table))).collect()
        }
    }
}

fn read(value: &Value) -> Json {
    match value {
        Value::String(text) => text.value().as_str().into(),
        Value::Integer(whole) => (*whole.value()).into(),
        Value::Float(real) => (*real.value()).into(),
        Value::Boolean(flag) => (*flag.value()).into(),
        Value::Datetime(time) => time.value().to_string().into(),
        Value::Array(items) => items.iter().map(read).collect(),
        Value::InlineTable(table) => {
            Json::Object(table.iter().map(|(key, value)| (key.to_owned(), read(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests;
