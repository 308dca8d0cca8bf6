//! Names that are declared in one place and used in others: people, positions, sites, channels.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    camera::slug,
    nearest::nearest,
    section::{Section, Spotted},
};
use crate::domain::camera::Slug;

/// What there is to name, of one sort.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    /// How its section is called, as in `[[person]]`.
    pub(super) sort: &'static str,
    pub(super) known: &'a BTreeSet<Slug>,
}

impl<'a> Names<'a> {
    pub(super) fn sites(known: &'a BTreeSet<Slug>) -> Self {
        Self { sort: "site", known }
    }

    /// A name that exists, if the key is there.
    pub(super) fn one(&self, section: &mut Section, key: &'static str) -> Option<Slug> {
        let name = slug(section, key)?;
        self.check(section, key, name)
    }

    /// What is wrong with a name, and what to do.
    fn check(&self, section: &mut Section, key: &str, name: Spotted<Slug>) -> Option<Slug> {
        if self.known.contains(&name.value) {
            return Some(name.value);
        }
        let remedy = match nearest(name.value.as_str(), self.known.iter().map(Slug::as_str)) {
            Some(meant) => format!("did you mean {meant:?}?"),
            None => format!("declare it: [[{}]] with id = \"{}\"", self.sort, name.value),
        };
        section.fault(key, name.at, format!("there is no {} {}", self.sort, name.value), remedy);
        None
    }
}

/// A list of names that exist, each once, as far as the key is there.
pub(super) fn names(section: &mut Section, key: &'static str, all: &Names<'_>) -> Vec<Slug> {
    let mut named: Vec<Slug> = Vec::new();
    for text in section.texts(key).map(|texts| texts.value).unwrap_or_default() {
        let Spotted { value, at } = text;
        match Slug::try_from(value) {
            Ok(value) if named.contains(&value) => {
                let problem = format!("names {value} twice");
                section.fault(key, at, problem, "remove one of the two");
            }
            Ok(value) => named.extend(all.check(section, key, Spotted { value, at })),
            Err(error) => {
                section.fault(key, at, error.to_string(), format!("use the id of a {}", all.sort));
            }
        }
    }
    named
}

/// The `id` of a section, which must be there and be its own.
pub(super) fn id(
    section: &mut Section,
    sort: &str,
    seen: &mut BTreeMap<Slug, String>,
) -> Option<Slug> {
    let Some(id) = slug(section, "id") else {
        section.missing("id", "write id = \"…\", unique, from a-z, 0-9 and '-'");
        return None;
    };
    if let Some(first) = seen.get(&id.value) {
        let problem = format!("{} is taken by the {sort} at {first}", id.value);
        section.fault("id", id.at, problem, format!("give each {sort} its own id"));
        return None;
    }
    seen.insert(id.value.clone(), section.spot(&id.at));
    Some(id.value)
}
