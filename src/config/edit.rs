//! Changes a configuration's text as a careful person would: what is not changed stays as it is
//! written, comments and order included. It decides nothing: whether the outcome is a sound
//! configuration is for [`Config::parse`](super::Config::parse) to say.

use serde_json::{Map, Value as Json};
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

/// A list of the file. Its entries are named by their `id`; those of `[[shift]]`, which have none, by
/// their place from 1.
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
            Self::Position => "position",
            Self::Person => "person",
            Self::Shift => "shift",
        }
    }
}

impl Section {
    fn has_ids(self) -> bool {
        self != Self::Shift
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
    let mut document = parsed(text)?;
    if list(&mut document, section)?.is_none() {
        let list = Item::ArrayOfTables(ArrayOfTables::new());
        document.insert(section.name(), list);
    }
    let list = list(&mut document, section)?.ok_or_else(|| NotEdited::NotAList(section.name()))?;
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
    Ok(document.to_string())
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
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const TEXT: &str = r#"# The province.
[http]
listen = "127.0.0.1:8080"   # this machine

# Cameras. Numbers are those of the map.

# At the junction.
[[camera]]
id = "a"          # never change this
number = 1_01     # the old map said 7
url = "rtsp://192.0.2.10/sub"
tags = [
    "junction",   # counts cars
]

[[camera]]
id = "b"
number = 102
url = "rtsp://192.0.2.11/sub"

# Walls.
[[wall]]
id = "main"
cameras = ["*"]
"#;

    fn fields(json: Json) -> Map<String, Json> {
        json.as_object().expect("an object").clone()
    }

    fn put_camera(id: &str, json: Json) -> String {
        put(TEXT, Section::Camera, id, &fields(json)).expect("an edit")
    }

    #[test]
    fn a_changed_value_leaves_all_else_as_it_was_written() {
        let changed = put_camera("a", json!({"number": 7, "name": "Ngã ba"}));
        let expected = TEXT.replace("number = 1_01  ", "number = 7  ").replace(
            "    \"junction\",   # counts cars\n]\n",
            "    \"junction\",   # counts cars\n]\nname = \"Ngã ba\"\n",
        );
        assert_eq!(changed, expected);
    }

    #[test]
    fn what_says_the_same_already_is_not_touched_and_what_is_null_goes() {
        assert_eq!(put_camera("a", json!({"number": 101, "tags": ["junction"]})), TEXT);
        let without = put_camera("b", json!({"number": null}));
        assert_eq!(without, TEXT.replace("number = 102\n", ""));
    }

    #[test]
    fn a_new_entry_stands_behind_the_last_one_of_its_list() {
        let added = put_camera("c", json!({"number": 103, "url": "rtsp://192.0.2.12/sub"}));
        let entry = "\n[[camera]]\nid = \"c\"\nnumber = 103\nurl = \"rtsp://192.0.2.12/sub\"\n";
        assert_eq!(added, TEXT.replace("\n# Walls.", &format!("{entry}\n# Walls.")));
        assert_eq!(remove(&added, Section::Camera, "c").expect("it is there"), TEXT);
        let site = put(TEXT, Section::Site, "x", &fields(json!({"name": "X"}))).expect("an edit");
        assert_eq!(
            entries(&site, Section::Site),
            Ok(vec![fields(json!({"id": "x", "name": "X"}))])
        );
    }

    #[test]
    fn what_is_said_of_the_whole_list_outlives_its_first_entry() {
        let without = remove(TEXT, Section::Camera, "a").expect("it is there");
        assert!(without.contains("# Cameras. Numbers are those of the map."), "{without}");
        assert!(!without.contains("At the junction"), "{without}");
        assert_eq!(entries(&without, Section::Camera).expect("a list").len(), 1);
        let none = remove(&without, Section::Camera, "b").expect("it is there");
        assert!(none.contains("# Cameras. Numbers are those of the map."), "{none}");
    }

    #[test]
    fn shifts_are_named_by_their_place() {
        let one =
            put(TEXT, Section::Shift, "1", &fields(json!({"from": "06:00"}))).expect("a shift");
        let two =
            put(&one, Section::Shift, "2", &fields(json!({"from": "18:00"}))).expect("a shift");
        let late =
            put(&two, Section::Shift, "1", &fields(json!({"from": "07:00"}))).expect("a shift");
        let from = |text: &str| -> Vec<Json> {
            let shifts = entries(text, Section::Shift).expect("a list");
            shifts.iter().map(|shift| shift["from"].clone()).collect()
        };
        assert_eq!(from(&late), ["07:00", "18:00"]);
        assert_eq!(from(&remove(&late, Section::Shift, "1").expect("a shift")), ["18:00"]);
        let nowhere = put(&two, Section::Shift, "4", &Map::new());
        assert_eq!(nowhere, Err(NotEdited::NoPlace("shift", 2)));
    }

    #[test]
    fn what_cannot_be_edited_is_said() {
        let nothing = Map::new();
        let broken = put("[[camera", Section::Camera, "a", &nothing);
        assert!(matches!(broken, Err(NotEdited::NotToml(_))), "{broken:?}");
        let once = put("[camera]\nid = \"a\"", Section::Camera, "a", &nothing);
        assert_eq!(once, Err(NotEdited::NotAList("camera")));
        let unknown = remove(TEXT, Section::Wall, "z");
        assert_eq!(unknown, Err(NotEdited::Unknown("wall", "z".to_owned())));
        let huge = put(TEXT, Section::Camera, "a", &fields(json!({"number": u64::MAX})));
        assert_eq!(huge, Err(NotEdited::Number("number".to_owned())));
    }

    fn value() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<String>().prop_map(Json::from),
        ];
        leaf.prop_recursive(2, 12, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::btree_map("[a-z]{1,6}", inner, 0..4)
                    .prop_map(|map| Json::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_was_put_is_read_and_nothing_else_changes(
            id in "[a-z]{1,8}",
            wanted in prop::collection::btree_map("[a-z_]{3,9}", value(), 0..5),
        ) {
            let wanted: Map<String, Json> =
                wanted.into_iter().filter(|(key, _)| key != "id").collect();
            let text = put(TEXT, Section::Camera, &id, &wanted).expect("an edit");
            let before = entries(TEXT, Section::Camera).expect("a list");
            let after = entries(&text, Section::Camera).expect("a list");
            for entry in &before {
                if entry["id"] != id.as_str() {
                    prop_assert!(after.contains(entry));
                }
            }
            let put_there = after.iter().find(|entry| entry["id"] == id.as_str());
            let put_there = put_there.expect("it is there");
            for (key, value) in &wanted {
                prop_assert_eq!(&put_there[key], value);
            }
            prop_assert_eq!(put(&text, Section::Camera, &id, &wanted).expect("an edit"), text);
        }
    }
}
