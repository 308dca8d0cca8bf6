//! Lists of cameras as spreadsheets save them.

use std::{fs, path::Path};

use proptest::prelude::*;
use watchwall::config::{Config, Environment, Passwords, camera_csv, edit};

fn existing() -> Config {
    let text = "[[site]]\nid = \"ky-anh\"\n\
        [[camera]]\nid = \"a\"\nnumber = 1\nurl = \"rtsp://192.0.2.1/sub\"\n\
        [[camera]]\nid = \"b\"\nnumber = 2\nurl = \"rtsp://192.0.2.2/sub\"\n\
        [[camera]]\nid = \"c\"\nnumber = 3\nurl = \"rtsp://192.0.2.3/sub\"\n";
    Config::parse("existing.toml", text, &Environment::default(), &Passwords::Unread)
        .expect("a valid file")
}

#[test]
fn a_spreadsheet_says_what_it_would_add_change_and_leave() {
    let comma = "id,number,name,site,url,tags\n\
        a,1,a,,rtsp://192.0.2.1/sub,\n\
        b,2,\"Cổng, số 2\",ky-anh,rtsp://192.0.2.2/sub2,gate night\n\
        d,4,Mới,ky-anh,rtsp://192.0.2.4/sub,\n";
    // As Excel saves it in Vietnam: byte order mark, semicolons, CR LF, an emptied row at the end.
    let excel = format!(
        "\u{feff}{};;;;;\r\n",
        comma.replace("\"Cổng, số 2\"", "Cổng# số 2").replace(',', ";").replace('\n', "\r\n")
    )
    .replace('#', ",");
    for text in [
        comma.to_owned(),
        excel,
        comma.replace("\"Cổng, số 2\"", "Cổng# số 2").replace(',', "\t").replace('#', ","),
    ] {
        let report =
            camera_csv::check("list.csv", text.as_bytes(), &existing(), &Passwords::Unread);
        assert!(report.faults.is_empty(), "{}", report.faults);
        let [added] = &report.added[..] else { panic!("{report:?}") };
        assert_eq!((added.camera.id.as_str(), added.camera.name.as_str()), ("d", "Mới"));
        let [(camera, change)] = &report.changed[..] else { panic!("{report:?}") };
        assert_eq!(camera.camera.name, "Cổng, số 2");
        assert_eq!(
            (change.keys.as_slice(), change.reconnect),
            (["url", "name", "site", "tags"].as_slice(), true)
        );
        assert_eq!(camera.camera.tags.len(), 2);
        assert_eq!(report.unchanged.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["a"]);
    }
}

#[test]
fn every_mistake_of_a_spreadsheet_is_told_with_its_line() {
    let text = "id,number,url,site,password,allow_basic\n\
        x,10,rtsp://192.0.2.10/,,,\n\
        x,11,rtsp://192.0.2.11/,,,\n\
        y,3,rtsp://192.0.2.12/,,,\n\
        z,abc,http://192.0.2.13/,nowhere,canary,perhaps\n\
        \"w\n\",14,rtsp://192.0.2.14/,,,\n\
        v,15,rtsp://192.0.2.15/,,,,,more\n";
    let report = camera_csv::check("list.csv", text.as_bytes(), &existing(), &Passwords::Unread);
    let told = report.faults.to_string();
    let lines: Vec<&str> =
        told.lines().map(|line| line.split(" — ").next().expect("a first part")).collect();
    assert_eq!(
        lines,
        [
            "list.csv:3: id: x is taken by the camera at line 2",
            "list.csv:4: number: 3 is taken by the configured camera c",
            "list.csv:5: number: is text",
            "list.csv:5: url: \"http\" is not a camera's scheme",
            "list.csv:5: site: there is no site nowhere",
            "list.csv:5: password: a password in the list itself is refused: lists are copied, mailed and committed",
            "list.csv:5: allow_basic: is text",
            "list.csv:8: the row has 8 cells, the first row has 6",
        ],
        "{told}"
    );
    assert!(!told.contains("canary"), "{told}");
}

#[test]
fn a_spreadsheet_with_other_columns_says_which_were_meant() {
    let report =
        camera_csv::check("list.csv", b"id,nummer,url,colour\n", &existing(), &Passwords::Unread);
    let told = report.faults.to_string();
    assert!(
        told.contains("list.csv:1: nummer: there is no such column — did you mean `number`?"),
        "{told}"
    );
    assert!(told.contains("colour: there is no such column — remove it"), "{told}");
    // A sheet without its first row: what stands there instead is not repeated.
    let values = "gate;101;viewer;s3cret-of-a-camera\n";
    let report = camera_csv::check("x", values.as_bytes(), &existing(), &Passwords::Unread);
    assert!(!report.faults.to_string().contains("s3cret"), "{}", report.faults);
    for (bytes, expected) in [
        (&b""[..], "is empty"),
        (b"id,number\n", "url: the column is missing"),
        (b"id\n\xff\n", "UTF-8"),
    ] {
        let report = camera_csv::check("list.csv", bytes, &existing(), &Passwords::Unread);
        assert!(report.faults.to_string().contains(expected), "{}", report.faults);
    }
}

#[test]
fn what_no_column_speaks_of_stays_and_an_empty_cell_takes_away() {
    let text = "[[site]]\nid = \"ky-anh\"\n\n[[camera]]\nid = \"a\"   # the gate\nnumber = 1\n\
        name = \"Cổng\"\nsite = \"ky-anh\"\nurl = \"rtsp://192.0.2.1/sub\"\ntags = [\"night\"]\n";
    let parse = |text: &str| {
        Config::parse("x.toml", text, &Environment::default(), &Passwords::Unread).expect("valid")
    };
    let list =
        "id;number;url;site;allow_basic\na;7;rtsp://192.0.2.1/sub;;yes\n".replace("yes", "true");
    let report = camera_csv::check("x", list.as_bytes(), &parse(text), &Passwords::Unread);
    assert!(report.faults.is_empty(), "{}", report.faults);
    let [(_, change)] = &report.changed[..] else { panic!("{report:?}") };
    assert_eq!(change.keys, ["allow_basic", "number", "site"]);

    let entries = camera_csv::entries(list.as_bytes());
    let entries = entries.iter().map(|(id, fields)| (id.as_str(), fields));
    let edited = edit::put_all(text, edit::Section::Camera, entries).expect("an edit");
    let after = parse(&edited);
    let camera = &after.cameras[0].camera;
    assert_eq!((camera.number, camera.name.as_str(), &camera.site), (7, "Cổng", &None));
    assert_eq!((camera.allow_basic, camera.tags.len()), (true, 1));
    assert!(edited.contains("id = \"a\"   # the gate\n"), "{edited}");
    // What it says now is what the check had said it would come to.
    let report = camera_csv::check("x", list.as_bytes(), &after, &Passwords::Unread);
    assert_eq!((report.changed.len(), report.unchanged.len()), (0, 1), "{report:?}");
}

#[test]
fn the_example_list_is_right() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let config =
        Config::load(&path.join("watchwall.toml"), &Environment::default()).expect("the example");
    let list = fs::read(path.join("cameras.example.csv")).expect("the example list");
    let report = camera_csv::check("cameras.example.csv", &list, &config, &Passwords::Unread);
    assert!(report.faults.is_empty(), "{}", report.faults);
    assert!(!report.added.is_empty());
}

proptest! {
    #[test]
    fn no_bytes_make_the_check_of_a_spreadsheet_panic(head in "[a-z_,;\t]{0,40}", bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let list = [b"id,number,url,", head.as_bytes(), b"\n", &bytes].concat();
        let _ = camera_csv::check("x", &list, &existing(), &Passwords::Unread);
        let _ = camera_csv::check("x", &bytes, &existing(), &Passwords::Unread);
    }
}
