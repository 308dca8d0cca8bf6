//! The service says its sentences in English, and `web/src/words/said` has them in Vietnamese:
//! whoever changes one of them changes the other.

use std::{collections::BTreeMap, fs};

use super::{Source, root, sources};

/// What is said of cameras, screens and sites is born in these: every sentence of theirs has its
/// Vietnamese.
const WHOLE: [&str; 12] = [
    "src/desk/camera/mod.rs",
    "src/desk/camera/shown.rs",
    "src/desk/main_stream.rs",
    "src/domain/health/",
    "src/domain/picture/judge/",
    "src/domain/root_cause/",
    "src/domain/screen/",
    "src/decode/decoder.rs",
    "src/hub/media/stage.rs",
    "src/ingest/",
    "src/service/address.rs",
    "src/service/prober.rs",
];

/// Parts of files of [`WHOLE`] that say nothing to the pages.
const SILENT: [(&str, &str); 6] = [
    ("src/ingest/probe/", "printed by `watchwall probe`; the page shows its own list"),
    ("src/ingest/advice.rs", "printed by `watchwall probe`; the page has its own advice"),
    ("src/ingest/guard/head.rs", "RTSP itself"),
    ("src/domain/health/conditions.rs", "tests"),
    ("src/domain/health/rows.rs", "tests"),
    ("src/domain/health/town.rs", "tests"),
];

/// Texts with a space that are no sentence for a person, or stay as they are.
const OTHERWISE: [(&str, &str); 14] = [
    ("{s:.1} s", "the same in both languages"),
    ("{s:.0} s", "the same in both languages"),
    ("{} ({codec_string}), {width}x{height}", "names"),
    ("Motion JPEG", "a name"),
    (" and ", "the pages' own joint"),
    ("a letter that base64 does not have", "for the log"),
    ("a clock that does not run", "beside what the library says, which is English"),
    ("packet {sequence} is out of order", "beside what the library says, which is English"),
    ("time ran over", "beside what the library says, which is English"),
    ("a keepalive", "never named in a sentence"),
    ("Not Implemented", "RTSP itself"),
    ("Digest ", "RTSP itself"),
    ("{given}, algorithm={name}", "RTSP itself"),
    ("Content-Length: ", "RTSP itself"),
];

/// Forms with their holes emptied, as `catalogue: form`.
fn forms() -> BTreeMap<String, String> {
    let folder = root().join("web/src/words/said");
    let mut forms = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("the catalogues") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("UTF-8");
        let pairs: BTreeMap<String, String> = serde_json::from_str(&text).expect("pairs of texts");
        for english in pairs.into_keys() {
            let before = forms.insert(emptied(&english), name.clone());
            assert_eq!(before, None, "{name}: {english:?} is there twice");
        }
    }
    forms
}

/// A text with `{}` for every hole, whatever it is called and however it is written.
fn emptied(text: &str) -> String {
    let mut emptied = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        emptied.push(letter);
        if letter == '{' {
            // A brace that is meant as one is doubled.
            match letters.next_if_eq(&'{') {
                Some(_) => {}
                None => {
                    letters.by_ref().find(|letter| *letter == '}');
                    emptied.push('}');
                }
            }
        } else if letter == '}' {
            letters.next_if_eq(&'}');
        }
    }
    emptied
}

/// A text in quotes, and the code before it on its line.
struct Literal {
    before: String,
    text: String,
}

/// Every text in quotes up to the tests at the end of a file.
fn literals(source: &Source) -> Vec<Literal> {
    let code: String = source
        .text
        .split_once("\n#[cfg(test)]\nmod ")
        .filter(|(_, tests)| tests.lines().next().is_some_and(|line| line.ends_with('{')))
        .map_or(source.text.as_str(), |(code, _)| code)
        .to_owned();
    let letters: Vec<char> = code.chars().collect();
    let mut found = Vec::new();
    let (mut at, mut line) = (0, String::new());
    while at < letters.len() {
        match letters[at..] {
            ['/', '/', ..] => {
                while at < letters.len() && letters[at] != '\n' {
                    at += 1;
                }
                continue;
            }
            // `'"'` and `'\''`; a lifetime is no text either.
            ['\'', '\\', _, '\'', ..] => at += 3,
            ['\'', _, '\'', ..] => at += 2,
            ['"', ..] => {
                let (text, end) = quoted(&letters, at + 1);
                found.push(Literal { before: line.trim().to_owned(), text });
                at = end;
            }
            _ => {}
        }
        match letters.get(at) {
            Some('\n') => line.clear(),
            Some(letter) => line.push(*letter),
            None => {}
        }
        at += 1;
    }
    found
}

/// The text that begins there, and where its closing quote is.
fn quoted(letters: &[char], mut at: usize) -> (String, usize) {
    let mut text = String::new();
    while at < letters.len() && letters[at] != '"' {
        match letters[at..] {
            // A line that goes on: its end and the indentation after it are not text.
            ['\\', '\n', ..] => {
                at += 1;
                while letters.get(at + 1).is_some_and(|letter| letter.is_whitespace()) {
                    at += 1;
                }
            }
            ['\\', 'n', ..] => {
                text.push('\n');
                at += 1;
            }
            ['\\', letter, ..] => {
                text.push(letter);
                at += 1;
            }
            [letter, ..] => text.push(letter),
            [] => {}
        }
        at += 1;
    }
    (text, at)
}

#[test]
fn texts_in_quotes_are_found_as_they_are_said() {
    let text = "//! \"no\"\nfn f<'a>() { g('\"', \"a \\\"b\\\" {x:.0} \\\n        c\"); // \"no\"\n}\n\
                #[cfg(test)]\nmod tests {\n    \"no\"\n}\n";
    let source = Source { path: "src/f.rs".to_owned(), text: text.to_owned() };
    let found: Vec<String> = literals(&source).into_iter().map(|one| one.text).collect();
    assert_eq!(found, ["a \"b\" {x:.0} c"]);
    assert_eq!(emptied("a {x:.0} {{b}} {}"), "a {} {b} {}");
}

#[test]
fn what_is_said_in_vietnamese_is_said_in_english_somewhere_in_the_code() {
    let said: Vec<String> =
        sources("src").iter().flat_map(literals).map(|literal| emptied(&literal.text)).collect();
    let lost: Vec<String> = forms()
        .into_iter()
        .filter(|(form, _)| !said.contains(form))
        .map(|(form, catalogue)| format!("{catalogue}: {form}"))
        .collect();
    assert!(lost.is_empty(), "no text in src is like these:\n{}", lost.join("\n"));
}

#[test]
fn whatever_is_said_of_cameras_screens_and_sites_is_there_in_vietnamese() {
    let forms = forms();
    let (mut missing, mut excused) = (Vec::new(), Vec::new());
    for source in sources("src") {
        let tests = source.path.contains("tests") || source.path.ends_with("properties.rs");
        let whole = WHOLE.iter().any(|part| source.path.starts_with(part));
        let silent = SILENT.iter().any(|(part, _)| source.path.starts_with(part));
        if !whole || silent || tests {
            continue;
        }
        for Literal { before, text } in literals(&source) {
            let sentence = text.contains(' ') && text.contains(|c: char| c.is_ascii_lowercase());
            // What a person never reads: why something cannot be, and what goes to the log.
            let inner = ["expect(", "reason = ", "warn!(", "info!(", "debug!("]
                .iter()
                .any(|start| before.contains(start));
            let form = emptied(&text);
            if !sentence || inner || forms.contains_key(&form) {
                continue;
            }
            match OTHERWISE.iter().find(|(other, _)| *other == text) {
                Some((other, _)) => excused.push(*other),
                None => missing.push(format!("{}: {text:?}", source.path)),
            }
        }
    }
    assert!(
        missing.is_empty(),
        "give these their Vietnamese in web/src/words/said/evidence.json, or say in OTHERWISE why \
         not:\n{}",
        missing.join("\n")
    );
    for (other, _) in OTHERWISE {
        assert!(excused.contains(&other), "{other:?} is not said any more: remove it");
    }
}
