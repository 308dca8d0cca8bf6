//! House rules as tests: who may import whom, and what no file may say. Reads source text, not
//! syntax, so a rule here is one that a plain search can hold.

use std::{
    fs,
    path::{Path, PathBuf},
};

#[path = "tidy/said.rs"]
mod said;

/// Files that may be longer than [`LINES_MAX`], each with the reason why it is still one idea.
const LONG_FILES: &[(&str, &str)] = &[
    ("src/ingest/guard/mod.rs", "one scanner in both directions; its parts are beside it already"),
    ("src/ingest/session.rs", "one session from connect to teardown, step by step"),
    ("src/ingest/relay.rs", "the pump of one connection and the pairing before it"),
    ("src/hub/fanout/connection.rs", "one viewer: what it sends, what it is sent, how it ends"),
    ("src/http/control/session.rs", "one control client, from hello to close"),
    ("src/domain/wall/tests.rs", "one short test for each thing that drives a wall"),
    ("src/sim/scene/props.rs", "things to draw, one short function each"),
    ("tests/it/decode_process.rs", "one child process for each thing that the sandbox must stop"),
    ("tests/it/http.rs", "one short test for each call and header"),
    ("tests/it/ingest.rs", "one scripted camera for each quirk"),
    ("tests/it/sim.rs", "one test for each thing that the simulator promises"),
];

/// Past this, look for the second idea in a file.
const LINES_MAX: usize = 400;

/// Crates that one room wraps, so that a change of theirs stays in it.
const WRAPPED: [(&str, &[&str]); 6] = [
    ("retina", &["ingest"]),
    ("ffmpeg_next", &["decode", "sim"]),
    ("turbojpeg", &["decode", "sim"]),
    ("sqlx", &["store"]),
    ("lettre", &["notify"]),
    ("rumqttc", &["notify"]),
];

/// What would make a decision depend on more than its arguments.
const IMPURE: [&str; 13] = [
    "tokio",
    "tracing",
    "std::fs",
    "fs::",
    "std::env",
    "env::",
    "std::process",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "UnixStream",
    "SystemTime::now",
    "Instant::now",
];

struct Source {
    /// From the root of the project, as `src/config/mod.rs`.
    path: String,
    text: String,
}

impl Source {
    /// The room it is in; `None` for `lib.rs` and `main.rs`.
    fn room(&self) -> Option<&str> {
        Some(self.path.strip_prefix("src/")?.split_once('/')?.0)
    }

    /// Lines of code with their numbers: comments are dropped, texts in quotes are not.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default()))
            .filter(|(_, line)| !line.trim().is_empty())
    }

    /// As `code`, up to the tests at the end of the file; nothing of a file of tests.
    fn code_without_tests(&self) -> impl Iterator<Item = (usize, &str)> {
        let tests = self.path.ends_with("/tests.rs") || self.path.contains("/tests/");
        self.code().take_while(move |(_, line)| !tests && line.trim() != "#[cfg(test)]")
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &str) -> Vec<Source> {
    let mut waiting: Vec<PathBuf> = vec![root().join(folder)];
    let mut sources = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(
                fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()),
            );
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name =
                path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
            sources.push(Source { path: name, text: fs::read_to_string(&path).expect("UTF-8") });
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

/// The rows of the table in `src/lib.rs`, from the top: its last fenced block.
fn rows() -> Vec<Vec<String>> {
    let lib = fs::read_to_string(root().join("src/lib.rs")).expect("the library's root");
    let block = lib.rsplit("//! ```").nth(1).expect("a fenced block");
    let block = block.strip_prefix("text").expect("a block of text");
    let rows: Vec<Vec<String>> = block
        .lines()
        .filter_map(|line| line.strip_prefix("//! "))
        .map(|line| line.split('|').map(|room| room.trim().to_owned()).collect())
        .collect();
    assert!(rows.len() > 5 && rows[0] == ["domain"], "not the table of rooms: {rows:?}");
    rows
}

/// The rooms that a line names behind `crate::`, also as `crate::{a, b::c}`.
fn rooms_named(code: &str) -> Vec<String> {
    let word = |text: &str| {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
    };
    let mut named = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        // `$crate::`, and crates whose name ends alike.
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => named.push(word(rest)),
            Some(group) => {
                let mut depth = 0;
                let mut item = String::new();
                for c in group.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => named.push(word(std::mem::take(&mut item).trim())),
                        _ if depth == 0 => item.push(c),
                        _ => {}
                    }
                }
                named.push(word(item.trim()));
            }
        }
    }
    named.retain(|room| !room.is_empty());
    named
}

#[test]
fn rooms_named_are_found_in_every_way_to_write_them() {
    assert_eq!(rooms_named("use crate::domain::time::UnixMicros;"), ["domain"]);
    assert_eq!(rooms_named("let x = crate::hub::Slot::new(crate::store::y());"), ["hub", "store"]);
    assert_eq!(
        rooms_named("use crate::{\n    domain::{camera, site},\n    config,\n};"),
        ["domain", "config"]
    );
    assert_eq!(rooms_named("$crate::x; othercrate::y"), Vec::<String>::new());
}

#[test]
fn a_room_uses_only_the_rooms_above_it() {
    let rows = rows();
    let row_of = |room: &str| rows.iter().position(|row| row.iter().any(|name| name == room));
    let mut broken = Vec::new();
    for source in sources("src") {
        let Some(room) = source.room() else { continue };
        let own = row_of(room)
            .unwrap_or_else(|| panic!("the room {room} is not in the table of src/lib.rs"));
        let code: String = source.code().map(|(_, line)| format!("{line}\n")).collect();
        for named in rooms_named(&code) {
            // What is not a room is an item of lib.rs itself; there is none.
            let allowed = named == room || row_of(&named).is_some_and(|row| row < own);
            if !allowed {
                broken.push(format!("{}: crate::{named}", source.path));
            }
        }
    }
    assert!(broken.is_empty(), "against the table of src/lib.rs:\n{}", broken.join("\n"));
}

/// Collects lines that break a rule, as `path:line: text`.
fn lines(keep: impl Fn(&Source, &str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources("src") {
        for (number, line) in source.code() {
            if keep(&source, line) {
                found.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    found
}

/// Whether a line names an item of a crate, or the crate in a `use`.
fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = &line[at + name.len()..];
        let starts = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':');
        starts
            && (after.starts_with("::")
                || (line.trim_start().starts_with("use ") && !after.starts_with('_')))
    })
}

#[test]
fn each_wrapped_crate_is_named_only_in_its_room() {
    for (name, rooms) in WRAPPED {
        let outside = lines(|source, line| {
            names_crate(line, name) && !source.room().is_some_and(|room| rooms.contains(&room))
        });
        assert!(outside.is_empty(), "{name} belongs to {rooms:?}:\n{}", outside.join("\n"));
    }
}

#[test]
fn the_domain_reads_no_clock_and_touches_nothing_outside() {
    let mut found = Vec::new();
    for source in sources("src/domain") {
        for (number, line) in source.code_without_tests() {
            for word in IMPURE {
                let names = line.match_indices(word).any(|(at, _)| {
                    !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
                });
                if names {
                    found.push(format!("{}:{number}: {word}", source.path));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_file_says_what_it_is() {
    for source in sources("src") {
        assert!(source.text.starts_with("//!"), "{} starts without //!", source.path);
    }
}

#[test]
fn a_long_file_has_a_reason() {
    for source in sources("src").iter().chain(&sources("tests")) {
        let lines = source.text.lines().count();
        let excused =
            LONG_FILES.iter().any(|(path, reason)| *path == source.path && !reason.is_empty());
        assert!(
            lines <= LINES_MAX || excused,
            "{}: {lines} lines; look for the second idea in it",
            source.path
        );
        assert!(
            lines > LINES_MAX || !excused,
            "{} is short again: remove it from LONG_FILES",
            source.path
        );
    }
}

#[test]
fn names_say_what_a_thing_is() {
    let vague = lines(|_, line| {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        let declares =
            words.any(|word| matches!(word, "struct" | "enum" | "trait" | "type" | "mod"));
        let vague_type = declares
            && words.next().is_some_and(|name| {
                ["manager", "helper", "util"]
                    .iter()
                    .any(|vague| name.to_lowercase().contains(vague))
            });
        vague_type || line.contains("fn get_")
    });
    assert!(vague.is_empty(), "Manager, Helper, Util and get_ say nothing:\n{}", vague.join("\n"));
}

#[test]
fn lints_are_set_in_one_place() {
    let set = lines(|_, line| {
        let line = line.trim_start();
        ["#![allow", "#![warn", "#![deny", "#![forbid", "#[allow"]
            .iter()
            .any(|start| line.starts_with(start))
    });
    assert!(
        set.is_empty(),
        "use [lints] of Cargo.toml, or #[expect(…, reason = \"…\")]:\n{}",
        set.join("\n")
    );
}
