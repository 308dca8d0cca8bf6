//! What an edit changes, and what it leaves as it was written.

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
    assert_eq!(entries(&site, Section::Site), Ok(vec![fields(json!({"id": "x", "name": "X"}))]));
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
    let one = put(TEXT, Section::Shift, "1", &fields(json!({"from": "06:00"}))).expect("a shift");
    let two = put(&one, Section::Shift, "2", &fields(json!({"from": "18:00"}))).expect("a shift");
    let late = put(&two, Section::Shift, "1", &fields(json!({"from": "07:00"}))).expect("a shift");
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

#[test]
fn the_rosters_file_is_named_where_it_was_not() {
    let (file, named) = roster_file(TEXT, "roster.csv").expect("an edit");
    assert_eq!(file, "roster.csv");
    assert!(named.starts_with(TEXT), "{named}");
    assert!(named.ends_with("\n[roster]\nfile = \"roster.csv\"\n"), "{named}");
    let own = named.replace("roster.csv", "duty/roster.csv");
    assert_eq!(roster_file(&own, "x"), Ok(("duty/roster.csv".to_owned(), own.clone())));
    assert_eq!(roster_file("[[roster]]\n", "x"), Err(NotEdited::NotATable("roster")));
}

#[test]
fn many_entries_at_once_are_each_as_if_put_alone() {
    let name = |name: &str| fields(json!({"name": name}));
    let (a, c) = (name("A"), name("C"));
    let both = put_all(TEXT, Section::Camera, [("a", &a), ("c", &c)]).expect("an edit");
    let first = put(TEXT, Section::Camera, "a", &a).expect("an edit");
    assert_eq!(put(&first, Section::Camera, "c", &c).expect("an edit"), both);
}
