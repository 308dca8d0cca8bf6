//! Holds the build to `deny.toml`: licences, duplicate versions, sources. Without a network and
//! without cargo-deny, which takes longer to build than this project, so that it runs everywhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn table(file: &str) -> toml::Table {
    fs::read_to_string(root().join(file)).expect("part of the source").parse().expect("valid TOML")
}

fn texts<'a>(value: &'a toml::Value, key: Option<&str>) -> Vec<&'a str> {
    let items = value.as_array().expect("a list").iter();
    items.map(|item| key.map_or(item, |key| &item[key]).as_str().expect("text")).collect()
}

/// Every package that this build uses, tests included: name, version, licence.
fn packages() -> BTreeSet<(String, String, String)> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--edges",
            "normal,build,dev",
            "--prefix",
            "none",
            "--format",
            "{p}|{l}",
        ])
        .current_dir(root())
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    let packages: BTreeSet<_> = text
        .lines()
        .filter_map(|line| {
            let (package, licence) = line.trim_end_matches(" (*)").split_once('|')?;
            let mut words = package.split(' ');
            Some((words.next()?.to_owned(), words.next()?.to_owned(), licence.to_owned()))
        })
        .collect();
    assert!(packages.len() > 100, "cargo tree gave {} packages", packages.len());
    packages
}

#[test]
fn every_dependency_has_a_licence_of_the_list() {
    let deny = table("deny.toml");
    let allowed = texts(&deny["licenses"]["allow"], None);
    let refused: Vec<_> =
        packages().into_iter().filter(|(_, _, licence)| !satisfied(licence, &allowed)).collect();
    assert!(refused.is_empty(), "not in deny.toml: {refused:?}");
}

#[test]
fn a_second_version_of_a_crate_has_a_reason() {
    let deny = table("deny.toml");
    let excused: BTreeSet<&str> = texts(&deny["bans"]["skip"], Some("crate")).into_iter().collect();
    assert!(texts(&deny["bans"]["skip"], Some("reason")).iter().all(|reason| !reason.is_empty()));
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, version, _) in packages() {
        versions.entry(name).or_default().insert(version);
    }
    versions.retain(|_, versions| versions.len() > 1);
    let found: BTreeSet<&str> = versions.keys().map(String::as_str).collect();
    let new: Vec<_> = found.difference(&excused).map(|name| (name, &versions[*name])).collect();
    assert!(new.is_empty(), "in two versions without a reason in deny.toml: {new:?}");
    let gone: Vec<_> = excused.difference(&found).collect();
    assert!(gone.is_empty(), "no longer in two versions, remove from deny.toml: {gone:?}");
}

#[test]
fn every_dependency_comes_from_the_registry() {
    let lock = table("Cargo.lock");
    for package in lock["package"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        match package.get("source").and_then(toml::Value::as_str) {
            None => assert_eq!(name, env!("CARGO_PKG_NAME"), "a package outside the registry"),
            Some(source) => {
                assert_eq!(
                    source, "registry+https://github.com/rust-lang/crates.io-index",
                    "{name}"
                );
            }
        }
    }
}

/// Whether an SPDX expression can be met with these licences; `/` is the old way to write OR.
fn satisfied(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let met = any(&words, &mut at, allowed);
    met && at == words.len()
}

fn any(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let mut met = all(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= all(words, at, allowed);
    }
    met
}

fn all(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let mut met = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at, allowed);
    }
    met
}

fn one(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let met = any(words, at, allowed);
        *at += 1;
        return met;
    }
    if words.get(*at) == Some(&"WITH") {
        let licence = format!("{word} WITH {}", words.get(*at + 1).unwrap_or(&""));
        *at += 2;
        return allowed.contains(&licence.as_str());
    }
    allowed.contains(word)
}

#[test]
fn licence_expressions_are_read_as_spdx_means_them() {
    let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"];
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("GPL-3.0 AND MIT", false),
        ("(GPL-3.0 OR Apache-2.0) AND Unicode-3.0", true),
        ("(MIT OR Apache-2.0) AND GPL-3.0", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("MIT WITH LLVM-exception", false),
        ("", false),
    ] {
        assert_eq!(satisfied(expression, &allowed), expected, "{expression:?}");
    }
}
